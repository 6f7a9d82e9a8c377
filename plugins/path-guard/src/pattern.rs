//! Patterns over paths in arguments: `pattern`, `glob`, `excludePatterns`.

use crate::check::check;
use crate::choice::Operation;
use crate::settings::Settings;
use crate::{Refused, form, letters};

/// What ends the part of a pattern that is a plain path.
const WILDCARDS: &[char] = &['*', '?', '[', '{', '(', '+', '!', '|', '^', '$'];

/// What may stand before an alternative of a pattern.
const ALTERNATIVES: &[char] = &['{', '}', ',', '(', ')', '|', '!', ';', '\n'];

/// Refuses a pattern that could lead out of the folder it is applied to. One
/// that starts at the root of the file system must start inside a root.
pub(crate) fn inside(settings: &Settings, operation: Operation, text: &str) -> Result<(), Refused> {
    let simple = letters::simplified(text).map(|names| names.join("/"));
    let text = simple.as_deref().unwrap_or(text);
    // `[.]` is a point, and `\.` is one for most; for some `\` is a separator.
    let bare = text.replace(['[', ']'], "");
    let readings = [
        text.replace('\\', "/"),
        bare.replace('\\', ""),
        bare.replace('\\', "/"),
    ];
    for reading in &readings {
        let mut alternatives = reading.split(ALTERNATIVES);
        if alternatives.any(form::climbs) {
            return Err(Refused::Climbs);
        }
    }
    let mut before: Option<char> = None;
    for part in text.split_inclusive(ALTERNATIVES) {
        // `{a,b}/c`: what follows a group goes on from there.
        let goes_on = matches!(before, Some('}' | ')'));
        before = part.chars().next_back();
        let alternative = part.trim_end_matches(ALTERNATIVES);
        if goes_on || !form::is_path(alternative, settings.writing.platform) {
            continue;
        }
        let alternative = alternative.trim();
        let end = alternative.find(WILDCARDS).unwrap_or(alternative.len());
        let fixed = alternative.get(..end).unwrap_or_default();
        let folder = if end == alternative.len() {
            fixed
        } else {
            let last = fixed.rfind(['/', '\\']).unwrap_or(0);
            fixed.get(..last.max(1)).unwrap_or_default()
        };
        check(settings, operation, folder).map_err(|refused| match refused {
            Refused::OutsideRoots => refused,
            _ => Refused::Climbs,
        })?;
    }
    Ok(())
}
