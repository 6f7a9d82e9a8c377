//! `examples/vendor-pack`, from the vendor's key to the rollback, with a real
//! registry. The script compares nothing but how commands end; this compares what
//! they said.

use std::path::Path;
use std::process::{Command, Stdio};

use super::plugin;

/// What a reader of the story must have seen, in this order.
const SEEN: [&str; 21] = [
    "acme/guards 1.0.0, version 1",
    "application/vnd.gatewright.pack.v1+json",
    "acme/guards 1.0.0 (version 1, publisher acme)",
    "Buy milk.",
    "no rule allows `write_file`",
    "+ default /rules/1/effect = \"allow\"",
    "acme/guards 1.1.0 (version 2, publisher acme)",
    "calls were answered with the file.",
    "wrote 10 bytes",
    "acme/guards 1.1.0 (version 2, publisher acme)",
    "by no key of publisher `acme`",
    "version 2 was seen before",
    "refused: ",
    "its own case",
    "acme/guards 1.1.0 (version 2, publisher acme)",
    "asks for ask",
    "acme/guards 1.2.0 (version 4, publisher acme)",
    "deny  -> allow      1  files:delete_file",
    "the set of revision 2 is wanted again",
    "acme/guards 1.1.0 (version 2, publisher acme)",
    "The end: the gate stopped with 0.",
];

#[test]
fn the_story_of_a_vendor_pack_comes_out_as_it_is_told() {
    let component = plugin("tool-gate");
    let target = component.ancestors().nth(2).unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2);
    let output = Command::new(root.unwrap().join("examples/vendor-pack/run.sh"))
        .env("CARGO_TARGET_DIR", target)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}\n{errors}");
    let mut rest = told.as_str();
    for seen in SEEN {
        let Some((_, after)) = rest.split_once(seen) else {
            panic!("`{seen}` is missing, or comes too early\n{told}\n{errors}");
        };
        rest = after;
    }
}
