//! Networks in CIDR notation, as Go's `net` reads them.

use std::collections::BTreeSet;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr as _;

use regorus::Value;

use super::arguments::{BuiltinError, text, unread, wrong};

/// Most bits that addresses of a network may differ in where all are written out.
const EXPANDED_BITS_MAX: u32 = 12;

/// What stands before an address of version 4 within one of version 6.
const MAPPED_BITS: u32 = 96;

/// The bits of an address, first ones first, and how many there are.
#[derive(Clone, Copy)]
struct Address {
    bits: u128,
    length: u32,
}

/// A network: the first bits of its addresses.
#[derive(Clone, Copy)]
struct Network {
    first: Address,
    prefix: u32,
}

pub(super) fn is_valid(values: &[Value]) -> Result<Value, BuiltinError> {
    Ok(Value::from(Network::parse(text(values, 0)?).is_some()))
}

/// Whether a network holds all of another one, or an address.
pub(super) fn contains(values: &[Value]) -> Result<Value, BuiltinError> {
    let network = network(text(values, 0)?)?;
    let inner = text(values, 1)?;
    let holds = match Address::parse(inner) {
        Some(address) => network.holds(address),
        None => {
            let inner = self::network(inner)?;
            network.holds(inner.first) && network.prefix <= inner.prefix
        }
    };
    Ok(Value::from(holds))
}

pub(super) fn intersects(values: &[Value]) -> Result<Value, BuiltinError> {
    let one = network(text(values, 0)?)?;
    let other = network(text(values, 1)?)?;
    Ok(Value::from(
        one.holds(other.first) || other.holds(one.first),
    ))
}

/// Every address of a network.
pub(super) fn expand(values: &[Value]) -> Result<Value, BuiltinError> {
    let network = network(text(values, 0)?)?;
    let free = network.first.length.saturating_sub(network.prefix);
    if free > EXPANDED_BITS_MAX {
        return Err(unread("the network has too many addresses"));
    }
    let step = 128_u32.saturating_sub(network.first.length);
    let addresses = (0..1_u128 << free).map(|number| {
        let address = Address {
            bits: network.first.bits | number.checked_shl(step).unwrap_or_default(),
            ..network.first
        };
        Value::from(address.to_string())
    });
    Ok(Value::from(addresses.collect::<BTreeSet<_>>()))
}

/// The fewest networks that hold the same addresses.
pub(super) fn merge(values: &[Value]) -> Result<Value, BuiltinError> {
    let list: Vec<&Value> = match values.first() {
        Some(Value::Array(list)) => list.iter().collect(),
        Some(Value::Set(set)) => set.iter().collect(),
        _ => return Err(wrong("argument 1 is neither a list nor a set")),
    };
    let mut networks = Vec::new();
    for value in list {
        let Value::String(text) = value else {
            return Err(wrong("a network is no text"));
        };
        let (network, written) = match Address::parse(text) {
            Some(address) if address.length == 32 => {
                // As networks were told apart by the first bits of their addresses.
                let prefix = match address.bits >> 124 {
                    0..8 => 8,
                    8..12 => 16,
                    _ => 24,
                };
                let network = self::network(&format!("{address}/{prefix}"))?;
                (network, format!("{address}/{prefix}"))
            }
            Some(_) => return Err(wrong("an address of version 6 without a prefix")),
            None => {
                let network = network(text)?;
                (network, network.to_string())
            }
        };
        networks.push((network, written));
    }
    networks.sort_by_key(|(it, _)| (it.first.length, it.first.bits, it.prefix));
    let mut merged: Vec<(Network, String)> = Vec::new();
    for (network, written) in networks {
        if let Some((last, text)) = merged.last_mut()
            && last.covers(network)
        {
            *text = last.to_string();
            continue;
        }
        merged.push((network, written));
        // Two halves are one whole, and that may be a half again.
        while let [.., (one, _), (other, _)] = merged.as_slice()
            && let Some(whole) = one.joined(*other)
        {
            merged.truncate(merged.len() - 2);
            merged.push((whole, whole.to_string()));
        }
    }
    let written = merged.into_iter().map(|(_, text)| Value::from(text));
    Ok(Value::from(written.collect::<BTreeSet<_>>()))
}

/// Which networks of one collection hold which of another, by their places in these.
pub(super) fn contains_matches(values: &[Value]) -> Result<Value, BuiltinError> {
    let (outer, inner) = (named(values, 0)?, named(values, 1)?);
    let mut found = BTreeSet::new();
    for (network, one) in &outer {
        for (address, other) in &inner {
            let holds = contains(&[network.clone(), address.clone()])?;
            if holds == Value::from(true) {
                found.insert(Value::from(vec![one.clone(), other.clone()]));
            }
        }
    }
    Ok(Value::from(found))
}

/// Networks with the places that they have in a collection.
fn named(values: &[Value], place: usize) -> Result<Vec<(Value, Value)>, BuiltinError> {
    let network = |value: &Value| match value {
        Value::String(_) => Ok(value.clone()),
        Value::Array(tuple) => tuple
            .first()
            .cloned()
            .ok_or_else(|| wrong("an element is an empty list")),
        _ => Err(wrong("an element is neither a text nor a list")),
    };
    match values.get(place) {
        Some(text @ Value::String(_)) => Ok(vec![(text.clone(), text.clone())]),
        Some(Value::Array(elements)) => elements
            .iter()
            .enumerate()
            .map(|(place, value)| Ok((network(value)?, Value::from(place))))
            .collect(),
        Some(Value::Set(elements)) => elements
            .iter_sorted()
            .map(|value| Ok((network(value)?, value.clone())))
            .collect(),
        Some(Value::Object(members)) => members
            .iter_sorted()
            .map(|(name, value)| Ok((network(value)?, name.clone())))
            .collect(),
        _ => Err(wrong("an argument is no collection")),
    }
}

fn network(text: &str) -> Result<Network, BuiltinError> {
    Network::parse(text).ok_or_else(|| wrong("not a network in CIDR notation"))
}

// === impl Address ===

impl Address {
    /// An address of version 4 within one of version 6 is the former.
    fn parse(text: &str) -> Option<Self> {
        Some(match text.parse::<IpAddr>().ok()?.to_canonical() {
            IpAddr::V4(address) => Self {
                bits: u128::from(u32::from(address)) << 96,
                length: 32,
            },
            IpAddr::V6(address) => Self {
                bits: u128::from(address),
                length: 128,
            },
        })
    }

    fn first_bits(self, count: u32) -> u128 {
        let drop = 128_u32.saturating_sub(count);
        self.bits.checked_shr(drop).unwrap_or_default()
    }
}

// === impl Network ===

impl Network {
    fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = text.split_once('/')?;
        let is_plain = !prefix.is_empty() && prefix.bytes().all(|byte| byte.is_ascii_digit());
        let prefix: u32 = prefix.parse().ok().filter(|_| is_plain)?;
        let mut first = Address::parse(address)?;
        let mut prefix = prefix;
        // `::ffff:10.0.0.0/104` has as many bits more before the address.
        if first.length == 32 && address.contains(':') {
            match prefix.checked_sub(MAPPED_BITS) {
                Some(own) => prefix = own,
                // All of version 4, and more.
                None => {
                    let bits = Ipv6Addr::from_str(address).ok()?;
                    first = Address {
                        bits: u128::from(bits),
                        length: 128,
                    };
                }
            }
        }
        if prefix > first.length {
            return None;
        }
        let bits = first.first_bits(prefix).checked_shl(128 - prefix);
        Some(Self {
            first: Address {
                bits: bits.unwrap_or_default(),
                length: first.length,
            },
            prefix,
        })
    }

    fn holds(self, address: Address) -> bool {
        self.first.length == address.length
            && self.first.first_bits(self.prefix) == address.first_bits(self.prefix)
    }

    /// Whether it holds all of another.
    fn covers(self, other: Self) -> bool {
        self.prefix <= other.prefix && self.holds(other.first)
    }

    /// Both as one network, where they are its halves.
    fn joined(self, other: Self) -> Option<Self> {
        let prefix = self.prefix.checked_sub(1)?;
        let halves = self.prefix == other.prefix
            && self.first.length == other.first.length
            && self.first.bits != other.first.bits
            && self.first.first_bits(prefix) == other.first.first_bits(prefix);
        halves.then_some(Self {
            first: self.first,
            prefix,
        })
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.first, self.prefix)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.length {
            32 => {
                let bits = u32::try_from(self.bits >> 96).unwrap_or_default();
                write!(f, "{}", Ipv4Addr::from(bits))
            }
            _ => write!(f, "{}", Ipv6Addr::from(self.bits)),
        }
    }
}
