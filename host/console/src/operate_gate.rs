//! What people who may operate do about the gate itself: stop agents, and go back to
//! earlier packs.

use std::collections::HashMap;

use gatewright_policy::agent::{AgentKey, Turn};
use hyper::{Response, StatusCode};

use crate::accounts::Right;
use crate::agent_path::agent_path;
use crate::desk::{Desk, Visitor};
use crate::enter::too_often;
use crate::operations::{GoingBack, NotDone, Turning};
use crate::reply::{Body, Refused, see_other};

/// Longest reason, in bytes.
const WHY_BYTES_MAX: usize = 500;

/// The fields of a form.
type Fields = HashMap<String, String>;

/// Stops an agent, or lets it go on.
pub(crate) async fn turn(
    desk: &Desk,
    visitor: &Visitor,
    fields: &Fields,
) -> Result<Response<Body>, Refused> {
    may_now(desk, visitor)?;
    let turn = match field(fields, "turn") {
        "suspend" => Turn::Suspend,
        "resume" => Turn::Resume,
        _other => return Err(bad("suspend it, or let it go on")),
    };
    let why = field(fields, "why").trim();
    if why.is_empty() || why.len() > WHY_BYTES_MAX || why.chars().any(char::is_control) {
        return Err(bad(
            "say why in one line of at most 500 bytes: it stands in the record",
        ));
    }
    let agent = AgentKey {
        id: field(fields, "id").to_owned(),
        issuer: field(fields, "issuer").to_owned(),
    };
    let place = agent_path(&agent);
    let turned = desk.sources.operations.turn(Turning {
        agent,
        turn,
        by: by(visitor),
        why: why.to_owned(),
    });
    turned.await.map_err(not_done)?;
    let (account, turn) = (&visitor.account.name, turn.as_str());
    tracing::info!(by = account, turn, "an agent was turned from the console");
    Ok(see_other(&place))
}

/// Wants an earlier set of packs again.
pub(crate) async fn roll_back(
    desk: &Desk,
    visitor: &Visitor,
    fields: &Fields,
) -> Result<Response<Body>, Refused> {
    may_now(desk, visitor)?;
    let revision = |name| field(fields, name).parse::<u64>().ok();
    let (Some(from), Some(to)) = (revision("from"), revision("to")) else {
        return Err(bad("say which set to go back to"));
    };
    let going = GoingBack {
        from,
        to,
        by: by(visitor),
    };
    let went = desk.sources.operations.roll_back(going);
    went.await.map_err(not_done)?;
    let account = &visitor.account.name;
    tracing::info!(
        by = account,
        from,
        to,
        "packs were rolled back from the console"
    );
    Ok(see_other("/policies"))
}

fn may_now(desk: &Desk, visitor: &Visitor) -> Result<(), Refused> {
    visitor.must(Right::Operate)?;
    match desk.deciding.allows(desk.now()) {
        true => Ok(()),
        false => Err(too_often()),
    }
}

/// Who does it, as the record says it: no user of the machine has such a name.
fn by(visitor: &Visitor) -> String {
    format!("{} (console)", visitor.account.name)
}

fn field<'a>(fields: &'a Fields, name: &str) -> &'a str {
    fields.get(name).map_or("", String::as_str)
}

fn bad(why: &str) -> Refused {
    Refused::new(StatusCode::BAD_REQUEST, why)
}

fn not_done(error: NotDone) -> Refused {
    Refused::new(StatusCode::CONFLICT, error.0)
}
