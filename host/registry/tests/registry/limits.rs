//! What is too large is refused before it is fetched, where it says so itself.

use gatewright_registry::{Limits, RegistryError};
use serde_json::{Value, json};

use crate::pack::{MANIFEST, Pack, descriptor};
use crate::server::{Reply, Server, honest};
use crate::{names, reference, registry, settings, wait};

fn pull_fails(server: &Server) -> RegistryError {
    let folder = tempfile::tempdir().unwrap();
    let (into, from) = (
        folder.path().join("pack"),
        reference(&server.host(), "acme/guards:1.0.0"),
    );
    let error = wait(async move { registry().pull(&from, &into).await }).unwrap_err();
    assert!(names(folder.path()).is_empty(), "{error}");
    error
}

fn set_size(manifest: &mut Value, size: u64) {
    manifest["layers"][1]["size"] = size.into();
}

#[test]
fn a_manifest_that_promises_too_much_brings_no_blob() {
    let Limits {
        blob_bytes_max,
        layers_max,
        ..
    } = settings().limits;
    let large = Pack::new("1.0.0").changed(|manifest| set_size(manifest, blob_bytes_max + 1));
    let many = Pack::new("1.0.0").changed(|manifest| {
        let layer = |at: usize| descriptor("application/wasm", at.to_string().as_bytes());
        manifest["layers"] = (0..=layers_max).map(layer).collect();
    });
    let heavy = Pack::new("1.0.0").changed(|manifest| {
        let layer = |at: usize| {
            let mut layer = descriptor("application/wasm", at.to_string().as_bytes());
            layer["size"] = json!(blob_bytes_max);
            layer
        };
        manifest["layers"] = (0..3).map(layer).collect();
    });
    let endless = Pack::new("1.0.0").changed(|manifest| {
        set_size(manifest, u64::MAX);
        manifest["layers"][0]["size"] = u64::MAX.into();
    });
    for (what, pack) in [
        ("large", large),
        ("many", many),
        ("heavy", heavy),
        ("endless", endless),
    ] {
        let server = Server::new(move |asked| honest(&pack, asked));
        let error = pull_fails(&server);
        assert!(
            matches!(error, RegistryError::TooLarge { .. }),
            "{what}: {error}"
        );
        assert_eq!(
            server.asked().len(),
            1,
            "{what}: only the manifest was asked for"
        );
    }
}

#[test]
fn a_huge_manifest_is_cut_off() {
    let head = format!("HTTP/1.1 200 OK\r\ncontent-type: {MANIFEST}\r\n");
    for rest in [
        "content-length: 9999999999\r\n\r\n",
        "transfer-encoding: chunked\r\n\r\nffffffff\r\n",
        "connection: close\r\n\r\n",
    ] {
        let flood = format!("{head}{rest}").into_bytes();
        let server = Server::new(move |_| Reply::Flood(flood.clone()));
        let error = pull_fails(&server);
        assert!(matches!(error, RegistryError::TooLarge { .. }), "{error}");
    }
}

#[test]
fn more_signatures_than_a_pack_may_have_are_refused() {
    let most = settings().limits.referrers_max;
    let pack = (0..=most).fold(Pack::new("1.0.0"), |pack, at| pack.signed(&at.to_string()));
    let server = Server::new(move |asked| honest(&pack, asked));
    let error = pull_fails(&server);
    assert!(matches!(error, RegistryError::TooLarge { .. }), "{error}");
}
