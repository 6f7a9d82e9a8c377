//! Which agents may call which tools with which arguments, written as rules.

use gatewright_sdk::{Pattern, Request, Verdict};

/// The rules.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    tools: Vec<Pattern>,
}

fn judge(settings: &Settings, request: &Request) -> Verdict {
    let listed = settings
        .tools
        .iter()
        .any(|tool| tool.matches(&request.action.name));
    if listed {
        Verdict::allow()
    } else {
        Verdict::deny("this tool is not on the list")
    }
}

gatewright_sdk::policy!(Settings, judge);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tool_that_is_not_listed_is_denied() {
        let settings = Settings {
            tools: vec![Pattern::new("read_*")],
        };
        assert_eq!(
            judge(&settings, &Request::tool("read_file")),
            Verdict::allow()
        );
        assert!(matches!(
            judge(&settings, &Request::tool("rm")),
            Verdict::Deny(_)
        ));
    }
}
