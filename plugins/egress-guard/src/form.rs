//! Hosts without a scheme. Many clients add `http://`, so a value that has the
//! form of a host leads there.

use std::net::IpAddr;

use crate::address::{is_loopback, is_near, is_range, numbers, v6};
use crate::check::leads_out;
use crate::member::Member;
use crate::name::{is_plainly_inner, reach_of_name};
use crate::range::{Reach, reach_of_address};
use crate::settings::Settings;
use crate::target::{self, Host, Target};
use crate::{Refused, decode, tld};

/// Judges a value by its form and by what its name says.
pub(crate) fn check_form(settings: &Settings, member: Member, text: &str) -> Result<(), Refused> {
    if matches!(member, Member::Prose | Member::Key) {
        return Ok(());
    }
    let text = text.trim();
    if text.is_empty() || text.len() > FORM_BYTES_MAX {
        return Ok(());
    }
    // A URL is judged where it stands; hosts may stand beside it.
    match member {
        Member::Prose | Member::Key => Ok(()),
        Member::Command => command(settings, text),
        Member::Unnamed if text.contains("://") || text.contains(char::is_whitespace) => Ok(()),
        Member::Unnamed => word(settings, member, text),
        Member::Url | Member::Host | Member::Place => text
            .split_whitespace()
            .filter(|part| !part.contains("://"))
            .flat_map(|part| part.split([',', ';', '|', '、', '，', '；']))
            .map(|part| value(member, part))
            .try_for_each(|part| {
                // One of several is judged by its form.
                let several = part.len() < text.len();
                let member = if several && member != Member::Host {
                    Member::Place
                } else {
                    member
                };
                word(settings, member, part)
            }),
    }
}

/// `host=10.0.0.1`, as connection strings name a host.
fn value(member: Member, part: &str) -> &str {
    match part.split_once('=') {
        Some((name, value))
            if member == Member::Place && name.bytes().all(|byte| byte.is_ascii_alphabetic()) =>
        {
            value.strip_prefix("tcp:").unwrap_or(value)
        }
        Some(_) | None => part,
    }
}

/// Longer texts are no host with a path.
const FORM_BYTES_MAX: usize = 4096;

/// Programs that take a host as a word.
const FETCHERS: &[&str] = &[
    "curl",
    "wget",
    "http",
    "https",
    "httpie",
    "xh",
    "nc",
    "ncat",
    "netcat",
    "telnet",
    "ssh",
    "scp",
    "sftp",
    "rsync",
    "ftp",
    "lynx",
    "links",
    "w3m",
    "aria2c",
    "axel",
    "fetch",
    "iwr",
    "irm",
    "invoke-webrequest",
    "invoke-restmethod",
    "socat",
    "git",
    "svn",
    "hg",
    "redis-cli",
    "psql",
    "mysql",
    "mongosh",
    "grpcurl",
    "websocat",
    "curl.exe",
    "nslookup",
    "dig",
    "ping",
];

/// Each word of a command that fetches something, and each argument that
/// stands alone.
fn command(settings: &Settings, text: &str) -> Result<(), Refused> {
    let separator = |c: char| {
        c.is_whitespace()
            || matches!(
                c,
                ';' | '|' | '&' | '(' | ')' | '\'' | '"' | '`' | '=' | '<' | '>' | ','
            )
    };
    let fetches = text.split(separator).any(|word| {
        let program = word.rsplit(['/', '\\']).next().unwrap_or_default();
        FETCHERS
            .iter()
            .any(|name| name.eq_ignore_ascii_case(program))
    });
    if fetches {
        text.split_whitespace()
            .filter(|part| !part.contains("://"))
            .flat_map(|part| part.split(separator))
            .try_for_each(|part| word(settings, Member::Command, part))
    } else if text.contains("://") || text.contains(char::is_whitespace) {
        Ok(())
    } else {
        word(settings, Member::Unnamed, text)
    }
}

/// One word: `[user@]host[:port][/path]`.
fn word(settings: &Settings, member: Member, text: &str) -> Result<(), Refused> {
    let text = text
        .trim_matches(|c: char| matches!(c, '"' | '\'' | '`' | '(' | ')' | '<' | '>' | '{' | '}'));
    let decoded = if text.contains(['%', '\\', '&']) {
        decode::decoded(text)
    } else {
        None
    };
    let text = decoded.as_deref().unwrap_or(text);
    let text = if text.is_ascii() {
        std::borrow::Cow::Borrowed(text)
    } else {
        target::folded(text).into()
    };
    // `//host` is a URL without a scheme; `/path`, `./path` and `#part` are none.
    let text = text.strip_prefix("//").unwrap_or(&text);
    let (authority, path) = match text.find(['/', '\\', '?', '#']) {
        Some(at) => text.split_at(at),
        None => (text, ""),
    };
    if authority.is_empty() || is_range(text) {
        return Ok(());
    }
    let (user, place) = match authority.rsplit_once('@') {
        Some((user, place)) => (Some(user), place),
        None => (None, authority),
    };
    let Some(Form { host, port, odd }) = form(place, user.is_some()) else {
        return if member == Member::Host && !authority.is_ascii() {
            Err(Refused::NotAscii)
        } else {
            Ok(())
        };
    };
    let bare = port.is_none() && path.is_empty() && user.is_none();
    let scp = user.is_some() && place.contains(':');
    match host {
        Host::Address(address) => {
            let reach = reach_of_address(address);
            // A number or a short address is something else more often.
            let plain =
                !odd || matches!(member, Member::Host | Member::Url) || is_near(address) && !bare;
            let counts = match member {
                Member::Host | Member::Url => true,
                Member::Place => {
                    plain || reach == Reach::Metadata || is_loopback(address) && is_large(place)
                }
                Member::Command => plain || reach == Reach::Metadata,
                Member::Unnamed => {
                    reach == Reach::Metadata
                        || is_loopback(address) && plain
                        || plain && !(bare && address.is_ipv6())
                }
                Member::Prose | Member::Key => false,
            };
            if !counts {
                return Ok(());
            }
            let strict = matches!(member, Member::Host | Member::Url);
            if strict || reach != Reach::Public {
                if odd && reach != Reach::Metadata {
                    return Err(Refused::OddAddress);
                }
                return judged(settings, Host::Address(address), port, scp);
            }
            Ok(())
        }
        Host::Name(name) => {
            let last = name.rsplit('.').next().unwrap_or_default();
            let dotted = name.contains('.');
            let public = tld::is_public(last) && dotted;
            let counts = match member {
                Member::Host => true,
                Member::Url => {
                    public
                        || is_plainly_inner(&name)
                        || port.is_some()
                        || (dotted && !FILES.contains(&last))
                        || reach_of_name(&name) == Reach::Metadata
                }
                Member::Place | Member::Command => {
                    is_plainly_inner(&name)
                        || (port.is_some() && member == Member::Place)
                        || scp
                        || (public && user.is_none() && !FILES.contains(&last))
                        || (dotted && member == Member::Place && !public && is_service(&name, last))
                }
                Member::Unnamed => {
                    is_plainly_inner(&name)
                        && (!bare || reach_of_name(&name) == Reach::Metadata)
                        && name.len() < FORM_BYTES_MAX
                        || scp && reach_of_name(&name) != Reach::Public
                }
                Member::Prose | Member::Key => false,
            };
            if !counts {
                return Ok(());
            }
            // An address of mail leads nowhere.
            if user.is_some() && !scp && path.is_empty() && reach_of_name(&name) == Reach::Public {
                return Ok(());
            }
            judged(settings, Host::Name(name), port, scp)
        }
    }
}

/// Names whose last label says service and namespace, and no file.
fn is_service(name: &str, last: &str) -> bool {
    !FILES.contains(&last)
        && last.len() >= 3
        && name.split('.').count() == 2
        && NAMESPACES.contains(&last)
}

/// Namespaces that orchestrators come with, or that people call so.
const NAMESPACES: &[&str] = &[
    "default",
    "kube-system",
    "kube-public",
    "monitoring",
    "prod",
    "production",
    "staging",
    "vault",
    "consul",
    "ingress-nginx",
    "argocd",
    "database",
    "databases",
    "observability",
    "logging",
    "infra",
];

/// Endings of files that stand where a URL without its scheme could.
const FILES: &[&str] = &[
    "asp", "aspx", "bmp", "c", "cfg", "conf", "cpp", "cs", "css", "csv", "docx", "env", "gif",
    "go", "gz", "h", "htm", "html", "ico", "ini", "ipynb", "jpeg", "jpg", "js", "json", "jsp",
    "jsx", "key", "lock", "log", "md", "mdx", "mjs", "mp3", "mp4", "pdf", "pem", "php", "pl",
    "png", "pptx", "py", "rb", "rs", "rst", "scss", "sh", "sql", "svg", "swift", "tar", "tf",
    "toml", "ts", "tsx", "txt", "vue", "wasm", "webp", "xlsx", "xml", "yaml", "yml", "zip", "java",
    "kt", "lua", "map", "so", "ps", "bat", "exe", "dll", "bin",
];

fn judged(settings: &Settings, host: Host, port: Option<u16>, scp: bool) -> Result<(), Refused> {
    // Behind `git@host:` stands a path.
    let port = port.filter(|_| !scp);
    let target = Target {
        scheme: String::new(),
        host,
        port,
    };
    if settings.excepts_host(&target) {
        return Ok(());
    }
    leads_out(settings, &target)
}

struct Form {
    host: Host,
    port: Option<u16>,
    /// Not spelled as four decimal numbers.
    odd: bool,
}

/// Reads `host`, `host:port`, `[v6]:port` or a bare IPv6 address.
fn form(place: &str, user: bool) -> Option<Form> {
    if let Some(inside) = place.strip_prefix('[') {
        let (inside, rest) = inside.split_once(']')?;
        return Some(Form {
            host: v6(inside)?,
            port: rest
                .strip_prefix(':')
                .and_then(|digits| digits.parse().ok()),
            odd: false,
        });
    }
    if place.matches(':').count() >= 2 {
        return Some(Form {
            host: v6(place)?,
            port: None,
            odd: false,
        });
    }
    let (name, port) = match place.split_once(':') {
        None => (place, None),
        // `git@host:path` has no port.
        Some((name, rest)) if user => (name, rest.parse().ok()),
        Some((name, "")) => (name, None),
        Some((name, digits)) => {
            let plain = digits.len() <= 5 && digits.bytes().all(|byte| byte.is_ascii_digit());
            (name, Some(digits.parse().ok().filter(|_| plain)?))
        }
    };
    let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
    if let Some((address, plain)) = numbers(&name) {
        return Some(Form {
            host: Host::Address(IpAddr::V4(address)),
            port,
            odd: !plain,
        });
    }
    match target::named(&name).ok()? {
        Host::Name(name) if name.bytes().any(|byte| byte.is_ascii_alphabetic()) => Some(Form {
            host: Host::Name(name),
            port,
            odd: false,
        }),
        Host::Name(_) | Host::Address(_) => None,
    }
}

/// A number too large to be anything but an address.
fn is_large(place: &str) -> bool {
    place.parse::<u32>().is_ok_and(|number| number >= 1 << 24)
        || place.contains('.')
        || place.starts_with("0x")
}
