//! The gate: `gatewright serve` as a child process.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use serde::Deserialize;

use crate::stage::Stage;

/// How long the gate may take to pick up a change, or to stop.
const PATIENCE: Duration = Duration::from_secs(30);

/// How often to look.
const INTERVAL: Duration = Duration::from_millis(5);

/// A running gate; it ends with this value.
pub(crate) struct Gate {
    child: Child,
    program: std::path::PathBuf,
    config: std::path::PathBuf,
    /// Where operators and approvers ask.
    pub(crate) admin: String,
    /// Where the agent connects.
    pub(crate) endpoint: String,
    /// What was active at the start.
    pub(crate) generation: u64,
}

/// The first line of `gatewright serve --format json`.
#[derive(Deserialize)]
struct Opened {
    listen: String,
    admin: String,
    generation: u64,
}

impl Gate {
    pub(crate) fn open(stage: &Stage) -> anyhow::Result<Self> {
        let (program, config) = (stage.program("gatewright"), stage.config());
        let mut child = Command::new(&program)
            .args(["serve", "--format", "json", "--config"])
            .arg(&config)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(config.with_file_name("gate.log"))?)
            .spawn()?;
        let mut line = String::new();
        if let Some(stdout) = child.stdout.take() {
            BufReader::new(stdout).read_line(&mut line)?;
        }
        let Ok(opened) = serde_json::from_str::<Opened>(&line) else {
            child.kill().ok();
            child.wait()?;
            let log = std::fs::read_to_string(config.with_file_name("gate.log"))?;
            bail!("it said:\n{line}{log}");
        };
        let endpoint = format!("http://{}/mcp/office", opened.listen);
        let (admin, generation) = (opened.admin, opened.generation);
        Ok(Self {
            child,
            program,
            config,
            admin,
            endpoint,
            generation,
        })
    }

    /// Waits for a generation after `before`, and gives it.
    pub(crate) fn generation_after(&self, before: u64) -> anyhow::Result<u64> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let now = self.generation_now()?;
            if now > before {
                return Ok(now);
            }
            if Instant::now() > deadline {
                bail!("the gate did not pick up the change");
            }
            std::thread::sleep(INTERVAL);
        }
    }

    /// Asks the gate to stop, and whether it did so in good order.
    pub(crate) fn close(mut self) -> anyhow::Result<bool> {
        let terminate = format!("kill -TERM {}", self.child.id());
        Command::new("sh").args(["-c", &terminate]).status()?;
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status.success());
            }
            std::thread::sleep(INTERVAL);
        }
        Ok(false)
    }

    fn generation_now(&self) -> anyhow::Result<u64> {
        let output = Command::new(&self.program)
            .args([
                "status",
                "--format",
                "json",
                "--admin",
                &self.admin,
                "--config",
            ])
            .arg(&self.config)
            .output()?;
        let status: serde_json::Value = serde_json::from_slice(&output.stdout)
            .with_context(|| String::from_utf8_lossy(&output.stderr).into_owned())?;
        status
            .get("generation")
            .and_then(serde_json::Value::as_u64)
            .context("the status has no generation")
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        // Already stopped, or about to be.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
