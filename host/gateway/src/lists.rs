//! What a caller sees of a list: what its scopes cover and no judge denies.

use std::sync::Arc;

use gatewright_engine::{Server, Snapshot};
use gatewright_policy::json::{Document, EditError, apply_edits};
use gatewright_policy::{Edit, Grant};

use crate::era::Era;
use crate::gate::Gate;
use crate::method::Listing;

/// The result of a listing as one caller may see it.
pub(crate) async fn filtered(
    gate: &Gate,
    snapshot: &Arc<Snapshot>,
    server: &Arc<Server>,
    grant: &Grant,
    (method, listing, era): (&str, Listing, Era),
    result: &Document,
) -> Result<Document, EditError> {
    let Some(entries) = result.root().get(listing.entries) else {
        return Ok(result.clone());
    };
    if listing.entries == "tools" {
        gate.params.learn(&server.name, entries);
    }
    let names: Vec<_> = entries
        .elements()
        .map(|entry| entry.get(listing.named_by).and_then(|name| name.as_text()))
        // An entry without a name is covered by nothing.
        .map(|name| name.map(std::borrow::Cow::into_owned).unwrap_or_default())
        .collect();
    let at = gate.engine.now();
    let visible = gate
        .engine
        .visible(snapshot, grant, server, method, &names, at)
        .await;
    let mut edits = Vec::new();
    // From the end, so that the positions before it stay.
    for (index, name) in names.iter().enumerate().rev() {
        if name.is_empty() || visible.get(index) != Some(&true) {
            edits.push(Edit {
                pointer: format!("/{}/{index}", listing.entries),
                json: None,
            });
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
