//! The gateway that asks forwards what the policy server allows, and nothing else.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc;
use std::time::Duration;

use gatewright_harness::asking::{Asking, serve};

const DEADLINE: Duration = Duration::from_secs(10);

const CALL: &str = r#"{"method":"tools/call","params":{"name":"read","arguments":{"path":"/a"}}}"#;

/// Answers each request on a connection of its own, and hands on what was asked.
fn server(answer: &'static str) -> (SocketAddr, mpsc::Receiver<String>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap();
    let (asked, questions) = mpsc::channel();
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let mut connection = BufReader::new(connection.unwrap());
            let body = body(&mut connection);
            let length = answer.len();
            let response = format!(
                "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{answer}"
            );
            connection.get_mut().write_all(response.as_bytes()).unwrap();
            if asked.send(body).is_err() {
                return;
            }
        }
    });
    (address, questions)
}

fn body(reader: &mut BufReader<TcpStream>) -> String {
    let mut length = 0;
    loop {
        let mut line = String::new();
        assert_ne!(reader.read_line(&mut line).unwrap(), 0, "a whole head");
        let line = line.to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if line == "\r\n" {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    String::from_utf8(body).unwrap()
}

fn gateway(upstream: SocketAddr, decider: SocketAddr) -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    let rule = format!("http://{decider}/v1/data/bench/allow")
        .parse()
        .unwrap();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            serve(listener, Asking { upstream, rule }).await
        })
    });
    address
}

fn status(gateway: SocketAddr, message: &str) -> String {
    let mut stream = TcpStream::connect(gateway).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    let length = message.len();
    write!(
        stream,
        "POST /mcp HTTP/1.1\r\nhost: a\r\ncontent-length: {length}\r\n\r\n{message}"
    )
    .unwrap();
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).unwrap();
    line.split(' ').nth(1).unwrap().to_owned()
}

#[test]
fn only_what_the_policy_server_calls_true_is_forwarded() {
    for (said, expected) in [
        (r#"{"result":true}"#, "200"),
        (r#"{"result":false}"#, "403"),
        (r#"{"result":"true"}"#, "403"),
        ("{}", "403"),
        ("what", "403"),
    ] {
        let (upstream, calls) = server("done");
        let (decider, questions) = server(said);
        let gateway = gateway(upstream, decider);
        assert_eq!(status(gateway, CALL), expected, "{said}");
        assert_eq!(
            questions.recv_timeout(DEADLINE).unwrap(),
            r#"{"input":{"tool":"read","arguments":{"path":"/a"}}}"#
        );
        match expected {
            "200" => assert_eq!(calls.recv_timeout(DEADLINE).unwrap(), CALL),
            _refused => assert!(calls.try_recv().is_err(), "{said}"),
        }
    }
}

#[test]
fn a_policy_server_that_is_not_there_allows_nothing() {
    let (upstream, calls) = server("done");
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let nobody = listener.local_addr().unwrap();
    drop(listener);
    assert_eq!(status(gateway(upstream, nobody), CALL), "403");
    assert!(calls.try_recv().is_err());
}

#[test]
fn what_calls_no_tool_is_asked_about_by_nobody_and_what_is_no_message_stays_here() {
    let (upstream, calls) = server("done");
    let (decider, questions) = server(r#"{"result":false}"#);
    let gateway = gateway(upstream, decider);
    let list = r#"{"method":"tools/list"}"#;
    assert_eq!(status(gateway, list), "200");
    assert_eq!(calls.recv_timeout(DEADLINE).unwrap(), list);
    // Several messages in one would hide a call.
    assert_eq!(status(gateway, &format!("[{CALL}]")), "400");
    assert!(calls.try_recv().is_err() && questions.try_recv().is_err());
}
