//! `gatewright import toolhive`.

use std::path::PathBuf;

use anyhow::Context as _;
use serde_json::json;

use super::binding::{self, Binding};
use super::cedar_settings::{Policies, notes};
use super::expression::Reads;
use super::policy::carry;
use super::report::Report;
use super::source;
use super::statements::statements;
use super::toolhive::{File, ToolHive};
use crate::failure::{Advise as _, Exit};

/// Turn a Cedar configuration of ToolHive into a binding.
///
/// Its `Client` is whom the token is about: the principal of a call here. A call is allowed
/// where a `permit` says so, as there, and lists show what may be called.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The configuration of authorization, as JSON.
    file: PathBuf,
    /// What the server is called here.
    #[arg(long, value_name = "NAME")]
    server: String,
    /// Who must have issued the token.
    #[arg(long, value_name = "ISSUER")]
    issuer: Option<String>,
    /// The policy that the binding names.
    #[arg(long, value_name = "FILE", default_value = "cedar.wasm")]
    policy: String,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let name = arguments.file.display();
    let text = source::read(&arguments.file)?;
    let file: File = serde_json::from_str(&text)
        .with_context(|| format!("`{name}`"))
        .hint("it has `cedar.policies`, a list of texts; turn YAML into JSON first")?;
    if !matches!(file.kind.as_str(), "" | "cedarv1") {
        anyhow::bail!("`{name}`: `{}` is not read, `cedarv1` is", file.kind);
    }
    let mut peer = ToolHive::new(&file.cedar, &arguments.server)
        .with_context(|| format!("`{name}`: entities_json"))?;
    let mut report = Report::default();
    let mut reads = Reads::default();
    let mut policies = Policies::new(arguments.issuer.as_deref());
    for (index, text) in file.cedar.policies.iter().enumerate() {
        for (part, statement) in statements(text).iter().enumerate() {
            let place = match part {
                0 => format!("policies[{index}]"),
                part => format!("policies[{index}].{part}"),
            };
            let carried = carry(&mut peer, &place, statement, &mut reads);
            if let Some(text) = carried.text {
                policies.push(text);
            }
            report.told(place, carried.outcome, &statement.text);
        }
    }
    reads.claims.extend(std::mem::take(&mut peer.claims));
    if !matches!(file.cedar.entities_json.trim(), "" | "[]") {
        report.note(
            "of `entities_json`, groups in groups are carried over; attributes are not, and what it says of a client or a tool is replaced by the call there",
        );
    }
    if !file.cedar.primary_upstream_provider.is_empty() {
        report.note(format!(
            "claims are those of the token of `{}` there: trust that issuer here",
            file.cedar.primary_upstream_provider
        ));
    }
    notes(&reads, arguments.issuer.as_deref(), &mut report);
    let mut settings = policies.settings(&reads);
    settings.insert(
        "question".to_owned(),
        json!({ "argument-prefix": "arg_", "argument-values": "scalars" }),
    );
    let binding = Binding {
        name: format!("{}-imported", arguments.server),
        policy: arguments.policy.clone(),
        servers: vec![arguments.server.clone()],
        authority: vec!["allow", "deny"],
        settings,
    };
    report.tell(&binding::text(
        binding,
        &format!("From `{name}`, of ToolHive."),
    )?)
}
