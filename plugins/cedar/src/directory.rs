//! The operator's entities, and those of a call put among them.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use cedar_policy::Schema;
use cedar_policy_core::ast::{Context, Entity, EntityType, EntityUID, PartialValue, Value};
use cedar_policy_core::entities::{Entities, TCComputation};
use cedar_policy_core::extensions::Extensions;
use cedar_policy_core::validator::CoreSchema;
use cedar_policy_core::validator::types::{Attributes, Type};
use serde_json::{Map, Value as Json, json};
use smol_str::SmolStr;

use crate::place;
use crate::reached::{ById, Reached};
use crate::reads;
use crate::words::Words;

/// Attributes that the call gives an `Agent`; the second says if always, and
/// what then stands for them while the operator's entities are checked.
pub(crate) const OF_AGENTS: [(&str, Option<&str>); 10] = [
    ("issuer", Some("\"\"")),
    ("scopes", Some("[]")),
    ("chain", Some("[]")),
    ("delegation", Some("[]")),
    ("proof", Some("\"\"")),
    ("expires_at", Some("0")),
    ("claims", Some(CLAIMS)),
    ("text_claims", Some(TEXT_CLAIMS)),
    ("user", None),
    ("owner", None),
];

/// Attributes that the call gives a `Tool`, a `Prompt` or a `Resource`.
pub(crate) const OF_RESOURCES: [(&str, Option<&str>); 2] =
    [("name", Some("\"\"")), ("server", Some(SERVER))];

/// Stands for the claims that a schema wants.
const CLAIMS: &str = "claims";

/// Stands for the claims of one text that a schema wants.
const TEXT_CLAIMS: &str = "text_claims";

/// Stands for an entity of the type of servers.
const SERVER: &str = "server";

/// An entity of the call.
pub(crate) struct Described {
    pub(crate) uid: EntityUID,
    pub(crate) attributes: Vec<(&'static str, Value)>,
    pub(crate) parents: Vec<EntityUID>,
}

/// The operator's entities.
#[derive(Debug)]
pub(crate) struct Directory(ById);

// === impl Directory ===

impl Directory {
    pub(crate) fn new(
        mut entities: Vec<Json>,
        schema: Option<&Schema>,
        words: &Words,
    ) -> Result<Self, String> {
        for entity in &mut entities {
            complete(entity, schema, words)?;
        }
        let json = Json::Array(entities);
        let entities = cedar_policy::Entities::from_json_value(json, schema)
            .map_err(|error| place::describe("entities", "", &error))?;
        for entity in entities.as_ref().iter() {
            let above = entity.ancestors().find(|uid| words.is_of_calls(uid));
            if let Some(above) = above {
                return Err(format!(
                    "entities: `{}` is below `{above}`, which a call makes\nhint: nothing is below `{}`, `{}`, `{}` or `{}`",
                    entity.uid(),
                    words.agent,
                    words.tool,
                    words.prompt,
                    words.resource
                ));
            }
        }
        let all = entities.as_ref().clone();
        // So that none of them is copied.
        drop(entities);
        let by_id = all.into_iter();
        Ok(Self(
            by_id
                .map(|entity| (entity.uid().clone(), Arc::new(entity)))
                .collect(),
        ))
    }

    /// The entities of a call, with those of the operator that it can come to from them,
    /// from its context, and from what is named. What the operator says about one of them
    /// holds too.
    pub(crate) fn with<'a>(
        &'a self,
        described: [Described; 2],
        (context, named): (&'a Context, impl IntoIterator<Item = &'a EntityUID>),
        schema: Option<&CoreSchema<'_>>,
    ) -> Result<Entities, String> {
        let described = described.map(|entity| Arc::new(self.complete(entity)));
        let mut reached = Reached::of(&self.0, &described);
        reached.add_context(context);
        named.into_iter().for_each(|uid| reached.add(uid));
        let extensions = Extensions::all_available();
        // Their ancestors are put in here, and nothing is below them; those of the operator
        // have theirs.
        let ancestors = || TCComputation::AssumeAlreadyComputed;
        let entities = reached.into_entities();
        let entities = Entities::new()
            .add_entities(entities, None::<&CoreSchema<'_>>, ancestors(), extensions)
            .map_err(|error| format!("the entities do not fit together: {error}"))?;
        entities
            .upsert_entities(described, schema, ancestors(), extensions)
            .map_err(|error| format!("the schema does not allow it: {error}"))
    }

    fn complete(&self, described: Described) -> Entity {
        let Described {
            uid,
            attributes,
            parents,
        } = described;
        let mut all: BTreeMap<SmolStr, PartialValue> = BTreeMap::new();
        let mut parents: HashSet<EntityUID> = parents.into_iter().collect();
        let mut tags = Vec::new();
        if let Some(known) = self.0.get(&uid) {
            let copy = |(name, value): (&SmolStr, &PartialValue)| (name.clone(), value.clone());
            all.extend(known.attrs().map(copy));
            tags.extend(known.tags().map(copy));
            parents.extend(known.parents().cloned());
        }
        let attributes = attributes.into_iter();
        all.extend(attributes.map(|(name, value)| (name.into(), value.into())));
        let mut further = HashSet::new();
        for parent in &parents {
            if let Some(parent) = self.0.get(parent) {
                let ancestors = parent.ancestors().filter(|uid| !parents.contains(*uid));
                further.extend(ancestors.cloned());
            }
        }
        Entity::new_with_attr_partial_value(uid, all, further, parents, tags)
    }
}

/// What the call gives is not the operator's to say. A schema wants it there
/// nevertheless, so something stands for it until the call comes.
fn complete(entity: &mut Json, schema: Option<&Schema>, words: &Words) -> Result<(), String> {
    let uid = entity
        .get("uid")
        .map(|uid| uid.get("__entity").unwrap_or(uid));
    let kind = uid.and_then(|uid| uid.get("type")).and_then(Json::as_str);
    let given: &[(&str, Option<&str>)] = match kind {
        Some(kind) if kind == words.agent => &OF_AGENTS,
        Some(kind) if [&words.tool, &words.prompt, &words.resource].contains(&&kind.to_owned()) => {
            &OF_RESOURCES
        }
        Some(_) | None => return Ok(()),
    };
    let id = json!(uid).to_string();
    let kind = kind.unwrap_or_default();
    let kind: EntityType = kind
        .parse()
        .map_err(|_| format!("entities: `{kind}` is no type"))?;
    let declared = schema.and_then(|schema| reads::attributes(schema, &kind));
    let Some(entity) = entity.as_object_mut() else {
        return Ok(());
    };
    let attributes = entity
        .entry("attrs")
        .or_insert_with(|| Json::Object(Map::new()));
    let Some(attributes) = attributes.as_object_mut() else {
        return Ok(());
    };
    for (name, stand_in) in given {
        if attributes.contains_key(*name) {
            return Err(format!(
                "entities: {id} has the attribute `{name}`, which the call gives\nhint: give it another name"
            ));
        }
        let is_declared = declared.is_some_and(|declared| declared.get_attr(name).is_some());
        if let (true, Some(stand_in)) = (is_declared, stand_in) {
            let value = match *stand_in {
                SERVER => json!({ "__entity": { "type": words.server, "id": "" } }),
                CLAIMS => of_claims(declared, name, &json!([])),
                TEXT_CLAIMS => of_claims(declared, name, &json!("")),
                text => serde_json::from_str(text).map_err(|error| error.to_string())?,
            };
            attributes.insert((*name).to_owned(), value);
        }
    }
    Ok(())
}

/// A record with the same value for each member that must be there.
fn of_claims(declared: Option<&Attributes>, name: &str, value: &Json) -> Json {
    let wanted = declared.and_then(|declared| declared.get_attr(name));
    let Some(Type::Record { attrs, .. }) = wanted.map(|wanted| &*wanted.attr_type) else {
        return Json::Object(Map::new());
    };
    let members = attrs.iter().filter(|(_, member)| member.is_required);
    members
        .map(|(name, _)| (name.to_string(), value.clone()))
        .collect()
}
