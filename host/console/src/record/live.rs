//! What comes in, for whoever watches. The record is read, as `log --follow` does: what is
//! shown is what is recorded, also by other gates that share it, and no call waits for it.

use std::sync::Arc;
use std::time::Duration;

use gatewright_policy::record::Entry;
use tokio::sync::{Notify, broadcast};

use super::Record;

/// How often it is looked, while anybody watches.
const LOOK: Duration = Duration::from_millis(250);

/// Entries that a watcher may be behind. Whoever is further behind is told, and begins
/// anew.
const BEHIND_MAX: usize = 512;

/// Entries that are read at a look.
const READ_MAX: usize = 256;

/// Who watches.
pub(crate) struct Live {
    news: broadcast::Sender<Arc<Entry>>,
    wanted: Notify,
}

/// What comes in for one of them.
pub(crate) type News = broadcast::Receiver<Arc<Entry>>;

impl Default for Live {
    fn default() -> Self {
        Self {
            news: broadcast::Sender::new(BEHIND_MAX),
            wanted: Notify::new(),
        }
    }
}

impl Live {
    /// Everything from about now on.
    pub(crate) fn watch(&self) -> News {
        let news = self.news.subscribe();
        self.wanted.notify_one();
        news
    }

    /// Reads the record while anybody watches. Never ends.
    pub(crate) async fn run(&self, record: &dyn Record) {
        loop {
            self.wanted.notified().await;
            let mut next = None;
            while self.news.receiver_count() > 0 {
                match self.look(record, next).await {
                    Ok(place) => next = Some(place),
                    // The page of health says so too.
                    Err(error) => tracing::warn!(%error, "nothing to show"),
                }
                tokio::time::sleep(LOOK).await;
            }
        }
    }

    /// Tells what is there from this place on; gives the next one.
    async fn look(
        &self,
        record: &dyn Record,
        from: Option<u64>,
    ) -> Result<u64, super::RecordError> {
        let Some(from) = from else {
            return Ok(record.span().await?.end);
        };
        let mut next = from;
        for line in record.lines(from, READ_MAX).await? {
            if let Ok(entry) = Entry::of_line(line.as_bytes())
                && entry.sequence >= next
            {
                next = entry.sequence.saturating_add(1);
                // Nobody watches any more: that is looked at next.
                let _ = self.news.send(Arc::new(entry));
            }
        }
        Ok(next)
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;
    use gatewright_policy::record::Event;
    use tokio::sync::broadcast::error::TryRecvError;

    use super::*;
    use crate::record::tests::Written;

    #[test]
    fn every_entry_is_told_once_and_who_is_behind_is_told_so() {
        let (live, record) = (Live::default(), Written::default());
        record.push(0, Event::Stopped);
        let look = |from| live.look(&record, from).now_or_never().unwrap().unwrap();
        let mut news = live.watch();
        let from = look(None);
        assert_eq!(from, 1);
        record.push(1, Event::Stopped);
        assert_eq!(look(Some(from)), 2);
        assert_eq!(look(Some(2)), 2);
        assert_eq!(news.try_recv().unwrap().sequence, 1);
        assert!(matches!(news.try_recv(), Err(TryRecvError::Empty)));
        let mut next = 2;
        for _ in 0..BEHIND_MAX + 1 {
            record.push(1, Event::Stopped);
            next = look(Some(next));
        }
        assert!(matches!(news.try_recv(), Err(TryRecvError::Lagged(_))));
    }
}
