//! What a copy of an SDK consists of.

use std::collections::BTreeMap;

use super::list::List;
use crate::embedded;

/// The folder of a policy with what is not its author's.
pub(crate) const FOLDER: &str = "gatewright";

/// Files of an SDK and of the contract, by their path in a policy; the list of them
/// is one.
pub(crate) fn copied(sdk: &str) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for (path, bytes) in embedded::below(&format!("sdk/{sdk}")) {
        if !path.starts_with("template") {
            files.insert(format!("{FOLDER}/sdk/{sdk}/{path}"), bytes.to_owned());
        }
    }
    for (path, bytes) in embedded::below("wit") {
        files.insert(format!("{FOLDER}/wit/{path}"), bytes.to_owned());
    }
    let list = List::of(&files);
    files.insert(list_path(), list.to_string().into_bytes());
    files
}

/// Where the list is, in a policy.
pub(crate) fn list_path() -> String {
    format!("{FOLDER}/copied")
}
