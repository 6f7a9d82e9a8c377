//! Agent credentials: W3C Verifiable Credentials (VCDM 2.0) as JWTs
//! (VC-JOSE-COSE, `typ: vc+jwt`), signed with Ed25519 by a `did:key` issuer.

mod did_key;
mod error;
mod issue;
mod verify;

pub use did_key::{DidKeyError, did_key, public_key};
pub use error::CredentialError;
pub use issue::{Claims, issue};
pub use verify::{CLOCK_SKEW, TrustAnchor, Unverified, inspect, verify};

/// Longest credential, in bytes.
pub const TOKEN_BYTES_MAX: usize = 16 << 10;

/// The `typ` of a credential's JOSE header.
const MEDIA_TYPE: &str = "vc+jwt";

/// The base context of the data model.
const CONTEXT: &str = "https://www.w3.org/ns/credentials/v2";

/// `type` of the authorization details (RFC 9396) that carry the scopes in
/// their `actions`.
const AUTHORIZATION_TYPE: &str = "mcp_tools";

/// Where [`issue()`] puts the task of the agent: the transaction of RFC 8417.
const TASK_CLAIM: &str = "txn";
