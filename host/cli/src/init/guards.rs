//! Which guards could watch a server, by what it is started with and what its tools are
//! called. They only watch, so a guess that is wrong refuses nothing.

use std::path::Path;

use toml::{Table, Value};

use super::launch::Launch;

/// A guard of one server.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Guard {
    /// The policy.
    pub(super) policy: &'static str,
    /// What its binding is called, behind the name of the server.
    pub(super) suffix: &'static str,
    /// What it keeps an eye on, for a comment.
    pub(super) about: &'static str,
    /// What it would need to count; never to allow.
    pub(super) authority: &'static [&'static str],
    pub(super) settings: Table,
}

/// Tools that work on files.
const FILES: [&str; 6] = [
    "read_file",
    "read_text_file",
    "write_file",
    "edit_file",
    "list_directory",
    "search_files",
];

/// Tools that run commands.
const COMMANDS: [&str; 8] = [
    "run_command",
    "execute_command",
    "run_shell_command",
    "shell",
    "bash",
    "exec",
    "powershell",
    "run_in_terminal",
];

/// Tools that take SQL.
const SQL: [&str; 7] = [
    "query",
    "read_query",
    "write_query",
    "run_query",
    "execute_sql",
    "execute_query",
    "run_sql",
];

/// Words in the command of a database's server, and the dialect that it means.
const DIALECTS: [(&str, &str); 5] = [
    ("postgres", "postgres"),
    ("mysql", "mysql"),
    ("mariadb", "mysql"),
    ("sqlite", "sqlite"),
    ("duckdb", "duckdb"),
];

/// Words in the names of tools that reach for URLs.
const URLS: [&str; 5] = ["fetch", "navigate", "url", "http", "scrape"];

/// The guards that fit a server.
pub(super) fn of(launch: &Launch, tools: &[String]) -> Vec<Guard> {
    let has = |names: &[&str]| tools.iter().any(|tool| names.contains(&tool.as_str()));
    let mut guards = Vec::new();
    let roots = roots(launch);
    if has(&FILES) && !roots.is_empty() {
        let folders = Value::Array(roots.into_iter().map(Value::String).collect());
        let both = [("read", folders.clone()), ("write", folders)];
        let both = both.map(|(name, folders)| (name.to_owned(), folders));
        let both = Value::Table(both.into_iter().collect());
        guards.push(Guard {
            policy: "path-guard",
            suffix: "paths",
            about: "paths outside of the folders that the server was given, and credentials",
            authority: &["deny"],
            settings: table([("passing", "abstain".into()), ("roots", both)]),
        });
    }
    if has(&COMMANDS) {
        let profiles = ["read-only-git", "read-only-files", "build-and-test"];
        let profiles = Value::Array(profiles.into_iter().map(Value::from).collect());
        guards.push(Guard {
            policy: "command-guard",
            suffix: "commands",
            about: "commands that do more than look, build and test",
            authority: &["deny", "ask"],
            settings: table([("passing", "abstain".into()), ("profiles", profiles)]),
        });
    }
    if has(&SQL)
        && let Some(dialect) = dialect(launch)
    {
        guards.push(Guard {
            policy: "sql-guard",
            suffix: "sql",
            about: "SQL that does more than read",
            authority: &["deny", "ask"],
            settings: table([("passing", "abstain".into()), ("dialect", dialect.into())]),
        });
    }
    let reaches = |tool: &String| URLS.iter().any(|word| tool.to_lowercase().contains(word));
    if tools.iter().any(reaches) {
        guards.push(Guard {
            policy: "egress-guard",
            suffix: "urls",
            about: "URLs that lead into private networks, or are not https",
            authority: &["deny"],
            settings: Table::new(),
        });
    }
    guards
}

/// The guard of what comes back from all servers.
pub(super) fn of_results() -> Guard {
    Guard {
        policy: "secret-shield",
        suffix: "secrets",
        about: "keys, tokens and passwords in results",
        authority: &["edit", "block"],
        settings: Table::new(),
    }
}

fn table<const N: usize>(members: [(&str, Value); N]) -> Table {
    let members = members.into_iter();
    members
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// Folders that stand among the arguments.
fn roots(launch: &Launch) -> Vec<String> {
    let Launch::Program { command, .. } = launch else {
        return Vec::new();
    };
    let arguments = command.iter().skip(1);
    let is_folder = |text: &&String| Path::new(text).is_absolute() && Path::new(text).is_dir();
    arguments.filter(is_folder).cloned().collect()
}

fn dialect(launch: &Launch) -> Option<&'static str> {
    let Launch::Program { command, .. } = launch else {
        return None;
    };
    let is_in = |word: &str| command.iter().any(|text| text.contains(word));
    let mut dialects = DIALECTS.iter();
    dialects
        .find(|(word, _)| is_in(word))
        .map(|(_, dialect)| *dialect)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guards(command: &[&str], tools: &[&str]) -> Vec<&'static str> {
        let launch = Launch::Program {
            command: command.iter().map(|&text| text.to_owned()).collect(),
            directory: "/".into(),
            variables: std::collections::BTreeSet::new(),
        };
        let tools: Vec<_> = tools.iter().map(|&text| text.to_owned()).collect();
        of(&launch, &tools).iter().map(|it| it.policy).collect()
    }

    #[test]
    fn guards_fit_what_a_server_does() {
        let folder = std::env::temp_dir();
        let folder = folder.to_str().unwrap();
        let none: &[&str] = &[];
        for (command, tools, expected) in [
            (
                &["npx", "files", folder][..],
                &["read_file"][..],
                &["path-guard"][..],
            ),
            (&["npx", "files"], &["read_file"], none),
            (&["npx", "server-postgres"], &["query"], &["sql-guard"]),
            (&["npx", "graph"], &["query"], none),
            (&["uvx", "mcp-server-fetch"], &["fetch"], &["egress-guard"]),
            (&["shell"], &["run_command"], &["command-guard"]),
        ] {
            assert_eq!(guards(command, tools), expected, "{command:?}");
        }
    }
}
