//! `Host` and `Origin`: a web page whose name was made to point at the gate
//! (DNS rebinding) must not reach it.

use std::net::{IpAddr, SocketAddr};

use gatewright_engine::config::GateConfig;
use gatewright_policy::Reason;
use hyper::header::{HOST, HeaderValue, ORIGIN};
use hyper::{HeaderMap, Uri};

use crate::headers::only;
use crate::read::Refusal;

/// The names under which a listener may be reached.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    hosts: Vec<String>,
    origins: Vec<String>,
    public_url: Option<String>,
}

impl Names {
    /// The names of the agents' listener.
    pub(crate) fn of(gate: &GateConfig, listening: SocketAddr) -> Self {
        let mut names = Self::of_address(listening);
        names
            .hosts
            .extend(gate.hosts.iter().map(|host| host.to_ascii_lowercase()));
        if let Some(url) = &gate.public_url {
            let url = url.trim_end_matches('/');
            let authority = url.split_once("://").map_or(url, |(_, rest)| rest);
            let authority = authority.split('/').next().unwrap_or_default();
            names.hosts.push(authority.to_ascii_lowercase());
            if let Some((scheme, _)) = url.split_once("://") {
                names
                    .origins
                    .push(format!("{scheme}://{authority}").to_ascii_lowercase());
            }
            names.public_url = Some(url.to_owned());
        }
        names.origins.extend(
            gate.origins
                .iter()
                .map(|origin| origin.to_ascii_lowercase()),
        );
        names
    }

    /// The address and the names of the machine itself.
    pub(crate) fn of_address(listening: SocketAddr) -> Self {
        let port = listening.port();
        let mut hosts = Vec::new();
        let mut add = |host: &str| {
            hosts.push(format!("{host}:{port}"));
            if port == 80 {
                hosts.push(host.to_owned());
            }
        };
        let ip = listening.ip();
        if ip.is_loopback() || ip.is_unspecified() {
            for host in ["localhost", "127.0.0.1", "[::1]"] {
                add(host);
            }
        }
        if !ip.is_unspecified() {
            match ip {
                IpAddr::V4(ip) => add(&ip.to_string()),
                IpAddr::V6(ip) => add(&format!("[{ip}]")),
            }
        }
        let origins = hosts.iter().map(|host| format!("http://{host}")).collect();
        Self {
            hosts,
            origins,
            public_url: None,
        }
    }

    /// Checks where a request says that it goes, and where it comes from. Gives
    /// the host.
    pub(crate) fn check(&self, uri: &Uri, headers: &HeaderMap) -> Result<String, Refusal> {
        let refused = || Refusal::new(Reason::HostRefused, "the gate does not answer to this host");
        let header = only(headers, &HOST).map_err(|()| refused())?;
        // HTTP/2 names the host in the URI, and so does HTTP/1 towards a proxy.
        let host = match (uri.authority(), header) {
            (Some(authority), Some(header)) if !authority.as_str().eq_ignore_ascii_case(header) => {
                return Err(refused());
            }
            (Some(authority), _) => authority.as_str(),
            (None, Some(header)) => header,
            (None, None) => return Err(refused()),
        };
        let host = host.to_ascii_lowercase();
        if !self.hosts.contains(&host) {
            return Err(refused());
        }
        let foreign = || {
            Refusal::new(
                Reason::OriginRefused,
                "pages of this origin may not use the gate",
            )
        };
        let origin = only(headers, &ORIGIN).map_err(|()| foreign())?;
        match origin.map(str::to_ascii_lowercase) {
            Some(origin) if !self.origins.contains(&origin) => Err(foreign()),
            Some(_) | None => Ok(host),
        }
    }

    /// The origin of the page that asks, if it may use the gate.
    pub(crate) fn page(&self, headers: &HeaderMap) -> Option<HeaderValue> {
        let origin = only(headers, &ORIGIN).ok().flatten()?;
        let may = self.origins.contains(&origin.to_ascii_lowercase());
        may.then(|| headers.get(ORIGIN).cloned()).flatten()
    }

    /// The URL of the gate, seen from a client that reached it under this host.
    pub(crate) fn base_url(&self, host: &str) -> String {
        match &self.public_url {
            Some(url) => url.clone(),
            None => format!("http://{host}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(names: &Names, host: &str, origin: Option<&str>) -> Option<Reason> {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, HeaderValue::from_str(host).unwrap());
        if let Some(origin) = origin {
            headers.insert(ORIGIN, HeaderValue::from_str(origin).unwrap());
        }
        let checked = names.check(&Uri::from_static("/mcp/files"), &headers);
        checked.err().map(|refusal| refusal.reason)
    }

    #[test]
    fn only_known_hosts_and_origins_pass() {
        let gate = GateConfig {
            hosts: vec!["gate.internal:8700".into()],
            origins: vec!["https://app.example".into()],
            public_url: Some("https://gate.example/".into()),
            ..GateConfig::default()
        };
        let names = Names::of(&gate, "127.0.0.1:8700".parse().unwrap());
        for host in [
            "localhost:8700",
            "127.0.0.1:8700",
            "[::1]:8700",
            "LOCALHOST:8700",
            "gate.internal:8700",
            "gate.example",
        ] {
            assert_eq!(check(&names, host, None), None, "{host}");
        }
        for host in [
            "localhost",
            "localhost:80",
            "evil.example",
            "evil.example:8700",
            "127.0.0.1:8700.evil.example",
            "127.0.0.2:8700",
            "",
        ] {
            assert_eq!(
                check(&names, host, None),
                Some(Reason::HostRefused),
                "{host}"
            );
        }
        for origin in [
            "http://localhost:8700",
            "https://app.example",
            "https://gate.example",
        ] {
            assert_eq!(
                check(&names, "localhost:8700", Some(origin)),
                None,
                "{origin}"
            );
        }
        for origin in [
            "null",
            "http://evil.example",
            "https://localhost:8700",
            "http://app.example",
            "https://app.example.evil.example",
        ] {
            let refused = check(&names, "localhost:8700", Some(origin));
            assert_eq!(refused, Some(Reason::OriginRefused), "{origin}");
        }
    }

    #[test]
    fn two_hosts_are_none() {
        let names = Names::of_address("127.0.0.1:8700".parse().unwrap());
        let mut headers = HeaderMap::new();
        headers.append(HOST, HeaderValue::from_static("localhost:8700"));
        headers.append(HOST, HeaderValue::from_static("localhost:8700"));
        assert!(names.check(&Uri::from_static("/"), &headers).is_err());
        let mut headers = HeaderMap::new();
        headers.append(HOST, HeaderValue::from_static("localhost:8700"));
        let elsewhere = Uri::from_static("http://127.0.0.1:8700/mcp/files");
        assert!(names.check(&elsewhere, &headers).is_err());
    }
}
