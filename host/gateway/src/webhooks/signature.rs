//! Signatures as Standard Webhooks has them: HMAC-SHA256 over the id, the time and the body.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;

/// Begins a secret that is written in base64.
const ENCODED: &str = "whsec_";

/// A secret that cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("its secret is empty, or begins with `whsec_` and is not base64")]
pub(super) struct SecretError;

/// The header `webhook-signature`. `seconds`: since 1970, as in `webhook-timestamp`.
pub(super) fn signature(
    secret: &str,
    id: &str,
    seconds: u64,
    body: &str,
) -> Result<String, SecretError> {
    let secret = match secret.strip_prefix(ENCODED) {
        Some(encoded) => STANDARD.decode(encoded).map_err(|_| SecretError)?,
        None => secret.as_bytes().to_vec(),
    };
    if secret.is_empty() {
        return Err(SecretError);
    }
    let key = hmac::Key::new(hmac::HMAC_SHA256, &secret);
    let signed = hmac::sign(&key, format!("{id}.{seconds}.{body}").as_bytes());
    Ok(format!("v1,{}", STANDARD.encode(signed.as_ref())))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification's own libraries.
    #[test]
    fn signatures_are_those_of_the_standard() {
        let signed = signature(
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            "{\"test\": 2432232314}",
        );
        let expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        assert_eq!(signed.as_deref(), Ok(expected));
        for secret in ["", "whsec_", "whsec_?"] {
            assert_eq!(signature(secret, "a", 1, "b"), Err(SecretError));
        }
    }
}
