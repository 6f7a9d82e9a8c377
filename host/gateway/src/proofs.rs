//! Proof of possession: what a caller signed with the key of its credential, in a header
//! (DPoP) or in the message itself, and that nothing is used twice.

use std::sync::{Mutex, MutexGuard, PoisonError};

use gatewright_engine::Snapshot;
use gatewright_policy::credential::HolderKey;
use gatewright_policy::credential::proof::{
    CALL_PROOF, Called, Moment, ProofError, Proved, Replays, Sent, verify_call, verify_dpop,
};
use gatewright_policy::json::{Value, apply_edits};
use gatewright_policy::{Edit, Grant, Proof, Reason, Timestamp};
use hyper::HeaderMap;
use hyper::header::HeaderName;

use crate::headers::only;
use crate::message::{Message, Shape};
use crate::read::{Refusal, Wanted, What};

/// Where a proof of a request stands.
const DPOP: HeaderName = HeaderName::from_static("dpop");

/// Where the proof of a call stands in a message.
const CALL_PROOF_AT: &str = "/params/_meta/gatewright~1proof";

/// The proofs that were used since the gate started. Callers without a key never come
/// here, and wait for nobody.
pub(crate) struct Proofs {
    /// The latest time of the record when the gate started.
    recorded_until: Option<Timestamp>,
    replays: Mutex<Replays>,
}

/// An HTTP request and the credential in it, as far as a proof is about them.
pub(crate) struct Shown<'a> {
    /// `Authorization: DPoP`, not `Bearer`.
    pub(crate) with_proof: bool,
    pub(crate) sent: Sent<'a>,
    pub(crate) headers: &'a HeaderMap,
}

impl Proofs {
    pub(crate) fn new(recorded_until: Option<Timestamp>) -> Self {
        Self {
            recorded_until,
            replays: Mutex::default(),
        }
    }

    /// Step 0. The grant of a request, with what its headers prove. A proof that is there
    /// must be good, also where none is asked for.
    pub(crate) fn sender(
        &self,
        grant: Grant,
        shown: &Shown<'_>,
        now: Timestamp,
    ) -> Result<Grant, Refusal> {
        let proof = only(shown.headers, &DPOP)
            .map_err(|()| refused(&ProofError::Claim("`DPoP` is not one text")))?;
        let (Some(proof), true) = (proof, shown.with_proof) else {
            // RFC 9449, 7.1 and 7.2: neither goes without the other.
            return match (proof, shown.with_proof) {
                (None, false) => Ok(grant),
                (None, true) => Err(missing()),
                (Some(_), _) => Err(Refusal::new(
                    Reason::ProofInvalid,
                    "a proof stands beside `Authorization: Bearer`; hint: send \
                     `Authorization: DPoP <credential>`",
                )),
            };
        };
        let holder = bound(&grant)?;
        let moment = self.moment(now);
        let proved = verify_dpop(proof, holder, &shown.sent, &moment);
        self.admit(holder, proved, now)?;
        Ok(grant.proved(Proof::Sender))
    }

    /// Step 2. The grant of a message, with what the message proves; its proof is taken
    /// out, and goes no further.
    pub(crate) fn caller(
        &self,
        grant: Grant,
        wanted: &mut Wanted,
        endpoint: &dyn Fn() -> String,
        snapshot: &Snapshot,
        now: Timestamp,
    ) -> Result<Grant, Refusal> {
        let name = match &wanted.what {
            What::Request { names, .. } => names.first().map_or("", String::as_str),
            What::Notification { .. } | What::Response { .. } => "",
        };
        // The holder signs what it sends.
        let sent = wanted.as_sent.as_ref().unwrap_or(&wanted.message);
        let Some(proved) = self.of_message(&grant, sent, name, endpoint, now)? else {
            return match grant.is_proved() {
                true => Ok(grant),
                false => Err(missing()),
            };
        };
        wanted.message = without_proof(&wanted.message, snapshot)?;
        Ok(proved)
    }

    /// The grant of a message with what its proof says; nothing where it has none.
    /// `name`: what it names.
    pub(crate) fn of_message(
        &self,
        grant: &Grant,
        message: &Message,
        name: &str,
        endpoint: &dyn Fn() -> String,
        now: Timestamp,
    ) -> Result<Option<Grant>, Refusal> {
        let Some(proof) = call_proof(message) else {
            return Ok(None);
        };
        let holder = bound(grant)?;
        let proof = proof
            .as_text()
            .ok_or_else(|| refused(&ProofError::Claim("`gatewright/proof` is not text")))?;
        let method = match &message.shape {
            Shape::Request { method, .. } | Shape::Notification { method } => method.as_str(),
            Shape::Response { .. } => "",
        };
        let called = Called {
            method,
            name,
            endpoint: &endpoint(),
            params: message.params(),
        };
        let proved = verify_call(&proof, holder, &called, &self.moment(now));
        self.admit(holder, proved, now)?;
        Ok(Some(grant.clone().proved(Proof::Call)))
    }

    fn moment(&self, now: Timestamp) -> Moment {
        Moment {
            now,
            recorded_until: self.recorded_until,
        }
    }

    fn admit(
        &self,
        holder: &HolderKey,
        proved: Result<Proved, ProofError>,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        proved
            .and_then(|proved| self.replays().admit(holder, &proved, now))
            .map_err(|error| refused(&error))
    }

    fn replays(&self) -> MutexGuard<'_, Replays> {
        self.replays.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the key that a credential is bound to was proved; for what has no message.
pub(crate) fn require(grant: &Grant) -> Result<(), Refusal> {
    match grant.is_proved() {
        true => Ok(()),
        false => Err(missing()),
    }
}

fn call_proof(message: &Message) -> Option<Value<'_>> {
    message.params()?.get("_meta")?.get(CALL_PROOF)
}

/// A message without its proof, which goes no further.
pub(crate) fn without_proof(message: &Message, snapshot: &Snapshot) -> Result<Message, Refusal> {
    let edit = Edit {
        pointer: CALL_PROOF_AT.to_owned(),
        json: None,
    };
    let document = apply_edits(&message.document, &[edit], &snapshot.limits.request_json());
    let document = document.map_err(|_no_such_place| {
        Refusal::new(
            Reason::ProofInvalid,
            "the proof cannot be taken out of its message",
        )
    })?;
    Ok(Message::of(document)?)
}

fn bound(grant: &Grant) -> Result<&HolderKey, Refusal> {
    let holder = grant.holder.as_ref();
    holder.ok_or_else(|| refused(&ProofError::NotBound))
}

fn missing() -> Refusal {
    Refusal::new(
        Reason::ProofMissing,
        "the credential is bound to a key; hint: send a proof of it, DPoP or `gatewright/proof`",
    )
}

/// What is wrong with a proof quotes no word of it, so the record may have it.
fn refused(error: &ProofError) -> Refusal {
    let reason = match error {
        ProofError::Replayed => Reason::ProofReplayed,
        ProofError::Full => Reason::Overloaded,
        ProofError::NotBound
        | ProofError::Keyed(_)
        | ProofError::Claim(_)
        | ProofError::OtherVerb
        | ProofError::OtherUrl
        | ProofError::OtherToken
        | ProofError::OtherEndpoint
        | ProofError::OtherMethod
        | ProofError::OtherTool
        | ProofError::OtherArguments
        | ProofError::Canonical(_)
        | ProofError::TooOld
        | ProofError::BeforeStart
        | ProofError::FromTheFuture => Reason::ProofInvalid,
    };
    Refusal {
        record: Some(error.to_string().into()),
        ..Refusal::new(reason, error.to_string())
    }
}
