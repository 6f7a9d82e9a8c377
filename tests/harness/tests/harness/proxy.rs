//! The reverse proxy changes nothing but the one header, and waits for nothing.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc;
use std::time::Duration;

use gatewright_harness::ReverseProxy;
use gatewright_harness::proxy::Forwarding;

const DEADLINE: Duration = Duration::from_secs(10);

fn proxy_to(upstream: SocketAddr) -> ReverseProxy {
    let added = Some((
        "authorization".parse().unwrap(),
        "Bearer secret".parse().unwrap(),
    ));
    ReverseProxy::bind()
        .unwrap()
        .forward_to(Forwarding { upstream, added })
        .unwrap()
}

fn connect(proxy: &ReverseProxy) -> BufReader<TcpStream> {
    let stream = TcpStream::connect(proxy.address()).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    BufReader::new(stream)
}

fn head(reader: &mut BufReader<TcpStream>) -> String {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert_ne!(
            reader.read_line(&mut head).unwrap(),
            0,
            "the connection ended in {head:?}"
        );
    }
    head.to_ascii_lowercase()
}

#[test]
fn path_and_host_stay_and_the_header_is_replaced() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let proxy = proxy_to(listener.local_addr().unwrap());
    let mut client = connect(&proxy);
    write!(
        client.get_mut(),
        "GET /mcp/files?a=%20b HTTP/1.1\r\nHost: example.test:1\r\nAuthorization: Bearer mine\r\n\r\n"
    )
    .unwrap();
    let mut server = BufReader::new(listener.accept().unwrap().0);
    let head = head(&mut server);
    assert!(
        head.starts_with("get /mcp/files?a=%20b http/1.1\r\n"),
        "{head}"
    );
    assert!(head.contains("\r\nhost: example.test:1\r\n"), "{head}");
    assert!(
        head.contains("\r\nauthorization: bearer secret\r\n"),
        "{head}"
    );
    assert!(!head.contains("mine"), "{head}");
}

#[test]
fn each_part_of_a_body_passes_before_the_next_is_sent() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let proxy = proxy_to(listener.local_addr().unwrap());
    let (received, next) = mpsc::channel::<()>();
    let server = std::thread::spawn(move || {
        let mut server = BufReader::new(listener.accept().unwrap().0);
        head(&mut server);
        write!(
            server.get_mut(),
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
        )
        .unwrap();
        for part in ["one\n", "two\n"] {
            write!(server.get_mut(), "{:x}\r\n{part}\r\n", part.len()).unwrap();
            next.recv_timeout(DEADLINE).unwrap();
        }
        write!(server.get_mut(), "0\r\n\r\n").unwrap();
    });
    let mut client = connect(&proxy);
    write!(client.get_mut(), "GET / HTTP/1.1\r\nHost: h\r\n\r\n").unwrap();
    head(&mut client);
    for wanted in ["one", "two"] {
        let mut line = String::new();
        while !line.contains(wanted) {
            assert_ne!(
                client.read_line(&mut line).unwrap(),
                0,
                "ended before {wanted}"
            );
        }
        received.send(()).unwrap();
    }
    server.join().unwrap();
}

#[test]
fn a_dead_upstream_is_a_bad_gateway() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let proxy = proxy_to(listener.local_addr().unwrap());
    drop(listener);
    let mut client = connect(&proxy);
    write!(
        client.get_mut(),
        "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    client.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 502 "), "{answer}");
}
