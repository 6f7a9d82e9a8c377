//! From the files of clients to a gate before their tool servers, and back.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::init_user::{Desktop, SECRET, SERVER, User, json_of, kept, mode};
use super::plugin;

/// The same over HTTP, for whoever shows the right header.
const ENDPOINT: &str = r#"
import http.server, json
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def log_message(self, *a): pass
    def answer(self, code, body=b""):
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def do_GET(self): self.answer(405)
    def do_DELETE(self): self.answer(405)
    def do_POST(self):
        m = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.headers.get("Authorization") != "Bearer s3cret-of-a-header": return self.answer(401)
        if "id" not in m: return self.answer(202)
        method = m["method"]
        if method == "initialize": result = {"protocolVersion": "2025-11-25", "capabilities": {"tools": {}}, "serverInfo": {"name": "h", "version": "1"}}
        elif method == "tools/list": result = {"tools": [{"name": "fetch", "inputSchema": {"type": "object"}}]}
        elif method == "tools/call": result = {"content": [{"type": "text", "text": "fetched"}]}
        else: return self.answer(200, json.dumps({"jsonrpc": "2.0", "id": m["id"], "error": {"code": -32601, "message": "no"}}).encode())
        self.answer(200, json.dumps({"jsonrpc": "2.0", "id": m["id"], "result": result}).encode())
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(f"http://127.0.0.1:{server.server_port}/mcp", flush=True)
server.serve_forever()
"#;

/// The files of all clients, in the form of each; `SERVER` is the script.
const FORMS: [(&str, &str); 7] = [
    (
        ".config/Claude/claude_desktop_config.json",
        "{\n  \"mcpServers\": {\n    \"files\": {\n      \"command\": \"python3\",\n      \"args\": [\n        \"SERVER\"\n      ],\n      \"env\": { \"TOKEN\": \"s3cret-of-a-variable\" }\n    }\n  },\n  \"globalShortcut\": \"\"\n}\n",
    ),
    (
        ".claude.json",
        "{\"numStartups\":7,\"mcpServers\":{\"files\":{\"type\":\"stdio\",\"command\":\"python3\",\"args\":[\"SERVER\"],\"env\":{\"TOKEN\":\"s3cret-of-a-variable\"}}},\"projects\":{\"/\":{\"mcpServers\":{\"mine\":{\"command\":\"python3\",\"args\":[\"SERVER\"]}},\"history\":[]}}}",
    ),
    (
        ".cursor/mcp.json",
        "{\"mcpServers\": {\"files\": {\"args\": [\"SERVER\"], \"env\": {\"TOKEN\": \"${env:TOKEN_OF_CURSOR}\"}, \"command\": \"python3\"}}}",
    ),
    (
        ".config/Code/User/mcp.json",
        "// of the user\n{\n\t\"servers\": {\n\t\t/* the files */\n\t\t\"files\": {\n\t\t\t\"command\": \"python3\", // found by PATH\n\t\t\t\"args\": [\"SERVER\",],\n\t\t\t\"env\": {\"TOKEN\": \"s3cret-of-a-variable\"},\n\t\t},\n\t},\n\t\"inputs\": [],\n}\n",
    ),
    (
        ".codeium/windsurf/mcp_config.json",
        "\u{feff}{\r\n  \"mcpServers\": {\r\n    \"files\": {\r\n      \"command\": \"python3\",\r\n      \"args\": [\"SERVER\"],\r\n      \"disabledTools\": []\r\n    }\r\n  }\r\n}\r\n",
    ),
    (
        ".config/zed/settings.json",
        "// Zed settings\n{\n  \"theme\": \"One Dark\", // dark\n  \"context_servers\": {\n    \"files\": {\n      \"source\": \"custom\",\n      \"command\": \"python3\",\n      \"args\": [\"SERVER\"],\n      \"env\": {}\n    },\n    \"from-an-extension\": { \"source\": \"extension\", \"settings\": {} },\n  },\n}\n",
    ),
    (
        ".gemini/settings.json",
        "{ \"mcpServers\": { \"files\": { \"command\": \"python3\", \"args\": [\"SERVER\"], \"trust\": false } }, \"ui\": { \"theme\": \"x\" } }",
    ),
];

/// Without comments and trailing commas, for a reader that knows JSON alone.
fn plain(text: &str) -> Value {
    let mut lines = String::new();
    for line in text.trim_start_matches('\u{feff}').lines() {
        let line = line.split(" //").next().unwrap();
        let line = line.split("/*").next().unwrap();
        if !line.starts_with("//") {
            lines.push_str(line.trim());
        }
    }
    let plain = lines.replace(",}", "}").replace(",]", "]");
    serde_json::from_str(&plain).unwrap_or_else(|error| panic!("{error}: {plain}"))
}

#[test]
fn each_client_starts_a_gate_and_gets_its_file_back_byte_for_byte() {
    let user = User::new();
    let mut files = Vec::new();
    for (index, (file, form)) in FORMS.into_iter().enumerate() {
        let text = form.replace("SERVER", &user.server());
        let path = user.has(file, &text);
        let mode = if index % 2 == 0 { 0o600 } else { 0o644 };
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        files.push((path, text, mode));
    }
    let init = |arguments: &[&str]| {
        let guards = user.0.path("guards");
        let mut all = vec!["init", "--policies", guards.to_str().unwrap()];
        all.extend(arguments);
        let mut command = user.command(&all);
        let output = command.env("TOKEN_OF_CURSOR", SECRET).output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        let complained = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(0), "{said}{complained}");
        assert!(
            !said.contains(SECRET) && !complained.contains(SECRET),
            "{said}"
        );
        said
    };
    let planned = init(&[]);
    assert!(planned.contains("nothing was written"), "{planned}");
    for (path, text, _) in &files {
        assert_eq!(fs::read_to_string(path).unwrap(), *text, "only shown");
    }
    assert!(!user.config().exists(), "only shown");

    let wrote = init(&["--write-clients"]);
    assert!(wrote.contains("start the clients again"), "{wrote}");
    for (path, text, mode_before) in &files {
        let now = fs::read_to_string(path).unwrap();
        assert_eq!(mode(path), *mode_before, "{}", path.display());
        assert_eq!(fs::read_to_string(kept(path)).unwrap(), *text);
        assert_eq!(mode(&kept(path)), 0o600);
        let (before, now_said) = (plain(text), plain(&now));
        let mut expected = before.clone();
        let table = ["mcpServers", "servers", "context_servers"];
        let table = table
            .into_iter()
            .find(|it| before.get(it).is_some())
            .unwrap();
        let entry = &now_said[table]["files"];
        let program = entry["command"].as_str().unwrap();
        assert!(program.ends_with("/gatewright"), "{now}");
        assert_eq!(entry["args"][0], "wrap", "{now}");
        assert_eq!(entry["args"][2], user.config().to_str().unwrap(), "{now}");
        expected[table]["files"]["command"] = entry["command"].clone();
        expected[table]["files"]["args"] = entry["args"].clone();
        if before.get("projects").is_some() {
            let project = &now_said["projects"]["/"]["mcpServers"]["mine"];
            assert_eq!(project["args"][0], "wrap");
            let place = &mut expected["projects"]["/"]["mcpServers"]["mine"];
            *place = json!({ "command": project["command"], "args": project["args"] });
        }
        assert_eq!(now_said, expected, "nothing else is said");
        for comment in [
            "// of the user",
            "/* the files */",
            "// found by PATH",
            "// dark",
        ] {
            assert_eq!(now.contains(comment), text.contains(comment), "{now}");
        }
        assert_eq!(now.contains("\r\n"), text.contains("\r\n"));
    }
    let config = fs::read_to_string(user.config()).unwrap();
    assert!(!config.contains(SECRET), "{config}");
    assert_eq!(mode(&user.config()), 0o600);
    // With a variable, without one, and in the folder of a project.
    assert_eq!(config.matches("[[server]]").count(), 3, "{config}");
    let ran = user.run(&["check", user.config().to_str().unwrap()]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(!ran.stdout.contains("warning"), "{ran:?}");

    let again = init(&["--write-clients"]);
    assert!(again.contains("there is nothing to do"), "{again}");
    let would = init(&["--undo", "--dry-run"]);
    assert!(would.contains("files would be put back"), "{would}");
    assert!(kept(&files[0].0).exists());
    init(&["--undo"]);
    for (path, text, mode_before) in &files {
        assert_eq!(fs::read_to_string(path).unwrap(), *text);
        assert_eq!(mode(path), *mode_before);
        assert!(!kept(path).exists());
    }
    assert!(init(&["--undo"]).contains("nothing to put back"));
}

/// What a platform team and a person at a desk do first.
#[test]
fn within_a_minute_a_call_goes_through_the_gate() {
    let began = Instant::now();
    let user = User::new();
    let guard = user.0.path("guards").join("path-guard.wasm");
    fs::copy(plugin("path-guard"), guard).unwrap();
    let files = user.0.path("tools").to_str().unwrap().to_owned();
    let entry = json!({
        "command": "python3", "args": [user.server(), files], "env": { "TOKEN": SECRET },
    });
    let text = json!({ "mcpServers": { "My files!": entry } }).to_string();
    let path = user.has(".config/Claude/claude_desktop_config.json", &text);
    let ran = user.init(&["--write-clients"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let entry = &json_of(&path)["mcpServers"]["My files!"];
    let mut desktop = Desktop::start(&user, entry);
    let said = desktop.call("read_file");
    let home = fs::canonicalize(user.0.path("home")).unwrap();
    assert_eq!(said, format!("read_file {SECRET} {}", home.display()));
    let prompt = desktop.ask("prompts/get", &json!({ "name": "greet" }));
    assert_eq!(prompt["result"]["messages"][0]["content"]["text"], "hello");
    // What was not there when the server was asked does not go through.
    let refused = desktop.ask(
        "tools/call",
        &json!({ "name": "delete_file", "arguments": {} }),
    );
    assert!(refused.to_string().contains("tool_not_pinned"), "{refused}");
    drop(desktop);
    assert!(
        began.elapsed() < Duration::from_secs(60),
        "{:?}",
        began.elapsed()
    );
    let config = user.config();
    let config = config.to_str().unwrap();
    let log = user.run(&["log", config, "--format", "json"]);
    assert!(log.stdout.contains("\"user:alice\""), "{log:?}");
    assert!(!log.stdout.contains(SECRET), "{log:?}");
    // The guard watched: without a path it would have refused the first call.
    let flips = user.run(&["flips", config]);
    assert!(flips.stdout.contains("My-files.paths"), "{flips:?}");
}

#[test]
fn every_guard_takes_what_it_is_proposed_with() {
    let user = User::new();
    let guards = [
        "path-guard",
        "command-guard",
        "sql-guard",
        "egress-guard",
        "secret-shield",
    ];
    for guard in guards {
        let file = user.0.path("guards").join(format!("{guard}.wasm"));
        fs::copy(plugin(guard), file).unwrap();
    }
    let names = r#"("read_file", "run_command", "query", "fetch")"#;
    let server = SERVER.replace(r#"("read_file", "odd*name")"#, names);
    user.0.write("tools/postgres.py", &server);
    let (server, folder) = (user.0.path("tools/postgres.py"), user.0.path("tools"));
    let entry = json!({ "command": "python3", "args": [server, folder] });
    let text = json!({ "mcpServers": { "all": entry } });
    user.has(".cursor/mcp.json", &text.to_string());
    let ran = user.init(&["--write"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let ran = user.run(&["check", user.config().to_str().unwrap()]);
    assert_eq!(ran.code, 0, "{ran:?}");
    for binding in [
        "all.paths",
        "all.commands",
        "all.sql",
        "all.urls",
        "secrets",
    ] {
        assert!(
            ran.stdout.contains(&format!("binding  {binding} ")),
            "{ran:?}"
        );
    }
    assert_eq!(
        ran.stdout.matches("observed only").count(),
        guards.len(),
        "{ran:?}"
    );
    // The clients go on as before.
    let path = user.path(".cursor/mcp.json");
    assert_eq!(json_of(&path), text);
    assert!(!kept(&path).exists());
}

#[test]
fn an_endpoint_with_a_header_stands_behind_the_gate_and_its_secret_stays_where_it_is() {
    let user = User::new();
    user.0.write("tools/endpoint.py", ENDPOINT);
    let mut endpoint = Command::new("python3")
        .arg(user.0.path("tools/endpoint.py"))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut url = String::new();
    BufReader::new(endpoint.stdout.take().unwrap())
        .read_line(&mut url)
        .unwrap();
    let url = url.trim();
    let text = format!(
        "{{\n  \"mcpServers\": {{\n    \"web\": {{\n      \"type\": \"http\",\n      \"url\": \"{url}\",\n      \
         \"headers\": {{ \"Authorization\": \"Bearer ${{WEB_TOKEN:-s3cret-of-a-header}}\" }}\n    }},\n    \
         \"closed\": {{ \"type\": \"http\", \"url\": \"{url}\" }}\n  }}\n}}\n"
    );
    let path = user.has(".claude.json", &text);
    let ran = user.init(&["--write-clients"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(!format!("{ran:?}").contains("s3cret"), "{ran:?}");
    assert!(
        ran.stdout
            .contains("closed  stays as it is: it cannot be asked"),
        "{ran:?}"
    );
    let config = fs::read_to_string(user.config()).unwrap();
    assert!(!config.contains("s3cret"), "{config}");
    let now = json_of(&path);
    let variable = "${WEB_TOKEN:-s3cret-of-a-header}";
    assert_eq!(
        now["mcpServers"]["web"],
        json!({
            "type": "stdio",
            "command": now["mcpServers"]["web"]["command"],
            "args": ["wrap", "--config", user.config(), "--server", "web"],
            "env": { "GATEWRIGHT_WEB_CREDENTIAL": variable },
        })
    );
    assert_eq!(
        now["mcpServers"]["closed"],
        plain(&text)["mcpServers"]["closed"]
    );
    // The client puts the value there.
    let mut entry = now["mcpServers"]["web"].clone();
    entry["env"]["GATEWRIGHT_WEB_CREDENTIAL"] = json!("s3cret-of-a-header");
    assert_eq!(Desktop::start(&user, &entry).call("fetch"), "fetched");
    assert_eq!(user.init(&["--undo"]).code, 0);
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
    endpoint.kill().unwrap();
    endpoint.wait().unwrap();
}
