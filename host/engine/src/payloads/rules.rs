//! Which calls are kept, and what of them is not.

use std::collections::BTreeSet;

use gatewright_policy::json::{Document, EditError, JsonLimits, redact};

use crate::config::KeepConfig;

/// What the operator wants of some calls. Where several rules name a tool, all of them
/// mask.
#[derive(Debug, Default)]
pub(crate) struct Wish {
    /// JSON Pointers into the arguments.
    pub(crate) mask: BTreeSet<String>,
    /// JSON Pointers into the result; none where no result is kept.
    pub(crate) results: Option<BTreeSet<String>>,
}

/// What is wanted of calls of a tool; none where they are not kept.
pub(super) fn wish(rules: &[KeepConfig], server: &str, name: &str) -> Option<Wish> {
    let names_it = |rule: &&KeepConfig| rule.tools.iter().any(|scope| scope.covers(server, name));
    let mut rules = rules.iter().filter(names_it).peekable();
    rules.peek()?;
    let mut wish = Wish::default();
    let mut mask_results = BTreeSet::new();
    for rule in rules {
        wish.mask.extend(rule.mask.iter().cloned());
        mask_results.extend(rule.mask_results.iter().cloned());
        if rule.results {
            wish.results.get_or_insert_default();
        }
    }
    wish.results = wish.results.map(|_| mask_results);
    Some(wish)
}

/// A document without what stands at the pointers, and those of them where something
/// stood.
pub(super) fn masked(
    document: &Document,
    pointers: impl IntoIterator<Item = String>,
) -> Result<(String, Vec<String>), EditError> {
    let mut text = document.clone();
    let mut found = Vec::new();
    for pointer in pointers {
        let pointers = [pointer];
        let without = redact(&text, &pointers, &unbounded())?;
        if without.text() != text.text() {
            let [pointer] = pointers;
            found.push(pointer);
        }
        text = without;
    }
    Ok((text.text().to_owned(), found))
}

/// What was read within its limits is written again whatever `null` adds to it.
fn unbounded() -> JsonLimits {
    JsonLimits {
        bytes_max: usize::MAX,
        depth_max: JsonLimits::default().depth_max.max(1 << 10),
        nodes_max: usize::MAX,
    }
}

#[cfg(test)]
mod tests {
    use gatewright_policy::pattern::Scope;

    use super::*;

    fn rule(tools: &str, results: bool, mask: &str) -> KeepConfig {
        KeepConfig {
            tools: vec![Scope::parse(tools).unwrap()],
            results,
            mask: vec![mask.to_owned()],
            mask_results: vec![mask.to_owned()],
        }
    }

    #[test]
    fn rules_add_up_and_what_no_rule_names_is_not_kept() {
        let rules = [rule("files:*", false, "/a"), rule("*:read_*", true, "/b")];
        assert!(wish(&rules, "mail", "send").is_none());
        let one = wish(&rules, "files", "write_file").unwrap();
        assert_eq!((one.mask.len(), one.results), (1, None));
        let both = wish(&rules, "files", "read_file").unwrap();
        assert_eq!((both.mask.len(), both.results.unwrap().len()), (2, 2));
    }

    #[test]
    fn what_is_masked_is_not_in_the_text_and_is_said() {
        let document = |text: &str| Document::parse(text, &JsonLimits::default()).unwrap();
        let pointers = || ["/a/secret".to_owned(), "/b".to_owned()];
        let (text, found) =
            masked(&document(r#"{"a":{"secret":"x1","b":2}}"#), pointers()).unwrap();
        assert!(!text.contains("x1"), "{text}");
        assert!(text.contains("\"b\":2"), "{text}");
        assert_eq!(found, ["/a/secret"]);
        // Every byte stays where nothing is masked.
        let (text, found) = masked(&document("{\"c\": 1.0e0}"), pointers()).unwrap();
        assert_eq!((text.as_str(), found.len()), ("{\"c\": 1.0e0}", 0));
    }
}
