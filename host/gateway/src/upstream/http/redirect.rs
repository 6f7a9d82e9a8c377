//! Where a tool server says that a request belongs. Frameworks that mount an application
//! at a path send `/mcp` to `/mcp/`.

use gatewright_policy::Trouble;
use hyper::header::LOCATION;
use hyper::http::uri::PathAndQuery;
use hyper::{HeaderMap, Uri};

use super::UpstreamError;

/// How much of an address the operator is shown.
const SHOWN_BYTES: usize = 256;

/// The address to ask instead: of the same origin, and named in a way that leaves no
/// doubt.
pub(super) fn target(endpoint: &Uri, headers: &HeaderMap) -> Result<Uri, UpstreamError> {
    let refused = || refused(headers);
    let location = headers.get(LOCATION).and_then(|value| value.to_str().ok());
    let location = location.ok_or_else(refused)?;
    let location = match location.strip_prefix('/') {
        // Another host (RFC 3986, 4.2).
        Some(rest) if rest.starts_with(['/', '\\']) => return Err(refused()),
        Some(_) => {
            let path: PathAndQuery = location.parse().map_err(|_bad| refused())?;
            let mut parts = endpoint.clone().into_parts();
            parts.path_and_query = Some(path);
            Uri::from_parts(parts).map_err(|_bad| refused())?
        }
        None => location.parse().map_err(|_bad| refused())?,
    };
    match origin(&location) == origin(endpoint) {
        true => Ok(location),
        false => Err(refused()),
    }
}

/// What the operator is told.
pub(super) fn refused(headers: &HeaderMap) -> UpstreamError {
    let location = headers.get(LOCATION).map_or(&b""[..], |to| to.as_bytes());
    let shown = location.get(..SHOWN_BYTES).unwrap_or(location);
    let detail = format!(
        "it answered with a redirect to `{}`; hint: put that into `url`",
        shown.escape_ascii()
    );
    UpstreamError::Trouble(Trouble::Redirected, detail)
}

/// Scheme, host and port.
fn origin(uri: &Uri) -> Option<(&str, String, u16)> {
    let scheme = uri.scheme_str()?;
    let port = match (uri.port_u16(), scheme) {
        (Some(port), _) => port,
        (None, "https") => 443,
        (None, _other) => 80,
    };
    Some((scheme, uri.host()?.to_ascii_lowercase(), port))
}

#[cfg(test)]
mod tests {
    use hyper::header::HeaderValue;

    use super::*;

    #[test]
    fn only_the_same_origin_is_followed() {
        let endpoint = Uri::from_static("http://127.0.0.1:3000/mcp");
        let ask = |location: &str| {
            let location = HeaderValue::from_str(location).unwrap();
            target(&endpoint, &[(LOCATION, location)].into_iter().collect())
        };
        for (location, expected) in [
            ("/mcp/", "http://127.0.0.1:3000/mcp/"),
            ("/other?a=1", "http://127.0.0.1:3000/other?a=1"),
            ("http://127.0.0.1:3000/mcp/", "http://127.0.0.1:3000/mcp/"),
        ] {
            assert_eq!(ask(location).unwrap().to_string(), expected);
        }
        for location in [
            "",
            "mcp/",
            "//evil.example/mcp",
            "/\\evil.example/mcp",
            "http://evil.example/mcp",
            "http://127.0.0.1:3001/mcp/",
            "https://127.0.0.1:3000/mcp/",
            "http://127.0.0.1.evil.example:3000/",
            "http://user@evil.example:3000/",
        ] {
            let error = ask(location).unwrap_err();
            assert_eq!(error.trouble(), Some(Trouble::Redirected), "{location}");
        }
        let long = refused(
            &[(LOCATION, HeaderValue::from_str(&"x".repeat(9000)).unwrap())]
                .into_iter()
                .collect(),
        );
        assert!(long.to_string().len() < 400);
    }
}
