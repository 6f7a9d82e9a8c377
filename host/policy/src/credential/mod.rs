//! Agent credentials: W3C Verifiable Credentials (VCDM 2.0) as JWTs
//! (VC-JOSE-COSE, `typ: vc+jwt`), signed with Ed25519 by a `did:key` issuer.

use std::time::Duration;

mod algorithm;
mod claimed;
mod delegate;
mod delegation;
mod delegation_error;
mod did_key;
mod error;
mod holder;
mod issue;
mod jwk;
mod keyed;
mod keyed_error;
pub mod proof;
mod sha256;
pub mod status;
mod verify;

pub use algorithm::Algorithm;
pub use claimed::{Claimed, claimed};
pub use delegate::{Delegation, delegate, jwk, sign};
pub use delegation::{LINK, LINK_TYPE, LINKS_MAX, may_be_called, parts};
pub use delegation_error::DelegationError;
pub use did_key::{DidKeyError, did_key, public_key};
pub use error::CredentialError;
pub use holder::HolderKey;
pub use issue::{Claims, issue, issue_listed};
pub use jwk::{KeyError, PublicKey};
pub use keyed::HOLDER_ALGORITHMS;
pub use keyed_error::KeyedError;
pub use sha256::sha256;
pub use verify::{TrustAnchor, Unverified, inspect, verify};

/// Longest credential, in bytes.
pub const TOKEN_BYTES_MAX: usize = 16 << 10;

/// How far an issuer's clock may run ahead of ours. The end of a credential
/// gets no such grace.
pub const CLOCK_SKEW: Duration = Duration::from_secs(30);

/// The `typ` of a credential's JOSE header.
const MEDIA_TYPE: &str = "vc+jwt";

/// The base context of the data model.
const CONTEXT: &str = "https://www.w3.org/ns/credentials/v2";

/// Where [`issue()`] puts the task of the agent: the transaction of RFC 8417.
const TASK_CLAIM: &str = "txn";
