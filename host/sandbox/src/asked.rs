//! What is to be loaded.

use crate::limits::Limits;

/// What is loaded.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) component: &'a [u8],
    pub(crate) settings: &'a str,
    pub(crate) limits: Limits,
}
