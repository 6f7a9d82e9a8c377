//! Messages that wait to be sent, or to be sent again. Time is an argument.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use gatewright_engine::Webhook;
use gatewright_policy::Timestamp;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

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

/// What waits. Each webhook has its own place: one that takes nothing costs the others
/// nothing.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    /// By the name of the webhook.
    queues: BTreeMap<String, Queue>,
    counter: u64,
}

/// What waits for one webhook.
#[derive(Debug)]
struct Queue {
    /// By when it is due.
    letters: BTreeMap<(Timestamp, u64), Letter>,
    /// Messages that may be on their way.
    room: Arc<Semaphore>,
}

/// A message that is on its way, and the room that it takes until it is dropped.
pub(super) type OnItsWay = (Letter, OwnedSemaphorePermit);

/// Most messages that wait for one webhook: one more goes nowhere.
const WAITING_MAX: usize = 1024;

/// Messages to one webhook that are on their way at once.
const UNDER_WAY_MAX: usize = 4;

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
        let name = letter.webhook.name.clone();
        let letters = &mut self.queues.entry(name).or_default().letters;
        if letters.len() >= WAITING_MAX {
            return Err(letter);
        }
        self.counter = self.counter.wrapping_add(1);
        letters.insert((now, self.counter), letter);
        Ok(())
    }

    /// Takes out what is due, as far as there is room for it.
    pub(super) fn due(&mut self, now: Timestamp) -> Vec<OnItsWay> {
        let mut due = Vec::new();
        for queue in self.queues.values_mut() {
            while let Some(first) = queue.letters.first_entry()
                && first.key().0 <= now
                && let Ok(room) = Arc::clone(&queue.room).try_acquire_owned()
            {
                due.push((first.remove(), room));
            }
        }
        self.queues.retain(|_, queue| !queue.is_unused());
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

// === impl Queue ===

impl Default for Queue {
    fn default() -> Self {
        Self {
            letters: BTreeMap::new(),
            room: Arc::new(Semaphore::new(UNDER_WAY_MAX)),
        }
    }
}

impl Queue {
    /// Nothing waits, and nothing is on its way.
    fn is_unused(&self) -> bool {
        self.letters.is_empty() && self.room.available_permits() == UNDER_WAY_MAX
    }
}

#[cfg(test)]
mod tests {
    use gatewright_engine::WebhookUrl;
    use gatewright_engine::config::WebhookShape;

    use super::*;

    fn letter_to(webhook: &str, id: &str) -> Letter {
        Letter {
            id: id.to_owned(),
            webhook: Arc::new(Webhook {
                name: webhook.to_owned(),
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

    fn letter(id: &str) -> Letter {
        letter_to("ops", id)
    }

    fn ids(due: &[OnItsWay]) -> Vec<&str> {
        due.iter().map(|(letter, _)| letter.id.as_str()).collect()
    }

    #[test]
    fn what_fails_is_tried_again_later_and_not_for_ever() {
        let mut outbox = Outbox::default();
        let mut now = Timestamp(0);
        outbox.put(letter("1"), now).unwrap();
        for (attempt, again) in AGAIN_AFTER.into_iter().enumerate() {
            let due = outbox.due(now);
            assert_eq!(due.len(), 1, "{attempt}");
            let (failed, _) = due.into_iter().next().unwrap();
            assert_eq!(failed.attempts, attempt);
            outbox.failed(failed, now).unwrap();
            let early = Timestamp(now.plus(again).0 - 1);
            assert!(outbox.due(early).is_empty());
            now = now.plus(again);
        }
        let (last, _) = outbox.due(now).pop().unwrap();
        let dead = outbox.failed(last, now).unwrap_err();
        assert_eq!(dead.attempts, AGAIN_AFTER.len() + 1);
        assert!(outbox.due(Timestamp(u64::MAX)).is_empty());
    }

    #[test]
    fn a_webhook_that_takes_nothing_costs_the_others_nothing() {
        let mut outbox = Outbox::default();
        for number in 0..WAITING_MAX {
            let letter = letter_to("dead", &number.to_string());
            outbox.put(letter, Timestamp(0)).unwrap();
        }
        let more = outbox.put(letter_to("dead", "more"), Timestamp(0));
        assert_eq!(more.unwrap_err().id, "more");
        outbox.put(letter("first"), Timestamp(0)).unwrap();
        // So many are on their way, and do not come back.
        let hanging = outbox.due(Timestamp(0));
        assert_eq!(ids(&hanging), ["0", "1", "2", "3", "first"]);
        outbox.put(letter("second"), Timestamp(0)).unwrap();
        assert_eq!(ids(&outbox.due(Timestamp(0))), ["second"]);
        drop(hanging);
        assert_eq!(ids(&outbox.due(Timestamp(0))), ["4", "5", "6", "7"]);
    }
}
