//! Answers of tool servers with halves of signs in them. A server that cuts text by
//! UTF-16 units leaves a lone surrogate, as an escape; strict clients refuse it, and so
//! would the gate. In its place goes U+FFFD, which no policy can take for anything else.
//! What agents send is never mended.

use std::borrow::Cow;

use gatewright_policy::json::{Document, JsonError, JsonLimits};

/// What the record says of an answer that was mended.
pub(crate) const MENDED: &str = "halves of signs in the answer were replaced by U+FFFD";

/// What stands in place of a lone surrogate: as long as what it replaces.
const REPLACEMENT: &[u8; 6] = b"\\uFFFD";

/// Reads what a tool server wrote. Says whether it had to be mended; the index of a
/// mended text fits the original one, byte for byte.
pub(crate) fn read(bytes: &[u8], limits: &JsonLimits) -> Result<(Document, bool), JsonError> {
    match Document::parse_bytes(bytes, limits) {
        Err(JsonError::LoneSurrogate { .. }) => {
            let mended = mended(bytes);
            Document::parse_bytes(&mended, limits).map(|document| (document, true))
        }
        read => read.map(|document| (document, false)),
    }
}

/// The text without lone surrogates. Backslashes stand in strings alone, so that it need
/// not be known where strings are.
fn mended(text: &[u8]) -> Cow<'_, [u8]> {
    let mut lone = Vec::new();
    let mut at = 0;
    while let Some(offset) = find(text, at) {
        match (unit(text, offset), unit(text, offset + 6)) {
            (None, _) => at = offset + 2,
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => at = offset + 12,
            (Some(0xD800..=0xDFFF), _) => {
                lone.push(offset);
                at = offset + 6;
            }
            (Some(_), _) => at = offset + 6,
        }
    }
    if lone.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut mended = text.to_vec();
    for offset in lone {
        if let Some(place) = mended.get_mut(offset..offset + REPLACEMENT.len()) {
            place.copy_from_slice(REPLACEMENT);
        }
    }
    Cow::Owned(mended)
}

/// The next backslash.
fn find(text: &[u8], from: usize) -> Option<usize> {
    let rest = text.get(from..)?;
    let offset = rest.iter().position(|byte| *byte == b'\\')?;
    Some(from + offset)
}

/// The UTF-16 unit that is escaped here.
fn unit(text: &[u8], offset: usize) -> Option<u32> {
    let escape = text.get(offset..offset.checked_add(6)?)?;
    let digits = escape.strip_prefix(b"\\u")?;
    if !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(text: &str, expected: &str) {
        let mended = mended(text.as_bytes());
        assert_eq!(std::str::from_utf8(&mended).unwrap(), expected, "{text}");
    }

    #[test]
    fn lone_surrogates_are_replaced_and_nothing_else() {
        for same in [
            "",
            r#"{"a":"\\ud83d"}"#,
            r#"{"a":"\ud83d\ude00"}"#,
            r#"{"a":"\\\ud83d\ude00"}"#,
            r#"{"a":"\u00e9\n\""}"#,
            r#"{"a":"\ud8"#,
            r#"{"a":"\uzzzz\"#,
        ] {
            case(same, same);
        }
        case(r#"["\ud83d"]"#, r#"["\uFFFD"]"#);
        case(r#"["\ude00\ud83d"]"#, r#"["\uFFFD\uFFFD"]"#);
        case(r#"["\ud83d\ud83d\ude00"]"#, r#"["\uFFFD\ud83d\ude00"]"#);
        case(r#"["\ud83d\n"]"#, r#"["\uFFFD\n"]"#);
        case(r#"["\\\ud83d."]"#, r#"["\\\uFFFD."]"#);
    }

    #[test]
    fn only_what_is_wrong_in_this_way_is_mended() {
        let limits = JsonLimits::default();
        let (document, mended) = read(br#"{"a":"\ud83dx"}"#, &limits).unwrap();
        assert!(mended);
        assert_eq!(document.text(), r#"{"a":"\uFFFDx"}"#);
        let (_, mended) = read(br#"{"a":"x"}"#, &limits).unwrap();
        assert!(!mended);
        let twice = read(br#"{"\ud83d":1,"\ud83d":2}"#, &limits);
        assert!(
            matches!(twice, Err(JsonError::DuplicateMember { .. })),
            "{twice:?}"
        );
    }
}
