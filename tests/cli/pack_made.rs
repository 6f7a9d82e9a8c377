//! Making packs, and looking at them before they are trusted.

use std::process::Stdio;

use serde_json::Value;

use super::Ran;
use super::vendor::{CASES, release, scene};

#[test]
fn inspect_shows_what_is_in_a_pack() {
    let folder = scene();
    let digest = release(
        &folder,
        1,
        &["rules"],
        "expires = \"2099-01-01T00:00:00Z\"\ndescription = \"Guards\"",
    );
    let ran = folder.run(&["pack", "inspect", "v1"]);
    let key = std::fs::read_to_string(folder.path("acme.key.did")).unwrap();
    for part in [
        "acme/guards 1.1.0, version 1",
        &digest,
        &key,
        "expires    2099-01-01T00:00:00Z",
        "contract   gatewright:policy@0.2.0",
        "world      policy",
        "asks for   allow, deny",
        "schema yes, defaults no",
        "cases      1",
    ] {
        assert!(ran.stdout.contains(part), "{part}: {ran:?}");
    }
    let ran = folder.run(&["pack", "inspect", "v1", "--format", "json"]);
    let json: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(json["pack"], digest.as_str());
    assert_eq!(json["manifest"]["policies"][0]["name"], "rules");
    assert_eq!(json["signed_by"][0], key.as_str());
}

#[test]
fn diff_shows_what_a_version_adds() {
    let folder = scene();
    release(&folder, 1, &["rules"], "");
    folder.write(
        "rules/settings.schema.json",
        r#"{ "type": "object", "properties": { "rules": { "type": "array", "items":
            { "properties": { "tools": {} } } } } }"#,
    );
    folder.write(
        "rules/policy.toml",
        "name = \"rules\"\nworld = \"policy\"\nauthority = [\"allow\", \"deny\", \"ask\"]\n",
    );
    release(&folder, 2, &["rules", "more-rules"], "");
    let diff = |format: &str| {
        let arguments = ["pack", "diff", "v1", "v2", "--format", format];
        let mut command = folder.command(&arguments);
        let output = command
            .env("XDG_CACHE_HOME", folder.path("cache"))
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let text = diff("text");
    for part in [
        "acme/guards 1.1.0, version 1 -> acme/guards 1.2.0, version 2",
        "more-rules: added",
        "rules: changed",
        "+ asks for ask",
        "+ settings /rules/*/tools",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let json: Value = serde_json::from_str(&diff("json")).unwrap();
    let rules = &json["policies"][1];
    assert_eq!(rules["policy"], "rules");
    assert!(rules["fuel"][0].as_u64().unwrap() > 0, "{rules}");
    assert_eq!(rules["fuel"][0], rules["fuel"][1]);
    assert_eq!(rules["failing"], serde_json::json!([]));
}

/// Every gate would refuse it.
#[test]
fn a_pack_that_fails_its_own_cases_is_neither_built_nor_signed() {
    let folder = scene();
    release(&folder, 1, &["rules"], "");
    folder.write(
        "rules/cases.toml",
        &CASES.replace("verdict = \"allow\"", "verdict = \"deny\""),
    );
    let failed = |ran: &Ran| {
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(
            ran.stderr
                .contains("rules fails its case reading is allowed"),
            "{ran:?}"
        );
        assert!(
            ran.stderr.contains("the pack fails 1 of its own cases"),
            "{ran:?}"
        );
        assert!(ran.stdout.is_empty(), "{ran:?}");
    };
    let build = ["pack", "build", "pack.toml", "--out", "bad"];
    failed(&folder.run(&build));
    assert!(!folder.path("bad").exists());
    let built = folder.run(&[&build[..], &["--untested"]].concat());
    assert_eq!(built.code, 0, "{built:?}");
    let sign = ["pack", "sign", "bad", "--key", "acme.key"];
    failed(&folder.run(&sign));
    let signed = folder.run(&[&sign[..], &["--untested"]].concat());
    assert_eq!(signed.code, 0, "{signed:?}");
}

#[test]
fn a_pack_that_cannot_be_built_names_what_is_missing() {
    let folder = scene();
    let build = |text: &str| {
        folder.write("pack.toml", text);
        folder.run(&["pack", "build", "pack.toml", "--out", "out"])
    };
    let head = "name = \"acme/guards\"\nrevision = \"1\"\nversion = 1\n";
    let policy = "[[policy]]\nfolder = \"rules\"\n";
    for (text, why) in [
        (format!("nme = 1\n{head}{policy}"), "unknown field `nme`"),
        (
            format!("{head}{policy}").replace("acme/guards", "Acme"),
            "is not the name of a pack",
        ),
        (
            format!("{head}[[policy]]\nfolder = \"nowhere\"\n"),
            "policy.toml",
        ),
        (
            format!("{head}{policy}component = \"nothing.wasm\"\n"),
            "nothing.wasm",
        ),
        (format!("{head}{policy}{policy}"), "has `rules` twice"),
        (
            format!("{head}{policy}").replace("version = 1", "version = 0"),
            "`version` of the pack manifest",
        ),
    ] {
        let ran = build(&text);
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(ran.stderr.contains(why), "{why}: {ran:?}");
        assert!(!folder.path("out").exists(), "{ran:?}");
    }
    // Not over something else.
    std::fs::create_dir(folder.path("out")).unwrap();
    folder.write("out/precious", "");
    let ran = build(&format!("{head}{policy}"));
    assert!(ran.stderr.contains("is not a pack"), "{ran:?}");
    assert!(folder.path("out/precious").exists());
}

/// Processes, not threads: each reads the layout, and writes all of it.
#[test]
fn all_who_sign_at_once_have_signed() {
    let folder = scene();
    release(&folder, 1, &["rules"], "");
    let build = ["pack", "build", "pack.toml", "--out", "v1.tar"];
    assert_eq!(folder.run(&build).code, 0);
    let keys: Vec<_> = (0..6).map(|signer| format!("{signer}.key")).collect();
    for key in &keys {
        assert_eq!(folder.run(&["key", "new", key, "--plain"]).code, 0);
    }
    // The folder is signed by one key already.
    for (layout, before) in [("v1", 1), ("v1.tar", 0)] {
        let children: Vec<_> = keys
            .iter()
            .map(|key| {
                let mut command = folder.command(&["pack", "sign", layout, "--key", key]);
                command.stdout(Stdio::piped()).stderr(Stdio::piped());
                command.spawn().unwrap()
            })
            .collect();
        for child in children {
            let ended = child.wait_with_output().unwrap();
            assert!(ended.status.success(), "{layout}: {ended:?}");
        }
        let ran = folder.run(&["pack", "inspect", layout, "--format", "json"]);
        assert_eq!(ran.code, 0, "{layout}: {ran:?}");
        let json: Value = serde_json::from_str(&ran.stdout).unwrap();
        let signed_by = json["signed_by"].as_array().unwrap();
        assert_eq!(signed_by.len(), keys.len() + before, "{layout}: {json}");
    }
}

#[test]
fn what_a_pack_says_does_not_steer_the_terminal() {
    let folder = scene();
    // The header of a plain ustar entry: name, size, type and checksum.
    let mut tar = vec![0_u8; 512 * 3];
    let name = b"\x1b[2Jevil";
    tar[..name.len()].copy_from_slice(name);
    tar[124..135].copy_from_slice(b"00000000000");
    tar[156] = b'0';
    tar[257..265].copy_from_slice(b"ustar\x0000");
    tar[148..156].fill(b' ');
    let sum: u32 = tar.iter().map(|byte| u32::from(*byte)).sum();
    tar[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    std::fs::write(folder.path("evil.tar"), tar).unwrap();
    for (command, code) in [("inspect", 1), ("verify", 3)] {
        let ran = folder.run(&["pack", command, "evil.tar"]);
        assert_eq!(ran.code, code, "{ran:?}");
        assert!(ran.stderr.contains("\\u{1b}[2Jevil"), "{ran:?}");
        assert!(!ran.stderr.contains('\u{1b}'), "{ran:?}");
        assert!(!ran.stdout.contains('\u{1b}'), "{ran:?}");
    }
}
