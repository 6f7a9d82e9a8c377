//! What passes and what is refused, command by command; the lists are data.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use std::process::{Command, Stdio};

use gatewright_command_guard::{Answer, Settings, answer, posix};
use gatewright_sdk::Request;
use proptest::prelude::*;
use serde_json::{Value, json};

fn settings(value: Value) -> Settings {
    serde_json::from_value(value).unwrap()
}

fn ask(settings: &Settings, tool: &str, arguments: Value) -> Answer {
    answer(settings, &Request::tool(tool).with_arguments(arguments))
}

/// The text of a line of a list, with the signs that a line cannot hold.
fn plain(line: &str) -> String {
    [('⏎', "\n"), ('␍', "\r"), ('␀', "\0")]
        .iter()
        .fold(line.to_owned(), |line, (sign, plain)| {
            line.replace(*sign, plain)
        })
}

#[test]
fn every_listed_call_gets_its_answer() {
    /// Fewer lines than this: a part was lost.
    const LINES_MIN: usize = 440;

    let mut guard = None;
    let mut wrong = Vec::new();
    let mut lines = 0;
    for line in include_str!("calls.txt").lines() {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let heading = line
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'));
        if let Some((expected, written)) = heading.and_then(|heading| heading.split_once(" {")) {
            let written = serde_json::from_str(&format!("{{{written}")).unwrap();
            guard = Some((expected, settings(written)));
            continue;
        }
        let (expected, guard) = guard.as_ref().expect("a section before the first line");
        let arguments = match line.starts_with("{\"") || line == "{}" {
            true => serde_json::from_str(line).unwrap(),
            false => json!({ "command": plain(line) }),
        };
        let found = ask(guard, "run_command", arguments);
        let given = match &found {
            Answer::Fine => "allow",
            Answer::Ask(_) => "ask",
            Answer::Refused(_) => "deny",
            Answer::NotMine => "abstain",
        };
        lines += 1;
        if given != *expected {
            wrong.push(format!("{expected}: {line} -> {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(lines >= LINES_MIN, "only {lines} lines");
}

#[test]
fn every_listed_command_gets_its_answer() {
    let profiles = json!({
        "git": ["read-only-git"], "files": ["read-only-files"], "build": ["build-and-test"],
    });
    let mut wrong = Vec::new();
    for line in include_str!("commands.tsv").lines() {
        if line.starts_with('#') {
            continue;
        }
        let parts: Vec<&str> = line.splitn(3, '\t').collect();
        let mut chosen = profiles[parts[1]].as_array().unwrap().clone();
        chosen.push("read-only-files".into());
        chosen.dedup();
        let guard = settings(json!({ "profiles": chosen }));
        let found = ask(&guard, "run_command", json!({ "command": plain(parts[2]) }));
        if (found == Answer::Fine) != (parts[0] == "allow") {
            wrong.push(format!("{line} -> {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn members_that_nobody_named_are_judged() {
    let guard = settings(json!({ "profiles": ["read-only-git", "read-only-files"] }));
    let cases = [
        (json!({"command": "git", "args": ["status"]}), true),
        (json!({"command": ["git", "status"]}), true),
        (
            json!({"command": ["bash", "-lc", "git status"], "timeout_ms": 5, "workdir": "/srv"}),
            true,
        ),
        (
            json!({"command": "git status", "mode": "fast", "verbose": true}),
            true,
        ),
        (json!({"command": "git status", "then": "rm -rf ~"}), false),
        (
            json!({"command": "git status", "hooks": {"after": ["rm x"]}}),
            false,
        ),
        (json!({"command": "git status", "cmd": "rm x"}), false),
        (
            json!({"command": "git", "args": ["status", "; rm x"]}),
            false,
        ),
        (json!({"command": "git", "args": ["status; rm x"]}), false),
        (json!({"command": ["bash", "-lc", "rm x"]}), false),
        (
            json!({"command": "git status", "env": {"LD_PRELOAD": "x"}}),
            false,
        ),
        (json!({"command": "git status", "env": {"CI": "1"}}), true),
        (json!({"command": "git status", "cwd": "/x; rm y"}), false),
        (json!({"command": "git status", "background": true}), false),
        (json!({"command": "git status", "shell": "fish"}), false),
        (json!({"command": "git status", "shell": "/bin/bash"}), true),
        (
            json!({"command": "git status", "shell": "/tmp/x/bash"}),
            false,
        ),
        (json!({"code": "git status", "language": "python"}), false),
        (
            json!({"command": "git status", "timeout": "5; rm x"}),
            false,
        ),
        (json!({"command": "git status", "timeout": "5s"}), true),
        (json!({"command": "git status\u{0}"}), false),
        (json!({"command": "git status\r"}), false),
        (json!({"command": "git status\u{2028}"}), false),
        (json!({"command": "git log \u{2013}p"}), false),
        (json!({"command": "git st\u{200b}atus"}), false),
        (json!({}), false),
    ];
    for (arguments, passes) in cases {
        let found = ask(&guard, "run_command", arguments.clone());
        assert_eq!(found == Answer::Fine, passes, "{arguments} -> {found:?}");
    }
    assert_eq!(
        ask(&guard, "read_file", json!({"path": "x"})),
        Answer::NotMine
    );
}

#[test]
fn windows_quoting_hides_no_command() {
    let guard = settings(json!({ "profiles": ["read-only-git"], "shell": "cmd" }));
    let cases = [
        ("execute_command", "git status", true),
        ("execute_command", "git.exe status", true),
        ("execute_command", "git status & del x", false),
        ("execute_command", "git status && d^el x", false),
        ("execute_command", "git log ^& del x", false),
        ("execute_command", "git log %X%", false),
        ("execute_command", "git log \"a & b\"", true),
        ("powershell", "git status; git diff", true),
        ("powershell", "git status; Remove-Item x", false),
        ("powershell", "git log $(rm x)", false),
        ("powershell", "& git status", false),
        ("powershell", "git log --% ' | Remove-Item x #'", false),
        ("powershell", "git log { rm x }", false),
        ("powershell", "g`it push", false),
        (
            "powershell",
            "powershell -EncodedCommand ZwBpAHQAIABzAHQAYQB0AHUAcwA=",
            true,
        ),
        (
            "powershell",
            "powershell -EncodedCommand cgBtACAAeAA=",
            false,
        ),
        ("powershell", "cmd /c \"del x\"", false),
    ];
    for (tool, command, passes) in cases {
        let found = ask(&guard, tool, json!({ "command": command }));
        assert_eq!(
            found == Answer::Fine,
            passes,
            "{tool} {command} -> {found:?}"
        );
    }
}

#[test]
fn no_spelling_gets_a_program_past_the_denied_ones() {
    let guard = |shell| {
        settings(json!({
            "otherwise": "allow", "profiles": ["no-deletion", "no-network"], "shell": shell
        }))
    };
    let cases = [
        ("posix", "ls -la", true),
        ("posix", "mytool --x", true),
        ("posix", "rm x", false),
        ("posix", "/bin//rm x", false),
        ("posix", "/usr/bin/../bin/rm x", false),
        ("posix", "RM x", false),
        ("posix", "rm.exe x", false),
        ("posix", "=rm x", false),
        ("posix", "mkfs.ext4 /dev/sda", false),
        ("posix", "git branch x -D", false),
        ("posix", "git -C x push", false),
        ("posix", "rsync --delete-after a b", false),
        ("posix", "/bin//sh -c 'rm x'", false),
        ("posix", "./bash -c 'rm x'", false),
        ("posix", "bash -c +x 'rm x'", false),
        ("posix", "python3.11 -c x", false),
        ("posix", "systemd-run rm x", false),
        ("posix", "parallel rm ::: x", false),
        ("posix", "nc.traditional x 1", false),
        ("posix", "rsync -e 'sh -c id' a b", false),
        ("posix", "tar xIf 'sh -c id' a", false),
        ("posix", "cmd.exe /c 'del x'", false),
        ("cmd", "del x", false),
        ("cmd", "del/q x", false),
        ("cmd", "@del x", false),
        ("cmd", "del,x", false),
        ("cmd", "d^el x", false),
        ("cmd", "if exist x del y", false),
        ("cmd", "call del x", false),
        ("cmd", "mytool x", true),
        (
            "powershell",
            "Microsoft.PowerShell.Management\\Remove-Item x",
            false,
        ),
        ("powershell", "dir | foreach-object Delete", false),
    ];
    for (shell, command, passes) in cases {
        let found = ask(&guard(shell), "exec", json!({ "command": command }));
        assert_eq!(
            found == Answer::Fine,
            passes,
            "{shell} {command} -> {found:?}"
        );
    }
}

#[test]
fn a_pattern_leads_into_no_other_folder() {
    let guard = settings(
        json!({ "allowed": ["./scripts/*", {"run": "git checkout", "operands": ["feature/*"]}] }),
    );
    for (command, passes) in [
        ("./scripts/check", true),
        ("./scripts/../../bin/rm x", false),
        ("git checkout feature/a", true),
        ("git checkout feature/../main", false),
        ("git checkout main", false),
    ] {
        let found = ask(&guard, "exec", json!({ "command": command }));
        assert_eq!(found == Answer::Fine, passes, "{command} -> {found:?}");
    }
}

#[test]
fn what_an_operator_lists_to_ask_for_is_asked_for() {
    let guard = settings(json!({ "profiles": ["read-only-git"], "ask": ["python", "git push"] }));
    for command in ["python build.py", "git push origin main"] {
        let found = ask(&guard, "exec", json!({ "command": command }));
        assert!(matches!(found, Answer::Ask(_)), "{command} -> {found:?}");
    }
    let found = ask(&guard, "exec", json!({ "command": "python -c x" }));
    assert!(matches!(found, Answer::Refused(_)), "{found:?}");
}

#[test]
fn words_are_split_as_bash_splits_them() {
    let texts = [
        "a b",
        "a  'b c' d",
        r#"a "b c" d\ e"#,
        r#"a "b\"c" 'd"e'"#,
        r"a\b \\ c",
        "a'b'\"c\"d",
        "'' \"\" x",
        r"$'a\tb' $'\x41\101' c",
        "a#b #c",
        "a\\\nb c",
        "\"a\\\nb\"",
        r#""a\b" "\$x""#,
        "~x a=b",
        "a{b}c x@{1}",
        "'a\nb'",
        r"\'a\' \;",
        "a=b c",
        "-n --x=y",
    ];
    let Ok(found) = Command::new("bash")
        .arg("--version")
        .stdout(Stdio::null())
        .status()
    else {
        return;
    };
    assert!(found.success());
    for text in texts {
        let script = format!("printf '%s\\0' {text}");
        let output = Command::new("bash")
            .args(["--norc", "-c", &script])
            .output()
            .unwrap();
        let real: Vec<String> = String::from_utf8(output.stdout)
            .unwrap()
            .split_terminator('\0')
            .map(str::to_owned)
            .collect();
        let parsed = posix::parse(&script).unwrap();
        let ours: Vec<String> = parsed.commands[0].words[2..]
            .iter()
            .map(|word| word.text.clone())
            .collect();
        assert_eq!(ours, real, "{text}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_the_parser_panic(pieces in prop::collection::vec(prop_oneof![
        prop::sample::select(vec!["$(", ")", "`", "'", "\"", "\\", "\n", "<<E", "E\n", "${", "}", "{", ";", "&&", "|", "&>", ">(", "<(",
            "$((", "))", "if ", "then ", "fi", "case x in ", "esac", "for i in ", "do ", "done", " ", "#", "$'", "a", "x=", "(", "2>&1", "[", "*"]).prop_map(str::to_owned),
        any::<char>().prop_map(String::from),
    ], 0..40)) {
        let text = pieces.concat();
        let _ = posix::parse(&text);
        for shell in ["posix", "cmd", "powershell"] {
            let guard = settings(json!({ "allowed": ["a"], "shell": shell }));
            let found = ask(&guard, "exec", json!({ "command": text }));
            prop_assert!(found != Answer::NotMine);
        }
    }
}
