//! Whether a browser can reach the console as `[console]` says, and use passkeys there.

use super::Loaded;
use super::is_safe;
use super::oidc_check;
use super::problem::Problems;

pub(super) fn check(loaded: &Loaded, problems: &mut Problems<'_>) {
    if let Some(url) = &loaded.config.gate.console_url
        && !is_safe(url)
    {
        problems.whole_file(
            format!("`gate.console_url` is `{url}`, to which nobody is sent"),
            "write `https://` and a name, or `http://localhost:8702`, without a query".to_owned(),
        );
    }
    let Some(console) = &loaded.config.console else {
        return;
    };
    if !console.listen.ip().is_loopback() {
        problems.whole_file(
            format!(
                "`console.listen` is `{}`, which is not a loopback address",
                console.listen
            ),
            "use `127.0.0.1:8702`, and a reverse proxy with TLS to reach it from elsewhere"
                .to_owned(),
        );
    }
    oidc_check::check(console, problems);
    let origin = console.origin.as_ref();
    if let Some(origin) = origin
        && host_of(origin.get_ref()).is_none()
    {
        problems.at(
            origin.span(),
            format!(
                "`{}` is not an origin whose pages may use passkeys",
                origin.get_ref()
            ),
            "write `https://` and a name in lower case, without a path; or `http://localhost:8702`"
                .to_owned(),
        );
    }
    if let Some(rp_id) = &console.rp_id {
        let host = match origin {
            Some(origin) => host_of(origin.get_ref()),
            None => Some("localhost"),
        };
        let (id, belongs) = (rp_id.get_ref(), format!(".{}", rp_id.get_ref()));
        if host.is_some_and(|host| host != id && !(host.ends_with(&belongs) && id.contains('.'))) {
            problems.at(
                rp_id.span(),
                format!(
                    "`console.rp_id` is `{id}`, to which the host of the origin does not belong"
                ),
                "leave it out, or name the host, or a domain that the host is in".to_owned(),
            );
        }
    }
}

/// The host of an origin that passkeys work on: TLS, or this machine by name.
fn host_of(origin: &str) -> Option<&str> {
    let (scheme, authority) = origin.split_once("://")?;
    let (host, port) = match authority.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    };
    let is_name =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(&byte);
    let fits = !host.is_empty()
        && host.bytes().all(is_name)
        // A browser takes no passkey for a number.
        && host.bytes().any(|byte| byte.is_ascii_lowercase())
        && port.is_none_or(|port| port.parse::<u16>().is_ok_and(|number| number.to_string() == port));
    let is_safe = match scheme {
        "https" => true,
        "http" => host == "localhost",
        _other => false,
    };
    (fits && is_safe).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passkeys_need_a_name_and_tls() {
        for (origin, host) in [
            ("https://gate.example.com", Some("gate.example.com")),
            ("https://gate.example.com:8443", Some("gate.example.com")),
            ("http://localhost:8702", Some("localhost")),
            ("http://127.0.0.1:8702", None),
            ("https://127.0.0.1", None),
            ("http://gate.example.com", None),
            ("https://gate.example.com/console", None),
            ("https://GATE.example.com", None),
            ("https://gate.example.com:0443", None),
            ("gate.example.com", None),
            ("", None),
        ] {
            assert_eq!(host_of(origin), host, "{origin}");
        }
    }
}
