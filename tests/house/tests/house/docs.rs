//! What exists is documented, and what is documented exists.

use std::path::{Path, PathBuf};
use std::process::Command;

use gatewright_engine::config::Loaded;
use gatewright_house::{files, markdown, nothing_in, programs, repository, text};
use gatewright_policy::question::Question;
use gatewright_policy::{Reason, Trouble};

/// Each table of the configuration, as it begins in a file, with a key that does
/// not exist: the error lists those that do.
const TABLES: [(&str, &str); 26] = [
    ("", "nothing = 1"),
    ("[gate]", "[gate]\nnothing = 1"),
    ("[audit]", "[audit]\nnothing = 1"),
    ("[audit.payloads]", "[audit.payloads]\nnothing = 1"),
    (
        "[[audit.payloads.keep]]",
        "[[audit.payloads.keep]]\nnothing = 1",
    ),
    ("[memory]", "[memory]\nnothing = 1"),
    ("[agents]", "[agents]\nnothing = 1"),
    ("[console]", "[console]\nnothing = 1"),
    ("[console.oidc]", "[console.oidc]\nnothing = 1"),
    (
        "[console.oidc.groups]",
        "[console.oidc.groups.x]\nnothing = 1",
    ),
    ("[limits]", "[limits]\nnothing = 1"),
    ("[local]", "[local]\nnothing = 1"),
    ("[[issuer]]", "[[issuer]]\nnothing = 1"),
    ("[[approver]]", "[[approver]]\nnothing = 1"),
    ("[[webhook]]", "[[webhook]]\nnothing = 1"),
    ("[issuer.claims]", "[[issuer]]\nclaims = { nothing = 1 }"),
    ("[[server]]", "[[server]]\nnothing = 1"),
    (
        "[server.credential]",
        "[[server]]\ncredential = { nothing = 1 }",
    ),
    (
        "[server.credential.oauth]",
        "[[server]]\ncredential = { oauth = { nothing = 1 } }",
    ),
    (
        "[server.tools]",
        "[[server]]\ntools = { x = { nothing = 1 } }",
    ),
    ("[packs]", "[packs]\nnothing = 1"),
    ("[[publisher]]", "[[publisher]]\nnothing = 1"),
    ("[[pack]]", "[[pack]]\nnothing = 1"),
    ("[[binding]]", "[[binding]]\nnothing = 1"),
    ("[binding.limits]", "[[binding]]\nlimits = { nothing = 1 }"),
    (
        "[binding.budgets]",
        "[[binding]]\nbudgets = { x = { nothing = 1 } }",
    ),
];

fn documents() -> Vec<PathBuf> {
    let markdown = |file: &PathBuf| file.extension().is_some_and(|extension| extension == "md");
    files().into_iter().filter(markdown).collect()
}

/// The keys of a table, as the error about an unknown one lists them.
fn keys(toml: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("gatewright.toml");
    std::fs::write(&file, toml).unwrap();
    let error = Loaded::read(&file).unwrap_err();
    let message = &error.problems[0].message;
    assert!(message.contains("unknown field"), "{message}");
    let (_, expected) = message
        .split_once("expected")
        .expect("the error lists the keys");
    markdown::quoted(expected)
        .into_iter()
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_reason_has_a_row() {
    let document = text(Path::new("docs/reasons.md"));
    let rows = markdown::rows(&document);
    let mut found = Vec::new();
    for reason in Reason::ALL {
        if !rows.iter().any(|row| row[0] == format!("`{reason}`")) {
            found.push(format!("`{reason}` has no row"));
        }
    }
    for row in &rows {
        let code = row[0].trim_matches('`');
        let is_known = Reason::ALL.iter().any(|reason| reason.code() == code)
            || Trouble::CODES.contains(&code);
        if row[0].starts_with('`') && !is_known {
            found.push(format!("`{code}` is not a reason"));
        }
    }
    for code in Trouble::CODES {
        if !rows.iter().any(|row| row[0] == format!("`{code}`")) {
            found.push(format!("`{code}` has no row"));
        }
    }
    nothing_in(&found, "mend the tables of docs/reasons.md");
}

#[test]
fn every_configuration_key_has_a_row_in_its_section() {
    let document = text(Path::new("docs/configuration.md"));
    let mut found = Vec::new();
    for (table, toml) in TABLES {
        let keys = keys(toml);
        assert!(!keys.is_empty(), "{table}");
        if table.is_empty() {
            let sections = keys
                .iter()
                .map(|key| (format!("[{key}]"), format!("[[{key}]]")));
            for (one, many) in sections {
                if !document.contains(&format!("## `{one}`"))
                    && !document.contains(&format!("## `{many}`"))
                {
                    found.push(format!("there is no section `{one}`"));
                }
            }
            continue;
        }
        let heading = format!("# `{table}`\n");
        let Some((_, after)) = document.split_once(&heading) else {
            found.push(format!("there is no section `{table}`"));
            continue;
        };
        let section = after.split("\n#").next().unwrap_or_default();
        let rows = markdown::rows(section);
        let has = |key: &String| rows.iter().any(|row| row[0] == format!("`{key}`"));
        found.extend(
            keys.iter()
                .filter(|key| !has(key))
                .map(|key| format!("`{key}` of `{table}` has no row")),
        );
        for row in rows.iter().filter(|row| row[0].starts_with('`')) {
            let key = row[0].trim_matches('`');
            if !keys.iter().any(|known| known == key) {
                found.push(format!("`{key}` is not a key of `{table}`"));
            }
        }
    }
    nothing_in(&found, "mend docs/configuration.md");
}

#[test]
fn every_subcommand_is_shown_somewhere() {
    let program = programs().join("gatewright");
    let help = Command::new(&program).arg("--help").output();
    let help =
        help.unwrap_or_else(|error| panic!("{}: {error}\n  hint: make build", program.display()));
    let help = String::from_utf8(help.stdout).unwrap();
    let (_, commands) = help
        .split_once("Commands:\n")
        .expect("the help lists commands");
    let commands = commands.lines().take_while(|line| !line.is_empty());
    let commands: Vec<_> = commands
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert!(commands.len() > 5, "{commands:?}");
    let shown: String = documents().iter().map(|file| text(file)).collect();
    let missing = commands.iter().filter(|command| **command != "help");
    let missing = missing.filter(|command| !shown.contains(&format!("gatewright {command}")));
    let found: Vec<_> = missing
        .map(|command| format!("no page shows `gatewright {command}`"))
        .collect();
    nothing_in(&found, "show it in docs/");
}

/// Whoever has the program has its pages, by their command, and no folder `docs/`.
#[test]
fn what_the_program_says_names_pages_by_their_command() {
    let mut found = Vec::new();
    let is_ours = |file: &PathBuf| {
        let path = file.to_string_lossy();
        path.starts_with("host/") && path.contains("/src/") && path.ends_with(".rs")
    };
    for file in files().into_iter().filter(is_ours) {
        let source = text(&file);
        // What tests say, nobody reads.
        let source = source.split("#[cfg(test)]").next().unwrap_or_default();
        for (number, line) in source.lines().enumerate() {
            let is_comment = line.trim_start().starts_with("//");
            let names_a_page = line.split("docs/").skip(1).any(|rest| {
                rest.split(['`', ' ', '"'])
                    .next()
                    .is_some_and(|it| it.ends_with(".md"))
            });
            if names_a_page && !is_comment {
                found.push(format!(
                    "{}:{}: {}",
                    file.display(),
                    number + 1,
                    line.trim()
                ));
            }
        }
    }
    nothing_in(&found, "say `gatewright docs <page>`");
}

/// What a question may say: each member of it has a word on the page.
#[test]
fn every_member_of_a_question_has_a_row() {
    let page = text(Path::new("docs/policy-authors.md"));
    let mut found = Vec::new();
    for (row, question) in [
        ("`subject`", r#"{"subject":{"nothing":1}}"#),
        ("`action`", r#"{"action":{"nothing":1}}"#),
        ("`context`", r#"{"context":{"nothing":1}}"#),
        (
            "`context.history`",
            r#"{"context":{"history":[{"nothing":1}]}}"#,
        ),
    ] {
        let error = serde_json::from_str::<Question>(question).unwrap_err();
        let error = error.to_string();
        let (_, known) = error.split_once("expected one of ").unwrap();
        let begin = format!("| {row} |");
        let told = page.lines().find(|line| line.starts_with(&begin));
        let told = told.unwrap_or_default();
        let names = known.split('`').skip(1).step_by(2);
        let untold = names.filter(|name| !told.contains(&format!("`{name}`")));
        found.extend(untold.map(|name| format!("{row}: {name}")));
    }
    nothing_in(
        &found,
        "say it in `Ask one question` of docs/policy-authors.md",
    );
}

/// A policy asks, the gate holds: a call that people decide about is a held call, and
/// nothing else, wherever somebody reads of it.
#[test]
fn a_held_call_has_one_name() {
    let others = [
        "approval pending",
        "pending approval",
        "pending call",
        "call on hold",
        "calls on hold",
        "calls that wait for a person",
        "calls that wait for people",
        "call that waits for a person",
        "call that waits for people",
    ];
    let is_read = |file: &PathBuf| {
        let path = file.to_string_lossy();
        let is_page = path.ends_with(".md") && !path.starts_with("docs/adr/");
        let is_ours = path.starts_with("host/") && path.contains("/src/");
        let is_schema = is_ours && path.ends_with(".json");
        is_page || is_schema || (is_ours && path.ends_with(".rs"))
    };
    let mut found = Vec::new();
    for file in files().into_iter().filter(is_read) {
        let text = text(&file).to_lowercase();
        let named = others.iter().filter(|other| text.contains(**other));
        found.extend(named.map(|other| format!("{}: {other}", file.display())));
    }
    nothing_in(&found, "say `held call`, as ARCHITECTURE.md does");
}

#[test]
fn links_between_pages_lead_somewhere() {
    let mut found = Vec::new();
    for file in documents() {
        let folder = file.parent().unwrap_or(Path::new(""));
        let text = text(&file);
        for link in text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next())
        {
            let place = link.split('#').next().unwrap_or_default();
            if place.is_empty() || place.contains("://") || place.contains(' ') {
                continue;
            }
            if !repository().join(folder).join(place).exists() {
                found.push(format!("{}: `{link}`", file.display()));
            }
        }
    }
    nothing_in(&found, "mend the link");
}

#[test]
fn tests_that_security_names_exist() {
    let document = text(Path::new("SECURITY.md"));
    let rows: Vec<_> = markdown::rows(&document)
        .into_iter()
        .filter(|row| row.len() == 3)
        .collect();
    assert!(rows.len() > 10, "SECURITY.md has its table");
    let sources: String = files()
        .iter()
        .filter(|file| file.extension().is_some_and(|extension| extension == "rs"))
        .map(|file| text(file))
        .collect();
    let mut found = Vec::new();
    for row in rows.iter().skip(1) {
        let tests = markdown::quoted(&row[2]);
        if tests.is_empty() {
            found.push(format!("`{}` names no test", row[0]));
        }
        for test in tests {
            if !sources.contains(&format!("fn {test}(")) {
                found.push(format!("`{}`: there is no test `{test}`", row[0]));
            }
        }
    }
    nothing_in(&found, "name a test that exists, or write it");
}
