//! What the console asks of whoever keeps the held calls.

use futures_util::future::BoxFuture;
use gatewright_policy::{ActionDigest, Digest, HeldAsk, Timestamp};
use tokio::sync::watch;

use crate::passkey::Assertion;

/// Keeps the held calls, and takes what they decide.
pub trait Approvals: Send + Sync + 'static {
    /// Those that this person could decide on, oldest first, after this id.
    fn waiting<'a>(
        &'a self,
        by: &'a Approver,
        after: Option<&'a str>,
        limit: usize,
    ) -> BoxFuture<'a, Result<Page, ApprovalsError>>;

    /// One of them; none where there is none, or not for this person.
    fn find<'a>(
        &'a self,
        by: &'a Approver,
        id: &'a str,
    ) -> BoxFuture<'a, Result<Option<Approval>, ApprovalsError>>;

    /// What a passkey is asked to sign for a statement.
    fn challenge(&self, statement: &Statement) -> Digest;

    /// Takes a statement that was signed like this. The signature was verified.
    fn decide<'a>(
        &'a self,
        by: &'a Approver,
        statement: Statement,
        assertion: Assertion,
    ) -> BoxFuture<'a, Result<Stand, NotTaken>>;

    /// Changes whenever one is asked, decided, used or void.
    fn changed(&self) -> watch::Receiver<u64>;
}

/// Somebody who decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approver {
    /// Who.
    pub name: String,
    /// What they are.
    pub roles: Vec<String>,
}

/// Some of the held calls.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// In order.
    pub approvals: Vec<Approval>,
    /// The id after which it goes on.
    pub next: Option<String>,
}

/// A held call, as an approver may see it.
#[derive(Clone, Debug)]
pub struct Approval {
    /// Id of the decision to hold.
    pub id: String,
    /// When it was received.
    pub received_at: Timestamp,
    /// Who did not decide until then did not approve.
    pub decide_by: Timestamp,
    /// Who asks.
    pub agent: String,
    /// Who vouches for it.
    pub issuer: String,
    /// Whom it acts for.
    pub principal: Option<String>,
    /// Every agent in between.
    pub delegation: Vec<String>,
    /// The tool server.
    pub server: String,
    /// The MCP method.
    pub method: String,
    /// What it names.
    pub names: Vec<String>,
    /// What is approved.
    pub actions: Vec<ActionDigest>,
    /// What is asked, and by which binding.
    pub asks: Vec<HeldAsk>,
    /// Whether it goes ahead once it is approved.
    pub allowed: bool,
    /// Where it stands.
    pub stand: Stand,
    /// What was decided so far.
    pub votes: Vec<Voted>,
    /// What is shown, exactly.
    pub text: String,
    /// Its digest, which is signed.
    pub shown: Digest,
}

/// Where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stand {
    /// It waits.
    Requested,
    /// The call may be made once, until then.
    Granted {
        /// Until when.
        use_by: Timestamp,
    },
    /// Somebody said no.
    Rejected,
    /// Nobody decided in time, or it was not used in time.
    Expired,
    /// The call went ahead.
    Used,
    /// What was agreed to may not happen any more.
    Void,
}

/// What somebody decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Voted {
    /// Who.
    pub by: String,
    /// What.
    pub choice: Choice,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Timestamp,
}

/// Yes or no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// Yes.
    Approve,
    /// No.
    Reject,
}

/// What an approver signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The call.
    pub held: String,
    /// Everything that it names.
    pub actions: Vec<ActionDigest>,
    /// Who decides.
    pub approver: String,
    /// When.
    pub at: Timestamp,
    /// What.
    pub choice: Choice,
    /// Why.
    pub reason: String,
    /// Digest of what they saw.
    pub shown: Digest,
}

/// The held calls cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("the held calls cannot be read: {0}")]
pub struct ApprovalsError(pub String);

/// A decision that is not taken.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct NotTaken {
    /// For programs.
    pub code: &'static str,
    /// For the approver.
    pub message: String,
}

impl Choice {
    /// As forms write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Reject => "reject",
        }
    }

    pub(crate) fn read(text: &str) -> Option<Self> {
        [Self::Approve, Self::Reject]
            .into_iter()
            .find(|choice| choice.as_str() == text)
    }
}
