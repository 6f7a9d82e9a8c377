//! Which arguments of which tools hold paths, and what the tool does to them.

use std::collections::{BTreeMap, BTreeSet};

use gatewright_sdk::Pattern;
use serde::Deserialize;
use serde_json::Value;

use crate::choice::{Operation, UnknownArguments};

/// One kind of tool.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Rule {
    /// The MCP method.
    #[serde(default = "tools_call")]
    method: String,
    /// Pattern of server names.
    #[serde(default = "any")]
    server: Pattern,
    /// Pattern of tool names (of URIs, for `resources/read`).
    tool: Pattern,
    /// JSON Pointers to paths, and what happens to the path. A step `*` stands
    /// for every element or member; a list found at a pointer is read as paths.
    pub(crate) paths: BTreeMap<String, Operation>,
    /// What a call without any path gets.
    #[serde(default)]
    pub(crate) without_path: WithoutPath,
    /// JSON Pointers to arguments that are no paths, whatever they look like.
    #[serde(default, alias = "texts")]
    pub(crate) except: BTreeSet<String>,
    /// What happens to arguments that the rule does not name; of its own, or
    /// that of the settings.
    pub(crate) unknown_arguments: Option<UnknownArguments>,
    /// Whether this is a rule for a known tool, whose arguments are known too.
    #[serde(skip)]
    pub(crate) is_known: bool,
    /// The steps of `paths` and `except`.
    #[serde(skip)]
    pub(crate) named: Vec<Vec<String>>,
    /// The same as `paths`, taken apart.
    #[serde(skip)]
    pub(crate) fetched: Vec<Fetched>,
}

/// An argument with paths: what to fetch, and how to go on from there.
#[derive(Clone, Debug)]
pub(crate) struct Fetched {
    pub(crate) pointer: String,
    pub(crate) head: String,
    pub(crate) steps: Vec<String>,
    pub(crate) operation: Operation,
}

/// How much of what stands at some steps a rule names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Named {
    /// All of it.
    Whole,
    /// Something within it.
    Part,
    /// Nothing.
    Not,
}

/// What happens to a call that names no path.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WithoutPath {
    /// It is refused: the tool may have a default of its own.
    #[default]
    Deny,
    /// It passes.
    Pass,
}

fn tools_call() -> String {
    "tools/call".to_owned()
}

fn any() -> Pattern {
    Pattern::new("*")
}

impl Rule {
    /// Whether the rule speaks about this call.
    pub(crate) fn applies(&self, method: &str, server: &str, tool: &str) -> bool {
        self.tool.matches(tool) && self.server.matches(server) && self.method == method
    }

    /// Takes the pointers apart, once and for all calls.
    pub(crate) fn prepared(mut self) -> Self {
        let pointers = self.paths.keys().chain(&self.except);
        self.named = pointers.map(|pointer| steps(pointer)).collect();
        let fetched = self.paths.iter().map(|(pointer, operation)| {
            let (head, steps) = head_and_steps(pointer);
            Fetched {
                pointer: pointer.clone(),
                head: head.to_owned(),
                steps,
                operation: *operation,
            }
        });
        self.fetched = fetched.collect();
        self
    }

    /// What the rule names of what stands at these steps.
    pub(crate) fn names(&self, at: &[String]) -> Named {
        let mut found = Named::Not;
        for named in &self.named {
            let fits = |(step, name): (&String, &String)| step == "*" || step == name;
            if !named.iter().zip(at).all(fits) {
                continue;
            }
            if named.len() <= at.len() {
                return Named::Whole;
            }
            found = Named::Part;
        }
        found
    }

    /// Finds what would keep the rule from ever meaning anything.
    pub(crate) fn check(&self) -> Result<(), String> {
        if self.paths.is_empty() && self.without_path == WithoutPath::Deny {
            return Err(format!(
                "the rule for `{}` has no `paths`; hint: `paths = {{ \"/path\" = \"read\" }}`",
                self.tool.as_str()
            ));
        }
        let mut pointers = self.paths.keys().chain(&self.except);
        match pointers.find(|pointer| !is_pointer(pointer)) {
            Some(pointer) => Err(format!(
                "`{pointer}` is not a JSON Pointer; hint: write `/path`"
            )),
            None => Ok(()),
        }
    }
}

fn is_pointer(text: &str) -> bool {
    text.starts_with('/')
        && text
            .split('~')
            .skip(1)
            .all(|after| after.starts_with(['0', '1']))
}

/// Splits a pointer at its first `*` step: what to fetch, and how to go on
/// from there.
fn head_and_steps(pointer: &str) -> (&str, Vec<String>) {
    let (head, rest) = match pointer.find("/*/") {
        Some(at) => pointer.split_at(at),
        None => match pointer.strip_suffix("/*") {
            Some(head) => (head, "/*"),
            None => (pointer, ""),
        },
    };
    (head, steps(rest))
}

/// The steps of a pointer, unescaped.
fn steps(pointer: &str) -> Vec<String> {
    let steps = pointer.split('/').skip(1);
    steps
        .map(|step| step.replace("~1", "/").replace("~0", "~"))
        .collect()
}

/// Every value that the steps lead to; a list at the end is opened.
pub(crate) fn reach<'a>(value: &'a Value, steps: &[String], found: &mut Vec<&'a Value>) {
    match (steps.split_first(), value) {
        (None, Value::Array(elements)) => found.extend(elements),
        (None, other) => found.push(other),
        (Some((step, rest)), Value::Array(elements)) if step == "*" => {
            elements
                .iter()
                .for_each(|element| reach(element, rest, found));
        }
        (Some((step, rest)), Value::Object(members)) if step == "*" => {
            members
                .values()
                .for_each(|member| reach(member, rest, found));
        }
        (Some((step, rest)), Value::Object(members)) => {
            if let Some(member) = members.get(step) {
                reach(member, rest, found);
            }
        }
        (Some((step, rest)), Value::Array(elements)) => {
            if let Some(element) = step.parse().ok().and_then(|at: usize| elements.get(at)) {
                reach(element, rest, found);
            }
        }
        // A step into text or a number: the tool may take it for the path.
        (Some(_), Value::String(_) | Value::Number(_) | Value::Bool(_)) => found.push(value),
        (Some(_), Value::Null) => {}
    }
}

/// The tools of the reference file system server and of those that follow it, by
/// their names.
pub(crate) fn filesystem_server() -> BTreeMap<String, Rule> {
    use Operation::{Delete, Read, Write};
    let rule = |tool: &str, paths: &[(&str, Operation)]| {
        let rule = Rule {
            method: tools_call(),
            server: any(),
            tool: Pattern::new(tool),
            paths: paths
                .iter()
                .map(|(pointer, operation)| ((*pointer).to_owned(), *operation))
                .collect(),
            without_path: WithoutPath::Deny,
            except: BTreeSet::new(),
            unknown_arguments: None,
            is_known: true,
            named: Vec::new(),
            fetched: Vec::new(),
        };
        rule.prepared()
    };
    let mut rules = vec![
        rule("read_multiple_files", &[("/paths", Read)]),
        rule("move_file", &[("/source", Delete), ("/destination", Write)]),
        rule(
            "rename_file",
            &[("/source", Delete), ("/destination", Write)],
        ),
        rule("copy_file", &[("/source", Read), ("/destination", Write)]),
    ];
    for tool in [
        "read_file",
        "read_text_file",
        "read_media_file",
        "list_directory",
        "list_directory_with_sizes",
        "directory_tree",
        "search_files",
        "get_file_info",
    ] {
        rules.push(rule(tool, &[("/path", Read)]));
    }
    for tool in [
        "write_file",
        "edit_file",
        "create_file",
        "create_directory",
        "append_file",
    ] {
        rules.push(rule(tool, &[("/path", Write)]));
    }
    for tool in [
        "delete_file",
        "delete_directory",
        "remove_file",
        "remove_directory",
    ] {
        rules.push(rule(tool, &[("/path", Delete)]));
    }
    rules.push(Rule {
        without_path: WithoutPath::Pass,
        ..rule("list_allowed_directories", &[])
    });
    let by_name = |rule: Rule| (rule.tool.as_str().to_owned(), rule);
    rules.into_iter().map(by_name).collect()
}
