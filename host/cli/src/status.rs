//! `gatewright status`: what a running gate says about itself.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use gatewright_policy::{Timestamp, counted};
use serde_json::Value;

use crate::config_file::ConfigFile;
use crate::failure::{Advise as _, Exit};
use crate::known::Known;
use crate::output::{Digits, Format, Paint, Tone, print_json, print_line, visible};

/// Ask a running gate for its generation, digests and last reload error.
///
/// Asks the admin listener over loopback. Exit code 1 when no gate answers.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  gatewright status
  gatewright status --admin 127.0.0.1:8701 --format json")]
pub(crate) struct Arguments {
    #[command(flatten)]
    config: ConfigFile,
    /// The admin listener, instead of the one in the configuration.
    #[arg(long, value_name = "ADDRESS")]
    admin: Option<SocketAddr>,
    /// Output format.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    digits: Digits,
}

/// A gate that takes longer is not well.
const PATIENCE: Duration = Duration::from_secs(5);

/// Longest answer, in bytes.
const ANSWER_BYTES_MAX: u64 = 4 << 20;

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let admin = match arguments.admin {
        Some(admin) => admin,
        None => Known::read(&arguments.config)?.admin,
    };
    let status = ask(admin, "GET /status", PATIENCE)?;
    match arguments.format {
        Format::Json => print_json(&status)?,
        Format::Text => print_line(&text(&status, arguments.digits, Paint::stdout()))?,
    }
    Ok(Exit::Fine)
}

/// What a running gate answers to an operator.
pub(crate) fn ask(admin: SocketAddr, what: &str, patience: Duration) -> anyhow::Result<Value> {
    let asking = Asking {
        what,
        body: None,
        secret: None,
        patience,
    };
    asking.of(admin)
}

/// What an operator asks a running gate.
pub(crate) struct Asking<'a> {
    /// Method and path.
    pub(crate) what: &'a str,
    pub(crate) body: Option<&'a Value>,
    /// Shows that it is an operator.
    pub(crate) secret: Option<&'a str>,
    pub(crate) patience: Duration,
}

impl Asking<'_> {
    /// The answer of the gate with this admin listener.
    pub(crate) fn of(&self, admin: SocketAddr) -> anyhow::Result<Value> {
        let body = self.body.map(Value::to_string).unwrap_or_default();
        let mut headers = format!("Host: {admin}\r\nContent-Length: {}\r\n", body.len());
        if self.body.is_some() {
            headers.push_str("Content-Type: application/json\r\n");
        }
        if let Some(secret) = self.secret {
            headers.push_str(&format!("Authorization: Bearer {secret}\r\n"));
        }
        let request = format!("{} HTTP/1.0\r\n{headers}\r\n{body}", self.what);
        exchange(admin, &request, self.patience)
    }
}

fn exchange(admin: SocketAddr, request: &str, patience: Duration) -> anyhow::Result<Value> {
    if !admin.ip().is_loopback() {
        return Err(anyhow!("`{admin}` is not a loopback address"))
            .hint("the admin listener answers on the gate's own machine only");
    }
    let mut stream = TcpStream::connect_timeout(&admin, PATIENCE)
        .with_context(|| format!("no gate answers at {admin}"))
        .hint("start one with `gatewright serve`, or name its admin listener with `--admin`")?;
    stream.set_read_timeout(Some(patience))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    // HTTP/1.0: the answer ends with the connection.
    stream.write_all(request.as_bytes())?;
    let mut answer = String::new();
    stream
        .take(ANSWER_BYTES_MAX)
        .read_to_string(&mut answer)
        .with_context(|| format!("the gate at {admin} does not answer"))?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    match head.split(' ').nth(1) {
        Some("200") => serde_json::from_str(body)
            .with_context(|| format!("what answers at {admin} is not a gate")),
        Some("400" | "403" | "409") => {
            bail!("the gate at {admin} refuses: {}", visible(body.trim()))
        }
        Some("500") => bail!("the gate at {admin} cannot do that: {}", visible(body)),
        Some(_) | None => {
            let line = head.lines().next().unwrap_or_default();
            bail!("what answers at {admin} is not a gate: `{}`", visible(line))
        }
    }
}

fn text(status: &Value, digits: Digits, paint: Paint) -> String {
    let word = |pointer: &str| match status.pointer(pointer) {
        None | Some(Value::Null) => "-".to_owned(),
        Some(Value::String(text)) => visible(text),
        Some(other) => visible(&other.to_string()),
    };
    let time = |pointer: &str| {
        let millis = status.pointer(pointer).and_then(Value::as_u64);
        millis.map_or_else(|| "-".to_owned(), |millis| Timestamp(millis).to_string())
    };
    let mut lines = vec![
        format!(
            "generation  {} since {}",
            word("/generation"),
            time("/activated_at")
        ),
        format!("policies    {}", digits.of(&word("/policies"))),
    ];
    for binding in status["bindings"].as_array().into_iter().flatten() {
        let part = |name: &str| visible(binding[name].as_str().unwrap_or("-"));
        let (name, rollout) = (part("name"), part("rollout"));
        let (world, component) = (part("world"), digits.of(&part("component")));
        lines.push(format!(
            "binding     {name} ({world}, {rollout}) {component}"
        ));
    }
    if let Some(packs) = status.get("packs") {
        lines.extend(pack_lines(packs, digits, paint));
    }
    for keys in status["issuer_keys"].as_array().into_iter().flatten() {
        lines.extend(issuer_lines(keys, paint));
    }
    if status["ready"] != Value::Bool(true) {
        lines.push(paint.tone(Tone::Bad, "not ready: every call is refused"));
    }
    if status["ledger_healthy"] == Value::Bool(false) {
        let unhealthy = "the ledger cannot be written: calls that need a record are refused";
        lines.push(paint.tone(Tone::Bad, unhealthy));
        let error = status["ledger_error"].as_str().unwrap_or_default();
        lines.extend(error.lines().map(|line| format!("  {}", visible(line))));
    }
    if status.get("memory").is_some() {
        lines.push(format!("memory      {}", word("/memory")));
    }
    let bytes = |place: &str| {
        let bytes = status.pointer(place).and_then(Value::as_u64);
        counted(bytes.unwrap_or_default(), "byte")
    };
    if let Some(segment) = status.get("segment") {
        lines.push(format!(
            "ledger      entries from {}, {}; signed until before {}",
            word("/segment/first_sequence"),
            bytes("/segment/bytes"),
            word("/segment/signed")
        ));
        if let Some(error) = segment["tree_error"].as_str() {
            lines.push(paint.tone(
                Tone::Bad,
                &format!("  nothing more is signed: {}", visible(error)),
            ));
        }
        if let Some(error) = segment["held_error"].as_str() {
            lines.push(paint.tone(
                Tone::Bad,
                &format!("  held calls are not kept well: {}", visible(error)),
            ));
        }
        if let Some(error) = segment["rotate_error"].as_str() {
            lines.push(paint.tone(
                Tone::Bad,
                &format!("  the last rotation failed: {}", visible(error)),
            ));
        }
        if segment.get("cut").is_some() {
            let cut = format!(
                "  its end was no entry at the last start: {}, kept in {}",
                bytes("/segment/cut/bytes"),
                word("/segment/cut/kept")
            );
            lines.push(paint.tone(Tone::Warning, &cut));
        }
    }
    lines.extend(tool_lines(&status["tools"], paint));
    if let Some(behind) = status["clock_behind_seconds"].as_u64() {
        let behind = format!(
            "clock       {} behind the ledger: time stands still until it has caught up\n  \
             hint: mend the clock, or see `gatewright log set-clock --help`",
            counted(behind, "second")
        );
        lines.push(paint.tone(Tone::Bad, &behind));
    }
    if status.get("accept_error").is_some() {
        let failing = format!("no agent can connect: {}", word("/accept_error"));
        lines.push(paint.tone(Tone::Bad, &failing));
    }
    if status.get("building").is_some() {
        let since = time("/building/since");
        lines.push(format!("building    since {since}"));
    }
    match status
        .pointer("/reload_error/error")
        .and_then(Value::as_str)
    {
        None => lines.push("reload      no error".to_owned()),
        Some(error) => {
            let since = time("/reload_error/since");
            let failed = format!("reload      fails since {since}; the generation above stays:");
            lines.push(paint.tone(Tone::Bad, &failed));
            lines.extend(error.lines().map(|line| format!("  {}", visible(line))));
        }
    }
    lines.join("\n")
}

/// Tools that are pinned; those that changed stand out.
fn tool_lines(tools: &Value, paint: Paint) -> Vec<String> {
    let count = |name: &str| tools[name].as_u64().unwrap_or_default();
    if count("pinned") == 0 {
        return Vec::new();
    }
    let mut lines = vec![format!(
        "tools       {} pinned, {} of them at first sight",
        count("pinned"),
        count("first_sight")
    )];
    if count("changed") > 0 {
        let names = tools["changed_names"].as_array().into_iter().flatten();
        let names: Vec<_> = names.filter_map(Value::as_str).map(visible).collect();
        let changed = format!(
            "  another tool now: {} ({})\n  hint: see `gatewright tools diff`",
            count("changed"),
            names.join(", ")
        );
        lines.push(paint.tone(Tone::Bad, &changed));
    }
    lines
}

/// Keys that are fetched; those that are refused, or will be, stand out.
fn issuer_lines(keys: &Value, paint: Paint) -> Vec<String> {
    let part = |name: &str| visible(keys[name].as_str().unwrap_or("-"));
    let until = keys["until"].as_u64();
    let until = until.map_or_else(|| "-".to_owned(), |millis| Timestamp(millis).to_string());
    let line = match keys["state"].as_str() {
        Some("good") => {
            let count = keys["keys"].as_u64().unwrap_or_default();
            format!("issuer      {} ({})", part("issuer"), counted(count, "key"))
        }
        Some("not-refreshed") => paint.tone(
            Tone::Warning,
            &format!(
                "issuer      {}: its keys hold until {until}",
                part("issuer")
            ),
        ),
        Some(_) | None => paint.tone(
            Tone::Bad,
            &format!(
                "issuer      {}: no keys, its tokens are refused",
                part("issuer")
            ),
        ),
    };
    let mut lines = vec![line];
    if let Some(error) = keys["error"].as_str() {
        lines.push(format!("  {}", visible(error)));
    }
    lines
}

/// What is wanted of packs and what is in force; what differs stands out.
fn pack_lines(packs: &Value, digits: Digits, paint: Paint) -> Vec<String> {
    let text = |value: &Value| match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => visible(text),
        other => visible(&other.to_string()),
    };
    let (wanted, active) = (&packs["wanted"], &packs["active"]);
    let mut lines = vec![format!(
        "packs       set {} wanted by {} at {}; set {} in force, set {} last good",
        text(wanted),
        text(&packs["by"]),
        text(&packs["at"]),
        text(active),
        text(&packs["last_good"]),
    )];
    for pack in packs["set"].as_array().into_iter().flatten() {
        let name = text(&pack["name"]);
        let version = |pack: &Value| match pack {
            Value::Null => "none".to_owned(),
            pack => format!(
                "{} (version {}, publisher {}) {}",
                text(&pack["revision"]),
                text(&pack["version"]),
                text(&pack["publisher"]),
                digits.of(&text(&pack["pack"]))
            ),
        };
        lines.push(format!("pack        {name} {}", version(&pack["active"])));
        if pack["expired"] == true {
            let expired = format!(
                "  expired   at {}; it stays in force until a newer version comes",
                text(&pack["expires"])
            );
            lines.push(paint.tone(Tone::Bad, &expired));
        }
        if let Some(candidate) = pack.get("candidate") {
            let share = text(&candidate["candidate"]);
            lines.push(format!(
                "  candidate {} for {share} of the agents",
                version(candidate)
            ));
        }
        if let Some(follows) = pack.get("follows") {
            let (from, track) = (text(&follows["from"]), text(&follows["track"]));
            lines.push(format!("  follows   {track} of {from}"));
            if let Some(error) = follows.get("error") {
                lines.push(paint.tone(Tone::Bad, &format!("  refused   {}", text(error))));
            }
        }
        if pack.get("wanted") != pack.pointer("/active/pack") {
            let wanted = format!(
                "  wanted    {}, not in force",
                digits.of(&text(&pack["wanted"]))
            );
            lines.push(paint.tone(Tone::Bad, &wanted));
        }
    }
    lines
}
