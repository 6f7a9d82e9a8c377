//! Sizes and periods as people write them: `64KiB`, `50ms`.

use std::time::Duration;

use serde::{Deserialize, Deserializer, de};

/// A size: a number of bytes, or text such as `"64KiB"` or `"16MiB"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bytes(pub usize);

/// A period: text such as `"50ms"`, `"30s"`, `"15m"`, `"24h"` or `"7d"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Period(pub Duration);

const SIZES: [(&str, u64); 4] = [
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("B", 1),
];

/// Milliseconds; `ms` stands before `m` and `s`, which it ends like.
const PERIODS: [(&str, u64); 5] = [
    ("ms", 1),
    ("s", 1000),
    ("m", 60_000),
    ("h", 3_600_000),
    ("d", 86_400_000),
];

impl Period {
    /// Whole seconds.
    pub const fn seconds(seconds: u64) -> Self {
        Self(Duration::from_secs(seconds))
    }

    /// Reads `15m`.
    pub fn parse(text: &str) -> Option<Self> {
        scaled(text, &PERIODS).map(|millis| Self(Duration::from_millis(millis)))
    }
}

fn scaled(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let (digits, unit) = units
        .iter()
        .find_map(|(name, unit)| Some((text.strip_suffix(name)?, unit)))?;
    digits.trim_end().parse::<u64>().ok()?.checked_mul(*unit)
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "a size such as `65536` or `\"64KiB\"`")]
        enum Written {
            Number(usize),
            Text(String),
        }
        match Written::deserialize(deserializer)? {
            Written::Number(bytes) => Ok(Self(bytes)),
            Written::Text(text) => scaled(&text, &SIZES)
                .and_then(|bytes| usize::try_from(bytes).ok())
                .map(Self)
                .ok_or_else(|| {
                    de::Error::custom(format!("`{text}` is not a size such as `64KiB` or `16MiB`"))
                }),
        }
    }
}

impl<'de> Deserialize<'de> for Period {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| {
            de::Error::custom(format!(
                "`{text}` is not a period such as `50ms`, `30s` or `24h`"
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_need_a_number_and_a_unit() {
        assert_eq!(Period::parse("50ms").unwrap().0, Duration::from_millis(50));
        assert_eq!(Period::parse("2m").unwrap().0, Duration::from_secs(120));
        for text in [
            "",
            "5",
            "ms",
            "-1s",
            "1.5h",
            "1y",
            "99999999999999999999s",
            "18446744073709551615d",
        ] {
            assert_eq!(Period::parse(text), None, "{text}");
        }
    }

    #[test]
    fn sizes_are_binary() {
        assert_eq!(scaled("16MiB", &SIZES), Some(16 << 20));
        assert_eq!(scaled("7 B", &SIZES), Some(7));
        assert_eq!(scaled("16MB", &SIZES), None);
    }
}
