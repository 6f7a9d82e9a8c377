//! Whether a component gives every answer that its cases expect.

use gatewright_sandbox::Sandbox;

use crate::answer::Answer;
use crate::asked::Asked;
use crate::case::Cases;
use crate::difference::between;

/// The first case that was answered otherwise.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "its own case `{case}` got another answer: `{member}` should be {expected}, and is {got}; \
     hint: `gatewright test` shows all of them"
)]
pub struct ProbeError {
    /// The name of the case.
    pub case: String,
    /// Which member of the answer.
    pub member: String,
    /// What it should be.
    pub expected: String,
    /// What it is.
    pub got: String,
}

/// Asks every case once, in the order of the file, in the real sandbox. Compiles:
/// not for a request thread.
pub async fn probe(sandbox: &Sandbox, component: &[u8], cases: &Cases) -> Result<(), ProbeError> {
    let mut asked = Asked::new(sandbox, component);
    for case in &cases.cases {
        let guest = asked.guest(&case.settings).await;
        let answer = Answer::of(guest, case).await;
        let differences = between(&case.expect, &answer, cases.is_exact);
        if let Some(difference) = differences.into_iter().next() {
            return Err(ProbeError {
                case: case.name.clone(),
                member: difference.member,
                expected: difference.expected,
                got: difference.got,
            });
        }
    }
    Ok(())
}
