//! Which of the calls that may go ahead need a person nonetheless.

use std::fmt;

use gatewright_sdk::{Ask, Calls, Hint, Opinion, PastCall, Pattern, Request};
use serde::Deserialize;

use crate::when::When;
use crate::wording;

/// The rule behind questions: which of the operator's asked is in the note.
pub(crate) const ASK: &str = "ask";

/// Most places that people see first, and the longest of them, in bytes.
const SHOWN_MAX: usize = 16;
const SHOWN_BYTES_MAX: usize = 256;

/// Calls that need a person.
#[derive(Debug, Deserialize)]
#[serde(try_from = "Written")]
pub struct Question {
    name: Option<String>,
    calls: Calls,
    when: When,
    ask: Ask,
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
        self.calls.include(request)
            && self.when.holds(request, |past: &PastCall| {
                self.calls.include_tool(&past.server, &past.name)
            })
    }

    /// What the person is asked.
    pub(crate) fn opinion(&self, request: &Request) -> Opinion {
        let mut ask = wording::filled_in(self.ask.clone(), self, request);
        let shown = self.when.shown(request).into_iter();
        let shown = shown.filter(|pointer| pointer.len() <= SHOWN_BYTES_MAX);
        ask.show = shown.take(SHOWN_MAX).collect();
        Opinion::ask(ask).because(ASK, wording::note(self))
    }
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "the question `{name}`"),
            None => {
                let tools: Vec<_> = self.calls.tools.iter().map(Pattern::as_str).collect();
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
            calls: Calls {
                agents: written.agents,
                principals: written.principals,
                servers: written.servers,
                tools: written.tools,
                except: written.except,
                hints: written.hints,
            },
            when: written.when,
            ask,
        })
    }
}
