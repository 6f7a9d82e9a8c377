//! Messages that wait to be sent, or to be sent again. Time is an argument.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use gatewright_engine::Webhook;
use gatewright_policy::Timestamp;

/// One message to one webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Letter {
    /// The same each time it is sent.
    pub(super) id: String,
    pub(super) webhook: Arc<Webhook>,
    pub(super) body: String,
    /// How often it was tried.
    pub(super) attempts: usize,
}

/// What waits, by when it is due.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    letters: BTreeMap<(Timestamp, u64), Letter>,
    counter: u64,
}

/// Most messages that wait: one more goes nowhere.
const WAITING_MAX: usize = 1024;

/// How long after each attempt the next one is made; after the last one there is none.
const AGAIN_AFTER: [Duration; 6] = [
    Duration::from_secs(5),
    Duration::from_secs(30),
    Duration::from_secs(120),
    Duration::from_secs(600),
    Duration::from_secs(3600),
    Duration::from_secs(6 * 3600),
];

// === impl Outbox ===

impl Outbox {
    /// Takes a message, due at once. Gives it back where too many wait.
    pub(super) fn put(&mut self, letter: Letter, now: Timestamp) -> Result<(), Letter> {
        if self.letters.len() >= WAITING_MAX {
            return Err(letter);
        }
        self.counter = self.counter.wrapping_add(1);
        self.letters.insert((now, self.counter), letter);
        Ok(())
    }

    /// Takes out what is due, so many at the most.
    pub(super) fn due(&mut self, now: Timestamp, count_max: usize) -> Vec<Letter> {
        let mut due = Vec::new();
        while due.len() < count_max
            && let Some(first) = self.letters.first_entry()
            && first.key().0 <= now
        {
            due.push(first.remove());
        }
        due
    }

    /// It was tried in vain: it is due again later. Gives it back where that was the last
    /// time.
    pub(super) fn failed(&mut self, mut letter: Letter, now: Timestamp) -> Result<(), Letter> {
        let again = AGAIN_AFTER.get(letter.attempts).copied();
        letter.attempts = letter.attempts.saturating_add(1);
        match again {
            Some(again) => self.put(letter, now.plus(again)),
            None => Err(letter),
        }
    }
}

#[cfg(test)]
mod tests {
    use gatewright_engine::WebhookUrl;
    use gatewright_engine::config::WebhookShape;

    use super::*;

    fn letter(id: &str) -> Letter {
        Letter {
            id: id.to_owned(),
            webhook: Arc::new(Webhook {
                name: "ops".to_owned(),
                url: WebhookUrl::Known("https://a.example".to_owned()),
                secret: None,
                shape: WebhookShape::Plain,
                events: Vec::new(),
                dead_letters: "letters".into(),
            }),
            body: String::new(),
            attempts: 0,
        }
    }

    #[test]
    fn what_fails_is_tried_again_later_and_not_for_ever() {
        let mut outbox = Outbox::default();
        let mut now = Timestamp(0);
        outbox.put(letter("1"), now).unwrap();
        for (attempt, again) in AGAIN_AFTER.into_iter().enumerate() {
            let due = outbox.due(now, 9);
            assert_eq!(due.len(), 1, "{attempt}");
            let failed = due.into_iter().next().unwrap();
            assert_eq!(failed.attempts, attempt);
            outbox.failed(failed, now).unwrap();
            let early = Timestamp(now.plus(again).0 - 1);
            assert_eq!(outbox.due(early, 9), []);
            now = now.plus(again);
        }
        let last = outbox.due(now, 9).pop().unwrap();
        let dead = outbox.failed(last, now).unwrap_err();
        assert_eq!(dead.attempts, AGAIN_AFTER.len() + 1);
        assert_eq!(outbox.due(Timestamp(u64::MAX), 9), []);
    }

    #[test]
    fn only_so_many_wait_and_go_at_once() {
        let mut outbox = Outbox::default();
        for number in 0..WAITING_MAX {
            outbox
                .put(letter(&number.to_string()), Timestamp(0))
                .unwrap();
        }
        assert_eq!(
            outbox.put(letter("more"), Timestamp(0)).unwrap_err().id,
            "more"
        );
        let due = outbox.due(Timestamp(0), 2);
        let ids: Vec<_> = due.iter().map(|letter| letter.id.as_str()).collect();
        assert_eq!(ids, ["0", "1"]);
    }
}
