//! The settings of the guard, checked once when the policy is loaded.

use std::collections::BTreeSet;

use gatewright_sdk::Pattern;
use serde::Deserialize;
use sqlparser::dialect::{
    Dialect as Grammar, GenericDialect, MySqlDialect, PostgreSqlDialect, SQLiteDialect,
};

use crate::builtin::{functions_denied, pragmas, system_tables};
use crate::tables::Tables;

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
    pub(crate) functions_denied: Vec<Pattern>,
    pub(crate) functions_allowed: Option<Vec<Pattern>>,
    pub(crate) pragmas: Vec<Pattern>,
    pub(crate) rows_max: Option<u64>,
    pub(crate) sql_bytes_max: usize,
    pub(crate) approval: Approval,
    pub(crate) passing: Passing,
}

/// The language of the database behind the tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dialect {
    /// Unknown, or several: whatever two databases read differently is refused.
    Generic,
    /// SQLite.
    Sqlite,
    /// PostgreSQL.
    Postgres,
    /// MySQL and MariaDB.
    Mysql,
}

/// What a statement does. Whatever is none of these is never allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// `SELECT`, `VALUES`.
    Select,
    /// `EXPLAIN` of a statement that is allowed itself.
    Explain,
    /// `SHOW TABLES`, `SHOW DATABASES`, `DESCRIBE`.
    Show,
    /// `PRAGMA` of a listed name, without a change.
    Pragma,
    /// `INSERT` that overwrites nothing.
    Insert,
    /// `UPDATE`, and an `INSERT` that overwrites.
    Update,
    /// `DELETE`.
    Delete,
    /// `TRUNCATE`.
    Truncate,
    /// `CREATE TABLE`.
    CreateTable,
    /// `DROP TABLE`.
    DropTable,
    /// `BEGIN`, `COMMIT`, `ROLLBACK`.
    Transaction,
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

/// Which arguments of which tools hold SQL.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Rule {
    #[serde(default = "any")]
    server: Pattern,
    tool: Pattern,
    /// JSON Pointers; whichever of them the call has is judged, and one at
    /// least must be there.
    pub(crate) sql: Vec<String>,
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
    #[serde(default = "pragmas")]
    pragmas: Vec<Pattern>,
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
    #[serde(default = "system_tables")]
    denied: Vec<Pattern>,
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

fn any() -> Pattern {
    Pattern::new("*")
}

fn all() -> Vec<Pattern> {
    vec![any()]
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
            denied: system_tables(),
        }
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

impl Kind {
    /// Whether a statement of this kind leaves everything as it was.
    pub(crate) fn only_reads(self) -> bool {
        match self {
            Self::Select | Self::Explain | Self::Show | Self::Pragma => true,
            Self::Insert
            | Self::Update
            | Self::Delete
            | Self::Truncate
            | Self::CreateTable
            | Self::DropTable
            | Self::Transaction => false,
        }
    }

    /// The word of SQL.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Select => "SELECT",
            Self::Explain => "EXPLAIN",
            Self::Show => "SHOW",
            Self::Pragma => "PRAGMA",
            Self::Insert => "INSERT",
            Self::Update => "UPDATE",
            Self::Delete => "DELETE",
            Self::Truncate => "TRUNCATE",
            Self::CreateTable => "CREATE TABLE",
            Self::DropTable => "DROP TABLE",
            Self::Transaction => "transactions",
        }
    }
}

impl Dialect {
    pub(crate) fn grammar(self) -> Box<dyn Grammar> {
        match self {
            Self::Generic => Box::new(GenericDialect {}),
            Self::Sqlite => Box::new(SQLiteDialect {}),
            Self::Postgres => Box::new(PostgreSqlDialect {}),
            Self::Mysql => Box::new(MySqlDialect {}),
        }
    }

    fn default_schema(self) -> Option<&'static str> {
        match self {
            Self::Generic | Self::Mysql => None,
            Self::Sqlite => Some("main"),
            Self::Postgres => Some("public"),
        }
    }
}

impl Rule {
    /// Whether the rule speaks about this tool.
    pub(crate) fn applies(&self, server: &str, tool: &str) -> bool {
        self.server.matches(server) && self.tool.matches(tool)
    }
}

/// The tools that common database servers offer.
fn database_servers() -> Vec<Rule> {
    [
        "query",
        "*_query",
        "query_*",
        "sql",
        "*_sql",
        "execute",
        "run_sql*",
        "execute_sql*",
        "create_table",
        "append_insight_sql",
    ]
    .map(|tool| Rule {
        server: any(),
        tool: Pattern::new(tool),
        sql: ["/sql", "/query", "/statement"].map(str::to_owned).to_vec(),
    })
    .to_vec()
}

fn is_pointer(text: &str) -> bool {
    text.starts_with('/')
        && text
            .split('~')
            .skip(1)
            .all(|after| after.starts_with(['0', '1']))
}

impl TryFrom<Written> for Settings {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let known_rules = if written.database_servers {
            database_servers()
        } else {
            Vec::new()
        };
        if written.tools.is_empty() && known_rules.is_empty() {
            return Err(
                "no tool is judged; hint: add `tools`, or leave `database-servers` on".to_owned(),
            );
        }
        for rule in &written.tools {
            if rule.sql.is_empty() {
                return Err(format!(
                    "the rule for `{}` has no `sql`; hint: `sql = [\"/query\"]`",
                    rule.tool.as_str()
                ));
            }
            if let Some(pointer) = rule.sql.iter().find(|pointer| !is_pointer(pointer)) {
                return Err(format!(
                    "`{pointer}` is not a JSON Pointer; hint: write `/query`"
                ));
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
            return Err(format!(
                "`read-only` is on and {} is listed; hint: set `read-only` to false",
                kind.word()
            ));
        }
        if let Some(kind) = written.ask.iter().find(|kind| !kinds.contains(kind)) {
            return Err(format!(
                "{} is in `ask` but not in `statements`; hint: list it in both",
                kind.word()
            ));
        }
        let default_schema = written
            .default_schema
            .or_else(|| written.dialect.default_schema().map(str::to_owned));
        let mut denied = functions_denied();
        denied.extend(written.functions_denied);
        Ok(Self {
            dialect: written.dialect,
            rules: written.tools,
            known_rules,
            read_only: written.read_only,
            kinds,
            ask: written.ask,
            without_where: written.without_where,
            tables: Tables {
                dialect: written.dialect,
                default_schema,
                read: written.tables.read,
                write: written.tables.write,
                denied: written.tables.denied,
            },
            functions_denied: denied,
            functions_allowed: written.functions_allowed,
            pragmas: written.pragmas,
            rows_max: written.rows_max,
            sql_bytes_max: written.sql_bytes_max,
            approval: written.approval,
            passing: written.passing,
        })
    }
}
