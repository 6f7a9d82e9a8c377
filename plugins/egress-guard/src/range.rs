//! Which addresses lie on the public internet.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// IPv4 blocks that are not public (IANA special-purpose registry, multicast,
/// reserved): first address and length of the prefix.
const CLOSED_V4: &[([u8; 4], u32)] = &[
    ([0, 0, 0, 0], 8),
    ([10, 0, 0, 0], 8),
    ([100, 64, 0, 0], 10),
    ([127, 0, 0, 0], 8),
    ([169, 254, 0, 0], 16),
    ([172, 16, 0, 0], 12),
    ([192, 0, 0, 0], 24),
    ([192, 0, 2, 0], 24),
    ([192, 31, 196, 0], 24),
    ([192, 52, 193, 0], 24),
    ([192, 88, 99, 0], 24),
    ([192, 168, 0, 0], 16),
    ([192, 175, 48, 0], 24),
    ([198, 18, 0, 0], 15),
    ([198, 51, 100, 0], 24),
    ([203, 0, 113, 0], 24),
    ([224, 0, 0, 0], 4),
    ([240, 0, 0, 0], 4),
];

/// Addresses at which clouds answer with credentials.
const METADATA_V4: &[[u8; 4]] = &[
    [100, 96, 0, 96],
    [100, 100, 100, 200],
    [168, 63, 129, 16],
    [169, 254, 0, 23],
    [169, 254, 42, 42],
    [169, 254, 169, 253],
    [169, 254, 169, 254],
    [169, 254, 170, 2],
    [169, 254, 170, 23],
    [192, 0, 0, 192],
];

/// Their like in IPv6: AWS, Google, Scaleway, Linode, Oracle, OpenStack.
const METADATA_V6: &[([u16; 8], u32)] = &[
    ([0xfd00, 0xec2, 0, 0, 0, 0, 0, 0], 32),
    ([0xfd20, 0xce, 0, 0, 0, 0, 0, 0], 32),
    ([0xfd00, 0x42, 0, 0, 0, 0, 0, 0x42], 128),
    ([0xfd00, 0xa9fe, 0xa9fe, 0, 0, 0, 0, 0], 48),
    ([0xfd00, 0xc1, 0, 0, 0, 0, 0xa9fe, 0xa9fe], 128),
    ([0xfe80, 0, 0, 0, 0, 0, 0xa9fe, 0xa9fe], 128),
];

/// IPv6 blocks inside `2000::/3` that are not public, or carry an IPv4 address.
const CLOSED_V6: &[([u16; 8], u32)] = &[
    ([0x2001, 0, 0, 0, 0, 0, 0, 0], 23),
    ([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32),
    ([0x2002, 0, 0, 0, 0, 0, 0, 0], 16),
    ([0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0], 48),
    ([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20),
];

/// Where an address lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Anybody can reach it.
    Public,
    /// Only this machine or network can.
    Internal,
    /// A cloud's metadata service: its answers are credentials.
    Metadata,
}

/// Where the address lies. An IPv4 address inside an IPv6 one counts too.
pub fn reach_of_address(address: IpAddr) -> Reach {
    match address {
        IpAddr::V4(address) => v4(address),
        IpAddr::V6(address) => v6(address),
    }
}

fn v4(address: Ipv4Addr) -> Reach {
    let within = |(block, length): &([u8; 4], u32)| {
        let mask = u32::MAX.checked_shl(32 - length).unwrap_or(0);
        u32::from(address) & mask == u32::from(Ipv4Addr::from(*block)) & mask
    };
    if METADATA_V4.contains(&address.octets()) {
        Reach::Metadata
    } else if CLOSED_V4.iter().any(within) {
        Reach::Internal
    } else {
        Reach::Public
    }
}

fn v6(address: Ipv6Addr) -> Reach {
    let within = |(block, length): &([u16; 8], u32)| {
        let mask = u128::MAX.checked_shl(128 - length).unwrap_or(0);
        u128::from(address) & mask == u128::from(Ipv6Addr::from(*block)) & mask
    };
    if METADATA_V6.iter().any(within) {
        return Reach::Metadata;
    }
    if let Some(inner) = carried(address) {
        return match v4(inner) {
            Reach::Metadata => Reach::Metadata,
            // Even a public one: nobody writes it like this in good faith.
            Reach::Public | Reach::Internal => Reach::Internal,
        };
    }
    let global = within(&([0x2000, 0, 0, 0, 0, 0, 0, 0], 3));
    if global && !CLOSED_V6.iter().any(within) {
        Reach::Public
    } else {
        Reach::Internal
    }
}

/// The IPv4 address in a mapped, compatible, translated (RFC 6052), 6to4 or
/// ISATAP address. A network may translate below any prefix of its own: there
/// only what no honest interface is numbered like counts.
fn carried(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let [a, b, c, d, e, f, g, h] = address.segments();
    let v4 = |high: u16, low: u16| {
        let [first, second] = high.to_be_bytes();
        let [third, fourth] = low.to_be_bytes();
        Ipv4Addr::new(first, second, third, fourth)
    };
    match [a, b, c, d, e, f] {
        [0, 0, 0, 0, 0, 0 | 0xffff]
        | [0, 0, 0, 0, 0xffff, 0]
        | [0x64, 0xff9b, 0, 0, 0, 0]
        | [_, _, _, _, 0 | 0x200, 0x5efe] => Some(v4(g, h)),
        [0x64, 0xff9b, 1, _, _, _] => Some(v4(g, h)),
        [0x2002, high, low, _, _, _] => Some(v4(high, low)),
        [_, _, _, _, 0, 0] => Some(v4(g, h)).filter(|inner| is_near(*inner)),
        _ => None,
    }
}

/// Loopback, private and link-local: what addresses hidden in something else
/// are after.
pub(crate) fn is_near(address: Ipv4Addr) -> bool {
    address.is_loopback()
        || address.is_private()
        || address.is_link_local()
        || METADATA_V4.contains(&address.octets())
}
