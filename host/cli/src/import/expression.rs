//! A condition of another gate, in words of a call. What is not known to mean the same here
//! is refused.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::peer::{Lost, Member, Peer, other};
use super::words::{binary, has, only, path, text, variable};

/// What conditions of all policies read.
#[derive(Debug, Default)]
pub(super) struct Reads {
    /// Claims, by name.
    pub(super) claims: BTreeSet<String>,
    /// Arguments that are compared as `decimal`, by their names.
    pub(super) decimals: BTreeSet<Vec<String>>,
    /// Arguments that are compared as integers.
    pub(super) integers: BTreeSet<Vec<String>>,
}

/// Reads one condition.
pub(super) struct Reader<'a, P> {
    pub(super) peer: &'a P,
    pub(super) reads: Reads,
    pub(super) reads_arguments: bool,
}

/// An expression here, and what it is.
pub(super) struct Typed {
    pub(super) json: Json,
    pub(super) kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Argument(Vec<String>),
    Claim(String),
    User,
    Text,
    Boolean,
    Long,
    Decimal,
    /// Of these.
    Set,
    /// An address, a time or a duration.
    Extension,
}

const COMPARED: [&str; 4] = ["<", "<=", ">", ">="];
const OF_DECIMALS: [&str; 4] = [
    "lessThan",
    "lessThanOrEqual",
    "greaterThan",
    "greaterThanOrEqual",
];

// === impl Reader ===

impl<P: Peer> Reader<'_, P> {
    /// A condition.
    pub(super) fn condition(&mut self, expression: &Json) -> Result<Json, Lost> {
        let typed = self.read(expression)?;
        match typed.kind {
            Kind::Boolean | Kind::Argument(_) => Ok(typed.json),
            _ => other("a condition that is neither true nor false"),
        }
    }

    pub(super) fn read(&mut self, expression: &Json) -> Result<Typed, Lost> {
        let Some((operator, operands)) = only(expression) else {
            return other(format!("`{expression}` is not understood"));
        };
        let operand = |name: &str| operands.get(name).unwrap_or(&Json::Null);
        let (left, right) = (operand("left"), operand("right"));
        match operator {
            "Value" => literal(operands),
            "Set" => self.set(operands),
            "." => self.member(expression),
            "has" => self.has(left, operand("attr")),
            "hasTag" | "getTag" => self.tag(operator, left, right),
            "is" => match (
                only(left),
                operands.get("in"),
                operand("entity_type").as_str(),
            ) {
                (Some(("Var", variable)), None, Some(kind)) => {
                    let variable = variable.as_str().unwrap_or_default();
                    Ok(Typed::boolean(
                        self.peer.compared(variable, "is", kind, "")?,
                    ))
                }
                _ => other("`is` of something that is not a variable"),
            },
            "!" => {
                let argument = self.condition(operand("arg"))?;
                Ok(Typed::boolean(json!({ "!": { "arg": argument } })))
            }
            "&&" | "||" => {
                let (left, right) = (self.condition(left)?, self.condition(right)?);
                Ok(Typed::boolean(binary(operator, left, right)))
            }
            "if-then-else" => {
                let condition = self.condition(operand("if"))?;
                let (then, otherwise) = (self.read(operand("then"))?, self.read(operand("else"))?);
                match then.kind == Kind::Boolean && otherwise.kind == Kind::Boolean {
                    true => Ok(Typed::boolean(json!({ "if-then-else": {
                        "if": condition, "then": then.json, "else": otherwise.json,
                    } }))),
                    false => other("`if` that gives something else than true or false"),
                }
            }
            "==" | "!=" | "in" => self.compared(operator, left, right),
            "like" => self.like(left, operand("pattern")),
            "contains" | "containsAll" | "containsAny" => self.contains(operator, left, right),
            _ if COMPARED.contains(&operator) => self.ordered(operator, left, right),
            _ if OF_DECIMALS.contains(&operator) => self.decimals(operator, operands),
            _ => self.extension(operator, operands),
        }
    }

    fn set(&mut self, elements: &Json) -> Result<Typed, Lost> {
        let elements = elements.as_array().map(Vec::as_slice).unwrap_or_default();
        let mut read = Vec::with_capacity(elements.len());
        for element in elements {
            let typed = self.read(element)?;
            match typed.kind {
                Kind::Text | Kind::Boolean => read.push(typed.json),
                _ => return other("a set of something else than texts"),
            }
        }
        Ok(Typed {
            json: json!({ "Set": read }),
            kind: Kind::Set,
        })
    }

    fn member(&mut self, expression: &Json) -> Result<Typed, Lost> {
        let (variable, names) = names_of(expression)?;
        let member = self.peer.member(variable, &names)?;
        Ok(self.typed(member))
    }

    fn typed(&mut self, member: Member) -> Typed {
        match member {
            Member::Argument(names) => {
                self.reads_arguments = true;
                Typed {
                    json: self.peer.argument(&names),
                    kind: Kind::Argument(names),
                }
            }
            Member::Claim(name) => Typed {
                json: self.claim(&name, "text_claims"),
                kind: Kind::Claim(name),
            },
            Member::User => Typed {
                json: path(variable("principal"), &["user"]),
                kind: Kind::User,
            },
            Member::Text(json) => Typed {
                json,
                kind: Kind::Text,
            },
        }
    }

    pub(super) fn claim(&mut self, name: &str, of: &str) -> Json {
        self.reads.claims.insert(name.to_owned());
        path(variable("principal"), &[of, name])
    }

    fn has(&mut self, left: &Json, attr: &Json) -> Result<Typed, Lost> {
        let Some(attr) = attr.as_str() else {
            return other("`has` with several names");
        };
        let (of, mut names) = names_of(left)?;
        names.push(attr);
        let json = match self.peer.member(of, &names)? {
            Member::Argument(names) => {
                self.reads_arguments = true;
                self.peer.has_argument(&names)
            }
            Member::Claim(name) => {
                self.reads.claims.insert(name.clone());
                has(&path(variable("principal"), &["claims"]), &name)
            }
            Member::User => has(&variable("principal"), "user"),
            Member::Text(_) => json!({ "Value": true }),
        };
        Ok(Typed::boolean(json))
    }

    fn tag(&mut self, operator: &str, left: &Json, right: &Json) -> Result<Typed, Lost> {
        let variable = left.get("Var").and_then(Json::as_str);
        let name = right.get("Value").and_then(Json::as_str);
        let (Some(variable), Some(name)) = (variable, name) else {
            return other("a tag whose name is not written out");
        };
        match operator {
            "hasTag" => self.has(left, &Json::from(format!("tag:{name}"))),
            _ => {
                let member = self.peer.member(variable, &[&format!("tag:{name}")])?;
                Ok(self.typed(member))
            }
        }
    }
}

// === impl Reads ===

impl Reads {
    pub(super) fn extend(&mut self, more: Self) {
        self.claims.extend(more.claims);
        self.decimals.extend(more.decimals);
        self.integers.extend(more.integers);
    }
}

// === impl Typed ===

impl Typed {
    pub(super) const fn boolean(json: Json) -> Self {
        Self {
            json,
            kind: Kind::Boolean,
        }
    }
}

fn literal(value: &Json) -> Result<Typed, Lost> {
    let kind = match value {
        Json::Bool(_) => Kind::Boolean,
        Json::Number(_) => Kind::Long,
        Json::String(_) => Kind::Text,
        other_value => {
            return other(format!("`{other_value}` stands in a condition"));
        }
    };
    Ok(Typed {
        json: match value {
            Json::String(written) => text(written),
            value => json!({ "Value": value }),
        },
        kind,
    })
}

/// `context.input.amount`: the variable, and the names behind it.
fn names_of(expression: &Json) -> Result<(&str, Vec<&str>), Lost> {
    match only(expression) {
        Some(("Var", variable)) => Ok((variable.as_str().unwrap_or_default(), Vec::new())),
        Some((".", operands)) => {
            let left = operands.get("left").unwrap_or(&Json::Null);
            let (variable, mut names) = names_of(left)?;
            names.push(
                operands
                    .get("attr")
                    .and_then(Json::as_str)
                    .unwrap_or_default(),
            );
            Ok((variable, names))
        }
        _ => other("a member of something that is not a variable"),
    }
}
