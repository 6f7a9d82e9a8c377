//! Credentials: W3C Verifiable Credentials (VCDM 2.0) as JWTs (VC-JOSE-COSE, `typ:
//! vc+jwt`), OAuth access tokens, and tokens of workloads. Each becomes a
//! [`Grant`](crate::Grant).

mod algorithm;
mod anchor;
mod claimed;
mod claims;
mod delegate;
mod delegation;
mod delegation_error;
mod did_key;
mod error;
mod holder;
mod id_token;
mod issue;
mod jose;
mod jwk;
mod key_name;
mod key_set;
mod keyed;
mod keyed_error;
mod listed;
mod members;
pub mod proof;
mod sha256;
mod sign_in;
mod signer;
pub mod status;
mod task;
mod token;
mod verify;

use std::time::Duration;

pub use algorithm::Algorithm;
pub use anchor::{ACCESS_TOKEN, Envelope, TokenKind, TokenRules, TokenType, TrustAnchor};
pub use claimed::{Claimed, claimed};
pub use claims::{ClaimPath, ClaimRules};
pub use delegate::{Delegation, delegate, jwk, sign};
pub use delegation::{LINK, LINK_TYPE, LINKS_MAX, may_be_called, parts};
pub use delegation_error::DelegationError;
pub use did_key::{DidKeyError, did_key, public_key};
pub use error::CredentialError;
pub use holder::HolderKey;
pub use id_token::{IdTokenRules, SignedIn, verify_id_token};
pub use issue::{Claims, SUBJECT_MEMBERS, issue, issue_by};
pub use jwk::{KeyError, PublicKey};
pub use key_set::{KEY_SET_BYTES_MAX, KEYS_MAX, KeySet, KeySetError, KeyUse};
pub use keyed::HOLDER_ALGORITHMS;
pub use keyed_error::KeyedError;
pub use sha256::sha256;
pub use sign_in::SignIn;
pub use signer::Signer;
pub use token::Here;
pub use verify::{Unverified, inspect, verify, verify_here};

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
