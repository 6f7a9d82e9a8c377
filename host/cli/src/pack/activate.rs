//! `gatewright pack activate`.

use std::collections::BTreeMap;

use anyhow::{Result, anyhow};
use gatewright_engine::config::Loaded;
use gatewright_pack::{
    Age, Ask, Candidate, CandidateMode, Drift, PackManifest, PackName, Refusal, Store, StoreError,
    VerifiedPack, Wanted, WantedPack, verify,
};
use gatewright_policy::{Digest, Share};

use super::place::{Gate, layout, refused};
use crate::credential::now;
use crate::failure::{Advise as _, Exit};
use crate::log::{When, when};
use crate::output::{Paint, print_line};
use crate::replay::{self, Against, FailOn};

/// Want a pack: verify it, keep it, and let the gate run it.
///
/// A gate that is open sees it at once: it verifies the pack again, runs the
/// pack's own cases, and swaps; `gatewright status` says how that went. Ends with 0
/// when the pack is wanted, with 3 when it is refused. Of two who change what is
/// wanted at the same time, one is told.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  gatewright pack activate guards --config gate.toml
  gatewright pack activate guards --config gate.toml --mode canary=5%
  gatewright pack activate guards --config gate.toml --after-replay=loosened
  gatewright pack activate acme/guards@blake3:... --config gate.toml --grant")]
pub(super) struct Arguments {
    /// The pack: a folder, a tar, or `<name>@<digest>` in the store.
    pack: String,
    #[command(flatten)]
    gate: Gate,
    /// Only if this is the revision of what is wanted still.
    #[arg(long, value_name = "N")]
    revision: Option<u64>,
    /// `enforce` puts it in the place of the version that counts; `observe` and
    /// `canary=<share>` try it beside that one.
    #[arg(long, value_name = "MODE", default_value = "enforce", value_parser = mode)]
    mode: Mode,
    /// Grant what it asks for beyond the version that counts.
    #[arg(long)]
    grant: bool,
    /// Take it though a newer version was seen. That is recorded.
    #[arg(long)]
    allow_older: bool,
    /// Only once recorded calls were judged again by it (`gatewright replay`): flips of this
    /// kind refuse it, and so does a past with nothing to judge.
    #[arg(long, value_name = "FLIPS", num_args = 0..=1, require_equals = true, default_missing_value = "any")]
    after_replay: Option<FailOn>,
    /// How much of the past: a time (`2026-11-23T07:00:00Z`) or a period (`1d`).
    #[arg(long, value_name = "WHEN", value_parser = when, requires = "after_replay")]
    replay_since: Option<When>,
    #[command(flatten)]
    who: Who,
}

/// Who changes what is wanted.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Who {
    /// Who wants it: a name for records [default: the user].
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Enforce,
    Beside(CandidateMode),
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit> {
    let loaded = arguments.gate.read()?;
    let store = Gate::store(&loaded)?;
    let wanted = store.wanted()?;
    if let Some(expected) = arguments.revision.filter(|seen| *seen != wanted.revision) {
        return Err(StoreError::Moved {
            expected,
            revision: wanted.revision,
            by: wanted.by,
            at: wanted.at,
        }
        .into());
    }
    let pack = match verified(arguments, &loaded, &store, &wanted)? {
        Ok(pack) => pack,
        Err(refusal) => return Ok(refused(&refusal)),
    };
    let name = &pack.manifest().name;
    let mut packs = loaded.config.packs_used.iter();
    if !packs.any(|used| used.name.get_ref() == name.as_str()) {
        return Err(anyhow!("the configuration does not use `{name}`"))
            .hint(format!("add a [[pack]] with `name = \"{name}\"`"));
    }
    let change = Change {
        seen: store.seen(name)?,
        drift: drift(&store, &wanted, &pack)?,
        pack: &pack,
        wanted: &wanted,
    };
    if !change.drift.is_empty() && !arguments.grant {
        let asks: Vec<_> = change.drift.0.iter().map(Ask::to_string).collect();
        let (revision, asks) = (&pack.manifest().revision, asks.join(", "));
        return Ok(refused(&format!(
            "`{name}` {revision} asks for more than the version that is wanted: {asks}; \
             hint: if it may have that, `--grant`"
        )));
    }
    if let Some(fail_on) = arguments.after_replay {
        let candidate = Against::with(&loaded, &store, &pack)?;
        let report = replay::of_gate(&loaded, &candidate, arguments.replay_since)?;
        eprintln!("{}", report.text(Paint::stderr()));
        if let Some(why) = report.refuses(fail_on) {
            return Ok(refused(&why));
        }
    }
    let set = change.set(arguments.mode)?;
    store.import(&pack, now()?)?;
    let changed = store.change(wanted.revision, set, &arguments.who.name(), now()?)?;
    print_line(&format!(
        "{name} {}, version {}: wanted, revision {}\npack       {}",
        pack.manifest().revision,
        pack.manifest().version,
        changed.revision,
        pack.digest()
    ))?;
    Ok(Exit::Fine)
}

fn verified(
    arguments: &Arguments,
    loaded: &Loaded,
    store: &Store,
    wanted: &Wanted,
) -> Result<Result<VerifiedPack, Refusal>> {
    let layout = match layout(&arguments.pack, store) {
        Ok(layout) => layout,
        Err(error) => match error.downcast::<gatewright_pack::LayoutError>() {
            Ok(layout) => return Ok(Err(layout.into())),
            Err(error) => return Err(error),
        },
    };
    let age = match PackManifest::parse(layout.pack_manifest()) {
        Err(error) => return Ok(Err(error.into())),
        // What is wanted already is not older than itself.
        Ok(_) if arguments.allow_older || is_wanted(wanted, layout.pack_manifest()) => Age::Any,
        Ok(manifest) => Age::NotBelow(store.seen(&manifest.name)?),
    };
    Ok(verify(layout, &loaded.pack_trust(), age, now()?))
}

fn is_wanted(wanted: &Wanted, manifest: &[u8]) -> bool {
    let digest = Digest::of(manifest);
    wanted.packs().any(|(_, pack)| pack == digest)
}

/// What a pack asks for beyond the version that is wanted and what was granted.
fn drift(store: &Store, wanted: &Wanted, pack: &VerifiedPack) -> Result<Drift> {
    let Some(before) = wanted.set.get(&pack.manifest().name) else {
        return Ok(Drift::default());
    };
    let old = manifest(store, before.pack)?;
    Ok(Drift::between(&old, pack.manifest()).without(&before.granted))
}

/// The manifest of a pack in the store.
pub(super) fn manifest(store: &Store, pack: Digest) -> Result<PackManifest> {
    let stored = store.find(pack)?.ok_or(StoreError::NotStored(pack))?;
    let layout = store.layout(&stored)?;
    Ok(PackManifest::parse(layout.pack_manifest())?)
}

/// A change of the set by one pack.
struct Change<'a> {
    seen: Option<u64>,
    drift: Drift,
    pack: &'a VerifiedPack,
    wanted: &'a Wanted,
}

// === impl Change ===

impl Change<'_> {
    fn set(&self, mode: Mode) -> Result<BTreeMap<PackName, WantedPack>> {
        let mut set = self.wanted.set.clone();
        let name = self.pack.manifest().name.clone();
        let before = set.get_mut(&name);
        let digest = self.pack.digest();
        let older = self
            .seen
            .is_some_and(|seen| self.pack.manifest().version < seen);
        match (mode, before) {
            (Mode::Enforce, before) => {
                let granted = self.granted(before.as_deref());
                let wanted = WantedPack {
                    pack: digest,
                    granted,
                    older,
                    candidate: None,
                };
                set.insert(name, wanted);
            }
            (Mode::Beside(mode), Some(before)) => {
                let granted = self.granted(Some(before));
                before.candidate = Some(Candidate {
                    pack: digest,
                    mode,
                    granted,
                    older,
                });
            }
            (Mode::Beside(_), None) => {
                return Err(anyhow!("no version of `{name}` is wanted to try it beside"))
                    .hint("activate it with `--mode enforce` first, and observe by the bindings");
            }
        }
        Ok(set)
    }

    /// What was granted before and is asked for still, and what is granted now.
    fn granted(&self, before: Option<&WantedPack>) -> Vec<Ask> {
        let asked = Drift::all(self.pack.manifest()).0;
        let mut granted: Vec<_> = before
            .into_iter()
            .flat_map(|before| {
                let tried = before.candidate.iter();
                let tried = tried.filter(|tried| tried.pack == self.pack.digest());
                before
                    .granted
                    .iter()
                    .chain(tried.flat_map(|tried| &tried.granted))
            })
            .filter(|ask| asked.contains(ask))
            .chain(&self.drift.0)
            .cloned()
            .collect();
        granted.sort();
        granted.dedup();
        granted
    }
}

// === impl Who ===

impl Who {
    pub(super) fn name(&self) -> String {
        let user = || std::env::var("USER").ok().filter(|name| !name.is_empty());
        let name = self.by.clone().or_else(user);
        name.unwrap_or_else(|| "somebody without a name".to_owned())
    }
}

fn mode(text: &str) -> Result<Mode, String> {
    match text.split_once('=') {
        None if text == "enforce" => Ok(Mode::Enforce),
        None if text == "observe" => Ok(Mode::Beside(CandidateMode::Observe)),
        Some(("canary", share)) => share
            .parse::<Share>()
            .map(|share| Mode::Beside(CandidateMode::Canary(share)))
            .map_err(|error| error.to_string()),
        Some(_) | None => Err("write `enforce`, `observe` or `canary=5%`".to_owned()),
    }
}
