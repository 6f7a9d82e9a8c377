//! `gatewright test`: cases that pass, fail, are left out, are written badly,
//! and cost too much.

use serde_json::Value;

use super::{Folder, Ran, plugin};

const CASES: &str = r#"
[settings]
rules = [{ tools = ["read_*"], effect = "allow" }]

[[case]]
name = "reading is allowed"
request.action = { name = "read_file" }
expect = { verdict = "allow" }

[[case]]
name = "settings with a typo are refused"
settings = { rulez = [] }
expect = { settings-error = "rulez" }

[[case]]
name = "writing is refused"
request.action = { name = "write_file" }
expect = { verdict = "deny", message = "no rule" }
"#;

/// A folder with `policy.toml` and these cases, and the component beside them.
fn folder(cases: &str) -> Folder {
    let folder = Folder::new();
    folder.write("policy.toml", "name = \"gate\"\nworld = \"policy\"\n");
    folder.write("cases.toml", cases);
    std::fs::copy(plugin("tool-gate"), folder.path("gate.wasm")).unwrap();
    folder
}

fn run(folder: &Folder, arguments: &[&str]) -> Ran {
    let mut command = folder.command(&["test"]);
    command
        .args(arguments)
        .env("XDG_CACHE_HOME", folder.path("cache"));
    let output = command.output().unwrap();
    Ran {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

#[test]
fn cases_that_hold_end_with_0_and_say_what_they_cost() {
    let folder = folder(CASES);
    let ran = run(&folder, &["--coverage"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(
        ran.stdout
            .contains("gate: 3 of 3 cases pass; fuel at most "),
        "{ran:?}"
    );
    assert!(
        ran.stdout
            .contains("abstain never, allow 1, ask never, deny 1"),
        "{ran:?}"
    );
    let ran = run(&folder, &["--filter", "writing", "--format", "json"]);
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(report["passed"], 1, "{report}");
    assert_eq!(report["left_out"], 2, "{report}");
    assert!(report["cases"][0]["fuel"].as_u64().unwrap() > 0, "{report}");
}

#[test]
fn a_case_that_fails_shows_what_was_expected_and_what_came() {
    let cases = CASES.replace(
        "verdict = \"deny\", message = \"no rule\"",
        "verdict = \"allow\"",
    );
    let folder = folder(&cases);
    let ran = run(&folder, &[]);
    assert_eq!(ran.code, 1, "{ran:?}");
    for part in [
        "FAIL  writing is refused (cases.toml:16)",
        "expected  allow",
        "got       deny: ",
        "gate: 2 of 3 cases pass",
    ] {
        assert!(ran.stdout.contains(part), "{part}: {ran:?}");
    }
    let ran = run(&folder, &["--format", "junit"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(
        ran.stdout
            .contains("<testsuites tests=\"3\" failures=\"1\">"),
        "{ran:?}"
    );
    assert!(ran.stdout.contains("line=\"16\">"), "{ran:?}");
}

#[test]
fn a_case_that_is_written_badly_is_named_with_file_line_and_fix() {
    let bad = [
        (
            "expect = { verdict = \"allow\" }",
            "expect = { verdict = \"allow\", mesage = \"x\" }",
            "cases.toml:8: unknown field `mesage`",
        ),
        (
            "expect = { verdict = \"allow\" }",
            "expect = { verdict = \"alow\" }",
            "unknown variant `alow`",
        ),
        (
            "expect = { verdict = \"allow\" }",
            "expect = { verdict = \"allow\", message = \"x\" }",
            "cases.toml:6: `message` does not go with `verdict = \"allow\"`",
        ),
        (
            "expect = { verdict = \"allow\" }",
            "expect = { message = \"x\" }",
            "exactly one of `verdict`",
        ),
        (
            "expect = { verdict = \"allow\" }",
            "expect = { fault = \"crashed\" }",
            "unknown variant `crashed`",
        ),
        (
            "request.action = { name = \"read_file\" }",
            "request.acton = {}",
            "cases.toml:7: unknown field `acton`",
        ),
        (
            "request.action = { name = \"read_file\" }",
            "arguments-json = '{\"a\":1,\"a\":2}'",
            "cases.toml:6: `arguments-json` is duplicate member",
        ),
        (
            "request.action = { name = \"read_file\" }",
            "fill.\"/a\" = { repeat = \"x\", tims = 3 }",
            "cases.toml:7: unknown field `tims`",
        ),
        (
            "name = \"settings with a typo are refused\"",
            "name = \"reading is allowed\"",
            "cases.toml:11: there are two cases",
        ),
    ];
    for (good, wrong, message) in bad {
        let folder = folder(&CASES.replacen(good, wrong, 1));
        let ran = run(&folder, &[]);
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(ran.stderr.contains(message), "{message}: {ran:?}");
        assert!(ran.stderr.contains("hint: "), "{ran:?}");
        assert!(ran.stdout.is_empty(), "{ran:?}");
    }
}

#[test]
fn a_policy_that_got_dearer_fails() {
    let folder = folder(CASES);
    assert_eq!(run(&folder, &["--max-fuel", "10"]).code, 1);
    let ran = run(&folder, &["--write-baseline"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    // Without being asked for: it stands beside the cases.
    assert_eq!(run(&folder, &[]).code, 0);
    let baseline = std::fs::read_to_string(folder.path("baseline.toml")).unwrap();
    let cheaper = baseline
        .lines()
        .map(|line| match line.split_once(" = ") {
            Some((name, _)) => format!("{name} = 100"),
            None => line.to_owned(),
        })
        .collect::<Vec<_>>()
        .join("\n");
    folder.write("baseline.toml", &cheaper);
    let ran = run(&folder, &[]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(
        ran.stdout.contains("at most 5 % over the baseline of 100"),
        "{ran:?}"
    );
}

#[test]
fn a_schema_that_refuses_what_the_policy_accepts_is_a_failure() {
    let folder = folder(CASES);
    folder.write(
        "settings.schema.json",
        r#"{ "type": "object", "additionalProperties": false, "properties": { "rule": {} } }"#,
    );
    let ran = run(&folder, &[]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(
        ran.stdout
            .contains("`settings.schema.json` does not: `/rules` is not a known member"),
        "{ran:?}"
    );
}

#[test]
fn a_schema_that_the_component_does_not_describe_is_a_failure() {
    let folder = folder(CASES);
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let schema = root.join("plugins/tool-gate/settings.schema.json");
    let mut schema: Value = serde_json::from_slice(&std::fs::read(schema).unwrap()).unwrap();
    folder.write("settings.schema.json", &schema.to_string());
    let ran = run(&folder, &[]);
    assert_eq!(ran.code, 0, "{ran:?}");
    schema["title"] = "another one".into();
    folder.write("settings.schema.json", &schema.to_string());
    let ran = run(&folder, &[]);
    assert_eq!(ran.code, 1, "{ran:?}");
    let named = "is not the schema that the component describes";
    assert_eq!(ran.stdout.matches(named).count(), 1, "{ran:?}");
}

#[test]
fn a_schema_that_is_none_is_named_with_its_line() {
    let folder = folder(CASES);
    folder.write(
        "settings.schema.json",
        "{\n  \"type\": \"object\",\n  \"properties\": { \"rules\": { \"type\": \"aray\" } }\n}\n",
    );
    let ran = run(&folder, &[]);
    assert_eq!(ran.code, 1, "{ran:?}");
    let named = "settings.schema.json:3: `aray` is no type of JSON Schema";
    assert!(ran.stderr.contains(named), "{ran:?}");
    assert!(ran.stderr.contains("hint: there are: null"), "{ran:?}");
}

/// Whoever wrote it would rely on it.
#[test]
fn a_schema_with_a_word_that_says_nothing_is_refused() {
    let folder = folder(CASES);
    folder.write(
        "settings.schema.json",
        "{\n  \"type\": \"object\",\n  \"patternProperties\": {}\n}\n",
    );
    let ran = run(&folder, &[]);
    assert_eq!(ran.code, 1, "{ran:?}");
    let named = "settings.schema.json:3: `/patternProperties` would say nothing";
    assert!(ran.stderr.contains(named), "{ran:?}");
    assert!(ran.stderr.contains("hint: leave it out"), "{ran:?}");
}

#[test]
fn a_pattern_of_a_schema_constrains() {
    let folder = folder(CASES);
    folder.write(
        "settings.schema.json",
        r#"{ "type": "object", "propertyNames": { "pattern": "^rule$" } }"#,
    );
    let ran = run(&folder, &[]);
    assert_eq!(ran.code, 1, "{ran:?}");
    let named = "`/rules` does not have the form `^rule$`";
    assert!(ran.stdout.contains(named), "{ran:?}");
}

/// A gate that grants what `policy.toml` asks for would make it a fault.
#[test]
fn an_answer_beyond_the_declared_authority_fails_its_case() {
    let folder = folder(CASES);
    let policy = |authority: &str| {
        let text = format!("name = \"gate\"\nworld = \"policy\"\nauthority = {authority}\n");
        folder.write("policy.toml", &text);
    };
    policy(r#"["allow", "deny"]"#);
    assert_eq!(run(&folder, &[]).code, 0);
    policy(r#"["deny"]"#);
    let ran = run(&folder, &[]);
    assert_eq!(ran.code, 1, "{ran:?}");
    for part in [
        "FAIL  reading is allowed (cases.toml:6)\n        authority\n",
        "an answer within `authority = [\"deny\"]` of policy.toml",
        "one that needs `allow` too, which a gate makes the fault `not-granted`",
        "hint: write `authority = [\"allow\", \"deny\"]`",
        "it answered {\"verdict\":\"allow\"",
        "gate: 2 of 3 cases pass",
    ] {
        assert!(ran.stdout.contains(part), "{part}: {ran:?}");
    }
    policy(r#"["ask"]"#);
    let ran = run(&folder, &[]);
    assert!(ran.stdout.contains("gate: 1 of 3 cases pass"), "{ran:?}");
}

#[test]
fn what_a_reviewer_changes_beyond_its_authority_fails_its_case() {
    let folder = Folder::new();
    folder.write(
        "cases.toml",
        r#"
        [[case]]
        name = "a result without secrets"
        request.response = { content = [{ type = "text", text = "12 files" }] }
        expect = { finding = "pass" }

        [[case]]
        name = "a result with a key"
        request.response = { content = [{ type = "text", text = "AKIAABCDEFGHIJKLMNOP" }] }
        expect = { finding = "pass", result = { content = [{ type = "text", text = "[redacted: aws-access-key]" }] } }
        "#,
    );
    std::fs::copy(plugin("secret-shield"), folder.path("shield.wasm")).unwrap();
    for (authority, passed, code) in [(r#"["edit"]"#, "2 of 2", 0), (r#"["block"]"#, "1 of 2", 1)] {
        let text = format!("name = \"shield\"\nworld = \"reviewer\"\nauthority = {authority}\n");
        folder.write("policy.toml", &text);
        let ran = run(&folder, &[]);
        assert_eq!(ran.code, code, "{ran:?}");
        assert!(
            ran.stdout.contains(&format!("shield: {passed} cases pass")),
            "{ran:?}"
        );
        let is_named = ran.stdout.contains("one that needs `edit` too");
        assert_eq!(is_named, code == 1, "{ran:?}");
    }
}

#[test]
fn a_file_that_is_missing_or_something_else_is_named_with_the_fix() {
    let folder = folder(CASES);
    folder.write("junk.wasm", "junk");
    folder.write("junk.toml", "fuel = 7\n");
    std::fs::create_dir(folder.path("no-cases")).unwrap();
    for (arguments, named, hint) in [
        (
            &[".", "--component", "junk.wasm"][..],
            "`junk.wasm`: ",
            "`gatewright build` makes a component",
        ),
        (
            &["no-cases", "--component", "gate.wasm"],
            "`no-cases/cases.toml` cannot be read",
            "`gatewright schema cases` describes the file",
        ),
        (
            &["nowhere"],
            "`nowhere/policy.toml` does not exist",
            "give the folder of a policy",
        ),
        (
            &[".", "--baseline", "nothing.toml"],
            "`nothing.toml` cannot be read",
            "`gatewright test --write-baseline` writes the file",
        ),
        (
            &[".", "--baseline", "junk.toml"],
            "junk.toml:1: ",
            "`gatewright test --write-baseline` writes the file",
        ),
    ] {
        for command in ["test", "bench"] {
            let mut asked = folder.command(&[command]);
            asked.args(arguments);
            let output = asked
                .env("XDG_CACHE_HOME", folder.path("cache"))
                .output()
                .unwrap();
            let stderr = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(1), "{arguments:?}: {stderr}");
            assert!(stderr.contains(named), "{command} {named}: {stderr}");
            assert!(stderr.contains(hint), "{command} {hint}: {stderr}");
        }
    }
    let ran = run(&folder, &["--filter", "zebra"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(
        ran.stderr
            .contains("`cases.toml` has no case with `zebra` in its name"),
        "{ran:?}"
    );
}

#[test]
fn a_component_of_another_world_is_refused() {
    let folder = folder(CASES);
    folder.write("policy.toml", "name = \"gate\"\nworld = \"editor\"\n");
    let ran = run(&folder, &[]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.stderr.contains("`world = \"editor\"`"), "{ran:?}");
    folder.write("policy.toml", "name = \"gate\"\nworld = \"judge\"\n");
    let ran = run(&folder, &[]);
    assert!(
        ran.stderr
            .contains("policy.toml:2: unknown variant `judge`"),
        "{ran:?}"
    );
    folder.write("policy.toml", "name = \"another\"\nworld = \"policy\"\n");
    let ran = run(&folder, &[]);
    assert!(
        ran.stderr.contains("`gatewright build .` makes it"),
        "{ran:?}"
    );
}

const AUTHZ: &str = "package authz\n\ndeny contains \"no\" if input.action.name == \"drop\"\n\nallow if input.action.name == \"read\"\n";

const AUTHZ_TEST: &str = "package authz_test\n\nimport data.authz\n
test_reading if authz.allow with input as {\"action\": {\"name\": \"read\"}}
test_dropping if not authz.allow with input as {\"action\": {\"name\": \"drop\"}}\n";

const REGO_CASES: &str = r#"
[settings]
query = "data.authz"

[files]
modules = "policies/**/*.rego"

[[case]]
name = "reading is allowed"
request.action = { name = "read" }
expect = { verdict = "allow" }

[[case]]
name = "dropping is refused"
request.action = { name = "drop" }
expect = { verdict = "deny", message = "no" }
"#;

/// A user of OPA brings a folder, with its tests.
#[test]
fn modules_and_their_tests_are_read_from_files() {
    let folder = Folder::new();
    std::fs::create_dir_all(folder.path("policies/tests")).unwrap();
    folder.write("cases.toml", REGO_CASES);
    folder.write("policies/authz.rego", AUTHZ);
    folder.write("policies/tests/authz_test.rego", AUTHZ_TEST);
    let component = plugin("rego");
    let component = component.to_str().unwrap();
    let ran = run(&folder, &["--component", component]);
    assert_eq!(ran.code, 0, "{ran:?}");
    folder.write(
        "policies/tests/authz_test.rego",
        &AUTHZ_TEST.replace("not authz.allow", "authz.allow"),
    );
    let ran = run(&folder, &["--component", component]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(
        ran.stdout
            .contains("the test `data.authz_test.test_dropping` fails"),
        "{ran:?}"
    );
    folder.write("cases.toml", &REGO_CASES.replace("**/*.rego", "*.md"));
    let ran = run(&folder, &["--component", component]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(
        ran.stderr
            .contains("cases.toml:1: `files`: modules: no file fits `policies/*.md`"),
        "{ran:?}"
    );
    // Whoever wrote the cases names no file of the user.
    for elsewhere in ["../*.rego", "/etc/passwd", "policies/../../a.rego"] {
        folder.write(
            "cases.toml",
            &REGO_CASES.replace("policies/**/*.rego", elsewhere),
        );
        let ran = run(&folder, &["--component", component]);
        assert_eq!(ran.code, 1, "{ran:?}");
        let said = format!("`{elsewhere}` is not below the folder of this file");
        assert!(ran.stderr.contains(&said), "{ran:?}");
    }
}
