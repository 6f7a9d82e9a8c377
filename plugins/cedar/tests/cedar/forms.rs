//! Policies, entities and words in the forms that other programs write.

use gatewright_cedar::judge;
use gatewright_sdk::Request;
use serde_json::{Value, json};

use super::{reach, refused, settings};

pub(crate) fn reaches(written: Value, request: &Request) -> u8 {
    reach(&judge(&settings(written), request))
}

const TEMPLATES: &str = r#"
@id("read")
permit (principal == ?principal, action, resource in ?resource);
@id("write")
@message("not for this agent")
forbid (principal == ?principal, action, resource)
when { resource.name like "write_*" };
"#;

#[test]
fn links_make_policies_of_templates() {
    let written = json!({
        "policies": TEMPLATES,
        "links": [
            { "template": "read", "id": "agent reads docs",
              "principal": "Agent::\"agent\"", "resource": "Server::\"docs\"" },
            { "template": "write", "id": "agent does not write", "principal": "Agent::\"agent\"" },
        ],
    });
    for (server, tool, reached) in [
        ("docs", "read_a", 3),
        ("docs", "write_a", 0),
        ("mail", "read_a", 0),
    ] {
        let request = Request::tool(tool).with_server(server).with_agent("agent");
        assert_eq!(
            reaches(written.clone(), &request),
            reached,
            "{server}/{tool}"
        );
    }
    let opinion = judge(
        &settings(written),
        &Request::tool("write_a")
            .with_server("docs")
            .with_agent("agent"),
    );
    let rules: Vec<_> = opinion
        .notes
        .iter()
        .map(|note| note.rule.as_str())
        .collect();
    assert_eq!(rules, ["agent does not write"]);
}

#[test]
fn links_that_make_no_policy_are_refused() {
    let read = "@id(\"read\") permit (principal == ?principal, action, resource);";
    for (links, right) in [
        (json!([]), "`read` is a template, which nothing links"),
        (
            json!([{ "template": "reed", "id": "a", "principal": "Agent::\"a\"" }]),
            "links: `a`",
        ),
        (json!([{ "template": "read", "id": "a" }]), "links: `a`"),
        (
            json!([{ "template": "read", "id": "a", "principal": "agent" }]),
            "`agent` is no entity",
        ),
        (
            json!([{ "template": "read", "id": "a", "principal": "User::\"a\"" }]),
            "the principal of a call is no `User`",
        ),
        (
            json!([
                { "template": "read", "id": "a", "principal": "Agent::\"a\"" },
                { "template": "read", "id": "a", "principal": "Agent::\"b\"" },
            ]),
            "links: `a`",
        ),
        (
            json!([{ "template": "read", "id": "a", "principle": "Agent::\"a\"" }]),
            "unknown field `principle`",
        ),
    ] {
        let error = refused(json!({ "policies": read, "links": links }));
        assert!(error.contains(right), "{links}: {error}");
    }
}

#[test]
fn policies_in_json_decide_as_in_text() {
    let server = json!({ "op": "in", "entity": { "type": "Server", "id": "docs" } });
    let policy = |effect: &str, resource: Value| {
        json!({
            "effect": effect, "principal": { "op": "All" }, "action": { "op": "All" },
            "resource": resource, "conditions": [],
        })
    };
    let set = json!({
        "staticPolicies": { "docs": policy("permit", server.clone()) },
        "templates": { "one": {
            "effect": "forbid", "principal": { "op": "==", "slot": "?principal" },
            "action": { "op": "All" }, "resource": { "op": "All" }, "conditions": [],
        } },
        "templateLinks": [{
            "templateId": "one", "newId": "not eve",
            "values": { "?principal": { "type": "Agent", "id": "eve" } },
        }],
    });
    let request = || Request::tool("read").with_server("docs");
    let eve = || request().with_agent("eve");
    for written in [
        json!({ "policies": set }),
        json!({ "policies": set.to_string() }),
    ] {
        assert_eq!(reaches(written.clone(), &request()), 3);
        assert_eq!(
            reaches(written.clone(), &Request::tool("read").with_server("x")),
            0
        );
        assert_eq!(reaches(written, &eve()), 0);
    }
    // One policy alone, and beside text.
    let alone = policy("permit", server);
    assert_eq!(reaches(json!({ "policies": alone }), &request()), 3);
    let both = json!({ "policies": [alone, "forbid (principal, action, resource);"] });
    assert_eq!(reaches(both, &request()), 0);
    for (wrong, right) in [
        (json!({ "staticPolicies": { "a": {} } }), "policies: "),
        (json!({ "policies": {} }), "policies: "),
        (policy("allow", json!({ "op": "All" })), "policies: "),
    ] {
        let error = refused(json!({ "policies": wrong }));
        assert!(error.contains(right), "{wrong}: {error}");
    }
}

#[test]
fn entities_may_be_written_in_several_ways() {
    let policies = "permit (principal in Team::\"finance\", action, resource);";
    let alice = || Request::tool("pay").with_principal("alice");
    for entities in [
        json!([{ "uid": { "type": "User", "id": "alice" }, "attrs": {},
                 "parents": [{ "type": "Team", "id": "finance" }] }]),
        json!([{ "uid": "User::\"alice\"", "parents": ["Team::\"finance\""] }]),
        json!([{ "uid": { "__entity": { "type": "User", "id": "alice" } },
                 "parents": [{ "__entity": { "type": "Team", "id": "finance" } }] }]),
        json!({ "User::\"alice\"": { "parents": ["Team::\"finance\""] }, "Team::\"finance\"": {} }),
    ] {
        for written in [entities.clone(), Value::from(entities.to_string())] {
            let written = json!({ "policies": policies, "entities": written });
            assert_eq!(reaches(written.clone(), &alice()), 3, "{entities}");
            let bob = Request::tool("pay").with_principal("bob");
            assert_eq!(reaches(written, &bob), 0, "{entities}");
        }
    }
    for (entities, right) in [
        (json!([{ "attrs": {} }]), "one of them has no `uid`"),
        (json!([{ "uid": "alice" }]), "`alice` is no uid"),
        (json!([1]), "one of them is no object"),
        (json!({ "alice": {} }), "`alice` is no uid"),
        (
            json!([{ "uid": "User::\"a\"", "parents": {} }]),
            "are no list",
        ),
        (json!("7"), "neither a list nor an object"),
    ] {
        let error = refused(json!({ "policies": policies, "entities": entities }));
        assert!(error.contains(right), "{entities}: {error}");
    }
}

const TYPED: &str = r#"
entity User; entity Server;
entity Agent in [User];
entity Tool in [Server];
entity Colour enum ["red", "green"];
action "tools/call" appliesTo {
    principal: Agent, resource: Tool,
    context: { "arguments": {
        "from"?: ipaddr, "day"?: datetime, "within"?: duration, "price"?: decimal,
        "colour"?: Colour, "all"?: Set<ipaddr>, "inner"?: { "from": ipaddr },
    } },
};
"#;

#[test]
fn with_a_schema_texts_stand_for_values_that_json_has_not() {
    for (condition, argument, given, other) in [
        (
            "context.arguments.from.isLoopback()",
            "/from",
            json!("127.0.0.1"),
            json!("10.0.0.1"),
        ),
        (
            "context.arguments.day < datetime(\"2026-02-01\")",
            "/day",
            json!("2026-01-01"),
            json!("2026-03-01"),
        ),
        (
            "context.arguments.within < duration(\"1h\")",
            "/within",
            json!("30m"),
            json!("2h"),
        ),
        (
            "context.arguments.price.lessThan(decimal(\"2.0\"))",
            "/price",
            json!(1.5),
            json!("2.5"),
        ),
        (
            "context.arguments.price.lessThan(decimal(\"2.0\"))",
            "/price",
            json!(1),
            json!(2),
        ),
        (
            "context.arguments.colour == Colour::\"red\"",
            "/colour",
            json!("red"),
            json!("green"),
        ),
        (
            "context.arguments.all.contains(ip(\"10.0.0.1\"))",
            "/all",
            json!(["10.0.0.1"]),
            json!(["10.0.0.2"]),
        ),
        (
            "context.arguments.inner.from.isLoopback()",
            "/inner",
            json!({ "from": "::1" }),
            json!({ "from": "::2" }),
        ),
    ] {
        let name = argument.trim_start_matches('/');
        let written = json!({
            "schema": TYPED,
            "policies": format!(
                "permit (principal, action, resource) when {{ context.arguments has {name} && {condition} }};"
            ),
        });
        let call = |value: &Value| Request::tool("x").with_argument(argument, value.clone());
        assert_eq!(reaches(written.clone(), &call(&given)), 3, "{condition}");
        assert_eq!(reaches(written, &call(&other)), 0, "{condition}");
    }
    // What stands for none is the agent's slip.
    let written = json!({ "schema": TYPED, "policies": "permit (principal, action, resource);" });
    for (argument, value) in [
        ("/from", json!("localhost")),
        ("/day", json!("tomorrow")),
        ("/within", json!("soon")),
        ("/price", json!(1.23456)),
        ("/colour", json!("blue")),
        (
            "/colour",
            json!({ "__entity": { "type": "Colour", "id": "red" } }),
        ),
        ("/all", json!(["10.0.0.1", "x"])),
    ] {
        let request = Request::tool("x").with_argument(argument, value.clone());
        assert_eq!(reaches(written.clone(), &request), 0, "{argument}: {value}");
    }
}

/// The words of ToolHive.
fn toolhive(policies: &str) -> Value {
    json!({
        "policies": policies,
        "question": {
            "agent": "Client", "resource-id": "{name}", "argument-prefix": "arg_",
            "methods": { "tools/call": "call_tool", "tools/list": "list_tools",
                         "prompts/get": "get_prompt", "resources/read": "read_resource" },
        },
    })
}

/// The words of AgentCore.
fn agentcore(policies: &str) -> Value {
    json!({
        "policies": policies,
        "question": {
            "agent": "AgentCore::OAuthUser", "server": "AgentCore::Gateway",
            "action": "AgentCore::Action", "action-id": "{server}__{name}",
            "about": "server", "arguments": "input",
        },
    })
}

#[test]
fn policies_of_other_gates_decide_in_their_own_words() {
    let weather = || {
        Request::tool("weather")
            .with_server("s")
            .with_agent("alice")
    };
    let toolhive = |policy: &str, request: &Request| reaches(toolhive(policy), request);
    let policy = "permit (principal == Client::\"alice\", action == Action::\"call_tool\", resource == Tool::\"weather\") when { context.arg_city == \"Rome\" };";
    let rome = weather().with_argument("/city", "Rome");
    assert_eq!(toolhive(policy, &rome), 3);
    assert_eq!(
        toolhive(policy, &weather().with_argument("/city", "Oslo")),
        0
    );
    assert_eq!(toolhive(policy, &rome.clone().with_agent("bob")), 0);

    let agentcore = |policy: &str, request: &Request| reaches(agentcore(policy), request);
    let policy = "permit (principal is AgentCore::OAuthUser, action == AgentCore::Action::\"s__weather\", resource == AgentCore::Gateway::\"s\") when { context.input.city == \"Rome\" };";
    assert_eq!(agentcore(policy, &rome), 3);
    assert_eq!(
        agentcore(
            policy,
            &Request::tool("other")
                .with_server("s")
                .with_argument("/city", "Rome")
        ),
        0
    );
    let forbid = "permit (principal, action, resource); forbid (principal, action == AgentCore::Action::\"s__weather\", resource);";
    assert_eq!(agentcore(forbid, &rome), 0);
    assert_eq!(
        agentcore(forbid, &Request::tool("other").with_server("s")),
        3
    );
}

/// An argument is no fact of the call, whatever it is called.
#[test]
fn an_argument_takes_no_place_of_a_fact() {
    let written = json!({
        "policies": "permit (principal, action, resource) when { context.session == \"session\" };",
        "question": { "argument-prefix": "s" },
    });
    let request = Request::tool("x").with_argument("/ession", "mine");
    assert_eq!(reaches(written, &request), 3);
}

#[test]
fn words_that_make_no_question_are_refused() {
    for (question, right) in [
        (
            json!({ "agent": "not a type" }),
            "`not a type` is no entity type",
        ),
        (
            json!({ "action": "Act" }),
            "actions of Cedar are called `Action`",
        ),
        (json!({ "agent": "Action" }), "the action is `Action`"),
        (
            json!({ "agent": "User" }),
            "`agent` and `user` are one type",
        ),
        (json!({ "action-id": "x" }), "`x` is no id"),
        (json!({ "resource-id": "{tool}" }), "`{tool}` is no id"),
        (json!({ "arguments": "" }), "is empty"),
        (
            json!({ "argument-values": "some" }),
            "unknown variant `some`",
        ),
        (
            json!({ "principal": "Client" }),
            "unknown field `principal`",
        ),
    ] {
        let error = refused(json!({
            "policies": "permit (principal, action, resource);", "question": question,
        }));
        assert!(error.contains(right), "{question}: {error}");
    }
    // The words of a call are those of the question, and no others.
    for (policy, right) in [
        (
            "forbid (principal == Agent::\"a\", action, resource);",
            "it is an `Client`",
        ),
        (
            "forbid (principal, action == Action::\"tools/call\", resource);",
            "is in no call",
        ),
        (
            "forbid (principal, action, resource) when { context.argument has x };",
            "`context.argument` is in no call",
        ),
    ] {
        let error = refused(toolhive(policy));
        assert!(error.contains(right), "{policy}: {error}");
    }
}

/// A call is given the entities that it can come to, and no other.
#[test]
fn an_entity_is_found_on_every_way_that_leads_to_it() {
    let entity = |id: &str| json!({ "__entity": { "type": "Team", "id": id } });
    let mut entities = json!([
        { "uid": "Agent::\"eve\"", "attrs": { "home": { "team": entity("a") } } },
        { "uid": "Team::\"a\"", "attrs": { "near": [entity("b"), entity("c")], "next": entity("b") } },
        { "uid": "Team::\"b\"", "attrs": { "next": entity("a"), "named": "b" }, "parents": ["Team::\"z\""] },
        { "uid": "Team::\"c\"", "tags": { "next": entity("d") } },
        { "uid": "Team::\"d\"", "attrs": { "named": "d" } },
        { "uid": "Team::\"z\"", "attrs": { "named": "z" } },
        { "uid": "Server::\"docs\"", "attrs": { "owner": entity("c") } },
    ]);
    let others = (0..500).map(|number| json!({ "uid": format!("Team::\"{number}\"") }));
    entities.as_array_mut().unwrap().extend(others);
    let eve = Request::tool("read").with_server("docs").with_agent("eve");
    for (condition, holds) in [
        ("principal.home.team.next.named == \"b\"", true),
        ("principal.home.team.next.next.next.named == \"b\"", true),
        ("principal.home.team.next in Team::\"z\"", true),
        ("principal.home.team.near.contains(Team::\"c\")", true),
        (
            "resource.server.owner.getTag(\"next\").named == \"d\"",
            true,
        ),
        ("Team::\"c\".getTag(\"next\").named == \"d\"", true),
        (
            "Team::\"z\".named == \"z\" && !(Team::\"7\" has named)",
            true,
        ),
        (
            "{ team: Team::\"b\" }.team.next.near.contains(Team::\"b\")",
            true,
        ),
        ("principal.home.team in Team::\"z\"", false),
    ] {
        let policies = format!("permit (principal, action, resource) when {{ {condition} }};");
        let written = json!({ "policies": policies, "entities": entities });
        assert_eq!(
            reaches(written, &eve),
            if holds { 3 } else { 0 },
            "{condition}"
        );
    }
    // What a link puts into a template is named, too.
    let policies = "@id(\"one\") permit (principal, action, resource in ?resource) when { principal.home.team.next.named == \"b\" };";
    let written = json!({
        "policies": policies, "entities": entities,
        "links": [{ "template": "one", "id": "docs", "resource": "Server::\"docs\"" }],
    });
    assert_eq!(reaches(written, &eve), 3);
}
