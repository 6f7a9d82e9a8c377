//! Steps back from a pack that was followed and does not hold its own cases.
//! Nobody asked for it, so nobody would look; and as long as it is wanted, no
//! other change of the configuration comes into force.

use gatewright_engine::config::Loaded;
use gatewright_engine::status::PacksStatus;
use gatewright_pack::{PackName, Store};

use super::look::TakeError;
use crate::credential::now;

/// Who wants the set that this makes.
const BY: &str = "the gate, back from what it followed";

/// Wants the last good version of the pack `name` again, where it is the one that
/// was refused. The store keeps that, and it is not followed again. Gives the
/// revision of the set that is wanted now.
pub(super) fn step_back(
    loaded: &Loaded,
    name: &str,
    packs: &PacksStatus,
) -> Result<Option<u64>, TakeError> {
    let Some(refused) = packs.refused.as_ref().filter(|one| one.name == name) else {
        return Ok(None);
    };
    let Ok(name) = name.parse::<PackName>() else {
        return Ok(None);
    };
    if packs.wanted != refused.set {
        return Ok(None);
    }
    let store = Store::open(loaded.resolve(&loaded.config.packs.store))?;
    let wanted = store.wanted()?;
    let is_refused = wanted.set.get(&name).map(|pack| pack.pack) == Some(refused.pack);
    let good = store.good()?.and_then(|mut good| good.set.remove(&name));
    let Some(good) = good.filter(|good| is_refused && good.pack != refused.pack) else {
        return Ok(None);
    };
    let mut set = wanted.set;
    set.insert(name, good);
    let at = now().map_err(|error| TakeError::Clock(error.to_string()))?;
    // Whoever changes the set meanwhile knows better.
    let changed = store.change(refused.set, set, BY, at)?;
    Ok(Some(changed.revision))
}
