//! Networks in CIDR notation, as Go's `net` reads them.

use std::net::IpAddr;

use regorus::Value;

use super::arguments::{BuiltinError, text, wrong};

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
        let is_plain = prefix.bytes().all(|byte| byte.is_ascii_digit());
        let is_short = !(prefix.len() > 1 && prefix.starts_with('0'));
        let prefix: u32 = prefix.parse().ok().filter(|_| is_plain && is_short)?;
        let first = Address::parse(address)?;
        // `::ffff:10.0.0.0/104` has as many bits more before the address.
        let is_mapped = first.length == 32 && address.contains(':');
        let prefix = if is_mapped {
            prefix.checked_sub(96)?
        } else {
            prefix
        };
        (prefix <= first.length).then_some(Self {
            first: Address {
                bits: first
                    .first_bits(prefix)
                    .checked_shl(128 - prefix)
                    .unwrap_or_default(),
                length: first.length,
            },
            prefix,
        })
    }

    fn holds(self, address: Address) -> bool {
        self.first.length == address.length
            && self.first.first_bits(self.prefix) == address.first_bits(self.prefix)
    }
}
