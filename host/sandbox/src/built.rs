//! What a component becomes when it is configured.

use gatewright_artifact::Artifact;
use gatewright_policy::Digest;
use serde::{Deserialize, Serialize};

use crate::answer::{LOG_LINE_BYTES_MAX, LOG_LINES_MAX, LogLine};
use crate::contract::{Contract, Description};
use crate::limits::CORE_INSTANCES_MAX;
use crate::load_error::LoadError;

/// The most bytes of what was built that are kept on disk. Past that the oldest go.
pub(crate) const KEPT_BYTES_MAX: u64 = 4 << 30;

/// A configured component, to compile.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Snapshot {
    /// The component. It starts as it was configured, with the modules that it imports.
    pub(crate) component: Vec<u8>,
    /// What stands apart from it; nothing where all of it is in the component.
    pub(crate) images: Vec<ImageModule>,
}

/// A module that holds what another one remembers.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ImageModule {
    /// What the component calls it.
    pub(crate) name: String,
    pub(crate) module: Vec<u8>,
}

/// What was built, by the digests of its artefacts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Listed {
    /// Code of the component.
    pub(crate) code: Digest,
    /// What stands apart from it: what the component calls each, and its code.
    pub(crate) images: Vec<(String, Digest)>,
    /// Whether it starts as it was configured. Every call configures it where not.
    pub(crate) is_snapshotted: bool,
    /// What it says about itself.
    pub(crate) description: Option<Description>,
    /// What the guest logged in `configure`.
    pub(crate) log: Vec<LogLine>,
}

/// The code of what was built, which is there.
#[derive(Debug)]
pub(crate) struct Built {
    pub(crate) code: Artifact,
    pub(crate) images: Vec<(String, Artifact)>,
}

/// Code that a component has with all settings, where it stands apart from its state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CodeOfAll {
    /// The component that stands apart.
    pub(crate) component: Digest,
    /// Its code.
    pub(crate) code: Digest,
}

// === impl Snapshot ===

impl Snapshot {
    /// One that is in one piece.
    pub(crate) const fn whole(component: Vec<u8>) -> Self {
        Self {
            component,
            images: Vec::new(),
        }
    }
}

// === impl Listed ===

impl Listed {
    /// Whether it is what may be built of a component of this contract: the process that compiled
    /// it may be in the hands of the component.
    pub(crate) fn check(&self, contract: Contract) -> Result<(), LoadError> {
        let describes = match contract {
            Contract::V0_1 => false,
            Contract::V0_2 => true,
        };
        let images_max = usize::try_from(CORE_INSTANCES_MAX).unwrap_or(usize::MAX);
        let is_listed = self.description.is_some() == describes
            && self.images.len() <= images_max
            && self.log.len() <= LOG_LINES_MAX
            && (self.log.iter()).all(|line| line.text.len() <= LOG_LINE_BYTES_MAX);
        if !is_listed {
            let broken = "the process that compiles gave an answer that it must not give";
            return Err(LoadError::Compiler(broken.to_owned()));
        }
        let description = self.description.as_ref();
        let checked = description.map_or(Ok(()), Description::check);
        checked.map_err(LoadError::Describe)
    }

    /// What was built, once each of its artefacts was found in some way.
    pub(crate) fn found<E>(
        &self,
        find: impl Fn(Digest) -> Result<Artifact, E>,
    ) -> Result<Built, E> {
        let images = self.images.iter();
        let images = images.map(|(name, code)| Ok((name.clone(), find(*code)?)));
        Ok(Built {
            code: find(self.code)?,
            images: images.collect::<Result<_, E>>()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use gatewright_policy::Authority;

    use super::*;
    use crate::answer::LogLevel;
    use crate::contract::Rule;

    #[test]
    fn an_answer_that_no_component_could_have_is_refused() {
        let line = |bytes: usize| LogLine {
            level: LogLevel::Info,
            text: "x".repeat(bytes),
        };
        let description = Description {
            settings_schema: None,
            powers: Authority::from_iter([]),
            rules: Vec::new(),
        };
        let digest = Digest::of(b"code");
        let listed = Listed {
            code: digest,
            images: vec![("image".to_owned(), digest); 64],
            is_snapshotted: true,
            description: Some(description.clone()),
            log: vec![line(LOG_LINE_BYTES_MAX); LOG_LINES_MAX],
        };
        assert!(listed.check(Contract::V0_2).is_ok());
        let silent = Listed {
            description: None,
            ..listed.clone()
        };
        assert!(silent.check(Contract::V0_1).is_ok());
        let rule = Rule {
            id: "r".repeat(1000),
            title: String::new(),
        };
        let long = Description {
            rules: vec![rule],
            ..description
        };
        for (contract, refused) in [
            (Contract::V0_2, silent),
            (Contract::V0_1, listed.clone()),
            (
                Contract::V0_2,
                Listed {
                    description: Some(long),
                    ..listed.clone()
                },
            ),
            (
                Contract::V0_2,
                Listed {
                    images: vec![("image".to_owned(), digest); 65],
                    ..listed.clone()
                },
            ),
            (
                Contract::V0_2,
                Listed {
                    log: vec![line(1); LOG_LINES_MAX + 1],
                    ..listed.clone()
                },
            ),
            (
                Contract::V0_2,
                Listed {
                    log: vec![line(LOG_LINE_BYTES_MAX + 1)],
                    ..listed
                },
            ),
        ] {
            assert!(refused.check(contract).is_err(), "{refused:?}");
        }
    }
}
