//! How people sign in to the console at their identity provider.

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use gatewright_console::{Group, IdentityProvider, NotReached, Places, Right, SignIn};
use gatewright_engine::config::{ConsoleRight, Loaded, OidcConfig};
use gatewright_engine::snapshot::OidcClient;
use gatewright_gateway::{OpenIdProvider, ProviderMetadata};
use gatewright_policy::credential::KeySet;

/// As it is configured. Asks nobody yet.
pub(super) fn of(config: &OidcConfig, loaded: &Loaded) -> SignIn {
    let client = OidcClient::of(config, loaded);
    let groups = config.groups.iter().map(|(name, group)| Group {
        name: name.clone(),
        rights: group.rights.iter().copied().map(right).collect(),
        roles: group.roles.clone(),
    });
    let openid = std::iter::once("openid".to_owned());
    SignIn {
        issuer: client.issuer.clone(),
        client_id: client.client_id.clone(),
        scopes: openid.chain(config.scopes.clone()).collect(),
        algorithms: config.algorithms.clone(),
        name: config.name_claim.get_ref().clone(),
        name_prefix: config.name_prefix.clone(),
        groups_claim: config.groups_claim.get_ref().clone(),
        groups: groups.collect(),
        session_max: config.session_max.0,
        provider: Box::new(Reached(OpenIdProvider::new(&client))),
    }
}

const fn right(right: ConsoleRight) -> Right {
    match right {
        ConsoleRight::Approve => Right::Approve,
        ConsoleRight::Operate => Right::Operate,
    }
}

/// An identity provider, as the gate reaches it.
struct Reached(OpenIdProvider);

impl IdentityProvider for Reached {
    fn places(&self) -> BoxFuture<'_, Result<Places, NotReached>> {
        async move {
            let said = self.0.metadata().await;
            let said = said.map_err(|error| NotReached(error.to_string()))?;
            Ok(Places {
                authorization: said.authorization_endpoint,
                token: said.token_endpoint,
                keys: said.keys_url,
                names_itself: said.names_itself,
            })
        }
        .boxed()
    }

    fn redeem<'a>(
        &'a self,
        places: &'a Places,
        code: &'a str,
        verifier: &'a str,
        redirect_uri: &'a str,
    ) -> BoxFuture<'a, Result<String, NotReached>> {
        async move {
            let metadata = metadata(places);
            let token = self.0.redeem(&metadata, code, verifier, redirect_uri).await;
            token.map_err(|error| NotReached(error.to_string()))
        }
        .boxed()
    }

    fn keys<'a>(&'a self, places: &'a Places) -> BoxFuture<'a, Result<KeySet, NotReached>> {
        async move {
            let keys = self.0.keys(&metadata(places)).await;
            keys.map_err(|error| NotReached(error.to_string()))
        }
        .boxed()
    }
}

fn metadata(places: &Places) -> ProviderMetadata {
    ProviderMetadata {
        authorization_endpoint: places.authorization.clone(),
        token_endpoint: places.token.clone(),
        keys_url: places.keys.clone(),
        names_itself: places.names_itself,
    }
}
