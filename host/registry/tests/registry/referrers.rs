//! Where signatures are found and listed: the API, else the tag.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use gatewright_pack::Sha256;
use gatewright_registry::RegistryError;
use serde_json::{Value, json};

use crate::pack::{INDEX, Pack, listed};
use crate::server::{Asked, Reply, Server, honest, not_found};
use crate::{names, reference, registry, wait};

fn index(manifests: &[Value]) -> Vec<u8> {
    let index = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": manifests });
    index.to_string().into_bytes()
}

fn signatures(server: &Server) -> Result<Vec<String>, RegistryError> {
    let from = reference(&server.host(), "acme/guards:1.0.0");
    let found = wait(async move { registry().signatures(&from).await })?;
    Ok(found.iter().map(|one| one.digest.to_string()).collect())
}

fn digest(bytes: &[u8]) -> String {
    Sha256::of(bytes).to_string()
}

#[test]
fn the_api_is_asked_first_and_pages_are_followed() {
    let pack = Pack::new("1.0.0").signed("a").signed("b");
    let expected: Vec<_> = pack.signatures.iter().map(|bytes| digest(bytes)).collect();
    let server = Server::new(move |asked| {
        if !asked.path.contains("/referrers/") {
            return honest(&pack, asked);
        }
        let mut other = listed(&pack.signatures[0]);
        other["artifactType"] = json!("application/spdx+json");
        let content = ("content-type", INDEX.to_owned());
        if asked.path.contains("page=2") {
            let page = index(&[listed(&pack.signatures[1]), other]);
            return Reply::Whole(200, vec![content], page);
        }
        let next = ("link", format!("<{}?page=2>; rel=\"next\"", asked.path));
        Reply::Whole(
            200,
            vec![content, next],
            index(&[listed(&pack.signatures[0])]),
        )
    });
    assert_eq!(signatures(&server).unwrap(), expected);
    let fallback = |asked: &Asked| asked.path.contains("manifests/sha256-");
    assert!(!server.asked().iter().any(fallback));
}

#[test]
fn without_the_api_the_tag_is_read() {
    let pack = Pack::new("1.0.0").signed("a");
    let expected = vec![digest(&pack.signatures[0])];
    let server = Server::new(move |asked| honest(&pack, asked));
    assert_eq!(signatures(&server).unwrap(), expected);
}

#[test]
fn a_list_that_is_none_is_an_error_and_not_an_empty_list() {
    for body in [
        "",
        "{}",
        "<html>",
        r#"{"manifests": 1}"#,
        r#"{"mediaType": "x", "manifests": []}"#,
    ] {
        let pack = Pack::new("1.0.0");
        let server = Server::new(move |asked| {
            if asked.path.contains("/referrers/") {
                return Reply::Whole(200, vec![], body.as_bytes().to_vec());
            }
            honest(&pack, asked)
        });
        let error = signatures(&server).unwrap_err();
        assert!(
            matches!(error, RegistryError::BadAnswer { .. }),
            "{body}: {error}"
        );
    }
}

#[test]
fn a_signature_of_another_pack_is_refused() {
    let other = Pack::new("2.0.0").signed("a");
    let mut pack = Pack::new("1.0.0");
    pack.signatures = other.signatures;
    pack.blobs.extend(other.blobs);
    let server = Server::new(move |asked| honest(&pack, asked));
    let folder = tempfile::tempdir().unwrap();
    let (into, from) = (
        folder.path().join("pack"),
        reference(&server.host(), "acme/guards:1.0.0"),
    );
    let error = wait(async move { registry().pull(&from, &into).await }).unwrap_err();
    assert!(matches!(error, RegistryError::BadAnswer { .. }), "{error}");
    assert!(names(folder.path()).is_empty());
}

/// What was written, by its path.
type Kept = Arc<Mutex<HashMap<String, Vec<u8>>>>;

/// A registry that takes everything. `rival` writes its own fallback index over the
/// first one that is written; `api` says that it keeps the list itself.
fn taking(api: bool, rival: Option<Vec<u8>>) -> (Server, Kept) {
    let kept = Kept::default();
    let server = Server::new({
        let kept = Arc::clone(&kept);
        move |asked| {
            let mut kept = kept.lock().unwrap();
            let (path, query) = asked.path.split_once('?').unwrap_or((&asked.path, ""));
            match asked.method.as_str() {
                "POST" => {
                    Reply::Whole(202, vec![("location", "/v2/acme/guards/up".into())], vec![])
                }
                "PUT" if path.ends_with("/up") => {
                    let digest = query.trim_start_matches("digest=").replace("%3A", ":");
                    let path = format!("/v2/acme/guards/blobs/{digest}");
                    kept.insert(path, asked.body.clone());
                    Reply::Whole(201, vec![], vec![])
                }
                "PUT" => {
                    let fallback = path.contains("sha256-");
                    let rival = rival.clone().filter(|_| fallback && asked.before == 0);
                    kept.insert(path.to_owned(), rival.unwrap_or_else(|| asked.body.clone()));
                    let subject = api.then(|| ("oci-subject", "sha256:x".to_owned()));
                    Reply::Whole(201, subject.into_iter().collect(), vec![])
                }
                _ => kept.get(path).map_or_else(not_found, |bytes| {
                    Reply::Whole(200, vec![("content-type", INDEX.into())], bytes.clone())
                }),
            }
        }
    });
    (server, kept)
}

fn push(server: &Server, pack: &Pack) {
    let folder = tempfile::tempdir().unwrap();
    pack.write(folder.path());
    let (to, layout) = (
        reference(&server.host(), "acme/guards:1.0.0"),
        folder.path().to_owned(),
    );
    wait(async move { registry().push(&to, &layout).await }).unwrap();
}

fn fallback_path(pack: &Pack) -> String {
    format!("/v2/acme/guards/manifests/sha256-{}", pack.digest().hex())
}

#[test]
fn an_entry_that_another_push_undid_is_written_again() {
    let pack = Pack::new("1.0.0").signed("a");
    let rival = listed(&Pack::new("1.0.0").signed("rival").signatures[0]);
    let (server, kept) = taking(false, Some(index(std::slice::from_ref(&rival))));
    push(&server, &pack);
    let found: Value =
        serde_json::from_slice(&kept.lock().unwrap()[&fallback_path(&pack)]).unwrap();
    let digests: Vec<_> = found["manifests"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["digest"])
        .collect();
    assert_eq!(
        digests,
        [&rival["digest"], &json!(digest(&pack.signatures[0]))]
    );
}

#[test]
fn a_registry_that_keeps_the_list_gets_no_tag() {
    let pack = Pack::new("1.0.0").signed("a");
    let (server, kept) = taking(true, None);
    push(&server, &pack);
    assert!(!kept.lock().unwrap().contains_key(&fallback_path(&pack)));
}

#[test]
fn the_tag_is_set_when_everything_else_is_there() {
    let pack = Pack::new("1.0.0").signed("a");
    let (server, _) = taking(false, None);
    push(&server, &pack);
    let puts: Vec<_> = server
        .asked()
        .into_iter()
        .filter(|one| one.method == "PUT")
        .collect();
    let last = puts.last().unwrap();
    assert!(last.path.ends_with("/manifests/1.0.0"), "{}", last.path);
    let tags = puts
        .iter()
        .filter(|one| one.path.ends_with("/manifests/1.0.0"));
    assert_eq!(tags.count(), 1);
}
