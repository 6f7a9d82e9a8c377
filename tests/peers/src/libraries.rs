//! Libraries that others wrote to verify JWTs.

use std::io::Write as _;
use std::process::{Command, Stdio};

use gatewright_harness::{Binaries, HarnessError};
use serde_json::Value;

/// Such a library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Library {
    /// npm `jose`.
    Jose,
    /// PyPI `PyJWT`.
    PyJwt,
}

impl Library {
    /// Both of them.
    pub const ALL: [Self; 2] = [Self::Jose, Self::PyJwt];

    /// What it makes of each of `tokens`: `claims`, or why it is `refused`. `asked` has
    /// `keys`, `issuer`, `audience`, `algorithms`, `typ`, `now` and `tokens`.
    pub fn verify(self, asked: &Value) -> Result<Vec<Value>, HarnessError> {
        let binaries = Binaries::locate();
        let mut command = match self {
            Self::Jose => binaries.node_script(&binaries.client("verify.mjs")?)?,
            Self::PyJwt => {
                let mut python = Command::new(binaries.python()?);
                python.arg(binaries.client("verify.py")?);
                python
            }
        };
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(asked.to_string().as_bytes())?;
        }
        let output = child.wait_with_output()?;
        serde_json::from_slice(&output.stdout).map_err(|_| HarnessError::Unexpected {
            text: String::from_utf8_lossy(&output.stderr).into_owned(),
            wanted: "the verdicts of a library",
        })
    }
}
