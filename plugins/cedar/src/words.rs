//! What the parts of a question are called: the types and ids of entities, and the member of
//! the context that has the arguments. Policies that were written for another gate bring
//! words of their own.

use std::collections::BTreeMap;

use cedar_policy_core::ast::{EntityType, EntityUID, Value, ValueKind};
use serde::Deserialize;

use crate::number;

/// Most methods that have another name.
const METHODS_MAX: usize = 64;

/// The words of a question.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Words {
    /// Entity types.
    pub(crate) agent: String,
    pub(crate) user: String,
    pub(crate) server: String,
    pub(crate) tool: String,
    pub(crate) prompt: String,
    pub(crate) resource: String,
    pub(crate) action: String,
    /// The id of an action.
    pub(crate) action_id: String,
    /// The id of a tool, a prompt or a resource.
    pub(crate) resource_id: String,
    /// What methods are called.
    pub(crate) methods: BTreeMap<String, String>,
    pub(crate) about: About,
    /// The member of the context with the arguments.
    pub(crate) arguments: String,
    /// What a member of the context begins with that has one argument.
    pub(crate) argument_prefix: Option<String>,
    pub(crate) argument_values: ArgumentValues,
}

/// Which arguments are members of the context of their own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ArgumentValues {
    /// All of them.
    #[default]
    All,
    /// Those that are neither a list nor an object.
    Scalars,
}

/// What the resource of a question is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum About {
    /// The tool, the prompt or the resource of the call.
    #[default]
    Tool,
    /// The server that has it.
    Server,
}

impl Default for Words {
    fn default() -> Self {
        let named = str::to_owned;
        Self {
            agent: named("Agent"),
            user: named("User"),
            server: named("Server"),
            tool: named("Tool"),
            prompt: named("Prompt"),
            resource: named("Resource"),
            action: named("Action"),
            action_id: named("{method}"),
            resource_id: named("{server}/{name}"),
            methods: BTreeMap::new(),
            about: About::Tool,
            arguments: named("arguments"),
            argument_prefix: None,
            argument_values: ArgumentValues::All,
        }
    }
}

// === impl ArgumentValues ===

impl ArgumentValues {
    pub(crate) fn has(self, value: &Value) -> bool {
        match self {
            Self::All => true,
            Self::Scalars => match value.value_kind() {
                ValueKind::Lit(_) | ValueKind::ExtensionValue(_) => true,
                ValueKind::Record(_) => number::text_of(value).is_some(),
                ValueKind::Set(_) => false,
            },
        }
    }
}

// === impl Words ===

impl Words {
    /// Refuses words that make no question.
    pub(crate) fn check(&self) -> Result<(), String> {
        let types = [
            &self.agent,
            &self.user,
            &self.server,
            &self.tool,
            &self.prompt,
            &self.resource,
            &self.action,
        ];
        for name in types {
            name.parse::<EntityType>()
                .map_err(|_| format!("question: `{name}` is no entity type"))?;
        }
        let is_action = |name: &str| name == "Action" || name.ends_with("::Action");
        if !is_action(&self.action) || types.iter().filter(|name| is_action(name)).count() > 1 {
            return Err(format!(
                "question: the action is `{}`\nhint: actions of Cedar are called `Action`, or `Namespace::Action`",
                self.action
            ));
        }
        if self.agent == self.user {
            return Err("question: `agent` and `user` are one type".to_owned());
        }
        for (pattern, known) in [
            (&self.action_id, ["method", "server", "name"].as_slice()),
            (&self.resource_id, ["server", "name"].as_slice()),
        ] {
            let rest = known.iter().fold(pattern.clone(), |rest, name| {
                rest.replace(&format!("{{{name}}}"), "")
            });
            if rest.contains(['{', '}']) || rest.len() == pattern.len() {
                return Err(format!(
                    "question: `{pattern}` is no id\nhint: `{{{}}}` stand for what a call has",
                    known.join("}`, `{")
                ));
            }
        }
        if self.methods.len() > METHODS_MAX {
            return Err(format!("question: more than {METHODS_MAX} `methods`"));
        }
        match self.arguments.is_empty() || self.argument_prefix.as_deref() == Some("") {
            false => Ok(()),
            true => Err("question: `arguments` or `argument-prefix` is empty".to_owned()),
        }
    }

    /// What a method is called.
    pub(crate) fn method<'a>(&'a self, method: &'a str) -> &'a str {
        self.methods.get(method).map_or(method, String::as_str)
    }

    /// The id of an action.
    pub(crate) fn action_of(&self, method: &str, server: &str, name: &str) -> String {
        match self.action_id.as_str() {
            "{method}" => self.method(method).to_owned(),
            pattern => filled(
                pattern,
                &[
                    ("method", self.method(method)),
                    ("server", server),
                    ("name", name),
                ],
            ),
        }
    }

    /// The id of what is asked about.
    pub(crate) fn resource_of(&self, server: &str, name: &str) -> String {
        match self.resource_id.as_str() {
            "{server}/{name}" => format!("{server}/{name}"),
            pattern => filled(pattern, &[("server", server), ("name", name)]),
        }
    }

    /// Whether ids are those of a call.
    pub(crate) fn has_usual_ids(&self) -> bool {
        self.action_id == "{method}" && self.methods.is_empty() && self.has_server_first()
    }

    /// Whether an id has its server before it, and a `/`.
    pub(crate) fn has_server_first(&self) -> bool {
        self.resource_id == "{server}/{name}"
    }

    /// The type of what is asked about, by the first part of a method.
    pub(crate) fn resources(&self) -> [&str; 4] {
        [&self.tool, &self.prompt, &self.resource, &self.server]
    }

    /// Whether a call makes entities of this type whatever the operator says.
    pub(crate) fn is_of_calls(&self, uid: &EntityUID) -> bool {
        let kind = uid.entity_type().to_string();
        [&self.agent, &self.tool, &self.prompt, &self.resource].contains(&&kind)
    }
}

/// A pattern with what its names stand for. What was put in is not looked at again.
fn filled(pattern: &str, values: &[(&str, &str)]) -> String {
    let mut written = String::new();
    let mut rest = pattern;
    while let Some((before, behind)) = rest.split_once('{') {
        written.push_str(before);
        let (name, after) = behind.split_once('}').unwrap_or((behind, ""));
        let value = values.iter().find(|(known, _)| *known == name);
        written.push_str(value.map_or("", |(_, value)| value));
        rest = after;
    }
    written.push_str(rest);
    written
}
