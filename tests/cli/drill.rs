//! The drill: it holds in front of policies, and fails loudly without them.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;

use serde_json::Value;

use super::serve::Served;
use super::{Folder, Ran, plugin};

/// The configuration that ships, with the policies that were built.
fn config() -> String {
    let shipped =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/drill/gatewright.toml");
    let plugins = plugin("tool-gate").parent().unwrap().display().to_string();
    std::fs::read_to_string(shipped)
        .unwrap()
        .replace("../../target/plugins", &plugins)
}

fn drill(folder: &Folder, more: &[&str]) -> Ran {
    folder.run(&[&["drill", "gatewright.toml"], more].concat())
}

/// The names of those that failed.
fn failed(ran: &Ran) -> Vec<String> {
    let report: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{ran:?}"));
    let scenarios = report["scenarios"].as_array().unwrap().iter();
    let failed = scenarios.filter(|it| it["held"] == false);
    failed
        .map(|it| it["name"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn the_shipped_scenarios_hold_in_front_of_the_shipped_policies() {
    let folder = Folder::new();
    folder.write("gatewright.toml", &config());
    let ran = drill(&folder, &["--junit", "drill.xml"]);
    assert_eq!(ran.code, 0, "{}\n{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.ends_with("11 scenarios, all held\n"), "{ran:?}");
    let junit = std::fs::read_to_string(folder.path("drill.xml")).unwrap();
    assert!(junit.contains("tests=\"11\" failures=\"0\""), "{junit}");
    assert!(
        !folder.path("state").exists(),
        "nothing that the operator runs is touched"
    );
}

#[test]
fn nobody_is_told_of_calls_that_are_held_in_a_drill() {
    let people = TcpListener::bind("127.0.0.1:0").unwrap();
    people.set_nonblocking(true).unwrap();
    let address = people.local_addr().unwrap();
    let webhook = format!(
        "\n[[webhook]]\nname = \"people\"\nurl = \"http://{address}/\"\nshape = \"slack\"\n"
    );
    let folder = Folder::new();
    folder.write("gatewright.toml", &(config() + &webhook));
    let ran = drill(&folder, &["--only", "approval-reuse"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let told = people.accept().unwrap_err();
    assert_eq!(told.kind(), std::io::ErrorKind::WouldBlock, "{told}");
}

#[test]
fn a_gate_without_policies_does_not_pass_for_one_that_is_safe() {
    let config = config();
    let (servers, _) = config.split_once("# Which tools there are").unwrap();
    let folder = Folder::new();
    // Nobody allows anything: nothing reaches a tool, and nothing works.
    folder.write("gatewright.toml", servers);
    let ran = drill(&folder, &["--format", "json"]);
    assert_eq!(ran.code, 3, "{ran:?}");
    assert_eq!(failed(&ran).len(), 11, "{ran:?}");
    // Everything is allowed: what only the gate itself stops is stopped, a tool that changed
    // among it.
    let policy = plugin("tool-gate");
    let open = format!(
        "{servers}[[binding]]\nname = \"open\"\npolicy = {policy:?}\n\
         settings = {{ rules = [{{ tools = [\"*\"], effect = \"allow\" }}] }}\n"
    );
    folder.write("gatewright.toml", &open);
    let ran = drill(&folder, &["--format", "json", "--junit", "drill.xml"]);
    assert_eq!(ran.code, 3, "{ran:?}");
    let failed = failed(&ran);
    for name in [
        "argument-smuggling",
        "approval-reuse",
        "approval-of-changed-arguments",
        "exfiltration-after-untrusted-read",
        "runaway-spend",
    ] {
        assert!(failed.iter().any(|it| it == name), "{name}: {ran:?}");
    }
    let junit = std::fs::read_to_string(folder.path("drill.xml")).unwrap();
    assert!(
        junit.contains("nothing must be reached, and `mail:send` was"),
        "{junit}"
    );
    let ran = drill(&folder, &["--only", "runaway-spend"]);
    assert!(
        ran.stdout
            .contains("1 FAILED: this gate does not stop them"),
        "{ran:?}"
    );
}

#[test]
fn a_scenario_that_proves_nothing_is_refused() {
    let folder = Folder::new();
    folder.write("gatewright.toml", &config());
    let scenario = |steps: &str| {
        format!(
            "[[scenario]]\nname = \"a\"\nclaim = \"b\"\nowasp = \"ASI01\"\nnist = []\n\
             agents = {{ bot = {{ scopes = [\"files:*\"] }} }}\n{steps}"
        )
    };
    let call = "[[scenario.step]]\ncall = \"files:read_file\"\n";
    let cases = [
        (
            scenario(&format!("{call}expect = \"deny\"\n")),
            "nothing in it must go ahead",
        ),
        (scenario(call), "`expect` is needed"),
        (
            scenario(&format!(
                "{call}expect = \"allow\"\nreasons = [\"because\"]\n"
            )),
            "no reason `because`",
        ),
        (
            scenario(&format!("{call}expect = \"allow\"\nas = \"eve\"\n")),
            "no agent `eve`",
        ),
        (
            scenario(&format!("{call}approve = true\nexpect = \"allow\"\n")),
            "exactly one of",
        ),
        (
            scenario(&format!("{call}expect = \"allow\"\ntimes = 0\n")),
            "`times` is from 1",
        ),
        (
            scenario(&format!("{call}expects = \"allow\"\n")),
            "unknown field `expects`",
        ),
        (scenario(""), "missing field `step`"),
    ];
    for (text, problem) in cases {
        folder.write("ours.toml", &text);
        let ran = drill(&folder, &["--scenarios", "ours.toml"]);
        assert_eq!(ran.code, 1, "{text}: {ran:?}");
        assert!(ran.stderr.contains(problem), "{problem}: {ran:?}");
    }
    let ran = folder.run(&["drill", "--print-scenarios"]);
    folder.write("ours.toml", &ran.stdout);
    let ran = drill(
        &folder,
        &["--scenarios", "ours.toml", "--only", "out-of-scope"],
    );
    assert_eq!(ran.code, 0, "{ran:?}");
    let ran = drill(&folder, &["--only", "nothing"]);
    assert!(ran.stderr.contains("no scenario `nothing`"), "{ran:?}");
}

/// The shipped configuration as a gate for tests: its servers where the drill counts, an
/// issuer and an approver whose keys the drill has.
fn for_tests(folder: &Folder, tools: SocketAddr, bindings: &str) {
    let did = |file: &str| {
        let ran = folder.run(&["credential", "key", file]);
        ran.stdout.trim().to_owned()
    };
    let (issuer, kim) = (did("issuer.key"), did("kim.key"));
    let mut text = config();
    for (port, server) in [
        (9001, "files"),
        (9002, "web"),
        (9003, "mail"),
        (9004, "bank"),
    ] {
        let from = format!("http://127.0.0.1:{port}/mcp");
        assert!(text.contains(&from), "{from}");
        text = text.replace(&from, &format!("http://{tools}/{server}"));
    }
    let (servers, shipped) = text.split_once("# Which tools there are").unwrap();
    let (_, servers) = servers.split_once("# What tools do").unwrap();
    let bindings = match bindings {
        "" => shipped.split_once('\n').unwrap().1,
        others => others,
    };
    let servers = servers.split_once('\n').unwrap().1;
    folder.write(
        "gatewright.toml",
        &format!(
            "[gate]\nlisten = \"127.0.0.1:0\"\nadmin = \"127.0.0.1:0\"\n\n\
             [limits]\napproval_wait = \"0s\"\n\n\
             [[issuer]]\nid = \"{issuer}\"\nscopes = [\"*:*\"]\nlifetime_max = \"1h\"\n\n\
             [[approver]]\nname = \"user:kim\"\nkeys = [\"{kim}\"]\n\
             roles = [\"owner\", \"security\", \"finance\"]\n\n{servers}\n{bindings}"
        ),
    );
}

/// An address of this machine that is free now.
fn free() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap()
}

fn drill_running(folder: &Folder, gate: &Served, tools: SocketAddr) -> Ran {
    let (url, tools) = (format!("http://{}", gate.listen()), tools.to_string());
    let arguments = [
        "drill",
        "--gate",
        &url,
        "--admin",
        gate.admin(),
        "--issuer-key",
        "issuer.key",
        "--approver-key",
        "kim.key",
        "--tools",
        &tools,
        "--format",
        "json",
    ];
    folder.run(&arguments)
}

#[test]
fn a_gate_that_is_running_is_drilled_as_it_is() {
    let (folder, tools) = (Folder::new(), free());
    for_tests(&folder, tools, "");
    let gate = Served::open(&folder);
    let ran = drill_running(&folder, &gate, tools);
    assert_eq!(failed(&ran), Vec::<String>::new(), "{ran:?}");
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(gate.terminate(), Some(0), "the drill leaves it running");
    // What was played is in its record.
    let ran = folder.run(&["log"]);
    assert!(ran.stdout.contains("quota_exceeded"), "{ran:?}");
}

#[test]
fn a_running_gate_that_lets_everything_through_fails_the_drill() {
    let (folder, tools) = (Folder::new(), free());
    let policy = plugin("tool-gate");
    let open = format!(
        "[[binding]]\nname = \"open\"\npolicy = {policy:?}\n\
         settings = {{ rules = [{{ tools = [\"*\"], effect = \"allow\" }}] }}\n"
    );
    for_tests(&folder, tools, &open);
    let gate = Served::open(&folder);
    let ran = drill_running(&folder, &gate, tools);
    assert_eq!(ran.code, 3, "{ran:?}");
    let failed = failed(&ran);
    for name in ["argument-smuggling", "runaway-spend"] {
        assert!(failed.iter().any(|it| it == name), "{name}: {ran:?}");
    }
}
