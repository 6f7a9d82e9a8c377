//! Webhooks of a configuration that was checked.

use std::path::PathBuf;

use super::{SecretSource, Webhook, WebhookUrl};
use crate::config::Loaded;

impl Loaded {
    /// Those who are told of held calls, each with where its secrets are.
    pub(super) fn webhooks(&self) -> Vec<Webhook> {
        let source = |variable: &Option<String>, file: &Option<PathBuf>| match (variable, file) {
            (Some(variable), _) => Some(SecretSource::Env(variable.clone())),
            (None, Some(file)) => Some(SecretSource::File(self.resolve(file))),
            (None, None) => None,
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
