//! Which of the calls that may go ahead need a person nonetheless.

use std::fmt;

use gatewright_sdk::{Ask, Hints, Opinion, PastCall, Pattern, Request};
use serde::Deserialize;

use crate::when::When;

/// The rule behind questions: which of the operator's asked is in the note.
pub(crate) const ASK: &str = "ask";

/// Longest title of a question, in bytes: agents choose how long a name is.
const TITLE_BYTES_MAX: usize = 256;

/// Longest reason of a question, in bytes.
const REASON_BYTES_MAX: usize = 4096;

/// Longest text of a note, in bytes.
const NOTE_BYTES_MAX: usize = 1024;

/// Most places that people see first, and the longest of them, in bytes.
const SHOWN_MAX: usize = 16;
const SHOWN_BYTES_MAX: usize = 256;

/// Calls that need a person. An empty list of patterns fits everything.
#[derive(Debug, Deserialize)]
#[serde(try_from = "Written")]
pub struct Question {
    name: Option<String>,
    agents: Vec<Pattern>,
    principals: Vec<Pattern>,
    servers: Vec<Pattern>,
    tools: Vec<Pattern>,
    except: Vec<Pattern>,
    hints: Vec<Hint>,
    when: When,
    ask: Ask,
}

/// What the operator pinned about a tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Hint {
    /// It changes nothing.
    ReadOnly,
    /// Nobody pinned that it changes nothing.
    NotReadOnly,
    /// It can destroy or overwrite.
    Destructive,
    /// Twice is as good as once.
    Idempotent,
    /// It reaches beyond its system.
    OpenWorld,
    /// Anybody may have written what it answers.
    Untrusted,
    /// What it answers must not leave.
    Sensitive,
    /// Nobody pinned anything.
    Unpinned,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Written {
    name: Option<String>,
    #[serde(default)]
    agents: Vec<Pattern>,
    #[serde(default)]
    principals: Vec<Pattern>,
    #[serde(default)]
    servers: Vec<Pattern>,
    tools: Vec<Pattern>,
    #[serde(default)]
    except: Vec<Pattern>,
    #[serde(default)]
    hints: Vec<Hint>,
    #[serde(default)]
    when: When,
    #[serde(default)]
    title: String,
    #[serde(default)]
    message: String,
    #[serde(default)]
    roles: Vec<String>,
    #[serde(default = "one")]
    quorum: u8,
    ttl_seconds: Option<u32>,
}

fn one() -> u8 {
    1
}

// === impl Question ===

impl Question {
    /// Whether a person is needed.
    pub(crate) fn holds(&self, request: &Request) -> bool {
        let is_of = |patterns: &[Pattern], name: &dyn Fn() -> Option<String>| {
            patterns.is_empty() || name().is_some_and(|name| fits(patterns, &name))
        };
        self.is_about(&request.server(), &request.name())
            && self.is_of_agent(request)
            && is_of(&self.principals, &|| request.principal())
            && (self.hints.is_empty() || {
                let pinned = request.hints();
                self.hints.iter().any(|hint| hint.is_of(pinned))
            })
            && self.when.holds(request, |past: &PastCall| {
                self.is_about(&past.server, &past.name)
            })
    }

    /// Whether it names the agent, or one that handed its rights on to it: a delegate's
    /// new name escapes no question.
    fn is_of_agent(&self, request: &Request) -> bool {
        self.agents.is_empty()
            || fits(&self.agents, &request.agent())
            || request
                .chain()
                .iter()
                .any(|above| fits(&self.agents, &above.id))
    }

    /// What the person is asked.
    pub(crate) fn opinion(&self, request: &Request) -> Opinion {
        let mut ask = self.ask.clone();
        let tool = request.name();
        if ask.title.is_empty() {
            let title = format!("{} wants to call `{tool}`", request.agent());
            ask.title = cut(title, TITLE_BYTES_MAX);
        }
        if ask.reason.is_empty() {
            ask.reason = cut(format!("{self} asks for a person"), REASON_BYTES_MAX);
        }
        let shown = self.when.shown(request).into_iter();
        let shown = shown.filter(|pointer| pointer.len() <= SHOWN_BYTES_MAX);
        ask.show = shown.take(SHOWN_MAX).collect();
        Opinion::ask(ask).because(ASK, cut(self.to_string(), NOTE_BYTES_MAX))
    }

    fn is_about(&self, server: &str, name: &str) -> bool {
        fits(&self.tools, name)
            && (self.servers.is_empty() || fits(&self.servers, server))
            && !fits(&self.except, name)
    }
}

fn fits(patterns: &[Pattern], name: &str) -> bool {
    patterns.iter().any(|pattern| pattern.matches(name))
}

fn cut(mut text: String, bytes_max: usize) -> String {
    text.truncate(text.floor_char_boundary(bytes_max));
    text
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "the question `{name}`"),
            None => {
                let tools: Vec<_> = self.tools.iter().map(Pattern::as_str).collect();
                write!(f, "the question for `{}`", tools.join(", "))
            }
        }
    }
}

impl TryFrom<Written> for Question {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        if written.tools.is_empty() {
            return Err("`tools` is empty; hint: `[\"*\"]` stands for all".to_owned());
        }
        let ask = Ask::new(written.title, written.message)
            .with_roles(written.roles)
            .with_quorum(written.quorum);
        let ask = match written.ttl_seconds {
            Some(seconds) => ask.use_within_seconds(seconds),
            None => ask,
        };
        ask.check()?;
        Ok(Self {
            name: written.name,
            agents: written.agents,
            principals: written.principals,
            servers: written.servers,
            tools: written.tools,
            except: written.except,
            hints: written.hints,
            when: written.when,
            ask,
        })
    }
}

// === impl Hint ===

impl Hint {
    fn is_of(self, pinned: Hints) -> bool {
        match self {
            Self::ReadOnly => pinned.contains(Hints::READ_ONLY),
            Self::NotReadOnly => !pinned.contains(Hints::READ_ONLY),
            Self::Destructive => pinned.contains(Hints::DESTRUCTIVE),
            Self::Idempotent => pinned.contains(Hints::IDEMPOTENT),
            Self::OpenWorld => pinned.contains(Hints::OPEN_WORLD),
            Self::Untrusted => pinned.contains(Hints::UNTRUSTED),
            Self::Sensitive => pinned.contains(Hints::SENSITIVE),
            Self::Unpinned => pinned.is_empty(),
        }
    }
}
