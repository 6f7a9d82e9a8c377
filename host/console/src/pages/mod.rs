//! What the pages look like. Everything from elsewhere goes through [`text`].

mod accounts;
mod agent;
mod agents;
mod approval;
mod approvals;
mod decision;
mod decisions;
mod enter;
mod frame;
mod health;
mod history;
mod opinion;
mod policies;
mod refused;
mod text;
mod time;

pub(crate) use accounts::{accounts, invited};
pub(crate) use agent::agent;
pub(crate) use agents::agents;
pub(crate) use approval::{approval, gone};
pub(crate) use approvals::approvals;
pub(crate) use decision::decision;
pub(crate) use decisions::decisions;
pub(crate) use enter::{again, enrol, leave, own_passkey, sign_in};
pub(crate) use frame::Frame;
pub(crate) use health::health;
pub(crate) use history::history;
pub(crate) use policies::policies;
pub(crate) use refused::refused;
pub(crate) use text::flat;
