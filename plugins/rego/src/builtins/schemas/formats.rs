//! Formats of texts in a schema of JSON, as OPA checks them.

use std::net::IpAddr;

use crate::builtins::arguments::{BuiltinError, unread};
use crate::builtins::uris::Uri;
use crate::builtins::{layouts, patterns};

const DATE: &str = "2006-01-02";
const TIME: &str = "15:04:05";
const TIME_WITH_ZONE: &str = "15:04:05Z07:00";
const MOMENT: &str = "2006-01-02T15:04:05Z07:00";

/// Longest name of a host, in bytes.
const HOST_BYTES_MAX: usize = 255;

/// Whether a text is in a format; every text is in one that is not known.
pub(super) fn is_in(format: &str, text: &str) -> Result<bool, BuiltinError> {
    let is_one_of = |layouts: &[&str]| layouts.iter().any(|it| layouts::read(it, text).is_ok());
    let is_address = |mark| text.contains(mark) && text.parse::<IpAddr>().is_ok();
    Ok(match format {
        "date" => is_one_of(&[DATE]),
        "time" => is_one_of(&[TIME, TIME_WITH_ZONE]),
        "date-time" => is_one_of(&[TIME, TIME_WITH_ZONE, DATE, MOMENT]),
        "hostname" => text.len() <= HOST_BYTES_MAX && text.split('.').all(is_label),
        "email" | "idn-email" => is_mail_address(text)?,
        "ipv4" => is_address('.'),
        "ipv6" => is_address(':'),
        "uri" | "iri" => uri(text)?.is_some_and(|uri| uri.has_scheme()),
        "uri-reference" | "iri-reference" => uri(text)?.is_some(),
        "uri-template" => uri(text)?.is_some_and(|uri| has_closed_braces(uri.path())),
        "uuid" => is_uuid(text),
        "regex" => is_pattern(text)?,
        "json-pointer" => is_pointer(text),
        "relative-json-pointer" => is_relative_pointer(text),
        _ => true,
    })
}

/// None where it is no URI; escapes of bytes that are no text are not read.
fn uri(text: &str) -> Result<Option<Uri>, BuiltinError> {
    let is_high = |rest: &str| rest.starts_with(|digit: char| "89abcdefABCDEF".contains(digit));
    match Uri::parse(text) {
        Ok(uri) => Ok((!text.contains('\\')).then_some(uri)),
        Err(error) if text.split('%').skip(1).any(is_high) => Err(unread(&error.problem)),
        Err(_) => Ok(None),
    }
}

/// What RE2 has and is not read here may be one.
fn is_pattern(text: &str) -> Result<bool, BuiltinError> {
    let may_be = |mark: &&str| text.contains(*mark);
    match patterns::compiled(text) {
        Ok(_) => Ok(true),
        Err(error) if [r"\B", r"\C", r"\Q"].iter().any(may_be) => Err(unread(&error.problem)),
        Err(_) => Ok(false),
    }
}

fn is_label(label: &str) -> bool {
    let is_edge = |letter: Option<char>| letter.is_some_and(|it| it.is_ascii_alphanumeric());
    let is_inside = |letter: char| letter == '-' || letter.is_ascii_alphanumeric();
    label.len() <= 63
        && is_edge(label.chars().next())
        && is_edge(label.chars().next_back())
        && label.chars().all(is_inside)
}

/// An address of dots and plain letters; what else may be one is not read.
fn is_mail_address(text: &str) -> Result<bool, BuiltinError> {
    let Some((name, host)) = text.split_once('@') else {
        return Ok(false);
    };
    let is_letter =
        |letter: char| letter.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(letter);
    let is_plain = |text: &str| {
        let mut parts = text.split('.');
        parts.all(|part| !part.is_empty() && part.chars().all(is_letter))
    };
    match is_plain(name) && is_plain(host) {
        true => Ok(true),
        false => Err(unread("an `email` that is not plain")),
    }
}

/// Every `{` has a `}` before the next one is closed.
fn has_closed_braces(path: &str) -> bool {
    let mut rest = path;
    while let Some((_, behind)) = rest.split_once('{') {
        let Some((_, after)) = behind.split_once('}') else {
            return false;
        };
        rest = after;
    }
    true
}

fn is_uuid(text: &str) -> bool {
    let lengths = [8, 4, 4, 4, 12];
    let parts: Vec<&str> = text.split('-').collect();
    let is_part = |(part, length): (&&str, usize)| {
        part.len() == length && part.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    parts.len() == lengths.len() && parts.iter().zip(lengths).all(is_part)
}

fn is_pointer(text: &str) -> bool {
    let is_escaped = |rest: &str| rest.starts_with(['0', '1']);
    (text.is_empty() || text.starts_with('/')) && text.split('~').skip(1).all(is_escaped)
}

fn is_relative_pointer(text: &str) -> bool {
    let end = text.find(|letter: char| !letter.is_ascii_digit());
    let (digits, rest) = text.split_at(end.unwrap_or(text.len()));
    let is_number = digits == "0" || (!digits.is_empty() && !digits.starts_with('0'));
    is_number && (rest == "#" || is_pointer(rest))
}
