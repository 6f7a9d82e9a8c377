//! Why a call did not go ahead: the only refusal vocabulary a client sees.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! reasons {
    ($($(#[doc = $doc:literal])+ $variant:ident = $code:literal),+ $(,)?) => {
        /// Closed; each has a stable wire code.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum Reason {
            $($(#[doc = $doc])+ #[serde(rename = $code)] $variant,)+
        }

        impl Reason {
            /// All of them, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The wire code.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }
        }
    };
}

reasons! {
    /// A policy refused, whatever the arguments.
    Forbidden = "forbidden",
    /// The credential does not cover this tool.
    InsufficientScope = "insufficient_scope",
    /// The credential covers this tool, and not with these arguments.
    ArgumentsBeyondScope = "arguments_beyond_scope",
    /// A policy refused these arguments.
    InvalidArguments = "invalid_arguments",
    /// An argument stands under no name in the pinned schema of the tool.
    UnknownArguments = "unknown_arguments",
    /// The definition of the tool is not the one that is pinned.
    ToolChanged = "tool_changed",
    /// Nobody pinned the definition of the tool, or it cannot be seen now.
    ToolNotPinned = "tool_not_pinned",
    /// A policy refused because of what the session did before.
    UnsafeContext = "unsafe_context",
    /// No policy allowed the call.
    NoPolicy = "no_policy",
    /// A policy gave no usable answer.
    PolicyFault = "policy_fault",
    /// A person must approve the call first.
    ApprovalRequired = "approval_required",
    /// A person said no to exactly this call.
    ApprovalRejected = "approval_rejected",
    /// Exactly this call went ahead with what people agreed to, and is not made again.
    ApprovalUsed = "approval_used",
    /// The agent asked people as often as it may in this time.
    TooManyQuestions = "too_many_questions",
    /// A quota would overrun.
    QuotaExceeded = "quota_exceeded",
    /// As many calls wait for people as may.
    TooManyHeld = "too_many_held",
    /// The session carries as many labels as one may.
    LabelsFull = "labels_full",
    /// The decision could not be recorded.
    AuditUnavailable = "audit_unavailable",
    /// The gate has as many calls in flight as it takes.
    Overloaded = "overloaded",
    /// The gate has no policies yet.
    NotReady = "not_ready",
    /// The gate is stopping.
    ShuttingDown = "shutting_down",
    /// No credential.
    CredentialMissing = "credential_missing",
    /// The credential does not verify.
    CredentialInvalid = "credential_invalid",
    /// The credential is past its end.
    CredentialExpired = "credential_expired",
    /// An operator revoked the credential, or one above it.
    CredentialRevoked = "credential_revoked",
    /// Whether the credential still counts cannot be known now.
    StatusUnavailable = "status_unavailable",
    /// The status list of the credential is not one that counts.
    StatusInvalid = "status_invalid",
    /// An operator stopped the agent, its owner or its issuer.
    AgentSuspended = "agent_suspended",
    /// The agent, its owner or its issuer was stopped for good.
    AgentDecommissioned = "agent_decommissioned",
    /// Nobody registered the agent.
    AgentUnknown = "agent_unknown",
    /// The agent is registered, and not for this tool server.
    ServerRefused = "server_refused",
    /// Nothing proves the key that the credential is bound to, or not as much as is asked.
    ProofMissing = "proof_missing",
    /// The proof of possession does not verify, or is for something else.
    ProofInvalid = "proof_invalid",
    /// The proof of possession was used before.
    ProofReplayed = "proof_replayed",
    /// The message is not one unambiguous JSON-RPC message.
    MalformedRequest = "malformed_request",
    /// JSON-RPC batches are refused.
    BatchRefused = "batch_refused",
    /// The method is not one that the gate knows.
    UnknownMethod = "unknown_method",
    /// The protocol revision is not one that the gate knows.
    UnsupportedVersion = "unsupported_version",
    /// Headers and body disagree.
    HeaderMismatch = "header_mismatch",
    /// The `Host` header names another host.
    HostRefused = "host_refused",
    /// The `Origin` header names a page that may not use the gate.
    OriginRefused = "origin_refused",
    /// The message is over a size limit.
    TooLarge = "too_large",
    /// No tool server has this name.
    UnknownServer = "unknown_server",
    /// The session is unknown, ended, or another credential's.
    UnknownSession = "unknown_session",
    /// The tool server cannot be reached or died.
    UpstreamUnavailable = "upstream_unavailable",
    /// The tool server did not answer in time.
    UpstreamTimeout = "upstream_timeout",
    /// The tool server's answer is not usable.
    UpstreamInvalid = "upstream_invalid",
    /// A policy withheld the result.
    ResultWithheld = "result_withheld",
    /// The result is larger than allowed.
    ResultTooLarge = "result_too_large",
}

impl Reason {
    /// Whether an operator or an issuer stopped whoever asks: it may go on asking as fast
    /// as it likes.
    pub const fn is_stop(self) -> bool {
        matches!(
            self,
            Self::CredentialRevoked
                | Self::AgentSuspended
                | Self::AgentDecommissioned
                | Self::AgentUnknown
                | Self::ServerRefused
                | Self::StatusUnavailable
                | Self::StatusInvalid
        )
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}
