//! Which entries are wanted.

use gatewright_engine::config::Period;
use gatewright_policy::pattern::{Pattern, Scope};
use gatewright_policy::record::Decided;
use gatewright_policy::{Reason, Timestamp};

/// Everything that is given must fit.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Filter {
    /// Only this agent's calls; `*` for any run of characters.
    #[arg(long, value_name = "AGENT", value_parser = pattern)]
    agent: Option<Pattern>,
    /// Only this decision.
    #[arg(long, value_name = "DECISION", value_parser = ["allow", "hold", "deny"])]
    decision: Option<String>,
    /// Only this reason, for example `insufficient_scope`.
    #[arg(long, value_name = "REASON", value_parser = reason)]
    reason: Option<Reason>,
    /// Only these tools, `<server>:<tool>`; `*` for any run of characters.
    #[arg(long, value_name = "TOOL", value_parser = Scope::parse)]
    tool: Option<Scope>,
    /// Only the decision with this id.
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    /// Nothing older: a time (`2026-11-23T07:00:00Z`) or a period (`15m`).
    #[arg(long, value_name = "WHEN", value_parser = when)]
    since: Option<When>,
}

/// A time, or how long ago it was.
#[derive(Clone, Copy, Debug)]
pub(crate) enum When {
    At(Timestamp),
    Ago(Period),
}

// === impl When ===

impl When {
    /// The time, with a period counted back from `now`.
    pub(crate) fn from(self, now: Timestamp) -> Timestamp {
        match self {
            Self::At(at) => at,
            Self::Ago(period) => {
                let millis = u64::try_from(period.0.as_millis()).unwrap_or(u64::MAX);
                Timestamp(now.0.saturating_sub(millis))
            }
        }
    }
}

// === impl Filter ===

impl Filter {
    /// The same filter with periods counted back from `now`.
    pub(crate) fn at(mut self, now: Timestamp) -> Self {
        if let Some(When::Ago(period)) = self.since {
            self.since = Some(When::At(When::Ago(period).from(now)));
        }
        self
    }

    pub(crate) fn wants_decision(&self, at: Timestamp, decided: &Decided) -> bool {
        let agent = decided.caller.as_ref().map_or("", |caller| &caller.agent);
        self.is_recent(at)
            && self.id.as_ref().is_none_or(|wanted| *wanted == decided.id)
            && self
                .agent
                .as_ref()
                .is_none_or(|wanted| wanted.matches(agent))
            && self
                .decision
                .as_ref()
                .is_none_or(|wanted| *wanted == decided.decision.as_str())
            && self
                .reason
                .is_none_or(|wanted| decided.reason == Some(wanted))
            && self.tool.as_ref().is_none_or(|wanted| {
                let parts = decided.parts.iter().map(|part| &part.name);
                let mut names = std::iter::once(&decided.name).chain(parts);
                names.any(|name| wanted.covers(&decided.server, name))
            })
    }

    /// Whether entries that are not about one call are wanted.
    pub(super) fn wants_event(&self, at: Timestamp) -> bool {
        self.is_recent(at)
            && self.id.is_none()
            && self.agent.is_none()
            && self.decision.is_none()
            && self.reason.is_none()
            && self.tool.is_none()
    }

    fn is_recent(&self, at: Timestamp) -> bool {
        match self.since {
            None | Some(When::Ago(_)) => true,
            Some(When::At(since)) => at >= since,
        }
    }
}

fn pattern(text: &str) -> Result<Pattern, std::convert::Infallible> {
    Ok(Pattern::new(text))
}

fn reason(text: &str) -> Result<Reason, String> {
    let found = Reason::ALL.iter().find(|reason| reason.code() == text);
    found.copied().ok_or_else(|| {
        let codes: Vec<_> = Reason::ALL.iter().map(|reason| reason.code()).collect();
        format!("the reasons are: {}", codes.join(", "))
    })
}

/// Reads a time or a period.
pub(crate) fn when(text: &str) -> Result<When, &'static str> {
    let at = Timestamp::parse(text).map(When::At);
    at.or_else(|| Period::parse(text).map(When::Ago))
        .ok_or("write a time as in `2026-11-23T07:00:00Z`, or a period such as `15m`")
}
