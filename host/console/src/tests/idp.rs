//! An identity provider, as far as the console sees one.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use gatewright_policy::credential::{Algorithm, ClaimPath, KeySet, KeyUse, sha256};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value, json};

use super::browser::{Browser, Seen};
use crate::accounts::Right;
use crate::oidc::{Group, IdentityProvider, NotReached, Places, SignIn};
use crate::passkey::encoded;

pub(super) const ISSUER: &str = "https://login.example.com";

/// When everything happens, in seconds.
pub(super) const NOW: u64 = 1_800_000_000;

/// How long what it says counts: less than somebody may do nothing.
pub(super) const SESSION_MAX: Duration = Duration::from_secs(20 * 60);

/// What it gives, and to whom.
pub(super) struct Idp {
    pair: EcdsaKeyPair,
    /// Codes, what redeems them, and the nonces of their sign-ins.
    codes: Mutex<HashMap<String, (String, String)>>,
    /// In place of what the next token would say.
    pub(super) header: Mutex<Value>,
    pub(super) claims: Mutex<Value>,
    pub(super) places: Mutex<Result<Places, NotReached>>,
}

/// A browser on its way.
pub(super) struct Way {
    pub(super) url: String,
    pub(super) query: HashMap<String, String>,
}

impl Idp {
    pub(super) fn new() -> Arc<Self> {
        let (algorithm, random) = (&ECDSA_P256_SHA256_FIXED_SIGNING, SystemRandom::new());
        let pair = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
        Arc::new(Self {
            pair: EcdsaKeyPair::from_pkcs8(algorithm, pair.as_ref(), &random).unwrap(),
            codes: Mutex::default(),
            header: Mutex::new(json!({})),
            claims: Mutex::new(json!({})),
            places: Mutex::new(Ok(Places {
                authorization: format!("{ISSUER}/authorize"),
                token: format!("{ISSUER}/token"),
                keys: format!("{ISSUER}/keys"),
                names_itself: true,
            })),
        })
    }

    pub(super) fn sign_in(self: &Arc<Self>) -> SignIn {
        let group = |name: &str, rights: &[Right], roles: &[&str]| Group {
            name: name.to_owned(),
            rights: rights.to_vec(),
            roles: roles.iter().map(|role| (*role).to_owned()).collect(),
        };
        SignIn {
            issuer: ISSUER.to_owned(),
            client_id: "console".to_owned(),
            scopes: vec!["openid".to_owned(), "groups".to_owned()],
            algorithms: vec![Algorithm::Es256],
            name: ClaimPath::parse("preferred_username").unwrap(),
            name_prefix: "user:".to_owned(),
            groups_claim: ClaimPath::parse("groups").unwrap(),
            groups: vec![
                group("finance", &[Right::Approve], &["finance"]),
                group("oncall", &[Right::Operate], &[]),
                group("staff", &[], &[]),
            ],
            session_max: SESSION_MAX,
            provider: Box::new(Reached(Arc::clone(self))),
        }
    }

    /// Begins to sign in.
    pub(super) async fn begin(&self, browser: &mut Browser<'_>) -> Way {
        let seen = browser.submit("/sign-in/oidc", &[]).await;
        assert_eq!(seen.status, 200, "{}", seen.text);
        let (_, rest) = seen.text.split_once("content=\"0; url=").unwrap();
        let url = rest.split('"').next().unwrap().replace("&amp;", "&");
        let (_, query) = url.split_once('?').unwrap();
        Way {
            query: form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect(),
            url,
        }
    }

    /// The person agrees: a code for a sign-in.
    pub(super) fn agree(&self, way: &Way) -> String {
        let mut codes = self.codes.lock().unwrap();
        let code = format!("code-{}", way.query["state"]);
        let of = |name: &str| way.query[name].clone();
        codes.insert(code.clone(), (of("code_challenge"), of("nonce")));
        code
    }

    /// All of it, as somebody of whom these claims are true.
    pub(super) async fn whole(&self, browser: &mut Browser<'_>, claims: Value) -> Seen {
        *self.claims.lock().unwrap() = claims;
        let way = self.begin(browser).await;
        let code = self.agree(&way);
        browser.get(&back(&way, &code)).await
    }

    pub(super) fn jwk(&self) -> Value {
        let point = &self.pair.public_key().as_ref()[1..];
        json!({
            "kty": "EC", "crv": "P-256", "kid": "one",
            "x": encoded(&point[..32]), "y": encoded(&point[32..]),
        })
    }

    fn token(&self, nonce: &str) -> String {
        let header = merged(
            json!({ "alg": "ES256", "typ": "JWT", "kid": "one" }),
            &self.header.lock().unwrap(),
        );
        let claims = merged(
            json!({
                "iss": ISSUER, "sub": "sub-of-kim", "aud": "console", "iat": NOW - 5,
                "exp": NOW + 600, "nonce": nonce, "preferred_username": "kim", "groups": ["finance"],
            }),
            &self.claims.lock().unwrap(),
        );
        let signed = format!(
            "{}.{}",
            encoded(header.to_string().as_bytes()),
            encoded(claims.to_string().as_bytes())
        );
        let signature = self.pair.sign(&SystemRandom::new(), signed.as_bytes());
        let signature = match header["alg"].as_str() {
            Some("none") => String::new(),
            Some("HS256") => {
                // Over what everybody knows: the public key.
                let key = self.jwk().to_string();
                let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, key.as_bytes());
                encoded(ring::hmac::sign(&key, signed.as_bytes()).as_ref())
            }
            Some(_) | None => encoded(signature.unwrap().as_ref()),
        };
        format!("{signed}.{signature}")
    }
}

/// The URL to which the identity provider sends a browser back.
pub(super) fn back(way: &Way, code: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query
        .append_pair("code", code)
        .append_pair("state", &way.query["state"])
        .append_pair("iss", ISSUER);
    format!("/sign-in/oidc/back?{}", query.finish())
}

fn merged(mut own: Value, other: &Value) -> Value {
    for (name, value) in other.as_object().unwrap() {
        match value {
            Value::Null => drop(own.as_object_mut().unwrap().remove(name)),
            value => own[name] = value.clone(),
        }
    }
    own
}

struct Reached(Arc<Idp>);

impl IdentityProvider for Reached {
    fn places(&self) -> BoxFuture<'_, Result<Places, NotReached>> {
        std::future::ready(self.0.places.lock().unwrap().clone()).boxed()
    }

    fn redeem<'a>(
        &'a self,
        _places: &'a Places,
        code: &'a str,
        verifier: &'a str,
        redirect_uri: &'a str,
    ) -> BoxFuture<'a, Result<String, NotReached>> {
        // Good once.
        let known = self.0.codes.lock().unwrap().remove(code);
        let exactly = "http://localhost:8702/sign-in/oidc/back";
        let token = match known {
            Some((challenge, nonce))
                if challenge == sha256(verifier) && redirect_uri == exactly =>
            {
                Ok(self.0.token(&nonce))
            }
            Some(_) | None => Err(NotReached("answered with 400: invalid_grant".to_owned())),
        };
        std::future::ready(token).boxed()
    }

    fn keys<'a>(&'a self, _places: &'a Places) -> BoxFuture<'a, Result<KeySet, NotReached>> {
        let keys = json!({ "keys": [self.0.jwk()] }).to_string();
        let keys = KeySet::parse(keys.as_bytes(), KeyUse::Signature);
        std::future::ready(Ok(keys.unwrap())).boxed()
    }
}
