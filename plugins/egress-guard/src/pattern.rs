//! Patterns of hosts.

use serde::Deserialize;

/// `example.com`, `*.example.com` (what lies below it), or `*`.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub(crate) enum HostPattern {
    /// Every host that lies on the public internet.
    Any,
    /// What lies below this name.
    Below(String),
    /// This host.
    Exactly(String),
}

impl HostPattern {
    /// Whether the host fits. A `*` never stands for a label in punycode: such
    /// names are made to look like others, so they are listed or refused,
    /// unless the operator wants them (`idn`).
    pub(crate) fn allows(&self, host: &str, idn: bool) -> bool {
        let plain = |part: &str| idn || !part.split('.').any(|label| label.starts_with("xn--"));
        match self {
            Self::Any => plain(host),
            Self::Below(name) => below(host, name).is_some_and(plain),
            Self::Exactly(name) => host == name,
        }
    }

    /// Whether the host fits; a denied name takes what lies below it along.
    pub(crate) fn denies(&self, host: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Below(name) => below(host, name).is_some(),
            Self::Exactly(name) => host == name || below(host, name).is_some(),
        }
    }

    /// Whether the host is spelled out here.
    pub(crate) fn names(&self, host: &str) -> bool {
        match self {
            Self::Any => false,
            // An operator who writes `*.corp.internal` means internal hosts.
            Self::Below(name) => below(host, name).is_some(),
            Self::Exactly(name) => host == name,
        }
    }
}

/// What stands before `.name`.
fn below<'a>(host: &'a str, name: &str) -> Option<&'a str> {
    host.strip_suffix(name)?
        .strip_suffix('.')
        .filter(|rest| !rest.is_empty())
}

impl TryFrom<String> for HostPattern {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let (name, make): (&str, fn(String) -> Self) = match text.strip_prefix("*.") {
            Some(rest) => (rest, Self::Below),
            None => (&text, Self::Exactly),
        };
        if text == "*" {
            return Ok(Self::Any);
        }
        let plain = |c: char| {
            c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-' | '_' | ':')
        };
        if name.is_empty()
            || name.starts_with('.')
            || name.ends_with('.')
            || !name.chars().all(plain)
        {
            return Err(format!(
                "`{text}` is not a host pattern; hint: write `example.com`, `*.example.com` or `*`, in lower case ASCII (`xn--...` for other scripts), without scheme and port"
            ));
        }
        Ok(make(name.to_owned()))
    }
}
