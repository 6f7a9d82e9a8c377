//! `providers.aws.sign_req`: a request signed as AWS wants it (Signature Version 4), at a time
//! that is given.

use std::collections::BTreeMap;

use hmac::{Hmac, KeyInit, Mac};
use regorus::Value;
use sha2::{Digest, Sha256};

use super::arguments::{BuiltinError, whole, wrong};
use super::digests::hex;
use super::documents::marshalled;
use super::layouts;
use super::uris::Uri;
use super::zones::Zone;

/// Headers that others may change on the way.
const IGNORED: [&str; 3] = ["authorization", "user-agent", "x-amzn-trace-id"];

/// What of a request is read.
const MEMBERS: [&str; 5] = ["method", "url", "headers", "body", "raw_body"];

pub(super) fn sign(values: &[Value]) -> Result<Value, BuiltinError> {
    let (Some(Value::Object(request)), Some(config)) = (values.first(), values.get(1)) else {
        return Err(wrong("argument 1 is no object"));
    };
    let service = required(config, "aws_service")?;
    let region = required(config, "aws_region")?;
    let key = required(config, "aws_access_key")?;
    let secret = required(config, "aws_secret_access_key")?;
    let known = MEMBERS.map(Value::from);
    if let Some(name) = request.keys().find(|name| !known.contains(name)) {
        return Err(BuiltinError::new(format!(
            "{name} of a request is not read"
        )));
    }
    let whole_request = Value::Object(request.clone());
    let (method, url) = (
        required(&whole_request, "method")?,
        required(&whole_request, "url")?,
    );
    let url = Uri::parse(&url)?;
    let given = headers(&whole_request)?;
    let digest = match member(config, "disable_payload_signing") {
        None | Some(Value::Bool(false)) => hex(&Sha256::digest(body(&whole_request)?)),
        Some(Value::Bool(true)) => "UNSIGNED-PAYLOAD".to_owned(),
        Some(_) => return Err(wrong("`disable_payload_signing` is no boolean")),
    };
    let moment = whole(values, 2)?;
    if moment < 0 {
        return Err(wrong("argument 3 is no time"));
    }
    let utc = Zone::Utc.at(0)?;
    let day = layouts::written("20060102", moment, &utc)?;
    let at = layouts::written("20060102T150405", moment, &utc)? + "Z";

    let mut added = BTreeMap::from([
        ("host".to_owned(), url.host().to_owned()),
        ("x-amz-date".to_owned(), at.clone()),
    ]);
    if matches!(service.as_str(), "s3" | "glacier") {
        added.insert("x-amz-content-sha256".to_owned(), digest.clone());
    }
    if let Some(Value::String(token)) = member(config, "aws_session_token")
        && !token.is_empty()
    {
        added.insert("x-amz-security-token".to_owned(), token.to_string());
    }
    let mut signed = added.clone();
    for (name, value) in &given {
        let name = name.to_lowercase();
        if !IGNORED.contains(&name.as_str()) {
            signed.insert(name, value.clone());
        }
    }
    let names: Vec<&str> = signed.keys().map(String::as_str).collect();
    let names = names.join(";");
    let lines: String = signed
        .iter()
        .map(|(name, value)| format!("{name}:{value}\n"))
        .collect();
    let canonical = format!(
        "{method}\n{}\n{}\n{lines}\n{names}\n{digest}",
        url.escaped_path(),
        url.query(),
    );
    let scope = format!("{day}/{region}/{service}/aws4_request");
    let text = format!(
        "AWS4-HMAC-SHA256\n{at}\n{scope}\n{}",
        hex(&Sha256::digest(canonical))
    );
    let mut code = format!("AWS4{secret}").into_bytes();
    for part in [&day, &region, &service, "aws4_request", &text] {
        code = coded(&code, part)?;
    }
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential={key}/{scope},SignedHeaders={names},Signature={}",
        hex(&code)
    );
    let mut headers = given;
    headers.insert("Authorization".to_owned(), authorization);
    headers.extend(added);
    let headers = headers.into_iter();
    let headers = headers.map(|(name, value)| (Value::from(name), Value::from(value)));
    let members = request
        .iter()
        .map(|(name, value)| (name.clone(), value.clone()));
    let mut members: BTreeMap<Value, Value> = members.collect();
    members.insert(
        Value::from("headers"),
        Value::from(headers.collect::<BTreeMap<_, _>>()),
    );
    Ok(Value::from(members))
}

fn member<'a>(object: &'a Value, name: &str) -> Option<&'a Value> {
    match object {
        Value::Object(members) => members.get(&Value::from(name)),
        _ => None,
    }
}

fn required(object: &Value, name: &str) -> Result<String, BuiltinError> {
    match member(object, name) {
        Some(Value::String(text)) => Ok(text.to_string()),
        Some(_) => Err(BuiltinError::new(format!("`{name}` is no text"))),
        None => Err(BuiltinError::new(format!("`{name}` is missing"))),
    }
}

fn headers(request: &Value) -> Result<BTreeMap<String, String>, BuiltinError> {
    let mut read = BTreeMap::new();
    match member(request, "headers") {
        None => {}
        Some(Value::Object(headers)) => {
            for (name, value) in headers.iter() {
                match (name, value) {
                    (Value::String(name), Value::String(value)) => {
                        read.insert(name.to_string(), value.to_string());
                    }
                    _ => return Err(wrong("a header is no text")),
                }
            }
        }
        Some(_) => return Err(wrong("`headers` is no object")),
    }
    Ok(read)
}

fn body(request: &Value) -> Result<String, BuiltinError> {
    match (member(request, "raw_body"), member(request, "body")) {
        (Some(Value::String(body)), _) => Ok(body.to_string()),
        (Some(_), _) => Err(wrong("`raw_body` is no text")),
        (None, Some(body)) => marshalled(body),
        (None, None) => Ok(String::new()),
    }
}

fn coded(key: &[u8], text: &str) -> Result<Vec<u8>, BuiltinError> {
    let code = <Hmac<Sha256> as KeyInit>::new_from_slice(key);
    let mut code = code.map_err(|_| wrong("the key does not fit"))?;
    code.update(text.as_bytes());
    Ok(code.finalize().into_bytes().to_vec())
}
