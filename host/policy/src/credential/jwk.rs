//! A public key of an issuer or of a holder, as a JWK says it (RFC 7517, RFC 8037).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signature, VerifyingKey};
use ring::digest::{SHA256, digest};
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, RSA_PKCS1_2048_8192_SHA256,
    RSA_PSS_2048_8192_SHA256, RsaParameters, RsaPublicKeyComponents, UnparsedPublicKey,
    VerificationAlgorithm,
};

use super::algorithm::Algorithm;
use crate::json::Value;

/// Shortest RSA modulus, in bits (RFC 7518, 3.3).
const RSA_BITS_MIN: usize = 2048;

/// Longest RSA modulus, in bits: a longer one costs more time than it is worth.
const RSA_BITS_MAX: usize = 8192;

/// Longest RSA exponent, in bytes. Longer ones only cost time.
const EXPONENT_BYTES_MAX: usize = 4;

/// A key that can verify.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey(Material);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Material {
    Ed25519(VerifyingKey),
    /// An uncompressed point.
    P256(Vec<u8>),
    P384(Vec<u8>),
    Rsa {
        modulus: Vec<u8>,
        exponent: Vec<u8>,
    },
}

/// Why a JWK is no key that credentials are verified with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// It has `d`, or another member that must not leave its owner.
    #[error("has a private part, so it is nobody's secret any more")]
    Private,
    /// `kty` is `oct`.
    #[error("is a shared secret, not a public key")]
    Shared,
    /// A kind or curve that is not read.
    #[error("is of a kind that is not supported")]
    Kind,
    /// RSA below 2048 bits.
    #[error("is an RSA key of less than 2048 bits")]
    Short,
    /// RSA above 8192 bits, or with an exponent that only costs time.
    #[error("is an RSA key of more than 8192 bits, or has a long exponent")]
    Long,
    /// A member is missing, or is not what the kind asks for.
    #[error("is not written as RFC 7518 says")]
    Malformed,
}

impl PublicKey {
    /// Reads a JWK. Members that say what it is for are not looked at.
    pub fn of_jwk(jwk: Value<'_>) -> Result<Self, KeyError> {
        let text = |name| jwk.get(name).and_then(|member| member.as_text());
        let kind = text("kty").ok_or(KeyError::Malformed)?;
        if kind == "oct" {
            return Err(KeyError::Shared);
        }
        if ["d", "p", "q", "dp", "dq", "qi", "oth", "k"]
            .iter()
            .any(|member| jwk.get(member).is_some())
        {
            return Err(KeyError::Private);
        }
        let bytes = |name| {
            let text = text(name).ok_or(KeyError::Malformed)?;
            URL_SAFE_NO_PAD
                .decode(text.as_bytes())
                .map_err(|_| KeyError::Malformed)
        };
        let point = |length: usize| {
            let (x, y) = (bytes("x")?, bytes("y")?);
            if x.len() != length || y.len() != length {
                return Err(KeyError::Malformed);
            }
            Ok([&[4][..], &x, &y].concat())
        };
        match (&*kind, text("crv").as_deref()) {
            ("OKP", Some("Ed25519")) => {
                let key = <[u8; 32]>::try_from(bytes("x")?).map_err(|_| KeyError::Malformed)?;
                let key = VerifyingKey::from_bytes(&key).map_err(|_| KeyError::Malformed)?;
                match key.is_weak() {
                    true => Err(KeyError::Malformed),
                    false => Ok(Self::ed25519(key)),
                }
            }
            ("EC", Some("P-256")) => Ok(Self(Material::P256(point(32)?))),
            ("EC", Some("P-384")) => Ok(Self(Material::P384(point(48)?))),
            ("RSA", _) => rsa(bytes("n")?, bytes("e")?),
            _other => Err(KeyError::Kind),
        }
    }

    /// An Ed25519 key.
    pub const fn ed25519(key: VerifyingKey) -> Self {
        Self(Material::Ed25519(key))
    }

    /// The algorithms that a key of this kind can have.
    pub const fn algorithms(&self) -> &'static [Algorithm] {
        match &self.0 {
            Material::Ed25519(_) => &[Algorithm::EdDsa],
            Material::P256(_) => &[Algorithm::Es256],
            Material::P384(_) => &[Algorithm::Es384],
            Material::Rsa { .. } => &[Algorithm::Rs256, Algorithm::Ps256],
        }
    }

    /// Whether a signature is this key's, by this algorithm. Never with an algorithm of
    /// another kind of key.
    pub fn verifies(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        let point = |point: &[u8], by: &'static dyn VerificationAlgorithm| {
            let key = UnparsedPublicKey::new(by, point);
            key.verify(message, signature).is_ok()
        };
        let rsa = |modulus: &[u8], exponent: &[u8], by: &'static RsaParameters| {
            let key = RsaPublicKeyComponents {
                n: modulus,
                e: exponent,
            };
            key.verify(by, message, signature).is_ok()
        };
        match (&self.0, algorithm) {
            (Material::Ed25519(key), Algorithm::EdDsa) => Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify_strict(message, &signature).is_ok()),
            (Material::P256(key), Algorithm::Es256) => point(key, &ECDSA_P256_SHA256_FIXED),
            (Material::P384(key), Algorithm::Es384) => point(key, &ECDSA_P384_SHA384_FIXED),
            (Material::Rsa { modulus, exponent }, Algorithm::Rs256) => {
                rsa(modulus, exponent, &RSA_PKCS1_2048_8192_SHA256)
            }
            (Material::Rsa { modulus, exponent }, Algorithm::Ps256) => {
                rsa(modulus, exponent, &RSA_PSS_2048_8192_SHA256)
            }
            (
                Material::Ed25519(_) | Material::P256(_) | Material::P384(_) | Material::Rsa { .. },
                Algorithm::EdDsa
                | Algorithm::Es256
                | Algorithm::Es384
                | Algorithm::Rs256
                | Algorithm::Ps256,
            ) => false,
        }
    }

    /// The thumbprint of the key (RFC 7638, SHA-256), in base64url.
    pub fn thumbprint(&self) -> String {
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let point = |curve: &str, point: &[u8]| {
            let (x, y) = point.split_at(1 + (point.len() - 1) / 2);
            let x = x.get(1..).unwrap_or_default();
            format!(
                r#"{{"crv":"{curve}","kty":"EC","x":"{}","y":"{}"}}"#,
                text(x),
                text(y)
            )
        };
        let canonical = match &self.0 {
            Material::Ed25519(key) => format!(
                r#"{{"crv":"Ed25519","kty":"OKP","x":"{}"}}"#,
                text(key.as_bytes())
            ),
            Material::P256(key) => point("P-256", key),
            Material::P384(key) => point("P-384", key),
            Material::Rsa { modulus, exponent } => format!(
                r#"{{"e":"{}","kty":"RSA","n":"{}"}}"#,
                text(exponent),
                text(modulus)
            ),
        };
        text(digest(&SHA256, canonical.as_bytes()).as_ref())
    }
}

/// Numbers without leading zeros, as RFC 7518 (6.3.1) asks.
fn rsa(modulus: Vec<u8>, exponent: Vec<u8>) -> Result<PublicKey, KeyError> {
    let (Some(first), Some(least)) = (modulus.first(), exponent.first()) else {
        return Err(KeyError::Malformed);
    };
    let zeros = usize::try_from(first.leading_zeros()).unwrap_or(8);
    if zeros == 8 || *least == 0 {
        return Err(KeyError::Malformed);
    }
    let bits = modulus.len() * 8 - zeros;
    if bits < RSA_BITS_MIN {
        return Err(KeyError::Short);
    }
    if bits > RSA_BITS_MAX || exponent.len() > EXPONENT_BYTES_MAX {
        return Err(KeyError::Long);
    }
    Ok(PublicKey(Material::Rsa { modulus, exponent }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::{Document, JsonLimits};

    fn key(jwk: &str) -> Result<PublicKey, KeyError> {
        PublicKey::of_jwk(Document::parse(jwk, &JsonLimits::default()).unwrap().root())
    }

    /// The example of RFC 7638, 3.1, and that of RFC 8037, A.3.
    #[test]
    fn published_thumbprints_are_the_same_here() {
        let rsa = r#"{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"}"#;
        assert_eq!(
            key(rsa).unwrap().thumbprint(),
            "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
        );
        let okp =
            r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
        assert_eq!(
            key(okp).unwrap().thumbprint(),
            "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
        );
    }

    #[test]
    fn what_is_no_public_key_has_its_own_reason() {
        let long = URL_SAFE_NO_PAD.encode([0xff; 1025]);
        let short = URL_SAFE_NO_PAD.encode([0xff; 255]);
        let good = URL_SAFE_NO_PAD.encode([0xff; 256]);
        let zero = URL_SAFE_NO_PAD.encode([&[0][..], &[0xff; 256]].concat());
        let point = URL_SAFE_NO_PAD.encode([1; 32]);
        for (what, jwk, expected) in [
            ("an HMAC key", r#"{"kty":"oct","k":"AAAA"}"#.to_owned(), KeyError::Shared),
            (
                "a private key",
                r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","d":"AAAA"}"#.to_owned(),
                KeyError::Private,
            ),
            ("a key to agree with", r#"{"kty":"OKP","crv":"X25519","x":"AAAA"}"#.to_owned(), KeyError::Kind),
            ("P-521", r#"{"kty":"EC","crv":"P-521","x":"AAAA","y":"AAAA"}"#.to_owned(), KeyError::Kind),
            ("half a point", format!(r#"{{"kty":"EC","crv":"P-256","x":"{point}"}}"#), KeyError::Malformed),
            ("a point of another curve", format!(r#"{{"kty":"EC","crv":"P-384","x":"{point}","y":"{point}"}}"#), KeyError::Malformed),
            ("padded", r#"{"kty":"RSA","n":"AQAB=","e":"AQAB"}"#.to_owned(), KeyError::Malformed),
            ("2040 bits", format!(r#"{{"kty":"RSA","n":"{short}","e":"AQAB"}}"#), KeyError::Short),
            ("8200 bits", format!(r#"{{"kty":"RSA","n":"{long}","e":"AQAB"}}"#), KeyError::Long),
            ("a long exponent", format!(r#"{{"kty":"RSA","n":"{good}","e":"AQABAQAB"}}"#), KeyError::Long),
            ("a leading zero", format!(r#"{{"kty":"RSA","n":"{zero}","e":"AQAB"}}"#), KeyError::Malformed),
            ("no kind", "{}".to_owned(), KeyError::Malformed),
            ("no object", "[]".to_owned(), KeyError::Malformed),
        ] {
            assert_eq!(key(&jwk), Err(expected), "{what}");
        }
        key(&format!(r#"{{"kty":"RSA","n":"{good}","e":"AQAB"}}"#)).unwrap();
    }
}
