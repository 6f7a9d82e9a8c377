//! Where a `Cargo.toml` says that there are no tests (`test = false`, `doctest = false`), there
//! are none: cargo links a program for each target, and reads each crate once more for what
//! its pages show.

use std::path::{Path, PathBuf};

use gatewright_house::{files, metadata, nothing_in, repository, text};
use serde_json::Value;

/// What makes a test of a function.
const TESTS: [&str; 3] = ["#[test]", "#[tokio::test", "proptest! {"];

/// The targets that are made of what stands in `src`.
fn targets(package: &Value) -> impl Iterator<Item = &Value> {
    let targets = package["targets"].as_array().unwrap().iter();
    targets.filter(|target| {
        let kinds = target["kind"].as_array().unwrap();
        let is_source = |kind: &Value| ["lib", "rlib", "cdylib", "bin"].iter().any(|it| kind == it);
        kinds.iter().any(is_source)
    })
}

/// The sources beside a target, as files of the repository.
fn sources<'a>(target: &Value, all: &'a [PathBuf]) -> Vec<&'a PathBuf> {
    let path = Path::new(target["src_path"].as_str().unwrap());
    let folder = path.parent().unwrap();
    let folder = folder.strip_prefix(repository()).unwrap();
    let is_rust = |file: &Path| file.extension().is_some_and(|it| it == "rs");
    let all = all.iter();
    all.filter(|file| file.starts_with(folder) && is_rust(file))
        .collect()
}

/// Whether a page of the API has code that would be a test.
fn shows_code(source: &str) -> bool {
    let mut is_inside = false;
    for line in source.lines() {
        let line = line.trim_start();
        let page = ["///", "//!"].iter().find_map(|it| line.strip_prefix(it));
        let Some(fence) = page.and_then(|page| page.trim_start().strip_prefix("```")) else {
            continue;
        };
        let is_rust = ["", "rust", "no_run", "should_panic", "compile_fail"].contains(&fence);
        if !is_inside && is_rust {
            return true;
        }
        is_inside = !is_inside;
    }
    false
}

#[test]
fn what_is_not_looked_at_for_tests_has_none() {
    let (metadata, all) = (metadata(&["--no-deps"]), files());
    let (mut found, mut skipped) = (Vec::new(), 0);
    for package in metadata["packages"].as_array().unwrap() {
        for target in targets(package) {
            let name = &target["name"];
            let is_lib = target["kind"][0] != "bin";
            let (no_tests, no_pages) = (target["test"] == false, target["doctest"] == false);
            if no_tests || (is_lib && no_pages) {
                skipped += 1;
            }
            for file in sources(target, &all) {
                let text = text(file);
                if no_tests && TESTS.iter().any(|test| text.contains(test)) {
                    found.push(format!("{} has tests: {name}", file.display()));
                }
                if is_lib && no_pages && shows_code(&text) {
                    found.push(format!("{} shows code: {name}", file.display()));
                }
            }
        }
    }
    assert!(skipped > 20, "those that have none are found");
    nothing_in(&found, "take `test = false` or `doctest = false` away");
}

#[test]
fn code_on_a_page_is_found() {
    for (source, shows) in [
        ("/// ```\n/// f();\n/// ```", true),
        ("    //! ```no_run\n    //! f();\n    //! ```", true),
        ("/// ```text\n/// f\n/// ```\nfn f() {}", false),
        ("// ```\n// f();", false),
    ] {
        assert_eq!(shows_code(source), shows, "{source}");
    }
}
