//! A token from an authorization server: for the gate itself (RFC 6749, 4.4), or for the
//! credential of whoever calls (RFC 8693).

use std::time::Duration;

use gatewright_engine::config::{OauthGrant, SubjectToken};
use gatewright_engine::snapshot::OauthClient;
use gatewright_policy::json::{Document, JsonLimits, Value};
use hyper::StatusCode;

use super::error::SecretError;
use super::issued::Issued;
use crate::fetch::Http;
use crate::oauth::{Proved, written};

const LIMITS: JsonLimits = JsonLimits {
    bytes_max: 64 << 10,
    depth_max: 16,
    nodes_max: 1024,
};

const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";

/// What an authorization server may say is wrong (RFC 6749, 5.2; RFC 8693, 2.2.2; RFC 8707).
/// Nothing else that it says is repeated: it may quote what it was sent.
const ERRORS: [&str; 8] = [
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "unauthorized_client",
    "unsupported_grant_type",
    "invalid_scope",
    "invalid_target",
    "temporarily_unavailable",
];

/// Asks once. `subject`: the credential of whoever calls, where it is exchanged.
pub(super) async fn ask(
    http: &Http,
    asked: &OauthClient,
    proved: Proved,
    subject: Option<&str>,
) -> Result<Issued, SecretError> {
    let form = form(asked, &proved, subject)?;
    let url = &asked.token_url;
    let answered = http.post_form(url, form, proved.authorization, LIMITS.bytes_max);
    let (status, text) = answered
        .await
        .map_err(|error| SecretError::new(error.to_string()))?;
    read(status, &text, asked).map_err(|problem| SecretError::new(format!("`{url}` {problem}")))
}

fn form(
    client: &OauthClient,
    proved: &Proved,
    subject: Option<&str>,
) -> Result<String, SecretError> {
    let scopes = client.scopes.join(" ");
    let mut fields = match (client.grant, subject) {
        (OauthGrant::ClientCredentials, _) => vec![("grant_type", "client_credentials")],
        (OauthGrant::TokenExchange, Some(subject)) => {
            let kind = match client.subject_token {
                SubjectToken::AccessToken => ACCESS_TOKEN,
                SubjectToken::Jwt => JWT,
            };
            vec![
                ("grant_type", EXCHANGE),
                ("subject_token", subject),
                ("subject_token_type", kind),
                ("requested_token_type", ACCESS_TOKEN),
            ]
        }
        (OauthGrant::TokenExchange, None) => {
            return Err(SecretError::new("there is nothing to exchange"));
        }
    };
    if !scopes.is_empty() {
        fields.push(("scope", &scopes));
    }
    fields.extend(client.resource.as_deref().map(|it| ("resource", it)));
    fields.extend(client.audience.as_deref().map(|it| ("audience", it)));
    let proof = proved.fields.iter();
    fields.extend(proof.map(|(name, value)| (*name, value.as_str())));
    Ok(written(fields))
}

fn read(status: StatusCode, text: &[u8], client: &OauthClient) -> Result<Issued, String> {
    let document = Document::parse_bytes(text, &LIMITS);
    if status != StatusCode::OK {
        let said = document.ok().and_then(|document| error_of(document.root()));
        let said = said.map(|said| format!(": {said}")).unwrap_or_default();
        return Err(format!("answered with HTTP status {status}{said}"));
    }
    let document = document.map_err(|_| "answered with no unambiguous JSON".to_owned())?;
    let root = document.root();
    let member = |name| root.get(name).and_then(|value| value.as_text());
    let is_bearer = member("token_type").is_some_and(|kind| kind.eq_ignore_ascii_case("bearer"));
    if !is_bearer {
        return Err("gave no bearer token".to_owned());
    }
    if client.grant == OauthGrant::TokenExchange
        && ![Some(ACCESS_TOKEN), Some(JWT)].contains(&member("issued_token_type").as_deref())
    {
        return Err("gave something else than an access token in exchange".to_owned());
    }
    let token = member("access_token");
    let is_token = |token: &str| !token.is_empty() && token.bytes().all(|it| it.is_ascii_graphic());
    let token = token.filter(|token| is_token(token));
    let lasts = match root.get("expires_in") {
        None => client.lasts,
        Some(seconds) => {
            let seconds = seconds
                .as_i64()
                .and_then(|number| u64::try_from(number).ok());
            let seconds = seconds.filter(|seconds| *seconds > 0);
            let seconds = seconds.ok_or_else(|| "gave a token without a life".to_owned())?;
            Duration::from_secs(seconds)
        }
    };
    Ok(Issued {
        text: token
            .ok_or_else(|| "gave no token".to_owned())?
            .into_owned(),
        lasts,
    })
}

fn error_of(root: Value<'_>) -> Option<&'static str> {
    let said = root.get("error")?.as_text()?;
    ERRORS.into_iter().find(|known| *known == said)
}

#[cfg(test)]
mod tests {
    use super::*;
    use gatewright_engine::snapshot::ClientProof;

    fn client(grant: OauthGrant) -> OauthClient {
        OauthClient {
            grant,
            token_url: "https://login.example.com/token".to_owned(),
            client_id: "gate way".to_owned(),
            proof: ClientProof::Nothing,
            scopes: vec!["a".to_owned(), "b:c".to_owned()],
            resource: Some("https://tools.example.com/mcp".to_owned()),
            audience: None,
            subject_token: SubjectToken::AccessToken,
            subject_issuers: Vec::new(),
            lasts: Duration::from_secs(7),
        }
    }

    #[test]
    fn forms_are_as_the_standards_want_them() {
        let proved = |fields: &[(&'static str, &str)]| Proved {
            fields: fields
                .iter()
                .map(|(name, it)| (*name, (*it).to_owned()))
                .collect(),
            authorization: None,
        };
        let own = form(&client(OauthGrant::ClientCredentials), &proved(&[]), None).unwrap();
        assert_eq!(
            own,
            "grant_type=client_credentials&scope=a+b%3Ac\
             &resource=https%3A%2F%2Ftools.example.com%2Fmcp"
        );
        let posted = proved(&[("client_id", "gate way"), ("client_secret", "s")]);
        let exchange = form(&client(OauthGrant::TokenExchange), &posted, Some("a.b.c")).unwrap();
        assert_eq!(
            exchange,
            "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange\
             &subject_token=a.b.c\
             &subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aaccess_token\
             &requested_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aaccess_token\
             &scope=a+b%3Ac&resource=https%3A%2F%2Ftools.example.com%2Fmcp\
             &client_id=gate+way&client_secret=s"
        );
        assert!(form(&client(OauthGrant::TokenExchange), &posted, None).is_err());
    }

    #[test]
    fn an_answer_without_a_bearer_token_that_lasts_is_refused_by_name() {
        let good = r#"{"access_token":"t","token_type":"bearer","expires_in":60}"#;
        let kind = r#","issued_token_type":"urn:ietf:params:oauth:token-type:access_token"}"#;
        let exchanged = good.replace('}', kind);
        use OauthGrant::{ClientCredentials, TokenExchange};
        for (what, grant, status, text, expected) in [
            ("good", ClientCredentials, 200, good, Ok(60)),
            (
                "without an end",
                ClientCredentials,
                200,
                r#"{"access_token":"t","token_type":"Bearer"}"#,
                Ok(7),
            ),
            ("exchanged", TokenExchange, 200, exchanged.as_str(), Ok(60)),
            (
                "exchanged for who knows what",
                TokenExchange,
                200,
                good,
                Err("something else than an access token"),
            ),
            (
                "ended",
                ClientCredentials,
                200,
                r#"{"access_token":"t","token_type":"bearer","expires_in":0}"#,
                Err("without a life"),
            ),
            (
                "a token of a key",
                ClientCredentials,
                200,
                r#"{"access_token":"t","token_type":"DPoP"}"#,
                Err("no bearer token"),
            ),
            (
                "a token of two lines",
                ClientCredentials,
                200,
                r#"{"access_token":"t\nx: y","token_type":"bearer"}"#,
                Err("gave no token"),
            ),
            (
                "two tokens",
                ClientCredentials,
                200,
                r#"{"access_token":"t","access_token":"u","token_type":"bearer"}"#,
                Err("no unambiguous JSON"),
            ),
            (
                "a page",
                ClientCredentials,
                200,
                "<html>",
                Err("no unambiguous JSON"),
            ),
            (
                "a refusal",
                ClientCredentials,
                401,
                r#"{"error":"invalid_client","error_description":"s3cret is wrong"}"#,
                Err("401 Unauthorized: invalid_client"),
            ),
            (
                "a refusal that quotes",
                ClientCredentials,
                400,
                r#"{"error":"s3cret"}"#,
                Err("400 Bad Request"),
            ),
            (
                "a fault",
                ClientCredentials,
                500,
                "s3cret",
                Err("500 Internal"),
            ),
        ] {
            let status = StatusCode::from_u16(status).unwrap();
            match (read(status, text.as_bytes(), &client(grant)), expected) {
                (Ok(issued), Ok(seconds)) => {
                    assert_eq!(
                        (issued.text.as_str(), issued.lasts.as_secs()),
                        ("t", seconds)
                    );
                }
                (Err(problem), Err(expected)) => {
                    assert!(problem.contains(expected), "{what}: {problem}");
                    assert!(!problem.contains("s3cret"), "{what}: {problem}");
                }
                (found, _) => panic!("{what}: {found:?}"),
            }
        }
    }
}
