//! Tokens without a prefix, found by a sign in their middle.

use crate::kind::Kind;
use crate::secret::{Secret, run};

/// What a key in base64 has at least: 32 bytes, or their signature.
const KEY_MIN: usize = 40;

/// `AccountKey=…`, `SharedAccessKey=…`, `&sig=…`, by the `=`.
pub(crate) fn azure_key(text: &str, at: usize) -> Option<Secret> {
    let last = text.as_bytes().get(at.checked_sub(1)?)?;
    if !matches!(last, b'y' | b'e' | b'g' | b't') {
        return None;
    }
    let before = text.get(text.floor_char_boundary(at.saturating_sub(18))..at)?;
    let is_key = [
        "AccountKey",
        "SharedAccessKey",
        "SharedSecretValue",
        ";AccessKey",
        ";Secret",
        "?sig",
        "&sig",
    ]
    .iter()
    .any(|name| before.ends_with(name));
    if !is_key && before != "sig" {
        return None;
    }
    let begin = at + 1;
    let length = run(text, begin, usize::MAX, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'-' | b'_')
    });
    (length >= KEY_MIN).then(|| Secret {
        kind: Kind::AZURE_KEY,
        place: begin..begin + length,
    })
}

/// Where a service of Azure signs its keys, with what, and how long they are: 32 and 64
/// bytes in base64 with a sign in their last part.
const AZURE_SIGNS: [(usize, &[u8], usize); 15] = [
    (33, b"AzCa", 43),
    (33, b"AIoT", 43),
    (33, b"+ASb", 43),
    (33, b"+AEh", 43),
    (33, b"+ARm", 43),
    (42, b"AzSe", 52),
    (42, b"+ACR", 52),
    (44, b"AzFu", 54),
    (52, b"JQQJ99", 84),
    (76, b"+ASt", 86),
    (76, b"+ABa", 86),
    (76, b"+AMC", 86),
    (76, b"ACDb", 86),
    (76, b"APIM", 86),
    (76, b"AZDO", 84),
];

/// A key of Azure that begins at a byte, by the sign within it.
pub(crate) fn azure_word(text: &str, at: usize) -> Option<Secret> {
    let bytes = text.as_bytes().get(at..)?;
    let is_key =
        |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_');
    // Most words end here.
    if ![12, 24, 32]
        .iter()
        .all(|place| bytes.get(*place).is_some_and(is_key))
    {
        return None;
    }
    let (_, _, least) = AZURE_SIGNS.iter().find(|(place, sign, _)| {
        bytes
            .get(*place..)
            .is_some_and(|tail| tail.starts_with(sign))
    })?;
    let length = bytes
        .iter()
        .take(least + 2)
        .take_while(|byte| is_key(byte))
        .count();
    let padding = bytes
        .iter()
        .skip(length)
        .take(2)
        .take_while(|byte| **byte == b'=')
        .count();
    (*least..=least + 1).contains(&length).then(|| Secret {
        kind: Kind::AZURE_KEY,
        place: at..at + length + padding,
    })
}

/// A key of fal, `<uuid>:<32 hex>`, by the `:`.
pub(crate) fn pair_of_fal(text: &str, at: usize) -> Option<Secret> {
    const UUID: usize = 36;
    let begin = at.checked_sub(UUID)?;
    let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    let is_uuid = text
        .get(begin..at)?
        .bytes()
        .enumerate()
        .all(|(place, byte)| match place {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => is_hex(byte),
        });
    let length = run(text, at + 1, 40, |byte| byte.is_ascii_alphanumeric());
    let is_secret = length == 32 && text.get(at + 1..at + 33)?.bytes().all(is_hex);
    (is_uuid && is_secret).then(|| Secret {
        kind: Kind::SERVICE_KEY,
        place: begin..at + 33,
    })
}

/// A client secret of Entra, `abc8Q~…`, by the `~`.
pub(crate) fn entra(text: &str, at: usize) -> Option<Secret> {
    let begin = at.checked_sub(5)?;
    let head = text.get(begin..at)?.as_bytes();
    let [first @ .., digit, b'Q'] = head else {
        return None;
    };
    if !digit.is_ascii_digit() || !first.iter().all(|byte| is_entra(*byte)) {
        return None;
    }
    let length = run(text, at + 1, 64, is_entra);
    (31..=40).contains(&length).then(|| Secret {
        kind: Kind::AZURE_KEY,
        place: begin..at + 1 + length,
    })
}

const fn is_entra(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-' | b'~')
}

/// The token of a bot of Telegram, `123456789:AA…`, by the `:`.
pub(crate) fn telegram(text: &str, at: usize) -> Option<Secret> {
    let tail = text.get(at + 1..)?;
    if !tail.starts_with("AA") && !tail.starts_with("AF") {
        return None;
    }
    let before = text.get(..at)?.bytes().rev().take(13);
    let digits = before.take_while(u8::is_ascii_digit).count();
    let length = run(tail, 0, 60, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
    });
    ((6..=12).contains(&digits) && (33..=40).contains(&length)).then(|| Secret {
        kind: Kind::BOT_TOKEN,
        place: at - digits..at + 1 + length,
    })
}

/// A key of Mailchimp or Mailgun, `<32 hex>-us12` or `<32 hex>-<8 hex>-<8 hex>`,
/// by the first `-`.
pub(crate) fn hex_key(text: &str, at: usize) -> Option<Secret> {
    let begin = at.checked_sub(32)?;
    let is_hex = |byte: &u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(byte);
    if !text.get(begin..at)?.bytes().all(|byte| is_hex(&byte)) {
        return None;
    }
    let tail = text.get(at + 1..)?.as_bytes();
    let hex = |from: usize| {
        tail.get(from..)
            .unwrap_or_default()
            .iter()
            .take(9)
            .take_while(|byte| is_hex(byte))
            .count()
    };
    let length = if tail.starts_with(b"us") {
        let digits = tail
            .iter()
            .skip(2)
            .take(3)
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        (digits == 1 || digits == 2).then_some(2 + digits)?
    } else if hex(0) == 8 && tail.get(8) == Some(&b'-') && hex(9) == 8 {
        17
    } else {
        return None;
    };
    Some(Secret {
        kind: Kind::SERVICE_KEY,
        place: begin..at + 1 + length,
    })
}

/// A token of Terraform Cloud, `<14>.atlasv1.<67>`, by the word in its middle.
pub(crate) fn terraform(text: &str, at: usize) -> Option<Secret> {
    let tail = text.get(at..)?.strip_prefix("atlasv1.")?;
    let head = text.get(..at)?.strip_suffix('.')?;
    let before = head
        .bytes()
        .rev()
        .take(20)
        .take_while(u8::is_ascii_alphanumeric)
        .count();
    let length = run(tail, 0, usize::MAX, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
    });
    (before >= 10 && length >= 40).then(|| Secret {
        kind: Kind::named("vault-token"),
        place: head.len() - before..text.len() - tail.len() + length,
    })
}
