//! One limit: which calls it counts, whose counter they go to, and how much it
//! holds.

use gatewright_sdk::{Charge, Hints, Pattern, Request};
use serde::Deserialize;
use serde_json::Value;

use crate::per::Per;

/// Longest name, in bytes: it is part of every key and of every note.
const NAME_BYTES_MAX: usize = 256;

/// One limit. A list of patterns that is empty fits everything.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "Written")]
pub struct Limit {
    name: String,
    agents: Vec<Pattern>,
    principals: Vec<Pattern>,
    servers: Vec<Pattern>,
    tools: Vec<Pattern>,
    methods: Vec<Pattern>,
    hints: Vec<Hint>,
    except: Vec<Pattern>,
    per: Vec<Per>,
    cost: u64,
    refund: bool,
    holds: Holds,
}

/// How much a limit holds.
#[derive(Clone, Debug)]
enum Holds {
    /// What the binding sets under this name.
    Set(String),
    /// So much in so many seconds.
    Fixed(u64, u32),
}

/// What the operator pinned about a tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hint {
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
}

/// A limit as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Written {
    name: String,
    #[serde(default)]
    agents: Vec<Pattern>,
    #[serde(default)]
    principals: Vec<Pattern>,
    #[serde(default)]
    servers: Vec<Pattern>,
    #[serde(default)]
    tools: Vec<Pattern>,
    #[serde(default)]
    methods: Vec<Pattern>,
    #[serde(default)]
    hints: Vec<Hint>,
    #[serde(default)]
    except: Vec<Pattern>,
    #[serde(default = "each_agent")]
    per: Vec<Per>,
    #[serde(default = "one")]
    cost: u64,
    #[serde(default)]
    refund: bool,
    budget: Option<String>,
    limit: Option<u64>,
    window_seconds: Option<u32>,
}

fn each_agent() -> Vec<Per> {
    vec![Per::Agent]
}

fn one() -> u64 {
    1
}

// === impl Limit ===

impl Limit {
    /// The name that the operator gave it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether a call is counted here.
    pub fn counts(&self, request: &Request) -> bool {
        // What no limit asks for is not read.
        let is_of = |patterns: &[Pattern], name: &dyn Fn() -> Option<String>| {
            patterns.is_empty() || name().is_some_and(|name| fits(patterns, &name))
        };
        is_of(&self.tools, &|| Some(request.name()))
            && is_of(&self.servers, &|| Some(request.server()))
            && is_of(&self.methods, &|| Some(request.method()))
            && self.is_of_agent(request)
            && is_of(&self.principals, &|| request.principal())
            && (self.hints.is_empty() || {
                let pinned = request.hints();
                self.hints.iter().any(|hint| hint.is_of(pinned))
            })
            && (self.except.is_empty() || !fits(&self.except, &request.name()))
    }

    /// Whether it names the agent, or one that handed its rights on to it: a delegate's
    /// new name escapes no limit.
    fn is_of_agent(&self, request: &Request) -> bool {
        self.agents.is_empty()
            || fits(&self.agents, &request.agent())
            || request
                .chain()
                .iter()
                .any(|above| fits(&self.agents, &above.id))
    }

    /// What a call costs.
    pub fn charge(&self, request: &Request) -> Charge {
        let whose = self.per.iter().map(|per| per.key(request));
        let key = std::iter::once(Value::from(self.name.as_str())).chain(whose);
        let key = Value::Array(key.collect()).to_string();
        let charge = match &self.holds {
            Holds::Set(budget) => Charge::set(key, self.cost, budget),
            Holds::Fixed(limit, seconds) => Charge::fixed(key, self.cost, *limit, *seconds),
        };
        match self.refund {
            true => charge.refunded_on_failure(),
            false => charge,
        }
    }
}

fn fits(patterns: &[Pattern], name: &str) -> bool {
    patterns.iter().any(|pattern| pattern.matches(name))
}

impl TryFrom<Written> for Limit {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let name = written.name;
        if name.is_empty() || name.len() > NAME_BYTES_MAX {
            return Err(format!("a limit's name has 1 to {NAME_BYTES_MAX} bytes"));
        }
        let holds = match (written.budget, written.limit, written.window_seconds) {
            (Some(budget), None, None) if !budget.is_empty() => Holds::Set(budget),
            (None, Some(limit), Some(seconds)) => Holds::Fixed(limit, seconds),
            _ => {
                return Err(format!(
                    "`{name}` has either `budget`, a name that the binding sets, or both `limit` and `window-seconds`"
                ));
            }
        };
        if written.cost == 0 {
            return Err(format!(
                "`{name}` costs nothing; hint: `cost` is at least 1"
            ));
        }
        if let Holds::Fixed(limit, seconds) = holds {
            if seconds == 0 {
                return Err(format!("the window of `{name}` has no length"));
            }
            if limit < written.cost {
                return Err(format!(
                    "`{name}` lets nothing through; hint: `limit` is at least `cost`"
                ));
            }
        }
        for (at, per) in written.per.iter().enumerate() {
            if written.per.iter().skip(at + 1).any(|other| other == per) {
                return Err(format!("`per` of `{name}` names something twice"));
            }
        }
        Ok(Self {
            name,
            agents: written.agents,
            principals: written.principals,
            servers: written.servers,
            tools: written.tools,
            methods: written.methods,
            hints: written.hints,
            except: written.except,
            per: written.per,
            cost: written.cost,
            refund: written.refund,
            holds,
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
        }
    }
}
