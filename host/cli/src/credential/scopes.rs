//! Scopes, constraints and keys of holders as options of a command.

use std::borrow::Cow;

use anyhow::{Context as _, bail};
use ed25519_dalek::VerifyingKey;
use gatewright_policy::credential::{DidKeyError, public_key};
use gatewright_policy::json::{Document, JsonLimits};
use gatewright_policy::scope::{Scope, read_details, write_details};
use serde_json::{Value, json};

use crate::failure::Advise as _;

/// What one argument may be: a JSON Pointer, and a constraint.
#[derive(Clone, Debug)]
pub(crate) struct Constrained {
    pointer: String,
    constraint: Value,
}

#[derive(clap::Args)]
pub(crate) struct Constraints {
    /// What an argument of these tools may be, `<JSON Pointer>=<constraint>`; a constraint
    /// is JSON (see `gatewright docs credentials`), or a text: a pattern with `*`, or the only
    /// value. Repeat for more; arguments that none names are refused then.
    #[arg(long = "constraint", value_name = "POINTER=CONSTRAINT", value_parser = constrained)]
    constraints: Vec<Constrained>,
    /// Let through arguments that no constraint names.
    #[arg(long, requires = "constraints")]
    other_arguments: bool,
}

impl Constraints {
    /// Whether there are any.
    pub(crate) fn is_empty(&self) -> bool {
        self.constraints.is_empty()
    }

    /// The scopes, with the constraints on each.
    pub(crate) fn on(&self, scopes: Vec<Scope>) -> anyhow::Result<Vec<Scope>> {
        if self.is_empty() {
            return Ok(scopes);
        }
        let mut entries = write_details(&scopes);
        let mut named = serde_json::Map::new();
        for one in &self.constraints {
            let known = named.insert(one.pointer.clone(), one.constraint.clone());
            if known.is_some() {
                bail!("`--constraint` names `{}` twice", one.pointer);
            }
        }
        for entry in entries.as_array_mut().into_iter().flatten() {
            if let Some(entry) = entry.as_object_mut() {
                entry.insert("arguments".to_owned(), json!(named));
                if self.other_arguments {
                    entry.insert("other_arguments".to_owned(), json!(true));
                }
            }
        }
        let document = Document::parse(entries.to_string(), &JsonLimits::default())?;
        let scopes = read_details(document.root())
            .context("`--constraint` cannot be used")
            .hint("`gatewright docs credentials` has the nine kinds of constraints")?;
        written_exactly(&scopes)?;
        Ok(scopes)
    }
}

/// A number that would be written as another one must not be granted.
fn written_exactly(scopes: &[Scope]) -> anyhow::Result<()> {
    let written = write_details(scopes).to_string();
    let read = read_details(Document::parse(written, &JsonLimits::default())?.root())?;
    if read != scopes {
        bail!("`--constraint` has a number with more digits than can be written");
    }
    Ok(())
}

fn constrained(text: &str) -> Result<Constrained, Cow<'static, str>> {
    let (pointer, said) = text
        .split_once('=')
        .filter(|(pointer, _)| pointer.starts_with('/'))
        .ok_or("write a JSON Pointer, `=`, and a constraint: `/path=/srv/*`")?;
    let constraint = match said.starts_with('{') {
        true => serde_json::from_str(said).map_err(|error| error.to_string())?,
        false => json!({ "type": "wildcard", "pattern": said }),
    };
    // `serde_json` reads a number that it cannot hold as another one.
    let exact = |value: &str| {
        Document::parse(value, &JsonLimits::default())
            .ok()
            .and_then(|document| gatewright_policy::scope::Datum::read(document.root()))
    };
    if said.starts_with('{') && exact(said) != exact(&constraint.to_string()) {
        return Err("has a number with more digits than can be written".into());
    }
    Ok(Constrained {
        pointer: pointer.to_owned(),
        constraint,
    })
}

/// A `did:key` on the command line.
pub(super) fn holder(did: &str) -> Result<VerifyingKey, DidKeyError> {
    public_key(did)
}
