//! `gatewright sdk update`: the copy of the SDK follows the program.

use std::fs;

use super::Folder;

/// A policy whose copy is of an older version: one file differs from today's, one is
/// not copied any more, one was not yet.
fn of_an_older_version() -> Folder {
    let folder = Folder::new();
    let new = folder.run(&["new", "fresh", "--lang", "c"]);
    assert_eq!(new.code, 0, "{new:?}");
    let list = folder.path("fresh/gatewright/copied");
    let text = fs::read_to_string(&list).unwrap();
    let header = "gatewright/sdk/c/include/gatewright.h";
    let (first, rest) = text.split_once('\n').unwrap();
    let mut lines = vec!["# gatewright 0.0.9".to_owned()];
    assert!(first.starts_with("# gatewright "), "{first}");
    for line in rest.lines() {
        if line.ends_with(header) {
            lines.push(format!("{}  {header}", digest(b"old")));
        } else if !line.ends_with("gatewright/sdk/c/Makefile") {
            lines.push(line.to_owned());
        }
    }
    lines.push(format!("{}  gatewright/sdk/c/gone.c", digest(b"gone")));
    fs::write(&list, lines.join("\n") + "\n").unwrap();
    fs::write(folder.path("fresh").join(header), "old").unwrap();
    fs::write(folder.path("fresh/gatewright/sdk/c/gone.c"), "gone").unwrap();
    fs::remove_file(folder.path("fresh/gatewright/sdk/c/Makefile")).unwrap();
    folder
}

fn digest(bytes: &[u8]) -> String {
    gatewright_policy::Digest::of(bytes).to_string()
}

const CHANGES: &str = "\
gatewright/copied
gatewright/sdk/c/Makefile
gatewright/sdk/c/gone.c
gatewright/sdk/c/include/gatewright.h
";

#[test]
fn an_older_copy_becomes_that_of_the_program() {
    let folder = of_an_older_version();
    fs::write(folder.path("fresh/gatewright/sdk/c/mine.txt"), "mine").unwrap();
    let check = folder.run(&["sdk", "update", "fresh", "--check"]);
    assert_eq!(
        (check.code, check.stdout.as_str()),
        (1, CHANGES),
        "{check:?}"
    );
    let ran = folder.run(&["sdk", "update", "fresh"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, CHANGES), "{ran:?}");
    assert!(ran.stderr.contains("0.0.9 -> "), "{}", ran.stderr);
    let again = folder.run(&["new", "other", "--lang", "c"]);
    assert_eq!(again.code, 0, "{again:?}");
    for file in ["copied", "sdk/c/Makefile", "sdk/c/include/gatewright.h"] {
        let of =
            |policy: &str| fs::read(folder.path(policy).join("gatewright").join(file)).unwrap();
        assert!(of("fresh") == of("other"), "{file}");
    }
    assert!(!folder.path("fresh/gatewright/sdk/c/gone.c").exists());
    assert!(folder.path("fresh/gatewright/sdk/c/mine.txt").exists());
    let ran = folder.run(&["sdk", "update", "fresh", "--check"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{ran:?}");
}

#[test]
fn what_an_author_changed_is_kept() {
    let folder = of_an_older_version();
    let header = folder.path("fresh/gatewright/sdk/c/include/gatewright.h");
    fs::write(&header, "mine").unwrap();
    let ran = folder.run(&["sdk", "update", "fresh"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(
        ran.stderr
            .contains("changed by hand: `gatewright/sdk/c/include/gatewright.h`"),
        "{}",
        ran.stderr
    );
    assert_eq!(fs::read_to_string(&header).unwrap(), "mine");
    assert!(folder.path("fresh/gatewright/sdk/c/gone.c").exists());
    let ran = folder.run(&["sdk", "update", "fresh", "--force"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_ne!(fs::read_to_string(&header).unwrap(), "mine");
}

/// A repository of somebody else says neither what is deleted nor what is written
/// elsewhere.
#[test]
fn nothing_outside_of_the_copy_is_touched() {
    let folder = of_an_older_version();
    folder.write("precious", "gone");
    let list = folder.path("fresh/gatewright/copied");
    let text = fs::read_to_string(&list).unwrap();
    let evil = text.replace("gatewright/sdk/c/gone.c", "gatewright/../../precious");
    fs::write(&list, evil).unwrap();
    let ran = folder.run(&["sdk", "update", "fresh", "--force"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.stderr.contains("is not below"), "{}", ran.stderr);

    fs::write(&list, text).unwrap();
    fs::create_dir(folder.path("elsewhere")).unwrap();
    fs::remove_dir_all(folder.path("fresh/gatewright/wit")).unwrap();
    std::os::unix::fs::symlink(
        folder.path("elsewhere"),
        folder.path("fresh/gatewright/wit"),
    )
    .unwrap();
    let ran = folder.run(&["sdk", "update", "fresh", "--force"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.stderr.contains("is a link"), "{}", ran.stderr);
    assert_eq!(folder.path("elsewhere").read_dir().unwrap().count(), 0);
    assert!(folder.path("precious").exists());
}

#[test]
fn a_folder_without_an_sdk_is_named() {
    let folder = Folder::new();
    let ran = folder.run(&["sdk", "update"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.stderr.contains("there is no copy of an SDK"), "{ran:?}");
}
