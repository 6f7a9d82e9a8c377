//! Passwords in connection strings: `scheme://user:password@host`.

use crate::kind::Kind;
use crate::scan::{Secret, run};

/// The password after the `://` whose colon is at a byte.
pub(crate) fn at(text: &str, at: usize) -> Option<Secret> {
    if !text.get(at..)?.starts_with("://") {
        return None;
    }
    let start = at + "://".len();
    let authority = text.get(start..start + run(text, start, usize::MAX, is_authority))?;
    let (user_info, _) = authority.rsplit_once('@')?;
    let (user, password) = user_info.split_once(':')?;
    let begin = start + user.len() + 1;
    (!is_placeholder(password)).then(|| Secret {
        kind: Kind::ConnectionPassword,
        place: begin..begin + password.len(),
    })
}

/// Whether somebody already took the secret out, or never put it in.
pub(crate) fn is_placeholder(value: &str) -> bool {
    value.is_empty()
        || value.starts_with(['$', '<', '{', '%'])
        || value.starts_with("[redacted")
        || value
            .bytes()
            .all(|byte| matches!(byte, b'*' | b'x' | b'X' | b'.'))
}

const fn is_authority(byte: u8) -> bool {
    !byte.is_ascii_whitespace()
        && !byte.is_ascii_control()
        && !matches!(byte, b'/' | b'?' | b'#' | b'"' | b'\'' | b'`' | b'\\')
}
