//! How the gate proves to an authorization server who it is: by a secret (RFC 6749, 2.3.1),
//! by a signature (RFC 7523), or not at all.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gatewright_engine::snapshot::{ClientKey, ClientProof};
use hyper::header::HeaderValue;

use super::assertion::{ASSERTION_TYPE, assertion};
use super::form::encoded;
use crate::upstream::secret::error::SecretError;
use crate::upstream::secret::stored::Stored;

/// The gate, as an authorization server knows it.
#[derive(Debug)]
pub(crate) struct Client {
    id: String,
    proof: Proof,
}

#[derive(Debug)]
enum Proof {
    Nothing,
    Basic(Stored),
    Post(Stored),
    Key(ClientKey),
}

/// What goes into a form, and beside it, so that the authorization server knows the gate.
pub(crate) struct Proved {
    pub(crate) fields: Vec<(&'static str, String)>,
    pub(crate) authorization: Option<HeaderValue>,
}

impl Client {
    /// Reads nothing yet.
    pub(crate) fn new(id: &str, proof: &ClientProof) -> Self {
        Self {
            id: id.to_owned(),
            proof: match proof {
                ClientProof::Nothing => Proof::Nothing,
                ClientProof::Basic(secret) => Proof::Basic(Stored::new(secret.clone())),
                ClientProof::Post(secret) => Proof::Post(Stored::new(secret.clone())),
                ClientProof::Key(key) => Proof::Key(key.clone()),
            },
        }
    }

    /// The proof for one request. Secret and key are read each time: whoever changes them
    /// wants the next request to have the new one.
    pub(crate) async fn prove(&self) -> Result<Proved, SecretError> {
        let id = ("client_id", self.id.clone());
        let (fields, authorization) = match &self.proof {
            Proof::Nothing => (vec![id], None),
            Proof::Basic(secret) => {
                secret.forget();
                (Vec::new(), Some(basic(&self.id, &secret.text().await?)?))
            }
            Proof::Post(secret) => {
                secret.forget();
                (vec![id, ("client_secret", secret.text().await?)], None)
            }
            Proof::Key(key) => {
                let kind = ("client_assertion_type", ASSERTION_TYPE.to_owned());
                let signed = assertion(key, &self.id).await?;
                (vec![id, kind, ("client_assertion", signed)], None)
            }
        };
        Ok(Proved {
            fields,
            authorization,
        })
    }
}

/// RFC 6749, 2.3.1: both are encoded as in a form first.
fn basic(id: &str, secret: &str) -> Result<HeaderValue, SecretError> {
    let pair = format!("{}:{}", encoded(id), encoded(secret));
    let value = HeaderValue::from_str(&format!("Basic {}", STANDARD.encode(pair)));
    let mut value = value.map_err(|_| SecretError::new("its client secret is no header value"))?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use gatewright_engine::snapshot::StoredSecret;

    use super::*;

    #[tokio::test]
    async fn a_secret_goes_into_a_header_or_a_form_and_is_read_each_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        std::fs::write(&path, "s/3+\n").unwrap();
        let stored = StoredSecret::File(path.clone());
        let client = Client::new("gate way", &ClientProof::Basic(stored.clone()));
        let proved = client.prove().await.unwrap();
        let header = proved.authorization.unwrap();
        assert!(header.is_sensitive() && proved.fields.is_empty());
        let expected = format!("Basic {}", STANDARD.encode("gate+way:s%2F3%2B"));
        assert_eq!(header.to_str().unwrap(), expected);
        let client = Client::new("gate", &ClientProof::Post(stored));
        for secret in ["s/3+", "next"] {
            std::fs::write(&path, secret).unwrap();
            let proved = client.prove().await.unwrap();
            assert!(proved.authorization.is_none());
            let expected = [("client_id", "gate"), ("client_secret", secret)];
            let fields = proved.fields.iter().map(|(name, it)| (*name, it.as_str()));
            assert!(fields.eq(expected), "{secret}");
        }
        let public = Client::new("gate", &ClientProof::Nothing);
        let proved = public.prove().await.unwrap();
        assert_eq!(proved.fields, [("client_id", "gate".to_owned())]);
        assert!(proved.authorization.is_none());
    }

    #[tokio::test]
    async fn a_key_that_others_can_read_or_that_is_none_proves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key");
        let key = ClientKey {
            file: file.clone(),
            id: None,
            audience: "https://login.example.com".to_owned(),
        };
        let client = Client::new("gate", &ClientProof::Key(key));
        let published = "-----BEGIN PRIVATE KEY-----\n\
             MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n\
             -----END PRIVATE KEY-----\n";
        for (text, mode, expected) in [
            (None, 0o600, "No such file"),
            (Some(published), 0o640, "can be read by others"),
            (Some("s3cret"), 0o600, "no private key"),
            (
                Some(
                    "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n-----BEGIN EC PRIVATE KEY-----\nczNjcmV0\n-----END EC PRIVATE KEY-----\n",
                ),
                0o600,
                "as SEC 1 has it (`BEGIN EC PRIVATE KEY`), and not PKCS #8",
            ),
            (
                Some("-----BEGIN RSA PRIVATE KEY-----\nczNjcmV0\n-----END RSA PRIVATE KEY-----\n"),
                0o600,
                "hint: `openssl pkey -in ",
            ),
            (
                Some(
                    "-----BEGIN ENCRYPTED PRIVATE KEY-----\nczNjcmV0\n-----END ENCRYPTED PRIVATE KEY-----\n",
                ),
                0o600,
                "that is encrypted",
            ),
            (
                Some("-----BEGIN PRIVATE KEY-----\nczNjcmV0\n-----END PRIVATE KEY-----\n"),
                0o600,
                "no private key",
            ),
        ] {
            if let Some(text) = text {
                std::fs::write(&file, text).unwrap();
                std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
            }
            let error = client.prove().await.err().unwrap().to_string();
            assert!(error.contains(expected), "{error}");
            assert!(
                !error.contains("s3cret") && !error.contains("czNj"),
                "{error}"
            );
        }
    }
}
