//! Redirects: how many, where to, and what they never carry.

use gatewright_registry::{Credentials, Pulled, Registry, RegistryError, Settings};

use crate::login::docker_config;
use crate::pack::Pack;
use crate::server::{Asked, Reply, Server, honest};
use crate::{names, reference, settings, wait};

fn pull(server: &Server, settings: Settings) -> Result<Pulled, RegistryError> {
    let folder = tempfile::tempdir().unwrap();
    let (into, from) = (
        folder.path().join("pack"),
        reference(&server.host(), "acme/guards:1.0.0"),
    );
    let pulled = wait(async move { Registry::new(settings).pull(&from, &into).await });
    assert_eq!(names(folder.path()).is_empty(), pulled.is_err());
    pulled
}

fn to(location: String) -> Reply {
    Reply::Whole(307, vec![("location", location)], vec![])
}

#[test]
fn a_redirect_to_another_host_carries_no_credentials() {
    let pack = Pack::new("1.0.0");
    let store = Server::new({
        let pack = pack.clone();
        move |asked| honest(&pack, asked)
    });
    let elsewhere = store.host();
    let wants_password = |asked: &Asked| !asked.headers.contains_key("authorization");
    let server = Server::new(move |asked| {
        if wants_password(asked) {
            let challenge = ("www-authenticate", "Basic realm=\"r\"".to_owned());
            return Reply::Whole(401, vec![challenge], vec![]);
        }
        if asked.path.contains("/blobs/") {
            return to(format!("http://{elsewhere}{}", asked.path));
        }
        honest(&pack, asked)
    });
    let folder = tempfile::tempdir().unwrap();
    let mut settings = settings();
    settings.credentials = docker_config(folder.path(), &server.host());
    pull(&server, settings).unwrap();
    let shown = |asked: &Asked| asked.headers.contains_key("authorization");
    assert!(server.asked().iter().any(shown));
    assert_eq!(store.asked().len(), 3, "each blob was fetched there");
    assert!(!store.asked().iter().any(shown));
}

#[test]
fn another_host_that_wants_a_password_gets_none() {
    let pack = Pack::new("1.0.0");
    let thief = Server::new(|_| {
        let challenge = ("www-authenticate", "Basic realm=\"r\"".to_owned());
        Reply::Whole(401, vec![challenge], vec![])
    });
    let elsewhere = thief.host();
    let server = Server::new(move |asked| {
        if asked.path.contains("/blobs/") {
            return to(format!("http://{elsewhere}/x"));
        }
        honest(&pack, asked)
    });
    let folder = tempfile::tempdir().unwrap();
    let mut settings = settings();
    settings.credentials = docker_config(folder.path(), &server.host());
    let error = pull(&server, settings).unwrap_err();
    assert!(
        matches!(error, RegistryError::Unauthorized { .. }),
        "{error}"
    );
    assert_eq!(thief.asked().len(), 1);
    assert!(!thief.asked()[0].headers.contains_key("authorization"));
}

#[test]
fn redirects_end() {
    let server = Server::new(|asked| to(format!("/again{}", asked.path)));
    let error = pull(&server, settings()).unwrap_err();
    assert!(matches!(error, RegistryError::TooLarge { .. }), "{error}");
    let most = settings().limits.redirects_max;
    assert_eq!(server.asked().len(), most + 1);
}

#[test]
fn nothing_goes_over_the_network_in_the_clear() {
    for place in ["http://192.0.2.1/x", "http://registry.example.com/x"] {
        let server = Server::new(move |_| to(place.to_owned()));
        let error = pull(&server, settings()).unwrap_err();
        assert!(matches!(error, RegistryError::Insecure { .. }), "{error}");
    }
    let folder = tempfile::tempdir().unwrap();
    let into = folder.path().join("pack");
    let from = reference("192.0.2.1:5000", "acme/guards:1.0.0");
    let error =
        wait(async move { Registry::new(settings()).pull(&from, &into).await }).unwrap_err();
    assert!(matches!(error, RegistryError::Insecure { .. }), "{error}");
}

#[test]
fn without_the_switch_it_is_tls() {
    let pack = Pack::new("1.0.0");
    let server = Server::new(move |asked| honest(&pack, asked));
    let mut settings = settings();
    settings.plain_http = false;
    let error = pull(&server, settings).unwrap_err();
    let refused = matches!(
        error,
        RegistryError::Unreachable { .. } | RegistryError::Disk { .. }
    );
    assert!(refused, "{error}");
    assert_eq!(server.count("GET", "1.0.0"), 0);
}

#[test]
fn a_redirect_to_nowhere_is_an_error() {
    for location in [
        "",
        "x",
        "file:///etc/passwd",
        "//evil.example.com/",
        "http://",
    ] {
        let server = Server::new(move |_| to(location.to_owned()));
        let error = pull(&server, settings()).unwrap_err();
        assert!(
            matches!(error, RegistryError::BadAnswer { .. }),
            "{location}: {error}"
        );
    }
    let silent = Server::new(|_| Reply::Whole(302, vec![], vec![]));
    let error = pull(
        &silent,
        Settings {
            credentials: Credentials::Anonymous,
            ..settings()
        },
    );
    assert!(matches!(error, Err(RegistryError::BadAnswer { .. })));
}
