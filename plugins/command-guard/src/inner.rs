//! Texts that shells get behind `-c` and its kin.

use crate::script::Word;

/// The text that `sh -c` runs, if its options are known.
pub(crate) fn shell_text(words: &[Word]) -> Option<&str> {
    let mut is_text = false;
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let text = word.plain()?;
        match text {
            "--login" | "--norc" | "--noprofile" | "--posix" => {}
            "-o" => {
                let name = words.next()?.plain()?;
                if !matches!(name, "pipefail" | "errexit" | "nounset") {
                    return None;
                }
            }
            _ if text.len() > 1 && text.starts_with('-') => {
                let letters = text.get(1..)?;
                if !letters.chars().all(|letter| "lceux".contains(letter)) {
                    return None;
                }
                is_text |= letters.contains('c');
            }
            // `+x` takes an option back, and the text comes behind it.
            _ if text.starts_with('+') => return None,
            _ => return is_text.then_some(text),
        }
    }
    None
}

/// The text that `powershell -Command` runs.
pub(crate) fn powershell_text(words: &[Word]) -> Option<String> {
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let option = word.plain()?.to_ascii_lowercase();
        match option.trim_start_matches(['-', '/']) {
            "noprofile" | "nop" | "noninteractive" | "noni" | "nologo" => {}
            "command" | "c" => {
                let texts: Option<Vec<&str>> = words.map(Word::plain).collect();
                return Some(texts?.join(" "));
            }
            "encodedcommand" | "enc" | "ec" | "e" => {
                let text = decoded(words.next()?.plain()?)?;
                return words.next().is_none().then_some(text);
            }
            _ => return None,
        }
    }
    None
}

/// Base64 of UTF-16, little end first.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let (mut held, mut bits) = (0_u32, 0);
    for letter in text.trim_end_matches('=').bytes() {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        held = ((held << 6) | u32::from(value)) & 0xffff;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from((held >> bits) & 0xff).ok()?);
        }
    }
    let (pairs, rest) = bytes.as_chunks::<2>();
    let units: Vec<u16> = pairs.iter().map(|pair| u16::from_le_bytes(*pair)).collect();
    String::from_utf16(&units).ok().filter(|_| rest.is_empty())
}

/// The text that `cmd /c` runs.
pub(crate) fn cmd_text(words: &[Word]) -> Option<String> {
    let (first, rest) = words.split_first()?;
    let option = first.plain()?;
    if !option.eq_ignore_ascii_case("/c") {
        return None;
    }
    let texts: Option<Vec<&str>> = rest.iter().map(Word::plain).collect();
    Some(texts?.join(" "))
}
