//! A registry that answers slowly, wrongly or not at all.

use std::time::Duration;

use gatewright_registry::{Pulled, Registry, RegistryError, Settings};

use crate::pack::{INDEX, MANIFEST, Pack};
use crate::server::{Asked, Reply, Server, honest};
use crate::{names, reference, settings, wait};

/// A registry that is honest but for the policy's blob.
fn blob_server(
    pack: &Pack,
    bad: impl Fn(&Asked) -> Option<Reply> + Send + Sync + 'static,
) -> Server {
    let pack = pack.clone();
    let (_, path) = pack.policy();
    Server::new(move |asked| {
        let bad = if asked.path.ends_with(&path) {
            bad(asked)
        } else {
            None
        };
        bad.unwrap_or_else(|| honest(&pack, asked))
    })
}

/// Pulls, and sees to it that a failure leaves nothing.
fn pull(server: &Server, settings: Settings) -> Result<Pulled, RegistryError> {
    let folder = tempfile::tempdir().unwrap();
    let (into, from) = (
        folder.path().join("pack"),
        reference(&server.host(), "acme/guards:1.0.0"),
    );
    let pulled = wait(async move { Registry::new(settings).pull(&from, &into).await });
    let left = names(folder.path());
    match &pulled {
        Ok(_) => assert_eq!(left, ["pack"]),
        Err(error) => {
            assert!(left.is_empty(), "{left:?} stayed after: {error}");
            assert!(error.to_string().contains("hint: "), "{error}");
        }
    }
    pulled
}

fn head(length: usize) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n").into_bytes()
}

const CHUNKED: &[u8] = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";

#[test]
fn an_honest_registry_gives_the_pack() {
    let pack = Pack::new("1.0.0").signed("a").signed("b");
    let pulled = pull(&blob_server(&pack, |_| None), settings()).unwrap();
    assert_eq!((pulled.digest, pulled.signatures), (pack.digest(), 2));
}

#[test]
fn a_registry_that_keeps_silent_is_given_up() {
    let pack = Pack::new("1.0.0");
    let quick = || {
        let mut settings = settings();
        settings.limits.silence_max = Duration::from_millis(50);
        settings
    };
    let (_, path) = pack.policy();
    for begun in [Vec::new(), head(16)] {
        let server = blob_server(&pack, move |_| Some(Reply::Silence(begun.clone())));
        let error = pull(&server, quick()).unwrap_err();
        assert!(
            matches!(error, RegistryError::Unreachable { .. }),
            "{error}"
        );
        assert_eq!(
            server.count("GET", &path),
            3,
            "it was tried as often as it may"
        );
    }
}

#[test]
fn a_registry_that_drips_runs_out_of_time() {
    let pack = Pack::new("1.0.0");
    let large = pack.changed(|manifest| manifest["layers"][1]["size"] = 1_000_000.into());
    let server = blob_server(&large, |_| Some(Reply::Drip(head(1_000_000))));
    let mut settings = settings();
    settings.limits.total_max = Duration::from_millis(300);
    let error = pull(&server, settings).unwrap_err();
    assert!(matches!(error, RegistryError::OutOfTime { .. }), "{error}");
}

#[test]
fn other_bytes_than_the_digest_names_are_refused() {
    let pack = Pack::new("1.0.0");
    let (policy, path) = pack.policy();
    let mut flipped = policy;
    flipped[5] ^= 1;
    let server = blob_server(&pack, move |_| {
        Some(Reply::Whole(200, vec![], flipped.clone()))
    });
    let error = pull(&server, settings()).unwrap_err();
    assert!(
        matches!(error, RegistryError::WrongDigest { .. }),
        "{error}"
    );
    assert_eq!(
        server.count("GET", &path),
        1,
        "what lies is not asked again"
    );
}

#[test]
fn more_or_fewer_bytes_than_promised_are_refused() {
    let pack = Pack::new("1.0.0");
    let mut flood = CHUNKED.to_vec();
    flood.extend_from_slice(b"ffffffff\r\n");
    let server = blob_server(&pack, move |_| Some(Reply::Flood(flood.clone())));
    let error = pull(&server, settings()).unwrap_err();
    assert!(matches!(error, RegistryError::TooLarge { .. }), "{error}");

    let (policy, _) = pack.policy();
    let longer = policy.len() + 1;
    let claims = pack.changed(|manifest| manifest["layers"][1]["size"] = longer.into());
    let error = pull(&blob_server(&claims, |_| None), settings()).unwrap_err();
    assert!(matches!(error, RegistryError::BadAnswer { .. }), "{error}");
}

#[test]
fn a_connection_that_drops_in_the_middle_is_tried_again() {
    let pack = Pack::new("1.0.0");
    let (policy, path) = pack.policy();
    let mut half = head(policy.len());
    half.extend_from_slice(&policy[..4]);
    let again = half.clone();
    let server = blob_server(&pack, move |asked| {
        (asked.before < 2).then(|| Reply::Raw(half.clone()))
    });
    pull(&server, settings()).unwrap();
    assert_eq!(server.count("GET", &path), 3);

    let server = blob_server(&pack, move |_| Some(Reply::Raw(again.clone())));
    let error = pull(&server, settings()).unwrap_err();
    assert!(
        matches!(error, RegistryError::Unreachable { .. }),
        "{error}"
    );
    assert_eq!(server.count("GET", &path), 3);
}

#[test]
fn a_busy_or_broken_registry_is_asked_again_and_then_given_up() {
    let pack = Pack::new("1.0.0");
    let (_, path) = pack.policy();
    for status in [429, 500, 502, 503] {
        let busy = move || Reply::Whole(status, vec![("retry-after", "0".to_owned())], vec![]);
        let server = blob_server(&pack, move |asked| (asked.before < 2).then(busy));
        pull(&server, settings()).unwrap();
        assert_eq!(server.count("GET", &path), 3, "{status}");

        let server = blob_server(&pack, move |_| Some(busy()));
        let error = pull(&server, settings()).unwrap_err();
        assert!(matches!(error, RegistryError::Busy { .. }), "{error}");
        assert_eq!(server.count("GET", &path), 3, "{status}");
    }
}

#[test]
fn a_registry_that_asks_for_a_long_wait_is_given_up_and_heard() {
    let pack = Pack::new("1.0.0");
    let (_, path) = pack.policy();
    let hour = || Reply::Whole(429, vec![("retry-after", "3600".to_owned())], vec![]);
    let server = blob_server(&pack, move |_| Some(hour()));
    let error = pull(&server, settings()).unwrap_err();
    assert_eq!(
        error.asked_to_wait(),
        Some(Duration::from_secs(3600)),
        "{error}"
    );
    assert_eq!(server.count("GET", &path), 1);
}

#[test]
fn what_is_no_pack_is_refused() {
    type Change = fn(&mut serde_json::Value);
    let changes: [(&str, Change); 6] = [
        ("another artifact", |manifest| {
            manifest["artifactType"] = "application/x".into()
        }),
        ("an image", |manifest| {
            drop(manifest.as_object_mut().unwrap().remove("artifactType"))
        }),
        ("another media type", |manifest| {
            manifest["mediaType"] = INDEX.into()
        }),
        ("no layers", |manifest| {
            drop(manifest.as_object_mut().unwrap().remove("layers"))
        }),
        ("a path as digest", |manifest| {
            manifest["layers"][1]["digest"] = "sha256:../../../../etc/passwd".into();
        }),
        ("a negative size", |manifest| {
            manifest["layers"][1]["size"] = (-1).into()
        }),
    ];
    for (what, change) in changes {
        let server = blob_server(&Pack::new("1.0.0").changed(change), |_| None);
        let error = pull(&server, settings()).unwrap_err();
        assert!(
            matches!(error, RegistryError::NotAPack { .. }),
            "{what}: {error}"
        );
        assert_eq!(
            server.asked().len(),
            1,
            "{what}: nothing else was asked for"
        );
    }
}

#[test]
fn the_media_type_in_the_header_counts_too() {
    for media_type in [INDEX, "text/html", ""] {
        let pack = Pack::new("1.0.0");
        let server = Server::new(move |_| {
            let header = ("content-type", media_type.to_owned());
            Reply::Whole(200, vec![header], pack.manifest.clone())
        });
        let error = pull(&server, settings()).unwrap_err();
        assert!(
            matches!(error, RegistryError::NotAPack { .. }),
            "{media_type}: {error}"
        );
    }
}

#[test]
fn a_manifest_has_the_digest_that_came_with_it_or_was_asked_for() {
    let pack = Pack::new("1.0.0");
    let other = Pack::new("2.0.0").digest();
    let server = Server::new({
        let (pack, other) = (pack.clone(), other);
        move |_| {
            let headers = vec![
                ("content-type", MANIFEST.to_owned()),
                ("docker-content-digest", other.to_string()),
            ];
            Reply::Whole(200, headers, pack.manifest.clone())
        }
    });
    let error = pull(&server, settings()).unwrap_err();
    assert!(
        matches!(error, RegistryError::WrongDigest { .. }),
        "{error}"
    );

    let server = Server::new(move |_| {
        let header = ("content-type", MANIFEST.to_owned());
        Reply::Whole(200, vec![header], pack.manifest.clone())
    });
    let from = reference(&server.host(), &format!("acme/guards@{other}"));
    let folder = tempfile::tempdir().unwrap();
    let into = folder.path().join("pack");
    let error =
        wait(async move { Registry::new(settings()).pull(&from, &into).await }).unwrap_err();
    assert!(
        matches!(error, RegistryError::WrongDigest { .. }),
        "{error}"
    );
    assert!(names(folder.path()).is_empty());
}

#[test]
fn a_folder_that_is_in_use_is_left_alone() {
    let pack = Pack::new("1.0.0");
    let server = blob_server(&pack, |_| None);
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("mine"), "precious").unwrap();
    let from = reference(&server.host(), "acme/guards:1.0.0");
    let into = folder.path().to_owned();
    let error =
        wait(async move { Registry::new(settings()).pull(&from, &into).await }).unwrap_err();
    assert!(matches!(error, RegistryError::Occupied { .. }), "{error}");
    assert_eq!(names(folder.path()), ["mine"]);
    assert!(server.asked().is_empty());
}
