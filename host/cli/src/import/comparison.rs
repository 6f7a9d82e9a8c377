//! What conditions compare, and what they ask of sets and numbers.

use serde_json::{Value as Json, json};

use super::expression::{Kind, Reader, Typed};
use super::peer::{Lost, Numbers, Peer, other};
use super::words::{binary, type_and_id};

const OF_ADDRESSES: [&str; 5] = ["isIpv4", "isIpv6", "isLoopback", "isMulticast", "isInRange"];

// === impl Reader ===

impl<P: Peer> Reader<'_, P> {
    pub(super) fn compared(
        &mut self,
        operator: &str,
        left: &Json,
        right: &Json,
    ) -> Result<Typed, Lost> {
        if let Some(compared) = self.whole(operator, left, right)? {
            return Ok(compared);
        }
        if operator == "in" {
            return other("`in` of something that is not a variable");
        }
        let (left, right) = (self.read(left)?, self.read(right)?);
        let json = match (&left.kind, &right.kind) {
            // A person is an entity here.
            (Kind::User, Kind::Text) => return self.user(operator, left.json, &right.json),
            (Kind::Text, Kind::User) => return self.user(operator, right.json, &left.json),
            (Kind::Argument(names), Kind::Long) | (Kind::Long, Kind::Argument(names)) => {
                self.integer(names.clone())?;
                is_integer(operator, left.json, right.json)
            }
            // Numbers that are equal are so however they are written.
            (Kind::Argument(one), Kind::Argument(another)) => {
                let decimals = [one, another].into_iter().cloned();
                self.reads.decimals.extend(decimals);
                binary(operator, left.json, right.json)
            }
            (Kind::Claim(name), Kind::Text) | (Kind::Text, Kind::Claim(name)) => {
                is_of_claims(name, [&left.json, &right.json])?;
                binary(operator, left.json, right.json)
            }
            (Kind::Argument(names), Kind::Decimal) | (Kind::Decimal, Kind::Argument(names)) => {
                self.reads.decimals.insert(names.clone());
                binary(operator, left.json, right.json)
            }
            (
                Kind::Argument(_) | Kind::Claim(_) | Kind::Text,
                Kind::Argument(_) | Kind::Claim(_) | Kind::Text,
            )
            | (Kind::Argument(_) | Kind::Boolean, Kind::Boolean)
            | (Kind::Boolean, Kind::Argument(_))
            | (Kind::Long, Kind::Long) => binary(operator, left.json, right.json),
            (Kind::Claim(name), _) | (_, Kind::Claim(name)) => {
                return other(format!(
                    "the claim `{name}` is compared with something else than a text; claims are texts here"
                ));
            }
            _ => return other(format!("`{operator}` between these two")),
        };
        Ok(Typed::boolean(json))
    }

    fn user(&mut self, operator: &str, user: Json, id: &Json) -> Result<Typed, Lost> {
        let Some(id) = id.get("Value").and_then(Json::as_str) else {
            return other(
                "whom a call is made for is compared with something that is not written out",
            );
        };
        let right = json!({ "Value": { "__entity": { "type": "User", "id": id } } });
        Ok(Typed::boolean(binary(operator, user, right)))
    }

    /// A variable as a whole, and an entity.
    fn whole(&mut self, operator: &str, left: &Json, right: &Json) -> Result<Option<Typed>, Lost> {
        let variable = |side: &Json| side.get("Var").and_then(Json::as_str).map(str::to_owned);
        let (name, entity) = match (variable(left), variable(right)) {
            (Some(name), None) => (name, right),
            (None, Some(name)) if operator != "in" => (name, left),
            (None, _) => return Ok(None),
            (Some(_), _) => return other("two variables are compared"),
        };
        let Some((kind, id)) = entity.get("Value").and_then(type_and_id) else {
            return other(format!(
                "`{name}` is compared with something that is not written out"
            ));
        };
        let (operator, is_not) = match operator {
            "!=" => ("==", true),
            operator => (operator, false),
        };
        let json = self.peer.compared(&name, operator, kind, id)?;
        Ok(Some(Typed::boolean(match is_not {
            true => json!({ "!": { "arg": json } }),
            false => json,
        })))
    }

    pub(super) fn like(&mut self, left: &Json, pattern: &Json) -> Result<Typed, Lost> {
        let left = self.read(left)?;
        match left.kind {
            Kind::Argument(_) | Kind::Claim(_) | Kind::Text => Ok(Typed::boolean(
                json!({ "like": { "left": left.json, "pattern": pattern } }),
            )),
            _ => other("`like` of something that is no text"),
        }
    }

    pub(super) fn contains(
        &mut self,
        operator: &str,
        left: &Json,
        right: &Json,
    ) -> Result<Typed, Lost> {
        let (left, right) = (self.read(left)?, self.read(right)?);
        let receiver = match &left.kind {
            Kind::Set => left.json,
            Kind::Claim(name) => self.claim(name, "claims"),
            Kind::Argument(_) if P::NUMBERS == Numbers::ByType => left.json,
            Kind::Argument(names) => {
                return other(format!(
                    "the argument `{}` is no set there",
                    names.join(".")
                ));
            }
            _ => return other(format!("`{operator}` of something that is no set")),
        };
        match (operator, &right.kind) {
            ("contains", Kind::Text | Kind::Argument(_) | Kind::Claim(_))
            | ("containsAll" | "containsAny", Kind::Set) => {}
            _ => return other(format!("`{operator}` of this")),
        }
        for kind in [&left.kind, &right.kind] {
            if let Kind::Claim(name) = kind {
                is_of_claims(name, [&receiver, &right.json])?;
            }
        }
        Ok(Typed::boolean(binary(operator, receiver, right.json)))
    }

    pub(super) fn ordered(
        &mut self,
        operator: &str,
        left: &Json,
        right: &Json,
    ) -> Result<Typed, Lost> {
        let (left, right) = (self.read(left)?, self.read(right)?);
        for side in [&left.kind, &right.kind] {
            match side {
                Kind::Long => {}
                Kind::Argument(names) => self.integer(names.clone())?,
                _ => return other(format!("`{operator}` of something that is no number")),
            }
        }
        Ok(Typed::boolean(binary(operator, left.json, right.json)))
    }

    fn integer(&mut self, names: Vec<String>) -> Result<(), Lost> {
        match P::NUMBERS {
            Numbers::ByType => {
                self.reads.integers.insert(names);
                Ok(())
            }
            Numbers::Decimals => other(format!(
                "numbers of arguments are decimals there, so `{}` is never compared with an integer; write `.lessThan(decimal(\"..\"))`, or what you mean here by hand",
                names.join(".")
            )),
        }
    }

    pub(super) fn decimals(&mut self, operator: &str, operands: &Json) -> Result<Typed, Lost> {
        let mut read = Vec::new();
        for operand in operands.as_array().into_iter().flatten() {
            let typed = self.read(operand)?;
            match typed.kind {
                Kind::Decimal => {}
                Kind::Argument(names) => {
                    self.reads.decimals.insert(names);
                }
                _ => return other(format!("`{operator}` of something that is no decimal")),
            }
            read.push(typed.json);
        }
        Ok(Typed::boolean(json!({ operator: read })))
    }

    /// Values that a text stands for, and what is asked of addresses.
    pub(super) fn extension(&mut self, operator: &str, operands: &Json) -> Result<Typed, Lost> {
        let is_asked = OF_ADDRESSES.contains(&operator);
        let kind = match operator {
            "decimal" => Kind::Decimal,
            "ip" | "datetime" | "duration" => Kind::Extension,
            _ if is_asked => Kind::Boolean,
            _ => return other(format!("`{operator}` is not understood")),
        };
        let mut read = Vec::new();
        for operand in operands.as_array().into_iter().flatten() {
            let typed = self.read(operand)?;
            match (typed.kind, is_asked) {
                (Kind::Extension, true)
                | (Kind::Text | Kind::Argument(_) | Kind::Claim(_), false) => {}
                _ => return other(format!("`{operator}` of this")),
            }
            read.push(typed.json);
        }
        Ok(Typed {
            json: json!({ operator: read }),
            kind,
        })
    }
}

/// An argument that is this integer. What is no integer here, `1.0` among them, is an error,
/// and an error denies; compared by `==` it would be another number.
fn is_integer(operator: &str, left: Json, right: Json) -> Json {
    let below = binary("<=", left.clone(), right.clone());
    let is = binary("&&", below, binary("<=", right, left));
    match operator {
        "!=" => json!({ "!": { "arg": is } }),
        _ => is,
    }
}

/// Refuses texts that a number or a truth value of a token is here, and is not there.
fn is_of_claims(name: &str, expressions: [&Json; 2]) -> Result<(), Lost> {
    let is_text = |text: &str| text.parse::<f64>().is_err() && text.parse::<bool>().is_err();
    let texts = expressions.into_iter().flat_map(texts_in);
    match texts.into_iter().find(|text| !is_text(text)) {
        None => Ok(()),
        Some(text) => other(format!(
            "the claim `{name}` may be a text or a number: here both are the text `{text}`"
        )),
    }
}

/// The texts that stand in an expression.
fn texts_in(expression: &Json) -> Vec<&str> {
    match expression {
        Json::Object(members) => match members.get("Value") {
            Some(value) => value.as_str().into_iter().collect(),
            None => members.values().flat_map(texts_in).collect(),
        },
        Json::Array(elements) => elements.iter().flat_map(texts_in).collect(),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => Vec::new(),
    }
}
