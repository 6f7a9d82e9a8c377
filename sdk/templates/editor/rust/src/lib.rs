//! A search gives so many results at most, whatever the agent asks.

use gatewright_sdk::{ArgumentError, Description, Edit, Powers, Request, Revision};

/// The rule that every change follows; records name it.
const MOST: &str = "most";

/// What the operator chooses.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// How many results a search gives at most.
    most: i64,
}

fn revise(settings: &Settings, request: &Request) -> Result<Revision, ArgumentError> {
    let limit: Option<i64> = request.argument("/limit")?;
    if limit.is_some_and(|limit| limit <= settings.most) {
        return Ok(Revision::from(Vec::new()));
    }
    let edits = vec![Edit::set("/limit", settings.most)];
    Ok(Revision::from(edits).because(MOST, ""))
}

fn about() -> Description {
    Description::new(Powers::EDIT)
        .with_schema(include_str!("../settings.schema.json"))
        .with_rule(MOST, "Searches give so many results at most")
}

gatewright_sdk::editor!(Settings, revise, about);

#[cfg(test)]
mod tests {
    use super::*;

    fn edits(request: &Request) -> Vec<Edit> {
        let revision = revise(&Settings { most: 10 }, request);
        revision.map_or(Vec::new(), |revision| revision.edits)
    }

    #[test]
    fn more_becomes_the_most() {
        let search = || Request::tool("search");
        assert_eq!(edits(&search().with_argument("/limit", 1000)).len(), 1);
        assert_eq!(edits(&search()).len(), 1);
        assert!(edits(&search().with_argument("/limit", 5)).is_empty());
    }

    #[test]
    fn what_is_no_number_is_refused() {
        let search = Request::tool("search").with_argument("/limit", "all");
        assert!(revise(&Settings { most: 10 }, &search).is_err());
    }
}
