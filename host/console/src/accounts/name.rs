//! What accounts and roles may be called.

/// Longest name, in bytes.
const NAME_BYTES_MAX: usize = 64;

/// Most roles of one account.
const ROLES_MAX: usize = 16;

/// Whether an account, or a role, may be called so: what a person tells apart at a glance.
pub(crate) fn is_name(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.@:+".contains(&byte);
    (1..=NAME_BYTES_MAX).contains(&text.len()) && text.bytes().all(fits)
}

/// Roles as a person writes them, with commas or spaces between; none where one of them
/// is no name, or there are too many.
pub(crate) fn read_roles(text: &str) -> Option<Vec<String>> {
    let parts = text.split([',', ' ', '\n', '\r', '\t']);
    let mut roles: Vec<_> = parts
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect();
    roles.sort();
    roles.dedup();
    (roles.len() <= ROLES_MAX && roles.iter().all(|role| is_name(role))).then_some(roles)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain() {
        for name in ["kim", "kim@example.com", "a.b-c_d:e+f"] {
            assert!(is_name(name), "{name}");
        }
        for text in ["", "kim lee", "kím", "<b>", "a\u{202e}b", &"k".repeat(65)] {
            assert!(!is_name(text), "{text}");
        }
    }

    #[test]
    fn roles_are_read_as_people_write_them() {
        let roles = read_roles("finance, owner  finance").unwrap();
        assert_eq!(roles, ["finance", "owner"]);
        assert_eq!(read_roles(""), Some(Vec::new()));
        assert_eq!(read_roles("fin/ance"), None);
        let many: Vec<_> = (0..17).map(|number| format!("r{number}")).collect();
        assert_eq!(read_roles(&many.join(" ")), None);
    }
}
