//! Packs, to and from a registry that others wrote. Credentials come as Docker
//! has them.

use std::os::unix::fs::PermissionsExt as _;

use super::docker_registry::DockerRegistry;
use super::pack_layout::Pack;
use super::{Folder, Ran};

/// A folder with a layout, a Docker configuration and a folder of programs.
fn folder(pack: &Pack, config: &str) -> Folder {
    let folder = Folder::new();
    pack.write(&folder.path("guards"));
    std::fs::create_dir(folder.path("docker")).unwrap();
    std::fs::create_dir(folder.path("programs")).unwrap();
    folder.write("docker/config.json", config);
    folder
}

fn run(folder: &Folder, arguments: &[&str]) -> Ran {
    let path = std::env::var("PATH").unwrap();
    let output = folder
        .command(arguments)
        .env("DOCKER_CONFIG", folder.path("docker"))
        .env(
            "PATH",
            format!("{}:{path}", folder.path("programs").display()),
        )
        .output()
        .unwrap();
    Ran {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

#[test]
fn a_pack_goes_to_a_registry_and_comes_back() {
    let server = DockerRegistry::open();
    let pack = Pack::new("1.4.2").signed("acme");
    let folder = folder(&pack, "{}");
    let place = format!("{}/acme/guards", server.host());
    let push = [
        "pack",
        "push",
        "guards",
        &format!("{place}:1.4.2"),
        "--plain-http",
    ];
    let pushed = run(&folder, &push);
    assert_eq!(pushed.code, 0, "{pushed:?}");
    let bytes: usize = pack
        .blobs
        .values()
        .chain([&pack.manifest])
        .chain(&pack.signatures)
        .map(Vec::len)
        .sum();
    let expected = format!(
        "{place}:1.4.2\ndigest      {}\nbytes       {bytes}\nsignatures  1, not verified\n",
        pack.digest()
    );
    assert_eq!(pushed.stdout, expected);

    let pull = [
        "pack",
        "pull",
        &format!("{place}:^1"),
        "pulled",
        "--plain-http",
    ];
    assert_eq!(
        run(&folder, &pull).stdout,
        expected,
        "a range says which tag it led to"
    );
    let again = run(&folder, &pull);
    assert_eq!(again.code, 1);
    assert!(
        again.stderr.contains("is there already; hint: "),
        "{again:?}"
    );

    let digest = format!("{place}@{}", pack.digest());
    let json = run(
        &folder,
        &[
            "pack",
            "pull",
            &digest,
            "json",
            "--plain-http",
            "--format",
            "json",
        ],
    );
    let json: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(json["digest"], pack.digest().to_string());
    assert_eq!(
        (&json["bytes"], &json["signatures"]),
        (&bytes.into(), &1.into())
    );
}

#[test]
fn a_credential_helper_logs_in() {
    let server = DockerRegistry::with_password();
    let config = format!(r#"{{"credHelpers": {{"{}": "test"}}}}"#, server.host());
    let folder = folder(&Pack::new("1.4.2"), &config);
    let place = format!("{}/acme/guards:1.4.2", server.host());
    let push = || run(&folder, &["pack", "push", "guards", &place, "--plain-http"]);
    let without = push();
    assert_eq!(without.code, 1);
    assert!(
        without
            .stderr
            .contains("`docker-credential-test` gave nothing"),
        "{without:?}"
    );

    let helper = folder.path("programs/docker-credential-test");
    let script = "#!/bin/sh\ncat > asked\necho '{\"ServerURL\":\"x\",\"Username\":\"gate\",\"Secret\":\"word\"}'\n";
    std::fs::write(&helper, script).unwrap();
    std::fs::set_permissions(&helper, std::fs::Permissions::from_mode(0o700)).unwrap();
    let with = push();
    assert_eq!(with.code, 0, "{with:?}");
    let asked = std::fs::read_to_string(folder.path("asked")).unwrap();
    assert_eq!(asked, server.host());
}

#[test]
fn a_reference_that_leads_nowhere_is_wrong_usage() {
    let folder = folder(&Pack::new("1.4.2"), "{}");
    for reference in ["guards", "acme/guards:1.4.2", "registry.example.com/Acme"] {
        let ran = run(&folder, &["pack", "pull", reference, "pulled"]);
        assert_eq!(ran.code, 2, "{ran:?}");
        assert!(ran.stderr.contains("hint: "), "{ran:?}");
    }
    let ran = run(
        &folder,
        &[
            "pack",
            "pull",
            "192.0.2.1/acme/guards:1",
            "pulled",
            "--plain-http",
        ],
    );
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("in the clear"), "{ran:?}");
}
