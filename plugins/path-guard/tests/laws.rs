//! Properties that hold for every path.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use std::path::{Component, Path};
use std::sync::LazyLock;

use gatewright_path_guard::{Operation, Refused, Settings, check};
use proptest::prelude::*;

fn settings() -> &'static Settings {
    static SETTINGS: LazyLock<Settings> = LazyLock::new(|| {
        serde_json::from_str(
            r#"{"roots": {"read": ["/srv/data", "/home/agent/work"]}, "base": "/home/agent/work"}"#,
        )
        .unwrap()
    });
    &SETTINGS
}

/// Pieces that attacks are made of, and honest names.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => Just("..".to_owned()), 1 => Just(".".to_owned()), 4 => Just("/".to_owned()), 1 => Just("//".to_owned()),
        1 => Just("\\".to_owned()), 1 => Just("%2e".to_owned()), 1 => Just("%2f".to_owned()),
        1 => Just("\u{ff0e}".to_owned()), 1 => Just("\u{2215}".to_owned()), 1 => Just("\0".to_owned()),
        1 => Just(" ".to_owned()), 1 => Just("~".to_owned()), 1 => Just("$HOME".to_owned()),
        1 => Just("file://".to_owned()), 1 => Just("C:".to_owned()), 1 => Just(".git".to_owned()),
        2 => Just("srv".to_owned()), 2 => Just("data".to_owned()), 1 => Just("home/agent/work".to_owned()),
        1 => Just("proc/self/root".to_owned()), 2 => "[a-z]{1,4}", 1 => any::<char>().prop_map(String::from),
    ]
}

fn path() -> impl Strategy<Value = String> {
    (
        prop_oneof![
            Just(""),
            Just("/srv/data"),
            Just("/srv/data/"),
            Just("/home/agent/work/"),
            Just("/")
        ],
        prop::collection::vec(piece(), 0..12),
    )
        .prop_map(|(start, pieces)| start.to_owned() + &pieces.concat())
}

/// What an operating system without symbolic links would open.
fn walked(path: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for part in Path::new("/home/agent/work").join(path).components() {
        match part {
            Component::RootDir => names.clear(),
            Component::CurDir | Component::Prefix(_) => {}
            Component::ParentDir => {
                names.pop();
            }
            Component::Normal(name) => names.push(name.to_str().unwrap().to_owned()),
        }
    }
    names
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 5_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_allowed_path_opens_inside_a_root(path in path()) {
        if let Ok(place) = check(settings(), Operation::Read, &path) {
            let names = walked(&path);
            prop_assert_eq!(place.names(), names.as_slice());
            let opened = format!("/{}", names.join("/"));
            prop_assert!(Path::new(&opened).starts_with("/srv/data") || Path::new(&opened).starts_with("/home/agent/work"));
            prop_assert!(!names.iter().any(|name| name == ".git" || name == ".." || name == "."));
        }
    }

    #[test]
    fn an_allowed_path_is_allowed_again_as_it_was_understood(path in path()) {
        let settings = settings();
        if let Ok(place) = check(settings, Operation::Read, &path) {
            prop_assert_eq!(check(settings, Operation::Read, &place.to_string()), Ok(place));
        }
    }

    #[test]
    fn no_percent_decoding_of_an_allowed_path_leaves_it_different(path in path()) {
        if check(settings(), Operation::Read, &path).is_ok() {
            let bytes = path.as_bytes();
            let encoded = bytes.windows(3).any(|w| w[0] == b'%' && w[1].is_ascii_hexdigit() && w[2].is_ascii_hexdigit());
            prop_assert!(!encoded);
        }
    }

    #[test]
    fn honest_names_below_a_root_pass(names in prop::collection::vec("[a-z0-9][a-z0-9_-]{0,8}(\\.[a-z]{1,2})?", 1..8)) {
        let path = format!("/srv/data/{}", names.join("/"));
        prop_assert!(check(settings(), Operation::Read, &path).is_ok(), "{}", path);
    }

    #[test]
    fn without_roots_nothing_passes(path in path()) {
        static NONE: LazyLock<Settings> =
            LazyLock::new(|| serde_json::from_str(r#"{"roots": {}}"#).unwrap());
        prop_assert!(check(&NONE, Operation::Read, &path).is_err());
    }

    #[test]
    fn a_longer_path_than_allowed_is_refused(extra in 0usize..100) {
        let path = format!("/srv/data/{}", "a".repeat(1024 - 10 + 1 + extra));
        prop_assert_eq!(check(settings(), Operation::Read, &path), Err(Refused::TooLong));
    }
}
