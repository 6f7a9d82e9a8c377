//! A call that people are asked about, or were, in a row.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gatewright_engine::memory::KeptCall;
use gatewright_policy::approval::Vote;
use gatewright_policy::{Envelope, SealedCall};

use crate::connection::Row;
use crate::kept::time;

/// The call in a row, with what was decided on it.
pub(crate) fn kept_call(row: &Row) -> Result<KeptCall, sqlx::Error> {
    let digest = |text: String| text.parse().map_err(|_| unreadable("a digest"));
    let envelope = Envelope {
        id: row.text(0)?,
        agent: digest(row.text(1)?)?,
        called: digest(row.text(2)?)?,
        decide_by: time(row.integer(3)?),
    };
    let body = STANDARD.decode(row.text(4)?);
    Ok(KeptCall {
        call: SealedCall {
            envelope,
            sealed: body.map_err(|_| unreadable("a held call"))?,
        },
        votes: votes(&row.text(5)?)?,
    })
}

/// What was decided.
pub(crate) fn votes(text: &str) -> Result<Vec<Vote>, sqlx::Error> {
    serde_json::from_str(text).map_err(|_| unreadable("what was decided"))
}

fn unreadable(what: &str) -> sqlx::Error {
    sqlx::Error::Decode(what.to_owned().into())
}
