//! What is a scope, and how one is written.

use gatewright_policy::scope::{ConstraintError, DetailsError, Scope, read_shown, write_details};
use serde_json::json;

use crate::written::{constraint, details};

#[test]
fn what_is_no_constraint_refuses_the_credential() {
    use ConstraintError as Error;
    let deep = |levels: usize| {
        let open = r#"{"type":"all","constraints":["#.repeat(levels);
        format!(r#"{open}{{"type":"wildcard"}}{}"#, "]}".repeat(levels))
    };
    let many = format!(r#"{{"type":"one_of","values":[{}1]}}"#, "1,".repeat(256));
    for (text, expected) in [
        (r#"{"type":"regex","pattern":".*"}"#, Error::UnknownType),
        (r#"{"type":"Exact","value":1}"#, Error::UnknownType),
        ("{}", Error::NoType),
        ("null", Error::NoType),
        (r#"{"type":1}"#, Error::NoType),
        (r#"{"type":"exact"}"#, Error::BadMember),
        (
            r#"{"type":"exact","value":1,"max":2}"#,
            Error::UnknownMember,
        ),
        (
            r#"{"type":"exact","value":1e99999999999999999999}"#,
            Error::BadNumber,
        ),
        (r#"{"type":"range"}"#, Error::BadRange),
        (r#"{"type":"range","min":2,"max":1}"#, Error::BadRange),
        (r#"{"type":"range","min":"1"}"#, Error::BadMember),
        (r#"{"type":"one_of","values":[]}"#, Error::BadList),
        (r#"{"type":"one_of","values":{}}"#, Error::BadMember),
        (r#"{"type":"any","constraints":[]}"#, Error::BadList),
        (&many, Error::BadList),
        (r#"{"type":"wildcard","pattern":7}"#, Error::BadMember),
        (
            r#"{"type":"wildcard","pattern":"/srv/../*"}"#,
            Error::BadPattern,
        ),
        (
            r#"{"type":"wildcard","pattern":"*\ufffe"}"#,
            Error::BadPattern,
        ),
        (r#"{"type":"wildcard","optional":1}"#, Error::BadMember),
        (
            r#"{"type":"all","constraints":[{"type":"wildcard","optional":true}]}"#,
            Error::UnknownMember,
        ),
        (&deep(9), Error::TooDeep),
    ] {
        assert_eq!(
            constraint(text).err(),
            Some(DetailsError::Constraint(expected)),
            "{text}"
        );
    }
    constraint(&deep(8)).unwrap();
    for (pointers, expected) in [
        (r#"{"":{"type":"wildcard"}}"#, Error::BadMember),
        (r#"{"path":{"type":"wildcard"}}"#, Error::BadMember),
        (r#"{"/~2":{"type":"wildcard"}}"#, Error::BadMember),
        (r#"[]"#, Error::BadList),
    ] {
        let entry = format!(r#"[{{"type":"mcp_tools","actions":["a:b"],"arguments":{pointers}}}]"#);
        assert_eq!(
            details(&entry).err(),
            Some(DetailsError::Constraint(expected)),
            "{pointers}"
        );
    }
}

#[test]
fn details_that_could_narrow_are_never_overlooked() {
    for (text, expected) in [
        (r#"{}"#, DetailsError::NotAList),
        (
            r#"[{"type":"other","actions":[]}]"#,
            DetailsError::OtherType,
        ),
        (
            r#"[{"type":"mcp_tools","actions":["a:b"],"locations":[]}]"#,
            DetailsError::UnknownMember,
        ),
        (r#"[{"type":"mcp_tools"}]"#, DetailsError::NoActions),
        (
            r#"[{"type":"mcp_tools","actions":[1]}]"#,
            DetailsError::NoActions,
        ),
        (
            r#"[{"type":"mcp_tools","actions":["a:b"],"other_arguments":true}]"#,
            DetailsError::BadOthers,
        ),
        (
            r#"[{"type":"mcp_tools","actions":["a:b"],"arguments":{},"other_arguments":1}]"#,
            DetailsError::BadOthers,
        ),
    ] {
        assert_eq!(details(text).err(), Some(expected), "{text}");
    }
    let many = format!(
        r#"[{{"type":"mcp_tools","actions":[{}"a:b"]}}]"#,
        "\"a:b\",".repeat(256)
    );
    assert_eq!(details(&many).err(), Some(DetailsError::TooMany));
}

#[test]
fn a_scope_is_written_as_it_is_read() {
    let text = json!([
        { "type": "mcp_tools", "actions": ["files:list", "db:*"] },
        {
            "type": "mcp_tools", "actions": ["files:read"], "other_arguments": true,
            "arguments": {
                "/a~1b": { "type": "any", "constraints": [
                    { "type": "exact", "value": { "x": [1, null, true, "\u{1f512}\"" ] } },
                    { "type": "range", "min": -1, "max": 10 },
                    { "type": "one_of", "values": ["a"] },
                    { "type": "not_one_of", "values": ["a"] },
                    { "type": "all", "constraints": [
                        { "type": "contains", "values": [1] },
                        { "type": "subset", "values": [1, 2] },
                    ] },
                ] },
                "/path": { "type": "wildcard", "pattern": "/srv/*", "optional": true },
                "/path/x": { "type": "wildcard" },
            },
        },
    ]);
    let scopes = details(&text.to_string()).unwrap();
    assert_eq!(
        details(&write_details(&scopes).to_string()).unwrap(),
        scopes
    );
    let shown = scopes.iter().map(Scope::to_string).collect::<Vec<_>>();
    let again: Result<Vec<_>, _> = shown.iter().map(|text| read_shown(text)).collect();
    assert_eq!(again.unwrap(), scopes);
    for text in [
        "files:read {}",
        "files:read []",
        "files:read x",
        r#"files:read {"arguments":{},"x":1}"#,
    ] {
        read_shown(text).expect_err(text);
    }
    assert_eq!(shown[..2], ["files:list", "db:*"]);
    assert!(
        shown
            .last()
            .unwrap()
            .starts_with(r#"files:read {"arguments":{"/a~1b":{"type":"any","#)
    );
    assert!(
        shown
            .last()
            .unwrap()
            .ends_with(r#""other_arguments":true}"#)
    );
}
