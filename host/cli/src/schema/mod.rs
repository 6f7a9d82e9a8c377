//! JSON Schemas: those of the files that people write, and the part of JSON
//! Schema 2020-12 that settings schemas use.

mod reach;
mod validate;

pub(crate) use reach::reach;
pub(crate) use validate::check;
