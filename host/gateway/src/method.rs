//! The table of methods: what each names, and how much must be decided on it.
//! A request method that is not in it is refused.

use std::borrow::Cow;

use gatewright_engine::{Heard, Kind};
use gatewright_policy::json::{Pointer, Value};

use crate::era::Era;
use crate::message::MessageError;
use crate::params::{self, Member, PARAMS, Unknown, known};

/// A request that an agent may send.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Method {
    /// Its name on the wire.
    pub(crate) name: &'static str,
    /// How much must be decided.
    pub(crate) kind: Kind,
    /// What it names.
    pub(crate) names: Names,
    /// What stands in its `params`.
    pub(crate) params: &'static [Member],
    /// Where its arguments stand in the message.
    pub(crate) arguments_at: Pointer<'static>,
    /// The only era that has it; none where both do.
    pub(crate) era: Option<Era>,
}

/// What a request names: the tool, prompt or resource that scopes and policies
/// are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Names {
    /// Nothing.
    Nothing,
    /// `params.name`
    Name,
    /// `params.uri`
    Uri,
    /// `params.ref`: a prompt's name or a resource's URI.
    Reference,
    /// `params.notifications.resourceSubscriptions`: any number of URIs.
    Subscriptions,
    /// `params.taskId`: the tool that works on the task.
    Task,
}

/// The member that holds the entries of `tasks/list`. Each stands for the tool that works on
/// the task.
pub(crate) const TASKS: &str = "tasks";

/// What the response to a listing is filtered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Listing {
    /// The member of the result that holds the entries.
    pub(crate) entries: &'static str,
    /// The member of an entry that names it.
    pub(crate) named_by: &'static str,
}

const fn method(name: &'static str, kind: Kind, names: Names, params: &'static [Member]) -> Method {
    Method {
        name,
        kind,
        names,
        params,
        arguments_at: PARAMS,
        era: None,
    }
}

const fn judged(name: &'static str, names: Names, params: &'static [Member]) -> Method {
    method(name, Kind::Judged, names, params)
}

const fn called(name: &'static str, params: &'static [Member]) -> Method {
    Method {
        arguments_at: Pointer::known("/params/arguments"),
        ..judged(name, Names::Name, params)
    }
}

const fn listed(name: &'static str) -> Method {
    method(name, Kind::Listing, Names::Nothing, known::PAGE)
}

const fn protocol(name: &'static str, params: &'static [Member]) -> Method {
    method(name, Kind::Protocol, Names::Nothing, params)
}

const fn only_in(era: Era, method: Method) -> Method {
    Method {
        era: Some(era),
        ..method
    }
}

/// Every request that an agent may send.
pub(crate) const METHODS: &[Method] = &[
    called("tools/call", known::CALL),
    called("prompts/get", known::PROMPT),
    judged("resources/read", Names::Uri, known::READ),
    only_in(
        Era::Legacy,
        judged("resources/subscribe", Names::Uri, known::URI),
    ),
    only_in(
        Era::Legacy,
        judged("resources/unsubscribe", Names::Uri, known::URI),
    ),
    judged("completion/complete", Names::Reference, known::COMPLETE),
    judged(
        "subscriptions/listen",
        Names::Subscriptions,
        known::SUBSCRIBE,
    ),
    judged("tasks/get", Names::Task, known::OF_TASK),
    only_in(
        Era::Legacy,
        judged("tasks/result", Names::Task, known::OF_TASK),
    ),
    only_in(
        Era::Modern,
        judged("tasks/update", Names::Task, known::UPDATE_TASK),
    ),
    judged("tasks/cancel", Names::Task, known::OF_TASK),
    only_in(Era::Legacy, listed("tasks/list")),
    listed("tools/list"),
    listed("prompts/list"),
    listed("resources/list"),
    listed("resources/templates/list"),
    only_in(Era::Legacy, protocol("initialize", known::INITIALIZE)),
    only_in(Era::Legacy, protocol("ping", known::META)),
    protocol("server/discover", known::META),
    only_in(Era::Legacy, protocol("logging/setLevel", known::LEVEL)),
];

/// A notification that an agent may send.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Notification {
    /// Its name on the wire.
    pub(crate) name: &'static str,
    /// What stands in its `params`.
    pub(crate) params: &'static [Member],
    /// Whether it is about something under way, by an id that means one thing
    /// only within a session.
    pub(crate) is_of_session: bool,
}

const fn notification(
    name: &'static str,
    params: &'static [Member],
    is_of_session: bool,
) -> Notification {
    Notification {
        name,
        params,
        is_of_session,
    }
}

/// Every notification that an agent may send.
pub(crate) const AGENT_NOTIFICATIONS: &[Notification] = &[
    notification("notifications/initialized", known::META, false),
    notification("notifications/cancelled", known::CANCELLED, true),
    notification("notifications/progress", known::PROGRESS, true),
    notification("notifications/roots/list_changed", known::META, false),
];

/// Any other notification, under the name that the record and the metrics have for it.
pub(crate) const OTHER_NOTIFICATION: &Notification =
    &notification("notifications/other", &[], false);

/// What an agent does that is no message: it opens a stream, it ends a session.
pub(crate) const STREAM_LISTEN: &str = "stream/listen";
pub(crate) const SESSION_END: &str = "session/end";

/// A method as a record may have it: what the gate does not know may be anything.
pub(crate) fn heard_method(name: &str) -> Heard {
    let methods = METHODS.iter().map(|method| method.name);
    let others = AGENT_NOTIFICATIONS.iter().map(|known| known.name);
    let others = others.chain([OTHER_NOTIFICATION.name]);
    let mut known = methods
        .chain(others)
        .chain(["", STREAM_LISTEN, SESSION_END]);
    match known.find(|known| *known == name) {
        Some(known) => Heard::Known(Cow::Borrowed(known)),
        None => Heard::Foreign(name.to_owned()),
    }
}

/// Every notification that a tool server may send; others are dropped.
pub(crate) const SERVER_NOTIFICATIONS: &[&str] = &[
    "notifications/cancelled",
    "notifications/progress",
    "notifications/message",
    "notifications/tools/list_changed",
    "notifications/prompts/list_changed",
    "notifications/resources/list_changed",
    "notifications/resources/updated",
    "notifications/subscriptions/acknowledged",
    "notifications/elicitation/complete",
    TASK_STATUS,
];

/// What a server says of a task outside of any answer: only its own caller hears it.
pub(crate) const TASK_STATUS: &str = "notifications/tasks/status";

impl Method {
    /// The method of this name, as an era has it.
    pub(crate) fn find(name: &str, era: Era) -> Option<&'static Self> {
        let mut methods = METHODS.iter();
        methods.find(|method| method.name == name && method.era.is_none_or(|only| only == era))
    }

    /// What a request of this method names; several for a subscription to
    /// several resources, none where it names nothing. The `params` were checked.
    pub(crate) fn names(&self, params: Option<Value<'_>>) -> Result<Vec<String>, MessageError> {
        let text = |member: &str| {
            let value = params.and_then(|params| params.get(member));
            one_name(value, member, NAME_BYTES_MAX)
        };
        match self.names {
            Names::Nothing => Ok(Vec::new()),
            Names::Name => text("name").map(|name| vec![name]),
            Names::Uri => {
                let uri = params.and_then(|params| params.get("uri"));
                one_name(uri, "uri", URI_BYTES_MAX).map(|uri| vec![uri])
            }
            Names::Reference => {
                let reference = params.and_then(|params| params.get("ref"));
                reference_name(reference).map(|name| vec![name])
            }
            Names::Subscriptions => subscriptions(params),
            Names::Task => text("taskId").map(|id| vec![id]),
        }
    }

    /// Whether `params` are what MCP gives this method in an era.
    pub(crate) fn check(
        &self,
        params: Option<Value<'_>>,
        era: Era,
        unknown: Unknown,
    ) -> Result<(), MessageError> {
        params::check(params, self.params, era, unknown)
    }

    /// How the response is filtered.
    pub(crate) fn listing(&self) -> Option<Listing> {
        let (entries, named_by) = match self.name {
            "tools/list" => ("tools", "name"),
            "prompts/list" => ("prompts", "name"),
            "resources/list" => ("resources", "uri"),
            "resources/templates/list" => ("resourceTemplates", "uriTemplate"),
            "tasks/list" => (TASKS, "taskId"),
            _other => return None,
        };
        Some(Listing { entries, named_by })
    }

    /// Whether its answer is a stream without an end.
    pub(crate) fn is_long(&self) -> bool {
        self.names == Names::Subscriptions
    }
}

/// The one name of a reference. With two, policies and tool server might each
/// take another one.
fn reference_name(reference: Option<Value<'_>>) -> Result<String, MessageError> {
    let missing = || bad("`params.ref` names neither one prompt nor one resource");
    let reference = reference.ok_or_else(missing)?;
    let kind = reference.get("type").and_then(|kind| kind.as_text());
    match (kind.as_deref(), reference.get("name"), reference.get("uri")) {
        (Some("ref/prompt"), name, None) => one_name(name, "ref.name", NAME_BYTES_MAX),
        (Some("ref/resource"), None, uri) => one_name(uri, "ref.uri", URI_BYTES_MAX),
        (Some(_) | None, _, _) => Err(missing()),
    }
}

fn subscriptions(params: Option<Value<'_>>) -> Result<Vec<String>, MessageError> {
    let filter = params.and_then(|params| params.get("notifications"));
    let Some(uris) = filter.and_then(|filter| filter.get("resourceSubscriptions")) else {
        return Ok(Vec::new());
    };
    let uris: Vec<_> = uris
        .elements()
        .map(|uri| one_name(Some(uri), "resourceSubscriptions", URI_BYTES_MAX))
        .collect::<Result<_, _>>()?;
    if uris.len() > SUBSCRIPTIONS_MAX {
        return Err(bad(&format!(
            "more than {SUBSCRIPTIONS_MAX} resources in one subscription"
        )));
    }
    Ok(uris)
}

/// Most resources in one `subscriptions/listen`: each is judged.
const SUBSCRIPTIONS_MAX: usize = 64;

/// Longest name, in bytes: it is judged, recorded and shown.
const NAME_BYTES_MAX: usize = 4096;

/// Longest URI, in bytes: signed ones are long, and `data:` carries what it names. The
/// record has the beginning of it.
const URI_BYTES_MAX: usize = 64 << 10;

fn one_name(
    value: Option<Value<'_>>,
    member: &str,
    bytes_max: usize,
) -> Result<String, MessageError> {
    let name = value
        .and_then(|value| value.as_text())
        .filter(|name| !name.is_empty())
        .ok_or_else(|| bad(&format!("`params.{member}` is missing or not a name")))?;
    if name.len() > bytes_max {
        return Err(bad(&format!(
            "`params.{member}` is longer than {bytes_max} bytes"
        )));
    }
    Ok(name.into_owned())
}

fn bad(problem: &str) -> MessageError {
    MessageError::Params(problem.to_owned())
}
