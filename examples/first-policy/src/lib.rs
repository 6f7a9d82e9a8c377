//! An agent may read files with certain endings, and no others.

use gatewright_sdk::{ArgumentError, Denial, Request, Verdict};

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    endings: Vec<String>,
}

fn judge(settings: &Settings, request: &Request) -> Result<Verdict, ArgumentError> {
    let path: String = request.argument("/path")?;
    if settings.endings.iter().any(|ending| path.ends_with(ending)) {
        return Ok(Verdict::allow());
    }
    let endings = settings.endings.join(", ");
    Ok(Verdict::deny(Denial::invalid_arguments(format!(
        "read files that end in {endings}"
    ))))
}

gatewright_sdk::policy!(Settings, judge);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_endings_are_refused() {
        let settings = Settings {
            endings: vec![".md".into()],
        };
        let read = |path| Request::tool("read_file").with_argument("/path", path);
        assert!(matches!(
            judge(&settings, &read("passwords.txt")),
            Ok(Verdict::Deny(_))
        ));
        assert_eq!(judge(&settings, &read("notes.md")), Ok(Verdict::allow()));
    }

    #[test]
    fn a_call_without_a_path_is_refused() {
        let settings = Settings {
            endings: vec![".md".into()],
        };
        assert!(judge(&settings, &Request::tool("read_file")).is_err());
    }
}
