//! What verification refuses: a row for each reason.

use gatewright_policy::pattern::Pattern;
use gatewright_policy::{Power, Timestamp};
use gatewright_sandbox::Contract;

use super::fixture::{
    acme, component_of, draft, key, now, policy, refusal, signed, trust, unsigned, verified,
};
use crate::{
    Age, ImageManifest, Layout, LayoutError, PackManifest, Publisher, Refusal, Sha256, TrustPolicy,
    sign, signed_by, verify,
};

#[test]
fn a_pack_that_its_publisher_signed_is_verified() {
    let pack = verified(1);
    assert_eq!(pack.publisher(), "acme");
    assert_eq!(pack.signers().len(), 1);
    let policy = pack.policy("queries").unwrap();
    assert_eq!(policy.component.len() as u64, policy.entry.bytes);
    assert_eq!(pack.policies().count(), 2);
}

#[test]
fn a_pack_that_nobody_signed_is_refused() {
    let refused = refusal(unsigned(1), acme());
    assert!(matches!(refused, Refusal::NotSigned { .. }), "{refused}");
}

#[test]
fn a_signature_by_an_untrusted_key_is_refused() {
    let stranger = sign(&unsigned(1), &key(9)).unwrap();
    let refused = refusal(stranger, acme());
    let Refusal::UntrustedKeys { named, .. } = &refused else {
        panic!("{refused}");
    };
    assert_eq!(named.len(), 1);
    assert!(refused.to_string().contains(&named[0]), "{refused}");
}

/// The key id is what somebody wrote there: it neither gives nor takes trust.
#[test]
fn the_key_id_of_a_signature_is_only_a_hint() {
    let swap = |layout: &Layout, id: &str| {
        let envelopes = layout.envelopes().map(|envelope| {
            let mut json: serde_json::Value = serde_json::from_slice(envelope).unwrap();
            json["signatures"][0]["keyid"] = id.into();
            serde_json::to_vec(&json).unwrap()
        });
        let envelopes = envelopes.collect();
        layout.with_envelopes(envelopes).unwrap()
    };
    let trusted = gatewright_policy::credential::did_key(&key(1).verifying_key());
    let claimed = swap(&sign(&unsigned(1), &key(9)).unwrap(), &trusted);
    let refused = refusal(claimed, acme());
    assert!(
        matches!(refused, Refusal::UntrustedKeys { .. }),
        "{refused}"
    );
    let renamed = swap(&signed(1), "nobody");
    verify(renamed, &trust(acme()), Age::NotBelow(None), now()).unwrap();
}

#[test]
fn too_few_signatures_are_refused_and_a_key_counts_once() {
    let two = || Publisher {
        keys: vec![key(1).verifying_key(), key(2).verifying_key()],
        threshold: 2,
        ..acme()
    };
    let refused = refusal(signed(1), two());
    assert!(
        matches!(
            refused,
            Refusal::TooFewSignatures {
                have: 1,
                need: 2,
                ..
            }
        ),
        "{refused}"
    );
    // The same key, twice in the envelope.
    let mut layout = signed(1);
    let envelope = layout.envelopes().next().unwrap();
    let mut json: serde_json::Value = serde_json::from_slice(envelope).unwrap();
    let mut again = json["signatures"][0].clone();
    again["keyid"] = "another".into();
    json["signatures"].as_array_mut().unwrap().push(again);
    layout = layout
        .with_envelopes(vec![serde_json::to_vec(&json).unwrap()])
        .unwrap();
    let refused = refusal(layout, two());
    assert!(
        matches!(refused, Refusal::TooFewSignatures { have: 1, .. }),
        "{refused}"
    );
    // The same key, twice in the configuration.
    let twice = Publisher {
        keys: vec![key(1).verifying_key(); 2],
        ..two()
    };
    let refused = refusal(signed(1), twice);
    assert!(
        matches!(refused, Refusal::TooFewSignatures { have: 1, .. }),
        "{refused}"
    );
    let both = sign(&signed(1), &key(2)).unwrap();
    assert_eq!(signed_by(&both).unwrap().len(), 2);
    let pack = verify(both, &trust(two()), Age::NotBelow(None), now()).unwrap();
    assert_eq!(pack.signers().len(), 2);
}

#[test]
fn signatures_in_several_envelopes_count_together() {
    let one = signed(1);
    let other = sign(&unsigned(1), &key(2)).unwrap();
    let envelopes = one.envelopes().chain(other.envelopes());
    let envelopes = envelopes.map(<[u8]>::to_vec).collect();
    let both = unsigned(1).with_envelopes(envelopes).unwrap();
    let two = Publisher {
        keys: vec![key(1).verifying_key(), key(2).verifying_key()],
        threshold: 2,
        ..acme()
    };
    verify(both, &trust(two), Age::NotBelow(None), now()).unwrap();
}

#[test]
fn a_threshold_of_nobody_trusts_nobody() {
    let nobody = Publisher {
        threshold: 0,
        ..acme()
    };
    let refused = refusal(unsigned(1), nobody.clone());
    assert!(matches!(refused, Refusal::NotSigned { .. }), "{refused}");
    let refused = refusal(signed(1), nobody);
    assert!(
        matches!(refused, Refusal::TooFewSignatures { .. }),
        "{refused}"
    );
}

#[test]
fn a_name_that_the_publisher_may_not_use_is_refused() {
    let mut other = draft(1);
    other.name = "globex/guards".parse().unwrap();
    let refused = refusal(sign(&other.build().unwrap(), &key(1)).unwrap(), acme());
    assert!(matches!(refused, Refusal::NoPublisher { .. }), "{refused}");
    let trust = TrustPolicy {
        publishers: vec![
            acme(),
            Publisher {
                name: "globex".to_owned(),
                packs: vec![Pattern::new("*")],
                ..acme()
            },
        ],
    };
    let refused = verify(signed(1), &trust, Age::NotBelow(None), now()).unwrap_err();
    assert!(
        matches!(refused, Refusal::SeveralPublishers { .. }),
        "{refused}"
    );
    let nobody = TrustPolicy::default();
    let refused = verify(signed(1), &nobody, Age::NotBelow(None), now()).unwrap_err();
    assert!(matches!(refused, Refusal::NoPublisher { .. }), "{refused}");
}

#[test]
fn trust_in_a_publisher_ends_at_its_time() {
    let until = |at: Timestamp| Publisher {
        expires: Some(at),
        ..acme()
    };
    let refused = refusal(signed(1), until(now()));
    assert!(
        matches!(refused, Refusal::PublisherExpired { at, .. } if at == now()),
        "{refused}"
    );
    let later = until(Timestamp(now().0 + 1));
    verify(signed(1), &trust(later), Age::NotBelow(None), now()).unwrap();
}

#[test]
fn a_pack_ends_at_its_time() {
    let until = |at: Timestamp| {
        let mut draft = draft(1);
        draft.expires = Some(at);
        sign(&draft.build().unwrap(), &key(1)).unwrap()
    };
    let refused = refusal(until(now()), acme());
    assert!(
        matches!(refused, Refusal::PackExpired { at, .. } if at == now()),
        "{refused}"
    );
    let later = until(Timestamp(now().0 + 1));
    verify(later, &trust(acme()), Age::NotBelow(None), now()).unwrap();
}

#[test]
fn an_older_version_is_refused_until_it_is_allowed() {
    let at = |age| verify(signed(6), &trust(acme()), age, now());
    let refused = at(Age::NotBelow(Some(7))).unwrap_err();
    assert!(
        matches!(
            refused,
            Refusal::Older {
                version: 6,
                seen: 7,
                ..
            }
        ),
        "{refused}"
    );
    at(Age::NotBelow(Some(6))).unwrap();
    at(Age::NotBelow(None)).unwrap();
    at(Age::Any).unwrap();
}

#[test]
fn authority_beyond_the_publishers_is_refused() {
    let narrow = Publisher {
        authority: [Power::Deny].into_iter().collect(),
        ..acme()
    };
    let refused = refusal(signed(1), narrow);
    assert!(
        matches!(&refused, Refusal::Authority { policy, power: Power::Ask, .. } if policy == "queries"),
        "{refused}"
    );
}

#[test]
fn a_component_that_is_no_policy_is_not_built() {
    for bad in [&b""[..], b"\0asm", b"\0asm\x01\0\0\0"] {
        let mut draft = draft(1);
        draft.policies[1].component = bad.to_vec();
        let error = draft.build().unwrap_err().to_string();
        assert!(error.contains("`queries`"), "{error}");
    }
}

/// The same pack, signed with another manifest.
fn changed(layout: &Layout, change: impl FnOnce(&mut PackManifest)) -> Layout {
    let mut manifest = PackManifest::parse(layout.pack_manifest()).unwrap();
    change(&mut manifest);
    let bytes = manifest.to_bytes().unwrap();
    let mut image: ImageManifest = layout.manifest().clone();
    image.layers[0].digest = Sha256::of(&bytes);
    image.layers[0].size = bytes.len() as u64;
    let blobs = layout.blobs().map(|(_, blob)| blob.to_vec()).chain([bytes]);
    let image = serde_json::to_vec(&image).unwrap();
    let changed = Layout::assemble(None, image, Vec::new(), blobs).unwrap();
    sign(&changed, &key(1)).unwrap()
}

/// Whoever holds the key can sign a manifest that says something else than its
/// components are; the gate looks for itself.
#[test]
fn a_manifest_that_describes_another_component_is_refused() {
    let layout = unsigned(1);
    type Change = fn(&mut PackManifest);
    let changes: [(&str, Change); 6] = [
        ("contract", |manifest| {
            manifest.contract = "gatewright:policy@0.2.0".to_owned();
        }),
        ("imports", |manifest| {
            manifest.policies[0].imports.pop();
        }),
        ("world", |manifest| {
            manifest.policies[0].world = "editor".to_owned();
        }),
        ("digest", |manifest| {
            manifest.policies[0].digest = manifest.policies[1].digest;
        }),
        ("sha256", |manifest| {
            manifest.policies[0].sha256 = Sha256::of(b"another");
        }),
        ("bytes", |manifest| manifest.policies[0].bytes += 1),
    ];
    for (member, change) in changes {
        let refused = refusal(changed(&layout, change), acme());
        let Refusal::NotAsDescribed { member: found, .. } = refused else {
            panic!("{member}: {refused}");
        };
        assert_eq!(found, member);
    }
}

/// The manifest names the newest contract of its components, and none of them
/// is newer than it says.
#[test]
fn a_pack_holds_policies_of_several_contracts() {
    let mut draft = draft(1);
    draft.policies[1].component = component_of("0.2.0", &["arguments"], 1);
    let layout = draft.build().unwrap();
    let signed = sign(&layout, &key(1)).unwrap();
    let pack = verify(signed, &trust(acme()), Age::NotBelow(None), now()).unwrap();
    assert_eq!(pack.manifest().contract, "gatewright:policy@0.2.0");
    let contracts: Vec<_> = pack.policies().map(|policy| policy.contract).collect();
    assert_eq!(contracts, [Contract::V0_1, Contract::V0_2]);

    let older = changed(&layout, |manifest| {
        manifest.contract = "gatewright:policy@0.1.0".to_owned();
    });
    let refused = refusal(older, acme()).to_string();
    assert!(
        refused.contains("`queries`") && refused.contains("`gatewright:policy@0.2.0`"),
        "{refused}"
    );
}

#[test]
fn a_signature_of_another_pack_is_refused() {
    let other = signed(2);
    let envelopes = other.envelopes().map(<[u8]>::to_vec).collect();
    // Attached by its own manifest, whose subject is this pack.
    let moved = unsigned(1).with_envelopes(envelopes).unwrap();
    let refused = refusal(moved, acme());
    assert!(matches!(refused, Refusal::Envelope { .. }), "{refused}");
    assert!(refused.to_string().contains("`subject`"), "{refused}");
    // With the manifest that names the other pack.
    let this = unsigned(1);
    let other = signed(2);
    let manifest = other.signatures().next().unwrap().digest;
    let manifest = other.blob(&manifest).unwrap().to_vec();
    let blobs = this.blobs().chain(other.blobs());
    let blobs: Vec<_> = blobs.map(|(_, blob)| blob.to_vec()).collect();
    let image = this.blob(&this.image().digest).unwrap().to_vec();
    let error = Layout::assemble(None, image, vec![manifest], blobs).unwrap_err();
    assert!(matches!(error, LayoutError::Subject { .. }), "{error}");
}

#[test]
fn what_was_built_twice_is_the_same() {
    let tar = |layout: &Layout| {
        let mut bytes = Vec::new();
        layout.write_tar(&mut bytes).unwrap();
        bytes
    };
    assert_eq!(tar(&signed(1)), tar(&signed(1)));
    assert_ne!(tar(&signed(1)), tar(&signed(2)));
    // Signing again with the same key changes nothing.
    assert_eq!(tar(&signed(1)), tar(&sign(&signed(1), &key(1)).unwrap()));
}

#[test]
fn a_signer_whose_signature_does_not_hold_is_found_out() {
    struct Broken;
    impl crate::Signer for Broken {
        fn public_key(&self) -> ed25519_dalek::VerifyingKey {
            key(1).verifying_key()
        }
        fn sign(&self, message: &[u8]) -> Result<ed25519_dalek::Signature, String> {
            crate::Signer::sign(&key(2), message)
        }
    }
    assert!(sign(&unsigned(1), &Broken).is_err());
}

#[test]
fn drift_is_what_a_version_asks_for_beyond_another() {
    use crate::{Ask, Drift, PackManifest};
    let old = PackManifest::parse(unsigned(1).pack_manifest()).unwrap();
    let mut new = draft(2);
    new.policies[0] = policy(
        "paths",
        &["types", "arguments", "history"],
        &[Power::Deny, Power::Allow],
    );
    new.policies.swap(0, 1);
    let new = PackManifest::parse(new.build().unwrap().pack_manifest()).unwrap();
    let drift = Drift::between(&old, &new);
    let texts: Vec<_> = drift.0.iter().map(Ask::to_string).collect();
    assert_eq!(
        texts,
        [
            "paths imports gatewright:policy/history@0.1.0",
            "paths asks for allow",
        ]
    );
    assert!(Drift::between(&new, &old).is_empty());
    assert!(drift.clone().without(&drift.0).is_empty());
}
