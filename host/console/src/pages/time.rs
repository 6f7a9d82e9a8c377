//! Times, as a person reads them: how long ago, with the exact time beside it.

use gatewright_policy::{Timestamp, counted};
use maud::{Markup, html};

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// A time, seen from now.
pub(crate) fn time(at: Timestamp, now: Timestamp) -> Markup {
    let exact = at.to_string();
    html! { time datetime=(exact) title=(exact) { (relative(at, now)) } }
}

/// `3 min ago`, `in 12 min`.
fn relative(at: Timestamp, now: Timestamp) -> String {
    let (ahead, seconds) = match at > now {
        true => (true, at.since(now).as_secs()),
        false => (false, now.since(at).as_secs()),
    };
    let length = match seconds {
        0..10 => return if ahead { "in a moment" } else { "just now" }.to_owned(),
        10..MINUTE => format!("{seconds} s"),
        MINUTE..HOUR => format!("{} min", seconds / MINUTE),
        HOUR..DAY => format!("{} h", seconds / HOUR),
        _ => counted(seconds / DAY, "day"),
    };
    match ahead {
        true => format!("in {length}"),
        false => format!("{length} ago"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_from_now() {
        let now = Timestamp(1_000_000_000);
        let cases = [
            (0, "just now"),
            (-9_000, "just now"),
            (3_000, "in a moment"),
            (-15_000, "15 s ago"),
            (-59_999, "59 s ago"),
            (61_000, "in 1 min"),
            (-3_600_000, "1 h ago"),
            (-90_000_000, "1 day ago"),
            (-200_000_000, "2 days ago"),
        ];
        for (offset, expected) in cases {
            let at = Timestamp(now.0.checked_add_signed(offset).unwrap());
            assert_eq!(relative(at, now), expected);
        }
    }
}
