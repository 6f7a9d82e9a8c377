//! Patterns over texts that a tool may take apart: what `*` stands for holds
//! nothing that makes one text several, unless the pattern itself does.

use gatewright_sdk::Pattern;

/// A pattern, taken apart once.
#[derive(Clone, Debug)]
pub struct Wildcard {
    pattern: Pattern,
    /// What stands before, between and behind the `*`.
    literals: Vec<String>,
    /// What each `*` must not stand for.
    barriers: Vec<Barrier>,
}

/// How a text fits a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// It does, in one piece.
    Whole,
    /// Only if `*` stands for this, too, which a tool may take as a separator.
    Across(char),
    /// It does not.
    Not,
}

/// What may be crossed although it separates.
#[derive(Clone, Debug, Default)]
pub enum Across {
    /// What the pattern holds itself.
    #[default]
    Own,
    /// These characters too.
    Letters(String),
    /// Everything.
    Anything,
}

/// What a `*` must not stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Barrier {
    kind: Kind,
    /// An `@` stands behind it: the name before it is one name.
    before_at: bool,
}

/// What a pattern is about, by its own text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// `*` alone: any text.
    Anything,
    /// One name: a branch, an address, a number of an order.
    Name,
    /// Several words: a command, a sentence.
    Words,
    /// The host of a URL.
    Host,
    /// What follows the host of a URL.
    Url,
}

/// What ends a command, or starts another within it.
const OF_SHELLS: &str = ";&|`$<>\\";

/// What separates names in lists, references, addresses and shells.
const OF_NAMES: &str = ",;:|&$`<>(){}[]\"\\?*~^!%";

// === impl Wildcard ===

impl Wildcard {
    /// Takes the pattern apart.
    pub fn new(pattern: Pattern) -> Self {
        let literals: Vec<String> = pattern.as_str().split('*').map(str::to_owned).collect();
        let barriers = (1..literals.len())
            .map(|behind| barrier(&literals, behind))
            .collect();
        Self {
            pattern,
            literals,
            barriers,
        }
    }

    /// The text of the pattern.
    pub fn as_str(&self) -> &str {
        self.pattern.as_str()
    }

    /// How a text fits.
    pub fn fit(&self, text: &str, across: &Across) -> Fit {
        if !self.pattern.matches(text) {
            return Fit::Not;
        }
        if self.fits_in_one_piece(text, across) {
            return Fit::Whole;
        }
        let crossed = text.char_indices().find(|(at, letter)| {
            let bars = |barrier: &Barrier| self.bars(*barrier, across, text, *at, *letter);
            self.barriers.iter().any(bars)
        });
        Fit::Across(crossed.map_or('*', |(_, letter)| letter))
    }

    /// Looks for the parts between the `*` from left to right. A part may stand
    /// at each place that nothing forbidden keeps from where the one before it
    /// may end; of those ends only the last counts, as it leaves the least between.
    fn fits_in_one_piece(&self, text: &str, across: &Across) -> bool {
        let Some((first, rest)) = self.literals.split_first() else {
            return false;
        };
        let mut ends: Vec<usize> = vec![first.len()];
        for (number, (literal, barrier)) in rest.iter().zip(&self.barriers).enumerate() {
            let is_last = number + 1 == rest.len();
            let mut next = Vec::new();
            let mut reachable = ends.iter().copied().peekable();
            let mut from: Option<usize> = None;
            let mut barred: Option<usize> = None;
            let letters = text.char_indices().map(|(at, letter)| (at, Some(letter)));
            for (at, letter) in letters.chain([(text.len(), None)]) {
                while let Some(end) = reachable.next_if(|end| *end <= at) {
                    from = Some(end);
                }
                let open = from.is_some_and(|from| barred.is_none_or(|bar| bar < from));
                let here = text.get(at..).unwrap_or_default();
                let stands = if is_last {
                    here == literal
                } else {
                    here.starts_with(literal.as_str())
                };
                if open && stands {
                    next.push(at + literal.len());
                }
                if let Some(letter) = letter
                    && self.bars(*barrier, across, text, at, letter)
                {
                    barred = Some(at);
                }
            }
            ends = next;
        }
        ends.contains(&text.len())
    }

    /// Whether the letter at this place keeps a `*` from standing for it.
    fn bars(&self, barrier: Barrier, across: &Across, text: &str, at: usize, letter: char) -> bool {
        if letter.is_ascii_alphanumeric() || matches!(barrier.kind, Kind::Anything) {
            return false;
        }
        let crossable = match across {
            Across::Anything => return false,
            Across::Letters(letters) => letters.contains(letter),
            Across::Own => false,
        };
        if crossable {
            return false;
        }
        if is_control(letter) || (barrier.before_at && is_at(letter)) {
            return true;
        }
        let own = |letter: char| self.literals.iter().any(|literal| literal.contains(letter));
        match barrier.kind {
            Kind::Anything => false,
            Kind::Words => {
                (OF_SHELLS.contains(letter) && !own(letter))
                    || (letter == '.' && self.is_step_up(text, at))
                    || (letter == '%' && encoded(text, at, &["0a", "0d", "00"]))
            }
            Kind::Name => {
                ((OF_NAMES.contains(letter) || letter.is_whitespace()) && !own(letter))
                    || (letter == '.' && self.is_two_points(text, at))
            }
            Kind::Host => !matches!(letter, '.' | '-' | '_'),
            Kind::Url => {
                letter.is_whitespace()
                    || matches!(letter, '\\' | '<' | '>' | '"' | '`' | '{' | '}' | '|' | '^')
                    || (letter == ':' && text.get(at..).is_some_and(|rest| rest.starts_with("://")))
                    || (letter == '.' && self.is_step_up(text, at))
                    || (letter == '%' && encoded(text, at, OF_URLS))
            }
        }
    }

    /// `..`, which the pattern itself does not hold.
    fn is_two_points(&self, text: &str, at: usize) -> bool {
        let before = text.get(..at).unwrap_or_default();
        let after = text.get(at..).unwrap_or_default();
        (after.starts_with("..") || before.ends_with('.'))
            && !self.literals.iter().any(|literal| literal.contains(".."))
    }

    /// `..` as a step of a path, which the pattern itself does not hold.
    fn is_step_up(&self, text: &str, at: usize) -> bool {
        if !self.is_two_points(text, at) {
            return false;
        }
        let before = text.get(..at).unwrap_or_default().trim_end_matches('.');
        let after = text.get(at..).unwrap_or_default().trim_start_matches('.');
        let ends = |letter: char| !letter.is_alphanumeric() && letter != '_';
        before.chars().next_back().is_none_or(ends) && after.chars().next().is_none_or(ends)
    }
}

fn barrier(literals: &[String], behind: usize) -> Barrier {
    let whole = literals.concat();
    let before = literals.get(..behind).unwrap_or_default().concat();
    let after = literals.get(behind..).unwrap_or_default();
    let is_url = whole.contains("://");
    let host_done = before
        .split_once("://")
        .is_some_and(|(_, host)| host.contains(['/', '?', '#']));
    let kind = if whole.is_empty() {
        Kind::Anything
    } else if is_url && host_done {
        Kind::Url
    } else if is_url {
        Kind::Host
    } else if whole.contains(char::is_whitespace) {
        Kind::Words
    } else {
        Kind::Name
    };
    Barrier {
        kind,
        before_at: after.iter().any(|literal| literal.contains('@')),
    }
}

/// What ends a line, or begins a step up, percent-encoded.
const OF_URLS: &[&str] = &["2e", "5c", "25", "0a", "0d", "00"];

/// Whether the `%` at this place begins one of these codes.
fn encoded(text: &str, at: usize, codes: &[&str]) -> bool {
    let code = text.get(at + 1..at + 3).unwrap_or_default();
    codes.iter().any(|known| code.eq_ignore_ascii_case(known))
}

/// An `@`, or what programs that simplify letters take for one.
fn is_at(letter: char) -> bool {
    matches!(letter, '@' | '\u{fe6b}' | '\u{ff20}')
}

/// Control characters, line ends of every kind, what changes the direction of the
/// text around it, and what takes no place. The joiners that scripts and emoji are
/// spelled with are none of them.
pub(crate) fn is_control(letter: char) -> bool {
    letter.is_control()
        || matches!(
            letter,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}' | '\u{3164}' | '\u{ffa0}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{2064}'
                | '\u{2066}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}
