//! One limit: which calls it counts, whose counter they go to, and how much it
//! holds.

use gatewright_sdk::{Calls, Charge, Hint, Pattern, Request};
use serde::Deserialize;
use serde_json::Value;

use crate::per::Per;

/// Longest name, in bytes: it is part of every key and of every note.
const NAME_BYTES_MAX: usize = 256;

/// One limit.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "Written")]
pub struct Limit {
    name: String,
    calls: Calls,
    methods: Vec<Pattern>,
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

/// A limit as it is written. A list of patterns that is empty fits everything.
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
        let is_of_method = || {
            let method = request.method();
            self.methods.iter().any(|pattern| pattern.matches(&method))
        };
        self.calls.include(request) && (self.methods.is_empty() || is_of_method())
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
            calls: Calls {
                agents: written.agents,
                principals: written.principals,
                servers: written.servers,
                tools: written.tools,
                except: written.except,
                hints: written.hints,
            },
            methods: written.methods,
            per: written.per,
            cost: written.cost,
            refund: written.refund,
            holds,
        })
    }
}
