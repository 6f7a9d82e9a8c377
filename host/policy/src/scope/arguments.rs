//! What all arguments of a tool may be: constraints by JSON Pointer, and what becomes of
//! arguments that no pointer names.

use std::collections::BTreeMap;
use std::fmt;

use super::constraint::Constraint;
use super::datum::{Datum, comma};
use super::effort::Effort;
use super::read::ConstraintError;
use crate::json::{Document, Kind, Pointer, Value};

/// Most pointers for one tool.
const POINTERS_MAX: usize = 64;

/// Most steps of one pointer.
const STEPS_MAX: usize = 16;

/// The constraints on the arguments of a tool. An argument that is named must be there,
/// unless it is optional, and one that is not named must not, unless others are let
/// through.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Arguments {
    root: Node,
    /// Arguments that nothing names are let through.
    others: bool,
}

/// What is said about one place, and about places in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Node {
    rule: Option<Rule>,
    inner: BTreeMap<String, Node>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Rule {
    constraint: Constraint,
    /// It may be left out.
    optional: bool,
}

/// Arguments that a credential does not cover.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beyond {
    /// The place: a JSON Pointer, as far as the credential names it. What only the agent
    /// named is not in it.
    pub pointer: String,
    /// What is wrong there.
    pub problem: &'static str,
}

// === impl Arguments ===

impl Arguments {
    /// Reads `{"/path": {"type": ...}}`. `others`: what is not named is let through.
    pub(super) fn read(named: Value<'_>, others: bool) -> Result<Self, ConstraintError> {
        if !matches!(named.kind(), Kind::Object(count) if count as usize <= POINTERS_MAX) {
            return Err(ConstraintError::BadList);
        }
        let mut root = Node::default();
        for (pointer, said) in named.members() {
            let pointer = Pointer::parse(&pointer).map_err(|_| ConstraintError::BadMember)?;
            let steps = pointer.tokens().count();
            if steps == 0 || steps > STEPS_MAX {
                return Err(ConstraintError::BadMember);
            }
            let optional = match said.get("optional") {
                None => false,
                Some(optional) => optional.as_bool().ok_or(ConstraintError::BadMember)?,
            };
            let constraint = Constraint::read(said, &["optional"])?;
            let mut node = &mut root;
            for token in pointer.tokens() {
                node = node.inner.entry(token.into_owned()).or_default();
            }
            node.rule = Some(Rule {
                constraint,
                optional,
            });
        }
        Ok(Self { root, others })
    }

    /// Whether these arguments are covered; the first place that is not, if one is not.
    pub fn admit(&self, arguments: &Document) -> Result<(), Beyond> {
        let mut path = Vec::new();
        self.root
            .admit(Some(arguments.root()), self.others, &mut path)
            .map_err(|problem| Beyond {
                pointer: pointer(&path),
                problem,
            })
    }

    /// The constraint on one place, if there is one.
    pub fn at(&self, pointer: &str) -> Option<&Constraint> {
        let mut node = &self.root;
        for token in Pointer::parse(pointer).ok()?.tokens() {
            node = node.inner.get(&*token)?;
        }
        node.rule.as_ref().map(|rule| &rule.constraint)
    }

    /// Whether everything that `child` covers is covered.
    pub(super) fn subsumes(&self, child: &Self, effort: &mut Effort) -> bool {
        self.root
            .subsumes(&child.root, (self.others, child.others), effort)
    }
}

/// As credentials write it.
impl fmt::Display for Arguments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{\"arguments\":{")?;
        let mut said = Vec::new();
        self.root.said(&mut Vec::new(), &mut said);
        for (at, (pointer, rule)) in said.iter().enumerate() {
            let pointer = serde_json::Value::from(pointer.as_str());
            let text = rule.constraint.to_string();
            let text = text.strip_suffix('}').unwrap_or_default();
            let optional = if rule.optional {
                ",\"optional\":true"
            } else {
                ""
            };
            write!(f, "{}{pointer}:{text}{optional}}}", comma(at))?;
        }
        f.write_str("}")?;
        if self.others {
            f.write_str(",\"other_arguments\":true")?;
        }
        f.write_str("}")
    }
}

// === impl Node ===

impl Node {
    /// `path`: where it is; after an error, where that is.
    fn admit<'a>(
        &'a self,
        value: Option<Value<'_>>,
        others: bool,
        path: &mut Vec<&'a str>,
    ) -> Result<(), &'static str> {
        let Some(value) = value else {
            return match self.admits_absence() {
                true => Ok(()),
                false => Err("is missing"),
            };
        };
        if let Some(rule) = &self.rule {
            let datum = Datum::read(value);
            let datum = datum.ok_or("has a number that cannot be compared")?;
            if !rule.constraint.admits(&datum) {
                return Err("has a value that is not covered");
            }
            if self.inner.is_empty() {
                return Ok(());
            }
        }
        let others = others || self.rule.is_some();
        let mut seen = 0;
        let members: &mut dyn Iterator<Item = _> = match value.kind() {
            Kind::Object(_) => &mut value.members(),
            Kind::Array(_) => &mut (0..)
                .map(|at: usize| at.to_string().into())
                .zip(value.elements()),
            Kind::Null | Kind::Boolean(_) | Kind::Number | Kind::Text if self.rule.is_some() => {
                &mut std::iter::empty()
            }
            Kind::Null | Kind::Boolean(_) | Kind::Number | Kind::Text => {
                return Err("is not an object");
            }
        };
        let mut named = Vec::new();
        for (name, member) in members {
            match self.inner.get_key_value(&*name) {
                Some((name, inner)) => {
                    path.push(name);
                    inner.admit(Some(member), others, path)?;
                    path.pop();
                    seen += 1;
                    named.push(name);
                }
                None if others => {}
                None => return Err("has an argument that is not named"),
            }
        }
        if seen == self.inner.len() {
            return Ok(());
        }
        for (name, inner) in &self.inner {
            if !named.contains(&name) && !inner.admits_absence() {
                path.push(name);
                return Err("is missing");
            }
        }
        Ok(())
    }

    /// Whether it may be left out.
    fn admits_absence(&self) -> bool {
        self.rule.as_ref().is_none_or(|rule| rule.optional)
            && self.inner.values().all(Self::admits_absence)
    }

    /// Whether it admits whatever stands there, and nothing too.
    fn admits_anything(&self) -> bool {
        let any = |rule: &Rule| rule.optional && rule.constraint == Constraint::Wildcard(None);
        self.rule.as_ref().is_some_and(any) && self.inner.values().all(Self::admits_anything)
    }

    /// `others`: whether each of the two lets through what is not named.
    fn subsumes(&self, child: &Self, others: (bool, bool), effort: &mut Effort) -> bool {
        if !effort.take(1) || (child.admits_absence() && !self.admits_absence()) {
            return false;
        }
        match (&self.rule, &child.rule) {
            (Some(rule), Some(child)) => {
                if !rule.constraint.subsumes(&child.constraint, effort) {
                    return false;
                }
            }
            (Some(rule), None) if rule.constraint != Constraint::Wildcard(None) => return false,
            // What has a rule may be no object, and may have any members.
            (None, Some(_)) => return false,
            (Some(_) | None, None) => {}
        }
        let lets_through = others.0 || self.rule.is_some();
        let child_lets_through = others.1 || child.rule.is_some();
        let is_leaf = self.rule.is_some() && self.inner.is_empty();
        if child_lets_through && !lets_through {
            return false;
        }
        let within = |(name, inner): (&String, &Self)| match child.inner.get(name) {
            Some(child) => inner.subsumes(child, (lets_through, child_lets_through), effort),
            None if child_lets_through => inner.admits_anything(),
            None => inner.admits_absence(),
        };
        let known = |name: &String| lets_through || self.inner.contains_key(name);
        is_leaf || (self.inner.iter().all(within) && child.inner.keys().all(known))
    }

    fn said<'a>(&'a self, path: &mut Vec<&'a str>, said: &mut Vec<(String, &'a Rule)>) {
        if let Some(rule) = &self.rule {
            said.push((pointer(path), rule));
        }
        for (name, inner) in &self.inner {
            path.push(name);
            inner.said(path, said);
            path.pop();
        }
    }
}

fn pointer(path: &[&str]) -> String {
    let token = |name: &&str| format!("/{}", name.replace('~', "~0").replace('/', "~1"));
    path.iter().map(token).collect()
}
