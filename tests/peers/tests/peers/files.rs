//! Agents work on files through a gate; the file server sees only what was
//! allowed.

use gatewright_harness::{Credential, Gate, GateBuilder, Workspace};
use gatewright_peers::{Agent, Era, Step, files_over_stdio};
use serde_json::{Value, json};

struct Scene {
    workspace: Workspace,
    gate: Gate,
    token: String,
}

impl Scene {
    fn set() -> Self {
        let workspace = Workspace::create().unwrap();
        workspace.write("open/note.txt", "a public note").unwrap();
        workspace.write("secret.txt", "the crown jewels").unwrap();
        // The file server may reach everything; only the policy knows the limit.
        let command =
            files_over_stdio(workspace.path(), &workspace.path().join("notes.jsonl")).unwrap();
        let command: Vec<&str> = command.iter().map(String::as_str).collect();
        let guard = workspace.add_plugin("path-guard").unwrap();
        let root = workspace.path().join("open");
        let binding = format!(
            "[[binding]]\nname = \"paths\"\npolicy = {:?}\n[binding.settings]\nroots = {{ read = [{:?}] }}\n",
            guard.file_name().unwrap(),
            root
        );
        let gate = GateBuilder::new()
            .with_command("files", &command)
            .with(&binding)
            .start(&workspace)
            .unwrap();
        let scopes = &["files:read_*", "files:list_directory"];
        let token = workspace
            .issue(&Credential {
                scopes,
                ..Credential::default()
            })
            .unwrap();
        Self {
            workspace,
            gate,
            token,
        }
    }

    fn path(&self, name: &str) -> String {
        self.workspace.path().join(name).display().to_string()
    }

    fn run(&self, agent: Agent, steps: &[Step]) -> Vec<Value> {
        let report = agent
            .run(&self.gate.endpoint("files"), Some(&self.token), steps)
            .unwrap();
        assert!(
            report.connection.is_ok(),
            "{agent:?}: {:?}\n{}",
            report.connection,
            self.gate.process().printed()
        );
        report.steps
    }

    /// The tool calls that reached the file server, as JSON text.
    fn calls_seen(&self) -> Vec<String> {
        let notes = self.workspace.read("notes.jsonl").unwrap_or_default();
        notes
            .lines()
            .filter(|line| line.contains("tools/call"))
            .map(str::to_owned)
            .collect()
    }
}

#[test]
fn a_traversal_is_refused_and_never_reaches_the_server() {
    let scene = Scene::set();
    for agent in Agent::both(Era::Legacy) {
        let traversal = scene.path("open/../secret.txt");
        let steps = [Step::call("read_text_file", json!({ "path": traversal }))];
        let refused = &scene.run(agent, &steps)[0];
        assert_eq!(refused["isError"], json!(true), "{agent:?}: {refused}");
        assert_eq!(
            refused["meta"]["gatewright/reason"],
            json!("invalid_arguments"),
            "{agent:?}: {refused}"
        );
        assert!(
            !refused["text"].as_str().unwrap().contains("jewels"),
            "{agent:?}: {refused}"
        );
        assert_eq!(scene.calls_seen(), Vec::<String>::new(), "{agent:?}");
    }
}

#[test]
fn a_tool_outside_the_credential_is_neither_listed_nor_called() {
    let scene = Scene::set();
    for agent in Agent::both(Era::Legacy) {
        let path = scene.path("open/new.txt");
        let write = Step::call("write_file", json!({ "path": path, "content": "x" }));
        let steps = scene.run(agent, &[Step::list(), write]);
        let listed = [
            "list_directory",
            "read_file",
            "read_media_file",
            "read_multiple_files",
            "read_text_file",
        ];
        assert_eq!(steps[0]["tools"], json!(listed), "{agent:?}");
        assert!(steps[1].get("error").is_some(), "{agent:?}: {}", steps[1]);
        assert!(!scene.workspace.path().join("open/new.txt").exists());
        assert_eq!(scene.calls_seen(), Vec::<String>::new(), "{agent:?}");
    }
}

#[test]
fn an_allowed_read_reaches_the_server_once_and_comes_back() {
    let scene = Scene::set();
    let mut seen = 0;
    for agent in Agent::both(Era::Legacy) {
        let steps = [Step::call(
            "read_text_file",
            json!({ "path": scene.path("open/note.txt") }),
        )];
        let read = &scene.run(agent, &steps)[0];
        assert_eq!(read["isError"], json!(false), "{agent:?}: {read}");
        assert_eq!(read["text"], json!("a public note"), "{agent:?}");
        seen += 1;
        assert_eq!(scene.calls_seen().len(), seen, "{agent:?}");
    }
}

#[test]
fn the_credential_is_not_shown_to_the_server() {
    let scene = Scene::set();
    let agent = Agent::both(Era::Legacy)[0];
    scene.run(agent, &[Step::list()]);
    let notes = scene.workspace.read("notes.jsonl").unwrap();
    assert!(notes.contains("tools/list"), "{notes}");
    assert!(!notes.contains(&scene.token));
}

#[test]
fn without_a_credential_there_is_no_connection() {
    let scene = Scene::set();
    for agent in Agent::both(Era::Legacy) {
        for token in [None, Some("not.a.credential")] {
            let report = agent
                .run(&scene.gate.endpoint("files"), token, &[])
                .unwrap();
            assert!(
                report.connection.is_err(),
                "{agent:?} {token:?}: {:?}",
                report.connection
            );
        }
    }
    assert_eq!(scene.workspace.read("notes.jsonl").unwrap_or_default(), "");
}
