//! Policies of AgentCore, turned into a binding, and asked.

use serde_json::json;

use super::import::{decision, import};
use super::{Folder, Ran, plugin};

const GATEWAY: &str = "arn:aws:bedrock-agentcore:eu-west-1:1:gateway/g";

fn agentcore(folder: &Folder, policies: &str, more: &[&str]) -> Ran {
    folder.write("policies.cedar", &policies.replace("GATEWAY", GATEWAY));
    let arguments = [
        "agentcore",
        "policies.cedar",
        "--server",
        "RefundTool=files",
    ];
    import(folder, &[&arguments, more].concat(), &plugin("cedar"))
}

#[test]
fn policies_of_agentcore_decide_as_there() {
    let folder = Folder::new();
    let ran = agentcore(
        &folder,
        r#"
        // Refunds.
        permit(principal is AgentCore::OAuthUser, action == AgentCore::Action::"RefundTool___refund",
            resource == AgentCore::Gateway::"GATEWAY")
        when { principal.hasTag("username") && principal.getTag("username") == "John" && context.input.amount < 500 };
        permit(principal, action in [AgentCore::Action::"RefundTool__list", AgentCore::Action::"RefundTool__show", AgentCore::Action::"tools/list"],
            resource is AgentCore::Gateway)
        when { principal.getTag("scope") like "*refund:read*" };
        permit(principal == AgentCore::OAuthUser::"u1", action == AgentCore::Action::"RefundTool___price", resource)
        when { context.input has price && context.input.price.lessThan(decimal("10.5")) };
        permit(principal is AgentCore::IamEntity, action, resource is AgentCore::Gateway);
        forbid(principal, action, resource) unless { principal.id != "mallory" };
        "#,
        &[],
    );
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.stderr.contains("line 3: carried over"), "{ran:?}");
    assert!(
        ran.stderr
            .contains("not needed: nobody is an `AgentCore::IamEntity` here"),
        "{ran:?}"
    );
    let (john, reader) = (
        json!({ "username": "John", "scope": "x" }),
        json!({ "scope": "a refund:read b" }),
    );
    let call = "tools/call";
    for (user, method, name, arguments, claims, decided) in [
        (
            "x",
            call,
            "refund",
            json!({ "amount": 499 }),
            &john,
            "allow",
        ),
        ("x", call, "refund", json!({ "amount": 500 }), &john, "deny"),
        ("x", call, "refund", json!({}), &john, "deny"),
        (
            "mallory",
            call,
            "refund",
            json!({ "amount": 499 }),
            &john,
            "deny",
        ),
        ("", call, "refund", json!({ "amount": 499 }), &john, "deny"),
        ("x", call, "list", json!({}), &reader, "allow"),
        ("x", call, "show", json!({}), &reader, "allow"),
        ("x", call, "show", json!({}), &john, "deny"),
        ("x", call, "other", json!({}), &reader, "deny"),
        (
            "u1",
            call,
            "price",
            json!({ "price": 10.25 }),
            &reader,
            "allow",
        ),
        (
            "u1",
            call,
            "price",
            json!({ "price": 10.5 }),
            &reader,
            "deny",
        ),
        ("u2", call, "price", json!({ "price": 1 }), &reader, "deny"),
        ("x", "prompts/get", "show", json!({}), &reader, "deny"),
    ] {
        let decision = decision(&folder, (user, method, name, arguments.clone()), claims);
        assert_eq!(
            decision, decided,
            "{user} {method} {name} {arguments} {claims}"
        );
    }
}

#[test]
fn what_agentcore_means_otherwise_is_named_and_never_wider() {
    for (policy, outcome) in [
        (
            r#"permit(principal, action == AgentCore::Action::"T", resource == AgentCore::Gateway::"GATEWAY");"#,
            "left out: `T` is no tool of a target",
        ),
        (
            r#"permit(principal, action, resource) when { context.session.count < 3 };"#,
            "left out: `context.session.count` has no counterpart",
        ),
        (
            r#"permit(principal, action, resource) when guardrails { input.safe };"#,
            "left out: it is not Cedar: ",
        ),
        (
            r#"forbid(principal, action == AgentCore::Action::"RefundTool___show", resource) when guardrails { input.bad };"#,
            "forbids more here: it is not Cedar: ",
        ),
    ] {
        let folder = Folder::new();
        let permit =
            r#"permit(principal, action == AgentCore::Action::"RefundTool___show", resource);"#;
        let ran = agentcore(&folder, &format!("{permit}\n{policy}"), &[]);
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(
            ran.stderr.contains(&format!("line 2: {outcome}")),
            "{ran:?}"
        );
        let decided = match outcome.starts_with("left out") {
            true => "allow",
            false => "deny",
        };
        let show = ("x", "tools/call", "show", json!({}));
        assert_eq!(decision(&folder, show, &json!({})), decided, "{policy}");
        let other = ("x", "tools/call", "other", json!({}));
        assert_eq!(decision(&folder, other, &json!({})), "deny", "{policy}");
    }
}

#[test]
fn policies_of_several_gateways_are_carried_over_for_one() {
    let folder = Folder::new();
    let policies = r#"permit(principal, action == AgentCore::Action::"RefundTool___show", resource == AgentCore::Gateway::"GATEWAY");
        permit(principal, action == AgentCore::Action::"RefundTool___drop", resource == AgentCore::Gateway::"other");"#;
    let ran = agentcore(&folder, policies, &[]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(
        ran.stdout.is_empty() && ran.stderr.contains("--gateway"),
        "{ran:?}"
    );
    let ran = agentcore(&folder, policies, &["--gateway", GATEWAY]);
    assert_eq!(ran.code, 0, "{ran:?}");
    for (name, decided) in [("show", "allow"), ("drop", "deny")] {
        let call = ("x", "tools/call", name, json!({}));
        assert_eq!(decision(&folder, call, &json!({})), decided, "{name}");
    }
}

/// What the service lists, and not a file that somebody wrote.
#[test]
fn policies_of_agentcore_are_found_in_json() {
    let folder = Folder::new();
    let list = json!({ "policies": [
        { "name": "a", "definition": { "cedar": { "statement":
            "permit(principal, action == AgentCore::Action::\"files___show\", resource);" } } },
        { "name": "b", "definition": { "cedar": { "statement": "nonsense" } } },
    ] });
    folder.write("list.json", &list.to_string());
    let ran = import(&folder, &["agentcore", "list.json"], &plugin("cedar"));
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(
        ran.stderr
            .contains("policies[1].definition.cedar: left out: "),
        "{ran:?}"
    );
    let call = ("x", "tools/call", "show", json!({}));
    assert_eq!(decision(&folder, call, &json!({})), "allow");
}

/// Otherwise an agent would write a number so that a `forbid` takes it for another one.
#[test]
fn a_number_is_the_same_however_it_is_written() {
    let folder = Folder::new();
    let policies = r#"permit(principal, action, resource is AgentCore::Gateway);
        forbid(principal, action == AgentCore::Action::"RefundTool___one", resource) when { context.input.n == 1 };
        forbid(principal, action == AgentCore::Action::"RefundTool___same", resource) when { context.input.a == context.input.b };
        permit(principal, action == AgentCore::Action::"RefundTool___any", resource) when { [1].contains(context.input.n) };"#;
    let ran = agentcore(&folder, policies, &[]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(
        ran.stderr
            .contains("line 4: left out: a set of something else than texts"),
        "{ran:?}"
    );
    for (name, arguments, decided) in [
        ("one", r#"{ "n": 2 }"#, "allow"),
        ("one", r#"{ "n": 1 }"#, "deny"),
        ("one", r#"{ "n": 1.0 }"#, "deny"),
        ("one", r#"{ "n": 1e0 }"#, "deny"),
        ("one", r#"{ "n": "1" }"#, "deny"),
        ("same", r#"{ "a": 1, "b": 2.5 }"#, "allow"),
        ("same", r#"{ "a": 1, "b": 1.0 }"#, "deny"),
        ("same", r#"{ "a": "x", "b": "x" }"#, "deny"),
        ("same", r#"{ "a": "x", "b": "y" }"#, "allow"),
    ] {
        let given = serde_json::from_str(arguments).unwrap();
        let decision = decision(&folder, ("x", "tools/call", name, given), &json!({}));
        assert_eq!(decision, decided, "{name} {arguments}");
    }
}
