//! Webhooks of a configuration that was checked.

use std::path::PathBuf;

use super::{StoredSecret, Webhook, WebhookUrl};
use crate::config::Loaded;

impl Loaded {
    /// Those who are told of held calls, each with where its secrets are.
    pub(super) fn webhooks(&self) -> Vec<Webhook> {
        let source = |variable: &Option<String>, file: &Option<PathBuf>| {
            StoredSecret::of(variable.as_ref(), file.as_ref(), self)
        };
        let webhooks = self.config.webhooks.iter().filter_map(|webhook| {
            let url = match &webhook.url {
                Some(url) => WebhookUrl::Known(url.clone()),
                None => WebhookUrl::Secret(source(&webhook.url_env, &webhook.url_file)?),
            };
            Some(Webhook {
                name: webhook.name.get_ref().clone(),
                url,
                secret: source(&webhook.secret_env, &webhook.secret_file),
                shape: webhook.shape,
                events: webhook.events.clone(),
                dead_letters: self.resolve(&webhook.dead_letters),
            })
        });
        webhooks.collect()
    }
}
