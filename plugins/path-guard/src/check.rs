//! Whether an operation may touch the place that a path leads to.

use crate::choice::Operation;
use crate::list::Word;
use crate::place::Place;
use crate::refused::Refused;
use crate::settings::Settings;
use crate::spelling;

/// Most paths in one call: more is no honest call.
pub(crate) const PATHS_MAX: usize = 1000;

/// The place that a path leads to, if the operation may touch it.
pub fn check(settings: &Settings, operation: Operation, path: &str) -> Result<Place, Refused> {
    check_from(settings, operation, path, settings.base.as_ref())
}

/// The same, for a relative path that starts at `base`.
pub(crate) fn check_from(
    settings: &Settings,
    operation: Operation,
    path: &str,
    base: Option<&Place>,
) -> Result<Place, Refused> {
    if path.is_empty() {
        return Err(Refused::NotText);
    }
    if path.len() > settings.path_bytes_max {
        return Err(Refused::TooLong);
    }
    let path = spelling::plain(path, settings.writing)?;
    let platform = settings.writing.platform;
    let place = Place::read(&path, base, platform, settings.parent_steps)?;
    let roots = settings
        .roots
        .get(&operation)
        .map(Vec::as_slice)
        .unwrap_or_default();
    let mut refused = Refused::OutsideRoots;
    for root in roots {
        match inside(settings, operation, &place, root) {
            Ok(()) => return Ok(place),
            // A denied name stays denied under every other root too.
            Err(Refused::Withheld) => return Err(Refused::Withheld),
            Err(Refused::OutsideRoots) => {}
            Err(nearer) => refused = nearer,
        }
    }
    Err(refused)
}

fn inside(
    settings: &Settings,
    operation: Operation,
    place: &Place,
    root: &Place,
) -> Result<(), Refused> {
    let names = place
        .below(root, settings.writing.platform)
        .ok_or(Refused::OutsideRoots)?;
    if place.is_kernel_link(root) {
        return Err(Refused::KernelLink);
    }
    if operation == Operation::Delete && names.is_empty() {
        return Err(Refused::RootItself);
    }
    if is_denied(settings, operation, place, root) {
        return Err(Refused::Withheld);
    }
    Ok(())
}

/// Whether a list denies the place, in any way that a program could read it. The
/// operator's lists come first: what they except is not denied by a built-in one.
fn is_denied(settings: &Settings, operation: Operation, place: &Place, root: &Place) -> bool {
    place.widest(root).iter().any(|names| {
        let known = || {
            settings
                .known_lists
                .iter()
                .any(|list| list.word(operation, names) == Some(Word::Denied))
        };
        match settings.own_list.word(operation, names) {
            Some(Word::Denied) => true,
            Some(Word::Excepted) => false,
            None => known(),
        }
    })
}
