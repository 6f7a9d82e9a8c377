//! The corpus runs in the sandbox; here is what native tests see of it.

use gatewright_reference::{Settings, about, judge};
use gatewright_sdk::{Opinion, Powers, Request};

#[test]
fn settings_are_refused_word_by_word() {
    for (text, error) in [
        ("[", "settings are not JSON"),
        ("1", "settings are not an object"),
        ("{}", "tag is missing"),
        (r#"{"tag":1}"#, "at `/tag`: tag is not text"),
        (
            r#"{"tag":"t","z/":1,"a":2}"#,
            "at `/z~1`: unknown setting z/",
        ),
    ] {
        let refused = serde_json::from_str::<Settings>(text).map_err(|error| error.to_string());
        assert_eq!(refused, Err(error.to_owned()), "{text}");
    }
}

#[test]
fn a_wish_is_answered() {
    let settings = Settings {
        tag: "t".to_owned(),
        closed: Vec::new(),
        max: 1,
    };
    let request = Request::tool("any").with_argument("/do", "allow");
    assert_eq!(judge(&settings, &request), Opinion::allow());
    let request = Request::tool("any").with_argument("/do", "forbidden");
    assert_eq!(judge(&settings, &request), Opinion::deny("t"));
}

#[test]
fn a_closed_tool_is_noted_by_a_rule_that_is_described() {
    let settings = Settings {
        tag: "t".to_owned(),
        closed: vec!["shut".to_owned()],
        max: 1,
    };
    let opinion = judge(&settings, &Request::tool("shut"));
    assert_eq!(
        opinion,
        Opinion::deny("t: shut is closed").because("closed", "")
    );
    assert!(about().rules.iter().any(|rule| rule.id == "closed"));
    assert!(!about().powers.contains(Powers::EDIT));
}
