//! An Ed25519 key in a file: PKCS #8 (RFC 8410) as PEM, plain or encrypted
//! (RFC 8018), as OpenSSL writes it; or OpenSSH's own format.

use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use anyhow::{Context as _, anyhow, bail};
use ed25519_dalek::SigningKey;
use gatewright_disk::{self as disk, Access};
use pkcs8::der::asn1::OctetStringRef;
use pkcs8::pkcs5::{pbes2, scrypt};
use pkcs8::spki::AlgorithmIdentifier;
use pkcs8::{
    EncryptedPrivateKeyInfoRef, LineEnding, ObjectIdentifier, PrivateKeyInfoRef, SecretDocument,
};

use super::passphrase::Passphrase;
use crate::failure::Advise as _;

const PLAIN: &str = "PRIVATE KEY";
const ENCRYPTED: &str = "ENCRYPTED PRIVATE KEY";
const OPENSSH: &str = "OPENSSH PRIVATE KEY";

/// Ed25519 (RFC 8410, 3).
const ALGORITHM: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");

/// What stands before the 32 bytes of a key: it is an octet string in another one
/// (RFC 8410, 7).
const PREFIX: [u8; 2] = [0x04, 0x20];

/// scrypt with 16 MiB (2^14, 8) five times over: what OWASP recommends where
/// memory is bounded, and what OpenSSL reads without being told.
const SCRYPT: (u8, u32, u32) = (14, 8, 5);

/// Longest key file, in bytes: a key takes a few hundred.
const FILE_BYTES_MAX: u64 = 8192;

/// Group and others.
const NOT_THE_OWNER: u32 = 0o077;

/// Writes a key to a new file that only its owner can read, encrypted where there
/// is a passphrase.
pub(crate) fn create(
    path: &Path,
    key: &SigningKey,
    passphrase: Option<&str>,
) -> anyhow::Result<()> {
    let pem = encode(key, passphrase)?;
    disk::create(path, Access::Owner, pem.as_bytes())
        .map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => anyhow!("`{}` exists already", path.display()),
            _ => anyhow!("`{}` cannot be made: {error}", path.display()),
        })
        .hint(
            "choose another file name, or print the did:key of that key with `gatewright key show`",
        )
}

/// Reads a key. A file that others can read is refused.
pub(crate) fn read(path: &Path, passphrase: &Passphrase) -> anyhow::Result<SigningKey> {
    let file = File::open(path)
        .with_context(|| format!("key file `{}` cannot be read", path.display()))
        .hint("`gatewright key new <file>` makes one that signs packs, `gatewright credential key <file>` one that issues credentials")?;
    let mode = file.metadata()?.permissions().mode();
    if mode & NOT_THE_OWNER != 0 {
        return Err(anyhow!(
            "key file `{}` can be read by others",
            path.display()
        ))
        .hint(format!("chmod 600 {}", path.display()));
    }
    let mut text = String::new();
    file.take(FILE_BYTES_MAX)
        .read_to_string(&mut text)
        .with_context(|| format!("key file `{}` cannot be read", path.display()))?;
    parse(&text, || passphrase.for_key(path)).with_context(|| format!("`{}`", path.display()))
}

fn encode(key: &SigningKey, passphrase: Option<&str>) -> anyhow::Result<String> {
    let mut octets = PREFIX.to_vec();
    octets.extend_from_slice(key.as_bytes());
    let algorithm = AlgorithmIdentifier {
        oid: ALGORITHM,
        parameters: None,
    };
    let failed = |error: &dyn std::fmt::Display| anyhow!("the key cannot be written: {error}");
    let octets = OctetStringRef::new(&octets).map_err(|error| failed(&error))?;
    let info = PrivateKeyInfoRef::new(algorithm, octets);
    let pem = match passphrase {
        None => SecretDocument::encode_msg(&info)
            .and_then(|document| document.to_pem(PLAIN, LineEnding::LF))
            .map_err(|error| failed(&error))?,
        Some(passphrase) => {
            let (mut salt, mut iv) = ([0; 16], [0; 16]);
            getrandom::fill(&mut salt)?;
            getrandom::fill(&mut iv)?;
            let (log_n, r, p) = SCRYPT;
            let params = scrypt::Params::new(log_n, r, p).map_err(|error| failed(&error))?;
            let params = pbes2::Parameters::generate_scrypt_aes256cbc(params, &salt, iv)
                .map_err(|error| failed(&error))?;
            info.encrypt_with_params(params, passphrase)
                .map_err(|error| failed(&error))?
                .to_pem(ENCRYPTED, LineEnding::LF)
                .map_err(|error| failed(&error))?
        }
    };
    Ok(pem.to_string())
}

/// Causes could quote the key, so they are not passed on.
fn parse(
    text: &str,
    passphrase: impl FnOnce() -> anyhow::Result<String>,
) -> anyhow::Result<SigningKey> {
    let text = text.trim();
    let label = text
        .strip_prefix("-----BEGIN ")
        .and_then(|rest| rest.split_once("-----"))
        .map(|(label, _)| label);
    match label {
        Some(PLAIN) => {
            let document = SecretDocument::from_pem(text).ok();
            let key = document.and_then(|(_, document)| of_pkcs8(document.as_bytes()));
            key.ok_or_else(|| anyhow!("not an Ed25519 private key"))
                .hint(MAKES)
        }
        Some(ENCRYPTED) => of_encrypted(text, passphrase),
        Some(OPENSSH) => of_openssh(text, passphrase),
        Some(_) | None => Err(anyhow!("not a PEM file with one private key")).hint(MAKES),
    }
}

const MAKES: &str = "`gatewright key new <file>`, `openssl genpkey -algorithm ed25519` and `ssh-keygen -t ed25519` make one";

fn of_pkcs8(der: &[u8]) -> Option<SigningKey> {
    let info = PrivateKeyInfoRef::try_from(der).ok()?;
    if info.algorithm.oid != ALGORITHM || info.algorithm.parameters.is_some() {
        return None;
    }
    let seed = info.private_key.as_bytes().strip_prefix(&PREFIX)?;
    let key = SigningKey::from_bytes(&<[u8; 32]>::try_from(seed).ok()?);
    // A public key beside it that is another one's says that the file is damaged.
    let public = info.public_key.and_then(|bits| bits.as_bytes());
    public
        .is_none_or(|public| public == key.verifying_key().as_bytes())
        .then_some(key)
}

fn of_encrypted(
    text: &str,
    passphrase: impl FnOnce() -> anyhow::Result<String>,
) -> anyhow::Result<SigningKey> {
    let document = SecretDocument::from_pem(text).ok();
    let Some((_, document)) = document else {
        bail!("not an encrypted private key");
    };
    let Ok(info) = EncryptedPrivateKeyInfoRef::try_from(document.as_bytes()) else {
        bail!("not an encrypted private key");
    };
    let Ok(decrypted) = info.decrypt(passphrase()?) else {
        bail!("the passphrase does not open the key");
    };
    of_pkcs8(decrypted.as_bytes()).ok_or_else(|| anyhow!("not an Ed25519 private key"))
}

fn of_openssh(
    text: &str,
    passphrase: impl FnOnce() -> anyhow::Result<String>,
) -> anyhow::Result<SigningKey> {
    let Ok(mut key) = ssh_key::PrivateKey::from_openssh(text) else {
        bail!("not an OpenSSH private key");
    };
    if key.is_encrypted() {
        key = match key.decrypt(passphrase()?) {
            Ok(key) => key,
            Err(_) => bail!("the passphrase does not open the key"),
        };
    }
    match key.key_data().ed25519() {
        Some(pair) => Ok(SigningKey::from_bytes(&pair.private.to_bytes())),
        None => bail!("not an Ed25519 private key"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    /// From RFC 8410, section 10.3.
    const PUBLISHED: &str = "-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
-----END PRIVATE KEY-----
";

    fn nobody() -> anyhow::Result<String> {
        bail!("nobody was to be asked")
    }

    #[test]
    fn the_key_of_the_rfc_is_read() {
        let key = parse(PUBLISHED, nobody).unwrap();
        let public = key.verifying_key();
        assert_eq!(
            STANDARD.encode(public.as_bytes()),
            "Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE="
        );
        assert_eq!(encode(&key, None).unwrap(), PUBLISHED);
    }

    #[test]
    fn an_encrypted_key_opens_with_its_passphrase_alone() {
        let key = parse(PUBLISHED, nobody).unwrap();
        let pem = encode(&key, Some("correct")).unwrap();
        assert!(pem.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----"));
        assert_ne!(pem, encode(&key, Some("correct")).unwrap());
        let read = |word: &str| parse(&pem, || Ok(word.to_owned()));
        assert_eq!(read("correct").unwrap().to_bytes(), key.to_bytes());
        for wrong in ["", "Correct", "correct "] {
            let error = format!("{:#}", read(wrong).unwrap_err());
            assert_eq!(error, "the passphrase does not open the key");
        }
    }

    #[test]
    fn other_text_is_refused_without_repeating_it() {
        let cut = PUBLISHED.replace("VhC", "Vh");
        let rsa = PUBLISHED.replace("MC4CAQAwBQYDK2Vw", "MC4CAQAwBQYDK2Vu");
        let openssh = PUBLISHED.replace("PRIVATE", "OPENSSH PRIVATE");
        let encrypted = PUBLISHED.replace("PRIVATE", "ENCRYPTED PRIVATE");
        let begin = "-----BEGIN PRIVATE KEY-----";
        for text in ["", "secret", begin, &cut, &rsa, &openssh, &encrypted] {
            let error = format!("{:#}", parse(text, nobody).unwrap_err());
            assert!(error.starts_with("not a"), "{error}");
            assert!(!error.contains("7tst"), "{error}");
        }
    }
}
