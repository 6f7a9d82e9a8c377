//! What of a command may be shown. In doubt it is not.

/// Stands for what is not shown.
pub(super) const HIDDEN: &str = "***";

/// Words in names of what is secret.
const NAMES: [&str; 9] = [
    "token", "key", "secret", "passw", "auth", "cred", "bearer", "cookie", "session",
];

/// How secrets of well-known kinds begin.
const BEGINNINGS: [&str; 12] = [
    "sk-",
    "ghp_",
    "gho_",
    "github_pat_",
    "glpat-",
    "xox",
    "AKIA",
    "eyJ",
    "AIza",
    "pk_",
    "rk_",
    "npm_",
];

/// A run of letters and digits of this length may be a secret.
const RUN: usize = 20;

/// Programs and arguments, without what may be secret.
pub(super) fn shown(command: &[String]) -> Vec<String> {
    let mut shown = Vec::new();
    let mut is_named = false;
    for argument in command {
        let is_option = argument.starts_with('-');
        shown.push(match is_named && !is_option {
            true => HIDDEN.to_owned(),
            false => one(argument),
        });
        is_named = is_option && !argument.contains('=') && is_name_of_secret(argument);
    }
    shown
}

fn one(argument: &str) -> String {
    // `--header=Authorization: x` has its name behind the first sign that ends one.
    let before = argument.split_once("://");
    let before = before.map_or(argument, |(before, _)| before);
    let names = before
        .match_indices(['=', ':'])
        .filter_map(|(at, _)| before.get(..at));
    let mut named = names.filter(|name| argument.len() > name.len() + 1);
    if let Some(name) = named.find(|name| is_name_of_secret(name)) {
        return format!("{name}={HIDDEN}");
    }
    if argument.contains("://") {
        return shown_url(argument);
    }
    match looks_secret(argument) {
        true => HIDDEN.to_owned(),
        false => argument.to_owned(),
    }
}

/// A URL without user, query and fragment, and without steps that look like secrets.
pub(super) fn shown_url(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return one(url);
    };
    let (place, more) = match rest.find(['?', '#']) {
        Some(at) => (rest.get(..at).unwrap_or_default(), format!("?{HIDDEN}")),
        None => (rest, String::new()),
    };
    let mut steps = place.split('/');
    let host = steps.next().unwrap_or_default();
    let host = match host.rsplit_once('@') {
        Some((_, host)) => format!("{HIDDEN}@{host}"),
        None => host.to_owned(),
    };
    let steps = steps.map(|step| match looks_secret(step) {
        true => HIDDEN,
        false => step,
    });
    let steps: Vec<_> = std::iter::once(host.as_str()).chain(steps).collect();
    format!("{scheme}://{}{more}", steps.join("/"))
}

fn is_name_of_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    NAMES.iter().any(|word| name.contains(word))
}

/// Letters and digits mixed, for long; or the beginning of a kind that is known.
fn looks_secret(text: &str) -> bool {
    if BEGINNINGS
        .iter()
        .any(|beginning| text.starts_with(beginning))
    {
        return true;
    }
    let is_run = |run: &str| {
        let has = |is: fn(&char) -> bool| run.chars().any(|c| is(&c));
        run.len() >= RUN && has(char::is_ascii_digit) && has(char::is_ascii_alphabetic)
    };
    text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-' || c == '+'))
        .any(is_run)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_secret_is_not_shown() {
        let cases = [
            (
                &["npx", "-y", "@acme/server-files", "/srv/data"][..],
                &["npx", "-y", "@acme/server-files", "/srv/data"][..],
            ),
            (&["s", "--api-key", "abc"], &["s", "--api-key", "***"]),
            (&["s", "--token=abc"], &["s", "--token=***"]),
            (&["s", "API_KEY=abc"], &["s", "API_KEY=***"]),
            (
                &["s", "--header", "Authorization: Bearer x"],
                &["s", "--header", "Authorization=***"],
            ),
            (
                &["s", "--header=Authorization: Bearer x"],
                &["s", "--header=Authorization=***"],
            ),
            (&["s", "--env=API_KEY=abc"], &["s", "--env=API_KEY=***"]),
            (
                &["s", "token=abc,from=https://a.example/"],
                &["s", "token=***"],
            ),
            (&["s", "ghp_abc"], &["s", "***"]),
            (&["s", "0123456789abcdef0123"], &["s", "***"]),
            (&["postgres://me:pw@db/x"], &["postgres://***@db/x"]),
            (
                &["s", "--token", "--verbose"],
                &["s", "--token", "--verbose"],
            ),
            (
                &["docker", "run", "-i", "ghcr.io/github/github-mcp-server"],
                &["docker", "run", "-i", "ghcr.io/github/github-mcp-server"],
            ),
        ];
        for (command, expected) in cases {
            let command: Vec<_> = command.iter().map(|&text| text.to_owned()).collect();
            assert_eq!(shown(&command), expected);
        }
        for (url, expected) in [
            ("https://mcp.example/mcp", "https://mcp.example/mcp"),
            (
                "https://mcp.example/s/0123456789abcdefghij/mcp",
                "https://mcp.example/s/***/mcp",
            ),
            (
                "https://mcp.example/mcp?key=a",
                "https://mcp.example/mcp?***",
            ),
        ] {
            assert_eq!(shown_url(url), expected);
        }
    }
}
