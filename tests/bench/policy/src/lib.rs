//! The policy that the benchmarks measure: a list of rules, of which one must
//! cover the call. Cedar and Rego get the same rules in their own languages.

use std::hint::black_box;

use gatewright_sdk::{ArgumentError, Denial, Description, Opinion, Powers, Request};
use serde::Deserialize;

/// What the operator writes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    rules: Vec<Rule>,
    /// Never answers: for the figures about a policy that loops.
    #[serde(default)]
    spins: bool,
}

/// Covers a tool where its path, limit and mode fit.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    tool: String,
    under: String,
    limit_max: i64,
    modes: Vec<String>,
}

fn judge(settings: &Settings, request: &Request) -> Result<Opinion, ArgumentError> {
    while black_box(settings.spins) {}
    let tool = request.name();
    let path: String = request.argument("/path")?;
    let limit: i64 = request.argument("/limit")?;
    let mode: String = request.argument("/mode")?;
    let covered = settings.rules.iter().any(|rule| {
        rule.tool == tool
            && path.starts_with(&rule.under)
            && limit <= rule.limit_max
            && rule.modes.contains(&mode)
    });
    Ok(if covered {
        Opinion::allow()
    } else {
        Opinion::deny(Denial::invalid_arguments("no rule covers this"))
    })
}

fn about() -> Description {
    Description::new(Powers::ALLOW | Powers::DENY)
}

gatewright_sdk::policy!(Settings, judge, about);

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(path: &str, limit: i64, mode: &str) -> Opinion {
        let settings = Settings {
            rules: vec![Rule {
                tool: "read_document".to_owned(),
                under: "/srv/p0/".to_owned(),
                limit_max: 500,
                modes: vec!["text".to_owned()],
            }],
            spins: false,
        };
        let request = Request::tool("read_document")
            .with_argument("/path", path)
            .with_argument("/limit", limit)
            .with_argument("/mode", mode);
        judge(&settings, &request).into()
    }

    #[test]
    fn every_condition_of_a_rule_counts() {
        assert!(asked("/srv/p1/a", 500, "text").denies());
        assert!(asked("/srv/p0/a", 501, "text").denies());
        assert!(asked("/srv/p0/a", 500, "raw").denies());
        assert!(asked("/srv/p0/a", 500, "text").allows());
    }
}
