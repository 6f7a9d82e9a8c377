//! Whoever got a result of these tools has a label from then on.

use gatewright_sdk::{Description, Powers, Report, Request, Response};

/// The rule that every label follows; records name it.
const LABEL: &str = "label";

/// What the operator chooses.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// What a session carries that got a result.
    label: String,
}

fn review(settings: &Settings, _request: &Request, response: &Response) -> Report {
    if response.is_error() {
        return Report::pass();
    }
    Report::pass()
        .labelling([&settings.label])
        .because(LABEL, "")
}

fn about() -> Description {
    Description::new(Powers::LABEL)
        .with_schema(include_str!("../settings.schema.json"))
        .with_rule(LABEL, "Results label the session")
}

gatewright_sdk::reviewer!(Settings, review, about);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_labels_the_session() {
        let settings = Settings {
            label: "outside".into(),
        };
        let report = review(&settings, &Request::tool("fetch"), &Response::text("hello"));
        assert_eq!(report.labels, ["outside"]);
    }
}
