//! A message that was allowed, and what that owes.

use std::sync::Arc;

use gatewright_policy::{Allowance, Grant, Obligation, OutcomeLabel, Quota, Request};

use crate::binding::Binding;
use crate::call::Kind;
use crate::snapshot::Snapshot;

/// A message that was allowed, and what that owes.
pub(crate) struct Approved {
    pub(crate) id: String,
    pub(crate) snapshot: Arc<Snapshot>,
    pub(crate) grant: Grant,
    pub(crate) kind: Kind,
    pub(crate) request: Arc<Request>,
    /// The questions about what else the message names.
    pub(crate) further: Vec<Arc<Request>>,
    pub(crate) allowance: Allowance,
    pub(crate) charges: Vec<(String, Quota)>,
    /// The held call that people approved, where what comes of it is kept.
    pub(crate) outcome_of: Option<String>,
}

impl Approved {
    /// The reviewers of what the message names, each with the first question
    /// that it is bound to.
    pub(crate) fn reviewers(&self) -> Vec<(Arc<Binding>, Arc<Request>)> {
        let Some(server) = self.snapshot.server(&self.request.action.server) else {
            return Vec::new();
        };
        let bound = |binding: &Arc<Binding>| {
            let mut requests = std::iter::once(&self.request).chain(&self.further);
            let request = requests.find(|request| binding.is_on_tool(&request.action.name));
            request.map(|request| (Arc::clone(binding), Arc::clone(request)))
        };
        server.reviewers().iter().filter_map(bound).collect()
    }

    /// The most that may come back, in bytes.
    pub(crate) fn bytes_max(&self) -> Option<u64> {
        let limits = self.allowance.obligations.iter();
        limits
            .filter_map(|(_, obligation)| match obligation {
                Obligation::LimitResult(bytes) => Some(*bytes),
                Obligation::Charge(_)
                | Obligation::Label(_)
                | Obligation::Declassify(_)
                | Obligation::Redact(_) => None,
            })
            .min()
    }

    /// Labels that its decision left on the session.
    pub(crate) fn labels(&self) -> Vec<OutcomeLabel> {
        let mut labels = Vec::new();
        for (binding, obligation) in &self.allowance.obligations {
            match obligation {
                Obligation::Label(names) => labels.extend(names.iter().map(|name| OutcomeLabel {
                    name: name.clone(),
                    source: Some(binding.to_string()),
                })),
                Obligation::Charge(_)
                | Obligation::Declassify(_)
                | Obligation::Redact(_)
                | Obligation::LimitResult(_) => {}
            }
        }
        labels
    }

    /// What is not shown of what comes back.
    pub(crate) fn redactions(&self) -> Vec<String> {
        let mut pointers = Vec::new();
        for (_, obligation) in &self.allowance.obligations {
            match obligation {
                Obligation::Redact(more) => pointers.extend(more.iter().cloned()),
                Obligation::Charge(_)
                | Obligation::Label(_)
                | Obligation::Declassify(_)
                | Obligation::LimitResult(_) => {}
            }
        }
        pointers
    }
}
