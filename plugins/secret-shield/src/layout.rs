//! Where a name and its value stand: on a line of their own, in a block, in a list.

use crate::names::NAME_MAX;
use crate::secret::run;

/// The length of the sign of a block in YAML, up to the line that follows.
pub(crate) fn block(text: &str, at: usize) -> usize {
    let sign = run(text, at, 2, |byte| {
        matches!(byte, b'|' | b'>' | b'-' | b'+')
    });
    if sign == 0 || !matches!(text.as_bytes().get(at), Some(b'|' | b'>')) {
        return 0;
    }
    let blanks = run(text, at + sign, 80, |byte| byte.is_ascii_whitespace());
    let is_block = text
        .get(at + sign..at + sign + blanks)
        .is_some_and(|blanks| blanks.contains('\n'));
    if is_block { sign + blanks } else { 0 }
}

/// The length of the bracket of a list in JSON, or of the line end and the dash of one
/// in YAML, up to its first text.
pub(crate) fn list(text: &str, at: usize) -> usize {
    if text.as_bytes().get(at) == Some(&b'\n') {
        let blanks = run(text, at + 1, 40, |byte| byte == b' ');
        let dash = at + 1 + blanks;
        let is_element = text.as_bytes().get(dash..dash + 2) == Some(b"- ");
        return if is_element { blanks + 3 } else { 0 };
    }
    if text.as_bytes().get(at) != Some(&b'[') {
        return 0;
    }
    let blanks = run(text, at + 1, 40, |byte| byte.is_ascii_whitespace());
    match text.as_bytes().get(at + 1 + blanks) {
        Some(b'"') => 1 + blanks,
        Some(_) | None => 0,
    }
}

/// What makes a value of another type of a text, up to the text: `[]byte("…")`.
pub(crate) fn wrapper(text: &str, at: usize) -> usize {
    const WRAPPERS: [&str; 6] = [
        "[]byte(",
        "Buffer.from(",
        "SecretStr(",
        "String::from(",
        "Secret::new(",
        "bytes(",
    ];
    let rest = text.get(at..).unwrap_or_default();
    WRAPPERS
        .iter()
        .find(|wrapper| {
            rest.strip_prefix(**wrapper)
                .is_some_and(|rest| rest.starts_with(['"', '\'', '`']))
        })
        .map_or(0, |wrapper| wrapper.len())
}

/// The place of a name that begins its line, or follows `export`, `-` or a quote.
pub(crate) fn own_line(text: &str, name: usize) -> Option<usize> {
    let before = text.get(text.floor_char_boundary(name.saturating_sub(NAME_MAX))..name)?;
    let line = before.rsplit('\n').next()?;
    let is_whole = line.len() < before.len() || before.len() == name;
    let line = line.trim_start_matches(['+', '-', ' ', '\t', '>', '|', '\u{1b}']);
    let is_own = [
        "", "export ", "set ", "ENV ", "ARG ", "setx ", "\"", "'", "# ", "#",
    ]
    .contains(&line)
        || (line.ends_with(['"', '\'']) && !line.contains(['=', ' ']));
    (is_whole && is_own || before.ends_with(['"', '\''])).then_some(name)
}
