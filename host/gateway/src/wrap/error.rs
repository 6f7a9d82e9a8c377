//! Why a wrapped server is not served to its end.

/// Each ends the program; the client then starts it again or tells its user.
#[derive(Debug, thiserror::Error)]
pub enum WrapError {
    /// The operator named no local agent.
    #[error(
        "no local agent is configured; hint: name the agent that `wrap` serves in a `[local]` table, for example `agent = \"desktop\"`"
    )]
    NoLocalAgent,
    /// There is no such server.
    #[error("no tool server `{0}` is configured; hint: add a `[[server]]` with this name")]
    UnknownServer(String),
    /// The admin listener shows what operators and approvers see.
    #[error("`{0}` is not a loopback address; hint: use `127.0.0.1:0` for `--admin`")]
    AdminNotLoopback(std::net::SocketAddr),
    /// It has no address.
    #[error("the admin listener cannot be used: {0}")]
    Admin(std::io::Error),
    /// The tool server's process went away, and with it the client's session.
    #[error("the tool server ended")]
    ServerEnded,
    /// The client's messages cannot be read.
    #[error("the client's messages cannot be read: {0}")]
    Input(std::io::Error),
    /// The client reads no more.
    #[error("the client reads no more: {0}")]
    Output(std::io::Error),
}
