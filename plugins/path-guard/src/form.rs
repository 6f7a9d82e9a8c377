//! Texts that are paths by their form, whatever they are called.

use crate::choice::Platform;
use crate::letters;

/// Schemes that libraries open as files.
const FILE_SCHEMES: &[&str] = &[
    "file:",
    "local-file:",
    "local_file:",
    "jar:",
    "netdoc:",
    "phar:",
    "php:",
    "zip:",
    "glob:",
    "compress.zlib:",
    "smb:",
    "cifs:",
    "nfs:",
    "afp:",
    "vscode-file:",
    "vscode-remote:",
    "view-source:",
];

/// Layers of percent-encoding that are taken off.
const LAYERS_MAX: usize = 3;

/// Whether the text is a path that does not simply go down: absolute, of a home
/// folder, a drive or a host, a variable, one with steps up, or a file URL; also
/// where it is percent-encoded or written in look-alike letters.
pub(crate) fn is_path(text: &str, platform: Platform) -> bool {
    let mut layer = text.to_owned();
    for _ in 0..LAYERS_MAX {
        if is_plain_path(&layer, platform) {
            return true;
        }
        if let Some(names) = letters::simplified(&layer)
            && is_plain_path(&names.join("/"), platform)
        {
            return true;
        }
        match decoded(&layer) {
            Some(next) => layer = next,
            None => return false,
        }
    }
    // Encoded so often that nobody means well.
    true
}

/// The parts of a text that a program might take out of it: words, what is
/// quoted, what follows `=` or `:`.
pub(crate) fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| {
        c.is_whitespace()
            || matches!(
                c,
                '"' | '\'' | '`' | '=' | ',' | ';' | '|' | '&' | '(' | ')' | '[' | ']' | '{' | '}'
            )
    })
    .flat_map(|word| {
        let behind_colon = word
            .find(":/")
            .filter(|at| *at > 1 && !word.get(at + 2..).unwrap_or_default().starts_with('/'))
            .and_then(|at| word.get(at + 1..));
        [Some(word), behind_colon]
    })
    .flatten()
    .map(|word| word.trim_start_matches('@'))
    .filter(|word| word.chars().any(char::is_alphanumeric) || word.contains(".."))
}

/// Whether a part of the text goes up: `..` between separators of any kind.
pub(crate) fn climbs(text: &str) -> bool {
    text.split(['/', '\\']).any(|step| step.trim() == "..")
}

fn is_plain_path(text: &str, platform: Platform) -> bool {
    let text =
        text.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '@'));
    let mut letters = text.chars();
    match (letters.next(), letters.next(), letters.next()) {
        (Some('/'), _, _) | (Some('\\'), Some('\\' | '/'), _) => return true,
        // Elsewhere it begins an escape: `\bword\b`.
        (Some('\\'), _, _) if platform == Platform::Windows => return true,
        (Some('~'), None | Some('/' | '\\'), _) => return true,
        (Some('~'), Some(_), _) => {
            let user = text.trim_start_matches('~');
            let name = user.split(['/', '\\']).next().unwrap_or_default();
            let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                && name
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'));
            if is_name {
                return true;
            }
        }
        (Some(drive), Some(':'), Some('/' | '\\')) if drive.is_ascii_alphabetic() => return true,
        (Some('$' | '%'), Some(_), _) => {
            let end = text.find(['/', '\\']);
            let name = text.get(1..end.unwrap_or(0)).unwrap_or_default();
            let is_name = !name.is_empty()
                && name
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '{' | '}' | '%' | ':'));
            if is_name {
                return true;
            }
        }
        _ => {}
    }
    let is_scheme = |scheme: &&str| {
        text.get(..scheme.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    };
    climbs(text) || FILE_SCHEMES.iter().any(is_scheme)
}

/// One layer of percent-encoding taken off, if there is one.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    let mut changed = false;
    while let Some(byte) = rest.next() {
        let pair = || {
            let mut ahead = rest.clone();
            let high = char::from(ahead.next()?).to_digit(16)?;
            let low = char::from(ahead.next()?).to_digit(16)?;
            u8::try_from(high * 16 + low).ok()
        };
        match (byte == b'%').then(pair).flatten() {
            Some(decoded) => {
                bytes.push(decoded);
                rest.nth(1);
                changed = true;
            }
            None => bytes.push(byte),
        }
    }
    changed.then(|| String::from_utf8_lossy(&shortest(bytes)).into_owned())
}

/// Overlong forms of UTF-8 (`C0 AF` for `/`) as what lax programs read in them.
fn shortest(mut bytes: Vec<u8>) -> Vec<u8> {
    let mut at = 0;
    while let Some(found) = bytes
        .get(at..)
        .and_then(|rest| rest.iter().position(|byte| matches!(byte, 0xc0 | 0xc1)))
    {
        let lead = at + found;
        if let Some([first, second]) = bytes.get(lead..lead + 2) {
            let letter = ((first & 1) << 6) | (second & 0x3f);
            drop(bytes.splice(lead..lead + 2, [letter]));
        }
        at = lead + 1;
    }
    bytes
}
