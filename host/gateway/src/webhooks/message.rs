//! What is written, in the form of whoever reads it. In Slack and in Teams everything stands
//! where those take text as it is: nothing in it is a link, a mention or markup.

use gatewright_engine::config::WebhookShape;
use gatewright_policy::Timestamp;
use gatewright_policy::approval::{Choice, Stand, Vote};
use serde_json::{Value, json};

use super::story::{Story, told};

/// What became of a held call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Happened {
    /// It waits for people.
    Proposed,
    /// Somebody decided.
    Decided {
        by: String,
        choice: Choice,
        reason: String,
        /// Where it stands then, as far as that is known.
        stand: Option<Stand>,
        /// When, to tell decisions apart.
        at: Timestamp,
    },
    /// Nobody decided in time.
    Expired,
}

/// Longest text in one block of Slack, in characters.
const BLOCK_MAX: usize = 2900;

/// The body of a message. `link`: where one can decide.
pub(super) fn body(
    shape: WebhookShape,
    story: &Story,
    happened: &Happened,
    link: Option<&str>,
    now: Timestamp,
) -> String {
    let body = match shape {
        WebhookShape::Plain => plain(story, happened, link, now),
        WebhookShape::Slack => slack(story, happened, link),
        WebhookShape::Teams => teams(story, happened, link),
    };
    body.to_string()
}

fn plain(story: &Story, happened: &Happened, link: Option<&str>, now: Timestamp) -> Value {
    let asks = story.asks.iter().map(|asking| {
        json!({
            "policy": asking.policy,
            "title": asking.title,
            "reason": asking.reason,
            "roles": asking.roles,
            "quorum": asking.quorum,
        })
    });
    let decision = match happened {
        Happened::Decided {
            by,
            choice,
            reason,
            stand,
            at: _,
        } => json!({
            "by": by,
            "choice": choice,
            "reason": reason,
            "stand": stand.map(name_of),
        }),
        Happened::Proposed | Happened::Expired => Value::Null,
    };
    json!({
        "type": happened.name(),
        "timestamp": now.to_string(),
        "data": {
            "id": story.id,
            "agent": story.agent,
            "principal": story.principal,
            "server": story.server,
            "method": story.method,
            "names": story.names,
            "asks": asks.collect::<Value>(),
            "decide_by": story.decide_by.to_string(),
            "decision": decision,
            "url": link,
        },
    })
}

fn slack(story: &Story, happened: &Happened, link: Option<&str>) -> Value {
    let plain_text = |text: &str| json!({ "type": "plain_text", "text": text, "emoji": false });
    let mut text = lines(story, happened).join("\n");
    if let Some((end, _)) = text.char_indices().nth(BLOCK_MAX) {
        text.truncate(end);
        text.push('\u{2026}');
    }
    let mut blocks = vec![json!({ "type": "section", "text": plain_text(&text) })];
    if let Some(link) = link {
        let button = json!({
            "type": "button",
            "text": plain_text("Open in the console"),
            "url": link,
        });
        blocks.push(json!({ "type": "actions", "elements": [button] }));
    }
    // This one is markup: only what the gate made itself stands in it.
    json!({ "text": format!("{} {}", happened.title(), story.id), "blocks": blocks })
}

fn teams(story: &Story, happened: &Happened, link: Option<&str>) -> Value {
    let paragraph = |line: String| json!({ "type": "RichTextBlock", "inlines": [{ "type": "TextRun", "text": line }] });
    let actions = link.map(
        |link| json!([{ "type": "Action.OpenUrl", "title": "Open in the console", "url": link }]),
    );
    let card = json!({
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": lines(story, happened).into_iter().map(paragraph).collect::<Value>(),
        "actions": actions.unwrap_or_else(|| json!([])),
    });
    json!({
        "type": "message",
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "content": card,
        }],
    })
}

/// What people read: what happened, what, who, why, until when.
fn lines(story: &Story, happened: &Happened) -> Vec<String> {
    let mut lines = vec![format!("{} {}", happened.title(), story.id)];
    let names = story.names.join(", ");
    lines.push(format!(
        "What: {} {names} on {}",
        story.method, story.server
    ));
    lines.push(match &story.principal {
        Some(principal) => format!("Who: {} for {principal}", story.agent),
        None => format!("Who: {}", story.agent),
    });
    for asking in &story.asks {
        let why = match asking.reason.as_str() {
            "" => asking.title.clone(),
            reason => format!("{}: {reason}", asking.title),
        };
        let roles = match asking.roles.as_slice() {
            [] => String::new(),
            roles => format!("; wants {} of {}", asking.quorum, roles.join(", ")),
        };
        lines.push(format!("Why: {why} (policy {}{roles})", asking.policy));
    }
    match happened {
        Happened::Proposed => lines.push(format!("Until: {}", story.decide_by)),
        Happened::Decided { by, reason, .. } => {
            let reason = match reason.as_str() {
                "" => String::new(),
                reason => format!(": {reason}"),
            };
            lines.push(format!("By: {by}{reason}"));
        }
        Happened::Expired => {}
    }
    lines
}

/// Where a request stands, in one word.
const fn name_of(stand: Stand) -> &'static str {
    match stand {
        Stand::Requested => "requested",
        Stand::Granted { .. } => "granted",
        Stand::Rejected { .. } => "rejected",
        Stand::Expired => "expired",
        Stand::Consumed { .. } => "consumed",
        Stand::Void { .. } => "void",
    }
}

// === impl Happened ===

impl Happened {
    pub(super) fn decided(vote: &Vote, stand: Option<Stand>) -> Self {
        let statement = &vote.signed.statement;
        Self::Decided {
            by: told(&statement.approver),
            choice: statement.choice,
            reason: told(&statement.reason),
            stand,
            at: vote.at,
        }
    }

    /// Tells messages apart: who gets one twice knows by it.
    pub(super) fn letter_id(&self, held: &str) -> String {
        match self {
            Self::Proposed => format!("{held}.proposed"),
            Self::Decided { at, by, .. } => {
                let by = gatewright_policy::Digest::of(by.as_bytes()).to_string();
                let by: String = by.chars().rev().take(8).collect();
                format!("{held}.decided.{}.{by}", at.0)
            }
            Self::Expired => format!("{held}.expired"),
        }
    }

    const fn name(&self) -> &'static str {
        match self {
            Self::Proposed => "approval.proposed",
            Self::Decided { .. } => "approval.decided",
            Self::Expired => "approval.expired",
        }
    }

    const fn title(&self) -> &'static str {
        match self {
            Self::Proposed => "A call waits for approval:",
            Self::Decided {
                choice: Choice::Approve,
                ..
            } => "Somebody approved the call",
            Self::Decided {
                choice: Choice::Reject,
                ..
            } => "Somebody rejected the call",
            Self::Expired => "Nobody decided in time on the call",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::story::Asking;
    use super::*;

    const MEAN: &str = "<!channel> *x* [a](http://evil) \u{202e}& :smile:";

    fn story() -> Story {
        Story {
            id: "1".to_owned(),
            agent: told(MEAN),
            principal: Some(told(MEAN)),
            server: "files".to_owned(),
            method: "tools/call".to_owned(),
            names: vec![told(MEAN)],
            asks: vec![Asking {
                policy: "limits".to_owned(),
                title: told(MEAN),
                reason: told(&"x".repeat(100_000)),
                roles: vec!["finance".to_owned()],
                quorum: 1,
            }],
            decide_by: Timestamp(60_000),
        }
    }

    fn written(shape: WebhookShape, happened: &Happened) -> Value {
        let link = Some("https://console.example/approvals/1");
        let text = body(shape, &story(), happened, link, Timestamp(0));
        assert!(text.len() < 8192 && !text.contains('\u{202e}'), "{text}");
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn text_from_outside_stands_only_where_it_is_taken_as_it_is() {
        let told = |value: &Value| value.as_str().unwrap().contains("<!channel>");
        let slack = written(WebhookShape::Slack, &Happened::Proposed);
        assert_eq!(slack["text"], "A call waits for approval: 1");
        assert_eq!(slack["blocks"][0]["text"]["type"], "plain_text");
        assert_eq!(slack["blocks"][0]["text"]["emoji"], false);
        assert!(told(&slack["blocks"][0]["text"]["text"]));
        let url = &slack["blocks"][1]["elements"][0]["url"];
        assert_eq!(url, "https://console.example/approvals/1");
        let teams = written(WebhookShape::Teams, &Happened::Proposed);
        let card = &teams["attachments"][0]["content"];
        for block in card["body"].as_array().unwrap() {
            assert_eq!(block["type"], "RichTextBlock");
            assert_eq!(block["inlines"][0]["type"], "TextRun");
        }
        assert!(told(&card["body"][1]["inlines"][0]["text"]));
    }

    #[test]
    fn a_program_gets_what_who_why_and_until_when() {
        let plain = written(WebhookShape::Plain, &Happened::Proposed);
        assert_eq!(plain["type"], "approval.proposed");
        let data = &plain["data"];
        assert_eq!(data["decide_by"], "1970-01-01T00:01:00Z");
        assert_eq!(data["asks"][0]["policy"], "limits");
        assert_eq!(data["url"], "https://console.example/approvals/1");
        assert_eq!(data["decision"], Value::Null);
        let decided = Happened::Decided {
            by: "kim".to_owned(),
            choice: Choice::Reject,
            reason: "no".to_owned(),
            stand: None,
            at: Timestamp(1),
        };
        let plain = written(WebhookShape::Plain, &decided);
        assert_eq!(plain["data"]["decision"]["choice"], "reject");
        assert_ne!(decided.letter_id("1"), Happened::Expired.letter_id("1"));
    }
}
