//! URLs that the gate asks for keys, or sends agents to.

use std::net::IpAddr;

/// Whether what comes from there cannot be changed on its way: `https`, or plain `http`
/// with this machine. Without user, query and fragment.
pub fn is_safe(url: &str) -> bool {
    let is_plain = |text: &str| {
        !text.contains(|c: char| c.is_whitespace() || c.is_control() || "@?#\\\"".contains(c))
    };
    let host = |rest: &str| {
        let authority = rest.split('/').next().unwrap_or_default();
        let host = match authority.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
            Some(_) | None => authority,
        };
        host.to_ascii_lowercase()
    };
    match url.split_once("://") {
        Some(("https", rest)) => is_plain(rest) && !host(rest).is_empty(),
        Some(("http", rest)) => is_plain(rest) && is_loopback(&host(rest)),
        Some(_) | None => false,
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    let address = address.parse::<IpAddr>();
    address.map_or(host == "localhost", |address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::is_safe;

    #[test]
    fn only_https_and_this_machine_are_safe() {
        for url in [
            "https://idp.example",
            "https://idp.example:8443/realms/one",
            "http://127.0.0.1:9000/jwks",
            "http://localhost/",
            "http://[::1]:9000/",
        ] {
            assert!(is_safe(url), "{url}");
        }
        for url in [
            "",
            "idp.example",
            "http://idp.example",
            "http://127.0.0.1.example",
            "http://localhost@idp.example/",
            "https://",
            "https://user@idp.example",
            "https://idp.example/?a=b",
            "https://idp.example/#a",
            "https://idp.example/a b",
            "file:///etc/passwd",
            "HTTPS://idp.example",
        ] {
            assert!(!is_safe(url), "{url}");
        }
    }
}
