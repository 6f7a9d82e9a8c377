//! The endpoint of all servers: what is called there is judged as at the endpoint of its
//! server, and lists are those of all together.

use std::collections::BTreeSet;
use std::time::{SystemTime, UNIX_EPOCH};

use gatewright_policy::Proof;
use gatewright_policy::credential::proof::{CALL_TYPE, Called, call_claims};
use gatewright_policy::credential::sign;
use gatewright_policy::json::{Document, JsonLimits};
use gatewright_policy::record::Decided;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::agent::{Agent, Answer, call, modern};
use crate::approvals::asking_at;
use crate::fake::{Fake, Reply, Seen, echo, result};
use crate::guests;
use crate::possession::{bound, holder};
use crate::scene::{ALLOW, ASK, DENY, Scene, Setting};
use crate::sign_in::Company;

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

const LIST: &str = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#;

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

fn listing(seen: &Seen, entries: &Value) -> Reply {
    Reply::Json(200, result(&seen.json()["id"], entries))
}

fn names(list: &Value) -> Vec<&str> {
    let tools = list["result"]["tools"].as_array().unwrap();
    tools
        .iter()
        .map(|tool| tool["name"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn lists_are_those_of_all_servers_that_the_credential_reaches() {
    let two = Two::start().await;
    two.scene
        .fake
        .script(|seen| match seen.json()["params"]["cursor"].as_str() {
            None => listing(
                seen,
                &json!({ "tools": [{ "name": "read", "x": 1.0 }], "nextCursor": "n" }),
            ),
            Some(cursor) => listing(seen, &json!({ "tools": [{ "name": cursor }] })),
        });
    two.mail.script(|seen| {
        listing(
            seen,
            &json!({ "tools": [{ "name": "send" }, { "name": "read" }] }),
        )
    });
    let answer = post(&two.agent(), LIST).await;
    assert!(
        answer.body.contains(r#""x":1.0"#),
        "what stays is not rewritten"
    );
    let list = answer.json();
    assert_eq!(names(&list), ["files__read", "mail__send", "mail__read"]);
    let cursor = list["result"]["nextCursor"].as_str().unwrap();
    let next = json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/list", "params": { "cursor": cursor } });
    let before = two.mail.count();
    let next = post(&two.agent(), &next.to_string()).await.json();
    assert_eq!(names(&next), ["files__n"]);
    assert!(next["result"].get("nextCursor").is_none());
    assert_eq!(two.mail.count(), before, "its list was at its end");
    // What it does not reach is not asked.
    let narrow = two.scene.agent_named("did:example:narrow", &["mail:send"]);
    let before = two.scene.fake.count();
    assert_eq!(names(&post(&narrow, LIST).await.json()), ["mail__send"]);
    assert_eq!(two.scene.fake.count(), before);
    let other = json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/list", "params": { "cursor": cursor } });
    let stolen = post(&narrow, &other.to_string()).await;
    assert_eq!(stolen.reason(), "invalid_arguments");
    let decided: BTreeSet<_> = two
        .scene
        .decisions()
        .into_iter()
        .map(|it| it.server)
        .collect();
    assert!(decided.contains("files") && decided.contains("mail"));
}

#[tokio::test]
async fn a_cursor_that_is_too_long_ends_the_list_of_its_server_alone() {
    let two = Two::start().await;
    two.scene.fake.script(|seen| {
        let next = "n".repeat(5 << 10);
        listing(
            seen,
            &json!({ "tools": [{ "name": "read" }], "nextCursor": next }),
        )
    });
    two.mail.script(|seen| {
        listing(
            seen,
            &json!({ "tools": [{ "name": "send" }], "nextCursor": "n" }),
        )
    });
    let list = post(&two.agent(), LIST).await.json();
    assert_eq!(names(&list), ["files__read", "mail__send"]);
    let left = &list["result"]["_meta"]["gatewright/left_out"];
    assert_eq!(left[0]["server"], "files");
    assert_eq!(left[0]["reason"], "upstream_invalid");
    let cursor = list["result"]["nextCursor"].as_str().unwrap();
    let next = json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/list", "params": { "cursor": cursor } });
    let next = post(&two.agent(), &next.to_string()).await.json();
    assert_eq!(names(&next), ["mail__send"]);
}

#[tokio::test]
async fn resources_are_called_by_their_servers() {
    let two = Two::start().await;
    two.mail
        .script(|seen| match seen.json()["method"].as_str().unwrap() {
            "resources/list" => listing(
                seen,
                &json!({ "resources": [{ "uri": "m:1", "name": "m" }] }),
            ),
            "resources/templates/list" => listing(
                seen,
                &json!({ "resourceTemplates": [{ "uriTemplate": "m:{id}" }] }),
            ),
            "resources/read" => {
                let uri = seen.json()["params"]["uri"].clone();
                listing(
                    seen,
                    &json!({ "contents": [{ "uri": uri, "text": "m:1" }] }),
                )
            }
            "tools/call" => listing(
                seen,
                &json!({ "content": [{ "type": "resource_link", "uri": "m:1" }] }),
            ),
            _other => Reply::Json(200, echo(seen)),
        });
    let agent = two.scene.agent_named("did:example:agent", &["mail:*"]);
    let ask = async |method: &str, params: Value| {
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        post(&agent, &body.to_string()).await.json()["result"].clone()
    };
    let list = ask("resources/list", json!({})).await;
    assert_eq!(list["resources"][0]["uri"], "gatewright:mail/m:1");
    let templates = ask("resources/templates/list", json!({})).await;
    assert_eq!(
        templates["resourceTemplates"][0]["uriTemplate"],
        "gatewright:mail/m:{id}"
    );
    let read = ask("resources/read", json!({ "uri": "gatewright:mail/m:1" })).await;
    let contents = json!([{ "uri": "gatewright:mail/m:1", "text": "m:1" }]);
    assert_eq!(read["contents"], contents);
    assert_eq!(two.mail.last().json()["params"]["uri"], "m:1");
    let called = ask(
        "tools/call",
        json!({ "name": "mail__find", "arguments": {} }),
    )
    .await;
    assert_eq!(called["content"][0]["uri"], "gatewright:mail/m:1");
}

/// A URL where nobody listens.
async fn nowhere() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}/mcp", listener.local_addr().unwrap())
}

#[tokio::test]
async fn a_server_that_is_down_is_left_out_and_the_list_says_why() {
    let server = beside(&[("mail", &nowhere().await)]);
    let scene = Scene::of(Setting {
        server,
        ..Setting::default()
    })
    .await;
    scene
        .fake
        .script(|seen| listing(seen, &json!({ "tools": [{ "name": "read" }] })));
    let agent = scene.agent_named("did:example:agent", &BOTH);
    let list = post(&agent, LIST).await.json();
    assert_eq!(names(&list), ["files__read"]);
    let left = &list["result"]["_meta"]["gatewright/left_out"];
    assert_eq!(left[0]["server"], "mail");
    assert_eq!(left[0]["reason"], "upstream_unavailable");
    assert_eq!(left.as_array().unwrap().len(), 1);
    // Where nobody answers there is no empty list.
    let alone = scene.agent_named("did:example:alone", &["mail:*"]);
    let none = post(&alone, LIST).await;
    assert_eq!(none.reason(), "upstream_unavailable");
    // A server that has no such list has nothing to hide.
    scene.fake.script(|seen| {
        let error = json!({ "code": -32601, "message": "no" });
        let id = &seen.json()["id"];
        Reply::Json(
            200,
            json!({ "jsonrpc": "2.0", "id": id, "error": error }).to_string(),
        )
    });
    let files = scene.agent_named("did:example:files", &["files:*"]);
    let list = post(&files, LIST).await.json();
    assert_eq!(list["result"], json!({ "tools": [] }));
}

#[tokio::test]
async fn names_that_are_nobodys_are_refused_and_recorded() {
    let two = Two::start().await;
    for (body, reason) in [
        (call("read", "{}"), "invalid_arguments"),
        (call("files_read", "{}"), "invalid_arguments"),
        (call("nobody__read", "{}"), "insufficient_scope"),
        (call("Files__read", "{}"), "insufficient_scope"),
        (call("", "{}"), "malformed_request"),
        (call("files__", "{}"), "malformed_request"),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"file:///a"}}"#.to_owned(),
            "invalid_arguments",
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"files__a","name":"mail__a"}}"#.to_owned(),
            "malformed_request",
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"files__a","Name":"mail__a"}}"#.to_owned(),
            "malformed_request",
        ),
        (
            r#"[{"jsonrpc":"2.0","id":1,"method":"tools/list"}]"#.to_owned(),
            "batch_refused",
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/drop"}"#.to_owned(),
            "unknown_method",
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"cursor":"n"}}"#.to_owned(),
            "invalid_arguments",
        ),
    ] {
        let before = two.scene.decisions().len();
        let answer = post(&two.agent(), &body).await;
        assert_eq!(answer.reason(), reason, "{body}");
        let decisions = two.scene.decisions();
        assert_eq!(decisions.len(), before + 1, "{body}");
        assert_eq!(decisions[before].reason.map(|it| it.code()), Some(reason));
    }
    assert_eq!(two.scene.fake.count() + two.mail.count(), 0);
}

/// Whoever may not use a server does not learn that it is there.
#[tokio::test]
async fn a_server_that_is_not_for_a_caller_is_as_none() {
    let two = Two::start().await;
    let agent = two.scene.agent_named("did:example:one", &["mail:*"]);
    let in_session = agent.with("mcp-session-id", "a-guess");
    let strange = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"NAME","arguments":{},"strange":1}}"#;
    let plain = call("NAME", "{}");
    let wrong = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":7}}"#;
    let list = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#;
    let note = r#"{"jsonrpc":"2.0","method":"notifications/ours/a"}"#;
    let (modern_agent, modern_body) = modern(&agent, "tools/call", r#"{"name":"NAME"}"#);
    let told = |answer: &Answer, server: &str| {
        let mut json = match answer.body.is_empty() {
            true => Value::Null,
            false => answer.json(),
        };
        for place in ["/error/data/decision", "/result/_meta/gatewright~1decision"] {
            if let Some(value) = json.pointer_mut(place) {
                *value = Value::Null;
            }
        }
        let challenge = answer.header("www-authenticate").unwrap_or_default();
        let text = format!("{} {json} {challenge}", answer.status);
        text.replace(server, "SERVER")
    };
    let mut before = Vec::new();
    for server in ["files", "nobody"] {
        let mut all = Vec::new();
        let path = format!("/mcp/{server}");
        for agent in [&agent, &in_session] {
            for body in [plain.as_str(), strange, wrong, list, note, "{}", "nonsense"] {
                let body = body.replace("NAME", "read");
                all.push(told(&agent.request("POST", &path, &body).await, server));
            }
            for method in ["GET", "DELETE"] {
                all.push(told(&agent.request(method, &path, "").await, server));
            }
        }
        let body = modern_body.replace("NAME", "read");
        let named = modern_agent.with("mcp-name", "read");
        all.push(told(&named.request("POST", &path, &body).await, server));
        for body in [plain.as_str(), strange] {
            let body = body.replace("NAME", &format!("{server}__read"));
            all.push(told(&post(&agent, &body).await, server));
        }
        if before.is_empty() {
            assert!(
                all[0].contains("403") && all[0].contains("SERVER:read"),
                "{}",
                all[0]
            );
            before = all;
            continue;
        }
        assert_eq!(all, before);
    }
    assert_eq!(two.scene.fake.count() + two.mail.count(), 0);
    // Who may use any server learns that there is none of this name.
    let all = two.scene.agent_named("did:example:all", &["*:*"]);
    let none = post(&all, &call("nobody__read", "{}")).await;
    assert_eq!(none.reason(), "unknown_server");
}

#[tokio::test]
async fn headers_say_what_the_message_says_on_both_sides() {
    let two = Two::start().await;
    let params = r#"{"name":"mail__send","arguments":{}}"#;
    let (agent, body) = modern(&two.agent(), "tools/call", params);
    assert_eq!(post(&agent, &body).await.status, 200);
    let seen = two.mail.last();
    assert_eq!(seen.header("mcp-name"), Some("send"));
    assert_eq!(seen.header("mcp-method"), Some("tools/call"));
    for (name, value) in [
        ("mcp-name", "send"),
        ("mcp-name", "files__send"),
        ("mcp-name", "<none>"),
        ("mcp-method", "tools/list"),
    ] {
        let answer = post(&agent.with(name, value), &body).await;
        assert_eq!(answer.reason(), "header_mismatch", "{name}: {value}");
    }
    assert_eq!(two.mail.count(), 1);
}

#[tokio::test]
async fn strangers_stay_out() {
    let two = Two::start().await;
    let stranger = two.scene.stranger();
    assert_eq!(post(&stranger, LIST).await.status, 401);
    let metadata = stranger
        .request("GET", "/.well-known/oauth-protected-resource/mcp", "")
        .await;
    assert_eq!(metadata.status, 200);
    let resource = format!("http://{}/mcp", two.scene.address);
    assert_eq!(metadata.json()["resource"], resource.as_str());
    let slash = two
        .agent()
        .request("POST", "/mcp/", &call("files__read", "{}"))
        .await;
    assert_eq!(slash.status, 200);
    let none = two.scene.agent_named("did:example:none", &["web:*"]);
    assert_eq!(post(&none, LIST).await.reason(), "insufficient_scope");
}

#[tokio::test]
async fn a_token_for_one_endpoint_is_none_for_another_one() {
    let company = Company::start("", "").await;
    let all = format!("http://{}/mcp", company.scene.address);
    let one = company.agent(json!({}));
    assert_eq!(one.post(&call("read", "{}")).await.status, 200);
    let refused = post(&one, &call("files__read", "{}")).await;
    assert_eq!(refused.reason(), "credential_invalid");
    let challenge = refused.header("www-authenticate").unwrap();
    let metadata = "/.well-known/oauth-protected-resource/mcp\"";
    assert!(challenge.contains(metadata), "{challenge}");
    let joined = company.agent(json!({ "aud": all }));
    assert_eq!(post(&joined, &call("files__read", "{}")).await.status, 200);
    let refused = joined.post(&call("read", "{}")).await;
    assert_eq!(refused.reason(), "credential_invalid");
}

/// A proof is about the call as its holder makes it, and counts once for all servers.
#[tokio::test]
async fn a_proof_is_about_what_was_sent_here() {
    let two = Two::start().await;
    let scopes = json!([{ "type": "mcp_tools", "actions": ["files:*", "mail:*"] }]);
    let agent = Agent {
        token: Some(bound(&two.scene, &scopes)),
        ..two.scene.stranger()
    };
    let signed = |method: &str, name: &str, params: &str, id: &str| {
        let document = Document::parse(params.to_owned(), &JsonLimits::default()).unwrap();
        let endpoint = format!("http://{}/mcp", two.scene.address);
        let called = Called {
            method,
            name,
            endpoint: &endpoint,
            params: Some(document.root()),
        };
        let claims = call_claims(&called, two.scene.engine.now().seconds(), id).unwrap();
        let proof = sign(CALL_TYPE, &claims, &holder(1));
        let mut params: Value = serde_json::from_str(params).unwrap();
        params["_meta"] = json!({ "progressToken": 7, "gatewright/proof": proof });
        json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string()
    };
    let params = r#"{"name":"files__read","arguments":{}}"#;
    let body = signed("tools/call", "files__read", params, "one");
    let answer = post(&agent, &body).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let seen = two.scene.fake.last().json();
    assert_eq!(seen["params"]["name"], "read");
    assert_eq!(seen["params"]["_meta"], json!({ "progressToken": 7 }));
    let caller = two.scene.decisions().pop().unwrap().caller.unwrap();
    assert_eq!(caller.proof, Some(Proof::Call));
    assert_eq!(post(&agent, &body).await.reason(), "proof_replayed");
    let other = body.replace("files__read", "mail__read");
    assert_eq!(post(&agent, &other).await.reason(), "proof_invalid");
    for fake in [&two.scene.fake, &two.mail] {
        fake.script(|seen| listing(seen, &json!({ "tools": [{ "name": "read" }] })));
    }
    let list = post(&agent, &signed("tools/list", "", "{}", "two"))
        .await
        .json();
    assert_eq!(names(&list), ["files__read", "mail__read"], "{list}");
    for body in [
        LIST,
        r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#,
        crate::sessions::INITIALIZE,
    ] {
        assert_eq!(post(&agent, body).await.reason(), "proof_missing", "{body}");
    }
}
