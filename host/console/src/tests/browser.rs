//! A browser, as far as the console sees one.

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::header::{CONTENT_TYPE, COOKIE, HOST, ORIGIN, SET_COOKIE};
use hyper::{HeaderMap, Method, Request, StatusCode};
use serde_json::{Value, json};

use super::{Bench, account};
use crate::accounts::Right;
use crate::passkey::{decoded, tests::Device};
use crate::routes;

/// What came back.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) text: String,
}

/// Somebody at a browser.
pub(super) struct Browser<'a> {
    pub(super) bench: &'a Bench,
    pub(super) cookie: Option<String>,
    /// The cookie of a sign-in at an identity provider.
    pub(super) flow: Option<String>,
    /// Of the last page that had one.
    pub(super) form_token: String,
}

impl<'a> Browser<'a> {
    pub(super) fn new(bench: &'a Bench) -> Self {
        Self {
            bench,
            cookie: None,
            flow: None,
            form_token: String::new(),
        }
    }

    /// Somebody with an account who has signed in.
    pub(super) async fn signed_in(
        bench: &'a Bench,
        name: &str,
        rights: &[Right],
    ) -> (Self, Device) {
        let device = Device::new(&bench.desk.party);
        bench
            .desk
            .accounts
            .add(account(name, rights, &device))
            .unwrap();
        let mut browser = Self::new(bench);
        let mut device = device;
        let seen = browser.sign_in(&mut device).await;
        assert_eq!(seen.status, StatusCode::OK, "{}", seen.text);
        browser.get("/health").await;
        (browser, device)
    }

    pub(super) async fn sign_in(&mut self, device: &mut Device) -> Seen {
        let challenge = self
            .challenge("/sign-in/challenge", &json!({}))
            .await
            .unwrap();
        let answer = device.sign(&challenge);
        device.counter += 1;
        let answer = serde_json::to_value(answer).unwrap();
        self.post("/sign-in", &answer).await
    }

    /// What a passkey is asked, unless it is not asked.
    pub(super) async fn challenge(&mut self, path: &str, body: &Value) -> Result<Vec<u8>, Seen> {
        let seen = self.post(path, body).await;
        match seen.status {
            StatusCode::OK => {
                let asked: Value = serde_json::from_str(&seen.text).unwrap();
                Ok(decoded(asked["challenge"].as_str().unwrap()).unwrap())
            }
            _ => Err(seen),
        }
    }

    pub(super) async fn get(&mut self, path: &str) -> Seen {
        self.send(Method::GET, path, &[], String::new()).await
    }

    pub(super) async fn post(&mut self, path: &str, body: &Value) -> Seen {
        let token = self.form_token.clone();
        let headers = [
            (ORIGIN.as_str(), &*self.bench.desk.party.origin),
            (CONTENT_TYPE.as_str(), "application/json"),
            ("x-form-token", &token),
        ];
        self.send(Method::POST, path, &headers, body.to_string())
            .await
    }

    pub(super) async fn submit(&mut self, path: &str, fields: &[(&str, &str)]) -> Seen {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("form-token", &self.form_token);
        form.extend_pairs(fields);
        let headers = [
            (ORIGIN.as_str(), "null"),
            ("sec-fetch-site", "same-origin"),
            (CONTENT_TYPE.as_str(), "application/x-www-form-urlencoded"),
        ];
        self.send(Method::POST, path, &headers, form.finish()).await
    }

    pub(super) async fn send(
        &mut self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: String,
    ) -> Seen {
        let host = self.bench.desk.party.origin.split_once("://").unwrap().1;
        let mut request = Request::builder().method(method).uri(path);
        if !headers.iter().any(|(name, _)| *name == HOST.as_str()) {
            request = request.header(HOST, host);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let cookies: Vec<_> = [&self.cookie, &self.flow].into_iter().flatten().collect();
        if !cookies.is_empty() {
            let cookies: Vec<_> = cookies.into_iter().map(String::as_str).collect();
            request = request.header(COOKIE, cookies.join("; "));
        }
        let request = request.body(Full::new(Bytes::from(body))).unwrap();
        let response = routes::serve(&self.bench.desk, request).await;
        let (parts, body) = response.into_parts();
        for cookie in parts.headers.get_all(SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            let pair = cookie.split(';').next().unwrap().to_owned();
            match pair.contains("sign-in=") {
                true => self.flow = (!cookie.contains("Max-Age=0")).then_some(pair),
                false => self.cookie = Some(pair),
            }
        }
        let is_stream = parts
            .headers
            .get(CONTENT_TYPE)
            .is_some_and(|it| it == "text/event-stream");
        let text = match is_stream {
            true => String::new(),
            false => {
                let bytes = body.collect().await.unwrap().to_bytes();
                String::from_utf8(bytes.to_vec()).unwrap()
            }
        };
        let marker = "<meta name=\"form-token\" content=\"";
        if let Some((_, rest)) = text.split_once(marker) {
            self.form_token = rest.split('"').next().unwrap().to_owned();
        }
        Seen {
            status: parts.status,
            headers: parts.headers,
            text,
        }
    }
}
