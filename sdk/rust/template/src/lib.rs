//! An agent may read files with certain endings, and no others.

use gatewright_sdk::{ArgumentError, Denial, Description, Opinion, Powers, Request};

/// The rule that every answer follows; records name it.
const ENDINGS: &str = "endings";

/// What the operator chooses.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// How the paths end that may be read.
    endings: Vec<String>,
}

fn judge(settings: &Settings, request: &Request) -> Result<Opinion, ArgumentError> {
    if request.is_listing() {
        return Ok(Opinion::abstain());
    }
    let path: String = request.argument("/path")?;
    if settings.endings.iter().any(|ending| path.ends_with(ending)) {
        return Ok(Opinion::allow().because(ENDINGS, ""));
    }
    let endings = settings.endings.join(", ");
    let denial = Denial::invalid_arguments(format!("use a path that ends in {endings}"));
    Ok(Opinion::deny(denial).because(ENDINGS, ""))
}

fn about() -> Description {
    Description::new(Powers::ALLOW | Powers::DENY)
        .with_schema(include_str!("../settings.schema.json"))
        .with_rule(ENDINGS, "Paths end as the operator says")
}

gatewright_sdk::policy!(Settings, judge, about);

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> Settings {
        Settings {
            endings: vec![".md".into()],
        }
    }

    #[test]
    fn other_endings_are_refused() {
        let read = |path| Request::tool("read_file").with_argument("/path", path);
        let opinion = judge(&settings(), &read("passwords.db"));
        assert!(opinion.is_ok_and(|opinion| opinion.denies()));
        let opinion = judge(&settings(), &read("notes.md"));
        assert!(opinion.is_ok_and(|opinion| opinion.allows()));
    }

    #[test]
    fn a_call_without_a_path_is_refused() {
        assert!(judge(&settings(), &Request::tool("read_file")).is_err());
    }
}
