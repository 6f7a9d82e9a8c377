//! Clients that people build agents with, at the reference servers: each by itself, through
//! `gatewright serve` and through `gatewright wrap`. What they show is the same.

use std::path::PathBuf;

use gatewright_harness::{Credential, Gate, GateBuilder, Workspace};
use gatewright_peers::{
    Entries, EverythingOverHttp, Framework, Shown, Step, files_over_stdio, memory_over_stdio,
    thinking_over_stdio,
};
use serde_json::json;

const SERVERS: [&str; 4] = ["everything", "files", "memory", "thinking"];

/// The agent of `wrap`.
const LOCAL: &str = "[local]\nagent = \"did:example:desktop\"\n";

/// The four servers, and a gate in front of them.
struct Scene {
    workspace: Workspace,
    everything: EverythingOverHttp,
    gate: Gate,
}

impl Scene {
    fn set() -> Self {
        let workspace = Workspace::create().unwrap();
        let everything = EverythingOverHttp::start().unwrap();
        workspace.write("open/note.txt", "a public note").unwrap();
        workspace.write("secret.txt", "the crown jewels").unwrap();
        workspace.add_plugin("path-guard").unwrap();
        let open = workspace.path().join("open");
        let guard = format!(
            "[[binding]]\nname = \"paths\"\npolicy = \"path-guard.wasm\"\nservers = [\"files\"]\n\
             [binding.settings]\nroots = {{ read = [{open:?}] }}\n"
        );
        let mut builder = GateBuilder::new().with_url("everything", everything.url());
        for (name, command) in programs(&workspace) {
            let command: Vec<&str> = command.iter().map(String::as_str).collect();
            builder = builder.with_command(name, &command);
        }
        let gate = builder
            .with(LOCAL)
            .with(&guard)
            .allowing_everything(&workspace)
            .unwrap()
            .start(&workspace)
            .unwrap();
        Self {
            workspace,
            everything,
            gate,
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.workspace.path().join(name)
    }

    /// What both can do with all of them.
    fn steps(&self) -> Vec<Step> {
        let call = |server: &str, tool: &str, arguments| Step::call(tool, arguments).at(server);
        let long = json!({ "duration": 0.3, "steps": 3 });
        let thing = json!({ "name": "gate", "entityType": "thing", "observations": ["stands"] });
        let thought = json!({
            "thought": "hm", "nextThoughtNeeded": false, "thoughtNumber": 1, "totalThoughts": 1
        });
        let mut steps = SERVERS.map(|server| Step::list().at(server)).to_vec();
        steps.extend([
            call(
                "files",
                "read_text_file",
                json!({ "path": self.path("open/note.txt") }),
            ),
            call(
                "files",
                "read_text_file",
                json!({ "path": self.path("open/none.txt") }),
            ),
            call("memory", "create_entities", json!({ "entities": [thing] })),
            call("memory", "search_nodes", json!({ "query": "gate" })),
            call("thinking", "sequentialthinking", thought),
            call(
                "everything",
                "echo",
                json!({ "message": "h\u{e9}llo \u{1f600}" }),
            ),
            call("everything", "echo", json!({})),
            call(
                "everything",
                "get-structured-content",
                json!({ "location": "New York" }),
            ),
            call(
                "everything",
                "get-annotated-message",
                json!({ "messageType": "error", "includeImage": true }),
            ),
            call("everything", "get-resource-links", json!({ "count": 2 })),
            Step::call_with_progress("trigger-long-running-operation", long).at("everything"),
            Step::read("demo://resource/static/document/architecture.md").at("everything"),
            Step::prompt("args-prompt", json!({ "city": "Bern" })).at("everything"),
        ]);
        steps
    }

    /// What the gate refuses, and the file server would do.
    fn refused(&self) -> Step {
        let arguments = json!({ "path": self.path("secret.txt") });
        Step::call("read_text_file", arguments).at("files")
    }

    fn direct(&self) -> Entries {
        let entries = Entries::new().with_url("everything", self.everything.url(), None);
        programs(&self.workspace)
            .into_iter()
            .fold(entries, |entries, (name, command)| {
                entries.with_command(name, &command)
            })
    }

    fn served(&self) -> Entries {
        let token = self.workspace.issue(&Credential::default()).unwrap();
        SERVERS.into_iter().fold(Entries::new(), |entries, name| {
            entries.with_url(name, &self.gate.endpoint(name), Some(&token))
        })
    }

    /// All at once, with the configuration of the gate that runs.
    fn wrapped(&self) -> Entries {
        let (config, home) = (self.path("gatewright.toml"), self.path("home"));
        SERVERS.into_iter().fold(Entries::new(), |entries, name| {
            entries.with_wrap(name, &config, &home).unwrap()
        })
    }

    fn run(&self, client: Framework, entries: &Entries, steps: &[Step]) -> Shown {
        // The graph begins anew.
        drop(std::fs::remove_file(self.path("graph.jsonl")));
        let shown = client.run(entries, steps).unwrap();
        let printed = self.gate.process().printed();
        assert_eq!(
            shown.steps.len(),
            steps.len(),
            "{client:?}: {shown:#?}\n{printed}"
        );
        shown
    }

    /// Runs the client in each way; what it showed through `serve` and through `wrap` besides.
    fn compare(&self, client: Framework, more: &[Step]) -> [Shown; 2] {
        let mut steps = self.steps();
        steps.extend_from_slice(more);
        let direct = self.run(client, &self.direct(), &steps);
        steps.push(self.refused());
        [self.served(), self.wrapped()].map(|entries| {
            let mut shown = self.run(client, &entries, &steps);
            let refused = shown.steps.pop().unwrap().to_string();
            for (number, expected) in direct.steps.iter().enumerate() {
                let step = &steps[number];
                assert_eq!(&shown.steps[number], expected, "{client:?}: {step:?}");
            }
            assert!(
                refused.contains("Refused by the gate (invalid_arguments)"),
                "{client:?}: {refused}"
            );
            let notes = self.workspace.read("notes.jsonl").unwrap();
            assert!(notes.contains("note.txt") && !notes.contains("secret.txt"));
            shown
        })
    }
}

/// The servers that are started by whoever uses them.
fn programs(workspace: &Workspace) -> [(&'static str, Vec<String>); 3] {
    let folder = workspace.path();
    let notes = folder.join("notes.jsonl");
    [
        ("files", files_over_stdio(folder, &notes).unwrap()),
        (
            "memory",
            memory_over_stdio(&folder.join("graph.jsonl")).unwrap(),
        ),
        ("thinking", thinking_over_stdio().unwrap()),
    ]
}

#[test]
fn the_typescript_sdk_1_shows_the_same_also_of_tasks_and_unknown_notifications() {
    let more = [
        Step::task("simulate-research-query", json!({ "topic": "gates" })).at("everything"),
        Step::notify("notifications/custom/thing").at("everything"),
    ];
    Scene::set().compare(Framework::TypeScriptOne, &more);
}

#[test]
fn the_python_sdk_1_shows_the_same_and_ends_its_sessions() {
    for shown in Scene::set().compare(Framework::PythonOne, &[]) {
        let said = shown.said;
        assert!(!said.contains("Session termination failed"), "{said}");
    }
}

#[test]
fn fastmcp_shows_the_same() {
    Scene::set().compare(Framework::FastMcp, &[]);
}

#[test]
fn langchain_shows_the_same_with_a_session_for_each_call() {
    Scene::set().compare(Framework::LangChain, &[]);
}

#[test]
fn openai_agents_shows_the_same() {
    Scene::set().compare(Framework::OpenAiAgents, &[]);
}

#[test]
fn mcp_remote_shows_the_same() {
    Scene::set().compare(Framework::McpRemote, &[]);
}
