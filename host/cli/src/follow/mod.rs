//! Follows the repositories of packs while a gate is open: what is new there,
//! verifies and asks for no more than before becomes wanted. The engine does the
//! rest, as for any other change.

mod back;
mod look;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use gatewright_engine::Engine;
use gatewright_engine::config::{Loaded, PackConfig};
use gatewright_engine::status::FollowStatus;
use gatewright_registry::{Follower, Heard};
use tokio::task::JoinHandle;

use crate::credential::now;

/// How soon a change of the configuration is seen.
const PAUSE_MAX: Duration = Duration::from_secs(2);

/// The follower of a gate. Dropped, it stops.
pub(crate) struct Follow {
    task: JoinHandle<()>,
}

/// What a pack is followed by.
#[derive(Clone, PartialEq, Eq)]
struct Trail {
    from: String,
    track: String,
    poll: Duration,
    plain_http: bool,
}

// === impl Follow ===

impl Follow {
    /// Follows what the configuration at `path` says, also when it changes.
    pub(crate) fn start(engine: Arc<Engine>, path: PathBuf) -> Self {
        Self {
            task: tokio::spawn(follow(engine, path)),
        }
    }
}

impl Drop for Follow {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Before a gate opens: takes each pack that is followed and of which no version
/// is wanted yet, so that a first start needs no other command. Of one whose version never
/// was in force, perhaps because it does not hold its own cases, it takes a newer one.
pub(crate) async fn take_first(loaded: &Loaded) -> anyhow::Result<()> {
    for (name, trail) in loaded.config.packs_used.iter().filter_map(trail) {
        let has_version = look::has_version(loaded, &name)?;
        if has_version && look::was_good(loaded, &name)? {
            continue;
        }
        let registry = look::registry(trail.plain_http);
        let reference = look::reference(&trail.from, &trail.track)?;
        let taken = async {
            let digest = registry.resolve(&reference).await?;
            look::take(loaded, &name, &registry, &reference, digest).await
        };
        match taken.await {
            Ok(_) => {}
            // The version that is there may be good.
            Err(error) if has_version => {
                tracing::warn!(pack = name, %error, "no newer version is taken");
            }
            Err(error) => {
                let context = format!("`{name}` cannot be taken from `{reference}`");
                return Err(anyhow::Error::new(error).context(context));
            }
        }
    }
    Ok(())
}

/// Whether the first start takes a version of a pack that is not wanted yet.
pub(crate) fn takes_first(loaded: &Loaded) -> anyhow::Result<bool> {
    for (name, _trail) in loaded.config.packs_used.iter().filter_map(trail) {
        if !look::has_version(loaded, &name)? || !look::was_good(loaded, &name)? {
            return Ok(true);
        }
    }
    Ok(false)
}

async fn follow(engine: Arc<Engine>, path: PathBuf) {
    let mut followers: BTreeMap<String, (Trail, Follower)> = BTreeMap::new();
    loop {
        // A configuration that cannot be read is the reloader's to report.
        if let Ok(loaded) = Loaded::read(&path) {
            let trails: BTreeMap<_, _> =
                loaded.config.packs_used.iter().filter_map(trail).collect();
            followers.retain(|name, (trail, _)| trails.get(name) == Some(trail));
            engine.follow_only(followers.keys());
            for (name, trail) in trails {
                go_back(&engine, &loaded, &name, &trail);
                let poll = trail.poll;
                let new = || (trail, Follower::new(poll, None, Instant::now(), random()));
                let (trail, follower) = followers.entry(name.clone()).or_insert_with(new);
                if follower.due() <= Instant::now() {
                    look_once(&engine, &loaded, &name, trail, follower).await;
                }
            }
        }
        let due = followers.values().map(|(_, follower)| follower.due()).min();
        let pause = due.map(|due| due.saturating_duration_since(Instant::now()));
        tokio::time::sleep(pause.unwrap_or(PAUSE_MAX).min(PAUSE_MAX)).await;
    }
}

/// Where what was followed last does not hold its own cases.
fn go_back(engine: &Engine, loaded: &Loaded, name: &str, trail: &Trail) {
    let current = engine.status();
    let Some(packs) = &current.packs else { return };
    match back::step_back(loaded, name, packs) {
        Ok(None) => {}
        Ok(Some(revision)) => {
            let why = current.reload_error.map(|error| error.error);
            let why = why.map(|why| why.replace("\n  hint: ", "; hint: "));
            let error = format!(
                "went back to the last good version: {}",
                why.as_deref().unwrap_or("it does not hold its own cases")
            );
            tracing::warn!(pack = name, revision, error);
            engine.followed(name, status(trail, Some(error)));
        }
        Err(error) => tracing::warn!(pack = name, %error, "cannot go back"),
    }
}

async fn look_once(
    engine: &Engine,
    loaded: &Loaded,
    name: &str,
    trail: &Trail,
    follower: &mut Follower,
) {
    let registry = look::registry(trail.plain_http);
    let found = match look::reference(&trail.from, &trail.track) {
        Ok(reference) => registry
            .resolve(&reference)
            .await
            .map(|digest| (reference, digest)),
        Err(error) => {
            engine.followed(name, status(trail, Some(error.to_string())));
            return pause(follower);
        }
    };
    let heard = follower.hear(
        found.as_ref().map(|(_, digest)| digest),
        Instant::now(),
        random(),
    );
    let error = match (found, heard) {
        (Err(error), _) => Some(error.to_string()),
        (Ok(_), Heard::Same | Heard::Failed { .. }) => return,
        (Ok((reference, digest)), Heard::Changed { .. }) => {
            match look::take(loaded, name, &registry, &reference, digest).await {
                Ok(Some(revision)) => {
                    tracing::info!(pack = name, revision, "wanted, as it was followed");
                    None
                }
                Ok(None) => None,
                Err(error) => {
                    if error.may_pass() {
                        follower.forget();
                    }
                    Some(error.to_string())
                }
            }
        }
    };
    if let Some(error) = &error {
        tracing::warn!(pack = name, error, "not followed; what is wanted stays");
    }
    engine.followed(name, status(trail, error));
}

/// A reference that is none does not become one by asking often.
fn pause(follower: &mut Follower) {
    let nowhere = gatewright_pack::Sha256::of(b"");
    let _same = follower.hear(Ok(&nowhere), Instant::now(), random());
}

fn status(trail: &Trail, error: Option<String>) -> FollowStatus {
    FollowStatus {
        from: trail.from.clone(),
        track: trail.track.clone(),
        looked_at: now().ok(),
        error,
    }
}

fn trail(pack: &PackConfig) -> Option<(String, Trail)> {
    let (from, track) = (pack.from.as_ref()?, pack.track.as_ref()?);
    let trail = Trail {
        from: from.get_ref().clone(),
        track: track.get_ref().clone(),
        poll: pack.poll.0,
        plain_http: pack.plain_http,
    };
    Some((pack.name.get_ref().clone(), trail))
}

/// For the jitter; nobody guesses anything by it.
fn random() -> u64 {
    getrandom::u64().unwrap_or_default()
}
