//! A server that answers as a test says, badly too. It speaks raw HTTP/1.1, one
//! request a connection.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::pack::{INDEX, MANIFEST, Pack, listed};

/// A request that came.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: Vec<u8>,
    /// How often the same was asked before.
    pub(crate) before: usize,
}

/// What to do about it.
pub(crate) enum Reply {
    /// A whole answer. HEAD gets no body.
    Whole(u16, Vec<(&'static str, String)>, Vec<u8>),
    /// These bytes, and then the connection ends.
    Raw(Vec<u8>),
    /// These bytes, and then silence until the client goes.
    Silence(Vec<u8>),
    /// These bytes, and then one byte after the other, until the client goes.
    Drip(Vec<u8>),
    /// These bytes, and then as many more as the client takes.
    Flood(Vec<u8>),
}

type Answering = dyn Fn(&Asked) -> Reply + Send + Sync;

pub(crate) struct Server {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
    ending: Arc<AtomicBool>,
    acceptor: Option<JoinHandle<()>>,
}

impl Server {
    pub(crate) fn new(answering: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (asked, ending) = (Arc::default(), Arc::new(AtomicBool::new(false)));
        let answering: Arc<Answering> = Arc::new(answering);
        let acceptor = std::thread::spawn({
            let (asked, ending) = (Arc::clone(&asked), Arc::clone(&ending));
            move || accept(&listener, &asked, &ending, &answering)
        });
        Self {
            address,
            asked,
            ending,
            acceptor: Some(acceptor),
        }
    }

    /// Host and port.
    pub(crate) fn host(&self) -> String {
        self.address.to_string()
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// How often a path that ends so was asked for.
    pub(crate) fn count(&self, method: &str, end: &str) -> usize {
        let asked = self.asked();
        asked
            .iter()
            .filter(|asked| asked.method == method && asked.path.ends_with(end))
            .count()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.ending.store(true, Ordering::SeqCst);
        // Wakes the acceptor.
        let _ = TcpStream::connect(self.address);
        if let Some(acceptor) = self.acceptor.take() {
            let _ = acceptor.join();
        }
    }
}

/// What a registry without the referrers API answers about one pack in `acme/guards`.
pub(crate) fn honest(pack: &Pack, asked: &Asked) -> Reply {
    let rest = asked
        .path
        .strip_prefix("/v2/acme/guards")
        .unwrap_or_default();
    let found = |media_type: &str, bytes: &[u8]| {
        let media_type = media_type.to_owned();
        Reply::Whole(200, vec![("content-type", media_type)], bytes.to_vec())
    };
    let digest = pack.digest();
    if let Some(blob) = rest
        .strip_prefix("/blobs/")
        .and_then(|digest| pack.blobs.get(digest))
    {
        return found("application/octet-stream", blob);
    }
    let Some(name) = rest.strip_prefix("/manifests/") else {
        return not_found();
    };
    if name == pack.revision || name == digest.to_string() {
        return found(MANIFEST, &pack.manifest);
    }
    if name == format!("sha256-{}", digest.hex()) {
        let manifests: Vec<_> = pack.signatures.iter().map(|bytes| listed(bytes)).collect();
        let index =
            serde_json::json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": manifests });
        return found(INDEX, index.to_string().as_bytes());
    }
    let mut signatures = pack.signatures.iter();
    match signatures.find(|bytes| gatewright_pack::Sha256::of(bytes).to_string() == name) {
        Some(signature) => found(MANIFEST, signature),
        None => not_found(),
    }
}

pub(crate) fn not_found() -> Reply {
    Reply::Whole(404, vec![], b"{\"errors\":[]}".to_vec())
}

fn accept(
    listener: &TcpListener,
    asked: &Arc<Mutex<Vec<Asked>>>,
    ending: &AtomicBool,
    answering: &Arc<Answering>,
) {
    for stream in listener.incoming() {
        if ending.load(Ordering::SeqCst) {
            return;
        }
        let (asked, answering) = (Arc::clone(asked), Arc::clone(answering));
        let stream = stream.unwrap();
        // It ends when its client goes.
        std::thread::spawn(move || serve(stream, &asked, answering.as_ref()));
    }
}

fn serve(mut stream: TcpStream, log: &Mutex<Vec<Asked>>, answering: &Answering) {
    let Some(mut asked) = read(&stream) else {
        return;
    };
    {
        let mut log = log.lock().unwrap();
        let same = |one: &&Asked| one.method == asked.method && one.path == asked.path;
        asked.before = log.iter().filter(same).count();
        log.push(asked.clone());
    }
    // Whether the client still listens is its own affair: nothing here depends on it.
    let _ = answer(&mut stream, answering(&asked), asked.method == "HEAD");
}

fn answer(stream: &mut TcpStream, reply: Reply, bodyless: bool) -> std::io::Result<()> {
    match reply {
        Reply::Whole(status, headers, body) => {
            let mut head = format!("HTTP/1.1 {status} X\r\nconnection: close\r\n");
            for (name, value) in headers {
                head.push_str(&format!("{name}: {value}\r\n"));
            }
            head.push_str(&format!("content-length: {}\r\n\r\n", body.len()));
            stream.write_all(head.as_bytes())?;
            if !bodyless {
                stream.write_all(&body)?;
            }
            Ok(())
        }
        Reply::Raw(bytes) => stream.write_all(&bytes),
        Reply::Silence(bytes) => {
            stream.write_all(&bytes)?;
            stream.read(&mut [0]).map(drop)
        }
        Reply::Drip(bytes) => {
            stream.write_all(&bytes)?;
            stream.set_read_timeout(Some(Duration::from_millis(5)))?;
            // The client sends nothing more: this waits, and ends when it goes.
            while !matches!(stream.read(&mut [0]), Ok(0)) {
                stream.write_all(b"x")?;
            }
            Ok(())
        }
        Reply::Flood(bytes) => {
            stream.write_all(&bytes)?;
            // More than any limit of a test, and not for ever.
            (0..10_000).try_for_each(|_| stream.write_all(&[b' '; 4096]))
        }
    }
}

fn read(stream: &TcpStream) -> Option<Asked> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split_whitespace().map(str::to_owned);
    let (method, path) = (words.next()?, words.next()?);
    let mut headers = HashMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let length = headers
        .get("content-length")
        .and_then(|text| text.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    Some(Asked {
        method,
        path,
        headers,
        body,
        before: 0,
    })
}
