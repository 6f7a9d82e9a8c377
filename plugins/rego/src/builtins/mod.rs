//! Builtins that the interpreter lacks, or that it answers otherwise than OPA.
//! None needs a clock, the network or randomness: `time.now_ns` is the time of
//! the call.

mod addresses;
mod arguments;
mod digests;
mod lists;
mod matching;
mod moments;
pub(crate) mod patterns;
mod printing;
mod texts;
mod tokens;
mod units;
mod urls;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use regorus::{Engine, Value};

pub(crate) use arguments::BuiltinError;
pub(crate) use matching::delimiters;

/// When the call came, for all builtins of an engine. Unix time, milliseconds.
#[derive(Clone, Debug, Default)]
pub(crate) struct CallTime(Arc<AtomicU64>);

/// One of them.
type Builtin = fn(&[Value]) -> Result<Value, BuiltinError>;

/// By name, with the number of their arguments. OPA's documents say what each
/// gives.
const BUILTINS: [(&str, u8, Builtin); 44] = [
    ("regex.match", 2, matching::matches),
    ("regex.is_valid", 1, matching::is_valid),
    ("regex.find_n", 3, matching::find_n),
    (
        "regex.find_all_string_submatch_n",
        3,
        matching::find_submatch_n,
    ),
    ("regex.replace", 3, matching::replace),
    ("regex.split", 2, matching::split),
    ("regex.template_match", 4, matching::template_match),
    ("glob.match", 3, matching::glob_matches),
    ("glob.quote_meta", 1, matching::quote_glob),
    ("sprintf", 2, printing::sprintf),
    ("units.parse", 1, units::parse),
    ("units.parse_bytes", 1, units::parse_bytes),
    ("strings.count", 2, texts::count),
    ("strings.replace_n", 2, texts::replace_n),
    ("urlquery.encode", 1, urls::encode),
    ("urlquery.decode", 1, urls::decode),
    ("urlquery.encode_object", 1, urls::encode_object),
    ("urlquery.decode_object", 1, urls::decode_object),
    ("net.cidr_is_valid", 1, addresses::is_valid),
    ("net.cidr_contains", 2, addresses::contains),
    ("net.cidr_intersects", 2, addresses::intersects),
    ("net.cidr_overlap", 2, addresses::contains),
    ("time.parse_rfc3339_ns", 1, moments::parse_rfc3339),
    ("time.parse_duration_ns", 1, moments::parse_duration),
    ("time.date", 1, moments::date),
    ("time.clock", 1, moments::clock),
    ("time.weekday", 1, moments::weekday),
    ("time.add_date", 4, moments::add_date),
    ("time.format", 1, moments::format),
    ("crypto.hmac.equal", 2, texts::equal),
    ("crypto.md5", 1, digests::md5),
    ("crypto.sha1", 1, digests::sha1),
    ("crypto.sha256", 1, digests::sha256),
    ("crypto.hmac.md5", 2, digests::hmac_md5),
    ("crypto.hmac.sha1", 2, digests::hmac_sha1),
    ("crypto.hmac.sha256", 2, digests::hmac_sha256),
    ("crypto.hmac.sha512", 2, digests::hmac_sha512),
    ("io.jwt.decode", 1, tokens::decode),
    ("io.jwt.verify_hs256", 2, tokens::verify_hs256),
    ("io.jwt.verify_hs384", 2, tokens::verify_hs384),
    ("io.jwt.verify_hs512", 2, tokens::verify_hs512),
    ("array.flatten", 1, lists::flatten),
    ("net.cidr_expand", 1, addresses::expand),
    ("net.cidr_merge", 1, addresses::merge),
];

/// Gives an engine all of them.
pub(crate) fn add(engine: &mut Engine, time: &CallTime) -> Result<(), String> {
    for (name, arguments, builtin) in BUILTINS {
        let call = move |values: Vec<Value>| {
            let answer = builtin(&values);
            Ok(answer.map_err(|error| BuiltinError(format!("`{name}`: {}", error.0)))?)
        };
        engine
            .add_extension(name.to_owned(), arguments, Box::new(call))
            .map_err(|error| error.to_string())?;
    }
    let time = time.clone();
    let now = move |_: Vec<Value>| Ok(Value::from(time.nanoseconds()));
    engine
        .add_extension("time.now_ns".to_owned(), 0, Box::new(now))
        .map_err(|error| error.to_string())
}

// === impl CallTime ===

impl CallTime {
    /// Sets it for the call that follows.
    pub(crate) fn set(&self, milliseconds: u64) {
        self.0.store(milliseconds, Ordering::Relaxed);
    }

    fn nanoseconds(&self) -> u64 {
        self.0.load(Ordering::Relaxed).saturating_mul(1_000_000)
    }
}
