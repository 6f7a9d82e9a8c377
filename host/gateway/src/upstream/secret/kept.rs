//! A secret that is got when somebody needs it, and kept until shortly before it ends.
//! One look at a time, whoever waits for it; where there is one that still counts, nobody
//! waits.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use hyper::header::HeaderValue;
use tokio::sync::Notify;

use super::error::SecretError;

/// A secret comes within this time, or not at all.
const WITHIN: Duration = Duration::from_secs(15);

/// After a failure nobody is asked for this time: whoever needs the secret fails at once.
const RETRY_AFTER: Duration = Duration::from_secs(2);

/// A secret that a tool server refused is replaced, but not more often than this: one that
/// refuses everything must not make the gate ask without end.
const REFUSED_AGAIN: Duration = Duration::from_secs(30);

/// A secret counts until so long before its end, so that none ends on its way.
const MARGIN_MAX: Duration = Duration::from_secs(10);

/// It is replaced so long before its end, while it still counts.
const AHEAD_MAX: Duration = Duration::from_secs(60);

/// No secret is used for longer, whatever it says.
const LASTS_MAX: Duration = Duration::from_secs(24 * 3600);

/// What goes into the header, and how long it is good for.
pub(super) struct Fresh {
    pub(super) value: HeaderValue,
    pub(super) lasts: Duration,
}

/// One secret.
#[derive(Default)]
pub(super) struct Kept {
    state: Mutex<State>,
    settled: Notify,
}

#[derive(Default)]
struct State {
    current: Option<Current>,
    /// Why there is none, and until when nobody asks again.
    failed: Option<(SecretError, Instant)>,
    is_looked_for: bool,
    refused_at: Option<Instant>,
}

struct Current {
    value: HeaderValue,
    renew_at: Instant,
    ends_at: Instant,
}

/// What somebody who needs the secret does.
#[derive(Debug, PartialEq, Eq)]
enum Next {
    Take(HeaderValue),
    /// And has it replaced beside the call.
    TakeAndLook(HeaderValue),
    Look,
    Wait,
    Fail(SecretError),
}

/// A look that is under way. However it ends, whoever waits hears of it.
struct Look {
    kept: Arc<Kept>,
    /// From then on the life of what is found counts.
    began: Instant,
    found: Option<Result<Fresh, SecretError>>,
}

// === impl Kept ===

impl Kept {
    /// The secret. `look` gets another one, and is asked only where one is needed.
    pub(super) async fn get<F>(
        self: &Arc<Self>,
        look: impl Fn() -> F,
    ) -> Result<HeaderValue, SecretError>
    where
        F: Future<Output = Result<Fresh, SecretError>> + Send + 'static,
    {
        loop {
            // Before the state is read: what is settled from now on is heard.
            let settled = self.settled.notified();
            let next = self.state().next(Instant::now());
            match next {
                Next::Take(value) => return Ok(value),
                Next::TakeAndLook(value) => {
                    self.start(look());
                    return Ok(value);
                }
                Next::Look => self.start(look()),
                Next::Wait => {}
                Next::Fail(error) => return Err(error),
            }
            settled.await;
            // What was got just now is good for who waited for it, however brief it is.
            if let Some(settled) = self.state().settled() {
                return settled;
            }
        }
    }

    /// A tool server did not take this one. Whether there may be another one.
    pub(super) fn refused(&self, value: &HeaderValue) -> bool {
        self.state().refused(value, Instant::now())
    }

    /// It ends when the secret is there or cannot be had, whoever asked for it and does
    /// not wait any more.
    fn start<F>(self: &Arc<Self>, looking: F)
    where
        F: Future<Output = Result<Fresh, SecretError>> + Send + 'static,
    {
        let look = Look {
            kept: Arc::clone(self),
            began: Instant::now(),
            found: None,
        };
        tokio::spawn(async move {
            let found = tokio::time::timeout(WITHIN, looking).await;
            let late = || SecretError::new(format!("it did not come within {WITHIN:?}"));
            look.end(found.unwrap_or_else(|_| Err(late())));
        });
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Kept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Kept").finish_non_exhaustive()
    }
}

impl Look {
    fn end(mut self, found: Result<Fresh, SecretError>) {
        self.found = Some(found);
    }
}

impl Drop for Look {
    fn drop(&mut self) {
        let given_up = || Err(SecretError::new("nobody looked for it to the end"));
        let found = self.found.take().unwrap_or_else(given_up);
        if let Err(error) = &found {
            tracing::warn!(%error, "no credential for a tool server");
        }
        self.kept.state().settle(found, self.began, Instant::now());
        self.kept.settled.notify_waiters();
    }
}

// === impl State ===

impl State {
    fn next(&mut self, now: Instant) -> Next {
        let failed = self.failed.as_ref().filter(|(_, until)| now < *until);
        let may_look = !self.is_looked_for && failed.is_none();
        match self.current.as_ref().filter(|known| now < known.ends_at) {
            Some(known) if now >= known.renew_at && may_look => {
                self.is_looked_for = true;
                Next::TakeAndLook(known.value.clone())
            }
            Some(known) => Next::Take(known.value.clone()),
            None if may_look => {
                self.is_looked_for = true;
                Next::Look
            }
            None if self.is_looked_for => Next::Wait,
            None => match failed {
                Some((error, _)) => Next::Fail(error.clone()),
                None => Next::Wait,
            },
        }
    }

    /// What came of the last look, if none is under way and nobody refused it since.
    fn settled(&self) -> Option<Result<HeaderValue, SecretError>> {
        match (&self.failed, &self.current) {
            _ if self.is_looked_for => None,
            (Some((error, _)), _) => Some(Err(error.clone())),
            (None, Some(known)) => Some(Ok(known.value.clone())),
            (None, None) => None,
        }
    }

    fn settle(&mut self, found: Result<Fresh, SecretError>, began: Instant, now: Instant) {
        self.is_looked_for = false;
        match found {
            Ok(fresh) => {
                let lasts = fresh.lasts.min(LASTS_MAX);
                let margin = MARGIN_MAX.min(lasts / 10);
                let ahead = AHEAD_MAX.min(lasts / 5);
                self.current = Some(Current {
                    value: fresh.value,
                    renew_at: began + lasts.saturating_sub(ahead),
                    ends_at: began + lasts.saturating_sub(margin),
                });
                self.failed = None;
            }
            Err(error) => self.failed = Some((error, now + RETRY_AFTER)),
        }
    }

    fn refused(&mut self, value: &HeaderValue, now: Instant) -> bool {
        match &self.current {
            Some(known) if known.value == *value => {}
            // Somebody else had it replaced meanwhile.
            Some(_) | None => return true,
        }
        let is_new = |at: Instant| now < at + REFUSED_AGAIN;
        if self.refused_at.is_some_and(is_new) {
            return false;
        }
        self.refused_at = Some(now);
        self.current = None;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn value(text: &'static str) -> HeaderValue {
        HeaderValue::from_static(text)
    }

    fn fresh(text: &'static str, seconds: u32) -> Result<Fresh, SecretError> {
        Ok(Fresh {
            value: value(text),
            lasts: SECOND * seconds,
        })
    }

    #[test]
    fn a_secret_is_replaced_before_it_ends_and_never_used_after() {
        let (mut state, start) = (State::default(), Instant::now());
        assert_eq!(state.next(start), Next::Look);
        assert_eq!(state.next(start), Next::Wait, "one look at a time");
        state.settle(fresh("one", 300), start, start);
        for (second, expected) in [
            (0, Next::Take(value("one"))),
            (239, Next::Take(value("one"))),
            (240, Next::TakeAndLook(value("one"))),
            (241, Next::Take(value("one"))),
            (289, Next::Take(value("one"))),
            (290, Next::Wait),
        ] {
            assert_eq!(state.next(start + SECOND * second), expected, "{second}");
        }
        let later = start + SECOND * 291;
        state.settle(fresh("two", 10), later, later);
        assert_eq!(state.next(later), Next::Take(value("two")));
        assert_eq!(
            state.next(later + SECOND * 9),
            Next::Look,
            "a tenth is left"
        );
        let forever = later + SECOND * 10;
        state.settle(fresh("three", u32::MAX), forever, forever);
        assert_eq!(state.next(forever + LASTS_MAX), Next::Look);
    }

    #[test]
    fn a_failure_holds_for_a_moment_and_takes_nothing_that_still_counts() {
        let (mut state, start) = (State::default(), Instant::now());
        let down = SecretError::new("down");
        assert_eq!(state.next(start), Next::Look);
        state.settle(Err(down.clone()), start, start);
        assert_eq!(state.next(start + SECOND), Next::Fail(down.clone()));
        let again = start + RETRY_AFTER;
        assert_eq!(state.next(again), Next::Look);
        state.settle(fresh("one", 100), again, again);
        let due = again + SECOND * 85;
        assert_eq!(state.next(due), Next::TakeAndLook(value("one")));
        state.settle(Err(down.clone()), due, due);
        assert_eq!(state.next(due), Next::Take(value("one")));
        assert_eq!(
            state.next(due + SECOND * 2),
            Next::TakeAndLook(value("one"))
        );
        state.settle(Err(down.clone()), due + SECOND * 5, due + SECOND * 5);
        assert_eq!(state.next(due + SECOND * 5), Next::Fail(down));
    }

    #[test]
    fn what_is_refused_is_replaced_once_in_a_while() {
        let (mut state, start) = (State::default(), Instant::now());
        assert_eq!(state.next(start), Next::Look);
        state.settle(fresh("one", 3600), start, start);
        assert!(state.refused(&value("an older one"), start));
        assert_eq!(state.next(start), Next::Take(value("one")));
        assert!(state.refused(&value("one"), start));
        assert_eq!(state.next(start), Next::Look);
        state.settle(fresh("two", 3600), start, start);
        assert!(!state.refused(&value("two"), start + SECOND * 29));
        assert!(state.refused(&value("two"), start + SECOND * 30));
    }

    #[tokio::test]
    async fn what_lasts_for_a_moment_is_for_who_waited_and_got_once() {
        let kept = Arc::new(Kept::default());
        let looks = std::sync::atomic::AtomicUsize::new(0);
        let look = || {
            looks.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            async {
                Ok(Fresh {
                    value: value("brief"),
                    lasts: Duration::ZERO,
                })
            }
        };
        assert_eq!(kept.get(look).await, Ok(value("brief")));
        assert_eq!(looks.load(std::sync::atomic::Ordering::SeqCst), 1);
    }

    #[test]
    fn the_life_of_a_secret_counts_from_the_question_on() {
        let (mut state, start) = (State::default(), Instant::now());
        assert_eq!(state.next(start), Next::Look);
        state.settle(fresh("slow", 10), start, start + SECOND * 8);
        let now = start + SECOND * 8;
        assert_eq!(state.next(now), Next::TakeAndLook(value("slow")));
        assert_eq!(state.next(start + SECOND * 9), Next::Wait);
    }

    #[tokio::test]
    async fn a_look_that_is_given_up_leaves_nobody_waiting() {
        let kept = Arc::new(Kept::default());
        let first = kept.get(|| async { panic!("a fault while looking") });
        let error = first.await.unwrap_err();
        assert!(error.to_string().contains("to the end"), "{error}");
        let again = kept.get(|| async { fresh("one", 60) }).await;
        assert_eq!(again, Err(error), "not at once");
    }
}
