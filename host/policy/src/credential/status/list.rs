//! A list that its issuer signed, and what it says about one credential.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::error::StatusError;
use super::issue::{BITSTRING_ENTRIES_MIN, Entries};
use super::reference::{ListKind, StatusRef};
use super::signature::is_signed;
use super::unpack::{gzip, zlib};
use crate::credential::anchor::TrustAnchor;
use crate::credential::jose::KEYS_IN_HEADER;
use crate::json::{Document, JsonLimits, Kind, Value};
use crate::timestamp::Timestamp;

/// Longest text of a list, in bytes.
pub const LIST_TEXT_BYTES_MAX: usize = 2 << 20;

/// How long a list is fresh that does not say it itself: five minutes, as Bitstring Status
/// Lists have it.
const FRESH: Duration = Duration::from_secs(300);

/// And no list is fresh for longer, whatever it says.
const FRESH_MAX: Duration = Duration::from_secs(24 * 3600);

/// How far an issuer's clock may run ahead of ours.
const CLOCK_SKEW: Duration = Duration::from_secs(30);

const LIMITS: JsonLimits = JsonLimits {
    bytes_max: LIST_TEXT_BYTES_MAX,
    depth_max: 16,
    nodes_max: 4096,
};

/// A list that was verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusList {
    bytes: Vec<u8>,
    bits: u8,
    kind: ListKind,
    /// When its issuer made it, as far as it says so.
    pub issued: Option<Timestamp>,
    /// At this time and after it is to be fetched again.
    pub fresh_until: Timestamp,
    /// At this time and after it does not count at all; none: whenever it is not fresh.
    pub ends: Option<Timestamp>,
}

/// What a list claims. Nothing of it is verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unverified {
    /// Where it is to be found.
    pub url: String,
    /// When it was made.
    pub issued: Timestamp,
    /// Which kind of list it is.
    pub kind: ListKind,
}

/// What a list says about a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It counts.
    Valid,
    /// It counts no more.
    Revoked,
    /// It does not count now.
    Suspended,
    /// The list has no such entry, or one that nobody here understands.
    Unknown,
}

impl StatusList {
    /// Makes a list of a text that was fetched for a place in it. It must be signed as the
    /// credentials of its issuer are.
    pub fn verify(
        text: &str,
        place: &StatusRef,
        anchor: &TrustAnchor,
        now: Timestamp,
    ) -> Result<Self, StatusError> {
        let (signed, header, payload, signature) = parts(text)?;
        let (header, claims) = (header.root(), payload.root());
        let typ = match place.kind {
            ListKind::Token => "statuslist+jwt",
            ListKind::Revocation | ListKind::Suspension => "vc+jwt",
        };
        if !text_of(header, "typ")?.eq_ignore_ascii_case(typ) {
            return Err(wrong("typ", "is not that of a status list of its kind"));
        }
        if header.get("crit").is_some() {
            return Err(wrong("crit", "names extensions that are not supported"));
        }
        if let Some(member) = KEYS_IN_HEADER
            .into_iter()
            .find(|it| header.get(it).is_some())
        {
            return Err(wrong(
                member,
                "brings a key; keys come from the issuer alone",
            ));
        }
        if !is_signed(anchor, header, signed.as_bytes(), &signature, now) {
            return Err(StatusError::BadSignature);
        }
        let issuer = anchor.issuer.as_str();
        match place.kind {
            ListKind::Token => token(claims, place, issuer, now),
            ListKind::Revocation | ListKind::Suspension => bitstring(claims, place, issuer, now),
        }
    }

    /// What a list claims.
    pub fn inspect(text: &str) -> Result<Unverified, StatusError> {
        let (_, header, payload, _) = parts(text)?;
        let claims = payload.root();
        if text_of(header.root(), "typ")?.eq_ignore_ascii_case("vc+jwt") {
            let issued = Timestamp::parse(&text_of(claims, "validFrom")?);
            let list = claims.get("credentialSubject");
            let list = list.ok_or_else(|| wrong("credentialSubject", "is missing"))?;
            return Ok(Unverified {
                url: text_of(claims, "id")?,
                issued: issued.ok_or_else(|| wrong("validFrom", "is not an RFC 3339 time"))?,
                kind: match &*text_of(list, "statusPurpose")? {
                    "revocation" => ListKind::Revocation,
                    "suspension" => ListKind::Suspension,
                    _other => return Err(wrong("statusPurpose", "is not known here")),
                },
            });
        }
        let issued = seconds(claims, "iat")?;
        Ok(Unverified {
            url: text_of(claims, "sub")?,
            issued: issued.ok_or_else(|| wrong("iat", "is missing"))?,
            kind: ListKind::Token,
        })
    }

    /// Its entries, to be changed, if it has the form in which lists are made here.
    pub fn entries(&self) -> Option<Entries> {
        let bits = match self.kind {
            ListKind::Token => 2,
            ListKind::Revocation | ListKind::Suspension => 1,
        };
        (self.bits == bits).then(|| Entries {
            bytes: self.bytes.clone(),
            kind: self.kind,
        })
    }

    /// What it says about a place in it. The list must be of the kind that the place wants.
    pub fn standing(&self, place: &StatusRef) -> Standing {
        if place.kind != self.kind {
            return Standing::Unknown;
        }
        let per_byte = u64::from(8 / self.bits.max(1));
        let byte = usize::try_from(place.index / per_byte);
        let byte = byte.ok().and_then(|byte| self.bytes.get(byte));
        let (Some(byte), Ok(within)) = (byte, u8::try_from(place.index % per_byte)) else {
            return Standing::Unknown;
        };
        match self.kind {
            // The first entry stands in the least significant bits.
            ListKind::Token => {
                let mask = u8::MAX >> (8 - self.bits.clamp(1, 8));
                match (byte >> (within * self.bits)) & mask {
                    0 => Standing::Valid,
                    1 => Standing::Revoked,
                    2 => Standing::Suspended,
                    _other => Standing::Unknown,
                }
            }
            // The first entry is the leftmost bit.
            ListKind::Revocation if is_set(*byte, within) => Standing::Revoked,
            ListKind::Suspension if is_set(*byte, within) => Standing::Suspended,
            ListKind::Revocation | ListKind::Suspension => Standing::Valid,
        }
    }
}

/// The parts of a compact JWS: what is signed, header, claims, signature.
fn parts(text: &str) -> Result<(&str, Document, Document, Vec<u8>), StatusError> {
    let text = text.trim_ascii();
    if text.len() > LIST_TEXT_BYTES_MAX {
        return Err(StatusError::TooLong {
            bytes_max: LIST_TEXT_BYTES_MAX,
        });
    }
    let bad = || StatusError::NotCompactJws;
    let (signed, signature) = text.rsplit_once('.').ok_or_else(bad)?;
    let (header, payload) = signed.split_once('.').ok_or_else(bad)?;
    let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| bad());
    let signature = decode(signature)?;
    let parse = |part: &'static str, text: &str| {
        Document::parse_bytes(&decode(text)?, &LIMITS)
            .map_err(|cause| StatusError::Json { part, cause })
    };
    let (header, payload) = (parse("header", header)?, parse("claims", payload)?);
    Ok((signed, header, payload, signature))
}

const fn is_set(byte: u8, within: u8) -> bool {
    byte & (0x80 >> within) != 0
}

/// Token Status List: the claims of a `statuslist+jwt`.
fn token(
    claims: Value<'_>,
    place: &StatusRef,
    issuer: &str,
    now: Timestamp,
) -> Result<StatusList, StatusError> {
    // Which list it is; one of another address is another list.
    if *text_of(claims, "sub")? != *place.list {
        return Err(StatusError::AnotherList);
    }
    if claims.get("iss").is_some() && *text_of(claims, "iss")? != *issuer {
        return Err(StatusError::AnotherList);
    }
    let issued = seconds(claims, "iat")?.ok_or_else(|| wrong("iat", "is missing"))?;
    if now.plus(CLOCK_SKEW) < issued {
        return Err(StatusError::NotYetValid(issued));
    }
    let ends = seconds(claims, "exp")?;
    let ttl = match claims.get("ttl") {
        None => None,
        Some(ttl) => Some(positive(ttl).ok_or_else(|| wrong("ttl", "is not a positive number"))?),
    };
    let list = claims
        .get("status_list")
        .ok_or_else(|| wrong("status_list", "is missing"))?;
    let bits = list.get("bits").and_then(|bits| bits.as_i64());
    let bits = match bits {
        Some(1) => 1,
        Some(2) => 2,
        Some(4) => 4,
        Some(8) => 8,
        Some(_) | None => return Err(wrong("bits", "is not 1, 2, 4 or 8")),
    };
    let packed = text_of(list, "lst")?;
    let packed = URL_SAFE_NO_PAD
        .decode(&packed)
        .map_err(|_| StatusError::Packed)?;
    let list = StatusList {
        bytes: zlib(&packed)?,
        bits,
        kind: place.kind,
        issued: Some(issued),
        fresh_until: fresh_until(now, Some(issued), ttl.map(Duration::from_secs), ends),
        ends,
    };
    in_time(list, now)
}

/// Bitstring Status List: a `vc+jwt` whose subject is the list.
fn bitstring(
    claims: Value<'_>,
    place: &StatusRef,
    issuer: &str,
    now: Timestamp,
) -> Result<StatusList, StatusError> {
    let types = claims
        .get("type")
        .ok_or_else(|| wrong("type", "is missing"))?;
    let is_list =
        |one: Value<'_>| one.as_text().as_deref() == Some("BitstringStatusListCredential");
    if !types.elements().any(is_list) && !is_list(types) {
        return Err(wrong("type", "is not BitstringStatusListCredential"));
    }
    if *text_of(claims, "issuer")? != *issuer {
        return Err(StatusError::AnotherList);
    }
    if claims.get("id").is_some() && *text_of(claims, "id")? != *place.list {
        return Err(StatusError::AnotherList);
    }
    let time = |member: &'static str| match claims.get(member) {
        None => Ok(None),
        Some(_) => match Timestamp::parse(&text_of(claims, member)?) {
            Some(time) => Ok(Some(time)),
            None => Err(wrong(member, "is not an RFC 3339 time")),
        },
    };
    let begins = time("validFrom")?;
    if let Some(begins) = begins
        && now.plus(CLOCK_SKEW) < begins
    {
        return Err(StatusError::NotYetValid(begins));
    }
    let ends = time("validUntil")?;
    let list = claims
        .get("credentialSubject")
        .ok_or_else(|| wrong("credentialSubject", "is missing"))?;
    if *text_of(list, "type")? != *"BitstringStatusList" {
        return Err(wrong("credentialSubject", "is not a BitstringStatusList"));
    }
    let purpose = place.kind.purpose();
    let purposes = list
        .get("statusPurpose")
        .ok_or_else(|| wrong("statusPurpose", "is missing"))?;
    let is_meant = |one: Value<'_>| one.as_text().as_deref() == Some(purpose);
    let is_meant = match purposes.kind() {
        Kind::Array(_) => purposes.elements().any(is_meant),
        _one => is_meant(purposes),
    };
    if !is_meant {
        return Err(wrong("statusPurpose", "is not the one of the credential"));
    }
    // Milliseconds, as this specification has it.
    let ttl = match list.get("ttl") {
        None => None,
        Some(ttl) => Some(positive(ttl).ok_or_else(|| wrong("ttl", "is not a positive number"))?),
    };
    let encoded = text_of(list, "encodedList")?;
    // Multibase: `u` is base64url without padding.
    let packed = encoded.strip_prefix('u').ok_or(StatusError::Packed)?;
    let packed = URL_SAFE_NO_PAD
        .decode(packed)
        .map_err(|_| StatusError::Packed)?;
    let bytes = gzip(&packed)?;
    if bytes.len() * 8 < BITSTRING_ENTRIES_MIN {
        return Err(StatusError::TooShort {
            entries_min: BITSTRING_ENTRIES_MIN,
        });
    }
    let list = StatusList {
        bytes,
        bits: 1,
        kind: place.kind,
        issued: begins,
        fresh_until: fresh_until(now, begins, ttl.map(Duration::from_millis), ends),
        ends,
    };
    in_time(list, now)
}

/// Whoever keeps an old list for somebody keeps it no longer than its issuer would: where it
/// names no end, it is as old as it is.
fn fresh_until(
    now: Timestamp,
    issued: Option<Timestamp>,
    ttl: Option<Duration>,
    ends: Option<Timestamp>,
) -> Timestamp {
    let fresh = now.plus(ttl.unwrap_or(FRESH).min(FRESH_MAX));
    match (ends, issued) {
        (Some(ends), _) => fresh.min(ends),
        (None, Some(issued)) => fresh.min(issued.plus(FRESH_MAX)),
        (None, None) => now,
    }
}

fn in_time(list: StatusList, now: Timestamp) -> Result<StatusList, StatusError> {
    match list.ends {
        Some(ends) if ends <= now => Err(StatusError::Ended(ends)),
        Some(_) | None => Ok(list),
    }
}

fn positive(value: Value<'_>) -> Option<u64> {
    let number = u64::try_from(value.as_i64()?).ok()?;
    (number > 0).then_some(number)
}

fn seconds(claims: Value<'_>, member: &'static str) -> Result<Option<Timestamp>, StatusError> {
    let Some(value) = claims.get(member) else {
        return Ok(None);
    };
    let seconds = value.as_i64().and_then(|value| u64::try_from(value).ok());
    let seconds = seconds.ok_or_else(|| wrong(member, "is not a time"))?;
    Ok(Some(Timestamp::from_seconds(seconds)))
}

fn text_of(object: Value<'_>, member: &'static str) -> Result<String, StatusError> {
    let text = object.get(member).and_then(|value| value.as_text());
    let text = text.filter(|text| !text.is_empty());
    let text = text.map(std::borrow::Cow::into_owned);
    text.ok_or_else(|| wrong(member, "is missing, or not text"))
}

const fn wrong(member: &'static str, problem: &'static str) -> StatusError {
    StatusError::Member { member, problem }
}
