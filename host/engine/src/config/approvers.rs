//! What a table `[[approver]]` may say.

use std::collections::HashMap;

use gatewright_policy::approval::approver_key;
use gatewright_policy::credential::did_key;

use super::{Loaded, Problems};

/// Longest name of a person or role, in bytes.
const NAME_BYTES_MAX: usize = 256;

pub(super) fn check(loaded: &Loaded, problems: &mut Problems<'_>) {
    let mut owners: HashMap<String, &str> = HashMap::new();
    let mut names = HashMap::new();
    for approver in &loaded.config.approvers {
        let (name, span) = (approver.name.get_ref().as_str(), approver.name.span());
        if !is_text(name) {
            problems.at(
                span.clone(),
                format!("approver `{}` has no fit name", name.escape_debug()),
                "write the id of the person as calls for the person have it, for example `user:kim`"
                    .to_owned(),
            );
        }
        if names.insert(name, ()).is_some() {
            problems.at(
                span.clone(),
                format!("there are two approvers with the name `{name}`"),
                "put the keys of one person into one table".to_owned(),
            );
        }
        if let Some(role) = approver.roles.iter().find(|role| !is_text(role)) {
            problems.at(
                span.clone(),
                format!("approver `{name}` has the role `{}`", role.escape_debug()),
                "write the roles as policies ask for them".to_owned(),
            );
        }
        if approver.keys.is_empty() {
            problems.at(
                span,
                format!("approver `{name}` has no key"),
                "`gatewright key new <file>` prints the did:key of a new one".to_owned(),
            );
        }
        for key in &approver.keys {
            match approver_key(key.get_ref()) {
                Err(error) => problems.at(
                    key.span(),
                    error.to_string(),
                    "`gatewright key show <file>` prints the did:key of a key, also of one of OpenSSH"
                        .to_owned(),
                ),
                Ok(known) => {
                    let owner = owners.insert(did_key(&known), name);
                    if owner.is_some() {
                        problems.at(
                            key.span(),
                            "two approvers, or two places, have the same key".to_owned(),
                            "each person needs a key of one's own".to_owned(),
                        );
                    }
                }
            }
        }
    }
}

fn is_text(name: &str) -> bool {
    !name.is_empty() && name.len() <= NAME_BYTES_MAX && !name.chars().any(char::is_control)
}
