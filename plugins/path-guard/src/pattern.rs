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
        if alternatives.any(form::climbs) || reading.split('/').any(makes_step_up) {
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

/// Whether a choice of alternatives makes the step `..`: `.{.,a}`, `?(.).`,
/// `+(.)`. Groups within groups are taken as one.
fn makes_step_up(step: &str) -> bool {
    let is_group = |letter: char| matches!(letter, '{' | '}' | '(' | ')');
    if !step.contains(is_group) {
        return false;
    }
    // A group may have begun in a step before.
    let mut depth = unopened(step);
    let mut points = 0_usize;
    let mut group = Group::default();
    let mut letters = step.chars().peekable();
    let mut repeats = false;
    while let Some(letter) = letters.next() {
        match letter {
            '{' | '(' => {
                if depth > 0 {
                    group.next_alternative();
                }
                depth += 1;
            }
            '}' | ')' => {
                depth = depth.saturating_sub(1);
                group.next_alternative();
                if depth == 0 {
                    let Some(most) = std::mem::take(&mut group).most else {
                        return false;
                    };
                    points += if repeats { most * 2 } else { most };
                    repeats = false;
                }
            }
            '.' if depth > 0 => group.points += 1,
            '.' => points += 1,
            ',' | '|' if depth > 0 => group.next_alternative(),
            '?' | '@' | '+' | '*' | '!' if letters.peek() == Some(&'(') => {
                repeats |= matches!(letter, '+' | '*');
            }
            _ if depth > 0 => group.has_others = true,
            _ => return false,
        }
    }
    group.next_alternative();
    points += if depth > 0 {
        group.most.unwrap_or(0)
    } else {
        0
    };
    points > 1
}

/// The alternatives of a group, as far as they are only points.
#[derive(Default)]
struct Group {
    /// Points of the alternative at hand, and whether it has other letters.
    points: usize,
    has_others: bool,
    /// The most points of an alternative without other letters.
    most: Option<usize>,
}

impl Group {
    fn next_alternative(&mut self) {
        if !self.has_others {
            self.most = self.most.max(Some(self.points));
        }
        self.points = 0;
        self.has_others = false;
    }
}

/// How many groups are closed and not opened here.
fn unopened(step: &str) -> usize {
    let mut depth = 0_usize;
    let mut unopened = 0;
    for letter in step.chars() {
        match letter {
            '{' | '(' => depth += 1,
            '}' | ')' if depth == 0 => unopened += 1,
            '}' | ')' => depth -= 1,
            _ => {}
        }
    }
    unopened
}
