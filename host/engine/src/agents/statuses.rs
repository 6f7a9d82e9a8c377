//! The status lists that credentials stand in, as calls see them: without a lock, and
//! without waiting for anybody. Whoever fetches asks here what is due, and puts what came.

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::time::Duration;

use arc_swap::ArcSwap;
use gatewright_policy::credential::status::{Standing, Status};
use gatewright_policy::{Stopped, Timestamp};
use tokio::sync::{Notify, watch};

use super::floors::Floors;
use super::known_list::{Fetched, Known, ListError, ListKey, by_issuer};

/// Most lists that are kept. For one more, one goes that nobody used for a while, or else one of
/// an issuer that has more than the one that wants it; while there is none, a credential that
/// stands in one more is refused.
pub const LISTS_MAX: usize = 1024;

/// A list that was used within this time does not make room for another one of an issuer that
/// has as many: whoever shows credentials of ever new lists takes nobody else's away.
const KEPT_MIN: Duration = Duration::from_secs(60);

/// A list that nobody used for so long is let go of, and not fetched any more.
const UNUSED_MAX: Duration = Duration::from_secs(3600);

/// Whether the lists that a credential stands in are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Looked {
    /// There is an answer about each.
    Answered,
    /// One was not fetched yet.
    Underway,
    /// There are too many lists in use: it is not going to be fetched.
    NoRoom,
}

/// All of them.
pub struct Statuses {
    known: ArcSwap<HashMap<ListKey, Known>>,
    /// How old lists may not be.
    floors: Floors,
    wanted: Notify,
    news: watch::Sender<u64>,
}

// === impl Statuses ===

impl Default for Statuses {
    fn default() -> Self {
        Self {
            known: ArcSwap::default(),
            floors: Floors::default(),
            wanted: Notify::new(),
            news: watch::Sender::new(0),
        }
    }
}

impl Statuses {
    /// Whether a credential counts for a call. A list that is not fresh, or not there,
    /// counts for nothing, but for tools that are pinned read-only within the grace.
    pub fn admits(&self, status: &Status, read_only: bool, now: Timestamp) -> Result<(), Stopped> {
        if status.refs.is_empty() {
            return Ok(());
        }
        let known = self.known.load();
        for place in &status.refs {
            let Some(known) = known.get(&ListKey::of(status, place)) else {
                return Err(Stopped::STATUS_UNAVAILABLE);
            };
            known.touch(now);
            let Some(list) = &known.list else {
                return Err(known.stopped());
            };
            match list.standing(place) {
                Standing::Valid => {}
                Standing::Revoked => return Err(Stopped::REVOKED),
                Standing::Suspended => return Err(Stopped::CREDENTIAL_SUSPENDED),
                Standing::Unknown => return Err(Stopped::STATUS_INVALID),
            }
            let lasts = match read_only {
                true => list.fresh_until.plus(status.grace),
                false => list.fresh_until,
            };
            let has_ended = list.ends.is_some_and(|ends| ends <= now);
            if lasts <= now || has_ended {
                return Err(known.stopped());
            }
        }
        Ok(())
    }

    /// Whether its issuer took a credential back, as far as is known: what goes on is not
    /// ended for want of a fresh list.
    pub fn keeps(&self, status: &Status) -> Result<(), Stopped> {
        if status.refs.is_empty() {
            return Ok(());
        }
        let known = self.known.load();
        for place in &status.refs {
            let known = known.get(&ListKey::of(status, place));
            let list = known.and_then(|known| known.list.as_ref());
            match list.map(|list| list.standing(place)) {
                Some(Standing::Revoked) => return Err(Stopped::REVOKED),
                Some(Standing::Suspended) => return Err(Stopped::CREDENTIAL_SUSPENDED),
                Some(Standing::Valid | Standing::Unknown) | None => {}
            }
        }
        Ok(())
    }

    /// Has the lists of a credential fetched, where they are not known: they were never
    /// looked for, or let go of. To be asked of whatever goes on, whenever something changed:
    /// a list that was let go of must not take the end of its credentials with it.
    pub fn want(&self, status: &Status, now: Timestamp) -> Looked {
        let looked = self.looked(status, now);
        if looked != Looked::NoRoom {
            return looked;
        }
        self.known.rcu(|known| {
            let mut known = HashMap::clone(known);
            for place in &status.refs {
                let key = ListKey::of(status, place);
                if !known.contains_key(&key) && make_room(&mut known, &key.issuer, now) {
                    known.insert(key, Known::wanted(now));
                }
            }
            known
        });
        self.wanted.notify_one();
        self.looked(status, now)
    }

    /// Whether its lists are there. It counts as a use of each.
    fn looked(&self, status: &Status, now: Timestamp) -> Looked {
        let known = self.known.load();
        let mut looked = Looked::Answered;
        for place in &status.refs {
            let Some(known) = known.get(&ListKey::of(status, place)) else {
                return Looked::NoRoom;
            };
            known.touch(now);
            if !known.is_answered() {
                looked = Looked::Underway;
            }
        }
        looked
    }

    /// Lets go of the lists that nobody used for long; whether there were any.
    pub(super) fn forget(&self, now: Timestamp) -> bool {
        let is_old = |known: &Known| known.unused(now) >= UNUSED_MAX;
        if !self.known.load().values().any(is_old) {
            return false;
        }
        self.known.rcu(|known| {
            let mut known = HashMap::clone(known);
            known.retain(|_, known| !is_old(known));
            known
        });
        true
    }

    /// Keeps over a restart how old lists may not be, in a file beside this ledger.
    pub(crate) fn keep_beside(&self, ledger: &Path) -> io::Result<()> {
        self.floors.keep_beside(ledger)
    }

    /// Brings that file up to what is known.
    pub(crate) fn write(&self) -> io::Result<()> {
        self.floors.write()
    }

    /// A list that was made then came to a gate that stands alone: when the newest was made
    /// that it knew.
    pub(crate) fn newest(&self, key: &ListKey, issued: Option<Timestamp>) -> Option<Timestamp> {
        self.floors.raise(key, issued)
    }

    /// When the list was made that is kept here, as far as it says so.
    pub(super) fn issued(&self, key: &ListKey) -> Option<Timestamp> {
        self.known.load().get(key).and_then(Known::issued)
    }

    /// All lists that somebody used lately.
    pub(super) fn all(&self) -> Vec<ListKey> {
        self.known.load().keys().cloned().collect()
    }

    /// The lists that are to be fetched now.
    pub(super) fn due(&self, now: Timestamp) -> Vec<ListKey> {
        let known = self.known.load();
        let due = known.iter().filter(|(_, known)| known.due <= now);
        due.map(|(key, _)| key.clone()).collect()
    }

    /// What came of fetching a list: why there is no newer one, if there is none.
    pub(super) fn put(
        &self,
        key: &ListKey,
        fetched: Result<Fetched, ListError>,
        now: Timestamp,
    ) -> Result<(), ListError> {
        let mut taken = Ok(());
        self.known.rcu(|known| {
            let mut known = HashMap::clone(known);
            taken = match known.get_mut(key) {
                Some(entry) => entry.take(fetched.clone(), now),
                // It was let go of meanwhile.
                None => fetched.clone().map(drop),
            };
            known
        });
        self.news
            .send_modify(|count| *count = count.wrapping_add(1));
        taken
    }

    /// Hears whenever something was fetched, or could not be.
    pub fn news(&self) -> watch::Receiver<u64> {
        self.news.subscribe()
    }

    /// Completes when a list is wanted that was never looked for.
    pub async fn wanted(&self) {
        self.wanted.notified().await;
    }
}

/// Whether there is room for one more list of this issuer. One that nobody used for a while goes
/// first, then one of the issuer that has the most, where that is more than this one would have.
fn make_room(known: &mut HashMap<ListKey, Known>, issuer: &str, now: Timestamp) -> bool {
    if known.len() < LISTS_MAX {
        return true;
    }
    let unused = known
        .iter()
        .filter(|(_, known)| known.unused(now) >= KEPT_MIN);
    let goes = first(unused, now).or_else(|| {
        let counts = by_issuer(known.keys());
        let own = counts.get(issuer).copied().unwrap_or_default();
        let (most, count) = counts.into_iter().max_by_key(|(_, count)| *count)?;
        let of_most = known.iter().filter(|(key, _)| &*key.issuer == most);
        first(of_most, now).filter(|_| count > own + 1)
    });
    goes.is_some_and(|key| known.remove(&key).is_some())
}

/// The one that goes first: one that never came, then the one that was not used for longest.
fn first<'a>(
    lists: impl Iterator<Item = (&'a ListKey, &'a Known)>,
    now: Timestamp,
) -> Option<ListKey> {
    let first = lists.max_by_key(|(_, known)| (known.list.is_none(), known.unused(now)));
    first.map(|(key, _)| key.clone())
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use ed25519_dalek::SigningKey;
    use gatewright_policy::credential::status::{Entries, Entry, ListClaims, ListKind, StatusRef};
    use gatewright_policy::credential::{Signer, TrustAnchor, did_key};

    use super::super::known_list::not_older;
    use super::*;

    const NOW: Timestamp = Timestamp(1_800_000_000_000);

    static KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::from_bytes(&[7; 32]));

    /// A place in a list; entry 1 of each was revoked.
    fn status(list: usize, index: u64) -> Status {
        Status {
            refs: vec![StatusRef {
                list: address(list).into(),
                index,
                kind: ListKind::Token,
            }],
            issuer: did_key(&KEY.verifying_key()).into(),
            grace: Duration::ZERO,
        }
    }

    fn address(list: usize) -> String {
        format!("https://id.example.org/lists/{list}")
    }

    /// Fetches what is due, as the gateway does.
    fn fetch(statuses: &Statuses, now: Timestamp) -> usize {
        let anchor = TrustAnchor::of_did(&did_key(&KEY.verifying_key())).unwrap();
        let due = statuses.due(now);
        for key in &due {
            let mut entries = Entries::new(8);
            entries.set(1, Entry::Revoked).unwrap();
            let claims = ListClaims {
                url: key.list.to_string(),
                issued: now,
                ttl: Duration::from_secs(60),
                ends: now.plus(Duration::from_secs(86_400)),
            };
            let text = entries.sign(&claims, &Signer::of_key(&KEY)).unwrap();
            came(statuses, key, Ok(&text), Some(&anchor), now).unwrap();
        }
        due.len()
    }

    /// A list comes to a gate that stands alone.
    fn came(
        statuses: &Statuses,
        key: &ListKey,
        fetched: Result<&str, String>,
        anchor: Option<&TrustAnchor>,
        now: Timestamp,
    ) -> Result<(), ListError> {
        let list = key.verify(fetched, anchor, now).and_then(|list| {
            let newest = statuses.newest(key, list.issued);
            not_older(list, newest)
        });
        statuses.put(key, list.map(Fetched::from), now)
    }

    fn full(now: Timestamp) -> Statuses {
        let statuses = Statuses::default();
        for list in 0..LISTS_MAX {
            assert_eq!(statuses.want(&status(list, 0), now), Looked::Underway);
        }
        fetch(&statuses, now);
        statuses
    }

    #[test]
    fn the_longest_unused_list_makes_room_and_none_that_is_in_use() {
        let statuses = full(NOW);
        let new = status(LISTS_MAX, 0);
        let soon = NOW.plus(KEPT_MIN / 2);
        assert_eq!(statuses.want(&new, soon), Looked::NoRoom);
        let refused = statuses.admits(&new, true, soon);
        assert_eq!(refused, Err(Stopped::STATUS_UNAVAILABLE));
        // All but one are used once more.
        for list in (0..LISTS_MAX).filter(|list| *list != 47) {
            assert_eq!(statuses.admits(&status(list, 0), false, soon), Ok(()));
        }
        let later = NOW.plus(KEPT_MIN);
        assert_eq!(statuses.want(&new, later), Looked::Underway);
        let other = status(LISTS_MAX + 1, 0);
        assert_eq!(statuses.want(&other, later), Looked::NoRoom);
        fetch(&statuses, later);
        assert_eq!(statuses.admits(&new, false, later), Ok(()));
    }

    #[test]
    fn an_issuer_that_uses_all_lists_leaves_others_their_share() {
        let statuses = full(NOW);
        let of = |list: usize| Status {
            issuer: "did:example:other".into(),
            ..status(list, 0)
        };
        let soon = NOW.plus(KEPT_MIN / 2);
        for list in 0..LISTS_MAX / 2 {
            assert_eq!(statuses.want(&of(list), soon), Looked::Underway, "{list}");
        }
        assert_eq!(statuses.want(&of(LISTS_MAX), soon), Looked::NoRoom);
        let new = status(LISTS_MAX, 0);
        assert_eq!(statuses.want(&new, soon), Looked::NoRoom);
        let known = statuses.known.load();
        let counts = by_issuer(known.keys());
        assert_eq!(counts.get("did:example:other"), Some(&(LISTS_MAX / 2)));
        assert_eq!(known.len(), LISTS_MAX);
    }

    #[test]
    fn a_credential_whose_list_went_is_refused_until_the_list_is_there_again() {
        let statuses = Statuses::default();
        let (good, revoked) = (status(1, 0), status(1, 1));
        statuses.want(&good, NOW);
        assert_eq!(fetch(&statuses, NOW), 1);
        assert_eq!(statuses.admits(&good, false, NOW), Ok(()));
        assert_eq!(statuses.admits(&revoked, true, NOW), Err(Stopped::REVOKED));
        assert!(!statuses.forget(NOW.plus(UNUSED_MAX / 2)));
        let later = NOW.plus(UNUSED_MAX);
        assert!(statuses.forget(later));
        assert!(statuses.due(later).is_empty(), "nobody fetches it any more");
        for status in [&good, &revoked] {
            for read_only in [true, false] {
                let refused = statuses.admits(status, read_only, later);
                assert_eq!(refused, Err(Stopped::STATUS_UNAVAILABLE));
            }
        }
        assert_eq!(statuses.want(&revoked, later), Looked::Underway);
        let unknown = statuses.admits(&good, true, later);
        assert_eq!(unknown, Err(Stopped::STATUS_UNAVAILABLE));
        fetch(&statuses, later);
        assert_eq!(statuses.want(&revoked, later), Looked::Answered);
        assert_eq!(statuses.keeps(&revoked), Err(Stopped::REVOKED));
        assert_eq!(statuses.admits(&good, false, later), Ok(()));
    }

    #[test]
    fn no_older_list_takes_the_place_of_one_that_was_let_go_of() {
        let statuses = Statuses::default();
        let revoked = status(1, 1);
        let key = ListKey::of(&revoked, &revoked.refs[0]);
        let anchor = TrustAnchor::of_did(&did_key(&KEY.verifying_key())).unwrap();
        let put = |issued: Timestamp, entries: &Entries, now: Timestamp| {
            let claims = ListClaims {
                url: key.list.to_string(),
                issued,
                ttl: Duration::from_secs(60),
                ends: issued.plus(Duration::from_secs(86_400)),
            };
            let text = entries.sign(&claims, &Signer::of_key(&KEY)).unwrap();
            came(&statuses, &key, Ok(&text), Some(&anchor), now)
        };
        let before = Timestamp(NOW.0 - 60_000);
        let none = Entries::new(8);
        let mut some = Entries::new(8);
        some.set(1, Entry::Revoked).unwrap();
        statuses.want(&revoked, NOW);
        put(NOW, &some, NOW).unwrap();
        let older = put(before, &none, NOW);
        assert!(matches!(older, Err(ListError::Older)), "{older:?}");
        assert_eq!(statuses.admits(&revoked, true, NOW), Err(Stopped::REVOKED));
        let later = NOW.plus(UNUSED_MAX);
        assert!(statuses.forget(later));
        statuses.want(&revoked, later);
        let older = put(before, &none, later);
        assert!(matches!(older, Err(ListError::Older)), "{older:?}");
        let refused = statuses.admits(&revoked, true, later);
        assert_eq!(refused, Err(Stopped::STATUS_INVALID));
        put(NOW, &some, later).unwrap();
        let refused = statuses.admits(&revoked, true, later);
        assert_eq!(refused, Err(Stopped::REVOKED));
    }

    /// What the memory said is about one list: another one may have come meanwhile.
    #[test]
    fn a_list_takes_the_place_of_the_one_that_was_disowned_and_of_no_other() {
        let statuses = Statuses::default();
        let status = status(1, 1);
        let key = ListKey::of(&status, &status.refs[0]);
        let anchor = TrustAnchor::of_did(&did_key(&KEY.verifying_key())).unwrap();
        let fetched = |issued: Timestamp, disowned: Option<Timestamp>| {
            let claims = ListClaims {
                url: key.list.to_string(),
                issued,
                ttl: Duration::from_secs(60),
                ends: issued.plus(Duration::from_secs(86_400)),
            };
            let text = Entries::new(8).sign(&claims, &Signer::of_key(&KEY));
            let list = key.verify(Ok(&text.unwrap()), Some(&anchor), NOW).unwrap();
            Fetched {
                disowned,
                ..Fetched::from(list)
            }
        };
        let before = Timestamp(NOW.0 - 60_000);
        statuses.want(&status, NOW);
        statuses.put(&key, Ok(fetched(NOW, None)), NOW).unwrap();
        for disowned in [None, Some(before), Some(Timestamp(NOW.0 + 1))] {
            let put = statuses.put(&key, Ok(fetched(before, disowned)), NOW);
            assert!(matches!(put, Err(ListError::Older)), "{disowned:?} {put:?}");
        }
        let put = statuses.put(&key, Ok(fetched(before, Some(NOW))), NOW);
        assert!(put.is_ok(), "{put:?}");
        assert_eq!(statuses.issued(&key), Some(before));
    }

    #[test]
    fn a_list_that_never_came_makes_room_first() {
        let statuses = full(NOW);
        let soon = NOW.plus(KEPT_MIN);
        let (down, new) = (status(LISTS_MAX, 0), status(LISTS_MAX + 1, 0));
        assert_eq!(statuses.want(&down, soon), Looked::Underway);
        let key = ListKey::of(&down, &down.refs[0]);
        let error = came(&statuses, &key, Err("down".to_owned()), None, soon);
        assert!(matches!(error, Err(ListError::Unreachable(_))));
        let later = soon.plus(KEPT_MIN);
        assert_eq!(statuses.want(&new, later), Looked::Underway);
        let known = statuses.known.load();
        assert!(!known.contains_key(&key) && known.len() == LISTS_MAX);
    }

    #[test]
    fn a_list_of_an_issuer_that_is_not_configured_counts_for_nothing() {
        let statuses = Statuses::default();
        let status = status(1, 0);
        statuses.want(&status, NOW);
        let key = ListKey::of(&status, &status.refs[0]);
        let error = came(&statuses, &key, Ok("a.b.c"), None, NOW);
        assert!(matches!(error, Err(ListError::NoIssuer)));
        let refused = statuses.admits(&status, true, NOW);
        assert_eq!(refused, Err(Stopped::STATUS_INVALID));
    }
}
