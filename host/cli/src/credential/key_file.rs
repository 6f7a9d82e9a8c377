//! An Ed25519 key in a file: PKCS #8 (RFC 8410) as PEM, as OpenSSL writes it.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use anyhow::{Context as _, anyhow, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::SigningKey;

use crate::failure::Advise as _;

const BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
const END: &str = "-----END PRIVATE KEY-----";

/// What stands before the 32 bytes of a key without attributes (RFC 8410, 7).
const PREFIX: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];

/// Longest key file, in bytes: a key takes 119.
const FILE_BYTES_MAX: u64 = 4096;

/// Group and others.
const NOT_THE_OWNER: u32 = 0o077;

/// Writes a key to a new file that only its owner can read.
pub(super) fn create(path: &Path, key: &SigningKey) -> anyhow::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => anyhow!("`{}` exists already", path.display()),
            _ => anyhow!("`{}` cannot be made: {error}", path.display()),
        })
        .hint("choose another file name, or print the did:key of that key with `--show`")?;
    let mut bytes = PREFIX.to_vec();
    bytes.extend_from_slice(key.as_bytes());
    writeln!(file, "{BEGIN}\n{}\n{END}", STANDARD.encode(bytes))
        .and_then(|()| file.sync_all())
        .with_context(|| format!("`{}` cannot be written", path.display()))
}

/// Reads a key. A file that others can read is refused.
pub(super) fn read(path: &Path) -> anyhow::Result<SigningKey> {
    let file = File::open(path)
        .with_context(|| format!("key file `{}` cannot be read", path.display()))
        .hint("make a key with `gatewright credential key <file>`")?;
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
    parse(&text)
        .with_context(|| format!("`{}`", path.display()))
        .hint(
            "`gatewright credential key <file>` and `openssl genpkey -algorithm ed25519` make one",
        )
}

fn parse(text: &str) -> anyhow::Result<SigningKey> {
    let body = text
        .trim()
        .strip_prefix(BEGIN)
        .and_then(|rest| rest.strip_suffix(END));
    let Some(body) = body else {
        bail!("not a PEM file with one private key");
    };
    let body: String = body.split_whitespace().collect();
    let key = STANDARD
        .decode(body)
        .ok()
        .and_then(|bytes| <[u8; 32]>::try_from(bytes.strip_prefix(&PREFIX)?).ok());
    // The cause could quote the key, so it is not passed on.
    key.map_or_else(
        || Err(anyhow!("not an Ed25519 private key")),
        |seed| Ok(SigningKey::from_bytes(&seed)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From RFC 8410, section 10.3.
    const PUBLISHED: &str = "-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
-----END PRIVATE KEY-----
";

    #[test]
    fn the_key_of_the_rfc_is_read() {
        let public = parse(PUBLISHED).unwrap().verifying_key();
        assert_eq!(
            STANDARD.encode(public.as_bytes()),
            "Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE="
        );
    }

    #[test]
    fn other_text_is_refused_without_repeating_it() {
        let cut = PUBLISHED.replace("VhC", "Vh");
        let rsa = PUBLISHED.replace("MC4CAQAwBQYDK2Vw", "MC4CAQAwBQYDK2Vu");
        for text in ["", "secret", BEGIN, &cut, &rsa] {
            let error = format!("{:#}", parse(text).unwrap_err());
            assert!(error.starts_with("not a"), "{error}");
            assert!(!error.contains("7tst"), "{error}");
        }
    }
}
