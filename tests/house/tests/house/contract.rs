//! What was released of the contract stays as it is: components were built against it.

use std::collections::BTreeSet;
use std::path::Path;

use gatewright_house::text;

/// The contract, and what was released as this version of it. The newest minor may have
/// more than that: functions, interfaces, and types for them.
const RELEASED: [(&str, &str, Grows); 2] = [
    (
        "wit/policy.wit",
        "tests/contracts/0.1.0/contract.wit",
        Grows::No,
    ),
    (
        "wit/0.2/policy.wit",
        "tests/contracts/0.2.0/contract.wit",
        Grows::Yes,
    ),
];

#[derive(PartialEq)]
enum Grows {
    Yes,
    No,
}

/// What counts for a component: everything but comments and the form of lines.
fn declarations(text: &str) -> String {
    let code = text
        .lines()
        .map(|line| line.split("//").next().unwrap_or(line));
    let words: Vec<_> = code.flat_map(str::split_whitespace).collect();
    words.join(" ")
}

/// Each declaration, whole, with the interface or the world that it stands in.
fn items(declarations: &str) -> BTreeSet<String> {
    let mut items = BTreeSet::new();
    let (mut inside, mut item, mut depth) = (String::new(), String::new(), 0);
    for letter in declarations.chars() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        match (letter, depth) {
            ('{', 1) => inside = std::mem::take(&mut item),
            ('}', 0) => item.clear(),
            ('}' | ';', 0 | 1) => {
                item.push(letter);
                items.insert(format!("{}: {}", inside.trim(), item.trim()));
                item.clear();
            }
            _ => item.push(letter),
        }
    }
    items
}

#[test]
fn a_released_contract_is_not_edited() {
    for (served, released, grows) in RELEASED {
        let declared = declarations(&text(Path::new(served)));
        assert!(declared.contains("package gatewright:policy@"), "{served}");
        let kept = declarations(&text(Path::new(released)));
        if grows == Grows::No {
            assert!(
                declared == kept,
                "`{served}` is not `{released}` any more\n  hint: a change is another version of \
                 the package, in a file beside it"
            );
        }
        let (declared, kept) = (items(&declared), items(&kept));
        assert!(kept.len() > 10, "{released}: {kept:?}");
        let lost: Vec<_> = kept.difference(&declared).collect();
        assert!(
            lost.is_empty(),
            "`{served}` has not any more what `{released}` has: {lost:#?}\n  hint: add, and change \
             nothing"
        );
    }
}

#[test]
fn what_grows_is_told_from_what_changes() {
    let before = "package a:b@0.2.0; interface i { record r { x: u8, } f: func() -> r; }";
    for (after, is_kept) in [
        (
            "interface i { record r { x: u8, } g: func(); f: func() -> r; } interface j { }",
            true,
        ),
        (
            "interface i { record r { x: u8, y: u8, } f: func() -> r; }",
            false,
        ),
        (
            "interface i { record r { x: u8, } f: func() -> u8; }",
            false,
        ),
        ("interface i { record r { x: u8, } }", false),
        ("interface j { record r { x: u8, } f: func() -> r; }", false),
    ] {
        let after = format!("package a:b@0.2.0; {after}");
        let kept = items(before).is_subset(&items(&after));
        assert_eq!(kept, is_kept, "{after}");
    }
}
