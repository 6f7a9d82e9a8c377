//! The state of a gate, simulated: calls, ends of calls, crashes, power cuts, full
//! disks, expiries and clocks that step, drawn from a seed. The ledger is in memory, so
//! that a thousand histories take seconds; everything above it is what ships.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use gatewright_policy::record::{Event, RecordKeys};
use gatewright_policy::request::PastOutcome;
use gatewright_policy::{Decision, Envelope, Grant, Obligation, SealedCall, Timestamp};

use super::dice::Dice;
use super::{allow, charge, deny, grant, hold, judgement_at, label};
use crate::approvals::Found;
use crate::awaited::Awaited;
use crate::judgements::Judgements;
use crate::ledger::{Appending, Durability, End, Ledger, LedgerError, Line, Receipt, past_of};
use crate::memory::FileMemory;
use crate::permit::{self, Pending, Ruling};
use crate::recorder::Recorder;

/// Histories, unless `GATEWRIGHT_SIMULATIONS` says how many.
const SEEDS: u64 = 1000;

/// Steps of each.
const STEPS: usize = 60;

/// Sessions, keys and labels: few, so that they meet.
const FEW: u64 = 4;

/// What every budget allows in a window.
const LIMIT: u64 = 10;

/// Length of a window, in milliseconds.
const WINDOW: u64 = 60_000;

const SALT: [u8; 32] = [7; 32];

/// A disk with one file.
#[derive(Default)]
struct Disk {
    bytes: Vec<u8>,
    /// So many of them survive a power cut.
    synced: usize,
    sequence: u64,
    /// Held calls, in files of their own, and whether they are known to have an entry.
    held: BTreeMap<String, (SealedCall, bool)>,
    fails: Option<Failure>,
}

#[derive(Clone, Copy)]
enum Failure {
    /// Nothing of the entry is there.
    Full,
    /// The entry is there, and nobody is told.
    Unanswered,
}

#[derive(Clone, Default)]
struct Simulated(Arc<Mutex<Disk>>);

impl Simulated {
    fn disk(&self) -> std::sync::MutexGuard<'_, Disk> {
        self.0.lock().unwrap()
    }
}

impl Disk {
    fn write(&mut self, at: Timestamp, event: &Event) -> Result<Receipt, LedgerError> {
        let line = Line::of(at, event)?;
        let sequence = self.sequence;
        line.write(sequence, &mut self.bytes).unwrap();
        self.sequence += 1;
        Ok(Receipt::new(sequence))
    }
}

impl Ledger for Simulated {
    fn append(&self, at: Timestamp, event: Event, durability: Durability) -> Appending<'_> {
        let mut disk = self.disk();
        match disk.fails {
            Some(Failure::Full) => {
                return Appending::there(Err(LedgerError::Write("no space left".into())));
            }
            Some(Failure::Unanswered) => {
                let _written = disk.write(at, &event);
                return Appending::coming(std::future::pending());
            }
            None => {}
        }
        let written = disk.write(at, &event);
        if durability == Durability::Synced {
            disk.synced = disk.bytes.len();
        }
        Appending::there(written)
    }

    fn note(&self, at: Timestamp, event: Event) -> bool {
        let mut disk = self.disk();
        disk.fails.is_none() && disk.write(at, &event).is_ok()
    }

    fn keep<'a>(&'a self, call: &'a SealedCall) -> Awaited<'a, Result<(), LedgerError>> {
        let mut disk = self.disk();
        if matches!(disk.fails, Some(Failure::Full)) {
            return Awaited::there(Err(LedgerError::Write("no space left".into())));
        }
        let kept = (call.clone(), false);
        disk.held.insert(call.envelope.id.clone(), kept);
        match disk.fails {
            Some(_) => Awaited::coming(std::future::pending()),
            None => Awaited::there(Ok(())),
        }
    }

    fn kept<'a>(
        &'a self,
        envelope: &'a Envelope,
    ) -> Awaited<'a, Result<Option<SealedCall>, LedgerError>> {
        let disk = self.disk();
        let kept = disk.held.get(&envelope.id);
        Awaited::there(Ok(kept.map(|(call, _)| call.clone())))
    }

    fn confirm(&self, id: &str) -> Result<(), LedgerError> {
        if let Some((_, is_recorded)) = self.disk().held.get_mut(id) {
            *is_recorded = true;
        }
        Ok(())
    }

    fn erase(&self, id: &str) {
        self.disk().held.remove(id);
    }

    fn salt(&self) -> &[u8; 32] {
        &SALT
    }

    fn is_healthy(&self) -> bool {
        self.disk().fails.is_none()
    }
}

/// What somebody was told, and what therefore must be so.
#[derive(Default)]
struct Told {
    /// Labels by session: of calls that went ahead or ended.
    labels: BTreeMap<String, BTreeSet<String>>,
    /// When a session ends, and when it would if the power were cut.
    ends: BTreeMap<String, (u64, u64)>,
    /// Costs by session, key and window: of calls that went ahead.
    spent: BTreeMap<(String, u64), u64>,
    /// Until when people can decide on a held call.
    held: BTreeMap<String, Timestamp>,
}

impl Told {
    /// A call went ahead in a session, and its record is on disk or not.
    fn prolonged(&mut self, session: &str, ends: u64, synced: bool) {
        let known = self.ends.entry(session.to_owned()).or_default();
        known.0 = known.0.max(ends);
        if synced {
            known.1 = known.0;
        }
    }

    /// What was only written may be gone.
    fn power_cut(&mut self) {
        self.spent.clear();
        for ends in self.ends.values_mut() {
            ends.0 = ends.1;
        }
    }

    /// A session that has ended carries nothing, and may begin anew.
    fn expire(&mut self, now: Timestamp) {
        let over: Vec<_> = self
            .ends
            .iter()
            .filter(|(_, ends)| ends.0 <= now.0)
            .collect();
        let over: Vec<_> = over
            .into_iter()
            .map(|(session, _)| session.clone())
            .collect();
        for session in over {
            self.labels.remove(&session);
            self.ends.remove(&session);
        }
    }
}

struct Gate {
    disk: Simulated,
    clock: Arc<AtomicU64>,
    recorder: Arc<Recorder>,
}

impl Gate {
    fn start(disk: &Simulated, clock: &Arc<AtomicU64>, what: &str) -> Self {
        let now = Timestamp(clock.load(Ordering::Relaxed));
        let bytes = disk.disk().bytes.clone();
        let opened = past_of(&bytes, &RecordKeys::new(&SALT), now);
        let (mut past, end) = opened.unwrap_or_else(|error| panic!("{what}: {error}"));
        {
            let mut disk = disk.disk();
            match end {
                End::Whole => {}
                End::Unended => disk.bytes.push(b'\n'),
                End::Torn(torn) => {
                    let whole = disk.bytes.len() - torn.len();
                    disk.bytes.truncate(whole);
                }
            }
            disk.sequence = past.next_sequence;
            disk.synced = disk.bytes.len();
            disk.fails = None;
            let recorded = std::mem::take(&mut past.holds);
            disk.held.retain(|id, (call, is_recorded)| {
                now < call.envelope.decide_by && (*is_recorded || recorded.contains(id))
            });
            let kept = disk.held.values();
            let kept = kept.map(|(call, _)| (call.envelope.clone(), call.sealed.len()));
            past.held = kept.collect();
        }
        let latest = past.latest;
        let memory = FileMemory::new(Box::new(disk.clone()), past);
        let reads = Arc::clone(clock);
        let reads = Box::new(move || Timestamp(reads.load(Ordering::Relaxed)));
        Self {
            disk: disk.clone(),
            clock: Arc::clone(clock),
            recorder: Arc::new(Recorder::new(Box::new(memory), None, reads, latest)),
        }
    }

    fn memory(&self) -> &FileMemory {
        let memory = self.recorder.memory.as_any();
        memory.and_then(|memory| memory.downcast_ref()).unwrap()
    }

    /// The gate dies; `cut`: and so does the machine, with a part of what was not
    /// synced.
    fn crash(self, cut: Option<u64>, what: &str) -> Self {
        let Self {
            disk,
            clock,
            recorder,
        } = self;
        drop(recorder);
        if let Some(cut) = cut {
            let mut disk = disk.disk();
            let unsynced = disk.bytes.len() - disk.synced;
            let lost = usize::try_from(cut).unwrap() % (unsynced + 1);
            let kept = disk.bytes.len() - lost;
            disk.bytes.truncate(kept);
        }
        Self::start(&disk, &clock, what)
    }

    /// What was told is so.
    fn check(&self, told: &Told, what: &str) {
        let now = self.recorder.now();
        let kept = self.memory().sessions.kept(now);
        for (session, labels) in &told.labels {
            let known = kept.iter().find(|kept| kept.0 == *session);
            let known: BTreeSet<_> = known
                .iter()
                .flat_map(|kept| kept.2.iter().map(|label| label.name.clone()))
                .collect();
            let lost: Vec<_> = labels.difference(&known).collect();
            assert!(lost.is_empty(), "{what}: session {session} lost {lost:?}");
        }
        let bytes = self.disk.disk().bytes.clone();
        let record = String::from_utf8_lossy(&bytes);
        for id in self.memory().held_ids() {
            let entry = format!("\"id\":\"{id}\"");
            assert!(
                record.contains(&entry),
                "{what}: {id} waits without an entry"
            );
        }
        for (id, decide_by) in &told.held {
            let found = answered(Found::by_id(&self.recorder, id, now));
            let found = found
                .unwrap()
                .unwrap_or_else(|error| panic!("{what}: {error}"));
            let found = found.map(|found| (found.call.id, found.call.decide_by));
            let waits = (now < *decide_by).then(|| (id.clone(), *decide_by));
            assert_eq!(found, waits, "{what}");
        }
        let quotas = self.memory().quotas.kept(now);
        for ((_, key), _, _, spent) in &quotas {
            assert!(*spent <= LIMIT, "{what}: {spent} are spent of {key}");
        }
        for ((key, window), cost) in &told.spent {
            if *window != now.0 / WINDOW {
                continue;
            }
            let sealed = self.recorder.keys.sealed(key);
            let known = quotas.iter().find(|(place, ..)| place.1 == sealed);
            let spent = known.map_or(0, |(.., spent)| *spent);
            assert!(
                spent >= *cost,
                "{what}: {cost} were paid of {key}, {spent} are known"
            );
        }
    }
}

/// One call that went ahead.
struct Open {
    pending: Pending,
    session: String,
}

fn decision(dice: &mut Dice) -> (Decision, Vec<(String, u64)>, Vec<String>) {
    let (mut owed, mut costs, mut labels): (Vec<Obligation>, _, _) =
        <(Vec<_>, Vec<_>, Vec<_>)>::default();
    if dice.hits(2) {
        let name = dice.below(FEW).to_string();
        owed.push(label(&name));
        labels.push(name);
    }
    if dice.hits(2) {
        let (key, cost) = (dice.below(FEW).to_string(), dice.below(4));
        owed.push(charge(&key, cost));
        costs.push((key, cost));
    }
    match dice.below(8) {
        0 => (deny(), Vec::new(), Vec::new()),
        1 => (hold(owed), Vec::new(), Vec::new()),
        _ => (allow(owed), costs, labels),
    }
}

/// What comes of it, unless nobody is told.
fn answered<T>(asked: impl Future<Output = T>) -> Option<T> {
    let mut asked = std::pin::pin!(asked);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match Future::poll(asked.as_mut(), &mut context) {
        std::task::Poll::Ready(answer) => Some(answer),
        std::task::Poll::Pending => None,
    }
}

async fn history(seed: u64) {
    let mut dice = Dice::of(seed);
    let clock = Arc::new(AtomicU64::new(1_000_000));
    let mut gate = Gate::start(&Simulated::default(), &clock, "a new disk");
    let mut told = Told::default();
    let mut open: Vec<Open> = Vec::new();
    for step in 0..STEPS {
        let what = format!("seed {seed}, step {step}");
        match dice.below(16) {
            0 => {
                // What is dropped was not sent, or its end is not told: both are notes.
                open.clear();
                let cut = dice.hits(3).then(|| dice.below(1 << 20));
                if cut.is_some() {
                    told.power_cut();
                }
                gate = gate.crash(cut, &what);
            }
            1 => {
                let failure = match dice.below(3) {
                    0 => Some(Failure::Full),
                    1 => Some(Failure::Unanswered),
                    _ => None,
                };
                gate.disk.disk().fails = failure;
            }
            2 | 3 => {
                let now = clock.load(Ordering::Relaxed);
                let stepped = match dice.hits(6) {
                    true => now.saturating_sub(dice.below(200_000)),
                    false => now + dice.below(20_000),
                };
                clock.store(stepped, Ordering::Relaxed);
            }
            4..=7 if !open.is_empty() => {
                let chosen = usize::try_from(dice.below(open.len() as u64)).unwrap();
                let Open {
                    mut pending,
                    session,
                } = open.swap_remove(chosen);
                let name = dice.below(FEW * 2).to_string();
                let left = pending
                    .leave(&Arc::from("reviewer"), vec![name.clone()])
                    .await
                    .is_ok();
                let fails = gate.disk.disk().fails;
                if matches!(fails, Some(Failure::Unanswered)) {
                    // Nobody would ever be told.
                    drop(pending);
                    continue;
                }
                let ended = pending.complete(PastOutcome::Allowed, None, "").await;
                assert_eq!(ended.is_ok(), fails.is_none(), "{what}");
                told.expire(gate.recorder.now());
                if left && ended.is_ok() && told.ends.contains_key(&session) {
                    told.prolonged(&session, 0, true);
                    told.labels.entry(session).or_default().insert(name);
                }
            }
            _ => {
                let now = gate.recorder.now();
                let session = dice.below(FEW).to_string();
                told.expire(now);
                let ends = now.0 + 1 + dice.below(300_000);
                let grant: Grant = grant(&session, Timestamp(ends));
                let (decision, costs, labels) = decision(&mut dice);
                let id = format!("{seed}-{step}");
                let judgement = judgement_at(gate.memory(), now, &id, &grant, "tool", decision);
                let recorded = permit::record(&gate.recorder, Judgements::from(judgement));
                match answered(recorded) {
                    Some(Ruling::Permitted(permit)) => {
                        assert!(gate.disk.disk().fails.is_none(), "{what}: no record");
                        let window = now.0 / WINDOW;
                        for (key, cost) in costs {
                            *told.spent.entry((key, window)).or_default() += cost;
                        }
                        told.prolonged(&session, ends, !labels.is_empty());
                        told.labels
                            .entry(session.clone())
                            .or_default()
                            .extend(labels);
                        let pending = permit.redeem().2;
                        open.push(Open { pending, session });
                    }
                    Some(Ruling::Held(ticket)) => {
                        assert!(gate.disk.disk().fails.is_none(), "{what}: no record");
                        // One that crossed the same call waits as long as that one.
                        let decide_by = Timestamp(now.0 + 60_000);
                        assert!(!ticket.is_new || ticket.decide_by == decide_by, "{what}");
                        told.held.insert(ticket.id, ticket.decide_by);
                    }
                    Some(Ruling::Denied(_) | Ruling::Repeated(_)) => {}
                    // The entry may be there: it counts here, and after a restart.
                    None => {}
                }
            }
        }
        told.expire(gate.recorder.now());
        gate.check(&told, &what);
    }
}

#[tokio::test]
async fn what_somebody_was_told_is_so_whatever_happens_to_the_gate() {
    let seeds = std::env::var("GATEWRIGHT_SIMULATIONS");
    let seeds = seeds.map_or(SEEDS, |seeds| seeds.parse().unwrap());
    println!("seeds 1 to {seeds}");
    for seed in 1..=seeds {
        history(seed).await;
    }
}
