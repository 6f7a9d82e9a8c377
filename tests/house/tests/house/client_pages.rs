//! What the pages about clients tell a reader to paste: each is what it looks like, and leads
//! to a gate.

use std::path::{Path, PathBuf};
use std::process::Command;

use gatewright_engine::config::is_safe;
use gatewright_house::markdown::{Block, blocks};
use gatewright_house::{files, nothing_in, programs, repository, text};
use serde_json::Value;

/// Kinds of clients that have a page.
const PAGES: [&str; 12] = [
    "claude-code",
    "claude-desktop",
    "cursor",
    "fastmcp",
    "gemini-cli",
    "langchain",
    "mcp-remote",
    "openai-agents",
    "sdks",
    "vs-code",
    "windsurf",
    "zed",
];

fn pages() -> Vec<(PathBuf, Vec<Block>)> {
    let pages = files().into_iter();
    let pages = pages.filter(|file| file.starts_with("docs/clients"));
    pages
        .map(|file| (file.clone(), blocks(&text(&file))))
        .collect()
}

#[test]
fn each_kind_of_client_has_a_page_that_the_index_names() {
    let index = text(Path::new("docs/clients/README.md"));
    let mut expected: Vec<_> = PAGES.map(|page| format!("docs/clients/{page}.md")).into();
    let mut found = Vec::new();
    for page in PAGES {
        if !index.contains(&format!("]({page}.md)")) {
            found.push(format!("docs/clients/README.md does not name `{page}`"));
        }
    }
    nothing_in(&found, "add a row to the table");
    expected.push("docs/clients/README.md".to_owned());
    expected.sort();
    let mut there: Vec<_> = pages()
        .into_iter()
        .map(|(file, _)| file.display().to_string())
        .collect();
    there.sort();
    assert_eq!(there, expected, "name the page here, and in its index");
}

#[test]
fn what_is_pasted_parses_and_leads_to_a_gate() {
    let mut found = Vec::new();
    for (file, blocks) in pages() {
        for block in blocks.iter().filter(|block| block.language == "json") {
            if let Err(problem) = leads_to_a_gate(block) {
                found.push(format!("{}:{}: {problem}", file.display(), block.line));
            }
        }
    }
    nothing_in(
        &found,
        "say ```json url=<pointer> or ```json wrap=<pointer>",
    );
}

fn leads_to_a_gate(block: &Block) -> Result<(), String> {
    let json: Value = serde_json::from_str(&block.text).map_err(|error| error.to_string())?;
    let at = |pointer: &str| json.pointer(pointer).cloned().ok_or("nothing is there");
    match (block.word("url"), block.word("wrap")) {
        (Some(pointer), None) => {
            let url = at(pointer)?;
            let url = url.as_str().unwrap_or_default();
            let is_endpoint = is_safe(url) && url.ends_with("/mcp/files");
            is_endpoint
                .then_some(())
                .ok_or(format!("`{url}` is no endpoint"))
        }
        (None, Some(pointer)) => {
            let arguments: Vec<String> =
                serde_json::from_value(at(pointer)?).map_err(|error| error.to_string())?;
            let command = pointer.replace("/args", "/command");
            if at(&command)? != "gatewright" {
                return Err("it starts something else".to_owned());
            }
            is_understood(&arguments)
        }
        (Some(_), Some(_)) | (None, None) => Err("it does not say what it is".to_owned()),
    }
}

/// The program takes these arguments: it fails for want of the file, not of sense.
fn is_understood(arguments: &[String]) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(programs().join("gatewright"))
        .args(arguments)
        .current_dir(&folder)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let is_wrap = arguments.first().is_some_and(|first| first == "wrap");
    match is_wrap && output.status.code() == Some(1) && said.contains("cannot be read") {
        true => Ok(()),
        false => Err(said),
    }
}

#[test]
fn shown_python_is_python() {
    let mut found = Vec::new();
    for (file, blocks) in pages() {
        for block in blocks.iter().filter(|block| block.language == "python") {
            let is_checked = block.word("syntax") == Some("python");
            let parsed = Command::new("python3")
                .args(["-c", "import ast, sys; ast.parse(sys.argv[1])", &block.text])
                .current_dir(repository())
                .output()
                .unwrap();
            let leads_to_a_gate = block.text.contains("https://gate.example.com/mcp/files")
                || block.text.contains("\"wrap\"");
            if !is_checked || !parsed.status.success() || !leads_to_a_gate {
                found.push(format!("{}:{}", file.display(), block.line));
            }
        }
    }
    nothing_in(
        &found,
        "write ```python syntax=python, and code that does parse",
    );
}
