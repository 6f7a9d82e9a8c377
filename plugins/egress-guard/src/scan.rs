//! Finds what looks like a URL in any text.

/// Schemes that programs follow even without `//`.
const FOLLOWED: &[&str] = &[
    "http", "https", "ws", "wss", "ftp", "ftps", "sftp", "gopher",
];

/// Schemes that programs run or open; suspicious as the start of a whole value.
const OPENED: &[&str] = &[
    "file",
    "javascript",
    "vbscript",
    "data",
    "jar",
    "view-source",
    "blob",
    "dict",
    "ldap",
    "ldaps",
    "tftp",
    "telnet",
    "ssh",
    "smb",
    "netdoc",
    "php",
    "phar",
    "expect",
    "about",
    "chrome",
];

/// What a text holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Found<'a> {
    /// Something to read as a URL.
    Url(&'a str),
    /// A URL with a space, tab or line break inside that some programs drop or
    /// encode, so that it leads elsewhere.
    Cut,
}

/// Everything in the text that looks like a URL.
pub(crate) fn urls(text: &str) -> Vec<Found<'_>> {
    // What stands at the start may be used as a whole: no quote ends it.
    let whole = text.trim_matches(|c: char| c.is_whitespace() || c.is_control());
    let first = whole.split(' ').next().unwrap_or_default();
    let alone = first.len() == whole.len();
    let mut found = Vec::new();
    if starts_like_a_url(first, alone) {
        let cut = first.contains(|c: char| c.is_whitespace() || c.is_control())
            || (!alone && authority_of_whole(whole).contains('@'));
        found.push(if cut {
            Found::Cut
        } else {
            Found::Url(if alone {
                first
            } else {
                without_punctuation(first)
            })
        });
    }
    let mut from = 0;
    while let Some((start, end)) = next(text, from) {
        if let Some(url) = text.get(start..end) {
            found.push(Found::Url(without_punctuation(url)));
        }
        from = end.max(from + 1);
    }
    found
}

/// What a browser that is given the whole text takes for user and host: a space
/// ends nothing there, so `https://good.example @evil.example` leads to the
/// second host.
fn authority_of_whole(text: &str) -> &str {
    let (_, rest) = text.split_once(':').unwrap_or_default();
    rest.trim_start_matches(is_slash)
        .split(['/', '\\', '?', '#'])
        .next()
        .unwrap_or_default()
}

fn starts_like_a_url(text: &str, alone: bool) -> bool {
    let mut letters = text.chars();
    let slashes = letters.next().is_some_and(is_slash) && letters.next().is_some_and(is_slash);
    if slashes {
        return alone
            && letters
                .next()
                .is_some_and(|c| c.is_alphanumeric() || c == '[' || is_slash(c));
    }
    let Some((scheme, rest)) = text.split_once(':') else {
        return false;
    };
    // Browsers drop tabs and line breaks inside the scheme too.
    let scheme: String = scheme
        .chars()
        .filter(|c| !c.is_control())
        .collect::<String>()
        .to_ascii_lowercase();
    let known = FOLLOWED.contains(&scheme.as_str()) || (alone && OPENED.contains(&scheme.as_str()));
    !rest.is_empty() && (known || (is_scheme(&scheme) && rest.starts_with("//")))
}

/// Start and end of the next URL at or after `from`.
fn next(text: &str, from: usize) -> Option<(usize, usize)> {
    let mut colon = from;
    loop {
        colon += text.get(colon..)?.find(':')?;
        let (before, after) = (text.get(from..colon)?, text.get(colon + 1..)?);
        let length = before
            .bytes()
            .rev()
            .take_while(|byte| is_scheme_byte(*byte))
            .count();
        let word = before.get(before.len() - length..)?;
        // Letters of other kinds may be glued to the front: `x2http://`.
        let scheme = word.trim_start_matches(|c: char| !c.is_ascii_alphabetic());
        let lower = scheme.to_ascii_lowercase();
        let slashes = after.chars().take(2).filter(|c| is_slash(*c)).count();
        let followed = FOLLOWED.contains(&lower.as_str())
            && (slashes > 0 || after.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '['));
        if !scheme.is_empty() && (slashes == 2 || followed) {
            let end = after
                .find(ends_a_url)
                .map_or(text.len(), |length| colon + 1 + length);
            return Some((colon - scheme.len(), end));
        }
        colon += 1;
    }
}

fn ends_a_url(letter: char) -> bool {
    letter.is_whitespace() || letter.is_control() || matches!(letter, '"' | '<' | '>' | '`')
}

fn is_slash(letter: char) -> bool {
    matches!(letter, '/' | '\\')
}

fn is_scheme_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.')
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.bytes().all(is_scheme_byte)
}

/// A sentence goes on after a URL.
fn without_punctuation(url: &str) -> &str {
    url.trim_end_matches([
        '.', ',', ';', ':', '!', '?', '\'', ')', ']', '}', '*', '_', '|',
    ])
}
