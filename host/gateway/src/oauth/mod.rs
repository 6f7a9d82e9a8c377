//! The gate as a client of authorization servers: how it proves who it is, and how forms
//! are written.

mod assertion;
mod client;
mod form;

pub(crate) use client::{Client, Proved};
pub(crate) use form::written;
