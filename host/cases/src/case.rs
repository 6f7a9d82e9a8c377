//! The cases of a policy: TOML as an author writes it, or the same as JSON.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use gatewright_policy::json::{Document, JsonLimits, apply_edits};
use gatewright_policy::question::Question;
use gatewright_policy::{Edit, Request, Response, ResponseKind};
use serde::Deserialize;
use serde_json::Value;
use toml::Spanned;

use crate::expect::{Expect, Text};

/// What to do about a case that is written badly.
const REMEDY: &str = "`gatewright schema cases` describes the file";

/// The cases of one policy.
pub struct Cases {
    /// In the order of the file; each name once.
    pub cases: Vec<Case>,
    /// Texts must be equal, not only occur.
    pub is_exact: bool,
}

/// One question and its answer.
pub struct Case {
    /// Names it in reports.
    pub name: String,
    /// Where it stands in the file, starting at 1.
    pub line: usize,
    /// The JSON text that `configure` gets.
    pub settings: String,
    /// The question.
    pub request: Arc<Request>,
    /// For a reviewer: what came back.
    pub response: Option<Response>,
    /// The answer that it must get.
    pub expect: Expect,
}

/// What is wrong with the cases.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}; hint: {hint}")]
pub struct CasesError {
    /// Where in the text, starting at 1; none in JSON of one line.
    pub line: Option<usize>,
    /// What it is.
    pub message: String,
    /// What to do.
    pub hint: String,
}

/// The file as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct CasesTable<N> {
    /// For every case without settings of its own.
    settings: Option<Value>,
    /// Members of these settings that stand in files of their own.
    files: Option<Value>,
    #[serde(default)]
    exact: bool,
    case: Vec<CaseTable<N>>,
}

/// A case whose name is read as an `N`: with its place, or without.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct CaseTable<N> {
    name: N,
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
    /// Reads what an author writes; what is wrong comes with its line.
    pub fn from_toml(text: &str) -> Result<Self, CasesError> {
        Self::from_toml_with(text, without_files)
    }

    /// The same where settings may name files: `put_files` gets the settings and what stands
    /// in `files`, and gives them together.
    pub fn from_toml_with(
        text: &str,
        put_files: impl FnOnce(&str, &Value) -> Result<String, String>,
    ) -> Result<Self, CasesError> {
        let table: CasesTable<Spanned<String>> = toml::from_str(text).map_err(|error| {
            let message = error.message().trim().replace('\n', "; ");
            let hint = match message.contains("unknown field") {
                true => format!("remove the key, or use one of those named here; {REMEDY}"),
                false => REMEDY.to_owned(),
            };
            CasesError {
                line: error.span().map(|span| line_at(text, span.start)),
                message,
                hint,
            }
        })?;
        let place = |name: Spanned<String>| {
            let line = line_at(text, name.span().start);
            (name.into_inner(), line)
        };
        Self::of(table, place, put_files)
    }

    /// Reads the same as JSON. A case's `line` is its number.
    pub fn from_json(json: &Value) -> Result<Self, CasesError> {
        let table = CasesTable::<String>::deserialize(json).map_err(|error| CasesError {
            line: None,
            message: error.to_string(),
            hint: REMEDY.to_owned(),
        })?;
        let mut number = 0;
        let place = |name| {
            number += 1;
            (name, number)
        };
        Self::of(table, place, without_files)
    }

    fn of<N>(
        table: CasesTable<N>,
        mut place: impl FnMut(N) -> (String, usize),
        put_files: impl FnOnce(&str, &Value) -> Result<String, String>,
    ) -> Result<Self, CasesError> {
        let wrong = |line, message: String, hint: &str| CasesError {
            line: Some(line),
            message,
            hint: hint.to_owned(),
        };
        if table.case.is_empty() {
            let message = "there is no case".to_owned();
            return Err(wrong(1, message, "write a `[[case]]`"));
        }
        let common = table.settings.as_ref().map(Value::to_string);
        let mut common = common.unwrap_or_else(|| "{}".to_owned());
        if let Some(files) = &table.files {
            common = put_files(&common, files)
                .map_err(|message| wrong(1, format!("`files`: {message}"), REMEDY))?;
        }
        let mut names = BTreeSet::new();
        let mut cases = Vec::with_capacity(table.case.len());
        for CaseTable {
            name,
            settings,
            settings_json,
            request,
            arguments_json,
            fill,
            expect,
        } in table.case
        {
            let (name, line) = place(name);
            if !names.insert(name.clone()) {
                let message = format!("there are two cases `{name}`");
                return Err(wrong(line, message, "rename one"));
            }
            let unnamed = CaseTable {
                name: (),
                settings,
                settings_json,
                request,
                arguments_json,
                fill,
                expect,
            };
            let case = Case::new(unnamed, name, line, &common);
            cases.push(case.map_err(|message| wrong(line, message, REMEDY))?);
        }
        Ok(Self {
            cases,
            is_exact: table.exact,
        })
    }
}

// === impl Case ===

impl Case {
    fn new(table: CaseTable<()>, name: String, line: usize, common: &str) -> Result<Self, String> {
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
            name,
            line,
            settings,
            request: Arc::new(request),
            response,
            expect: table.expect,
        })
    }

    /// What a reviewer sees: an empty result where the case has none.
    pub(crate) fn response(&self) -> Response {
        self.response.clone().unwrap_or_else(|| Response {
            document: Document::empty_object(),
            kind: ResponseKind::Final,
            is_error: false,
        })
    }
}

/// Cases in a pack are nowhere that paths could begin.
fn without_files(_: &str, _: &Value) -> Result<String, String> {
    Err("no file is read here: write what it holds into `settings`".to_owned())
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

fn line_at(text: &str, offset: usize) -> usize {
    text.get(..offset).unwrap_or(text).matches('\n').count() + 1
}
