//! Short ways to say yes, no and ask, and what comes beside.

use crate::{
    Ask, Charge, Denial, Edit, Limit, Note, Obligation, OnFailure, Opinion, Refusal, Revision,
    Verdict, WindowLimit,
};

// === impl Opinion ===

impl Opinion {
    /// Yes.
    pub const fn allow() -> Self {
        Self::of(Verdict::Allow)
    }

    /// No. A text alone means `forbidden`; say what to do instead, the agent
    /// reads it.
    pub fn deny(denial: impl Into<Denial>) -> Self {
        Self::of(Verdict::Deny(denial.into()))
    }

    /// Only if people agree.
    pub const fn ask(ask: Ask) -> Self {
        Self::of(Verdict::Ask(ask))
    }

    /// Neither yes nor no.
    pub const fn abstain() -> Self {
        Self::of(Verdict::Abstain)
    }

    /// What the gate owes if the call goes ahead, whoever allows it.
    #[must_use]
    pub fn owing(mut self, obligation: Obligation) -> Self {
        self.obligations.push(obligation);
        self
    }

    /// Why: a rule that the description lists, and words for the operator, which
    /// may be none.
    #[must_use]
    pub fn because(mut self, rule: impl Into<String>, text: impl Into<String>) -> Self {
        self.notes.push(Note {
            rule: rule.into(),
            text: text.into(),
        });
        self
    }

    /// Whether it is a yes.
    pub const fn allows(&self) -> bool {
        matches!(self.verdict, Verdict::Allow)
    }

    /// Whether it is a no.
    pub const fn denies(&self) -> bool {
        matches!(self.verdict, Verdict::Deny(_))
    }

    const fn of(verdict: Verdict) -> Self {
        Self {
            verdict,
            obligations: Vec::new(),
            notes: Vec::new(),
        }
    }
}

impl From<Verdict> for Opinion {
    fn from(verdict: Verdict) -> Self {
        Self::of(verdict)
    }
}

impl From<Denial> for Opinion {
    fn from(denial: Denial) -> Self {
        Self::deny(denial)
    }
}

/// Lets a policy use `?`: what it cannot read, it denies.
impl<O: Into<Opinion>, E: Into<Denial>> From<Result<O, E>> for Opinion {
    fn from(result: Result<O, E>) -> Self {
        match result {
            Ok(opinion) => opinion.into(),
            Err(error) => Self::deny(error),
        }
    }
}

// === impl Denial ===

impl Denial {
    /// Not allowed, whatever the arguments.
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(Refusal::Forbidden, message)
    }

    /// This tool, but not with these arguments.
    pub fn invalid_arguments(message: impl Into<String>) -> Self {
        Self::new(Refusal::InvalidArguments, message)
    }

    /// Not in this session, after what happened before.
    pub fn unsafe_context(message: impl Into<String>) -> Self {
        Self::new(Refusal::UnsafeContext, message)
    }

    /// A credential with these scopes would be allowed.
    pub fn insufficient_scope(
        message: impl Into<String>,
        scopes: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        Self {
            scopes: scopes.into_iter().map(Into::into).collect(),
            ..Self::new(Refusal::InsufficientScope, message)
        }
    }

    fn new(refusal: Refusal, message: impl Into<String>) -> Self {
        Self {
            refusal,
            message: message.into(),
            scopes: Vec::new(),
        }
    }
}

impl From<&str> for Denial {
    fn from(message: &str) -> Self {
        Self::forbidden(message)
    }
}

impl From<String> for Denial {
    fn from(message: String) -> Self {
        Self::forbidden(message)
    }
}

impl From<crate::ArgumentError> for Denial {
    fn from(error: crate::ArgumentError) -> Self {
        Self::invalid_arguments(error.to_string())
    }
}

// === impl Obligation ===

impl Obligation {
    /// Leaves a label on the session.
    pub fn label_one(label: impl Into<String>) -> Self {
        Self::Label(vec![label.into()])
    }
}

// === impl Charge ===

impl Charge {
    /// A cost in windows of a fixed size.
    pub fn fixed(key: impl Into<String>, cost: u64, limit: u64, window_seconds: u32) -> Self {
        Self {
            key: key.into(),
            cost,
            limit: Limit::Fixed(WindowLimit {
                limit,
                window_seconds,
            }),
            on_failure: OnFailure::Keep,
        }
    }

    /// A cost in the budget that the operator set for the binding under a name.
    pub fn set(key: impl Into<String>, cost: u64, budget: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            cost,
            limit: Limit::Set(budget.into()),
            on_failure: OnFailure::Keep,
        }
    }

    /// It is given back if no usable answer comes back.
    #[must_use]
    pub fn refunded_on_failure(self) -> Self {
        Self {
            on_failure: OnFailure::Refund,
            ..self
        }
    }
}

// === impl Revision ===

impl Revision {
    /// Why: a rule that the description lists, and words for the operator.
    #[must_use]
    pub fn because(mut self, rule: impl Into<String>, text: impl Into<String>) -> Self {
        self.notes.push(Note {
            rule: rule.into(),
            text: text.into(),
        });
        self
    }
}

impl From<Vec<Edit>> for Revision {
    fn from(edits: Vec<Edit>) -> Self {
        Self {
            edits,
            notes: Vec::new(),
        }
    }
}
