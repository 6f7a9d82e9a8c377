//! Patterns that fit every text: of `LIKE`, `GLOB`, `SIMILAR TO` and regular
//! expressions.

use std::iter::Peekable;
use std::str::Chars;

use crate::truth::Holds;

/// How a pattern is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Syntax {
    /// `%` and `_`.
    Like,
    /// `*` and `?`.
    Glob,
    /// A regular expression of `%` and `_` that must fit the whole text.
    Similar,
    /// A regular expression that must fit somewhere.
    Regex,
    /// A regular expression that must fit the whole text.
    WholeRegex,
}

/// Whether texts fit the pattern.
pub(crate) fn fits(pattern: &str, syntax: Syntax) -> Holds {
    match (syntax, pattern) {
        // The empty text alone.
        (Syntax::Like | Syntax::Glob | Syntax::Similar, "") => return Holds::Hardly,
        (Syntax::Regex, "^$") => return Holds::Hardly,
        (_, _) => {}
    }
    match syntax {
        Syntax::Like => wildcards(pattern, '%', '_'),
        Syntax::Glob => wildcards(pattern, '*', '?'),
        Syntax::Similar | Syntax::Regex | Syntax::WholeRegex => expression(pattern, syntax),
    }
}

fn wildcards(pattern: &str, any: char, one: char) -> Holds {
    if pattern.is_empty() || !pattern.chars().all(|letter| letter == any || letter == one) {
        Holds::Depends
    } else if pattern.contains(one) {
        // Every text but the shortest.
        Holds::Probably
    } else {
        Holds::Always
    }
}

/// What a part of an expression fits.
#[derive(Clone, Copy, Debug, Default)]
struct Part {
    /// The empty text.
    nothing: bool,
    /// Every text as a whole.
    everything: bool,
    /// Every single letter.
    letter: bool,
    /// No text at all.
    never: bool,
}

/// A sequence of parts, with its anchors.
#[derive(Clone, Copy, Debug)]
struct Sequence {
    whole: Part,
    /// Every text but the empty one.
    some_text: bool,
    begins: bool,
    ends: bool,
    /// Fits no text: something stands before `^` or behind `$`.
    never: bool,
}

struct Reader<'a> {
    letters: Peekable<Chars<'a>>,
    sql: bool,
}

/// More groups within groups than anybody writes.
const GROUPS_MAX: usize = 20;

fn expression(pattern: &str, syntax: Syntax) -> Holds {
    let pattern = ["(?i)", "(?s)", "(?m)", "(?is)", "(?si)"]
        .iter()
        .find_map(|flags| pattern.strip_prefix(flags))
        .unwrap_or(pattern);
    let anchored = (syntax != Syntax::Similar).then(|| with_signs(pattern));
    let pattern = anchored.as_deref().unwrap_or(pattern);
    let mut reader = Reader {
        letters: pattern.chars().peekable(),
        sql: syntax == Syntax::Similar,
    };
    let Some(sequences) = reader.alternatives(GROUPS_MAX) else {
        return Holds::Depends;
    };
    if reader.letters.next().is_some() {
        return Holds::Depends;
    }
    let whole = syntax != Syntax::Regex;
    let always = |sequence: &Sequence| {
        if sequence.never {
            false
        } else if whole || (sequence.begins && sequence.ends) {
            sequence.whole.everything
        } else {
            sequence.whole.nothing
        }
    };
    let probably = |sequence: &Sequence| {
        let letter = !whole && sequence.whole.letter;
        !sequence.never && (sequence.some_text || (letter && !(sequence.begins && sequence.ends)))
    };
    if sequences.iter().all(|sequence| sequence.never) {
        Holds::Never
    } else if sequences.iter().any(always) {
        Holds::Always
    } else if sequences.iter().any(probably) {
        Holds::Probably
    } else {
        Holds::Depends
    }
}

/// The same with `^` and `$` for `\A` and `\z`.
fn with_signs(pattern: &str) -> String {
    let begun = match pattern.strip_prefix("\\A") {
        Some(rest) => format!("^{rest}"),
        None => pattern.to_owned(),
    };
    let cut = ["\\z", "\\Z"]
        .iter()
        .find_map(|end| begun.strip_suffix(end))
        .filter(|rest| !rest.ends_with('\\'));
    match cut {
        Some(rest) => format!("{rest}$"),
        None => begun,
    }
}

impl Reader<'_> {
    /// Alternatives up to the end or a closing parenthesis. `None`: something
    /// that is not read.
    fn alternatives(&mut self, depth: usize) -> Option<Vec<Sequence>> {
        let depth = depth.checked_sub(1)?;
        let mut all = vec![self.sequence(depth)?];
        while self.letters.next_if_eq(&'|').is_some() {
            all.push(self.sequence(depth)?);
        }
        Some(all)
    }

    fn sequence(&mut self, depth: usize) -> Option<Sequence> {
        let begins = !self.sql && self.letters.next_if_eq(&'^').is_some();
        let mut ends = false;
        let mut parts = Vec::new();
        let mut never = false;
        while let Some(letter) = self.letters.next_if(|letter| !matches!(letter, '|' | ')')) {
            let anchored = ends && letter != '$';
            if letter == '^' && !self.sql {
                never |= parts.iter().any(|part: &Part| !part.nothing);
                if never {
                    continue;
                }
                return None;
            }
            if letter == '$' && !self.sql {
                ends = true;
                continue;
            }
            let part = self.atom(letter, depth)?;
            // None of what fits nothing is nothing.
            if part.never && matches!(self.letters.peek(), Some('*' | '+' | '?' | '{')) {
                return None;
            }
            never |= part.never;
            let part = self.repeated(part)?;
            if anchored && part.nothing {
                return None;
            }
            never |= anchored;
            parts.push(part);
        }
        let all_nothing = parts.iter().all(|part| part.nothing);
        let everything = parts.iter().any(|part| part.everything);
        let letters = parts.iter().filter(|part| !part.nothing).count();
        let one_letter = letters == 1 && parts.iter().any(|part| !part.nothing && part.letter);
        Some(Sequence {
            whole: Part {
                nothing: all_nothing,
                everything: all_nothing && everything,
                letter: one_letter,
                never,
            },
            some_text: one_letter
                && (everything || parts.iter().any(|part| part.letter && part.everything)),
            begins,
            ends,
            never,
        })
    }

    fn atom(&mut self, letter: char, depth: usize) -> Option<Part> {
        let any_letter = Part {
            letter: true,
            ..Part::default()
        };
        match letter {
            '%' if self.sql => Some(Part {
                nothing: true,
                everything: true,
                letter: true,
                never: false,
            }),
            '_' if self.sql => Some(any_letter),
            '.' if !self.sql => Some(any_letter),
            '(' => self.group(depth),
            '[' => self.class(),
            '\\' => {
                self.letters.next()?;
                Some(Part::default())
            }
            '*' | '+' | '?' | '{' => None,
            _ => Some(Part::default()),
        }
    }

    fn group(&mut self, depth: usize) -> Option<Part> {
        if self.letters.next_if_eq(&'?').is_some() {
            match self.letters.next()? {
                ':' => {}
                // `(?=)`: nothing follows everywhere.
                '=' if self.letters.next_if_eq(&')').is_some() => {
                    return Some(Part {
                        nothing: true,
                        ..Part::default()
                    });
                }
                // `(?!)`: nothing follows nowhere.
                '!' if self.letters.next_if_eq(&')').is_some() => {
                    return Some(Part {
                        never: true,
                        ..Part::default()
                    });
                }
                _ => return None,
            }
        }
        let sequences = self.alternatives(depth)?;
        self.letters.next_if_eq(&')')?;
        if sequences
            .iter()
            .any(|sequence| sequence.begins || sequence.ends || sequence.never)
        {
            return None;
        }
        let any = |test: fn(&Part) -> bool| sequences.iter().any(|sequence| test(&sequence.whole));
        Some(Part {
            nothing: any(|part| part.nothing),
            everything: any(|part| part.everything),
            letter: any(|part| part.letter),
            // Such groups were left above.
            never: false,
        })
    }

    /// `[\s\S]` and its like fit every letter, `[^\s\S]` none; other classes some.
    fn class(&mut self) -> Option<Part> {
        let mut text = String::new();
        let mut escaped = false;
        loop {
            let letter = self.letters.next()?;
            // `[:alpha:]` within a class.
            if letter == '[' && self.letters.peek() == Some(&':') {
                while self.letters.next()? != ']' {}
                text.push(letter);
                continue;
            }
            if letter == ']' && !escaped && !text.is_empty() {
                break;
            }
            escaped = letter == '\\' && !escaped;
            text.push(letter);
        }
        let both = |small: &str, large: &str| text.contains(small) && text.contains(large);
        let all = both("\\s", "\\S") || both("\\d", "\\D") || both("\\w", "\\W");
        let is_negated = text.starts_with('^');
        Some(Part {
            letter: all && !is_negated,
            never: all && is_negated,
            ..Part::default()
        })
    }

    fn repeated(&mut self, part: Part) -> Option<Part> {
        let mut part = part;
        while let Some(sign) = self
            .letters
            .next_if(|sign| matches!(sign, '*' | '+' | '?' | '{'))
        {
            let (none, many) = match sign {
                '*' => (true, true),
                '+' => (false, true),
                '?' => (true, false),
                _ => self.counted()?,
            };
            part = Part {
                nothing: part.nothing || none,
                everything: part.everything || (part.letter && many && (none || part.nothing)),
                letter: part.letter,
                never: part.never,
            };
            if many && part.letter && !part.nothing {
                // `.+`: every text but the empty one.
                part.everything = true;
            }
        }
        Some(part)
    }

    /// `{0,3}`: whether it may be left out, and whether it has no end.
    fn counted(&mut self) -> Option<(bool, bool)> {
        let mut text = String::new();
        loop {
            match self.letters.next()? {
                '}' => break,
                letter if letter.is_ascii_digit() || letter == ',' => text.push(letter),
                _ => return None,
            }
        }
        let (least, most) = text.split_once(',').unwrap_or((&text, &text));
        Some((least.is_empty() || least.parse() == Ok(0), most.is_empty()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_that_fits_every_text_is_known() {
        let cases = [
            (Syntax::Like, "%%", Holds::Always),
            (Syntax::Like, "_%", Holds::Probably),
            (Syntax::Like, "a%", Holds::Depends),
            (Syntax::Like, "", Holds::Hardly),
            (Syntax::Glob, "*", Holds::Always),
            (Syntax::Glob, "?*", Holds::Probably),
            (Syntax::Glob, "[ab]*", Holds::Depends),
            (Syntax::Similar, "%", Holds::Always),
            (Syntax::Similar, "(a|%)", Holds::Always),
            (Syntax::Similar, "_*", Holds::Always),
            (Syntax::Similar, "_%", Holds::Probably),
            (Syntax::Similar, "(a|b)%", Holds::Depends),
            (Syntax::Regex, "", Holds::Always),
            (Syntax::Regex, ".*", Holds::Always),
            (Syntax::Regex, "^", Holds::Always),
            (Syntax::Regex, "$", Holds::Always),
            (Syntax::Regex, "^.*$", Holds::Always),
            (Syntax::Regex, "\\A", Holds::Always),
            (Syntax::Regex, "\\A.*\\z", Holds::Always),
            (Syntax::Regex, "\\Ab", Holds::Depends),
            (Syntax::Regex, "a\\\\z", Holds::Depends),
            (Syntax::Regex, "a*", Holds::Always),
            (Syntax::Regex, "a|", Holds::Always),
            (Syntax::Regex, "(a?)", Holds::Always),
            (Syntax::Regex, "x{0,3}", Holds::Always),
            (Syntax::Regex, "(?i).*", Holds::Always),
            (Syntax::Regex, "[\\s\\S]*", Holds::Always),
            (Syntax::Regex, "[[:alnum:]_]*", Holds::Always),
            (Syntax::Regex, "[[:alnum:]]", Holds::Depends),
            (Syntax::Regex, "(?=)", Holds::Always),
            (Syntax::Regex, "^(.|\\n)*$", Holds::Always),
            (Syntax::Regex, ".", Holds::Probably),
            (Syntax::Regex, ".+", Holds::Probably),
            (Syntax::Regex, "^.+$", Holds::Probably),
            (Syntax::Regex, "^$", Holds::Hardly),
            (Syntax::Regex, "a^", Holds::Never),
            (Syntax::Regex, "$x^", Holds::Never),
            (Syntax::Regex, "$.", Holds::Never),
            (Syntax::Regex, "a$|b", Holds::Depends),
            (Syntax::Regex, "^a", Holds::Depends),
            (Syntax::Regex, ".*@.*", Holds::Depends),
            (Syntax::Regex, "(?=x)", Holds::Depends),
            (Syntax::Regex, "\\d", Holds::Depends),
            (Syntax::Regex, "(((", Holds::Depends),
            (Syntax::WholeRegex, ".*", Holds::Always),
            (Syntax::WholeRegex, "a*", Holds::Depends),
        ];
        for (syntax, pattern, expected) in cases {
            assert_eq!(fits(pattern, syntax), expected, "{syntax:?} {pattern}");
        }
    }
}
