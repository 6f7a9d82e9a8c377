//! Who is connected, and who has to go when somebody else comes.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;

use super::visit::{Order, Visit, Why};

/// The connections of a listener, up to a limit for all and one for each peer.
/// `K` names a connection.
pub(super) struct Roll<K> {
    connections_max: usize,
    per_peer_max: usize,
    present: HashMap<K, Entry>,
    peers: HashMap<Peer, usize>,
    /// How many came so far.
    arrivals: u64,
}

struct Entry {
    arrival: u64,
    peer: Peer,
    visit: Arc<Visit>,
}

/// Whom connections count for: an address, or the network of 64 bits that an IPv6
/// host has to itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Peer(IpAddr);

impl<K: Copy + Eq + Hash> Roll<K> {
    pub(super) fn new(connections_max: usize, per_peer_max: usize) -> Self {
        Self {
            connections_max,
            per_peer_max,
            present: HashMap::new(),
            peers: HashMap::new(),
            arrivals: 0,
        }
    }

    /// Why there is no room for one more of this peer.
    pub(super) fn is_full(&self, peer: Peer) -> Option<Why> {
        if self.peers.get(&peer).copied().unwrap_or_default() >= self.per_peer_max {
            Some(Why::PeerShare)
        } else if self.present.len() >= self.connections_max {
            Some(Why::Full)
        } else {
            None
        }
    }

    /// The connection to end so that there is room for one more of this peer:
    /// first those that never showed a credential, then those between two calls;
    /// the oldest of them. One with a call under way stays.
    pub(super) fn least(&self, peer: Peer, why: Why) -> Option<&Arc<Visit>> {
        let entries = self.present.values();
        let quiet = entries.filter(|entry| {
            (why != Why::PeerShare || entry.peer == peer) && entry.visit.is_quiet()
        });
        let least = quiet.min_by_key(|entry| (entry.visit.is_known(), entry.arrival));
        least.map(|entry| &entry.visit)
    }

    pub(super) fn arrived(&mut self, name: K, peer: Peer, visit: Arc<Visit>) {
        self.arrivals += 1;
        let entry = Entry {
            arrival: self.arrivals,
            peer,
            visit,
        };
        self.present.insert(name, entry);
        *self.peers.entry(peer).or_default() += 1;
    }

    pub(super) fn left(&mut self, name: K) {
        let Some(Entry { peer, .. }) = self.present.remove(&name) else {
            return;
        };
        if let Some(count) = self.peers.get_mut(&peer) {
            *count -= 1;
            if *count == 0 {
                self.peers.remove(&peer);
            }
        }
    }

    /// Tells everybody that the gate stops.
    pub(super) fn stop(&self) {
        for entry in self.present.values() {
            entry.visit.tell(Order::Stop);
        }
    }
}

impl From<IpAddr> for Peer {
    fn from(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V6(address) => {
                let network = u128::from(address) & (u128::MAX << 64);
                IpAddr::V6(Ipv6Addr::from(network))
            }
            address @ IpAddr::V4(_) => address,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::listener::visit::Errand;

    fn peer(text: &str) -> Peer {
        Peer::from(text.parse::<IpAddr>().unwrap())
    }

    #[test]
    fn a_peer_is_an_address_or_the_network_of_one_host() {
        for (one, other, is_same) in [
            ("192.0.2.1", "192.0.2.1", true),
            ("192.0.2.1", "192.0.2.2", false),
            ("192.0.2.1", "::ffff:192.0.2.1", true),
            ("2001:db8::1", "2001:db8::ffff:1", true),
            ("2001:db8::1", "2001:db8:0:1::1", false),
        ] {
            assert_eq!(peer(one) == peer(other), is_same, "{one} {other}");
        }
    }

    #[test]
    fn strangers_go_first_then_agents_between_calls_and_nobody_with_a_call() {
        let (here, elsewhere) = (peer("192.0.2.1"), peer("192.0.2.2"));
        let mut roll = Roll::new(4, 3);
        let visits: Vec<_> = (0..4).map(|_| Arc::new(Visit::default())).collect();
        for (name, visit) in visits.iter().enumerate().take(3) {
            assert_eq!(roll.is_full(here), None, "{name}");
            roll.arrived(name, here, Arc::clone(visit));
        }
        assert_eq!(roll.is_full(here), Some(Why::PeerShare));
        assert_eq!(roll.is_full(elsewhere), None);
        roll.arrived(3, elsewhere, Arc::clone(&visits[3]));
        assert_eq!(roll.is_full(elsewhere), Some(Why::Full));
        // The oldest is an agent, the second one has a call under way.
        visits[0].prove();
        visits[1].prove();
        let call = Errand::begin(&visits[1]);
        let least = |roll: &Roll<usize>, why| {
            let least = roll.least(here, why)?;
            visits.iter().position(|visit| Arc::ptr_eq(visit, least))
        };
        assert_eq!(least(&roll, Why::PeerShare), Some(2));
        assert_eq!(least(&roll, Why::Full), Some(2));
        roll.left(2);
        assert_eq!(roll.is_full(here), None);
        assert_eq!(least(&roll, Why::PeerShare), Some(0), "of the peer itself");
        assert_eq!(least(&roll, Why::Full), Some(3), "a stranger elsewhere");
        roll.left(0);
        roll.left(3);
        assert_eq!(least(&roll, Why::Full), None);
        drop(call);
        assert_eq!(least(&roll, Why::Full), Some(1));
    }
}
