//! `skopeo`: a client that shares no code with this project.

use std::path::Path;
use std::process::Command;

/// Runs it and gives what it printed.
pub(crate) fn skopeo(arguments: &[&str]) -> Vec<u8> {
    let output = Command::new("skopeo")
        .arg("--insecure-policy")
        .args(arguments)
        .output()
        .expect("skopeo is installed\n  hint: scripts/tools.sh says what is missing");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "skopeo {arguments:?}: {said}");
    output.stdout
}

/// The bytes of a manifest in a registry on this machine.
pub(crate) fn raw_manifest(place: &str) -> Vec<u8> {
    skopeo(&[
        "inspect",
        "--tls-verify=false",
        "--raw",
        &format!("docker://{place}"),
    ])
}

/// From a registry on this machine into a layout.
pub(crate) fn copy_down(place: &str, layout: &Path) {
    let (from, to) = (
        format!("docker://{place}"),
        format!("oci:{}:copied", layout.display()),
    );
    skopeo(&[
        "copy",
        "--src-tls-verify=false",
        "--preserve-digests",
        &from,
        &to,
    ]);
}

/// From a layout into a registry on this machine.
pub(crate) fn copy_up(layout: &Path, revision: &str, place: &str) {
    let from = format!("oci:{}:{revision}", layout.display());
    let to = format!("docker://{place}");
    skopeo(&[
        "copy",
        "--dest-tls-verify=false",
        "--preserve-digests",
        &from,
        &to,
    ]);
}
