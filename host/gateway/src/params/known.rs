//! The members that MCP gives the `params` of each method, in any revision that
//! the gate passes on.

use super::{Member, Shape, needed, only_in, optional};
use crate::era::Era;

/// Nothing but what every message may carry.
pub(crate) const META: &[Member] = &[optional("_meta", Shape::Meta)];

pub(crate) const CALL: &[Member] = &[
    needed("name", Shape::Text),
    optional("arguments", Shape::Open),
    optional("task", Shape::Object(TASK)),
    INPUT_RESPONSES,
    REQUEST_STATE,
    optional("_meta", Shape::Meta),
];

pub(crate) const PROMPT: &[Member] = &[
    needed("name", Shape::Text),
    optional("arguments", Shape::Open),
    INPUT_RESPONSES,
    REQUEST_STATE,
    optional("_meta", Shape::Meta),
];

pub(crate) const READ: &[Member] = &[
    needed("uri", Shape::Text),
    INPUT_RESPONSES,
    REQUEST_STATE,
    optional("_meta", Shape::Meta),
];

pub(crate) const URI: &[Member] = &[needed("uri", Shape::Text), optional("_meta", Shape::Meta)];

pub(crate) const COMPLETE: &[Member] = &[
    needed("ref", Shape::Object(REFERENCE)),
    optional("argument", Shape::Object(ARGUMENT)),
    optional("context", Shape::Object(CONTEXT)),
    optional("_meta", Shape::Meta),
];

pub(crate) const SUBSCRIBE: &[Member] = &[
    needed("notifications", Shape::Object(FILTER)),
    optional("_meta", Shape::Meta),
];

pub(crate) const OF_TASK: &[Member] = &[
    needed("taskId", Shape::Text),
    TASK_AGAIN,
    optional("_meta", Shape::Meta),
];

pub(crate) const UPDATE_TASK: &[Member] = &[
    needed("taskId", Shape::Text),
    optional("inputResponses", Shape::Open),
    optional("_meta", Shape::Meta),
];

pub(crate) const PAGE: &[Member] = &[
    optional("cursor", Shape::Opaque),
    optional("_meta", Shape::Meta),
];

pub(crate) const INITIALIZE: &[Member] = &[
    optional("protocolVersion", Shape::Text),
    optional("capabilities", Shape::Open),
    optional("clientInfo", Shape::Open),
    optional("_meta", Shape::Meta),
];

pub(crate) const LEVEL: &[Member] = &[
    needed("level", Shape::OneOf(LEVELS)),
    optional("_meta", Shape::Meta),
];

pub(crate) const CANCELLED: &[Member] = &[
    needed("requestId", Shape::Token),
    optional("reason", Shape::Text),
    optional("_meta", Shape::Meta),
];

pub(crate) const PROGRESS: &[Member] = &[
    needed("progressToken", Shape::Token),
    needed("progress", Shape::Number),
    optional("total", Shape::Number),
    optional("message", Shape::Text),
    optional("_meta", Shape::Meta),
];

/// What the agent answers to the questions in an `input_required` result.
const INPUT_RESPONSES: Member = only_in(Era::Modern, optional("inputResponses", Shape::Open));

/// What the tool server gave with an `input_required` result, opaque.
const REQUEST_STATE: Member = only_in(Era::Modern, optional("requestState", Shape::Opaque));

/// How long, and how often asked for. The extension for tasks tolerates it.
const TASK: &[Member] = &[
    optional("ttl", Shape::Number),
    optional("pollInterval", Shape::Number),
];

/// The official TypeScript client 1.x says again, with each question about a task, what it
/// made the task with. Servers pass over it.
const TASK_AGAIN: Member = only_in(Era::Legacy, optional("task", Shape::Object(TASK)));

const REFERENCE: &[Member] = &[
    needed("type", Shape::OneOf(&["ref/prompt", "ref/resource"])),
    optional("name", Shape::Text),
    optional("title", Shape::Text),
    optional("uri", Shape::Text),
];

const ARGUMENT: &[Member] = &[needed("name", Shape::Text), needed("value", Shape::Text)];

const CONTEXT: &[Member] = &[optional("arguments", Shape::Open)];

const FILTER: &[Member] = &[
    optional("toolsListChanged", Shape::Flag),
    optional("promptsListChanged", Shape::Flag),
    optional("resourcesListChanged", Shape::Flag),
    optional("resourceSubscriptions", Shape::Texts),
];

/// RFC 5424's severities, as MCP writes them.
const LEVELS: &[&str] = &[
    "debug",
    "info",
    "notice",
    "warning",
    "error",
    "critical",
    "alert",
    "emergency",
];
