//! Signing in at the identity provider of a team, with OpenID Connect. It says who somebody
//! is and what they may do here; what they decide, they sign with a passkey.

mod back;
mod begin;
mod flow;
mod means;
mod provider;

pub(crate) use back::came_back;
pub(crate) use begin::begin;
pub(crate) use flow::Flows;
pub use means::Group;
pub use provider::{IdentityProvider, NotReached, Places, SignIn};
