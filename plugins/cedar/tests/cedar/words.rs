//! Words of a call, of entities and of a schema.

use gatewright_cedar::{Settings, judge};
use gatewright_sdk::{Approval, Hints, Label, Link, Outcome, PastCall, Request};
use serde_json::json;

use super::{opinion, reach, refused, settings};

/// Otherwise a schema that is copied from there would refuse every call.
#[test]
fn a_call_fits_the_schema_to_begin_with() {
    let schema = include_str!("../../gatewright.cedarschema");
    let settings = settings(json!({
        "schema": schema,
        "policies": "permit (principal, action, resource) when { context.arguments has path };",
    }));
    let request = Request::tool("read").with_argument("/path", "/srv/a");
    assert_eq!(reach(&judge(&settings, &request)), 3);
    let more = request.with_argument("/mode", "w");
    assert_eq!(reach(&judge(&settings, &more)), 0);
}

#[test]
fn every_validation_error_has_its_policy_and_its_place() {
    let error = refused(json!({
        "schema": include_str!("../../gatewright.cedarschema"),
        "policies": [
            "@id(\"one\")\npermit (principal, action, resource)\nwhen { principal.nam == \"x\" };",
            "@id(\"two\")\nforbid (principal, action, resource)\nunless { context.arguments.path == \"x\" };",
        ],
    }));
    assert!(
        error.contains("policies[0]:3:8: for policy `one`"),
        "{error}"
    );
    assert!(
        error.contains("policies[1]:3:10: for policy `two`"),
        "{error}"
    );
}

/// A `forbid` with a word that no call has would never forbid.
#[test]
fn words_that_no_call_has_are_refused_with_the_right_one() {
    for (policy, right) in [
        (
            r#"forbid (principal, action == Action::"call_tool", resource);"#,
            r#"write `Action::"tools/call"`"#,
        ),
        (
            r#"forbid (principal, action in [Action::"tools/cal"], resource);"#,
            r#"like `Action::"tools/call"`"#,
        ),
        (
            r#"forbid (principal, action == AgentCore::Action::"Refund__pay", resource);"#,
            r#"the tool is the resource"#,
        ),
        (
            r#"forbid (principal, action, resource == Tool::"delete_all");"#,
            r#"`Tool::"<server>/delete_all"`"#,
        ),
        (
            r#"forbid (principal, action, resource) when { resource == Tool::"x" };"#,
            r#"`Tool::"<server>/x"`"#,
        ),
        (
            r#"forbid (principal is AgentCore::OAuthUser, action, resource);"#,
            "it is an `Agent`",
        ),
        (
            r#"forbid (principal == User::"alice", action, resource);"#,
            r#"`principal in User::"..""#,
        ),
        (
            r#"forbid (principal in THVGroup::"x", action, resource);"#,
            "groups stand in `entities`",
        ),
        (
            r#"forbid (principal, action, resource is Gateway);"#,
            "it is a `Tool`",
        ),
        (
            r#"forbid (principal, action, resource) when { context.input.x == 1 };"#,
            "write `context.arguments`",
        ),
        (
            r#"forbid (principal, action, resource) when { context has arg_path };"#,
            "write `context.arguments.path`",
        ),
        (
            r#"forbid (principal, action, resource) when { context has input.x };"#,
            "write `context.arguments`",
        ),
        (
            r#"forbid (principal, action, resource) when { principal.claim_role == "x" };"#,
            "claims of a token that the operator lets policies see are in `principal.claims`",
        ),
        (
            r#"forbid (principal, action, resource) when { context.hints.contains("readonly") };"#,
            "`context.hints` is never `readonly`",
        ),
        (
            r#"forbid (principal, action, resource) when { context.hints.containsAny(["sensitive", "secret"]) };"#,
            "`context.hints` is never `secret`",
        ),
        (
            r#"forbid (principal, action, resource) when { principal.proof != "dpop" };"#,
            "`principal.proof` is never `dpop`",
        ),
        (
            r#"forbid (principal, action, resource) when { "list" == context.purpose };"#,
            "`context.purpose` is never `list`",
        ),
        (
            r#"@aks("sure?") permit (principal, action, resource);"#,
            "write `@ask`",
        ),
        (
            r#"@label("x") permit (principal, action, resource);"#,
            "write `@labels`",
        ),
        (
            r#"@quorums("2") permit (principal, action, resource);"#,
            "write `@quorum`",
        ),
        (
            r#"@limit_rezult("2") permit (principal, action, resource);"#,
            "write `@limit_result`",
        ),
        (
            r#"forbid (principal, action, resource) when { resource.arg_path == "x" };"#,
            "write `context.arguments.path`",
        ),
    ] {
        let error = refused(json!({ "policies": policy }));
        assert!(error.contains(right), "{policy}: {error}");
        assert!(error.contains("policies:1:1"), "{policy}: {error}");
    }
    let policies = "permit (principal, action, resource);";
    for (schema, right) in [
        (
            r#"entity Client, Tool; action "call_tool" appliesTo { principal: Client, resource: Tool };"#,
            "no entity type `Agent`",
        ),
        (
            r#"entity Agent, Tool; action "call_tool" appliesTo { principal: Agent, resource: Tool };"#,
            r#"write `action "tools/call"`"#,
        ),
    ] {
        let error = refused(json!({ "policies": policies, "schema": schema }));
        assert!(error.contains(right), "{schema}: {error}");
    }
}

#[test]
fn words_of_a_call_and_of_the_entities_are_taken() {
    let entities = json!([
        { "uid": { "type": "Agent", "id": "bot" }, "attrs": { "level": 2 }, "parents": [{ "type": "Team", "id": "x" }] },
        { "uid": { "__entity": { "type": "Action", "id": "tools/call" } }, "attrs": {}, "parents": [{ "type": "Action", "id": "writes" }] },
    ]);
    for policy in [
        r#"@ticket("x") @owner("y") @doc("z") permit (principal, action, resource) when { context.hints.contains("untrusted") && principal.proof == "bearer" };"#,
        r#"permit (principal in Group::"of nobody yet", action, resource) when { principal has grade };"#,
        r#"permit (principal in Team::"x", action in [Action::"writes", Action::"tools/list"], resource in Server::"db");"#,
        r#"permit (principal is Agent in User::"a", action == Action::"ping", resource is Prompt);"#,
        r#"permit (principal, action, resource == Resource::"s/file:///x") when { principal.level > 1 && principal has owner };"#,
        r#"permit (principal, action == Action::"resources/templates/list", resource) when { context.arguments.input == 1 && context has arguments.x };"#,
        r#"permit (principal, action, resource) when { resource.server == Server::"s" && principal.user == User::"u" && resource.name like "x*" };"#,
    ] {
        let settings = json!({ "policies": policy, "entities": entities });
        let settings: Result<Settings, _> = serde_json::from_value(settings);
        assert!(settings.is_ok(), "{policy}: {:?}", settings.err());
    }
}

/// A session in which mail was read, and a payment refused.
fn after_a_refusal() -> Request {
    let past = |name: &str, outcome, reason: Option<&str>| PastCall {
        id: format!("d-{name}"),
        at: 5,
        method: "tools/call".to_owned(),
        server: "mail".to_owned(),
        name: name.to_owned(),
        outcome,
        reason: reason.map(str::to_owned),
    };
    Request::tool("send")
        .with_labels_left([
            Label {
                name: "b".to_owned(),
                source: None,
                at: None,
            },
            Label {
                name: "a".to_owned(),
                source: Some("shield".to_owned()),
                at: Some(4),
            },
        ])
        .with_hints(Hints::UNTRUSTED | Hints::SENSITIVE)
        .with_targets(["/to"])
        .with_contents(["/body"])
        .with_chain([Link {
            id: "did:x".to_owned(),
            issuer: None,
        }])
        .with_claim("groups", ["ops", "dev"])
        .with_claim("tenant", ["acme"])
        .with_approvals([Approval {
            by: "eve".to_owned(),
            roles: vec!["lead".to_owned()],
            at: 6,
            method: "sso".to_owned(),
        }])
        .with_history([
            past("pay", Outcome::Denied, Some("forbidden")),
            past("read", Outcome::Allowed, None),
            past("read", Outcome::Allowed, None),
        ])
        .at_time(7)
}

const ALL_CONDITIONS: [&str; 21] = [
    r#"principal.issuer == "did:example:issuer" && principal.proof == "bearer""#,
    r#"principal.chain == [{ "id": "did:x" }] && principal.delegation == ["did:x"] && principal.scopes == ["*:*"]"#,
    r#"principal.user == User::"user:alice" && !(principal has owner)"#,
    "principal.expires_at == 1767229200000",
    r#"principal.claims == { groups: ["dev", "ops"], tenant: ["acme"] }"#,
    r#"principal.claims has groups && principal.claims.groups.contains("ops") && !(principal.claims has device)"#,
    r#"resource.name == "send" && resource.server == Server::"server""#,
    r#"context.purpose == "call" && context.at == 7"#,
    r#"context.decision == "decision" && context.session == "session""#,
    r#"context.hints == ["untrusted", "sensitive"]"#,
    r#"context.targets == ["/to"] && context.contents == ["/body"]"#,
    "!(context has definition)",
    r#"context.labels == ["a", "b"]"#,
    r#"context.label_details == { "a": { "source": "shield", "at": 4 }, "b": {} } && context.label_details.a.at < 5"#,
    r#"context.approvers == ["eve"] && context.approver_roles == ["lead"]"#,
    r#"context.approvals == [{ "by": "eve", "roles": ["lead"], "at": 6, "method": "sso" }]"#,
    "context.history.allowed.count == 2 && context.history.pending.count == 0",
    r#"context.history.allowed.names == ["mail/read"] && context.history.denied.servers == ["mail"]"#,
    r#"context.history.reasons == ["forbidden"] && context.history.ids.contains("d-pay")"#,
    "context has arguments && context.arguments == {}",
    "context has history.denied.count && context != {}",
];

#[test]
fn all_that_a_call_has_can_be_read() {
    for condition in ALL_CONDITIONS {
        let policies = format!("permit (principal, action, resource) when {{ {condition} }};");
        let said = opinion(&policies, &after_a_refusal());
        assert_eq!(reach(&said), 3, "{condition}: {said:?}");
    }
}

/// What a schema does not declare is left out: with anything further no call would fit.
#[test]
fn a_call_fits_a_schema_that_declares_little() {
    for (context, condition) in [
        ("", "true"),
        (
            "history: { denied: { count: Long } }",
            "context.history.denied.count == 1",
        ),
        (
            "approvals: Set<{ by: String }>, labels: Set<String>",
            "context.labels.contains(\"a\")",
        ),
    ] {
        for attributes in [
            "",
            "= { issuer: String, chain: Set<{ id: String }> }",
            "= { claims: { tenant: Set<String>, device?: Set<String> } }",
        ] {
            let schema = format!(
                "entity User, Server; entity Agent in [User] {attributes}; entity Tool in [Server];
                 action \"tools/call\" appliesTo {{ principal: [Agent], resource: [Tool], context: {{ {context} }} }};"
            );
            let policies = format!("permit (principal, action, resource) when {{ {condition} }};");
            let settings = settings(json!({
                "schema": schema, "policies": policies,
                "entities": [{ "uid": { "type": "Agent", "id": "bot" }, "attrs": {}, "parents": [] }],
            }));
            let said = judge(&settings, &after_a_refusal().with_agent("bot"));
            assert_eq!(reach(&said), 3, "{context}, {attributes}: {said:?}");
        }
    }
}

/// The validator says nothing of what it finds can never be reached.
#[test]
fn a_tag_that_may_not_be_there_is_refused_with_a_schema() {
    let schema = r#"entity Agent tags Bool; entity r; entity Tool; entity Prompt;
        action "tools/call" appliesTo { principal: Agent, resource: Tool, context: {} };"#;
    let written = |condition: &str| {
        let policy = format!("permit (principal, action, resource) when {{ {condition} }};");
        json!({ "schema": schema, "policies": policy })
    };
    let read = r#"((if principal.getTag("a") then r::"a" else r::"b") in r::"")"#;
    for condition in [
        read.to_owned(),
        format!("resource is Prompt && {read}"),
        format!("principal.hasTag(\"b\") && resource is Prompt && {read}"),
    ] {
        let error = refused(written(&condition));
        assert!(error.contains("ag(\"a\")"), "{condition}: {error}");
    }
    let checked = written(&format!("principal.hasTag(\"a\") && {read}"));
    assert!(serde_json::from_value::<Settings>(checked).is_ok());
}
