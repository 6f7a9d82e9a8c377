//! UUIDs of RFC 4122: what stands in one.

use std::collections::BTreeMap;

use regorus::Value;

use super::arguments::{BuiltinError, text};

/// Between 1582, when UUIDs begin to count, and 1970; steps of 100 nanoseconds.
const BEFORE_1970: i64 = 122_192_928_000_000_000;

/// Undefined where the text is no UUID.
pub(super) fn parse(values: &[Value]) -> Result<Value, BuiltinError> {
    Ok(match read(text(values, 0)?) {
        Some(bytes) => described(&bytes).unwrap_or(Value::Undefined),
        None => Value::Undefined,
    })
}

fn read(text: &str) -> Option<[u8; 16]> {
    let text = match text.len() {
        36 | 32 => text,
        45 => {
            let (prefix, rest) = text.split_at_checked(9)?;
            prefix.eq_ignore_ascii_case("urn:uuid:").then_some(rest)?
        }
        // Whatever the brackets are.
        38 => text.get(1..37)?,
        _ => return None,
    };
    let digits: String = match text.len() {
        32 => text.to_owned(),
        _ => {
            let parts: Vec<&str> = text.split('-').collect();
            let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
            (lengths == [8, 4, 4, 4, 12]).then(|| parts.concat())?
        }
    };
    let bytes = data_encoding::HEXLOWER_PERMISSIVE.decode(digits.as_bytes());
    bytes.ok()?.try_into().ok()
}

fn described(bytes: &[u8; 16]) -> Option<Value> {
    let [a, b, c, d, e, f, g, h, i, j, node @ ..] = *bytes;
    let version = g >> 4;
    let variant = match i {
        0x80..=0xbf => "RFC4122",
        0xc0..=0xdf => "Microsoft",
        0xe0.. => "Future",
        _ => "Reserved",
    };
    let mut members = vec![
        ("version", Value::from(u32::from(version))),
        ("variant", Value::from(variant)),
    ];
    if matches!(version, 1 | 2) {
        let time = i64::from(u32::from_be_bytes([a, b, c, d]))
            | i64::from(u16::from_be_bytes([e, f])) << 32
            | i64::from(u16::from_be_bytes([g & 0x0f, h])) << 48;
        let time = (time - BEFORE_1970).checked_mul(100)?;
        let names: Vec<String> = node.iter().map(|byte| format!("{byte:02x}")).collect();
        let first = node.first().copied().unwrap_or_default();
        let kind = match first & 3 {
            3 => "local:multicast",
            1 => "global:multicast",
            2 => "local:unicast",
            _ => "global:unicast",
        };
        let sequence = u16::from_be_bytes([i, j]) & 0x3fff;
        members.extend([
            ("time", Value::from(time)),
            ("nodeid", Value::from(names.join("-"))),
            ("macvariables", Value::from(kind)),
            ("clocksequence", Value::from(u32::from(sequence))),
        ]);
    }
    if version == 2 {
        let domain = match j {
            0 => "Person".to_owned(),
            1 => "Group".to_owned(),
            2 => "Org".to_owned(),
            other => format!("Domain{other}"),
        };
        members.extend([
            ("id", Value::from(u32::from_be_bytes([a, b, c, d]))),
            ("domain", Value::from(domain)),
        ]);
    }
    let members = members.into_iter();
    let members = members.map(|(name, value)| (Value::from(name), value));
    Some(Value::from(members.collect::<BTreeMap<_, _>>()))
}
