//! Reads the host of a URL that stands in a text. Prose and code go on right
//! behind it, so the host ends at the first character that no host has. Where
//! another program could read further, that reading is judged too.

use crate::scan::{Spot, ends_a_url};
use crate::target::{self, Host};
use crate::{Refused, tld};

/// A URL in a text, as the programs that look for URLs in texts read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// A template, a pattern, or a scheme alone: nobody follows it.
    NoTarget,
    /// It leads to this host and port.
    Leads(Host, Option<u16>),
    /// Some read the first host, others the second.
    LeadsEither(Host, Option<u16>, Host),
    /// `user:password@`, and the host behind it where it can be told.
    Credentials(Option<Host>, Option<u16>),
}

/// Reads what stands at a spot.
pub(crate) fn read(spot: &Spot<'_>, idn: bool) -> Result<Reading, Refused> {
    if is_template_behind(spot.before) && !crate::scan::is_followed(spot.scheme) {
        return Ok(Reading::NoTarget);
    }
    let authority = authority(spot);
    if let Some((user, behind)) = authority.rsplit_once('@') {
        if user.contains(is_beyond_ascii) {
            // Prose of other scripts goes on without a blank: an address of
            // mail is no host of this URL, though some programs take it so.
            let first = host(user, idn)?;
            let second = host(behind, idn)?;
            return Ok(match (first, second) {
                (Some((host, port)), Some((other, _))) => Reading::LeadsEither(host, port, other),
                (Some((host, port)), None) => Reading::Leads(host, port),
                (None, _) => Reading::NoTarget,
            });
        }
        let host = host(behind, idn)?;
        return Ok(match host {
            None if holds_template(behind) => Reading::NoTarget,
            None => Reading::Credentials(None, None),
            Some((host, port)) => Reading::Credentials(Some(host), port),
        });
    }
    let Some((first, port)) = host(authority, idn)? else {
        return Ok(Reading::NoTarget);
    };
    if !spot.slashes && !is_telling(&first) {
        return Ok(Reading::NoTarget);
    }
    Ok(match further(authority) {
        Some(second) => Reading::LeadsEither(first, port, second?),
        None => Reading::Leads(first, port),
    })
}

/// Everything that some program may take for user, host and port.
fn authority<'a>(spot: &Spot<'a>) -> &'a str {
    // What closes the quote or bracket that the URL stands in ends it.
    let closing = spot
        .before
        .chars()
        .next_back()
        .and_then(|opening| match opening {
            '\'' => Some('\''),
            '(' => Some(')'),
            '[' => Some(']'),
            '{' => Some('}'),
            '|' => Some('|'),
            '*' => Some('*'),
            _ => None,
        });
    let bracketed = spot.rest.starts_with('[');
    let end = spot
        .rest
        .find(|c: char| {
            ends_a_url(c)
                || matches!(c, '/' | '?' | '#')
                || (Some(c) == closing && !(bracketed && c == ']'))
        })
        .unwrap_or(spot.rest.len());
    let authority = spot.rest.get(..end).unwrap_or_default();
    // `https://<host>/` names no host; what follows belongs to the template.
    if end == 0 {
        spot.rest.get(..1).unwrap_or_default()
    } else {
        authority
    }
}

/// The host and port at the start of the text; none where a template stands
/// there, or nothing that could be a host.
fn host(text: &str, idn: bool) -> Result<Option<(Host, Option<u16>)>, Refused> {
    if text.starts_with('[') {
        return bracketed(text);
    }
    let mut name = String::new();
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        match letter {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '.' | '_' => {
                name.push(letter);
                rest = rest.get(1..).unwrap_or_default();
            }
            // A regular expression: `example\.com`.
            '\\' if rest.starts_with("\\.") || rest.starts_with("\\-") => {
                rest = rest.get(1..).unwrap_or_default();
            }
            _ => break,
        }
    }
    if is_encoded(rest) {
        return Err(Refused::Encoded);
    }
    let template = starts_a_template(rest);
    let letter = rest.chars().next();
    if letter.is_some_and(|c| !c.is_ascii()) {
        match beyond_ascii(&name, rest) {
            Err(Refused::NotAscii) if idn => return other_script(text).map(Some),
            judged => judged?,
        }
    }
    let name = name.trim_end_matches(['.', '-', '_']);
    if name.is_empty() {
        return Ok(None);
    }
    let placeholder = !name.contains('.')
        && name.contains('_')
        && !name.bytes().any(|byte| byte.is_ascii_lowercase());
    if placeholder || (template && !is_complete(name)) {
        return Ok(None);
    }
    Ok(Some((target::named(name)?, port(rest)?)))
}

/// `[::1]:80`, or `[host]` as a placeholder.
fn bracketed(text: &str) -> Result<Option<(Host, Option<u16>)>, Refused> {
    let inside = text.get(1..).unwrap_or_default();
    let Some((inside, rest)) = inside.split_once(']') else {
        return Ok(None);
    };
    match inside.parse() {
        Ok(address) => Ok(Some((
            Host::Address(std::net::IpAddr::V6(address)),
            port(rest)?,
        ))),
        // A zone, an address in brackets, or a spelling of a reader of its own.
        Err(_)
            if inside.contains(':') || inside.bytes().all(|c| c.is_ascii_digit() || c == b'.') =>
        {
            Err(Refused::OddAddress)
        }
        Err(_) => Ok(None),
    }
}

/// The port behind a host; none where prose or a template goes on.
fn port(rest: &str) -> Result<Option<u16>, Refused> {
    let Some(rest) = rest.strip_prefix(':') else {
        return Ok(None);
    };
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    match rest.get(..digits) {
        None | Some("") => Ok(None),
        Some(digits) => target::port_of(digits).map(Some),
    }
}

/// Whether a host with letters beyond ASCII is meant, and not a text that goes
/// on right behind one. It is where a program that reads on finds a name in
/// public DNS, or where nothing stood before.
fn beyond_ascii(before: &str, rest: &str) -> Result<(), Refused> {
    let first = rest.chars().next().unwrap_or_default();
    if before.is_empty() {
        return if first.is_alphanumeric() {
            Err(Refused::NotAscii)
        } else {
            Ok(())
        };
    }
    let end = rest
        .find(|c: char| c.is_ascii() && !c.is_ascii_alphanumeric() && !matches!(c, '-' | '.' | '_'))
        .unwrap_or(rest.len());
    let further = rest.get(..end).unwrap_or_default();
    let further = target::folded(further);
    // What is not whole before it is no host without it.
    let complete = before
        .rsplit_once('.')
        .is_some_and(|(_, last)| tld::is_public(&last.to_ascii_lowercase()))
        || !first.is_alphanumeric();
    let name = further.trim_end_matches('.');
    let last = name.rsplit('.').next().unwrap_or_default();
    let public =
        name.contains('.') && (tld::is_public(last) || last.bytes().all(|b| b.is_ascii_digit()));
    if public || !complete {
        return Err(Refused::NotAscii);
    }
    Ok(())
}

/// The host in the spelling that DNS knows.
fn other_script(text: &str) -> Result<(Host, Option<u16>), Refused> {
    let end = text
        .find(|c: char| !c.is_alphanumeric() && !matches!(c, '-' | '.' | '_'))
        .unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let name = crate::idn::to_ascii(name.trim_end_matches('.')).ok_or(Refused::NotAscii)?;
    Ok((target::named(&name)?, port(rest)?))
}

/// The host that a program finds which reads over punctuation: DNS allows
/// `example.com,x.evil.example`, and browsers follow it.
fn further(authority: &str) -> Option<Result<Host, Refused>> {
    // A backslash escapes the dot of a regular expression, and is a slash to
    // browsers.
    if let Some((name, _)) = authority.split_once('\\')
        && authority.contains("\\.")
        && is_complete(name)
    {
        return Some(target::named(&name.to_ascii_lowercase()));
    }
    let odd = |c: char| {
        c.is_ascii() && !c.is_ascii_alphanumeric() && !matches!(c, '-' | '.' | '_' | ':' | '\\')
    };
    let at = authority.rfind(odd)?;
    let before = authority.get(..at)?;
    // Text of another script, a port or a template: no program reads on.
    if !before.is_ascii() || before.contains([':', '\\', '$', '{', '<', '[']) {
        return None;
    }
    let tail = authority.get(at + 1..)?;
    let end = tail
        .find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '.' | '_'))
        .unwrap_or(tail.len());
    // Followed by anything but a port, it is no host.
    if !matches!(tail.get(end..)?.chars().next(), None | Some(':')) {
        return None;
    }
    let name = tail.get(..end)?.trim_matches('.').to_ascii_lowercase();
    let last = name.rsplit('.').next()?;
    let dots = tail.get(..end)?.matches('.').count();
    let number = !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit());
    (dots >= 2 && (number || tld::is_public(last))).then(|| target::named(&name))
}

/// Whether a template follows.
fn starts_a_template(rest: &str) -> bool {
    let rest = rest.strip_prefix(':').unwrap_or(rest);
    let rest = rest.strip_prefix('\\').unwrap_or(rest);
    let mut letters = rest.chars();
    match (letters.next(), letters.next()) {
        (Some('{' | '<' | '*'), _) => true,
        (Some('$'), Some(next)) => next.is_alphabetic() || matches!(next, '{' | '(' | '_' | '$'),
        (Some('%'), Some(_)) | (Some('#'), Some('{')) => true,
        (Some('('), Some('?' | '[' | '.' | '\\' | '$')) => true,
        (Some('['), Some(_)) => true,
        (Some('+' | '.'), _) => false,
        (_, _) => false,
    }
}

fn holds_template(text: &str) -> bool {
    text.contains(['{', '$', '<', '%', '*', '['])
}

/// `${scheme}://`, `%s://`.
fn is_template_behind(before: &str) -> bool {
    before.ends_with(['%', '$']) && !before.ends_with("%%")
}

/// A name that stands by itself even where a template follows.
fn is_complete(name: &str) -> bool {
    if target::ends_in_a_number(name) {
        return name.parse::<std::net::Ipv4Addr>().is_ok();
    }
    let name = name.to_ascii_lowercase();
    name == "localhost"
        || name
            .rsplit_once('.')
            .is_some_and(|(_, last)| tld::is_public(last))
}

/// A host that nobody writes without meaning one: `http:example.com` is a URL
/// to browsers, `ws:next` a name in code.
fn is_telling(host: &Host) -> bool {
    match host {
        Host::Address(_) => true,
        Host::Name(name) => {
            name == "localhost"
                || name
                    .rsplit_once('.')
                    .is_some_and(|(_, last)| tld::is_public(last))
                || crate::name::is_plainly_inner(name)
        }
    }
}

/// `%2e`: programs disagree on whether a host is decoded. A quote, a bracket or a
/// blank, encoded, ends it where nothing of a host follows: no host goes on there.
fn is_encoded(rest: &str) -> bool {
    const CLOSING: &[&str] = &["20", "22", "27", "29", "2c", "3b", "3c", "3e", "5d", "7d"];
    let Some((digits, after)) = rest
        .strip_prefix('%')
        .and_then(|rest| rest.split_at_checked(2))
        .filter(|(digits, _)| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
    else {
        return false;
    };
    let closes = CLOSING.iter().any(|code| code.eq_ignore_ascii_case(digits));
    let goes_on = after.starts_with(|c: char| {
        c.is_alphanumeric() || matches!(c, '.' | '@' | ':' | '-' | '_' | '%' | '[')
    });
    !closes || goes_on
}

/// Letters and punctuation beyond ASCII.
fn is_beyond_ascii(letter: char) -> bool {
    !letter.is_ascii()
}
