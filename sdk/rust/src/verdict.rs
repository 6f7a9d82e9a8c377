//! Short ways to say yes, no and ask.

use crate::{ApprovalRequest, Denial, Obligation, Refusal, Verdict};

/// How long an approval stays usable when the policy does not say.
const TTL_SECONDS: u32 = 900;

// === impl Verdict ===

impl Verdict {
    /// Yes.
    pub fn allow() -> Self {
        Self::Allow(Vec::new())
    }

    /// Yes, if the gate meets these obligations.
    pub fn allow_with(obligations: impl IntoIterator<Item = Obligation>) -> Self {
        Self::Allow(obligations.into_iter().collect())
    }

    /// No. A text alone means `forbidden`; say what to do instead, the agent
    /// reads it.
    pub fn deny(denial: impl Into<Denial>) -> Self {
        Self::Deny(denial.into())
    }

    /// Only if a person agrees.
    pub fn ask(request: ApprovalRequest) -> Self {
        Self::Ask(request)
    }

    /// No opinion.
    pub const fn abstain() -> Self {
        Self::Abstain
    }
}

impl From<Denial> for Verdict {
    fn from(denial: Denial) -> Self {
        Self::Deny(denial)
    }
}

/// Lets a policy use `?`: what it cannot read, it denies.
impl<V: Into<Verdict>, E: Into<Denial>> From<Result<V, E>> for Verdict {
    fn from(result: Result<V, E>) -> Self {
        match result {
            Ok(verdict) => verdict.into(),
            Err(error) => Self::Deny(error.into()),
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

// === impl ApprovalRequest ===

impl ApprovalRequest {
    /// Asks one approver of any role: a line that says what is to be approved,
    /// and why a person must look at it.
    pub fn new(title: impl Into<String>, reason: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            reason: reason.into(),
            roles: Vec::new(),
            quorum: 1,
            ttl_seconds: TTL_SECONDS,
        }
    }

    /// Only people with one of these roles may approve.
    #[must_use]
    pub fn with_roles(self, roles: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            roles: roles.into_iter().map(Into::into).collect(),
            ..self
        }
    }

    /// So many different people must approve.
    #[must_use]
    pub fn with_quorum(self, quorum: u8) -> Self {
        Self { quorum, ..self }
    }

    /// How long a granted approval stays usable.
    #[must_use]
    pub fn with_ttl_seconds(self, ttl_seconds: u32) -> Self {
        Self {
            ttl_seconds,
            ..self
        }
    }
}
