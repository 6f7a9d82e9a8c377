//! ToolHive: a JSON file with Cedar policies about one server. The principal is who the token
//! is about (`sub`); any error denies there too.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::peer::{Condition, Effect, Lost, Member, Numbers, Peer, Scoped, other};
use super::words::{binary, entity, has, path, set, text, type_and_id, user_is, variable};

/// The claims that say in which groups somebody is, the first that is there.
const GROUP_CLAIMS: [&str; 3] = ["groups", "roles", "cognito:groups"];

/// Actions, and the methods that they are; a list shows what may be called.
static ACTIONS: [(&str, [&str; 2]); 3] = [
    ("call_tool", ["tools/call", "tools/list"]),
    ("get_prompt", ["prompts/get", "prompts/list"]),
    ("read_resource", ["resources/read", "resources/list"]),
];
static LISTS: [(&str, &str); 3] = [
    ("list_tools", "tools/list"),
    ("list_prompts", "prompts/list"),
    ("list_resources", "resources/list"),
];

/// The file.
#[derive(Debug, Deserialize)]
pub(super) struct File {
    #[serde(rename = "type", default)]
    pub(super) kind: String,
    pub(super) cedar: Options,
}

/// Its policies.
#[derive(Debug, Deserialize)]
pub(super) struct Options {
    pub(super) policies: Vec<String>,
    #[serde(default)]
    pub(super) entities_json: String,
    #[serde(default)]
    pub(super) group_claim_name: String,
    #[serde(default)]
    pub(super) role_claim_name: String,
    #[serde(default)]
    pub(super) group_entity_type: String,
    #[serde(default)]
    pub(super) primary_upstream_provider: String,
}

/// The words of one file.
#[derive(Debug)]
pub(super) struct ToolHive {
    server: String,
    group: String,
    group_claims: Vec<String>,
    role_claim: Option<String>,
    /// Groups, and those right below each.
    below: BTreeMap<String, BTreeSet<String>>,
    /// Claims that groups are read of.
    pub(super) claims: BTreeSet<String>,
}

// === impl ToolHive ===

impl ToolHive {
    pub(super) fn new(options: &Options, server: &str) -> Result<Self, serde_json::Error> {
        let named = |name: &str, usual: &str| match name {
            "" => usual.to_owned(),
            name => name.to_owned(),
        };
        let group = named(&options.group_entity_type, "THVGroup");
        let entities: Json = match options.entities_json.trim() {
            "" => json!([]),
            written => serde_json::from_str(written)?,
        };
        let own = Some(options.group_claim_name.clone()).filter(|name| !name.is_empty());
        let usual = GROUP_CLAIMS.iter().map(|name| (*name).to_owned());
        Ok(Self {
            server: server.to_owned(),
            below: below(&entities, &group),
            group,
            group_claims: own.into_iter().chain(usual).collect(),
            role_claim: Some(options.role_claim_name.clone()).filter(|name| !name.is_empty()),
            claims: BTreeSet::new(),
        })
    }

    /// Who is in this group, or in one below it.
    fn in_group(&mut self, group: &str) -> Json {
        let mut groups = vec![group.to_owned()];
        let mut next = 0;
        while let Some(above) = groups.get(next).cloned() {
            for below in self.below.get(&above).into_iter().flatten() {
                if !groups.contains(below) {
                    groups.push(below.clone());
                }
            }
            next += 1;
        }
        let groups: Vec<Json> = groups.iter().map(|group| text(group)).collect();
        let claims = path(variable("principal"), &["claims"]);
        let is_in = |claim: &str| {
            let values = path(claims.clone(), &[claim]);
            binary("containsAny", values, set(groups.clone()))
        };
        self.claims.extend(self.group_claims.iter().cloned());
        self.claims.extend(self.role_claim.clone());
        let first_there =
            self.group_claims
                .iter()
                .rev()
                .fold(json!({ "Value": false }), |otherwise, claim| {
                    json!({ "if-then-else": {
                    "if": has(&claims, claim), "then": is_in(claim), "else": otherwise,
                } })
                });
        match &self.role_claim {
            None => first_there,
            Some(claim) => {
                let by_role = binary("&&", has(&claims, claim), is_in(claim));
                binary("||", first_there, by_role)
            }
        }
    }

    fn principal(&mut self, scope: &Json, conditions: &mut Vec<Json>) -> Result<(), Lost> {
        let given = scope.get("entity").and_then(type_and_id);
        match (operator(scope), given) {
            ("All", _) => Ok(()),
            ("==", Some(("Client", id))) => {
                conditions.push(user_is(id));
                Ok(())
            }
            ("in", Some((kind, id))) if kind == self.group => {
                conditions.push(self.in_group(id));
                Ok(())
            }
            ("is", _) if is_of(scope, "Client") => match scope.get("in") {
                None => Ok(()),
                Some(within) => match within.get("entity").and_then(type_and_id) {
                    Some((kind, id)) if kind == self.group => {
                        conditions.push(self.in_group(id));
                        Ok(())
                    }
                    _ => other("the principal is in something that is no group"),
                },
            },
            _ => other(format!(
                "the principal is no `Client` and in no `{}`",
                self.group
            )),
        }
    }

    fn resource(&self, scope: &Json) -> Result<Option<Json>, Lost> {
        let given = scope.get("entity").and_then(type_and_id);
        match (operator(scope), given) {
            ("All", _) => Ok(None),
            ("==", Some((kind, id))) => self.resource_is(kind, id).map(Some),
            ("in", Some(("MCP", id))) if id == self.server => Ok(Some(
                json!({ "op": "in", "entity": { "type": "Server", "id": id } }),
            )),
            ("is", _) if scope.get("in").is_none() => match scope.get("entity_type") {
                Some(Json::String(kind)) if is_resource(kind) => {
                    Ok(Some(json!({ "op": "is", "entity_type": kind })))
                }
                _ => other("the resource is of a type that no call has"),
            },
            _ => other("the resource is no tool, prompt or resource of this server"),
        }
    }

    fn resource_is(&self, kind: &str, id: &str) -> Result<Json, Lost> {
        let (kind, id) = self.named(kind, id)?;
        Ok(json!({ "op": "==", "entity": { "type": kind, "id": id } }))
    }

    /// The same thing here.
    fn named<'a>(&self, kind: &'a str, id: &str) -> Result<(&'a str, String), Lost> {
        match kind {
            "Tool" | "Prompt" => Ok((kind, format!("{}/{id}", self.server))),
            // Its characters were replaced there, by `_` among others.
            "Resource" if !id.contains('_') => Ok((kind, format!("{}/{id}", self.server))),
            "Resource" => other(format!(
                "`Resource::\"{id}\"` may be several URIs: `_` stands for `:`, `/`, `.` and others there"
            )),
            _ => other(format!("no call is about a `{kind}`")),
        }
    }
}

impl Peer for ToolHive {
    const NUMBERS: Numbers = Numbers::Decimals;

    fn scope(&mut self, effect: Effect, policy: &Json) -> Result<Scoped, Lost> {
        let part = |name: &str| policy.get(name).unwrap_or(&Json::Null);
        let mut scoped = Scoped::default();
        let is_list = is_about_lists(part("resource"));
        scoped.methods = match methods(effect, part("action"))? {
            Some(methods) if methods.is_empty() => {
                return Err(Lost::Needless(
                    "lists show here what may be called, and are always allowed themselves"
                        .to_owned(),
                ));
            }
            _ if is_list && effect == Effect::Permit => {
                return Err(Lost::Needless("it is about lists alone".to_owned()));
            }
            methods => methods,
        };
        self.principal(part("principal"), &mut scoped.conditions)?;
        scoped.resource = match is_list {
            true => None,
            false => self.resource(part("resource"))?,
        };
        Ok(scoped)
    }

    fn member(&self, variable: &str, names: &[&str]) -> Result<Member, Lost> {
        let [name] = names else {
            return other(format!(
                "`{variable}.{}` has no counterpart",
                names.join(".")
            ));
        };
        if let ("principal" | "context", Some(claim)) = (variable, name.strip_prefix("claim_")) {
            return Ok(match claim {
                "sub" => Member::User,
                "iss" => Member::Text(path(super::words::variable("principal"), &["issuer"])),
                claim => Member::Claim(claim.to_owned()),
            });
        }
        if let ("resource" | "context", Some(argument)) = (variable, name.strip_prefix("arg_")) {
            return match argument.ends_with("_present") {
                true => other(format!(
                    "`{variable}.{name}`: what is there of an argument is not told here"
                )),
                false => Ok(Member::Argument(vec![argument.to_owned()])),
            };
        }
        match (variable, *name) {
            ("resource", "name") => Ok(Member::Text(path(
                super::words::variable("resource"),
                &["name"],
            ))),
            _ => other(format!("`{variable}.{name}` has no counterpart")),
        }
    }

    fn argument(&self, names: &[String]) -> Json {
        path(variable("context"), &[&prefixed(names)])
    }

    fn has_argument(&self, names: &[String]) -> Json {
        has(&variable("context"), &prefixed(names))
    }

    fn compared(&self, name: &str, operator: &str, kind: &str, id: &str) -> Result<Json, Lost> {
        match (name, operator) {
            ("principal", "is") if kind == "Client" => Ok(json!({ "Value": true })),
            ("principal", "==") if kind == "Client" => Ok(user_is(id)),
            ("resource", "is") if is_resource(kind) => Ok(json!({ "is": {
                "left": variable("resource"), "entity_type": kind,
            } })),
            ("resource", "==") => {
                let (kind, id) = self.named(kind, id)?;
                Ok(binary("==", variable("resource"), entity(kind, &id)))
            }
            ("action", "==") if kind == "Action" => match methods_of(id) {
                Some(methods) => {
                    let methods = methods.iter().map(|method| entity("Action", method));
                    let action = variable("action");
                    Ok(binary("in", action, set(methods.collect())))
                }
                None => other(format!("`Action::\"{id}\"` is no method")),
            },
            _ => other(format!(
                "`{name} {operator} {kind}::\"{id}\"` in a condition"
            )),
        }
    }

    /// What looks at arguments fails in a list, there and here, and hides the tool.
    fn in_listings(_: Effect, conditions: Vec<Condition>) -> Vec<Condition> {
        conditions
    }
}

/// The methods of a scope; none for all, and none at all where it is about lists alone.
fn methods(effect: Effect, scope: &Json) -> Result<Option<Vec<&'static str>>, Lost> {
    let entities = match (operator(scope), scope.get("entity"), scope.get("entities")) {
        ("All", ..) => {
            let all = ACTIONS.iter().flat_map(|(_, methods)| *methods);
            return Ok(match effect {
                // What else a call may be is nobody's there.
                Effect::Permit => Some(all.collect()),
                Effect::Forbid => None,
            });
        }
        ("==" | "in", Some(entity), _) => vec![entity],
        ("in", None, Some(Json::Array(entities))) => entities.iter().collect(),
        _ => return other("the scope of the action"),
    };
    let mut methods = Vec::new();
    for entity in entities {
        let Some(("Action", id)) = type_and_id(entity) else {
            return other(format!("`{entity}` is no action"));
        };
        let Some(known) = methods_of(id) else {
            return other(format!("`Action::\"{id}\"` is no method"));
        };
        let is_list = LISTS.iter().any(|(name, _)| *name == id);
        match (is_list, effect) {
            (true, Effect::Permit) => {}
            (true, Effect::Forbid) | (false, _) => methods.extend_from_slice(known),
        }
    }
    Ok(Some(methods))
}

fn methods_of(id: &str) -> Option<&'static [&'static str]> {
    let actions = ACTIONS.iter().find(|(name, _)| *name == id);
    let lists = LISTS.iter().find(|(name, _)| *name == id);
    let lists = lists.map(|(_, method)| std::slice::from_ref(method));
    actions.map(|(_, methods)| methods.as_slice()).or(lists)
}

fn is_about_lists(resource: &Json) -> bool {
    let equal = resource.get("entity").and_then(type_and_id);
    matches!(equal, Some(("FeatureType", _))) || is_of(resource, "FeatureType")
}

fn operator(scope: &Json) -> &str {
    scope.get("op").and_then(Json::as_str).unwrap_or_default()
}

fn is_of(scope: &Json, kind: &str) -> bool {
    scope.get("entity_type").and_then(Json::as_str) == Some(kind)
}

fn is_resource(kind: &str) -> bool {
    matches!(kind, "Tool" | "Prompt" | "Resource")
}

fn prefixed(names: &[String]) -> String {
    format!("arg_{}", names.concat())
}

/// Groups and those right below, of entities in one of Cedar's JSON formats.
fn below(entities: &Json, group: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut below: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for entity in entities.as_array().into_iter().flatten() {
        let Some((kind, id)) = entity.get("uid").and_then(type_and_id) else {
            continue;
        };
        let parents = entity.get("parents").and_then(Json::as_array);
        for parent in parents.into_iter().flatten().filter_map(type_and_id) {
            if kind == group && parent.0 == group {
                below
                    .entry(parent.1.to_owned())
                    .or_default()
                    .insert(id.to_owned());
            }
        }
    }
    below
}
