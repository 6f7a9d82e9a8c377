//! The folder of an issuer: its keys, and what it publishes about them.
//!
//! The next key is published long before it signs anything, so that whoever verifies knows it
//! then; a key that was replaced stays published until everything that it signed has ended.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use ed25519_dalek::SigningKey;
use gatewright_disk::{Access, Files, Lock, Target, replace};
use gatewright_policy::Timestamp;
use gatewright_policy::credential::{
    Algorithm, KeySet, KeyUse, Signer, TrustAnchor, did_key, jwk, public_key,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::failure::Advise as _;
use crate::key::file;
use crate::key::passphrase::Passphrase;

/// Who has the folder open lets go of it within this time.
const LOCK_WAIT_MAX: Duration = Duration::from_secs(10);

/// Longest `issuer.json`, in bytes.
const STATE_BYTES_MAX: u64 = 256 << 10;

/// An issuer, and nobody else who changes it meanwhile.
pub(crate) struct Folder {
    path: PathBuf,
    state: State,
    _lock: Lock,
}

/// `issuer.json`. Private keys lie beside it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct State {
    /// How credentials name the issuer.
    pub(super) id: String,
    /// How many keys there were so far.
    made: u64,
    pub(super) keys: Vec<Key>,
}

/// A key, as others know it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Key {
    /// How headers name it (`kid`).
    pub(super) name: String,
    /// As a `did:key`.
    pub(super) key: String,
    pub(super) state: KeyState,
    /// Since when it is published.
    pub(super) since: Timestamp,
    /// When the last of what it signed ends.
    pub(super) until: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum KeyState {
    /// It signs.
    Current,
    /// It is going to.
    Next,
    /// It did, and does not any more.
    Retired,
}

impl KeyState {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Next => "next",
            Self::Retired => "retired",
        }
    }
}

impl Folder {
    /// A new issuer with a key that signs and the next one.
    pub(super) fn create(path: &Path, id: &str, now: Timestamp) -> anyhow::Result<Self> {
        if path.join("issuer.json").exists() {
            return Err(anyhow!("`{}` has an issuer already", path.display()))
                .hint("choose another folder");
        }
        let named = || format!("`{}` cannot be made", path.display());
        for (folder, access) in [
            (path.join("public"), Access::Usual),
            (path.join("keys"), Access::Owner),
        ] {
            Files.create_folders(&folder, access).with_context(named)?;
        }
        let mut folder = Self {
            path: path.to_owned(),
            state: State {
                id: id.to_owned(),
                made: 0,
                keys: Vec::new(),
            },
            _lock: lock(path)?,
        };
        folder.make(KeyState::Current, now)?;
        folder.make(KeyState::Next, now)?;
        folder.save()?;
        Ok(folder)
    }

    /// One that exists. What ended since is let go of.
    pub(crate) fn open(path: &Path, now: Timestamp) -> anyhow::Result<Self> {
        let file = path.join("issuer.json");
        let name = file.display();
        let length = std::fs::metadata(&file)
            .with_context(|| format!("`{name}`"))
            .hint("`gatewright issuer new` makes an issuer")?
            .len();
        if length > STATE_BYTES_MAX {
            return Err(anyhow!("`{name}` is no issuer: it is too long"));
        }
        let lock = lock(path)?;
        let text = std::fs::read_to_string(&file).with_context(|| format!("`{name}`"))?;
        let state = serde_json::from_str(&text).with_context(|| format!("`{name}`"))?;
        let mut folder = Self {
            path: path.to_owned(),
            state,
            _lock: lock,
        };
        folder.state.keys.retain(|key| {
            key.state != KeyState::Retired || key.until.is_some_and(|until| now < until)
        });
        folder.save()?;
        Ok(folder)
    }

    pub(super) const fn state(&self) -> &State {
        &self.state
    }

    /// The key that signs, for something that ends at a time. What is signed is covered
    /// before it exists: the key stays published until then.
    pub(crate) fn signer(&mut self, ends: Timestamp) -> anyhow::Result<Signer> {
        let current = self
            .state
            .keys
            .iter_mut()
            .find(|key| key.state == KeyState::Current);
        let current = current.ok_or_else(|| anyhow!("the issuer has no key that signs"))?;
        current.until = current.until.max(Some(ends));
        let (name, public) = (current.name.clone(), current.key.clone());
        let key = file::read(&self.key_file(&name), &Passphrase::default())?;
        if did_key(&key.verifying_key()) != public {
            return Err(anyhow!(
                "`{}` is another key",
                self.key_file(&name).display()
            ));
        }
        self.save()?;
        Ok(Signer::named(&self.state.id, &name, &key))
    }

    /// How a gate trusts what this issuer signed.
    pub(crate) fn anchor(&self) -> anyhow::Result<TrustAnchor> {
        let keys = KeySet::parse(self.jwks()?.to_string().as_bytes(), KeyUse::Signature)?;
        // Of any key; all but the keys are the same then.
        let first = self.state.keys.first().map_or("", |key| key.key.as_str());
        Ok(TrustAnchor {
            issuer: self.state.id.clone(),
            keys: keys.into(),
            algorithms: vec![Algorithm::EdDsa],
            ..TrustAnchor::of_did(first)?
        })
    }

    /// The next key signs from now on, and another one is published.
    pub(super) fn rotate(&mut self, known_after: Duration, now: Timestamp) -> anyhow::Result<()> {
        let next = self
            .state
            .keys
            .iter()
            .find(|key| key.state == KeyState::Next);
        let next = next.ok_or_else(|| anyhow!("the issuer has no next key"))?;
        let known = next.since.plus(known_after);
        if now < known {
            return Err(anyhow!(
                "the next key is published since {} alone",
                next.since
            ))
            .hint(format!(
                "whoever verifies knows it from {known} on; `--known-after` says how long \
                     that takes"
            ));
        }
        for key in &mut self.state.keys {
            key.state = match key.state {
                KeyState::Current | KeyState::Retired => KeyState::Retired,
                KeyState::Next => KeyState::Current,
            };
        }
        let counts = |key: &Key| key.until.is_some_and(|until| now < until);
        self.state
            .keys
            .retain(|key| key.state != KeyState::Retired || counts(key));
        self.make(KeyState::Next, now)?;
        self.save()?;
        self.forget_private_keys()
    }

    /// No key counts any more that there was, and nothing that one of them signed: who has
    /// the one that signs has the next one, too, which lies beside it.
    pub(super) fn distrust(&mut self, now: Timestamp) -> anyhow::Result<()> {
        self.state.keys.clear();
        self.make(KeyState::Current, now)?;
        self.make(KeyState::Next, now)?;
        self.save()?;
        self.forget_private_keys()
    }

    /// A new key. Its file is there before anything names it.
    fn make(&mut self, state: KeyState, now: Timestamp) -> anyhow::Result<()> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed)?;
        let key = SigningKey::from_bytes(&seed);
        self.state.made += 1;
        let name = format!("key-{}", self.state.made);
        let path = self.key_file(&name);
        if path.exists() {
            // Of a run that ended before anything named it.
            std::fs::remove_file(&path).with_context(|| format!("`{}`", path.display()))?;
        }
        file::create(&path, &key, None)?;
        self.state.keys.push(Key {
            name,
            key: did_key(&key.verifying_key()),
            state,
            since: now,
            until: None,
        });
        Ok(())
    }

    /// What a key that was replaced could sign nobody needs.
    fn forget_private_keys(&self) -> anyhow::Result<()> {
        let folder = self.path.join("keys");
        for entry in
            std::fs::read_dir(&folder).with_context(|| format!("`{}`", folder.display()))?
        {
            let path = entry?.path();
            let signs =
                |key: &Key| key.state != KeyState::Retired && self.key_file(&key.name) == path;
            if !self.state.keys.iter().any(signs) {
                std::fs::remove_file(&path).with_context(|| format!("`{}`", path.display()))?;
            }
        }
        Ok(())
    }

    /// First what is true, then what others read of it.
    fn save(&self) -> anyhow::Result<()> {
        let state = serde_json::to_string_pretty(&self.state)?;
        let write = |file: &str, access, text: &str| {
            let path = self.path.join(file);
            let written = replace(&Files, Target::new(&path, access), text.as_bytes());
            written.with_context(|| format!("`{}`", path.display()))
        };
        write("issuer.json", Access::Owner, &state)?;
        write(
            "public/jwks.json",
            Access::Usual,
            &format!("{:#}\n", self.jwks()?),
        )?;
        if self.state.id.starts_with("did:web:") {
            write(
                "public/did.json",
                Access::Usual,
                &format!("{:#}\n", self.did()?),
            )?;
        }
        Ok(())
    }

    fn key_file(&self, name: &str) -> PathBuf {
        self.path.join("keys").join(format!("{name}.key"))
    }

    /// The public keys (RFC 7517).
    fn jwks(&self) -> anyhow::Result<Value> {
        let keys = self.state.keys.iter().map(public_jwk);
        Ok(json!({ "keys": keys.collect::<anyhow::Result<Vec<_>>>()? }))
    }

    /// The DID document of a `did:web`.
    fn did(&self) -> anyhow::Result<Value> {
        let id = &self.state.id;
        let mut methods = Vec::new();
        for key in &self.state.keys {
            methods.push(json!({
                "id": format!("{id}#{}", key.name),
                "type": "JsonWebKey",
                "controller": id,
                "publicKeyJwk": public_jwk(key)?,
            }));
        }
        let names: Vec<_> = methods.iter().map(|method| method["id"].clone()).collect();
        Ok(json!({
            "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/jwk/v1"],
            "id": id,
            "verificationMethod": methods,
            "assertionMethod": names,
        }))
    }
}

fn public_jwk(key: &Key) -> anyhow::Result<Value> {
    let mut public = jwk(&public_key(&key.key)?);
    if let Some(public) = public.as_object_mut() {
        public.insert("kid".into(), json!(key.name));
        public.insert("use".into(), json!("sig"));
        public.insert("alg".into(), json!("EdDSA"));
    }
    Ok(public)
}

fn lock(path: &Path) -> anyhow::Result<Lock> {
    let named = || format!("`{}`", path.display());
    let opened = File::open(path).with_context(named)?;
    Lock::within(opened, LOCK_WAIT_MAX).with_context(named)
}
