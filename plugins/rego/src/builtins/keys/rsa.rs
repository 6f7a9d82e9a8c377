//! RSA of RFC 8017. What verifies has no secrets; what signs has those that a module
//! writes out, in a component that nobody can time.

use num_bigint::BigUint;

use super::digest::Digest;
use crate::builtins::arguments::{BuiltinError, wrong};

/// Sizes of keys, in bits: those below are broken, those above take all fuel.
const BITS_MIN: u64 = 1024;
const BITS_MAX: u64 = 8192;

/// PKCS #1 v1.5 (8.2.2).
pub(super) fn verifies_pkcs(
    digest: Digest,
    modulus: &[u8],
    exponent: &[u8],
    hashed: &[u8],
    signature: &[u8],
) -> bool {
    let Some(encoded) = opened(modulus, exponent, signature) else {
        return false;
    };
    padded(digest, hashed, encoded.len()).is_some_and(|expected| expected == encoded)
}

/// PSS (8.1.2) with the digest for its mask too, and a salt of any length.
pub(super) fn verifies_pss(
    digest: Digest,
    modulus: &[u8],
    exponent: &[u8],
    hashed: &[u8],
    signature: &[u8],
) -> bool {
    let Some(encoded) = opened(modulus, exponent, signature) else {
        return false;
    };
    let bits = BigUint::from_bytes_be(modulus).bits().saturating_sub(1);
    is_pss(digest, hashed, &encoded, bits).unwrap_or_default()
}

/// The signature of PKCS #1 v1.5 (8.2.1).
pub(super) fn signature(
    digest: Digest,
    modulus: &[u8],
    exponent: &[u8],
    hashed: &[u8],
) -> Result<Vec<u8>, BuiltinError> {
    let modulus = sized(modulus).ok_or_else(|| wrong("the key has no usable size"))?;
    let length = length_of(&modulus);
    let encoded = padded(digest, hashed, length).ok_or_else(|| wrong("the key is too short"))?;
    let exponent = BigUint::from_bytes_be(exponent);
    let signature = BigUint::from_bytes_be(&encoded).modpow(&exponent, &modulus);
    Ok(filled(&signature.to_bytes_be(), length))
}

/// What was signed, as long as the modulus.
fn opened(modulus: &[u8], exponent: &[u8], signature: &[u8]) -> Option<Vec<u8>> {
    let modulus = sized(modulus)?;
    let length = length_of(&modulus);
    let exponent = BigUint::from_bytes_be(exponent);
    let signed = BigUint::from_bytes_be(signature);
    // An exponent is short, or else it would take all fuel.
    let fits = signature.len() == length && signed < modulus && exponent.bits() <= 33;
    fits.then(|| filled(&power(&signed, &exponent, &modulus).to_bytes_be(), length))
}

/// For short exponents: what long ones are prepared for takes several times as long.
fn power(base: &BigUint, exponent: &BigUint, modulus: &BigUint) -> BigUint {
    let mut result = BigUint::from(1_u32);
    for bit in (0..exponent.bits()).rev() {
        result = &result * &result % modulus;
        if exponent.bit(bit) {
            result = result * base % modulus;
        }
    }
    result
}

fn sized(modulus: &[u8]) -> Option<BigUint> {
    let modulus = BigUint::from_bytes_be(modulus);
    let is_odd = modulus.bit(0);
    (is_odd && (BITS_MIN..=BITS_MAX).contains(&modulus.bits())).then_some(modulus)
}

fn length_of(modulus: &BigUint) -> usize {
    usize::try_from(modulus.bits().div_ceil(8)).unwrap_or_default()
}

fn filled(bytes: &[u8], length: usize) -> Vec<u8> {
    let mut filled = vec![0; length.saturating_sub(bytes.len())];
    filled.extend(bytes);
    filled
}

/// `0 1 ff.. 0`, what the digest is, and the digest.
fn padded(digest: Digest, hashed: &[u8], length: usize) -> Option<Vec<u8>> {
    let kind: u8 = match digest {
        Digest::Sha256 => 1,
        Digest::Sha384 => 2,
        Digest::Sha512 => 3,
    };
    let size = u8::try_from(hashed.len()).ok()?;
    let mut info = vec![
        0x30,
        size + 17,
        0x30,
        0x0d,
        0x06,
        0x09,
        0x60,
        0x86,
        0x48,
        0x01,
        0x65,
        0x03,
        0x04,
        0x02,
        kind,
        0x05,
        0x00,
        0x04,
        size,
    ];
    info.extend(hashed);
    let padding = length.checked_sub(info.len() + 3).filter(|it| *it >= 8)?;
    let mut padded = vec![0, 1];
    padded.extend(std::iter::repeat_n(0xff, padding));
    padded.push(0);
    padded.extend(info);
    Some(padded)
}

/// EMSA-PSS-VERIFY (9.1.2); none where a length does not fit.
fn is_pss(digest: Digest, hashed: &[u8], encoded: &[u8], bits: u64) -> Option<bool> {
    let length = usize::try_from(bits.div_ceil(8)).ok()?;
    // Where the modulus has a byte more than what is encoded, that is zero.
    let (surplus, encoded) = encoded.split_at_checked(encoded.len().checked_sub(length)?)?;
    if surplus.iter().any(|byte| *byte != 0) {
        return Some(false);
    }
    let size = hashed.len();
    let (masked, behind) = encoded.split_at_checked(length.checked_sub(size + 1)?)?;
    let (inner, trailer) = behind.split_at_checked(size)?;
    let unused = u32::try_from(length as u64 * 8 - bits).ok()?;
    let first_mask = 0xff_u8.checked_shr(unused)?;
    if trailer != [0xbc] || masked.first()? & !first_mask != 0 {
        return Some(false);
    }
    let mut block: Vec<u8> = masked
        .iter()
        .zip(mask(digest, inner, masked.len()))
        .map(|(byte, mask)| byte ^ mask)
        .collect();
    *block.first_mut()? &= first_mask;
    let zeros = block.iter().take_while(|byte| **byte == 0).count();
    let (one, salt) = block.get(zeros..)?.split_first()?;
    let mut whole = vec![0; 8];
    whole.extend(hashed);
    whole.extend(salt);
    Some(*one == 1 && digest.of(&whole) == inner)
}

/// MGF1 (B.2.1).
fn mask(digest: Digest, seed: &[u8], length: usize) -> Vec<u8> {
    let mut mask = Vec::with_capacity(length);
    let mut counter = 0_u32;
    while mask.len() < length {
        let mut text = seed.to_vec();
        text.extend(counter.to_be_bytes());
        mask.extend(digest.of(&text));
        counter += 1;
    }
    mask.truncate(length);
    mask
}
