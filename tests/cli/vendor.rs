//! A vendor of packs, and a gate that trusts it.

use serde_json::Value;

use super::{Folder, Ran, plugin};

/// A vendor's folder: two policies, two keys, and a gate that trusts the first.
pub(crate) fn scene() -> Folder {
    let folder = Folder::new();
    for name in ["rules", "more-rules"] {
        std::fs::create_dir(folder.path(name)).unwrap();
        folder.write(
            &format!("{name}/policy.toml"),
            &format!(
                "name = \"{name}\"\nworld = \"policy\"\ndescription = \"What is allowed\"\n\
                 authority = [\"allow\", \"deny\"]\n"
            ),
        );
        let component = folder.path(&format!("{name}/{name}.wasm"));
        std::fs::copy(plugin("tool-gate"), component).unwrap();
    }
    folder.write("rules/cases.toml", CASES);
    folder.write(
        "rules/settings.schema.json",
        r#"{ "type": "object", "properties": { "rules": { "type": "array" } } }"#,
    );
    for key in ["acme.key", "stranger.key"] {
        let made = folder.run(&["key", "new", key, "--plain"]);
        folder.write(&format!("{key}.did"), made.stdout.trim());
    }
    trust(&folder, "threshold = 1\n", "[\"allow\", \"deny\"]");
    folder
}

pub(crate) const CASES: &str = r#"
[settings]
rules = [{ tools = ["read_*"], effect = "allow" }]

[[case]]
name = "reading is allowed"
request.action = { name = "read_file" }
expect = { verdict = "allow" }
"#;

pub(crate) fn trust(folder: &Folder, more: &str, authority: &str) {
    let key = std::fs::read_to_string(folder.path("acme.key.did")).unwrap();
    folder.write(
        "gatewright.toml",
        &format!(
            "[packs]\nstore = \"packs\"\n\n[[publisher]]\nname = \"acme\"\nkeys = [\"{key}\"]\n\
             packs = [\"acme/*\"]\nauthority = {authority}\n{more}\n\
             [[pack]]\nname = \"acme/guards\"\n"
        ),
    );
}

/// Builds and signs a version, into a folder of that name.
pub(crate) fn release(folder: &Folder, version: u64, policies: &[&str], more: &str) -> String {
    release_with(folder, version, policies, more, &[])
}

pub(crate) fn release_with(
    folder: &Folder,
    version: u64,
    policies: &[&str],
    more: &str,
    flags: &[&str],
) -> String {
    let policies: String = policies
        .iter()
        .map(|name| format!("[[policy]]\nfolder = \"{name}\"\n"))
        .collect();
    folder.write(
        "pack.toml",
        &format!(
            "name = \"acme/guards\"\nrevision = \"1.{version}.0\"\nversion = {version}\n{more}\n{policies}"
        ),
    );
    let out = format!("v{version}");
    let build = ["pack", "build", "pack.toml", "--out", &out];
    let built = folder.run(&[&build[..], flags].concat());
    assert_eq!(built.code, 0, "{built:?}");
    let sign = ["pack", "sign", &out, "--key", "acme.key"];
    let signed = folder.run(&[&sign[..], flags].concat());
    assert_eq!(signed.code, 0, "{signed:?}");
    built.stdout.trim().to_owned()
}

pub(crate) fn activate(folder: &Folder, pack: &str, more: &[&str]) -> Ran {
    let mut arguments = vec!["pack", "activate", pack, "--by", "tests"];
    arguments.extend(more);
    folder.run(&arguments)
}

pub(crate) fn list(folder: &Folder) -> Value {
    let ran = folder.run(&["pack", "list", "--format", "json"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    serde_json::from_str(&ran.stdout).unwrap()
}

pub(crate) fn wanted(folder: &Folder) -> Value {
    list(folder)["wanted"]["set"]["acme/guards"].clone()
}

pub(crate) fn refused(ran: &Ran, why: &str) {
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(ran.stderr.starts_with("refused: "), "{ran:?}");
    assert!(ran.stderr.contains(why), "{why}: {ran:?}");
    assert!(ran.stdout.is_empty(), "{ran:?}");
}
