//! Reads a URL so strictly that no two programs can read it differently:
//! scheme, host and port stand where RFC 3986 says, in ASCII, and nowhere else.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::Refused;

/// Where a URL leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// In lower case; empty where only a host was given.
    pub scheme: String,
    /// The host.
    pub host: Host,
    /// As written; none means the port of the scheme.
    pub port: Option<u16>,
}

/// A host, by name or by address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Host {
    /// A DNS name in lower case ASCII, without a trailing dot.
    Name(String),
    /// An address.
    Address(IpAddr),
}

/// Longest DNS name, in bytes (RFC 1035).
const NAME_BYTES_MAX: usize = 253;

/// Longest label of a DNS name, in bytes (RFC 1035).
const LABEL_BYTES_MAX: usize = 63;

impl Target {
    /// Reads `scheme://host[:port][/path][?query][#fragment]`.
    pub fn read(url: &str) -> Result<Self, Refused> {
        Self::read_with(url, false)
    }

    /// Reads it; `idn` turns letters beyond ASCII into the `xn--` form.
    pub(crate) fn read_with(url: &str, idn: bool) -> Result<Self, Refused> {
        if url.starts_with(['/', '\\']) {
            return Err(Refused::NoScheme);
        }
        if url.contains('\\') {
            return Err(Refused::Backslash);
        }
        if url
            .chars()
            .any(|letter| letter.is_control() || letter.is_whitespace())
        {
            return Err(Refused::Whitespace);
        }
        let (scheme, rest) = url.split_once(':').ok_or(Refused::NoScheme)?;
        let scheme = scheme.to_ascii_lowercase();
        let spelled = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
        if !spelled {
            return Err(Refused::NoScheme);
        }
        let rest = rest.strip_prefix("//").ok_or(Refused::NoHost)?;
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, _) = rest.split_at(end);
        let spelled = if idn && !authority.is_ascii() {
            crate::idn::to_ascii(authority).ok_or(Refused::NotAscii)?
        } else {
            authority.to_owned()
        };
        let (host, port) = authority_of(&spelled)?;
        Ok(Self { scheme, host, port })
    }

    /// Reads `host` or `host:port`.
    pub fn read_host(text: &str) -> Result<Self, Refused> {
        let (host, port) = authority_of(text)?;
        Ok(Self {
            scheme: String::new(),
            host,
            port,
        })
    }
}

fn authority_of(text: &str) -> Result<(Host, Option<u16>), Refused> {
    if text.contains('@') {
        return Err(Refused::Credentials);
    }
    if !text.is_ascii() {
        return Err(Refused::NotAscii);
    }
    if text.is_empty() {
        return Err(Refused::NoHost);
    }
    let (host, rest) = match text.strip_prefix('[') {
        Some(inner) => {
            let (inside, rest) = inner.split_once(']').ok_or(Refused::NoHost)?;
            (
                Host::Address(IpAddr::V6(
                    inside
                        .parse::<Ipv6Addr>()
                        .map_err(|_| Refused::OddAddress)?,
                )),
                rest,
            )
        }
        None => {
            let end = text.find(':').unwrap_or(text.len());
            let (name, rest) = text.split_at(end);
            (named(name)?, rest)
        }
    };
    let port = match rest.strip_prefix(':') {
        Some(digits) => Some(port_of(digits)?),
        None if rest.is_empty() => None,
        None => return Err(Refused::NoHost),
    };
    Ok((host, port))
}

pub(crate) fn port_of(digits: &str) -> Result<u16, Refused> {
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
    match digits.parse() {
        Ok(port) if plain => Ok(port),
        Ok(_) | Err(_) => Err(Refused::Port),
    }
}

pub(crate) fn named(name: &str) -> Result<Host, Refused> {
    let name = name.to_ascii_lowercase();
    if name.contains('%') {
        return Err(Refused::Encoded);
    }
    if name.ends_with('.') {
        return Err(Refused::TrailingDot);
    }
    if ends_in_a_number(&name) {
        return address(&name).map(|address| Host::Address(IpAddr::V4(address)));
    }
    let label = |label: &str| {
        (1..=LABEL_BYTES_MAX).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    if name.len() > NAME_BYTES_MAX || !name.split('.').all(label) {
        return Err(Refused::NoHost);
    }
    Ok(Host::Name(name))
}

/// Whether browsers and C libraries take the host for an IPv4 address (the
/// rule of the WHATWG URL standard).
pub(crate) fn ends_in_a_number(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or_default();
    let hex = last
        .strip_prefix("0x")
        .is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
    hex || (!last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Four decimal numbers without leading zeros: the one spelling that everybody
/// reads alike. `127.1`, `0177.0.0.1`, `0x7f000001` and `2130706433` are not.
fn address(name: &str) -> Result<Ipv4Addr, Refused> {
    name.parse().map_err(|_| Refused::OddAddress)
}

/// The text as browsers fold it: full-width and circled letters, and the dots
/// of other scripts, become plain ones.
pub(crate) fn folded(text: &str) -> String {
    let fold = |letter: char| {
        let code = u32::from(letter);
        let plain = match code {
            0xff01..=0xff5e => Some(code - 0xff01 + 0x21),
            0x3002 | 0xff61 => Some(u32::from('.')),
            0x2460..=0x2468 => Some(code - 0x2460 + u32::from('1')),
            0x24ea => Some(u32::from('0')),
            0x24b6..=0x24cf => Some(code - 0x24b6 + u32::from('a')),
            0x24d0..=0x24e9 => Some(code - 0x24d0 + u32::from('a')),
            0x1d7ce..=0x1d7ff => Some((code - 0x1d7ce) % 10 + u32::from('0')),
            _ => None,
        };
        plain
            .and_then(char::from_u32)
            .unwrap_or(letter)
            .to_ascii_lowercase()
    };
    text.chars()
        // Left out by browsers: soft hyphen, joiners, selectors.
        .filter(|c| !matches!(*c, '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'))
        .map(fold)
        .collect()
}
