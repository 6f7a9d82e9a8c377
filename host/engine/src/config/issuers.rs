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

/// Whether an address names a host whole: what is below it is then of that host.
fn is_list_address(address: &str) -> bool {
    let after = |scheme| address.strip_prefix(scheme);
    let (rest, is_tls) = match (after("https://"), after("http://")) {
        (Some(rest), _) => (rest, true),
        (None, Some(rest)) => (rest, false),
        (None, None) => return false,
    };
    let Some((authority, _path)) = rest.split_once('/') else {
        return false;
    };
    let host = match authority.rsplit_once(':') {
        Some((host, _port)) if !authority.ends_with(']') => host,
        Some(_) | None => authority,
    };
    let is_here = ["127.0.0.1", "localhost", "[::1]"].contains(&host);
    !authority.is_empty() && !authority.contains('@') && (is_tls || is_here)
}

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
        for list in &issuer.status_lists {
            if !is_list_address(list.get_ref()) {
                problems.at(
                    list.span(),
                    format!("`{}` is no address of status lists", list.get_ref()),
                    "write `https://<host>/<path>`; one that ends in `/` stands for everything \
                     below, and plain `http` is for this machine alone"
                        .to_owned(),
                );
            }
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
