//! What the pages tell a reader to type works. A `sh` block says `test=<name>`:
//! the blocks of one page with the same name run in order, as one script, at the
//! top of the repository. A `toml` block says `test=config` and is read as a
//! configuration. Other blocks of these languages say `no-test=<why>`.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use gatewright_engine::config::Loaded;
use gatewright_house::markdown::{Block, blocks};
use gatewright_house::{files, nothing_in, programs, repository, text};

/// Pages that tell a reader what to do.
fn pages() -> Vec<(PathBuf, Vec<Block>)> {
    let page = |file: &PathBuf| {
        let top = file
            .parent()
            .is_some_and(|folder| folder.as_os_str().is_empty());
        let docs = file.starts_with("docs") && !file.starts_with("docs/adr");
        let example = file.starts_with("examples") && file.ends_with("README.md");
        file.extension().is_some_and(|extension| extension == "md") && (top || docs || example)
    };
    let pages: Vec<_> = files().into_iter().filter(page).collect();
    assert!(pages.len() > 3, "the pages are found");
    pages
        .into_iter()
        .map(|file| (file.clone(), blocks(&text(&file))))
        .collect()
}

#[test]
fn every_command_and_configuration_says_how_it_is_tested() {
    let mut found = Vec::new();
    for (file, blocks) in pages() {
        for block in blocks
            .iter()
            .filter(|block| ["sh", "toml"].contains(&block.language.as_str()))
        {
            if block.word("test").is_none() && block.word("no-test").is_none() {
                found.push(format!("{}:{}", file.display(), block.line));
            }
        }
    }
    nothing_in(&found, "write ```sh test=<name>, or ```sh no-test=<why>");
}

#[test]
fn shown_source_is_the_source() {
    let mut found = Vec::new();
    for (file, blocks) in pages() {
        for block in &blocks {
            if let Some(source) = block.word("file")
                && !text(source.as_ref()).contains(block.text.trim_end())
            {
                found.push(format!(
                    "{}:{} is not in `{source}`",
                    file.display(),
                    block.line
                ));
            }
        }
    }
    nothing_in(&found, "copy the lines again");
}

#[test]
fn shown_configurations_are_accepted() {
    let mut found = Vec::new();
    for (file, blocks) in pages() {
        for block in blocks
            .iter()
            .filter(|block| block.word("test") == Some("config"))
        {
            let folder = tempfile::tempdir().unwrap();
            let config = folder.path().join("gatewright.toml");
            std::fs::write(&config, &block.text).unwrap();
            let problems = Loaded::read(&config)
                .err()
                .map(|error| error.problems)
                .unwrap_or_default();
            // The files that an example names are not there.
            let real = problems
                .iter()
                .filter(|problem| !problem.message.ends_with("does not exist"));
            found.extend(
                real.map(|problem| format!("{}:{}: {problem}", file.display(), block.line)),
            );
        }
    }
    nothing_in(&found, "mend the example");
}

#[test]
fn shown_commands_do_what_the_page_says() {
    for (file, blocks) in pages() {
        let mut scripts: BTreeMap<String, String> = BTreeMap::new();
        for block in blocks.iter().filter(|block| block.language == "sh") {
            if let Some(name) = block.word("test") {
                scripts
                    .entry(name.to_owned())
                    .or_default()
                    .push_str(&block.text);
            }
        }
        for (name, script) in scripts {
            run(&format!("{} test={name}", file.display()), &script);
        }
    }
}

/// Stops at the first failure, and ends what it started.
const PRELUDE: &str = "set -euo pipefail
trap 'kill $(jobs -p) 2>/dev/null || true' EXIT
";

/// Runs a script as a reader would type it, only with free ports in place of the
/// usual ones. A command that ends in `# exit 3` is to end with that code.
fn run(name: &str, script: &str) {
    let (listen, admin) = (free_port(), free_port());
    let ports = format!("\"s/8700/{listen}/; s/8701/{admin}/; s/ISSUER/");
    let script = script.replace("\\\n", " ").replace("\"s/ISSUER/", &ports);
    let mut text = String::from(PRELUDE);
    for line in script.lines() {
        match line.rsplit_once("# exit ") {
            Some((command, code)) => {
                text.push_str(&format!(
                    "code=0; {command} || code=$?; test \"$code\" = {code}\n"
                ));
            }
            None => {
                text.push_str(line);
                text.push('\n');
            }
        }
    }
    let path = std::env::var("PATH").unwrap_or_default();
    let output = Command::new("bash")
        .args(["-c", &text])
        .current_dir(repository())
        .env("PATH", format!("{}:{path}", programs().display()))
        .env("GATE", format!("http://127.0.0.1:{listen}"))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{name}: {}\n{text}\n--- stdout\n{}\n--- stderr\n{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    listener.local_addr().unwrap().port()
}
