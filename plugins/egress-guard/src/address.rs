//! Addresses as programs write and read them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::range::{Reach, reach_of_address};
use crate::target::Host;

/// An IPv6 address, with or without a zone.
pub(crate) fn v6(text: &str) -> Option<Host> {
    let plain = text.split('%').next()?;
    plain
        .parse::<Ipv6Addr>()
        .ok()
        .map(|address| Host::Address(IpAddr::V6(address)))
}

/// An IPv4 address as C libraries read it (`inet_aton`), and whether it is
/// spelled as four decimal numbers.
pub(crate) fn numbers(name: &str) -> Option<(Ipv4Addr, bool)> {
    if let Ok(address) = name.parse() {
        return Some((address, true));
    }
    let parts: Option<Vec<u32>> = name.split('.').take(5).map(number).collect();
    let parts = parts?;
    let (last, leading) = parts.split_last()?;
    if leading.len() > 3 || leading.iter().any(|part| *part > 255) {
        return None;
    }
    let width = 8 * (4 - u32::try_from(leading.len()).ok()?);
    if u64::from(*last) >= 1_u64.checked_shl(width)? {
        return None;
    }
    let mut bits = *last;
    for (at, part) in (0_u32..).zip(leading) {
        bits |= part << (24 - 8 * at);
    }
    Some((Ipv4Addr::from(bits), false))
}

fn number(part: &str) -> Option<u32> {
    let (digits, radix) = if let Some(hex) = part.strip_prefix("0x") {
        (hex, 16)
    } else if part.len() > 1 && part.starts_with('0') {
        (part, 8)
    } else {
        (part, 10)
    };
    let plain = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    u32::from_str_radix(digits, radix).ok().filter(|_| plain)
}

/// `10.0.0.0/8` is a block, and nothing is fetched from it.
pub(crate) fn is_range(text: &str) -> bool {
    text.split_once('/').is_some_and(|(address, length)| {
        length.parse::<u8>().is_ok_and(|length| length <= 128) && address.parse::<IpAddr>().is_ok()
    })
}

pub(crate) fn is_near(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => crate::range::is_near(address),
        IpAddr::V6(_) => reach_of_address(address) != Reach::Public,
    }
}

pub(crate) fn is_loopback(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_loopback(),
        IpAddr::V6(address) => address.is_loopback(),
    }
}
