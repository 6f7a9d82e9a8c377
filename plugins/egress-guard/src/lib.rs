//! Keeps the URLs in tool arguments on the hosts, schemes and ports that the
//! operator chose, and away from private networks and cloud metadata. It
//! resolves no names, and refuses every URL that two programs could read
//! differently.

mod call;
mod decode;
mod except;
mod form;
mod hidden;
mod idn;
mod member;
mod name;
mod pattern;
mod range;
mod reading;
mod scan;
mod settings;
mod target;
mod text;
mod tld;

pub use call::{Answer, answer};
pub use name::reach_of_name;
pub use range::{Reach, reach_of_address};
pub use settings::{Addresses, Idn, Nested, Passing, Rule, Settings};
pub use target::{Host, Target};

use std::fmt;

use gatewright_sdk::v0_2::{self as gatewright, Denial, Description, Opinion, Powers, Request};

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

gatewright::policy!(Settings, judge, about);

/// The rule behind every answer.
const HOSTS: &str = "hosts";

/// Judges one call.
pub fn judge(settings: &Settings, request: &Request) -> Opinion {
    match answer(settings, request) {
        Answer::NotMine => Opinion::abstain(),
        Answer::Refused(message) => {
            Opinion::deny(Denial::invalid_arguments(message)).because(HOSTS, "")
        }
        Answer::Fine => match settings.passing {
            Passing::Allow => Opinion::allow().because(HOSTS, ""),
            Passing::Abstain => Opinion::abstain().because(HOSTS, ""),
        },
    }
}

/// What the policy is.
pub fn about() -> Description {
    Description::new(Powers::ALLOW | Powers::DENY)
        .with_schema(include_str!("../settings.schema.json"))
        .with_rule(HOSTS, "URLs lead to hosts that the operator chose")
}

/// Judges one URL.
pub fn check(settings: &Settings, url: &str) -> Result<Target, Refused> {
    if url.len() > settings.url_bytes_max {
        return Err(Refused::TooLong);
    }
    let target = match Target::read_with(url, settings.idn != Idn::Refuse) {
        Ok(target) => target,
        Err(refused) => return except::whole(settings, url).ok_or(refused),
    };
    if settings.excepts_target(&target) {
        return Ok(target);
    }
    if !settings.schemes.contains(&target.scheme) {
        return Err(Refused::Scheme(target.scheme));
    }
    leads_out(settings, &target)?;
    Ok(target)
}

/// Judges `host` or `host:port`.
pub fn check_host(settings: &Settings, text: &str) -> Result<Target, Refused> {
    let target = Target::read_host(text)?;
    if settings.excepts_host(&target) {
        return Ok(target);
    }
    leads_out(settings, &target)?;
    Ok(target)
}

pub(crate) fn leads_out(settings: &Settings, target: &Target) -> Result<(), Refused> {
    let (host, reach) = match &target.host {
        Host::Name(name) => (name.clone(), reach_of_name(name)),
        Host::Address(address) => (address.to_string(), reach_of_address(*address)),
    };
    let spelled_out = settings.allowed.iter().any(|pattern| pattern.names(&host));
    match reach {
        Reach::Metadata => return Err(Refused::Metadata),
        Reach::Internal if !spelled_out => return Err(Refused::Internal),
        Reach::Internal | Reach::Public => {}
    }
    match (&target.host, settings.addresses) {
        (Host::Address(_), Addresses::Deny) if !spelled_out => return Err(Refused::Address),
        (Host::Address(_) | Host::Name(_), Addresses::Deny | Addresses::Public) => {}
    }
    if settings.denied.iter().any(|pattern| pattern.denies(&host)) {
        return Err(Refused::Host);
    }
    let idn = settings.idn == Idn::Public;
    if !settings
        .allowed
        .iter()
        .any(|pattern| pattern.allows(&host, idn))
    {
        let punycode = host.split('.').any(|label| label.starts_with("xn--"));
        return Err(if punycode {
            Refused::Punycode
        } else {
            Refused::Host
        });
    }
    match target.port {
        Some(port) if !settings.ports.contains(&port) => Err(Refused::Port),
        Some(_) | None => Ok(()),
    }
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
