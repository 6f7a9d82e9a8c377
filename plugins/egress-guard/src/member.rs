//! What the name of an argument says of its value.

use serde::Deserialize;

/// How the value of an argument is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Member {
    /// The name says nothing: the value is judged by its form.
    Unnamed,
    /// The name of an argument itself.
    Key,
    /// A URL, perhaps without its scheme.
    Url,
    /// A host, perhaps with a port.
    Host,
    /// Something that may be a host or URL.
    Place,
    /// A command: each word may be a host.
    Command,
    /// Text that is kept or shown: only URLs that stand in it are judged.
    Prose,
}

/// Ends of names whose values are URLs.
const URLS: &[&str] = &[
    "url",
    "uri",
    "href",
    "endpoint",
    "webhook",
    "website",
    "proxy",
    "apibase",
    "urlprefix",
    "baseaddress",
    "iri",
];

/// Ends of names whose values are hosts.
const HOSTS: &[&str] = &[
    "host",
    "hostname",
    "fqdn",
    "nameserver",
    "hostport",
    "hostaddress",
    "hostip",
];

/// Ends of names whose values may be hosts, or something else.
const PLACES: &[&str] = &[
    "address",
    "addr",
    "authority",
    "backend",
    "broker",
    "callback",
    "connection",
    "connectionstring",
    "destination",
    "dest",
    "domain",
    "dsn",
    "gateway",
    "instance",
    "ipaddress",
    "link",
    "location",
    "mirror",
    "node",
    "origin",
    "peer",
    "referer",
    "referrer",
    "registry",
    "remote",
    "repository",
    "resource",
    "server",
    "service",
    "site",
    "source",
    "target",
    "upstream",
];

/// Whole names whose values may be hosts; too short to be ends.
const SHORT_PLACES: &[&str] = &[
    "ip", "ipv4", "ipv6", "src", "dst", "db", "repo", "feed", "page", "goto", "navigate",
    "redirect",
];

/// Ends of names whose values are commands.
const COMMANDS: &[&str] = &[
    "command",
    "cmd",
    "commandline",
    "script",
    "args",
    "arg",
    "argv",
    "arguments",
    "shell",
    "exec",
    "bash",
];

/// Ends of names whose values are text.
const PROSE: &[&str] = &[
    "abstract",
    "answer",
    "article",
    "body",
    "caption",
    "changelog",
    "code",
    "comment",
    "content",
    "css",
    "description",
    "diff",
    "doc",
    "document",
    "documentation",
    "footer",
    "header",
    "html",
    "instruction",
    "javascript",
    "json",
    "log",
    "markdown",
    "md",
    "message",
    "newstr",
    "newtext",
    "newstring",
    "note",
    "oldstr",
    "oldstring",
    "oldtext",
    "patch",
    "prompt",
    "question",
    "readme",
    "regex",
    "regexp",
    "replacement",
    "snippet",
    "sourcecode",
    "subject",
    "summary",
    "template",
    "text",
    "thought",
    "title",
    "xml",
    "yaml",
];

/// Names that the operator adds, or takes out of the lists above.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Members {
    /// Judged as URLs.
    #[serde(default)]
    urls: Vec<String>,
    /// Judged as hosts.
    #[serde(default)]
    hosts: Vec<String>,
    /// Read as text.
    #[serde(default)]
    prose: Vec<String>,
    /// Judged by their form alone.
    #[serde(default)]
    except: Vec<String>,
}

impl Members {
    /// The names in one spelling, so that a call compares them as they are.
    pub(crate) fn prepared(self) -> Self {
        let plain = |names: Vec<String>| names.iter().map(|name| plain(name)).collect();
        Self {
            urls: plain(self.urls),
            hosts: plain(self.hosts),
            prose: plain(self.prose),
            except: plain(self.except),
        }
    }

    /// What the name says. The case and the separators do not count, nor do a
    /// plural and a number at the end.
    pub(crate) fn of(&self, name: &str) -> Member {
        let whole = plain(name);
        if self.except.contains(&whole) {
            return Member::Unnamed;
        }
        for (names, member) in [
            (&self.prose, Member::Prose),
            (&self.urls, Member::Url),
            (&self.hosts, Member::Host),
        ] {
            if names.contains(&whole) {
                return member;
            }
        }
        let name = whole.trim_end_matches(|c: char| c.is_ascii_digit());
        let single = name.strip_suffix("list").unwrap_or(name);
        let forms = [
            Some(single),
            single.strip_suffix('s'),
            single.strip_suffix("es"),
        ];
        let ends = |ends: &[&str]| {
            let fits = |end: &&str| {
                let mut forms = forms.iter().flatten();
                // Most end in another letter.
                forms.any(|form| {
                    form.as_bytes().last() == end.as_bytes().last() && form.ends_with(*end)
                })
            };
            ends.iter().any(fits)
        };
        if ends(URLS)
            || whole.starts_with("url") && whole.len() <= 4
            || single == "proxie"
            || single == "proxies"
        {
            Member::Url
        } else if ends(HOSTS) {
            Member::Host
        } else if ends(COMMANDS) {
            Member::Command
        } else if ends(PROSE) {
            Member::Prose
        } else if ends(PLACES)
            || SHORT_PLACES.contains(&single)
            || SHORT_PLACES.contains(&whole.as_str())
        {
            Member::Place
        } else {
            Member::Unnamed
        }
    }
}

/// The name in lower case, letters and digits alone: `Base-URL` is `baseurl`.
fn plain(name: &str) -> String {
    if name.is_ascii() {
        let letters = name.bytes().filter(u8::is_ascii_alphanumeric);
        return letters
            .take(NAME_LETTERS_MAX)
            .map(|letter| char::from(letter.to_ascii_lowercase()))
            .collect();
    }
    name.chars()
        .filter(|c| c.is_alphanumeric())
        .take(NAME_LETTERS_MAX)
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

/// Longer names say nothing.
const NAME_LETTERS_MAX: usize = 64;
