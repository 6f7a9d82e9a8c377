//! A secret that a program prints: a vault's, a cloud's.

use std::io;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use gatewright_engine::snapshot::SecretCommand;
use gatewright_policy::json::{Document, JsonLimits};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use tokio::io::AsyncReadExt as _;
use tokio::process::{Child, Command};

use super::error::SecretError;
use super::issued::Issued;

/// Most bytes that a program may print.
const PRINTED_BYTES_MAX: usize = 64 << 10;

/// Variables that every program gets from the gate's own environment.
const INHERITED: [&str; 4] = ["PATH", "HOME", "LANG", "TMPDIR"];

const LIMITS: JsonLimits = JsonLimits {
    bytes_max: PRINTED_BYTES_MAX,
    depth_max: 4,
    nodes_max: 64,
};

/// Runs the program once. Whoever drops this ends it, and all that it started. What it
/// says on stderr goes nowhere: it may be a secret.
pub(super) async fn run(command: SecretCommand) -> Result<Issued, SecretError> {
    let program = command.command.first().map_or("", String::as_str);
    let failed = |problem: String| SecretError::new(format!("`{program}` {problem}"));
    let started = process(&command).spawn();
    let process = started.map_err(|error| failed(format!("cannot be started: {error}")))?;
    let mut group = Group::of(process);
    let mut printed = Vec::new();
    if let Some(stdout) = group.process.stdout.take() {
        let mut bounded = stdout.take(PRINTED_BYTES_MAX as u64 + 1);
        let read = bounded.read_to_end(&mut printed).await;
        read.map_err(|error| failed(format!("cannot be read: {error}")))?;
    }
    if printed.len() > PRINTED_BYTES_MAX {
        return Err(failed(format!(
            "printed more than {PRINTED_BYTES_MAX} bytes"
        )));
    }
    let status = group.ended().await;
    let status = status.map_err(|error| failed(format!("cannot be waited for: {error}")))?;
    if !status.success() {
        return Err(failed(format!("failed ({status})")));
    }
    let text = String::from_utf8(printed).map_err(|_| failed("printed no text".to_owned()))?;
    read(text.trim(), command.lasts).map_err(|problem| failed(problem.to_owned()))
}

/// A secret by itself, or with its life.
fn read(text: &str, lasts: Duration) -> Result<Issued, &'static str> {
    if text.is_empty() {
        return Err("printed nothing");
    }
    if !text.starts_with('{') {
        let text = text.to_owned();
        return Ok(Issued { text, lasts });
    }
    let document = Document::parse(text, &LIMITS).map_err(|_| "printed no unambiguous JSON")?;
    let root = document.root();
    if root
        .members()
        .any(|(name, _)| !["token", "expires_in"].contains(&&*name))
    {
        return Err("printed more than `token` and `expires_in`");
    }
    let token = root.get("token").and_then(|token| token.as_text());
    let token = token.filter(|token| !token.is_empty());
    let lasts = match root.get("expires_in") {
        None => lasts,
        Some(seconds) => {
            let seconds = seconds
                .as_i64()
                .and_then(|number| u64::try_from(number).ok());
            let seconds = seconds.filter(|seconds| *seconds > 0);
            Duration::from_secs(seconds.ok_or("printed an `expires_in` that is no time")?)
        }
    };
    Ok(Issued {
        text: token.ok_or("printed no `token`")?.into_owned(),
        lasts,
    })
}

fn process(command: &SecretCommand) -> Command {
    let split = command.command.split_first();
    let (program, arguments) = split.map_or(("", &[][..]), |(first, rest)| (first.as_str(), rest));
    let mut process = Command::new(program);
    let names = INHERITED.into_iter();
    let names = names.chain(command.env_pass.iter().map(String::as_str));
    let environment = names.filter_map(|name| Some((name, std::env::var_os(name)?)));
    process
        .args(arguments)
        .env_clear()
        .envs(environment)
        .current_dir(&command.directory)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .process_group(0)
        .kill_on_drop(true);
    process
}

/// A program, and all that it started.
struct Group {
    process: Child,
}

impl Group {
    const fn of(process: Child) -> Self {
        Self { process }
    }

    /// Waits until the program has ended, and ends what it left behind.
    async fn ended(&mut self) -> io::Result<ExitStatus> {
        if let Some(leader) = self.leader() {
            // It is only looked at: as long as nobody has reaped it, its number is its own.
            let looked = tokio::task::spawn_blocking(move || {
                waitid(
                    WaitId::Pid(leader),
                    WaitIdOptions::EXITED | WaitIdOptions::NOWAIT,
                )
            });
            looked.await.map_err(io::Error::other)??;
        }
        self.kill();
        self.process.wait().await
    }

    /// None once it was waited for: its number may be somebody else's then.
    fn leader(&self) -> Option<Pid> {
        let id = self.process.id().and_then(|id| i32::try_from(id).ok());
        id.and_then(Pid::from_raw)
    }

    fn kill(&self) {
        if let Some(group) = self.leader() {
            // An error means that there is nobody left in the group.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn shell(script: &str) -> SecretCommand {
        SecretCommand {
            command: ["sh", "-c", script].map(str::to_owned).into(),
            env_pass: vec!["CARGO_PKG_NAME".to_owned()],
            directory: "/".into(),
            lasts: Duration::from_secs(7),
        }
    }

    #[tokio::test]
    async fn what_a_program_prints_is_a_secret_or_is_refused_by_name() {
        let long = format!("head -c {} /dev/zero | tr '\\0' x", PRINTED_BYTES_MAX + 1);
        for (what, script, expected) in [
            ("a secret", "echo ' s3cret '", Ok(("s3cret", 7))),
            (
                "a secret with its life",
                r#"echo '{"token":"s3cret","expires_in":90}'"#,
                Ok(("s3cret", 90)),
            ),
            (
                "its environment",
                "echo \"$CARGO_PKG_NAME${CARGO_MANIFEST_DIR-none}\"",
                Ok(("gatewright-gatewaynone", 7)),
            ),
            ("nothing", "true", Err("printed nothing")),
            (
                "a failure",
                "echo s3cret; exit 3",
                Err("failed (exit status: 3)"),
            ),
            (
                "a flood",
                long.as_str(),
                Err("printed more than 65536 bytes"),
            ),
            ("no text", "printf '\\377'", Err("printed no text")),
            (
                "no JSON",
                "echo '{s3cret'",
                Err("printed no unambiguous JSON"),
            ),
            (
                "another member",
                r#"echo '{"token":"s3cret","secret":1}'"#,
                Err("printed more than `token` and `expires_in`"),
            ),
            (
                "no token",
                r#"echo '{"expires_in":9}'"#,
                Err("printed no `token`"),
            ),
            (
                "no life",
                r#"echo '{"token":"s3cret","expires_in":0}'"#,
                Err("printed an `expires_in` that is no time"),
            ),
        ] {
            match (run(shell(script)).await, expected) {
                (Ok(issued), Ok((text, seconds))) => {
                    assert_eq!(
                        (issued.text.as_str(), issued.lasts.as_secs()),
                        (text, seconds)
                    );
                }
                (Err(error), Err(problem)) => {
                    let error = error.to_string();
                    assert!(error.contains(problem), "{what}: {error}");
                    assert!(!error.contains("s3cret"), "{what}: {error}");
                }
                (found, _) => panic!("{what}: {found:?}"),
            }
        }
        let absent = SecretCommand {
            command: vec!["/nowhere/at/all".to_owned()],
            ..shell("")
        };
        let error = run(absent).await.unwrap_err().to_string();
        assert!(error.contains("cannot be started"), "{error}");
    }

    const DEADLINE: Duration = Duration::from_secs(30);

    /// The process whose number a script wrote down.
    async fn noted(file: &Path) -> Pid {
        let noted = async {
            loop {
                let text = std::fs::read_to_string(file).unwrap_or_default();
                if let Ok(id) = text.trim().parse::<i32>() {
                    return Pid::from_raw(id).unwrap();
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(DEADLINE, noted).await.unwrap()
    }

    async fn goes(process: Pid) {
        let gone = async {
            while !is_gone(process) {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(DEADLINE, gone).await.unwrap();
    }

    #[tokio::test]
    async fn a_program_that_is_given_up_takes_with_it_what_it_started() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pid");
        let script = format!("sleep 1000 & echo $! > {}; wait", file.display());
        let running = tokio::spawn(run(shell(&script)));
        let sleeper = noted(&file).await;
        running.abort();
        goes(sleeper).await;
    }

    #[tokio::test]
    async fn a_program_that_ended_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pid");
        for (end, is_fine) in [("echo s3cret", true), ("exit 3", false)] {
            // It lets go of the output, so that nobody waits for it.
            let script = format!(
                "sleep 1000 > /dev/null & echo $! > {}; {end}",
                file.display()
            );
            assert_eq!(run(shell(&script)).await.is_ok(), is_fine, "{end}");
            goes(noted(&file).await).await;
        }
    }

    /// Dead, if nobody has reaped it yet.
    fn is_gone(process: Pid) -> bool {
        let stat = format!("/proc/{}/stat", process.as_raw_nonzero());
        let stat = std::fs::read_to_string(stat);
        stat.map_or(true, |stat| stat.contains(") Z "))
    }
}
