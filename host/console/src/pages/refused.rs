//! What was not done, and why.

use maud::{Markup, html};

use super::Frame;
use super::frame::head;
use super::text::line;
use crate::reply::Refused;

pub(crate) fn refused(frame: &Frame<'_>, refused: &Refused) -> Markup {
    let title = match refused.status.as_u16() {
        404 => "Not here",
        503 => "Not now",
        _ => "That was not done",
    };
    frame.page(&html! {
        (head(title, &line(&refused.why)))
        p { a href="/" { "Go to the first page" } }
    })
}
