//! `[console]`: where people see what happens, and decide.

use std::net::SocketAddr;
use std::path::PathBuf;

use serde::Deserialize;
use toml::Spanned;

use super::oidc::OidcConfig;

/// `[console]`. Not reloaded.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ConsoleConfig {
    /// Where browsers connect. Loopback only.
    pub listen: SocketAddr,
    /// The URL by which browsers reach it; `http://localhost:<port>` by default.
    pub origin: Option<Spanned<String>>,
    /// The domain that passkeys belong to; the host of the origin by default.
    pub rp_id: Option<Spanned<String>>,
    /// The file of the accounts.
    pub accounts: PathBuf,
    /// Where people sign in who have an identity provider.
    pub oidc: Option<OidcConfig>,
}

impl Default for ConsoleConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8702)),
            origin: None,
            rp_id: None,
            accounts: PathBuf::from("state/console.json"),
            oidc: None,
        }
    }
}
