//! Who is signed in. A session lives in memory: it ends with the gate.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use gatewright_policy::{Digest, Timestamp};

use crate::passkey::encoded;

/// Nobody who did nothing for so long is signed in any more.
pub(crate) const IDLE_MAX: Duration = Duration::from_secs(30 * 60);

/// Nobody stays signed in for longer, and who signed in elsewhere may for less.
pub(crate) const LIFE_MAX: Duration = Duration::from_secs(12 * 60 * 60);

/// Sessions of one account; another one ends the oldest of them.
const PER_ACCOUNT_MAX: usize = 4;

/// What a token is made of.
const TOKEN_BYTES: usize = 32;

/// Tells the keys of form tokens from all others.
const FORM_CONTEXT: &str = "gatewright console 2026 form token";

/// What the cookie of a session holds.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Token(String);

/// Somebody who is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Session {
    pub(crate) account: String,
    pub(crate) began: Timestamp,
    seen: Timestamp,
    /// It is over then, whatever they do.
    ends: Timestamp,
}

/// The sessions, by the digest of their tokens: there is nothing to compare that time
/// would tell of.
#[derive(Default)]
pub(crate) struct Sessions(Mutex<HashMap<Digest, Session>>);

// === impl Token ===

impl Token {
    fn new() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; TOKEN_BYTES];
        getrandom::fill(&mut bytes)?;
        Ok(Self(encoded(&bytes)))
    }

    /// As a browser sent it.
    pub(crate) fn from_cookie(text: &str) -> Self {
        Self(text.to_owned())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// What a form of this session must bring. It does not tell the cookie.
    pub(crate) fn form_token(&self) -> String {
        encoded(&blake3::derive_key(FORM_CONTEXT, self.0.as_bytes()))
    }

    /// Whether a form brings it.
    pub(crate) fn is_form_token(&self, text: &str) -> bool {
        // Digests, so that how much of it is right takes no time.
        Digest::of(text.as_bytes()) == Digest::of(self.form_token().as_bytes())
    }
}

// === impl Session ===

impl Session {
    fn is_over(&self, now: Timestamp) -> bool {
        now.since(self.seen) >= IDLE_MAX || now >= self.ends
    }
}

// === impl Sessions ===

impl Sessions {
    /// Begins a session that lasts so long at the most.
    pub(crate) fn begin(
        &self,
        account: &str,
        life: Duration,
        now: Timestamp,
    ) -> Result<Token, getrandom::Error> {
        let token = Token::new()?;
        let mut sessions = self.lock();
        sessions.retain(|_, session| !session.is_over(now));
        let own = sessions.iter().filter(|(_, it)| it.account == account);
        let mut own: Vec<_> = own.map(|(key, it)| (it.began, *key)).collect();
        own.sort_unstable();
        let over = (own.len() + 1).saturating_sub(PER_ACCOUNT_MAX);
        for (_, oldest) in own.iter().take(over) {
            sessions.remove(oldest);
        }
        let session = Session {
            account: account.to_owned(),
            began: now,
            seen: now,
            ends: now.plus(life.min(LIFE_MAX)),
        };
        sessions.insert(key(&token), session);
        Ok(token)
    }

    /// Who this is. It counts as something that they did.
    pub(crate) fn enter(&self, token: &Token, now: Timestamp) -> Option<Session> {
        let mut sessions = self.lock();
        let session = sessions.get_mut(&key(token))?;
        if session.is_over(now) {
            sessions.remove(&key(token));
            return None;
        }
        session.seen = session.seen.max(now);
        Some(session.clone())
    }

    /// Whether it goes on. That is nothing that anybody did.
    pub(crate) fn goes_on(&self, token: &Token, now: Timestamp) -> bool {
        let sessions = self.lock();
        let session = sessions.get(&key(token));
        session.is_some_and(|session| !session.is_over(now))
    }

    pub(crate) fn end(&self, token: &Token) {
        self.lock().remove(&key(token));
    }

    /// Ends all of an account.
    pub(crate) fn end_all(&self, account: &str) {
        self.lock().retain(|_, session| session.account != account);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Digest, Session>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key(token: &Token) -> Digest {
    Digest::of(token.0.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(duration: Duration) -> Timestamp {
        Timestamp(1).plus(duration)
    }

    #[test]
    fn a_session_ends_when_nobody_does_anything_and_in_the_end() {
        let sessions = Sessions::default();
        let minute = Duration::from_secs(60);
        let token = sessions
            .begin("kim", LIFE_MAX, after(Duration::ZERO))
            .unwrap();
        let mut at = Duration::ZERO;
        while at < LIFE_MAX {
            let is_there = sessions.enter(&token, after(at)).is_some();
            assert!(is_there, "{at:?}");
            at += IDLE_MAX - minute;
        }
        assert!(sessions.enter(&token, after(LIFE_MAX)).is_none());
        let token = sessions
            .begin("kim", LIFE_MAX, after(Duration::ZERO))
            .unwrap();
        assert!(sessions.goes_on(&token, after(IDLE_MAX - minute)));
        assert!(!sessions.goes_on(&token, after(IDLE_MAX)));
        assert!(sessions.enter(&token, after(IDLE_MAX)).is_none());
    }

    #[test]
    fn a_session_lasts_as_long_as_it_was_begun_for_and_never_longer_than_any() {
        let sessions = Sessions::default();
        let minute = Duration::from_secs(60);
        for (life, lasts) in [(10 * minute, 10 * minute), (2 * LIFE_MAX, LIFE_MAX)] {
            let token = sessions.begin("kim", life, after(Duration::ZERO)).unwrap();
            let mut at = Duration::ZERO;
            while at < lasts {
                assert!(sessions.enter(&token, after(at)).is_some(), "{at:?}");
                at += 5 * minute;
            }
            assert!(!sessions.goes_on(&token, after(lasts)), "{life:?}");
            assert!(sessions.enter(&token, after(lasts)).is_none(), "{life:?}");
        }
    }

    #[test]
    fn an_account_has_only_so_many_and_can_lose_them_all() {
        let sessions = Sessions::default();
        let tokens: Vec<_> = (0..6)
            .map(|minute| {
                let at = after(Duration::from_secs(60 * minute));
                sessions.begin("kim", LIFE_MAX, at).unwrap()
            })
            .collect();
        let lee = sessions
            .begin("lee", LIFE_MAX, after(Duration::ZERO))
            .unwrap();
        let now = after(Duration::from_secs(400));
        let there: Vec<_> = tokens.iter().map(|it| sessions.goes_on(it, now)).collect();
        assert_eq!(there, [false, false, true, true, true, true]);
        sessions.end_all("kim");
        assert!(tokens.iter().all(|it| !sessions.goes_on(it, now)));
        assert!(sessions.goes_on(&lee, now));
        sessions.end(&lee);
        assert!(!sessions.goes_on(&lee, now));
    }

    #[test]
    fn a_form_token_belongs_to_one_session() {
        let sessions = Sessions::default();
        let one = sessions.begin("kim", LIFE_MAX, Timestamp(0)).unwrap();
        let other = sessions.begin("kim", LIFE_MAX, Timestamp(0)).unwrap();
        assert!(one.is_form_token(&one.form_token()));
        for wrong in [other.form_token(), String::new(), one.as_str().to_owned()] {
            assert!(!one.is_form_token(&wrong));
        }
    }
}
