//! Documents and their places in `data`.

use std::collections::BTreeMap;

use regorus::{Engine, Value};
use serde::Deserialize;

use crate::document::Document;

/// The names on the way to a document, without `data`.
pub(crate) type Place = Vec<String>;

/// Documents by their places, as the settings write them: `users/roles`, as the folder of
/// a `data.json` is called.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub(crate) struct Documents(BTreeMap<String, Document>);

// === impl Documents ===

impl Documents {
    /// The names of a folder.
    pub(crate) fn place(folder: &str) -> Place {
        let names = folder.split('/').filter(|name| !name.is_empty());
        names.map(str::to_owned).collect()
    }

    pub(crate) fn into_iter(self) -> impl Iterator<Item = (Place, Value)> {
        let documents = self.0.into_iter();
        documents.map(|(folder, Document(document))| (Self::place(&folder), document))
    }
}

/// Adds a document to `data`; two that say something else about one place do not fit.
pub(crate) fn add(engine: &mut Engine, place: &[String], document: Value) -> Result<(), String> {
    let name = match place {
        [] => "`data`".to_owned(),
        _ => format!("the document at `{}`", place.join("/")),
    };
    let document = place.iter().rev().fold(document, |inner, name| {
        Value::from(BTreeMap::from([(Value::from(name.as_str()), inner)]))
    });
    engine
        .add_data(document)
        .map_err(|error| format!("{name} does not fit: {error:#}"))
}

/// What stands at a place, if something does.
pub(crate) fn at<'a>(data: &'a Value, place: &[String]) -> Option<&'a Value> {
    place.iter().try_fold(data, |value, name| match value {
        Value::Object(members) => members.get(&Value::from(name.as_str())),
        _ => None,
    })
}
