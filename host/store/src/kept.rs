//! Sessions and budgets as rows, and rows as what the engine's rules are applied to.

use gatewright_engine::memory::Excerpt;
use gatewright_engine::session::Carried;
use gatewright_policy::record::RecordKeys;
use gatewright_policy::segment::{CarriedBudget, CarriedSession};
use gatewright_policy::{Label, Timestamp};
use serde::{Deserialize, Serialize};

/// What is there cannot be read. Nobody may go on as if it were nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unreadable;

/// A row of `sessions`.
#[derive(Serialize)]
pub(crate) struct SessionRow {
    pub(crate) name: String,
    ends: i64,
    pub(crate) body: String,
}

/// A row of `budgets`.
#[derive(Serialize)]
pub(crate) struct BudgetRow {
    pub(crate) binding: String,
    pub(crate) key: String,
    pub(crate) ends: i64,
    pub(crate) body: String,
}

/// The names of a budget, as a statement takes them.
#[derive(PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct BudgetPlace {
    pub(crate) binding: String,
    pub(crate) key: String,
}

/// What the body of a row of `sessions` holds.
#[derive(Serialize, Deserialize)]
pub(crate) struct KeptSession {
    pub(crate) session: CarriedSession,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) under_way: Vec<CallUnderWay>,
}

/// A call that went ahead at a gate and has not ended.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct CallUnderWay {
    pub(crate) id: String,
    pub(crate) gate: String,
    /// Which start of the gate it belongs to.
    pub(crate) started: i64,
}

/// The session in the body of a row, and its labels, opened.
pub(crate) fn session(
    name: &str,
    body: &str,
    keys: &RecordKeys,
) -> Result<(KeptSession, Vec<Label>), Unreadable> {
    let kept: KeptSession = serde_json::from_str(body).map_err(|_| Unreadable)?;
    let labels = kept.session.labels.iter();
    let labels = labels.map(|label| keys.open(label));
    let labels = labels.collect::<Result<_, _>>().map_err(|_| Unreadable)?;
    match kept.session.session == name {
        true => Ok((kept, labels)),
        false => Err(Unreadable),
    }
}

/// What a session in a row carries.
pub(crate) fn carried(
    name: &str,
    body: &str,
    keys: &RecordKeys,
    history_max: usize,
) -> Result<Carried, Unreadable> {
    let excerpt = Excerpt::default();
    let (kept, labels) = session(name, body, keys)?;
    excerpt.take_session(kept.session, labels, std::iter::empty());
    Ok(excerpt.context(name, history_max))
}

/// The budget in the body of a row.
pub(crate) fn budget(binding: &str, key: &str, body: &str) -> Result<CarriedBudget, Unreadable> {
    let budget: CarriedBudget = serde_json::from_str(body).map_err(|_| Unreadable)?;
    match budget.binding == binding && budget.key == key {
        true => Ok(budget),
        false => Err(Unreadable),
    }
}

pub(crate) fn session_row(kept: KeptSession) -> Result<SessionRow, serde_json::Error> {
    Ok(SessionRow {
        body: serde_json::to_string(&kept)?,
        ends: millis(kept.session.expires_at),
        name: kept.session.session,
    })
}

pub(crate) fn budget_row(budget: CarriedBudget) -> Result<BudgetRow, serde_json::Error> {
    let end = budget.window.saturating_add(1);
    let end = end.saturating_mul(budget.window_seconds);
    Ok(BudgetRow {
        body: serde_json::to_string(&budget)?,
        ends: i64::try_from(end).unwrap_or(i64::MAX),
        binding: budget.binding,
        key: budget.key,
    })
}

/// A time as a column has it: the end of time is the last that it can hold.
pub(crate) fn millis(at: Timestamp) -> i64 {
    i64::try_from(at.0).unwrap_or(i64::MAX)
}

/// The time in a column.
pub(crate) fn time(millis: i64) -> Timestamp {
    match millis {
        i64::MAX => Timestamp(u64::MAX),
        millis => Timestamp(u64::try_from(millis).unwrap_or_default()),
    }
}
