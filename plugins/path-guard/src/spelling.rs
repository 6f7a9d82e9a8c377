//! Refuses spellings that two programs may read differently: whatever passes
//! means the same to this policy, to the tool and to the operating system.

use crate::choice::{Expansions, FileUrls, Platform};
use crate::{Refused, letters};

/// Variables that are always there: replaced within a name, too.
const SET_VARIABLES: &[&str] = &[
    "HOME",
    "USER",
    "LOGNAME",
    "PATH",
    "PWD",
    "OLDPWD",
    "SHELL",
    "TMPDIR",
    "IFS",
    "HOSTNAME",
    "USERPROFILE",
    "APPDATA",
    "LOCALAPPDATA",
    "TEMP",
    "TMP",
];

/// Variables that shells set in small letters and that hold a folder. `$user`
/// and `$path` are not among them: routers name files so.
const SMALL_VARIABLES: &[&str] = &["home", "cwd", "pwd", "tmpdir", "oldpwd"];

/// How paths are written, and what is made of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Writing {
    pub(crate) platform: Platform,
    pub(crate) file_urls: FileUrls,
    pub(crate) expansions: Expansions,
}

/// The path as the tool will read it, with `/` between its names, or why its
/// spelling is refused.
pub(crate) fn plain(text: &str, writing: Writing) -> Result<String, Refused> {
    let text = without_file_url(text, writing.file_urls)?;
    letters::seen(&text)?;
    encoding(&text)?;
    expansions(&text, writing.expansions)?;
    match writing.platform {
        Platform::Unix | Platform::Macos => unix(&text)?,
        Platform::Windows => windows(&text)?,
    }
    let path = match writing.platform {
        Platform::Unix | Platform::Macos => text,
        Platform::Windows => text.replace('\\', "/"),
    };
    if path.starts_with("//") {
        return Err(Refused::NetworkPath);
    }
    for (at, name) in path.split('/').enumerate() {
        self::name(name, writing.platform)?;
        simplified(name, at == 0, writing)?;
    }
    Ok(path)
}

/// `file:///a/b` becomes `/a/b` where the settings say so; every other URL is
/// refused.
fn without_file_url(text: &str, urls: FileUrls) -> Result<String, Refused> {
    let is_file_url = text
        .get(.."file:".len())
        .is_some_and(|start| start.eq_ignore_ascii_case("file:"));
    if !is_file_url {
        return if holds(text, "://") {
            Err(Refused::Url)
        } else {
            Ok(text.to_owned())
        };
    }
    match urls {
        FileUrls::Refuse => Err(Refused::Url),
        FileUrls::Decode => {
            let rest = text.get("file:".len()..).unwrap_or_default();
            let rest = rest
                .strip_prefix("//localhost/")
                .or_else(|| rest.strip_prefix("///"))
                .ok_or(Refused::Url)?;
            if rest.starts_with('/') || rest.contains(['?', '#', '\\']) {
                return Err(Refused::Url);
            }
            let decoded = decode_once(rest)?;
            let mut start = decoded.chars();
            let drive = start.next().is_some_and(|c| c.is_ascii_alphabetic())
                && start.next() == Some(':')
                && start.next() == Some('/');
            Ok(if drive {
                decoded
            } else {
                format!("/{decoded}")
            })
        }
    }
}

/// Percent-decoding of one layer. An encoded separator, or anything that would
/// decode a second time, is refused.
fn decode_once(text: &str) -> Result<String, Refused> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let pair = (hex(rest.next()), hex(rest.next()));
        let (Some(high), Some(low)) = pair else {
            return Err(Refused::Encoded);
        };
        let decoded = high * 16 + low;
        if matches!(decoded, b'/' | b'\\' | b'%' | b'.' | 0) {
            return Err(Refused::Encoded);
        }
        bytes.push(decoded);
    }
    String::from_utf8(bytes).map_err(|_| Refused::Encoded)
}

/// Whether the text holds the other; quick where its first letter is not there.
fn holds(text: &str, other: &str) -> bool {
    let first = other.bytes().next().unwrap_or_default();
    text.bytes().any(|byte| byte == first) && text.contains(other)
}

fn hex(byte: Option<u8>) -> Option<u8> {
    let digit = char::from(byte?).to_digit(16)?;
    u8::try_from(digit).ok()
}

/// Refuses percent-encoding of any kind.
fn encoding(text: &str) -> Result<(), Refused> {
    if !text.bytes().any(|byte| byte == b'%') {
        return Ok(());
    }
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_hexdigit).count();
    for after in text.split('%').skip(1) {
        let wide = after
            .strip_prefix(['u', 'U'])
            .is_some_and(|after| digits(after) >= 4);
        if wide || digits(after) >= 2 {
            return Err(Refused::Encoded);
        }
    }
    Ok(())
}

/// What a shell, a server or a library would replace by something else.
fn expansions(text: &str, expansions: Expansions) -> Result<(), Refused> {
    let is_home = text
        .strip_prefix('~')
        .is_some_and(|rest| !rest.starts_with('$'));
    if is_home {
        return Err(Refused::Home);
    }
    if text.starts_with('-') {
        return Err(Refused::Option);
    }
    if !text.bytes().any(|byte| matches!(byte, b'$' | b'%' | b'`')) {
        return Ok(());
    }
    let replaced = match expansions {
        Expansions::Literal => false,
        Expansions::Usual => {
            let encloses = |start: &str, end: char| {
                text.split_once(start)
                    .is_some_and(|(_, behind)| behind.contains(end))
            };
            let percent: Vec<&str> = text.split('%').collect();
            let between = percent.len().saturating_sub(2);
            encloses("`", '`')
                || encloses("${", '}')
                || encloses("$(", ')')
                || percent
                    .iter()
                    .skip(1)
                    .take(between)
                    .any(|name| is_word(name))
                || text.split(['/', '\\']).any(is_variable)
        }
        Expansions::Refuse => {
            let named = |after: &str| {
                after.starts_with(|c: char| {
                    c.is_alphanumeric() || matches!(c, '_' | '{' | '(' | '$')
                })
            };
            text.contains('`')
                || text.matches('%').count() > 1
                || text.split('$').skip(1).any(named)
        }
    };
    if replaced {
        return Err(Refused::Variable);
    }
    Ok(())
}

/// Whether the whole name is a variable as they are named by custom (`$HOME`,
/// `$home`, `$env:TEMP`), or one that is always there stands in it. `$types.ts`, `$lib` and `$RECYCLE.BIN` are names.
fn is_variable(name: &str) -> bool {
    let is_letter = |c: char| c.is_alphanumeric() || c == '_';
    let is_set = |after: &str| {
        let end = after.find(|c: char| !is_letter(c)).unwrap_or(after.len());
        SET_VARIABLES.contains(&after.get(..end).unwrap_or_default())
    };
    if name.split('$').skip(1).any(is_set) {
        return true;
    }
    let Some(variable) = name.strip_prefix('$') else {
        return false;
    };
    let is_capital = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    let capitals = variable.len() > 1
        && variable.chars().all(is_capital)
        && !variable.starts_with(|c: char| c.is_ascii_digit());
    let of_powershell = variable
        .get(.."env:".len())
        .is_some_and(|start| start.eq_ignore_ascii_case("env:"));
    capitals || of_powershell || SMALL_VARIABLES.contains(&variable)
}

/// The name of a variable between percent signs, of two letters or more.
fn is_word(text: &str) -> bool {
    text.len() > 1
        && text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '(' | ')'))
}

fn unix(text: &str) -> Result<(), Refused> {
    if text.contains('\\') {
        return Err(Refused::Backslash);
    }
    let mut letters = text.chars();
    let drive = letters.next().is_some_and(|c| c.is_ascii_alphabetic());
    if drive && letters.next() == Some(':') {
        return Err(Refused::Windows);
    }
    if holds(text, "::$") {
        return Err(Refused::Windows);
    }
    Ok(())
}

/// Checks what only Windows reads in its own way: one drive letter, and no
/// other colon (alternate streams); no UNC and no device paths; no short names.
fn windows(text: &str) -> Result<(), Refused> {
    let mut letters = text.chars();
    let drive = letters.next().is_some_and(|c| c.is_ascii_alphabetic())
        && letters.next() == Some(':')
        && matches!(letters.next(), Some('/' | '\\'));
    let rest = if drive {
        text.get(2..).unwrap_or_default()
    } else {
        text
    };
    if rest.contains(':') || rest.contains(['<', '>', '"', '|', '?', '*']) {
        return Err(Refused::Windows);
    }
    if rest.starts_with("\\\\") || rest.starts_with("//") {
        return Err(Refused::NetworkPath);
    }
    Ok(())
}

/// Names that a file system changes silently.
fn name(name: &str, platform: Platform) -> Result<(), Refused> {
    if name.starts_with(char::is_whitespace) || name.ends_with(char::is_whitespace) {
        return Err(Refused::TrailingDotOrSpace);
    }
    if name.ends_with('.') && !matches!(name, "." | "..") {
        return Err(Refused::TrailingDotOrSpace);
    }
    // Servers of Java cut parameters off a name: `..;x` is a step up.
    if name.starts_with("..;") {
        return Err(Refused::ParentStep);
    }
    match platform {
        Platform::Unix | Platform::Macos => Ok(()),
        Platform::Windows if is_device(name) || is_short_name(name) => Err(Refused::Windows),
        Platform::Windows => Ok(()),
    }
}

/// Refuses a name in which a program that simplifies letters would see another
/// way: a step up, an encoding, a variable, or, where the path begins with it,
/// another start.
fn simplified(name: &str, is_first: bool, writing: Writing) -> Result<(), Refused> {
    let Some(names) = letters::simplified(name) else {
        return Ok(());
    };
    let alike = Err(Refused::LookAlike);
    if is_first {
        let start = names.first().map(String::as_str).unwrap_or_default();
        let is_drive = start.chars().nth(1) == Some(':');
        if start.is_empty() || start.starts_with(['~', '-']) || is_drive {
            return alike;
        }
    }
    for name in &names {
        let bare = name.trim_matches(char::is_whitespace);
        let only_dots = !bare.is_empty() && bare.chars().all(|c| c == '.');
        let changed = encoding(name).is_err()
            || (writing.expansions != Expansions::Literal && is_variable(name));
        if only_dots || changed {
            return alike;
        }
        match writing.platform {
            Platform::Windows if is_device(name) => return alike,
            Platform::Windows | Platform::Unix | Platform::Macos => {}
        }
    }
    Ok(())
}

fn is_device(name: &str) -> bool {
    let stem = name.split(['.', ':']).next().unwrap_or_default().trim_end();
    let stem = stem.to_ascii_uppercase();
    matches!(
        stem.as_str(),
        "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$"
    ) || stem
        .strip_prefix("COM")
        .or_else(|| stem.strip_prefix("LPT"))
        .is_some_and(|port| {
            let mut digits = port.chars();
            let digit = digits.next();
            digits.next().is_none()
                && digit.is_some_and(|c| matches!(c, '0'..='9' | '¹' | '²' | '³'))
        })
}

/// `PROGRA~1`, `REPORT~2.DOC`: the second name that Windows gives to a long one.
/// It has at most eight letters, a point and three more, ends in `~` and digits,
/// and holds no blank. `Report~2024.docx` is a name of its own.
fn is_short_name(name: &str) -> bool {
    const STEM_MAX: usize = 8;
    const ENDING_MAX: usize = 3;
    let (stem, ending) = name.split_once('.').unwrap_or((name, ""));
    if stem.chars().count() > STEM_MAX || ending.chars().count() > ENDING_MAX {
        return false;
    }
    if ending.contains('.') || name.contains(char::is_whitespace) {
        return false;
    }
    stem.rsplit_once('~').is_some_and(|(start, digits)| {
        !start.is_empty()
            && !digits.starts_with('0')
            && !digits.is_empty()
            && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}
