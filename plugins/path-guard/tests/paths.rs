//! What the guard refuses and what it lets through, path by path.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use gatewright_path_guard::{Answer, Operation, Refused, Settings, answer, check};
use gatewright_sdk::Request;

fn settings(json: &str) -> Settings {
    serde_json::from_str(json).unwrap()
}

fn unix() -> Settings {
    settings(
        r#"{"roots": {"read": ["/srv/data", "/srv/shared"], "write": ["/srv/data/out"], "delete": ["/srv/data/out"]}}"#,
    )
}

fn reads(cases: &[(&str, Result<&str, Refused>)], settings: &Settings) {
    for (path, expected) in cases {
        let found = check(settings, Operation::Read, path).map(|place| place.to_string());
        assert_eq!(
            found.as_deref().map_err(|refused| *refused),
            *expected,
            "{path:?}"
        );
    }
}

#[test]
fn every_trick_is_refused_by_its_name() {
    reads(
        &[
            ("", Err(Refused::NotText)),
            ("/srv/data/../../etc/passwd", Err(Refused::OutsideRoots)),
            ("/srv/data/../../../../../..", Err(Refused::OutsideRoots)),
            ("/srv/database/x", Err(Refused::OutsideRoots)),
            ("/srv/data/../data2/x", Err(Refused::OutsideRoots)),
            ("/SRV/data/x", Err(Refused::OutsideRoots)),
            ("/", Err(Refused::OutsideRoots)),
            ("/etc/passwd", Err(Refused::OutsideRoots)),
            ("/proc/self/root/srv/data/x", Err(Refused::OutsideRoots)),
            ("/srv/data/a\0.txt", Err(Refused::Control('\0'))),
            ("/srv/data/a\n", Err(Refused::Control('\n'))),
            ("/srv/data/\u{85}", Err(Refused::Control('\u{85}'))),
            ("/srv/data/a\u{200b}", Err(Refused::Invisible('\u{200b}'))),
            (
                "/srv/data/.g\u{200c}it/config",
                Err(Refused::Invisible('\u{200c}')),
            ),
            (
                "/srv/data/\u{202e}txt.exe",
                Err(Refused::Invisible('\u{202e}')),
            ),
            ("/srv/data/\u{a0}", Err(Refused::TrailingDotOrSpace)),
            ("/srv/data/\u{fffd}", Err(Refused::Invisible('\u{fffd}'))),
            ("/srv/data/\u{2024}\u{2024}/x", Err(Refused::LookAlike)),
            ("/srv/data/\u{ff0e}\u{ff0e}/x", Err(Refused::LookAlike)),
            ("/srv/data/..\u{ff0f}..\u{ff0f}etc", Err(Refused::LookAlike)),
            ("/srv/data/..\u{2215}etc", Err(Refused::LookAlike)),
            ("/srv/data/..\u{2044}etc", Err(Refused::LookAlike)),
            ("/srv/data/\u{2025}/etc", Err(Refused::LookAlike)),
            ("/srv/data/..\u{ff3c}etc", Err(Refused::LookAlike)),
            ("/srv/data/%2e%2e/x", Err(Refused::Encoded)),
            ("/srv/data/%252e%252e/x", Err(Refused::Encoded)),
            ("/srv/data/..%2f..%2fetc", Err(Refused::Encoded)),
            ("/srv/data/..%c0%af..", Err(Refused::Encoded)),
            ("/srv/data/..%u2215..", Err(Refused::Encoded)),
            ("file:///srv/data/x", Err(Refused::Url)),
            ("FILE:/srv/data/x", Err(Refused::Url)),
            ("https://example.com/srv/data", Err(Refused::Url)),
            ("~/x", Err(Refused::Home)),
            ("~root/x", Err(Refused::Home)),
            ("--output=/srv/data/x", Err(Refused::Option)),
            ("$HOME/x", Err(Refused::Variable)),
            ("/srv/data/${HOME}", Err(Refused::Variable)),
            ("/srv/data/$(id)", Err(Refused::Variable)),
            ("/srv/data/`id`", Err(Refused::Variable)),
            ("/srv/data/%USERPROFILE%/x", Err(Refused::Variable)),
            ("/srv/data\\..\\..\\etc", Err(Refused::Backslash)),
            ("C:/Windows/win.ini", Err(Refused::Windows)),
            ("c:secret.txt", Err(Refused::Windows)),
            ("/srv/data/a.txt::$DATA", Err(Refused::Windows)),
            ("//server/share/x", Err(Refused::NetworkPath)),
            ("//srv/data/x", Err(Refused::NetworkPath)),
            ("/srv/data/.. /etc", Err(Refused::TrailingDotOrSpace)),
            ("/srv/data/ ../etc", Err(Refused::TrailingDotOrSpace)),
            ("/srv/data/.../etc", Err(Refused::TrailingDotOrSpace)),
            ("/srv/data/.env.", Err(Refused::TrailingDotOrSpace)),
            (" /srv/data/x", Err(Refused::TrailingDotOrSpace)),
            ("x/y", Err(Refused::Relative)),
            ("../x", Err(Refused::Relative)),
            (".", Err(Refused::Relative)),
            ("/srv/data/.git/config", Err(Refused::Withheld)),
            ("/srv/data/a/b/.GIT/hooks/x", Err(Refused::Withheld)),
            ("/srv/data/.git", Err(Refused::Withheld)),
            ("/srv/data/app/.Env", Err(Refused::Withheld)),
            ("/srv/data/app/.env.local", Err(Refused::Withheld)),
            ("/srv/data/.\u{17f}sh/config", Err(Refused::Withheld)),
            ("/srv/data/a/../.env", Err(Refused::Withheld)),
            ("/srv/shared/keys/id_rsa", Err(Refused::Withheld)),
        ],
        &unix(),
    );
}

#[test]
fn honest_paths_pass() {
    reads(
        &[
            ("/srv/data", Ok("/srv/data")),
            ("/srv/data/", Ok("/srv/data")),
            ("/srv/data/a.txt", Ok("/srv/data/a.txt")),
            ("/srv/data/./a//b.txt", Ok("/srv/data/a/b.txt")),
            ("/srv/data/a/../b.txt", Ok("/srv/data/b.txt")),
            ("/srv/data/../shared/b.txt", Ok("/srv/shared/b.txt")),
            (
                "/srv/data/2024:01/100% done.txt",
                Ok("/srv/data/2024:01/100% done.txt"),
            ),
            (
                "/srv/data/Größe/日本語.txt",
                Ok("/srv/data/Größe/日本語.txt"),
            ),
            ("/srv/data/notes.txt~", Ok("/srv/data/notes.txt~")),
            ("/srv/data/a$.txt", Ok("/srv/data/a$.txt")),
            ("/srv/data/.environment", Ok("/srv/data/.environment")),
            ("/srv/data/.github/x.yml", Ok("/srv/data/.github/x.yml")),
            ("/srv/data/..a/b..c", Ok("/srv/data/..a/b..c")),
            ("/srv/data/proc/self/root", Ok("/srv/data/proc/self/root")),
        ],
        &unix(),
    );
}

#[test]
fn each_operation_has_its_own_roots() {
    let settings = unix();
    let at = |operation, path| check(&settings, operation, path).map(|_| ());
    assert_eq!(
        at(Operation::Write, "/srv/data/a.txt"),
        Err(Refused::OutsideRoots)
    );
    assert_eq!(
        at(Operation::Write, "/srv/data/out/../a.txt"),
        Err(Refused::OutsideRoots)
    );
    assert_eq!(
        at(Operation::Delete, "/srv/data/out"),
        Err(Refused::RootItself)
    );
    assert_eq!(at(Operation::Write, "/srv/data/out/a.txt"), Ok(()));
    assert_eq!(at(Operation::Delete, "/srv/data/out/a.txt"), Ok(()));
    let read_only = self::settings(r#"{"roots": {"read": ["/srv"]}}"#);
    assert_eq!(
        check(&read_only, Operation::Write, "/srv/a").map(|_| ()),
        Err(Refused::OutsideRoots)
    );
}

#[test]
fn kernel_trees_stay_closed_even_under_the_root_of_everything() {
    let all = settings(r#"{"roots": {"read": ["/"]}}"#);
    for path in [
        "/proc/self/root/etc",
        "/proc/1/cwd/x",
        "/dev/fd/3",
        "/dev/stdin",
        "/sys/kernel",
        "/x/../proc/self/environ",
        "/PROC/self/root",
        "/.vol/1/2",
    ] {
        assert_eq!(
            check(&all, Operation::Read, path),
            Err(Refused::KernelLink),
            "{path}"
        );
    }
    let shared_memory = settings(r#"{"roots": {"read": ["/dev/shm"]}}"#);
    assert!(check(&shared_memory, Operation::Read, "/dev/shm/a").is_ok());
    assert_eq!(
        check(&shared_memory, Operation::Read, "/dev/shm/fd/3"),
        Err(Refused::KernelLink)
    );
}

#[test]
fn a_base_resolves_relative_paths_and_roots_still_hold() {
    let based = settings(r#"{"roots": {"read": ["/srv/data"]}, "base": "/srv/data/work"}"#);
    reads(
        &[
            ("../../etc/passwd", Err(Refused::OutsideRoots)),
            ("..", Ok("/srv/data")),
            ("a/b.txt", Ok("/srv/data/work/a/b.txt")),
            (".", Ok("/srv/data/work")),
        ],
        &based,
    );
}

#[test]
fn parent_steps_can_be_refused_altogether() {
    let strict = settings(r#"{"roots": {"read": ["/srv/data"]}, "parent-steps": "refuse"}"#);
    reads(
        &[
            ("/srv/data/a/../b", Err(Refused::ParentStep)),
            ("/srv/data/b", Ok("/srv/data/b")),
        ],
        &strict,
    );
}

#[test]
fn file_urls_are_decoded_once_where_the_settings_say_so() {
    let decoding = settings(r#"{"roots": {"read": ["/srv/data"]}, "file-urls": "decode"}"#);
    reads(
        &[
            ("file://host/srv/data/x", Err(Refused::Url)),
            ("file:/srv/data/x", Err(Refused::Url)),
            ("file:////srv/data/x", Err(Refused::Url)),
            ("file:///srv/data/x?y", Err(Refused::Url)),
            ("file:///srv/data/%2e%2e/x", Err(Refused::Encoded)),
            ("file:///srv/data/%252e", Err(Refused::Encoded)),
            ("file:///srv/data/%c0%af", Err(Refused::Encoded)),
            ("file:///srv/data/%", Err(Refused::Encoded)),
            ("file:///srv/data/%0a", Err(Refused::Control('\n'))),
            ("file:///srv/data/../../etc", Err(Refused::OutsideRoots)),
            ("file:///srv/data/a%20b", Ok("/srv/data/a b")),
            ("file://localhost/srv/data/a", Ok("/srv/data/a")),
        ],
        &decoding,
    );
}

#[test]
fn windows_paths_are_judged_by_their_own_rules() {
    let windows = settings(r#"{"roots": {"read": ["C:\\data"]}, "platform": "windows"}"#);
    reads(
        &[
            ("C:\\data\\..\\Windows\\win.ini", Err(Refused::OutsideRoots)),
            ("D:\\data\\x", Err(Refused::OutsideRoots)),
            ("C:data\\x", Err(Refused::Windows)),
            ("\\\\server\\share\\x", Err(Refused::NetworkPath)),
            ("\\\\?\\C:\\data\\x", Err(Refused::Windows)),
            ("\\\\.\\PhysicalDrive0", Err(Refused::NetworkPath)),
            ("C:\\data\\x.txt:hidden", Err(Refused::Windows)),
            ("C:\\data\\NUL", Err(Refused::Windows)),
            ("C:\\data\\com1.txt", Err(Refused::Windows)),
            ("C:\\data\\PROGRA~1", Err(Refused::Windows)),
            ("C:\\data\\x.txt.", Err(Refused::TrailingDotOrSpace)),
            ("\\data\\x", Err(Refused::Relative)),
            ("C:\\..\\..\\x", Err(Refused::OutsideRoots)),
            ("C:\\data\\.GIT\\config", Err(Refused::Withheld)),
            ("c:/data/a/b.txt", Ok("C:/data/a/b.txt")),
            ("C:\\data\\console.txt", Ok("C:/data/console.txt")),
        ],
        &windows,
    );
}

#[test]
fn settings_that_mean_nothing_are_refused() {
    for (json, word) in [
        (r#"{"roots": {"read": ["data"]}}"#, "absolute"),
        (r#"{"roots": {"read": ["/srv/../etc"]}}"#, "absolute"),
        (r#"{"roots": {"list": ["/srv"]}}"#, "list"),
        (r#"{"root": {}}"#, "root"),
        (r#"{"roots": {}, "filesystem-server": false}"#, "no tool"),
        (r#"{"roots": {}, "denied": ["**"]}"#, "everything"),
        (
            r#"{"roots": {}, "tools": [{"tool": "x", "paths": {}}]}"#,
            "paths",
        ),
        (
            r#"{"roots": {}, "tools": [{"tool": "x", "paths": {"path": "read"}}]}"#,
            "Pointer",
        ),
    ] {
        let error = serde_json::from_str::<Settings>(json)
            .unwrap_err()
            .to_string();
        assert!(error.contains(word), "{json}: {error}");
    }
}

#[test]
fn what_steers_is_read_and_not_written() {
    let settings = settings(
        r#"{"roots": {"read": ["/srv/data"], "write": ["/srv/data"], "delete": ["/srv/data"]}}"#,
    );
    for name in [
        "AGENTS.md",
        ".claude/settings.json",
        ".github/workflows/ci.yml",
        ".vscode/tasks.json",
        ".husky/pre-commit",
        ".bashrc",
        "a/.config/systemd/user/x.service",
    ] {
        let path = format!("/srv/data/{name}");
        let at = |operation| check(&settings, operation, &path).map(|_| ());
        assert_eq!(at(Operation::Write), Err(Refused::Withheld), "{path}");
        assert_eq!(at(Operation::Delete), Err(Refused::Withheld), "{path}");
        assert_eq!(at(Operation::Read), Ok(()), "{path}");
    }
}

#[test]
fn a_root_within_a_denied_name_opens_that_folder_and_no_other() {
    let settings =
        settings(r#"{"roots": {"read": ["/home/me/.ssh"], "write": ["/home/me/.config"]}}"#);
    let at = |operation, path| check(&settings, operation, path).map(|_| ());
    assert_eq!(
        at(Operation::Read, "/home/me/.ssh/x/.aws/credentials"),
        Err(Refused::Withheld)
    );
    assert_eq!(
        at(Operation::Write, "/home/me/.config/autostart/x.desktop"),
        Err(Refused::Withheld)
    );
    assert_eq!(at(Operation::Read, "/home/me/.ssh/config"), Ok(()));
    assert_eq!(at(Operation::Write, "/home/me/.config/mine/x.toml"), Ok(()));
}

#[test]
fn the_lists_are_dated_and_repeat_nothing() {
    for list in [
        include_str!("../data/credentials.list"),
        include_str!("../data/steering.list"),
    ] {
        let date = list.lines().find_map(|line| line.strip_prefix("# date: "));
        let parts: Vec<usize> = date.unwrap().split('-').map(str::len).collect();
        assert_eq!(parts, [4, 2, 2], "write the day as `2026-11-28`");
        let mut seen = std::collections::BTreeSet::new();
        for line in list.lines().filter(|line| !line.starts_with('#')) {
            let words: Vec<&str> = line.split_whitespace().collect();
            assert!(line.is_empty() || words.len() > 1, "{line}");
            assert!(
                line.is_empty() || seen.insert(line.to_lowercase()),
                "{line} twice"
            );
            let unknown = ["[", "]", "{", "}", "\\"];
            assert!(
                !unknown.iter().any(|letter| line.contains(letter)),
                "{line}"
            );
        }
    }
}

#[test]
fn an_argument_that_cannot_be_read_as_a_whole_is_refused() {
    let settings = unix();
    let deep = |levels: usize| {
        let mut value = serde_json::json!("x");
        for _ in 0..levels {
            value = serde_json::json!([value]);
        }
        let arguments = serde_json::json!({"path": "/srv/data/a", "extra": value});
        answer(
            &settings,
            &Request::tool("read_file").with_arguments(arguments),
        )
    };
    assert_eq!(deep(100), Answer::Fine);
    assert!(matches!(deep(130), Answer::Refused(message) if message.contains("`/extra`")));
}
