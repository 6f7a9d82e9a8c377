//! A message to one server: from here on it goes the way of that server's own endpoint.

use std::sync::Arc;

use bytes::Bytes;
use hyper::{HeaderMap, StatusCode};

use super::came::{Came, Said};
use super::inward::{Inward, unasked};
use super::opening::entered;
use crate::answering;
use crate::call::Answer;
use crate::headers::renamed;

/// A request that names something of one server.
pub(super) async fn request(mut came: Came, said: Said, inward: Inward) -> Answer {
    let Inward { server, body, name } = inward;
    let (seat, held) = (came.incoming.seat.take(), came.incoming.held.take());
    let came = Arc::new(came);
    let opened = match &came.session {
        // Nobody begins anything at a server that is not there, or that is not for this
        // caller: the refusal is the one of its own endpoint.
        Some(session) if came.reaches(&server) => match entered(&came, session, &server).await {
            Ok(opened) => Some(opened),
            Err(left) => return left.answer(&said.id, true),
        },
        Some(_) | None => None,
    };
    let mut headers = came.headers(opened.as_ref());
    renamed(&mut headers, name.as_deref());
    let mut incoming = came.to(&server, headers, Bytes::from(body));
    (incoming.seat, incoming.held) = (seat, held);
    let back = came.back(&server, Some(said.id));
    let answer = answering::post(&came.proxy, incoming, &came.owner).await;
    back.answer(answer)
}

/// What has no answer: for the server that it belongs to.
pub(super) async fn tell(mut came: Came, inward: Inward) -> Answer {
    let Inward { server, body, .. } = inward;
    let session = came.session.as_ref();
    let Some(opened) = session.and_then(|session| session.at(&server)) else {
        return came.refuse(unasked()).await;
    };
    let headers: HeaderMap = came.headers(Some(&opened));
    let mut incoming = came.to(&server, headers, Bytes::from(body));
    incoming.seat = came.incoming.seat.take();
    let back = came.back(&server, None);
    let answer = Box::pin(came.proxy.message(incoming)).await;
    match answer.status == StatusCode::ACCEPTED {
        true => answer,
        false => back.answer(answer),
    }
}
