//! Currencies: how many decimals they have, what a single call may spend, and which
//! budgets it counts in.

use gatewright_sdk::{Ask, Charge, Request, decimal};
use serde::Deserialize;
use serde_json::{Value, json};

/// Most decimals of a currency.
const DECIMALS_MAX: u32 = 18;

/// Most budgets of one currency.
const BUDGETS_MAX: usize = 16;

/// Longest code, in bytes.
pub(crate) const CODE_BYTES_MAX: usize = 16;

/// A currency that the operator knows.
#[derive(Clone, Debug)]
pub(crate) struct Currency {
    /// In capitals.
    pub(crate) code: String,
    pub(crate) decimals: u32,
    /// From the highest threshold down.
    pub(crate) ask: Vec<Level>,
    /// The most that one call may spend, in units.
    pub(crate) at_most: Option<u128>,
    pub(crate) budgets: Vec<Budget>,
}

/// Above so much, these people are asked.
#[derive(Clone, Debug)]
pub(crate) struct Level {
    pub(crate) above: u128,
    pub(crate) who: Approval,
}

/// A budget in which spending counts.
#[derive(Clone, Debug)]
pub(crate) struct Budget {
    per: Vec<Per>,
    name: String,
    /// None: the binding says how much it holds.
    fixed: Option<(u64, u32)>,
}

/// What has a budget of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Per {
    /// Each agent, of each issuer, together with all that it handed its rights on to.
    Agent,
    /// Each person or organisation that agents act for.
    Principal,
    /// Each session.
    Session,
    /// Each tool server.
    Server,
}

/// Who approves, and how long it holds.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(crate) struct Approval {
    pub(crate) roles: Vec<String>,
    pub(crate) quorum: u8,
    pub(crate) ttl_seconds: u32,
}

/// An amount as the operator writes it.
#[derive(Clone, Debug, Deserialize)]
#[serde(
    untagged,
    expecting = "expected an amount, such as `1000` or `\"1000.50\"`"
)]
pub(crate) enum Money {
    Whole(u64),
    Text(String),
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct WrittenCurrency {
    #[serde(default = "two")]
    decimals: u32,
    #[serde(default)]
    ask: Vec<WrittenLevel>,
    at_most: Option<Money>,
    #[serde(default)]
    budgets: Vec<WrittenBudget>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct WrittenLevel {
    above: Money,
    roles: Option<Vec<String>>,
    quorum: Option<u8>,
    ttl_seconds: Option<u32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct WrittenBudget {
    #[serde(default = "each_agent")]
    per: Vec<Per>,
    budget: Option<String>,
    name: Option<String>,
    limit: Option<Money>,
    window_seconds: Option<u32>,
}

fn two() -> u32 {
    2
}

fn each_agent() -> Vec<Per> {
    vec![Per::Agent]
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

// === impl Approval ===

impl Approval {
    /// What people are asked.
    pub(crate) fn question(&self, title: &str, reason: impl Into<String>) -> Ask {
        Ask::new(title, reason)
            .with_roles(&self.roles)
            .with_quorum(self.quorum)
            .use_within_seconds(self.ttl_seconds)
    }

    /// Who satisfies both; nobody where the roles have none in common.
    pub(crate) fn and(&self, other: &Self) -> Option<Self> {
        let roles = match (self.roles.is_empty(), other.roles.is_empty()) {
            (true, _) => other.roles.clone(),
            (false, true) => self.roles.clone(),
            (false, false) => {
                let both = self.roles.iter().filter(|role| other.roles.contains(role));
                let both: Vec<String> = both.cloned().collect();
                if both.is_empty() {
                    return None;
                }
                both
            }
        };
        Some(Self {
            roles,
            quorum: self.quorum.max(other.quorum),
            ttl_seconds: self.ttl_seconds.min(other.ttl_seconds),
        })
    }
}

// === impl Currency ===

impl Currency {
    /// Checks what the operator wrote; `approval` counts where a level says nothing.
    pub(crate) fn read(
        code: String,
        written: WrittenCurrency,
        approval: &Approval,
    ) -> Result<Self, String> {
        if !is_code(&code) {
            return Err(format!(
                "a currency is 1 to {CODE_BYTES_MAX} letters and digits, such as `EUR`"
            ));
        }
        let decimals = written.decimals;
        if decimals > DECIMALS_MAX {
            return Err(format!("a currency has at most {DECIMALS_MAX} decimals"));
        }
        let at_most = written
            .at_most
            .map(|most| most.units(decimals))
            .transpose()?;
        let mut ask = Vec::new();
        for level in written.ask {
            let who = Approval {
                roles: level.roles.unwrap_or_else(|| approval.roles.clone()),
                quorum: level.quorum.unwrap_or(approval.quorum),
                ttl_seconds: level.ttl_seconds.unwrap_or(approval.ttl_seconds),
            };
            who.question("", "").check()?;
            let above = level.above.units(decimals)?;
            if at_most.is_some_and(|most| above >= most) {
                return Err("`ask` begins where `at-most` refuses already".to_owned());
            }
            ask.push(Level { above, who });
        }
        ask.sort_by_key(|level: &Level| std::cmp::Reverse(level.above));
        if ask
            .windows(2)
            .any(|pair| matches!(pair, [one, other] if one.above == other.above))
        {
            return Err("two levels of `ask` begin at the same amount".to_owned());
        }
        if written.budgets.len() > BUDGETS_MAX {
            return Err(format!("there are more than {BUDGETS_MAX} budgets"));
        }
        let budgets = written.budgets.into_iter();
        let budgets = budgets.map(|budget| budget.read(decimals));
        let budgets = budgets.collect::<Result<Vec<_>, _>>()?;
        for (at, budget) in budgets.iter().enumerate() {
            let mut others = budgets.iter().skip(at + 1);
            if others.any(|other| other.name == budget.name && other.per == budget.per) {
                return Err(format!("`{}` is charged twice", budget.name));
            }
        }
        Ok(Self {
            code: code.to_ascii_uppercase(),
            decimals,
            ask,
            at_most,
            budgets,
        })
    }

    /// `1000.50 EUR`
    pub(crate) fn written(&self, units: u128) -> String {
        format!("{} {}", decimal::written(units, self.decimals), self.code)
    }
}

/// Whether a code can be compared without regard to case.
pub(crate) fn is_code(code: &str) -> bool {
    let plain = code.bytes().all(|byte| byte.is_ascii_alphanumeric());
    plain && (1..=CODE_BYTES_MAX).contains(&code.len())
}

// === impl Budget ===

impl Budget {
    /// What a call that spends so much costs.
    pub(crate) fn charge(&self, request: &Request, currency: &str, cost: u64) -> Charge {
        let whose = self.per.iter().map(|per| per.key(request));
        let named = [Value::from(self.name.as_str()), Value::from(currency)];
        let key = Value::Array(named.into_iter().chain(whose).collect()).to_string();
        match self.fixed {
            None => Charge::set(key, cost, &self.name),
            Some((limit, seconds)) => Charge::fixed(key, cost, limit, seconds),
        }
    }
}

impl WrittenBudget {
    fn read(self, decimals: u32) -> Result<Budget, String> {
        let (name, fixed) = match (self.budget, self.name, self.limit, self.window_seconds) {
            (Some(budget), None, None, None) => (budget, None),
            (None, Some(name), Some(limit), Some(seconds)) => {
                let limit = u64::try_from(limit.units(decimals)?)
                    .map_err(|_| format!("the limit of `{name}` is larger than a budget holds"))?;
                if limit == 0 || seconds == 0 {
                    return Err(format!("`{name}` lets nothing through"));
                }
                (name, Some((limit, seconds)))
            }
            _ => {
                return Err(
                    "a budget has either `budget`, a name that the binding sets, or `name`, \
                     `limit` and `window-seconds`"
                        .to_owned(),
                );
            }
        };
        if name.is_empty() || name.len() > 256 {
            return Err("a budget's name has 1 to 256 bytes".to_owned());
        }
        Ok(Budget {
            per: self.per,
            name,
            fixed,
        })
    }
}

// === impl Per ===

impl Per {
    /// Whose budget it is: as JSON, no two are alike.
    fn key(self, request: &Request) -> Value {
        let agent = || json!({ "agent": request.first_agent() });
        match self {
            Self::Agent => agent(),
            // Who acts for nobody has a budget of its own.
            Self::Principal => match request.principal() {
                Some(principal) => json!({ "principal": principal }),
                None => agent(),
            },
            Self::Session => json!({ "session": request.session() }),
            Self::Server => json!({ "server": request.server() }),
        }
    }
}

// === impl Money ===

impl Money {
    fn units(&self, decimals: u32) -> Result<u128, String> {
        let text = match self {
            Self::Whole(whole) => whole.to_string(),
            Self::Text(text) => text.clone(),
        };
        decimal::of_text(&text, decimals).map_err(|_| {
            format!("`{text}` is no amount with {decimals} decimals; hint: write `\"1000.50\"`")
        })
    }
}
