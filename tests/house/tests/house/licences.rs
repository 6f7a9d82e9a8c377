//! What this project may be built from.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;

use gatewright_house::{metadata, nothing_in, text};
use toml::{Table, Value};

/// What `cargo deny` reads (`make deny`), so that there is one list.
static DENY: LazyLock<Table> =
    LazyLock::new(|| text(Path::new("deny.toml")).parse().expect("TOML"));

/// Licences that ask for nothing but their notice.
fn allowed() -> BTreeSet<&'static str> {
    strings(&DENY["licenses"]["allow"])
}

/// Reviewed one by one: name and licence.
fn reviewed() -> Vec<(&'static str, BTreeSet<&'static str>)> {
    let exceptions = DENY["licenses"]["exceptions"].as_array().unwrap().iter();
    exceptions
        .map(|it| (it["crate"].as_str().unwrap(), strings(&it["allow"])))
        .collect()
}

fn strings(list: &'static Value) -> BTreeSet<&'static str> {
    let list = list.as_array().unwrap().iter();
    list.map(|it| it.as_str().unwrap()).collect()
}

#[test]
fn no_dependency_is_one_that_is_ruled_out() {
    let metadata = metadata(&[]);
    let ruled_out = DENY["bans"]["deny"].as_array().unwrap();
    assert!(!ruled_out.is_empty());
    let mut found = Vec::new();
    for package in metadata["packages"].as_array().unwrap() {
        let name = package["name"].as_str().unwrap();
        if ruled_out
            .iter()
            .any(|it| it["crate"].as_str() == Some(name))
        {
            found.push(format!("`{name}` is a dependency"));
        }
        let source = package["source"].as_str().unwrap_or("registry+");
        if !source.starts_with("registry+") {
            found.push(format!("`{name}` is from `{source}`, which is no registry"));
        }
    }
    nothing_in(&found, "`deny.toml` says why; find another crate");
}

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
        let fine = licence.is_some_and(|licence| is_allowed(licence) || is_reviewed(name, licence));
        if !fine {
            found.push(format!("`{name}`: {}", licence.unwrap_or("no licence")));
        }
    }
    nothing_in(
        &found,
        "find another crate, or review it and add it to the list",
    );
}

fn is_reviewed(name: &str, licence: &str) -> bool {
    let mut reviewed = reviewed().into_iter();
    reviewed.any(|(known, licences)| known == name && licences.contains(licence))
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
            allowed().contains(format!("{licence} WITH {exception}").as_str()),
            rest,
        ),
        [licence, rest @ ..] => (allowed().contains(*licence), rest),
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
