//! Credentials: which are shown, to whom, and how often.

use std::path::Path;

use gatewright_pack::Sha256;
use gatewright_registry::{Credentials, Registry, RegistryError};

use crate::pack::Pack;
use crate::server::{Asked, Reply, Server, honest};
use crate::{reference, settings, wait};

/// `Basic` of `gate:word`.
const BASIC: &str = "Basic Z2F0ZTp3b3Jk";

/// A Docker configuration that knows one registry.
pub(crate) fn docker_config(folder: &Path, host: &str) -> Credentials {
    configured(folder, host, r#"{"auth": "Z2F0ZTp3b3Jk"}"#)
}

fn configured(folder: &Path, host: &str, entry: &str) -> Credentials {
    let file = folder.join("config.json");
    std::fs::write(&file, format!(r#"{{"auths": {{"{host}": {entry}}}}}"#)).unwrap();
    Credentials::Docker(file)
}

fn authorization(asked: &Asked) -> Option<&str> {
    asked.headers.get("authorization").map(String::as_str)
}

fn challenged(challenge: &str) -> Reply {
    Reply::Whole(
        401,
        vec![("www-authenticate", challenge.to_owned())],
        vec![],
    )
}

/// A registry that takes the bearer token `t`, and gives it out itself.
fn bearer(pack: Pack, token: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Server {
    Server::new(move |asked| {
        if asked.path.starts_with("/token") {
            return token(asked);
        }
        if authorization(asked) == Some("Bearer t") {
            return honest(&pack, asked);
        }
        let host = &asked.headers["host"];
        challenged(&format!(
            r#"Bearer realm="http://{host}/token",service="s p",scope="repository:*:*""#
        ))
    })
}

fn gives(json: &'static str) -> impl Fn(&Asked) -> Reply + Send + Sync + 'static {
    move |_| Reply::Whole(200, vec![], json.as_bytes().to_vec())
}

/// Asks twice with one client.
fn resolve(server: &Server, credentials: Credentials) -> Result<Sha256, RegistryError> {
    let from = reference(&server.host(), "acme/guards:1.0.0");
    let mut settings = settings();
    settings.credentials = credentials;
    wait(async move {
        let registry = Registry::new(settings);
        registry.resolve(&from).await?;
        registry.resolve(&from).await
    })
}

#[test]
fn a_token_is_fetched_once_for_what_is_to_be_done() {
    let pack = Pack::new("1.0.0");
    for json in [
        r#"{"token": "t"}"#,
        r#"{"access_token": "t", "expires_in": 60}"#,
    ] {
        let server = bearer(pack.clone(), gives(json));
        let folder = tempfile::tempdir().unwrap();
        let login = docker_config(folder.path(), &server.host());
        assert_eq!(resolve(&server, login).unwrap(), pack.digest());
        let asked = server.asked();
        let tokens: Vec<_> = asked
            .iter()
            .filter(|one| one.path.starts_with("/token"))
            .collect();
        let path = "/token?service=s%20p&scope=repository%3Aacme%2Fguards%3Apull";
        assert_eq!(tokens.len(), 1);
        assert_eq!(
            (tokens[0].path.as_str(), authorization(tokens[0])),
            (path, Some(BASIC))
        );
        let passwords = asked.iter().filter(|one| authorization(one) == Some(BASIC));
        assert_eq!(passwords.count(), 1, "the registry itself saw no password");
    }
}

#[test]
fn an_identity_token_is_exchanged() {
    let pack = Pack::new("1.0.0");
    let server = bearer(pack.clone(), gives(r#"{"access_token": "t"}"#));
    let folder = tempfile::tempdir().unwrap();
    let login = configured(folder.path(), &server.host(), r#"{"identitytoken": "i+d"}"#);
    assert_eq!(resolve(&server, login).unwrap(), pack.digest());
    let asked = server.asked();
    let exchange = asked.iter().find(|one| one.path == "/token").unwrap();
    assert_eq!(
        (exchange.method.as_str(), authorization(exchange)),
        ("POST", None)
    );
    let form = "grant_type=refresh_token&client_id=gatewright&refresh_token=i%2Bd&service=s%20p&scope=repository%3Aacme%2Fguards%3Apull";
    assert_eq!(String::from_utf8_lossy(&exchange.body), form);
}

#[test]
fn without_credentials_a_token_is_asked_for_without_a_name() {
    let pack = Pack::new("1.0.0");
    let server = bearer(pack.clone(), gives(r#"{"token": "t"}"#));
    assert_eq!(
        resolve(&server, Credentials::Anonymous).unwrap(),
        pack.digest()
    );
}

#[test]
fn a_password_is_shown_only_where_one_is_wanted() {
    let pack = Pack::new("1.0.0");
    let server = Server::new({
        let pack = pack.clone();
        move |asked| match authorization(asked) {
            Some(BASIC) => honest(&pack, asked),
            _ => challenged("Basic realm=\"r\""),
        }
    });
    let folder = tempfile::tempdir().unwrap();
    let login = docker_config(folder.path(), &server.host());
    assert_eq!(resolve(&server, login).unwrap(), pack.digest());
    let first = &server.asked()[0];
    assert_eq!(
        authorization(first),
        None,
        "nothing is shown before it is asked for"
    );
    let other = docker_config(folder.path(), "registry.example.com");
    let error = resolve(&server, other).unwrap_err();
    assert!(
        matches!(error, RegistryError::Unauthorized { .. }),
        "{error}"
    );
}

#[test]
fn refused_credentials_are_not_shown_again_and_again() {
    let server = bearer(Pack::new("1.0.0"), gives(r#"{"token": "wrong"}"#));
    let error = resolve(&server, Credentials::Anonymous).unwrap_err();
    assert!(
        matches!(error, RegistryError::Unauthorized { .. }),
        "{error}"
    );
    assert_eq!(
        server.asked().len(),
        3,
        "asked, fetched a token, asked with it"
    );
}

#[test]
fn a_token_service_that_misbehaves_is_an_error_without_its_secrets() {
    for json in [
        "",
        "{}",
        r#"{"token": 7}"#,
        "{\"token\": \"secret\\r\\nx-evil: 1\"}",
        "{\"token\": \"secret\\u0000\"}",
    ] {
        let server = bearer(Pack::new("1.0.0"), gives(json));
        let error = resolve(&server, Credentials::Anonymous).unwrap_err();
        assert!(matches!(error, RegistryError::BadAnswer { .. }), "{error}");
        assert!(!error.to_string().contains("secret"), "{error}");
    }
    let long = |_: &Asked| Reply::Whole(200, vec![], vec![b' '; 100_000]);
    let error = resolve(&bearer(Pack::new("1.0.0"), long), Credentials::Anonymous).unwrap_err();
    assert!(matches!(error, RegistryError::TooLarge { .. }), "{error}");
}

#[test]
fn a_token_service_in_the_clear_elsewhere_gets_nothing() {
    let challenge = r#"Bearer realm="http://192.0.2.1/token""#;
    let server = Server::new(move |_| challenged(challenge));
    let folder = tempfile::tempdir().unwrap();
    let login = docker_config(folder.path(), &server.host());
    let error = resolve(&server, login).unwrap_err();
    assert!(matches!(error, RegistryError::Insecure { .. }), "{error}");
}

#[test]
fn a_token_service_that_redirects_is_not_followed() {
    let thief = Server::new(gives(r#"{"token": "t"}"#));
    let elsewhere = format!("http://{}/token", thief.host());
    let server = bearer(Pack::new("1.0.0"), move |_| {
        Reply::Whole(307, vec![("location", elsewhere.clone())], vec![])
    });
    let folder = tempfile::tempdir().unwrap();
    let login = docker_config(folder.path(), &server.host());
    assert!(matches!(
        resolve(&server, login),
        Err(RegistryError::Refused { .. })
    ));
    assert!(thief.asked().is_empty());
}
