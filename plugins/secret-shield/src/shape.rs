//! What values that are no secrets look like: masks, references, code, words, dates.

/// So much of a value is looked at.
pub(crate) const HEAD_MAX: usize = 256;
/// So many `x` or `*` in a row are no token.
const MASK_MIN: usize = 8;

/// Whether the body of a token is no token: `xxxxxxxx`, `…EXAMPLE`, `your-key`.
pub(crate) fn is_masked(body: &str) -> bool {
    let mut run = 0;
    for byte in body.bytes().take(HEAD_MAX) {
        run = if matches!(byte, b'x' | b'X' | b'*') {
            run + 1
        } else {
            0
        };
        if run == MASK_MIN {
            return true;
        }
    }
    let head = body
        .get(..body.floor_char_boundary(HEAD_MAX))
        .unwrap_or_default();
    is_filler(head)
        || (head.len() < HEAD_MAX
            && head
                .bytes()
                .any(|byte| matches!(byte, b'e' | b'E' | b'y' | b'Y' | b'r' | b'R' | b'p' | b'P'))
            && {
                let lower = head.to_ascii_lowercase();
                [
                    "example",
                    "placeholder",
                    "redacted",
                    "your-",
                    "your_",
                    "changeme",
                ]
                .iter()
                .any(|word| lower.contains(word))
            })
}

/// `****`, `xxxx`, `....`, `----`, `0000`.
pub(crate) fn is_filler(value: &str) -> bool {
    value
        .chars()
        .all(|c| matches!(c, '*' | '.' | '_' | '-' | '•' | '●' | '#' | '?' | ' '))
        || value
            .bytes()
            .all(|byte| matches!(byte, b'x' | b'X' | b'*' | b'-' | b'_' | b'.'))
        || value.bytes().all(|byte| matches!(byte, b'0' | b'-' | b'_'))
}

/// `${NAME}`, `$NAME`, `{{ name }}`, `{name}`, `<name>`, `%NAME%`, `$(command)`.
pub(crate) fn is_template(value: &str) -> bool {
    let enclosed = |open: &str, close: &str| {
        value
            .strip_prefix(open)
            .and_then(|rest| rest.strip_suffix(close))
    };
    let capitals = |name: &str| {
        !name.is_empty()
            && name
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
    };
    // `{s3cret;Pw9}` is how ODBC quotes a password.
    let name = |name: &str| {
        !name.contains([';', ' '])
            && (capitals(name)
                || !has_digit(name)
                || name.bytes().all(|byte| byte.is_ascii_digit()))
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"_.-!:[]\"'".contains(&byte))
    };
    enclosed("${", "}").is_some()
        || enclosed("#{", "}").is_some()
        || enclosed("@{", "}").is_some()
        || enclosed("$(", ")").is_some()
        || enclosed("{{", "}}").is_some()
        || enclosed("${{", "}}").is_some()
        || enclosed("<%", "%>").is_some()
        || enclosed("{%", "%}").is_some()
        || enclosed("__", "__").is_some_and(capitals)
        || enclosed("@@", "@@").is_some()
        || enclosed("<", ">").is_some_and(|inner| !inner.contains(['<', '>']))
        || enclosed("{", "}").is_some_and(name)
        || enclosed("%", "%").is_some_and(|name| is_identifier(name) && !name.is_empty())
        || enclosed("%(", ")s").is_some()
        || matches!(
            value,
            "%s" | "%v"
                | "%d"
                | "%q"
                | "{}"
                | "$1"
                | "$2"
                | "$3"
                | "$@"
                | "?"
                | ":password"
                | ":pass"
        )
        || value.strip_prefix('$').is_some_and(capitals)
        || value.strip_prefix("$env:").is_some()
        || value
            .strip_prefix(':')
            .is_some_and(|name| is_identifier(name) && !has_digit(name))
}

/// `[hidden]`, `(hidden)`, `<hidden>`: a remark in the place of a value.
pub(crate) fn is_bracketed(value: &str) -> bool {
    let remark = |open, close| {
        value
            .strip_prefix(open)
            .and_then(|rest: &str| rest.strip_suffix(close))
            .is_some_and(|inner: &str| {
                inner
                    .bytes()
                    .all(|byte| byte.is_ascii_alphabetic() || b" -_".contains(&byte))
            })
    };
    remark('[', ']') || remark('(', ')') || remark('<', '>')
}

/// `a.b.c`, `a::b`, `a->b`: names, joined.
pub(crate) fn is_path(value: &str) -> bool {
    let value = value.trim_end_matches(['.', ',', ';', ')', '?', '!']);
    let value = value.trim_start_matches(['&', '*', '!', '@', '$']);
    if !(value.contains('.') || value.contains("::") || value.contains("->")) {
        return false;
    }
    let joined = value
        .replace("::", ".")
        .replace("->", ".")
        .replace("?.", ".");
    let mut parts = 0;
    joined
        .split('.')
        .filter(|part| !part.is_empty())
        .all(|part| {
            parts += 1;
            let part = part.split('[').next().unwrap_or_default();
            is_identifier(part) && !is_noisy(part)
        })
        && parts > 1
}

/// `/run/secrets/db`, `./key`, `~/.x`, `C:\x`.
pub(crate) fn is_reference_path(value: &str) -> bool {
    let bytes = value.as_bytes();
    let is_drive = bytes.get(1) == Some(&b':')
        && bytes.first().is_some_and(u8::is_ascii_alphabetic)
        && matches!(bytes.get(2), Some(b'\\' | b'/'));
    is_drive
        || value.starts_with("./")
        || value.starts_with("../")
        || value.starts_with("~/")
        || (value.starts_with('/')
            && value.len() > 1
            && value.split('/').all(|part| {
                part.is_empty()
                    || is_wordy_part(part)
                    || part.split(['.', '-', '_']).all(is_wordy_part)
            }))
}

/// Words joined by `-`, `_` or a blank, with numbers at most: `db-credentials-2`.
pub(crate) fn is_wordy(value: &str) -> bool {
    let mut parts = 0;
    value.len() <= HEAD_MAX
        && value.split(['-', '_', '.', '/', ':']).all(|part| {
            parts += 1;
            is_wordy_part(part)
        })
        && parts > 1
}

/// A word, or a short number.
pub(crate) fn is_wordy_part(part: &str) -> bool {
    let letters = part.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (word, digits) = part.split_at(letters);
    let is_one_case = word.bytes().skip(1).all(|byte| byte.is_ascii_lowercase())
        || word.bytes().all(|byte| byte.is_ascii_uppercase());
    let is_pronounceable =
        word.len() < 5 || word.bytes().any(|byte| b"aeiouyAEIOUY".contains(&byte));
    digits.len() <= 2
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && is_one_case
        && is_pronounceable
        && (word.len() > 1
            || digits.is_empty()
            || word.eq_ignore_ascii_case("v")
            || word.is_empty())
}

/// A name with digits among its letters is none that a person gave.
pub(crate) fn is_noisy(part: &str) -> bool {
    let bytes = part.as_bytes();
    let changes = bytes
        .windows(2)
        .filter(|pair| {
            let digit = |place: usize| pair.get(place).is_some_and(u8::is_ascii_digit);
            digit(0) != digit(1)
        })
        .count();
    changes > 3 || (part.len() > 24 && changes > 1)
}

pub(crate) fn is_identifier(value: &str) -> bool {
    value
        .bytes()
        .next()
        .is_some_and(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'$'))
        && value
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$'))
}

/// `f(…)`, `list[…]`, `Option<…>`: an opening bracket behind a name, and closed.
pub(crate) fn is_call(value: &str) -> bool {
    let Some(open) = value.find(['(', '[', '<', '{']) else {
        return false;
    };
    let (name, rest) = value.split_at(open);
    let close = match rest.as_bytes().first() {
        Some(b'(') => ')',
        Some(b'[') => ']',
        Some(b'<') => '>',
        Some(_) | None => '}',
    };
    let name = name.trim_start_matches(['&', '*', '!', '@', '$']);
    let is_name = name
        .split(['.', ':', '-', '>'])
        .all(|part| part.is_empty() || is_identifier(part));
    is_name
        && !(name.is_empty() && close == '}')
        && (rest.contains(close) || rest.len() == 1 || rest.contains(['"', '\'']))
}

/// A call that nothing follows: `s3c(ret)Pw9` is none, and neither is `(s3cret)`.
pub(crate) fn is_whole_call(value: &str) -> bool {
    let behind = value
        .rfind([')', ']', '>', '}'])
        .and_then(|at| value.get(at + 1..));
    is_call(value)
        && !value.starts_with('(')
        && behind.is_none_or(|behind| behind.trim_matches([';', ',', ':', '"', '\'']).is_empty())
}

/// `u8`, `i64`, `String`, `&'a`: what a program calls its types.
pub(crate) fn is_type(value: &str) -> bool {
    let value = value.trim_start_matches(['&', '*', '?', '[']);
    let value = value.trim_end_matches(['?', ']', ';', ',', ')']);
    let letters = value.trim_end_matches(|c: char| c.is_ascii_digit());
    [
        "u", "i", "f", "int", "uint", "float", "bytes", "string", "varchar", "char",
    ]
    .contains(&letters)
}

/// `2026-01-31`, `2026-01-31T10:00:00Z`.
pub(crate) fn is_date(value: &str) -> bool {
    let bytes = value.as_bytes();
    bytes.len() >= 10
        && bytes
            .iter()
            .take(10)
            .enumerate()
            .all(|(place, byte)| match place {
                4 | 7 => *byte == b'-',
                _ => byte.is_ascii_digit(),
            })
}

pub(crate) fn has_digit(value: &str) -> bool {
    value.bytes().any(|byte| byte.is_ascii_digit())
}

/// Three words or more in one name, as code has them: `SpApplyControlTokenFn`,
/// `testRSA2048PrivateKey`, `GhostMap<K`. Digits stand side by side in it at most once.
pub(crate) fn is_joined(value: &str) -> bool {
    let name = value.trim_start_matches(['&', '*', '!', '@', '$']);
    let name = name.split(['<', '(', '[', '{']).next().unwrap_or_default();
    let name = name.trim_end_matches([',', ';', ')', '>', '}', ']', '.']);
    if !is_identifier(name) {
        return false;
    }
    let (mut words, mut numbers) = (0, 0);
    let mut word = 0;
    let mut has_vowel = false;
    let mut before = b'_';
    let mut is_pronounceable = true;
    let ends = |length: usize, has_vowel: bool| length < 3 || has_vowel;
    for byte in name.bytes() {
        let is_letter = byte.is_ascii_alphabetic();
        let begins = is_letter
            && (!before.is_ascii_alphabetic()
                || (byte.is_ascii_uppercase() && before.is_ascii_lowercase()));
        if begins || !is_letter {
            is_pronounceable &= ends(word, has_vowel);
            (word, has_vowel) = (0, false);
        }
        words += usize::from(begins);
        numbers += usize::from(byte.is_ascii_digit() && !before.is_ascii_digit());
        if is_letter {
            word += 1;
            // Abbreviations in capitals are not spoken.
            has_vowel |= b"aeiouyAEIOUY".contains(&byte)
                || (byte.is_ascii_uppercase() && before.is_ascii_uppercase());
        }
        before = byte;
    }
    is_pronounceable &= ends(word, has_vowel);
    words >= 2 && numbers <= 1 && is_pronounceable && name.len() >= words * 3
}

/// `Box::new(Pat::Wild(Name`: a call whose arguments go on behind a blank.
pub(crate) fn is_open_call(value: &str) -> bool {
    let count = |sign: char| value.matches(sign).count();
    count('(') > count(')')
        && value.split('(').next().is_some_and(|name| {
            (name.contains("::") || name.contains('.'))
                && name
                    .split(['.', ':'])
                    .all(|part| part.is_empty() || (is_identifier(part) && !has_digit(part)))
        })
}

/// `PULONG64`: a word in capitals, and two digits at most.
pub(crate) fn is_capital_word(value: &str) -> bool {
    value
        .bytes()
        .next()
        .is_some_and(|byte| byte.is_ascii_uppercase())
        && value
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        && is_wordy_part(value)
}

/// Two or three words of letters alone: a label, and no key. Four are a pass phrase.
pub(crate) fn is_phrase(value: &str) -> bool {
    matches!(value.split(' ').count(), 2 | 3)
        && value
            .bytes()
            .all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b' ' | b'-'))
        && value.split(' ').any(|word| word.len() > 2)
}

/// Letters in both cases that change too often for words.
pub(crate) fn is_mixed(value: &str) -> bool {
    let changes = value
        .as_bytes()
        .windows(2)
        .filter(|pair| {
            let upper = |place: usize| pair.get(place).is_some_and(u8::is_ascii_uppercase);
            upper(0) != upper(1)
        })
        .count();
    changes * 3 > value.len()
}
