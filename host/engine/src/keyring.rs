//! The keys that issuers publish, as they were last fetched. Whoever fetches them
//! stands outside; here is how long they may be used, and when to look again.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use gatewright_policy::Timestamp;
use gatewright_policy::credential::{KeySet, KeyUse};
use serde::Serialize;
use tokio::sync::{Notify, watch};

/// Where the keys of an issuer are.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct KeySource {
    /// The issuer.
    pub issuer: String,
    /// The URL of its JWK Set. Without one its metadata say it (RFC 8414, OpenID
    /// Connect Discovery).
    pub url: Option<String>,
    /// Which of the keys count.
    pub key_use: KeyUse,
    /// How often they are looked for.
    pub refresh: Duration,
    /// How long they are believed after they were last seen.
    pub kept: Duration,
}

/// The keys of all sources.
pub struct Keyring {
    held: Mutex<HashMap<KeySource, Held>>,
    /// Counts changes.
    version: AtomicU64,
    /// Whoever fetches is to look now.
    wanted: Notify,
    /// A look has ended.
    looked: watch::Sender<u64>,
}

/// What is known of one source.
#[derive(Clone, Debug, Default)]
struct Held {
    keys: Arc<KeySet>,
    seen_at: Option<Timestamp>,
    looked_at: Option<Timestamp>,
    error: Option<String>,
    is_asked: bool,
    is_under_way: bool,
}

/// The keys of an issuer that are fetched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct IssuerKeysStatus {
    /// The issuer.
    pub issuer: String,
    /// `good`; `not-refreshed` where the last look failed and those before still hold;
    /// `too-old`; `missing`. With the last two its credentials are refused.
    pub state: &'static str,
    /// How many of them can be used.
    pub keys: usize,
    /// When they were last seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen_at: Option<Timestamp>,
    /// Until when they are believed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Why the last look failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// A look that somebody waits for.
pub struct Look(watch::Receiver<u64>);

/// Somebody's key that is not known makes the gate look no more often than this,
/// whatever anybody sends.
const ASK_EVERY: Duration = Duration::from_secs(30);

/// After a look that failed, the next one.
const RETRY_AFTER: Duration = Duration::from_secs(15);

/// Longest error that is kept of a source, in characters: parts of it are from there.
const ERROR_CHARS_MAX: usize = 300;

impl Default for Keyring {
    fn default() -> Self {
        Self {
            held: Mutex::default(),
            version: AtomicU64::new(0),
            wanted: Notify::new(),
            looked: watch::Sender::new(0),
        }
    }
}

impl Keyring {
    /// Counts changes of any keys.
    pub(crate) fn version(&self) -> u64 {
        self.version.load(Ordering::Acquire)
    }

    /// The keys of a source, and until when they may be used.
    pub(crate) fn keys(&self, source: &KeySource) -> (Arc<KeySet>, Timestamp) {
        let held = self.lock();
        let held = held.get(source);
        let until = held.and_then(|held| held.until(source));
        let keys = held.map(|held| Arc::clone(&held.keys));
        (keys.unwrap_or_default(), until.unwrap_or(Timestamp(0)))
    }

    /// Asks for a look, because a credential names a key that is not known. Nothing
    /// where the last look was just now: then the answer would be the same.
    pub(crate) fn ask(&self, source: &KeySource, now: Timestamp) -> Option<Look> {
        let look = Look(self.looked.subscribe());
        let mut all = self.lock();
        let held = all.entry(source.clone()).or_default();
        if held.is_under_way || held.is_asked {
            return Some(look);
        }
        let is_recent = |looked: Timestamp| now.since(looked) < ASK_EVERY;
        if held.looked_at.is_some_and(is_recent) {
            return None;
        }
        held.is_asked = true;
        self.wanted.notify_one();
        Some(look)
    }

    /// Takes those of the sources that are to be looked at now, and forgets the sources
    /// that are not among them. Each that is taken must come back by
    /// [`Keyring::looked`].
    pub fn take_due<'a>(
        &self,
        sources: impl Iterator<Item = &'a KeySource>,
        now: Timestamp,
    ) -> Vec<KeySource> {
        let sources: Vec<_> = sources.collect();
        let mut all = self.lock();
        all.retain(|known, held| sources.contains(&known) || held.is_under_way);
        let mut due = Vec::new();
        for source in sources {
            let held = all.entry(source.clone()).or_default();
            if held.is_due(source, now) {
                held.is_under_way = true;
                held.is_asked = false;
                due.push(source.clone());
            }
        }
        due
    }

    /// What a look gave. After one that failed, what was there before stays, until it is
    /// too old.
    pub fn looked(&self, source: &KeySource, found: Result<KeySet, String>, now: Timestamp) {
        {
            let mut all = self.lock();
            let held = all.entry(source.clone()).or_default();
            held.is_under_way = false;
            held.looked_at = Some(now);
            match found {
                Ok(keys) => {
                    if *held.keys != keys {
                        held.keys = Arc::new(keys);
                    }
                    held.seen_at = Some(now);
                    held.error = None;
                }
                Err(error) => {
                    let error = error.chars().take(ERROR_CHARS_MAX);
                    held.error = Some(
                        error
                            .collect::<String>()
                            .replace(char::is_control, "\u{fffd}"),
                    );
                }
            }
        }
        self.version.fetch_add(1, Ordering::AcqRel);
        self.looked.send_modify(|count| *count += 1);
    }

    /// Waits until somebody asks for a look.
    pub async fn wanted(&self) {
        self.wanted.notified().await;
    }

    /// How things stand with a source.
    pub(crate) fn status(&self, source: &KeySource, now: Timestamp) -> IssuerKeysStatus {
        let held = self.lock().get(source).cloned().unwrap_or_default();
        let until = held.until(source);
        IssuerKeysStatus {
            issuer: source.issuer.clone(),
            state: match (until, &held.error) {
                (None, _) => "missing",
                (Some(until), _) if now >= until => "too-old",
                (Some(_), Some(_)) => "not-refreshed",
                (Some(_), None) => "good",
            },
            keys: held.keys.usable(),
            seen_at: held.seen_at,
            until,
            error: held.error,
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<KeySource, Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    fn until(&self, source: &KeySource) -> Option<Timestamp> {
        self.seen_at.map(|seen| seen.plus(source.kept))
    }

    fn is_due(&self, source: &KeySource, now: Timestamp) -> bool {
        if self.is_under_way {
            return false;
        }
        let wait = match self.error {
            None => source.refresh,
            Some(_) => RETRY_AFTER.min(source.refresh),
        };
        let is_due = |looked: Timestamp| now.since(looked) >= wait;
        self.is_asked || self.looked_at.is_none_or(is_due)
    }
}

impl Look {
    /// Waits until a look at any source has ended.
    pub async fn ended(mut self) {
        // The sender goes with the gate: then nobody waits for anything.
        let _gone = self.0.changed().await;
    }
}

#[cfg(test)]
mod tests {
    use gatewright_policy::credential::PublicKey;

    use super::*;

    fn source() -> KeySource {
        KeySource {
            issuer: "https://idp.example".to_owned(),
            url: None,
            key_use: KeyUse::Signature,
            refresh: Duration::from_secs(600),
            kept: Duration::from_secs(3600),
        }
    }

    fn set(seed: u8) -> KeySet {
        let key = ed25519_dalek::SigningKey::from_bytes(&[seed; 32]);
        KeySet::of(PublicKey::ed25519(key.verifying_key()))
    }

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_seconds(1_000_000 + seconds)
    }

    fn due(keyring: &Keyring, seconds: u64) -> bool {
        !keyring.take_due([source()].iter(), at(seconds)).is_empty()
    }

    #[test]
    fn keys_are_looked_for_at_the_start_and_again_in_time() {
        let keyring = Keyring::default();
        assert_eq!(keyring.status(&source(), at(0)).state, "missing");
        assert!(due(&keyring, 0));
        assert!(!due(&keyring, 1), "the look is under way");
        keyring.looked(&source(), Ok(set(1)), at(2));
        assert_eq!(keyring.status(&source(), at(2)).state, "good");
        assert!(!due(&keyring, 601));
        assert!(due(&keyring, 602));
        keyring.looked(&source(), Err("down".to_owned()), at(602));
        assert!(!due(&keyring, 616));
        assert!(due(&keyring, 617), "after a failure it looks again soon");
    }

    #[test]
    fn what_cannot_be_refreshed_stays_for_its_time_and_is_refused_then() {
        let keyring = Keyring::default();
        keyring.looked(&source(), Ok(set(1)), at(0));
        let version = keyring.version();
        keyring.looked(&source(), Err("down\u{1b}[2J".to_owned()), at(600));
        assert_ne!(keyring.version(), version);
        let (keys, until) = keyring.keys(&source());
        assert_eq!((&*keys, until), (&set(1), at(3600)));
        let status = keyring.status(&source(), at(3599));
        assert_eq!(status.state, "not-refreshed");
        assert_eq!(status.error.as_deref(), Some("down\u{fffd}[2J"));
        assert_eq!(keyring.status(&source(), at(3600)).state, "too-old");
        keyring.looked(&source(), Ok(set(2)), at(3700));
        assert_eq!(keyring.keys(&source()), (Arc::new(set(2)), at(7300)));
    }

    #[test]
    fn a_key_that_nobody_knows_is_asked_for_once_and_then_not_for_a_while() {
        let keyring = Keyring::default();
        keyring.looked(&source(), Ok(set(1)), at(0));
        assert!(
            keyring.ask(&source(), at(29)).is_none(),
            "it looked just now"
        );
        assert!(keyring.ask(&source(), at(30)).is_some());
        assert!(due(&keyring, 30));
        assert!(
            keyring.ask(&source(), at(31)).is_some(),
            "others wait for the same look"
        );
        assert!(!due(&keyring, 31));
        keyring.looked(&source(), Ok(set(1)), at(32));
        for seconds in 32..62 {
            assert!(keyring.ask(&source(), at(seconds)).is_none());
            assert!(!due(&keyring, seconds));
        }
        assert!(keyring.ask(&source(), at(62)).is_some());
    }

    #[test]
    fn a_source_that_is_not_configured_any_more_is_forgotten() {
        let keyring = Keyring::default();
        keyring.looked(&source(), Ok(set(1)), at(0));
        assert!(keyring.take_due([].iter(), at(1)).is_empty());
        assert_eq!(keyring.keys(&source()), (Arc::default(), Timestamp(0)));
    }
}
