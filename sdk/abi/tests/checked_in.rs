//! What is checked in is what follows from the contract.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use std::path::Path;

use gatewright_abi::{AbiError, CONTRACT, files};

#[test]
fn files_of_the_sdks_say_what_the_contract_says() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let contract = std::fs::read_to_string(top.join(CONTRACT)).unwrap();
    let mut differing = vec![];
    for file in files(&contract).unwrap() {
        let written = std::fs::read_to_string(top.join(file.path)).unwrap_or_default();
        if written != file.text {
            differing.push(file.path);
        }
    }
    assert!(
        differing.is_empty(),
        "{differing:?} differ from `{CONTRACT}`\n  hint: cargo run -p gatewright-abi"
    );
}

/// A contract whose layout the canonical ABI's definition gives by hand.
const SMALL: &str = "
    package gatewright:policy@9.8.7;

    interface types {
      enum colour { red, dark-green }
      flags marks { first, second, third }
      variant shape { dot, line(u64), named(string) }
      record thing { colour: colour, size-of: option<u64>, marks: marks, shapes: list<shape> }
    }

    interface source {
      use types.{thing};
      resource node { child: func(name: string) -> option<node>; count: func() -> u64; }
      root: func() -> node;
      things: func() -> list<thing>;
    }

    interface asking {
      use types.{thing};
      ask: func(text: string) -> result<thing, string>;
    }

    world policy { import source; export asking; }
";

fn small(path: &str) -> String {
    let files = files(SMALL).unwrap();
    let file = files.into_iter().find(|file| file.path == path);
    file.unwrap().text
}

#[track_caller]
fn has(text: &str, lines: &[&str]) {
    for line in lines {
        assert!(text.contains(line), "`{line}` is not in\n{text}");
    }
}

#[test]
fn numbers_are_those_of_the_canonical_abi() {
    has(
        &small("sdk/assemblyscript/assembly/abi/layout.ts"),
        &[
            "export const COLOUR_CASE_DARK_GREEN: u32 = 1;",
            "export const MARKS_THIRD: u32 = 4;",
            "export const SHAPE_PAYLOAD: u32 = 8;",
            "export const SHAPE_SIZE: u32 = 16;",
            "export const THING_SIZE_OF: u32 = 8;",
            "export const THING_MARKS: u32 = 24;",
            "export const THING_SHAPES: u32 = 28;",
            "export const THING_SIZE: u32 = 40;",
            "export const RESULT_THING_STRING_PAYLOAD: u32 = 8;",
            "export const IMPORT_RESULT_SIZE_MAX: u32 = 8;",
            "export const IMPORT_RESULT_ALIGN_MAX: u32 = 4;",
            "@external(\"gatewright:policy/source@9.8.7\", \"[method]node.child\")\n\
             export declare function nodeChild(handle: u32, name: usize, nameLength: u32, into: usize): void;",
        ],
    );
}

#[test]
fn each_language_has_its_own_way_to_say_it() {
    has(
        &small("sdk/go/abi_layout.go"),
        &[
            "abiThingSizeOf ",
            "var abiColourWords = [...]string{\"red\", \"dark-green\"}",
        ],
    );
    has(
        &small("sdk/go/abi_imports.go"),
        &[
            "//go:wasmimport gatewright:policy/source@9.8.7 [resource-drop]node\nfunc hostNodeDrop(self uint32)\n",
            "func hostNodeCount(self uint32) uint64",
        ],
    );
    has(
        &small("sdk/go/abi_policy.go"),
        &[
            "//go:build wasip1 && gatewright_policy",
            "//go:wasmexport gatewright:policy/asking@9.8.7#ask\n\
             func exportAsk(text string) address { return answerAsk(text) }",
        ],
    );
    has(
        &small("sdk/c/src/layout.h"),
        &[
            "  GW_ABI_THING_SIZE_OF = 8,",
            "#define GW_ABI_EXPORT_ASKING_ASK \"gatewright:policy/asking@9.8.7#ask\"",
            "void gw_abi_node_child(uint32_t self, const char *name, size_t name_length, void *into);",
            "uint32_t gw_abi_source_root(void);",
        ],
    );
    has(
        &small("sdk/assemblyscript/exports.mjs"),
        &["ask: \"gatewright:policy/asking@9.8.7#ask\","],
    );
}

#[test]
fn what_the_tables_cannot_say_is_refused() {
    let refused = |contract: String| files(&contract).err().unwrap();
    let within = |inside: &str| {
        let contract = SMALL.replace("enum colour", &format!("{inside} enum colour"));
        refused(contract)
    };
    assert!(matches!(
        refused("interface {".to_owned()),
        AbiError::Contract(_)
    ));
    assert!(matches!(
        within("type pair = tuple<u8, u8>; record both { pair: tuple<u8, u8> }"),
        AbiError::Unsupported(_)
    ));
    assert!(matches!(
        within("record same { size: u8 }"),
        AbiError::Twice(name) if name == "same-size"
    ));
}
