//! Gathers what a page shows.

use gatewright_engine::agents::Selection;
use hyper::{HeaderMap, Response, StatusCode};

use crate::accounts::Right;
use crate::decide::unreadable;
use crate::desk::{Desk, Visitor};
use crate::guard;
use crate::oidc::SignIn;
use crate::pages::{self, Frame};
use crate::record::{Filter, RecordError, Wanted, activity, find, history as history_of, tail};
use crate::reply::{Body, Refused, page};

/// Approvals on a page.
const APPROVALS: usize = 50;

/// Agents on a page.
const AGENTS: usize = 100;

/// Decisions on a page.
const DECISIONS: usize = 50;

pub(crate) fn sign_in(desk: &Desk, headers: &HeaderMap) -> Response<Body> {
    // A cookie that is not sent along with a link of another site is sent when the page
    // loads itself once more.
    if guard::is_from_elsewhere(headers) && desk.token(headers).is_none() {
        let frame = Frame::new(desk, None, "Gatewright", "");
        return page(StatusCode::OK, pages::again(&frame, ""));
    }
    if desk.accounts.is_empty() && desk.sign_in.is_none() {
        return enrol(desk);
    }
    let frame = Frame::new(desk, None, "Sign in", "");
    page(
        StatusCode::UNAUTHORIZED,
        pages::sign_in(&frame, desk.sign_in.as_ref().map(SignIn::host)),
    )
}

pub(crate) fn enrol(desk: &Desk) -> Response<Body> {
    let frame = Frame::new(desk, None, "Make an account", "");
    let is_first = desk.accounts.is_empty();
    page(StatusCode::OK, pages::enrol(&frame, is_first))
}

pub(crate) async fn approvals(
    desk: &Desk,
    visitor: &Visitor,
    query: &str,
) -> Result<Response<Body>, Refused> {
    let after = value(query, "after");
    let waiting = desk
        .sources
        .approvals
        .waiting(&visitor.approver(), after.as_deref(), APPROVALS)
        .await
        .map_err(|error| unreadable(&error))?;
    let frame = Frame::new(desk, Some(visitor), "Approvals", "/approvals");
    Ok(page(StatusCode::OK, pages::approvals(&frame, &waiting)))
}

pub(crate) async fn approval(
    desk: &Desk,
    visitor: &Visitor,
    id: &str,
) -> Result<Response<Body>, Refused> {
    let found = desk.sources.approvals.find(&visitor.approver(), id).await;
    let frame = Frame::new(desk, Some(visitor), "Approval", "/approvals");
    match found.map_err(|error| unreadable(&error))? {
        Some(approval) => {
            let may = visitor.account.may(Right::Approve);
            Ok(page(
                StatusCode::OK,
                pages::approval(&frame, &approval, may),
            ))
        }
        None => {
            let recorded = find(&*desk.sources.record, id).await.map_err(unread)?;
            let id = recorded.map(|found| found.decided.id);
            let gone = pages::gone(&frame, id.as_deref());
            Ok(page(StatusCode::NOT_FOUND, gone))
        }
    }
}

pub(crate) async fn decisions(
    desk: &Desk,
    visitor: &Visitor,
    query: &str,
) -> Result<Response<Body>, Refused> {
    let frame = Frame::new(desk, Some(visitor), "Decisions", "/decisions");
    let filter = match Filter::read(query) {
        Ok(filter) => filter,
        Err(unread) => {
            let shown = pages::decisions(&frame, &unread.filter, Err(unread.wrong), None);
            return Ok(page(StatusCode::BAD_REQUEST, shown));
        }
    };
    let before = value(query, "before").and_then(|before| before.parse().ok());
    let tail = tail(&*desk.sources.record, &filter, before, DECISIONS)
        .await
        .map_err(unread)?;
    let shown = pages::decisions(&frame, &filter, Ok(&tail), before);
    Ok(page(StatusCode::OK, shown))
}

pub(crate) async fn decision(
    desk: &Desk,
    visitor: &Visitor,
    id: &str,
) -> Result<Response<Body>, Refused> {
    let found = find(&*desk.sources.record, id).await.map_err(unread)?;
    let frame = Frame::new(desk, Some(visitor), "Decision", "/decisions");
    match found {
        Some(found) => Ok(page(StatusCode::OK, pages::decision(&frame, &found))),
        None => Err(Refused::new(
            StatusCode::NOT_FOUND,
            "no decision with this id is near the time that the id says; older records may \
             have been archived",
        )),
    }
}

pub(crate) async fn history(
    desk: &Desk,
    visitor: &Visitor,
    query: &str,
) -> Result<Response<Body>, Refused> {
    let frame = Frame::new(desk, Some(visitor), "Approvals", "/approvals");
    let wanted =
        Wanted::read(query).map_err(|wrong| Refused::new(StatusCode::BAD_REQUEST, wrong))?;
    let before = value(query, "before").and_then(|before| before.parse().ok());
    let history = history_of(&*desk.sources.record, &wanted, before, DECISIONS);
    let history = history.await.map_err(unread)?;
    let shown = pages::history(&frame, &wanted, &history, before.is_some());
    Ok(page(StatusCode::OK, shown))
}

pub(crate) async fn policies(desk: &Desk, visitor: &Visitor) -> Response<Body> {
    let frame = Frame::new(desk, Some(visitor), "Policies", "/policies");
    let gate = (desk.sources.gate)();
    let sets = match gate.status.packs {
        Some(_) => desk.sources.operations.sets().await,
        None => Ok(Vec::new()),
    };
    page(StatusCode::OK, pages::policies(&frame, &gate.status, &sets))
}

pub(crate) fn agents(desk: &Desk, visitor: &Visitor, query: &str) -> Response<Body> {
    let frame = Frame::new(desk, Some(visitor), "Agents", "/agents");
    let given = |name| value(query, name).filter(|value| !value.trim().is_empty());
    let offset = value(query, "offset").and_then(|offset| offset.parse().ok());
    let selection = Selection {
        id: given("id"),
        owner: given("owner"),
        issuer: given("issuer"),
        offset: offset.unwrap_or_default(),
        limit: AGENTS,
    };
    let listing = desk.sources.operations.agents(&selection);
    page(StatusCode::OK, pages::agents(&frame, &selection, &listing))
}

pub(crate) fn agent(
    desk: &Desk,
    visitor: &Visitor,
    query: &str,
) -> Result<Response<Body>, Refused> {
    let frame = Frame::new(desk, Some(visitor), "Agent", "/agents");
    let nobody = || Refused::new(StatusCode::NOT_FOUND, "nobody knows this agent");
    let selection = Selection {
        id: Some(value(query, "id").ok_or_else(nobody)?),
        issuer: Some(value(query, "issuer").ok_or_else(nobody)?),
        limit: 1,
        ..Selection::default()
    };
    let mut listing = desk.sources.operations.agents(&selection);
    let listed = listing.agents.pop().ok_or_else(nobody)?;
    Ok(page(StatusCode::OK, pages::agent(&frame, &listed)))
}

pub(crate) async fn health(desk: &Desk, visitor: &Visitor) -> Result<Response<Body>, Refused> {
    let frame = Frame::new(desk, Some(visitor), "Health", "/health");
    let gate = (desk.sources.gate)();
    let activity = activity(&*desk.sources.record).await;
    Ok(page(
        StatusCode::OK,
        pages::health(&frame, &gate, &activity),
    ))
}

pub(crate) fn accounts(desk: &Desk, visitor: &Visitor) -> Response<Body> {
    let frame = Frame::new(desk, Some(visitor), "Accounts", "/accounts");
    let accounts = desk.accounts.all();
    page(StatusCode::OK, pages::accounts(&frame, &accounts))
}

/// The first value of this name in a query.
fn value(query: &str, wanted: &str) -> Option<String> {
    form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == wanted)
        .map(|(_, value)| value.into_owned())
}

pub(crate) fn unread(error: RecordError) -> Refused {
    Refused::new(StatusCode::SERVICE_UNAVAILABLE, error.to_string())
}
