//! Questions to a policy, and the answers they must get: what an author writes
//! into `cases.toml`, what a pack carries, and what an activation asks a policy
//! before it counts.

mod answer;
mod asked;
mod case;
mod difference;
mod expect;
mod probe;

pub use answer::{Answer, Answered, Line};
pub use asked::Asked;
pub use case::{Case, Cases, CasesError};
pub use difference::{Difference, between, beyond};
pub use expect::Expect;
pub use probe::{ProbeError, probe};
