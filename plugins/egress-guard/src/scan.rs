//! Finds where URLs begin in any text.

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

/// A place where a URL begins.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spot<'a> {
    /// What stands before the scheme.
    pub(crate) before: &'a str,
    /// The scheme as written.
    pub(crate) scheme: &'a str,
    /// What stands behind the colon and the slashes.
    pub(crate) rest: &'a str,
    /// Whether two slashes stand there: without them a program may take it for
    /// something else.
    pub(crate) slashes: bool,
    /// Where `rest` begins in the text.
    pub(crate) at: usize,
}

/// Every place in the text where a URL begins. The search goes on right behind
/// each colon, so that a URL in the same word as another is found too.
pub(crate) fn spots(text: &str) -> impl Iterator<Item = Spot<'_>> {
    let mut from = 0;
    std::iter::from_fn(move || {
        loop {
            let colon = from + text.get(from..)?.find(':')?;
            from = colon + 1;
            if let Some(spot) = spot(text, colon) {
                return Some(spot);
            }
        }
    })
}

fn spot(text: &str, colon: usize) -> Option<Spot<'_>> {
    let after = text.get(colon + 1..)?;
    let rest = after.trim_start_matches(is_slash);
    let slashes = after.len() - rest.len();
    if slashes == 0 && !after.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '[') {
        return None;
    }
    // A backslash before the colon escapes it.
    let before = text.get(..colon)?.trim_end_matches('\\');
    let length = before
        .bytes()
        .rev()
        .take_while(|byte| is_scheme_byte(*byte))
        .take(SCHEME_BYTES_MAX)
        .count();
    let word = before.get(before.len() - length..)?;
    let word = word.trim_start_matches(|c: char| !c.is_ascii_alphabetic());
    let scheme = unglued(word);
    if is_class(after, rest) {
        return None;
    }
    if scheme.is_empty() || (slashes < 2 && !is_one_of(scheme, FOLLOWED)) {
        return None;
    }
    Some(Spot {
        before: before.get(..before.len() - scheme.len())?,
        scheme,
        rest,
        slashes: slashes >= 2,
        at: text.len() - rest.len(),
    })
}

/// `//\w+`: a class of letters in a regular expression, and no host.
fn is_class(after: &str, rest: &str) -> bool {
    let slashes = after.strip_suffix(rest).unwrap_or_default();
    let mut letters = rest.chars();
    slashes.ends_with("/\\")
        && matches!(letters.next(), Some('w' | 'W' | 'd' | 'D' | 's' | 'S'))
        && matches!(letters.next(), Some('+' | '*' | '{' | '?'))
}

/// Longer words are no schemes.
const SCHEME_BYTES_MAX: usize = 40;

/// Letters may be glued to the front of a scheme: `\nhttps`, `1http`,
/// `see.https`. `git+https` is a scheme of its own.
fn unglued(word: &str) -> &str {
    if word.contains('+') || is_one_of(word, FOLLOWED) {
        return word;
    }
    let ends = |scheme: &&&str| {
        word.len()
            .checked_sub(scheme.len())
            .and_then(|at| word.get(at..))
            .is_some_and(|end| end.eq_ignore_ascii_case(scheme))
    };
    let longest = GLUED
        .iter()
        .find(ends)
        .map_or(word.len(), |scheme| scheme.len());
    word.get(word.len() - longest..).unwrap_or(word)
}

/// Schemes that are found with letters glued to their front, longest first.
const GLUED: &[&str] = &["gopher", "https", "sftp", "ftps", "http", "wss"];

/// Whether programs follow URLs of this scheme everywhere.
pub(crate) fn is_followed(scheme: &str) -> bool {
    is_one_of(scheme, FOLLOWED)
}

fn is_one_of(word: &str, schemes: &[&str]) -> bool {
    schemes
        .iter()
        .any(|scheme| scheme.eq_ignore_ascii_case(word))
}

/// The value of an argument, as a program would read it that takes all of it
/// for one URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whole<'a> {
    /// It is no URL.
    No,
    /// It is one.
    Url(&'a str),
    /// The text begins with one.
    Start(&'a str),
    /// One with a space, tab or line break inside that some programs drop or
    /// encode, so that it leads elsewhere.
    Cut,
}

/// Reads the value as a whole. No quote and no punctuation ends a URL there.
pub(crate) fn whole(text: &str) -> Whole<'_> {
    let whole = text.trim_matches(|c: char| c.is_whitespace() || c.is_control());
    let first = whole.split(' ').next().unwrap_or_default();
    let alone = first.len() == whole.len();
    let starts = starts_like_a_url(first, alone);
    // `http: @evil.example`: the space is a part of the user's name.
    if !starts && !first.strip_suffix(':').is_some_and(is_followed) {
        return Whole::No;
    }
    let spaced = !alone && authority_of_whole(whole).contains('@');
    if !starts && !spaced {
        return Whole::No;
    }
    let cut = spaced || first.contains(|c: char| c.is_whitespace() || c.is_control());
    match (cut, alone) {
        (true, _) => Whole::Cut,
        (false, true) => Whole::Url(first),
        (false, false) => Whole::Start(without_punctuation(first)),
    }
}

/// What a browser that is given the whole text takes for user and host: a space
/// ends nothing there, so `https://good.example @evil.example` leads to the
/// second host.
pub(crate) fn authority_of_whole(text: &str) -> &str {
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
        .take(SCHEME_BYTES_MAX + 1)
        .collect::<String>()
        .to_ascii_lowercase();
    let known = FOLLOWED.contains(&scheme.as_str()) || (alone && OPENED.contains(&scheme.as_str()));
    !rest.is_empty() && (known || (is_scheme(&scheme) && rest.starts_with("//")))
}

/// What ends a URL in any text.
pub(crate) fn ends_a_url(letter: char) -> bool {
    letter.is_whitespace() || letter.is_control() || matches!(letter, '"' | '<' | '>' | '`')
}

pub(crate) fn is_slash(letter: char) -> bool {
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
