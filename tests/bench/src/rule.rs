//! The rules that everything is measured with, in each language, and calls that
//! the last of them allows: whoever stops at the first hit has read them all.

use serde_json::{Value, json};

/// The tool of every measured call.
pub(crate) const TOOL: &str = "read_document";

/// The server that has it.
pub(crate) const SERVER: &str = "documents";

/// Length of the arguments, in bytes.
const ARGUMENT_BYTES: usize = 1024;

/// Different calls, used in turn.
const CALLS: usize = 64;

/// The same of calls whose arguments may be long.
const GROWN_CALLS: usize = 4;

/// Longest entry of the list in them, and all that stands beside it, in bytes.
const ENTRY_BYTES_MAX: usize = 52;
const BESIDE_ENTRIES: usize = 200;

/// The highest number that the rules let pass; the samples stay below.
pub(crate) const LIMIT_MAX: usize = 500;

/// One call.
pub(crate) struct Sample {
    /// The arguments: what the peers get.
    pub(crate) arguments: String,
    /// The MCP message around them: what the gate gets.
    pub(crate) message: String,
}

/// Settings of the policy `tests/bench/policy`, as a TOML table.
pub(crate) fn settings(rules: usize) -> String {
    settings_up_to(rules, LIMIT_MAX)
}

/// The same with another upper bound of the number.
pub(crate) fn settings_up_to(rules: usize, limit_max: usize) -> String {
    let rules: Vec<String> = (0..rules)
        .map(|rule| {
            let under = under(rule);
            format!("{{ tool = \"{TOOL}\", under = \"{under}\", limit_max = {limit_max}, modes = [\"text\", \"lines\"] }}")
        })
        .collect();
    format!("{{ rules = [{}] }}", rules.join(", "))
}

/// The same for Cedar.
pub(crate) fn cedar(rules: usize) -> String {
    cedar_about(rules, "call", TOOL, "context")
}

/// Settings of the policy `plugins/cedar` with the same, as a TOML table.
pub(crate) fn cedar_settings(rules: usize) -> String {
    let tool = format!("{SERVER}/{TOOL}");
    let policies = cedar_about(rules, "tools/call", &tool, "context.arguments");
    format!("{{ policies = {} }}", json!(policies))
}

fn cedar_about(rules: usize, action: &str, tool: &str, arguments: &str) -> String {
    let rule = |rule| {
        format!(
            "permit (principal, action == Action::\"{action}\", resource == Tool::\"{tool}\") when {{ \
             {arguments}.path like \"{}*\" && {arguments}.limit <= 500 \
             && [\"text\", \"lines\"].contains({arguments}.mode) }};\n",
            under(rule)
        )
    };
    (0..rules).map(rule).collect()
}

/// The same in Rego.
pub(crate) fn rego(rules: usize) -> String {
    rego_about(rules, "input.tool")
}

/// Settings of the policy `plugins/rego` with the same, as a TOML table.
pub(crate) fn rego_settings(rules: usize) -> String {
    let module = json!(rego_about(rules, "input.action.name"));
    format!("{{ query = \"data.bench.allow\", module = {module} }}")
}

fn rego_about(rules: usize, tool: &str) -> String {
    let rule = |rule| {
        format!(
            "allow if {{\n {tool} == \"{TOOL}\"\n startswith(input.arguments.path, \"{}\")\n \
             input.arguments.limit <= 500\n input.arguments.mode in {{\"text\", \"lines\"}}\n}}\n",
            under(rule)
        )
    };
    let rules: String = (0..rules).map(rule).collect();
    format!("package bench\nimport rego.v1\ndefault allow := false\n{rules}")
}

/// Calls that the last of `rules` rules allows, and no other.
pub(crate) fn samples(rules: usize, seed: u64) -> Vec<Sample> {
    let mut random = Random(seed);
    (0..CALLS)
        .map(|id| sample(id, rules.saturating_sub(1), &mut random))
        .collect()
}

fn sample(id: usize, rule: usize, random: &mut Random) -> Sample {
    let arguments = json!({
        "path": format!("{}notes/chapter-{}.md", under(rule), random.below(1000)),
        "limit": random.below(500),
        "mode": if random.below(2) == 0 { "text" } else { "lines" },
        "encoding": "utf-8",
        "follow_links": false,
        "ranges": [
            {"from": random.below(100), "to": 400},
            {"from": 800, "to": 900 + random.below(100)},
        ],
        "filter": {"include": ["*.md", "*.txt"], "exclude": ["drafts/*", "old/*"]},
        "ticket": {"id": random.below(1_000_000), "team": "documents", "urgent": true},
        "note": "",
    });
    padded(id, arguments, ARGUMENT_BYTES, random)
}

/// Calls that the one rule allows, with arguments of so many bytes, 100 at the least: a
/// list in them is as long as it must be.
pub(crate) fn grown(bytes: usize, seed: u64) -> Vec<Sample> {
    let mut random = Random(seed);
    (0..GROWN_CALLS)
        .map(|id| grown_sample(id, bytes, &mut random))
        .collect()
}

fn grown_sample(id: usize, bytes: usize, random: &mut Random) -> Sample {
    let path = format!("{}chapter-{}.md", under(0), random.below(1000));
    let mut arguments = json!({
        "path": path, "limit": random.below(500), "mode": "text", "note": "",
    });
    let entries = bytes.saturating_sub(BESIDE_ENTRIES) / ENTRY_BYTES_MAX;
    if let Some(arguments) = arguments.as_object_mut()
        && entries > 0
    {
        let mut entry = || {
            let name: String = (0..20).map(|_| random.letter()).collect();
            json!({"name": name, "from": random.below(1000), "to": random.below(1000)})
        };
        let ranges: Vec<Value> = (0..entries).map(|_| entry()).collect();
        arguments.insert("ranges".to_owned(), ranges.into());
    }
    padded(id, arguments, bytes, random)
}

/// A call with a note that is as long as its arguments must have it.
fn padded(id: usize, mut arguments: Value, bytes: usize, random: &mut Random) -> Sample {
    let missing = bytes.saturating_sub(arguments.to_string().len());
    let letters = (0..missing).map(|_| random.letter());
    if let Some(note) = arguments.get_mut("note") {
        *note = letters.collect::<String>().into();
    }
    let message = json!({
        "jsonrpc": "2.0", "id": id, "method": "tools/call",
        "params": {"name": TOOL, "arguments": arguments},
    });
    Sample {
        arguments: arguments.to_string(),
        message: message.to_string(),
    }
}

fn under(rule: usize) -> String {
    format!("/srv/projects/p{rule}/")
}

/// SplitMix64: the same numbers for the same seed, everywhere.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }

    fn letter(&mut self) -> char {
        ('a'..='z').nth(self.below(26) as usize).unwrap_or('z')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_have_a_kilobyte_and_depend_on_the_seed_alone() {
        let arguments = |seed| -> Vec<String> {
            let samples = samples(10, seed).into_iter();
            samples.map(|sample| sample.arguments).collect()
        };
        assert!(arguments(1).iter().all(|text| text.len() == ARGUMENT_BYTES));
        assert_eq!(arguments(1), arguments(1));
        assert_ne!(arguments(1), arguments(2));
    }

    #[test]
    fn arguments_are_as_long_as_they_are_asked_for() {
        for bytes in [100, 200, 260, 1000, 10_000] {
            for sample in grown(bytes, 1) {
                assert_eq!(sample.arguments.len(), bytes);
                let arguments: Value = serde_json::from_str(&sample.arguments).unwrap();
                assert_eq!(arguments["ranges"].is_array(), bytes >= 260);
                // Most of a long one is its list, and not one text.
                let note = arguments["note"].as_str().unwrap();
                assert!(note.len() < 200 + bytes / 20, "{} of {bytes}", note.len());
            }
        }
    }

    /// Otherwise the peers would be measured on another question.
    #[test]
    fn cedar_and_rego_allow_what_the_last_rule_covers_and_nothing_else() {
        for rules in [1, 10] {
            let mut cedar = crate::cedar::Cedar::new(rules).unwrap();
            let mut rego = crate::rego::Rego::new(rules).unwrap();
            for sample in samples(rules, 1) {
                assert!(cedar.allows(&sample).unwrap());
                assert!(rego.allows(&sample).unwrap());
            }
            for sample in samples(rules + 1, 1) {
                assert!(!cedar.allows(&sample).unwrap());
                assert!(!rego.allows(&sample).unwrap());
            }
        }
    }
}
