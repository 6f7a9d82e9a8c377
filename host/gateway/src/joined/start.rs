//! What comes to the endpoint of all servers is understood as far as it takes to see which
//! of them it is for, and who sent it. All else is seen at that server's own place.

use std::sync::Arc;

use gatewright_engine::Snapshot;
use gatewright_policy::{Grant, Reason};

use super::came::Came;
use super::sessions::{Session, Sessions};
use crate::asked::Asked;
use crate::call::{Answer, Incoming};
use crate::era::{Era, Mirror, elicits_url, era, era_of_stream, version, version_header};
use crate::headers::verify;
use crate::identify::identify;
use crate::message::{Id, Message, Shape};
use crate::method::Method;
use crate::owner::Owner;
use crate::proofs::{require, without_proof};
use crate::proxy::Proxy;
use crate::read::{Refusal, header_mismatch, mirror, session};

/// A message, or why it is refused.
pub(super) async fn message(
    sessions: &Sessions,
    proxy: Arc<Proxy>,
    incoming: Incoming,
    owner: &Owner,
) -> Result<(Came, Message), Box<Answer>> {
    let snapshot = proxy.gate.engine.snapshot();
    let mut asked = Asked::of(&incoming);
    match read(sessions, &proxy, &snapshot, &incoming, owner, &mut asked) {
        Ok(read) => {
            let mut came = Came {
                grant: read.grant.clone(),
                session: read.session,
                era: read.era,
                owner: owner.clone(),
                proxy,
                snapshot,
                incoming,
                asked,
            };
            came.proved(read.grant);
            Ok((came, read.message))
        }
        Err(refusal) => {
            let refused = proxy.refuse(&snapshot, &incoming, &mut asked, refusal);
            Err(Box::new(Box::pin(refused).await))
        }
    }
}

/// A GET or a DELETE, or why it is refused.
pub(super) async fn stream(
    sessions: &Sessions,
    proxy: Arc<Proxy>,
    incoming: Incoming,
    owner: &Owner,
    method: &str,
) -> Result<Came, Box<Answer>> {
    let snapshot = proxy.gate.engine.snapshot();
    let mut asked = Asked::of(&incoming);
    method.clone_into(&mut asked.method);
    match read_stream(sessions, &proxy, &snapshot, &incoming, owner, &mut asked) {
        Ok((era, session, grant)) => Ok(Came {
            grant,
            session,
            era,
            owner: owner.clone(),
            proxy,
            snapshot,
            incoming,
            asked,
        }),
        Err(refusal) => {
            let refused = proxy.refuse(&snapshot, &incoming, &mut asked, refusal);
            Err(Box::new(Box::pin(refused).await))
        }
    }
}

struct Read {
    message: Message,
    era: Era,
    session: Option<Arc<Session>>,
    grant: Grant,
}

fn read(
    sessions: &Sessions,
    proxy: &Arc<Proxy>,
    snapshot: &Snapshot,
    incoming: &Incoming,
    owner: &Owner,
    asked: &mut Asked,
) -> Result<Read, Refusal> {
    if !snapshot.is_ready() {
        return Err(Refusal::not_ready());
    }
    let limits = snapshot.limits.request_json();
    let message = Message::parse(&incoming.body, &limits).inspect_err(|_unread| {
        asked.id = Id::glimpsed(&incoming.body);
    })?;
    asked.note(&message);
    let mirror = mirror(&incoming.caller);
    let era = era(&message, &incoming.headers, mirror).map_err(|error| asked.out_of_era(error))?;
    asked.era = Some(era);
    asked.version = version(&message, &incoming.headers);
    asked.elicits_url = elicits_url(&message);
    let required = era == Era::Modern && mirror == Mirror::Required;
    // Parameters are mirrored as each tool wants it: there they are compared.
    verify(&message, &incoming.headers, required, &[]).map_err(header_mismatch)?;
    let session = match era {
        Era::Legacy => known(sessions, incoming, owner, asked)?,
        Era::Modern => None,
    };
    let grant = identify(&incoming.caller, snapshot, proxy.gate.engine.now())?;
    asked.grant = Some(grant.clone());
    let name = names(&message, era);
    asked.name = name.clone();
    let endpoint = || incoming.endpoint(snapshot);
    let now = proxy.gate.engine.now();
    let proofs = &proxy.gate.proofs;
    let proved = proofs.of_message(&grant, &message, &name, &endpoint, now)?;
    let (grant, message) = match proved {
        None => {
            require(&grant)?;
            (grant, message)
        }
        Some(grant) => (grant, without_proof(&message, snapshot)?),
    };
    asked.grant = Some(grant.clone());
    Ok(Read {
        message,
        era,
        session,
        grant,
    })
}

fn read_stream(
    sessions: &Sessions,
    proxy: &Arc<Proxy>,
    snapshot: &Snapshot,
    incoming: &Incoming,
    owner: &Owner,
    asked: &mut Asked,
) -> Result<(Era, Option<Arc<Session>>, Grant), Refusal> {
    if !snapshot.is_ready() {
        return Err(Refusal::not_ready());
    }
    let era = era_of_stream(&incoming.headers).map_err(|error| asked.out_of_era(error))?;
    asked.era = Some(era);
    asked.version = version_header(&incoming.headers);
    let grant = identify(&incoming.caller, snapshot, proxy.gate.engine.now())?;
    asked.grant = Some(grant.clone());
    require(&grant)?;
    let session = known(sessions, incoming, owner, asked)?;
    Ok((era, session, grant))
}

/// The session that a header names.
fn known(
    sessions: &Sessions,
    incoming: &Incoming,
    owner: &Owner,
    asked: &mut Asked,
) -> Result<Option<Arc<Session>>, Refusal> {
    let Some(id) = session(&incoming.headers)? else {
        return Ok(None);
    };
    asked.in_session = true;
    let known = sessions.find(&id, owner);
    let known =
        known.ok_or_else(|| Refusal::new(Reason::UnknownSession, "there is no such session"))?;
    Ok(Some(known))
}

/// What a request names first, as the agent says it: its proof is about that.
fn names(message: &Message, era: Era) -> String {
    let Shape::Request { method, .. } = &message.shape else {
        return String::new();
    };
    let names = Method::find(method, era).and_then(|it| it.names(message.params()).ok());
    names
        .and_then(|names| names.into_iter().next())
        .unwrap_or_default()
}
