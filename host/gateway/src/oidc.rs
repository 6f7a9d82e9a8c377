//! An identity provider, as a client that signs people in reaches it (OpenID Connect
//! Discovery 1.0; OpenID Connect Core 1.0, 3.1.3). What it says of somebody is verified by
//! whoever asked.

use gatewright_engine::config::is_safe;
use gatewright_engine::snapshot::OidcClient;
use gatewright_policy::credential::{KEY_SET_BYTES_MAX, KeySet, KeyUse};
use gatewright_policy::json::{Document, JsonLimits};
use hyper::StatusCode;

use crate::fetch::Http;
use crate::oauth::{Client, Proved, written};

const LIMITS: JsonLimits = JsonLimits {
    bytes_max: 128 << 10,
    depth_max: 16,
    nodes_max: 8192,
};

/// An identity provider.
#[derive(Debug)]
pub struct OpenIdProvider {
    issuer: String,
    client: Client,
    http: Http,
}

/// What an identity provider says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderMetadata {
    /// Where a browser is sent. May have a query.
    pub authorization_endpoint: String,
    /// Where a code becomes an ID token.
    pub token_endpoint: String,
    /// Where its keys are.
    pub keys_url: String,
    /// Whether it says who it is when it sends the browser back (RFC 9207).
    pub names_itself: bool,
}

/// Why an identity provider gave nothing. No secret is in it, and no word of what it said
/// besides a code of the standard.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the identity provider cannot be asked: {0}")]
pub struct ProviderError(String);

/// What it may say is wrong with a code (RFC 6749, 5.2).
const ERRORS: [&str; 6] = [
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "unauthorized_client",
    "unsupported_grant_type",
    "invalid_scope",
];

impl OpenIdProvider {
    /// Asks nobody yet.
    pub fn new(client: &OidcClient) -> Self {
        Self {
            issuer: client.issuer.clone(),
            client: Client::new(&client.client_id, &client.proof),
            http: Http::default(),
        }
    }

    /// What it says of itself now.
    pub async fn metadata(&self) -> Result<ProviderMetadata, ProviderError> {
        let issuer = &self.issuer;
        let url = format!(
            "{}/.well-known/openid-configuration",
            issuer.trim_end_matches('/')
        );
        let text = self.http.get(&url, LIMITS.bytes_max).await;
        let text = text.map_err(|error| ProviderError(error.to_string()))?;
        read_metadata(&text, issuer).map_err(|problem| ProviderError(format!("`{url}` {problem}")))
    }

    /// The ID token for a code. Nothing of it is verified.
    pub async fn redeem(
        &self,
        metadata: &ProviderMetadata,
        code: &str,
        verifier: &str,
        redirect_uri: &str,
    ) -> Result<String, ProviderError> {
        let proved = self.client.prove().await;
        let Proved {
            fields,
            authorization,
        } = proved.map_err(|error| ProviderError(error.to_string()))?;
        let own = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect_uri),
            ("code_verifier", verifier),
        ];
        let proof = fields.iter().map(|(name, value)| (*name, value.as_str()));
        let (url, form) = (
            &metadata.token_endpoint,
            written(own.into_iter().chain(proof)),
        );
        let answered = self
            .http
            .post_form(url, form, authorization, LIMITS.bytes_max);
        let (status, text) = answered
            .await
            .map_err(|error| ProviderError(error.to_string()))?;
        read_token(status, &text).map_err(|problem| ProviderError(format!("`{url}` {problem}")))
    }

    /// The keys that it signs with now.
    pub async fn keys(&self, metadata: &ProviderMetadata) -> Result<KeySet, ProviderError> {
        let url = &metadata.keys_url;
        let text = self.http.get(url, KEY_SET_BYTES_MAX).await;
        let text = text.map_err(|error| ProviderError(error.to_string()))?;
        KeySet::parse(&text, KeyUse::Signature)
            .map_err(|error| ProviderError(format!("`{url}` {error}")))
    }
}

fn read_metadata(text: &[u8], issuer: &str) -> Result<ProviderMetadata, String> {
    let document =
        Document::parse_bytes(text, &LIMITS).map_err(|_| "is not unambiguous JSON".to_owned())?;
    let root = document.root();
    let member = |name| root.get(name).and_then(|value| value.as_text());
    if member("issuer").as_deref() != Some(issuer) {
        return Err("is of another issuer than was asked for".to_owned());
    }
    let place = |name: &'static str| {
        let place = member(name).map(|place| place.into_owned());
        place
            .filter(|place| is_safe(place))
            .ok_or_else(|| format!("names no `{name}` that can be asked"))
    };
    let browsers_go_to = member("authorization_endpoint")
        .map(|place| place.into_owned())
        .filter(|place| may_have_query(place));
    Ok(ProviderMetadata {
        authorization_endpoint: browsers_go_to.ok_or_else(|| {
            "names no `authorization_endpoint` to which a browser can be sent".to_owned()
        })?,
        token_endpoint: place("token_endpoint")?,
        keys_url: place("jwks_uri")?,
        names_itself: root
            .get("authorization_response_iss_parameter_supported")
            .is_some_and(|said| said.as_bool() == Some(true)),
    })
}

fn may_have_query(url: &str) -> bool {
    let (place, query) = url.split_once('?').unwrap_or((url, ""));
    is_safe(place)
        && query
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !b"#\"'<>\\".contains(&byte))
}

fn read_token(status: StatusCode, text: &[u8]) -> Result<String, String> {
    let document = Document::parse_bytes(text, &LIMITS);
    if status != StatusCode::OK {
        let said = document.ok().and_then(|document| {
            let said = document.root().get("error")?.as_text()?;
            ERRORS.into_iter().find(|known| *known == said)
        });
        let said = said.map(|said| format!(": {said}")).unwrap_or_default();
        return Err(format!("answered with HTTP status {status}{said}"));
    }
    let document = document.map_err(|_| "answered with no unambiguous JSON".to_owned())?;
    let token = document
        .root()
        .get("id_token")
        .and_then(|token| token.as_text());
    token
        .map(|token| token.into_owned())
        .ok_or_else(|| "gave no ID token".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn metadata(other: &Value) -> Result<ProviderMetadata, String> {
        let mut said = json!({
            "issuer": "https://idp.example",
            "authorization_endpoint": "https://idp.example/authorize?p=one",
            "token_endpoint": "https://idp.example/token",
            "jwks_uri": "https://keys.example/jwks",
        });
        for (name, value) in other.as_object().unwrap() {
            said[name] = value.clone();
        }
        read_metadata(said.to_string().as_bytes(), "https://idp.example")
    }

    #[test]
    fn a_provider_is_who_was_asked_and_sends_nobody_anywhere_unsafe() {
        assert!(!metadata(&json!({})).unwrap().names_itself);
        let named = json!({ "authorization_response_iss_parameter_supported": true });
        assert!(metadata(&named).unwrap().names_itself);
        for (other, expected) in [
            (
                json!({ "issuer": "https://idp.example/" }),
                "another issuer",
            ),
            (json!({ "issuer": null }), "another issuer"),
            (
                json!({ "token_endpoint": "http://idp.example/token" }),
                "`token_endpoint`",
            ),
            (json!({ "token_endpoint": null }), "`token_endpoint`"),
            (json!({ "jwks_uri": "file:///etc/passwd" }), "`jwks_uri`"),
            (
                json!({ "authorization_endpoint": "javascript:alert(1)" }),
                "`authorization_endpoint`",
            ),
            (
                json!({ "authorization_endpoint": "https://idp.example/a#b" }),
                "`authorization_endpoint`",
            ),
            (
                json!({ "authorization_endpoint": "https://idp.example/?a='b" }),
                "`authorization_endpoint`",
            ),
        ] {
            let problem = metadata(&other).unwrap_err();
            assert!(problem.contains(expected), "{other}: {problem}");
        }
        let twice = br#"{"issuer":"https://idp.example","issuer":"https://idp.example"}"#;
        let problem = read_metadata(twice, "https://idp.example").unwrap_err();
        assert_eq!(problem, "is not unambiguous JSON");
    }

    #[test]
    fn what_is_answered_to_a_code_is_an_id_token_or_a_code_of_the_standard() {
        for (status, text, expected) in [
            (
                200,
                r#"{"id_token":"a.b.c","access_token":"s3cret"}"#,
                Ok("a.b.c"),
            ),
            (200, r#"{"access_token":"s3cret"}"#, Err("gave no ID token")),
            (200, "<html>s3cret", Err("no unambiguous JSON")),
            (
                400,
                r#"{"error":"invalid_grant","error_description":"s3cret"}"#,
                Err("400 Bad Request: invalid_grant"),
            ),
            (400, r#"{"error":"s3cret"}"#, Err("400 Bad Request")),
            (500, "s3cret", Err("500 Internal")),
        ] {
            let status = StatusCode::from_u16(status).unwrap();
            match (read_token(status, text.as_bytes()), expected) {
                (Ok(token), Ok(expected)) => assert_eq!(token, expected),
                (Err(problem), Err(expected)) => {
                    assert!(problem.contains(expected), "{text}: {problem}");
                    assert!(!problem.contains("s3cret"), "{problem}");
                }
                (read, _) => panic!("{text}: {read:?}"),
            }
        }
    }
}
