//! The settings of the guard, with tables prepared once.

use gatewright_sdk::{Ask, Pattern, SettingsError};
use serde::Deserialize;

use crate::environment::Environment;
use crate::profile::{Profile, Profiles};
use crate::program::{self, Programs};
use crate::rule::Rule;
use crate::script::Construct;

/// What the operator allows.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "Written")]
pub struct Settings {
    pub(crate) allowed: Vec<Rule>,
    pub(crate) denied: Vec<Rule>,
    pub(crate) ask: Vec<Rule>,
    pub(crate) except: Vec<Rule>,
    pub(crate) otherwise: Choice,
    pub(crate) constructs: Constructs,
    pub(crate) redirections: Redirections,
    pub(crate) environment: Environment,
    pub(crate) wrappers: Vec<Pattern>,
    pub(crate) programs: Programs,
    pub(crate) tools: Vec<Tool>,
    pub(crate) command_tools: bool,
    pub(crate) shell: Shell,
    pub(crate) unknown_arguments: Unknown,
    pub(crate) folders: Vec<Pattern>,
    pub(crate) args: Args,
    pub(crate) command_bytes_max: usize,
    pub(crate) approval: Approval,
    pub(crate) passing: Passing,
}

/// What something gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Choice {
    /// It passes, as far as this goes.
    Allow,
    /// A person decides.
    Ask,
    /// It is refused.
    #[serde(alias = "refuse")]
    Deny,
}

/// Who reads the text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Shell {
    /// `sh`, `bash`, `zsh` and their kin.
    #[default]
    Posix,
    /// `powershell` and `pwsh`.
    PowerShell,
    /// Windows `cmd`.
    Cmd,
}

/// What members that nobody named get.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unknown {
    /// Refused.
    Refuse,
    /// Texts are judged like commands; a plain word that is no program passes.
    #[default]
    Judge,
    /// They pass.
    Pass,
}

/// What a server does with `command` and `args`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Args {
    /// Nobody knows: it must be allowed both ways.
    #[default]
    Both,
    /// Gives them to the program as they are.
    Exact,
    /// Joins them for a shell.
    Joined,
}

/// The answer when nothing is wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Passing {
    /// The call may go on.
    #[default]
    Allow,
    /// Another policy must allow it.
    Abstain,
}

/// What constructs of a shell get.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(crate) struct Constructs {
    sequence: Choice,
    pipe: Choice,
    group: Choice,
    background: Choice,
    control: Choice,
    function: Choice,
    substitution: Choice,
    variable: Choice,
    here_document: Choice,
}

impl Default for Constructs {
    fn default() -> Self {
        Self {
            sequence: Choice::Allow,
            pipe: Choice::Allow,
            group: Choice::Allow,
            background: Choice::Deny,
            control: Choice::Deny,
            function: Choice::Deny,
            substitution: Choice::Deny,
            variable: Choice::Deny,
            here_document: Choice::Deny,
        }
    }
}

impl Constructs {
    /// What the construct gets, and its name for a message.
    pub(crate) fn of(&self, construct: Construct) -> (Choice, &'static str) {
        match construct {
            Construct::Sequence => (self.sequence, "a list of commands"),
            Construct::Pipe => (self.pipe, "a pipe"),
            Construct::Group => (self.group, "a group of commands"),
            Construct::Background => (self.background, "a background command"),
            Construct::Control => (self.control, "a loop or a condition"),
            Construct::Function => (self.function, "a function"),
            Construct::Substitution => (self.substitution, "a command substitution"),
            Construct::Variable => (self.variable, "a variable"),
            Construct::HereDocument => (self.here_document, "a here-document"),
        }
    }
}

/// Files that a shell may open.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(crate) struct Redirections {
    pub(crate) read: Vec<Pattern>,
    pub(crate) write: Vec<Pattern>,
}

impl Default for Redirections {
    fn default() -> Self {
        Self {
            read: vec![Pattern::new("*")],
            write: ["/dev/null", "NUL", "nul"].map(Pattern::new).to_vec(),
        }
    }
}

/// A tool whose arguments are commands.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Tool {
    #[serde(default = "any")]
    pub(crate) server: Pattern,
    pub(crate) tool: Pattern,
    /// Members that hold commands, beside those of the built-in rules.
    #[serde(default)]
    pub(crate) command: Vec<String>,
    /// Members that do no harm.
    #[serde(default, alias = "harmless")]
    pub(crate) except: Vec<String>,
    pub(crate) shell: Option<Shell>,
}

fn any() -> Pattern {
    Pattern::new("*")
}

/// Who approves, and how long it holds.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(crate) struct Approval {
    pub(crate) roles: Vec<String>,
    pub(crate) quorum: u8,
    pub(crate) ttl_seconds: u32,
}

impl Approval {
    /// What people are asked.
    pub(crate) fn question(&self, reason: impl Into<String>) -> Ask {
        Ask::new("Run a command", reason)
            .with_roles(&self.roles)
            .with_quorum(self.quorum)
            .use_within_seconds(self.ttl_seconds)
    }
}

impl Default for Approval {
    fn default() -> Self {
        Self {
            roles: Vec::new(),
            quorum: 1,
            ttl_seconds: 900,
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Written {
    #[serde(default)]
    profiles: Vec<Profile>,
    #[serde(default)]
    allowed: Vec<Rule>,
    #[serde(default)]
    denied: Vec<Rule>,
    #[serde(default)]
    ask: Vec<Rule>,
    #[serde(default)]
    except: Vec<Rule>,
    #[serde(default = "refuse")]
    otherwise: Choice,
    #[serde(default)]
    constructs: Constructs,
    #[serde(default)]
    redirections: Redirections,
    #[serde(default)]
    environment: Environment,
    #[serde(default = "wrappers")]
    wrappers: Vec<Pattern>,
    #[serde(default)]
    tools: Vec<Tool>,
    #[serde(default = "yes")]
    command_tools: bool,
    #[serde(default)]
    shell: Shell,
    #[serde(default)]
    unknown_arguments: Unknown,
    #[serde(default = "folders")]
    folders: Vec<Pattern>,
    #[serde(default)]
    args: Args,
    #[serde(default = "command_bytes_max")]
    command_bytes_max: usize,
    #[serde(default)]
    approval: Approval,
    #[serde(default)]
    passing: Passing,
}

fn refuse() -> Choice {
    Choice::Deny
}

fn yes() -> bool {
    true
}

/// Programs that run another one here and now, without more rights.
fn wrappers() -> Vec<Pattern> {
    [
        "sh",
        "bash",
        "dash",
        "zsh",
        "env",
        "time",
        "timeout",
        "nice",
        "nohup",
        "stdbuf",
        "command",
        "xargs",
        "find",
        "powershell",
        "pwsh",
        "cmd",
    ]
    .map(Pattern::new)
    .to_vec()
}

fn folders() -> Vec<Pattern> {
    vec![any()]
}

/// Longer commands are programs, and belong into a file.
fn command_bytes_max() -> usize {
    8192
}

impl TryFrom<Written> for Settings {
    type Error = SettingsError;

    fn try_from(written: Written) -> Result<Self, SettingsError> {
        let Profiles {
            mut allowed,
            mut denied,
        } = Profiles::read(&written.profiles)?;
        allowed.extend(written.allowed);
        denied.extend(written.denied);
        let lists = [&allowed, &denied, &written.ask, &written.except];
        if lists
            .into_iter()
            .flatten()
            .any(|rule| !rule.names_a_program())
        {
            return Err("a rule without a program; hint: write `run = \"git status\"`".into());
        }
        if allowed.is_empty() && written.ask.is_empty() && written.otherwise == Choice::Deny {
            return Err(
                "nothing is allowed; hint: add `profiles = [\"read-only-git\"]` or `allowed`"
                    .into(),
            );
        }
        if written.tools.is_empty() && !written.command_tools {
            return Err("no tool is judged; hint: add `tools`, or leave `command-tools` on".into());
        }
        let question = written.approval.question("");
        question
            .check()
            .map_err(|problem| SettingsError::at("/approval", problem))?;
        Ok(Self {
            allowed,
            denied,
            ask: written.ask,
            except: written.except,
            otherwise: written.otherwise,
            constructs: written.constructs,
            redirections: written.redirections,
            environment: written.environment,
            wrappers: written.wrappers,
            programs: program::table()?,
            tools: written.tools,
            command_tools: written.command_tools,
            shell: written.shell,
            unknown_arguments: written.unknown_arguments,
            folders: written.folders,
            args: written.args,
            command_bytes_max: written.command_bytes_max,
            approval: written.approval,
            passing: written.passing,
        })
    }
}
