//! What the gate signs in place of a secret (RFC 7523, `private_key_jwt`): who it is, for
//! one authorization server, for a minute, once.

use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gatewright_engine::snapshot::ClientKey;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair,
    RSA_PKCS1_SHA256, RsaKeyPair,
};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::pki_types::pem::PemObject as _;
use serde_json::json;

use crate::upstream::secret::error::SecretError;

/// RFC 7523, 2.2.
pub(super) const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// How long one is good: as long as a request may take on its way.
const LASTS_SECONDS: u64 = 60;

/// Longest key file, in bytes: the largest RSA key takes less than half of it.
const FILE_BYTES_MAX: u64 = 16 << 10;

/// Group and others.
const NOT_THE_OWNER: u32 = 0o077;

/// How private keys begin that are not PKCS #8, and the name of that form.
const OTHER_FORMS: [(&str, &str); 3] = [
    ("BEGIN EC PRIVATE KEY", "as SEC 1 has it"),
    ("BEGIN RSA PRIVATE KEY", "as PKCS #1 has it"),
    ("BEGIN ENCRYPTED PRIVATE KEY", "that is encrypted"),
];

/// A private key that signs.
enum Signer {
    Ed25519(Ed25519KeyPair),
    P256(EcdsaKeyPair),
    P384(EcdsaKeyPair),
    Rsa(Box<RsaKeyPair>),
}

/// A new one.
pub(super) async fn assertion(key: &ClientKey, client_id: &str) -> Result<String, SecretError> {
    let file = key.file.clone();
    let reading = tokio::task::spawn_blocking(move || read(&file));
    let text = reading
        .await
        .map_err(|_| SecretError::new("its key was not read to the end"))??;
    let signer = Signer::of(&text).ok_or_else(|| no_key(&key.file, &text))?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.map_err(|_| SecretError::new("the clock is before 1970"))?;
    let mut id = [0; 16];
    getrandom::fill(&mut id).map_err(|error| SecretError::new(error.to_string()))?;
    let mut header = json!({ "alg": signer.algorithm(), "typ": "JWT" });
    if let (Some(header), Some(name)) = (header.as_object_mut(), &key.id) {
        header.insert("kid".to_owned(), json!(name));
    }
    let claims = json!({
        "iss": client_id,
        "sub": client_id,
        "aud": key.audience,
        "jti": URL_SAFE_NO_PAD.encode(id),
        "iat": now.as_secs(),
        "exp": now.as_secs() + LASTS_SECONDS,
    });
    let signed = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header.to_string()),
        URL_SAFE_NO_PAD.encode(claims.to_string())
    );
    let signature = signer.sign(signed.as_bytes());
    let signature = signature.ok_or_else(|| SecretError::new("its key does not sign"))?;
    Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

/// The text of a key file, which nobody else can read.
fn read(path: &Path) -> Result<Vec<u8>, SecretError> {
    let failed =
        |error: std::io::Error| SecretError::new(format!("file `{}`: {error}", path.display()));
    let file = std::fs::File::open(path).map_err(failed)?;
    let mode = file.metadata().map_err(failed)?.permissions().mode();
    if mode & NOT_THE_OWNER != 0 {
        let why = format!(
            "key file `{0}` can be read by others; hint: chmod 600 {0}",
            path.display()
        );
        return Err(SecretError::new(why));
    }
    let mut text = Vec::new();
    file.take(FILE_BYTES_MAX)
        .read_to_end(&mut text)
        .map_err(failed)?;
    Ok(text)
}

/// Why a file has no key that signs here, and how there is one. Nothing of it is quoted.
fn no_key(path: &Path, pem: &[u8]) -> SecretError {
    let file = path.display();
    let other = OTHER_FORMS.iter().find(|(begins, _)| {
        let mut windows = pem.windows(begins.len());
        windows.any(|window| window == begins.as_bytes())
    });
    SecretError::new(match other {
        Some((begins, form)) => format!(
            "file `{file}` has a private key {form} (`{begins}`), and not PKCS #8 as PEM, not \
             encrypted (`BEGIN PRIVATE KEY`); hint: `openssl pkey -in {file} -out {file}.pk8`, \
             and name that file"
        ),
        None => format!(
            "file `{file}` has no private key that signs here: Ed25519, P-256, P-384, or RSA of \
             2048 bits or more, in PKCS #8 as PEM, not encrypted; hint: `openssl genpkey \
             -algorithm ed25519 -out {file}`"
        ),
    })
}

impl Signer {
    fn of(pem: &[u8]) -> Option<Self> {
        let key = PrivatePkcs8KeyDer::from_pem_slice(pem).ok()?;
        let (der, random) = (key.secret_pkcs8_der(), SystemRandom::new());
        let curve = |algorithm| EcdsaKeyPair::from_pkcs8(algorithm, der, &random).ok();
        let ed25519 = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der).ok();
        ed25519
            .map(Self::Ed25519)
            .or_else(|| curve(&ECDSA_P256_SHA256_FIXED_SIGNING).map(Self::P256))
            .or_else(|| curve(&ECDSA_P384_SHA384_FIXED_SIGNING).map(Self::P384))
            .or_else(|| {
                let rsa = RsaKeyPair::from_pkcs8(der).ok();
                rsa.map(|pair| Self::Rsa(Box::new(pair)))
            })
    }

    const fn algorithm(&self) -> &'static str {
        match self {
            Self::Ed25519(_) => "EdDSA",
            Self::P256(_) => "ES256",
            Self::P384(_) => "ES384",
            Self::Rsa(_) => "RS256",
        }
    }

    fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        let random = SystemRandom::new();
        match self {
            Self::Ed25519(pair) => Some(pair.sign(message).as_ref().to_vec()),
            Self::P256(pair) | Self::P384(pair) => {
                let signature = pair.sign(&random, message).ok()?;
                Some(signature.as_ref().to_vec())
            }
            Self::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature)
                    .ok()?;
                Some(signature)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;

    use ed25519_dalek::{Signature, SigningKey};
    use serde_json::Value;

    use super::*;

    /// From RFC 8410, section 10.3.
    const PUBLISHED: &str = "-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
-----END PRIVATE KEY-----
";

    #[tokio::test]
    async fn an_assertion_says_who_for_whom_and_until_when_and_is_never_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key");
        let mut options = std::fs::File::options();
        let mut written = options
            .create_new(true)
            .write(true)
            .mode(0o600)
            .open(&file)
            .unwrap();
        written.write_all(PUBLISHED.as_bytes()).unwrap();
        let key = ClientKey {
            file,
            id: Some("one".to_owned()),
            audience: "https://login.example.com".to_owned(),
        };
        let made = assertion(&key, "gate").await.unwrap();
        let parts: Vec<_> = made.split('.').collect();
        let decoded = |part: &str| URL_SAFE_NO_PAD.decode(part).unwrap();
        let json = |part: &str| serde_json::from_slice::<Value>(&decoded(part)).unwrap();
        assert_eq!(
            json(parts[0]),
            json!({ "alg": "EdDSA", "typ": "JWT", "kid": "one" })
        );
        let claims = json(parts[1]);
        assert_eq!(claims["iss"], "gate");
        assert_eq!(claims["sub"], "gate");
        assert_eq!(claims["aud"], "https://login.example.com");
        let lasts = claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap();
        assert_eq!(lasts, LASTS_SECONDS);
        let seed: [u8; 32] = [
            0xd4, 0xee, 0x72, 0xdb, 0xf9, 0x13, 0x58, 0x4a, 0xd5, 0xb6, 0xd8, 0xf1, 0xf7, 0x69,
            0xf8, 0xad, 0x3a, 0xfe, 0x7c, 0x28, 0xcb, 0xf1, 0xd4, 0xfb, 0xe0, 0x97, 0xa8, 0x8f,
            0x44, 0x75, 0x58, 0x42,
        ];
        let public = SigningKey::from_bytes(&seed).verifying_key();
        let signature = Signature::from_slice(&decoded(parts[2])).unwrap();
        let signed = format!("{}.{}", parts[0], parts[1]);
        public.verify_strict(signed.as_bytes(), &signature).unwrap();
        let again = assertion(&key, "gate").await.unwrap();
        let again = json(again.split('.').nth(1).unwrap());
        assert_ne!(claims["jti"], again["jti"], "each counts once");
    }
}
