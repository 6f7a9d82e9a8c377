//! Globs for names that no agent may touch: `*` within a name, `**` for any
//! number of names. Case never counts: some file systems ignore it.

use crate::place::Place;

/// A glob over the names of a path, for example `**/.git/**`.
#[derive(Clone, Debug)]
pub struct Glob {
    /// Starts at the file system root, not at a configured one.
    absolute: bool,
    parts: Vec<String>,
}

impl Glob {
    /// Reads a glob; one that starts with `/` is about whole paths, any other
    /// about what lies below a root. A trailing `/**` is dropped, since whatever
    /// lies below a match is covered anyway.
    pub fn new(text: &str) -> Self {
        let mut parts: Vec<String> = text
            .split('/')
            .filter(|part| !part.is_empty() && *part != ".")
            .map(fold)
            .collect();
        while parts.len() > 1 && parts.last().is_some_and(|part| part == "**") {
            parts.pop();
        }
        Self {
            absolute: text.starts_with('/'),
            parts,
        }
    }

    /// Whether the glob names the place or a folder below `root` that it lies in.
    pub fn covers(&self, place: &Place, root: &Place) -> bool {
        let below = if self.absolute {
            Some(place.names())
        } else {
            place.below(root)
        };
        let folded: Vec<String> = below
            .unwrap_or_default()
            .iter()
            .map(|name| fold(name))
            .collect();
        path_fits(&self.parts, &folded)
    }
}

/// One spelling for names that differ in case only, across the scripts where
/// two letters share one capital (`ſ`, `K`).
pub(crate) fn fold(name: &str) -> String {
    name.chars()
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .collect()
}

/// Whether the parts fit a prefix of the names. Remembers, for each part, at
/// which names it may start, so that the time is their product at most.
fn path_fits(parts: &[String], names: &[String]) -> bool {
    let mut starts = vec![false; names.len() + 1];
    if let Some(first) = starts.first_mut() {
        *first = true;
    }
    for part in parts {
        let mut next = vec![false; names.len() + 1];
        let mut open = false;
        for (at, after) in next.iter_mut().enumerate() {
            let here = starts.get(at).copied().unwrap_or(false);
            if part == "**" {
                open |= here;
                *after = open;
            } else if let Some(before) = at.checked_sub(1) {
                *after = starts.get(before).copied().unwrap_or(false)
                    && names.get(before).is_some_and(|name| name_fits(part, name));
            }
        }
        starts = next;
    }
    starts.contains(&true)
}

/// Whether a name fits a part in which `*` stands for any run of characters
/// and `?` for one.
fn name_fits(part: &str, name: &str) -> bool {
    let part: Vec<char> = part.chars().collect();
    let name: Vec<char> = name.chars().collect();
    let (mut at, mut here) = (0, 0);
    let mut retry = None;
    while here < name.len() {
        match part.get(at) {
            Some('*') => {
                retry = Some((at, here));
                at += 1;
            }
            Some(letter) if *letter == '?' || name.get(here) == Some(letter) => {
                at += 1;
                here += 1;
            }
            _ => match retry {
                Some((star, from)) => {
                    retry = Some((star, from + 1));
                    at = star + 1;
                    here = from + 1;
                }
                None => return false,
            },
        }
    }
    part.iter().skip(at).all(|letter| *letter == '*')
}
