//! The settings of the guard, checked once when the policy is loaded.

use std::collections::BTreeSet;

use gatewright_sdk::{Ask, Pattern, SettingsError};
use serde::Deserialize;

use crate::builtin::{DESCRIBING, system_tables};
use crate::dialect::Dialect;
use crate::kind::Kind;
use crate::rule::{Rule, database_servers};
use crate::tables::{Denied, Listed, Tables};
use crate::template::Template;

/// What the operator allows.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "Written")]
pub struct Settings {
    pub(crate) dialect: Dialect,
    pub(crate) rules: Vec<Rule>,
    pub(crate) known_rules: Vec<Rule>,
    pub(crate) read_only: bool,
    pub(crate) kinds: BTreeSet<Kind>,
    pub(crate) ask: BTreeSet<Kind>,
    pub(crate) without_where: Unbounded,
    pub(crate) tables: Tables,
    pub(crate) functions: Functions,
    pub(crate) pragmas: Option<Vec<Pattern>>,
    pub(crate) shown_settings: Vec<Pattern>,
    pub(crate) templates: Vec<Template>,
    pub(crate) unknown_arguments: UnknownArguments,
    pub(crate) rows_max: Option<u64>,
    pub(crate) sql_bytes_max: usize,
    pub(crate) approval: Approval,
    pub(crate) passing: Passing,
}

/// What the operator says of functions, beside the built-in lists. Compared in
/// lower case; a pattern with a dot is compared with the qualified name.
#[derive(Clone, Debug)]
pub(crate) struct Functions {
    pub(crate) denied: Vec<Pattern>,
    pub(crate) allowed: Option<Vec<Pattern>>,
    pub(crate) except: Vec<Pattern>,
}

/// What happens to arguments that no rule names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UnknownArguments {
    /// The call is refused.
    Refuse,
    /// Those that are SQL, by their name or their text, are judged too.
    #[default]
    Judge,
    /// Nobody looks at them.
    Pass,
}

/// What happens to an `UPDATE` or `DELETE` that every row fits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unbounded {
    /// Refused.
    #[default]
    Deny,
    /// A person is asked.
    Ask,
    /// Goes on.
    Allow,
}

/// What the guard answers when it has nothing against a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Passing {
    /// The call may go on.
    #[default]
    Allow,
    /// No opinion: another policy must allow the call.
    Abstain,
}

/// Whom to ask, where the settings ask.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Approval {
    /// Roles that may approve; empty means any approver.
    #[serde(default)]
    pub(crate) roles: Vec<String>,
    /// How many different people must approve.
    #[serde(default = "one")]
    pub(crate) quorum: u8,
    /// How long an approval stays usable.
    #[serde(default = "quarter_of_an_hour")]
    pub(crate) ttl_seconds: u32,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Written {
    dialect: Dialect,
    #[serde(default)]
    tools: Vec<Rule>,
    #[serde(default = "yes")]
    database_servers: bool,
    #[serde(default = "yes")]
    read_only: bool,
    statements: Option<BTreeSet<Kind>>,
    #[serde(default)]
    ask: BTreeSet<Kind>,
    #[serde(default)]
    without_where: Unbounded,
    #[serde(default)]
    tables: TablesWritten,
    default_schema: Option<String>,
    #[serde(default)]
    functions_denied: Vec<Pattern>,
    functions_allowed: Option<Vec<Pattern>>,
    #[serde(default)]
    functions_except: Vec<Pattern>,
    pragmas: Option<Vec<Pattern>>,
    #[serde(default)]
    settings_shown: Vec<Pattern>,
    #[serde(default)]
    unknown_arguments: UnknownArguments,
    rows_max: Option<u64>,
    #[serde(default = "sql_bytes_max")]
    sql_bytes_max: usize,
    #[serde(default)]
    approval: Approval,
    #[serde(default)]
    passing: Passing,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct TablesWritten {
    #[serde(default = "all")]
    read: Vec<Pattern>,
    #[serde(default = "all")]
    write: Vec<Pattern>,
    denied: Option<Vec<Pattern>>,
}

fn yes() -> bool {
    true
}

fn one() -> u8 {
    1
}

fn quarter_of_an_hour() -> u32 {
    900
}

fn all() -> Vec<Pattern> {
    vec![Pattern::new("*")]
}

/// Longer statements are data, which belongs into parameters. At most about
/// 1,500 units of fuel for each byte: well within the default of a binding.
fn sql_bytes_max() -> usize {
    8 * 1024
}

impl Default for TablesWritten {
    fn default() -> Self {
        Self {
            read: all(),
            write: all(),
            denied: None,
        }
    }
}

impl Approval {
    /// What people are asked.
    pub(crate) fn question(&self, title: impl Into<String>, reason: impl Into<String>) -> Ask {
        Ask::new(title, reason)
            .with_roles(&self.roles)
            .with_quorum(self.quorum)
            .use_within_seconds(self.ttl_seconds)
    }
}

impl Default for Approval {
    fn default() -> Self {
        Self {
            roles: Vec::new(),
            quorum: one(),
            ttl_seconds: quarter_of_an_hour(),
        }
    }
}

fn lowered(patterns: Vec<Pattern>) -> Vec<Pattern> {
    patterns
        .iter()
        .map(|pattern| Pattern::new(pattern.as_str().to_lowercase()))
        .collect()
}

fn is_pointer(text: &str) -> bool {
    text.starts_with('/')
        && text
            .split('~')
            .skip(1)
            .all(|after| after.starts_with(['0', '1']))
}

impl TryFrom<Written> for Settings {
    type Error = SettingsError;

    fn try_from(written: Written) -> Result<Self, SettingsError> {
        let known_rules = if written.database_servers {
            database_servers()
        } else {
            Vec::new()
        };
        if written.tools.is_empty() && known_rules.is_empty() {
            return Err(
                "no tool is judged; hint: add `tools`, or leave `database-servers` on".into(),
            );
        }
        for (index, rule) in written.tools.iter().enumerate() {
            let wrong = |message: String| SettingsError::at(format!("/tools/{index}"), message);
            if rule.sql.is_empty() {
                return Err(wrong(format!(
                    "the rule for `{}` has no `sql`; hint: `sql = [\"/query\"]`",
                    rule.tool.as_str()
                )));
            }
            if let Some(pointer) = rule
                .sql
                .iter()
                .chain(&rule.except)
                .find(|pointer| !is_pointer(pointer))
            {
                return Err(wrong(format!(
                    "`{pointer}` is not a JSON Pointer; hint: write `/query`"
                )));
            }
        }
        let reading = BTreeSet::from([Kind::Select, Kind::Explain, Kind::Show, Kind::Pragma]);
        let kinds = written
            .statements
            .unwrap_or_else(|| match written.read_only {
                true => reading,
                false => reading
                    .into_iter()
                    .chain([Kind::Insert, Kind::Update, Kind::Delete])
                    .collect(),
            });
        if let Some(kind) = kinds
            .iter()
            .find(|kind| written.read_only && !kind.only_reads())
        {
            return Err(SettingsError::at(
                "/statements",
                format!(
                    "`read-only` is on and {} is listed; hint: set `read-only` to false",
                    kind.word()
                ),
            ));
        }
        if let Some(kind) = written.ask.iter().find(|kind| !kinds.contains(kind)) {
            return Err(SettingsError::at(
                "/ask",
                format!(
                    "{} is in `ask` but not in `statements`; hint: list it in both",
                    kind.word()
                ),
            ));
        }
        let default_schema = written
            .default_schema
            .or_else(|| written.dialect.default_schema().map(str::to_owned));
        let listed = |patterns: &[Pattern]| {
            Listed::new(patterns, written.dialect, default_schema.as_deref())
        };
        let question = written.approval.question("", "");
        question
            .check()
            .map_err(|problem| SettingsError::at("/approval", problem))?;
        Ok(Self {
            dialect: written.dialect,
            rules: written.tools,
            known_rules,
            read_only: written.read_only,
            kinds,
            ask: written.ask,
            without_where: written.without_where,
            tables: Tables {
                describing: match (written.dialect, &written.tables.denied) {
                    (Dialect::Generic, None) => &DESCRIBING,
                    (_, Some(_) | None) => &[],
                },
                dialect: written.dialect,
                read: listed(&written.tables.read),
                write: listed(&written.tables.write),
                default_schema,
                denied: Denied::new(lowered(
                    written
                        .tables
                        .denied
                        .unwrap_or_else(|| system_tables(written.dialect)),
                )),
            },
            functions: Functions {
                denied: lowered(written.functions_denied),
                allowed: written.functions_allowed.map(lowered),
                except: lowered(written.functions_except),
            },
            pragmas: written.pragmas.map(lowered),
            shown_settings: lowered(written.settings_shown),
            templates: Template::all(written.dialect),
            unknown_arguments: written.unknown_arguments,
            rows_max: written.rows_max,
            sql_bytes_max: written.sql_bytes_max,
            approval: written.approval,
            passing: written.passing,
        })
    }
}
