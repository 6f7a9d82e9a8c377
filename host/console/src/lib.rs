//! The console: what people see of the gate, and where they decide.
//!
//! Server-rendered pages on a listener of their own, for people with an account and a
//! passkey. Read `routes.rs` first: it lists every page. The console knows no policy and
//! judges nothing; it reads the record at its end, and hands what people sign to whoever
//! keeps the held calls ([`Approvals`]).

mod accounts;
mod agent_path;
mod approvals;
mod asset;
mod body;
mod challenges;
mod cookies;
mod decide;
mod desk;
mod enter;
mod gate;
mod guard;
mod oidc;
mod operate;
mod operate_gate;
mod operations;
mod own_passkey;
mod pace;
mod pages;
mod passkey;
mod record;
mod reply;
mod routes;
mod server;
mod sessions;
#[cfg(test)]
mod tests;
mod views;
mod watch;

pub use accounts::{Account, Accounts, AccountsError, ChangeError, Right, Subject};
pub use approvals::{
    Approval, Approvals, ApprovalsError, Approver, Choice, NotTaken, Page, Stand, Statement, Voted,
};
pub use desk::Sources;
pub use gate::{GateView, ServerView};
pub use oidc::{Group, IdentityProvider, NotReached, Places, SignIn};
pub use operations::{GoingBack, NotDone, Operations, PackSet, Turning};
pub use passkey::{Assertion, Passkey, PasskeyError, PublicKey, RelyingParty};
pub use record::{FileRecord, Record, RecordError};
pub use server::{Console, ConsoleError, Settings};
