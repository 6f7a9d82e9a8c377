//! Two gates on one PostgreSQL: what one of them does, the other knows.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::postgres::cluster;
use super::serve::Served;
use super::{Folder, plugin};

const BOT: &str = "did:example:bot";

/// A tool server that writes down each call that reaches it.
const SERVER: &str = r#"
import json, sys
TOOLS = [{"name": name, "inputSchema": {"type": "object"}} for name in ("read_web", "send_mail", "pay")]
def answer(m, result): print(json.dumps({"jsonrpc": "2.0", "id": m["id"], "result": result}), flush=True)
for line in sys.stdin:
    m = json.loads(line)
    if m.get("id") is None: continue
    if m["method"] == "initialize":
        answer(m, {"protocolVersion": "2025-11-25", "capabilities": {"tools": {}}, "serverInfo": {"name": "t", "version": "1"}})
    elif m["method"] == "tools/list":
        answer(m, {"tools": TOOLS})
    elif m["method"] == "tools/call":
        with open("reached", "a") as reached: reached.write(m["params"]["name"] + "\n")
        answer(m, {"content": [{"type": "text", "text": "done"}]})
    else:
        print(json.dumps({"jsonrpc": "2.0", "id": m["id"], "error": {"code": -32601, "message": "no"}}), flush=True)
"#;

/// Within so long a gate hears what another one loosened.
const HEARD_WITHIN: Duration = Duration::from_secs(30);

/// Longer than anybody measures.
const FOR_EVER: u32 = 4_000_000_000;

/// Two gates that share a database, a salt and a tool server, in one folder.
struct Fleet {
    folder: Folder,
    gates: [Served; 2],
    credential: String,
}

/// What came of a call.
#[derive(Debug, PartialEq, Eq)]
enum Came {
    Done,
    Refused(String),
    /// Waits for people, with this id.
    Held(String),
}

impl Fleet {
    fn of(tables: &str) -> Self {
        let folder = Folder::new();
        let url = cluster().url(&cluster().database());
        folder.write("server.py", SERVER);
        let policy = plugin("tool-gate");
        folder.with_issuer(&format!(
            "[limits]\napproval_wait = \"0s\"\n\n{tables}\n\
             [[binding]]\nname = \"open\"\npolicy = {policy:?}\nauthority = [\"allow\"]\n\
             settings = {{ rules = [{{ tools = [\"*\"], effect = \"allow\" }}] }}\n"
        ));
        let config = std::fs::read_to_string(folder.path("gatewright.toml")).unwrap();
        let config = config.replace("[\"cat\"]", "[\"python3\", \"server.py\"]");
        for gate in ["a", "b"] {
            let memory =
                format!("\n[memory]\nurl = \"{url}\"\ngate = \"{gate}\"\nsalt = \"salt\"\n");
            folder.write(&format!("{gate}.toml"), &format!("{config}{memory}"));
        }
        let issued = folder.run(&[
            "credential",
            "issue",
            "--key",
            "issuer.key",
            "--agent",
            BOT,
            "--principal",
            "user:alice",
            "--scope",
            "files:*",
            "--valid-for",
            "1h",
        ]);
        // The first one makes the salt.
        let first = Served::open_as(&folder, "a.toml");
        let second = Served::open_as(&folder, "b.toml");
        Self {
            credential: issued.stdout.trim().to_owned(),
            gates: [first, second],
            folder,
        }
    }

    /// Makes a call at one of the gates.
    fn call(&self, gate: usize, tool: &str, arguments: &Value) -> Came {
        let body = json!({
            "jsonrpc": "2.0", "id": 1, "method": "tools/call",
            "params": { "name": tool, "arguments": arguments, "_meta": {
                "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                "io.modelcontextprotocol/clientCapabilities": {},
            } },
        });
        let body = body.to_string();
        let listen = self.gates[gate].listen();
        let mut stream = TcpStream::connect(listen).unwrap();
        let head = format!(
            "POST /mcp/files HTTP/1.1\r\nHost: {listen}\r\nConnection: close\r\n\
             Authorization: Bearer {}\r\nContent-Type: application/json\r\n\
             Accept: application/json, text/event-stream\r\n\
             MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\nMcp-Name: {tool}\r\n\
             Content-Length: {}\r\n\r\n",
            self.credential,
            body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        Came::of(&answer)
    }

    /// How often this tool was called.
    fn reached(&self, tool: &str) -> usize {
        let reached = std::fs::read_to_string(self.folder.path("reached")).unwrap_or_default();
        reached.lines().filter(|line| *line == tool).count()
    }

    /// Makes calls at both gates, so many at each, in the same moment.
    fn at_once(&self, calls: usize, tool: &str, arguments: &Value) -> Vec<Came> {
        let barrier = Barrier::new(2 * calls);
        thread::scope(|scope| {
            let callers: Vec<_> = (0..2 * calls)
                .map(|number| {
                    let barrier = &barrier;
                    scope.spawn(move || {
                        barrier.wait();
                        self.call(number % 2, tool, arguments)
                    })
                })
                .collect();
            callers
                .into_iter()
                .map(|caller| caller.join().unwrap())
                .collect()
        })
    }
}

impl Came {
    fn of(answer: &str) -> Self {
        let start = answer.find('{').unwrap_or_else(|| panic!("{answer}"));
        let end = answer.rfind('}').unwrap_or_else(|| panic!("{answer}"));
        let message: Value =
            serde_json::from_str(&answer[start..=end]).unwrap_or_else(|_| panic!("{answer}"));
        if message["result"]["content"][0]["text"] == "done" {
            return Self::Done;
        }
        let reason = find(&message, "reason").unwrap_or_else(|| panic!("{answer}"));
        match reason == "approval_required" {
            true => Self::Held(find(&message, "decision").unwrap()),
            false => Self::Refused(reason),
        }
    }
}

/// The first text of this name anywhere in a message, whatever stands before the name.
fn find(value: &Value, name: &str) -> Option<String> {
    match value {
        Value::Object(members) => {
            let is_it = |key: &str| key.rsplit('/').next() == Some(name);
            let mut own = members.iter().filter(|(key, _)| is_it(key));
            let own = own.find_map(|(_, value)| value.as_str().map(str::to_owned));
            own.or_else(|| members.values().find_map(|inner| find(inner, name)))
        }
        Value::Array(values) => values.iter().find_map(|inner| find(inner, name)),
        _ => None,
    }
}

#[test]
fn what_two_gates_spend_at_once_never_overruns_a_budget() {
    let policy = plugin("rate-limit");
    let fleet = Fleet::of(&format!(
        "[[binding]]\nname = \"rates\"\npolicy = {policy:?}\nauthority = [\"charge\"]\n\
         settings = {{ limits = [{{ name = \"calls\", budget = \"calls\" }}] }}\n\
         budgets = {{ calls = {{ limit = 17, window = \"{FOR_EVER}s\" }} }}\n"
    ));
    let mut done = 0;
    for _round in 0..4 {
        for came in fleet.at_once(5, "pay", &json!({})) {
            match came {
                Came::Done => done += 1,
                Came::Refused(reason) => assert_eq!(reason, "quota_exceeded"),
                Came::Held(id) => panic!("{id} waits"),
            }
        }
        assert_eq!(fleet.reached("pay"), done, "who was told so");
    }
    assert_eq!(done, 17);
}

#[test]
fn what_a_session_read_at_one_gate_counts_at_the_other() {
    let policy = plugin("flow-guard");
    let fleet = Fleet::of(&format!(
        "[[binding]]\nname = \"flow\"\npolicy = {policy:?}\nauthority = [\"deny\", \"label\"]\n\
         settings = {{ profile = \"prompt-injection\", effect = \"deny\", \
         sources = [{{ tools = [\"read_web\"], labels = [\"untrusted\"] }}] }}\n"
    ));
    assert_eq!(fleet.call(1, "send_mail", &json!({})), Came::Done);
    assert_eq!(fleet.call(0, "read_web", &json!({})), Came::Done);
    let refused = Came::Refused("unsafe_context".to_owned());
    assert_eq!(fleet.call(1, "send_mail", &json!({})), refused);
    assert_eq!(fleet.call(0, "send_mail", &json!({})), refused);
    assert_eq!(fleet.reached("send_mail"), 1);
}

#[test]
fn an_approval_is_used_once_by_whichever_gate_comes_first() {
    let policy = plugin("tool-gate");
    let folder = Folder::new();
    let kim = folder.run(&["credential", "key", "kim.key"]);
    let fleet = Fleet::of(&format!(
        "[[approver]]\nname = \"user:kim\"\nkeys = [{:?}]\n\n\
         [[binding]]\nname = \"asks\"\npolicy = {policy:?}\nauthority = [\"ask\"]\n\
         settings = {{ rules = [{{ tools = [\"pay\"], effect = \"ask\", title = \"Pay?\" }}] }}\n",
        kim.stdout.trim()
    ));
    std::fs::copy(folder.path("kim.key"), fleet.folder.path("kim.key")).unwrap();
    for round in 1..=3 {
        let arguments = json!({ "amount": round });
        // Asked at one gate, and agreed to at the other.
        let Came::Held(id) = fleet.call(0, "pay", &arguments) else {
            panic!("nobody is asked");
        };
        let approve = ["approvals", "approve", &id, "--yes", "--key", "kim.key"];
        let admin = ["--admin", fleet.gates[1].admin()];
        let ran = fleet.folder.run(&[&approve[..], &admin[..]].concat());
        assert_eq!(ran.code, 0, "{ran:?}");
        let came = fleet.at_once(4, "pay", &arguments);
        // Whoever comes later gets what came of it, or hears that it was used.
        assert!(came.contains(&Came::Done), "{came:?}");
        assert_eq!(fleet.reached("pay"), round, "{came:?}");
        let used = Came::Refused("approval_used".to_owned());
        for came in &came {
            let is_known = matches!(came, Came::Done | Came::Held(_)) || *came == used;
            assert!(is_known, "{came:?}");
        }
    }
}

#[test]
fn an_agent_that_is_suspended_at_one_gate_makes_no_other_call_at_the_other() {
    let fleet = Fleet::of("");
    for round in 1..=3 {
        for gate in [0, 1] {
            assert_eq!(fleet.call(gate, "pay", &json!({})), Came::Done);
        }
        let (here, there) = (round % 2, (round + 1) % 2);
        let admin = fleet.gates[here].admin();
        let said = |what: &str| {
            let agents = ["agents", what, BOT, "--why", "test", "--admin", admin];
            let config = ["--config", ["a.toml", "b.toml"][here]];
            let ran = fleet.folder.run(&[&agents[..], &config[..]].concat());
            assert_eq!(ran.code, 0, "{ran:?}");
        };
        said("suspend");
        let suspended = Came::Refused("agent_suspended".to_owned());
        assert_eq!(fleet.call(there, "pay", &json!({})), suspended);
        assert_eq!(fleet.call(here, "pay", &json!({})), suspended);
        said("resume");
        assert_eq!(fleet.reached("pay"), 3 * round - 1);
        // What loosens is heard of at the other gate a little later.
        let end = Instant::now() + HEARD_WITHIN;
        loop {
            match fleet.call(there, "pay", &json!({})) {
                Came::Done => break,
                came => assert!(came == suspended && Instant::now() < end, "{came:?}"),
            }
        }
    }
}
