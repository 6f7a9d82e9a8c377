//! Patterns of targets that are inside. What `*` stands for is one piece of a name: no
//! mail program, browser or list reads a second target in it.

use serde::Deserialize;

/// Longest text that is compared; a longer one is no target of anybody.
const TEXT_BYTES_MAX: usize = 2048;

/// A pattern of targets, such as `*@example.com`, `https://*.corp.example/*` or `#team-*`.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct TargetPattern {
    /// What stands before, between and behind the `*`, in small letters where case does not
    /// count.
    literals: Vec<String>,
    /// What each `*` may stand for.
    stars: Vec<Star>,
    form: Form,
}

/// What the pattern is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Address,
    Url,
    Name,
}

/// What a `*` may stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Star {
    /// Letters, digits, `.`, `_`, `-`: of a host.
    Host,
    /// And `+`: of a mailbox, a channel, a number.
    Word,
    /// And `/`: of a path, without steps up.
    Path,
    /// What follows the host of a URL.
    Rest,
}

impl TryFrom<String> for TargetPattern {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text.chars().all(|letter| "*@./:".contains(letter)) {
            return Err(format!(
                "`{text}` in `allowed` covers everything; hint: name a domain, a host or a name"
            ));
        }
        let form = if text.contains("://") {
            Form::Url
        } else if text.contains('@') {
            Form::Address
        } else {
            Form::Name
        };
        let text = form.folded(&text);
        let literals: Vec<String> = text.split('*').map(str::to_owned).collect();
        let mut before = String::new();
        let mut stars = Vec::new();
        for literal in literals.iter().take(literals.len().saturating_sub(1)) {
            before.push_str(literal);
            stars.push(match form {
                Form::Url => match before.split_once("://") {
                    Some((_, host)) if host.contains(['/', '?', '#']) => Star::Rest,
                    _ => Star::Host,
                },
                Form::Address if before.contains('@') => Star::Host,
                Form::Address => Star::Word,
                Form::Name if text.contains('/') => Star::Path,
                Form::Name => Star::Word,
            });
        }
        Ok(Self {
            literals,
            stars,
            form,
        })
    }
}

impl TargetPattern {
    /// Whether a text is one target, and this one.
    pub(crate) fn is_of(&self, text: &str) -> bool {
        if text.len() > TEXT_BYTES_MAX {
            return false;
        }
        let text = match self.form {
            Form::Address => bare_address(text),
            Form::Url | Form::Name => text,
        };
        let text = self.form.folded(text);
        if self.form != Form::Address && climbs(&text) {
            return false;
        }
        let Some((first, rest)) = self.literals.split_first() else {
            return false;
        };
        let Some(rest_of_text) = text.strip_prefix(first.as_str()) else {
            return false;
        };
        fits(rest_of_text, rest, &self.stars)
    }
}

impl Form {
    /// Without case where it does not count: in addresses, and up to the end of a host.
    fn folded(self, text: &str) -> String {
        match self {
            Self::Address => text.to_ascii_lowercase(),
            Self::Name => text.to_owned(),
            Self::Url => {
                let from = text.find("://").map_or(0, |at| at + 3);
                let rest = text.get(from..).unwrap_or_default();
                let end = from + rest.find(['/', '?', '#']).unwrap_or(rest.len());
                let (host, rest) = text.split_at(end);
                format!("{}{rest}", host.to_ascii_lowercase())
            }
        }
    }
}

/// Whether the text begins with what the first `*` stands for, and goes on as the rest wants.
fn fits(text: &str, literals: &[String], stars: &[Star]) -> bool {
    let (Some((literal, literals)), Some((star, stars))) =
        (literals.split_first(), stars.split_first())
    else {
        return text.is_empty();
    };
    let mut end = 0;
    loop {
        let here = text.get(end..).unwrap_or_default();
        if let Some(rest) = here.strip_prefix(literal.as_str())
            && fits(rest, literals, stars)
        {
            return true;
        }
        match here.chars().next() {
            Some(letter) if star.takes(letter) => end += letter.len_utf8(),
            Some(_) | None => return false,
        }
    }
}

impl Star {
    fn takes(self, letter: char) -> bool {
        let plain = letter.is_ascii_alphanumeric() || ".-_".contains(letter);
        match self {
            Self::Host => plain,
            Self::Word => plain || letter == '+',
            Self::Path => plain || letter == '+' || letter == '/',
            Self::Rest => letter.is_ascii_graphic() && !"\\\"'`<>{}|^".contains(letter),
        }
    }
}

/// `Alice Example <alice@example.com>` without what is shown; a name that could be an
/// address, or that a program may take apart, stays.
fn bare_address(text: &str) -> &str {
    let Some((shown, rest)) = text.split_once('<') else {
        return text;
    };
    let Some(address) = rest.strip_suffix('>') else {
        return text;
    };
    let shown = shown.trim_end_matches(' ');
    let shown = shown
        .strip_prefix('"')
        .and_then(|quoted| quoted.strip_suffix('"'))
        .unwrap_or(shown);
    let is_plain = |letter: char| letter.is_alphanumeric() || " .-'".contains(letter);
    match shown.chars().all(is_plain) {
        true => address,
        false => text,
    }
}

/// Steps up, written plainly or encoded.
fn climbs(text: &str) -> bool {
    let plain = text.to_ascii_lowercase().replace("%2e", ".");
    let plain = plain.replace("%2f", "/").replace("%5c", "/");
    plain.contains("%25") || plain.split(['/', '\\']).any(|step| step == "..")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> TargetPattern {
        TargetPattern::try_from(text.to_owned()).unwrap()
    }

    #[test]
    fn what_is_inside_fits() {
        for (text, pattern_text) in [
            ("a@example.com", "*@example.com"),
            ("A.B+c@EXAMPLE.com", "*@example.com"),
            ("a@eu.example.com", "*@*.example.com"),
            ("Alice Example <alice@example.com>", "*@example.com"),
            ("\"Alice Example\" <alice@example.com>", "*@example.com"),
            (
                "https://wiki.corp.example/a/b?c=d",
                "https://*.corp.example/*",
            ),
            ("HTTPS://Wiki.Corp.example/A", "https://*.corp.example/*"),
            ("https://api.example.com", "https://api.example.com"),
            ("#team-red", "#team-*"),
            ("/srv/out/a/b.txt", "/srv/out/*"),
            ("+4930123", "+49*"),
        ] {
            assert!(pattern(pattern_text).is_of(text), "{text} {pattern_text}");
        }
    }

    #[test]
    fn what_a_program_takes_apart_does_not() {
        for (text, pattern_text) in [
            ("e@x.net,a@example.com", "*@example.com"),
            ("e@x.net;a@example.com", "*@example.com"),
            ("e@x.net a@example.com", "*@example.com"),
            ("e@x.net\na@example.com", "*@example.com"),
            ("e@x.net@example.com", "*@example.com"),
            ("e%x.net@example.com", "*@example.com"),
            ("\"e@x.net\"@example.com", "*@example.com"),
            ("e@x.net <a@example.com>", "*@example.com"),
            ("\"e@x.net\" <a@example.com>", "*@example.com"),
            ("a@example.com <e@x.net>", "*@example.com"),
            ("<a@example.com>,<e@x.net>", "*@example.com"),
            ("a@example.com.x.net", "*@example.com"),
            ("a@example.com\u{0}", "*@example.com"),
            ("a@xexample.com", "*@example.com"),
            ("а@ехample.com", "*@example.com"),
            ("a@example.com ", "*@example.com"),
            ("a@ex\u{200b}ample.com", "*@example.com"),
            (
                "https://evil.net/.corp.example/",
                "https://*.corp.example/*",
            ),
            (
                "https://evil.net#.corp.example/",
                "https://*.corp.example/*",
            ),
            (
                "https://evil.net\\.corp.example/",
                "https://*.corp.example/*",
            ),
            ("https://u@wiki.corp.example/", "https://*.corp.example/*"),
            (
                "https://wiki.corp.example:8080/",
                "https://*.corp.example/*",
            ),
            (
                "https://wiki.corp.example.evil.net/",
                "https://*.corp.example/*",
            ),
            ("http://wiki.corp.example/", "https://*.corp.example/*"),
            ("https://wiki.corp.example/../x", "https://*.corp.example/*"),
            (
                "https://wiki.corp.example/%2e%2e/x",
                "https://*.corp.example/*",
            ),
            (
                "https://wiki.corp.example/%252e%252e/x",
                "https://*.corp.example/*",
            ),
            ("https://wiki.corp.example/a b", "https://*.corp.example/*"),
            ("/srv/out/../etc/passwd", "/srv/out/*"),
            ("/srv/out/a,/etc/passwd\\", "/srv/out/*"),
            ("#team-red,#public", "#team-*"),
            ("#Team-red", "#team-*"),
            ("", "*@example.com"),
        ] {
            assert!(
                !pattern(pattern_text).is_of(text),
                "{text:?} {pattern_text}"
            );
        }
        assert!(!pattern("a*").is_of(&"a".repeat(3000)));
    }

    #[test]
    fn a_pattern_of_everything_is_refused() {
        for text in ["*", "", "*@*", "*.*", "*://*/*", "**"] {
            assert!(TargetPattern::try_from(text.to_owned()).is_err(), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_behind_the_domain_fits(text in ".{0,20}") {
            let pattern = pattern("*@example.com");
            if pattern.is_of(&text) {
                proptest::prop_assert_eq!(text.matches('@').count(), 1);
            }
        }
    }
}
