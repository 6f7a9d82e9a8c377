//! What a caller sees of a list: what its scopes cover and no judge denies.

use std::sync::Arc;

use gatewright_engine::tools::{Given, Listed, Shown};
use gatewright_engine::{Server, Snapshot};
use gatewright_policy::json::{Document, EditError, Kind, Value, apply_edits};
use gatewright_policy::{Edit, Grant};

use crate::era::Era;
use crate::gate::Gate;
use crate::method::{Listing, TASKS};
use crate::owner::Owner;

/// The result of a listing as one caller may see it.
pub(crate) async fn filtered(
    gate: &Gate,
    snapshot: &Arc<Snapshot>,
    server: &Arc<Server>,
    grant: &Grant,
    (method, listing, era): (&str, Listing, Era),
    is_first_page: bool,
    result: &Document,
) -> Result<Document, EditError> {
    let Some(entries) = result.root().get(listing.entries) else {
        return Ok(result.clone());
    };
    let shown = match listing.entries {
        "tools" => {
            let is_last = result.root().get("nextCursor").is_none();
            let is_list = matches!(entries.kind(), Kind::Array(_));
            let given = match is_first_page && is_last && is_list {
                true => Given::All,
                false => Given::Some,
            };
            tools(gate, server, entries, given).await
        }
        _others => Vec::new(),
    };
    let owner = Owner::of(grant);
    let names: Vec<_> = entries
        .elements()
        .map(|entry| entry.get(listing.named_by).and_then(|name| name.as_text()))
        // An entry without a name is covered by nothing.
        .map(|name| name.map(std::borrow::Cow::into_owned).unwrap_or_default())
        .map(|name| match listing.entries {
            // To everybody but the caller that made it, a task does not exist.
            TASKS => gate.tasks.tool(&server.name, &name, &owner),
            _others => Some(name),
        })
        .map(Option::unwrap_or_default)
        .collect();
    let at = gate.engine.now();
    let visible = gate
        .engine
        .visible(snapshot, grant, server, method, &names, at)
        .await;
    let mut edits = Vec::new();
    // From the end, so that the positions before it stay.
    for (index, name) in names.iter().enumerate().rev() {
        let pointer = format!("/{}/{index}", listing.entries);
        if name.is_empty() || visible.get(index) != Some(&true) {
            edits.push(Edit {
                pointer,
                json: None,
            });
            continue;
        }
        match shown.get(index) {
            None | Some(Shown::AsIs) => {}
            Some(Shown::Instead(pinned)) => edits.push(Edit {
                pointer,
                json: Some(pinned.text().to_owned()),
            }),
            Some(Shown::Hidden) => edits.push(Edit {
                pointer,
                json: None,
            }),
        }
    }
    let scope = result
        .root()
        .get("cacheScope")
        .and_then(|scope| scope.as_text());
    // What one caller sees must not be shown to another out of a cache.
    if era == Era::Modern && scope.as_deref() != Some("private") {
        edits.push(Edit {
            pointer: "/cacheScope".to_owned(),
            json: Some("\"private\"".to_owned()),
        });
    }
    apply_edits(result, &edits, &snapshot.limits.result_json())
}

/// What is to be seen of each tool: nobody reads what nobody agreed to.
async fn tools(gate: &Gate, server: &Arc<Server>, entries: Value<'_>, given: Given) -> Vec<Shown> {
    gate.params.learn(&server.name, entries);
    let listed = Listed::all(entries);
    gate.engine.learn_tools(server, listed, given).await
}
