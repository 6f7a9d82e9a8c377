//! The public key of a passkey, in the one form that CTAP 2 lets an authenticator write.

use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ED25519, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents,
    UnparsedPublicKey,
};

use super::PasskeyError;

/// A public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PublicKey {
    /// ECDSA on P-256 with SHA-256: both coordinates.
    Es256([u8; 64]),
    /// EdDSA on Curve25519.
    Ed25519([u8; 32]),
    /// RSASSA-PKCS1-v1_5 with SHA-256, 2048 bits, exponent 65537: what the chips of some
    /// machines have. The modulus.
    Rs256(Box<[u8; 256]>),
}

/// `{1: 2, 3: -7, -1: 1, -2: h'` and 32 bytes.
const ES256: [u8; 10] = [0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 0x20];

/// `', -3: h'` and 32 bytes more.
const ES256_Y: [u8; 3] = [0x22, 0x58, 0x20];

/// `{1: 1, 3: -8, -1: 6, -2: h'` and 32 bytes.
const ED25519_X: [u8; 10] = [0xa4, 1, 1, 3, 0x27, 0x20, 6, 0x21, 0x58, 0x20];

/// `{1: 3, 3: -257, -1: h'` and 256 bytes.
const RS256_N: [u8; 11] = [0xa4, 1, 3, 3, 0x39, 1, 0, 0x20, 0x59, 1, 0];

/// `', -2: h'010001'}`
const RS256_E: [u8; 5] = [0x21, 0x43, 1, 0, 1];

/// The exponent 65537.
const EXPONENT: [u8; 3] = [1, 0, 1];

/// Marks a point with both coordinates (SEC 1).
const UNCOMPRESSED: u8 = 4;

impl PublicKey {
    /// Reads a COSE key (RFC 9052) in CTAP 2's canonical form, and gives what comes after.
    pub fn read(bytes: &[u8]) -> Result<(Self, &[u8]), PasskeyError> {
        if let Some(rest) = bytes.strip_prefix(&ES256) {
            let (x, rest) = coordinate::<32>(rest)?;
            let rest = rest.strip_prefix(&ES256_Y).ok_or(PasskeyError::Malformed)?;
            let (y, rest) = coordinate::<32>(rest)?;
            let mut point = [0; 64];
            for (to, from) in point.iter_mut().zip(x.iter().chain(&y)) {
                *to = *from;
            }
            return Ok((Self::Es256(point), rest));
        }
        if let Some(rest) = bytes.strip_prefix(&RS256_N) {
            let (modulus, rest) = coordinate(rest)?;
            let rest = rest.strip_prefix(&RS256_E).ok_or(PasskeyError::Algorithm)?;
            return Ok((Self::Rs256(Box::new(modulus)), rest));
        }
        let rest = bytes
            .strip_prefix(&ED25519_X)
            .ok_or(PasskeyError::Algorithm)?;
        let (x, rest) = coordinate(rest)?;
        Ok((Self::Ed25519(x), rest))
    }

    /// The COSE key.
    pub fn to_cose(&self) -> Vec<u8> {
        match self {
            Self::Es256(point) => {
                let (x, y) = point.split_at(32);
                [&ES256, x, &ES256_Y, y].concat()
            }
            Self::Ed25519(x) => [&ED25519_X[..], x].concat(),
            Self::Rs256(modulus) => [&RS256_N[..], &**modulus, &RS256_E].concat(),
        }
    }

    /// Whether a signature is this key's.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), PasskeyError> {
        let verified = match self {
            Self::Es256(point) => {
                let point = [&[UNCOMPRESSED][..], point].concat();
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point).verify(message, signature)
            }
            Self::Ed25519(key) => UnparsedPublicKey::new(&ED25519, key).verify(message, signature),
            Self::Rs256(modulus) => {
                let (n, e) = (&modulus[..], &EXPONENT[..]);
                let key = RsaPublicKeyComponents { n, e };
                key.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
            }
        };
        verified.map_err(|ring::error::Unspecified| PasskeyError::Signature)
    }
}

fn coordinate<const N: usize>(bytes: &[u8]) -> Result<([u8; N], &[u8]), PasskeyError> {
    let (first, rest) = bytes.split_first_chunk().ok_or(PasskeyError::Malformed)?;
    Ok((*first, rest))
}

/// A key in JSON.
pub(super) mod cose {
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    use super::PublicKey;
    use crate::passkey::{decoded, encoded};

    pub(crate) fn serialize<S: Serializer>(
        key: &PublicKey,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&encoded(&key.to_cose()))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<PublicKey, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = decoded(&text);
        let read = bytes.as_deref().map(PublicKey::read);
        match read {
            Some(Ok((key, []))) => Ok(key),
            Some(_) | None => Err(D::Error::custom("expected a COSE key in base64url")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_as_it_is_written() {
        for key in [
            PublicKey::Es256([7; 64]),
            PublicKey::Ed25519([9; 32]),
            PublicKey::Rs256(Box::new([8; 256])),
        ] {
            let mut bytes = key.to_cose();
            assert_eq!(PublicKey::read(&bytes), Ok((key.clone(), &[][..])));
            bytes.push(1);
            assert_eq!(PublicKey::read(&bytes), Ok((key, &[1][..])));
            for cut in 0..bytes.len() - 1 {
                assert!(PublicKey::read(&bytes[..cut]).is_err(), "cut at {cut}");
            }
        }
    }

    #[test]
    fn a_signature_by_rsa_is_verified() {
        // Made with OpenSSL.
        let modulus = crate::passkey::decoded(
            "xoRd5L1MhwnO56Ljc4QgL4ZUGcY5NeSWB-pO7yAaEbCc_WGvQfDFybJpOP9h0e6RcewvJh2fcUZj\
            RSSQ8F47iSRxYKX2r3t3U41IlOeXPHyVYv-SuNrMYsscfuIMYEmaJU92LbenuBFeSs8vfeU-MnBW\
            bjuhpNSc5FdPSVRJoco0U9jKqxDKbQ_kn0p4fU8nQPgyIImee2IB1WgLtNF4wC_6uL3vtqKDLn1t\
            Co-_IzUSu-cTkaaEKAVUq6bteII730K7235Heg0qa0D9kixeqFSimaiSlUZpZFIuECcHEuur3Qob\
            1NZGjmisGYXMyK1H8aNfuWD77RQJRo3FKfRbUw",
        );
        let signature = crate::passkey::decoded(
            "ZTjPA9zx2Q1Gk6nV99YDP6nuMria5Jaw6VLK20x-L3Xmq-wtPL2k2Bq--jhe31iNDyGX-IqUAEef\
            pAVjTwKIzNdIh7eK5ulxAqgcyVyVZkos753ygAQwzay92GE28HcG2f7TTzLQ0jIa1IPhbcgDVlQ2\
            uIernasiINwEaUhPXvwxmyIR3gXq8YYF_A10sXY0TK6N-7DPRG6RCriCBI0y1yywDrYRN4o5Xtqo\
            fB2G7mc5GkXXz8AFFOZiImImaweqbnvDHvXl9XahHd13H85NgpXagxD-KDr4dbqyBwXBLi1DIOdx\
            s7pbBqlTn2N08ZES_6tXOG2m6LHhf5H-PgA9RQ",
        );
        let modulus: Box<[u8; 256]> = modulus.unwrap().into_boxed_slice().try_into().unwrap();
        let (key, mut signature) = (PublicKey::Rs256(modulus), signature.unwrap());
        assert_eq!(key.verify(b"gatewright", &signature), Ok(()));
        let other = key.verify(b"gatewrigh", &signature);
        assert_eq!(other, Err(PasskeyError::Signature));
        signature[7] ^= 1;
        let changed = key.verify(b"gatewright", &signature);
        assert_eq!(changed, Err(PasskeyError::Signature));
    }

    #[test]
    fn keys_of_other_kinds_are_refused() {
        // RS512, and ES256 with its members in another order.
        let rsa = [0xa4, 1, 3, 3, 0x39, 2, 0];
        let odd = [0xa5, 3, 0x26, 1, 2, 0x20, 1, 0x21, 0x58, 0x20];
        for bytes in [&rsa[..], &odd] {
            assert_eq!(PublicKey::read(bytes), Err(PasskeyError::Algorithm));
        }
    }
}
