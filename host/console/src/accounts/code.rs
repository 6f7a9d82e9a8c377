//! A code that is used once: short enough to type, long enough that nobody guesses it.

use gatewright_policy::Digest;

/// What it is made of: 80 bits.
const BYTES: usize = 10;

/// Crockford's base 32: no letter looks like a digit.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Letters in a group.
const GROUP: usize = 4;

/// A new code, as it is read out, and its digest, which is all that is kept.
pub(super) fn new_code() -> Result<(String, Digest), getrandom::Error> {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes)?;
    let text = written(&bytes);
    let digest = digest_of(&text);
    Ok((text, digest))
}

/// The digest of a code as somebody typed it.
pub(super) fn digest_of(typed: &str) -> Digest {
    let letters = typed.chars().filter(|letter| !" -\t".contains(*letter));
    let plain: String = letters
        .map(|letter| match letter.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        })
        .collect();
    Digest::of(plain.as_bytes())
}

fn written(bytes: &[u8; BYTES]) -> String {
    let mut text = String::new();
    let (mut bits, mut held, mut count) = (0_u32, 0, 0);
    for byte in bytes {
        bits = (bits << 8) | u32::from(*byte);
        held += 8;
        while held >= 5 {
            held -= 5;
            if count > 0 && count % GROUP == 0 {
                text.push('-');
            }
            let letter = LETTERS.get((bits >> held) as usize & 31);
            text.extend(letter.map(|letter| char::from(*letter)));
            count += 1;
        }
        bits &= (1 << held) - 1;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_known_again_however_it_is_typed() {
        let text = written(&[0x08, 0x42, 0x10, 0x84, 0x21, 0xff, 0xff, 0xff, 0xff, 0xff]);
        assert_eq!(text, "1111-1111-ZZZZ-ZZZZ");
        for typed in [
            "1111-1111-ZZZZ-ZZZZ",
            "iLil lilI zzzzzzzz",
            " 11111111ZZZZ-ZZZZ",
        ] {
            assert_eq!(digest_of(typed), digest_of(&text), "{typed}");
        }
        assert_ne!(digest_of("1111-1111-ZZZZ-ZZZY"), digest_of(&text));
        assert_ne!(new_code().unwrap().1, new_code().unwrap().1);
    }
}
