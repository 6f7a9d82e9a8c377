//! What `[agents]` may say.

use super::{Loaded, Problems};
use crate::agents::read_file;

pub(super) fn check(loaded: &Loaded, problems: &mut Problems<'_>) {
    let agents = loaded.config.agents.as_ref();
    let Some(file) = agents.and_then(|agents| agents.file.as_ref()) else {
        return;
    };
    if let Err(error) = read_file(&loaded.resolve(file.get_ref())) {
        problems.at(
            file.span(),
            error.to_string(),
            "each agent has an `id` and an `issuer`: see `gatewright docs configuration`"
                .to_owned(),
        );
    }
}
