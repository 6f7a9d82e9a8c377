//! Globs over the names of a path: `*` within a name, `?` for one letter, `**`
//! for any number of names. Names are compared as widely as any file system does.

use crate::sameness::widest;

/// A glob, for example `**/.git`. What lies below a match is covered too.
#[derive(Clone, Debug)]
pub(crate) struct Glob {
    start: Start,
    parts: Vec<Part>,
}

/// Where a glob starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    /// At the root of the file system: `/etc/shadow`.
    System,
    /// At a configured root: `private`.
    Root,
    /// At any name: `**/.ssh`.
    Anywhere,
}

/// One step of a glob.
#[derive(Clone, Debug)]
pub(crate) enum Part {
    /// `**`
    Any,
    /// A name without wildcards, in its widest spelling.
    Exact(String),
    /// A name with `*` or `?`, in its widest spelling.
    Wild(String),
}

/// The names of a path in their widest spelling, and how many of them are the
/// root's: those are the operator's choice.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    pub(crate) all: Vec<String>,
    pub(crate) of_root: usize,
}

// === impl Glob ===

impl Glob {
    /// Reads a glob. A trailing `/**` is dropped, since what lies below a match
    /// is covered anyway.
    pub(crate) fn new(text: &str) -> Self {
        let mut parts: Vec<Part> = text
            .split('/')
            .filter(|part| !part.is_empty() && *part != ".")
            .map(Part::new)
            .collect();
        while parts.len() > 1 && matches!(parts.last(), Some(Part::Any)) {
            parts.pop();
        }
        let mut start = if text.starts_with('/') {
            Start::System
        } else {
            Start::Root
        };
        while matches!(parts.first(), Some(Part::Any)) {
            parts.remove(0);
            start = Start::Anywhere;
        }
        Self { start, parts }
    }

    /// Whether it names everything.
    pub(crate) fn is_all(text: &str) -> bool {
        text.trim_matches(['/', '*', '.']).is_empty()
    }

    pub(crate) fn start(&self) -> Start {
        self.start
    }

    pub(crate) fn first(&self) -> Option<&Part> {
        self.parts.first()
    }

    /// Whether it names the place or a folder that the place lies in.
    #[cfg(test)]
    pub(crate) fn covers(&self, names: &Names) -> bool {
        match self.start {
            Start::System => self.covers_from(names, 0),
            Start::Root => self.covers_from(names, names.of_root),
            Start::Anywhere => (0..names.all.len()).any(|at| self.covers_from(names, at)),
        }
    }

    /// How many names are taken where it fits from the name at `from` on; all, where that
    /// may be any number.
    pub(crate) fn end(&self, names: &Names, from: usize) -> usize {
        let is_plain = !self.parts.iter().any(|part| matches!(part, Part::Any));
        match is_plain {
            true => from + self.parts.len(),
            false => names.all.len(),
        }
    }

    /// Whether it fits from the name at `from` on, and ends below the root (a
    /// glob from the system's root on may end anywhere).
    pub(crate) fn covers_from(&self, names: &Names, from: usize) -> bool {
        let must_pass = match self.start {
            Start::System => 0,
            Start::Root | Start::Anywhere => names.of_root,
        };
        let rest = names.all.get(from..).unwrap_or_default();
        let needed = must_pass.saturating_sub(from) + usize::from(must_pass >= from);
        fits(&self.parts, rest, needed)
    }
}

/// Whether the parts fit a prefix of at least `needed` names. Remembers at which
/// names the next part may start, so that the time is their product at most.
fn fits(parts: &[Part], names: &[String], needed: usize) -> bool {
    let plain = !parts.iter().any(|part| matches!(part, Part::Any));
    if plain {
        return parts.len() >= needed
            && parts.len() <= names.len()
            && parts.iter().zip(names).all(|(part, name)| part.fits(name));
    }
    let mut starts = vec![false; names.len() + 1];
    if let Some(first) = starts.first_mut() {
        *first = true;
    }
    for part in parts {
        let mut next = vec![false; names.len() + 1];
        let mut open = false;
        for (at, after) in next.iter_mut().enumerate() {
            let here = starts.get(at).copied().unwrap_or(false);
            if let Part::Any = part {
                open |= here;
                *after = open;
            } else if let Some(before) = at.checked_sub(1) {
                *after = starts.get(before).copied().unwrap_or(false)
                    && names.get(before).is_some_and(|name| part.fits(name));
            }
        }
        starts = next;
    }
    starts.iter().skip(needed).any(|ends_here| *ends_here)
}

// === impl Part ===

impl Part {
    fn new(text: &str) -> Self {
        if text == "**" {
            Self::Any
        } else if text.contains(['*', '?']) {
            Self::Wild(widest(text))
        } else {
            Self::Exact(widest(text))
        }
    }

    fn fits(&self, name: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Exact(text) => text == name,
            Self::Wild(text) => ends_fit(text, name) && wild_fits(text, name),
        }
    }
}

/// A quick look: what stands before the first and behind the last wildcard.
fn ends_fit(text: &str, name: &str) -> bool {
    let (text, name) = (text.as_bytes(), name.as_bytes());
    let is_wild = |byte: &u8| matches!(byte, b'*' | b'?');
    let head = text.iter().position(is_wild).unwrap_or(text.len());
    let tail = text.iter().rposition(is_wild).map_or(0, |at| at + 1);
    name.starts_with(text.get(..head).unwrap_or_default())
        && name.ends_with(text.get(tail..).unwrap_or_default())
}

/// Whether a name fits a text in which `*` stands for any run of characters
/// and `?` for one.
fn wild_fits(mut text: &str, mut name: &str) -> bool {
    let mut retry: Option<(&str, &str)> = None;
    loop {
        let mut wanted = text.chars();
        let mut found = name.chars();
        match (wanted.next(), found.next()) {
            (Some('*'), _) => {
                retry = Some((wanted.as_str(), name));
                text = wanted.as_str();
            }
            (None, None) => return true,
            (Some(letter), Some(here)) if letter == '?' || letter == here => {
                text = wanted.as_str();
                name = found.as_str();
            }
            (None, Some(_)) | (Some(_), Some(_)) => {
                let Some((behind, from)) = retry else {
                    return false;
                };
                let mut later = from.chars();
                later.next();
                retry = Some((behind, later.as_str()));
                text = behind;
                name = later.as_str();
            }
            (Some(_), None) => return false,
        }
    }
}
