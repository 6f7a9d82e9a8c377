//! Status lists, as somebody fetched them: no older one counts, whichever gate knew a newer
//! one.

use std::sync::Arc;
use std::time::Duration;

use ed25519_dalek::SigningKey;
use gatewright_engine::agents::{ListError, ListKey};
use gatewright_engine::ledger::LedgerError;
use gatewright_policy::credential::status::{
    Entries, Entry, ListClaims, ListKind, Status, StatusRef,
};
use gatewright_policy::credential::{Signer, did_key};
use gatewright_policy::{Stopped, Timestamp};

use crate::counting::Counting;
use crate::gate::Gate;

const LIST: &str = "https://id.example.org/lists/1";

fn key() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

/// A list that was made then; entry 1 was revoked in it, or was not yet.
fn list(issued: Timestamp, is_revoked: bool) -> String {
    let mut entries = Entries::new(8);
    if is_revoked {
        entries.set(1, Entry::Revoked).unwrap();
    }
    let claims = ListClaims {
        url: LIST.to_owned(),
        issued,
        ttl: Duration::from_secs(3600),
        ends: issued.plus(Duration::from_secs(86_400)),
    };
    entries.sign(&claims, &Signer::of_key(&key())).unwrap()
}

#[tokio::test]
async fn an_older_list_than_another_gate_knew_does_not_count_and_nobody_guesses() {
    let issuer = did_key(&key().verifying_key());
    let config = format!(
        "[[issuer]]\nid = \"{issuer}\"\nscopes = [\"files:*\"]\nstatus_lists = [\"{LIST}\"]"
    );
    let mut gate = Gate::new(&config, &[]);
    let memory = Counting::new(gate.folder.path());
    let newest = Arc::clone(&memory.newest);
    memory.start(&mut gate).await;
    let engine = gate.engine();
    let (statuses, now) = (engine.agents().statuses(), engine.now());
    let status = Status {
        refs: vec![StatusRef {
            list: LIST.into(),
            index: 1,
            kind: ListKind::Token,
        }],
        issuer: issuer.as_str().into(),
        grace: Duration::ZERO,
    };
    let key = ListKey {
        list: LIST.into(),
        issuer: issuer.as_str().into(),
        kind: ListKind::Token,
    };
    statuses.want(&status, now);
    let this_second = Timestamp::from_seconds(now.seconds());
    let before = Timestamp::from_seconds(now.seconds() - 60);
    let (older, newer) = (list(before, false), list(this_second, true));

    let lost = LedgerError::Write("gone".to_owned());
    *newest.lock().unwrap() = Err(lost);
    for text in [&older, &newer] {
        let put = engine.put_status(&key, Ok(text)).await;
        assert!(matches!(put, Err(ListError::Unsure(_))), "{put:?}");
        let admitted = statuses.admits(&status, false, now);
        assert_eq!(admitted, Err(Stopped::STATUS_UNAVAILABLE));
    }

    *newest.lock().unwrap() = Ok(Some(this_second));
    let put = engine.put_status(&key, Ok(&older)).await;
    assert!(matches!(put, Err(ListError::Older)), "{put:?}");
    let admitted = statuses.admits(&status, false, now);
    assert_eq!(admitted, Err(Stopped::STATUS_INVALID));

    engine.put_status(&key, Ok(&newer)).await.unwrap();
    let admitted = statuses.admits(&status, false, now);
    assert_eq!(admitted, Err(Stopped::REVOKED));
}
