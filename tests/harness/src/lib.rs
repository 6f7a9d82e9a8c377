//! What the project's tests share: finding what was built, running it as child
//! processes that end with the test, a gate in a workspace of its own, a plain
//! reverse proxy, and a gateway that asks a policy server.

pub mod asking;
mod binaries;
mod error;
mod fixture;
mod gate;
mod port;
mod process;
pub mod proxy;
mod readiness;
mod workspace;

pub use binaries::Binaries;
pub use error::HarnessError;
pub use fixture::Fixture;
pub use gate::{Gate, GateBuilder};
pub use port::free_port;
pub use process::{Process, Stream};
pub use proxy::ReverseProxy;
pub use readiness::{status_of, wait_until_ready};
pub use workspace::{Credential, Workspace};
