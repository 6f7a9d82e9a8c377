//! Annotations that are nearly one that means something: `@aks` would ask nobody, and beside
//! `@ask` nobody reads `@approvers`.

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

/// What other gates call approvers and how many of them there must be, as it is compared.
const FOREIGN: [(&str, &str); 10] = [
    ("approver", "roles"),
    ("approvers", "roles"),
    ("approverroles", "roles"),
    ("reviewer", "roles"),
    ("reviewers", "roles"),
    ("approvals", "quorum"),
    ("minapprovals", "quorum"),
    ("minapprovers", "quorum"),
    ("minimumapprovals", "quorum"),
    ("requiredapprovals", "quorum"),
];

/// Longest word, in letters, that is another word with another beginning.
const SHORT_MAX: usize = 4;

/// Refuses an annotation that is another in another spelling, or one slip of the hand away
/// from it; and one that says elsewhere who must agree, where the policy asks or owes.
pub(crate) fn check(policy: &Policy) -> Result<(), String> {
    let known = || OWING.iter().chain(&ABOUT_CHARGES).chain(&ABOUT_ASKING);
    let known = || known().chain(&OTHERS).copied();
    let has = |name: &&str| policy.annotation(name).is_some();
    let asks_or_owes = has(&"ask") || OWING.iter().any(has);
    for (name, _) in policy.annotations() {
        if known().any(|it| it == name) {
            continue;
        }
        let written = compared(name);
        let foreign = FOREIGN.iter().filter(|_| asks_or_owes);
        let foreign = foreign.filter(|(it, _)| *it == written);
        let meant = foreign.map(|(_, right)| *right).next();
        let meant = meant.or_else(|| known().find(|it| is_nearly(&written, &compared(it))));
        if let Some(meant) = meant {
            return Err(format!(
                "`@{name}` means nothing\nhint: write `@{meant}`, or give it another name"
            ));
        }
    }
    Ok(())
}

/// A name without what is only spelling.
fn compared(name: &str) -> String {
    let letters = name.chars().filter(|it| !matches!(it, '_' | '-'));
    letters.flat_map(char::to_lowercase).collect()
}

/// Whether two names are the same, or one letter is missing, too many or wrong, or two changed
/// places. Very short words are like many others, and those of up to four letters are another
/// word where they begin otherwise: `task` and `ask`, `host` and `cost`.
fn is_nearly(written: &str, meant: &str) -> bool {
    if written == meant {
        return true;
    }
    if meant.len() < 3 {
        return false;
    }
    let same = |letters: (char, char)| letters.0 == letters.1;
    let before = written
        .chars()
        .zip(meant.chars())
        .take_while(|it| same(*it))
        .count();
    let begins_otherwise = before == 0 && meant.len() <= SHORT_MAX;
    let written: Vec<char> = written.chars().skip(before).collect();
    let meant: Vec<char> = meant.chars().skip(before).collect();
    match (written.as_slice(), meant.as_slice()) {
        ([a, b, rest @ ..], [c, d, other @ ..]) if a == d && b == c && rest == other => true,
        ([_, rest @ ..], [_, other @ ..]) if rest == other => !begins_otherwise,
        ([_, rest @ ..], other) if rest == other => !begins_otherwise,
        (rest, [_, other @ ..]) => rest == other,
        _ => false,
    }
}
