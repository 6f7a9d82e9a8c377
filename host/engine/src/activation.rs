//! From what is wanted to what is in force: read, verify, compile, probe, record,
//! swap. All of it or nothing of it; on an error the snapshot before stays.

use std::collections::{BTreeMap, HashSet};
use std::future::pending;
use std::path::Path;
use std::pin::{Pin, pin};
use std::sync::Arc;

use gatewright_cases::{Cases, probe};
use gatewright_pack::{PackName, Store, StoreError, VerifiedPack, Wanted};
use gatewright_policy::Digest;
use gatewright_policy::record::{Bound, Event, RecordKeys};

use crate::agents::{import_file, read_file};
use crate::attempt::Activation;
use crate::config::{ConfigError, Loaded};
use crate::engine::Engine;
use crate::ledger::{Durability, LedgerError};
use crate::packs::{Packs, Resolved, resolve};
use crate::snapshot::{BuildError, Snapshot, build};
use crate::status::{Building, RefusedPack, ReloadError};

/// Packs that are known to hold their cases; beyond that, all are asked again.
const PROBED_MAX: usize = 1024;

/// The packs of a configuration, and which set of them is to be in force.
struct Goal {
    store: Store,
    set: Arc<Wanted>,
}

// === impl Engine ===

impl Engine {
    /// Builds the snapshot of a configuration, and of the packs that are wanted,
    /// and makes it the active one, unless it is that already. Gives the active
    /// generation. Compiles: not for a request thread.
    pub async fn activate(&self, loaded: &Loaded) -> Result<u64, BuildError> {
        let activated = self.activate_unless(loaded, pending()).await?;
        Ok(activated.unwrap_or_else(|| self.snapshot().generation))
    }

    /// The same, until there is something newer: then what is built is let go, nothing
    /// changes, and there is no generation to give.
    pub async fn activate_unless(
        &self,
        loaded: &Loaded,
        overtaken: impl Future<Output = ()>,
    ) -> Result<Option<u64>, BuildError> {
        let mut activation = self.activation.lock().await;
        let goal = match goal(loaded, Store::wanted) {
            Ok(goal) => goal,
            Err(error) => return Err(self.failed(error).await),
        };
        self.lock_attempt().wanted = goal.as_ref().map(|goal| Arc::clone(&goal.set));
        let overtaken = pin!(overtaken);
        match self.attempt(loaded, goal, &mut activation, overtaken).await {
            Ok(activated) => {
                if activated.is_some() {
                    if let Err(error) = self.import_agents(loaded).await {
                        return Err(self.failed(error).await);
                    }
                    self.lock_attempt().error = None;
                }
                Ok(activated)
            }
            Err(error) => Err(self.failed(error).await),
        }
    }

    /// The first activation: what is wanted, and where that may not be, the last
    /// set of packs that was good. Never a mix of the two.
    pub(crate) async fn activate_first(&self, loaded: &Loaded) -> Result<u64, BuildError> {
        let error = match self.activate(loaded).await {
            Ok(generation) => return Ok(generation),
            Err(error) => error,
        };
        let wanted = self.lock_attempt().wanted.clone();
        let good = goal(loaded, |store| {
            Ok(store.good()?.unwrap_or_else(Wanted::nothing))
        });
        let Ok(Some(good)) = good else {
            return Err(error);
        };
        if wanted.is_none_or(|wanted| wanted.set == good.set.set) {
            return Err(error);
        }
        tracing::warn!(
            revision = good.set.revision,
            "starting with the last good set of packs"
        );
        let mut activation = self.activation.lock().await;
        // When that may not be either, the first error is what to mend.
        let never = pin!(pending());
        let attempt = self.attempt(loaded, Some(good), &mut activation, never);
        match attempt.await {
            Ok(Some(generation)) => Ok(generation),
            Ok(None) | Err(_) => Err(error),
        }
    }

    async fn attempt(
        &self,
        loaded: &Loaded,
        goal: Option<Goal>,
        activation: &mut Activation,
        overtaken: Pin<&mut impl Future<Output = ()>>,
    ) -> Result<Option<u64>, BuildError> {
        let previous = self.snapshot();
        let (packs, resolved) = match &goal {
            None => (Packs::default(), BTreeMap::new()),
            Some(goal) => self.verify(loaded, goal, &previous.packs)?,
        };
        let mut known = vec![&previous];
        known.extend(&activation.before);
        let generation = activation.generation + 1;
        let probed = &mut activation.probed;
        let built = async {
            let packs = (packs, &resolved);
            let snapshot = build(
                loaded,
                packs,
                &self.sandbox,
                &known,
                &self.keyring,
                generation,
            )
            .await?;
            self.probe(loaded, goal.as_ref(), &resolved, probed).await?;
            Ok::<_, BuildError>(snapshot)
        };
        self.lock_attempt().building = Some(Building { since: self.now() });
        // Nothing that is built is in force yet: it can be let go at any point.
        let built = tokio::select! {
            biased;
            built = built => Some(built),
            () = overtaken => None,
        };
        self.lock_attempt().building = None;
        let Some(built) = built else {
            return Ok(None);
        };
        let snapshot = built?;
        drop(resolved);
        // Another pack with the same components is another answer to who signed
        // it, until when, and what was allowed.
        let is_same = snapshot.policies == previous.policies
            && snapshot.packs.recorded() == previous.packs.recorded();
        if is_same && previous.is_ready() {
            self.settle(goal.as_ref());
            return Ok(Some(previous.generation));
        }
        // An activation that cannot be recorded does not happen: decisions name
        // their generation, and the ledger must say what that was.
        self.recorder
            .append(
                activated(&snapshot, &self.recorder.keys),
                Durability::Synced,
            )
            .await
            .map_err(|error| BuildError::unrecorded(&loaded.path, &error))?;
        activation.generation = generation;
        self.swap(snapshot);
        // Lets go of the one before that, which takes a while.
        activation.before = Some(previous);
        self.lock_attempt().activated_at = Some(self.now());
        self.settle(goal.as_ref());
        tracing::info!(generation, "activated");
        Ok(Some(generation))
    }

    /// Makes what the file of agents says count.
    async fn import_agents(&self, loaded: &Loaded) -> Result<(), BuildError> {
        let agents = loaded.config.agents.as_ref();
        let Some(file) = agents.and_then(|agents| agents.file.as_ref()) else {
            return Ok(());
        };
        let failed = |message: String| {
            BuildError::whole_file(
                &loaded.path,
                message,
                "`gatewright agents list` shows what counts",
            )
        };
        let read = read_file(&loaded.resolve(file.get_ref()));
        let agents = read.map_err(|error| failed(error.to_string()))?;
        let imported = import_file(&self.recorder, agents).await;
        imported
            .map(drop)
            .map_err(|error| failed(error.to_string()))
    }

    /// Verifies the packs of a set, each problem at the line of its pack.
    fn verify(
        &self,
        loaded: &Loaded,
        goal: &Goal,
        active: &Packs,
    ) -> Result<(Packs, BTreeMap<PackName, Resolved>), BuildError> {
        resolve(loaded, &goal.store, &goal.set, active, self.now()).map_err(|misfits| {
            let mut problems = loaded.problems();
            for (span, error) in misfits {
                let text = error.to_string();
                let (message, hint) = text.split_once("; hint: ").unwrap_or((
                    &text,
                    "`gatewright pack list` shows what is there and what is wanted",
                ));
                problems.at(span, message.to_owned(), hint.to_owned());
            }
            problems.into_error().into()
        })
    }

    /// Asks the policies of each new pack its own cases.
    async fn probe(
        &self,
        loaded: &Loaded,
        goal: Option<&Goal>,
        resolved: &BTreeMap<PackName, Resolved>,
        probed: &mut HashSet<Digest>,
    ) -> Result<(), BuildError> {
        for (name, resolved) in resolved {
            let candidate = resolved.candidate.as_ref().map(|(pack, _)| pack);
            for pack in std::iter::once(&resolved.pack).chain(candidate) {
                if probed.contains(&pack.digest()) {
                    continue;
                }
                if let Err(message) = self.probe_pack(pack).await {
                    self.lock_attempt().refused = goal.map(|goal| RefusedPack {
                        name: name.to_string(),
                        pack: pack.digest(),
                        set: goal.set.revision,
                    });
                    let mut problems = loaded.problems();
                    let of =
                        |pack: &&crate::config::PackConfig| pack.name.get_ref() == name.as_str();
                    let config = loaded.config.packs_used.iter().find(of);
                    problems.at(
                        config.map_or(0..0, |config| config.name.span()),
                        message,
                        "tell its publisher; what was in force stays".to_owned(),
                    );
                    return Err(problems.into_error().into());
                }
                if probed.len() >= PROBED_MAX {
                    probed.clear();
                }
                probed.insert(pack.digest());
            }
        }
        Ok(())
    }

    async fn probe_pack(&self, pack: &VerifiedPack) -> Result<(), String> {
        let manifest = pack.manifest();
        for policy in pack.policies() {
            let Some(cases) = &policy.entry.cases else {
                continue;
            };
            let of = |error: &dyn std::fmt::Display| {
                format!(
                    "policy `{}` of `{}` {}: {error}",
                    policy.entry.name, manifest.name, manifest.revision
                )
            };
            let cases = Cases::from_json(cases).map_err(|error| of(&error))?;
            let held = probe(&self.sandbox, policy.component, &cases).await;
            held.map_err(|error| of(&error))?;
        }
        Ok(())
    }

    /// Writes down that a set is good. Where that cannot be done, a restart goes
    /// back to an earlier one: what is in force now is not in danger.
    fn settle(&self, goal: Option<&Goal>) {
        let Some(Goal { store, set }) = goal else {
            return;
        };
        // What no binding uses was not in force.
        let mut good = Wanted::clone(set);
        let in_force = self.snapshot();
        good.set
            .retain(|name, _| in_force.packs.set.contains_key(name));
        if self.lock_attempt().good.as_ref() == Some(&good) {
            return;
        }
        match store.set_good(&good) {
            Ok(()) => self.lock_attempt().good = Some(good),
            Err(error) => tracing::error!(%error, "the set of packs in force is not written down"),
        }
    }

    /// Notes why what is on disk is not in force.
    async fn failed(&self, error: BuildError) -> BuildError {
        self.reload_failed(error.config()).await;
        error
    }

    /// Notes that the configuration on disk cannot be activated.
    pub(crate) async fn reload_failed(&self, failed: &ConfigError) {
        let error = failed.to_string();
        let is_known = {
            let mut attempt = self.lock_attempt();
            let known = attempt.error.as_ref();
            let is_known = known.is_some_and(|known| known.error == error);
            if !is_known {
                attempt.error = Some(ReloadError {
                    since: self.now(),
                    error: error.clone(),
                });
            }
            is_known
        };
        if !is_known {
            tracing::warn!(%error, "reload failed; the last good snapshot stays");
            let recorded =
                failed.recorded(|said| self.recorder.keys.told(&said.text, said.in_words));
            let error = self.recorder.keys.cut(&recorded);
            let event = Event::ReloadFailed { error };
            if let Err(error) = self.recorder.append(event, Durability::Written).await {
                self.recorder.count_unrecorded(&error);
            }
        }
    }
}

/// The store of a configuration that uses packs, and a set of them.
fn goal(
    loaded: &Loaded,
    set: impl FnOnce(&Store) -> Result<Wanted, StoreError>,
) -> Result<Option<Goal>, BuildError> {
    if loaded.config.packs_used.is_empty() {
        return Ok(None);
    }
    let read = || {
        let store = Store::open(loaded.resolve(&loaded.config.packs.store))?;
        let set = Arc::new(set(&store)?);
        Ok(Some(Goal { store, set }))
    };
    read().map_err(|error: StoreError| {
        let hint = "`[packs]` says where the store is; only the gate's user may write there";
        BuildError::whole_file(&loaded.path, format!("the store of packs: {error}"), hint)
    })
}

fn activated(snapshot: &Snapshot, keys: &RecordKeys) -> Event {
    let bindings = snapshot.bindings.iter();
    let bound = bindings.clone().map(|binding| Bound {
        settings: binding.settings,
        authority: binding.authority,
        rollout: binding.rollout.to_string(),
    });
    let wanted = snapshot.packs.wanted.as_ref();
    let packs = snapshot.packs.recorded().into_iter();
    Event::Activated {
        generation: snapshot.generation,
        policies: snapshot.policies,
        bindings: bindings
            .map(|binding| (binding.name.to_string(), binding.guest.digest()))
            .collect(),
        bound: bound.collect(),
        packs: packs.map(|pack| pack.cut(keys)).collect(),
        wanted: wanted.map(|wanted| (wanted.revision, keys.cut(&wanted.by))),
    }
}

impl BuildError {
    fn unrecorded(path: &Path, error: &LedgerError) -> Self {
        Self::whole_file(
            path,
            format!("the activation cannot be recorded: {error}"),
            "make room on the disk of `audit.path`",
        )
    }
}
