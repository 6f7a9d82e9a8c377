//! Why a client is not connected to its end.

/// Each ends the program.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The endpoint cannot be used.
    #[error(
        "`{url}` is no endpoint of a gate: {problem}; hint: it looks like `https://gate.example/mcp/files`"
    )]
    Endpoint {
        /// What was given.
        url: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The client's messages cannot be read.
    #[error("the client's messages cannot be read: {0}")]
    Input(std::io::Error),
    /// The client reads no more.
    #[error("the client reads no more: {0}")]
    Output(std::io::Error),
}
