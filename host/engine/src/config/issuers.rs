//! What a table `[[issuer]]` may say.

use std::collections::HashSet;
use std::ops::Range;

use gatewright_policy::credential::{KeySet, public_key};
use gatewright_policy::pattern::Scope;
use toml::Spanned;

use super::anchors::key_file;
use super::tokens::{ClaimsConfig, IssuerKind};
use super::url::is_safe;
use super::{IssuerConfig, Loaded, Problems, ServerConfig};

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
/// Most claims that policies see of one credential.
const FACTS_MAX: usize = 32;

pub(super) fn check(loaded: &Loaded, problems: &mut Problems<'_>) {
    let gate = &loaded.config.gate;
    let servers = gate.authorization_servers.iter().flatten();
    for url in servers.filter(|url| !is_safe(url)) {
        problems.whole_file(
            format!("`{url}` in `gate.authorization_servers` is not an https URL"),
            "write the issuer identifier of the authorization server".to_owned(),
        );
    }
    let mut ids = HashSet::new();
    for issuer in &loaded.config.issuers {
        let id = issuer.id.get_ref();
        if !ids.insert(id.as_str()) {
            problems.at(
                issuer.id.span(),
                format!("there are two issuers with the id `{id}`"),
                "put what is asked of its credentials into one table".to_owned(),
            );
        }
        match issuer.kind() {
            IssuerKind::Credential => check_credential(issuer, problems),
            IssuerKind::Oauth | IssuerKind::Spiffe | IssuerKind::Kubernetes => {
                check_tokens(issuer, problems);
            }
        }
        check_keys(loaded, issuer, problems);
        if issuer.claims.facts.len() > FACTS_MAX {
            problems.at(
                issuer.id.span(),
                format!("issuer `{id}` has more than {FACTS_MAX} facts"),
                "name those that policies read".to_owned(),
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
        check_maps(issuer, problems);
    }
}

/// An issuer of `vc+jwt` is its key, or has its keys pinned.
fn check_credential(issuer: &IssuerConfig, problems: &mut Problems<'_>) {
    let id = issuer.id.get_ref();
    if issuer.jwks_file.is_none() && KeySet::of_did(id).is_none() {
        let problem = public_key(id).err();
        problems.at(
            issuer.id.span(),
            problem.map_or_else(|| format!("`{id}` is no key"), |error| error.to_string()),
            "`gatewright credential key` prints the did:key of a key; the keys of a `did:web` \
             go to a file (`jwks_file`), and an authorization server has an https URL"
                .to_owned(),
        );
    }
    let only_facts = ClaimsConfig {
        facts: issuer.claims.facts.clone(),
        ..ClaimsConfig::default()
    };
    let says_more = issuer.types.is_some()
        || !issuer.audience.is_empty()
        || issuer.claims != only_facts
        || !issuer.scope_map.is_empty()
        || !issuer.role_map.is_empty();
    if says_more {
        problems.at(
            issuer.id.span(),
            format!("issuer `{id}` issues `vc+jwt`, which say by themselves who asks for what"),
            "`types`, `audience`, `scope_map`, `role_map` and all `claims` but `facts` are for \
             tokens: leave them out"
                .to_owned(),
        );
    }
    if let Some(url) = &issuer.jwks_url {
        problems.at(
            url.span(),
            "keys of issuers of `vc+jwt` are not fetched".to_owned(),
            "put them into a file: `jwks_file`".to_owned(),
        );
    }
}

fn check_tokens(issuer: &IssuerConfig, problems: &mut Problems<'_>) {
    let (id, span) = (issuer.id.get_ref(), issuer.id.span());
    let mut wrong_id = |what: &str, hint: &str| {
        problems.at(
            span.clone(),
            format!("`{id}` is not {what}"),
            hint.to_owned(),
        );
    };
    match issuer.kind() {
        IssuerKind::Spiffe => {
            let domain = id.strip_prefix("spiffe://").unwrap_or_default();
            let is_domain = !domain.is_empty()
                && domain.len() <= 255
                && domain.bytes().all(|byte| {
                    byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_.".contains(&byte)
                });
            if !is_domain {
                wrong_id(
                    "a trust domain",
                    "write it as in `spiffe://example.org`, without a path",
                );
            } else if issuer.jwks_file.is_none() && issuer.jwks_url.is_none() {
                problems.at(
                    span.clone(),
                    format!("trust domain `{id}` has no bundle"),
                    "`jwks_file` names one, and `jwks_url` says where it is".to_owned(),
                );
            }
        }
        IssuerKind::Oauth | IssuerKind::Kubernetes | IssuerKind::Credential => {
            if !is_safe(id) {
                wrong_id(
                    "an https URL",
                    "write the issuer as its tokens name it (`iss`); plain http is for this \
                     machine alone",
                );
            }
        }
    }
    let is_empty = |list: &Option<Spanned<Vec<String>>>| {
        list.as_ref()
            .filter(|list| list.get_ref().iter().all(String::is_empty))
            .map(Spanned::span)
    };
    if let Some(span) = is_empty(&issuer.types) {
        nothing("types", span, problems);
    }
    let has_roles = match (&issuer.claims.roles, issuer.kind()) {
        (Some(roles), _) => !roles.0.is_empty(),
        (None, kind) => kind != IssuerKind::Oauth,
    };
    if has_roles && issuer.role_map.is_empty() {
        problems.at(
            span,
            format!("the roles of issuer `{id}` stand for nothing"),
            "`role_map` says what each of them may call: `role_map = { \"ops\" = [\"files:*\"] }`; \
             of a workload, the role is its id"
                .to_owned(),
        );
    } else if !has_roles && !issuer.role_map.is_empty() {
        problems.at(
            span,
            format!("issuer `{id}` has a `role_map`, and no claim that names roles"),
            "name it: `claims = { roles = \"groups\" }`".to_owned(),
        );
    }
}

/// Where its keys are: in one place.
fn check_keys(loaded: &Loaded, issuer: &IssuerConfig, problems: &mut Problems<'_>) {
    if let (Some(_), Some(url)) = (&issuer.jwks_file, &issuer.jwks_url) {
        problems.at(
            url.span(),
            "an issuer has either a `jwks_file` or a `jwks_url`".to_owned(),
            "keep one".to_owned(),
        );
    }
    if let Some(url) = issuer
        .jwks_url
        .as_ref()
        .filter(|url| !is_safe(url.get_ref()))
    {
        problems.at(
            url.span(),
            format!("`{}` is not an https URL", url.get_ref()),
            "plain http is for this machine alone".to_owned(),
        );
    }
    if let Some(file) = &issuer.jwks_file
        && let Err(problem) = key_file(loaded, issuer)
    {
        problems.at(
            file.span(),
            problem,
            "it holds a JWK Set: `{\"keys\": [...]}`, public keys alone".to_owned(),
        );
    }
    if let Some(list) = &issuer.algorithms
        && list.get_ref().is_empty()
    {
        nothing("algorithms", list.span(), problems);
    }
    if issuer.keys_refresh.0.as_secs() == 0 || issuer.keys_kept.0 < issuer.keys_refresh.0 {
        problems.at(
            issuer.id.span(),
            "keys are kept for a shorter time than passes before they are fetched again".to_owned(),
            "`keys_kept` is longer than `keys_refresh`, and that is a second at the least"
                .to_owned(),
        );
    }
}

fn nothing(key: &str, span: Range<usize>, problems: &mut Problems<'_>) {
    problems.at(
        span,
        format!("`{key}` lets nothing pass"),
        "leave the key out for its default".to_owned(),
    );
}

/// What scopes and roles stand for is within what the issuer may grant: otherwise it
/// would be written there in vain.
fn check_maps(issuer: &IssuerConfig, problems: &mut Problems<'_>) {
    let maps = issuer.scope_map.iter().chain(&issuer.role_map);
    for scope in maps.flat_map(|(_, scopes)| scopes) {
        let covers = |widest: &Spanned<Scope>| widest.get_ref().subsumes(scope.get_ref());
        if !issuer.scopes.iter().any(covers) {
            problems.at(
                scope.span(),
                format!(
                    "scope `{}` is wider than the `scopes` of its issuer",
                    scope.get_ref()
                ),
                "widen `scopes`, or narrow this one".to_owned(),
            );
        }
    }
}
