//! The texts of policies, read into one set: with identifiers of their own, and templates
//! linked.

use std::collections::HashMap;

use cedar_policy::{EntityUid, Policy, PolicyId, PolicySet, SlotId, Template};
use cedar_policy_core::parser::Loc;
use miette::Diagnostic;
use serde::Deserialize;
use serde_json::Value as Json;

use crate::place;

/// What policies in JSON begin with: one policy, or a set of them.
pub(crate) const OF_JSON: [&str; 4] = ["effect", "staticPolicies", "templates", "templateLinks"];

/// One text of policies, and what messages call it.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) name: String,
    pub(crate) text: String,
}

/// A policy made of a template: `?principal` and `?resource` by name.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Link {
    template: String,
    id: String,
    principal: Option<String>,
    resource: Option<String>,
}

/// The policies of all texts, with identifiers of their own: `@id`, or
/// `policy0` and so on in the order in which they are written.
pub(crate) fn parse(sources: &[Source], links: &[Link]) -> Result<PolicySet, String> {
    let mut all = PolicySet::new();
    let mut count = 0;
    for source in sources {
        let mut set = read(source)?;
        let is_json = is_json(&source.text);
        let linked: Vec<Policy> = set
            .policies()
            .filter(|policy| policy.template_id().is_some())
            .cloned()
            .collect();
        let mut identified = |annotation: Option<&str>, given: String| {
            let id = match annotation {
                Some(id) => id.to_owned(),
                None if is_json => given,
                None => format!("policy{count}"),
            };
            count += 1;
            PolicyId::new(id)
        };
        let twice = |id: &PolicyId| format!("{}: two policies are called `{id}`", source.name);
        let mut templates: Vec<Template> = set.templates().cloned().collect();
        templates.sort_by_key(|template| template.as_ref().loc().map(Loc::start));
        for template in templates {
            let id = identified(template.annotation("id"), template.id().to_string());
            all.add_template(template.new_id(id.clone()))
                .map_err(|_| twice(&id))?;
            for policy in linked
                .iter()
                .filter(|policy| policy.template_id() == Some(template.id()))
            {
                let values = policy.template_links().unwrap_or_default();
                all.link(id.clone(), policy.id().clone(), values)
                    .map_err(|error| format!("{}: {error}", source.name))?;
                set.unlink(policy.id().clone())
                    .map_err(|error| format!("{}: {error}", source.name))?;
            }
        }
        let mut policies: Vec<Policy> = set.policies().cloned().collect();
        policies.sort_by_key(|policy| policy.as_ref().loc().map(Loc::start));
        for policy in policies {
            let id = identified(policy.annotation("id"), policy.id().to_string());
            all.add(policy.new_id(id.clone())).map_err(|_| twice(&id))?;
        }
    }
    for link in links {
        link.add(&mut all)?;
    }
    check_linked(&all, sources)?;
    match all.is_empty() {
        true => Err("`policies` has no policy\nhint: without a `permit` no call is allowed".into()),
        false => Ok(all),
    }
}

/// A template without links says nothing.
fn check_linked(all: &PolicySet, sources: &[Source]) -> Result<(), String> {
    let unlinked = all.templates().find(|template| {
        let mut policies = all.policies();
        !policies.any(|policy| policy.template_id() == Some(template.id()))
    });
    let Some(template) = unlinked else {
        return Ok(());
    };
    let location = template.as_ref().loc();
    let source = location.and_then(|location| {
        let mut sources = sources.iter();
        sources.find(|source| *source.text == *location.src)
    });
    let place = source.map_or("policies".to_owned(), |source| place_of(source, location));
    Err(format!(
        "{place}: `{}` is a template, which nothing links\nhint: `links = [{{ template = \"{0}\", id = \"..\", principal = 'Agent::\"..\"' }}]`, or the entity in place of `?principal` and `?resource`",
        template.id()
    ))
}

fn is_json(text: &str) -> bool {
    text.trim_start().starts_with('{')
}

/// The policies of one text, in Cedar's syntax or its JSON format.
fn read(source: &Source) -> Result<PolicySet, String> {
    let Source { name, text } = source;
    if !is_json(text) {
        return text.parse().map_err(|errors: cedar_policy::ParseErrors| {
            let errors = errors.iter();
            let described: Vec<_> = errors
                .map(|error| place::describe(name, text, error))
                .collect();
            described.join("\n")
        });
    }
    let json: Json = serde_json::from_str(text).map_err(|error| format!("{name}: {error}"))?;
    if json.get("effect").is_none() {
        return PolicySet::from_json_value(json).map_err(|error| format!("{name}: {error}"));
    }
    // One policy alone.
    let id = Some(PolicyId::new(name));
    let mut set = PolicySet::new();
    let added = match Policy::from_json(id.clone(), json.clone()) {
        Ok(policy) => set.add(policy),
        Err(error) => match Template::from_json(id, json) {
            Ok(template) => set.add_template(template),
            Err(_) => return Err(format!("{name}: {error}")),
        },
    };
    added.map_err(|error| format!("{name}: {error}"))?;
    Ok(set)
}

/// What the validator found, with the place in the text it is about.
pub(crate) fn describe(
    error: &dyn Diagnostic,
    id: &PolicyId,
    policies: &PolicySet,
    sources: &[Source],
) -> String {
    let policy = policies.policy(id);
    match policy.and_then(|policy| source_of(policy, sources)) {
        Some(source) => place::describe(&source.name, &source.text, error),
        None => error.to_string(),
    }
}

pub(crate) fn source_of<'a>(policy: &Policy, sources: &'a [Source]) -> Option<&'a Source> {
    let location = policy.as_ref().loc()?;
    sources.iter().find(|source| *source.text == *location.src)
}

pub(crate) fn place_of(source: &Source, location: Option<&Loc>) -> String {
    let offset = location.map_or(0, Loc::start);
    place::of(&source.name, &source.text, offset)
}

// === impl Link ===

impl Link {
    fn add(&self, all: &mut PolicySet) -> Result<(), String> {
        let wrong = |error: String| format!("links: `{}`: {error}", self.id);
        let mut values = HashMap::new();
        for (slot, uid) in [
            (SlotId::principal(), &self.principal),
            (SlotId::resource(), &self.resource),
        ] {
            if let Some(uid) = uid {
                let uid: EntityUid = uid
                    .parse()
                    .map_err(|_| wrong(format!("`{uid}` is no entity\nhint: `Agent::\"..\"`")))?;
                values.insert(slot, uid);
            }
        }
        let (template, id) = (PolicyId::new(&self.template), PolicyId::new(&self.id));
        all.link(template, id, values)
            .map_err(|error| wrong(error.to_string()))
    }
}
