//! Signs of life of a held call: progress where the client asked for it, comments
//! where it did not. A proxy cuts what is silent; a client gives up what makes no progress.

use std::time::Duration;

use serde_json::json;
use tokio::time::{Interval, MissedTickBehavior, interval};

use crate::message::Id;
use crate::sse::Event;

/// The first sign is given at once, and one each time that so long has passed. Proxies
/// commonly cut what is silent for a minute, clients give up after one.
const EVERY: Duration = Duration::from_secs(10);

/// Progress grows by this much with each sign, and stays below nothing for hours: what the
/// tool server counts later is more.
const STEP: f64 = 0.001;

/// Signs of life, without an end.
pub(crate) struct Beats {
    /// The client's token for progress, if it gave one.
    token: Option<Id>,
    count: u32,
    ticks: Interval,
}

// === impl Beats ===

impl Beats {
    /// For a client that gave this token.
    pub(crate) fn of(token: Option<Id>) -> Self {
        Self::each(token, EVERY)
    }

    fn each(token: Option<Id>, period: Duration) -> Self {
        let mut ticks = interval(period);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            token,
            count: 0,
            ticks,
        }
    }

    /// The next one, when it is time. Dropped before that, nothing is lost.
    pub(crate) async fn next(&mut self) -> Event {
        self.ticks.tick().await;
        let Some(token) = &self.token else {
            return Event::default();
        };
        let progress = f64::from(self.count) * STEP - 1.0;
        self.count = self.count.saturating_add(1);
        let message = json!({
            "jsonrpc": "2.0",
            "method": "notifications/progress",
            "params": {
                "progressToken": token,
                "progress": progress,
                "message": "waiting for a person to approve this call",
            },
        });
        Event::message(message.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn each_sign_says_more_than_the_one_before_and_less_than_a_tool_server() {
        let token = Some(Id::Text("t".to_owned()));
        let mut beats = Beats::each(token, Duration::from_millis(1));
        let mut before = -2.0;
        for _ in 0..5 {
            let beat = beats.next().await;
            let message: serde_json::Value = serde_json::from_str(&beat.data.unwrap()).unwrap();
            assert_eq!(message["params"]["progressToken"], "t");
            let progress = message["params"]["progress"].as_f64().unwrap();
            assert!(progress > before && progress < 0.0, "{progress}");
            before = progress;
        }
        let mut silent = Beats::of(None);
        assert_eq!(silent.next().await.to_bytes(), ":\n\n");
    }
}
