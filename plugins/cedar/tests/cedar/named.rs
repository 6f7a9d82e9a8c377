//! What stands in several texts by name, and arguments by names of their own.

use gatewright_sdk::Request;
use serde_json::json;

use super::forms::reaches;
use super::refused;

/// As files are handed on to a policy.
#[test]
fn policies_schema_and_entities_may_stand_in_several_texts_by_name() {
    let written = json!({
        "policies": {
            "a.cedar": "@id(\"a\") permit (principal in Team::\"finance\", action, resource);",
            "b.json": { "effect": "forbid", "principal": { "op": "All" }, "action": { "op": "All" },
                "resource": { "op": "==", "entity": { "type": "Tool", "id": "server/drop" } }, "conditions": [] },
        },
        "schema": {
            "types.cedarschema": "entity Team; entity User in [Team]; entity Server; entity Agent in [User]; entity Tool in [Server];",
            "actions.cedarschema": "action \"tools/call\" appliesTo { principal: Agent, resource: Tool, context: {} };",
        },
        "entities": {
            "users.json": [{ "uid": "User::\"alice\"", "parents": ["Team::\"finance\""] }],
            "teams.json": { "Team::\"finance\"": {} },
        },
    });
    for (user, tool, reached) in [("alice", "pay", 3), ("bob", "pay", 0), ("alice", "drop", 0)] {
        let request = Request::tool(tool).with_principal(user);
        assert_eq!(reaches(written.clone(), &request), reached, "{user} {tool}");
    }
    for (member, wrong, right) in [
        ("policies", json!({ "a.cedar": "permit" }), "a.cedar:1:"),
        ("policies", json!({ "a.cedar": 1 }), "a.cedar:1:"),
        (
            "schema",
            json!({ "a.cedarschema": "entity" }),
            "a.cedarschema:1:",
        ),
        (
            "entities",
            json!({ "a.json": [{}], "b.json": [] }),
            "`a.json`: ",
        ),
    ] {
        let mut written = written.clone();
        written[member] = wrong.clone();
        let error = refused(written);
        assert!(error.contains(right), "{member} {wrong}: {error}");
    }
}

/// Those of another gate are texts, numbers and booleans alone.
#[test]
fn arguments_of_their_own_may_be_scalars_alone() {
    let written = |values: &str| {
        json!({
            "policies": "permit (principal, action, resource) when { context has arg_x };",
            "question": { "argument-prefix": "arg_", "argument-values": values },
        })
    };
    for (value, scalar) in [
        (json!("a"), true),
        (json!(1), true),
        (json!(1.5), true),
        (json!(true), true),
        (json!(["a"]), false),
        (json!({ "a": 1 }), false),
    ] {
        let request = Request::tool("x").with_argument("/x", value.clone());
        assert_eq!(reaches(written("all"), &request), 3, "{value}");
        let reached = if scalar { 3 } else { 0 };
        assert_eq!(reaches(written("scalars"), &request), reached, "{value}");
    }
}
