//! Debian's `docker-registry` on a free port, with a folder of its own.

use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// A running registry; dropped, it is ended.
pub(crate) struct DockerRegistry {
    process: Child,
    host: String,
    _folder: TempDir,
}

/// `gate`, `word`.
const HTPASSWD: &str = "gate:$2b$04$abcdefghijklmnopqrstuuB/GrfUOm5dtrEiT8lcouu5XB5ftbWLi\n";

impl DockerRegistry {
    /// Takes everything from everybody.
    pub(crate) fn open() -> Self {
        Self::start(false)
    }

    /// Takes `gate` with the password `word`.
    pub(crate) fn with_password() -> Self {
        Self::start(true)
    }

    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    fn start(password: bool) -> Self {
        // The port is free until somebody else takes it first: then another one is.
        (0..5)
            .find_map(|_| Self::try_start(password))
            .expect("docker-registry starts\n  hint: scripts/tools.sh says what is missing")
    }

    fn try_start(password: bool) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let host = format!("127.0.0.1:{port}");
        let config = folder.path().join("config.yml");
        std::fs::write(&config, configuration(folder.path(), &host, password)).unwrap();
        let mut process = Command::new("docker-registry")
            .arg("serve")
            .arg(&config)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("docker-registry is installed\n  hint: scripts/tools.sh says what is missing");
        let deadline = Instant::now() + Duration::from_secs(30);
        while Instant::now() < deadline && process.try_wait().unwrap().is_none() {
            if TcpStream::connect(&host).is_ok() {
                return Some(Self {
                    process,
                    host,
                    _folder: folder,
                });
            }
            std::thread::yield_now();
        }
        let _ = process.kill();
        let _ = process.wait();
        None
    }
}

impl Drop for DockerRegistry {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn configuration(folder: &Path, host: &str, password: bool) -> String {
    let store = folder.join("store");
    let users = folder.join("users");
    std::fs::write(&users, HTPASSWD).unwrap();
    let auth = if password {
        format!(
            "auth:\n  htpasswd:\n    realm: test\n    path: {}\n",
            users.display()
        )
    } else {
        String::new()
    };
    format!(
        "version: 0.1\nlog:\n  level: error\nstorage:\n  filesystem:\n    rootdirectory: {}\nhttp:\n  addr: {host}\n  secret: test\n{auth}",
        store.display()
    )
}
