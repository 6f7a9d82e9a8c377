//! A tool server lists its tools: what is new of that, and what of it an agent may see.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use gatewright_policy::agent::{CHANGED_MAX, Change, ToolDiffers, ToolPin, What};
use gatewright_policy::definition::{TOOL_NAME_BYTES_MAX, is_plain, twin_key};
use gatewright_policy::json::Value;
use gatewright_policy::{Definition, Digest, Registry, Timestamp};

use super::seen::Given;
use super::stand::Stand;
use super::standing::standing;
use crate::agents::make;
use crate::config::{Definitions, WhenChanged};
use crate::recorder::Recorder;
use crate::snapshot::Server;

/// Bytes of definitions in one entry of the record.
const CHANGE_BYTES_MAX: usize = 256 << 10;

/// Longest name of a tool in the log, in characters.
const NAME_CHARS_MAX: usize = 128;

/// Who pins what the gate sees for the first time, and why, as the record has it.
const BY: &str = "gate";
const FIRST: &str = "seen for the first time";
const OTHERWISE: &str = "its server says otherwise than is pinned";

/// One entry of a list.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Empty where it has none.
    pub name: String,
    /// All that it says.
    pub definition: Arc<Definition>,
}

/// What an agent may see of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// The entry.
    AsIs,
    /// What is pinned, in its place.
    Instead(Arc<Definition>),
    /// Nothing.
    Hidden,
}

impl Listed {
    /// The entries of a list.
    pub fn all(entries: Value<'_>) -> Vec<Self> {
        let all = entries.elements().map(|entry| Self {
            name: entry
                .get("name")
                .and_then(|name| name.as_text())
                .map(std::borrow::Cow::into_owned)
                .unwrap_or_default(),
            definition: Arc::new(Definition::of(entry)),
        });
        all.collect()
    }
}

/// Takes in what a server lists; gives for each entry what may be seen of it.
pub(super) async fn learn(
    recorder: &Arc<Recorder>,
    server: &Arc<Server>,
    mut listed: Vec<Listed>,
    given: Given,
) -> Vec<Shown> {
    if server.definitions() == Definitions::Off {
        return vec![Shown::AsIs; listed.len()];
    }
    let at = recorder.now();
    let agents = recorder.memory.agents();
    let (repeated, unclear) = merge_repeated(&mut listed);
    let seen = listed.iter().map(|it| (it.name.as_str(), &it.definition));
    agents.tools().learn(server, seen, given, at);
    let registry = agents.registry();
    note(recorder, server, &listed, &registry).await;
    if server.definitions() == Definitions::FirstSight {
        let pins = first_seen(server, &listed, &registry, &unclear);
        let is_first = !pins.is_empty();
        for tools in in_changes(pins) {
            let first_sight = true;
            commit(recorder, FIRST, What::Pin { tools, first_sight }).await;
        }
        if is_first {
            // Somebody else may have been told otherwise, and its list was the first.
            note(recorder, server, &listed, &agents.registry()).await;
        }
    }
    let shown = listed.iter().zip(repeated).map(|(it, is_repeated)| {
        match is_repeated && server.when_changed() != WhenChanged::Report {
            true => Shown::Hidden,
            false => shown(recorder, server, it, at),
        }
    });
    shown.collect()
}

/// Records which tools are pinned as something else, where that is not known yet.
async fn note(recorder: &Arc<Recorder>, server: &Server, listed: &[Listed], registry: &Registry) {
    let differ = differing(server, listed, registry);
    for tool in &differ {
        let name: String = tool.name.chars().take(NAME_CHARS_MAX).collect();
        let name = name.replace(char::is_control, "\u{fffd}");
        let (pinned, seen) = (tool.pinned, tool.seen);
        tracing::warn!(server = %server.name, tool = name, %pinned, %seen, "a tool changed");
    }
    for differ in differ.chunks(CHANGED_MAX) {
        commit(recorder, OTHERWISE, What::Differ(differ.to_vec())).await;
    }
}

/// Gives each tool that is listed several times one definition, which nobody agreed to where
/// they are not the same; and says which entries only say again what was said, and which
/// tools are not the same each time.
fn merge_repeated(listed: &mut [Listed]) -> (Vec<bool>, HashSet<String>) {
    let mut digests: HashMap<String, Vec<Digest>> = HashMap::new();
    let mut repeated = Vec::with_capacity(listed.len());
    for it in &*listed {
        let known = digests.entry(it.name.clone()).or_default();
        repeated.push(!known.is_empty());
        known.push(it.definition.digest);
    }
    let several = digests.into_iter().filter_map(|(name, mut all)| {
        all.sort_unstable_by_key(|digest| *digest.as_bytes());
        all.dedup();
        if all.len() < 2 {
            return None;
        }
        let all: Vec<_> = all.iter().map(Digest::to_string).collect();
        let together = format!("listed several times\n{}", all.join("\n"));
        let digest = Digest::of(together.as_bytes());
        Some((name, Arc::new(Definition::known(digest, ""))))
    });
    let several: HashMap<_, _> = several.collect();
    for it in listed {
        if let Some(definition) = several.get(&it.name) {
            it.definition = Arc::clone(definition);
        }
    }
    (repeated, several.into_keys().collect())
}

/// Tools that are pinned as something else, and of which that is not known yet.
fn differing(server: &Server, listed: &[Listed], registry: &Registry) -> Vec<ToolDiffers> {
    let mut told = HashSet::new();
    let differ = listed.iter().filter_map(|it| {
        let row = &registry.tool(&server.name, &it.name)?.row;
        let is_news = row.digest != it.definition.digest
            && row.changed.is_none()
            && server.definitions_of(&it.name).is_empty()
            && told.insert(&it.name);
        is_news.then(|| ToolDiffers {
            server: server.name.to_string(),
            name: it.name.clone(),
            pinned: row.digest,
            seen: it.definition.digest,
        })
    });
    differ.collect()
}

/// Tools that the gate pins since nobody ever said otherwise: names that show all of
/// themselves, and that nobody takes for another one.
fn first_seen(
    server: &Server,
    listed: &[Listed],
    registry: &Registry,
    unclear: &HashSet<String>,
) -> Vec<ToolPin> {
    let is_known = |name: &str| registry.tool(&server.name, name).is_some();
    if listed.iter().all(|it| is_known(&it.name)) {
        return Vec::new();
    }
    let pinned = registry.tools_of(&server.name);
    let pinned = pinned.map(|it| it.row.name.as_str());
    let mut alike: HashMap<String, HashSet<&str>> = HashMap::new();
    for name in pinned.chain(listed.iter().map(|it| it.name.as_str())) {
        alike.entry(twin_key(name)).or_default().insert(name);
    }
    let has_twin = |name: &str| {
        let alike = alike.get(&twin_key(name));
        alike.is_some_and(|names| names.len() > 1)
    };
    let mut once = HashSet::new();
    let first = listed.iter().filter(|it| {
        let name = it.name.as_str();
        let may_be = is_plain(name)
            && name.len() <= TOOL_NAME_BYTES_MAX
            && !unclear.contains(name)
            && !is_known(name)
            && !has_twin(name)
            && server.definitions_of(name).is_empty();
        may_be && once.insert(name)
    });
    let pins = first.map(|it| ToolPin {
        server: server.name.to_string(),
        name: it.name.clone(),
        digest: it.definition.digest,
        definition: it.definition.text().to_owned(),
    });
    pins.collect()
}

/// Pins in changes whose entries are not too long.
pub(super) fn in_changes(pins: Vec<ToolPin>) -> Vec<Vec<ToolPin>> {
    let mut changes: Vec<Vec<ToolPin>> = Vec::new();
    let mut bytes = 0;
    for pin in pins {
        bytes += pin.definition.len();
        match changes.last_mut() {
            Some(last) if last.len() < CHANGED_MAX && bytes <= CHANGE_BYTES_MAX => last.push(pin),
            Some(_) | None => {
                bytes = pin.definition.len();
                changes.push(vec![pin]);
            }
        }
    }
    changes
}

/// Where it is not recorded it does not count: then nobody pinned these tools.
async fn commit(recorder: &Arc<Recorder>, why: &str, what: What) {
    let change = Change {
        by: BY.to_owned(),
        why: why.to_owned(),
        from_file: false,
        what,
    };
    if let Err(error) = make(recorder, change).await {
        tracing::error!(%error, "what a tool server lists is not recorded");
    }
}

fn shown(recorder: &Recorder, server: &Server, listed: &Listed, at: Timestamp) -> Shown {
    let standing = standing(server, &listed.name, recorder.memory.agents(), at);
    let pinned = standing.defined.pinned;
    let is_pinned = pinned.as_ref() == Some(&listed.definition);
    let stand = match standing.stand {
        // What its server says now is what it said to somebody else meanwhile.
        Stand::Same if !is_pinned => Stand::Changed,
        Stand::Free => Stand::New,
        stand => stand,
    };
    match (stand, server.when_changed()) {
        (_, WhenChanged::Report) | (Stand::Same, _) => Shown::AsIs,
        // Where nobody asked for all of the tools yet, this one is there all the same.
        (Stand::Unseen | Stand::Changed, _) if is_pinned => Shown::AsIs,
        (Stand::Changed | Stand::Unseen, WhenChanged::Ask) => match pinned {
            Some(pinned) if !pinned.text().is_empty() => Shown::Instead(pinned),
            Some(_) | None => Shown::Hidden,
        },
        (Stand::Changed | Stand::Unseen, WhenChanged::Deny) | (Stand::New | Stand::Free, _) => {
            Shown::Hidden
        }
    }
}
