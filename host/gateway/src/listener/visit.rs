//! What one connection is doing, seen from beside it: whether anything is under
//! way, whether its client reads, and whether it should go.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll};

use futures_util::task::AtomicWaker;
use tokio::sync::Notify;

/// One connection, from its first byte to its last. Counted in passing; judged
/// by [`Visit::look`] now and then.
#[derive(Debug, Default)]
pub(crate) struct Visit {
    /// Requests whose answers are not handed over whole.
    requests: AtomicUsize,
    /// Of these, the ones that wait for the gate or a tool server, and not for
    /// the client.
    ours: AtomicUsize,
    /// Whether anything went on since the last look: a request began or ended, or
    /// a part of an answer was handed over.
    stirred: AtomicBool,
    /// Whether it has shown a credential that verifies.
    is_known: AtomicBool,
    /// Bytes of answers, handed over to be sent.
    given: AtomicU64,
    /// Bytes that the client's side took.
    written: AtomicU64,
    /// Whether the client's side takes no more at present.
    is_blocked: AtomicBool,
    orders: AtomicU8,
    waker: AtomicWaker,
    /// It was told to leave, and something was under way again by then.
    stays: Notify,
}

/// A request on a connection, until its answer is handed over or given up.
#[derive(Debug)]
pub(crate) struct Errand {
    visit: Arc<Visit>,
    is_ours: bool,
}

/// The time in which a request waits for what its client still has to send.
pub(crate) struct ClientsTurn<'a>(&'a Visit);

/// What the connection is told from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// The gate stops: end once what is under way is done.
    Stop,
    /// Somebody else needs the place: end, unless something is under way.
    Leave,
}

/// Why the gate ended a connection, or did not take it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// It asked nothing in its whole first period.
    Silent,
    /// It has asked nothing for a period.
    Idle,
    /// Its client does not read what it asked for.
    Stuck,
    /// It was quiet, and somebody else came.
    MadeRoom,
    /// Its peer has its share of the connections, all in use.
    PeerShare,
    /// All connections are in use.
    Full,
}

/// What a look found, for the next one.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Before {
    written: u64,
    is_blocked: bool,
}

/// A client that reads takes more than so many bytes in a period.
const PROGRESS_MIN: u64 = 16 << 10;

const STOP: u8 = 1;
const LEAVE: u8 = 2;

// === impl Visit ===

impl Visit {
    /// It has shown a credential that verifies.
    pub(crate) fn prove(&self) {
        self.is_known.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_known(&self) -> bool {
        self.is_known.load(Ordering::Relaxed)
    }

    /// From now on a request that the gate has done with waits for its client, until
    /// what this gives is dropped.
    pub(crate) fn waits_for_its_client(&self) -> ClientsTurn<'_> {
        self.ours.fetch_sub(1, Ordering::Relaxed);
        ClientsTurn(self)
    }

    /// Whether it may end at once without harm: nothing is under way, or nothing
    /// but a refusal that a stranger does not read, or whose body it does not send.
    pub(crate) fn is_quiet(&self) -> bool {
        let under_way = if self.is_known() {
            &self.requests
        } else {
            &self.ours
        };
        under_way.load(Ordering::Relaxed) == 0
    }

    /// Whether to end it, after a period in which `before` was seen at the start.
    pub(crate) fn look(&self, before: &mut Before) -> Option<Why> {
        let written = self.written.load(Ordering::Relaxed);
        let is_blocked = self.is_blocked.load(Ordering::Relaxed);
        let reads = written.saturating_sub(before.written) >= PROGRESS_MIN;
        let stirred = self.stirred.swap(false, Ordering::Relaxed);
        let was_blocked = before.is_blocked;
        *before = Before {
            written,
            is_blocked,
        };
        if is_blocked && was_blocked && !reads {
            return Some(Why::Stuck);
        }
        // Pings are read and written too: what counts is what the client asked.
        let is_owed = self.given.load(Ordering::Relaxed) > written;
        let waits_for_us = self.ours.load(Ordering::Relaxed) > 0;
        if waits_for_us || stirred || (is_owed && reads) {
            None
        } else if self.requests.load(Ordering::Relaxed) > 0 {
            Some(Why::Stuck)
        } else if self.given.load(Ordering::Relaxed) > 0 {
            Some(Why::Idle)
        } else {
            Some(Why::Silent)
        }
    }

    /// So many bytes were taken; none: the client's side is full.
    pub(super) fn wrote(&self, bytes: Option<usize>) {
        self.is_blocked.store(bytes.is_none(), Ordering::Relaxed);
        let bytes = bytes.unwrap_or_default() as u64;
        self.written.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Tells the connection, wherever it is served.
    pub(super) fn tell(&self, order: Order) {
        let order = match order {
            Order::Stop => STOP,
            Order::Leave => LEAVE,
        };
        self.orders.fetch_or(order, Ordering::AcqRel);
        self.waker.wake();
    }

    /// It does not leave, whatever it was told: something is under way.
    pub(super) fn stays(&self) {
        self.stays.notify_one();
    }

    /// Until it said that it stays.
    pub(super) async fn stayed(&self) {
        self.stays.notified().await;
    }

    /// The next thing that it was told.
    pub(super) fn poll_order(&self, context: &Context<'_>) -> Poll<Order> {
        self.waker.register(context.waker());
        let orders = self.orders.load(Ordering::Acquire);
        let (order, bit) = if orders & STOP != 0 {
            (Order::Stop, STOP)
        } else if orders & LEAVE != 0 {
            (Order::Leave, LEAVE)
        } else {
            return Poll::Pending;
        };
        self.orders.fetch_and(!bit, Ordering::AcqRel);
        Poll::Ready(order)
    }
}

// === impl Errand ===

impl Errand {
    /// A request arrived: its answer is the gate's to make.
    pub(super) fn begin(visit: &Arc<Visit>) -> Self {
        visit.requests.fetch_add(1, Ordering::Relaxed);
        visit.ours.fetch_add(1, Ordering::Relaxed);
        visit.stirred.store(true, Ordering::Relaxed);
        Self {
            visit: Arc::clone(visit),
            is_ours: true,
        }
    }

    /// The client has to take what there is.
    pub(super) fn waits_for_the_client(&mut self) {
        if std::mem::replace(&mut self.is_ours, false) {
            // The client has had no time yet.
            self.visit.stirred.store(true, Ordering::Relaxed);
            self.visit.ours.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// The client has taken all there is, and more is to come.
    pub(super) fn waits_for_us(&mut self) {
        if !std::mem::replace(&mut self.is_ours, true) {
            self.visit.ours.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Bytes of the answer were handed over to be sent, because there was room for
    /// them.
    pub(super) fn gave(&self, bytes: usize) {
        self.visit.stirred.store(true, Ordering::Relaxed);
        self.visit.given.fetch_add(bytes as u64, Ordering::Relaxed);
    }
}

impl Drop for Errand {
    fn drop(&mut self) {
        self.waits_for_the_client();
        self.visit.requests.fetch_sub(1, Ordering::Relaxed);
        self.visit.stirred.store(true, Ordering::Relaxed);
    }
}

// === impl ClientsTurn ===

impl Drop for ClientsTurn<'_> {
    fn drop(&mut self) {
        self.0.ours.fetch_add(1, Ordering::Relaxed);
    }
}

// === impl Why ===

impl Why {
    /// As metrics show it.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Silent => "silent",
            Self::Idle => "idle",
            Self::Stuck => "stuck",
            Self::MadeRoom => "made_room",
            Self::PeerShare => "peer_share",
            Self::Full => "full",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a connection went through in each of its periods, and what the look
    /// at the end of the last one finds.
    #[test]
    fn a_connection_is_ended_for_what_its_client_leaves_undone() {
        type Period = fn(&Arc<Visit>, &mut Vec<Errand>);
        const LARGE: usize = 1 << 20;
        let nothing: Period = |_, _| {};
        let asks: Period = |visit, errands| errands.push(Errand::begin(visit));
        let answered: Period = |visit, errands| {
            let mut errand = errands.pop().unwrap();
            errand.waits_for_the_client();
            errand.gave(LARGE);
            visit.wrote(Some(LARGE + 100));
        };
        let given: Period = |_, errands| {
            let mut errand = errands.pop().unwrap();
            errand.waits_for_the_client();
            errand.gave(LARGE);
        };
        let unread: Period = |_, errands| errands.last_mut().unwrap().waits_for_the_client();
        let streams: Period = |_, errands| errands.last_mut().unwrap().waits_for_us();
        let blocked: Period = |visit, _| visit.wrote(None);
        let drips: Period = |visit, _| {
            visit.wrote(Some(100));
            visit.wrote(None);
        };
        let reads: Period = |visit, _| {
            visit.wrote(Some(PROGRESS_MIN as usize));
            visit.wrote(None);
        };
        let pings: Period = |visit, _| visit.wrote(Some(17 * 1000));
        for (what, periods, expected) in [
            ("asked nothing", vec![nothing], Some(Why::Silent)),
            ("pings only", vec![pings], Some(Why::Silent)),
            ("asks", vec![asks], None),
            ("is answered", vec![asks, nothing, nothing, answered], None),
            ("idle", vec![asks, answered, nothing], Some(Why::Idle)),
            ("idle, pings", vec![asks, answered, pings], Some(Why::Idle)),
            (
                "a window of nothing",
                vec![asks, unread, nothing],
                Some(Why::Stuck),
            ),
            (
                "a stream that waits for its server",
                vec![asks, unread, streams, nothing, nothing],
                None,
            ),
            ("blocked just now", vec![asks, blocked], None),
            (
                "blocked for a period",
                vec![asks, blocked, nothing],
                Some(Why::Stuck),
            ),
            ("drips", vec![asks, drips, drips], Some(Why::Stuck)),
            ("reads slowly", vec![asks, given, reads, reads], None),
            (
                "reads no more",
                vec![asks, given, reads, drips],
                Some(Why::Stuck),
            ),
            (
                "pings in place of reading",
                vec![asks, given, pings, nothing],
                Some(Why::Idle),
            ),
        ] {
            let (visit, mut errands) = (Arc::new(Visit::default()), Vec::new());
            let mut before = Before::default();
            let mut found = None;
            for (number, period) in periods.iter().enumerate() {
                assert_eq!(found, None, "{what}: before period {number}");
                period(&visit, &mut errands);
                found = visit.look(&mut before);
            }
            assert_eq!(found, expected, "{what}");
        }
    }

    #[test]
    fn only_what_is_quiet_makes_room() {
        let visit = Arc::new(Visit::default());
        assert!(visit.is_quiet(), "it asked nothing");
        let mut errand = Errand::begin(&visit);
        assert!(!visit.is_quiet(), "it is being answered");
        let owes = visit.waits_for_its_client();
        assert!(visit.is_quiet(), "a stranger that does not send its body");
        drop(owes);
        assert!(!visit.is_quiet(), "it is being answered again");
        errand.waits_for_the_client();
        assert!(visit.is_quiet(), "a stranger that does not read");
        visit.prove();
        assert!(!visit.is_quiet(), "an agent has not read its answer yet");
        drop(errand);
        assert!(visit.is_quiet(), "an agent between two calls");
    }
}
