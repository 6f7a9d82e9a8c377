//! A policy with megabytes of data in a file of its own, from the outside.

use std::collections::BTreeSet;
use std::path::Path;

use super::{Folder, plugin};

/// Makes the documents; the same in every run.
const SEED: u64 = 20_260_112;

/// Some eight megabytes.
const USERS: usize = 100_000;

/// A user, with words that the seed chooses.
fn user(number: usize, role: &str) -> String {
    let mixed = (SEED ^ number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
    format!(
        r#""user-{number:06}":{{"name":"User {mixed}","role":"{role}","team":"team-{}","level":{}}}"#,
        mixed % 997,
        mixed % 11,
    )
}

/// All users, of whom the last has a role of its own.
fn users(last: &str) -> String {
    let mut users: Vec<String> = (1..USERS).map(|number| user(number, "staff")).collect();
    users.push(user(USERS, last));
    format!("{{{}}}", users.join(","))
}

const MODULE: &str =
    "package gatewright\n\nallow if data.users[input.arguments.user].role == \"owner\"\n";

/// The code that is compiled, by name.
fn code(cache: &Path) -> BTreeSet<String> {
    let files = std::fs::read_dir(cache.join("gatewright/compiled/artifacts/v1")).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    names.collect()
}

#[test]
fn a_table_of_eight_megabytes_is_looked_up_and_replaced_without_compiling() {
    let folder = Folder::new();
    let cache = folder.path("cache");
    folder.write("authz.rego", MODULE);
    folder.write("users.json", &users("owner"));
    let policy = plugin("rego");
    folder.with_issuer(&format!(
        "[[binding]]\nname = \"authz\"\npolicy = {policy:?}\n\
         files = {{ module = \"authz.rego\", documents = {{ users = \"users.json\" }} }}\n"
    ));
    let check = || {
        let mut command = folder.command(&["check"]);
        let output = command.env("XDG_CACHE_HOME", &cache).output().unwrap();
        assert!(output.status.success(), "seed {SEED}: {output:?}");
    };
    check();
    let before = code(&cache);
    folder.write("users.json", &users("staff"));
    check();
    let after = code(&cache);
    let new: Vec<_> = after.difference(&before).collect();
    // The image of the data, in which there is no function.
    assert_eq!(new.len(), 1, "seed {SEED}: {new:?}");
    assert!(before.is_subset(&after));
}

#[test]
fn a_lookup_in_eight_megabytes_answers_for_the_user_that_is_meant() {
    let folder = Folder::new();
    let policy = plugin("rego");
    let policy = policy.to_str().unwrap();
    let module = serde_json::to_string(MODULE).unwrap();
    folder.write(
        "settings.json",
        &format!(
            r#"{{"module":{module},"documents":{{"users":{}}}}}"#,
            users("owner")
        ),
    );
    for (number, code) in [(USERS, 0), (USERS - 1, 3), (USERS + 1, 3)] {
        let request = format!(
            r#"{{"action":{{"server":"files","name":"read"}},"arguments":{{"user":"user-{number:06}"}}}}"#
        );
        folder.write("request.json", &request);
        let ran = folder.run(&[
            "eval",
            "request.json",
            "--policy",
            policy,
            "--settings",
            "settings.json",
        ]);
        assert_eq!(ran.code, code, "seed {SEED}, {number}: {ran:?}");
    }
}

#[test]
fn data_beyond_the_bound_is_refused_by_name() {
    let folder = Folder::new();
    folder.write("authz.rego", MODULE);
    // Sparse: what is too long is not read.
    let file = std::fs::File::create(folder.path("users.json")).unwrap();
    file.set_len((64 << 20) + 1).unwrap();
    let policy = plugin("rego");
    folder.with_issuer(&format!(
        "[[binding]]\nname = \"authz\"\npolicy = {policy:?}\n\
         files = {{ module = \"authz.rego\", documents = {{ users = \"users.json\" }} }}\n"
    ));
    let ran = folder.run(&["check"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    for part in ["users.json", "more than 67108864 bytes"] {
        assert!(ran.stderr.contains(part), "{ran:?}");
    }
}
