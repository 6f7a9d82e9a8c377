//! Looking for a version among the tags.

use gatewright_registry::RegistryError;

use crate::pack::{MANIFEST, Pack};
use crate::server::{Asked, Reply, Server, honest, not_found};
use crate::{reference, registry, wait};

fn page(tags: &[String], next: Option<String>) -> Reply {
    let body = serde_json::json!({ "name": "acme/guards", "tags": tags }).to_string();
    let link = next.map(|next| ("link", format!("<{next}>; rel=\"next\"")));
    Reply::Whole(200, link.into_iter().collect(), body.into_bytes())
}

fn resolve(server: &Server, version: &str) -> Result<gatewright_pack::Sha256, RegistryError> {
    let from = reference(&server.host(), &format!("acme/guards:{version}"));
    wait(async move { registry().resolve(&from).await })
}

fn lists_tags(asked: &Asked) -> bool {
    asked.path.contains("/tags/list")
}

#[test]
fn an_endless_list_of_tags_is_given_up() {
    for tags in [0, 1, 30] {
        let server = Server::new(move |asked| {
            let tags: Vec<_> = (0..tags)
                .map(|at| format!("0.{}.{at}", asked.before))
                .collect();
            let next = format!("/v2/acme/guards/tags/list?last={}", asked.path.len());
            page(&tags, Some(next))
        });
        let error = resolve(&server, "^1").unwrap_err();
        assert!(
            matches!(error, RegistryError::TooLarge { .. }),
            "{tags}: {error}"
        );
    }
}

#[test]
fn every_page_is_looked_at_and_no_other_host() {
    let other = Server::new(|_| page(&["1.9.0".to_owned()], None));
    let elsewhere = format!("http://{}/v2/acme/guards/tags/list", other.host());
    let pack = Pack::new("1.4.2");
    let expected = pack.digest();
    let server = Server::new(move |asked| match asked.path.as_str() {
        path if path.ends_with("last=2") => page(&["1.4.2".to_owned()], Some(elsewhere.clone())),
        _ if lists_tags(asked) => {
            let next = "/v2/acme/guards/tags/list?last=2".to_owned();
            page(&["1.4.1".to_owned(), "latest".to_owned()], Some(next))
        }
        _ => honest(&pack, asked),
    });
    assert_eq!(resolve(&server, "1.4").unwrap(), expected);
    assert!(other.asked().is_empty());
}

#[test]
fn a_range_that_nothing_fits_says_so() {
    let server = Server::new(|asked| {
        if lists_tags(asked) {
            page(&["1.4.2".to_owned(), "../x".to_owned()], None)
        } else {
            not_found()
        }
    });
    let error = resolve(&server, "^2").unwrap_err();
    assert!(
        matches!(error, RegistryError::NoneFits { seen: 1, .. }),
        "{error}"
    );
}

#[test]
fn a_registry_without_digest_headers_is_read() {
    let pack = Pack::new("1.4.2");
    let expected = pack.digest();
    let server = Server::new(move |asked| honest(&pack, asked));
    assert_eq!(resolve(&server, "1.4.2").unwrap(), expected);
    let asked: Vec<_> = server
        .asked()
        .iter()
        .map(|asked| asked.method.clone())
        .collect();
    assert_eq!(asked, ["HEAD", "GET"]);
}

#[test]
fn a_registry_with_digest_headers_is_asked_once() {
    let digest = Pack::new("1.4.2").digest();
    let header = digest.to_string();
    let server = Server::new(move |_| {
        let headers = vec![
            ("content-type", MANIFEST.to_owned()),
            ("docker-content-digest", header.clone()),
        ];
        Reply::Whole(200, headers, vec![])
    });
    assert_eq!(resolve(&server, "1.4.2").unwrap(), digest);
    assert_eq!(server.asked().len(), 1);
}
