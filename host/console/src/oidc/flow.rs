//! Sign-ins that are under way: each belongs to the browser that began it, ends soon, and
//! comes back once.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use gatewright_policy::credential::sha256;
use gatewright_policy::{Digest, Timestamp};

use super::provider::Places;
use crate::challenges::random;
use crate::passkey::encoded;

/// Sign-ins that are under way at once: more than the pace lets anybody begin.
const FLOWS_MAX: usize = 1024;

/// Somebody types a password and a second factor in that time.
pub(crate) const BACK_WITHIN: Duration = Duration::from_secs(600);

/// What the browser takes along, and what it leaves behind.
pub(crate) struct Begun {
    /// In the URL: finds the sign-in again.
    pub(crate) state: String,
    /// In a cookie: is the browser that began it.
    pub(crate) browser: String,
    /// In the URL, and then in the ID token.
    pub(crate) nonce: String,
    /// In the URL: the digest of what redeems the code (RFC 7636).
    pub(crate) code_challenge: String,
}

/// A sign-in that came back.
pub(crate) struct Flow {
    browser: Digest,
    pub(crate) nonce: String,
    /// Redeems the code; no browser sees it.
    pub(crate) verifier: String,
    pub(crate) places: Places,
    ends: Timestamp,
}

/// As many sign in as may.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotBegun {
    #[error("too many people sign in at once; try again in a few minutes")]
    Full,
    #[error("the machine has no randomness: {0}")]
    Random(getrandom::Error),
}

/// The sign-ins under way, by the digests of their states.
#[derive(Default)]
pub(crate) struct Flows(Mutex<HashMap<Digest, Flow>>);

impl Flows {
    /// Begins one.
    pub(crate) fn begin(&self, places: Places, now: Timestamp) -> Result<Begun, NotBegun> {
        let text = || random::<32>().map(|bytes| encoded(&bytes));
        let text = || text().map_err(NotBegun::Random);
        let (state, browser, nonce, verifier) = (text()?, text()?, text()?, text()?);
        let mut flows = self.lock();
        flows.retain(|_, flow| now < flow.ends);
        if flows.len() >= FLOWS_MAX {
            return Err(NotBegun::Full);
        }
        let code_challenge = sha256(&verifier);
        let flow = Flow {
            browser: Digest::of(browser.as_bytes()),
            nonce: nonce.clone(),
            verifier,
            places,
            ends: now.plus(BACK_WITHIN),
        };
        flows.insert(Digest::of(state.as_bytes()), flow);
        Ok(Begun {
            state,
            browser,
            nonce,
            code_challenge,
        })
    }

    /// The one of this state. It comes back once, rightly or wrongly.
    pub(crate) fn take(&self, state: &str, now: Timestamp) -> Option<Flow> {
        let flow = self.lock().remove(&Digest::of(state.as_bytes()))?;
        (now < flow.ends).then_some(flow)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Digest, Flow>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Flow {
    /// Whether this browser began it.
    pub(crate) fn is_of(&self, browser: &str) -> bool {
        self.browser == Digest::of(browser.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places() -> Places {
        Places {
            authorization: "https://idp.example/a".to_owned(),
            token: "https://idp.example/t".to_owned(),
            keys: "https://idp.example/k".to_owned(),
            names_itself: false,
        }
    }

    #[test]
    fn a_sign_in_comes_back_once_in_time_to_the_browser_that_began_it() {
        let (flows, now) = (Flows::default(), Timestamp(0));
        let begun = flows.begin(places(), now).unwrap();
        assert!(flows.take(&begun.browser, now).is_none());
        let flow = flows.take(&begun.state, now).unwrap();
        assert!(flow.is_of(&begun.browser) && !flow.is_of(&begun.state) && !flow.is_of(""));
        assert_eq!(sha256(&flow.verifier), begun.code_challenge);
        assert!(flows.take(&begun.state, now).is_none(), "it came back");
        let late = flows.begin(places(), now).unwrap();
        assert!(flows.take(&late.state, now.plus(BACK_WITHIN)).is_none());
    }

    #[test]
    fn only_so_many_are_under_way() {
        let flows = Flows::default();
        for _ in 0..FLOWS_MAX {
            flows.begin(places(), Timestamp(0)).unwrap();
        }
        let full = flows.begin(places(), Timestamp(1));
        assert!(matches!(full.err(), Some(NotBegun::Full)));
        assert!(
            flows
                .begin(places(), Timestamp(0).plus(BACK_WITHIN))
                .is_ok()
        );
    }
}
