//! Whether a webhook has one place, and what it needs to be believed.

use std::collections::HashSet;

use super::name::is_name;
use super::{Loaded, Problems, WebhookShape, is_safe};

pub(super) fn check(loaded: &Loaded, problems: &mut Problems<'_>) {
    let mut names = HashSet::new();
    for webhook in &loaded.config.webhooks {
        let (name, span) = (webhook.name.get_ref(), webhook.name.span());
        let mut wrong = |problem: &str, hint: &str| {
            let message = format!("webhook `{}` {problem}", name.escape_debug());
            problems.at(span.clone(), message, hint.to_owned());
        };
        if !is_name(name) || !names.insert(name) {
            wrong(
                "has no name of its own",
                "use letters, digits and `-`, each name once",
            );
        }
        let places = [
            webhook.url.is_some(),
            webhook.url_env.is_some(),
            webhook.url_file.is_some(),
        ];
        if places.into_iter().filter(|is_there| *is_there).count() != 1 {
            wrong(
                "needs exactly one of `url`, `url_env` and `url_file`",
                "a URL that is a secret, as those of Slack and Teams are, stands in a variable or a file",
            );
        }
        if webhook.url.as_deref().is_some_and(|url| !is_safe(url)) {
            wrong(
                "goes to a URL that is neither `https` nor on this machine",
                "write `https://`; one with a query stands in a variable or a file",
            );
        }
        let is_signed = match (&webhook.secret_env, &webhook.secret_file) {
            (Some(_), Some(_)) => None,
            (None, None) => Some(false),
            (Some(_), None) | (None, Some(_)) => Some(true),
        };
        if is_signed.is_none() || is_signed == Some(false) && webhook.shape == WebhookShape::Plain {
            wrong(
                "needs exactly one of `secret_env` and `secret_file`",
                "whoever gets the messages checks with it that they are this gate's",
            );
        }
        if webhook.events.is_empty() {
            wrong("tells nothing", "leave `events` out: everything is told");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Loaded;

    fn problem(webhook: &str) -> Option<String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("gatewright.toml");
        std::fs::write(&path, webhook).unwrap();
        let read = Loaded::read(&path);
        read.err().map(|error| error.problems[0].message.clone())
    }

    #[test]
    fn a_webhook_has_one_place_and_one_secret() {
        let rows = [
            ("url = \"https://a.example/b\"\nsecret_env = \"S\"", None),
            ("url_env = \"U\"\nshape = \"slack\"", None),
            ("url = \"https://a.example\"", Some("`secret_env`")),
            ("secret_env = \"S\"", Some("`url`")),
            (
                "url = \"https://a.example\"\nurl_env = \"U\"\nsecret_env = \"S\"",
                Some("`url_env`"),
            ),
            (
                "url = \"http://a.example\"\nsecret_env = \"S\"",
                Some("neither `https`"),
            ),
            (
                "url_env = \"U\"\nsecret_env = \"S\"\nsecret_file = \"s\"",
                Some("`secret_file`"),
            ),
            (
                "url_env = \"U\"\nsecret_env = \"S\"\nevents = []",
                Some("tells nothing"),
            ),
            (
                "url_env = \"U\"\nsecret_env = \"S\"\nevents = [\"granted\"]",
                Some("unknown variant"),
            ),
        ];
        for (keys, expected) in rows {
            let found = problem(&format!("[[webhook]]\nname = \"ops\"\n{keys}\n"));
            match expected {
                None => assert_eq!(found, None, "{keys}"),
                Some(part) => assert!(found.unwrap().contains(part), "{keys}"),
            }
        }
        let twice = "[[webhook]]\nname = \"a\"\nurl_env = \"U\"\nsecret_env = \"S\"\n".repeat(2);
        assert!(problem(&twice).unwrap().contains("name of its own"));
    }
}
