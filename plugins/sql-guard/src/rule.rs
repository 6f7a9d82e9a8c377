//! Which arguments of which tools hold SQL.

use gatewright_sdk::Pattern;
use serde::Deserialize;

/// Which arguments of which tools hold SQL.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Rule {
    #[serde(default = "any")]
    server: Pattern,
    pub(crate) tool: Pattern,
    /// JSON Pointers; whichever of them the call has is judged, and one at
    /// least must be there.
    pub(crate) sql: Vec<String>,
    /// JSON Pointers to arguments that are no SQL, whatever they look like.
    #[serde(default)]
    pub(crate) except: Vec<String>,
}

impl Rule {
    /// Whether the rule speaks about this tool.
    pub(crate) fn applies(&self, server: &str, tool: &str) -> bool {
        self.server.matches(server) && self.tool.matches(tool)
    }
}

/// The tools that common database servers offer.
pub(crate) fn database_servers() -> Vec<Rule> {
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
        except: Vec::new(),
    })
    .to_vec()
}

fn any() -> Pattern {
    Pattern::new("*")
}
