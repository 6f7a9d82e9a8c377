//! Which functions may be called, by the lists of the operator and the built-in ones.

use gatewright_sdk::Pattern;

use crate::names::{Listed, Place, listed};
use crate::refused::Refused;
use crate::settings::Settings;

/// Whether the function may be called there, by the parts of its name in lower case.
pub(crate) fn may_call(settings: &Settings, parts: &[String], place: Place) -> Result<(), Refused> {
    let whole = || parts.join(".");
    let last = parts.last().map(String::as_str).unwrap_or_default();
    let fits = |list: &[Pattern]| {
        list.iter().any(|pattern| {
            if pattern.as_str().contains('.') {
                pattern.matches(&whole())
            } else {
                pattern.matches(last)
            }
        })
    };
    let functions = &settings.functions;
    if fits(&functions.denied) {
        return Err(Refused::Function(whole()));
    }
    if fits(&functions.except) {
        return Ok(());
    }
    let built_in = listed(settings.dialect, parts, place);
    let closed =
        settings.read_only || (place == Place::Table && settings.dialect.lists_table_functions());
    match (built_in, &functions.allowed) {
        (Listed::Denied, _) => Err(Refused::Function(whole())),
        (Listed::Pure | Listed::Unknown, Some(allowed)) if fits(allowed) => Ok(()),
        (Listed::Pure | Listed::Unknown, Some(_)) => Err(Refused::Function(whole())),
        (Listed::Pure, None) => Ok(()),
        (Listed::Unknown, None) if closed => Err(Refused::UnknownFunction(whole())),
        (Listed::Unknown, None) => Ok(()),
    }
}
