//! What sessions keep, forget and refuse.

use super::*;

/// One session, as a test compares it: name, end, labels, calls.
type Kept = (String, Timestamp, Vec<Label>, Vec<PastCall>);

const NO_LABELS: (Vec<Label>, &[String]) = (Vec::new(), &[]);

fn labels<const N: usize>(names: [&str; N]) -> [Label; N] {
    names.map(Label::named)
}

impl Sessions {
    /// Everything that the sessions with calls or labels carry.
    pub(crate) fn kept(&self, now: Timestamp) -> Vec<Kept> {
        let tracked = self.lock();
        let live = tracked.sessions.iter().filter(|(_, session)| {
            now < session.expires_at && !(session.calls.is_empty() && session.labels.count() == 0)
        });
        let mut kept: Vec<Kept> = live
            .map(|(name, session)| {
                let calls = session.calls.iter();
                (
                    name.to_string(),
                    session.expires_at,
                    session.labels.all(),
                    calls.map(|call| PastCall::clone(call)).collect(),
                )
            })
            .collect();
        kept.sort_by(|one, other| one.0.cmp(&other.0));
        kept
    }

    fn counts(&self) -> (usize, usize) {
        let tracked = self.lock();
        (tracked.sessions.len(), tracked.ends.len())
    }
}

fn grant(session: &str, expires_at: u64) -> Grant {
    let mut grant = Grant::local("agent", None, Vec::new(), Arc::from(session));
    grant.expires_at = Timestamp(expires_at);
    grant.session_ends = grant.expires_at;
    grant
}

#[test]
fn what_a_session_carries_outlives_its_credential() {
    let sessions = Sessions::default();
    let grant = |expires_at, session_ends| {
        let mut grant = grant("a", expires_at);
        grant.session_ends = Timestamp(session_ends);
        grant
    };
    let enter = |grant: &Grant, at| {
        let carried = sessions.enter(grant, Timestamp(at), &limits(1));
        carried.map(|(labels, _)| labels)
    };
    let (first, second) = (grant(10, 20), grant(30, 40));
    enter(&first, 5).unwrap();
    sessions.label("a", &labels(["seen"])).unwrap();
    // The credential has ended: it opens nothing, and its label stays.
    assert_eq!(enter(&first, 12), Err(SessionError::TooManySessions));
    assert_eq!(enter(&second, 15), Ok(labels(["seen"]).to_vec()));
    assert_eq!(enter(&second, 25), Ok(labels(["seen"]).to_vec()));
    assert_eq!(enter(&grant(60, 70), 50), Ok(Vec::new()));
}

fn leaving(labels: &[Label]) -> Reservation<'_> {
    Reservation {
        labels,
        declassified: &[],
        calls: &[],
        seen: None,
    }
}

fn limits(sessions_max: usize) -> LimitsConfig {
    LimitsConfig {
        tracked_sessions_max: sessions_max,
        ..LimitsConfig::default()
    }
}

fn call(id: &str, name: &str) -> PastCall {
    PastCall {
        at: Timestamp(1),
        method: "tools/call".into(),
        server: Arc::from("files"),
        name: name.into(),
        id: Arc::from(id),
        outcome: PastOutcome::Pending,
        reason: None,
    }
}

fn enter(sessions: &Sessions, grant: &Grant) -> Result<Carried, SessionError> {
    sessions.enter(grant, Timestamp(1), &limits(4))
}

fn one(id: &str, name: &str) -> impl Iterator<Item = PastCall> {
    std::iter::once(call(id, name))
}

#[test]
fn the_newest_calls_come_first_and_the_oldest_are_forgotten() {
    for history_max in [HISTORY_CALLS_MAX, 3, 0] {
        let sessions = Sessions::default();
        enter(&sessions, &grant("s", 9)).unwrap();
        for number in 0..100 {
            let number = number.to_string();
            sessions.remember("s", one(&number, &number), NO_LABELS, history_max);
        }
        sessions.complete("s", "99", PastOutcome::Allowed, None);
        let (labels, calls) = sessions.context("s", 64);
        assert_eq!(labels, []);
        assert_eq!(calls.len(), history_max);
        if let Some(newest) = calls.first() {
            assert_eq!(
                (newest.name.as_str(), newest.outcome),
                ("99", PastOutcome::Allowed)
            );
        }
    }
    assert_eq!(Sessions::default().context("other", 64).1.len(), 0);
}

#[test]
fn the_calls_of_one_message_end_together() {
    let sessions = Sessions::default();
    enter(&sessions, &grant("s", 9)).unwrap();
    sessions.remember("s", one("1", "a"), NO_LABELS, 64);
    let both = ["b", "c"].map(|name| call("2", name)).into_iter();
    sessions.remember("s", both, NO_LABELS, 64);
    sessions.remember("s", one("3", "d"), NO_LABELS, 64);
    sessions.complete("s", "2", PastOutcome::Allowed, None);
    let (_, calls) = sessions.context("s", 64);
    let seen: Vec<_> = calls
        .iter()
        .map(|call| (call.name.as_str(), call.outcome))
        .collect();
    let (pending, allowed) = (PastOutcome::Pending, PastOutcome::Allowed);
    assert_eq!(
        seen,
        [
            ("d", pending),
            ("c", allowed),
            ("b", allowed),
            ("a", pending)
        ]
    );
}

#[test]
fn a_label_that_cannot_be_kept_is_refused() {
    let sessions = Sessions::default();
    enter(&sessions, &grant("s", 9)).unwrap();
    let label = |number: usize| Label::named(number.to_string());
    let most: Vec<_> = (1..LABELS_MAX).map(label).collect();
    assert_eq!(sessions.label("s", &most), Ok(()));
    assert_eq!(
        sessions.label("s", &labels(["a", "b"])),
        Err(SessionError::Labels),
        "all or none"
    );
    // Two calls at once that bring the same label need room for one.
    let same = labels(["same"]);
    assert_eq!(sessions.reserve("s", leaving(&same)), Ok(()));
    assert_eq!(sessions.reserve("s", leaving(&same)), Ok(()));
    assert_eq!(
        sessions.reserve("s", leaving(&labels(["x"]))),
        Err(SessionError::Labels)
    );
    assert_eq!(
        sessions.label("s", &labels(["x"])),
        Err(SessionError::Labels)
    );
    sessions.release("s", leaving(&same));
    assert_eq!(
        sessions.reserve("s", leaving(&labels(["x"]))),
        Err(SessionError::Labels)
    );
    sessions.release("s", leaving(&same));
    assert_eq!(sessions.label("s", &labels(["x"])), Ok(()));
    assert_eq!(
        sessions.reserve("s", leaving(&labels(["1"]))),
        Ok(()),
        "it has that one"
    );
    assert_eq!(sessions.context("s", 64).0.len(), LABELS_MAX);
}

#[test]
fn a_full_table_refuses_new_sessions_and_forgets_none() {
    let sessions = Sessions::default();
    for number in 0..4 {
        let grant = grant(&number.to_string(), 9);
        enter(&sessions, &grant).unwrap();
        sessions.label(&grant.session, &labels(["seen"])).unwrap();
    }
    for number in 4..100 {
        let full = enter(&sessions, &grant(&number.to_string(), 9));
        assert_eq!(full.unwrap_err(), SessionError::TooManySessions);
    }
    assert_eq!(sessions.counts(), (4, 4));
    for number in 0..4 {
        let (carried, _) = enter(&sessions, &grant(&number.to_string(), 9)).unwrap();
        assert_eq!(carried, labels(["seen"]));
    }
}

#[test]
fn a_session_goes_when_its_last_credential_has_ended_and_not_before() {
    let sessions = Sessions::default();
    for (name, end) in [
        ("short", 5),
        ("long", 9),
        ("prolonged", 5),
        ("prolonged", 9),
    ] {
        enter(&sessions, &grant(name, end)).unwrap();
        sessions.label(name, &labels(["seen"])).unwrap();
    }
    let at = |at, name: &str| {
        let later = grant(name, 99);
        sessions
            .enter(&later, Timestamp(at), &limits(4))
            .map(|(labels, _)| labels.len())
    };
    assert_eq!(at(4, "long"), Ok(1));
    assert_eq!(sessions.counts(), (3, 3));
    assert_eq!(at(5, "long"), Ok(1));
    assert_eq!(sessions.counts(), (2, 2), "it need not be full");
    assert_eq!(at(6, "prolonged"), Ok(1));
    assert_eq!(at(10, "long"), Ok(1), "it was prolonged");
    assert_eq!(
        at(99, "new"),
        Err(SessionError::TooManySessions),
        "it has ended"
    );
    assert_eq!(sessions.counts(), (0, 0));
}

/// Whoever leaves a label again prolongs it, and in which order calls are recorded says
/// nothing of when they were made.
#[test]
fn the_latest_that_left_a_label_counts_in_whatever_order() {
    let left = |source: &str, at| Label {
        source: Some(Arc::from(source)),
        at: Some(Timestamp(at)),
        ..Label::named("pii")
    };
    let all = [
        Label::named("pii"),
        left("z", 1),
        left("a", 2),
        left("b", 2),
        left("b", 1),
    ];
    for first in 0..all.len() {
        for step in 1..all.len() {
            let sessions = Sessions::default();
            enter(&sessions, &grant("s", 9)).unwrap();
            // Five is prime: each step visits all of them.
            for turn in 0..all.len() {
                let label = all[(first + turn * step) % all.len()].clone();
                sessions.remember("s", std::iter::empty(), (vec![label], &[]), 64);
            }
            assert_eq!(sessions.context("s", 64).0, [left("b", 2)]);
        }
    }
}
