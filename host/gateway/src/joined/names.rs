//! Names at the endpoint of all servers, and how they are told apart. Each begins with the
//! name of its server and goes on with what the server calls it, as it is: two servers
//! never share one, and nothing has to be remembered to take one apart.

use std::fmt::Write as _;

use gatewright_policy::json::{Document, JsonLimits};

use crate::message::Id;

/// Between server and tool, prompt or task. No server has a name with it in it, or with a
/// part of it at its end.
const BETWEEN: &str = "__";

/// How a resource begins. What follows up to the first slash is its server, and the rest
/// its URI there: whoever reads URIs as they are meant reads it as an opaque one.
const SCHEME: &str = "gatewright:";

/// Begins the id of an event on the stream of all servers. No server is called so.
const OF_ALL: char = '*';

/// A tool, a prompt or a task of a server.
pub(super) fn joined(server: &str, name: &str) -> String {
    format!("{server}{BETWEEN}{name}")
}

/// The server of a tool, a prompt or a task, and its name there.
pub(super) fn apart(name: &str) -> Option<(&str, &str)> {
    name.split_once(BETWEEN)
}

/// A resource of a server, or a template of some.
pub(super) fn joined_uri(server: &str, uri: &str) -> String {
    format!("{SCHEME}{server}/{uri}")
}

/// The server of a resource, and its URI there.
pub(super) fn apart_uri(uri: &str) -> Option<(&str, &str)> {
    uri.strip_prefix(SCHEME)?.split_once('/')
}

/// The id of a request of a server, or its token for progress: servers count for
/// themselves.
pub(super) fn joined_id(server: &str, id: &Id) -> Id {
    let mut text = format!("{server}:");
    // Writing into text does not fail.
    let _written = write!(text, "{id}");
    Id::Text(text)
}

/// The server of a request, and its id there.
pub(super) fn apart_id(id: &Id) -> Option<(&str, Id)> {
    let Id::Text(text) = id else {
        return None;
    };
    let (server, id) = text.split_once(':')?;
    let id = Document::parse(id, &JsonLimits::default()).ok()?;
    Some((server, Id::read(id.root()).ok()?))
}

/// An event of an answer that one server gives.
pub(super) fn joined_event(server: &str, id: &str) -> String {
    format!("{server}/{id}")
}

/// An event of the stream of all servers.
pub(super) fn joined_event_of_all(server: &str, id: &str) -> String {
    format!("{OF_ALL}{server}/{id}")
}

/// An event that an agent comes back to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Return<'a> {
    /// It was on the stream of all servers.
    pub(super) of_all: bool,
    pub(super) server: &'a str,
    pub(super) id: &'a str,
}

/// The stream, the server and the id there.
pub(super) fn apart_event(id: &str) -> Option<Return<'_>> {
    let (of_all, rest) = match id.strip_prefix(OF_ALL) {
        Some(rest) => (true, rest),
        None => (false, id),
    };
    let (server, id) = rest.split_once('/')?;
    Some(Return { of_all, server, id })
}

#[cfg(test)]
mod tests {
    use gatewright_engine::config::{is_name, is_server_name};
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_joined_comes_apart_again(server in "[a-zA-Z0-9_.-]{1,8}", name in "[a-z_:/* ]{0,8}") {
            prop_assume!(is_server_name(&server));
            let (server, name) = (server.as_str(), name.as_str());
            let (tool, uri) = (joined(server, name), joined_uri(server, name));
            prop_assert_eq!(apart(&tool), Some((server, name)));
            prop_assert_eq!(apart_uri(&uri), Some((server, name)));
            for id in [Id::Text(name.to_owned()), Id::Number("-17".to_owned())] {
                let asked = joined_id(server, &id);
                prop_assert_eq!(apart_id(&asked), Some((server, id)));
            }
            for of_all in [true, false] {
                let event = match of_all {
                    true => joined_event_of_all(server, name),
                    false => joined_event(server, name),
                };
                prop_assert_eq!(apart_event(&event), Some(Return { of_all, server, id: name }));
            }
        }
    }

    #[test]
    fn a_server_that_could_be_mistaken_for_another_one_has_no_such_name() {
        for name in ["a__b", "a_", "_", "__", "a.b__"] {
            assert!(is_name(name) && !is_server_name(name), "{name}");
        }
        for name in ["a_b", "_a", "a-", "a.b", "mcp"] {
            assert!(is_server_name(name), "{name}");
        }
    }

    #[test]
    fn what_nobody_joined_is_nobodys() {
        for name in ["read", "a_b", "", "_"] {
            assert_eq!(apart(name), None, "{name}");
        }
        for uri in ["file:///a", "gatewright:", "gatewright:a", "Gatewright:a/b"] {
            assert_eq!(apart_uri(uri), None, "{uri}");
        }
        for id in ["7", "a:", "a:1,\"method\":\"x\"", "a:1.5", "a:null", "a:{}"] {
            assert_eq!(apart_id(&Id::Text(id.to_owned())), None, "{id}");
        }
        assert_eq!(apart_id(&Id::Number("7".to_owned())), None);
    }
}
