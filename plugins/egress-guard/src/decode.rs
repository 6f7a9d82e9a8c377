//! The escapes in which a text hides a URL from a reader, though not from the
//! program that decodes it.

/// How often a text is decoded: JSON in JSON, a query in a query.
const ROUNDS_MAX: usize = 3;

/// The text with its escapes read, where that changes anything: `\u003a`,
/// `\x3a`, `%3A`, `&#58;`, `&colon;`. Only what a scheme and a host are made
/// of is decoded: the rest stays what it is, data.
pub(crate) fn decoded(text: &str) -> Option<String> {
    let mut current: Option<String> = None;
    for _ in 0..ROUNDS_MAX {
        match once(current.as_deref().unwrap_or(text)) {
            Some(next) => current = Some(next),
            None => break,
        }
    }
    current
}

fn once(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut copied = 0;
    let mut at = 0;
    let bytes = text.as_bytes();
    while let Some(found) = bytes.get(at..).and_then(next_sign) {
        let start = at + found;
        match escape(text.get(start..).unwrap_or_default()) {
            Some((letter, length)) => {
                out.push_str(text.get(copied..start).unwrap_or_default());
                out.push(letter);
                at = start + length;
                copied = at;
            }
            None => at = start + 1,
        }
    }
    if copied == 0 {
        return None;
    }
    out.push_str(text.get(copied..).unwrap_or_default());
    Some(out)
}

/// Where the next sign stands that may begin an escape. Most text has none: eight bytes are
/// looked at together.
fn next_sign(bytes: &[u8]) -> Option<usize> {
    let is_sign = |byte: &u8| matches!(byte, b'\\' | b'%' | b'&');
    let (words, _) = bytes.as_chunks::<8>();
    let plain = words.iter().take_while(|word| !holds_sign(**word)).count() * 8;
    let rest = bytes.get(plain..)?;
    rest.iter().position(is_sign).map(|at| plain + at)
}

/// Whether one of the bytes is `\`, `%` or `&`: the highest bit of a byte of the result is
/// set where it is, and nowhere unless one is.
const fn holds_sign(word: [u8; 8]) -> bool {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGHEST: u64 = u64::from_ne_bytes([0x80; 8]);
    const fn zeros(word: u64) -> u64 {
        word.wrapping_sub(ONES) & !word & HIGHEST
    }
    let word = u64::from_ne_bytes(word);
    let found = zeros(word ^ (ONES * b'\\' as u64))
        | zeros(word ^ (ONES * b'%' as u64))
        | zeros(word ^ (ONES * b'&' as u64));
    found != 0
}

/// The letter that an escape at the start of the text stands for, and the
/// bytes that it takes.
fn escape(text: &str) -> Option<(char, usize)> {
    let (code, length) = if let Some(rest) = text.strip_prefix('%') {
        // An encoded percent sign may hide one more round.
        (number(rest.get(..2)?)?, 3)
    } else if text.starts_with('&') {
        return entity(text);
    } else {
        let rest = text.trim_start_matches('\\');
        let slashes = text.len() - rest.len();
        match rest.as_bytes().first()? {
            b'u' if rest.starts_with("u{") => {
                let inside = rest.get(2..)?.split('}').next()?;
                (
                    number(inside.get(..inside.len().min(6))?)?,
                    slashes + inside.len() + 3,
                )
            }
            b'u' => (number(rest.get(1..5)?)?, slashes + 5),
            b'x' => (number(rest.get(1..3)?)?, slashes + 3),
            _ => return None,
        }
    };
    let letter = char::from_u32(code)?;
    let percent = letter == '%' && text.starts_with('%');
    (percent || is_part_of_a_host(letter)).then_some((letter, length))
}

fn entity(text: &str) -> Option<(char, usize)> {
    const NAMED: &[(&str, char)] = &[("&colon;", ':'), ("&sol;", '/'), ("&period;", '.')];
    if let Some((name, letter)) = NAMED.iter().find(|(name, _)| text.starts_with(name)) {
        return Some((*letter, name.len()));
    }
    let digits = text.strip_prefix("&#")?;
    let end = digits.bytes().take(9).position(|byte| byte == b';')?;
    let inside = digits.get(..end)?;
    let code = match inside.strip_prefix(['x', 'X']) {
        Some(hex) => number(hex)?,
        None => inside.parse().ok()?,
    };
    let letter = char::from_u32(code).filter(|letter| is_part_of_a_host(*letter))?;
    Some((letter, end + 3))
}

fn number(hex: &str) -> Option<u32> {
    let plain = hex.bytes().all(|byte| byte.is_ascii_hexdigit());
    u32::from_str_radix(hex, 16).ok().filter(|_| plain)
}

fn is_part_of_a_host(letter: char) -> bool {
    letter.is_ascii_alphanumeric()
        || matches!(letter, ':' | '/' | '\\' | '.' | '-' | '@' | '[' | ']')
}
