//! The credential of a client, in a file that something else renews.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use gatewright_policy::Timestamp;
use gatewright_policy::credential::{TOKEN_BYTES_MAX, inspect};
use tokio::io::AsyncReadExt as _;
use tokio::process::Command;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

/// A credential that ends so soon is renewed, and its user is warned.
const SOON: Duration = Duration::from_secs(300);

/// The program that renews it is not started more often.
const RENEW_EVERY: Duration = Duration::from_secs(30);

/// And has so long.
const RENEW_MAX: Duration = Duration::from_secs(60);

/// Longest file, in bytes: a credential, and the end of its line.
const FILE_BYTES_MAX: u64 = TOKEN_BYTES_MAX as u64 + 2;

/// A file with a credential.
#[derive(Debug)]
pub(super) struct CredentialFile {
    path: PathBuf,
    renew: Option<PathBuf>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    renewed_at: Option<Instant>,
    /// The one whose end was announced.
    warned_of: Option<String>,
}

/// Why there is no credential.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoCredential {
    #[error("the credential `{path}` cannot be read: {problem}")]
    Unread { path: String, problem: String },
    #[error("`{0}` holds no credential: one line, without spaces")]
    Malformed(String),
}

impl CredentialFile {
    pub(super) fn new(path: PathBuf, renew: Option<PathBuf>) -> Self {
        Self {
            path,
            renew,
            state: Mutex::default(),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The credential as the file has it now, renewed where it ends soon.
    pub(super) async fn current(&self) -> Result<String, NoCredential> {
        let token = self.read().await?;
        if left(&token).is_none_or(|left| left > SOON) {
            return Ok(token);
        }
        if self.renewed().await {
            return self.read().await;
        }
        self.warn(&token).await;
        Ok(token)
    }

    /// Another one than this, which was refused.
    pub(super) async fn other_than(&self, refused: &str) -> Option<String> {
        let is_other = |token: &String| token != refused;
        if let Some(token) = self.read().await.ok().filter(is_other) {
            return Some(token);
        }
        if !self.renewed().await {
            return None;
        }
        self.read().await.ok().filter(is_other)
    }

    async fn read(&self) -> Result<String, NoCredential> {
        let path = self.path.display().to_string();
        let unread = |problem: String| NoCredential::Unread {
            path: path.clone(),
            problem,
        };
        let failed = |error: std::io::Error| unread(error.to_string());
        let file = tokio::fs::File::open(&self.path).await.map_err(failed)?;
        let mut text = String::new();
        // A device says that it is empty, and a file may grow meanwhile.
        let mut bounded = file.take(FILE_BYTES_MAX + 1);
        let length = bounded.read_to_string(&mut text).await.map_err(failed)?;
        if length as u64 > FILE_BYTES_MAX {
            return Err(unread("it is too long".to_owned()));
        }
        let token = text.trim();
        if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(NoCredential::Malformed(path));
        }
        Ok(token.to_owned())
    }

    /// Lets the program put a new one into the file. Whether it said that it did.
    async fn renewed(&self) -> bool {
        let Some(program) = &self.renew else {
            return false;
        };
        // Whoever comes meanwhile waits, and reads what came of it.
        let mut state = self.state.lock().await;
        let now = Instant::now();
        if state.renewed_at.is_some_and(|at| now < at + RENEW_EVERY) {
            return true;
        }
        state.renewed_at = Some(now);
        let status = Command::new(program)
            .arg(&self.path)
            .stdin(Stdio::null())
            // Its output is not the client's.
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .status();
        match timeout(RENEW_MAX, status).await {
            Ok(Ok(status)) if status.success() => true,
            Ok(Ok(status)) => {
                tracing::warn!(program = %program.display(), %status, "the credential was not renewed");
                false
            }
            Ok(Err(error)) => {
                tracing::warn!(program = %program.display(), %error, "the credential was not renewed");
                false
            }
            Err(_late) => {
                tracing::warn!(program = %program.display(), "the credential was not renewed in time");
                false
            }
        }
    }

    async fn warn(&self, token: &str) {
        let mut state = self.state.lock().await;
        if state.warned_of.as_deref() == Some(token) {
            return;
        }
        state.warned_of = Some(token.to_owned());
        let seconds = left(token).unwrap_or_default().as_secs();
        tracing::warn!(
            file = %self.path.display(),
            seconds,
            "the credential ends soon; hint: put a new one into the file, it is read again"
        );
    }
}

/// How long a credential holds, as it says itself.
fn left(token: &str) -> Option<Duration> {
    let claims = inspect(token).ok()?.payload;
    let root = claims.root();
    let seconds = root.get("exp").and_then(|end| end.as_i64());
    let until = seconds.and_then(|seconds| u64::try_from(seconds).ok()?.checked_mul(1000));
    let text = root.get("validUntil");
    let named = || Timestamp::parse(&text?.as_text()?).map(|until| until.0);
    let until = until.or_else(named)?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
    let now = u64::try_from(now.as_millis()).ok()?;
    Some(Duration::from_millis(until.saturating_sub(now)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn no_more_of_a_file_is_read_than_a_credential_has() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("credential");
        for (length, is_one) in [(TOKEN_BYTES_MAX, true), (TOKEN_BYTES_MAX + 3, false)] {
            std::fs::write(&path, "x".repeat(length)).unwrap();
            let read = CredentialFile::new(path.clone(), None).read().await;
            assert_eq!(read.is_ok(), is_one, "{length}");
        }
        let endless = CredentialFile::new("/dev/zero".into(), None).read().await;
        let error = endless.unwrap_err().to_string();
        assert!(error.contains("too long"), "{error}");
    }
}
