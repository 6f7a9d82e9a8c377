//! The SDKs as registries have them: each is packed as for its registry, and a new
//! policy that has no copy of it is built with the package alone.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::language::{ASSEMBLYSCRIPT, GO, JAVASCRIPT, Language, PYTHON, RUST, Step, TYPESCRIPT};
use crate::workshop::{Workshop, copy};

/// How a module of Go is called, and in which version it is packed.
const MODULE: &str = "gatewright.dev/sdk/go";
const VERSION: &str = "v0.1.0";

/// Zips the files below the current folder, without entries for folders: Go wants none.
const ZIP: &str = "\
import os, sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED) as made:
    for folder, _, files in os.walk('.'):
        for file in files:
            made.write(os.path.join(folder, file))
";

/// What of a policy's folder `gatewright new` put there for others than its author.
const COPY: &str = "gatewright";

/// A new policy without its copy of the SDK.
fn policy(workshop: &Workshop<'_>, parent: &Path) -> PathBuf {
    let language = workshop.language.name;
    workshop.gatewright(parent, &["new", "fresh", "--lang", language]);
    let policy = parent.join("fresh");
    fs::remove_dir_all(policy.join(COPY)).unwrap();
    policy
}

/// Makes a policy, changes one file of it so that it uses a package, and goes the way
/// of its README.
fn build_with(
    language: &Language,
    pack: impl Fn(&Workshop<'_>, &Path) -> PathBuf,
    (file, from, to): (&str, &str, &str),
    steps: &[Step],
) {
    let workshop = Workshop::open(language, "packed");
    let parent = tempfile::tempdir().unwrap();
    let policy = policy(&workshop, parent.path());
    let package = pack(&workshop, parent.path());
    let to = to.replace("PACKAGE", package.to_str().unwrap());
    let file = policy.join(file);
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains(from), "{text}");
    fs::write(&file, text.replace(from, &to)).unwrap();
    workshop.run_all(&policy, steps);
    workshop.gatewright(&policy, &["build"]);
    workshop.gatewright(&policy, &["test"]);
}

/// The only file of a folder whose name ends so.
fn the_one(folder: &Path, ending: &str) -> PathBuf {
    let files = folder.read_dir().unwrap().map(|file| file.unwrap().path());
    let mut files = files.filter(|file| file.to_str().unwrap().ends_with(ending));
    let file = files.next().unwrap_or_else(|| panic!("no {ending}"));
    assert_eq!(files.next(), None);
    file
}

/// What `npm pack` makes.
fn npm(workshop: &Workshop<'_>, parent: &Path) -> PathBuf {
    let sdk = workshop.sdk();
    let out = parent.to_str().unwrap();
    workshop.run(&sdk, &["npm", "pack", "--pack-destination", out]);
    the_one(parent, ".tgz")
}

/// What `cargo package` makes, unpacked as a registry hands it to cargo.
fn crates(workshop: &Workshop<'_>, parent: &Path) -> PathBuf {
    let out = parent.join("target");
    let out = out.to_str().unwrap();
    let manifest = workshop.sdk().join("Cargo.toml");
    let manifest = manifest.to_str().unwrap();
    #[rustfmt::skip]
    let step = [
        "cargo", "package", "--quiet", "--no-verify", "--allow-dirty", "--offline",
        "--manifest-path", manifest, "--target-dir", out,
    ];
    workshop.run(parent, &step);
    let package = the_one(&parent.join("target/package"), ".crate");
    let package = package.to_str().unwrap();
    workshop.run(parent, &["tar", "xzf", package]);
    parent.join("gatewright-sdk-0.1.0")
}

/// The wheel of a project of Python, made with what the toolchains have.
fn wheel(workshop: &Workshop<'_>, project: &Path, parent: &Path) -> PathBuf {
    let out = parent.to_str().unwrap();
    #[rustfmt::skip]
    let step = [
        "python3", "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-index",
        "--no-build-isolation", "--wheel-dir", out, ".",
    ];
    workshop.run(project, &step);
    the_one(parent, ".whl")
}

/// Writes the module as a module proxy has it, and gives the proxy's address.
fn go_proxy(workshop: &Workshop<'_>, parent: &Path) -> PathBuf {
    let sdk = workshop.sdk();
    let versions = parent.join("proxy").join(MODULE).join("@v");
    fs::create_dir_all(&versions).unwrap();
    fs::write(versions.join("list"), format!("{VERSION}\n")).unwrap();
    let info = format!("{{\"Version\":\"{VERSION}\",\"Time\":\"2026-01-01T00:00:00Z\"}}");
    fs::write(versions.join(format!("{VERSION}.info")), info).unwrap();
    fs::copy(sdk.join("go.mod"), versions.join(format!("{VERSION}.mod"))).unwrap();
    // A zip of the module leaves out the modules that are in it.
    for below in ["reference", "template", "tests"] {
        fs::remove_dir_all(sdk.join(below)).unwrap();
    }
    let root = parent.join("zip");
    copy(&sdk, &root.join(format!("{MODULE}@{VERSION}")));
    let zip = versions.join(format!("{VERSION}.zip"));
    let zip = zip.to_str().unwrap();
    workshop.run(&root, &["python3", "-c", ZIP, zip]);
    parent.join("proxy")
}

#[test]
fn the_crate_is_enough_for_a_policy_in_rust() {
    build_with(
        &RUST,
        crates,
        (
            "Cargo.toml",
            "path = \"gatewright/sdk/rust\"",
            "path = \"PACKAGE\"",
        ),
        RUST.policy_steps,
    );
}

#[test]
fn the_package_is_enough_for_a_policy_in_assemblyscript() {
    build_with(
        &ASSEMBLYSCRIPT,
        npm,
        (
            "package.json",
            "file:gatewright/sdk/assemblyscript",
            "file:PACKAGE",
        ),
        ASSEMBLYSCRIPT.policy_steps,
    );
}

#[test]
fn the_package_is_enough_for_a_policy_in_javascript_and_typescript() {
    for language in [&JAVASCRIPT, &TYPESCRIPT] {
        build_with(
            language,
            npm,
            (
                "package.json",
                "file:gatewright/sdk/javascript",
                "file:PACKAGE",
            ),
            language.policy_steps,
        );
    }
}

#[test]
fn the_wheel_is_enough_for_a_policy_in_python() {
    build_with(
        &PYTHON,
        |workshop, parent| wheel(workshop, &workshop.sdk(), parent),
        ("requirements.txt", "-e ./gatewright/sdk/python", "PACKAGE"),
        &[
            &["python3", "-m", "venv", ".venv"],
            // In place of all of requirements.txt: componentize-py is on the path.
            &[
                "sh",
                "-c",
                "grep whl requirements.txt | .venv/bin/pip install --quiet --no-index -r /dev/stdin",
            ],
            &[".venv/bin/python", "-m", "unittest"],
        ],
    );
}

#[test]
fn the_module_is_enough_for_a_policy_in_go() {
    build_with(
        &GO,
        go_proxy,
        (
            "go.mod",
            "require gatewright.dev/sdk/go v0.0.0\n\nreplace gatewright.dev/sdk/go => ./gatewright/sdk/go",
            "require gatewright.dev/sdk/go v0.1.0\n// PACKAGE",
        ),
        &[
            &[
                "sh",
                "-c",
                "GOFLAGS=-modcacherw GONOSUMDB=* GOPROXY=file://$(sed -n 's|^// ||p' go.mod) go mod tidy",
            ],
            &["go", "test", "./..."],
        ],
    );
}

/// The libraries for agents have no policies: what is packed is what is used.
#[test]
fn the_libraries_for_agents_are_whole_in_their_packages() {
    let workshop = Workshop::open(&JAVASCRIPT, "packed-clients");
    let parent = tempfile::tempdir().unwrap();
    let clients = |name: &str| {
        let client = workshop.folder().join(name);
        copy(&workshop.root().join("sdk").join(name), &client);
        client
    };
    let (typescript, python) = (clients("client-typescript"), clients("client-python"));
    let out = parent.path().to_str().unwrap();
    workshop.run(&typescript, &["npm", "pack", "--pack-destination", out]);
    let package = the_one(parent.path(), ".tgz");
    let package = package.to_str().unwrap();
    workshop.run(
        parent.path(),
        &["npm", "install", "--ignore-scripts", package],
    );
    fs::write(
        parent.path().join("use.mjs"),
        "import * as client from '@gatewright/client'; \
         if (Object.keys(client).length === 0) process.exit(1);",
    )
    .unwrap();
    workshop.run(parent.path(), &["node", "use.mjs"]);
    let wheel = wheel(&workshop, &python, parent.path());
    let listed = Command::new("python3")
        .args(["-m", "zipfile", "-l"])
        .arg(&wheel)
        .output()
        .unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    for file in python.join("src/gatewright_client").read_dir().unwrap() {
        let file = file.unwrap().file_name().into_string().unwrap();
        assert!(listed.contains(&file), "{file}: {listed}");
    }
}

/// Each package is given away alone, and says under which terms.
#[test]
fn every_package_has_the_licence() {
    let workshop = Workshop::open(&RUST, "licence");
    let root = workshop.root();
    let licence = fs::read_to_string(root.join("LICENSE")).unwrap();
    for sdk in [
        "assemblyscript",
        "c",
        "client-python",
        "client-typescript",
        "go",
        "javascript",
        "python",
        "rust",
    ] {
        let own = fs::read_to_string(root.join("sdk").join(sdk).join("LICENSE"));
        assert!(own.unwrap() == licence, "sdk/{sdk}/LICENSE");
    }
}
