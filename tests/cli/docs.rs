//! What the program carries of itself: its pages.

use super::Folder;

#[test]
fn every_page_is_listed_and_shown() {
    let folder = Folder::new();
    let list = folder.run(&["docs"]);
    assert_eq!(list.code, 0, "{list:?}");
    let names: Vec<_> = list
        .stdout
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert!(names.contains(&"policy-authors"), "{names:?}");
    for name in names {
        let page = folder.run(&["docs", name]);
        assert_eq!(page.code, 0, "{page:?}");
        assert!(page.stdout.starts_with("# "), "{name}");
    }
}

/// Who pipes a page gets it as it was written.
#[test]
fn a_page_that_is_piped_is_the_file() {
    let folder = Folder::new();
    let page = folder.run(&["docs", "configuration"]);
    assert_eq!(page.stdout, include_str!("../../docs/configuration.md"));
    let page = folder.run(&["docs", "path-guard"]);
    assert_eq!(
        page.stdout,
        include_str!("../../plugins/path-guard/README.md")
    );
}

#[test]
fn a_page_that_is_not_there_is_named() {
    let folder = Folder::new();
    let ran = folder.run(&["docs", "nothing"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(
        ran.stderr.contains("there is no page `nothing`"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("hint: "), "{}", ran.stderr);
}

/// Whoever has only the program has no `docs/`.
#[test]
fn hints_name_the_command_that_shows_a_page() {
    let folder = Folder::new();
    folder.write("gatewright.toml", "[gate]\nnothing = 1\n");
    let ran = folder.run(&["check"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(
        ran.stderr.contains("`gatewright docs configuration`"),
        "{}",
        ran.stderr
    );
    assert!(!ran.stderr.contains("docs/"), "{}", ran.stderr);
}
