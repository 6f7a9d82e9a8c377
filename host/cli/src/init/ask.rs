//! Asking the tool servers that were found for what they have.

use std::path::Path;
use std::time::Duration;

use futures_util::future::join_all;
use gatewright_engine::config::Loaded;

use super::config::{self, Reader};
use super::offer::Offer;
use super::servers::Server;
use crate::output::visible;
use crate::rehearsal::Rehearsal;
use crate::server_lists;

/// How long one may take: the first start of many fetches them.
const PATIENCE: Duration = Duration::from_secs(45);

/// Whether a gate could have the server at all; why not otherwise.
pub(super) fn is_possible(server: &Server, folder: &Path) -> Result<(), String> {
    loaded(&[server], folder).map(|_| ())
}

/// Starts or reaches all of them, side by side; for each what it has, or why it could not
/// be asked.
pub(super) async fn ask(
    servers: &[&Server],
    folder: &Path,
) -> anyhow::Result<Vec<Result<Offer, String>>> {
    let mut loaded = loaded(servers, folder).map_err(anyhow::Error::msg)?;
    server_lists::may_list(&mut loaded.config)?;
    let configs = loaded.config.servers.iter_mut().zip(servers);
    for (place, (config, server)) in configs.enumerate() {
        let secrets = &server.secrets;
        config.env.extend(secrets.variables.clone());
        if let Some(credential) = &mut config.credential {
            // Names of two servers may differ only in what a file system does not tell apart.
            let file = folder.join(format!("credential-{place}"));
            gatewright_disk::create(
                &file,
                gatewright_disk::Access::Owner,
                secrets.header.as_bytes(),
            )?;
            let credential = credential.get_mut();
            credential.env = None;
            credential.file = Some(file);
        }
    }
    let rehearsal = Rehearsal::of(loaded).await?;
    let engine = &rehearsal.engine;
    let asked = servers.iter().map(|server| async move {
        let name = &server.name;
        match server_lists::listed(engine, name, PATIENCE).await {
            Ok(lists) => Ok(Offer::of(engine, name, &lists)),
            Err(error) => Err(visible(&format!("{error:#}"))),
        }
    });
    Ok(join_all(asked).await)
}

/// A configuration of nothing but servers.
fn loaded(servers: &[&Server], folder: &Path) -> Result<Loaded, String> {
    let texts = servers.iter().map(|it| config::server(it, Reader::Gate));
    let path = folder.join("gatewright.toml");
    Loaded::read_text(&path, texts.collect()).map_err(|error| {
        let first = error.problems.first();
        let message = first.map(|problem| problem.message.clone());
        visible(&message.unwrap_or_default())
    })
}
