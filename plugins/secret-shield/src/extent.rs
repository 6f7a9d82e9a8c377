//! Where a value ends.

use crate::secret::{Rest, run};

/// So far on, a name and its sign end the value before them.
const NEXT_MAX: usize = 40;

/// The closing quote. One that is escaped more deeply than the opening one
/// belongs to the value; one that is escaped less closes a text around it.
pub(crate) fn quoted(rest: Rest<'_>, begin: usize, quote: u8, max: usize) -> usize {
    let opening = rest.depth(begin - 1);
    let mut at = begin;
    loop {
        let left = max - (at - begin);
        at += run(rest.text, at, left, |byte| byte != quote && byte != b'\n');
        let is_end = match rest.text.as_bytes().get(at) {
            Some(byte) if *byte == quote => rest.depth(at) <= opening,
            // A line end that is written as an escape belongs to the value.
            Some(_) => rest.depth(at) == 1,
            None => true,
        };
        if is_end || at - begin >= max {
            return at;
        }
        at += 1;
    }
}

/// The end of a value without quotes.
pub(crate) fn bare(text: &str, begin: usize, max: usize) -> usize {
    ends(text, begin, max, None)
}

/// The end of a value whose name begins its line: what stands there belongs to
/// it, but a remark, and words that are none of it.
pub(crate) fn setting(rest: Rest<'_>, name: usize, begin: usize, max: usize) -> usize {
    let text = rest.text;
    let opener = name
        .checked_sub(1)
        .and_then(|before| text.as_bytes().get(before))
        .copied()
        .filter(|byte| matches!(byte, b'"' | b'\''));
    let mut end = ends(text, begin, max, Some(opener));
    // A password of several words.
    let first = text.get(begin..end).unwrap_or_default();
    let mut is_phrase = !is_mixed(first) && first.bytes().all(|byte| byte.is_ascii_alphabetic());
    while text.as_bytes().get(end) == Some(&b' ') && end - begin < max {
        let next = ends(text, end + 1, max - (end - begin), Some(opener));
        let word = text.get(end + 1..next).unwrap_or_default();
        let is_word = !word.is_empty()
            && !word.starts_with(['-', '/', '#', '.', '$', '&', '|', '>', '<', '"', '\''])
            && !word.contains(['=', ':']);
        is_phrase = is_phrase && is_word && word.bytes().all(|byte| byte.is_ascii_alphabetic());
        if !is_word || !is_mixed(word) || is_phrase {
            break;
        }
        end = next;
    }
    end
}

fn is_mixed(word: &str) -> bool {
    word.bytes().any(|byte| byte.is_ascii_digit())
        && word.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// Up to a blank or a quote, or a sign that begins something else. In a setting
/// only the quote around all of it counts.
fn ends(text: &str, begin: usize, max: usize, setting: Option<Option<u8>>) -> usize {
    let bytes = text.as_bytes();
    let mut at = begin;
    let mut open = 0_usize;
    while at - begin < max {
        let Some(byte) = bytes.get(at).copied() else {
            break;
        };
        let is_end = match byte {
            b'"' | b'\'' | b'`' => match setting {
                Some(opener) => {
                    opener == Some(byte)
                        || (opener.is_none() && byte != b'`' && is_closing(bytes, at + 1))
                }
                None => {
                    !bytes.get(at + 1).is_some_and(u8::is_ascii_alphanumeric)
                        || is_next_name(text, at + 1)
                }
            },
            b'(' | b'[' | b'{' => {
                open += 1;
                false
            }
            // It closes what the value itself opened.
            b')' | b']' | b'}' if open > 0 => {
                open -= 1;
                false
            }
            b',' | b';' | b')' | b']' | b'}' => {
                is_closing(bytes, at + 1) || is_next_name(text, at + 1)
            }
            b'&' => {
                bytes.get(at + 1) == Some(&b'&')
                    || is_next_name(text, at + 1)
                    || is_closing(bytes, at + 1)
            }
            b'|' => bytes.get(at + 1) == Some(&b'|') || is_closing(bytes, at + 1),
            b'<' => {
                bytes.get(at + 1) == Some(&b'/')
                    || bytes
                        .get(at + 1..)
                        .unwrap_or_default()
                        .iter()
                        .take(NEXT_MAX)
                        .take_while(|byte| !byte.is_ascii_whitespace())
                        .any(|byte| *byte == b'>')
            }
            b'>' => setting.is_none() && is_closing(bytes, at + 1),
            _ => byte.is_ascii_whitespace() || byte.is_ascii_control(),
        };
        if is_end {
            break;
        }
        at += 1;
    }
    if setting.is_none() {
        let value = text.get(begin..at).unwrap_or_default();
        return begin + value.trim_end_matches(['.', ',', ';', ':']).len();
    }
    at
}

/// Whether a sign before this byte only closes something.
fn is_closing(bytes: &[u8], at: usize) -> bool {
    bytes.get(at).is_none_or(|byte| {
        byte.is_ascii_whitespace()
            || matches!(
                byte,
                b'"' | b'\'' | b'`' | b',' | b';' | b')' | b']' | b'}' | 0x1b
            )
    })
}

/// Whether a name and a sign stand here: `;Database=`, `&user=`, `,host:`.
fn is_next_name(text: &str, at: usize) -> bool {
    let length = run(text, at, NEXT_MAX, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b' ' | b'"' | b'\'')
    });
    length > 0 && matches!(text.as_bytes().get(at + length), Some(b'=' | b':'))
}
