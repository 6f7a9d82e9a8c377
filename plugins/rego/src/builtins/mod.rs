//! Builtins that the interpreter lacks, or that it answers otherwise than OPA.
//! None needs a clock, the network or randomness: `time.now_ns` is the time of
//! the call.

mod addresses;
mod arguments;
mod aws;
mod calendar;
mod call;
mod digests;
mod documents;
mod encodings;
mod graphql;
mod graphs;
mod keys;
mod known;
mod layout_parts;
mod layouts;
mod lists;
mod literals;
mod matching;
mod moments;
mod numbers;
mod objects;
mod orders;
pub(crate) mod patterns;
mod printing;
mod schemas;
mod texts;
pub(crate) mod tokens;
mod units;
mod uris;
mod urls;
mod uuids;
mod versions;
mod yaml;
mod yaml_scalars;
mod zones;

use regorus::{Engine, Value};
use serde::Deserialize;

pub(crate) use arguments::BuiltinError;
pub(crate) use call::Call;
pub(crate) use matching::delimiters;

/// Puts a text with expressions together. It cannot be named otherwise: modules do not call
/// what begins with `internal`.
pub(crate) const TEMPLATE: &str = "internal.template_string";

/// Whether an object has the members of a list, and no others; named as the one before.
pub(crate) const HAS_MEMBERS: &str = "internal.has_members";

/// One of them.
type Builtin = fn(&[Value]) -> Result<Value, BuiltinError>;

/// By name, with the number of their arguments. OPA's documents say what each
/// gives.
const BUILTINS: &[(&str, u8, Builtin)] = &[
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
    ("count", 1, texts::length),
    ("lower", 1, texts::lower),
    ("upper", 1, texts::upper),
    ("strings.count", 2, texts::count),
    ("strings.replace_n", 2, texts::replace_n),
    ("base64.decode", 1, encodings::decode),
    ("base64url.decode", 1, encodings::decode_url),
    ("base64.is_valid", 1, encodings::is_valid),
    ("sort", 1, orders::sort),
    ("max", 1, orders::max),
    ("min", 1, orders::min),
    ("floor", 1, numbers::floor),
    ("ceil", 1, numbers::ceil),
    ("json.marshal", 1, documents::marshal),
    (
        "json.marshal_with_options",
        2,
        documents::marshal_with_options,
    ),
    ("replace", 3, texts::replace),
    ("indexof", 2, texts::index),
    ("indexof_n", 2, texts::indices),
    ("substring", 3, texts::part),
    ("format_int", 2, numbers::format_int),
    ("to_number", 1, numbers::to_number),
    ("object.subset", 2, objects::subset),
    ("json.filter", 2, objects::filter),
    ("json.remove", 2, objects::remove),
    ("graph.reachable_paths", 2, graphs::reachable_paths),
    ("semver.compare", 2, versions::compare),
    ("semver.is_valid", 1, versions::is_valid),
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
    ("json.match_schema", 2, schemas::match_schema),
    ("json.verify_schema", 1, schemas::verify_schema),
    ("providers.aws.sign_req", 3, aws::sign),
    ("strings.render_template", 2, texts::render),
    ("graphql.parse_query", 1, graphql::parse_query),
    ("graphql.parse_schema", 1, graphql::parse_schema),
    ("graphql.schema_is_valid", 1, graphql::schema_is_valid),
    ("json.is_valid", 1, documents::is_json),
    ("json.unmarshal", 1, documents::unmarshal),
    ("yaml.is_valid", 1, yaml::is_valid),
    ("yaml.unmarshal", 1, yaml::unmarshal),
    ("time.parse_ns", 2, moments::parse),
    ("time.diff", 2, moments::diff),
    ("uri.parse", 1, uris::parse),
    ("uri.is_valid", 1, uris::is_valid),
    ("uuid.parse", 1, uuids::parse),
    ("strings.split_n", 3, texts::split_n),
    ("net.cidr_contains_matches", 2, addresses::contains_matches),
    ("crypto.hmac.equal", 2, texts::equal),
    ("crypto.md5", 1, digests::md5),
    ("crypto.sha1", 1, digests::sha1),
    ("crypto.sha256", 1, digests::sha256),
    ("crypto.hmac.md5", 2, digests::hmac_md5),
    ("crypto.hmac.sha1", 2, digests::hmac_sha1),
    ("crypto.hmac.sha256", 2, digests::hmac_sha256),
    ("crypto.hmac.sha512", 2, digests::hmac_sha512),
    ("io.jwt.decode", 1, tokens::decode),
    ("io.jwt.encode_sign", 3, tokens::encode_sign),
    ("io.jwt.encode_sign_raw", 3, tokens::encode_sign_raw),
    ("io.jwt.verify_eddsa", 2, tokens::verify_eddsa),
    ("io.jwt.verify_es256", 2, tokens::verify_es256),
    ("io.jwt.verify_es384", 2, tokens::verify_es384),
    ("io.jwt.verify_es512", 2, tokens::verify_es512),
    ("io.jwt.verify_hs256", 2, tokens::verify_hs256),
    ("io.jwt.verify_hs384", 2, tokens::verify_hs384),
    ("io.jwt.verify_hs512", 2, tokens::verify_hs512),
    ("io.jwt.verify_ps256", 2, tokens::verify_ps256),
    ("io.jwt.verify_ps384", 2, tokens::verify_ps384),
    ("io.jwt.verify_ps512", 2, tokens::verify_ps512),
    ("io.jwt.verify_rs256", 2, tokens::verify_rs256),
    ("io.jwt.verify_rs384", 2, tokens::verify_rs384),
    ("io.jwt.verify_rs512", 2, tokens::verify_rs512),
    (TEMPLATE, 1, texts::template),
    (HAS_MEMBERS, 2, objects::has_members),
    ("array.flatten", 1, lists::flatten),
    ("numbers.range_step", 3, lists::range_step),
    ("net.cidr_expand", 1, addresses::expand),
    ("net.cidr_merge", 1, addresses::merge),
];

/// What a builtin that fails gives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum BuiltinErrors {
    /// A fault of the policy: no rule passes over what it cannot read.
    #[default]
    Fault,
    /// Nothing, as in OPA unless it is strict.
    Undefined,
}

/// Those that ask for the time of the call.
type TimedBuiltin = fn(&[Value], &Call) -> Result<Value, BuiltinError>;

const TIMED: [(&str, u8, TimedBuiltin); 2] = [
    ("time.now_ns", 0, |_, time| {
        Ok(Value::from(time.nanoseconds()))
    }),
    ("io.jwt.decode_verify", 2, tokens::decode_verify),
];

/// Gives an engine all of them.
pub(crate) fn add(engine: &mut Engine, asked: &Call, errors: BuiltinErrors) -> Result<(), String> {
    for &(name, arguments, builtin) in BUILTINS {
        let asked = asked.clone();
        let call = move |values: Vec<Value>| {
            let answer = builtin(&values);
            Ok(answered(name, answer, errors, &asked)?)
        };
        engine
            .add_extension(name.to_owned(), arguments, Box::new(call))
            .map_err(|error| error.to_string())?;
    }
    for (name, arguments, builtin) in TIMED {
        let asked = asked.clone();
        let call = move |values: Vec<Value>| {
            let answer = builtin(&values, &asked);
            Ok(answered(name, answer, errors, &asked)?)
        };
        engine
            .add_extension(name.to_owned(), arguments, Box::new(call))
            .map_err(|error| error.to_string())?;
    }
    Ok(())
}

fn answered(
    name: &str,
    answer: Result<Value, BuiltinError>,
    errors: BuiltinErrors,
    asked: &Call,
) -> Result<Value, BuiltinError> {
    let error = match answer {
        Ok(value) => return Ok(value),
        Err(error) => error,
    };
    let problem = format!("`{name}`: {}", error.problem);
    // A rule that denies does not pass over what OPA could read.
    if error.is_unread {
        asked.note_unread(format!("{problem}, which is not read here"));
    }
    match errors {
        BuiltinErrors::Undefined => Ok(Value::Undefined),
        BuiltinErrors::Fault => Err(BuiltinError::new(problem)),
    }
}

/// How many arguments one of them has.
pub(crate) fn arguments(name: &str) -> Option<u8> {
    let untimed = BUILTINS.iter().map(|(name, count, _)| (*name, *count));
    let mut all = untimed.chain(TIMED.iter().map(|(name, count, _)| (*name, *count)));
    all.find(|(known, _)| *known == name)
        .map(|(_, count)| count)
}

/// How many arguments a builtin has, of these or of the interpreter's.
pub(crate) fn arguments_of_any(name: &str) -> Option<u8> {
    let of_interpreter = || {
        let mut all = known::OF_INTERPRETER.iter();
        all.find(|(known, _)| *known == name)?.1
    };
    arguments(name).or_else(of_interpreter)
}

/// Whether a builtin is here.
pub(crate) fn is_known(name: &str) -> bool {
    let mut all = known::OF_INTERPRETER.iter();
    arguments(name).is_some() || all.any(|(known, _)| *known == name)
}
