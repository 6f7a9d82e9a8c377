//! Calls that people decide on: who may, what they see, what they decide, and what a later
//! call makes of it.
//!
//! Read it in this order: [`Approvers`], [`Shown`], `decide`, `resume`, `settle`, `again`, `crossing`.

mod again;
mod approvers;
mod crossing;
mod decide;
mod engine;
mod found;
mod news;
mod resume;
mod returns;
mod settle;
mod settled;
mod show;

pub use approvers::{Accounts, Approvers};
pub(crate) use crossing::crossed;
pub(crate) use found::Found;
pub use news::News;
pub(crate) use news::Tells;
pub(crate) use resume::resumed;
pub use returns::NotReturned;
pub(crate) use settle::settle;
pub use settled::GivenAgain;
pub(crate) use settled::{Repeated, Settled};
pub use show::{ApprovalPage, PAGE_MAX, Shown};
