//! A wrapped call waits for people, who decide beside the client.

use std::io::{Read as _, Write as _};
use std::sync::Arc;

use ed25519_dalek::SigningKey;
use gatewright_gateway::wrap::run_beside;
use gatewright_policy::approval::{Choice, STATEMENT_VERSION, Signed, Statement};
use gatewright_policy::credential::did_key;
use gatewright_policy::record::{Entry, Event};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, duplex};
use tokio::net::TcpListener;
use tokio::time::timeout;

use crate::desktop::{PATIENCE, engine, folder};
use crate::guests;

#[tokio::test(flavor = "multi_thread")]
async fn a_wrapped_call_waits_for_people_and_goes_ahead() {
    let key = SigningKey::from_bytes(&[1; 32]);
    let name = did_key(&key.verifying_key());
    let folder = folder(&format!(
        "[[binding]]\nname = \"ask\"\npolicy = \"ask.wasm\"\ntools = [\"pay\"]\n\
         [[approver]]\nname = \"kim\"\nkeys = [\"{name}\"]\n\
         [local]\nagent = \"desktop\"\nprincipal = \"alice\""
    ));
    let ask = r#"(data (i32.const 64) "\03") (data (i32.const 96) "\3c")"#;
    let ask = guests::judge("(i32.const 64)", ask);
    std::fs::write(folder.path().join("ask.wasm"), ask).unwrap();
    let engine = engine(&folder).await;
    let operators = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let admin = operators.local_addr().unwrap();
    let (mut input, gate_input) = duplex(1 << 16);
    let (gate_output, output) = duplex(1 << 16);
    let gate = Arc::clone(&engine);
    let running = tokio::spawn(async move {
        let never = std::future::pending();
        run_beside(
            gate,
            "tools",
            (gate_input, gate_output),
            Some(operators),
            never,
        )
        .await
    });
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let params = json!({ "name": "pay", "arguments": {}, "_meta": meta });
    let call = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params });
    input
        .write_all(format!("{call}\n").as_bytes())
        .await
        .unwrap();

    let ledger = folder.path().join("state/audit.jsonl");
    let held = async {
        loop {
            let text = std::fs::read_to_string(&ledger).unwrap_or_default();
            let entries = text
                .lines()
                .filter_map(|line| serde_json::from_str(line).ok());
            let mut found = entries.filter_map(|entry: Entry| match entry.event {
                Event::Decided(decided) => Some(decided.id),
                _ => None,
            });
            if let Some(id) = found.next_back()
                && engine.held(&id).await.unwrap().is_some()
            {
                return id;
            }
            tokio::task::yield_now().await;
        }
    };
    let id = timeout(PATIENCE, held).await.unwrap();
    let kim = engine.approver(&name).unwrap();
    let shown = engine.approval(&kim, &id).await.unwrap().unwrap();
    let statement = Statement {
        actions: shown.actions,
        approver: "kim".to_owned(),
        at: engine.now(),
        choice: Choice::Approve,
        held: id.clone(),
        reason: String::new(),
        shown: shown.digest,
        version: STATEMENT_VERSION,
    };
    let body = serde_json::to_string(&Signed::by(statement, &key)).unwrap();
    let posted = tokio::task::spawn_blocking(move || {
        let mut stream = std::net::TcpStream::connect(admin).unwrap();
        let length = body.len();
        let head = format!(
            "POST /approvals/{id} HTTP/1.0\r\nHost: {admin}\r\nContent-Length: {length}\r\n\r\n"
        );
        stream.write_all((head + &body).as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    });
    let posted = posted.await.unwrap();
    assert!(posted.contains("granted"), "{posted}");
    let mut lines = BufReader::new(output).lines();
    let line = timeout(PATIENCE, lines.next_line()).await.unwrap();
    let answer: Value = serde_json::from_str(&line.unwrap().unwrap()).unwrap();
    assert_eq!(answer["result"]["content"][0]["text"], "pay", "{answer}");
    drop(input);
    timeout(PATIENCE, running).await.unwrap().unwrap().unwrap();
}
