//! A PostgreSQL of the tests' own: one for all of them, in a folder that goes with it.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// `nobody` of Debian: PostgreSQL does not run as root.
const NOBODY: u32 = 65_534;

/// A running server.
pub(crate) struct Cluster {
    folder: PathBuf,
    databases: AtomicUsize,
}

/// The one that all tests share. It ends when the process of the tests does, however
/// that ends.
pub(crate) fn cluster() -> &'static Cluster {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    CLUSTER.get_or_init(Cluster::start)
}

impl Cluster {
    fn start() -> Self {
        let programs = programs();
        let folder = tempfile::Builder::new()
            .prefix("gatewright-pg-")
            .tempdir()
            .unwrap()
            .keep();
        if rustix::process::geteuid().is_root() {
            std::os::unix::fs::chown(&folder, Some(NOBODY), Some(NOBODY)).unwrap();
        }
        let data = folder.join("data");
        let made = unprivileged(&programs.join("initdb"), &folder)
            .args(["--username=gate", "--auth=trust", "--encoding=UTF8"])
            .args(["--locale=C", "--no-sync", "--no-instructions", "-D"])
            .arg(&data)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&made.stderr).into_owned();
        assert!(made.status.success(), "initdb: {said}");
        let mut server = unprivileged(&programs.join("postgres"), &folder)
            .arg("-D")
            .arg(&data)
            .arg("-k")
            .arg(&folder)
            .args(["-c", "listen_addresses=", "-c", "max_connections=200"])
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(server.stderr.take().unwrap()).lines();
        let is_ready = |line: &std::io::Result<String>| {
            let line = line.as_ref().unwrap();
            line.contains("ready to accept connections")
        };
        assert!(lines.by_ref().any(|line| is_ready(&line)), "it ended");
        // Nobody reads it: it must not wait for that.
        std::thread::spawn(move || lines.for_each(drop));
        // Ends it when the other end of its stdin is gone.
        let ender =
            "cat; kill -INT \"$0\"; while kill -0 \"$0\"; do sleep 0.1; done; rm -rf \"$1\"";
        let ender = Command::new("sh")
            .args(["-c", ender, &server.id().to_string()])
            .arg(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::mem::forget(ender);
        // A child that ended must be waited for, or it seems to be there still.
        std::thread::spawn(move || server.wait());
        Self {
            folder,
            databases: AtomicUsize::new(0),
        }
    }

    /// A new, empty database.
    pub(crate) fn database(&self) -> String {
        let number = self.databases.fetch_add(1, Ordering::Relaxed);
        let name = format!("memory_{number}");
        let made = unprivileged(&programs().join("createdb"), &self.folder)
            .args(["--username=gate", "--host"])
            .arg(&self.folder)
            .arg(&name)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&made.stderr).into_owned();
        assert!(made.status.success(), "createdb: {said}");
        name
    }

    pub(crate) fn url(&self, database: &str) -> String {
        format!(
            "postgres://gate@localhost/{database}?host={}",
            self.folder.display()
        )
    }

    /// Where it listens.
    pub(crate) fn socket(&self) -> PathBuf {
        self.folder.join(".s.PGSQL.5432")
    }
}

fn unprivileged(program: &Path, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder).env("LC_ALL", "C");
    command.stdin(Stdio::null()).stdout(Stdio::null());
    if rustix::process::geteuid().is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    command
}

/// The folder with the newest PostgreSQL that is installed.
fn programs() -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let versions = versions.filter_map(|entry| {
        let folder = entry.ok()?.path();
        let version: u32 = folder.file_name()?.to_str()?.parse().ok()?;
        Some((version, folder.join("bin")))
    });
    let newest = versions.max().map(|(_, folder)| folder);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders = newest.into_iter().chain(std::env::split_paths(&path));
    let folder = folders.find(|folder| {
        let has = |program: &str| folder.join(program).is_file();
        has("initdb") && has("postgres")
    });
    folder.expect("no PostgreSQL is installed\n  hint: apt-get install postgresql")
}
