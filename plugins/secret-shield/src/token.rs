//! Tokens that begin with a fixed text.

use std::ops::RangeInclusive;

use crate::kind::Kind;
use crate::scan::{Secret, run, starts_a_word};

/// How a token of one kind looks.
struct Form {
    prefix: &'static str,
    kind: Kind,
    body: Body,
    /// Bytes after the prefix.
    length: RangeInclusive<usize>,
}

/// The characters after the prefix.
#[derive(Clone, Copy)]
enum Body {
    /// `A-Z0-9`
    Upper,
    /// `0-9a-fA-F`
    Hex,
    /// `A-Za-z0-9`
    Alphanumeric,
    /// `A-Za-z0-9_-`
    Word,
    /// `A-Za-z0-9_.-`
    Dotted,
    /// `A-Za-z0-9/`
    Path,
}

/// A token of open length ends where other characters begin. It must not fail
/// for being long: a run of characters would be read again and again.
const ENDLESS: usize = usize::MAX;

const fn form(prefix: &'static str, kind: Kind, body: Body, length: RangeInclusive<usize>) -> Form {
    Form {
        prefix,
        kind,
        body,
        length,
    }
}

/// A longer prefix stands before a shorter one that it begins with.
const FORMS: &[Form] = &[
    form("AKIA", Kind::AwsAccessKey, Body::Upper, 16..=16),
    form("ASIA", Kind::AwsAccessKey, Body::Upper, 16..=16),
    form("ABIA", Kind::AwsAccessKey, Body::Upper, 16..=16),
    form("ACCA", Kind::AwsAccessKey, Body::Upper, 16..=16),
    form("ghp_", Kind::GithubToken, Body::Alphanumeric, 36..=ENDLESS),
    form("gho_", Kind::GithubToken, Body::Alphanumeric, 36..=ENDLESS),
    form("ghu_", Kind::GithubToken, Body::Alphanumeric, 36..=ENDLESS),
    form("ghs_", Kind::GithubToken, Body::Alphanumeric, 36..=ENDLESS),
    form("ghr_", Kind::GithubToken, Body::Alphanumeric, 36..=ENDLESS),
    form("github_pat_", Kind::GithubToken, Body::Word, 40..=ENDLESS),
    form("glpat-", Kind::GitlabToken, Body::Dotted, 20..=ENDLESS),
    form("gldt-", Kind::GitlabToken, Body::Dotted, 20..=ENDLESS),
    form("glrt-", Kind::GitlabToken, Body::Dotted, 20..=ENDLESS),
    form("glcbt-", Kind::GitlabToken, Body::Dotted, 20..=ENDLESS),
    form("glptt-", Kind::GitlabToken, Body::Dotted, 20..=ENDLESS),
    form("glsoat-", Kind::GitlabToken, Body::Dotted, 20..=ENDLESS),
    form("xoxb-", Kind::SlackToken, Body::Word, 20..=ENDLESS),
    form("xoxp-", Kind::SlackToken, Body::Word, 20..=ENDLESS),
    form("xoxa-", Kind::SlackToken, Body::Word, 20..=ENDLESS),
    form("xoxe-", Kind::SlackToken, Body::Word, 20..=ENDLESS),
    form("xoxr-", Kind::SlackToken, Body::Word, 20..=ENDLESS),
    form("xoxs-", Kind::SlackToken, Body::Word, 20..=ENDLESS),
    form("xapp-", Kind::SlackToken, Body::Word, 20..=ENDLESS),
    form(
        "hooks.slack.com/services/",
        Kind::SlackToken,
        Body::Path,
        20..=ENDLESS,
    ),
    form(
        "sk_live_",
        Kind::StripeKey,
        Body::Alphanumeric,
        16..=ENDLESS,
    ),
    form(
        "sk_test_",
        Kind::StripeKey,
        Body::Alphanumeric,
        16..=ENDLESS,
    ),
    form(
        "rk_live_",
        Kind::StripeKey,
        Body::Alphanumeric,
        16..=ENDLESS,
    ),
    form(
        "rk_test_",
        Kind::StripeKey,
        Body::Alphanumeric,
        16..=ENDLESS,
    ),
    form("whsec_", Kind::StripeKey, Body::Alphanumeric, 24..=ENDLESS),
    form("AIza", Kind::GoogleKey, Body::Word, 35..=35),
    form("GOCSPX-", Kind::GoogleKey, Body::Word, 24..=ENDLESS),
    form("ya29.", Kind::GoogleKey, Body::Dotted, 20..=ENDLESS),
    form("sk-ant-", Kind::AnthropicKey, Body::Word, 20..=ENDLESS),
    form("sk-proj-", Kind::OpenaiKey, Body::Word, 20..=ENDLESS),
    form("sk-svcacct-", Kind::OpenaiKey, Body::Word, 20..=ENDLESS),
    form("sk-admin-", Kind::OpenaiKey, Body::Word, 20..=ENDLESS),
    form("sk-", Kind::OpenaiKey, Body::Alphanumeric, 32..=ENDLESS),
    form(
        "npm_",
        Kind::RegistryToken,
        Body::Alphanumeric,
        36..=ENDLESS,
    ),
    form("pypi-AgE", Kind::RegistryToken, Body::Word, 40..=ENDLESS),
    form("dckr_pat_", Kind::RegistryToken, Body::Word, 20..=ENDLESS),
    form("hf_", Kind::RegistryToken, Body::Alphanumeric, 30..=ENDLESS),
    form("SG.", Kind::ServiceKey, Body::Dotted, 60..=ENDLESS),
    form("dop_v1_", Kind::ServiceKey, Body::Hex, 64..=64),
    form("dapi", Kind::ServiceKey, Body::Hex, 32..=32),
    form("shpat_", Kind::ServiceKey, Body::Hex, 32..=32),
    form("AGE-SECRET-KEY-1", Kind::PrivateKey, Body::Upper, 58..=58),
];

/// The token that begins at a byte.
pub(crate) fn at(text: &str, at: usize) -> Option<Secret> {
    let rest = text.get(at..)?;
    if !starts_a_word(text, at) {
        return None;
    }
    FORMS
        .iter()
        .filter(|form| rest.starts_with(form.prefix))
        .find_map(|form| {
            let body = at + form.prefix.len();
            // One more than the longest: then it is something else.
            let length = run(text, body, form.length.end().saturating_add(1), |byte| {
                form.body.contains(byte)
            });
            form.length.contains(&length).then(|| Secret {
                kind: form.kind,
                place: at..body + length,
            })
        })
}

// === impl Body ===

impl Body {
    const fn contains(self, byte: u8) -> bool {
        match self {
            Self::Upper => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
            Self::Hex => byte.is_ascii_hexdigit(),
            Self::Alphanumeric => byte.is_ascii_alphanumeric(),
            Self::Word => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'),
            Self::Dotted => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'),
            Self::Path => byte.is_ascii_alphanumeric() || byte == b'/',
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_form_is_hidden_behind_another() {
        for (place, form) in FORMS.iter().enumerate() {
            for earlier in &FORMS[..place] {
                assert!(
                    !form.prefix.starts_with(earlier.prefix),
                    "`{}` stands after `{}`",
                    form.prefix,
                    earlier.prefix
                );
            }
        }
    }

    #[test]
    fn every_form_is_found_and_nothing_shorter() {
        for form in FORMS {
            let body = match form.body {
                Body::Upper | Body::Hex => "A",
                Body::Alphanumeric | Body::Word | Body::Dotted | Body::Path => "x",
            };
            let token = format!("{}{}", form.prefix, body.repeat(*form.length.start()));
            let text = format!("<{token}>");
            assert_eq!(
                at(&text, 1),
                Some(Secret {
                    kind: form.kind,
                    place: 1..1 + token.len()
                }),
                "{token}"
            );
            let shorter = &token[..token.len() - 1];
            assert_eq!(at(shorter, 0), None, "{shorter}");
        }
    }
}
