//! With a registry that others wrote, read back by a client that others wrote.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use gatewright_pack::Sha256;
use gatewright_registry::{Registry, RegistryError};
use serde_json::Value;

use crate::docker_registry::DockerRegistry;
use crate::login::docker_config;
use crate::pack::Pack;
use crate::{names, reference, registry, settings, skopeo, wait};

fn push(host: &str, rest: &str, pack: &Pack) -> gatewright_registry::Pushed {
    let folder = tempfile::tempdir().unwrap();
    pack.write(folder.path());
    let (to, layout) = (reference(host, rest), folder.path().to_owned());
    wait(async move { registry().push(&to, &layout).await }).unwrap()
}

fn pull(host: &str, rest: &str, into: &Path) -> Result<gatewright_registry::Pulled, RegistryError> {
    let (from, into) = (reference(host, rest), into.to_owned());
    wait(async move { registry().pull(&from, &into).await })
}

fn resolve(host: &str, rest: &str) -> Result<Sha256, RegistryError> {
    let from = reference(host, rest);
    wait(async move { registry().resolve(&from).await })
}

fn blobs(layout: &Path) -> Vec<String> {
    names(&layout.join("blobs/sha256"))
}

fn index(layout: &Path) -> Value {
    serde_json::from_slice(&fs::read(layout.join("index.json")).unwrap()).unwrap()
}

fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pack");
    (folder, path)
}

#[test]
fn what_was_pushed_is_pulled_byte_for_byte() {
    let server = DockerRegistry::open();
    let pack = Pack::new("1.4.2").signed("acme").signed("auditor");
    let pushed = push(server.host(), "acme/guards:1.4.2", &pack);
    assert_eq!((pushed.digest, pushed.signatures), (pack.digest(), 2));

    for rest in [
        ":1.4.2".to_owned(),
        format!("@{}", pack.digest()),
        ":^1".to_owned(),
    ] {
        let (_folder, into) = folder();
        let pulled = pull(server.host(), &format!("acme/guards{rest}"), &into).unwrap();
        assert_eq!(
            (pulled.digest, pulled.signatures),
            (pack.digest(), 2),
            "{rest}"
        );
        assert_eq!(pulled.bytes, pushed.bytes);
        let (_written, original) = folder_with(&pack);
        assert_eq!(blobs(&into), blobs(&original), "{rest}");
        for name in blobs(&into) {
            let read = |layout: &Path| fs::read(layout.join("blobs/sha256").join(&name)).unwrap();
            assert_eq!(read(&into), read(&original));
        }
        let (found, written) = (index(&into), index(&original));
        assert_eq!(
            found["manifests"][0]["annotations"],
            written["manifests"][0]["annotations"]
        );
        assert_eq!(found["manifests"].as_array().unwrap().len(), 3);
        let (_other, other) = (tempfile::tempdir().unwrap(), &into);
        let to = reference(server.host(), "acme/copy:1.4.2");
        let layout = other.clone();
        let again = wait(async move { registry().push(&to, &layout).await }).unwrap();
        assert_eq!(again.digest, pack.digest(), "what was pulled can be pushed");
    }
}

fn folder_with(pack: &Pack) -> (tempfile::TempDir, PathBuf) {
    let (folder, path) = folder();
    pack.write(&path);
    (folder, path)
}

#[test]
fn another_client_reads_the_same() {
    let server = DockerRegistry::open();
    let pack = Pack::new("1.4.2").signed("acme");
    push(server.host(), "acme/guards:1.4.2", &pack);
    let place = format!("{}/acme/guards:1.4.2", server.host());
    assert_eq!(skopeo::raw_manifest(&place), pack.manifest);

    let (_folder, layout) = folder();
    skopeo::copy_down(&place, &layout);
    let copied = index(&layout);
    assert_eq!(copied["manifests"][0]["digest"], pack.digest().to_string());
    let (policy, path) = pack.policy();
    let blob = layout.join(path.trim_start_matches('/').replace("sha256:", "sha256/"));
    assert_eq!(fs::read(blob).unwrap(), policy);

    let fallback = format!(
        "{}/acme/guards:sha256-{}",
        server.host(),
        pack.digest().hex()
    );
    let listed: Value = serde_json::from_slice(&skopeo::raw_manifest(&fallback)).unwrap();
    let signature = Sha256::of(&pack.signatures[0]).to_string();
    assert_eq!(listed["manifests"][0]["digest"], signature);
}

#[test]
fn what_another_client_pushed_is_pulled() {
    let server = DockerRegistry::open();
    let pack = Pack::new("1.4.2");
    let (_folder, layout) = folder_with(&pack);
    skopeo::copy_up(
        &layout,
        "1.4.2",
        &format!("{}/acme/guards:1.4.2", server.host()),
    );
    let (_into, into) = folder();
    let pulled = pull(server.host(), "acme/guards:1.4.2", &into).unwrap();
    assert_eq!((pulled.digest, pulled.signatures), (pack.digest(), 0));
}

#[test]
fn a_range_leads_to_the_highest_version() {
    let server = DockerRegistry::open();
    for revision in ["1.4.2", "1.4.10", "1.5.0", "2.0.0-rc.1"] {
        let pack = Pack::new(revision);
        push(server.host(), &format!("acme/guards:{revision}"), &pack);
    }
    push(server.host(), "acme/guards:latest", &Pack::new("0.1.0"));
    for (range, revision) in [
        ("1.4", "1.4.10"),
        ("^1", "1.5.0"),
        (">=1.2, <1.4.10", "1.4.2"),
    ] {
        let found = resolve(server.host(), &format!("acme/guards:{range}")).unwrap();
        assert_eq!(found, Pack::new(revision).digest(), "{range}");
    }
    let error = resolve(server.host(), "acme/guards:^2").unwrap_err();
    assert!(
        matches!(error, RegistryError::NoneFits { seen: 5, .. }),
        "{error}"
    );
}

#[test]
fn what_is_not_there_is_said_so() {
    let server = DockerRegistry::open();
    for rest in ["acme/nothing:1.0.0", "acme/nothing:^1"] {
        let error = resolve(server.host(), rest).unwrap_err();
        assert!(matches!(error, RegistryError::NotFound { .. }), "{error}");
    }
}

#[test]
fn what_the_registry_has_is_not_sent_again() {
    let server = DockerRegistry::open();
    let pack = Pack::new("1.4.2").signed("acme");
    let first = push(server.host(), "acme/guards:1.4.2", &pack);
    assert!(first.bytes_sent > 0);
    assert_eq!(
        push(server.host(), "acme/guards:latest", &pack).bytes_sent,
        0
    );
    let latest = resolve(server.host(), "acme/guards:latest").unwrap();
    assert_eq!(latest, pack.digest());
}

#[test]
fn signatures_pushed_at_once_are_there_after_the_next_push_at_the_latest() {
    let server = DockerRegistry::open();
    let signers = ["a", "b", "c", "d"];
    // The registry sees a blob that two bring at once only when both are done.
    let mut patient = settings();
    patient.backoff.tries_max = 8;
    patient.backoff.first = Duration::from_millis(50);
    patient.backoff.wait_max = Duration::from_millis(500);
    let push = &|signer: &str| {
        let (_folder, layout) = folder_with(&Pack::new("1.4.2").signed(signer));
        let to = reference(server.host(), "acme/guards:1.4.2");
        let registry = Registry::new(patient.clone());
        wait(async move { registry.push(&to, &layout).await }).unwrap();
    };
    let count = || {
        let from = reference(server.host(), "acme/guards:1.4.2");
        let found = wait(async move { registry().signatures(&from).await });
        found.unwrap().len()
    };
    std::thread::scope(|scope| {
        for signer in signers {
            scope.spawn(move || push(signer));
        }
    });
    assert!((1..=signers.len()).contains(&count()));
    for signer in signers {
        push(signer);
    }
    assert_eq!(count(), signers.len());
}

#[test]
fn a_registry_with_a_password_takes_the_right_one() {
    let server = DockerRegistry::with_password();
    let (_folder, layout) = folder_with(&Pack::new("1.4.2"));
    let docker = tempfile::tempdir().unwrap();
    let mut settings = settings();
    let push = |settings: &gatewright_registry::Settings| {
        let (registry, to) = (
            Registry::new(settings.clone()),
            reference(server.host(), "a/b:1.4.2"),
        );
        let layout = layout.clone();
        wait(async move { registry.push(&to, &layout).await })
    };
    let error = push(&settings).unwrap_err();
    assert!(
        matches!(error, RegistryError::Unauthorized { .. }),
        "{error}"
    );
    settings.credentials = docker_config(docker.path(), server.host());
    push(&settings).unwrap();
}

#[test]
fn a_damaged_layout_is_not_pushed() {
    let server = DockerRegistry::open();
    let pack = Pack::new("1.4.2").signed("acme");
    type Damage = fn(&Path);
    let damage: [(&str, Damage); 5] = [
        ("no index", |layout| {
            fs::remove_file(layout.join("index.json")).unwrap()
        }),
        ("no layout file", |layout| {
            fs::remove_file(layout.join("oci-layout")).unwrap()
        }),
        ("another layout", |layout| {
            fs::write(layout.join("oci-layout"), r#"{"imageLayoutVersion":"9"}"#).unwrap();
        }),
        ("a missing blob", |layout| {
            let policy = Pack::new("1.4.2").policy().0;
            fs::remove_file(layout.join("blobs/sha256").join(Sha256::of(&policy).hex())).unwrap();
        }),
        ("a flipped byte", |layout| {
            let policy = Pack::new("1.4.2").policy().0;
            let mut flipped = policy.clone();
            flipped[5] ^= 1;
            fs::write(
                layout.join("blobs/sha256").join(Sha256::of(&policy).hex()),
                flipped,
            )
            .unwrap();
        }),
    ];
    for (what, damage) in damage {
        let (_folder, layout) = folder_with(&pack);
        damage(&layout);
        let to = reference(server.host(), "acme/guards:1.4.2");
        let error = wait(async move { registry().push(&to, &layout).await }).unwrap_err();
        assert!(
            matches!(error, RegistryError::BadLayout { .. }),
            "{what}: {error}"
        );
        let there = resolve(server.host(), "acme/guards:1.4.2");
        assert!(
            matches!(there, Err(RegistryError::NotFound { .. })),
            "{what}: no tag was set"
        );
    }
}

#[test]
fn a_push_needs_a_tag() {
    let (_folder, layout) = folder_with(&Pack::new("1.4.2"));
    let digest = format!("a/b@{}", Pack::new("1.4.2").digest());
    for rest in ["a/b:1.4", "a/b:^1", &digest] {
        let (to, layout) = (reference("127.0.0.1:9", rest), layout.clone());
        let error = wait(async move { registry().push(&to, &layout).await }).unwrap_err();
        assert!(
            matches!(error, RegistryError::NoTag { .. }),
            "{rest}: {error}"
        );
    }
}
