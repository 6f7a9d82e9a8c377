//! Keeps the keys that issuers publish: off the path of any call, before anybody needs
//! them, and again in time.

mod discovery;

use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt as _};
use gatewright_engine::{Engine, KeySource};
use gatewright_policy::credential::{KEY_SET_BYTES_MAX, KeySet};

use crate::fetch::{FetchError, Http};

/// Whether any keys are to be fetched is looked at this often.
const TICK: Duration = Duration::from_secs(1);

/// Fetches the keys of the issuers of the active snapshot, for as long as the gate
/// serves. A slow issuer keeps no other one waiting.
pub(crate) async fn keep(engine: &Arc<Engine>) {
    let http = Http::default();
    let mut looks = FuturesUnordered::new();
    loop {
        let snapshot = engine.snapshot();
        for source in engine
            .keyring()
            .take_due(snapshot.key_sources(), engine.now())
        {
            let http = &http;
            looks.push(async move {
                let found = fetch(http, &source).await;
                (source, found)
            });
        }
        drop(snapshot);
        tokio::select! {
            Some((source, found)) = looks.next() => {
                if let Err(error) = &found {
                    tracing::warn!(issuer = %source.issuer, %error, "keys not fetched");
                }
                let found = found.map_err(|error| error.to_string());
                engine.keyring().looked(&source, found, engine.now());
            }
            () = engine.keyring().wanted() => {}
            () = tokio::time::sleep(TICK) => {}
        }
    }
}

/// Fetches the keys of an issuer once.
pub async fn fetch_keys(source: &KeySource) -> Result<KeySet, FetchError> {
    fetch(&Http::default(), source).await
}

async fn fetch(http: &Http, source: &KeySource) -> Result<KeySet, FetchError> {
    let url = match &source.url {
        Some(url) => url.clone(),
        None => discovery::key_set_url(http, &source.issuer).await?,
    };
    let text = http.get(&url, KEY_SET_BYTES_MAX).await?;
    KeySet::parse(&text, source.key_use).map_err(|error| FetchError::of(&url, error.to_string()))
}
