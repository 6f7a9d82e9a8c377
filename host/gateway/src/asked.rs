//! What is known of a message so far, for whoever must answer it.

use std::sync::Arc;

use gatewright_policy::Grant;
use tokio::time::Instant;

use crate::call::{Incoming, SignIn};
use crate::era::Era;
use crate::message::Id;
use crate::owner::Place;
use crate::presented::Presented;
use crate::returned::Returned;

/// What was asked, as far as it could be read.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// When it arrived.
    pub(crate) arrived: Instant,
    /// Who asks, once that is established.
    pub(crate) grant: Option<Grant>,
    /// The server, once it is known to be configured; for metrics.
    pub(crate) server_label: Arc<str>,
    /// Id of the decision, once there is one.
    pub(crate) decision: String,
    /// The protocol revision that the message names.
    pub(crate) version: Option<String>,
    /// The id of the request; none for notifications, and before it is known.
    pub(crate) id: Option<Id>,
    /// The method; empty before it is known.
    pub(crate) method: String,
    /// The tool, prompt or resource, where the message names one.
    pub(crate) name: String,
    /// A JSON-RPC code that says more than the one of the reason.
    pub(crate) code: Option<i64>,
    /// The era of the message, once it is known.
    pub(crate) era: Option<Era>,
    /// Whether it is `tools/call`, whose refusals are results.
    pub(crate) is_tool_call: bool,
    /// Whether it belongs to a legacy session: there a 404 means that the session
    /// has ended.
    pub(crate) in_session: bool,
    /// How a client without a credential gets one; none over stdio.
    pub(crate) sign_in: Option<SignIn>,
    /// The credential that was shown, if one was.
    pub(crate) presented: Option<Presented>,
    /// The protocol revision that was asked for, where it is not supported.
    pub(crate) requested_version: Option<String>,
    /// The held call that it waits for, if people are asked about it, and where it came
    /// from.
    pub(crate) waits_for: Option<(String, Place)>,
    /// The client's token for progress, if it gave one.
    pub(crate) progress: Option<Id>,
    /// The message says that the client can send its user to a URL.
    pub(crate) elicits_url: bool,
    /// What it brings back from the console.
    pub(crate) returned: Option<Returned>,
}

impl Asked {
    /// Nothing is read yet.
    pub(crate) fn of(incoming: &Incoming) -> Self {
        Self {
            arrived: Instant::now(),
            grant: None,
            server_label: Arc::from(""),
            decision: String::new(),
            version: None,
            id: None,
            method: String::new(),
            name: String::new(),
            code: None,
            era: None,
            is_tool_call: false,
            in_session: false,
            sign_in: incoming.sign_in.clone(),
            presented: incoming.caller.presented().cloned(),
            requested_version: None,
            waits_for: None,
            progress: None,
            elicits_url: false,
            returned: None,
        }
    }
}
