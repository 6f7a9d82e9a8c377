//! Settings of the policy `cedar`, put together.

use serde_json::{Map, Value as Json, json};

use super::expression::Reads;
use super::policy::for_somebody;
use super::report::Report;

/// The policies that are written, in their order.
#[derive(Debug)]
pub(super) struct Policies(Vec<String>);

// === impl Policies ===

impl Policies {
    /// With what holds of every call there: it is made for somebody, whom this issuer names.
    pub(super) fn new(issuer: Option<&str>) -> Self {
        let mut policies = vec![for_somebody().to_owned()];
        if let Some(issuer) = issuer {
            let issuer = issuer.replace('\\', "\\\\").replace('"', "\\\"");
            policies.push(format!(
                "@id(\"imported: issuer\")\n\
                 @message(\"the credential is of another issuer\")\n\
                 forbid (principal, action, resource)\n\
                 unless {{ principal.issuer == \"{issuer}\" }};"
            ));
        }
        Self(policies)
    }

    /// One more.
    pub(super) fn push(&mut self, text: String) {
        self.0.push(text);
    }

    /// The settings.
    pub(super) fn settings(self, reads: &Reads) -> Map<String, Json> {
        let mut settings = Map::new();
        let policies = format!("{}\n", self.0.join("\n\n"));
        settings.insert("policies".to_owned(), Json::from(policies));
        settings.insert("otherwise".to_owned(), json!("deny"));
        settings.insert("listings".to_owned(), json!("judge"));
        if !reads.decimals.is_empty() {
            let pointers = reads.decimals.iter().map(|names| pointer(names));
            settings.insert("decimals".to_owned(), pointers.collect());
        }
        settings
    }
}

/// What has to be set up besides.
pub(super) fn notes(reads: &Reads, issuer: Option<&str>, report: &mut Report) {
    if !reads.claims.is_empty() {
        let facts = reads
            .claims
            .iter()
            .map(|name| format!("{name:?} = {name:?}"));
        let facts: Vec<_> = facts.collect();
        report.note(format!(
            "the policies read claims of the token: set `[issuer.claims] facts = {{ {} }}` first. Without it nobody has them, and a `forbid` that asks whether one is there never speaks",
            facts.join(", ")
        ));
        report.note(
            "a claim of one value counts as a text and as a list of one, whichever the token has; numbers and truth values of a token are texts",
        );
    }
    report.note(
        "whom a call is made for is the claim `sub`, as `[issuer.claims] principal` has it where nothing is set",
    );
    if issuer.is_none() {
        report.note(
            "it is told by its id alone: where you trust several issuers, say which one with `--issuer`",
        );
    }
    for names in reads.decimals.intersection(&reads.integers) {
        report.note(format!(
            "`{}` is a decimal in one policy and an integer in another: it is read as a decimal, and calls that the other one is about are denied",
            pointer(names)
        ));
    }
}

fn pointer(names: &[String]) -> String {
    let steps = names
        .iter()
        .map(|name| name.replace('~', "~0").replace('/', "~1"));
    steps.map(|step| format!("/{step}")).collect()
}
