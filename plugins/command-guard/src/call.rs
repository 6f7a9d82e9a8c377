//! One call: which member holds a command, which one something else, and what
//! the agent is told.

use gatewright_sdk::Request;
use serde_json::{Map, Value};

use crate::judge::Judge;
use crate::letters;
use crate::member::{COMMAND_TOOLS, Role, plain_name, role_of};
use crate::program::name_of;
use crate::refusal::Refusal;
use crate::script::{Construct, Word};
use crate::settings::{Args, Choice, Settings, Shell, Tool, Unknown};

/// What the guard has to say about a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// No rule is about this call.
    NotMine,
    /// Everything that would run may run.
    Fine,
    /// A person must approve this.
    Ask(String),
    /// Refused; the text is for the agent.
    Refused(String),
}

/// Arguments of one program; more is no honest call.
const WORDS_MAX: usize = 1000;

/// Nesting of members that nobody named.
const DEPTH_MAX: usize = 8;

/// Judges the call.
pub fn answer(settings: &Settings, request: &Request) -> Answer {
    if request.method() != "tools/call" {
        return Answer::NotMine;
    }
    let (server, asked) = (request.server(), request.name());
    let tool = settings
        .tools
        .iter()
        .find(|tool| tool.server.matches(&server) && tool.tool.matches(&asked));
    let name = plain_name(&asked);
    let known = settings.command_tools && COMMAND_TOOLS.contains(&name.as_str());
    if tool.is_none() && !known {
        return Answer::NotMine;
    }
    let shell = tool
        .and_then(|tool| tool.shell)
        .unwrap_or(match name.as_str() {
            "powershell" | "pwsh" | "runpowershell" | "executepowershell" => Shell::PowerShell,
            "cmd" | "runcmd" => settings.shell,
            "bash" | "runbash" | "executebash" | "runbashcommand" | "sh" => Shell::Posix,
            _ => settings.shell,
        });
    let Ok(members) = request.arguments::<Map<String, Value>>() else {
        return Answer::Refused("the arguments are no object; hint: send `command`".to_owned());
    };
    let mut judge = Judge {
        settings,
        asked: None,
    };
    match members_of(&mut judge, tool, shell, &members) {
        Err((place, refusal)) => Answer::Refused(format!(
            "`{place}`: {} (character {}); hint: {}",
            refusal.problem, refusal.at, refusal.hint
        )),
        Ok(()) => judge.asked.map_or(Answer::Fine, Answer::Ask),
    }
}

type Placed = (String, Refusal);

fn members_of(
    judge: &mut Judge<'_>,
    tool: Option<&Tool>,
    shell: Shell,
    members: &Map<String, Value>,
) -> Result<(), Placed> {
    let mut shell = shell;
    let mut args = Vec::new();
    for (name, value) in members {
        let placed = |refusal| (short(name), refusal);
        match role_of(name, tool) {
            Role::Shell => shell = shell_of(value, shell).map_err(placed)?,
            Role::Args => args.extend(words(value).map_err(placed)?),
            Role::Folder => folder(judge, value).map_err(placed)?,
            Role::Environment => environment(judge, value).map_err(placed)?,
            Role::Background => background(judge, value).map_err(placed)?,
            Role::Number => number(value).map_err(placed)?,
            Role::Command | Role::Harmless | Role::Unknown => {}
        }
    }
    let mut commands = 0;
    for (name, value) in members {
        let placed = |refusal| (short(name), refusal);
        match role_of(name, tool) {
            Role::Command => {
                if value.is_null() {
                    continue;
                }
                commands += 1;
                command(judge, shell, name, value, &args).map_err(placed)?;
            }
            Role::Unknown => unknown(judge, shell, value, 0).map_err(placed)?,
            Role::Args
            | Role::Folder
            | Role::Environment
            | Role::Shell
            | Role::Background
            | Role::Number
            | Role::Harmless => {}
        }
    }
    if commands == 0 {
        // Without a command, the arguments are one.
        if args.is_empty() {
            let refusal = Refusal::new("no command", 1, "send it in `command`");
            return Err(("command".to_owned(), refusal));
        }
        judge
            .words(shell, &args, 0)
            .map_err(|refusal| ("args".to_owned(), refusal))?;
    }
    Ok(())
}

/// A member's name for a message.
fn short(name: &str) -> String {
    let plain = name.len() <= 40
        && name
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || "_-".contains(letter));
    if plain {
        name.to_owned()
    } else {
        "a member".to_owned()
    }
}

fn not_text() -> Refusal {
    Refusal::new("no text", 1, "send a text or a list of texts")
}

fn shell_of(value: &Value, shell: Shell) -> Result<Shell, Refusal> {
    match value {
        Value::Null | Value::Bool(_) => Ok(shell),
        // The one of the system: any other folder may hold another program.
        Value::String(name) => match shell_name(name) {
            "sh" | "bash" | "dash" | "zsh" => Ok(Shell::Posix),
            "powershell" | "pwsh" | "powershell.exe" | "pwsh.exe" => Ok(Shell::PowerShell),
            "cmd" | "cmd.exe" => Ok(Shell::Cmd),
            _ => Err(Refusal::new(
                "a shell that is not known",
                1,
                "use `bash` or leave it out",
            )),
        },
        Value::Number(_) | Value::Array(_) | Value::Object(_) => Err(not_text()),
    }
}

fn shell_name(name: &str) -> &str {
    const WINDOWS: &str = r"C:\Windows\System32\";
    name_of(name.strip_prefix(WINDOWS).unwrap_or(name))
}

/// `30`, `"30"`, `"30s"`: a server may write it into a command.
fn number(value: &Value) -> Result<(), Refusal> {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
        Value::String(text)
            if text
                .chars()
                .all(|letter| letter.is_ascii_alphanumeric() || letter == '.') =>
        {
            Ok(())
        }
        Value::String(_) | Value::Array(_) | Value::Object(_) => {
            Err(Refusal::new("no number", 1, "send a number"))
        }
    }
}

fn words(value: &Value) -> Result<Vec<Word>, Refusal> {
    match value {
        Value::Null => Ok(Vec::new()),
        Value::String(text) => {
            letters::check(text)?;
            // Nobody knows whether a server splits it.
            if text.contains(|letter: char| {
                !letter.is_ascii_alphanumeric() && !"._/:=-".contains(letter)
            }) {
                return Err(Refusal::new(
                    "arguments in one text",
                    1,
                    "send them as a list",
                ));
            }
            Ok(vec![Word::literal(text, 1)])
        }
        Value::Array(elements) if elements.len() <= WORDS_MAX => elements
            .iter()
            .map(|element| match element {
                Value::String(text) => {
                    letters::check(text)?;
                    Ok(Word::literal(text, 1))
                }
                Value::Number(number) => Ok(Word::literal(&number.to_string(), 1)),
                _ => Err(not_text()),
            })
            .collect(),
        _ => Err(not_text()),
    }
}

fn command(
    judge: &mut Judge<'_>,
    shell: Shell,
    name: &str,
    value: &Value,
    args: &[Word],
) -> Result<(), Refusal> {
    match value {
        Value::String(text) if args.is_empty() => judge.text(shell, text, 0),
        Value::String(text) => with_args(judge, shell, text, args),
        // A list of whole commands, or one command in words.
        Value::Array(elements) if plain_name(name) == "commands" => elements
            .iter()
            .try_for_each(|element| judge.text(shell, element.as_str().ok_or_else(not_text)?, 0)),
        Value::Array(_) => {
            let mut all = words(value)?;
            all.extend_from_slice(args);
            judge.words(shell, &all, 0)
        }
        _ => Err(not_text()),
    }
}

fn with_args(
    judge: &mut Judge<'_>,
    shell: Shell,
    text: &str,
    args: &[Word],
) -> Result<(), Refusal> {
    let how = judge.settings.args;
    if how != Args::Joined {
        letters::check(text)?;
        let mut all = Vec::with_capacity(args.len() + 1);
        all.extend(text.split_whitespace().map(|word| Word::literal(word, 1)));
        all.extend_from_slice(args);
        judge.words(shell, &all, 0)?;
    }
    // A text behind `-c` is judged as one; joined, the shell would run less of it.
    let script = matches!(
        text,
        "sh" | "bash" | "dash" | "zsh" | "/bin/sh" | "/bin/bash"
    );
    if how == Args::Joined || (how == Args::Both && !script) {
        let mut joined = text.to_owned();
        for word in args {
            joined.push(' ');
            joined.push_str(&word.text);
        }
        judge.text(shell, &joined, 0)?;
    }
    Ok(())
}

fn folder(judge: &Judge<'_>, value: &Value) -> Result<(), Refusal> {
    let Value::String(text) = value else {
        return if value.is_null() {
            Ok(())
        } else {
            Err(not_text())
        };
    };
    letters::check(text)?;
    let climbs = text.split(['/', '\\']).any(|part| part == "..");
    let fits = |pattern: &gatewright_sdk::Pattern| {
        pattern.as_str() == "*" || (!climbs && pattern.matches(text))
    };
    // A server may put it into a `cd` of a shell.
    if text.contains(['`', '$', ';', '|', '&', '<', '>', '\n', '"', '\''])
        || !judge.settings.folders.iter().any(fits)
    {
        return Err(Refusal::new(
            "a folder that is not allowed",
            1,
            "use another folder",
        ));
    }
    Ok(())
}

fn environment(judge: &Judge<'_>, value: &Value) -> Result<(), Refusal> {
    match value {
        Value::Null => Ok(()),
        Value::Object(members) => members.iter().try_for_each(|(name, value)| {
            match value {
                Value::String(text) => letters::check(text)?,
                Value::Number(_) | Value::Bool(_) | Value::Null => {}
                Value::Array(_) | Value::Object(_) => return Err(not_text()),
            }
            judge.assignment(name, value.as_str(), 1)
        }),
        Value::Array(elements) => elements.iter().try_for_each(|element| {
            let text = element.as_str().ok_or_else(not_text)?;
            letters::check(text)?;
            let (name, value) = text.split_once('=').ok_or_else(not_text)?;
            judge.assignment(name, Some(value), 1)
        }),
        _ => Err(not_text()),
    }
}

fn background(judge: &mut Judge<'_>, value: &Value) -> Result<(), Refusal> {
    if matches!(value, Value::Null | Value::Bool(false)) {
        return Ok(());
    }
    match judge.settings.constructs.of(Construct::Background) {
        (Choice::Allow, _) => Ok(()),
        (Choice::Ask, name) => {
            judge.asked.get_or_insert_with(|| name.to_owned());
            Ok(())
        }
        (Choice::Deny, name) => Err(Refusal::new(
            format!("{name} is not allowed"),
            1,
            "run it in the foreground",
        )),
    }
}

/// A member that nobody named: flags and numbers pass, texts are commands
/// unless they are one word that is no program.
fn unknown(
    judge: &mut Judge<'_>,
    shell: Shell,
    value: &Value,
    depth: usize,
) -> Result<(), Refusal> {
    match judge.settings.unknown_arguments {
        Unknown::Pass => return Ok(()),
        Unknown::Refuse => {
            return Err(Refusal::new(
                "a member that is not known",
                1,
                "leave it out",
            ));
        }
        Unknown::Judge => {}
    }
    if depth > DEPTH_MAX {
        return Err(Refusal::new(
            "more nesting than is judged",
            1,
            "leave it out",
        ));
    }
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
        Value::Array(elements) => elements
            .iter()
            .try_for_each(|element| unknown(judge, shell, element, depth + 1)),
        Value::Object(members) => members
            .values()
            .try_for_each(|member| unknown(judge, shell, member, depth + 1)),
        Value::String(text) => {
            let word = text
                .chars()
                .all(|letter| letter.is_ascii_alphanumeric() || "._:-".contains(letter));
            if word && !judge.settings.programs.contains_key(text) {
                return Ok(());
            }
            judge.text(shell, text, 0)
        }
    }
}
