//! Which addresses and names lie on the public internet.

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

/// Public addresses at which clouds answer with credentials.
const METADATA_V4: &[[u8; 4]] = &[
    [100, 100, 100, 200],
    [168, 63, 129, 16],
    [169, 254, 169, 254],
    [169, 254, 170, 2],
];

/// IPv6 blocks inside `2000::/3` that are not public, or carry an IPv4 address.
const CLOSED_V6: &[([u16; 8], u32)] = &[
    ([0x2001, 0, 0, 0, 0, 0, 0, 0], 23),
    ([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32),
    ([0x2002, 0, 0, 0, 0, 0, 0, 0], 16),
    ([0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0], 48),
    ([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20),
];

/// Names that never leave the machine or the network.
const INTERNAL_SUFFIXES: &[&str] = &[
    "localhost",
    "local",
    "localdomain",
    "internal",
    "intranet",
    "private",
    "corp",
    "home",
    "lan",
    "home.arpa",
    "in-addr.arpa",
    "ip6.arpa",
    "test",
    "invalid",
    "onion",
    "svc",
    "cluster.local",
    "consul",
];

/// Public names that resolve to whatever address stands in them.
const REBINDING_SUFFIXES: &[&str] = &[
    "nip.io",
    "sslip.io",
    "xip.io",
    "localtest.me",
    "lvh.me",
    "vcap.me",
    "lacolhost.com",
    "rbndr.us",
    "traefik.me",
    "readme.localtest.me",
    "local.gd",
    "localho.st",
    "fbi.com.localhost",
    "1u.ms",
    "requestrepo.com",
];

/// Names at which clouds answer with credentials.
const METADATA_NAMES: &[&str] = &[
    "metadata.google.internal",
    "metadata.goog",
    "instance-data",
    "metadata",
    "metadata.azure.internal",
    "instance-data.ec2.internal",
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

/// Where the name leads, as far as the name tells.
pub fn reach_of_name(name: &str) -> Reach {
    let below = |suffix: &&str| {
        name.strip_suffix(*suffix)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    if METADATA_NAMES.contains(&name) {
        Reach::Metadata
    } else if !name.contains('.')
        || INTERNAL_SUFFIXES.iter().any(below)
        || REBINDING_SUFFIXES.iter().any(below)
    {
        Reach::Internal
    } else {
        Reach::Public
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
    if let Some(inner) = carried(address) {
        return match v4(inner) {
            Reach::Metadata => Reach::Metadata,
            // Even a public one: nobody writes it like this in good faith.
            Reach::Public | Reach::Internal => Reach::Internal,
        };
    }
    let within = |(block, length): &([u16; 8], u32)| {
        let mask = u128::MAX.checked_shl(128 - length).unwrap_or(0);
        u128::from(address) & mask == u128::from(Ipv6Addr::from(*block)) & mask
    };
    let global = within(&([0x2000, 0, 0, 0, 0, 0, 0, 0], 3));
    if within(&([0xfd00, 0xec2, 0, 0, 0, 0, 0, 0], 32))
        || within(&([0xfd20, 0xce, 0, 0, 0, 0, 0, 0], 32))
    {
        Reach::Metadata
    } else if global && !CLOSED_V6.iter().any(within) {
        Reach::Public
    } else {
        Reach::Internal
    }
}

/// The IPv4 address in a mapped, compatible, translated (RFC 6052) or 6to4 one.
fn carried(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let [a, b, c, d, e, f, g, h] = address.segments();
    let v4 = |high: u16, low: u16| {
        let [first, second] = high.to_be_bytes();
        let [third, fourth] = low.to_be_bytes();
        Ipv4Addr::new(first, second, third, fourth)
    };
    match [a, b, c, d, e, f] {
        [0, 0, 0, 0, 0, 0 | 0xffff] | [0, 0, 0, 0, 0xffff, 0] | [0x64, 0xff9b, 0, 0, 0, 0] => {
            Some(v4(g, h))
        }
        [0x2002, high, low, _, _, _] => Some(v4(high, low)),
        _ => None,
    }
}
