//! A pull that is killed.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::pack::Pack;
use crate::server::{Reply, Server, honest};
use crate::{names, reference, registry, wait};

/// In the process that is to be killed: the host, and the folder to pull into.
const CHILD: &str = "GATEWRIGHT_TEST_KILLED_PULL";

#[test]
fn a_killed_pull_leaves_nothing_that_stays() {
    if let Ok(child) = std::env::var(CHILD) {
        let (host, into) = child.split_once(' ').unwrap();
        let (from, into) = (reference(host, "acme/guards:1.0.0"), PathBuf::from(into));
        wait(async move { registry().pull(&from, &into).await }).unwrap();
        return;
    }
    let pack = Pack::new("1.0.0");
    let (_, policy) = pack.policy();
    let (slow, good) = (pack.clone(), pack.clone());
    let stuck = Server::new(move |asked| {
        if asked.path.ends_with(&policy) {
            return Reply::Silence(b"HTTP/1.1 200 OK\r\ncontent-length: 14\r\n\r\n\0asm".to_vec());
        }
        honest(&slow, asked)
    });
    let folder = tempfile::tempdir().unwrap();
    let into = folder.path().join("pack");
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "kill::a_killed_pull_leaves_nothing_that_stays"])
        .env(CHILD, format!("{} {}", stuck.host(), into.display()))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let (_, policy) = pack.policy();
    let deadline = Instant::now() + Duration::from_secs(30);
    while stuck.count("GET", &policy) == 0 {
        assert!(Instant::now() < deadline && child.try_wait().unwrap().is_none());
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let left = names(folder.path());
    assert!(
        left.len() == 1 && left[0].starts_with('.'),
        "half a pull is hidden: {left:?}"
    );

    let server = Server::new(move |asked| honest(&good, asked));
    let from = reference(&server.host(), "acme/guards:1.0.0");
    wait(async move { registry().pull(&from, &into).await }).unwrap();
    assert_eq!(names(folder.path()), ["pack"]);
}
