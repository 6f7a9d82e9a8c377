//! What tool servers, bindings and gates can be called.

/// Longest server or binding name, in bytes.
pub(super) const NAME_BYTES_MAX: usize = 64;

/// Whether a tool server, or a binding, can be called so.
pub fn is_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    (1..=NAME_BYTES_MAX).contains(&name.len()) && name.bytes().all(plain)
}

/// Whether a tool server can be called so. Where all servers have one endpoint, a name is
/// followed by `__` and what stands after it is the server's own: it must be clear where
/// the one ends and the other begins.
pub fn is_server_name(name: &str) -> bool {
    is_name(name) && !name.contains("__") && !name.ends_with('_')
}
