//! Hosts in other scripts than Latin, in the spelling that DNS knows.

/// `bücher.example:443` as `xn--bcher-kva.example:443`; none where two readers
/// could spell it differently: capitals, compatibility forms, more than one
/// script in a label, marks that some drop.
pub(crate) fn to_ascii(authority: &str) -> Option<String> {
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    };
    let labels: Option<Vec<String>> = host.split('.').map(label).collect();
    let host = labels?.join(".");
    Some(match port {
        Some(port) => format!("{host}:{port}"),
        None => host,
    })
}

fn label(text: &str) -> Option<String> {
    if text.is_ascii() {
        return Some(text.to_owned());
    }
    let mut seen = None;
    for letter in text.chars() {
        let script = script(letter)?;
        match (seen, script) {
            (_, Script::Any) => {}
            (None, script) => seen = Some(script),
            (Some(before), script) if before == script => {}
            (Some(_), _) => return None,
        }
    }
    punycode(text).map(|encoded| format!("xn--{encoded}"))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Script {
    Any,
    Latin,
    Greek,
    Cyrillic,
    Hebrew,
    Arabic,
    Indic(u32),
    Thai,
    EastAsian,
    Korean,
}

/// The script of a letter that every reader maps to itself.
fn script(letter: char) -> Option<Script> {
    let code = u32::from(letter);
    Some(match code {
        0x2d | 0x30..=0x39 => Script::Any,
        0x61..=0x7a | 0xe0..=0xf6 | 0xf8..=0xff => Script::Latin,
        0x100..=0x131 | 0x134..=0x13e | 0x141..=0x148 | 0x14a..=0x17e if letter.is_lowercase() => {
            Script::Latin
        }
        0x3ac..=0x3c1 | 0x3c3..=0x3ce => Script::Greek,
        0x430..=0x45f => Script::Cyrillic,
        0x5d0..=0x5ea => Script::Hebrew,
        0x620..=0x63f | 0x641..=0x64a | 0x67e | 0x686 | 0x698 | 0x6a9 | 0x6af | 0x6cc => {
            Script::Arabic
        }
        // One block of 128 for each script of India.
        0x905..=0xd7f if letter.is_alphabetic() && !(0x958..=0x95f).contains(&code) => {
            Script::Indic(code / 0x80)
        }
        0xe01..=0xe32 | 0xe34..=0xe3a | 0xe40..=0xe4e => Script::Thai,
        0x3041..=0x3096 | 0x30a1..=0x30fa | 0x30fc | 0x3005 | 0x4e00..=0x9fff => Script::EastAsian,
        0xac00..=0xd7a3 => Script::Korean,
        _ => return None,
    })
}

/// RFC 3492. The label is short (DNS), so nothing overflows in good faith, and
/// what does is refused.
fn punycode(text: &str) -> Option<String> {
    const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    let letters: Vec<u32> = text.chars().take(64).map(u32::from).collect();
    let mut out: String = text.chars().filter(char::is_ascii).collect();
    let basic = u32::try_from(out.len()).ok()?;
    let mut handled = basic;
    if basic > 0 {
        out.push('-');
    }
    let (mut n, mut delta, mut bias) = (128_u32, 0_u32, 72_u32);
    while usize::try_from(handled).ok()? < letters.len() {
        let next = letters.iter().copied().filter(|code| *code >= n).min()?;
        delta = delta.checked_add((next - n).checked_mul(handled + 1)?)?;
        n = next;
        for code in &letters {
            if *code < n {
                delta = delta.checked_add(1)?;
            }
            if *code == n {
                let mut q = delta;
                let mut k = 36_u32;
                loop {
                    let t = k.saturating_sub(bias).clamp(1, 26);
                    if q < t {
                        break;
                    }
                    let digit = usize::try_from(t + (q - t) % (36 - t)).ok()?;
                    out.push(char::from(*LETTERS.get(digit)?));
                    q = (q - t) / (36 - t);
                    k += 36;
                }
                out.push(char::from(*LETTERS.get(usize::try_from(q).ok()?)?));
                bias = adapt(delta, handled + 1, handled == basic);
                delta = 0;
                handled += 1;
            }
        }
        delta = delta.checked_add(1)?;
        n += 1;
    }
    Some(out)
}

fn adapt(delta: u32, points: u32, first: bool) -> u32 {
    let mut delta = if first { delta / 700 } else { delta / 2 };
    delta += delta / points;
    let mut k = 0;
    while delta > 455 {
        delta /= 35;
        k += 36;
    }
    k + 36 * delta / (delta + 38)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_spelled_as_dns_does_or_refused() {
        for (host, expected) in [
            ("bücher.example", Some("xn--bcher-kva.example")),
            ("例え.jp:443", Some("xn--r8jz45g.jp:443")),
            ("münchen.de", Some("xn--mnchen-3ya.de")),
            ("президент.рф", Some("xn--d1abbgf6aiiy.xn--p1ai")),
            ("中国政府.政务.cn", Some("xn--fiqs8sirgfmh.xn--zfr164b.cn")),
            ("exаmple.com", None),
            ("straße.de", None),
            ("Bücher.example", None),
            ("１２７.0.0.1", None),
            ("a\u{200d}b.com", None),
        ] {
            let spelled = to_ascii(host);
            if host.starts_with("straße") {
                // IDNA 2003 and 2008 differ on it.
                assert_eq!(spelled, None, "{host}");
            }
            assert_eq!(spelled.as_deref(), expected, "{host}");
        }
    }
}
