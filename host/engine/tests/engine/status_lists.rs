//! Status lists, as somebody fetched them: no older one counts, whichever gate knew a newer
//! one.

use std::sync::{Arc, Mutex};
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

/// A gate that fetches one list, and what its memory says of that.
async fn gate() -> (Gate, Counted, Status, ListKey) {
    let issuer = did_key(&key().verifying_key());
    let config = format!(
        "[[issuer]]\nid = \"{issuer}\"\nscopes = [\"files:*\"]\nstatus_lists = [\"{LIST}\"]"
    );
    let mut gate = Gate::new(&config, &[]);
    let memory = Counting::new(gate.folder.path());
    let counted = Counted {
        newest: Arc::clone(&memory.newest),
        disowned: Arc::clone(&memory.disowned),
    };
    memory.start(&mut gate).await;
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
    let engine = gate.engine();
    engine.agents().statuses().want(&status, engine.now());
    (gate, counted, status, key)
}

/// What the memory of a gate says.
struct Counted {
    newest: Arc<Mutex<Result<Option<Timestamp>, LedgerError>>>,
    disowned: Arc<Mutex<Option<Timestamp>>>,
}

#[tokio::test]
async fn an_older_list_than_another_gate_knew_does_not_count_and_nobody_guesses() {
    let (gate, Counted { newest, .. }, status, key) = gate().await;
    let engine = gate.engine();
    let (statuses, now) = (engine.agents().statuses(), engine.now());
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

#[tokio::test]
async fn a_kept_list_gives_way_to_an_older_one_only_where_an_operator_disowned_it() {
    let (gate, said, status, key) = gate().await;
    let engine = gate.engine();
    let (statuses, now) = (engine.agents().statuses(), engine.now());
    let seconds = now.seconds();
    // Both clocks were ahead when it was made.
    let ahead = Timestamp::from_seconds(seconds);
    let right = Timestamp::from_seconds(seconds - 600);
    let before = Timestamp::from_seconds(seconds - 1200);
    let (first, second) = (list(ahead, false), list(right, true));
    *said.newest.lock().unwrap() = Ok(Some(ahead));
    engine.put_status(&key, Ok(&first)).await.unwrap();
    assert_eq!(statuses.admits(&status, false, now), Ok(()));
    // A memory that forgot what it knew says nothing of the list that is kept here.
    for (newest, disowned) in [
        (None, None),
        (Some(right), None),
        (Some(right), Some(Timestamp(ahead.0 - 1))),
        (Some(ahead), Some(ahead)),
    ] {
        *said.newest.lock().unwrap() = Ok(newest);
        *said.disowned.lock().unwrap() = disowned;
        let put = engine.put_status(&key, Ok(&second)).await;
        assert!(matches!(put, Err(ListError::Older)), "{newest:?} {put:?}");
        assert_eq!(statuses.admits(&status, false, now), Ok(()));
    }
    *said.newest.lock().unwrap() = Ok(Some(right));
    *said.disowned.lock().unwrap() = Some(ahead);
    engine.put_status(&key, Ok(&second)).await.unwrap();
    let admitted = statuses.admits(&status, false, now);
    assert_eq!(admitted, Err(Stopped::REVOKED));
    // What is older than the memory knows now does not count for that.
    let put = engine.put_status(&key, Ok(&list(before, false))).await;
    assert!(matches!(put, Err(ListError::Older)), "{put:?}");
    let admitted = statuses.admits(&status, false, now);
    assert_eq!(admitted, Err(Stopped::REVOKED));
}
