//! Questions to passkeys that wait for their answers: each is answered once, and soon.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use gatewright_policy::{Digest, Timestamp};

use crate::approvals::Statement;

/// Questions that wait at once.
const QUESTIONS_MAX: usize = 512;

/// How long one waits. A browser asks no longer either.
pub(crate) const ANSWERED_WITHIN: Duration = Duration::from_secs(120);

/// What a passkey is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Question {
    /// Who are you?
    SignIn,
    /// A passkey for a new account, made with a code.
    Enrol {
        code: Digest,
        name: String,
        handle: Vec<u8>,
    },
    /// A passkey for somebody who signed in at an identity provider.
    Own { account: String },
    /// Do you decide this?
    Decide(Statement),
}

/// The questions that wait, by challenge.
#[derive(Default)]
pub(crate) struct Challenges(Mutex<HashMap<Vec<u8>, (Question, Timestamp)>>);

/// As many questions wait as may.
#[derive(Debug, thiserror::Error)]
#[error("too many people sign in at once; try again in a minute")]
pub(crate) struct QuestionsFull;

impl Challenges {
    /// Asks this under a challenge.
    pub(crate) fn ask(
        &self,
        challenge: Vec<u8>,
        question: Question,
        now: Timestamp,
    ) -> Result<(), QuestionsFull> {
        let mut questions = self.lock();
        questions.retain(|_, (_, ends)| now < *ends);
        if questions.len() >= QUESTIONS_MAX {
            return Err(QuestionsFull);
        }
        questions.insert(challenge, (question, now.plus(ANSWERED_WITHIN)));
        Ok(())
    }

    /// What was asked under a challenge. It is answered now, rightly or wrongly.
    pub(crate) fn take(&self, challenge: &[u8], now: Timestamp) -> Option<Question> {
        let (question, ends) = self.lock().remove(challenge)?;
        (now < ends).then_some(question)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Vec<u8>, (Question, Timestamp)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A challenge that nobody guesses.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], getrandom::Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_answered_once_and_in_time() {
        let challenges = Challenges::default();
        let ask = |name: &[u8]| challenges.ask(name.to_vec(), Question::SignIn, Timestamp(0));
        ask(b"a").unwrap();
        assert_eq!(challenges.take(b"a", Timestamp(1)), Some(Question::SignIn));
        assert_eq!(challenges.take(b"a", Timestamp(1)), None);
        ask(b"b").unwrap();
        let late = Timestamp(0).plus(ANSWERED_WITHIN);
        assert_eq!(challenges.take(b"b", late), None);
    }

    #[test]
    fn there_are_only_so_many_questions() {
        let challenges = Challenges::default();
        for number in 0..QUESTIONS_MAX {
            let challenge = number.to_be_bytes().to_vec();
            challenges
                .ask(challenge, Question::SignIn, Timestamp(0))
                .unwrap();
        }
        let one_more = |at| challenges.ask(b"more".to_vec(), Question::SignIn, at);
        assert!(one_more(Timestamp(1)).is_err());
        assert!(one_more(Timestamp(0).plus(ANSWERED_WITHIN)).is_ok());
    }
}
