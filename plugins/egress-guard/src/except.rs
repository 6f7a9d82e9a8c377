//! What the operator lets pass though its scheme, port or host is not allowed, as
//! it is written in the settings.

use serde::Deserialize;

use crate::target::{Host, named, port_of};

/// What passes.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub(crate) enum Except {
    /// `about:blank`, `data:image/`: what begins like this.
    Start(String),
    /// `s3://`: every URL of the scheme.
    Scheme(String),
    /// `http://localhost:3000`: this scheme, host and port.
    Target {
        scheme: String,
        host: Host,
        port: Port,
    },
}

/// The port that passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Port {
    /// `:*`
    Any,
    /// As written, or none.
    Written(Option<u16>),
}

/// Schemes that lead to any host: only single hosts of theirs can be excepted.
const WEB: &[&str] = &[
    "http",
    "https",
    "ws",
    "wss",
    "ftp",
    "ftps",
    "sftp",
    "gopher",
    "file",
    "javascript",
];

impl TryFrom<String> for Except {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let odd = || {
            format!(
                "`{text}` cannot be excepted; hint: write `about:blank`, `data:image/`, `s3://` or `http://localhost:3000`, in lower case"
            )
        };
        let (scheme, rest) = text.split_once(':').ok_or_else(odd)?;
        let plain = !scheme.is_empty()
            && scheme.bytes().all(|c| {
                c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, b'+' | b'-' | b'.')
            });
        if !plain {
            return Err(odd());
        }
        let web = WEB.contains(&scheme);
        let Some(authority) = rest.strip_prefix("//") else {
            let start = !web && !rest.starts_with('/');
            return if start {
                Ok(Self::Start(text))
            } else {
                Err(odd())
            };
        };
        if authority.is_empty() {
            return if web {
                Err(odd())
            } else {
                Ok(Self::Scheme(scheme.to_owned()))
            };
        }
        let (host, port) = match authority
            .rsplit_once(':')
            .filter(|(_, port)| !port.ends_with(']'))
        {
            None => (authority, Port::Written(None)),
            Some((host, "*")) => (host, Port::Any),
            Some((host, port)) => (host, Port::Written(Some(port_of(port).map_err(|_| odd())?))),
        };
        let host = match host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'))
        {
            Some(inside) => Host::Address(std::net::IpAddr::V6(inside.parse().map_err(|_| odd())?)),
            None => named(host).map_err(|_| odd())?,
        };
        Ok(Self::Target {
            scheme: scheme.to_owned(),
            host,
            port,
        })
    }
}
