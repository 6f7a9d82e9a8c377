//! Annotations that are nearly one that means something: `@aks` would ask nobody.

use cedar_policy::Policy;

use crate::owed::{ABOUT_CHARGES, OWING};

/// Annotations about a question to people.
pub(crate) const ABOUT_ASKING: [&str; 8] = [
    "roles",
    "quorum",
    "show",
    "exclude",
    "exclude_requester",
    "decide_within_seconds",
    "use_within_seconds",
    "ttl_seconds",
];

/// Further annotations with a meaning.
const OTHERS: [&str; 7] = [
    "ask", "abstain", "reason", "message", "refusal", "scopes", "id",
];

/// Refuses an annotation that is one slip of the hand away from another.
pub(crate) fn check(policy: &Policy) -> Result<(), String> {
    for (name, _) in policy.annotations() {
        let known = || OWING.iter().chain(&ABOUT_CHARGES).chain(&ABOUT_ASKING);
        let known = || known().chain(&OTHERS).copied();
        if known().any(|it| it == name) {
            continue;
        }
        if let Some(meant) = known().find(|it| is_slip(name, it)) {
            return Err(format!(
                "`@{name}` means nothing\nhint: write `@{meant}`, or give it another name"
            ));
        }
    }
    Ok(())
}

/// Whether one letter is missing, too many or wrong, or two changed places. The first letter
/// is rarely one of them, and short words are like many others.
fn is_slip(written: &str, meant: &str) -> bool {
    if meant.len() < 3 || written.get(..1) != meant.get(..1) {
        return false;
    }
    let same = |letters: (char, char)| letters.0 == letters.1;
    let before = written
        .chars()
        .zip(meant.chars())
        .take_while(|it| same(*it))
        .count();
    let written: Vec<char> = written.chars().skip(before).collect();
    let meant: Vec<char> = meant.chars().skip(before).collect();
    match (written.as_slice(), meant.as_slice()) {
        ([a, b, rest @ ..], [c, d, other @ ..]) if a == d && b == c && rest == other => true,
        ([_, rest @ ..], [_, other @ ..]) if rest == other => true,
        ([_, rest @ ..], other) if rest == other => true,
        (rest, [_, other @ ..]) => rest == other,
        _ => false,
    }
}
