//! Where a list of all servers goes on: at which servers, and with what each of them gave.
//! It is no secret and no authority. A server gets its own cursor and no other one's, and
//! whoever writes another one asks for what it may ask for at that server anyway.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// For each server its cursor; nothing where its list begins.
pub(super) type Rest = BTreeMap<Arc<str>, Option<String>>;

/// Begins each of them.
const PREFIX: &str = "gw1.";

/// Longest cursor that is read, in bytes.
const BYTES_MAX: usize = 256 << 10;

/// As one text; nothing at the end of the list.
pub(super) fn sealed(rest: &Rest) -> Option<String> {
    if rest.is_empty() {
        return None;
    }
    let rest: BTreeMap<&str, Option<&str>> = rest
        .iter()
        .map(|(server, cursor)| (server.as_ref(), cursor.as_deref()))
        .collect();
    let json = serde_json::to_vec(&rest).ok()?;
    Some(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(json)))
}

/// Nothing where it is none of ours.
pub(super) fn opened(cursor: &str) -> Option<Rest> {
    if cursor.len() > BYTES_MAX {
        return None;
    }
    let json = URL_SAFE_NO_PAD.decode(cursor.strip_prefix(PREFIX)?).ok()?;
    let rest: BTreeMap<String, Option<String>> = serde_json::from_slice(&json).ok()?;
    let rest = rest.into_iter();
    Some(
        rest.map(|(server, cursor)| (Arc::from(server), cursor))
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_has_that_of_each_server() {
        let rest = Rest::from([
            (Arc::from("files"), Some("a\"b".to_owned())),
            (Arc::from("mail"), None),
        ]);
        let cursor = sealed(&rest).unwrap();
        assert_eq!(opened(&cursor), Some(rest));
        assert_eq!(sealed(&Rest::new()), None);
        for text in ["", "gw1.", "gw1.e30=", "2", "gw1.W10", "gw1.eyJhIjoxfQ"] {
            assert_eq!(opened(text), None, "{text}");
        }
    }
}
