//! Stopping agents from the command line.

use serde_json::Value;

use super::serve::Served;
use super::{Folder, Ran, plugin};

const BOT: &str = "did:example:bot";

fn folder(tables: &str) -> Folder {
    let folder = Folder::new();
    let policy = plugin("tool-gate");
    folder.with_issuer(&format!(
        "{tables}[[binding]]\nname = \"rules\"\npolicy = {policy:?}\n\
         settings = {{ rules = [{{ tools = [\"*\"], effect = \"allow\" }}] }}\n"
    ));
    folder
}

fn run(folder: &Folder, gate: &Served, arguments: &[&str]) -> Ran {
    let mut all = arguments.to_vec();
    all.extend(["--admin", gate.admin()]);
    folder.run(&all)
}

fn json(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {ran:?}"))
}

#[test]
fn an_agent_is_stopped_and_stays_so_when_the_gate_is_killed() {
    let folder = folder("");
    let gate = Served::open(&folder);
    let ran = run(&folder, &gate, &["agents", "suspend", BOT, "--why", "x"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.stderr.contains("--issuer"), "{ran:?}");
    let suspend = [
        "agents",
        "suspend",
        BOT,
        "--issuer",
        "idp",
        "--why",
        "sends mail to strangers",
        "--by",
        "ann",
    ];
    let ran = run(&folder, &gate, &suspend);
    assert_eq!(
        (ran.code, ran.stdout.as_str()),
        (0, "did:example:bot: suspended\n"),
        "{ran:?}"
    );
    let ran = run(&folder, &gate, &suspend);
    assert!(ran.stdout.contains("it is so already"), "{ran:?}");
    let ran = run(&folder, &gate, &["log", "rotate"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    // SIGKILL.
    drop(gate);
    let gate = Served::open(&folder);
    let ran = run(&folder, &gate, &["agents", "show", BOT]);
    for line in [
        "state       suspended",
        "stopped by  agent",
        "said by     ann",
        "why         sends mail to strangers",
        "owner       -",
    ] {
        assert!(ran.stdout.contains(line), "no `{line}` in {ran:?}");
    }
    let ran = run(
        &folder,
        &gate,
        &["agents", "list", "--orphans", "--format", "json"],
    );
    assert_eq!(json(&ran)["agents"][0]["state"], "suspended");
    let ran = run(
        &folder,
        &gate,
        &["agents", "resume", BOT, "--why", "mended"],
    );
    assert_eq!(ran.stdout, "did:example:bot: goes on\n", "{ran:?}");
    assert_eq!(gate.terminate(), Some(0));
    let ran = folder.run(&["log"]);
    assert!(
        ran.stdout
            .contains("agents suspend did:example:bot of idp by ann: sends mail to strangers"),
        "{ran:?}"
    );
}

#[test]
fn agents_are_imported_and_an_owner_and_a_credential_stopped() {
    let folder = folder("[agents]\n\n");
    let agents = "[[agent]]\nid = \"did:example:bot\"\nissuer = \"idp\"\nowner = \"billing\"\n\
                  purpose = \"pays bills\"\nservers = [\"files\"]\n";
    folder.write("agents.toml", agents);
    let gate = Served::open(&folder);
    let import = ["agents", "import", "agents.toml", "--why", "first list"];
    let ran = run(&folder, &gate, &import);
    assert_eq!(
        ran.stdout, "1 agent in the file, 1 of them new or changed\n",
        "{ran:?}"
    );
    let ran = run(
        &folder,
        &gate,
        &[
            "agents",
            "decommission",
            "--owner",
            "billing",
            "--why",
            "closed",
        ],
    );
    assert_eq!(ran.code, 0, "{ran:?}");
    let ran = run(
        &folder,
        &gate,
        &["agents", "resume", "--owner", "billing", "--why", "open"],
    );
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("final"), "{ran:?}");
    let ran = run(&folder, &gate, &["agents", "list", "--owner", "billing"]);
    assert!(
        ran.stdout.contains("decommissioned  owner billing"),
        "{ran:?}"
    );

    let issued = folder.run(&[
        "credential",
        "issue",
        "--key",
        "issuer.key",
        "--agent",
        BOT,
        "--principal",
        "user:a",
        "--scope",
        "files:*",
        "--valid-for",
        "1h",
    ]);
    folder.write("bot.credential", &issued.stdout);
    let ran = run(
        &folder,
        &gate,
        &[
            "revoke",
            "bot.credential",
            "--why",
            "shown in a chat",
            "--format",
            "json",
        ],
    );
    let revoked = json(&ran);
    assert!(
        revoked["revoked"]
            .as_str()
            .unwrap()
            .starts_with("urn:uuid:"),
        "{ran:?}"
    );
    assert_eq!(revoked["changed"], 1);
    let ran = run(
        &folder,
        &gate,
        &[
            "revoke",
            "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I",
            "--below",
            "--why",
            "x",
        ],
    );
    assert!(
        ran.stdout.contains("everything below it is revoked"),
        "{ran:?}"
    );
    folder.write("wrong.toml", "[[agent]]\nid = \"a\"\n");
    let ran = run(
        &folder,
        &gate,
        &["agents", "import", "wrong.toml", "--why", "x"],
    );
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("missing field `issuer`"), "{ran:?}");
}

/// What the pages show is what works.
#[test]
fn the_commands_of_the_page_do_what_it_says() {
    let block = |page: &str| {
        let page = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(page);
        let text = std::fs::read_to_string(page).unwrap();
        let (_, block) = text.split_once(" no-test=tests/cli/agents.rs\n").unwrap();
        block.split_once("```").unwrap().0.to_owned()
    };
    let folder = folder("");
    let issued = folder.run(&[
        "credential",
        "issue",
        "--key",
        "issuer.key",
        "--agent",
        BOT,
        "--principal",
        "user:a",
        "--scope",
        "files:*",
        "--valid-for",
        "1h",
    ]);
    folder.write("bot.credential", &issued.stdout);
    folder.write("agents.toml", &block("../../docs/configuration.md"));
    let gate = Served::open(&folder);
    let import = ["agents", "import", "agents.toml", "--why", "first list"];
    assert_eq!(run(&folder, &gate, &import).code, 0);
    let commands = block("../../docs/security-and-audit.md");
    let mut shown = 0;
    for command in commands.lines() {
        let command = command.strip_prefix("gatewright ").unwrap();
        let script = format!("exec \"$0\" {command} --admin {}", gate.admin());
        let program = folder.command(&[]);
        let mut shell = std::process::Command::new("sh");
        shell.args(["-c", &script]).arg(program.get_program());
        shell.current_dir(folder.path(""));
        let output = shell.output().unwrap();
        assert!(output.status.success(), "{command}: {output:?}");
        shown += 1;
    }
    assert_eq!(shown, 5);
    let ran = run(&folder, &gate, &["agents", "show", BOT, "--format", "json"]);
    let agent = &json(&ran)["agents"][0];
    assert_eq!(
        (&agent["state"], &agent["stopped"]),
        (&"suspended".into(), &"owner".into())
    );
}

#[test]
fn without_a_gate_or_its_secret_nothing_is_changed() {
    let folder = folder("");
    let suspend = ["agents", "suspend", "--issuer", "idp", "--why", "x"];
    let ran = folder.run(&[&suspend[..], &["--admin", "127.0.0.1:9"]].concat());
    assert_eq!(ran.code, 1);
    assert!(
        ran.stderr.contains("no gate was ever started here"),
        "{ran:?}"
    );
    let gate = Served::open(&folder);
    let ran = folder.run(&[&suspend[..], &["--admin", "127.0.0.1:9"]].concat());
    assert!(
        ran.stderr.contains("start one with `gatewright serve`"),
        "{ran:?}"
    );
    let salt = folder.path("state/audit.jsonl.salt");
    std::fs::write(&salt, [7; 32]).unwrap();
    let ran = run(&folder, &gate, &suspend);
    assert!(ran.stderr.contains("only for operators"), "{ran:?}");
}
