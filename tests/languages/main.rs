//! Every SDK from source: its own tests, the corpus on its reference policy, and
//! a new policy as its author meets it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

mod corpus;
mod language;
mod packed;
mod workshop;

use language::{ASSEMBLYSCRIPT, C, GO, JAVASCRIPT, Language, PYTHON, RUST, TYPESCRIPT};
use workshop::Workshop;

/// The SDK's own tests, then the corpus on its reference policy.
fn hold_to_the_corpus(language: &Language) {
    let workshop = Workshop::open(language, "reference");
    let sdk = workshop.sdk();
    workshop.run_all(&sdk, language.sdk_steps);
    let reference = sdk.join("reference");
    workshop.run_all(&reference, language.reference_steps);
    let component = workshop.component(&reference);
    corpus::hold(&workshop, &component);
}

/// What the README of a new policy says, in the order in which it says it.
fn build_a_new_policy(language: &Language) {
    build_a_new(language, "policy");
}

/// The same of those that rewrite arguments, and of those that look at results.
fn build_new_ones_of_the_other_worlds(language: &Language) {
    build_a_new(language, "editor");
    build_a_new(language, "reviewer");
}

fn build_a_new(language: &Language, world: &str) {
    let workshop = Workshop::open(language, &format!("new-{world}"));
    // Outside of the repository, where an author is.
    let parent = tempfile::tempdir().unwrap();
    let new = ["new", "fresh", "--lang", language.name, "--world", world];
    workshop.gatewright(parent.path(), &new);
    let policy = parent.path().join("fresh");
    workshop.run_all(&policy, language.policy_steps);
    workshop.gatewright(&policy, &["build"]);
    workshop.gatewright(&policy, &["test"]);
}

/// A new policy with a mistake in its source; what the build says about that.
fn build_a_mistake(language: &Language, file: &str, (from, to): (&str, &str)) -> String {
    let workshop = Workshop::open(language, "mistake");
    let parent = tempfile::tempdir().unwrap();
    workshop.gatewright(parent.path(), &["new", "fresh", "--lang", language.name]);
    let policy = parent.path().join("fresh");
    workshop.run_all(&policy, language.policy_steps);
    let source = policy.join(file);
    let text = std::fs::read_to_string(&source).unwrap();
    assert!(text.contains(from), "{text}");
    std::fs::write(&source, text.replace(from, to)).unwrap();
    workshop.refused(&policy, &["build"])
}

/// The bundle has no types: without this a component with the mistake would ship.
#[test]
fn a_mistake_in_types_makes_no_component_in_typescript() {
    let said = build_a_mistake(
        &TYPESCRIPT,
        "src/policy.ts",
        (
            "export default",
            "const most: number = \"ten\";\nexport default",
        ),
    );
    assert!(said.contains("src/policy.ts"), "{said}");
    assert!(said.contains("not assignable to type 'number'"), "{said}");
    assert!(said.contains("`tsc` did not build it"), "{said}");
}

#[test]
fn a_mistake_in_syntax_is_said_once_in_python() {
    let said = build_a_mistake(&PYTHON, "src/policy.py", ("def ", "def ("));
    assert_eq!(said.matches("SyntaxError").count(), 1, "{said}");
    assert!(said.contains("File \"src/policy.py\", line "), "{said}");
    assert!(!said.contains("Traceback"), "{said}");
    assert!(!said.contains("gatewright_component"), "{said}");
}

/// The reference policy judges. What an SDK makes of the other worlds has cases of
/// its own, in `tests/` of the SDK.
fn answer_in_the_other_worlds(language: &Language) {
    let workshop = Workshop::open(language, "worlds");
    let tests = workshop.sdk().join("tests");
    for world in ["editor", "reviewer"] {
        let policy = tests.join(world);
        workshop.gatewright(&policy, &["build"]);
        workshop.gatewright(&policy, &["test"]);
    }
}

/// The templates are one policy: what one must answer, all must.
#[test]
fn new_policies_have_the_same_cases_and_settings() {
    let root = gatewright_harness::Binaries::locate().root().to_owned();
    let folders = [
        "rust/template",
        "go/template",
        "assemblyscript/template",
        "javascript/template-javascript",
        "javascript/template-typescript",
        "python/template",
        "c/template",
    ];
    for file in ["cases.toml", "settings.json"] {
        let texts = folders.map(|folder| {
            std::fs::read_to_string(root.join("sdk").join(folder).join(file)).unwrap()
        });
        for (folder, text) in folders.iter().zip(&texts) {
            assert_eq!(*text, texts[0], "sdk/{folder}/{file}");
        }
    }
}

#[test]
fn corpus_holds_in_assemblyscript() {
    hold_to_the_corpus(&ASSEMBLYSCRIPT);
}

#[test]
fn corpus_holds_in_c() {
    hold_to_the_corpus(&C);
}

#[test]
fn corpus_holds_in_go() {
    hold_to_the_corpus(&GO);
}

#[test]
fn corpus_holds_in_javascript() {
    hold_to_the_corpus(&JAVASCRIPT);
}

#[test]
fn corpus_holds_in_python() {
    hold_to_the_corpus(&PYTHON);
}

#[test]
fn corpus_holds_in_rust() {
    hold_to_the_corpus(&RUST);
}

#[test]
fn new_policy_in_assemblyscript_builds_and_passes() {
    build_a_new_policy(&ASSEMBLYSCRIPT);
}

#[test]
fn new_policy_in_c_builds_and_passes() {
    build_a_new_policy(&C);
}

#[test]
fn new_policy_in_go_builds_and_passes() {
    build_a_new_policy(&GO);
}

#[test]
fn new_policy_in_javascript_builds_and_passes() {
    build_a_new_policy(&JAVASCRIPT);
}

#[test]
fn new_policy_in_python_builds_and_passes() {
    build_a_new_policy(&PYTHON);
}

#[test]
fn new_policy_in_rust_builds_and_passes() {
    build_a_new_policy(&RUST);
}

#[test]
fn new_policy_in_typescript_builds_and_passes() {
    build_a_new_policy(&TYPESCRIPT);
}

#[test]
fn other_worlds_answer_in_go() {
    answer_in_the_other_worlds(&GO);
}

#[test]
fn new_ones_of_the_other_worlds_in_assemblyscript_build_and_pass() {
    build_new_ones_of_the_other_worlds(&ASSEMBLYSCRIPT);
}

#[test]
fn new_ones_of_the_other_worlds_in_c_build_and_pass() {
    build_new_ones_of_the_other_worlds(&C);
}

#[test]
fn new_ones_of_the_other_worlds_in_go_build_and_pass() {
    build_new_ones_of_the_other_worlds(&GO);
}

#[test]
fn new_ones_of_the_other_worlds_in_javascript_build_and_pass() {
    build_new_ones_of_the_other_worlds(&JAVASCRIPT);
}

#[test]
fn new_ones_of_the_other_worlds_in_python_build_and_pass() {
    build_new_ones_of_the_other_worlds(&PYTHON);
}

#[test]
fn new_ones_of_the_other_worlds_in_rust_build_and_pass() {
    build_new_ones_of_the_other_worlds(&RUST);
}

#[test]
fn new_ones_of_the_other_worlds_in_typescript_build_and_pass() {
    build_new_ones_of_the_other_worlds(&TYPESCRIPT);
}
