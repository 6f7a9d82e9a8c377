//! `cases.toml`: questions to a policy, and the answers they must get.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use anyhow::Result;
use gatewright_policy::json::{Document, JsonLimits, Kind, Pointer, apply_edits};
use gatewright_policy::question::Question;
use gatewright_policy::{Edit, Request};
use serde::Deserialize;
use serde_json::Value;
use toml::Spanned;

use super::expect::{Expect, Text};
use crate::toml_file::TomlFile;

/// How the file is called.
pub(crate) const CASES_FILE: &str = "cases.toml";

/// What to do about a case that is written badly.
const REMEDY: &str = "`gatewright schema cases` describes the file";

/// The cases of one policy.
pub(crate) struct Cases {
    /// In the order of the file; each name once.
    pub(crate) cases: Vec<Case>,
    /// Texts must be equal, not only occur.
    pub(crate) is_exact: bool,
}

/// One question and its answer.
pub(crate) struct Case {
    pub(crate) name: String,
    /// Where it stands in the file, starting at 1.
    pub(crate) line: usize,
    /// The JSON text that `configure` gets.
    pub(crate) settings: String,
    pub(crate) request: Arc<Request>,
    pub(crate) response: Option<Document>,
    pub(crate) expect: Expect,
}

/// The file as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct CasesTable {
    /// For every case without settings of its own.
    settings: Option<Value>,
    #[serde(default)]
    exact: bool,
    case: Vec<CaseTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct CaseTable {
    name: Spanned<String>,
    settings: Option<Value>,
    /// The same as text: what TOML cannot say, or what is not JSON.
    settings_json: Option<String>,
    #[serde(default)]
    request: Question,
    /// The arguments as text, exactly as an agent would write them.
    arguments_json: Option<String>,
    /// Texts that are put into the arguments, by JSON Pointer.
    #[serde(default)]
    fill: BTreeMap<String, Text>,
    expect: Expect,
}

// === impl Cases ===

impl Cases {
    /// Reads a file; what is wrong comes with file, line and fix.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let mut file = TomlFile::<CasesTable>::read(path, REMEDY)?;
        let tables = std::mem::take(&mut file.content.case);
        let common = file.content.settings.as_ref().map(Value::to_string);
        let common = common.unwrap_or_else(|| "{}".to_owned());
        if tables.is_empty() {
            return file.wrong(1, "there is no case", "write a `[[case]]`");
        }
        let mut names = BTreeSet::new();
        let mut cases = Vec::with_capacity(tables.len());
        for table in tables {
            let line = file.line(table.name.span().start);
            if !names.insert(table.name.get_ref().clone()) {
                let message = format!("there are two cases `{}`", table.name.get_ref());
                return file.wrong(line, &message, "rename one");
            }
            match Case::new(table, line, &common) {
                Ok(case) => cases.push(case),
                Err(message) => return file.wrong(line, &message, REMEDY),
            }
        }
        Ok(Self {
            cases,
            is_exact: file.content.exact,
        })
    }
}

// === impl Case ===

impl Case {
    fn new(table: CaseTable, line: usize, common: &str) -> Result<Self, String> {
        table.expect.check()?;
        let limits = JsonLimits::default();
        let settings = match (&table.settings, table.settings_json) {
            (None, None) => common.to_owned(),
            (Some(settings), None) => settings.to_string(),
            (None, Some(text)) => text,
            (Some(_), Some(_)) => {
                return Err("`settings` and `settings-json` are both there".to_owned());
            }
        };
        let question = table.request;
        let mut request = question
            .to_request(&limits)
            .map_err(|error| format!("the arguments are {error}"))?;
        if let Some(text) = table.arguments_json {
            if question.arguments.is_some() {
                return Err("`request.arguments` and `arguments-json` are both there".to_owned());
            }
            request.arguments = Document::parse(text, &limits)
                .map_err(|error| format!("`arguments-json` is {error}"))?;
        }
        request.arguments = filled(&request.arguments, &table.fill)?;
        let response = question
            .to_response(&limits)
            .map_err(|error| format!("the response is {error}"))?;
        Ok(Self {
            name: table.name.into_inner(),
            line,
            settings,
            request: Arc::new(request),
            response,
            expect: table.expect,
        })
    }

    /// Whether the tool says that its result is an error.
    pub(crate) fn response_is_error(&self) -> bool {
        let is_error = Pointer::parse("/isError").ok();
        let value = self.response.as_ref().zip(is_error.as_ref());
        let value = value.and_then(|(response, pointer)| response.at(pointer));
        value.is_some_and(|value| value.kind() == Kind::Boolean(true))
    }
}

fn filled(arguments: &Document, fill: &BTreeMap<String, Text>) -> Result<Document, String> {
    let edit = |(pointer, text): (&String, &Text)| Edit {
        pointer: pointer.clone(),
        json: Some(Value::String(text.0.clone()).to_string()),
    };
    let edits: Vec<_> = fill.iter().map(edit).collect();
    apply_edits(arguments, &edits, &JsonLimits::default())
        .map_err(|error| format!("`fill` does not fit the arguments: {error}"))
}
