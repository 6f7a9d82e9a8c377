//! The corpus runs in the sandbox; here is what native tests see of it.

use gatewright_reference::{Settings, judge};
use gatewright_sdk::{Request, Verdict};

#[test]
fn settings_are_refused_word_by_word() {
    for (text, error) in [
        ("[", "settings are not JSON"),
        ("1", "settings are not an object"),
        ("{}", "tag is missing"),
        (r#"{"tag":"t","z":1,"a":2}"#, "unknown setting z"),
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
    assert_eq!(judge(&settings, &request), Verdict::allow());
    let request = Request::tool("any").with_argument("/do", "forbidden");
    assert_eq!(judge(&settings, &request), Verdict::deny("t"));
}
