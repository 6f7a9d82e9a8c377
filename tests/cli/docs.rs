//! What the program carries of itself: its pages, completions and manual pages.

use std::process::{Command, Stdio};

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
    let ran = folder.run(&["check", "nowhere.toml"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(
        ran.stderr.contains("`gatewright docs platform-teams`"),
        "{}",
        ran.stderr
    );
    assert!(!ran.stderr.contains("docs/"), "{}", ran.stderr);
}

#[test]
fn bash_completes_commands() {
    let folder = Folder::new();
    let script = folder.run(&["completions", "bash"]);
    assert_eq!(script.code, 0, "{script:?}");
    folder.write("gatewright.bash", &script.stdout);
    let asked = "source ./gatewright.bash; COMP_WORDS=(gatewright co) COMP_CWORD=1; \
                 _gatewright gatewright co gatewright; echo \"${COMPREPLY[@]}\"";
    let mut bash = Command::new("bash");
    bash.args(["--norc", "-c", asked]).stdin(Stdio::null());
    let answer = bash.current_dir(folder.path(".")).output().unwrap();
    assert!(answer.status.success(), "{answer:?}");
    let words = String::from_utf8(answer.stdout).unwrap();
    let words: Vec<_> = words.split_whitespace().collect();
    assert_eq!(words, ["connect", "coherence", "completions"]);
}

#[test]
fn every_shell_has_a_script() {
    let folder = Folder::new();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = folder.run(&["completions", shell]);
        assert_eq!(script.code, 0, "{script:?}");
        assert!(script.stdout.contains("valid-for"), "{shell}");
        assert!(!script.stdout.contains("compile-policy"), "{shell}");
    }
}

#[test]
fn help_fits_a_terminal_of_eighty_columns() {
    let folder = Folder::new();
    let mut open: Vec<Vec<String>> = vec![Vec::new()];
    let mut seen = 0;
    while let Some(words) = open.pop() {
        let mut command = folder.command(&[]);
        command.args(&words).arg("--help").env("COLUMNS", "80");
        let help = String::from_utf8(command.output().unwrap().stdout).unwrap();
        for line in help.lines() {
            // How it is used stands on one line, to be copied.
            let fits = line.chars().count() <= 80 || line.starts_with("Usage: ");
            assert!(fits, "{words:?}: {line}");
        }
        let listed = help.split_once("Commands:\n").map_or("", |(_, list)| list);
        for line in listed.lines().take_while(|line| !line.is_empty()) {
            let name = line.strip_prefix("  ").unwrap_or_default();
            let name = name.split(' ').next().unwrap_or_default();
            // What stands further right goes on with the line before.
            if !name.is_empty() && name != "help" {
                open.push([words.as_slice(), &[name.to_owned()]].concat());
            }
        }
        seen += 1;
    }
    assert!(seen > 40, "only {seen} commands are found");
}

#[test]
fn every_command_has_a_manual_page() {
    let folder = Folder::new();
    let ran = folder.run(&["man", "--out", "man1"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, "man1\n"), "{ran:?}");
    let pages = folder.path("man1").read_dir().unwrap();
    let mut pages: Vec<_> = pages
        .map(|page| page.unwrap().file_name().into_string().unwrap())
        .collect();
    pages.sort();
    let help = folder.run(&["--help"]).stdout;
    let commands = help.split_once("Commands:\n").unwrap().1;
    for command in commands.lines().take_while(|line| !line.is_empty()) {
        // What stands further right goes on with the line before.
        let Some(command) = command
            .strip_prefix("  ")
            .filter(|line| !line.starts_with(' '))
        else {
            continue;
        };
        let name = command.split_whitespace().next().unwrap();
        let page = format!("gatewright-{name}.1");
        assert!(name == "help" || pages.contains(&page), "{page}");
    }
    assert!(pages.contains(&"gatewright-credential-issue.1".to_owned()));
    let file = std::fs::read_to_string(folder.path("man1/gatewright-credential-issue.1"));
    let ran = folder.run(&["man", "credential", "issue"]);
    assert_eq!(ran.stdout, file.unwrap());
    assert!(ran.stdout.contains(".TH gatewright-credential-issue 1"));
    assert!(ran.stdout.contains("valid\\-for"), "{}", ran.stdout);
    let ran = folder.run(&["man", "credential"]);
    assert!(
        ran.stdout
            .contains(".SH EXAMPLES\n.nf\n  gatewright credential key issuer.key\n"),
        "{}",
        ran.stdout
    );
}

#[test]
fn a_manual_page_of_nothing_is_refused() {
    let folder = Folder::new();
    let ran = folder.run(&["man", "credential", "nothing"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(
        ran.stderr.contains("`gatewright credential --help`"),
        "{}",
        ran.stderr
    );
}
