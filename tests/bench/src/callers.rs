//! Callers at once, each of which waits for its answer before it asks again.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use tokio::task::JoinSet;

use crate::rounds::{Round, Times};
use crate::rule::Sample;

/// Somebody who asks, over a connection that is kept.
pub(crate) trait Caller: Send + 'static {
    /// From the first byte of the question to the last of the answer.
    fn ask(&mut self, sample: &Sample) -> impl Future<Output = Result<()>> + Send;
}

/// What came of one window.
pub(crate) struct Asked {
    pub(crate) calls: f64,
    pub(crate) round: Round,
}

/// All of them ask for so long.
pub(crate) async fn ask_for<C: Caller>(
    window: Duration,
    callers: &mut Vec<C>,
    samples: &Arc<Vec<Sample>>,
) -> Result<Asked> {
    let start = Instant::now();
    let mut asking = JoinSet::new();
    for mut caller in callers.drain(..) {
        let samples = Arc::clone(samples);
        asking.spawn(async move {
            let mut times = Vec::new();
            for sample in samples.iter().cycle() {
                let begun = Instant::now();
                if begun.duration_since(start) >= window {
                    break;
                }
                caller.ask(sample).await?;
                times.push(begun.elapsed());
            }
            Ok::<_, anyhow::Error>((caller, times))
        });
    }
    let (mut calls, mut all) = (0_u32, Times::new()?);
    while let Some(asked) = asking.join_next().await {
        let (caller, times) = asked??;
        callers.push(caller);
        for time in times {
            all.add(time);
            calls += 1;
        }
    }
    Ok(Asked {
        calls: f64::from(calls),
        round: all.round(),
    })
}
