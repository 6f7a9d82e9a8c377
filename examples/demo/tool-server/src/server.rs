//! The tools, and what runs each.

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, Implementation,
    JsonObject, ListToolsResult, PaginatedRequestParams, ServerCapabilities, ServerConfig, Tool,
};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer, ServerHandler};
use serde_json::{Map, Value, json};

use crate::database::Database;
use crate::files::Files;
use crate::journal::Journal;

/// Name, description and arguments, all of them text.
const TOOLS: [(&str, &str, &[&str]); 4] = [
    ("read_file", "Reads a text file", &["path"]),
    ("write_file", "Writes a text file", &["path", "text"]),
    ("delete_file", "Deletes a file", &["path"]),
    ("query", "Runs one SQL statement", &["sql"]),
];

pub(crate) struct Office {
    files: Files,
    database: Database,
    journal: Journal,
}

impl Office {
    pub(crate) const fn new(files: Files, database: Database, journal: Journal) -> Self {
        Self {
            files,
            database,
            journal,
        }
    }

    fn run(&self, tool: &str, arguments: &JsonObject) -> Result<String, String> {
        let argument = |name: &str| {
            let value = arguments.get(name).and_then(Value::as_str);
            value.ok_or_else(|| format!("argument `{name}` is missing"))
        };
        let answer = match tool {
            "read_file" => self.files.read(argument("path")?),
            "write_file" => self.files.write(argument("path")?, argument("text")?),
            "delete_file" => self.files.delete(argument("path")?),
            "query" => {
                let answer = self.database.run(argument("sql")?);
                return answer.map_err(|error| error.to_string());
            }
            unknown => return Err(format!("no tool `{unknown}`")),
        };
        answer.map_err(|error| error.to_string())
    }
}

impl ServerHandler for Office {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder().enable_tools().build();
        let name = Implementation::new("gatewright-demo-tools", env!("CARGO_PKG_VERSION"));
        ServerConfig::new(capabilities).with_server_info(name)
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let tools = TOOLS
            .map(|(name, description, arguments)| Tool::new(name, description, schema(arguments)));
        Ok(ListToolsResult::with_all_items(tools.into()))
    }

    async fn call_tool(
        &self,
        call: CallToolRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        self.journal
            .note(&call.name, call.arguments.as_ref())
            .map_err(|error| ErrorData::internal_error(error.to_string(), None))?;
        let answer = self.run(&call.name, &call.arguments.unwrap_or_default());
        let result = match answer {
            Ok(text) => CallToolResult::success(vec![ContentBlock::text(text)]),
            Err(text) => CallToolResult::error(vec![ContentBlock::text(text)]),
        };
        Ok(result.into())
    }
}

fn schema(arguments: &[&str]) -> JsonObject {
    let properties: Map<String, Value> = arguments
        .iter()
        .map(|name| ((*name).to_owned(), json!({ "type": "string" })))
        .collect();
    Map::from_iter([
        ("type".to_owned(), json!("object")),
        ("properties".to_owned(), Value::Object(properties)),
        ("required".to_owned(), json!(arguments)),
    ])
}
