//! The cookies of the console.

use hyper::HeaderMap;
use hyper::header::{COOKIE, HeaderValue};

/// What a browser keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cookie {
    /// Who is signed in.
    Session,
    /// Who is signing in at an identity provider. It comes along when that sends the browser
    /// back from its own site.
    Flow,
}

impl Cookie {
    /// Its value. One that is there twice counts for nothing: somebody else may have set it.
    pub(crate) fn read(self, is_https: bool, headers: &HeaderMap) -> Option<String> {
        let cookies = headers.get_all(COOKIE).iter();
        let cookies = cookies.filter_map(|cookies| cookies.to_str().ok());
        let pairs = cookies.flat_map(|cookies| cookies.split(';'));
        let values = pairs.filter_map(|pair| pair.trim().split_once('='));
        let mut own = values.filter(|(name, _)| *name == self.name(is_https));
        match (own.next(), own.next()) {
            (Some((_, value)), None) => Some(value.to_owned()),
            (Some(_), Some(_)) | (None, _) => None,
        }
    }

    /// The header that gives it to a browser, or takes it.
    pub(crate) fn set(self, is_https: bool, value: Option<&str>) -> Option<HeaderValue> {
        let (name, site) = (self.name(is_https), self.site());
        let secure = if is_https { "; Secure" } else { "" };
        let age = if value.is_some() { "" } else { "; Max-Age=0" };
        let value = value.unwrap_or_default();
        let text = format!("{name}={value}; Path=/; HttpOnly; SameSite={site}{secure}{age}");
        HeaderValue::from_str(&text).ok()
    }

    /// Browsers keep names that begin with `__Host-` from everybody but their host; they
    /// take them over TLS only.
    const fn name(self, is_https: bool) -> &'static str {
        match (self, is_https) {
            (Self::Session, true) => "__Host-gatewright",
            (Self::Session, false) => "gatewright-console",
            (Self::Flow, true) => "__Host-gatewright-sign-in",
            (Self::Flow, false) => "gatewright-sign-in",
        }
    }

    const fn site(self) -> &'static str {
        match self {
            Self::Session => "Strict",
            Self::Flow => "Lax",
        }
    }
}
