//! What a program says of itself, if it answers at all.

use std::io::Read as _;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

/// A version is printed at once, but for an interpreter that starts from a cold
/// disk on a busy machine.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// An answer is a line; of a longer one the rest is not read.
const ANSWER_BYTES_MAX: u64 = 64 * 1024;

/// How often an end is looked for once the answer is there.
const STEP: Duration = Duration::from_millis(5);

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Silence {
    /// It does not run, or says that it failed.
    Failed,
    /// It ran until its time was over, and was ended.
    Hung,
}

/// Runs a command for its stdout. Who does not end in time is ended, with all
/// that it started.
pub(super) fn ask(mut command: Command, patience: Duration) -> Result<String, Silence> {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .process_group(0);
    let begin = Instant::now();
    let mut child = command.spawn().map_err(|_| Silence::Failed)?;
    let (sender, answers) = mpsc::channel();
    if let Some(stdout) = child.stdout.take() {
        // Ends with the child: whatever holds the pipe is ended below.
        thread::spawn(move || {
            let mut text = String::new();
            let read = stdout.take(ANSWER_BYTES_MAX).read_to_string(&mut text);
            // Nobody listens any more when it came too late.
            let _ = sender.send(read.map(|_| text));
        });
    }
    let answer = answers.recv_timeout(patience);
    while begin.elapsed() < patience {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => {
                return match answer {
                    Ok(Ok(text)) => Ok(text),
                    Ok(Err(_)) | Err(_) => Err(Silence::Failed),
                };
            }
            Ok(Some(_)) | Err(_) => return Err(Silence::Failed),
            Ok(None) => thread::sleep(STEP),
        }
    }
    end(&mut child);
    Err(Silence::Hung)
}

/// Not reaped yet: the number is still its own.
fn end(child: &mut Child) {
    let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    if let Some(group) = group {
        // An error means that there is nobody left in the group.
        let _ = kill_process_group(group, Signal::KILL);
    }
    // It is gone either way.
    let _ = child.wait();
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;
    use std::os::fd::AsRawFd as _;
    use std::process::Command;
    use std::time::{Duration, Instant};

    use super::{PATIENCE, Silence, ask};

    fn shell(script: &str) -> Command {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn an_answer_is_what_it_prints() {
        assert_eq!(ask(shell("echo 1.2"), PATIENCE), Ok("1.2\n".to_owned()));
        let failed = ask(shell("echo 1.2; exit 1"), PATIENCE);
        assert_eq!(failed, Err(Silence::Failed));
        let nothing = ask(Command::new("/nowhere/at/all"), PATIENCE);
        assert_eq!(nothing, Err(Silence::Failed));
    }

    /// The pipe that a grandchild holds is closed: it was ended too.
    #[test]
    fn who_hangs_is_ended_with_what_it_started() {
        let begin = Instant::now();
        let (mut reader, writer) = std::io::pipe().unwrap();
        let mut command = Command::new("/bin/sh");
        let handle = format!("/proc/{}/fd/{}", std::process::id(), writer.as_raw_fd());
        command.args(["-c", "sleep 1000 9>\"$0\" & sleep 1000", &handle]);
        let silence = ask(command, Duration::from_millis(500));
        assert_eq!(silence, Err(Silence::Hung));
        drop(writer);
        let mut rest = Vec::new();
        reader.read_to_end(&mut rest).unwrap();
        assert!(begin.elapsed() < Duration::from_secs(60));
    }
}
