//! What is signed of a text, and codes with a secret.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest as _, Sha256, Sha384, Sha512};

use crate::builtins::arguments::{BuiltinError, wrong};

/// What is signed of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Digest {
    Sha256,
    Sha384,
    Sha512,
}

// === impl Digest ===

impl Digest {
    pub(super) fn of(self, text: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha256 => Sha256::digest(text).to_vec(),
            Self::Sha384 => Sha384::digest(text).to_vec(),
            Self::Sha512 => Sha512::digest(text).to_vec(),
        }
    }

    pub(super) fn code(self, secret: &[u8], text: &[u8]) -> Result<Vec<u8>, BuiltinError> {
        macro_rules! code {
            ($digest:ty) => {{
                let code = <Hmac<$digest> as KeyInit>::new_from_slice(secret);
                let mut code = code.map_err(|_| wrong("the key does not fit"))?;
                code.update(text);
                code.finalize().into_bytes().to_vec()
            }};
        }
        Ok(match self {
            Self::Sha256 => code!(Sha256),
            Self::Sha384 => code!(Sha384),
            Self::Sha512 => code!(Sha512),
        })
    }

    pub(super) fn verifies(self, secret: &[u8], text: &[u8], code: &[u8]) -> bool {
        macro_rules! verifies {
            ($digest:ty) => {
                <Hmac<$digest> as KeyInit>::new_from_slice(secret).is_ok_and(|mut whole| {
                    whole.update(text);
                    whole.verify_slice(code).is_ok()
                })
            };
        }
        match self {
            Self::Sha256 => verifies!(Sha256),
            Self::Sha384 => verifies!(Sha384),
            Self::Sha512 => verifies!(Sha512),
        }
    }
}
