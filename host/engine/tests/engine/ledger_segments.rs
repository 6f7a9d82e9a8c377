//! Segments of the ledger: rotation, damage, a lost salt, and time.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use gatewright_engine::Engine;
use gatewright_engine::ledger::{
    Durability, FileLedger, Ledger as _, LedgerOpenError, RotateWhen, repair, sealed_segments,
};
use gatewright_policy::record::{Entry, Event};
use gatewright_policy::request::PastOutcome;
use gatewright_policy::segment::LedgerEvent;
use gatewright_policy::{Digest, Reason, Timestamp};

use crate::gate::{ALLOW, Gate, binding, denied, entries, judge, permit, result};
use crate::reloads::until;
use crate::results::{CHARGE, reviewer};

/// A gate that charges each call to a budget of two an hour, and whose reviewer
/// leaves a label.
async fn spending() -> Gate {
    let config = binding("charge", "authority = [\"allow\", \"charge\"]") + &binding("review", "");
    let components = [("charge.wasm", judge(CHARGE)), ("review.wasm", reviewer())];
    Gate::started(&config, &components).await
}

/// One call, its label and its end.
async fn spend(gate: &Gate, id: &str) {
    let (_, _, mut pending) = permit(gate.tool(id, "{}").await).redeem();
    let _reviewed = pending.review(result(r#"{"text":"x"}"#)).await;
    let completed = pending.complete(PastOutcome::Allowed, None, "").await;
    completed.unwrap();
}

/// That the second call of the hour is the last, and that the label is there.
async fn assert_remembers(gate: &Gate, hour: u64) {
    let (_, history) = gate.context();
    assert_eq!(gate.labels(), ["tainted"]);
    assert_eq!((history.len(), &*history[0].name), (1, "read"));
    assert_eq!(history[0].outcome, PastOutcome::Allowed);
    spend(gate, "2").await;
    let third = gate.tool("3", "{}").await;
    // An hour may end in the middle of a test.
    if hour_of(gate) == hour {
        assert_eq!(denied(third).reason, Reason::QuotaExceeded);
    }
}

fn hour_of(gate: &Gate) -> u64 {
    gate.engine().now().seconds() / 3600
}

/// Every entry of every segment, in order.
fn all_entries(path: &Path) -> Vec<Entry> {
    let older = sealed_segments(path).unwrap();
    let mut paths: Vec<PathBuf> = older.into_iter().map(|(_, path)| path).collect();
    paths.push(path.to_owned());
    paths.iter().flat_map(|path| entries(path)).collect()
}

fn assert_no_gaps(entries: &[Entry]) {
    for (place, entry) in entries.iter().enumerate() {
        assert_eq!(entry.sequence, place as u64);
    }
}

fn started() -> Event {
    Event::Started {
        version: "test".to_owned(),
        record: 2,
        key: None,
    }
}

/// A file beside the ledger.
fn beside(path: &Path, more: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(more);
    PathBuf::from(name)
}

fn start_error(gate: &Gate) -> String {
    let opened = FileLedger::open(&gate.ledger_path(), gate_time());
    opened.map(|_| ()).unwrap_err().to_string()
}

fn gate_time() -> Timestamp {
    let elapsed = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap();
    Timestamp(u64::try_from(elapsed.as_millis()).unwrap())
}

#[tokio::test]
async fn a_start_on_a_new_segment_remembers_everything() {
    let mut gate = spending().await;
    let (hour, path) = (hour_of(&gate), gate.ledger_path());
    spend(&gate, "1").await;
    let rotated = gate.engine().rotate().await.unwrap().unwrap();
    assert_eq!(gate.engine().rotate().await, Ok(None), "nothing happened");
    assert_no_gaps(&all_entries(&path));
    let first = entries(&path).remove(0);
    let Event::Ledger(LedgerEvent::Continued(first)) = first.event else {
        panic!("{first:?}")
    };
    let previous = first.previous.unwrap();
    assert_eq!(rotated.sealed.file_name().unwrap(), &*previous.file);
    let sealed = fs::read(&rotated.sealed).unwrap();
    assert_eq!(previous.digest, Digest::of(&sealed));
    // A start reads the newest segment only: the older ones may be archived.
    fs::remove_file(&rotated.sealed).unwrap();
    gate.stop();
    gate.start().await;
    assert_eq!(gate.engine().status().generation, 2);
    assert_remembers(&gate, hour).await;
}

#[tokio::test]
async fn a_call_that_ends_in_the_next_segment_ends_all_the_same() {
    let mut gate = Gate::started(&binding("a", ""), &[("a.wasm", judge(ALLOW))]).await;
    let (_, _, pending) = permit(gate.tool("1", "{}").await).redeem();
    gate.engine().rotate().await.unwrap().unwrap();
    let completed = pending.complete(PastOutcome::Allowed, None, "").await;
    completed.unwrap();
    gate.stop();
    gate.start().await;
    let (_, history) = gate.context();
    assert_eq!(history.len(), 1);
    assert_eq!(history[0].outcome, PastOutcome::Allowed);
}

#[tokio::test(flavor = "multi_thread")]
async fn rotations_under_load_lose_nothing() {
    const ROTATIONS: usize = 8;
    let gate = Gate::started(&binding("a", ""), &[("a.wasm", judge(ALLOW))]).await;
    let gate = Arc::new(gate);
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let callers: Vec<_> = (0..4)
        .map(|caller| {
            let (gate, stopped) = (Arc::clone(&gate), stopped.clone());
            tokio::spawn(async move {
                let mut ids = Vec::new();
                while !*stopped.borrow() {
                    let id = format!("{caller}-{}", ids.len());
                    drop(permit(gate.tool(&id, "{}").await));
                    ids.push(id);
                }
                ids
            })
        })
        .collect();
    let mut rotated = 0;
    while rotated < ROTATIONS {
        rotated += usize::from(gate.engine().rotate().await.unwrap().is_some());
        tokio::task::yield_now().await;
    }
    stop.send_replace(true);
    let mut permitted = Vec::new();
    for caller in callers {
        permitted.extend(caller.await.unwrap());
    }
    let entries = all_entries(&gate.ledger_path());
    assert_no_gaps(&entries);
    let recorded = entries.into_iter().filter_map(|entry| match entry.event {
        Event::Decided(decided) => Some(decided.id),
        _ => None,
    });
    let mut recorded: Vec<_> = recorded.collect();
    recorded.sort();
    permitted.sort();
    assert_eq!(recorded, permitted);
    assert_eq!(
        sealed_segments(&gate.ledger_path()).unwrap().len(),
        ROTATIONS
    );
}

#[tokio::test]
async fn a_segment_that_is_long_or_old_is_sealed_by_itself() {
    let never = RotateWhen {
        bytes: u64::MAX,
        after: Duration::MAX,
    };
    let (long, old) = (
        RotateWhen { bytes: 1, ..never },
        RotateWhen {
            after: Duration::from_millis(1),
            ..never
        },
    );
    for when in [long, old] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.jsonl");
        let (ledger, _) = FileLedger::open_with(&path, Timestamp(1), when).unwrap();
        for count in 1..3 {
            let appended = ledger.append(Timestamp(1), started(), Durability::Written);
            appended.await.unwrap();
            until("sealed", async || {
                sealed_segments(&path).unwrap().len() == count
            })
            .await;
        }
        drop(ledger);
        assert_no_gaps(&all_entries(&path));
    }
}

#[tokio::test]
async fn the_way_that_a_damaged_ledger_hints_at_keeps_budgets_and_labels() {
    let mut gate = spending().await;
    let (hour, path) = (hour_of(&gate), gate.ledger_path());
    spend(&gate, "1").await;
    gate.stop();
    let whole = fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = whole.lines().collect();
    // Before what must be kept, and after it.
    for damaged_line in [1, lines.len() - 1] {
        let mut damaged = lines.clone();
        damaged.insert(damaged_line, "{\"sequence\":nonsense}");
        let damaged = damaged.join("\n") + "\n";
        fs::write(&path, &damaged).unwrap();
        let error = start_error(&gate);
        let named = format!("damaged at line {}", damaged_line + 1);
        assert!(error.contains(&named), "{error}");
        assert!(error.contains("hint: `gatewright log repair`"), "{error}");

        let mended = repair(&path, gate_time(), false).unwrap().unwrap();
        assert_eq!(mended.unreadable, 1);
        let sealed = mended.sealed.unwrap();
        assert_eq!(fs::read_to_string(&sealed).unwrap(), damaged);
        assert_eq!(repair(&path, gate_time(), false).unwrap(), None);
        gate.start().await;
        assert_eq!(gate.engine().status().generation, 2);
        assert_remembers(&gate, hour).await;
        gate.stop();
        fs::remove_file(sealed).unwrap();
    }
}

/// What a new segment does not say of the ones before it, they say themselves.
#[tokio::test]
async fn a_damaged_beginning_of_a_segment_washes_nothing_off() {
    let mut gate = spending().await;
    let (hour, path) = (hour_of(&gate), gate.ledger_path());
    spend(&gate, "1").await;
    gate.engine().rotate().await.unwrap().unwrap();
    gate.stop();
    let text = fs::read_to_string(&path).unwrap();
    for carried in ["carried-session", "carried-budgets"] {
        let damaged = text.replacen(carried, "nonsense", 1);
        assert_ne!(damaged, text);
        fs::write(&path, damaged).unwrap();
        assert!(start_error(&gate).contains("damaged at line"));
        let mended = repair(&path, gate_time(), false).unwrap().unwrap();
        gate.start().await;
        assert_remembers(&gate, hour).await;
        gate.stop();
        fs::remove_file(mended.sealed.unwrap()).unwrap();
    }
}

#[tokio::test]
async fn a_ledger_that_is_gone_is_not_begun_anew_by_itself() {
    let deeds: [fn(&Path); 2] = [
        |path| fs::remove_file(path).unwrap(),
        |path| fs::write(path, "").unwrap(),
    ];
    for deed in deeds {
        let mut gate = spending().await;
        let (hour, path) = (hour_of(&gate), gate.ledger_path());
        spend(&gate, "1").await;
        gate.engine().rotate().await.unwrap().unwrap();
        gate.stop();
        deed(&path);
        let error = start_error(&gate);
        assert!(error.contains("is gone or empty"), "{error}");
        repair(&path, gate_time(), false).unwrap().unwrap();
        gate.start().await;
        assert_remembers(&gate, hour).await;
    }
}

#[tokio::test]
async fn without_its_salt_a_ledger_is_not_opened() {
    let mut gate = spending().await;
    let (hour, path) = (hour_of(&gate), gate.ledger_path());
    spend(&gate, "1").await;
    gate.stop();
    let (ledger, place) = (fs::read(&path).unwrap(), beside(&path, ".salt"));
    let salt = fs::read(&place).unwrap();
    assert_eq!(salt.len(), 32);
    for bad in [None, Some(&salt[..31]), Some(&[7; 33][..]), Some(&[][..])] {
        match bad {
            None => fs::remove_file(&place).unwrap(),
            Some(bytes) => fs::write(&place, bytes).unwrap(),
        }
        let error = start_error(&gate);
        assert!(error.contains("--new-salt"), "{error}");
        assert_eq!(fs::read(&path).unwrap(), ledger, "it stays as it is");
        assert!(matches!(
            repair(&path, gate_time(), false),
            Err(LedgerOpenError::Salt { .. })
        ));
    }
    // With another salt nobody could read what the session carries.
    let error = repair(&path, gate_time(), true).unwrap_err();
    assert!(
        matches!(error, LedgerOpenError::Unreadable { .. }),
        "{error}"
    );
    fs::write(&place, &salt).unwrap();
    gate.start().await;
    assert_remembers(&gate, hour).await;
}

#[tokio::test]
async fn a_new_salt_gives_no_budget_back() {
    let config = binding("charge", "authority = [\"allow\", \"charge\"]");
    let mut gate = Gate::started(&config, &[("charge.wasm", judge(CHARGE))]).await;
    let (hour, path) = (hour_of(&gate), gate.ledger_path());
    spend(&gate, "1").await;
    gate.stop();
    let place = beside(&path, ".salt");
    let salt = fs::read(&place).unwrap();
    fs::remove_file(&place).unwrap();
    repair(&path, gate_time(), true).unwrap().unwrap();
    assert_ne!(fs::read(&place).unwrap(), salt);
    gate.start().await;
    spend(&gate, "2").await;
    let third = gate.tool("3", "{}").await;
    if hour_of(&gate) == hour {
        assert_eq!(denied(third).reason, Reason::QuotaExceeded);
    }
}

#[tokio::test]
async fn a_good_salt_that_is_replaced_is_kept_beside_the_new_one() {
    let config = binding("charge", "authority = [\"allow\", \"charge\"]");
    let mut gate = Gate::started(&config, &[("charge.wasm", judge(CHARGE))]).await;
    let path = gate.ledger_path();
    for time in 0..2 {
        spend(&gate, &time.to_string()).await;
        gate.stop();
        let salt = fs::read(beside(&path, ".salt")).unwrap();
        let mended = repair(&path, gate_time(), true).unwrap().unwrap();
        assert_eq!((mended.generation, mended.budgets), (1 + time, 1));
        assert_eq!(fs::read(mended.old_salt.unwrap()).unwrap(), salt);
        assert_ne!(fs::read(beside(&path, ".salt")).unwrap(), salt);
        gate.start().await;
    }
}

/// A crash between the first entry and the salt's last step.
#[tokio::test]
async fn a_salt_that_was_just_made_is_found_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.jsonl");
    let (ledger, _) = FileLedger::open(&path, Timestamp(1)).unwrap();
    let salt = *ledger.salt();
    assert!(!beside(&path, ".salt").exists(), "there is no entry yet");
    drop(ledger);
    let (ledger, _) = FileLedger::open(&path, Timestamp(1)).unwrap();
    assert_ne!(*ledger.salt(), salt, "nothing was keyed with it");
    let appended = ledger.append(Timestamp(1), started(), Durability::Synced);
    appended.await.unwrap();
    let salt = *ledger.salt();
    drop(ledger);
    fs::rename(beside(&path, ".salt"), beside(&path, ".salt.new")).unwrap();
    let (ledger, _) = FileLedger::open(&path, Timestamp(1)).unwrap();
    assert_eq!(*ledger.salt(), salt);
}

/// It may have been answered for.
#[tokio::test]
async fn a_last_entry_without_its_line_feed_counts() {
    let mut gate = spending().await;
    let (hour, path) = (hour_of(&gate), gate.ledger_path());
    spend(&gate, "1").await;
    gate.stop();
    let mut text = fs::read_to_string(&path).unwrap();
    assert_eq!(text.pop(), Some('\n'));
    fs::write(&path, &text).unwrap();
    gate.start().await;
    assert_no_gaps(&gate.entries());
    assert!(
        fs::read_to_string(&path)
            .unwrap()
            .starts_with(&(text + "\n"))
    );
    assert_remembers(&gate, hour).await;
}

#[tokio::test]
async fn a_torn_end_is_kept_and_shows_in_the_status() {
    let mut gate = spending().await;
    gate.stop();
    let path = gate.ledger_path();
    let mut text = fs::read_to_string(&path).unwrap();
    text.push_str("{\"sequence\":2,\"at");
    fs::write(&path, text).unwrap();
    gate.start().await;
    let cut = gate.engine().status().segment.unwrap().cut.unwrap();
    let kept = fs::read_to_string(path.with_file_name(&cut.kept)).unwrap();
    assert_eq!((kept.as_str(), cut.bytes), ("{\"sequence\":2,\"at", 17));
    let noted = |entry: &Entry| entry.event == Event::Ledger(LedgerEvent::Cut(cut.clone()));
    assert!(gate.entries().iter().any(noted));
    assert_no_gaps(&gate.entries());
}

static CLOCK: AtomicU64 = AtomicU64::new(0);

fn clock() -> Timestamp {
    Timestamp(CLOCK.load(Ordering::Relaxed))
}

#[tokio::test]
async fn time_does_not_run_back_when_the_clock_does_also_across_a_restart() {
    let gate = Gate::new(&binding("a", ""), &[("a.wasm", judge(ALLOW))]);
    let loaded = gate.loaded();
    let open = || {
        let (ledger, past) = FileLedger::open(&gate.ledger_path(), clock()).unwrap();
        Engine::with_ledger(&loaded, Box::new(ledger), past, clock).unwrap()
    };
    let at = |seconds| CLOCK.store(Timestamp::from_seconds(seconds).0, Ordering::Relaxed);
    at(10_000);
    let engine = open();
    engine.activate(&loaded).await.unwrap();
    at(2_800);
    assert_eq!(engine.now(), Timestamp::from_seconds(10_000));
    assert_eq!(engine.status().clock_behind_seconds, Some(7_200));
    engine.rotate().await.unwrap().unwrap();
    drop(engine);
    let engine = open();
    assert_eq!(engine.now(), Timestamp::from_seconds(10_000));
    assert_eq!(engine.status().clock_behind_seconds, Some(7_200));
    at(10_001);
    assert_eq!(engine.now(), Timestamp::from_seconds(10_001));
    assert_eq!(engine.status().clock_behind_seconds, None);
}
