//! The public keys in certificates (RFC 5280) and in PEM (RFC 7468).

use super::public::{Curve, PublicKey};
use crate::builtins::arguments::{BuiltinError, wrong};

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OBJECT: u8 = 0x06;
/// The version of a certificate.
const VERSION: u8 = 0xa0;

/// Object identifiers of keys and curves.
const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
const EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
const ED25519: &[u8] = &[0x2b, 0x65, 0x70];
const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
const P384: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x22];
const P521: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x23];

/// A block of PEM: what it holds, its bytes, and what stands behind it.
pub(super) struct Block<'a> {
    pub(super) label: &'a str,
    pub(super) bytes: Vec<u8>,
    pub(super) rest: &'a str,
}

/// The elements of DER, one after the other.
struct Elements<'a>(&'a [u8]);

/// The first block of PEM in a text, if there is one.
pub(super) fn block(text: &str) -> Option<Block<'_>> {
    let (_, behind) = text.split_once("-----BEGIN ")?;
    let (label, behind) = behind.split_once("-----")?;
    let (body, rest) = behind.split_once(&format!("-----END {label}-----"))?;
    let body: String = body.chars().filter(|it| !it.is_whitespace()).collect();
    let bytes = data_encoding::BASE64.decode(body.as_bytes()).ok()?;
    let rest = rest.trim_start_matches([' ', '\t', '\r']);
    let rest = rest.strip_prefix('\n').unwrap_or(rest);
    Some(Block { label, bytes, rest })
}

/// The key of a certificate.
pub(super) fn of_certificate(bytes: &[u8]) -> Result<PublicKey, BuiltinError> {
    let wrong = || wrong("not a certificate");
    let mut certificate = Elements(Elements(bytes).one(SEQUENCE).ok_or_else(wrong)?);
    let mut signed = Elements(certificate.one(SEQUENCE).ok_or_else(wrong)?);
    if signed.0.first() == Some(&VERSION) {
        signed.one(VERSION).ok_or_else(wrong)?;
    }
    // Number, algorithm, issuer, validity, subject.
    signed.one(INTEGER).ok_or_else(wrong)?;
    for _ in 0..4 {
        signed.one(SEQUENCE).ok_or_else(wrong)?;
    }
    of_info(signed.one(SEQUENCE).ok_or_else(wrong)?)
}

/// The key of a `PUBLIC KEY`.
pub(super) fn of_public_key(bytes: &[u8]) -> Result<PublicKey, BuiltinError> {
    let info = Elements(bytes).one(SEQUENCE);
    of_info(info.ok_or_else(|| wrong("not a public key"))?)
}

/// The key of a `RSA PUBLIC KEY`.
pub(super) fn of_rsa(bytes: &[u8]) -> Result<PublicKey, BuiltinError> {
    let wrong = || wrong("not an RSA key");
    let mut key = Elements(Elements(bytes).one(SEQUENCE).ok_or_else(wrong)?);
    let modulus = key.one(INTEGER).ok_or_else(wrong)?;
    let exponent = key.one(INTEGER).ok_or_else(wrong)?;
    Ok(PublicKey::Rsa {
        modulus: modulus.to_vec(),
        exponent: exponent.to_vec(),
    })
}

/// What describes a key: its algorithm and its bits.
fn of_info(info: &[u8]) -> Result<PublicKey, BuiltinError> {
    let wrong = || wrong("a key of this kind is not known");
    let mut info = Elements(info);
    let mut algorithm = Elements(info.one(SEQUENCE).ok_or_else(wrong)?);
    let kind = algorithm.one(OBJECT).ok_or_else(wrong)?;
    let bits = info.one(BIT_STRING).ok_or_else(wrong)?;
    // How many bits of the last byte do not count: none.
    let bits = bits.strip_prefix(&[0]).ok_or_else(wrong)?;
    match kind {
        RSA => of_rsa(bits),
        EC => {
            let curve = match algorithm.one(OBJECT) {
                Some(P256) => Curve::P256,
                Some(P384) => Curve::P384,
                Some(P521) => Curve::P521,
                Some(_) | None => return Err(wrong()),
            };
            Ok(PublicKey::Ec {
                curve,
                point: bits.to_vec(),
            })
        }
        ED25519 => Ok(PublicKey::Ed25519(bits.try_into().map_err(|_| wrong())?)),
        _ => Err(wrong()),
    }
}

// === impl Elements ===

impl<'a> Elements<'a> {
    /// What the next element holds, if it is of this kind.
    fn one(&mut self, kind: u8) -> Option<&'a [u8]> {
        let (tag, rest) = self.0.split_first()?;
        let (first, rest) = rest.split_first()?;
        let (length, rest) = match first {
            0..=0x7f => (usize::from(*first), rest),
            0x81..=0x84 => {
                let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
                let length = bytes
                    .iter()
                    .fold(0_usize, |sum, byte| (sum << 8) | usize::from(*byte));
                (length, rest)
            }
            _ => return None,
        };
        let (content, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        (*tag == kind).then_some(content)
    }
}
