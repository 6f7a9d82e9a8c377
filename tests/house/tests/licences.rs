//! What this project may be built from.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use gatewright_house::{metadata, nothing_in};

/// Licences that ask for nothing but their notice.
const ALLOWED: [&str; 14] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-1-Clause",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Reviewed one by one: name and licence.
const REVIEWED: [(&str, &str); 3] = [
    // Certificates, used in no program of this project that is shipped without them.
    ("webpki-roots", "CDLA-Permissive-2.0"),
    ("webpki-root-certs", "CDLA-Permissive-2.0"),
    // File-level copyleft; used unchanged.
    ("option-ext", "MPL-2.0"),
];

#[test]
fn dependencies_have_licences_that_the_project_may_use() {
    let metadata = metadata(&[]);
    let packages = metadata["packages"]
        .as_array()
        .expect("cargo metadata lists packages");
    assert!(packages.len() > 50, "cargo metadata lists dependencies");
    let mut found = Vec::new();
    for package in packages {
        let (name, licence) = (
            package["name"].as_str().unwrap(),
            package["license"].as_str(),
        );
        let fine = licence
            .is_some_and(|licence| is_allowed(licence) || REVIEWED.contains(&(name, licence)));
        if !fine {
            found.push(format!("`{name}`: {}", licence.unwrap_or("no licence")));
        }
    }
    nothing_in(
        &found,
        "find another crate, or review it and add it to the list",
    );
}

/// `A OR B`, `A AND B`, `(A OR B) AND C`, and the old `A/B`.
fn is_allowed(expression: &str) -> bool {
    let text = expression
        .replace('/', " OR ")
        .replace('(', " ( ")
        .replace(')', " ) ");
    let words: Vec<&str> = text.split_whitespace().collect();
    let (allowed, rest) = any(&words);
    allowed && rest.is_empty()
}

fn any<'a>(words: &'a [&'a str]) -> (bool, &'a [&'a str]) {
    let (mut allowed, mut rest) = all(words);
    while let Some((&"OR", after)) = rest.split_first() {
        let (next, after) = all(after);
        (allowed, rest) = (allowed | next, after);
    }
    (allowed, rest)
}

fn all<'a>(words: &'a [&'a str]) -> (bool, &'a [&'a str]) {
    let (mut allowed, mut rest) = one(words);
    while let Some((&"AND", after)) = rest.split_first() {
        let (next, after) = one(after);
        (allowed, rest) = (allowed & next, after);
    }
    (allowed, rest)
}

fn one<'a>(words: &'a [&'a str]) -> (bool, &'a [&'a str]) {
    match words {
        ["(", inner @ ..] => {
            let (allowed, rest) = any(inner);
            (allowed, rest.strip_prefix(&[")"]).unwrap_or(rest))
        }
        [licence, "WITH", exception, rest @ ..] => (
            ALLOWED.contains(&format!("{licence} WITH {exception}").as_str()),
            rest,
        ),
        [licence, rest @ ..] => (ALLOWED.contains(licence), rest),
        [] => (false, words),
    }
}

#[test]
fn licence_expressions_are_read_as_spdx_means_them() {
    for allowed in [
        "MIT",
        "MIT OR GPL-3.0",
        "MIT/Apache-2.0",
        "(GPL-2.0 OR MIT) AND ISC",
        "Apache-2.0 WITH LLVM-exception",
    ] {
        assert!(is_allowed(allowed), "{allowed}");
    }
    for refused in [
        "",
        "GPL-3.0",
        "MIT AND GPL-3.0",
        "GPL-2.0 OR AGPL-3.0",
        "MIT GPL-3.0",
        "GPL-2.0 WITH LLVM-exception",
    ] {
        assert!(!is_allowed(refused), "{refused}");
    }
}
