//! Who signed a list: the keys that an issuer signs its credentials with, and no others.

use crate::credential::algorithm::Algorithm;
use crate::credential::anchor::TrustAnchor;
use crate::credential::key_name::key_name;
use crate::json::Value;
use crate::timestamp::Timestamp;

/// Whether an issuer signed these bytes with this header, with a key that it has at this
/// time and in a way that its credentials may be signed in.
pub(super) fn is_signed(
    anchor: &TrustAnchor,
    header: Value<'_>,
    signed: &[u8],
    signature: &[u8],
    now: Timestamp,
) -> bool {
    let text = |name| header.get(name).and_then(|member| member.as_text());
    let algorithm = text("alg").and_then(|name| Algorithm::named(&name));
    let algorithm = algorithm.filter(|algorithm| anchor.algorithms.contains(algorithm));
    let name = match (header.get("kid"), text("kid")) {
        (None, _) => Ok(None),
        (Some(_), Some(kid)) => key_name(&kid, &anchor.issuer),
        (Some(_), None) => return false,
    };
    let (Some(algorithm), Ok(name), true) = (algorithm, name, now < anchor.keys_until) else {
        return false;
    };
    let key = anchor.keys.select(name.as_deref(), algorithm);
    key.is_ok_and(|key| key.verifies(algorithm, signed, signature))
}
