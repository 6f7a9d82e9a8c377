//! What grows with what: curves along each axis on which an installation grows, and how
//! steep each of them is.

mod curve;
mod decisions;
mod known;
mod served;

use anyhow::Result;

use crate::report::Figure;
use crate::settings::Settings;

pub(crate) fn measure(settings: &Settings) -> Result<Vec<Figure>> {
    let axes = [
        decisions::bindings,
        decisions::arguments,
        known::tools,
        known::pins,
        known::listing,
        known::agents,
        served::callers,
        served::upstreams,
    ];
    let mut figures = Vec::new();
    for axis in axes {
        figures.extend(axis(settings)?);
    }
    Ok(figures)
}
