//! An agent may read files with certain endings, and no others.

use gatewright_sdk::{ArgumentError, Denial, Description, Opinion, Powers, Request};

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    endings: Vec<String>,
}

fn judge(settings: &Settings, request: &Request) -> Result<Opinion, ArgumentError> {
    if request.is_listing() {
        return Ok(Opinion::abstain());
    }
    let path: String = request.argument("/path")?;
    if settings.endings.iter().any(|ending| path.ends_with(ending)) {
        return Ok(Opinion::allow().because("endings", ""));
    }
    let endings = settings.endings.join(", ");
    let denial = Denial::invalid_arguments(format!("read files that end in {endings}"));
    Ok(Opinion::deny(denial).because("endings", ""))
}

fn about() -> Description {
    Description::new(Powers::ALLOW | Powers::DENY)
        .with_rule("endings", "Paths end as the operator says")
}

gatewright_sdk::policy!(Settings, judge, about);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_endings_are_refused() {
        let settings = Settings {
            endings: vec![".md".into()],
        };
        let read = |path| Request::tool("read_file").with_argument("/path", path);
        let opinion = judge(&settings, &read("passwords.txt"));
        assert!(opinion.is_ok_and(|opinion| opinion.denies()));
        let opinion = judge(&settings, &read("notes.md"));
        assert!(opinion.is_ok_and(|opinion| opinion.allows()));
    }

    #[test]
    fn a_listing_shows_every_tool() {
        let settings = Settings { endings: vec![] };
        let listing = Request::of_method("tools/list", "read_file");
        assert!(judge(&settings, &listing).is_ok_and(|opinion| !opinion.denies()));
    }

    #[test]
    fn a_call_without_a_path_is_refused() {
        let settings = Settings {
            endings: vec![".md".into()],
        };
        assert!(judge(&settings, &Request::tool("read_file")).is_err());
    }
}
