//! What people who may operate do from the console, by the same ways as the commands.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use gatewright_console::{GoingBack, NotDone, Operations, PackSet, Turning};
use gatewright_engine::Engine;
use gatewright_engine::agents::{Asked, AskedWhat, Listing, Selection};
use gatewright_engine::config::Loaded;
use gatewright_pack::Wanted;

use crate::pack::{Back, back, earlier};

/// Sets that are shown.
const SETS_MAX: usize = 20;

/// A gate with its configuration.
pub(super) struct GateOperations {
    engine: Arc<Engine>,
    /// Read again each time: it says whose packs are trusted now.
    config: PathBuf,
    /// The earlier sets, by the revision that is wanted: whoever looks at a page reads no file.
    sets: Arc<Mutex<Option<Earlier>>>,
}

/// The sets before one of a revision.
type Earlier = (u64, Vec<PackSet>);

impl GateOperations {
    pub(super) fn new(engine: Arc<Engine>, loaded: &Loaded) -> Self {
        Self {
            engine,
            config: loaded.path.clone(),
            sets: Arc::default(),
        }
    }

    /// Packs are files, which nobody else waits for.
    fn with_packs<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Loaded) -> anyhow::Result<T> + Send + 'static,
    ) -> BoxFuture<'static, Result<T, NotDone>> {
        let config = self.config.clone();
        async move {
            let done = tokio::task::spawn_blocking(move || work(&Loaded::read(&config)?));
            let done = done.await.map_err(|error| NotDone(error.to_string()))?;
            done.map_err(|error| NotDone(format!("{error:#}")))
        }
        .boxed()
    }
}

impl Operations for GateOperations {
    fn agents(&self, selection: &Selection) -> Listing {
        self.engine.list_agents(selection)
    }

    fn turn(&self, turning: Turning) -> BoxFuture<'_, Result<(), NotDone>> {
        let asked = Asked {
            by: turning.by,
            why: turning.why,
            what: AskedWhat::Turn {
                turn: turning.turn,
                agent: Some(turning.agent.id),
                owner: None,
                issuer: Some(turning.agent.issuer),
            },
        };
        async move {
            let changed = self.engine.ask_about_agents(asked).await;
            changed
                .map(drop)
                .map_err(|error| NotDone(error.to_string()))
        }
        .boxed()
    }

    fn sets(&self) -> BoxFuture<'_, Result<Vec<PackSet>, NotDone>> {
        let wanted = self.engine.status().packs.map(|packs| packs.wanted);
        let kept = self.sets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, sets)) = &*kept
            && Some(*of) == wanted
        {
            return std::future::ready(Ok(sets.clone())).boxed();
        }
        drop(kept);
        let kept = Arc::clone(&self.sets);
        self.with_packs(move |loaded| {
            let sets: Vec<_> = earlier(loaded)?
                .into_iter()
                .take(SETS_MAX)
                .map(shown)
                .collect();
            // What was wanted meanwhile is another revision, and read anew.
            if let Some(wanted) = wanted {
                let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                *kept = Some((wanted, sets.clone()));
            }
            Ok(sets)
        })
    }

    fn roll_back(&self, going: GoingBack) -> BoxFuture<'_, Result<(), NotDone>> {
        self.with_packs(move |loaded| {
            let revisions = (Some(going.from), Some(going.to));
            match back(loaded, revisions, &going.by)? {
                Back::Wanted { .. } => Ok(()),
                Back::Refused(why) => Err(why.into()),
            }
        })
    }
}

fn shown(set: Wanted) -> PackSet {
    PackSet {
        revision: set.revision,
        packs: set
            .set
            .iter()
            .map(|(name, pack)| (name.to_string(), pack.pack))
            .collect(),
        by: set.by,
        at: set.at,
    }
}
