//! `gatewright import opa`: a module asks about a call in words of another program. All of
//! them must be known, since one that is not would be undefined and change what rules say.

use std::path::PathBuf;

use anyhow::{Context as _, anyhow};
use serde_json::{Map, Value as Json, json};

use super::binding::{self, Binding};
use super::input::{Place, mentions, places};
use super::report::Report;
use super::source;
use crate::failure::{Advise as _, Exit};
use crate::output::visible;

/// Turn Rego modules about calls of tools into a binding.
///
/// What they call the parts of a call (`input.params.name`, `input.parsed_body.method`,
/// `input.tool_name`, ..) is written in the words of this gate, line by line. A word that is
/// not known is named, and nothing is written. Calls of tools are allowed where the query is
/// `true`; all else is denied.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The modules.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// What the server is called here. Repeat for more.
    #[arg(long = "server", value_name = "NAME", required = true)]
    servers: Vec<String>,
    /// What is asked there: a rule that is `true` where a call is allowed.
    #[arg(long, value_name = "data.PACKAGE.RULE")]
    query: String,
    /// What a place in `input` is here: `input.user=input.subject.principal`. Repeat for more.
    #[arg(long = "map", value_name = "THERE=HERE", value_parser = place)]
    places: Vec<Place>,
    /// The document `data`, as JSON.
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,
    /// The policy that the binding names.
    #[arg(long, value_name = "FILE", default_value = "rego.wasm")]
    policy: String,
}

/// The package of the module that asks.
const ASKING: &str = "gatewright_import";

/// Members of `input` here.
const HERE: [&str; 4] = ["subject", "action", "context", "arguments"];

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    check_query(&arguments.query)?;
    // Of two that are as long, the later one counts: what a person says.
    let mut known = places();
    known.extend(arguments.places.iter().cloned());
    let mut unknown = Vec::new();
    let mut modules = Map::new();
    let mut report = Report::default();
    for path in &arguments.files {
        let name = path.display().to_string();
        let text = source::read(path)?;
        if is_asking(&text) {
            return Err(anyhow!("`{name}` is of the package `{ASKING}`"))
                .hint("rules in it would answer for the gate: give it another name");
        }
        let mut written = String::new();
        let mut copied = 0;
        for mention in mentions(&text) {
            let place = format!("{name}:{}: `{}`", mention.line, mention.written());
            match mention.here(&known) {
                Some((here, end)) => {
                    written.push_str(text.get(copied..mention.start).unwrap_or_default());
                    written.push_str(here);
                    copied = end;
                    report.note(format!("{place} is `{here}`"));
                }
                None => unknown.push(place),
            }
        }
        written.push_str(text.get(copied..).unwrap_or_default());
        modules.insert(name, Json::from(written));
    }
    if !unknown.is_empty() {
        for place in &unknown {
            eprintln!("{}", visible(&format!("{place} is not known here")));
        }
        return Err(anyhow!(
            "{} mentions of `input` are not known",
            unknown.len()
        ))
        .hint("say what they are with `--map input.user=input.subject.principal`");
    }
    let name = free_name(&modules);
    modules.insert(name, Json::from(asking(&arguments.query)));
    report.note("calls of tools are asked about alone: prompts, resources and all else are denied");
    report.note("lists show every tool that the credential covers");
    let mut settings = Map::new();
    settings.insert("query".to_owned(), json!(format!("data.{ASKING}.allow")));
    settings.insert("otherwise".to_owned(), json!("deny"));
    settings.insert("modules".to_owned(), Json::Object(modules));
    if let Some(path) = &arguments.data {
        let text = source::read(path)?;
        let data: Json =
            serde_json::from_str(&text).with_context(|| format!("`{}`", path.display()))?;
        settings.insert("data".to_owned(), data);
    }
    let binding = Binding {
        name: "opa-imported".to_owned(),
        policy: arguments.policy.clone(),
        servers: arguments.servers.clone(),
        authority: vec!["allow", "deny"],
        settings,
    };
    report.tell(&binding::text(binding, "From modules of OPA.")?)
}

/// A name for the module that asks, which none of the others has.
fn free_name(modules: &Map<String, Json>) -> String {
    let mut name = String::from("gatewright-import.rego");
    while modules.contains_key(&name) {
        name.insert(0, '_');
    }
    name
}

/// Whether a module has a part in the package that is asked, or says something like it.
fn is_asking(text: &str) -> bool {
    // A comment may stand between the word and the name.
    let code = text.lines().map(|line| {
        let comment = line.split_once('#');
        comment.map_or(line, |(code, _)| code)
    });
    let words: Vec<&str> = code.flat_map(str::split_whitespace).collect();
    words.windows(2).any(|pair| {
        let path = pair.last().filter(|_| pair.first() == Some(&"package"));
        let rest = path.and_then(|path| path.strip_prefix(ASKING));
        rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
    })
}

/// The rule that is asked here.
fn asking(query: &str) -> String {
    format!(
        "package {ASKING}\n\n\
         default allow := false\n\n\
         allow if {{\n\
         \tinput.action.method == \"tools/call\"\n\
         \t{query} == true\n\
         }}\n"
    )
}

/// A query stands in the module that asks: it is names alone.
fn check_query(query: &str) -> anyhow::Result<()> {
    let is_name = |name: &str| {
        let mut letters = name.chars();
        letters
            .next()
            .is_some_and(|it| it.is_ascii_alphabetic() || it == '_')
            && letters.all(|it| it.is_ascii_alphanumeric() || it == '_')
    };
    let mut names = query.split('.');
    match names.next() == Some("data") && query.matches('.').count() > 1 && names.all(is_name) {
        true => Ok(()),
        false => {
            Err(anyhow!("`{query}` names no rule")).hint("write it like `data.mcp.authz.allow`")
        }
    }
}

fn place(text: &str) -> Result<Place, &'static str> {
    const RIGHT: &str = "write it like `input.user=input.subject.principal`";
    let (there, here) = text.split_once('=').ok_or(RIGHT)?;
    let there = there.strip_prefix("input.").ok_or(RIGHT)?;
    let first = here
        .strip_prefix("input.")
        .and_then(|it| it.split('.').next());
    match first {
        Some(first) if HERE.contains(&first) => Ok(Place {
            there: there.split('.').map(str::to_owned).collect(),
            here: here.to_owned(),
            is_whole: true,
        }),
        _ => Err(
            "what it is here begins with `input.subject`, `.action`, `.context` or `.arguments`",
        ),
    }
}
