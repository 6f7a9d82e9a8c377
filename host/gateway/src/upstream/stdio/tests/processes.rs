//! What is left of a server when it has ended: nothing.

use super::*;

/// Tells its own process id and that of a child it starts.
const PARENT: &str = r#"
import subprocess
for m in messages():
    child = subprocess.Popen(["sleep", "1000"])
    answer(m, {"processes": [os.getpid(), child.pid]})
"#;

/// Whether a process exists, zombies included.
fn exists(process: i64) -> bool {
    std::path::Path::new(&format!("/proc/{process}")).exists()
}

/// Whether a process runs: its children are not ours to reap.
fn runs(process: i64) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let state = stat.rsplit(") ").next().unwrap_or_default();
    !state.is_empty() && !state.starts_with('Z')
}

async fn processes(exchange: Exchange) -> (i64, i64) {
    let answer: serde_json::Value = serde_json::from_str(&json(exchange)).unwrap();
    let processes = &answer["result"]["processes"];
    (
        processes[0].as_i64().unwrap(),
        processes[1].as_i64().unwrap(),
    )
}

async fn start(upstream: &StdioUpstream) -> (Arc<str>, i64, i64) {
    let outgoing = Outgoing {
        era: Era::Legacy,
        ..modern(&request("1", "initialize"))
    };
    let exchange = send(upstream, outgoing).await.unwrap();
    let session = exchange.session.clone().unwrap();
    let (server, child) = processes(exchange).await;
    assert!(exists(server) && runs(child));
    (session, server, child)
}

async fn gone(server: i64, child: i64) {
    until("server reaped", || !exists(server)).await;
    until("its child ended", || !runs(child)).await;
}

#[tokio::test]
async fn an_ended_session_leaves_no_process_behind() {
    let upstream = server(PARENT);
    let (session, server, child) = start(&upstream).await;
    upstream.end_session(&session);
    gone(server, child).await;
    upstream.close().await;
}

#[tokio::test]
async fn an_idle_session_ends_and_one_in_use_does_not() {
    let upstream = StdioUpstream::new(StdioCommand {
        idle_max: Duration::from_millis(300),
        ..command(PARENT)
    });
    let (in_use, used_server, used_child) = start(&upstream).await;
    let stream = upstream.open_stream(&legacy(&in_use, ""));
    let (idle, server, child) = start(&upstream).await;
    gone(server, child).await;
    let call = request("2", "x");
    let refused = send(&upstream, legacy(&idle, &call)).await.unwrap();
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
    assert!(exists(used_server));
    drop(stream);
    gone(used_server, used_child).await;
    upstream.close().await;
}

#[tokio::test]
async fn a_killed_server_is_reaped_and_its_session_is_gone() {
    let upstream = server(PARENT);
    let (session, server, child) = start(&upstream).await;
    let process = rustix::process::Pid::from_raw(server.try_into().unwrap()).unwrap();
    rustix::process::kill_process(process, rustix::process::Signal::KILL).unwrap();
    gone(server, child).await;
    until("session gone", || upstream.sessions.count() == 0).await;
    let call = legacy(&session, &request("2", "x"));
    let refused = send(&upstream, call).await.unwrap();
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
    upstream.close().await;
}

#[tokio::test]
async fn closing_ends_servers_that_ignore_sigterm() {
    let upstream = server(
        r#"
signal.signal(signal.SIGTERM, signal.SIG_IGN)
m = json.loads(sys.stdin.readline())
answer(m, {"processes": [os.getpid(), 0]})
while True: signal.pause()
"#,
    );
    let call = modern(&request("1", "x"));
    let (server, _) = processes(send(&upstream, call.clone()).await.unwrap()).await;
    assert!(exists(server));
    timeout(PATIENCE, upstream.close()).await.unwrap();
    assert!(!exists(server));
    let refused = send(&upstream, call).await.map(json);
    assert!(refused.unwrap_err().to_string().contains("the gate stops"));
}

#[tokio::test]
async fn dropping_the_upstream_ends_its_processes() {
    let upstream = server(PARENT);
    let (_, server, child) = start(&upstream).await;
    let modern = send(&upstream, modern(&request("1", "x"))).await.unwrap();
    let (shared, grandchild) = processes(modern).await;
    drop(upstream);
    gone(shared, grandchild).await;
    gone(server, child).await;
}

#[tokio::test]
async fn the_server_sees_the_given_environment_and_folder_and_nothing_else() {
    let mut command = command(
        r#"
for m in messages(): answer(m, {"environment": dict(os.environ), "folder": os.getcwd()})
"#,
    );
    let inherits = std::env::vars_os().any(|(name, _)| name != "PATH");
    assert!(inherits, "there is nothing to hide");
    command
        .environment
        .insert("GIVEN".to_owned(), "yes".to_owned());
    command.directory = Some("/".into());
    let upstream = StdioUpstream::new(command);
    let exchange = send(&upstream, modern(&request("1", "x"))).await.unwrap();
    let answer: serde_json::Value = serde_json::from_str(&json(exchange)).unwrap();
    let environment = answer["result"]["environment"].as_object().unwrap();
    let mut names: Vec<_> = environment.keys().map(String::as_str).collect();
    // Python sets this one itself where no locale is given.
    names.retain(|name| *name != "LC_CTYPE");
    names.sort_unstable();
    assert_eq!(names, ["GIVEN", "PATH"]);
    assert_eq!(answer["result"]["folder"], "/");
    upstream.close().await;
}

#[test]
fn a_runtime_that_is_cut_off_leaves_no_process_behind() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let upstream = server(PARENT);
    let (_, server, child) = runtime.block_on(start(&upstream));
    runtime.shutdown_background();
    tokio::runtime::Runtime::new()
        .unwrap()
        .block_on(until("its child ended", || !runs(server) && !runs(child)));
    drop(upstream);
}
