//! Status lists: what an issuer says, after it issued a credential, about whether it still
//! counts. Two forms of the same: the W3C's Bitstring Status List, in credentials of the
//! `vc+jwt` kind, and the IETF's Token Status List, in any JWT.
//!
//! Nothing here fetches a list. [`read`] says which lists a credential stands in,
//! [`StatusList::verify`] makes a list of a text that somebody fetched.

mod error;
mod issue;
mod list;
mod reference;
mod signature;
mod unpack;

pub use error::StatusError;
pub use issue::{BITSTRING_ENTRIES_MIN, ENTRIES_MAX, Entries, Entry, EntryError, ListClaims};
pub use list::{LIST_TEXT_BYTES_MAX, Standing, StatusList, Unverified};
pub use reference::{ListKind, STATUSES_MAX, Status, StatusRef, StatusRefError, read};
