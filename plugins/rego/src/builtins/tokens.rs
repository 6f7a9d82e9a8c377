//! JSON Web Tokens. What decodes one verifies nothing.

use std::collections::BTreeMap;

use data_encoding::BASE64URL_NOPAD;
use regorus::Value;

use super::arguments::{BuiltinError, text, unread, wrong};
use super::call::Call;
use super::documents::marshalled;
use super::keys::{self, PublicKey};

pub(crate) use super::keys::Algorithm;

/// Most tokens in one another.
const NESTED_MAX: usize = 8;

/// The parts of a token.
struct Token<'a> {
    signed: &'a str,
    header: Value,
    claims: &'a str,
    signature: &'a str,
}

/// Header, claims, and the signature in hexadecimal digits.
pub(super) fn decode(values: &[Value]) -> Result<Value, BuiltinError> {
    let mut token = text(values, 0)?.to_owned();
    for _ in 0..NESTED_MAX {
        let parts = Token::read(&token)?;
        let claims = text_of(parts.claims)?;
        // A token in a token may stand in quotes.
        if member(&parts.header, "cty").is_some_and(|it| it == "JWT") {
            token = claims.trim_matches(['"', '\'']).to_owned();
            continue;
        }
        return Ok(Value::from(vec![
            parts.header.clone(),
            document(&claims)?,
            Value::from(super::digests::hex(&bytes(parts.signature)?)),
        ]));
    }
    Err(unread("tokens stand too deep in one another"))
}

macro_rules! verifying {
    ($($name:ident $algorithm:literal)*) => {$(
        pub(super) fn $name(values: &[Value]) -> Result<Value, BuiltinError> {
            verify(values, $algorithm)
        }
    )*};
}

verifying! {
    verify_hs256 "HS256"
    verify_hs384 "HS384"
    verify_hs512 "HS512"
    verify_rs256 "RS256"
    verify_rs384 "RS384"
    verify_rs512 "RS512"
    verify_ps256 "PS256"
    verify_ps384 "PS384"
    verify_ps512 "PS512"
    verify_es256 "ES256"
    verify_es384 "ES384"
    verify_es512 "ES512"
    verify_eddsa "EdDSA"
}

fn verify(values: &[Value], name: &str) -> Result<Value, BuiltinError> {
    let algorithm = Algorithm::named(name).ok_or_else(|| wrong("an unknown algorithm"))?;
    let (token, key) = (text(values, 0)?, text(values, 1)?);
    if let Algorithm::Hmac(_) = algorithm {
        let (signed, _, _, signature) = split(token)?;
        let secret = PublicKey::Secret(key.as_bytes().to_vec());
        let is_signed = algorithm.verifies(&secret, signed.as_bytes(), &bytes(signature)?);
        return Ok(Value::from(is_signed));
    }
    let keys = keys::read(key)?;
    let token = Token::read(token)?;
    let signature = bytes(token.signature)?;
    let is_signed = token.is_signed(&keys, |key| {
        algorithm.verifies(key, token.signed.as_bytes(), &signature)
    });
    Ok(Value::from(is_signed))
}

/// Whether a token is what somebody with this key says now; header and claims, if it is.
pub(super) fn decode_verify(values: &[Value], time: &Call) -> Result<Value, BuiltinError> {
    let Some(Value::Object(constraints)) = values.get(1) else {
        return Err(wrong("argument 2 is no object"));
    };
    let mut wanted = BTreeMap::new();
    let mut at = None;
    for (name, value) in constraints.iter() {
        match (
            name.as_string().map(|name| name.to_string()).as_deref(),
            value,
        ) {
            (Ok(name @ ("cert" | "secret" | "alg" | "iss" | "aud")), Value::String(text)) => {
                wanted.insert(name.to_owned(), text.to_string());
            }
            (Ok("time"), Value::Number(_)) => {
                let time = float(value).filter(|time| *time >= 0.0);
                at = Some(time.ok_or_else(|| wrong("`time` is no time"))?);
            }
            (Ok(name), _) => return Err(BuiltinError::new(format!("`{name}` is no constraint"))),
            (Err(_), _) => return Err(wrong("a constraint has no name")),
        }
    }
    let now = || float(&Value::from(time.nanoseconds()));
    let at = at.or_else(now).ok_or_else(|| wrong("there is no time"))?;
    let wanted = |name: &str| {
        wanted
            .get(name)
            .map(String::as_str)
            .filter(|it| !it.is_empty())
    };
    let keys = match (wanted("cert"), wanted("secret")) {
        (Some(certificate), None) => keys::read(certificate)?,
        (None, Some(secret)) => vec![keys::Key {
            key: PublicKey::Secret(secret.as_bytes().to_vec()),
            id: None,
            algorithm: None,
        }],
        (Some(_), Some(_)) => return Err(wrong("`cert` and `secret` are both there")),
        (None, None) => return Err(wrong("neither `cert` nor `secret` is there")),
    };
    let mut token = text(values, 0)?.to_owned();
    for _ in 0..NESTED_MAX {
        let parts = Token::read(&token)?;
        if !parts.has_known_header()? {
            return Ok(unverified());
        }
        let name = member(&parts.header, "alg").unwrap_or_default();
        if wanted("alg").is_some_and(|alg| alg != name) {
            return Ok(unverified());
        }
        let signature = bytes(parts.signature)?;
        let is_signed = Algorithm::named(name).is_some_and(|algorithm| {
            parts.is_signed(&keys, |key| {
                algorithm.verifies(key, parts.signed.as_bytes(), &signature)
            })
        });
        if !is_signed {
            return Ok(unverified());
        }
        let claims = text_of(parts.claims)?;
        if member(&parts.header, "cty").is_some_and(|it| it.eq_ignore_ascii_case("JWT")) {
            token = claims;
            continue;
        }
        let claims = document(&claims)?;
        let is_valid = is_of(&claims, wanted("iss"))
            && is_for(&claims, wanted("aud"))
            && is_now(&claims, at / 1e9)?;
        return Ok(match is_valid {
            true => Value::from(vec![Value::from(true), parts.header.clone(), claims]),
            false => unverified(),
        });
    }
    Err(unread("tokens stand too deep in one another"))
}

/// A token of header and claims, signed with a JSON Web Key.
pub(super) fn encode_sign(values: &[Value]) -> Result<Value, BuiltinError> {
    let part = |place: usize| {
        let value = values
            .get(place)
            .ok_or_else(|| wrong("too few arguments"))?;
        marshalled(value)
    };
    signed(&part(0)?, &part(1)?, &part(2)?)
}

/// The same of texts.
pub(super) fn encode_sign_raw(values: &[Value]) -> Result<Value, BuiltinError> {
    signed(text(values, 0)?, text(values, 1)?, text(values, 2)?)
}

fn signed(header: &str, claims: &str, key: &str) -> Result<Value, BuiltinError> {
    let read = document(header)?;
    let name = member(&read, "alg").ok_or_else(|| wrong("the header has no `alg`"))?;
    let algorithm = Algorithm::named(name).ok_or_else(|| wrong("an unknown algorithm"))?;
    let is_token = member(&read, "typ").is_none_or(|kind| kind == "JWT");
    if is_token && serde_json::from_str::<serde::de::IgnoredAny>(claims).is_err() {
        return Err(wrong("the claims are not JSON"));
    }
    let encoded = |text: &str| BASE64URL_NOPAD.encode(text.as_bytes());
    let signed = format!("{}.{}", encoded(header), encoded(claims));
    let signature = keys::sign(algorithm, key, signed.as_bytes())?;
    let signature = BASE64URL_NOPAD.encode(&signature);
    Ok(Value::from(format!("{signed}.{signature}")))
}

/// The claims of a token that this key signed.
pub(crate) fn verified_claims(
    token: &str,
    algorithm: Algorithm,
    key: &str,
) -> Result<String, String> {
    let claims = || -> Result<Option<String>, BuiltinError> {
        let keys = match algorithm {
            Algorithm::Hmac(_) => vec![keys::Key {
                key: PublicKey::Secret(key.as_bytes().to_vec()),
                id: None,
                algorithm: None,
            }],
            Algorithm::RsaPkcs(_)
            | Algorithm::RsaPss(_)
            | Algorithm::Ecdsa(_)
            | Algorithm::EdDsa => keys::read(key.trim())?,
        };
        let token = Token::read(token)?;
        let signature = bytes(token.signature)?;
        let is_signed = token.is_signed(&keys, |key| {
            algorithm.verifies(key, token.signed.as_bytes(), &signature)
        });
        match is_signed {
            true => text_of(token.claims).map(Some),
            false => Ok(None),
        }
    };
    match claims() {
        Ok(Some(claims)) => Ok(claims),
        Ok(None) => Err("another key made it".to_owned()),
        Err(error) => Err(error.problem),
    }
}

// === impl Token ===

impl<'a> Token<'a> {
    fn read(token: &'a str) -> Result<Self, BuiltinError> {
        let (signed, header, claims, signature) = split(token)?;
        let header = document(&text_of(header)?)?;
        if member(&header, "enc").is_some() {
            return Err(unread("an encrypted token"));
        }
        Ok(Self {
            signed,
            header,
            claims,
            signature,
        })
    }

    /// Whether one of the keys signed it; the one that it names, where there is one.
    fn is_signed(&self, keys: &[keys::Key], verifies: impl Fn(&PublicKey) -> bool) -> bool {
        let id = member(&self.header, "kid").filter(|id| !id.is_empty());
        let named = id.and_then(|id| keys.iter().find(|key| key.id.as_deref() == Some(id)));
        if let Some(key) = named {
            return verifies(&key.key);
        }
        let algorithm = member(&self.header, "alg");
        keys.iter()
            .filter(|key| key.algorithm.is_none() || key.algorithm.as_deref() == algorithm)
            .any(|key| verifies(&key.key))
    }

    /// Whether nothing in the header is critical and unknown.
    fn has_known_header(&self) -> Result<bool, BuiltinError> {
        for name in ["alg", "kid", "typ", "cty"] {
            let value = self
                .header
                .as_object()
                .ok()
                .and_then(|it| it.get(&Value::from(name)));
            if value.is_some_and(|value| value.as_string().is_err()) {
                return Err(BuiltinError::new(format!(
                    "`{name}` of the header is no text"
                )));
            }
        }
        let critical = self
            .header
            .as_object()
            .ok()
            .and_then(|it| it.get(&Value::from("crit")));
        let is_known = match critical {
            None => true,
            Some(Value::Array(names)) if names.is_empty() => {
                return Err(wrong("`crit` of the header is empty"));
            }
            Some(Value::Array(names)) => !names.iter().any(|name| {
                let is_there = self
                    .header
                    .as_object()
                    .is_ok_and(|it| it.contains_key(name));
                let known = ["alg", "kid", "typ", "cty", "crit"];
                is_there && !known.iter().any(|it| *name == Value::from(*it))
            }),
            Some(_) => return Err(wrong("`crit` of the header is no list")),
        };
        Ok(is_known && member(&self.header, "alg").is_some_and(|alg| !alg.is_empty()))
    }
}

fn unverified() -> Value {
    Value::from(vec![
        Value::from(false),
        Value::new_object(),
        Value::new_object(),
    ])
}

fn is_of(claims: &Value, issuer: Option<&str>) -> bool {
    issuer.is_none_or(|issuer| member(claims, "iss") == Some(issuer))
}

/// A token for somebody is for nobody else.
fn is_for(claims: &Value, audience: Option<&str>) -> bool {
    let given = claims
        .as_object()
        .ok()
        .and_then(|it| it.get(&Value::from("aud")));
    let audience_value = Value::from(audience.unwrap_or_default());
    match given {
        None => audience.is_none(),
        Some(Value::Array(all)) => all.contains(&audience_value),
        Some(one) => *one == audience_value,
    }
}

fn is_now(claims: &Value, at: f64) -> Result<bool, BuiltinError> {
    let time = |name: &str| {
        let value = claims
            .as_object()
            .ok()
            .and_then(|it| it.get(&Value::from(name)));
        let time = value.map(|value| {
            float(value).ok_or_else(|| BuiltinError::new(format!("`{name}` is no number")))
        });
        time.transpose()
    };
    let (ends, begins) = (time("exp")?, time("nbf")?);
    Ok(ends.is_none_or(|ends| at < ends) && begins.is_none_or(|begins| at >= begins))
}

/// What is signed, and the three parts.
fn split(token: &str) -> Result<(&str, &str, &str, &str), BuiltinError> {
    let parts: Vec<_> = token.split('.').collect();
    match (parts.as_slice(), token.rsplit_once('.')) {
        ([header, claims, signature], Some((signed, _))) => Ok((signed, header, claims, signature)),
        _ => Err(wrong("not a token of three parts")),
    }
}

/// A number as near as a float is.
fn float(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.format_decimal().parse().ok(),
        _ => None,
    }
}

fn member<'a>(object: &'a Value, name: &str) -> Option<&'a str> {
    match object.as_object().ok()?.get(&Value::from(name))? {
        Value::String(text) => Some(text),
        _ => None,
    }
}

fn document(text: &str) -> Result<Value, BuiltinError> {
    match Value::from_json_str(text) {
        Ok(document @ Value::Object(_)) => Ok(document),
        Ok(_) | Err(_) => Err(wrong("a part is not a JSON object")),
    }
}

fn text_of(part: &str) -> Result<String, BuiltinError> {
    String::from_utf8(bytes(part)?).map_err(|_| wrong("a part is not UTF-8"))
}

fn bytes(part: &str) -> Result<Vec<u8>, BuiltinError> {
    let bytes = super::keys::base64url(part.trim_end_matches('='));
    bytes.ok_or_else(|| wrong("a part is not base64url"))
}
