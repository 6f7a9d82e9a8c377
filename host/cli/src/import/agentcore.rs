//! AgentCore: Cedar policies in which each tool is an action, and the resource is the
//! gateway. The principal is who the token is about (`sub`), and its claims are tags.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};

use super::peer::{Condition, Effect, Lost, Member, Numbers, Peer, Scoped, other};
use super::words::{binary, entity, has, only, path, set, text, type_and_id, user_is, variable};

const USER: &str = "AgentCore::OAuthUser";
const MACHINE: &str = "AgentCore::IamEntity";
const GATEWAY: &str = "AgentCore::Gateway";
const ACTION: &str = "AgentCore::Action";

/// The words of one gateway.
#[derive(Debug)]
pub(super) struct AgentCore {
    /// Targets, and the servers that they are here.
    servers: BTreeMap<String, String>,
    /// The gateway, where there are several.
    gateway: Option<String>,
    /// Servers that policies are about.
    pub(super) named: BTreeSet<String>,
    /// Gateways that policies are about.
    pub(super) gateways: BTreeSet<String>,
}

// === impl AgentCore ===

impl AgentCore {
    pub(super) fn new(servers: BTreeMap<String, String>, gateway: Option<String>) -> Self {
        Self {
            servers,
            gateway,
            named: BTreeSet::new(),
            gateways: BTreeSet::new(),
        }
    }

    fn principal(scope: &Json, conditions: &mut Vec<Json>) -> Result<(), Lost> {
        let given = scope.get("entity").and_then(type_and_id);
        let of = scope.get("entity_type").and_then(Json::as_str);
        match (operator(scope), given, of) {
            ("All", ..) => Ok(()),
            ("==", Some((USER, id)), _) => {
                conditions.push(user_is(id));
                Ok(())
            }
            ("is", _, Some(USER)) if scope.get("in").is_none() => Ok(()),
            ("is", _, Some(MACHINE)) | ("==", Some((MACHINE, _)), _) => Err(nobody()),
            _ => other(format!("the principal is no `{USER}`")),
        }
    }

    /// The tools of a scope, as entities here; none for all of them.
    fn tools(&mut self, scope: &Json) -> Result<Option<Vec<Json>>, Lost> {
        let entities = match (operator(scope), scope.get("entity"), scope.get("entities")) {
            ("All", ..) => return Ok(None),
            ("==" | "in", Some(entity), _) => vec![entity],
            ("in", None, Some(Json::Array(entities))) => entities.iter().collect(),
            _ => return other("the scope of the action"),
        };
        let mut tools = Vec::new();
        for action in entities {
            let Some((ACTION, id)) = type_and_id(action) else {
                return other(format!("`{action}` is no action"));
            };
            match id {
                "CallTool" | "Mcp" if operator(scope) == "in" => return Ok(None),
                "tools/list" | "initialize" => {}
                id => {
                    let tool = self.tool(id)?;
                    tools.push(entity("Tool", &tool));
                }
            }
        }
        match tools.is_empty() {
            true => Err(Lost::Needless(
                "lists show here what may be called, and are always allowed themselves".to_owned(),
            )),
            false => Ok(Some(tools)),
        }
    }

    /// `Target___tool`, of a server here.
    fn tool(&mut self, id: &str) -> Result<String, Lost> {
        let parts = match (id.split_once("___"), id.matches("__").count()) {
            (Some(parts), _) => Some(parts),
            (None, 1) => id.split_once("__"),
            (None, _) => None,
        };
        let Some((target, tool)) =
            parts.filter(|(target, tool)| !target.is_empty() && !tool.is_empty())
        else {
            return other(format!("`{id}` is no tool of a target"));
        };
        let server = self.servers.get(target).map_or(target, String::as_str);
        let tool = format!("{server}/{tool}");
        self.named.insert(server.to_owned());
        Ok(tool)
    }

    fn resource(&mut self, scope: &Json) -> Result<(), Lost> {
        let given = scope.get("entity").and_then(type_and_id);
        let of = scope.get("entity_type").and_then(Json::as_str);
        match (operator(scope), given, of) {
            ("All", ..) => Ok(()),
            ("is", _, Some(GATEWAY)) if scope.get("in").is_none() => Ok(()),
            ("==", Some((GATEWAY, id)), _) => {
                self.gateways.insert(id.to_owned());
                match self.gateway.as_deref().is_none_or(|gateway| gateway == id) {
                    true => Ok(()),
                    false => Err(Lost::Needless(format!("it is about the gateway `{id}`"))),
                }
            }
            _ => other(format!("the resource is no `{GATEWAY}`")),
        }
    }
}

impl Peer for AgentCore {
    const NUMBERS: Numbers = Numbers::ByType;

    fn scope(&mut self, effect: Effect, policy: &Json) -> Result<Scoped, Lost> {
        let part = |name: &str| policy.get(name).unwrap_or(&Json::Null);
        let mut scoped = Scoped::default();
        self.resource(part("resource"))?;
        Self::principal(part("principal"), &mut scoped.conditions)?;
        let tools = self.tools(part("action"))?;
        scoped.methods = match (effect, &tools) {
            // Whatever else a call may be, there is no tool in it.
            (Effect::Forbid, None) => None,
            (Effect::Permit, _) | (Effect::Forbid, Some(_)) => {
                Some(vec!["tools/call", "tools/list"])
            }
        };
        let resource = variable("resource");
        match tools.as_deref() {
            None => {}
            Some([tool]) => scoped.conditions.push(binary("==", resource, tool.clone())),
            Some(tools) => scoped
                .conditions
                .push(binary("in", resource, set(tools.to_vec()))),
        }
        Ok(scoped)
    }

    fn member(&self, variable: &str, names: &[&str]) -> Result<Member, Lost> {
        match (variable, names) {
            ("context", ["input", names @ ..]) => Ok(Member::Argument(
                names.iter().map(|name| (*name).to_owned()).collect(),
            )),
            ("principal", ["id"]) => Ok(Member::User),
            ("principal", [tag]) => match tag.strip_prefix("tag:") {
                Some("sub") => Ok(Member::User),
                Some("iss") => Ok(Member::Text(path(
                    super::words::variable("principal"),
                    &["issuer"],
                ))),
                Some(claim) => Ok(Member::Claim(claim.to_owned())),
                None => other(format!("`principal.{tag}` has no counterpart")),
            },
            _ => other(format!(
                "`{variable}.{}` has no counterpart",
                names.join(".")
            )),
        }
    }

    fn argument(&self, names: &[String]) -> Json {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        path(path(variable("context"), &["arguments"]), &names)
    }

    fn has_argument(&self, names: &[String]) -> Json {
        match names.split_last() {
            None => json!({ "Value": true }),
            Some((last, names)) => has(&self.argument(names), last),
        }
    }

    fn compared(&self, name: &str, operator: &str, kind: &str, id: &str) -> Result<Json, Lost> {
        match (name, operator, kind) {
            ("principal", "is", USER) | ("resource", "is", GATEWAY) => Ok(json!({ "Value": true })),
            ("principal", "is", MACHINE) => Ok(json!({ "Value": false })),
            ("principal", "==", USER) => Ok(user_is(id)),
            _ => other(format!(
                "`{name} {operator} {kind}::\"{id}\"` in a condition"
            )),
        }
    }

    /// A list shows what may be called with some arguments.
    fn in_listings(effect: Effect, conditions: Vec<Condition>) -> Vec<Condition> {
        let purpose = path(variable("context"), &["purpose"]);
        let is_for = |what: &str| binary("==", purpose.clone(), text(what));
        let conditions = conditions.into_iter().flat_map(parts);
        let conditions = conditions.map(|condition| {
            if !condition.reads_arguments {
                return condition;
            }
            // Whether it must hold in a list for the policy to speak, or must not.
            let holds = (effect == Effect::Permit) != condition.is_unless;
            let body = match holds {
                true => binary("||", is_for("listing"), condition.body),
                false => binary("&&", is_for("call"), condition.body),
            };
            Condition { body, ..condition }
        });
        conditions.collect()
    }
}

/// The parts of a `when`, all of which must hold.
fn parts(condition: Condition) -> Vec<Condition> {
    if condition.is_unless || !condition.reads_arguments {
        return vec![condition];
    }
    match only(&condition.body) {
        Some(("&&", operands)) => {
            let sides = [operands.get("left"), operands.get("right")];
            let sides = sides.into_iter().flatten().map(|body| Condition {
                body: body.clone(),
                is_unless: false,
                reads_arguments: body.to_string().contains("\"arguments\""),
            });
            sides.flat_map(parts).collect()
        }
        _ => vec![condition],
    }
}

fn nobody() -> Lost {
    Lost::Needless(format!(
        "nobody is an `{MACHINE}` here: callers show tokens"
    ))
}

fn operator(scope: &Json) -> &str {
    scope.get("op").and_then(Json::as_str).unwrap_or_default()
}
