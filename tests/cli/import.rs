//! What another gate was told, turned into a binding, and asked.

use std::path::Path;

use serde_json::{Value, json};

use super::{Folder, Ran, plugin};

/// Imports into `imported.toml`, with an issuer and a server before it.
pub(crate) fn import(folder: &Folder, arguments: &[&str], policy: &Path) -> Ran {
    let policy = policy.display().to_string();
    let ran = folder.run(&[&["import"], arguments, &["--policy", &policy]].concat());
    if ran.code <= 1 && !ran.stdout.is_empty() {
        folder.with_issuer(&ran.stdout);
    }
    ran
}

/// What the imported policy says of a call, for somebody with these claims.
pub(crate) fn decision(folder: &Folder, call: (&str, &str, &str, Value), claims: &Value) -> String {
    let (user, method, name, arguments) = call;
    let principal = match user {
        "" => Value::Null,
        user => Value::from(user),
    };
    let request = json!({
        "subject": { "id": "bot", "issuer": "i", "principal": principal, "scopes": ["files:*"], "claims": claims },
        "action": { "server": "files", "method": method, "name": name },
        "arguments": arguments,
    });
    folder.write("request.json", &request.to_string());
    let ran = folder.run(&["eval", "request.json", "--config", "gatewright.toml"]);
    let answer: Value =
        serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {ran:?}"));
    answer["decision"].as_str().unwrap().to_owned()
}

fn toolhive(folder: &Folder, policies: &[&str], more: &Value) -> Ran {
    let mut cedar = json!({ "policies": policies });
    cedar
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    let file = json!({ "version": "1.0", "type": "cedarv1", "cedar": cedar });
    folder.write("authz.json", &file.to_string());
    import(
        folder,
        &["toolhive", "authz.json", "--server", "files"],
        &plugin("cedar"),
    )
}

#[test]
fn policies_of_toolhive_decide_as_there() {
    let folder = Folder::new();
    let ran = toolhive(
        &folder,
        &[
            r#"permit(principal, action == Action::"call_tool", resource == Tool::"weather");"#,
            r#"permit(principal == Client::"alice", action == Action::"call_tool", resource == Tool::"mine");"#,
            r#"permit(principal, action == Action::"call_tool", resource == Tool::"admin") when { principal.claim_roles.contains("admin") };"#,
            r#"permit(principal, action == Action::"call_tool", resource == Tool::"named") when { principal.claim_name == "John" && context.claim_sub == "john" };"#,
            r#"permit(principal, action == Action::"call_tool", resource == Tool::"calc") when { resource.arg_operation == "add" || context.arg_operation == "sub" };"#,
            r#"permit(principal in THVGroup::"all", action == Action::"call_tool", resource == Tool::"grouped");"#,
            r#"permit(principal, action == Action::"get_prompt", resource == Prompt::"greeting");"#,
            r#"permit(principal, action == Action::"list_tools", resource == FeatureType::"tool");"#,
            r#"forbid(principal == Client::"mallory", action, resource);"#,
        ],
        &json!({ "entities_json": json!([
            { "uid": { "type": "THVGroup", "id": "eng" }, "attrs": {}, "parents": [{ "type": "THVGroup", "id": "all" }] },
        ]).to_string() }),
    );
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.stderr.contains("policies[7]: not needed: "), "{ran:?}");
    assert!(
        ran.stderr
            .contains("facts = { \"cognito:groups\" = \"cognito:groups\", \"groups\""),
        "{ran:?}"
    );
    let none = json!({});
    let call = "tools/call";
    for (user, method, name, arguments, claims, decided) in [
        ("x", call, "weather", json!({}), &none, "allow"),
        ("", call, "weather", json!({}), &none, "deny"),
        ("mallory", call, "weather", json!({}), &none, "deny"),
        ("x", call, "other", json!({}), &none, "deny"),
        ("alice", call, "mine", json!({}), &none, "allow"),
        ("bob", call, "mine", json!({}), &none, "deny"),
        (
            "x",
            call,
            "admin",
            json!({}),
            &json!({ "roles": ["admin", "dev"] }),
            "allow",
        ),
        (
            "x",
            call,
            "admin",
            json!({}),
            &json!({ "roles": ["dev"] }),
            "deny",
        ),
        ("x", call, "admin", json!({}), &none, "deny"),
        (
            "john",
            call,
            "named",
            json!({}),
            &json!({ "name": "John" }),
            "allow",
        ),
        (
            "joan",
            call,
            "named",
            json!({}),
            &json!({ "name": "John" }),
            "deny",
        ),
        (
            "john",
            call,
            "named",
            json!({}),
            &json!({ "name": ["John", "Joan"] }),
            "deny",
        ),
        (
            "x",
            call,
            "calc",
            json!({ "operation": "add" }),
            &none,
            "allow",
        ),
        (
            "x",
            call,
            "calc",
            json!({ "operation": "sub" }),
            &none,
            "allow",
        ),
        (
            "x",
            call,
            "calc",
            json!({ "operation": "mul" }),
            &none,
            "deny",
        ),
        (
            "x",
            call,
            "calc",
            json!({ "operation": ["add"] }),
            &none,
            "deny",
        ),
        ("x", call, "calc", json!({}), &none, "deny"),
        (
            "x",
            call,
            "grouped",
            json!({}),
            &json!({ "groups": ["eng"] }),
            "allow",
        ),
        (
            "x",
            call,
            "grouped",
            json!({}),
            &json!({ "roles": ["all"] }),
            "allow",
        ),
        // The first claim that is there counts.
        (
            "x",
            call,
            "grouped",
            json!({}),
            &json!({ "groups": ["ops"], "roles": ["all"] }),
            "deny",
        ),
        ("x", "prompts/get", "greeting", json!({}), &none, "allow"),
        ("x", "prompts/get", "weather", json!({}), &none, "deny"),
        ("x", call, "greeting", json!({}), &none, "deny"),
        (
            "x",
            "resources/subscribe",
            "weather",
            json!({}),
            &none,
            "deny",
        ),
    ] {
        let decision = decision(&folder, (user, method, name, arguments.clone()), claims);
        assert_eq!(
            decision, decided,
            "{user} {method} {name} {arguments} {claims}"
        );
    }
}

/// What is not known to mean the same is permitted to nobody, and forbidden to more.
#[test]
fn what_toolhive_means_otherwise_is_named_and_never_wider() {
    for (policy, outcome) in [
        (
            r#"permit(principal, action == Action::"call_tool", resource) when { resource.arg_amount <= 1000 };"#,
            "left out: numbers of arguments are decimals there",
        ),
        (
            r#"permit(principal, action == Action::"call_tool", resource) when { resource.readOnlyHint == true };"#,
            "left out: `resource.readOnlyHint` has no counterpart",
        ),
        (
            r#"permit(principal, action == Action::"call_tool", resource) when { principal.claim_email_verified == true };"#,
            "left out: the claim `email_verified` is compared with something else than a text",
        ),
        (
            r#"permit(principal, action == Action::"call_tool", resource) when { principal.claim_level == "5" };"#,
            "left out: the claim `level` may be a text or a number",
        ),
        (
            r#"permit(principal, action == Action::"read_resource", resource == Resource::"file____etc");"#,
            "left out: `Resource::\"file____etc\"` may be several URIs",
        ),
        (
            r#"permit(principal, action == Action::"call_tool", resource in [Tool::"a", Tool::"b"]);"#,
            "left out: ",
        ),
        (
            r#"permit(principal, action == Action::"call_tool", resource == Tool::["a", "b"]);"#,
            "left out: it is not Cedar: ",
        ),
        (
            r#"forbid(principal, action == Action::"call_tool", resource == Tool::"weather") when { context.arg_day_present };"#,
            "forbids more here: ",
        ),
        (
            r#"forbid(principal, action == Action::"call_tool", resource == Tool::"weather") when anything { 1 };"#,
            "forbids more here: it is not Cedar: ",
        ),
        (
            r#"forbid(principal, action == Action::"read_resource", resource == Resource::"file____etc");"#,
            "forbids everything here: ",
        ),
        (
            r#"forbid(principal, action == Action::"call_tool", resource == Tool::["a"]);"#,
            "forbids everything here: it is not Cedar: ",
        ),
    ] {
        let folder = Folder::new();
        let permit =
            r#"permit(principal, action == Action::"call_tool", resource == Tool::"weather");"#;
        let ran = toolhive(&folder, &[permit, policy], &json!({}));
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(
            ran.stderr.contains("policies[0]: carried over\n"),
            "{ran:?}"
        );
        assert!(
            ran.stderr.contains(&format!("policies[1]: {outcome}")),
            "{ran:?}"
        );
        let decided = match outcome.starts_with("left out") {
            true => "allow",
            false => "deny",
        };
        let weather = ("x", "tools/call", "weather", json!({}));
        assert_eq!(decision(&folder, weather, &json!({})), decided, "{policy}");
        let other = ("x", "tools/call", "other", json!({ "amount": 1 }));
        assert_eq!(decision(&folder, other, &json!({})), "deny", "{policy}");
    }
}
