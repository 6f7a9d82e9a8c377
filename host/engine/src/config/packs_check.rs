//! What `[packs]`, `[[publisher]]` and `[[pack]]` may say.

use std::collections::{BTreeSet, HashSet};

use gatewright_pack::{PackName, Publisher, TrustPolicy};
use gatewright_policy::credential::public_key;

use super::{BindingConfig, Config, Loaded, PackConfig, Problems, PublisherConfig};

// === impl Loaded ===

impl Loaded {
    /// Whose packs are trusted with what. A key that is none counts for nothing;
    /// the check of the configuration has refused it before.
    pub fn pack_trust(&self) -> TrustPolicy {
        let publishers = self.config.publishers.iter().map(|publisher| Publisher {
            name: publisher.name.get_ref().clone(),
            keys: publisher
                .keys
                .iter()
                .filter_map(|key| public_key(key.get_ref()).ok())
                .collect(),
            threshold: *publisher.threshold.get_ref(),
            expires: publisher.expires.as_ref().map(|at| at.get_ref().0),
            packs: publisher.packs.clone(),
            authority: publisher.authority.iter().copied().collect(),
        });
        TrustPolicy {
            publishers: publishers.collect(),
        }
    }
}

/// Everything that can be wrong with the three of them, and with the bindings
/// that use them.
pub(super) fn check(config: &Config, problems: &mut Problems<'_>) {
    let mut names = HashSet::new();
    for publisher in &config.publishers {
        if !names.insert(publisher.name.get_ref().as_str()) {
            problems.at(
                publisher.name.span(),
                format!("there are two publishers `{}`", publisher.name.get_ref()),
                "rename one, or put the keys together".to_owned(),
            );
        }
        check_publisher(publisher, problems);
    }
    let mut names = HashSet::new();
    for pack in &config.packs_used {
        let name = pack.name.get_ref().as_str();
        if !names.insert(name) {
            problems.at(
                pack.name.span(),
                format!("there are two packs `{name}`"),
                "keep one".to_owned(),
            );
        }
        check_pack(pack, config, problems);
    }
    for binding in &config.bindings {
        check_binding(binding, &names, problems);
    }
}

fn check_publisher(publisher: &PublisherConfig, problems: &mut Problems<'_>) {
    let name = publisher.name.get_ref();
    let mut keys = BTreeSet::new();
    for key in &publisher.keys {
        match public_key(key.get_ref()) {
            Ok(public) => {
                keys.insert(public.to_bytes());
            }
            Err(error) => problems.at(
                key.span(),
                error.to_string(),
                "`gatewright key show` prints the did:key of a key".to_owned(),
            ),
        }
    }
    let threshold = *publisher.threshold.get_ref();
    if threshold == 0 || threshold > keys.len() {
        problems.at(
            match publisher.threshold.span() {
                span if span.is_empty() => publisher.name.span(),
                span => span,
            },
            format!(
                "publisher `{name}` has {} different keys, and {threshold} must have signed",
                keys.len()
            ),
            "write a `threshold` from 1 to the number of keys".to_owned(),
        );
    }
    if publisher.packs.is_empty() {
        problems.at(
            publisher.name.span(),
            format!("publisher `{name}` may sign no pack"),
            format!("write `packs = [\"{name}/*\"]`"),
        );
    }
}

fn check_pack(pack: &PackConfig, config: &Config, problems: &mut Problems<'_>) {
    let name = pack.name.get_ref();
    if name.parse::<PackName>().is_err() {
        problems.at(
            pack.name.span(),
            format!("`{name}` is not the name of a pack"),
            "small letters, digits, `-`, `_` and `.`, parts with `/` between them".to_owned(),
        );
    }
    let may_sign =
        |publisher: &&PublisherConfig| publisher.packs.iter().any(|pattern| pattern.matches(name));
    match config.publishers.iter().filter(may_sign).count() {
        1 => {}
        0 => problems.at(
            pack.name.span(),
            format!("no publisher may sign `{name}`"),
            "add a [[publisher]] with its keys and `packs`".to_owned(),
        ),
        _ => problems.at(
            pack.name.span(),
            format!("more than one publisher may sign `{name}`"),
            "narrow their `packs`: of each pack it must be clear who answers for it".to_owned(),
        ),
    }
    match (&pack.from, &pack.track) {
        (Some(_), Some(_)) | (None, None) => {}
        (Some(from), None) => problems.at(
            from.span(),
            format!("`{name}` is followed, and it is not said what"),
            "write `track`: a tag, or a range of versions such as `\"^1.4\"`".to_owned(),
        ),
        (None, Some(track)) => problems.at(
            track.span(),
            format!("`{name}` is followed, and it is not said from where"),
            "write `from`: the repository".to_owned(),
        ),
    }
}

fn check_binding(binding: &BindingConfig, packs: &HashSet<&str>, problems: &mut Problems<'_>) {
    let Some(pack) = &binding.pack else {
        return;
    };
    if !packs.contains(pack.get_ref().as_str()) {
        problems.at(
            pack.span(),
            format!("there is no [[pack]] `{}`", pack.get_ref()),
            "add one: it says that this gate uses the pack".to_owned(),
        );
    }
    if binding.policy.get_ref().components().count() != 1 || binding.policy_in_pack().is_none() {
        problems.at(
            binding.policy.span(),
            "with `pack`, `policy` is the name of a policy in the pack".to_owned(),
            "`gatewright pack inspect` lists them".to_owned(),
        );
    }
}
