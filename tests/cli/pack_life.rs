//! The life of a pack: trusted, activated, refused, taken back.

use std::process::Stdio;

use serde_json::Value;

use super::Ran;
use super::docker_registry::DockerRegistry;
use super::vendor::{CASES, activate, list, refused, release, release_with, scene, trust, wanted};

#[test]
fn a_pack_goes_from_a_vendor_to_what_is_wanted_and_back() {
    let folder = scene();
    let first = release(&folder, 1, &["rules"], "");
    let second = release(&folder, 2, &["rules"], "");
    let ran = activate(&folder, "v1", &[]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(wanted(&folder)["pack"], first.as_str());
    let ran = activate(&folder, "v2", &[]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(wanted(&folder)["pack"], second.as_str());
    // Going back is told apart from taking an older one unseen.
    let ran = folder.run(&["pack", "rollback", "--by", "tests"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(wanted(&folder)["pack"], first.as_str());
    assert_eq!(wanted(&folder)["older"], true);
    let ran = folder.run(&["pack", "rollback", "--to", "2"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(wanted(&folder)["pack"], second.as_str());
    assert_eq!(list(&folder)["earlier"], serde_json::json!([3, 2, 1]));
    let ran = folder.run(&["pack", "rollback", "--to", "99"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.stderr.contains("there are: 3, 2, 1"), "{ran:?}");
    let ran = folder.run(&["pack", "gc"]);
    assert!(ran.stderr.contains("removed 0 packs"), "{ran:?}");
}

#[test]
fn an_older_version_is_refused_unless_it_is_allowed_and_that_is_kept() {
    let folder = scene();
    release(&folder, 1, &["rules"], "");
    release(&folder, 2, &["rules"], "");
    assert_eq!(activate(&folder, "v2", &[]).code, 0);
    refused(&activate(&folder, "v1", &[]), "version 2 was seen before");
    refused(
        &folder.run(&["pack", "verify", "v1"]),
        "hint: `--allow-older`",
    );
    let ran = activate(&folder, "v1", &["--allow-older"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(wanted(&folder)["older"], true);
    assert_eq!(list(&folder)["wanted"]["by"], "tests");
    // The same again is not older than itself.
    assert_eq!(activate(&folder, "v1", &[]).code, 0);
}

#[test]
fn what_is_not_trusted_is_refused_and_nothing_is_kept() {
    let folder = scene();
    release(&folder, 1, &["rules"], "");
    let build = ["pack", "build", "pack.toml", "--out", "unsigned.tar"];
    assert_eq!(folder.run(&build).code, 0);
    refused(&activate(&folder, "unsigned.tar", &[]), "is not signed");
    let sign = ["pack", "sign", "unsigned.tar", "--key", "stranger.key"];
    let ran = folder.run(&sign);
    let stranger = std::fs::read_to_string(folder.path("stranger.key.did")).unwrap();
    assert_eq!(ran.stdout.trim(), stranger);
    let ran = activate(&folder, "unsigned.tar", &[]);
    refused(&ran, "by no key of publisher `acme`");
    assert!(ran.stderr.contains(&stranger), "{ran:?}");
    trust(&folder, "", "[\"deny\"]");
    refused(&activate(&folder, "v1", &[]), "asks for `allow`");
    trust(
        &folder,
        "expires = \"2020-01-01T00:00:00Z\"\n",
        "[\"allow\", \"deny\"]",
    );
    refused(&activate(&folder, "v1", &[]), "publisher `acme`");
    trust(&folder, "", "[\"allow\", \"deny\"]");
    release(&folder, 2, &["rules"], "expires = \"2020-01-01T00:00:00Z\"");
    refused(&activate(&folder, "v2", &[]), "expired at 2020-01-01");
    let blobs = folder.path("v1/blobs/sha256");
    let blob = std::fs::read_dir(&blobs).unwrap().next().unwrap().unwrap();
    std::fs::write(blob.path(), b"damaged").unwrap();
    let ran = activate(&folder, "v1", &[]);
    assert_eq!(ran.code, 3, "{ran:?}");
    let kept = list(&folder);
    assert_eq!(kept["packs"], serde_json::json!([]));
    assert_eq!(kept["wanted"]["revision"], 0);
}

#[test]
fn too_few_signatures_are_refused_and_each_signer_adds_one() {
    let folder = scene();
    release(&folder, 1, &["rules"], "");
    let read = |file: &str| std::fs::read_to_string(folder.path(file)).unwrap();
    let text = read("gatewright.toml");
    let both = format!(
        "\"{}\", \"{}\"",
        read("acme.key.did"),
        read("stranger.key.did")
    );
    let text = text
        .replace(&format!("\"{}\"", read("acme.key.did")), &both)
        .replace("threshold = 1", "threshold = 2");
    folder.write("gatewright.toml", &text);
    refused(&activate(&folder, "v1", &[]), "by 1 of the 2 keys");
    let ran = folder.run(&["pack", "sign", "v1", "--key", "stranger.key"]);
    assert_eq!(ran.stdout.lines().count(), 2, "{ran:?}");
    assert_eq!(activate(&folder, "v1", &[]).code, 0);
}

#[test]
fn what_asks_for_more_waits_until_it_is_granted() {
    let folder = scene();
    release(&folder, 1, &["rules"], "");
    assert_eq!(activate(&folder, "v1", &[]).code, 0);
    release(&folder, 2, &["rules", "more-rules"], "");
    let ran = activate(&folder, "v2", &[]);
    refused(&ran, "more-rules asks for allow");
    assert_eq!(list(&folder)["wanted"]["revision"], 1);
    let ran = activate(&folder, "v2", &["--grant"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let granted = wanted(&folder)["granted"].to_string();
    assert!(granted.contains("more-rules"), "{granted}");
    // Going back and forth asks nobody again.
    assert_eq!(folder.run(&["pack", "rollback"]).code, 0);
    assert_eq!(folder.run(&["pack", "rollback"]).code, 0);
    assert_eq!(wanted(&folder)["granted"].to_string(), granted);
}

#[test]
fn a_candidate_stands_beside_what_counts() {
    let folder = scene();
    let first = release(&folder, 1, &["rules"], "");
    let second = release(&folder, 2, &["rules"], "");
    let ran = activate(&folder, "v1", &["--mode", "observe"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert_eq!(activate(&folder, "v1", &[]).code, 0);
    let ran = activate(&folder, "v2", &["--mode", "canary=5%"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(wanted(&folder)["pack"], first.as_str());
    assert_eq!(wanted(&folder)["candidate"]["pack"], second.as_str());
    assert_eq!(wanted(&folder)["candidate"]["mode"], "canary:5%");
    let place = format!("acme/guards@{second}");
    let ran = activate(&folder, &place, &[]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(wanted(&folder)["pack"], second.as_str());
    assert_eq!(wanted(&folder)["candidate"], Value::Null);
    let ran = activate(&folder, "v1", &["--mode", "canary=500%"]);
    assert_eq!(ran.code, 2, "{ran:?}");
}

/// Processes, not threads: the lock and the revision are what keeps them apart.
#[test]
fn of_two_activations_at_once_one_wins_and_the_other_is_told() {
    let folder = scene();
    release(&folder, 1, &["rules"], "");
    release(&folder, 2, &["rules"], "");
    for round in 0..4_u64 {
        let revision = round.to_string();
        let children: Vec<_> = ["alice", "bob", "carol"]
            .iter()
            .map(|who| {
                let arguments = [
                    "pack",
                    "activate",
                    // What is wanted already would be no change.
                    if round % 2 == 0 { "v1" } else { "v2" },
                    "--allow-older",
                    "--revision",
                    &revision,
                    "--by",
                    who,
                ];
                let mut command = folder.command(&arguments);
                command.stdout(Stdio::piped()).stderr(Stdio::piped());
                command.spawn().unwrap()
            })
            .collect();
        let ended: Vec<_> = children
            .into_iter()
            .map(|child| child.wait_with_output().unwrap())
            .collect();
        let won = ended.iter().filter(|output| output.status.success());
        assert_eq!(won.count(), 1, "{ended:?}");
        let by = list(&folder)["wanted"]["by"].as_str().unwrap().to_owned();
        for lost in ended.iter().filter(|output| !output.status.success()) {
            let told = String::from_utf8(lost.stderr.clone()).unwrap();
            assert!(told.contains(&format!("by {by} at")), "{told}");
        }
        assert_eq!(list(&folder)["wanted"]["revision"], round + 1);
    }
}

/// Nothing was ever in force: there is nothing to go back to.
#[test]
fn a_first_start_goes_on_to_a_version_that_holds_its_cases() {
    let registry = DockerRegistry::open();
    let folder = scene();
    let place = format!("{}/acme/guards", registry.host());
    let key = std::fs::read_to_string(folder.path("acme.key.did")).unwrap();
    let push = |version: u64| {
        let (out, tag) = (format!("v{version}"), format!("{place}:1.{version}.0"));
        let pushed = folder.run(&["pack", "push", &out, &tag, "--plain-http"]);
        assert_eq!(pushed.code, 0, "{pushed:?}");
    };
    let secure = folder.run(&["pack", "pull", &format!("{place}:1.1.0"), "x"]);
    assert!(
        secure.stderr.contains("does not answer over TLS"),
        "{secure:?}"
    );
    assert!(secure.stderr.contains("`--plain-http`"), "{secure:?}");
    folder.write(
        "rules/cases.toml",
        &CASES.replace("verdict = \"allow\"", "verdict = \"deny\""),
    );
    release_with(&folder, 1, &["rules"], "", &["--untested"]);
    push(1);
    folder.write(
        "gatewright.toml",
        &format!(
            "[gate]\nlisten = \"127.0.0.1:0\"\nadmin = \"127.0.0.1:0\"\n[packs]\nstore = \"packs\"\n\n\
             [[publisher]]\nname = \"acme\"\nkeys = [\"{key}\"]\npacks = [\"acme/*\"]\n\
             authority = [\"allow\", \"deny\"]\nthreshold = 1\n\n\
             [[pack]]\nname = \"acme/guards\"\nfrom = \"{place}\"\ntrack = \"^1\"\nplain_http = true\n"
        ),
    );
    for command in ["check", "serve", "check"] {
        let ran = folder.run(&[command]);
        assert_eq!(ran.code, 1, "{command}: {ran:?}");
        assert!(ran.stderr.contains("its own case"), "{command}: {ran:?}");
    }
    folder.write("rules/cases.toml", CASES);
    release(&folder, 2, &["rules"], "");
    push(2);
    let before = wanted(&folder);
    let ran = folder.run(&["check"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(wanted(&folder), before, "checking keeps nothing");
    let gate = super::serve::Served::open(&folder);
    assert_eq!(gate.terminate(), Some(0));
}

#[test]
fn a_pack_is_activated_after_the_past_was_judged_by_it() {
    let folder = scene();
    let config = std::fs::read_to_string(folder.path("gatewright.toml")).unwrap();
    let with = |rules: &str| {
        format!(
            "{config}\n[[server]]\nname = \"files\"\nurl = \"http://127.0.0.1:1/mcp\"\n\n\
             [[audit.payloads.keep]]\ntools = [\"files:*\"]\n\n\
             [[binding]]\nname = \"rules\"\npack = \"acme/guards\"\npolicy = \"rules\"\n\
             authority = [\"allow\", \"deny\"]\n\
             settings = {{ rules = [{{ tools = [{rules}], effect = \"allow\" }}] }}\n"
        )
    };
    folder.write("gatewright.toml", &with("\"read\", \"list\""));
    release(&folder, 1, &["rules"], "");
    let second = release(&folder, 2, &["rules"], "");
    let first = activate(&folder, "v1", &["--after-replay"]);
    // There is no record yet.
    assert_ne!(first.code, 0, "{first:?}");
    assert_eq!(activate(&folder, "v1", &[]).code, 0);
    super::past::called(&folder, &["read", "list", "write"]);
    let after = |more: &[&str]| activate(&folder, "v2", more);
    // What was found is told before the refusal.
    let told = |ran: &Ran, why: &str| {
        assert_eq!(ran.code, 3, "{ran:?}");
        assert!(
            ran.stderr.contains(&format!("refused: {why}")),
            "{why}: {ran:?}"
        );
    };
    told(
        &after(&["--after-replay", "--replay-since", "2099-01-01T00:00:00Z"]),
        "nothing was judged",
    );
    // Judged with the configuration that is there now.
    folder.write("gatewright.toml", &with("\"read\""));
    told(
        &after(&["--after-replay"]),
        "1 call would be decided otherwise",
    );
    assert_ne!(wanted(&folder)["pack"], second.as_str());
    folder.write("gatewright.toml", &with("\"write\", \"read\", \"list\""));
    told(
        &after(&["--after-replay=loosened"]),
        "1 call would be decided otherwise",
    );
    folder.write("gatewright.toml", &with("\"read\""));
    let ran = after(&["--after-replay=loosened"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.stderr.contains("allow -> deny"), "{ran:?}");
    assert_eq!(wanted(&folder)["pack"], second.as_str());
    let ran = folder.run(&["replay", "--against", "v1"]);
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(ran.stdout.contains("1 flip in 3 calls"), "{ran:?}");
}
