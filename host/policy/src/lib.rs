//! What requests, verdicts, decisions, grants and records *are*, and how they
//! combine.
//!
//! Everything here is a value or a pure function. This crate knows no clock, no
//! randomness, no files and no network: time and keys arrive as arguments, so
//! that a decision can be made again, years later, from what was recorded.

pub mod action_digest;
pub mod agent;
pub mod approval;
pub mod authority;
pub mod charge;
pub mod counted;
pub mod credential;
pub mod decision;
pub mod definition;
pub mod digest;
pub mod fault;
pub mod grant;
pub mod held;
mod integer;
pub mod json;
pub mod outcome;
pub mod pattern;
pub mod question;
pub mod reason;
pub mod record;
pub mod request;
pub mod revocation;
pub mod rollout;
pub mod scope;
pub mod sealed_label;
pub mod segment;
pub mod session;
pub mod tally;
pub mod timestamp;
pub mod trouble;
pub mod usable;
pub mod verdict;

pub use action_digest::{ActionDigest, AskedBy};
pub use agent::{Asker, Registry, Stopped, Unregistered};
pub use authority::{Authority, Mode, Power};
pub use charge::{
    BUDGET_KEY_BYTES_MAX, BUDGETS_READ_MAX, BudgetRead, Budgets, Charge, Limit, NoBudget,
    OnFailure, Quota, WindowLimit,
};
pub use counted::counted;
pub use decision::{Allowance, Decision, DecisionKind, Denied, Held};
pub use definition::{Defined, Definition};
pub use digest::Digest;
pub use fault::Fault;
pub use grant::Grant;
pub use held::{Envelope, HeldAsk, HeldCall, HeldName, SealedCall};
pub use outcome::{Given, Outcome, OutcomeLabel, SealedOutcome};
pub use reason::Reason;
pub use request::{
    Action, Approval, ArgumentRoles, Claim, Context, Hints, Label, Proof, Purpose, Request,
    Response, ResponseKind, Subject,
};
pub use revocation::Tokens;
pub use rollout::{Comparison, Flip, Rollout, Share};
pub use session::{SessionOwner, session_id};
pub use tally::{Tally, Vote};
pub use timestamp::Timestamp;
pub use trouble::Trouble;
pub use verdict::{
    Ask, Denial, Edit, Finding, Note, Obligation, Opinion, Refusal, Report, Revision, Verdict,
};
