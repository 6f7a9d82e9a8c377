//! A gate for one test: a folder with a configuration, components and a ledger.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gatewright_engine::Awaited;
use gatewright_engine::config::Loaded;
use gatewright_engine::session::Carried;
use gatewright_engine::{Call, Engine, Kind, Permit, Ruling};
use gatewright_policy::json::{Document, JsonLimits, Pointer};
use gatewright_policy::pattern::Scope;
use gatewright_policy::record::{Decided, Entry, Event};
use gatewright_policy::{Denied, Grant, Response, ResponseKind};
use gatewright_sandbox::{Compiler, CompilerLimits, CompilerProcess};
use tempfile::TempDir;

use crate::guests;

/// Verdicts as a guest returns them, at address 64.
pub const ALLOW: &str = r#"(data (i32.const 64) "\01")"#;
/// `deny(forbidden, "no")`.
pub const DENY: &str = r#"(data (i32.const 64) "\02\00\00\00\00\00\00\00\80\00\00\00\02") (data (i32.const 128) "no")"#;
/// `ask` for an approval that says nothing but how long it may be used: a minute.
pub const ASK: &str = r#"(data (i32.const 64) "\03") (data (i32.const 96) "\3c")"#;

pub struct Gate {
    pub folder: TempDir,
    pub engine: Option<Arc<Engine>>,
}

impl Gate {
    /// A gate with one server `files`, and the bindings that `config` adds.
    pub fn new(config: &str, components: &[(&str, Vec<u8>)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let gate = Self {
            folder,
            engine: None,
        };
        for (name, component) in components {
            gate.write(name, component);
        }
        gate.configure(config);
        gate
    }

    pub async fn started(config: &str, components: &[(&str, Vec<u8>)]) -> Self {
        let mut gate = Self::new(config, components);
        gate.start().await;
        gate
    }

    pub async fn start(&mut self) {
        self.engine = Some(Engine::start(&self.loaded()).await.unwrap());
    }

    /// Starts with a compiler that never ends, and nothing to compile yet.
    pub async fn start_stuck(&mut self) {
        let compiler = Compiler::Process(CompilerProcess {
            program: "/bin/sh".into(),
            arguments: vec!["-c".into(), "exec sleep 600".into()],
            cache: None,
            limits: CompilerLimits::default(),
        });
        self.engine = Some(Engine::start_with(&self.loaded(), compiler).await.unwrap());
    }

    pub fn stop(&mut self) {
        let engine = self.engine.take().unwrap();
        assert_eq!(
            Arc::strong_count(&engine),
            1,
            "somebody still holds the engine"
        );
    }

    pub fn configure(&self, config: &str) {
        let text =
            format!("[[server]]\nname = \"files\"\nurl = \"http://127.0.0.1:1/mcp\"\n{config}\n");
        self.write("gatewright.toml", text.as_bytes());
    }

    pub fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.folder.path().join(name);
        let fresh = path.with_extension("fresh");
        fs::write(&fresh, bytes).unwrap();
        fs::rename(fresh, path).unwrap();
    }

    pub fn loaded(&self) -> Loaded {
        Loaded::read(&self.config_path()).unwrap()
    }

    pub fn config_path(&self) -> PathBuf {
        self.folder.path().join("gatewright.toml")
    }

    pub fn ledger_path(&self) -> PathBuf {
        self.folder.path().join("state/audit.jsonl")
    }

    pub fn engine(&self) -> &Arc<Engine> {
        self.engine.as_ref().unwrap()
    }

    pub async fn ask(&self, call: Call) -> Ruling {
        let engine = self.engine();
        let judgement = engine.judge(&engine.snapshot(), call).await;
        engine.record(judgement).await
    }

    pub async fn tool(&self, id: &str, arguments: &str) -> Ruling {
        self.ask(self.call(id, arguments)).await
    }

    pub fn call(&self, id: &str, arguments: &str) -> Call {
        Call {
            id: id.to_owned(),
            grant: grant(&["files:*"]),
            kind: Kind::Judged,
            method: "tools/call".to_owned(),
            server: Arc::from("files"),
            name: "read".to_owned(),
            message: document(&message(arguments)),
            arguments_at: Pointer::known("/params/arguments"),
            at: self.engine().now(),
        }
    }

    pub fn entries(&self) -> Vec<Entry> {
        entries(&self.ledger_path())
    }

    pub fn decisions(&self) -> Vec<Decided> {
        let entries = self.entries().into_iter();
        entries
            .filter_map(|entry| match entry.event {
                Event::Decided(decided) => Some(*decided),
                _ => None,
            })
            .collect()
    }
}

pub fn entries(path: &Path) -> Vec<Entry> {
    let text = fs::read_to_string(path).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

pub fn message(arguments: &str) -> String {
    format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"read","arguments":{arguments}}}}}"#
    )
}

/// A result that came back, and is no error.
pub fn result(text: &str) -> Response {
    Response {
        document: document(text),
        kind: ResponseKind::Final,
        is_error: false,
    }
}

pub fn document(text: &str) -> Document {
    Document::parse(text, &JsonLimits::default()).unwrap()
}

pub fn grant(scopes: &[&str]) -> Grant {
    let scopes = scopes
        .iter()
        .map(|scope| Scope::parse(scope).unwrap())
        .collect();
    Grant::local("agent", Some("alice"), scopes, Arc::from("session"))
}

/// A judge that always gives the verdict at address 64.
pub fn judge(verdict: &str) -> Vec<u8> {
    guests::judge("(i32.const 64)", verdict)
}

/// A judge that traps.
pub fn trap() -> Vec<u8> {
    guests::judge("(unreachable)", "")
}

/// A binding of a component file.
pub fn binding(name: &str, more: &str) -> String {
    format!("[[binding]]\nname = \"{name}\"\npolicy = \"{name}.wasm\"\n{more}\n")
}

pub fn permit(ruling: Ruling) -> Permit {
    match ruling {
        Ruling::Permitted(permit) => permit,
        other => panic!("not permitted: {other:?}"),
    }
}

pub fn denied(ruling: Ruling) -> Denied {
    match ruling {
        Ruling::Denied(denial) => denial.denied,
        other => panic!("not denied: {other:?}"),
    }
}

impl Gate {
    /// Labels and history as the next call's policies would see them.
    pub fn context(&self) -> Carried {
        self.context_of("session")
    }

    /// What the labels of the session are called.
    pub fn labels(&self) -> Vec<String> {
        let labels = self.context().0.into_iter();
        labels.map(|label| label.name).collect()
    }

    pub fn context_of(&self, session: &str) -> Carried {
        match self.engine().session_context(session) {
            Awaited::There(Some(Ok(carried))) => carried,
            _ => panic!("what `{session}` carries is in memory"),
        }
    }
}
