//! Takes the secrets out of a text, and leaves the rest as it is.

use std::collections::BTreeSet;

use crate::kind::Kind;
use crate::mark::mark;
use crate::reading::Reading;
use crate::scan::Scanner;
use crate::secret::Secret;

/// A secret that is gone may have hidden where another one begins: what had some is
/// looked at so often again at the most.
const ROUNDS_MAX: usize = 4;

/// The text without its secrets, or nothing if it has none. A secret goes as it
/// is written, with its escapes.
pub(crate) fn redacted(
    scanner: &Scanner,
    text: &str,
    kinds: &mut BTreeSet<Kind>,
) -> Option<String> {
    let mut redacted = redacted_once(scanner, text, kinds)?;
    for _ in 0..ROUNDS_MAX {
        match redacted_once(scanner, &redacted, kinds) {
            Some(again) => redacted = again,
            None => break,
        }
    }
    Some(redacted)
}

/// The secrets of a text, where they are written: those that it says, or, where it says
/// none, those that stand there as they are, with their first letters taken for an escape.
pub(crate) fn found(scanner: &Scanner, text: &str) -> Vec<Secret> {
    let reading = Reading::of(text);
    let mut secrets = scanner.scan(&reading);
    for secret in &mut secrets {
        secret.place = reading.place(&secret.place);
    }
    if secrets.is_empty() {
        secrets = scanner.scan_escapes(&reading);
    }
    secrets
}

fn redacted_once(scanner: &Scanner, text: &str, kinds: &mut BTreeSet<Kind>) -> Option<String> {
    let secrets = found(scanner, text);
    if secrets.is_empty() {
        return None;
    }
    let mut redacted = String::with_capacity(text.len());
    let mut end = 0;
    for secret in secrets {
        let place = secret.place;
        redacted.push_str(text.get(end..place.start).unwrap_or_default());
        redacted.push_str(&mark(&secret.kind));
        end = place.end;
        kinds.insert(secret.kind);
    }
    redacted.push_str(text.get(end..).unwrap_or_default());
    Some(redacted)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn clean(text: &str) -> String {
        let scanner = Scanner::new(true, Vec::new(), BTreeSet::new()).unwrap();
        redacted(&scanner, text, &mut BTreeSet::new()).unwrap_or_else(|| text.to_owned())
    }

    fn key(character: &str, length: usize) -> String {
        character.repeat(length)
    }

    #[test]
    fn secrets_go_and_the_rest_stays() {
        let pem = format!(
            "-----BEGIN RSA PRIVATE KEY-----\n{}\n-----END RSA PRIVATE KEY-----",
            key("M", 64)
        );
        let jwt = format!("eyJ{}.eyJ{}.{}", key("a", 20), key("b", 20), key("c", 43));
        let github = format!("ghp_{}", key("a1", 18));
        for (text, expected) in [
            (
                format!("id=AKIA{}, ok", key("B", 16)),
                "id=[redacted: aws-access-key], ok".to_owned(),
            ),
            (
                format!("a {github} b {github}"),
                "a [redacted: github-token] b [redacted: github-token]".into(),
            ),
            (
                format!("x\n{pem}\ny"),
                "x\n[redacted: private-key]\ny".into(),
            ),
            (
                "-----BEGIN PRIVATE KEY-----\nMII cut off".into(),
                "[redacted: private-key]".into(),
            ),
            (
                "-----BEGIN CERTIFICATE-----\nMII".into(),
                "-----BEGIN CERTIFICATE-----\nMII".into(),
            ),
            (format!("Bearer {jwt};"), "Bearer [redacted: jwt];".into()),
            (
                "postgres://app:s3cr3t@db/x".into(),
                "postgres://app:[redacted: connection-password]@db/x".into(),
            ),
            (
                "https://user@host/a:b@c".into(),
                "https://user@host/a:b@c".into(),
            ),
            (
                "postgres://app:${DB_PASSWORD}@db".into(),
                "postgres://app:${DB_PASSWORD}@db".into(),
            ),
            (
                "DB_PASSWORD=hunter22 x".into(),
                "DB_PASSWORD=[redacted: password] x".into(),
            ),
            (
                "api-key: 'a b c d', y".into(),
                "api-key: '[redacted: password]', y".into(),
            ),
            (
                r#""client_secret": "a\"bcdef""#.into(),
                r#""client_secret": "[redacted: password]""#.into(),
            ),
            (
                "Server=db;Pwd=geheim99;X=1".into(),
                "Server=db;Pwd=[redacted: password];X=1".into(),
            ),
            (
                "aws_secret_access_key = abc/d3f+ghi".into(),
                "aws_secret_access_key = [redacted: aws-access-key]".into(),
            ),
            (
                format!("token_secret = {github}"),
                "token_secret = [redacted: github-token]".into(),
            ),
            (
                "password = os.environ['X']".into(),
                "password = os.environ['X']".into(),
            ),
            (
                "the password: see the wiki".into(),
                "the password: see the wiki".into(),
            ),
            ("max_tokens: 123456".into(), "max_tokens: 123456".into()),
            (
                format!("xAKIA{}", key("B", 16)),
                format!("xAKIA{}", key("B", 16)),
            ),
            (
                "müller: naïve – ünïcode".into(),
                "müller: naïve – ünïcode".into(),
            ),
        ] {
            assert_eq!(clean(&text), expected, "{text}");
        }
    }

    #[test]
    fn escapes_do_not_hide_a_secret() {
        let key = key("B", 16);
        let hidden = format!(r#"{{"n":1.0,"a":"\u0041KIA{key}","b":"\n"}}"#);
        assert_eq!(
            clean(&hidden),
            r#"{"n":1.0,"a":"[redacted: aws-access-key]","b":"\n"}"#
        );
        let twice = serde_json::Value::from(hidden.as_str()).to_string();
        assert!(!clean(&twice).contains(&key), "{twice}");
    }

    #[test]
    fn an_escape_that_takes_the_first_letter_hides_no_secret() {
        let github = format!("ghp_{}", key("Z", 36));
        let databricks = format!("dapi{}", key("0a", 16));
        for (before, secret) in [
            ("\u{9b}:", &github),
            ("\u{1b}[0;", &github),
            ("C:\\x", &databricks),
            ("%", &databricks),
        ] {
            let text = format!("{before}{secret} and {before}{secret}");
            assert!(!clean(&text).contains(secret.as_str()), "{text:?}");
        }
    }

    #[test]
    fn long_hostile_texts_take_linear_time() {
        for piece in [
            "pwd=$",
            "pwd=(",
            "glpat-",
            "eyJ-",
            "://a:",
            "-----BEGIN ",
            "\"\\u0041",
            "sk-",
            "password: ",
            "-----BEGIN PRIVATE KEY-----",
            "pwd='\\",
            "a=",
            "eyJaaaaaaaa.",
        ] {
            let text = format!("{{{}", piece.repeat((1 << 20) / piece.len()));
            let begin = std::time::Instant::now();
            let _ = clean(&text);
            assert!(begin.elapsed().as_secs() < 10, "{piece}");
        }
    }

    proptest! {
        #[test]
        fn nothing_is_found_in_what_was_cleaned(text in hostile()) {
            let once = clean(&text);
            prop_assert_eq!(clean(&once), once);
        }

        #[test]
        fn a_text_without_secrets_is_not_touched(text in "[a-zA-Z0-9 .,\n{}]{0,30}") {
            prop_assert_eq!(clean(&text), text);
        }

        #[test]
        fn a_key_is_found_wherever_it_stands(
            before in "(.*[^A-Za-z0-9])?", after in "([^A-Za-z0-9].*)?"
        ) {
            let key = format!("ghp_{}", "Z".repeat(36));
            let text = [&*before, &*key, &*after].concat();
            prop_assert!(!clean(&text).contains(&key));
        }
    }

    fn hostile() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            Just("AKIA".to_owned()),
            Just("B".repeat(16)),
            Just("ghp_".to_owned()),
            Just("z".repeat(40)),
            Just("password".to_owned()),
            Just("eyJaaaaaaaaaa.".to_owned()),
            Just("://".to_owned()),
            Just("-----BEGIN PRIVATE KEY-----".to_owned()),
            Just("-----END PRIVATE KEY-----".to_owned()),
            Just("\\u0041".to_owned()),
            "[ =:@\"'\\\\{}\\[\\]$()é.,;/-]",
            "[a-z]{1,8}",
        ];
        prop::collection::vec(piece, 0..20).prop_map(|pieces| pieces.concat())
    }
}
