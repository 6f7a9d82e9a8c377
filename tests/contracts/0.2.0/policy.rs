//! Answers as its arguments say, and shows what it was told.

use gatewright_sdk::{
    Ask, Charge, Denial, Description, Kind, Node, Obligation, Opinion, Powers, Purpose, Request,
    log,
};

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// Answered where the arguments do not say.
    #[serde(default)]
    otherwise: String,
    #[serde(default)]
    greeting: String,
}

fn judge(settings: &Settings, request: &Request) -> Opinion {
    if request.is_listing() {
        return match request.name().starts_with("hidden") {
            true => Opinion::deny("hidden"),
            false => Opinion::abstain(),
        };
    }
    let told = request.argument::<Option<String>>("/do").ok().flatten();
    let told = told.unwrap_or_else(|| settings.otherwise.clone());
    match told.as_str() {
        "allow" => Opinion::allow().because("told", ""),
        "label" => Opinion::abstain().owing(Obligation::label_one("seen")).because("told", "labels"),
        "declassify" => Opinion::abstain().owing(Obligation::Declassify(vec!["seen".into()])),
        "charge" => Opinion::abstain().owing(Obligation::Charge(Charge::set("k", 1, "calls"))),
        "refund" => Opinion::abstain()
            .owing(Obligation::Charge(Charge::fixed("r", 1, 1, 3600).refunded_on_failure())),
        "redact" => Opinion::abstain()
            .owing(Obligation::Redact(vec!["/secret".into()]))
            .owing(Obligation::LimitResult(4096)),
        "deny" => Opinion::deny(Denial::forbidden("told to"))
            .owing(Obligation::label_one("never"))
            .because("undescribed", "quotes nothing"),
        "ask" => Opinion::ask(
            Ask::new("may it?", "told to")
                .showing(["/do"])
                .with_roles(["lead"])
                .with_quorum(2)
                .excluding_requester()
                .excluding(["user:eve"])
                .decide_within_seconds(60)
                .use_within_seconds(30),
        )
        .owing(Obligation::label_one("asked")),
        "bad-ask" => Opinion::ask(Ask::new("may it?", "told to").with_quorum(0)),
        "facts" => {
            for line in facts(request) {
                log::info(line);
            }
            Opinion::allow().because("told", settings.greeting.clone())
        }
        "walk" => {
            log::info(walk(&request.root()));
            Opinion::allow()
        }
        _ => Opinion::abstain(),
    }
}

fn facts(request: &Request) -> Vec<String> {
    let history = request.history(64).into_iter().map(|call| {
        format!("{} {} {:?} {:?}", call.id, call.name, call.outcome, call.reason)
    });
    vec![
        format!("caller {} {} {:?}", request.agent(), request.issuer(), request.principal()),
        format!("proof {:?} {:?} {:?}", request.proof(), request.owner(), request.chain().len()),
        format!("scopes {:?} {}", request.scopes(), request.expires_at()),
        format!("action {} {} {}", request.method(), request.server(), request.name()),
        format!("purpose {}", matches!(request.purpose(), Purpose::Call)),
        format!("pins {:?} {:?} {:?}", request.hints(), request.targets(), request.contents()),
        format!(
            "none {:?} {} {}",
            request.definition(),
            request.schema().is_some(),
            request.claimed().is_some()
        ),
        format!("context {} {} {}", request.at(), request.decision(), request.session()),
        format!(
            "labels {:?} {}",
            request.labels().into_iter().map(|label| label.name).collect::<Vec<_>>(),
            request.has_label("seen")
        ),
        format!("approvals {}", request.approvals().len()),
        format!("history {}", history.collect::<Vec<_>>().join("; ")),
    ]
}

/// A document in words, node by node.
fn walk(node: &Node) -> String {
    let children = || node.children().iter().map(walk).collect::<Vec<_>>().join(",");
    match node.kind() {
        Kind::Null => "null".to_owned(),
        Kind::Boolean => format!("{:?}", node.boolean()),
        Kind::Number => format!("{:?}={}", node.value(), node.json()),
        Kind::Text => format!("{:?}/{}", node.text(), node.len()),
        Kind::Array => {
            let last = node.len().checked_sub(1).and_then(|last| node.at(last));
            format!("[{}]@{:?}", children(), last.map(|node| node.json()))
        }
        Kind::Object => {
            let by_name = node.keys().into_iter().filter_map(|name| node.member(name)).count();
            let deep = node.get("/deep/0").map(|node| node.json());
            format!("{{{:?}:{}:{by_name}:{deep:?}}}", node.keys(), children())
        }
    }
}

fn about() -> Description {
    Description::new(
        Powers::ALLOW
            | Powers::DENY
            | Powers::ASK
            | Powers::CHARGE
            | Powers::LABEL
            | Powers::DECLASSIFY
            | Powers::REDACT
            | Powers::LIMIT_RESULT,
    )
    .with_schema(r#"{"type":"object"}"#)
    .with_rule("told", "It does what it is told")
}

gatewright_sdk::policy!(Settings, judge, about);
