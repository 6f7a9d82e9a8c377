//! An agent may read files with certain endings, and no others.

use gatewright_sdk::{ArgumentError, Denial, Request, Verdict};

/// What the operator chooses.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// How the paths end that may be read.
    endings: Vec<String>,
}

fn judge(settings: &Settings, request: &Request) -> Result<Verdict, ArgumentError> {
    if request.is_listing() {
        return Ok(Verdict::abstain());
    }
    let path: String = request.argument("/path")?;
    if settings.endings.iter().any(|ending| path.ends_with(ending)) {
        return Ok(Verdict::allow());
    }
    let endings = settings.endings.join(", ");
    Ok(Verdict::deny(Denial::invalid_arguments(format!(
        "use a path that ends in {endings}"
    ))))
}

gatewright_sdk::policy!(Settings, judge);

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
        let verdict = judge(&settings(), &read("passwords.db"));
        assert!(matches!(verdict, Ok(Verdict::Deny(_))));
        assert_eq!(judge(&settings(), &read("notes.md")), Ok(Verdict::allow()));
    }

    #[test]
    fn a_call_without_a_path_is_refused() {
        assert!(judge(&settings(), &Request::tool("read_file")).is_err());
    }
}
