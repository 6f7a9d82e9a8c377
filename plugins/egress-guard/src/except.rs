//! Inert text: URLs that the operator lets pass though their scheme, port or
//! host is not allowed.

use serde::Deserialize;

use crate::reading::{self, Reading};
use crate::scan::spots;
use crate::settings::{Idn, Settings};
use crate::target::{Host, Target, named, port_of};
use crate::{Reach, reach_of_address, reach_of_name};

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

impl Settings {
    pub(crate) fn excepts_scheme(&self, scheme: &str) -> bool {
        self.except.iter().any(|except| match except {
            Except::Scheme(name) => name == scheme,
            Except::Start(_) | Except::Target { .. } => false,
        })
    }

    pub(crate) fn excepts_target(&self, target: &Target) -> bool {
        self.excepts_scheme(&target.scheme) || self.fits(target, |scheme| scheme == target.scheme)
    }

    /// Whether a host without a scheme is that of a URL which passes.
    pub(crate) fn excepts_host(&self, target: &Target) -> bool {
        self.fits(target, |_| true)
    }

    fn fits(&self, target: &Target, fits: impl Fn(&str) -> bool) -> bool {
        // What leads to credentials never passes.
        let metadata = || {
            Reach::Metadata
                == match &target.host {
                    Host::Name(name) => reach_of_name(name),
                    Host::Address(address) => reach_of_address(*address),
                }
        };
        self.except.iter().any(|except| match except {
            Except::Target { scheme, host, port } => {
                fits(scheme)
                    && *host == target.host
                    && (*port == Port::Any || *port == Port::Written(target.port))
            }
            Except::Start(_) | Except::Scheme(_) => false,
        }) && !metadata()
    }
}

/// Where a whole value leads that passes though it is no plain URL.
pub(crate) fn whole(settings: &Settings, url: &str) -> Option<Target> {
    let starts = settings.except.iter().any(|except| match except {
        Except::Start(start) => url
            .get(..start.len())
            .is_some_and(|begin| begin.eq_ignore_ascii_case(start)),
        Except::Scheme(_) | Except::Target { .. } => false,
    });
    let inert = |scheme: &str| Target {
        scheme: scheme.to_owned(),
        host: Host::Name(String::new()),
        port: None,
    };
    if starts {
        return Some(inert(""));
    }
    let spot = spots(url).next().filter(|spot| spot.before.is_empty())?;
    let scheme = spot.scheme.to_ascii_lowercase();
    if settings.excepts_scheme(&scheme) {
        return Some(inert(&scheme));
    }
    let plain = !url.contains(|c: char| c == '\\' || c.is_whitespace() || c.is_control());
    let target = match reading::read(&spot, settings.idn != Idn::Refuse).ok()? {
        Reading::Credentials(Some(host), port) => Target { scheme, host, port },
        Reading::Credentials(None, _)
        | Reading::NoTarget
        | Reading::Leads(..)
        | Reading::LeadsEither(..) => return None,
    };
    (plain && settings.excepts_target(&target)).then_some(target)
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
