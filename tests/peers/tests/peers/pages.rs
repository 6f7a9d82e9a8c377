//! What the pages show of clients in Python runs, with a gate where the pages say there is one.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use gatewright_harness::{Credential, Gate, GateBuilder, HarnessError, Process, Workspace};
use gatewright_house::markdown::blocks;
use gatewright_house::{files, text};
use gatewright_peers::files_over_stdio;

/// How long one block may take.
const DEADLINE: Duration = Duration::from_secs(120);

/// Prints the names of the tools that a model would get, and asks none.
const AGENT: &str = r#"
from agents import RunContextWrapper
async def run(agent, question):
    tools = await agent.get_mcp_tools(RunContextWrapper(None))
    print([tool.name for tool in tools])
Runner.run = run
asyncio.run(ask("?"))
"#;

const SERVER: &str = r"
async def names():
    async with server:
        print([tool.name for tool in await server.list_tools()])
asyncio.run(names())
";

const TOOLS: &str = "print([tool.name for tool in asyncio.run(tools())])";
const GET_TOOLS: &str = "print([tool.name for tool in asyncio.run(client.get_tools())])";
const NAMES: &str = "print(asyncio.run(names()))";
const NAMES_WITH: &str = "print(asyncio.run(names(os.environ['GATE_CREDENTIAL'])))";

/// Which Python has what a block imports.
#[derive(Clone, Copy)]
enum Python {
    One,
    Two,
}

/// The blocks of each page in their order: their Python, and what uses what they define.
const PAGES: [(&str, &[(Python, &str)]); 4] = [
    ("fastmcp", &[(Python::Two, NAMES), (Python::Two, NAMES)]),
    (
        "langchain",
        &[(Python::One, TOOLS), (Python::One, GET_TOOLS)],
    ),
    (
        "openai-agents",
        &[(Python::One, AGENT), (Python::One, SERVER)],
    ),
    (
        "sdks",
        &[(Python::Two, NAMES_WITH), (Python::One, NAMES_WITH)],
    ),
];

struct Scene {
    workspace: Workspace,
    gate: Gate,
    token: String,
}

impl Scene {
    fn set() -> Self {
        let workspace = Workspace::create().unwrap();
        let notes = workspace.path().join("notes.jsonl");
        let command = files_over_stdio(workspace.path(), &notes).unwrap();
        let command: Vec<&str> = command.iter().map(String::as_str).collect();
        let gate = GateBuilder::new()
            .with("[local]\nagent = \"did:example:desktop\"\n")
            .with_command("files", &command)
            .allowing_everything(&workspace)
            .unwrap()
            .start(&workspace)
            .unwrap();
        let token = workspace.issue(&Credential::default()).unwrap();
        let scene = Self {
            workspace,
            gate,
            token,
        };
        scene.compile();
        scene
    }

    /// As an operator does before agents come: some clients wait for no more than a few
    /// seconds, and here all of them start a program at once.
    fn compile(&self) {
        let mut command = Command::new(self.workspace.binaries().gatewright().unwrap());
        command
            .arg("check")
            .arg(self.workspace.path().join("gatewright.toml"))
            .env("HOME", self.home());
        Process::run(command, DEADLINE).unwrap();
    }

    /// Where a program that a client starts keeps what is its user's.
    fn home(&self) -> PathBuf {
        self.workspace.path().join("home")
    }

    /// What a block prints with what is here in the place of what the page names.
    fn run(&self, python: Python, block: &str, end: &str) -> Result<String, HarnessError> {
        let binaries = self.workspace.binaries();
        let config = self.workspace.path().join("gatewright.toml");
        let program = binaries.gatewright()?.display().to_string();
        let block = block
            .replace(
                "https://gate.example.com/mcp/files",
                &self.gate.endpoint("files"),
            )
            .replace("\"gatewright\"", &format!("{program:?}"))
            .replace(
                "/etc/gatewright/gatewright.toml",
                &config.display().to_string(),
            );
        let python = match python {
            Python::One => binaries.python_one()?,
            Python::Two => binaries.python()?,
        };
        let mut command = Command::new(python);
        command
            .args(["-c", &format!("import asyncio, os\n{block}\n{end}")])
            .env("GATE_CREDENTIAL", &self.token)
            .env("OPENAI_AGENTS_DISABLE_TRACING", "1")
            .env("HOME", self.home());
        Process::run(command, DEADLINE)
    }
}

fn check(scene: &Scene, page: &str, uses: &[(Python, &str)]) {
    let file = format!("docs/clients/{page}.md");
    let blocks = blocks(&text(Path::new(&file)));
    let shown: Vec<_> = blocks
        .iter()
        .filter(|block| block.language == "python")
        .collect();
    assert_eq!(shown.len(), uses.len(), "{file}: say here how to use it");
    for (block, (python, end)) in shown.into_iter().zip(uses) {
        let place = format!("{file}:{}", block.line);
        let printed = scene.run(*python, &block.text, end);
        let printed = printed.unwrap_or_else(|error| panic!("{place}: {error}"));
        assert!(printed.contains("'read_text_file'"), "{place}: {printed}");
    }
}

#[test]
fn shown_python_reaches_the_tools_behind_a_gate() {
    let scene = &Scene::set();
    std::thread::scope(|scope| {
        for (page, uses) in PAGES {
            scope.spawn(move || check(scene, page, uses));
        }
    });
}

#[test]
fn every_page_that_shows_python_is_run() {
    let shows = |file: &PathBuf| {
        let blocks = blocks(&text(file));
        file.starts_with("docs/clients") && blocks.iter().any(|block| block.language == "python")
    };
    let shown: Vec<_> = files().into_iter().filter(shows).collect();
    let run = PAGES.map(|(page, _)| PathBuf::from(format!("docs/clients/{page}.md")));
    assert_eq!(shown, run, "say in this file how to use what they show");
}
