//! What a tool server lists.

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

/// Something that a server lists, and how it is called.
pub(super) struct Listed {
    pub(super) name: String,
    pub(super) schema: Value,
    /// The method that lists it.
    pub(super) list: &'static str,
    /// The method that calls it.
    pub(super) call: &'static str,
}

/// What a list names.
pub(super) fn listed(list: &Value) -> Result<Vec<Listed>> {
    const KINDS: [(&str, &str, &str, &str); 3] = [
        ("tools", "name", "tools/list", "tools/call"),
        ("prompts", "name", "prompts/list", "prompts/get"),
        ("resources", "uri", "resources/list", "resources/read"),
    ];
    let list = list.get("result").unwrap_or(list);
    let mut found = Vec::new();
    for (kind, key, list_method, call) in KINDS {
        let entries = list.get(kind).and_then(Value::as_array);
        for entry in entries.into_iter().flatten() {
            let name = entry.get(key).and_then(Value::as_str);
            found.push(Listed {
                name: name
                    .with_context(|| format!("one of `{kind}` has no `{key}`"))?
                    .to_owned(),
                schema: entry.get("inputSchema").cloned().unwrap_or_default(),
                list: list_method,
                call,
            });
        }
    }
    match found.is_empty() {
        false => Ok(found),
        true => bail!("a list has neither `tools` nor `prompts` nor `resources`"),
    }
}
