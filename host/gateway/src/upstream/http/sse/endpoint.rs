//! Where a server over HTTP+SSE takes messages. It is of the same origin as its stream:
//! the gate's credential goes there.

use hyper::Uri;
use url::Url;

use crate::upstream::UpstreamError;

/// Longest address that is read, in bytes.
const BYTES_MAX: usize = 8 << 10;

/// How much of an address the operator is shown.
const SHOWN_BYTES: usize = 256;

/// The address that an `endpoint` event names, seen from where its stream is.
pub(super) fn endpoint(stream: &Uri, named: &str) -> Result<Uri, UpstreamError> {
    let refused = |why: &str| {
        let shown = named.as_bytes();
        let shown = shown.get(..SHOWN_BYTES).unwrap_or(shown).escape_ascii();
        UpstreamError::Invalid(format!("its `endpoint` event names `{shown}`, {why}"))
    };
    if named.len() > BYTES_MAX {
        return Err(refused("which is too long"));
    }
    let stream = Url::parse(&stream.to_string()).map_err(|_bad| refused("and has no address"))?;
    let endpoint = stream.join(named);
    let mut endpoint = endpoint.map_err(|_bad| refused("which is no address"))?;
    if endpoint.origin() != stream.origin() || !endpoint.origin().is_tuple() {
        return Err(refused("which is of another origin than its stream"));
    }
    if !endpoint.username().is_empty() || endpoint.password().is_some() {
        return Err(refused("with a credential in it"));
    }
    endpoint.set_fragment(None);
    let endpoint = endpoint.as_str().parse();
    endpoint.map_err(|_bad| refused("which is no address"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_of_the_origin_of_its_stream() {
        let stream = Uri::from_static("http://127.0.0.1:3000/a/sse?x=1");
        for (named, expected) in [
            ("/message?id=7", "http://127.0.0.1:3000/message?id=7"),
            ("message", "http://127.0.0.1:3000/a/message"),
            ("?id=7", "http://127.0.0.1:3000/a/sse?id=7"),
            ("../m#f", "http://127.0.0.1:3000/m"),
            ("http://127.0.0.1:3000/m", "http://127.0.0.1:3000/m"),
        ] {
            assert_eq!(endpoint(&stream, named).unwrap().to_string(), expected);
        }
        let long = format!("/{}", "x".repeat(BYTES_MAX));
        for named in [
            "//evil.example/m",
            "/\\evil.example/m",
            "\\\\evil.example/m",
            "http://evil.example/m",
            "http://127.0.0.1:3001/m",
            "http://127.0.0.1/m",
            "https://127.0.0.1:3000/m",
            "http://user@127.0.0.1:3000/m",
            "http://:secret@127.0.0.1:3000/m",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "http://",
            &long,
        ] {
            let error = endpoint(&stream, named).unwrap_err().to_string();
            assert!(error.len() < 512, "{named}: {error}");
        }
    }
}
