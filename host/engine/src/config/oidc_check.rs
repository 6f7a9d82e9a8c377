//! Whether people can sign in as `[console.oidc]` says.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::console::ConsoleConfig;
use super::oidc::GroupConfig;
use super::problem::Problems;
use super::url::is_safe;

/// Groups that may mean something.
const GROUPS_MAX: usize = 64;

/// Longest name of a group, in bytes.
const GROUP_BYTES_MAX: usize = 256;

/// Longest name of a role, and longest prefix, in bytes: what an account keeps.
const NAME_BYTES_MAX: usize = 64;

/// How long a session may last. Nobody reads a call and signs in less; and what a group
/// means may change each day.
const SESSION_MAX: RangeInclusive<Duration> =
    Duration::from_secs(60)..=Duration::from_secs(12 * 3600);

/// Most roles of one group.
const ROLES_MAX: usize = 16;

pub(super) fn check(console: &ConsoleConfig, problems: &mut Problems<'_>) {
    let Some(oidc) = &console.oidc else {
        return;
    };
    let span = oidc.issuer.span();
    let mut wrong =
        |problem: String, hint: &str| problems.at(span.clone(), problem, hint.to_owned());
    if !is_safe(oidc.issuer.get_ref()) {
        wrong(
            format!("`{}` is no issuer that can be asked", oidc.issuer.get_ref()),
            "write the `https` URL as its ID tokens have it in `iss`; plain http is for this \
             machine alone",
        );
    }
    if oidc.client_id.is_empty() || oidc.client_id.chars().any(char::is_control) {
        wrong(
            "`client_id` is empty".to_owned(),
            "write as whom the identity provider knows the console",
        );
    }
    let proofs = [
        oidc.client_secret_env.is_some(),
        oidc.client_secret_file.is_some(),
        oidc.client_key_file.is_some(),
    ];
    if proofs.into_iter().filter(|is_there| *is_there).count() > 1 {
        wrong(
            "`oidc` takes one of `client_secret_env`, `client_secret_file` and `client_key_file`"
                .to_owned(),
            "leave out all of them for a public client",
        );
    }
    if oidc.client_key_id.is_some() && oidc.client_key_file.is_none() {
        wrong(
            "`client_key_id` is the name of a key that is not there".to_owned(),
            "name its file in `client_key_file`",
        );
    }
    if oidc.algorithms.is_empty() {
        wrong(
            "`algorithms` of `oidc` is empty".to_owned(),
            "leave the key out for `RS256`",
        );
    }
    let is_scope = |scope: &String| {
        // RFC 6749, 3.3.
        let plain = |byte: u8| byte.is_ascii_graphic() && !b"\"\\".contains(&byte);
        !scope.is_empty() && scope.bytes().all(plain)
    };
    if let Some(scope) = oidc.scopes.iter().find(|scope| !is_scope(scope)) {
        wrong(
            format!("`{}` is no scope", scope.escape_debug()),
            "write each scope by itself: `scopes = [\"email\", \"groups\"]`",
        );
    }
    if !oidc.name_prefix.is_empty() && !is_name(&oidc.name_prefix) {
        wrong(
            format!("`{}` begins no name", oidc.name_prefix.escape_debug()),
            "write what stands before the names in credentials: `name_prefix = \"user:\"`",
        );
    }
    if oidc.groups.is_empty() || oidc.groups.len() > GROUPS_MAX {
        wrong(
            format!("`oidc` needs between 1 and {GROUPS_MAX} groups"),
            "say what a group may do: `[console.oidc.groups.oncall]` with \
             `rights = [\"approve\"]` and `roles`; whoever is in no such group does not get in",
        );
    }
    if !SESSION_MAX.contains(&oidc.session_max.0) {
        wrong(
            "`session_max` of `oidc` is not between 1 minute and 12 hours".to_owned(),
            "leave the key out for an hour",
        );
    }
    for (name, group) in &oidc.groups {
        if let Some(problem) = group_problem(name, group) {
            wrong(
                format!("group `{}` {problem}", name.escape_debug()),
                "write groups as the identity provider has them, and roles as policies ask for them",
            );
        }
    }
}

fn group_problem(name: &str, group: &GroupConfig) -> Option<&'static str> {
    if name.is_empty() || name.len() > GROUP_BYTES_MAX || name.chars().any(char::is_control) {
        return Some("has no fit name");
    }
    if group.roles.len() > ROLES_MAX {
        return Some("has more than 16 roles");
    }
    let fits = group.roles.iter().all(|role| is_name(role));
    (!fits).then_some("has a role that is no name")
}

/// As the console names accounts and roles.
fn is_name(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.@:+".contains(&byte);
    (1..=NAME_BYTES_MAX).contains(&text.len()) && text.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::{Loaded, OidcConfig};

    const GOOD: &str = "client_id = \"console\"\ngroups = { oncall = { rights = [\"approve\"], roles = [\"finance\"] } }";

    fn read(oidc: &str) -> Result<OidcConfig, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("gatewright.toml");
        std::fs::write(&path, format!("[console.oidc]\n{oidc}\n")).unwrap();
        let read = Loaded::read(&path);
        let read = read.map_err(|error| error.problems[0].message.clone())?;
        Ok(read.config.console.unwrap().oidc.unwrap())
    }

    #[test]
    fn people_sign_in_at_an_issuer_that_can_be_asked_and_mean_something_here() {
        let issuer = "issuer = \"https://login.example.com\"";
        let read_good = read(&format!("{issuer}\n{GOOD}")).unwrap();
        assert_eq!(read_good.name_claim.get_ref().as_str(), "sub");
        assert_eq!(read_good.groups_claim.get_ref().as_str(), "groups");
        assert_eq!(read_good.session_max.0, Duration::from_secs(3600));
        for (keys, expected) in [
            (
                format!("issuer = \"http://login.example.com\"\n{GOOD}"),
                "no issuer that can be asked",
            ),
            (
                format!("issuer = \"https://a.example/?b\"\n{GOOD}"),
                "no issuer that can be asked",
            ),
            (
                format!("{issuer}\nclient_id = \"\"\ngroups = {{ a = {{}} }}"),
                "`client_id` is empty",
            ),
            (
                format!("{issuer}\nclient_id = \"console\""),
                "between 1 and 64 groups",
            ),
            (
                format!("{issuer}\n{GOOD}\nclient_secret_env = \"S\"\nclient_key_file = \"k\""),
                "takes one of",
            ),
            (
                format!("{issuer}\n{GOOD}\nclient_key_id = \"k\""),
                "key that is not there",
            ),
            (
                format!("{issuer}\n{GOOD}\nalgorithms = []"),
                "`algorithms` of `oidc` is empty",
            ),
            (
                format!("{issuer}\n{GOOD}\nalgorithms = [\"none\"]"),
                "unknown variant `none`",
            ),
            (
                format!("{issuer}\n{GOOD}\nalgorithms = [\"HS256\"]"),
                "unknown variant `HS256`",
            ),
            (
                format!("{issuer}\n{GOOD}\nsession_max = \"59s\""),
                "between 1 minute and 12 hours",
            ),
            (
                format!("{issuer}\n{GOOD}\nsession_max = \"13h\""),
                "between 1 minute and 12 hours",
            ),
            (
                format!("{issuer}\n{GOOD}\nscopes = [\"a b\"]"),
                "`a b` is no scope",
            ),
            (
                format!("{issuer}\n{GOOD}\nname_prefix = \"us er\""),
                "begins no name",
            ),
            (
                format!("{issuer}\nclient_id = \"c\"\ngroups = {{ a = {{ roles = [\"b c\"] }} }}"),
                "a role that is no name",
            ),
            (
                format!(
                    "{issuer}\nclient_id = \"c\"\ngroups = {{ a = {{ rights = [\"look\"] }} }}"
                ),
                "unknown variant `look`",
            ),
        ] {
            let problem = read(&keys).unwrap_err();
            assert!(problem.contains(expected), "{keys}: {problem}");
        }
    }
}
