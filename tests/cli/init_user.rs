//! A user whose clients have tool servers, and a client that starts what its file says.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use super::{Folder, Ran};

/// A tool server that says which variables it has, and notes that it was started.
pub(super) const SERVER: &str = r#"
import json, os, sys
open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "started"), "a").write("x")
def answer(m, result): print(json.dumps({"jsonrpc": "2.0", "id": m["id"], "result": result}), flush=True)
for line in sys.stdin:
    m = json.loads(line)
    method = m.get("method")
    if method == "initialize":
        able = m["params"]["capabilities"]
        answer(m, {"protocolVersion": "2025-11-25", "capabilities": {"tools": {}, "prompts": {}}, "serverInfo": {"name": "t", "version": "1"}})
    elif method == "notifications/initialized" and "roots" in able:
        print(json.dumps({"jsonrpc": "2.0", "id": "of the server", "method": "roots/list"}), flush=True)
    elif method == "tools/list":
        answer(m, {"tools": [{"name": n, "inputSchema": {"type": "object"}} for n in ("read_file", "odd*name")]})
    elif method == "prompts/list":
        answer(m, {"prompts": [{"name": "greet"}]})
    elif method == "prompts/get":
        answer(m, {"messages": [{"role": "user", "content": {"type": "text", "text": "hello"}}]})
    elif method == "tools/call":
        text = m["params"]["name"] + " " + os.environ.get("TOKEN", "without token") + " " + os.getcwd()
        answer(m, {"content": [{"type": "text", "text": text}]})
    elif "id" in m:
        print(json.dumps({"jsonrpc": "2.0", "id": m["id"], "error": {"code": -32601, "message": "no such method"}}), flush=True)
"#;

pub(super) const SECRET: &str = "s3cret-of-a-variable";

/// A user with a home, and a folder to work in.
pub(super) struct User(pub(super) Folder);

impl User {
    pub(super) fn new() -> Self {
        let user = Self(Folder::new());
        for folder in ["home", "work", "tools", "guards"] {
            fs::create_dir(user.0.path(folder)).unwrap();
        }
        user.0.write("tools/server.py", SERVER);
        user
    }

    pub(super) fn path(&self, file: &str) -> PathBuf {
        self.0.path("home").join(file)
    }

    /// A file of a client.
    pub(super) fn has(&self, file: &str, text: &str) -> PathBuf {
        let path = self.path(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    pub(super) fn server(&self) -> String {
        let path = self.0.path("tools/server.py");
        path.to_str().unwrap().to_owned()
    }

    pub(super) fn was_started(&self) -> bool {
        self.0.path("tools/started").exists()
    }

    pub(super) fn config(&self) -> PathBuf {
        self.path(".config/gatewright/gatewright.toml")
    }

    pub(super) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.0.command(arguments);
        command
            .current_dir(self.0.path("work"))
            .env("HOME", self.0.path("home"))
            .env("XDG_CONFIG_HOME", self.path(".config"))
            .env("USER", "alice");
        command
    }

    pub(super) fn init(&self, arguments: &[&str]) -> Ran {
        let guards = self.0.path("guards");
        let mut all = vec!["init", "--policies", guards.to_str().unwrap()];
        all.extend(arguments);
        self.run(&all)
    }

    pub(super) fn run(&self, arguments: &[&str]) -> Ran {
        let output = self.command(arguments).output().unwrap();
        Ran {
            code: output.status.code().expect("it ends by itself"),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// A client that starts what an entry says.
pub(super) struct Desktop {
    child: Child,
    lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
}

impl Desktop {
    pub(super) fn start(user: &User, entry: &Value) -> Self {
        let mut command = Command::new(entry["command"].as_str().unwrap());
        for argument in entry["args"].as_array().unwrap() {
            command.arg(argument.as_str().unwrap());
        }
        for (name, value) in entry["env"].as_object().into_iter().flatten() {
            command.env(name, value.as_str().unwrap());
        }
        let mut child = command
            .current_dir("/")
            .env("HOME", user.0.path("home"))
            .env("XDG_CACHE_HOME", env!("CARGO_TARGET_TMPDIR"))
            .env("XDG_STATE_HOME", user.0.path("home-state"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut desktop = Self { child, lines };
        let hello = json!({
            "protocolVersion": "2025-11-25", "capabilities": {},
            "clientInfo": { "name": "desktop", "version": "1" },
        });
        desktop.ask("initialize", &hello);
        desktop.send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
        desktop
    }

    pub(super) fn send(&mut self, message: &Value) {
        let input = self.child.stdin.as_mut().unwrap();
        writeln!(input, "{message}").unwrap();
    }

    pub(super) fn ask(&mut self, method: &str, params: &Value) -> Value {
        self.send(&json!({ "jsonrpc": "2.0", "id": method, "method": method, "params": params }));
        loop {
            let line = self.lines.next().expect("it answers").unwrap();
            let answer: Value = serde_json::from_str(&line).unwrap();
            if answer["id"] == method {
                return answer;
            }
        }
    }

    pub(super) fn call(&mut self, tool: &str) -> String {
        let answer = self.ask("tools/call", &json!({ "name": tool, "arguments": {} }));
        answer["result"]["content"][0]["text"]
            .as_str()
            .unwrap_or_else(|| panic!("{answer}"))
            .to_owned()
    }
}

impl Drop for Desktop {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

pub(super) fn json_of(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

pub(super) fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

pub(super) fn kept(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap().to_owned();
    name.push(".before-gatewright");
    path.with_file_name(name)
}
