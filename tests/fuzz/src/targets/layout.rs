//! Image layouts in a tar: what is read holds together, and reads the same when it
//! is written anew.

use ed25519_dalek::SigningKey;
use gatewright_pack::{Layout, PackDraft, PolicyDraft, Sha256, sign};
use gatewright_policy::{Authority, Power};

/// A component that exports what a judge does, and does nothing.
const COMPONENT: &str = r#"(component (instance $judging)
    (export "gatewright:policy/judging@0.1.0" (instance $judging)))"#;

/// A signed pack of one policy.
pub(crate) fn seed() -> Vec<u8> {
    let policy = PolicyDraft {
        name: "paths".to_owned(),
        description: "Paths".to_owned(),
        component: wat::parse_str(COMPONENT).unwrap(),
        authority: [Power::Deny].into_iter().collect::<Authority>(),
        settings_schema: None,
        settings: None,
        cases: None,
        fuel_max: None,
    };
    let draft = PackDraft {
        name: "acme/guards".parse().unwrap(),
        revision: "1.0.0".to_owned(),
        version: 1,
        expires: None,
        description: None,
        policies: vec![policy],
    };
    // A key of the tests, and of nobody.
    let signed = sign(&draft.build().unwrap(), &SigningKey::from_bytes(&[1; 32])).unwrap();
    let mut tar = Vec::new();
    signed.write_tar(&mut tar).unwrap();
    tar
}

pub(super) fn run(bytes: &[u8]) -> bool {
    let Ok(layout) = Layout::from_tar(bytes) else {
        return false;
    };
    for (digest, blob) in layout.blobs() {
        assert_eq!(*digest, Sha256::of(blob), "each blob is what names it");
    }
    let mut tar = Vec::new();
    layout.write_tar(&mut tar).unwrap();
    let again = Layout::from_tar(&tar[..]).unwrap();
    assert_eq!(layout.pack_manifest(), again.pack_manifest());
    assert!(layout.blobs().eq(again.blobs()));
    assert!(layout.envelopes().eq(again.envelopes()));
    true
}
