//! Files of a crate that use each other in a circle can only be read, moved and
//! tested together. There are none.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use gatewright_house::uses::{Files, circles, of_crate};
use gatewright_house::{files, nothing_in, text};

/// The first file of every crate, integration tests among them.
fn roots() -> Vec<PathBuf> {
    let is_root = |file: &PathBuf| {
        let parts: Vec<_> = file.iter().rev().take(3).collect();
        let named = |index: usize, name: &str| parts.get(index).is_some_and(|part| *part == name);
        match named(1, "src") {
            true => named(0, "lib.rs") || named(0, "main.rs"),
            false => named(0, "main.rs") && named(2, "tests"),
        }
    };
    let roots: Vec<_> = files().into_iter().filter(is_root).collect();
    assert!(roots.len() > 30, "the crates are found");
    roots
}

#[test]
fn files_do_not_use_each_other_in_circles() {
    let mut found = Vec::new();
    for root in roots() {
        let uses = of_crate(&root, &text);
        let circles = circles(&uses).into_iter();
        found.extend(circles.map(|circle| told(&circle, &uses)));
    }
    nothing_in(
        &found,
        "give what both need a file of its own, that uses neither",
    );
}

/// A circle, and what is used in it.
fn told(circle: &[PathBuf], uses: &Files) -> String {
    let mut lines = vec![format!("a circle of {} files:", circle.len())];
    for file in circle {
        for (used, path) in uses.get(file).into_iter().flatten() {
            if circle.contains(used) {
                lines.push(format!(
                    "  {} -> {} (`{path}`)",
                    file.display(),
                    used.display()
                ));
            }
        }
    }
    lines.join("\n")
}

/// Files of a small crate, and the circle that is in them.
struct Case {
    name: &'static str,
    files: &'static [(&'static str, &'static str)],
    circle: &'static [&'static str],
}

const CASES: [Case; 11] = [
    Case {
        name: "a type of the parent, and a function of the child",
        files: &[
            (
                "lib.rs",
                "mod a; pub struct Word; pub fn f() -> Word { a::read() }",
            ),
            ("a.rs", "use super::Word; pub fn read() -> Word { Word }"),
        ],
        circle: &["a.rs", "lib.rs"],
    },
    Case {
        name: "handing on is no use",
        files: &[
            ("lib.rs", "mod a; pub use a::read; pub struct Word;"),
            ("a.rs", "use crate::Word; pub fn read() -> Word { Word }"),
        ],
        circle: &[],
    },
    Case {
        name: "handing on and using is a use",
        files: &[
            (
                "lib.rs",
                "mod a; pub use a::read; pub struct Word; fn f() { read(); }",
            ),
            ("a.rs", "use crate::Word; pub fn read() -> Word { Word }"),
        ],
        circle: &["a.rs", "lib.rs"],
    },
    Case {
        name: "a re-export leads to the file that defines",
        files: &[
            (
                "lib.rs",
                "mod a; mod b; pub use b::Word; fn f() { a::read(); }",
            ),
            ("a.rs", "use crate::Word; pub fn read() -> Word { Word }"),
            ("b.rs", "pub struct Word;"),
        ],
        circle: &[],
    },
    Case {
        name: "through a third file",
        files: &[
            ("lib.rs", "mod a; mod b; mod c;"),
            ("a.rs", "use crate::b; pub fn f() { b::f() }"),
            ("b.rs", "pub fn f() { super::c::f() }"),
            ("c.rs", "pub fn f() { if false { crate::a::f() } }"),
        ],
        circle: &["a.rs", "b.rs", "c.rs"],
    },
    Case {
        name: "with another name, in a list",
        files: &[
            ("lib.rs", "mod a; mod b;"),
            (
                "a.rs",
                "use crate::{b::{Left as L, Right}}; pub struct Top(L, Right);",
            ),
            (
                "b.rs",
                "use super::a::Top as T; pub struct Left; pub struct Right(Box<T>);",
            ),
        ],
        circle: &["a.rs", "b.rs"],
    },
    Case {
        name: "everything of a module",
        files: &[
            ("lib.rs", "mod a; mod b;"),
            ("a.rs", "use crate::b::*; pub struct Top(Left);"),
            (
                "b.rs",
                "use crate::a::Top; pub struct Left; pub type T = Top;",
            ),
        ],
        circle: &["a.rs", "b.rs"],
    },
    Case {
        name: "folders, and modules in a file",
        files: &[
            ("lib.rs", "mod a;"),
            (
                "a/mod.rs",
                "mod b; mod inner { pub fn f() { super::b::g() } }",
            ),
            ("a/b.rs", "pub fn g() { super::inner::f() }"),
        ],
        circle: &["a/b.rs", "a/mod.rs"],
    },
    Case {
        name: "tests, comments and texts use nothing",
        files: &[
            (
                "lib.rs",
                "mod a; pub struct Word;\n#[cfg(test)]\nmod tests { use super::a::read; }",
            ),
            (
                "a.rs",
                "// crate::b::f\n/* crate::b */ use crate::Word; const A: &str = \"crate::Word\";",
            ),
        ],
        circle: &[],
    },
    Case {
        name: "lifetimes, characters and raw texts are read over",
        files: &[
            ("lib.rs", "mod a; mod b;"),
            (
                "a.rs",
                "pub fn f<'a>(_: &'a str) { let _ = ('\"', r#\"\"\"#, b'\\''); crate::b::g(); }",
            ),
            ("b.rs", "pub fn g() { crate::a::f(\"\\\"\"); }"),
        ],
        circle: &["a.rs", "b.rs"],
    },
    Case {
        name: "names of other crates are theirs",
        files: &[
            (
                "lib.rs",
                "mod io; pub struct Word; fn f() { ::std::io::empty(); std::io::sink(); }",
            ),
            ("io.rs", "use super::Word; pub fn f(_: Word) {}"),
        ],
        circle: &[],
    },
];

#[test]
fn circles_are_found_in_what_is_written() {
    for case in CASES {
        let files: BTreeMap<_, _> = case.files.iter().copied().collect();
        let text = |path: &Path| {
            let text = path.to_str().and_then(|name| files.get(name));
            text.copied().unwrap_or_default().to_owned()
        };
        let found = circles(&of_crate(Path::new("lib.rs"), &text));
        let expected: Vec<_> = case.circle.iter().map(PathBuf::from).collect();
        let found: Vec<_> = found.into_iter().flatten().collect();
        assert_eq!(found, expected, "{}", case.name);
    }
}
