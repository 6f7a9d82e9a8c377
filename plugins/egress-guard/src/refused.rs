//! Why a URL is refused, and what the agent is told.

use std::fmt;

/// Why a URL is refused. Displayed, it is what the agent is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// No text.
    NotText,
    /// Longer than the settings allow.
    TooLong,
    /// No scheme, or a leading `//`.
    NoScheme,
    /// Not `scheme://host`.
    NoHost,
    /// A scheme that is not listed.
    Scheme(String),
    /// `\`, which browsers read as `/`.
    Backslash,
    /// Spaces, tabs, line breaks and control characters.
    Whitespace,
    /// Percent-encoding in the host.
    Encoded,
    /// A host with letters beyond ASCII.
    NotAscii,
    /// `user:password@`, or any other `@` before the path.
    Credentials,
    /// `example.com.`
    TrailingDot,
    /// An address that is not four plain decimal numbers, or no IPv6 address.
    OddAddress,
    /// An address where only names are allowed.
    Address,
    /// A private network, this machine, or a name that leads there.
    Internal,
    /// A cloud's metadata service.
    Metadata,
    /// A host in punycode that is not listed.
    Punycode,
    /// A host that is not listed, or denied.
    Host,
    /// A port that is no number, or not listed.
    Port,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotText => f.write_str("not a URL; hint: send one URL as text"),
            Self::TooLong => {
                f.write_str("the URL is too long; hint: leave out what the server does not need")
            }
            Self::NoScheme => f.write_str("the URL has no scheme; hint: start with `https://`"),
            Self::NoHost => {
                f.write_str("the URL has no plain host; hint: write `https://host/path`")
            }
            Self::Scheme(scheme) => {
                let scheme: String = scheme.chars().take(20).collect();
                write!(f, "the scheme `{scheme}` is not allowed; hint: use `https`")
            }
            Self::Backslash => {
                f.write_str("the URL holds a backslash; hint: write `/`, or `%5C` in a query")
            }
            Self::Whitespace => {
                f.write_str("the URL holds a space or line break; hint: write `%20`")
            }
            Self::Encoded => f.write_str("the host is percent-encoded; hint: write the plain host"),
            Self::NotAscii => f.write_str("the host is not ASCII; hint: write its `xn--` form"),
            Self::Credentials => {
                f.write_str("the URL holds `@` before its path; hint: leave user and password out")
            }
            Self::TrailingDot => f.write_str("the host ends with a dot; hint: leave it out"),
            Self::OddAddress => {
                f.write_str("the address is spelled unusually; hint: use a host name")
            }
            Self::Address => f.write_str("addresses are not allowed; hint: use a host name"),
            Self::Internal => {
                f.write_str("the host is not on the public internet; hint: use a public host")
            }
            Self::Metadata => f.write_str("the host serves cloud metadata; hint: do without it"),
            Self::Punycode => {
                f.write_str("`xn--` hosts must be listed by the operator; hint: use another host")
            }
            Self::Host => f.write_str(
                "the host is not allowed; hint: use another host, or ask the operator to list it",
            ),
            Self::Port => f.write_str("the port is not allowed; hint: leave it out"),
        }
    }
}
