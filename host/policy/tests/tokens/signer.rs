//! An authorization server's keys, and tokens signed with them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signer as _, SigningKey};
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair,
    EcdsaSigningAlgorithm, KeyPair as _, RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaKeyPair,
    RsaPublicKeyComponents,
};
use serde_json::{Value, json};

/// A key of the tests, and of nobody: `openssl genpkey -algorithm RSA`.
const RSA: &[u8] = include_bytes!("rsa-2048.pk8");

pub struct Key {
    pub name: String,
    pair: Pair,
}

enum Pair {
    Rsa(RsaKeyPair),
    P256(EcdsaKeyPair),
    P384(EcdsaKeyPair),
    Ed25519(SigningKey),
}

impl Key {
    pub fn rsa(name: &str) -> Self {
        let pair = Pair::Rsa(RsaKeyPair::from_pkcs8(RSA).unwrap());
        let name = name.to_owned();
        Self { name, pair }
    }

    pub fn p256(name: &str) -> Self {
        let pair = Pair::P256(curve(&ECDSA_P256_SHA256_FIXED_SIGNING));
        let name = name.to_owned();
        Self { name, pair }
    }

    pub fn p384(name: &str) -> Self {
        let pair = Pair::P384(curve(&ECDSA_P384_SHA384_FIXED_SIGNING));
        let name = name.to_owned();
        Self { name, pair }
    }

    pub fn ed25519(name: &str, seed: u8) -> Self {
        let pair = Pair::Ed25519(SigningKey::from_bytes(&[seed; 32]));
        let name = name.to_owned();
        Self { name, pair }
    }

    /// The public key.
    pub fn jwk(&self) -> Value {
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let mut jwk = match &self.pair {
            Pair::Rsa(pair) => {
                let public = RsaPublicKeyComponents::<Vec<u8>>::from(pair.public());
                json!({ "kty": "RSA", "n": text(&public.n), "e": text(&public.e) })
            }
            Pair::P256(pair) | Pair::P384(pair) => {
                let point = pair.public_key().as_ref();
                let (x, y) = point[1..].split_at(point.len() / 2);
                let curve = format!("P-{}", x.len() * 8);
                json!({ "kty": "EC", "crv": curve, "x": text(x), "y": text(y) })
            }
            Pair::Ed25519(key) => {
                let x = text(key.verifying_key().as_bytes());
                json!({ "kty": "OKP", "crv": "Ed25519", "x": x })
            }
        };
        jwk["kid"] = json!(self.name);
        jwk
    }

    /// A signature of the kind of the key; RSA by the algorithm.
    pub fn sign(&self, algorithm: &str, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Rsa(pair) => {
                let padding: &'static dyn ring::signature::RsaEncoding = match algorithm {
                    "PS256" => &RSA_PSS_SHA256,
                    _other => &RSA_PKCS1_SHA256,
                };
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(padding, &random, message, &mut signature)
                    .unwrap();
                signature
            }
            Pair::P256(pair) | Pair::P384(pair) => {
                pair.sign(&random, message).unwrap().as_ref().to_vec()
            }
            Pair::Ed25519(key) => key.sign(message).to_bytes().to_vec(),
        }
    }

    /// A token with this header and these claims.
    pub fn token(&self, header: &Value, claims: &Value) -> String {
        self.token_of(&header.to_string(), &claims.to_string())
    }

    /// The same with texts that may be no JSON.
    pub fn token_of(&self, header: &str, claims: &str) -> String {
        let algorithm = serde_json::from_str::<Value>(header)
            .ok()
            .and_then(|header| header["alg"].as_str().map(str::to_owned));
        let signed = format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(header),
            URL_SAFE_NO_PAD.encode(claims)
        );
        let signature = self.sign(algorithm.as_deref().unwrap_or_default(), signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

fn curve(algorithm: &'static EcdsaSigningAlgorithm) -> EcdsaKeyPair {
    let random = SystemRandom::new();
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
    EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &random).unwrap()
}

/// A JWK Set.
pub fn key_set(keys: &[&Key]) -> Value {
    json!({ "keys": keys.iter().map(|key| key.jwk()).collect::<Vec<_>>() })
}
