//! Addresses that stand in the labels of a name. Services resolve
//! `10-0-0-1.anything.example` to `10.0.0.1`, and not all of them are known.

use std::net::Ipv4Addr;

use crate::range::{Reach, is_near, reach_of_address};

/// The closed address that the labels of a name spell, if any.
pub(crate) fn near_address(name: &str) -> Option<Ipv4Addr> {
    if !name.bytes().any(|byte| byte.is_ascii_digit()) && !name.contains("ff") {
        return None;
    }
    in_labels(name)
        .or_else(|| name.split('.').find_map(within_label))
        .or_else(|| name.split('.').find_map(as_one_number))
}

/// `127.0.0.1.example.com`: four number labels side by side.
fn in_labels(name: &str) -> Option<Ipv4Addr> {
    let mut run = Run::default();
    name.split('.')
        .filter_map(|label| run.next(octet(label)))
        .find(|address| reach_of_address((*address).into()) != Reach::Public)
}

/// `ip-10-0-0-1`: exactly four numbers side by side. Versions are written
/// like that too (`v-0-1-2-3`), so only what lies near counts.
fn within_label(label: &str) -> Option<Ipv4Addr> {
    let parts: Vec<Option<u8>> = label.split(['-', '_']).map(octet).collect();
    parts
        .chunk_by(|a, b| a.is_some() == b.is_some())
        .find_map(|run| match run {
            [Some(a), Some(b), Some(c), Some(d)] => {
                let address = Ipv4Addr::new(*a, *b, *c, *d);
                (is_near(address) || address.is_unspecified()).then_some(address)
            }
            _ => None,
        })
}

/// `7f000001`, `0x7f000001`, `2130706433`.
fn as_one_number(label: &str) -> Option<Ipv4Addr> {
    let (digits, marked) = match label.strip_prefix("0x") {
        Some(digits) => (digits, true),
        None => (label, false),
    };
    if digits.len() == HEX_DIGITS && digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        let address = Ipv4Addr::from(u32::from_str_radix(digits, 16).ok()?);
        let [first, second, ..] = address.octets();
        // Hashes look like hexadecimal addresses; these parts seldom do.
        let likely =
            matches!((first, second), (127 | 10, 0)) || !address.is_loopback() && first != 10;
        if is_near(address) && (marked || likely) {
            return Some(address);
        }
    }
    let plain =
        label.len() >= DECIMAL_DIGITS_MIN && label.bytes().all(|byte| byte.is_ascii_digit());
    let address = Ipv4Addr::from(label.parse::<u32>().ok().filter(|_| plain)?);
    let [first, second, third, _] = address.octets();
    let near = matches!((first, second, third), (127, 0, 0) | (169, 254, 169 | 170));
    near.then_some(address)
}

/// An address as hexadecimal number, without its mark.
const HEX_DIGITS: usize = 8;

/// `2130706433` is the smallest loopback address; shorter numbers are ids.
const DECIMAL_DIGITS_MIN: usize = 10;

/// The last four numbers.
#[derive(Default)]
struct Run {
    octets: [u8; 4],
    length: usize,
}

impl Run {
    fn next(&mut self, octet: Option<u8>) -> Option<Ipv4Addr> {
        let Some(octet) = octet else {
            self.length = 0;
            return None;
        };
        let [_, b, c, d] = self.octets;
        self.octets = [b, c, d, octet];
        self.length += 1;
        (self.length >= 4).then(|| Ipv4Addr::from(self.octets))
    }
}

fn octet(text: &str) -> Option<u8> {
    let plain = (1..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| plain)
}
