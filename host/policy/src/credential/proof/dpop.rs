//! DPoP (RFC 9449): the holder signs the method and the URL of an HTTP request, and
//! which credential it shows there. What the request says, it does not sign.

use super::super::holder::HolderKey;
use super::super::keyed::Keyed;
use super::super::sha256::sha256;
use super::error::ProofError;
use super::moment::{Moment, Proved};
use crate::json::Value;

/// The `typ` of such a proof.
pub const DPOP_TYPE: &str = "dpop+jwt";

/// Longest proof, in bytes.
const BYTES_MAX: usize = 4 << 10;

/// The HTTP request that a proof must be for.
#[derive(Clone, Copy, Debug)]
pub struct Sent<'a> {
    /// `POST`
    pub verb: &'a str,
    /// Where it went, as clients name it.
    pub url: &'a str,
    /// The credential as it was shown.
    pub token: &'a str,
}

/// Verifies a proof of a request.
pub fn verify_dpop(
    proof: &str,
    holder: &HolderKey,
    sent: &Sent<'_>,
    moment: &Moment,
) -> Result<Proved, ProofError> {
    let proof = Keyed::read(proof, DPOP_TYPE, BYTES_MAX)?;
    proof.verify(holder)?;
    let claims = proof.payload.root();
    if text(claims, "htm")? != sent.verb {
        return Err(ProofError::OtherVerb);
    }
    if normal(&text(claims, "htu")?) != normal(sent.url) {
        return Err(ProofError::OtherUrl);
    }
    if text(claims, "ath")? != sha256(sent.token) {
        return Err(ProofError::OtherToken);
    }
    moment.admit(claims)
}

fn text(claims: Value<'_>, name: &'static str) -> Result<String, ProofError> {
    claims
        .get(name)
        .and_then(|claim| claim.as_text())
        .map(std::borrow::Cow::into_owned)
        .ok_or(ProofError::Claim(name))
}

/// A URL as RFC 9449 compares them: without query and fragment, scheme and host in lower
/// case, without the port that goes without saying (RFC 3986, 6.2).
fn normal(url: &str) -> String {
    let url = url.split(['?', '#']).next().unwrap_or_default();
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let scheme = scheme.to_ascii_lowercase();
    let (host, path) = match rest.find('/') {
        Some(at) => rest.split_at(at),
        None => (rest, "/"),
    };
    let host = host.to_ascii_lowercase();
    let port = match scheme.as_str() {
        "https" => ":443",
        "http" => ":80",
        _no_default => "",
    };
    let host = match port {
        "" => &host,
        port => host.strip_suffix(port).unwrap_or(&host),
    };
    format!("{scheme}://{host}{path}")
}

#[cfg(test)]
mod tests {
    use super::normal;

    #[test]
    fn urls_are_compared_without_what_means_nothing() {
        for (one, other, expected) in [
            (
                "https://A.example/mcp/files",
                "HTTPS://a.example:443/mcp/files?x#y",
                true,
            ),
            ("http://a:80", "http://a/", true),
            ("http://a:8080/mcp/f", "http://a/mcp/f", false),
            ("https://a/mcp/files", "https://a/mcp/Files", false),
            ("https://a/mcp/files", "http://a/mcp/files", false),
            ("https://a/mcp/files", "https://a/mcp/files/", false),
            ("https://a/mcp/files", "https://b/mcp/files", false),
            ("https://a:4430/", "https://a:443/", false),
        ] {
            assert_eq!(normal(one) == normal(other), expected, "{one} {other}");
        }
    }
}
