//! What pushing and pulling have in common: how the registry is reached, and how
//! what was carried is told.

use gatewright_registry::{Registry, RegistryError, Settings};
use serde::Serialize;

use crate::output::{Format, print_json, print_line, visible};

/// How to reach the registry.
///
/// Credentials are those of `docker login`: the Docker configuration, with its
/// credential helpers.
#[derive(clap::Args)]
pub(super) struct Reach {
    /// Speak plain HTTP: only with a registry on this machine.
    #[arg(long)]
    plain_http: bool,
    /// Output format.
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: Format,
}

/// What was carried.
#[derive(Serialize)]
pub(super) struct Carried {
    /// The place in the registry.
    pub(super) reference: String,
    /// Digest of the image manifest.
    pub(super) digest: String,
    /// Bytes of the pack and its signatures.
    pub(super) bytes: u64,
    /// How many signatures there are; none was verified.
    pub(super) signatures: usize,
}

impl Reach {
    /// Does the work with a registry, and ends with it.
    pub(super) fn with<T>(
        &self,
        work: impl AsyncFnOnce(&Registry) -> Result<T, RegistryError>,
    ) -> anyhow::Result<T> {
        let registry = Registry::new(Settings {
            plain_http: self.plain_http,
            ..Settings::default()
        });
        Ok(crate::runtime::runtime()?.block_on(work(&registry))?)
    }
}

impl Carried {
    pub(super) fn print(&self, format: Format) -> anyhow::Result<()> {
        match format {
            Format::Json => print_json(self),
            Format::Text => Ok(print_line(&self.text())?),
        }
    }

    fn text(&self) -> String {
        let reference = visible(&self.reference);
        let Self {
            digest,
            bytes,
            signatures,
            ..
        } = self;
        format!(
            "{reference}\ndigest      {digest}\nbytes       {bytes}\nsignatures  {signatures}, not verified"
        )
    }
}
