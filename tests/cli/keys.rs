//! Keys that sign packs: made, encrypted, and read from what others made.

use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use super::{Folder, Ran};

fn with_passphrase(folder: &Folder, passphrase: &str, arguments: &[&str]) -> Ran {
    let mut command = folder.command(arguments);
    let output = command
        .env("GATEWRIGHT_PASSPHRASE", passphrase)
        .output()
        .unwrap();
    Ran {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

#[test]
fn a_new_key_is_encrypted_and_opens_with_its_passphrase_alone() {
    let folder = Folder::new();
    let made = with_passphrase(&folder, "correct", &["key", "new", "publisher.key"]);
    assert_eq!(made.code, 0, "{made:?}");
    assert!(made.stdout.starts_with("did:key:z6Mk"), "{made:?}");
    let pem = std::fs::read_to_string(folder.path("publisher.key")).unwrap();
    assert!(pem.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----"));
    let mode = std::fs::metadata(folder.path("publisher.key")).unwrap();
    assert_eq!(mode.permissions().mode() & 0o777, 0o600);
    let show = ["key", "show", "publisher.key"];
    let shown = with_passphrase(&folder, "correct", &show);
    assert_eq!(shown.stdout, made.stdout);
    let wrong = with_passphrase(&folder, "wrong", &show);
    assert_eq!(wrong.code, 1, "{wrong:?}");
    assert!(
        wrong
            .stderr
            .contains("the passphrase does not open the key"),
        "{wrong:?}"
    );
    // The first line of a file counts.
    folder.write("passphrase", "correct\nand more\n");
    let from_file = folder.run(&[
        "key",
        "show",
        "publisher.key",
        "--passphrase-file",
        "passphrase",
    ]);
    assert_eq!(from_file.stdout, made.stdout);
    let nobody = folder.run(&show);
    assert!(
        nobody.stderr.contains("there is nobody to ask")
            && nobody.stderr.contains("hint: give `--passphrase-file`"),
        "{nobody:?}"
    );
    let empty = with_passphrase(&folder, "", &["key", "new", "another.key"]);
    assert_eq!(empty.code, 1, "{empty:?}");
    assert!(!folder.path("another.key").exists());
}

#[test]
fn a_key_is_never_overwritten_and_plain_only_when_asked_for() {
    let folder = Folder::new();
    let made = folder.run(&["key", "new", "plain.key", "--plain"]);
    assert_eq!(made.code, 0, "{made:?}");
    let again = folder.run(&["key", "new", "plain.key", "--plain"]);
    assert!(again.stderr.contains("exists already"), "{again:?}");
    let shown = folder.run(&["key", "show", "plain.key"]);
    assert_eq!(shown.stdout, made.stdout);
    // Both commands read both kinds.
    let shown = folder.run(&["credential", "key", "--show", "plain.key"]);
    assert_eq!(shown.stdout, made.stdout);
}

/// OpenSSL and OpenSSH are others: what they wrote is read, and they read ours.
#[test]
fn keys_of_openssl_and_openssh_are_read() {
    let folder = Folder::new();
    let run = |program: &str, arguments: &[&str]| {
        let output = Command::new(program)
            .args(arguments)
            .current_dir(folder.path(""))
            .output()
            .unwrap_or_else(|error| panic!("{program}: {error}"));
        assert!(output.status.success(), "{program}: {output:?}");
        output.stdout
    };
    let show = |file: &str| {
        let mode = std::fs::Permissions::from_mode(0o600);
        std::fs::set_permissions(folder.path(file), mode).unwrap();
        let shown = with_passphrase(&folder, "correct", &["key", "show", file]);
        assert_eq!(shown.code, 0, "{shown:?}");
        shown.stdout
    };
    run(
        "openssl",
        &["genpkey", "-algorithm", "ed25519", "-out", "openssl.key"],
    );
    let plain = show("openssl.key");
    run(
        "openssl",
        &[
            "pkcs8",
            "-topk8",
            "-v2",
            "aes-256-cbc",
            "-passout",
            "pass:correct",
            "-in",
            "openssl.key",
            "-out",
            "encrypted.key",
        ],
    );
    assert_eq!(show("encrypted.key"), plain);
    let made = with_passphrase(&folder, "correct", &["key", "new", "ours.key"]);
    assert_eq!(made.code, 0, "{made:?}");
    run(
        "openssl",
        &[
            "pkey",
            "-in",
            "ours.key",
            "-passin",
            "pass:correct",
            "-out",
            "theirs.key",
        ],
    );
    assert_eq!(show("theirs.key"), made.stdout);
    if Command::new("ssh-keygen").arg("-?").output().is_err() {
        eprintln!("no `ssh-keygen` here: its keys are read by another test");
        return;
    }
    for passphrase in ["", "correct"] {
        let file = format!("ssh{}", passphrase.len());
        let arguments = ["-q", "-t", "ed25519", "-N", passphrase, "-f", &file];
        run("ssh-keygen", &arguments);
        let shown = show(&file);
        assert!(shown.starts_with("did:key:z6Mk"), "{shown}");
        assert_ne!(shown, plain);
    }
}
