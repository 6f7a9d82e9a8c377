//! A credential as an agent showed it, for tool servers where the gate gets a token in
//! exchange for it. Nothing prints it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use gatewright_policy::Digest;
use gatewright_policy::credential::LINK;

/// A credential that was verified.
#[derive(Clone)]
pub(crate) struct Presented(Arc<str>);

/// On whose behalf the gate asks a tool server something.
#[derive(Clone, Debug)]
pub(crate) struct OnBehalf {
    credential: Presented,
    /// Who issued it.
    pub(crate) issuer: String,
    /// How long it still counts.
    pub(crate) lasts: Duration,
}

impl Presented {
    pub(crate) fn new(text: &str) -> Self {
        Self(Arc::from(text))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Presented {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Presented").finish_non_exhaustive()
    }
}

impl OnBehalf {
    /// Nothing for a credential that was handed on: nobody but a gate reads its links, and
    /// what stands before them covers more than they do.
    pub(crate) fn of(credential: &Presented, issuer: &str, lasts: Duration) -> Option<Self> {
        let is_whole = !credential.as_str().contains(LINK);
        is_whole.then(|| Self {
            credential: credential.clone(),
            issuer: issuer.to_owned(),
            lasts,
        })
    }

    /// What is exchanged.
    pub(crate) fn credential(&self) -> &str {
        self.credential.as_str()
    }

    /// Which credential it is.
    pub(crate) fn digest(&self) -> Digest {
        Digest::of(self.credential.as_str().as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_is_not_printed_and_a_part_of_a_chain_is_not_exchanged() {
        let whole = Presented::new("a.s3cret.c");
        let behalf = OnBehalf::of(&whole, "idp", Duration::from_secs(1)).unwrap();
        assert!(!format!("{whole:?} {behalf:?}").contains("s3cret"));
        let chain = Presented::new("a.s3cret.c~d.e.f");
        assert!(OnBehalf::of(&chain, "idp", Duration::from_secs(1)).is_none());
    }
}
