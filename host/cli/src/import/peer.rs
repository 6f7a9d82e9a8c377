//! What another gate's policies are made of, and what that is here.

use serde_json::Value as Json;

/// Whether a policy permits or forbids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    Permit,
    Forbid,
}

/// Why something has no counterpart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Lost {
    /// What it is about does not exist here: nothing is missing without it.
    Needless(String),
    /// It would mean something else here.
    Other(String),
}

/// The scope of a policy, in words of a call.
#[derive(Debug, Default)]
pub(super) struct Scoped {
    /// Methods; none for all of them.
    pub(super) methods: Option<Vec<&'static str>>,
    pub(super) resource: Option<Json>,
    /// What the scope says besides: expressions that must hold.
    pub(super) conditions: Vec<Json>,
}

/// What `principal.x` or `context.x.y` of another gate is here.
#[derive(Debug)]
pub(super) enum Member {
    /// An argument of the call, or something in one, by its names.
    Argument(Vec<String>),
    /// A claim of the token.
    Claim(String),
    /// Whom the call is made for, as text.
    User,
    /// A text of the call.
    Text(Json),
}

/// What is in arguments, as the other gate reads them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Numbers {
    /// Integers are `Long`, and what the tool's schema calls a number is a `decimal`.
    ByType,
    /// All of them are `decimal`.
    Decimals,
}

/// Another gate.
pub(super) trait Peer {
    /// How it reads the numbers of arguments.
    const NUMBERS: Numbers;

    /// What its scope is here.
    fn scope(&mut self, effect: Effect, policy: &Json) -> Result<Scoped, Lost>;

    /// What a member of a variable is here.
    fn member(&self, variable: &str, names: &[&str]) -> Result<Member, Lost>;

    /// An argument as it is written here.
    fn argument(&self, names: &[String]) -> Json;

    /// Whether an argument, or something in one, is there.
    fn has_argument(&self, names: &[String]) -> Json;

    /// What a variable as a whole is compared with, as an expression that must hold.
    fn compared(&self, variable: &str, operator: &str, kind: &str, id: &str) -> Result<Json, Lost>;

    /// The conditions, with what they are in a listing, which has no arguments.
    fn in_listings(effect: Effect, conditions: Vec<Condition>) -> Vec<Condition>;
}

/// A condition of a policy, here.
#[derive(Clone, Debug)]
pub(super) struct Condition {
    pub(super) is_unless: bool,
    pub(super) body: Json,
    /// Whether it reads arguments.
    pub(super) reads_arguments: bool,
}

pub(super) fn other<T>(why: impl Into<String>) -> Result<T, Lost> {
    Err(Lost::Other(why.into()))
}

// === impl Lost ===

impl Lost {
    pub(super) fn why(&self) -> &str {
        match self {
            Self::Needless(why) | Self::Other(why) => why,
        }
    }
}
