//! What tool servers, bindings and gates can be called.

/// Longest server or binding name, in bytes.
pub(super) const NAME_BYTES_MAX: usize = 64;

/// Whether a tool server, or a binding, can be called so.
pub fn is_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    (1..=NAME_BYTES_MAX).contains(&name.len()) && name.bytes().all(plain)
}
