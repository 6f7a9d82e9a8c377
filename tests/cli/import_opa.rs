//! Modules of OPA, turned into a binding, and asked.

use serde_json::json;

use super::import::{decision, import};
use super::{Folder, plugin};

const MODULE: &str = r#"package mcp.authz

import rego.v1

default allow := false

allow if {
	input.params.name == "read_file" # input.params.uri
	startswith(input.params.arguments.path, "/srv/")
	input.user in data.users
}
"#;

#[test]
fn modules_of_opa_decide_as_there() {
    let folder = Folder::new();
    folder.write("authz.rego", MODULE);
    folder.write("data.json", r#"{ "users": ["alice"] }"#);
    let arguments = [
        "opa",
        "authz.rego",
        "--server",
        "files",
        "--query",
        "data.mcp.authz.allow",
        "--data",
        "data.json",
    ];
    let ran = import(&folder, &arguments, &plugin("rego"));
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.stdout.is_empty(), "{ran:?}");
    assert!(
        ran.stderr
            .contains("authz.rego:10: `input.user` is not known here"),
        "{ran:?}"
    );
    let more = ["--map", "input.user=input.subject.principal"];
    let ran = import(&folder, &[&arguments[..], &more].concat(), &plugin("rego"));
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(
        ran.stderr
            .contains("authz.rego:8: `input.params.name` is `input.action.name`"),
        "{ran:?}"
    );
    let good = || json!({ "path": "/srv/a" });
    for (user, method, name, arguments, decided) in [
        ("alice", "tools/call", "read_file", good(), "allow"),
        ("bob", "tools/call", "read_file", good(), "deny"),
        ("", "tools/call", "read_file", good(), "deny"),
        (
            "alice",
            "tools/call",
            "read_file",
            json!({ "path": "/etc" }),
            "deny",
        ),
        ("alice", "tools/call", "other", good(), "deny"),
        ("alice", "prompts/get", "read_file", good(), "deny"),
    ] {
        let decision = decision(&folder, (user, method, name, arguments), &json!({}));
        assert_eq!(decision, decided, "{user} {method} {name}");
    }
}

#[test]
fn a_module_with_unknown_words_is_not_written() {
    let folder = Folder::new();
    for (line, mention) in [
        (
            "input.attributes.request.http.path == \"/\"",
            "input.attributes.request.http.path",
        ),
        ("input[\"token\"].roles[_] == \"a\"", "input.token.roles"),
        ("input.params.name.x == 1", "input.params.name.x"),
        ("f(input)", "input"),
        ("data.x.allow with input as {}", "input"),
        ("some k; input[k] == 1", "input"),
    ] {
        folder.write(
            "authz.rego",
            &format!("package a\n\nallow if {{ {line} }}\n"),
        );
        let ran = folder.run(&[
            "import",
            "opa",
            "authz.rego",
            "--server",
            "files",
            "--query",
            "data.a.allow",
        ]);
        assert_eq!((ran.code, ran.stdout.as_str()), (1, ""), "{ran:?}");
        assert!(
            ran.stderr
                .contains(&format!("authz.rego:3: `{mention}` is not known here")),
            "{ran:?}"
        );
    }
    for query in ["allow", "data.a", "data.a.allow; true", "data.a[x]"] {
        let ran = folder.run(&[
            "import",
            "opa",
            "authz.rego",
            "--server",
            "files",
            "--query",
            query,
        ]);
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(ran.stderr.contains("names no rule"), "{ran:?}");
    }
}

#[test]
fn what_a_person_says_of_a_place_counts() {
    let folder = Folder::new();
    let module = "package a\n\nallow if { input.tool_name == \"files\" }\n";
    folder.write("authz.rego", module);
    let ran = folder.run(&[
        "import",
        "opa",
        "authz.rego",
        "--server",
        "files",
        "--query",
        "data.a.allow",
        "--map",
        "input.tool_name=input.action.server",
    ]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let told = "`input.tool_name` is `input.action.server`";
    assert!(ran.stderr.contains(told), "{ran:?}");
}

/// The module that asks is the gate's own, whatever the others are called.
#[test]
fn no_module_takes_the_place_of_the_one_that_asks() {
    let folder = Folder::new();
    let own = "package mcp.authz\n\ndefault allow := false\n";
    folder.write("gatewright-import.rego", own);
    let arguments = [
        "import",
        "opa",
        "gatewright-import.rego",
        "--server",
        "files",
        "--query",
        "data.mcp.authz.allow",
    ];
    let ran = folder.run(&arguments);
    assert_eq!(ran.code, 0, "{ran:?}");
    for part in [
        "package mcp.authz",
        "package gatewright_import",
        "_gatewright-import.rego",
    ] {
        assert!(ran.stdout.contains(part), "{ran:?}");
    }
    for package in [
        "gatewright_import",
        "gatewright_import.x",
        "gatewright_import[\"x\"]",
        "# of\ngatewright_import",
    ] {
        folder.write(
            "gatewright-import.rego",
            &format!("package\t{package}\n\nallow := true\n"),
        );
        let ran = folder.run(&arguments);
        assert_eq!((ran.code, ran.stdout.as_str()), (1, ""), "{ran:?}");
        assert!(ran.stderr.contains("would answer for the gate"), "{ran:?}");
    }
    folder.write("gatewright-import.rego", "package gatewright_imports\n");
    assert_eq!(folder.run(&arguments).code, 0);
}
