//! The shipped policies, each on a call of a kilobyte in a fresh instance, as its README
//! sets it up; and what is bounded besides: a long statement, a long result.

use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, Result, anyhow, ensure};
use gatewright_harness::Binaries;
use gatewright_policy::json::JsonLimits;
use gatewright_policy::question::Question;
use gatewright_policy::{Fault, Request, Response, Verdict};
use gatewright_sandbox::{Guest, Limits, Sandbox, SandboxConfig};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::report::Figure;
use crate::rounds::{Round, Summary, Times};
use crate::settings::Settings;

/// Longest p50 of a call of a kilobyte, in microseconds.
const CALL_US_MAX: f64 = 25.0;

/// The same for a statement of two kilobytes.
const STATEMENT_US_MAX: f64 = 60.0;

/// Least megabytes a second of a result of a megabyte.
const RESULT_MB_MIN: f64 = 150.0;

/// Rounds of a full run.
const ROUNDS: usize = 21;

/// Calls of one policy in one round; of a long result fewer.
const CALLS: usize = 200;
const CALLS_OF_RESULTS: usize = 8;

/// Length of the arguments, and of a result, in bytes.
const CALL_BYTES: usize = 1024;
const RESULT_BYTES: usize = 1 << 20;

/// What an analyst asks: two kilobytes of it.
const STATEMENT: &str = "WITH recent AS (SELECT o.id, o.customer_id, o.total, o.created_at, o.status FROM orders o \
    WHERE o.created_at >= DATE '2026-01-01' AND o.status IN ('paid', 'shipped', 'delivered')), \
    per_customer AS (SELECT r.customer_id, count(*) AS orders, sum(r.total) AS revenue, max(r.created_at) AS last_order \
    FROM recent r GROUP BY r.customer_id HAVING count(*) > 1) \
    SELECT c.id, c.name, lower(c.email) AS email, p.orders, p.revenue, \
    CASE WHEN p.revenue > 10000 THEN 'large' WHEN p.revenue > 1000 THEN 'middle' ELSE 'small' END AS size, \
    coalesce(c.region, 'unknown') AS region, row_number() OVER (PARTITION BY c.region ORDER BY p.revenue DESC) AS place \
    FROM per_customer p JOIN customers c ON c.id = p.customer_id LEFT JOIN regions g ON g.code = c.region \
    WHERE c.deleted_at IS NULL AND c.name NOT LIKE 'test%' AND EXISTS (SELECT 1 FROM payments y \
    WHERE y.customer_id = c.id AND y.amount BETWEEN 10 AND 100000) AND c.id IN (";

/// Whatever fills a call up to its length.
const FILLING: &str = "The quick brown fox jumps over the lazy dog, and nobody minds. ";

/// What a policy is asked, and how fast it must be.
struct Trial {
    name: &'static str,
    component: &'static str,
    settings: Value,
    arguments: Value,
    tool: &'static str,
    result: Option<Value>,
    bound: Bound,
}

#[derive(Clone, Copy)]
enum Bound {
    Microseconds(f64),
    /// No bound: beside what has one.
    Shown,
    MegabytesASecond(f64),
}

/// A trial, ready to be run.
struct Contender {
    trial: Trial,
    guest: Guest,
    request: Arc<Request>,
    response: Option<Response>,
    fuel: u64,
    rounds: Vec<Round>,
}

pub(crate) fn measure(settings: &Settings) -> Result<Vec<Figure>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let sandbox = Sandbox::new(&SandboxConfig {
        instances_max: 8,
        compiler: crate::bed::compiler(None)?,
        ..SandboxConfig::default()
    })?;
    let mut contenders = trials()
        .into_iter()
        .map(|trial| Contender::load(trial, &runtime, &sandbox))
        .collect::<Result<Vec<_>>>()?;
    // The first round warms up and does not count.
    for round in 0..=settings.rounds(ROUNDS) {
        for contender in &mut contenders {
            contender.measure(&runtime, round > 0)?;
        }
    }
    Ok(contenders.iter().flat_map(Contender::figures).collect())
}

// === impl Contender ===

impl Contender {
    fn load(trial: Trial, runtime: &Runtime, sandbox: &Sandbox) -> Result<Self> {
        let file = format!("plugins/{}.wasm", trial.component);
        let component = Binaries::locate().target().join(file);
        let bytes = std::fs::read(&component).with_context(|| {
            format!(
                "`{}` is not built\nhint: run `make bench`",
                component.display()
            )
        })?;
        let settings = trial.settings.to_string();
        let guest = runtime
            .block_on(sandbox.load(&bytes, &settings, Limits::default()))
            .with_context(|| trial.name)?;
        let question: Question = serde_json::from_value(json!({
            "action": { "server": "documents", "name": trial.tool },
            "arguments": trial.arguments,
            "response": trial.result,
        }))?;
        let limits = JsonLimits::default();
        let mut contender = Self {
            request: Arc::new(question.to_request(&limits)?),
            response: question.to_response(&limits)?,
            trial,
            guest,
            fuel: 0,
            rounds: Vec::new(),
        };
        contender.fuel = contender.ask(runtime)?;
        Ok(contender)
    }

    /// One call in a fresh instance, which must not stop the call; gives its fuel.
    fn ask(&self, runtime: &Runtime) -> Result<u64> {
        let failed = |fault: Fault| anyhow!("{}: {fault}", self.trial.name);
        match &self.response {
            Some(response) => {
                let said = runtime.block_on(self.guest.review(&self.request, response));
                said.result.map_err(failed)?;
                Ok(said.fuel)
            }
            None => {
                let said = runtime.block_on(self.guest.judge(&self.request));
                let opinion = said.result.map_err(failed)?;
                let stops = matches!(opinion.verdict, Verdict::Deny(_));
                ensure!(!stops, "{} denies: {opinion:?}", self.trial.name);
                Ok(said.fuel)
            }
        }
    }

    fn measure(&mut self, runtime: &Runtime, counts: bool) -> Result<()> {
        let calls = match self.trial.bound {
            Bound::Microseconds(_) | Bound::Shown => CALLS,
            Bound::MegabytesASecond(_) => CALLS_OF_RESULTS,
        };
        let mut times = Times::new()?;
        for _ in 0..calls {
            let begin = Instant::now();
            self.ask(runtime)?;
            times.add(begin.elapsed());
        }
        if counts {
            self.rounds.push(times.round());
        }
        Ok(())
    }

    fn figures(&self) -> [Figure; 2] {
        let name = format!("policies.{}", self.trial.name);
        let times = self.rounds.iter().map(Round::p50);
        let fuel = Figure::new(format!("{name}.fuel"), count(self.fuel), "fuel");
        let speed = match self.trial.bound {
            Bound::Microseconds(bound) => {
                Figure::of(format!("{name}.p50"), Summary::of(times), "us").at_most(bound)
            }
            Bound::Shown => Figure::of(format!("{name}.p50"), Summary::of(times), "us"),
            Bound::MegabytesASecond(bound) => {
                // Bytes a microsecond.
                let speeds = times.map(|time| RESULT_BYTES as f64 / time);
                Figure::of(name, Summary::of(speeds), "MB/s").at_least(bound)
            }
        };
        [speed, fuel]
    }
}

fn trials() -> Vec<Trial> {
    let call = |name, settings, tool, arguments| Trial {
        name,
        component: name,
        settings,
        arguments,
        tool,
        result: None,
        bound: Bound::Microseconds(CALL_US_MAX),
    };
    let result = |name, settings, text: String, bound| Trial {
        name,
        component: "secret-shield",
        settings,
        arguments: json!({ "path": "notes.md" }),
        tool: "read_document",
        result: Some(json!({ "content": [{ "type": "text", "text": text }] })),
        bound,
    };
    let prose = filled(json!({ "path": "/srv/data/notes.md" }), "content");
    let items: Vec<_> = (1..=10)
        .map(|item| json!({ "sku": format!("A-{item:04}"), "price": 1999, "quantity": item }))
        .collect();
    let authz = "package authz\nimport rego.v1\nallow if {\n input.action.name == \"read_document\"\n \
                 startswith(input.arguments.path, \"/srv/data/\")\n}\n";
    let permit = "permit (principal, action == Action::\"tools/call\", resource == Tool::\"documents/read_document\") \
                  when { context.arguments.path like \"/srv/data/*\" };";
    vec![
        call(
            "tool-gate",
            json!({ "rules": [{ "tools": ["read_document"], "effect": "allow",
                "arguments": [{ "pointer": "/path", "matches": ["/srv/data/*"] }] }] }),
            "read_document",
            prose.clone(),
        ),
        call(
            "path-guard",
            json!({ "roots": { "read": ["/srv/data"], "write": ["/srv/data"] } }),
            "write_file",
            prose.clone(),
        ),
        call(
            "egress-guard",
            json!({ "hosts": { "allowed": ["api.example.com"] } }),
            "fetch",
            filled(
                json!({ "url": "https://api.example.com/v1/orders" }),
                "body",
            ),
        ),
        call(
            "command-guard",
            json!({ "profiles": ["read-only-git", "read-only-files"] }),
            "run_command",
            filled(
                json!({ "command": "git log --oneline -20 | head -5" }),
                "description",
            ),
        ),
        call(
            "spend-limit",
            json!({ "payments": [{ "tools": ["order"], "amount": "/items/*/price",
                    "times": "/items/*/quantity", "currency": "EUR", "unit": "minor" }],
                "currencies": { "EUR": { "at-most": 50000 } } }),
            "order",
            filled(json!({ "items": items }), "note"),
        ),
        call(
            "rate-limit",
            json!({ "limits": [{ "name": "calls", "limit": 60, "window-seconds": 60 }] }),
            "read_document",
            prose.clone(),
        ),
        call(
            "flow-guard",
            json!({ "profile": "lethal-trifecta" }),
            "read_document",
            prose.clone(),
        ),
        call(
            "rego",
            json!({ "query": "data.authz.allow", "module": authz }),
            "read_document",
            prose.clone(),
        ),
        call(
            "cedar",
            json!({ "policies": permit }),
            "read_document",
            prose,
        ),
        call(
            "sql-guard",
            json!({ "dialect": "postgres" }),
            "execute_sql",
            json!({ "sql": statement(CALL_BYTES) }),
        ),
        Trial {
            name: "sql-guard.statement_2KB",
            component: "sql-guard",
            bound: Bound::Microseconds(STATEMENT_US_MAX),
            ..call(
                "sql-guard",
                json!({ "dialect": "postgres" }),
                "execute_sql",
                json!({ "sql": statement(2 * CALL_BYTES) }),
            )
        },
        Trial {
            name: "sql-guard.parsed_2KB",
            component: "sql-guard",
            bound: Bound::Shown,
            ..call(
                "sql-guard",
                json!({ "dialect": "postgres" }),
                "execute_sql",
                // These words are for the parser.
                json!({ "sql": format!("{} FETCH FIRST 10 ROWS ONLY", statement(2 * CALL_BYTES - 27)) }),
            )
        },
        result(
            "secret-shield",
            json!({}),
            text_of(FILLING, CALL_BYTES),
            Bound::Microseconds(CALL_US_MAX),
        ),
        result(
            "secret-shield.result_1MB",
            json!({}),
            text_of(FILLING, RESULT_BYTES),
            Bound::MegabytesASecond(RESULT_MB_MIN),
        ),
        result(
            "secret-shield.log_1MB",
            json!({ "assignments": true }),
            text_of(
                "2026-01-31T10:00:00Z INFO request id=4e7a01c9 path=/v1/orders status=200 took=12ms user=ada\n",
                RESULT_BYTES,
            ),
            Bound::MegabytesASecond(0.0),
        ),
    ]
}

/// So many bytes of the statement: the shorter one ends where a clause of it does.
fn statement(bytes: usize) -> String {
    let short = "SELECT o.id, o.total, c.name FROM orders o JOIN customers c ON c.id = o.customer_id \
                 WHERE o.status = 'paid' AND o.id IN (";
    let mut sql = if bytes <= CALL_BYTES {
        short
    } else {
        STATEMENT
    }
    .to_owned();
    let mut id = 100_000;
    while sql.len() + 10 < bytes {
        sql += &format!("{id}, ");
        id += 7;
    }
    sql + "1)"
}

fn text_of(piece: &str, bytes: usize) -> String {
    piece.chars().cycle().take(bytes).collect()
}

/// The arguments, and a text that makes them a kilobyte.
fn filled(mut arguments: Value, member: &str) -> Value {
    let has = arguments.to_string().len() + member.len() + 6;
    let text = text_of(FILLING, CALL_BYTES.saturating_sub(has));
    if let Some(members) = arguments.as_object_mut() {
        members.insert(member.to_owned(), text.into());
    }
    arguments
}

#[expect(clippy::cast_precision_loss, reason = "fuel is far below 2^52")]
fn count(fuel: u64) -> f64 {
    fuel as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_and_statements_have_their_length() {
        for trial in trials() {
            let bytes = trial.arguments.to_string().len();
            let wanted = match (trial.component, trial.bound) {
                ("secret-shield", _) => continue,
                (_, Bound::Microseconds(CALL_US_MAX)) => CALL_BYTES,
                (_, _) => 2 * CALL_BYTES,
            };
            assert!(bytes.abs_diff(wanted) <= 24, "{}: {bytes}", trial.name);
        }
        assert!(STATEMENT.len() < 2 * CALL_BYTES);
    }
}
