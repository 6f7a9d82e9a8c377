//! The gate, as a client over HTTP sees it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::header::{
    ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue, USER_AGENT, WWW_AUTHENTICATE,
};
use hyper::{Method, Request, Response, StatusCode, Uri};
use tokio::sync::mpsc;
use tokio::time::sleep;

use super::credential::CredentialFile;
use super::error::ConnectError;
use super::said::{MESSAGE_BYTES_MAX, refusal};
use crate::headers::{LAST_EVENT_ID, PROTOCOL_VERSION, SESSION_ID};
use crate::message::Id;
use crate::sse::Parser;
use crate::upstream::Dialer;
use crate::wrap::one_line;

/// How often an answer whose stream broke is asked for again.
const RESUME_MAX: usize = 10;

/// The wait before that.
const RESUME_AFTER: Duration = Duration::from_secs(1);

/// The longest text of a refusal that a client is shown.
const TOLD_BYTES_MAX: usize = 512;

/// One endpoint.
pub(super) struct RemoteGate {
    endpoint: Uri,
    dialer: Dialer,
    credential: CredentialFile,
    session: Mutex<Session>,
}

#[derive(Clone, Debug, Default)]
struct Session {
    id: Option<HeaderValue>,
    revision: Option<HeaderValue>,
}

/// How an exchange went.
enum Came {
    /// The client has what it waits for.
    All,
    /// The stream broke; the last event that came had this id.
    Broke(Option<HeaderValue>),
}

impl RemoteGate {
    /// Connects to nothing yet.
    pub(super) fn new(url: &str, credential: CredentialFile) -> Result<Self, ConnectError> {
        let failed = |problem: String| ConnectError::Endpoint {
            url: url.to_owned(),
            problem,
        };
        let endpoint: Uri = url
            .parse()
            .map_err(|error: hyper::http::uri::InvalidUri| failed(error.to_string()))?;
        let is_loopback = matches!(endpoint.host(), Some("localhost" | "127.0.0.1" | "[::1]"));
        match endpoint.scheme_str() {
            Some("https") => {}
            Some("http") if is_loopback => {}
            Some("http") => {
                let problem = "the credential would go there in the clear: use `https`";
                return Err(failed(problem.to_owned()));
            }
            Some(_) | None => return Err(failed("it is no `https` URL".to_owned())),
        }
        Ok(Self {
            dialer: Dialer::to(&endpoint).map_err(|error| failed(error.to_string()))?,
            endpoint,
            credential,
            session: Mutex::default(),
        })
    }

    /// Sends one message, and hands everything that comes back to the client; where
    /// nothing does, and it waits, an error that says why.
    pub(super) async fn ask(
        &self,
        line: &Bytes,
        headers: &[(HeaderName, HeaderValue)],
        id: Option<&Id>,
        outbox: &mpsc::Sender<Bytes>,
    ) {
        let problem = match self.post(line, headers).await {
            Ok(response) => self.relay(response, id, outbox).await.err(),
            Err(problem) => Some(problem),
        };
        match (problem, id) {
            (None, _) => {}
            (Some(problem), Some(id)) => say(outbox, refusal(Some(id), &problem)).await,
            (Some(problem), None) => tracing::warn!(problem, "a message was not taken"),
        }
    }

    /// What the gate says outside of any answer. False where it has no such stream.
    pub(super) async fn listen(&self, outbox: &mpsc::Sender<Bytes>) -> bool {
        match self.request(Method::GET, &Bytes::new(), &[]).await {
            Ok(response) if response.status() == StatusCode::OK => {
                let _came = self.stream(response, None, outbox).await;
                true
            }
            Ok(response) => response.status().is_server_error(),
            Err(_not_now) => true,
        }
    }

    /// Ends the session.
    pub(super) async fn end(&self) {
        let session = std::mem::take(&mut self.session().id);
        if let Some(session) = session {
            let headers = [(SESSION_ID, session)];
            if let Err(problem) = self.request(Method::DELETE, &Bytes::new(), &headers).await {
                tracing::debug!(problem, "the session was not ended");
            }
        }
    }

    async fn post(
        &self,
        line: &Bytes,
        headers: &[(HeaderName, HeaderValue)],
    ) -> Result<Response<Incoming>, String> {
        self.request(Method::POST, line, headers).await
    }

    /// Asks with the current credential, and once more with another one where that is
    /// refused and there is another.
    async fn request(
        &self,
        method: Method,
        body: &Bytes,
        headers: &[(HeaderName, HeaderValue)],
    ) -> Result<Response<Incoming>, String> {
        let current = self.credential.current().await;
        let token = current.map_err(|error| error.to_string())?;
        let response = self.send(&method, body, headers, &token).await?;
        if response.status() != StatusCode::UNAUTHORIZED {
            return Ok(response);
        }
        match self.credential.other_than(&token).await {
            Some(token) => self.send(&method, body, headers, &token).await,
            None => Ok(response),
        }
    }

    async fn send(
        &self,
        method: &Method,
        body: &Bytes,
        headers: &[(HeaderName, HeaderValue)],
        token: &str,
    ) -> Result<Response<Incoming>, String> {
        let mut request = Request::new(Full::new(body.clone()));
        *request.method_mut() = method.clone();
        *request.uri_mut() = self.endpoint.clone();
        let out = request.headers_mut();
        let bearer = HeaderValue::from_str(&format!("Bearer {token}"));
        let mut bearer = bearer.map_err(|_| "the credential is no header".to_owned())?;
        bearer.set_sensitive(true);
        out.insert(AUTHORIZATION, bearer);
        out.insert(
            USER_AGENT,
            HeaderValue::from_static(concat!("gatewright-connect/", env!("CARGO_PKG_VERSION"))),
        );
        let accept = match *method == Method::GET {
            true => "text/event-stream",
            false => "application/json, text/event-stream",
        };
        out.insert(ACCEPT, HeaderValue::from_static(accept));
        if *method == Method::POST {
            out.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        let session = self.session().clone();
        if let Some(id) = session.id {
            out.insert(SESSION_ID, id);
        }
        if let Some(revision) = session.revision {
            out.insert(PROTOCOL_VERSION, revision);
        }
        for (name, value) in headers {
            out.insert(name.clone(), value.clone());
        }
        let sent = self.dialer.ask(request).await;
        sent.map_err(|error| format!("the gate at `{}` does not answer: {error}", self.endpoint))
    }

    /// Hands an answer to the client. An error says why there is none.
    async fn relay(
        &self,
        response: Response<Incoming>,
        id: Option<&Id>,
        outbox: &mpsc::Sender<Bytes>,
    ) -> Result<(), String> {
        let status = response.status();
        if status == StatusCode::UNAUTHORIZED {
            return Err(self.refused(&response));
        }
        if let Some(session) = response.headers().get(SESSION_ID) {
            self.session().id = Some(session.clone());
        }
        let kind = response.headers().get(CONTENT_TYPE);
        let is_stream = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"));
        if is_stream {
            return self.to_its_end(response, id, outbox).await;
        }
        let body = Limited::new(response.into_body(), MESSAGE_BYTES_MAX);
        let body = body.collect().await;
        let body = body.map_err(|error| format!("the gate's answer broke off: {error}"))?;
        let body = body.to_bytes();
        if body.is_empty() {
            return match id {
                Some(_) => Err(format!("the gate gave no answer (HTTP status {status})")),
                None => Ok(()),
            };
        }
        let Some(id) = id else {
            tracing::warn!(%status, "a message was refused");
            return Ok(());
        };
        let answer = serde_json::from_slice::<serde_json::Value>(&body);
        let answer = answer.map_err(|_no_json| format!("what answers is no gate ({status})"))?;
        self.learn(&answer);
        match answer.get("id") {
            // It was refused before the gate knew which request it is.
            None | Some(serde_json::Value::Null) => {
                let mut answer = answer;
                if let Some(answer) = answer.as_object_mut() {
                    answer.insert("id".to_owned(), serde_json::json!(id));
                }
                say(outbox, answer.to_string()).await;
            }
            Some(_) => hand(outbox, body).await,
        }
        Ok(())
    }

    /// The whole of a stream, which is asked for again where it breaks.
    async fn to_its_end(
        &self,
        response: Response<Incoming>,
        id: Option<&Id>,
        outbox: &mpsc::Sender<Bytes>,
    ) -> Result<(), String> {
        let mut came = self.stream(response, id, outbox).await;
        let mut last = None;
        for _ in 0..RESUME_MAX {
            last = match &came {
                Came::All => return Ok(()),
                Came::Broke(event) => event.clone().or(last),
            };
            let Some(event) = &last else { break };
            sleep(RESUME_AFTER).await;
            let headers = [(LAST_EVENT_ID, event.clone())];
            came = match self.request(Method::GET, &Bytes::new(), &headers).await {
                Ok(response) if response.status() == StatusCode::OK => {
                    self.stream(response, id, outbox).await
                }
                Ok(response) if !response.status().is_server_error() => break,
                Ok(_) | Err(_) => Came::Broke(None),
            };
        }
        match (came, id) {
            (Came::All, _) | (_, None) => Ok(()),
            (Came::Broke(_), Some(_)) => Err("the gate's answer broke off".to_owned()),
        }
    }

    async fn stream(
        &self,
        response: Response<Incoming>,
        id: Option<&Id>,
        outbox: &mpsc::Sender<Bytes>,
    ) -> Came {
        let mut body = response.into_body();
        let mut parser = Parser::new(MESSAGE_BYTES_MAX);
        let mut last = None;
        let mut has_answer = false;
        while let Some(Ok(frame)) = body.frame().await {
            if let Some(piece) = frame.data_ref() {
                parser.push(piece);
            }
            while let Ok(Some(event)) = parser.next() {
                if let Some(event) = &event.id {
                    last = HeaderValue::from_str(event).ok();
                }
                let Some(data) = event.payload() else {
                    continue;
                };
                let message = serde_json::from_str::<serde_json::Value>(data);
                if let Ok(message) = &message {
                    self.learn(message);
                    has_answer |= message.get("method").is_none();
                }
                hand(outbox, Bytes::copy_from_slice(data.as_bytes())).await;
            }
        }
        match has_answer || id.is_none() {
            true => Came::All,
            false => Came::Broke(last),
        }
    }

    /// Notes the revision that a handshake agreed on.
    fn learn(&self, answer: &serde_json::Value) {
        let revision = answer.pointer("/result/protocolVersion");
        let revision = revision.and_then(serde_json::Value::as_str);
        if let Some(revision) = revision.and_then(|text| HeaderValue::from_str(text).ok()) {
            self.session().revision = Some(revision);
        }
    }

    /// What the client shows where the credential is refused.
    fn refused(&self, response: &Response<Incoming>) -> String {
        let challenge = response.headers().get(WWW_AUTHENTICATE);
        let challenge = challenge.and_then(|value| value.to_str().ok());
        let why = challenge.and_then(|challenge| {
            let (_, rest) = challenge.split_once("error_description=\"")?;
            rest.split('"').next()
        });
        let why = why.unwrap_or("it asks for another one");
        let why = why.get(..TOLD_BYTES_MAX).unwrap_or(why);
        format!(
            "the gate refuses the credential in `{}`: {why}; put a new one into the file, it is read again for the next call",
            self.credential.path().display()
        )
    }

    fn session(&self) -> MutexGuard<'_, Session> {
        self.session.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn say(outbox: &mpsc::Sender<Bytes>, message: String) {
    hand(outbox, Bytes::from(message)).await;
}

async fn hand(outbox: &mpsc::Sender<Bytes>, message: Bytes) {
    // An error means that the client reads no more; the bridge ends for that.
    let _ = outbox.send(one_line(message)).await;
}
