//! What every request needs.

use std::sync::Arc;

use gatewright_policy::Timestamp;
use hyper::header::HeaderValue;
use hyper::{HeaderMap, StatusCode};
use tokio::sync::Semaphore;

use crate::accounts::{Account, Accounts, Invites, Right};
use crate::approvals::{Approvals, Approver};
use crate::asset::Assets;
use crate::challenges::Challenges;
use crate::cookies::Cookie;
use crate::gate::GateView;
use crate::oidc::{Flows, SignIn};
use crate::operations::Operations;
use crate::pace::Pace;
use crate::passkey::RelyingParty;
use crate::record::{Live, Record};
use crate::reply::Refused;
use crate::sessions::{Sessions, Token};

/// Streams that are open at once.
const STREAMS_MAX: usize = 32;

/// What the console shows, and whom it asks.
pub struct Sources {
    /// The held calls.
    pub approvals: Arc<dyn Approvals>,
    /// What people who may operate ask for.
    pub operations: Arc<dyn Operations>,
    /// What was recorded.
    pub record: Arc<dyn Record>,
    /// The gate.
    pub gate: Box<dyn Fn() -> GateView + Send + Sync>,
    /// How people sign in who have an identity provider.
    pub sign_in: Option<SignIn>,
    /// The time, which never runs back.
    pub now: Box<dyn Fn() -> Timestamp + Send + Sync>,
}

/// Everything that a request may use.
pub(crate) struct Desk {
    pub(crate) party: RelyingParty,
    pub(crate) sources: Sources,
    pub(crate) accounts: Arc<Accounts>,
    pub(crate) invites: Invites,
    pub(crate) sessions: Sessions,
    pub(crate) challenges: Challenges,
    /// How people sign in who have an identity provider.
    pub(crate) sign_in: Option<SignIn>,
    pub(crate) flows: Flows,
    pub(crate) live: Live,
    pub(crate) assets: Assets,
    /// Questions to passkeys, of whoever comes.
    pub(crate) asking: Pace,
    /// Questions of people who have signed in.
    pub(crate) deciding: Pace,
    /// Codes that somebody typed.
    pub(crate) codes: Pace,
    pub(crate) streams: Arc<Semaphore>,
}

/// Somebody who is signed in.
pub(crate) struct Visitor {
    pub(crate) token: Token,
    pub(crate) account: Account,
    /// When they signed in.
    pub(crate) began: Timestamp,
}

impl Desk {
    pub(crate) fn new(party: RelyingParty, accounts: Accounts, mut sources: Sources) -> Self {
        Self {
            sign_in: sources.sign_in.take(),
            flows: Flows::default(),
            party,
            sources,
            accounts: Arc::new(accounts),
            invites: Invites::default(),
            sessions: Sessions::default(),
            challenges: Challenges::default(),
            live: Live::default(),
            assets: Assets::new(),
            asking: Pace::new(60, 1000),
            deciding: Pace::new(60, 1000),
            codes: Pace::new(8, 8000),
            streams: Arc::new(Semaphore::new(STREAMS_MAX)),
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        (self.sources.now)()
    }

    /// Who sends this, by the cookie of their session.
    pub(crate) fn visitor(&self, headers: &HeaderMap) -> Option<Visitor> {
        let token = self.token(headers)?;
        let session = self.sessions.enter(&token, self.now())?;
        let account = self.accounts.find(&session.account)?;
        Some(Visitor {
            token,
            account,
            began: session.began,
        })
    }

    /// The cookie of a session.
    pub(crate) fn token(&self, headers: &HeaderMap) -> Option<Token> {
        let value = self.read_cookie(Cookie::Session, headers)?;
        Some(Token::from_cookie(&value))
    }

    /// A cookie that a browser sent.
    pub(crate) fn read_cookie(&self, cookie: Cookie, headers: &HeaderMap) -> Option<String> {
        cookie.read(self.is_https(), headers)
    }

    /// The header that gives a browser a cookie, or takes it.
    pub(crate) fn set_cookie(&self, cookie: Cookie, value: Option<&str>) -> Option<HeaderValue> {
        cookie.set(self.is_https(), value)
    }

    fn is_https(&self) -> bool {
        self.party.origin.starts_with("https://")
    }
}

impl Visitor {
    /// Whether they may do this.
    pub(crate) fn must(&self, right: Right) -> Result<(), Refused> {
        match self.account.may(right) {
            true => Ok(()),
            false => {
                let why = format!("your account has no right to {}", right.as_str());
                Err(Refused::new(StatusCode::FORBIDDEN, why))
            }
        }
    }

    /// Whether what they want done comes from a page that was made for them.
    pub(crate) fn sent(&self, form_token: Option<&str>) -> Result<(), Refused> {
        match form_token.is_some_and(|token| self.token.is_form_token(token)) {
            true => Ok(()),
            false => Err(Refused::new(
                StatusCode::FORBIDDEN,
                "this page is too old; load it again",
            )),
        }
    }

    /// As whom they decide.
    pub(crate) fn approver(&self) -> Approver {
        Approver {
            name: self.account.name.clone(),
            roles: self.account.roles.clone(),
        }
    }
}
