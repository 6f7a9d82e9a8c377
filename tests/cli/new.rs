//! `gatewright new`: what it writes, and that it builds.

use std::path::{Path, PathBuf};

use super::{Folder, Ran};

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in folder.read_dir().unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => files.extend(self::files(&path)),
            false => files.push(path),
        }
    }
    files
}

#[test]
fn the_name_is_filled_in_and_the_sdk_is_there() {
    let folder = Folder::new();
    let ran = folder.run(&["new", "only-notes", "--lang", "rust"]);
    assert_eq!(
        (ran.code, ran.stdout.as_str()),
        (0, "only-notes\n"),
        "{ran:?}"
    );
    let whole = folder.path("only-notes");
    for file in [
        "Cargo.toml",
        "src/lib.rs",
        "policy.toml",
        "cases.toml",
        "settings.schema.json",
        "README.md",
        "gatewright/sdk/rust/src/lib.rs",
        "gatewright/wit/0.2/policy.wit",
    ] {
        assert!(whole.join(file).is_file(), "{file}");
    }
    for file in files(&whole) {
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(!text.contains("{{name}}"), "{}", file.display());
    }
    assert!(!whole.join("gatewright/sdk/rust/template").exists());
}

#[test]
fn what_exists_stays_as_it_is() {
    let folder = Folder::new();
    folder.write("taken", "mine");
    for (arguments, message) in [
        (&["new", "taken", "--lang", "rust"][..], "exists already"),
        (
            &["new", "Bad_Name", "--lang", "rust"],
            "is not a policy name",
        ),
        (&["new", "a", "--from", "nothing"], "there are `cedar`, "),
        (
            &["new", "nowhere/a", "--lang", "rust"],
            "nothing can be written to `nowhere`",
        ),
    ] {
        let ran = folder.run(arguments);
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(ran.stderr.contains(message), "{ran:?}");
    }
    assert_eq!(folder.run(&["new", "a"]).code, 2);
    assert_eq!(folder.run(&["new", "a", "--lang", "cobol"]).code, 2);
    let left: Vec<_> = files(&folder.path("."));
    assert_eq!(left.len(), 1, "{left:?}");
    assert_eq!(
        std::fs::read_to_string(folder.path("taken")).unwrap(),
        "mine"
    );
}

/// Runs in the new folder; what cargo builds is kept for the next time.
fn run(folder: &Folder, name: &str, arguments: &[&str]) -> Ran {
    let built = Path::new(env!("CARGO_BIN_EXE_gatewright"))
        .parent()
        .unwrap();
    let mut command = folder.command(arguments);
    command
        .current_dir(folder.path(name))
        .env(
            "CARGO_TARGET_DIR",
            built.parent().unwrap().join("new-policy"),
        )
        .env("XDG_CACHE_HOME", folder.path("cache"));
    let output = command.output().unwrap();
    Ran {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

#[test]
fn a_new_policy_builds_and_passes_its_cases() {
    let folder = Folder::new();
    assert_eq!(folder.run(&["new", "only-notes", "--lang", "rust"]).code, 0);
    for step in ["build", "test"] {
        let ran = run(&folder, "only-notes", &[step]);
        assert_eq!(ran.code, 0, "{ran:?}");
    }
}

/// The block of its README that a reader copies.
fn block<'a>(readme: &'a str, language: &str) -> &'a str {
    let begin = format!("```{language}\n");
    let (_, rest) = readme.split_once(&begin).unwrap();
    rest.split_once("```").unwrap().0
}

/// What comes before `build` is the language's own; tests/languages runs that.
#[test]
fn every_readme_says_how_to_build_test_ask_and_load() {
    let folder = Folder::new();
    let mut first: Option<Vec<String>> = None;
    for language in [
        "rust",
        "go",
        "assemblyscript",
        "javascript",
        "typescript",
        "python",
        "c",
    ] {
        let name = format!("fresh-{language}");
        let new = folder.run(&["new", &name, "--lang", language]);
        assert_eq!(new.code, 0, "{new:?}");
        let read = |file: &str| std::fs::read_to_string(folder.path(&name).join(file)).unwrap();
        let readme = read("README.md");
        let (_, commands) = block(&readme, "sh").split_once("gatewright build").unwrap();
        let (_, files) = readme.split_once("| `cases.toml` |").unwrap();
        let common = [commands, files].map(|text| text.replace(&name, "NAME"));
        let first = first.get_or_insert_with(|| common.to_vec());
        assert_eq!(*first, common, "{language}");
        for row in readme.lines().filter(|line| line.starts_with("| `")) {
            let named = row.split('|').nth(1).unwrap().split('`');
            for file in named.skip(1).step_by(2).filter(|file| *file != "endings") {
                assert!(folder.path(&name).join(file).exists(), "{name}/{file}");
            }
        }
        let mut ignored = read(".gitignore");
        ignored.insert(0, '\n');
        assert!(ignored.contains("\n*.wasm\n"), "{language}");
    }
}

/// An editor and a reviewer in each language: one page, one set of cases.
#[test]
fn the_other_worlds_have_files_of_their_own_in_every_language() {
    let folder = Folder::new();
    for world in ["editor", "reviewer"] {
        let mut first: Option<[String; 3]> = None;
        for language in [
            "rust",
            "go",
            "assemblyscript",
            "javascript",
            "typescript",
            "python",
            "c",
        ] {
            let name = format!("{world}-{language}");
            let new = folder.run(&["new", &name, "--lang", language, "--world", world]);
            assert_eq!(new.code, 0, "{new:?}");
            let whole = folder.path(&name);
            for file in files(&whole) {
                let Ok(text) = std::fs::read_to_string(&file) else {
                    continue;
                };
                for placeholder in ["{{name}}", "{{language}}", "{{steps}}", "{{files}}"] {
                    assert!(!text.contains(placeholder), "{}", file.display());
                }
                let is_sdk = file.starts_with(whole.join("gatewright"));
                assert!(is_sdk || !text.contains("endings"), "{}", file.display());
            }
            let read = |file: &str| std::fs::read_to_string(whole.join(file)).unwrap();
            let policy = read("policy.toml");
            for line in [
                format!("world = \"{world}\""),
                format!("language = \"{language}\""),
            ] {
                assert!(policy.contains(&line), "{policy}");
            }
            let readme = read("README.md");
            let (own, commands) = block(&readme, "sh").split_once("gatewright build").unwrap();
            assert!(own.contains("test"), "{readme}");
            let rows: Vec<_> = readme
                .lines()
                .filter(|line| line.starts_with("| `"))
                .collect();
            assert!(rows.len() > 4, "{readme}");
            for row in rows.iter().skip(1) {
                let named = row.split('|').nth(1).unwrap().split('`');
                for file in named.skip(1).step_by(2) {
                    assert!(whole.join(file).exists(), "{name}/{file}");
                }
            }
            let common = [commands, &read("cases.toml"), &read("request.json")];
            let common = common.map(|text| text.replace(&name, "NAME"));
            let first = first.get_or_insert_with(|| common.clone());
            assert_eq!(*first, common, "{language}");
            let checked = folder.run(&["test", &name]);
            assert!(checked.stderr.contains("`gatewright build"), "{checked:?}");
        }
    }
    let both = ["new", "a", "--from", "path-guard", "--world", "editor"];
    assert_eq!(folder.run(&both).code, 2);
}

#[test]
fn a_new_policy_is_asked_and_loaded_as_its_readme_says() {
    let folder = Folder::new();
    assert_eq!(folder.run(&["new", "only-notes", "--lang", "rust"]).code, 0);
    let readme = std::fs::read_to_string(folder.path("only-notes/README.md")).unwrap();
    for line in block(&readme, "sh").lines() {
        let command = line.split('#').next().unwrap();
        let mut words = command.split_whitespace();
        if words.next() == Some("gatewright") {
            let words: Vec<_> = words.collect();
            let ran = run(&folder, "only-notes", &words);
            let expected = if words[0] == "eval" { 3 } else { 0 };
            assert_eq!(ran.code, expected, "{ran:?}");
        }
    }
    folder.with_issuer(block(&readme, "toml"));
    let component = folder.path("only-notes/only-notes.wasm");
    std::fs::copy(component, folder.path("only-notes.wasm")).unwrap();
    let ran = folder.run(&["check"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.stdout.contains("only-notes judges calls"), "{ran:?}");
}

#[test]
fn a_shipped_policy_is_taken_out_of_its_workspace() {
    let folder = Folder::new();
    assert_eq!(
        folder
            .run(&["new", "our-paths", "--from", "path-guard"])
            .code,
        0
    );
    let read = |file: &str| std::fs::read_to_string(folder.path("our-paths").join(file)).unwrap();
    let manifest = read("Cargo.toml");
    assert!(!manifest.contains("workspace = true"), "{manifest}");
    assert!(
        manifest.contains("path = \"gatewright/sdk/rust\""),
        "{manifest}"
    );
    assert!(read("tests/paths.rs").contains("our_paths::"));
    assert!(read("policy.toml").starts_with("name = \"our-paths\"\n"));
    // Its files are good; only the component is not built yet.
    let ran = folder.run(&["test", "our-paths"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(
        ran.stderr.contains("`gatewright build our-paths` makes it"),
        "{ran:?}"
    );
}
