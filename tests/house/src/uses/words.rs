//! Rust source as words: identifiers, `::` and single characters. Comments,
//! texts and what is compiled for tests only are left out.

/// One word of the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word<'a> {
    /// An identifier or a keyword.
    Name(&'a str),
    /// `::`
    Path,
    /// Any other character that is not white space.
    Sign(char),
}

/// The words of a file.
pub(super) fn words(source: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let taken = match first {
            _ if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            _ if rest.starts_with("/*") => comment(rest),
            '"' => text(rest),
            '\'' => character(rest),
            'r' | 'b' | 'c' if literal(rest).is_some() => literal(rest).unwrap_or(1),
            _ if is_part(first) => {
                let name = name(rest);
                words.push(Word::Name(name));
                name.len()
            }
            _ if rest.starts_with("::") => {
                words.push(Word::Path);
                "::".len()
            }
            _ => {
                if !first.is_whitespace() {
                    words.push(Word::Sign(first));
                }
                first.len_utf8()
            }
        };
        rest = rest.get(taken..).unwrap_or_default();
    }
    words
}

/// The words without the items that stand under `#[cfg(test)]`.
pub(super) fn without_tests<'a>(words: &[Word<'a>]) -> Vec<Word<'a>> {
    let attribute = [
        Word::Sign('#'),
        Word::Sign('['),
        Word::Name("cfg"),
        Word::Sign('('),
        Word::Name("test"),
        Word::Sign(')'),
        Word::Sign(']'),
    ];
    let mut kept = Vec::new();
    let mut rest = words;
    while let Some((first, others)) = rest.split_first() {
        rest = match rest.strip_prefix(attribute.as_slice()) {
            Some(item) => item.get(item_length(item)..).unwrap_or_default(),
            None => {
                kept.push(*first);
                others
            }
        };
    }
    kept
}

/// How many words an item has: to its `;`, or to the end of its braces.
fn item_length(words: &[Word<'_>]) -> usize {
    let mut depth = 0_usize;
    for (index, word) in words.iter().enumerate() {
        match word {
            Word::Sign('{' | '(' | '[') => depth += 1,
            Word::Sign('}' | ')' | ']') => {
                depth = depth.saturating_sub(1);
                if depth == 0 && *word == Word::Sign('}') {
                    return index + 1;
                }
            }
            Word::Sign(';') if depth == 0 => return index + 1,
            Word::Sign(_) | Word::Name(_) | Word::Path => {}
        }
    }
    words.len()
}

fn is_part(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

fn name(rest: &str) -> &str {
    let end = rest.find(|character| !is_part(character));
    rest.get(..end.unwrap_or(rest.len())).unwrap_or_default()
}

fn comment(rest: &str) -> usize {
    let mut depth = 0_usize;
    for (at, _) in rest.char_indices() {
        let here = rest.get(at..).unwrap_or_default();
        if here.starts_with("/*") {
            depth += 1;
        } else if here.starts_with("*/") {
            depth -= 1;
            if depth == 0 {
                return at + "*/".len();
            }
        }
    }
    rest.len()
}

/// How long a text in quotes is, with both quotes.
fn text(rest: &str) -> usize {
    let mut escaped = false;
    for (at, character) in rest.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// How long `'a'` is; of a lifetime the quote only.
fn character(rest: &str) -> usize {
    let inside = rest.get(1..).unwrap_or_default();
    if inside.starts_with('\\') {
        let end = inside.char_indices().skip(2).find(|(_, c)| *c == '\'');
        return end.map_or(1, |(at, _)| at + 2);
    }
    let mut characters = inside.chars();
    match (characters.next(), characters.next()) {
        (Some(shown), Some('\'')) => shown.len_utf8() + 2,
        _ => 1,
    }
}

/// How long `r"..."`, `r#"..."#`, `b"..."`, `br"..."` or `b'.'` is, where one
/// begins here.
fn literal(rest: &str) -> Option<usize> {
    let prefix = ["br", "cr", "b", "c", "r"]
        .into_iter()
        .find(|prefix| rest.starts_with(prefix))?;
    let after = rest.get(prefix.len()..)?;
    if prefix.ends_with('r') {
        let hashes = after
            .chars()
            .take_while(|character| *character == '#')
            .count();
        let inside = after.get(hashes..)?.strip_prefix('"')?;
        let end = format!("\"{}", "#".repeat(hashes));
        let length = inside.find(&end)? + end.len();
        return Some(prefix.len() + hashes + 1 + length);
    }
    match after.chars().next()? {
        '"' => Some(prefix.len() + text(after)),
        '\'' if prefix == "b" => Some(prefix.len() + character(after)),
        _ => None,
    }
}
