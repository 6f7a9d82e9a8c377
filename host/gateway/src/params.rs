//! What stands in `params`: the members that MCP gives each method, in any of its
//! revisions, and their shapes. A tool server may read more into another shape
//! than was judged, so what MCP does not know is malformed.

pub(crate) mod known;

use gatewright_policy::json::{Kind, Pointer, Value};

use crate::era::Era;
use crate::message::{Id, MessageError, differ_in_case_only};

/// One member of an object.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Member {
    name: &'static str,
    shape: Shape,
    needed: bool,
    /// The only era that has it; none where both do.
    era: Option<Era>,
}

/// What a member may be.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Text.
    Text,
    /// One of these texts.
    OneOf(&'static [&'static str]),
    /// `true` or `false`.
    Flag,
    /// A number.
    Number,
    /// A text or an integer: an id, or a progress token.
    Token,
    /// An array of texts.
    Texts,
    /// An object with these members and no others.
    Object(&'static [Member]),
    /// An object with any members.
    Open,
    /// A text that the tool server gave and gets back, up to a size. Policies do not
    /// see it.
    Opaque,
    /// `_meta`: any members, up to a size. Policies do not see it.
    Meta,
}

/// What becomes of members that MCP does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unknown {
    /// They are malformed.
    Refused,
    /// The operator lets them go on unjudged.
    Allowed,
}

/// Longest `_meta`, in bytes. Clients describe themselves in it and hand on trace
/// contexts of up to 8 KiB (W3C Baggage); it is not meant for contents, and no
/// policy sees it.
const META_BYTES_MAX: usize = 32 << 10;

/// Longest text that goes back to the tool server unseen, in bytes: a cursor, or the
/// state of a request that waited for input.
const OPAQUE_BYTES_MAX: usize = 32 << 10;

const fn needed(name: &'static str, shape: Shape) -> Member {
    Member {
        name,
        shape,
        needed: true,
        era: None,
    }
}

const fn optional(name: &'static str, shape: Shape) -> Member {
    Member {
        name,
        shape,
        needed: false,
        era: None,
    }
}

const fn only_in(era: Era, member: Member) -> Member {
    Member {
        era: Some(era),
        ..member
    }
}

/// Whether `params` are what MCP knows of a method in an era.
pub(crate) fn check(
    params: Option<Value<'_>>,
    members: &'static [Member],
    era: Era,
    unknown: Unknown,
) -> Result<(), MessageError> {
    match params {
        Some(params) => check_object(params, "params", (members, era), unknown),
        None => match members.iter().find(|member| member.needed) {
            Some(member) => Err(missing("params", member)),
            None => Ok(()),
        },
    }
}

/// Where most messages have their arguments.
pub(crate) const PARAMS: Pointer<'static> = Pointer::known("/params");

/// Whether answers to questions of the tool server stand where no policy sees
/// them: beside the arguments.
pub(crate) fn hides_answers(params: Option<Value<'_>>, arguments_at: Pointer<'_>) -> bool {
    let is_beside = arguments_at != PARAMS;
    is_beside && params.is_some_and(|params| params.get("inputResponses").is_some())
}

fn check_object(
    object: Value<'_>,
    path: &str,
    (members, era): (&'static [Member], Era),
    unknown: Unknown,
) -> Result<(), MessageError> {
    let has_era = |member: &&Member| member.era.is_none_or(|only| only == era);
    for (name, value) in object.members() {
        let mut known = members.iter().filter(has_era);
        if let Some(member) = known.find(|member| member.name == name) {
            check_member(value, path, member, era)?;
            continue;
        }
        let mut known = members.iter().filter(has_era);
        if let Some(member) = known.find(|member| differ_in_case_only(member.name, &name)) {
            let member = member.name;
            return Err(bad(&format!(
                "`{path}.{member}` is written in another case"
            )));
        }
        if unknown == Unknown::Refused {
            let names: Vec<_> = members.iter().filter(has_era).map(|m| m.name).collect();
            return Err(bad(&format!(
                "`{path}` has a member that MCP does not know here; it knows {}",
                names.join(", ")
            )));
        }
    }
    let mut needed = members.iter().filter(|member| member.needed);
    match needed.find(|member| object.get(member.name).is_none()) {
        Some(member) => Err(missing(path, member)),
        None => Ok(()),
    }
}

fn check_member(
    value: Value<'_>,
    path: &str,
    member: &Member,
    era: Era,
) -> Result<(), MessageError> {
    let text = || value.as_text();
    let is_object = matches!(value.kind(), Kind::Object(_));
    // Some clients write `null` for what they leave out. It carries nothing.
    let is_left_out = value.kind() == Kind::Null && !member.needed;
    let fits = match member.shape {
        Shape::Text => value.kind() == Kind::Text || is_left_out,
        Shape::Opaque if value.json().len() > OPAQUE_BYTES_MAX => {
            return Err(bad(&format!(
                "`{path}.{}` is longer than {OPAQUE_BYTES_MAX} bytes",
                member.name
            )));
        }
        Shape::Opaque => value.kind() == Kind::Text || is_left_out,
        Shape::OneOf(texts) => text().is_some_and(|text| texts.contains(&&*text)),
        Shape::Flag => matches!(value.kind(), Kind::Boolean(_)),
        Shape::Number => value.kind() == Kind::Number || is_left_out,
        Shape::Token => Id::read(value).is_ok(),
        Shape::Texts => {
            matches!(value.kind(), Kind::Array(_))
                && value.elements().all(|one| one.kind() == Kind::Text)
        }
        Shape::Object(members) if is_object => {
            let path = format!("{path}.{}", member.name);
            // What the operator lets through beside the known members is not
            // what stands in them.
            return check_object(value, &path, (members, era), Unknown::Refused);
        }
        Shape::Object(_) => is_left_out,
        Shape::Open => is_object || is_left_out,
        Shape::Meta if is_object => return check_meta(value),
        Shape::Meta => is_left_out,
    };
    if fits {
        Ok(())
    } else {
        Err(bad(&format!(
            "`{path}.{}` is not {}",
            member.name,
            member.shape.name()
        )))
    }
}

fn check_meta(meta: Value<'_>) -> Result<(), MessageError> {
    if meta.json().len() > META_BYTES_MAX {
        return Err(bad(&format!(
            "`params._meta` is longer than {META_BYTES_MAX} bytes"
        )));
    }
    match meta.get("progressToken") {
        Some(token) if Id::read(token).is_err() => Err(bad(
            "`params._meta.progressToken` is neither a string nor an integer",
        )),
        Some(_) | None => Ok(()),
    }
}

fn missing(path: &str, member: &Member) -> MessageError {
    bad(&format!("`{path}.{}` is missing", member.name))
}

fn bad(problem: &str) -> MessageError {
    MessageError::Params(problem.to_owned())
}

// === impl Shape ===

impl Shape {
    /// For people.
    fn name(&self) -> String {
        match self {
            Self::Text | Self::Opaque => "a text".to_owned(),
            Self::OneOf(texts) => format!("one of {}", texts.join(", ")),
            Self::Flag => "true or false".to_owned(),
            Self::Number => "a number".to_owned(),
            Self::Token => "a string or an integer".to_owned(),
            Self::Texts => "an array of texts".to_owned(),
            Self::Object(_) | Self::Open | Self::Meta => "an object".to_owned(),
        }
    }
}
