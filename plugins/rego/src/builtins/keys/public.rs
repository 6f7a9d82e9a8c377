//! Keys that verify.

/// A curve of NIST.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Curve {
    P256,
    P384,
    P521,
}

/// A key that verifies.
#[derive(Clone, Debug)]
pub(crate) enum PublicKey {
    Rsa {
        modulus: Vec<u8>,
        exponent: Vec<u8>,
    },
    Ec {
        curve: Curve,
        /// As SEC 1 writes it.
        point: Vec<u8>,
    },
    Ed25519([u8; 32]),
    Secret(Vec<u8>),
}

// === impl Curve ===

impl Curve {
    pub(super) fn verifies(self, point: &[u8], digest: &[u8], signature: &[u8]) -> bool {
        macro_rules! verifies {
            ($curve:ident) => {{
                use $curve::ecdsa::signature::hazmat::PrehashVerifier as _;
                let key = $curve::ecdsa::VerifyingKey::from_sec1_bytes(point);
                let signature = $curve::ecdsa::Signature::from_slice(signature);
                match (key, signature) {
                    (Ok(key), Ok(signature)) => key.verify_prehash(digest, &signature).is_ok(),
                    _ => false,
                }
            }};
        }
        match self {
            Self::P256 => verifies!(p256),
            Self::P384 => verifies!(p384),
            Self::P521 => verifies!(p521),
        }
    }
}
