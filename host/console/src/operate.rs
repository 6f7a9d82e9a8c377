//! Who has an account: for those who operate the console.

use std::collections::HashMap;

use hyper::{Response, StatusCode};

use crate::accounts::{Invite, Right, is_name, read_roles};
use crate::desk::{Desk, Visitor};
use crate::enter::not_changed;
use crate::pages;
use crate::reply::{Body, Refused, page, see_other};

/// Gives out a code for a new account. It is shown once.
pub(crate) fn invite(
    desk: &Desk,
    visitor: &Visitor,
    fields: &HashMap<String, String>,
) -> Result<Response<Body>, Refused> {
    visitor.must(Right::Operate)?;
    let bad = |why: &str| Refused::new(StatusCode::BAD_REQUEST, why);
    let name = fields.get("name").map_or("", |name| name.trim());
    if !is_name(name) {
        return Err(bad(
            "a name has letters, digits and -_.@:+, at most 64 of them",
        ));
    }
    if desk.accounts.find(name).is_some() {
        return Err(bad("there is an account with this name already"));
    }
    let roles = fields.get("roles").map_or("", String::as_str);
    let roles =
        read_roles(roles).ok_or_else(|| bad("that is more, or something else, than roles"))?;
    let rights = Right::ALL.into_iter();
    let invite = Invite {
        name: Some(name.to_owned()),
        rights: rights
            .filter(|it| fields.contains_key(it.as_str()))
            .collect(),
        roles,
    };
    let invited = desk.invites.invite(invite, desk.now());
    let (code, ends) =
        invited.map_err(|error| Refused::new(StatusCode::CONFLICT, error.to_string()))?;
    tracing::info!(
        account = name,
        by = visitor.account.name,
        "invited to the console"
    );
    let frame = pages::Frame::new(desk, Some(visitor), "Accounts", "/accounts");
    Ok(page(
        StatusCode::OK,
        pages::invited(&frame, name, &code, ends),
    ))
}

/// Takes an account away, and whoever is signed in to it out.
pub(crate) fn remove(
    desk: &Desk,
    visitor: &Visitor,
    fields: &HashMap<String, String>,
) -> Result<Response<Body>, Refused> {
    visitor.must(Right::Operate)?;
    let name = fields.get("name").map_or("", String::as_str);
    desk.accounts
        .remove(name)
        .map_err(|error| not_changed(&error))?;
    desk.sessions.end_all(name);
    tracing::info!(
        account = name,
        by = visitor.account.name,
        "an account of the console was removed"
    );
    Ok(see_other("/accounts"))
}
