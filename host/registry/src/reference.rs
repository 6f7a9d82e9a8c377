//! Where a pack is: registry, repository, and which of the versions there.

use std::fmt;
use std::str::FromStr;

use gatewright_pack::Sha256;
use hyper::http::uri::Authority;
use semver::VersionReq;

/// A place in a registry: `registry.example.com/acme/guards:1.4.2`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    registry: String,
    repository: String,
    version: Version,
}

/// Which of the versions in a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Version {
    /// Exactly these bytes.
    Digest(Sha256),
    /// What the tag leads to now.
    Tag(String),
    /// The highest version among the tags that fits: `1.4` (any 1.4.x), `^1`,
    /// `>=1.2, <2`. Pre-releases fit only where the range names one.
    Range(VersionReq),
}

/// Text that leads nowhere.
#[derive(Debug, thiserror::Error)]
#[error("`{}` is no reference to a pack: {why}; hint: registry.example.com/acme/guards:1.4.2, or ...@sha256:<hex>, or ...:^1", text.escape_debug())]
pub struct ReferenceError {
    text: String,
    why: &'static str,
}

/// Longest registry and repository together, as the distribution specification
/// advises.
const NAME_BYTES_MAX: usize = 255;

/// Longest tag (OCI distribution specification).
const TAG_BYTES_MAX: usize = 128;

impl Reference {
    /// The same repository, another version.
    #[must_use]
    pub fn at(&self, version: Version) -> Self {
        Self {
            version,
            ..self.clone()
        }
    }

    /// `from` without a version, and what to follow there.
    ///
    /// # Errors
    ///
    /// When one of them is not what its name says.
    pub fn tracking(from: &str, track: &str) -> Result<Self, ReferenceError> {
        let reference: Self = from.parse()?;
        Ok(reference.at(track.parse()?))
    }

    /// Whether a pack with this label is what the reference asks for: within the
    /// range, where it is one. A tag is only a registry's word for that.
    #[must_use]
    pub fn admits(&self, revision: &str) -> bool {
        match &self.version {
            Version::Digest(_) | Version::Tag(_) => true,
            Version::Range(range) => {
                let bare = revision.strip_prefix('v').unwrap_or(revision);
                semver::Version::parse(bare).is_ok_and(|version| range.matches(&version))
            }
        }
    }

    /// Host, and port if it is not the usual one.
    #[must_use]
    pub fn registry(&self) -> &str {
        &self.registry
    }

    /// The path in the registry.
    #[must_use]
    pub fn repository(&self) -> &str {
        &self.repository
    }

    /// Which of the versions.
    #[must_use]
    pub const fn version(&self) -> &Version {
        &self.version
    }
}

impl FromStr for Reference {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        let refused = |why| ReferenceError {
            text: text.chars().take(NAME_BYTES_MAX).collect(),
            why,
        };
        let (registry, rest) = text
            .split_once('/')
            .ok_or_else(|| refused("it names no registry"))?;
        let (repository, version) = match rest.find(['@', ':']) {
            Some(at) => {
                let (repository, version) = rest.split_at(at);
                let version = marked_version(version).ok_or_else(|| {
                    refused("what follows the repository is no digest, tag or version range")
                })?;
                (repository, version)
            }
            None => (rest, Version::Tag("latest".to_owned())),
        };
        if !is_registry(registry) {
            return Err(refused("it does not begin with the name of a registry"));
        }
        if !repository.split('/').all(is_component) {
            return Err(refused("the repository has characters that none may have"));
        }
        if registry.len() + repository.len() > NAME_BYTES_MAX {
            return Err(refused("it is too long"));
        }
        Ok(Self {
            registry: registry.to_owned(),
            repository: repository.to_owned(),
            version,
        })
    }
}

/// `@<digest>`, or `:<tag or range>`.
fn marked_version(text: &str) -> Option<Version> {
    match text.strip_prefix('@') {
        Some(digest) => digest.parse().ok().map(Version::Digest),
        None => {
            let version = text.strip_prefix(':')?.parse().ok()?;
            (!matches!(version, Version::Digest(_))).then_some(version)
        }
    }
}

impl FromStr for Version {
    type Err = ReferenceError;

    /// Text that could be a tag and a range is a range when it leaves numbers
    /// open: `1.4` is any 1.4.x, `1.4.2` is the tag.
    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        if let Ok(digest) = text.parse() {
            return Ok(Self::Digest(digest));
        }
        let numbers = text.split('.').map(|part| part.parse::<u64>().is_ok());
        let open = numbers.clone().count() < 3 && numbers.clone().all(|number| number);
        let range = if open {
            VersionReq::parse(&format!("={text}")).ok()
        } else {
            let marked = text.contains(['^', '~', '>', '<', '=', '*', ',']);
            marked.then(|| VersionReq::parse(text).ok()).flatten()
        };
        match range {
            Some(range) => Ok(Self::Range(range)),
            None if is_tag(text) => Ok(Self::Tag(text.to_owned())),
            None => Err(ReferenceError {
                text: text.chars().take(TAG_BYTES_MAX).collect(),
                why: "it is no digest, tag or version range",
            }),
        }
    }
}

/// A host with an optional port: a name with a dot, `localhost`, or an address.
fn is_registry(text: &str) -> bool {
    let fine = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte);
    let names_host = text.contains(['.', ':']) || text == "localhost";
    let authority = text.parse::<Authority>();
    let has_port_or_none = |authority: Authority| {
        authority.host().len() == text.len() || authority.port_u16().is_some()
    };
    names_host && text.bytes().all(fine) && authority.is_ok_and(has_port_or_none)
}

/// One part of a repository's path: `[a-z0-9]+` with single separators.
fn is_component(text: &str) -> bool {
    let plain = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = text.as_bytes();
    bytes.first().is_some_and(plain)
        && bytes.last().is_some_and(plain)
        && bytes
            .iter()
            .all(|byte| plain(byte) || b"._-".contains(byte))
        && !text.contains("..")
}

/// `[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}`.
pub(crate) fn is_tag(text: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    text.len() <= TAG_BYTES_MAX
        && text.bytes().next().is_some_and(word)
        && text.bytes().all(|byte| word(byte) || b".-".contains(&byte))
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = match self.version {
            Version::Digest(_) => '@',
            Version::Tag(_) | Version::Range(_) => ':',
        };
        write!(
            f,
            "{}/{}{mark}{}",
            self.registry, self.repository, self.version
        )
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Digest(digest) => digest.fmt(f),
            Self::Tag(tag) => f.write_str(tag),
            Self::Range(range) => range.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Reference, Version};

    #[test]
    fn what_leads_nowhere_is_refused() {
        for text in [
            "",
            "guards",
            "acme/guards",
            "registry.example.com/",
            "registry.example.com/Acme",
            "registry.example.com/../guards",
            "registry.example.com/a//b",
            "registry.example.com/a@sha256:12",
            "registry.example.com/a:sha256:12",
            "registry.example.com/a:-x",
            "registry.example.com/a:x/y",
            "registry.example.com/a?x=y",
            "user@registry.example.com/a",
            "http://registry.example.com/a",
            "registry.example.com:x/a",
        ] {
            let read = text.parse::<Reference>();
            assert!(read.is_err(), "{text}: {read:?}");
        }
    }

    #[test]
    fn a_range_admits_what_is_in_it_and_a_tag_anything() {
        let tracking = |track| Reference::tracking("registry.example.com/a", track).unwrap();
        let range = tracking("^1.4");
        assert!(range.admits("1.4.2") && range.admits("v1.5.0"));
        for revision in ["2.0.0", "1.3.9", "1.4.2-rc.1", "latest", ""] {
            assert!(!range.admits(revision), "{revision}");
        }
        assert!(tracking("stable").admits("anything"));
    }

    #[test]
    fn a_reference_is_read_as_it_is_written() {
        let digest = format!("@sha256:{}", "0f".repeat(32));
        for version in ["", ":latest", ":1.4.2", ":v1.4", ":>=1.2, <2", &digest] {
            let text = format!("127.0.0.1:5000/acme/guards{version}");
            let read: Reference = text.parse().unwrap();
            assert_eq!(
                (read.registry(), read.repository()),
                ("127.0.0.1:5000", "acme/guards")
            );
            let shown = read.to_string();
            assert_eq!(shown.parse::<Reference>().unwrap(), read);
            assert!(version.is_empty() || shown == text, "{shown}");
        }
    }

    #[test]
    fn numbers_left_open_are_a_range() {
        for (text, fits, does_not) in [
            ("1.4", "1.4.9", "1.5.0"),
            ("1", "1.9.0", "2.0.0"),
            ("^1", "1.9.0", "2.0.0"),
            ("~1.4.2", "1.4.3", "1.5.0"),
            (">=1.2, <2", "1.2.0", "2.0.0"),
            ("1.4.*", "1.4.0", "1.5.0"),
            ("^1", "1.0.0", "1.1.0-rc.1"),
        ] {
            let Version::Range(range) = text.parse().unwrap() else {
                panic!("`{text}` is a range");
            };
            assert!(range.matches(&fits.parse().unwrap()), "{text}: {fits}");
            assert!(
                !range.matches(&does_not.parse().unwrap()),
                "{text}: {does_not}"
            );
        }
        for tag in ["1.4.2", "latest", "v1", "1.4-rc"] {
            assert_eq!(
                tag.parse::<Version>().unwrap(),
                Version::Tag(tag.to_owned())
            );
        }
    }
}
