//! Hides secrets, blocks errors, labels what anybody may have written, and charges what
//! came back by its size.

use gatewright_sdk::{
    Charge, Description, Edit, Kind, NoSettings, Powers, Report, Request, Response, ResponseKind,
};

fn review(_: &NoSettings, request: &Request, response: &Response) -> Report {
    let kind = match response.kind() {
        ResponseKind::Final => "final".to_owned(),
        ResponseKind::Error => "error".to_owned(),
        ResponseKind::Notification(method) => method,
    };
    let bytes = u64::try_from(response.root().json().len()).unwrap_or(u64::MAX);
    let report = match response.root().get("/content/0/text") {
        Some(text) if text.kind() == Kind::Text => match text.text() {
            Some(text) if text.contains("secret") => {
                Report::edit([Edit::set("/content/0/text", "hidden")])
            }
            _ => Report::pass(),
        },
        _ if response.is_error() => Report::block("it failed").labelling(["failed"]),
        _ => Report::pass(),
    };
    let before = request.history(1).len();
    report
        .labelling([kind])
        .charging(Charge::fixed("bytes", bytes, 1 << 20, 60))
        .because("seen", format!("{before} calls before"))
}

fn about() -> Description {
    Description::new(Powers::EDIT | Powers::BLOCK | Powers::LABEL | Powers::CHARGE)
        .with_rule("seen", "Everything that comes back is looked at")
}

gatewright_sdk::reviewer!(NoSettings, review, about);
