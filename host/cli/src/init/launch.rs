//! What an entry of a client starts or reaches, as far as it is understood.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::clients::Client;
use super::variables::{Environment, Known};

/// What a gate would start or reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Launch {
    /// A program.
    Program {
        command: Vec<String>,
        directory: PathBuf,
        /// Names of variables that the client gives it.
        variables: BTreeSet<String>,
    },
    /// A Streamable HTTP endpoint.
    Endpoint {
        url: String,
        credential: Option<Header>,
    },
}

/// A header that the client sends, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) name: String,
    /// What stands before the secret.
    pub(super) scheme: String,
}

/// What only the client's file holds. Never shown and never written elsewhere.
#[derive(Clone, Default)]
pub(super) struct Secrets {
    /// Variables of the program, with their values.
    pub(super) variables: BTreeMap<String, String>,
    /// What stands in the header behind the scheme.
    pub(super) header: String,
}

/// What an entry is.
pub(super) enum Meaning {
    /// It leads to a gate already.
    Gated,
    /// A tool server that can stand behind a gate.
    Server(Launch, Secrets),
    /// It stays as it is, and why.
    Left(String),
}

/// What is known of where an entry stands.
#[derive(Clone, Copy)]
pub(super) struct Surroundings<'a> {
    pub(super) client: Client,
    pub(super) home: &'a Path,
    pub(super) project: Option<&'a Path>,
    pub(super) environment: &'a Environment,
}

/// Members that may stand beside a URL: they change nothing about how it is reached.
const BESIDE_URL: [&str; 16] = [
    "type",
    "headers",
    "name",
    "description",
    "timeout",
    "trust",
    "disabled",
    "enabled",
    "alwaysAllow",
    "autoApprove",
    "disabledTools",
    "includeTools",
    "excludeTools",
    "tools",
    "gallery",
    "version",
];

/// Over stdio, Streamable HTTP and HTTP+SSE.
const KINDS: [&str; 6] = [
    "stdio",
    "http",
    "streamable-http",
    "streamableHttp",
    "streamable_http",
    "sse",
];

/// Most entries of one file go on as they are; this says which do not.
pub(super) fn meaning(entry: &Value, around: Surroundings<'_>) -> Meaning {
    match understood(entry, around) {
        Ok(meaning) => meaning,
        Err(why) => Meaning::Left(why),
    }
}

/// Whether it starts this program as a gate.
pub(super) fn is_gated(entry: &Value) -> bool {
    let program = entry.get("command").and_then(Value::as_str).map(Path::new);
    let stem = program.and_then(Path::file_stem);
    let way = entry.pointer("/args/0").and_then(Value::as_str);
    stem.is_some_and(|stem| stem.to_string_lossy().starts_with("gatewright"))
        && matches!(way, Some("wrap" | "connect"))
}

fn understood(entry: &Value, around: Surroundings<'_>) -> Result<Meaning, String> {
    let members = entry.as_object().ok_or("it is no object")?;
    if is_gated(entry) {
        return Ok(Meaning::Gated);
    }
    let is = |name: &str, value: bool| members.get(name) == Some(&Value::Bool(value));
    if is("disabled", true) || is("enabled", false) {
        return Err("it is switched off".to_owned());
    }
    match members
        .get("type")
        .map(|kind| kind.as_str().unwrap_or_default())
    {
        Some(kind) if !KINDS.contains(&kind) => {
            return Err("its `type` is not known".to_owned());
        }
        Some(_) | None => {}
    }
    let mut urls = around.client.urls().iter();
    let url = urls.find(|name| members.contains_key(**name));
    match (members.contains_key("command"), url) {
        (true, None) => program(members, around),
        (false, Some(url)) => endpoint(members, url, around),
        (true, Some(_)) | (false, None) => Err("its form is not known".to_owned()),
    }
}

fn program(members: &Map<String, Value>, around: Surroundings<'_>) -> Result<Meaning, String> {
    if let Some(name) = ["envFile", "url", "httpUrl", "serverUrl", "sandbox"]
        .into_iter()
        .find(|name| members.contains_key(*name))
    {
        return Err(format!("its `{name}` is not understood"));
    }
    let mut command = vec![text(members, "command")?.ok_or("its `command` is no text")?];
    match members.get("args") {
        None => {}
        Some(Value::Array(arguments)) => {
            for argument in arguments {
                let argument = argument.as_str().ok_or("an argument is no text")?;
                command.push(argument.to_owned());
            }
        }
        Some(_) => return Err("its `args` are no list".to_owned()),
    }
    for word in &mut command {
        *word = around.everywhere(word)?;
    }
    if command.first().is_none_or(String::is_empty) {
        return Err("its `command` is empty".to_owned());
    }
    let usual = around.project.unwrap_or(around.home);
    let directory = match text(members, "cwd")? {
        Some(directory) => usual.join(around.everywhere(&directory)?),
        None => usual.to_owned(),
    };
    let mut secrets = Secrets::default();
    match members.get("env") {
        None => {}
        Some(Value::Object(variables)) => {
            for (name, value) in variables {
                let value = value
                    .as_str()
                    .ok_or(format!("its variable `{name}` is no text"))?;
                let value = around.now(value)?;
                secrets.variables.insert(name.clone(), value);
            }
        }
        Some(_) => return Err("its `env` is no object".to_owned()),
    }
    let launch = Launch::Program {
        command,
        directory,
        variables: secrets.variables.keys().cloned().collect(),
    };
    Ok(Meaning::Server(launch, secrets))
}

fn endpoint(
    members: &Map<String, Value>,
    url: &str,
    around: Surroundings<'_>,
) -> Result<Meaning, String> {
    let mut others = members.keys().filter(|name| *name != url);
    if let Some(name) = others.find(|name| !BESIDE_URL.contains(&name.as_str())) {
        return Err(format!("its `{name}` is not understood"));
    }
    let url = text(members, url)?.ok_or("its URL is no text")?;
    let url = around.everywhere(&url)?;
    if !(url.starts_with("http://") || url.starts_with("https://")) {
        return Err("its URL is not of http or https".to_owned());
    }
    let mut secrets = Secrets::default();
    let credential = match members.get("headers") {
        None => None,
        Some(Value::Object(headers)) => {
            let mut headers = headers.iter();
            let first = headers.next();
            if headers.next().is_some() {
                return Err("it has several headers, and the gate sends one".to_owned());
            }
            match first {
                Some((name, value)) => {
                    let value = value.as_str().ok_or("its header is no text")?;
                    let (scheme, secret) = parts(name, value);
                    secrets.header = around.now(secret)?;
                    let (name, scheme) = (name.to_ascii_lowercase(), scheme.to_owned());
                    Some(Header { name, scheme })
                }
                None => None,
            }
        }
        Some(_) => return Err("its `headers` are no object".to_owned()),
    };
    Ok(Meaning::Server(
        Launch::Endpoint { url, credential },
        secrets,
    ))
}

/// The scheme of a header, and what is secret in it.
pub(super) fn parts<'v>(name: &str, value: &'v str) -> (&'v str, &'v str) {
    let is_authorization = name.eq_ignore_ascii_case("authorization");
    match value.split_once(' ') {
        Some((scheme, secret)) if is_authorization && !scheme.contains('$') => (scheme, secret),
        Some(_) | None => ("", value),
    }
}

fn text(members: &Map<String, Value>, name: &str) -> Result<Option<String>, String> {
    match members.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(format!("its `{name}` is no text")),
    }
}

// === impl Surroundings ===

impl Surroundings<'_> {
    /// A text of which the gate's configuration keeps the value: no secret stands there.
    fn everywhere(&self, text: &str) -> Result<String, String> {
        self.known(false).resolve(text).map_err(|variable| {
            format!(
                "`{variable}` stands where only {} puts a value",
                self.client.title()
            )
        })
    }

    /// A text that the client goes on keeping; its value is needed to ask the server now.
    fn now(&self, text: &str) -> Result<String, String> {
        self.known(true).resolve(text).map_err(|variable| {
            format!("`{variable}` has a value in {} alone", self.client.title())
        })
    }

    fn known(&self, with_environment: bool) -> Known<'_> {
        Known {
            variables: self.client.variables(),
            home: self.home,
            project: self.project,
            environment: with_environment.then_some(self.environment),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn meaning_of(client: Client, entry: &Value) -> Meaning {
        meaning(
            entry,
            Surroundings {
                client,
                home: Path::new("/me"),
                project: None,
                environment: &|name| (name == "TOKEN").then(|| "secret".to_owned()),
            },
        )
    }

    #[test]
    fn what_is_not_understood_is_left() {
        let cases = [
            (json!("text"), "no object"),
            (json!({}), "form is not known"),
            (
                json!({ "command": { "path": "x" } }),
                "`command` is no text",
            ),
            (json!({ "command": "x", "args": "y" }), "`args` are no list"),
            (
                json!({ "command": "x", "args": [1] }),
                "argument is no text",
            ),
            (
                json!({ "command": "x", "env": { "A": 1 } }),
                "`A` is no text",
            ),
            (json!({ "command": "x", "envFile": ".env" }), "`envFile`"),
            (
                json!({ "command": "x", "url": "https://a" }),
                "form is not known",
            ),
            (json!({ "command": "x", "disabled": true }), "switched off"),
            (
                json!({ "command": "x", "type": "docker" }),
                "`type` is not known",
            ),
            (
                json!({ "type": "ws", "url": "https://a" }),
                "`type` is not known",
            ),
            (json!({ "url": "file:///a" }), "not of http"),
            (json!({ "url": "https://a", "oauth": {} }), "`oauth`"),
            (
                json!({ "url": "https://a", "headers": { "A": "1", "B": "2" } }),
                "several headers",
            ),
            (json!({ "command": "${env:TOKEN}" }), "only VS Code"),
            (
                json!({ "command": "x", "env": { "A": "${input:a}" } }),
                "in VS Code alone",
            ),
        ];
        for (entry, expected) in cases {
            match meaning_of(Client::VsCode, &entry) {
                Meaning::Left(why) => assert!(why.contains(expected), "{why}: {entry}"),
                Meaning::Gated | Meaning::Server(..) => panic!("{entry} is taken"),
            }
        }
    }

    #[test]
    fn a_program_and_an_endpoint_are_told_without_their_secrets() {
        let entry = json!({
            "command": "npx", "args": ["server", "${userHome}/x"], "cwd": "work",
            "env": { "A": "${env:TOKEN}" },
        });
        let Meaning::Server(launch, secrets) = meaning_of(Client::Cursor, &entry) else {
            panic!("it is left");
        };
        assert!(!format!("{launch:?}").contains("secret"), "{launch:?}");
        assert_eq!(secrets.variables["A"], "secret");
        let expected = Launch::Program {
            command: ["npx", "server", "/me/x"].map(str::to_owned).into(),
            directory: "/me/work".into(),
            variables: BTreeSet::from(["A".to_owned()]),
        };
        assert_eq!(launch, expected);
        let entry = json!({
            "httpUrl": "https://a/mcp", "headers": { "Authorization": "Bearer $TOKEN" },
        });
        let Meaning::Server(launch, secrets) = meaning_of(Client::GeminiCli, &entry) else {
            panic!("it is left");
        };
        assert_eq!(secrets.header, "secret");
        let credential = Some(Header {
            name: "authorization".to_owned(),
            scheme: "Bearer".to_owned(),
        });
        let url = "https://a/mcp".to_owned();
        assert_eq!(launch, Launch::Endpoint { url, credential });
    }

    #[test]
    fn a_gate_is_known_again() {
        for (command, way) in [("gatewright", "wrap"), ("/usr/bin/gatewright", "connect")] {
            let entry = json!({ "command": command, "args": [way, "x"] });
            assert!(matches!(meaning_of(Client::Zed, &entry), Meaning::Gated));
        }
        let entry = json!({ "command": "gatewright", "args": ["serve"] });
        assert!(matches!(
            meaning_of(Client::Zed, &entry),
            Meaning::Server(..)
        ));
    }
}
