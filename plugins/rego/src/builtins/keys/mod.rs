//! Keys that verify and sign tokens: from certificates and keys in PEM, and from JSON Web
//! Keys (RFC 7517).

mod der;
mod digest;
mod public;
mod rsa;

use data_encoding::BASE64URL_NOPAD;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use serde_json::Value as Json;

use super::arguments::{BuiltinError, unread, wrong};
use digest::Digest;
use public::Curve;

pub(super) use public::PublicKey;

/// What a token is signed with: RFC 7518 and RFC 8037.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Algorithm {
    Hmac(Digest),
    RsaPkcs(Digest),
    RsaPss(Digest),
    Ecdsa(Digest),
    EdDsa,
}

/// One of several, and what it says about itself.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) key: PublicKey,
    pub(super) id: Option<String>,
    pub(super) algorithm: Option<String>,
}

/// A certificate, a public key in PEM, a key or a set of keys in JSON.
pub(super) fn read(text: &str) -> Result<Vec<Key>, BuiltinError> {
    if let Some(block) = der::block(text) {
        if !block.rest.is_empty() {
            return Err(wrong("something stands behind the block of PEM"));
        }
        let key = match block.label {
            "CERTIFICATE" => der::of_certificate(&block.bytes)?,
            "PUBLIC KEY" => der::of_public_key(&block.bytes)?,
            "RSA PUBLIC KEY" => der::of_rsa(&block.bytes)?,
            _ => return Err(wrong("this block of PEM holds no public key")),
        };
        return Ok(vec![Key {
            key,
            id: None,
            algorithm: None,
        }]);
    }
    let keys = json_keys(text)?;
    let mut read = Vec::new();
    for key in &keys {
        let algorithm = member(key, "alg").map(str::to_owned);
        if algorithm
            .as_deref()
            .is_some_and(|name| Algorithm::named(name).is_none())
        {
            continue;
        }
        read.push(Key {
            key: public(key)?,
            id: member(key, "kid").map(str::to_owned),
            algorithm,
        });
    }
    Ok(read)
}

/// The signature of a text with a JSON Web Key.
pub(super) fn sign(algorithm: Algorithm, key: &str, text: &[u8]) -> Result<Vec<u8>, BuiltinError> {
    let keys = json_keys(key)?;
    let key = keys.first().ok_or_else(|| wrong("there is no key"))?;
    let kind = member(key, "kty");
    match (algorithm, kind) {
        (Algorithm::Hmac(digest), Some("oct")) => match bytes(key, "k")? {
            secret if secret.is_empty() => Err(wrong("the key is empty")),
            secret => digest.code(&secret, text),
        },
        (Algorithm::RsaPkcs(digest), Some("RSA")) => rsa::signature(
            digest,
            &bytes(key, "n")?,
            &bytes(key, "d")?,
            &digest.of(text),
        ),
        (Algorithm::EdDsa, Some("OKP")) => {
            let secret = <[u8; 32]>::try_from(bytes(key, "d")?);
            let secret = secret.map_err(|_| wrong("the key has another length"))?;
            Ok(SigningKey::from_bytes(&secret)
                .sign(text)
                .to_bytes()
                .to_vec())
        }
        (Algorithm::Ecdsa(_) | Algorithm::RsaPss(_), _) => {
            Err(unread("signatures of this kind need randomness"))
        }
        _ => Err(wrong("the key does not fit the algorithm")),
    }
}

/// The keys of a set, or the one that is given.
fn json_keys(text: &str) -> Result<Vec<Json>, BuiltinError> {
    let json: Json =
        serde_json::from_str(text).map_err(|_| wrong("neither PEM nor a JSON Web Key"))?;
    match json.get("keys") {
        Some(Json::Array(keys)) => Ok(keys.clone()),
        Some(_) => Err(wrong("`keys` is no list")),
        None => Ok(vec![json]),
    }
}

fn public(key: &Json) -> Result<PublicKey, BuiltinError> {
    match (member(key, "kty"), member(key, "crv")) {
        (Some("RSA"), _) => Ok(PublicKey::Rsa {
            modulus: bytes(key, "n")?,
            exponent: bytes(key, "e")?,
        }),
        (Some("EC"), Some(curve)) => {
            let (curve, length) = match curve {
                "P-256" => (Curve::P256, 32),
                "P-384" => (Curve::P384, 48),
                "P-521" => (Curve::P521, 66),
                _ => return Err(unread("a key of this curve is not known")),
            };
            let mut point = vec![4];
            for name in ["x", "y"] {
                let bytes = bytes(key, name)?;
                let missing = usize::checked_sub(length, bytes.len());
                let missing = missing.ok_or_else(|| wrong("a coordinate is too long"))?;
                point.extend(std::iter::repeat_n(0, missing));
                point.extend(bytes);
            }
            Ok(PublicKey::Ec { curve, point })
        }
        (Some("OKP"), Some("Ed25519")) => {
            let bytes = <[u8; 32]>::try_from(bytes(key, "x")?);
            let bytes = bytes.map_err(|_| wrong("the key has another length"))?;
            Ok(PublicKey::Ed25519(bytes))
        }
        (Some("oct"), _) => Ok(PublicKey::Secret(bytes(key, "k")?)),
        _ => Err(wrong("a JSON Web Key of this kind is not known")),
    }
}

fn member<'a>(key: &'a Json, name: &str) -> Option<&'a str> {
    key.get(name).and_then(Json::as_str)
}

fn bytes(key: &Json, name: &str) -> Result<Vec<u8>, BuiltinError> {
    let text = member(key, name);
    let text = text.ok_or_else(|| BuiltinError::new(format!("the key has no `{name}`")))?;
    base64url(text.trim_end_matches('='))
        .ok_or_else(|| BuiltinError::new(format!("`{name}` of the key is not base64url")))
}

/// As Go decodes it: bits behind the last byte may be anything.
pub(super) fn base64url(text: &str) -> Option<Vec<u8>> {
    let bits = match text.len() % 4 {
        2 => 4,
        3 => 2,
        _ => 0,
    };
    let Some((last, rest)) = text.as_bytes().split_last().filter(|_| bits > 0) else {
        return BASE64URL_NOPAD.decode(text.as_bytes()).ok();
    };
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let value = LETTERS.iter().position(|letter| letter == last)?;
    let mut exact = rest.to_vec();
    exact.push(*LETTERS.get(value >> bits << bits)?);
    BASE64URL_NOPAD.decode(&exact).ok()
}

// === impl Algorithm ===

impl Algorithm {
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "HS256" => Self::Hmac(Digest::Sha256),
            "HS384" => Self::Hmac(Digest::Sha384),
            "HS512" => Self::Hmac(Digest::Sha512),
            "RS256" => Self::RsaPkcs(Digest::Sha256),
            "RS384" => Self::RsaPkcs(Digest::Sha384),
            "RS512" => Self::RsaPkcs(Digest::Sha512),
            "PS256" => Self::RsaPss(Digest::Sha256),
            "PS384" => Self::RsaPss(Digest::Sha384),
            "PS512" => Self::RsaPss(Digest::Sha512),
            "ES256" => Self::Ecdsa(Digest::Sha256),
            "ES384" => Self::Ecdsa(Digest::Sha384),
            "ES512" => Self::Ecdsa(Digest::Sha512),
            "EdDSA" => Self::EdDsa,
            _ => return None,
        })
    }

    /// Whether a key signed this text; a key of another kind did not.
    pub(super) fn verifies(self, key: &PublicKey, text: &[u8], signature: &[u8]) -> bool {
        match (self, key) {
            (Self::Hmac(digest), PublicKey::Secret(secret)) => {
                digest.verifies(secret, text, signature)
            }
            (Self::RsaPkcs(digest), PublicKey::Rsa { modulus, exponent }) => {
                rsa::verifies_pkcs(digest, modulus, exponent, &digest.of(text), signature)
            }
            (Self::RsaPss(digest), PublicKey::Rsa { modulus, exponent }) => {
                rsa::verifies_pss(digest, modulus, exponent, &digest.of(text), signature)
            }
            (Self::Ecdsa(digest), PublicKey::Ec { curve, point }) => {
                curve.verifies(point, &digest.of(text), signature)
            }
            (Self::EdDsa, PublicKey::Ed25519(key)) => {
                let signature = Signature::from_slice(signature);
                match (VerifyingKey::from_bytes(key), signature) {
                    (Ok(key), Ok(signature)) => key.verify_strict(text, &signature).is_ok(),
                    _ => false,
                }
            }
            (
                Self::Hmac(_) | Self::RsaPkcs(_) | Self::RsaPss(_) | Self::Ecdsa(_) | Self::EdDsa,
                PublicKey::Rsa { .. }
                | PublicKey::Ec { .. }
                | PublicKey::Ed25519(_)
                | PublicKey::Secret(_),
            ) => false,
        }
    }
}
