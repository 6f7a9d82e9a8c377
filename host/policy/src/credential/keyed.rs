//! What the holder of a credential signs: a compact JWS whose header brings the key. The
//! key proves nothing by itself; it counts where it is the one that a credential binds.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::algorithm::Algorithm;
use super::holder::HolderKey;
use super::jwk::{KeyError, PublicKey};
use super::keyed_error::KeyedError;
use crate::json::{Document, JsonLimits};

/// How a holder may sign.
pub const HOLDER_ALGORITHMS: [Algorithm; 2] = [Algorithm::EdDsa, Algorithm::Es256];

/// What a header may have. A member that is overlooked could say another key, or that
/// more must be understood.
const HEADER: [&str; 4] = ["typ", "alg", "jwk", "kid"];

/// A JWS of a holder. Nothing of it is verified.
pub(super) struct Keyed<'a> {
    pub(super) payload: Document,
    signed: &'a str,
    signature: Vec<u8>,
    algorithm: Algorithm,
    key: PublicKey,
}

impl<'a> Keyed<'a> {
    /// Takes apart what must be of a type.
    pub(super) fn read(token: &'a str, typ: &str, bytes_max: usize) -> Result<Self, KeyedError> {
        if token.len() > bytes_max {
            return Err(KeyedError::TooLong);
        }
        let limits = JsonLimits {
            bytes_max,
            depth_max: 32,
            nodes_max: 8192,
        };
        let bad = || KeyedError::NotCompactJws;
        let (signed, signature) = token.rsplit_once('.').ok_or_else(bad)?;
        let (header, payload) = signed.split_once('.').ok_or_else(bad)?;
        let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| bad());
        let header = Document::parse_bytes(&decode(header)?, &limits)?;
        let header = header.root();
        if header.members().any(|(name, _)| !HEADER.contains(&&*name)) {
            return Err(KeyedError::Header);
        }
        let text = |name| header.get(name).and_then(|member| member.as_text());
        if !text("typ").is_some_and(|said| said.eq_ignore_ascii_case(typ)) {
            return Err(KeyedError::OtherType);
        }
        let algorithm = text("alg").and_then(|name| Algorithm::named(&name));
        let algorithm = algorithm
            .filter(|algorithm| HOLDER_ALGORITHMS.contains(algorithm))
            .ok_or(KeyedError::Algorithm)?;
        let key = header.get("jwk").ok_or(KeyError::Malformed)?;
        let key = PublicKey::of_jwk(key)?;
        if !key.algorithms().contains(&algorithm) {
            return Err(KeyedError::Algorithm);
        }
        Ok(Self {
            payload: Document::parse_bytes(&decode(payload)?, &limits)?,
            signature: decode(signature)?,
            signed,
            algorithm,
            key,
        })
    }

    /// Whether the holder of this key signed it.
    pub(super) fn verify(&self, holder: &HolderKey) -> Result<(), KeyedError> {
        if self.key.thumbprint() != holder.as_str() {
            return Err(KeyedError::OtherKey);
        }
        let signed = self.signed.as_bytes();
        match self.key.verifies(self.algorithm, signed, &self.signature) {
            true => Ok(()),
            false => Err(KeyedError::BadSignature),
        }
    }
}
