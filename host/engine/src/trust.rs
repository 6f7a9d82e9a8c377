//! Who may vouch for agents, and whom they vouched for lately.

use std::sync::Arc;

use arc_swap::{ArcSwap, Guard};
use gatewright_policy::credential::{CredentialError, Here, TokenKind, TrustAnchor, verify_here};
use gatewright_policy::{Grant, Timestamp};

use crate::keyring::{KeySource, Keyring, Look};
use crate::verified::{Remembered, Verified};

/// An issuer of the configuration.
#[derive(Clone, Debug)]
pub struct Issuer {
    /// How far it is trusted. It has no keys yet where they are fetched.
    pub anchor: TrustAnchor,
    /// Where its keys are, if they are fetched.
    pub source: Option<KeySource>,
}

/// The issuers of one snapshot, with the grants that were verified by exactly these
/// keys of theirs. A signature is verified once; the validity on every call.
pub(crate) struct Trust {
    issuers: Vec<Issuer>,
    audience: Option<String>,
    keyring: Arc<Keyring>,
    trusted: ArcSwap<Trusted>,
}

/// The anchors with the keys of one version of the keyring. With other keys everything
/// that was verified is forgotten.
struct Trusted {
    version: u64,
    anchors: Vec<TrustAnchor>,
    verified: Verified,
}

impl Trust {
    pub(crate) fn new(
        issuers: Vec<Issuer>,
        audience: Option<String>,
        keyring: Arc<Keyring>,
    ) -> Self {
        let trusted = Trusted::of(&issuers, &keyring);
        Self {
            issuers,
            audience,
            keyring,
            trusted: ArcSwap::from_pointee(trusted),
        }
    }

    /// Verifies a credential at the endpoint that has these URLs.
    pub(crate) fn identify(
        &self,
        token: &str,
        resources: &[String],
        now: Timestamp,
    ) -> Result<Grant, CredentialError> {
        let trusted = self.trusted();
        let place = trusted.verified.place(token);
        if let Some(known) = place.find(token)
            && now < known.keys_until
        {
            let grant = &known.grant;
            if now >= grant.expires_at {
                return Err(CredentialError::Expired(grant.expires_at));
            }
            if grant.is_valid_at(now) && grant.is_for(resources) {
                return Ok(grant.clone());
            }
        }
        let here = Here {
            audience: self.audience.as_deref(),
            resources,
        };
        let grant = verify_here(token, &trusted.anchors, &here, now)?;
        let verified = Remembered {
            token: Box::from(token),
            grant: grant.clone(),
            keys_until: trusted.keys_until(&grant.subject.issuer),
        };
        place.remember(&Arc::new(verified), now);
        Ok(grant)
    }

    /// An issuer, with the keys that are known of it now.
    pub(crate) fn anchor(&self, issuer: &str) -> Option<TrustAnchor> {
        let trusted = self.trusted();
        let mut anchors = trusted.anchors.iter();
        anchors.find(|anchor| anchor.issuer == issuer).cloned()
    }

    /// Where a look at the keys of its issuer may change an error, and is under way or
    /// may be had now.
    pub(crate) fn look(&self, error: &CredentialError, now: Timestamp) -> Option<Look> {
        let (CredentialError::UnknownKey(issuer) | CredentialError::NoKeys(issuer)) = error else {
            return None;
        };
        let mut issuers = self.issuers.iter();
        let issuer = issuers.find(|known| known.anchor.issuer == *issuer)?;
        self.keyring.ask(issuer.source.as_ref()?, now)
    }

    /// Where keys are fetched from.
    pub(crate) fn sources(&self) -> impl Iterator<Item = &KeySource> {
        self.issuers
            .iter()
            .filter_map(|issuer| issuer.source.as_ref())
    }

    /// Issuers that are authorization servers of OAuth.
    pub(crate) fn authorization_servers(&self) -> impl Iterator<Item = &str> {
        let anchors = self.issuers.iter().map(|issuer| &issuer.anchor);
        let oauth = anchors.filter(|anchor| {
            let rules = anchor.token_rules();
            rules.is_some_and(|rules| rules.kind == TokenKind::Oauth)
        });
        oauth.map(|anchor| anchor.issuer.as_str())
    }

    fn trusted(&self) -> Guard<Arc<Trusted>> {
        let trusted = self.trusted.load();
        if trusted.version == self.keyring.version() {
            return trusted;
        }
        let trusted = Arc::new(Trusted::of(&self.issuers, &self.keyring));
        self.trusted.store(Arc::clone(&trusted));
        Guard::from_inner(trusted)
    }
}

impl Trusted {
    fn of(issuers: &[Issuer], keyring: &Keyring) -> Self {
        // Before the keys are read: what changes meanwhile is read again.
        let version = keyring.version();
        let anchors = issuers.iter().map(|issuer| {
            let mut anchor = issuer.anchor.clone();
            if let Some(source) = &issuer.source {
                (anchor.keys, anchor.keys_until) = keyring.keys(source);
            }
            anchor
        });
        Self {
            version,
            anchors: anchors.collect(),
            verified: Verified::default(),
        }
    }

    fn keys_until(&self, issuer: &str) -> Timestamp {
        let mut anchors = self.anchors.iter();
        let anchor = anchors.find(|anchor| anchor.issuer == issuer);
        anchor.map_or(Timestamp(0), |anchor| anchor.keys_until)
    }
}
