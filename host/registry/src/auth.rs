//! The answer to a 401: Basic, or a bearer token from where the registry says
//! (the token authentication of the CNCF distribution project).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use hyper::header::{ACCEPT, CONTENT_TYPE, HeaderValue, WWW_AUTHENTICATE};
use hyper::http::uri::PathAndQuery;
use hyper::{HeaderMap, Method, StatusCode, Uri};
use serde::Deserialize;

use crate::credentials::Login;
use crate::error::RegistryError;
use crate::http::{Answer, Http, Question, resolve, with_authorization};

/// What a registry wants to see.
#[derive(Debug, PartialEq, Eq)]
enum Challenge {
    Basic,
    Bearer {
        realm: String,
        service: Option<String>,
    },
}

/// Longest answer of a token service, in bytes.
const TOKEN_BYTES_MAX: u64 = 64 << 10;

#[derive(Deserialize)]
struct Token {
    token: Option<String>,
    access_token: Option<String>,
}

/// What to send as `Authorization` after this refusal. `scope` is what is to be
/// done: `repository:acme/guards:pull`.
pub(crate) async fn authorization(
    http: &Http,
    refusal: &Answer,
    login: &Login,
    scope: &str,
) -> Result<HeaderValue, RegistryError> {
    let refused = || RegistryError::Unauthorized {
        url: refusal.url(),
        status: refusal.status().as_u16(),
    };
    match challenge(refusal.headers()) {
        Some(Challenge::Bearer { realm, service }) => {
            let realm = resolve(&refusal.uri, &realm)
                .ok_or_else(|| bad(refusal, "it names no address where tokens are given"))?;
            let question = question(realm, service.as_deref(), scope, login)
                .ok_or_else(|| bad(refusal, "its token service has no address to ask"))?;
            token(http, question).await
        }
        Some(Challenge::Basic) => basic(login).ok_or_else(refused),
        None => Err(refused()),
    }
}

/// The challenge to answer: a token is preferred to a password.
fn challenge(headers: &HeaderMap) -> Option<Challenge> {
    let mut found = None;
    for value in headers.get_all(WWW_AUTHENTICATE) {
        for challenge in http_auth::parse_challenges(value.to_str().ok()?).ok()? {
            let parameter = |name: &str| {
                let mut parameters = challenge.params.iter();
                let (_, value) = parameters.find(|(known, _)| known.eq_ignore_ascii_case(name))?;
                Some(value.to_unescaped())
            };
            if challenge.scheme.eq_ignore_ascii_case("bearer") {
                return Some(Challenge::Bearer {
                    realm: parameter("realm")?,
                    service: parameter("service"),
                });
            }
            if challenge.scheme.eq_ignore_ascii_case("basic") {
                found = Some(Challenge::Basic);
            }
        }
    }
    found
}

/// GET with the password, or POST with the identity token.
fn question(realm: Uri, service: Option<&str>, scope: &str, login: &Login) -> Option<Question> {
    let mut form = format!("scope={}", encoded(scope));
    if let Some(service) = service {
        form = format!("service={}&{form}", encoded(service));
    }
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    if let Login::Identity(token) = login {
        let form_type = HeaderValue::from_static("application/x-www-form-urlencoded");
        headers.insert(CONTENT_TYPE, form_type);
        let token = encoded(token);
        let grant = "grant_type=refresh_token&client_id=gatewright";
        let form = format!("{grant}&refresh_token={token}&{form}");
        return Some(Question {
            method: Method::POST,
            uri: realm,
            headers,
            body: form.into(),
        });
    }
    let mark = if realm.query().is_some() { '&' } else { '?' };
    let path = realm.path_and_query().map_or("/", PathAndQuery::as_str);
    let asked: PathAndQuery = format!("{path}{mark}{form}").parse().ok()?;
    let mut parts = realm.into_parts();
    parts.path_and_query = Some(asked);
    let question = Question {
        method: Method::GET,
        uri: Uri::from_parts(parts).ok()?,
        headers,
        body: Bytes::new(),
    };
    Some(match basic(login) {
        Some(value) => with_authorization(question, &value),
        None => question,
    })
}

/// The token service is asked once and no redirect of it is followed.
async fn token(http: &Http, question: Question) -> Result<HeaderValue, RegistryError> {
    let answer = http.send(question).await?.expect(&[StatusCode::OK]).await?;
    let url = answer.url();
    // What the service said is a secret: no error repeats it.
    let bad = |why: &str| RegistryError::BadAnswer {
        url: url.clone(),
        why: why.to_owned(),
    };
    let body = answer.body(TOKEN_BYTES_MAX).await?;
    let token: Token = serde_json::from_slice(&body).map_err(|_| bad("it gave no token"))?;
    let token = token.token.or(token.access_token);
    let token = token.ok_or_else(|| bad("it gave no token"))?;
    HeaderValue::try_from(format!("Bearer {token}"))
        .map_err(|_| bad("its token has characters that none may have"))
}

fn basic(login: &Login) -> Option<HeaderValue> {
    let Login::Password { user, password } = login else {
        return None;
    };
    let pair = STANDARD.encode(format!("{user}:{password}"));
    HeaderValue::try_from(format!("Basic {pair}")).ok()
}

fn bad(answer: &Answer, why: &str) -> RegistryError {
    RegistryError::BadAnswer {
        url: answer.url(),
        why: why.to_owned(),
    }
}

/// Percent-encoding of everything but unreserved characters (RFC 3986).
pub(crate) fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes()
        .map(|byte| {
            if plain(byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Challenge, challenge, encoded};
    use hyper::HeaderMap;
    use hyper::header::WWW_AUTHENTICATE;

    fn read(values: &[&str]) -> Option<Challenge> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(WWW_AUTHENTICATE, value.parse().unwrap());
        }
        challenge(&headers)
    }

    #[test]
    fn challenges_are_read_as_registries_write_them() {
        let bearer = |service: Option<&str>| {
            Some(Challenge::Bearer {
                realm: "https://auth.example.com/token".to_owned(),
                service: service.map(str::to_owned),
            })
        };
        let realm = r#"realm="https://auth.example.com/token""#;
        let long = format!(r#"Bearer {realm},service="a b",scope="repository:x:pull,push""#);
        assert_eq!(read(&[&long]), bearer(Some("a b")));
        assert_eq!(
            read(&[r#"Basic realm="x""#, &format!("bearer {realm}")]),
            bearer(None)
        );
        assert_eq!(read(&[r#"Basic realm="x""#]), Some(Challenge::Basic));
        for none in [&[][..], &["Negotiate"], &["Bearer service=x"], &["\"\""]] {
            assert_eq!(read(none), None, "{none:?}");
        }
    }

    #[test]
    fn a_form_carries_anything() {
        assert_eq!(
            encoded("repository:a/b:pull,push"),
            "repository%3Aa%2Fb%3Apull%2Cpush"
        );
        assert_eq!(encoded("a-b.c_d~é&="), "a-b.c_d~%C3%A9%26%3D");
    }
}
