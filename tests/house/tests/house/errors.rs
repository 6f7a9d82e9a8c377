//! An error says everything in its own text. One that quotes its cause and names
//! it as its source as well is printed twice by whoever prints the chain.

use std::path::{Path, PathBuf};

use gatewright_house::{files, nothing_in, text};

/// What makes thiserror name a source.
const NAMES_A_SOURCE: [&str; 3] = ["#[from]", "#[source]", " source: "];

/// Where that has not been mended yet, and how often. May only shrink.
const KNOWN: [(&str, usize); 2] = [
    ("host/engine/src/ledger/open_error.rs", 2),
    ("host/sandbox/src/size.rs", 1),
];

/// The errors of a file that name a source and have a text of their own.
fn twice_said(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    for error in source.split("#[error(").skip(1) {
        // Up to the next variant, or to the end of the type.
        let end = error.find("\n}").unwrap_or(error.len());
        let error = &error[..end];
        let names_source = NAMES_A_SOURCE.iter().any(|sign| error.contains(sign));
        if names_source && !error.starts_with("transparent)") {
            found.push(error.lines().next().unwrap_or_default().trim().to_owned());
        }
    }
    found
}

#[test]
fn only_an_error_without_a_text_of_its_own_names_a_source() {
    let is_source = |file: &PathBuf| {
        let name = file.to_string_lossy();
        name.starts_with("host/") && name.ends_with(".rs")
    };
    let mut found = Vec::new();
    for file in files().into_iter().filter(is_source) {
        let errors = twice_said(&text(&file));
        let known = KNOWN.iter().find(|(name, _)| Path::new(name) == file);
        let known = known.map_or(0, |(_, count)| *count);
        if errors.len() < known {
            found.push(format!("{} has fewer: mend KNOWN", file.display()));
        }
        if errors.len() > known {
            found.extend(
                errors
                    .iter()
                    .map(|error| format!("{}: {error}", file.display())),
            );
        }
    }
    nothing_in(
        &found,
        "quote the cause and call it `cause`, without `#[from]`; or say nothing more than it: \
         `#[error(transparent)]`",
    );
}

#[test]
fn what_is_said_twice_is_found() {
    let cases = [
        ("#[error(\"a: {0}\")]\n    Read(#[from] io::Error),\n}", 1),
        ("#[error(\"a\")]\n    Read(#[source] io::Error),\n}", 1),
        (
            "#[error(\"{path}: {source}\")]\n    Read {\n        source: io::Error,\n    },\n}",
            1,
        ),
        (
            "#[error(\"{path}: {cause}\")]\n    Read {\n        cause: io::Error,\n    },\n}",
            0,
        ),
        ("#[error(transparent)]\n    Read(#[from] io::Error),\n}", 0),
        ("#[error(\"a\")]\nstruct A;\n}\nfn from(source: B) {}", 0),
    ];
    for (source, count) in cases {
        assert_eq!(twice_said(source).len(), count, "{source}");
    }
}
