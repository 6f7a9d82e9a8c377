//! What people met with clients and servers behind gates: here it goes as without one.

use std::time::{Duration, Instant};

use gatewright_harness::{Binaries, Credential, Gate, GateBuilder, Process, Workspace, free_port};
use gatewright_peers::{
    Entries, EverythingOverHttp, Framework, PythonOneMounted, Step, everything_over_stdio,
    fastmcp_over_stdio, python_one_over_stdio, typescript_one_over_stdio,
};
use serde_json::{Value, json};

/// How long a browser may take for all of it.
const DEADLINE: Duration = Duration::from_secs(60);

/// The agent of `wrap`.
const LOCAL: &str = "[local]\nagent = \"did:example:desktop\"\n";

fn start(workspace: &Workspace, builder: GateBuilder) -> Gate {
    let builder = builder.allowing_everything(workspace).unwrap();
    builder.start(workspace).unwrap()
}

fn with_command(builder: GateBuilder, name: &str, command: &[String]) -> GateBuilder {
    let command: Vec<&str> = command.iter().map(String::as_str).collect();
    builder.with_command(name, &command)
}

/// The entry of one server, for an agent that may do everything.
fn served(workspace: &Workspace, gate: &Gate, name: &str) -> Entries {
    let token = workspace.issue(&Credential::default()).unwrap();
    Entries::new().with_url(name, &gate.endpoint(name), Some(&token))
}

/// What a server tells of a call goes to whoever called, also where it shares its output with
/// things that are no messages.
#[test]
fn logs_and_progress_of_a_call_arrive_and_lines_of_text_lose_no_answer() {
    let servers = [
        ("fastmcp", fastmcp_over_stdio().unwrap()),
        ("one", python_one_over_stdio().unwrap()),
    ];
    let workspace = Workspace::create().unwrap();
    let mut builder = GateBuilder::new().with(LOCAL);
    for (name, command) in &servers {
        builder = with_command(builder, name, command);
    }
    let gate = start(&workspace, builder);
    let token = workspace.issue(&Credential::default()).unwrap();
    let (config, home) = (
        workspace.path().join("gatewright.toml"),
        workspace.path().join("home"),
    );
    let [mut direct, mut through, mut wrapped] = [Entries::new(), Entries::new(), Entries::new()];
    let mut steps = vec![Step::call("noisy", json!({})).at("one")];
    for (name, command) in &servers {
        direct = direct.with_command(name, command);
        through = through.with_url(name, &gate.endpoint(name), Some(&token));
        wrapped = wrapped.with_wrap(name, &config, &home).unwrap();
        steps.extend([
            Step::list().at(name),
            Step::call_with_progress("work", json!({ "steps": 2 })).at(name),
            Step::call("fail", json!({ "why": "because" })).at(name),
            Step::read("notes://today").at(name),
            Step::prompt("ask", json!({ "about": "it" })).at(name),
        ]);
    }
    for client in [Framework::FastMcp, Framework::PythonOne] {
        let expected = client.run(&direct, &steps).unwrap().steps;
        assert_eq!(expected.len(), steps.len(), "{client:?}: {expected:#?}");
        let told = &expected[2];
        assert_eq!(
            told["logs"].as_array().map(Vec::len),
            Some(2),
            "{client:?}: {told}"
        );
        for entries in [&through, &wrapped] {
            let shown = client.run(entries, &steps).unwrap();
            let printed = gate.process().printed();
            assert_eq!(
                shown.steps, expected,
                "{client:?}: {}\n{printed}",
                shown.said
            );
        }
    }
}

#[test]
fn half_a_sign_is_mended_and_notifications_of_nobody_pass_where_they_may() {
    let command = typescript_one_over_stdio().unwrap();
    let workspace = Workspace::create().unwrap();
    let passing = "notifications = [\"notifications/custom/*\"]\n";
    let builder = with_command(GateBuilder::new(), "odd", &command);
    let builder = with_command(builder, "passing", &command).with(passing);
    let gate = start(&workspace, builder);
    let run = |entries: &Entries, name: &str, tools: &[&str]| {
        let steps: Vec<_> = tools
            .iter()
            .map(|tool| Step::call(tool, json!({})).at(name))
            .collect();
        Framework::TypeScriptOne.run(entries, &steps).unwrap().steps
    };
    // Nothing but a client in JavaScript reads half a sign.
    let direct = Entries::new().with_command("odd", &command);
    let direct = run(&direct, "odd", &["tell"]);
    let both = ["cut", "tell"];
    let passed = run(&served(&workspace, &gate, "passing"), "passing", &both);
    let dropped = run(&served(&workspace, &gate, "odd"), "odd", &both);
    let text = "/result/content/0/text";
    for shown in [&passed, &dropped] {
        assert_eq!(
            shown[0].pointer(text),
            Some(&json!("smile \u{fffd}")),
            "{shown:?}"
        );
        assert_eq!(shown[1].pointer(text), Some(&json!("told")), "{shown:?}");
    }
    assert_eq!(
        direct[0]["notices"].as_array().map(Vec::len),
        Some(1),
        "{direct:?}"
    );
    assert_eq!(passed[1], direct[0]);
    assert_eq!(dropped[1]["notices"], json!([]));
}

#[test]
fn a_slash_too_many_and_a_server_that_redirects_work() {
    let server = PythonOneMounted::start().unwrap();
    let workspace = Workspace::create().unwrap();
    let gate = start(
        &workspace,
        GateBuilder::new().with_url("mounted", server.url()),
    );
    let token = workspace.issue(&Credential::default()).unwrap();
    let steps = [
        Step::list().at("mounted"),
        Step::call("echo", json!({ "message": "hi" })).at("mounted"),
    ];
    let endpoint = gate.endpoint("mounted");
    let direct = Entries::new().with_url("mounted", server.url(), None);
    for client in [Framework::PythonOne, Framework::TypeScriptOne] {
        let expected = client.run(&direct, &steps).unwrap().steps;
        assert!(
            expected[1].to_string().contains("Echo: hi"),
            "{client:?}: {expected:?}"
        );
        for url in [endpoint.clone(), format!("{endpoint}/")] {
            let entries = Entries::new().with_url("mounted", &url, Some(&token));
            let shown = client.run(&entries, &steps).unwrap();
            assert_eq!(shown.steps, expected, "{client:?} {url}: {}", shown.said);
        }
    }
}

#[test]
fn a_session_is_ended_as_the_server_ends_it() {
    let server = EverythingOverHttp::start().unwrap();
    let workspace = Workspace::create().unwrap();
    let gate = start(
        &workspace,
        GateBuilder::new().with_url("everything", server.url()),
    );
    let steps = [Step::end().at("everything")];
    let direct = Entries::new().with_url("everything", server.url(), None);
    let expected = Framework::TypeScriptOne.run(&direct, &steps).unwrap().steps;
    assert_eq!(expected, [json!({ "session": null })]);
    let entries = served(&workspace, &gate, "everything");
    let shown = Framework::TypeScriptOne.run(&entries, &steps).unwrap();
    assert_eq!(shown.steps, expected, "{}", gate.process().printed());
}

/// In a session a connection that ends says nothing about the call.
#[test]
fn a_client_that_dies_cancels_nothing() {
    let workspace = Workspace::create().unwrap();
    let command = everything_over_stdio(&workspace.path().join("notes.jsonl")).unwrap();
    let builder = with_command(GateBuilder::new(), "everything", &command);
    let gate = start(&workspace, builder);
    let entries = served(&workspace, &gate, "everything");
    let long = json!({ "duration": 2, "steps": 2 });
    let step = Step::call("trigger-long-running-operation", long).at("everything");
    let client = Framework::PythonOne.start(&entries, &[step]).unwrap();
    let until = |ready: &dyn Fn() -> bool| {
        let began = Instant::now();
        while !ready() {
            let printed = gate.process().printed();
            assert!(began.elapsed() < DEADLINE, "{printed}");
            std::thread::yield_now();
        }
    };
    let notes = || workspace.read("notes.jsonl").unwrap_or_default();
    until(&|| notes().contains("tools/call"));
    drop(client);
    until(&|| ends(&workspace).is_some());
    assert_eq!(ends(&workspace).as_deref(), Some("allowed"));
    assert!(!notes().contains("notifications/cancelled"), "{}", notes());
}

/// How the call of a tool ended, once it did.
fn ends(workspace: &Workspace) -> Option<String> {
    let record = workspace.read("state/audit.jsonl").unwrap();
    let entries: Vec<Value> = record
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    let call = entries
        .iter()
        .find(|entry| entry["method"] == "tools/call")?;
    let end = entries
        .iter()
        .find(|entry| entry["event"] == "completed" && entry["id"] == call["id"])?;
    end["outcome"].as_str().map(str::to_owned)
}

/// The client leaves each session as it is.
#[test]
fn an_agent_that_ends_no_session_keeps_nobody_out() {
    let server = EverythingOverHttp::start().unwrap();
    let workspace = Workspace::create().unwrap();
    let builder = GateBuilder::new()
        .with("[limits]\nsessions_max = 4\n")
        .with_url("everything", server.url());
    let gate = start(&workspace, builder);
    let run = |agent: &str| {
        let credential = Credential {
            agent,
            ..Credential::default()
        };
        let token = workspace.issue(&credential).unwrap();
        let url = gate.endpoint("everything");
        let entries = Entries::new().with_url("everything", &url, Some(&token));
        let steps = [Step::call("echo", json!({ "message": "hi" })).at("everything")];
        let shown = Framework::TypeScriptOne
            .run(&entries, &steps)
            .unwrap()
            .steps;
        assert!(
            shown[0].to_string().contains("Echo: hi"),
            "{agent}: {shown:?}"
        );
    };
    for _ in 0..6 {
        run("did:example:forgets");
    }
    run("did:example:other");
}

#[test]
fn who_has_no_credential_reads_so_and_is_sent_nowhere() {
    let server = EverythingOverHttp::start().unwrap();
    let workspace = Workspace::create().unwrap();
    let gate = start(
        &workspace,
        GateBuilder::new().with_url("everything", server.url()),
    );
    let steps = [Step::list().at("everything")];
    let entries = Entries::new().with_url("everything", &gate.endpoint("everything"), None);
    for client in [Framework::TypeScriptOne, Framework::FastMcp] {
        let shown = client.run(&entries, &steps).unwrap();
        let told = format!("{}\n{}", json!(shown.steps), shown.said);
        assert!(told.contains("credential"), "{client:?}: {told}");
    }
}

#[test]
fn a_page_of_a_listed_origin_works_as_at_the_server_and_others_do_not() {
    let binaries = Binaries::locate();
    let server = EverythingOverHttp::start().unwrap();
    let pages = [free_port().unwrap(), free_port().unwrap()];
    let pages = pages.map(|port| format!("http://127.0.0.1:{port}"));
    let workspace = Workspace::create().unwrap();
    let builder = GateBuilder::new().open_to(&pages[0]);
    let gate = start(&workspace, builder.with_url("everything", server.url()));
    let token = workspace.issue(&Credential::default()).unwrap();
    let browse = |url: &str| -> Vec<Value> {
        let script = binaries.client("page.mjs").unwrap();
        let mut browser = binaries.node_script(&script).unwrap();
        browser
            .env("PAGES", json!(pages).to_string())
            .env("URL", url)
            .env("TOKEN", &token);
        let printed = Process::run(browser, DEADLINE).unwrap();
        printed
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    };
    let direct = browse(server.url());
    let told = browse(&gate.endpoint("everything"));
    let [listed, other] = told.as_slice() else {
        panic!("two pages: {told:?}")
    };
    let printed = gate.process().printed();
    let (with, without) = (&listed.as_array().unwrap()[..4], &listed[4]);
    assert_eq!(with, &direct[0].as_array().unwrap()[..4], "{printed}");
    assert_eq!(without, &json!(["POST", 401, false, false]));
    let blocked = |told: &Value| told[1].as_str().is_some_and(|told| told.contains("fetch"));
    assert!(other.as_array().unwrap().iter().all(blocked), "{other}");
}
