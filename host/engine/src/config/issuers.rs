//! What a table `[[issuer]]` may say.

use gatewright_policy::credential::public_key;

use super::{Loaded, Problems, ServerConfig};

/// Claims that say something about one credential, not about what it is used for.
const CLAIMS_OF_A_CREDENTIAL: [&str; 12] = [
    "@context",
    "type",
    "id",
    "jti",
    "iss",
    "issuer",
    "iat",
    "nbf",
    "exp",
    "validFrom",
    "validUntil",
    "credentialSubject",
];

pub(super) fn check(loaded: &Loaded, problems: &mut Problems<'_>) {
    for issuer in &loaded.config.issuers {
        if let Err(error) = public_key(issuer.id.get_ref()) {
            problems.at(
                issuer.id.span(),
                error.to_string(),
                "`gatewright credential key` prints the did:key of a key".to_owned(),
            );
        }
        if let Some(claim) = &issuer.task_claim
            && (claim.get_ref().is_empty()
                || CLAIMS_OF_A_CREDENTIAL.contains(&claim.get_ref().as_str()))
        {
            problems.at(
                claim.span(),
                format!("`{}` names no task", claim.get_ref()),
                "name a claim that stays the same for all credentials of one task, for \
                 instance `txn`: with another one each credential begins without labels"
                    .to_owned(),
            );
        }
        for scope in &issuer.scopes {
            let fits = |server: &ServerConfig| scope.get_ref().covers_server(server.name.get_ref());
            if !loaded.config.servers.iter().any(fits) {
                problems.at(
                    scope.span(),
                    format!("scope `{}` covers no server", scope.get_ref()),
                    format!("the servers are: {}", loaded.config.server_names()),
                );
            }
        }
    }
}
