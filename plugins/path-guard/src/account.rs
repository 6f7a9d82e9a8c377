//! Every argument is accounted for: named by a rule, known to be harmless by
//! its name, or judged by its name and its form.

use gatewright_sdk::{Pointer, Request};
use serde_json::Value;

use crate::check::PATHS_MAX;
use crate::check::{check, check_from};
use crate::choice::{Operation, UnknownArguments};
use crate::member::{self, Kind};
use crate::rule::{Named, Rule};
use crate::settings::Settings;
use crate::{Refused, form, message, pattern};

/// Judges what no rule names.
pub(crate) fn others(
    settings: &Settings,
    rules: &[&Rule],
    request: &Request,
) -> Result<(), String> {
    let of_rule = |rule: &&Rule| rule.unknown_arguments.unwrap_or(settings.unknown_arguments);
    let handling = rules.iter().map(of_rule).max().unwrap_or_default();
    if handling == UnknownArguments::Pass {
        return Ok(());
    }
    let mut operations: Vec<Operation> = rules
        .iter()
        .flat_map(|rule| rule.paths.values().copied())
        .collect();
    operations.sort_unstable();
    operations.dedup();
    if operations.is_empty() {
        operations.push(Operation::Read);
    }
    let mut accounts = Accounts {
        settings,
        rules,
        operations,
        is_known: rules.iter().all(|rule| rule.is_known),
        refuses: handling == UnknownArguments::Refuse,
        judged: 0,
    };
    for name in request.keys("") {
        let mut at = vec![name];
        let Some(kind) = accounts.kind(&at, Kind::Unknown)? else {
            continue;
        };
        let pointer = pointer(&at);
        // What cannot be read (numbers beyond all bounds, deep nesting) could hold
        // anything.
        let json = request.json(&pointer).unwrap_or_default();
        let value: Value =
            serde_json::from_str(&json).map_err(|_| message::unreadable(&pointer))?;
        accounts.value(&mut at, kind, &value)?;
    }
    Ok(())
}

struct Accounts<'a> {
    settings: &'a Settings,
    rules: &'a [&'a Rule],
    /// What the tool does to its paths; an argument that nobody named must be
    /// open to all of it.
    operations: Vec<Operation>,
    /// Whether the rules are for known tools, which have no other arguments.
    is_known: bool,
    refuses: bool,
    judged: usize,
}

impl Accounts<'_> {
    /// What the member at these steps holds, below something of the kind
    /// `around`; nothing if it need not be looked at.
    fn kind(&mut self, at: &[String], around: Kind) -> Result<Option<Kind>, String> {
        let name = at.last().map(String::as_str).unwrap_or_default();
        let named = self.named(at);
        if named == Named::Whole {
            return Ok(None);
        }
        let kind = match (member::kind(name), around) {
            (Kind::Unknown, around) => around,
            (kind, _) => kind,
        };
        match kind {
            Kind::Content if named == Named::Not => return Ok(None),
            Kind::Path | Kind::Place | Kind::Unknown if self.refuses && named == Named::Not => {
                return Err(message::unknown(&pointer(at)));
            }
            Kind::Content
            | Kind::Remark
            | Kind::Option
            | Kind::Pattern
            | Kind::Path
            | Kind::Place
            | Kind::Unknown => {}
        }
        if self.is_path(name) {
            self.path(at, name)?;
        }
        Ok(Some(kind))
    }

    fn value(&mut self, at: &mut Vec<String>, kind: Kind, value: &Value) -> Result<(), String> {
        match value {
            Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
            Value::String(text) => self.text(at, kind, text),
            Value::Array(elements) => {
                for (index, element) in elements.iter().enumerate() {
                    at.push(index.to_string());
                    if self.named(at) != Named::Whole {
                        self.value(at, kind, element)?;
                    }
                    at.pop();
                }
                Ok(())
            }
            Value::Object(members) => {
                // What is harmless as a text says nothing about members below.
                let around = match kind {
                    Kind::Remark | Kind::Option => Kind::Unknown,
                    Kind::Path | Kind::Place | Kind::Pattern | Kind::Content | Kind::Unknown => {
                        kind
                    }
                };
                for (name, member) in members {
                    at.push(name.clone());
                    if let Some(kind) = self.kind(at, around)? {
                        self.value(at, kind, member)?;
                    }
                    at.pop();
                }
                Ok(())
            }
        }
    }

    fn text(&mut self, at: &[String], kind: Kind, text: &str) -> Result<(), String> {
        if text.trim().is_empty() {
            return Ok(());
        }
        match kind {
            Kind::Content | Kind::Remark => Ok(()),
            Kind::Pattern => {
                self.count()?;
                for operation in self.operations.clone() {
                    pattern::inside(self.settings, operation, text)
                        .map_err(|refused| self.refusal(refused, operation, at))?;
                }
                Ok(())
            }
            Kind::Path => self.paths(at, text),
            Kind::Place if self.is_known => self.paths(at, text),
            Kind::Place | Kind::Option | Kind::Unknown => {
                if self.is_path(text) {
                    self.path(at, text)?;
                }
                if self.is_known {
                    for part in form::parts(text) {
                        if self.is_path(part) {
                            self.path(at, part)?;
                        }
                    }
                }
                Ok(())
            }
        }
    }

    /// Judges a path that nobody named, and what a tool may take for further ones:
    /// `/srv/data/a,/etc/passwd`.
    fn paths(&mut self, at: &[String], text: &str) -> Result<(), String> {
        self.path(at, text)?;
        for part in text.split([',', ';', '|']).skip(1).map(str::trim) {
            if self.is_path(part) {
                self.path(at, part)?;
            }
        }
        Ok(())
    }

    /// Judges a path that nobody named. Where the operator's rule leaves it out
    /// and relative paths have no base, one that only goes down may pass, wherever
    /// the tool starts.
    fn path(&mut self, at: &[String], text: &str) -> Result<(), String> {
        self.count()?;
        for operation in self.operations.clone() {
            match check(self.settings, operation, text) {
                Ok(_) => {}
                Err(Refused::Relative) if !self.is_known && !self.is_path(text) => {
                    let roots = self.settings.roots.get(&operation);
                    if let Some(root) = roots.and_then(|roots| roots.first()) {
                        check_from(self.settings, operation, text, Some(root))
                            .map_err(|refused| self.refusal(refused, operation, at))?;
                    }
                }
                Err(refused) => return Err(self.refusal(refused, operation, at)),
            }
        }
        Ok(())
    }

    fn named(&self, at: &[String]) -> Named {
        let mut found = Named::Not;
        for rule in self.rules {
            match rule.names(at) {
                Named::Whole => return Named::Whole,
                Named::Part => found = Named::Part,
                Named::Not => {}
            }
        }
        found
    }

    fn is_path(&self, text: &str) -> bool {
        form::is_path(text, self.settings.writing.platform)
    }

    fn count(&mut self) -> Result<(), String> {
        self.judged += 1;
        if self.judged > PATHS_MAX {
            return Err(message::too_many());
        }
        Ok(())
    }

    fn refusal(&self, refused: Refused, operation: Operation, at: &[String]) -> String {
        message::refusal(self.settings, refused, operation, &pointer(at))
    }
}

fn pointer(at: &[String]) -> String {
    at.iter()
        .fold(Pointer::root(), |pointer, step| pointer.child(step))
        .as_str()
        .to_owned()
}
