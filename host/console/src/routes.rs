//! Every page of the console, and everything that can be done on one.

use std::sync::Arc;

use hyper::{Method, Request, Response, StatusCode};

use crate::body::{form, json};
use crate::desk::{Desk, Visitor};
use crate::enter::{self, Sent, form_token};
use crate::reply::{self, Body, Refused};
use crate::{decide, guard, oidc, operate, operate_gate, own_passkey, pages, views, watch};

/// Answers one request.
pub(crate) async fn serve<B: Sent>(desk: &Arc<Desk>, request: Request<B>) -> Response<Body> {
    let is_script = request.headers().contains_key("x-form-token");
    let (parts, body) = request.into_parts();
    let checked = guard::check(&desk.party, &parts.method, &parts.uri, &parts.headers);
    let answered = match checked {
        Ok(()) => answer(desk, &parts, body).await,
        Err(refused) => Err(refused),
    };
    let mut response = answered.unwrap_or_else(|refused| match is_script {
        true => refused.to_json(),
        false => {
            let visitor = desk.visitor(&parts.headers);
            let frame = pages::Frame::new(desk, visitor.as_ref(), "Not done", "");
            reply::page(refused.status, pages::refused(&frame, &refused))
        }
    });
    guard::protect(&mut response);
    response
}

async fn answer<B: Sent>(
    desk: &Arc<Desk>,
    parts: &hyper::http::request::Parts,
    body: B,
) -> Result<Response<Body>, Refused> {
    let (headers, path) = (&parts.headers, parts.uri.path());
    let query = parts.uri.query().unwrap_or_default();
    let segments: Vec<_> = path.split('/').skip(1).collect();
    let visitor = || desk.visitor(headers);
    match &parts.method {
        &Method::GET => match segments.as_slice() {
            ["assets", _name] => match desk.assets.find(path) {
                Some(asset) => Ok(reply::asset(asset)),
                None => Err(nowhere()),
            },
            ["enrol"] => Ok(views::enrol(desk)),
            ["sign-in", "oidc", "back"] => oidc::came_back(desk, headers, query).await,
            segments => match visitor() {
                Some(visitor) => look(desk, &visitor, segments, query, headers).await,
                None => Ok(views::sign_in(desk, headers)),
            },
        },
        &Method::POST => match segments.as_slice() {
            ["sign-in", "challenge"] => enter::ask_who(desk),
            ["sign-in", "oidc"] => oidc::begin(desk).await,
            ["sign-in"] => enter::sign_in(desk, headers, &json(headers, body).await?),
            ["enrol", "challenge"] => enter::ask_new(desk, &json(headers, body).await?),
            ["enrol"] => enter::enrol(desk, headers, &json(headers, body).await?),
            ["passkey", "challenge"] => {
                let visitor = visitor().ok_or_else(stranger)?;
                visitor.sent(form_token(headers))?;
                own_passkey::ask(desk, &visitor)
            }
            ["passkey"] => {
                let visitor = visitor().ok_or_else(stranger)?;
                visitor.sent(form_token(headers))?;
                own_passkey::keep(desk, &visitor, &json(headers, body).await?)
            }
            ["approvals", id, "challenge"] => {
                let visitor = visitor().ok_or_else(stranger)?;
                visitor.sent(form_token(headers))?;
                decide::ask(desk, &visitor, id, json(headers, body).await?).await
            }
            ["approvals", id] => {
                let visitor = visitor().ok_or_else(stranger)?;
                visitor.sent(form_token(headers))?;
                decide::decide(desk, &visitor, id, json(headers, body).await?).await
            }
            ["sign-out"]
            | ["accounts", "invite" | "remove"]
            | ["agents", "turn"]
            | ["policies", "rollback"] => {
                let visitor = visitor().ok_or_else(stranger)?;
                let fields = form(headers, body).await?;
                visitor.sent(fields.get("form-token").map(String::as_str))?;
                match segments.as_slice() {
                    ["sign-out"] => Ok(enter::sign_out(desk, &visitor)),
                    ["accounts", "invite"] => operate::invite(desk, &visitor, &fields),
                    ["agents", "turn"] => operate_gate::turn(desk, &visitor, &fields).await,
                    ["policies", "rollback"] => {
                        operate_gate::roll_back(desk, &visitor, &fields).await
                    }
                    _remove => operate::remove(desk, &visitor, &fields),
                }
            }
            _nowhere => Err(nowhere()),
        },
        _other => Err(Refused::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "nothing here is done like that",
        )),
    }
}

/// The pages that somebody with an account sees.
async fn look(
    desk: &Arc<Desk>,
    visitor: &Visitor,
    segments: &[&str],
    query: &str,
    headers: &hyper::HeaderMap,
) -> Result<Response<Body>, Refused> {
    match segments {
        [""] => Ok(reply::see_other("/approvals")),
        ["approvals"] => views::approvals(desk, visitor, query).await,
        ["approvals", "history"] => views::history(desk, visitor, query).await,
        ["approvals", "news"] => watch::approvals(desk, visitor),
        ["approvals", id] => views::approval(desk, visitor, id).await,
        ["decisions"] => views::decisions(desk, visitor, query).await,
        ["decisions", "live"] => watch::decisions(desk, visitor, query, headers).await,
        ["decisions", id] => views::decision(desk, visitor, id).await,
        ["policies"] => Ok(views::policies(desk, visitor).await),
        ["agents"] => Ok(views::agents(desk, visitor, query)),
        ["agents", "one"] => views::agent(desk, visitor, query),
        ["health"] => views::health(desk, visitor).await,
        ["passkey"] => Ok(own_passkey::look(desk, visitor)),
        ["accounts"] => Ok(views::accounts(desk, visitor)),
        _nowhere => Err(nowhere()),
    }
}

fn nowhere() -> Refused {
    Refused::new(StatusCode::NOT_FOUND, "there is no such page")
}

fn stranger() -> Refused {
    let why = "you are not signed in any more; load the page again";
    Refused::new(StatusCode::UNAUTHORIZED, why)
}
