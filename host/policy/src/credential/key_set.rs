//! The keys of an issuer: a JWK Set (RFC 7517), read strictly and bounded, or the key
//! that a DID is.

use super::algorithm::Algorithm;
use super::did_key;
use super::jwk::{KeyError, PublicKey};
use crate::json::{Document, JsonError, JsonLimits, Kind, Value};

/// Most keys of one issuer.
pub const KEYS_MAX: usize = 100;

/// Longest JWK Set, in bytes.
pub const KEY_SET_BYTES_MAX: usize = 256 << 10;

/// Longest name of a key, in bytes.
const KEY_ID_BYTES_MAX: usize = 256;

const LIMITS: JsonLimits = JsonLimits {
    bytes_max: KEY_SET_BYTES_MAX,
    depth_max: 16,
    nodes_max: 16_384,
};

/// The keys of one issuer at one time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeySet {
    keys: Vec<NamedKey>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct NamedKey {
    id: Option<String>,
    /// The only algorithm that it is for, where it says so.
    algorithm: Option<Algorithm>,
    /// A key that cannot be used is kept, so that whoever names it is told why.
    key: Result<PublicKey, KeyError>,
}

/// What the keys of a set are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyUse {
    /// `use` is `sig`, or is not there.
    Signature,
    /// `use` is `jwt-svid`: a bundle of SPIFFE.
    JwtSvid,
}

/// Why a text is no set of keys.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeySetError {
    /// Not strict JSON, or too long.
    #[error("is not unambiguous JSON: {0}")]
    Json(JsonError),
    /// No array `keys`.
    #[error("is no JWK Set: it has no array `keys`")]
    NoKeys,
    /// Over [`KEYS_MAX`].
    #[error("has more than {KEYS_MAX} keys")]
    TooMany,
    /// A `kid` that is no bounded text.
    #[error("has a key whose `kid` is not a text of at most {KEY_ID_BYTES_MAX} bytes")]
    BadName,
    /// Which of the two is meant nobody can say.
    #[error("has two keys of one kind with the same `kid`")]
    TwoOfOneName,
    /// Nothing in it verifies anything.
    #[error("has no key that can be used{}", .0.map(|why| format!(": the first one {why}")).unwrap_or_default())]
    NoneUsable(Option<KeyError>),
}

/// Why a set has no key for a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoKey {
    /// No key has this name.
    Unknown,
    /// The name is a path or an address: nobody calls a key like this.
    NotAName,
    /// It is there, and cannot be used.
    Unusable(KeyError),
    /// It is there, for another algorithm.
    OtherAlgorithm,
    /// The credential names none, and there is more than one.
    Unnamed,
}

impl From<JsonError> for KeySetError {
    fn from(error: JsonError) -> Self {
        Self::Json(error)
    }
}

impl KeySet {
    /// Reads a JWK Set. Keys for something else, and of kinds that are not known, are
    /// left out (RFC 7517, 5).
    pub fn parse(text: &[u8], key_use: KeyUse) -> Result<Self, KeySetError> {
        let document = Document::parse_bytes(text, &LIMITS)?;
        let keys = document
            .root()
            .get("keys")
            .filter(|keys| matches!(keys.kind(), Kind::Array(_)))
            .ok_or(KeySetError::NoKeys)?;
        let mut set = Self::default();
        for (place, jwk) in keys.elements().enumerate() {
            if place >= KEYS_MAX {
                return Err(KeySetError::TooMany);
            }
            if let Some(key) = NamedKey::read(jwk, key_use)? {
                if set.keys.iter().any(|known| known.is_taken_for(&key)) {
                    return Err(KeySetError::TwoOfOneName);
                }
                set.keys.push(key);
            }
        }
        match set.keys.iter().any(|named| named.key.is_ok()) {
            true => Ok(set),
            false => {
                let first = set.keys.first().and_then(|named| named.key.as_ref().err());
                Err(KeySetError::NoneUsable(first.copied()))
            }
        }
    }

    /// One key that needs no name.
    pub fn of(key: PublicKey) -> Self {
        Self {
            keys: vec![NamedKey {
                id: None,
                algorithm: None,
                key: Ok(key),
            }],
        }
    }

    /// The key that a DID is: `did:key` with Ed25519, `did:jwk`.
    pub fn of_did(did: &str) -> Option<Self> {
        if let Ok(key) = did_key::public_key(did) {
            return Some(Self::of(PublicKey::ed25519(key)));
        }
        did_key::jwk_of(did).and_then(|jwk| PublicKey::of_jwk(jwk.root()).ok().map(Self::of))
    }

    /// How many keys can be used.
    pub fn usable(&self) -> usize {
        self.keys.iter().filter(|named| named.key.is_ok()).count()
    }

    /// The algorithms that its keys can have.
    pub fn algorithms(&self) -> Vec<Algorithm> {
        let keys = self.keys.iter().filter_map(|named| named.key.as_ref().ok());
        let mut algorithms = Vec::new();
        for algorithm in keys.flat_map(PublicKey::algorithms) {
            if !algorithms.contains(algorithm) {
                algorithms.push(*algorithm);
            }
        }
        algorithms
    }

    /// The one key that a header means.
    pub(crate) fn select(
        &self,
        id: Option<&str>,
        algorithm: Algorithm,
    ) -> Result<&PublicKey, NoKey> {
        let named: Vec<_> = match id {
            Some(id) => self
                .keys
                .iter()
                .filter(|named| named.id.as_deref() == Some(id))
                .collect(),
            None => self.keys.iter().collect(),
        };
        if let (Some(id), []) = (id, named.as_slice()) {
            return Err(match looks_like_a_place(id) {
                true => NoKey::NotAName,
                false => NoKey::Unknown,
            });
        }
        let mut fitting = named.iter().filter_map(|named| named.fits(algorithm));
        match (fitting.next(), fitting.next()) {
            (Some(key), None) => Ok(key),
            (Some(_), Some(_)) => Err(NoKey::Unnamed),
            (None, _) => {
                let unusable = named.iter().find_map(|named| named.key.as_ref().err());
                Err(match unusable {
                    Some(error) => NoKey::Unusable(*error),
                    None => NoKey::OtherAlgorithm,
                })
            }
        }
    }
}

/// A name is compared and nothing else; but who names a path or an address means to
/// lead somebody there.
fn looks_like_a_place(id: &str) -> bool {
    id.len() > KEY_ID_BYTES_MAX
        || id.contains(char::is_control)
        || id.contains("://")
        || id.contains("..")
        || id.contains('\\')
        || id.starts_with('/')
}

impl NamedKey {
    /// Nothing for a key that is for something else.
    fn read(jwk: Value<'_>, key_use: KeyUse) -> Result<Option<Self>, KeySetError> {
        let id = match jwk.get("kid") {
            None => None,
            Some(id) => Some(
                id.as_text()
                    .filter(|id| id.len() <= KEY_ID_BYTES_MAX && !id.contains(char::is_control))
                    .ok_or(KeySetError::BadName)?
                    .into_owned(),
            ),
        };
        let stated = jwk.get("use").map(|stated| stated.as_text());
        let is_meant = match (key_use, stated) {
            (KeyUse::Signature, None) => true,
            (KeyUse::Signature, Some(stated)) => stated.as_deref() == Some("sig"),
            (KeyUse::JwtSvid, None) => false,
            (KeyUse::JwtSvid, Some(stated)) => stated.as_deref() == Some("jwt-svid"),
        };
        let verifies = jwk.get("key_ops").is_none_or(|operations| {
            operations
                .elements()
                .any(|operation| operation.as_text().as_deref() == Some("verify"))
        });
        let algorithm = match jwk.get("alg") {
            None => None,
            Some(name) => match name.as_text().and_then(|name| Algorithm::named(&name)) {
                Some(algorithm) => Some(algorithm),
                None => return Ok(None),
            },
        };
        if !is_meant || !verifies {
            return Ok(None);
        }
        let key = PublicKey::of_jwk(jwk);
        if key == Err(KeyError::Kind) {
            return Ok(None);
        }
        Ok(Some(Self { id, algorithm, key }))
    }

    fn fits(&self, algorithm: Algorithm) -> Option<&PublicKey> {
        let key = self.key.as_ref().ok()?;
        let is_for = self.algorithm.is_none_or(|only| only == algorithm);
        (is_for && key.algorithms().contains(&algorithm)).then_some(key)
    }

    fn is_taken_for(&self, other: &Self) -> bool {
        let algorithms = |named: &Self| match (named.algorithm, &named.key) {
            (Some(algorithm), _) => vec![algorithm],
            (None, Ok(key)) => key.algorithms().to_vec(),
            (None, Err(_)) => Vec::new(),
        };
        let others = algorithms(other);
        self.id.is_some()
            && self.id == other.id
            && algorithms(self).iter().any(|one| others.contains(one))
    }
}
