//! How people decide on a held call: who may, what they sign, and what their votes come
//! to. Pure: time, votes and roles arrive as arguments.
//!
//! Read it in this order: [`Demand`], [`Case`], [`Statement`], [`shown()`].

mod approver;
mod case;
mod demand;
mod not_taken;
mod reading;
mod shown;
mod statement;
mod visible;

pub use approver::{Approver, ApproverKeyError, Voter, approver_key};
pub use case::{Case, Stand, Step};
pub use demand::Demand;
pub use not_taken::NotTaken;
pub use reading::Reading;
pub use shown::{SHOWN_BYTES_MAX, shown};
pub use statement::{
    Choice, REASON_BYTES_MAX, STATEMENT_VERSION, Signature, Signed, Statement, Vote,
};
pub use visible::{is_hidden, mixed_alphabets, visible};
