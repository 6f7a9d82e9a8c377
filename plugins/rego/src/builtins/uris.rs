//! URIs, as Go's `net/url` takes them apart.

use std::collections::BTreeMap;

use regorus::Value;

use super::arguments::{BuiltinError, text, wrong};

/// What characters stand for themselves in a part of a URI.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Path,
    Host,
    Zone,
    User,
    Fragment,
}

/// A URI's parts, decoded; empty where there are none.
#[derive(Default)]
pub(super) struct Uri {
    scheme: String,
    host: String,
    path: String,
    raw_path: String,
    query: String,
    fragment: String,
}

pub(super) fn parse(values: &[Value]) -> Result<Value, BuiltinError> {
    let uri = Uri::parse(text(values, 0)?)?;
    let (hostname, port) = uri.host_and_port();
    let raw_path = match uri.raw_path.as_str() {
        "" => uri.path.clone(),
        raw => raw.to_owned(),
    };
    let members = [
        ("scheme", uri.scheme.clone()),
        ("hostname", hostname),
        ("port", port),
        ("path", uri.path.clone()),
        ("raw_path", raw_path),
        ("raw_query", uri.query.clone()),
        ("fragment", uri.fragment.clone()),
    ];
    let members = members.into_iter().filter(|(_, text)| !text.is_empty());
    let members = members.map(|(name, text)| (Value::from(name), Value::from(text)));
    Ok(Value::from(members.collect::<BTreeMap<_, _>>()))
}

pub(super) fn is_valid(values: &[Value]) -> Result<Value, BuiltinError> {
    let is_valid = match values.first() {
        Some(Value::String(text)) => !text.is_empty() && Uri::parse(text).is_ok(),
        _ => false,
    };
    Ok(Value::from(is_valid))
}

// === impl Uri ===

impl Uri {
    pub(super) fn parse(text: &str) -> Result<Self, BuiltinError> {
        if text.bytes().any(|byte| byte < b' ' || byte == 0x7f) {
            return Err(wrong("a control character"));
        }
        let mut uri = Self::default();
        let (rest, fragment) = text.split_once('#').unwrap_or((text, ""));
        uri.fragment = decoded(fragment, Place::Fragment)?;
        if rest == "*" {
            uri.path = "*".to_owned();
            return Ok(uri);
        }
        let (scheme, mut rest) = scheme(rest)?;
        uri.scheme = scheme.to_lowercase();
        if rest.ends_with('?') && rest.matches('?').count() == 1 {
            rest = rest.strip_suffix('?').unwrap_or(rest);
        } else if let Some((before, query)) = rest.split_once('?') {
            uri.query = query.to_owned();
            rest = before;
        }
        if !rest.starts_with('/') {
            if !uri.scheme.is_empty() {
                // What follows is opaque.
                return Ok(uri);
            }
            let first = rest.split('/').next().unwrap_or_default();
            if first.contains(':') {
                return Err(wrong("a `:` in the first part of a path"));
            }
        }
        let is_network = !uri.scheme.is_empty() || !rest.starts_with("///");
        if is_network && let Some(authority) = rest.strip_prefix("//") {
            let slash = authority.find('/').unwrap_or(authority.len());
            let (authority, path) = authority.split_at(slash);
            uri.host = host_of(authority)?;
            rest = path;
        }
        uri.path = decoded(rest, Place::Path)?;
        if encoded(&uri.path) != rest {
            uri.raw_path = rest.to_owned();
        }
        Ok(uri)
    }

    /// With its port, if there is one.
    pub(super) fn host(&self) -> &str {
        &self.host
    }

    pub(super) fn has_scheme(&self) -> bool {
        !self.scheme.is_empty()
    }

    /// Decoded.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    pub(super) fn query(&self) -> &str {
        &self.query
    }

    pub(super) fn escaped_path(&self) -> String {
        match self.raw_path.as_str() {
            "" => encoded(&self.path),
            raw => raw.to_owned(),
        }
    }

    fn host_and_port(&self) -> (String, String) {
        let host = self.host.as_str();
        let (host, port) = match host.rfind(':') {
            Some(colon) if is_port(host.get(colon..).unwrap_or_default()) => (
                host.get(..colon).unwrap_or_default(),
                host.get(colon + 1..).unwrap_or_default(),
            ),
            Some(_) | None => (host, ""),
        };
        let bare = host.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
        (bare.unwrap_or(host).to_owned(), port.to_owned())
    }
}

/// What stands before the first `:`, if it may be a scheme, and the rest.
fn scheme(text: &str) -> Result<(&str, &str), BuiltinError> {
    for (place, letter) in text.char_indices() {
        match letter {
            'a'..='z' | 'A'..='Z' => {}
            '0'..='9' | '+' | '-' | '.' if place > 0 => {}
            ':' if place == 0 => return Err(wrong("no scheme before a `:`")),
            ':' => {
                let rest = text.get(place + 1..).unwrap_or_default();
                return Ok((text.get(..place).unwrap_or_default(), rest));
            }
            _ => break,
        }
    }
    Ok(("", text))
}

/// The host and its port, without who asks.
fn host_of(authority: &str) -> Result<String, BuiltinError> {
    let (user, host) = match authority.rsplit_once('@') {
        Some((user, host)) => (user, host),
        None => ("", authority),
    };
    let is_user =
        |letter: char| letter.is_ascii_alphanumeric() || "-._:~!$&'()*+,;=%@".contains(letter);
    if !user.chars().all(is_user) {
        return Err(wrong("a user that is none"));
    }
    for part in user.splitn(2, ':') {
        decoded(part, Place::User)?;
    }
    if host.starts_with('[') {
        let close = host
            .rfind(']')
            .ok_or_else(|| wrong("a `[` that is not closed"))?;
        let (address, port) = host.split_at(close + 1);
        if !is_port(port) {
            return Err(wrong("a port that is none"));
        }
        let inner = address.trim_start_matches('[').trim_end_matches(']');
        let bare = inner.split('%').next().unwrap_or_default();
        if bare.parse::<std::net::Ipv6Addr>().is_err() {
            return Err(wrong("an address in brackets that is none"));
        }
        if let Some(zone) = address.find("%25") {
            let (before, zone) = address.split_at(zone);
            let before = decoded(before, Place::Host)?;
            return Ok(format!("{before}{}{port}", decoded(zone, Place::Zone)?));
        }
    } else if let Some(colon) = host.find(':')
        && !is_port(host.get(colon..).unwrap_or_default())
    {
        return Err(wrong("a port that is none"));
    }
    decoded(host, Place::Host)
}

/// Nothing, or `:` and digits.
fn is_port(text: &str) -> bool {
    match text.strip_prefix(':') {
        None => text.is_empty(),
        Some(digits) => digits.bytes().all(|byte| byte.is_ascii_digit()),
    }
}

/// What a fragment says.
pub(super) fn decoded_fragment(text: &str) -> Result<String, BuiltinError> {
    decoded(text, Place::Fragment)
}

fn decoded(text: &str, place: Place) -> Result<String, BuiltinError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        rest = behind;
        if *first != b'%' {
            let is_allowed = match place {
                Place::Host | Place::Zone => {
                    *first >= 0x80
                        || first.is_ascii_alphanumeric()
                        || b"-_.~!$&'()*+,;=:[]<>\"".contains(first)
                }
                Place::Path | Place::User | Place::Fragment => true,
            };
            if !is_allowed {
                return Err(wrong("a character that no host has"));
            }
            bytes.push(*first);
            continue;
        }
        let digit = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16));
        let (Some(high), Some(low)) = (digit(rest.first()), digit(rest.get(1))) else {
            return Err(wrong("a `%` without two hex digits"));
        };
        let byte = u8::try_from(high * 16 + low).unwrap_or_default();
        // A host has escapes of what is not ASCII alone.
        let is_allowed = match place {
            Place::Host => byte >= 0x80 || byte == b'%',
            Place::Zone => byte >= 0x80 || byte == b'%' || byte == b' ' || byte.is_ascii_graphic(),
            Place::Path | Place::User | Place::Fragment => true,
        };
        if !is_allowed {
            return Err(wrong("an escape that no host has"));
        }
        bytes.push(byte);
        rest = rest.get(2..).unwrap_or_default();
    }
    String::from_utf8(bytes).map_err(|_| wrong("what is escaped is not UTF-8"))
}

/// A path as it is written usually.
fn encoded(path: &str) -> String {
    let mut written = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => written.push(char::from(byte)),
            _ if b"-_.~$&+,/:;=@".contains(&byte) => written.push(char::from(byte)),
            _ => written.push_str(&format!("%{byte:02X}")),
        }
    }
    written
}
