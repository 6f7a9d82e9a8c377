//! The settings: policies, a schema that they must fit, and entities.

use cedar_policy::{PolicySet, Schema, SchemaFragment, ValidationMode, Validator};
use cedar_policy_core::ast::{self, EntityUIDEntry, RequestSchema};
use cedar_policy_core::evaluator::Evaluator;
use cedar_policy_core::extensions::Extensions;
use cedar_policy_core::validator::CoreSchema;
use gatewright_sdk::{Pointer, Request};
use serde::Deserialize;
use serde_json::Value as Json;

use crate::directory::Directory;
use crate::entities;
use crate::foreign::{self, Known};
use crate::number::{self, Decimals};
use crate::place;
use crate::question::Types;
use crate::reads::Reads;
use crate::rule::{self, Answer, Rule};
use crate::source::{self, Link, Source};
use crate::verdict::{Answers, Failed};
use crate::words::Words;

/// The settings of the policy.
#[derive(Debug, Deserialize)]
#[serde(try_from = "WrittenSettings")]
pub struct Settings {
    rules: Vec<Rule>,
    schema: Option<Schema>,
    directory: Directory,
    decimals: Decimals,
    types: Types,
    reads: Reads,
    /// What a call gets that no policy speaks of.
    pub otherwise: Otherwise,
    /// What happens when tools are listed.
    pub listings: Listings,
}

/// What a call gets that no policy speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Otherwise {
    /// A refusal, as in Cedar.
    Deny,
    /// Nothing: other policies decide.
    Abstain,
}

/// What happens when tools are listed: there are no arguments then.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Listings {
    /// Every tool is shown; Cedar is not asked.
    #[default]
    Show,
    /// Cedar is asked, and a tool that it denies is hidden.
    Judge,
}

/// The settings as they are written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct WrittenSettings {
    policies: Texts,
    #[serde(default)]
    links: Vec<Link>,
    #[serde(default)]
    question: Words,
    schema: Option<TextOrJson>,
    entities: Option<TextOrJson>,
    #[serde(default)]
    decimals: Vec<Pointer>,
    otherwise: Option<Otherwise>,
    #[serde(default)]
    listings: Listings,
}

#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "`policies` is a text, a list of texts, texts by name, or policies in JSON"
)]
enum Texts {
    One(String),
    Many(Vec<TextOrJson>),
    /// Policies in JSON, or texts by name.
    Members(serde_json::Map<String, Json>),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum TextOrJson {
    Text(String),
    Json(Json),
}

// === impl Settings ===

impl Settings {
    /// What the policies say. The error is for the agent: its call does not fit
    /// into a question.
    pub(crate) fn ask_rules(&self, request: &Request) -> Result<Answers<'_>, String> {
        let question = self.types.question(request, &self.reads, &self.decimals)?;
        let schema = self
            .schema
            .as_ref()
            .map(|schema| CoreSchema::new(schema.as_ref()));
        let extensions = Extensions::all_available();
        let known = |uid: &ast::EntityUID| EntityUIDEntry::known(uid.clone(), None);
        let asked = ast::Request::new_unchecked(
            known(&question.principal.uid),
            known(&question.action),
            known(&question.resource.uid),
            Some(question.context.clone()),
        );
        if let Some(schema) = &schema {
            schema
                .validate_request(&asked, extensions)
                .map_err(|error| format!("the schema does not allow it: {error}"))?;
        }
        let action = question.action;
        let principal = question.principal.uid.clone();
        let resource = question.resource.uid.clone();
        let rules = self.rules.iter();
        let covering = rules.filter(|rule| rule.may_cover(&principal, &action, &resource));
        let covering: Vec<_> = covering.collect();
        let named = covering.iter().flat_map(|rule| &rule.named);
        let named = named.chain([&action]);
        let entities = self.directory.with(
            [question.principal, question.resource],
            (&question.context, named),
            schema.as_ref(),
        )?;
        let evaluator = Evaluator::new(asked, &entities, extensions);
        let mut answers = Answers::default();
        for rule in covering {
            match rule.applies(&evaluator) {
                Ok(true) => answers.given.push(rule),
                Ok(false) => {}
                Err(error) => answers.errors.push(Failed { rule, error }),
            }
        }
        Ok(answers)
    }
}

impl TryFrom<WrittenSettings> for Settings {
    type Error = String;

    fn try_from(written: WrittenSettings) -> Result<Self, String> {
        number::prepare()?;
        let words = written.question;
        words.check()?;
        let sources = written.policies.into_sources();
        let policies = source::parse(&sources, &written.links)?;
        let schema = written.schema.map(read_schema).transpose()?;
        if let Some(schema) = &schema {
            foreign::check_schema(schema, &words)?;
            validate(&policies, schema, &sources)?;
        }
        let entities = read_entities(written.entities)?;
        let known = Known::new(&entities, schema.as_ref(), &words);
        let rules = rule::rules(&policies, &sources, &known)?;
        let otherwise = written.otherwise.unwrap_or_else(|| usual_otherwise(&rules));
        Ok(Self {
            reads: Reads::new(&policies, schema.as_ref()),
            rules,
            directory: Directory::new(entities, schema.as_ref(), &words)?,
            schema,
            decimals: Decimals::new(&written.decimals),
            types: Types::new(words)?,
            otherwise,
            listings: written.listings,
        })
    }
}

/// Policies that say when to permit mean no elsewhere, as in Cedar; those that only forbid,
/// ask or owe leave the rest to others.
fn usual_otherwise(rules: &[Rule]) -> Otherwise {
    match rules
        .iter()
        .any(|rule| matches!(rule.answer, Answer::Permit))
    {
        true => Otherwise::Deny,
        false => Otherwise::Abstain,
    }
}

fn read_schema(schema: TextOrJson) -> Result<Schema, String> {
    let fragments = match schema {
        TextOrJson::Json(Json::Object(texts)) if are_by_name(&texts) => texts
            .into_iter()
            .map(|(name, text)| read_fragment(&name, TextOrJson::of(text)))
            .collect::<Result<Vec<_>, _>>()?,
        schema => vec![read_fragment("schema", schema)?],
    };
    Schema::from_schema_fragments(fragments).map_err(|error| place::describe("schema", "", &error))
}

/// A namespace is described by an object, and has no dot in its name.
fn are_by_name(texts: &serde_json::Map<String, Json>) -> bool {
    let mut texts = texts.iter();
    texts.any(|(name, text)| text.is_string() || name.contains('.'))
}

fn read_fragment(name: &str, schema: TextOrJson) -> Result<SchemaFragment, String> {
    let json = match schema {
        TextOrJson::Json(json) => json,
        TextOrJson::Text(text) if text.trim_start().starts_with('{') => {
            serde_json::from_str(&text).map_err(|error| format!("{name}: {error}"))?
        }
        TextOrJson::Text(text) => {
            return SchemaFragment::from_cedarschema_str(&text)
                .map(|(fragment, _)| fragment)
                .map_err(|error| place::describe(name, &text, &error));
        }
    };
    SchemaFragment::from_json_value(json).map_err(|error| place::describe(name, "", &error))
}

fn read_entities(entities: Option<TextOrJson>) -> Result<Vec<Json>, String> {
    let json = match entities {
        None => return Ok(Vec::new()),
        Some(TextOrJson::Json(json)) => json,
        Some(TextOrJson::Text(text)) => {
            serde_json::from_str(&text).map_err(|error| format!("entities: {error}"))?
        }
    };
    entities::read(json)
}

fn validate(policies: &PolicySet, schema: &Schema, sources: &[Source]) -> Result<(), String> {
    let found = Validator::new(schema.clone()).validate(policies, ValidationMode::Strict);
    let errors: Vec<String> = found
        .validation_errors()
        .map(|error| source::describe(error, error.policy_id(), policies, sources))
        .collect();
    if !errors.is_empty() {
        return Err(errors.join("\n"));
    }
    let mut policies = policies.policies();
    policies.try_for_each(foreign::check_tags)
}

// === impl TextOrJson ===

impl TextOrJson {
    fn of(json: Json) -> Self {
        match json {
            Json::String(text) => Self::Text(text),
            json => Self::Json(json),
        }
    }
}

// === impl Texts ===

impl Texts {
    fn into_sources(self) -> Vec<Source> {
        let source = |name: String, text: TextOrJson| Source {
            name,
            text: match text {
                TextOrJson::Text(text) => text,
                TextOrJson::Json(json) => json.to_string(),
            },
        };
        match self {
            Self::One(text) => vec![source("policies".to_owned(), TextOrJson::Text(text))],
            Self::Members(members)
                if members
                    .keys()
                    .any(|name| source::OF_JSON.contains(&name.as_str())) =>
            {
                let json = TextOrJson::Json(Json::Object(members));
                vec![source("policies".to_owned(), json)]
            }
            Self::Members(members) => members
                .into_iter()
                .map(|(name, text)| source(name, TextOrJson::of(text)))
                .collect(),
            Self::Many(texts) => texts
                .into_iter()
                .enumerate()
                .map(|(index, text)| source(format!("policies[{index}]"), text))
                .collect(),
        }
    }
}
