//! What a credential covers: tools, and what their arguments may be.
//!
//! Two functions carry the weight, both total on any JSON: a [`Constraint`] admits a
//! value or not, and one subsumes another or not. If the wider one subsumes the
//! narrower, then it admits whatever the narrower admits; a delegation rests on that.

mod arguments;
mod constraint;
mod covered;
mod datum;
mod details;
mod effort;
mod read;

pub use arguments::{Arguments, Beyond};
pub use constraint::{Constraint, check, subsumes};
pub use covered::{Scope, ScopeError};
pub use datum::Datum;
pub use details::{
    AUTHORIZATION_TYPE, DetailsError, read_details, read_own_details, read_shown, write_details,
};
pub use effort::Effort;
pub use read::ConstraintError;
