//! The endpoint of all servers: what is called there is judged as at the endpoint of its
//! server.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use gatewright_policy::record::Decided;
use serde_json::{Value, json};

use crate::agent::{Agent, Answer, call, modern};
use crate::approvals::asking_at;
use crate::fake::{Fake, Seen};
use crate::guests;
use crate::scene::{ALLOW, ASK, DENY, Scene, Setting};

pub const BOTH: [&str; 2] = ["files:*", "mail:*"];

/// More servers beside `files`.
pub fn beside(servers: &[(&str, &str)]) -> String {
    let mut text = "definitions = \"off\"\n".to_owned();
    for (name, url) in servers {
        text += &format!("[[server]]\nname = \"{name}\"\nurl = \"{url}\"\ndefinitions = \"off\"\n");
    }
    text
}

pub fn url(fake: &Fake) -> String {
    format!("http://{}/mcp", fake.address)
}

/// The first wait of [`quick`].
pub const WAIT: Duration = Duration::from_millis(20);

/// A gate that asks soon again for a stream that did not open: nobody waits for ten seconds.
pub fn quick() -> Setting {
    Setting {
        first_wait: Some(WAIT),
        ..Setting::default()
    }
}

/// A gate in front of `files` and `mail`.
pub struct Two {
    pub scene: Scene,
    pub mail: Fake,
}

impl Two {
    pub async fn start() -> Self {
        Self::of(Setting::default()).await
    }

    pub async fn of(setting: Setting) -> Self {
        let mail = Fake::start().await;
        let server = beside(&[("mail", &url(&mail))]) + &setting.server;
        let scene = Scene::of(Setting { server, ..setting }).await;
        Self { scene, mail }
    }

    pub fn agent(&self) -> Agent {
        self.scene.agent_named("did:example:agent", &BOTH)
    }
}

pub async fn post(agent: &Agent, body: &str) -> Answer {
    agent.request("POST", "/mcp", body).await
}

/// A random number, and what the next one is made of.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides as u64).unwrap()
    }

    fn of<'a, T: ?Sized>(&mut self, items: &[&'a T]) -> &'a T {
        items[self.roll(items.len())]
    }
}

/// `allow` with one `charge`: key "k", cost 1, limit 2, a day.
const CHARGE: &str = r#"(data (i32.const 64) "\01\00\00\00\80\00\00\00\01")
    (data (i32.const 128) "\00\00\00\00\00\00\00\00\c0\00\00\00\01\00\00\00\01\00\00\00\00\00\00\00\02\00\00\00\00\00\00\00\80\51\01\00")
    (data (i32.const 192) "k")"#;

fn policies() -> Setting {
    let bound = |name, verdict, more| (name, guests::judge("(i32.const 64)", verdict), more);
    Setting {
        bindings: vec![
            bound(
                "allow",
                ALLOW,
                "tools = [\"r*\", \"ask\", \"spend\", \"_*\", \"f:*\"]",
            ),
            bound(
                "deny",
                DENY,
                "tools = [\"write\", \"f:secret\"]\nservers = [\"files\"]",
            ),
            bound("ask", ASK, "tools = [\"ask\"]"),
            bound(
                "charge",
                CHARGE,
                "tools = [\"spend\"]\nauthority = [\"allow\", \"charge\"]",
            ),
        ],
        ..Setting::default()
    }
}

/// What an entry says of a call, but for who called and when.
fn facts(decided: &Decided) -> Value {
    let mut facts = serde_json::to_value(decided).unwrap();
    let members = facts.as_object_mut().unwrap();
    for name in [
        "id",
        "caller",
        "received_at",
        "action",
        "kept",
        "seen",
        "approval",
    ] {
        members.remove(name);
    }
    // How often people are asked something new is counted for each agent.
    let charges = members.get_mut("charges").and_then(Value::as_array_mut);
    for charge in charges.into_iter().flatten() {
        if charge[0] == "@questions" {
            charge[1]["key"] = Value::Null;
        }
    }
    facts
}

/// A request as the endpoint of a server has it, and as that of all servers does.
fn request(dice: &mut Dice, server: &str) -> (&'static str, Value, Value) {
    let tools = [
        "read", "read_all", "write", "ask", "spend", "_x", "a__b", "nobody's",
    ];
    let name = dice.of(&tools);
    let joined = format!("{server}__{name}");
    let uri = dice.of(&["f:a", "f:secret", "file:///x/../y", "x"]);
    let joined_uri = format!("gatewright:{server}/{uri}");
    let arguments =
        json!({ "n": dice.roll(1000), "text": dice.of(&["a", "\u{e9}\"", "files__read"]) });
    match dice.roll(6) {
        0 => (
            "resources/read",
            json!({ "uri": uri }),
            json!({ "uri": joined_uri }),
        ),
        1 => {
            let text = json!({ "topic": "x" });
            let params = |name: &str| json!({ "name": name, "arguments": text });
            ("prompts/get", params(name), params(&joined))
        }
        2 => {
            let argument = json!({ "name": "a", "value": "b" });
            let params = |name: &str| json!({ "ref": { "type": "ref/prompt", "name": name }, "argument": argument });
            ("completion/complete", params(name), params(&joined))
        }
        _more_often => {
            let params = |name: &str| json!({ "name": name, "arguments": arguments });
            ("tools/call", params(name), params(&joined))
        }
    }
}

fn message(is_modern: bool, agent: &Agent, method: &str, params: &Value) -> (Agent, String) {
    match is_modern {
        true => modern(agent, method, &params.to_string()),
        false => {
            let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
            let agent = Agent {
                gate: agent.gate,
                token: agent.token.clone(),
                headers: agent.headers.clone(),
            };
            (agent, body.to_string())
        }
    }
}

/// What an agent gets, without what is new each time.
fn told(answer: &Answer) -> Value {
    let mut json = answer.json();
    let places = [
        "/error/data/decision",
        "/result/_meta/gatewright~1decision",
        "/result/content/0/text",
        "/error/message",
    ];
    for place in places {
        if let Some(value) = json.pointer_mut(place) {
            *value = Value::Null;
        }
    }
    json
}

#[tokio::test]
async fn what_is_called_here_is_judged_and_recorded_as_there() {
    let seed = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_nanos() as u64
        | 1;
    println!("seed {seed}");
    let mut dice = Dice(seed);
    let two = Two::of(policies()).await;
    let scopes: [&[&str]; 3] = [&["files:*", "mail:*"], &["files:r*", "mail:*"], &["mail:*"]];
    for round in 0..150 {
        let scopes = scopes[dice.roll(scopes.len())];
        let one = two.scene.agent_named("did:example:one", scopes);
        let other = two.scene.agent_named("did:example:other", scopes);
        let server = dice.of(&["files", "mail"]);
        let is_modern = dice.roll(2) == 0;
        let (method, there, here) = request(&mut dice, server);
        let (one, body) = message(is_modern, &one, method, &there);
        let alone = one.request("POST", &format!("/mcp/{server}"), &body).await;
        let reached = two.scene.fake.count() + two.mail.count();
        let expected = two.scene.decisions().pop().unwrap();
        let (other, body) = message(is_modern, &other, method, &here);
        let joined = post(&other, &body).await;
        let what = format!("seed {seed}, round {round}: {server} {body}");
        let decided = two.scene.decisions().pop().unwrap();
        assert_ne!(decided.id, expected.id, "{what}");
        assert_eq!(facts(&decided), facts(&expected), "{what}");
        assert_eq!(joined.status, alone.status, "{what}");
        assert_eq!(told(&joined), told(&alone), "{what}");
        // The same bytes reach the same server, or none do.
        let now = two.scene.fake.count() + two.mail.count();
        let fake = match server {
            "files" => &two.scene.fake,
            _mail => &two.mail,
        };
        if now > reached {
            let mut seen = fake.seen();
            let (last, before) = (seen.pop().unwrap(), seen.pop().unwrap());
            assert_eq!(last.body, before.body, "{what}");
            let named = |seen: &Seen| seen.header("mcp-name").map(str::to_owned);
            assert_eq!(named(&last), named(&before), "{what}");
        }
    }
}

#[tokio::test]
async fn what_is_spent_and_approved_there_is_so_here() {
    let two = Two::of(policies()).await;
    let agent = two.agent();
    let spend = |name: &str| call(name, "{}");
    assert_eq!(agent.post(&spend("spend")).await.status, 200);
    let second = post(&agent, &spend("files__spend")).await;
    assert!(second.json()["result"]["isError"].is_null(), "{second:?}");
    for third in [
        post(&agent, &spend("files__spend")).await,
        agent.post(&spend("spend")).await,
    ] {
        assert_eq!(third.reason(), "quota_exceeded");
    }
    // The same call waits for the same people, wherever it comes in.
    let there = agent.post(&call("ask", r#"{"n":1}"#)).await;
    let here = post(&agent, &call("files__ask", r#"{"n":1}"#)).await;
    assert_eq!(here.reason(), "approval_required");
    let id = |answer: &Answer| answer.json()["result"]["_meta"]["gatewright/decision"].clone();
    assert_eq!(id(&here), id(&there));
}

#[tokio::test]
async fn a_call_that_people_agreed_to_there_goes_ahead_here() {
    let mail = Fake::start().await;
    let setting = Setting {
        server: beside(&[("mail", &url(&mail))]),
        ..Setting::default()
    };
    let scene = asking_at("", setting).await;
    let agent = scene.agent_named("did:example:agent", &BOTH);
    let there = agent.post(&call("pay", "{}")).await;
    let id = there.json()["result"]["_meta"]["gatewright/decision"].clone();
    let yes = gatewright_policy::approval::Choice::Approve;
    let decided = crate::approvals::decide(&scene, id.as_str().unwrap(), yes, "n1").await;
    assert_eq!(decided.status, 200, "{}", decided.body);
    let here = post(&agent, &call("files__pay", "{}")).await;
    assert_eq!(
        here.json()["result"]["echo"]["name"],
        "pay",
        "{}",
        here.body
    );
    // It is made once, wherever it comes in, and was for that server alone.
    let made = scene.fake.count();
    let again = post(&agent, &call("files__pay", "{}")).await.json();
    assert_eq!(again["result"]["echo"]["name"], "pay", "{again}");
    let mark = &again["result"]["_meta"]["gatewright/again"];
    assert!(mark.is_object(), "{again}");
    assert_eq!(scene.fake.count(), made);
    let other = post(&agent, &call("mail__pay", "{}")).await;
    assert_eq!(other.reason(), "approval_required");
}
