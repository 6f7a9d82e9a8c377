//! Where the keys of an issuer are, as its metadata say (RFC 8414, OpenID Connect
//! Discovery).

use gatewright_policy::json::{Document, JsonLimits};

use crate::fetch::{FetchError, Http};

const LIMITS: JsonLimits = JsonLimits {
    bytes_max: 128 << 10,
    depth_max: 16,
    nodes_max: 8192,
};

/// The URL of the JWK Set. The metadata must be of this very issuer.
pub(super) async fn key_set_url(http: &Http, issuer: &str) -> Result<String, FetchError> {
    let mut absent = None;
    for url in metadata_urls(issuer) {
        match http.get(&url, LIMITS.bytes_max).await {
            Ok(text) => {
                return read(&text, issuer).map_err(|problem| FetchError::of(&url, problem));
            }
            Err(error) if error.is_absent() => absent = Some(error),
            Err(error) => return Err(error),
        }
    }
    Err(absent.unwrap_or_else(|| FetchError::of(issuer, "is no URL")))
}

/// RFC 8414 puts the well-known path before the path of the issuer, OpenID behind it;
/// RFC 8414 allows it in front for OpenID too.
fn metadata_urls(issuer: &str) -> Vec<String> {
    let Some((scheme, rest)) = issuer.split_once("://") else {
        return Vec::new();
    };
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let path = path.trim_end_matches('/');
    let mut urls = vec![
        format!("{scheme}://{host}/.well-known/oauth-authorization-server{path}"),
        format!("{scheme}://{host}{path}/.well-known/openid-configuration"),
    ];
    if !path.is_empty() {
        urls.push(format!(
            "{scheme}://{host}/.well-known/openid-configuration{path}"
        ));
    }
    urls
}

fn read(text: &[u8], issuer: &str) -> Result<String, String> {
    let document = Document::parse_bytes(text, &LIMITS)
        .map_err(|error| format!("is not unambiguous JSON: {error}"))?;
    let member = |name| document.root().get(name).and_then(|value| value.as_text());
    if member("issuer").as_deref() != Some(issuer) {
        return Err("is of another issuer than was asked for".to_owned());
    }
    match member("jwks_uri") {
        Some(url) => Ok(url.into_owned()),
        None => Err("does not say where the keys are (`jwks_uri`)".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::{metadata_urls, read};

    #[test]
    fn metadata_stand_where_the_standards_put_them() {
        assert_eq!(
            metadata_urls("https://idp.example"),
            [
                "https://idp.example/.well-known/oauth-authorization-server",
                "https://idp.example/.well-known/openid-configuration",
            ]
        );
        assert_eq!(
            metadata_urls("https://idp.example/realms/one/"),
            [
                "https://idp.example/.well-known/oauth-authorization-server/realms/one",
                "https://idp.example/realms/one/.well-known/openid-configuration",
                "https://idp.example/.well-known/openid-configuration/realms/one",
            ]
        );
    }

    #[test]
    fn metadata_of_another_issuer_or_without_keys_are_refused() {
        let issuer = "https://idp.example";
        for (what, text, expected) in [
            (
                "another issuer",
                r#"{"issuer":"https://idp.example/","jwks_uri":"https://idp.example/k"}"#,
                Err("another issuer"),
            ),
            (
                "no issuer",
                r#"{"jwks_uri":"https://idp.example/k"}"#,
                Err("another issuer"),
            ),
            (
                "no keys",
                r#"{"issuer":"https://idp.example"}"#,
                Err("jwks_uri"),
            ),
            (
                "two issuers",
                r#"{"issuer":"https://idp.example","issuer":"https://idp.example"}"#,
                Err("not unambiguous JSON"),
            ),
            (
                "good",
                r#"{"issuer":"https://idp.example","jwks_uri":"https://keys.example/k"}"#,
                Ok("https://keys.example/k"),
            ),
        ] {
            match (read(text.as_bytes(), issuer), expected) {
                (Ok(url), Ok(expected)) => assert_eq!(url, expected, "{what}"),
                (Err(problem), Err(expected)) => {
                    assert!(problem.contains(expected), "{what}: {problem}");
                }
                (read, _) => panic!("{what}: {read:?}"),
            }
        }
    }
}
