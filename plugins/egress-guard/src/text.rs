//! Judges every URL that stands in a text.

use crate::check::leads_out;
use crate::reading::{self, Reading};
use crate::scan::{Spot, ends_a_url, is_slash, spots};
use crate::settings::{Idn, Nested, Settings};
use crate::target::{Host, Target};
use crate::{Refused, decode};

/// The texts of one call.
pub(crate) struct Texts<'a> {
    settings: &'a Settings,
    seen: usize,
    /// A URL that was judged already, as a whole value.
    passed: Option<Target>,
}

/// Most URLs in one call: more is no honest call.
const URLS_MAX: usize = 2000;

/// Text that goes on without a blank, from the start of a URL.
#[derive(Clone, Copy)]
struct Run {
    end: usize,
    query: usize,
}

impl<'a> Texts<'a> {
    pub(crate) fn new(settings: &'a Settings) -> Self {
        Self {
            settings,
            seen: 0,
            passed: None,
        }
    }

    /// Remembers where a URL leads that may be reached: it stands in a text, too.
    pub(crate) fn passed(&mut self, target: Target) {
        self.passed = Some(target).filter(|target| match &target.host {
            // Inert text leads nowhere.
            Host::Name(name) => !name.is_empty(),
            Host::Address(_) => true,
        });
    }

    /// Judges the text as it is written, and as a program decodes it.
    pub(crate) fn judge(&mut self, text: &str, prose: bool) -> Result<(), Refused> {
        self.as_written(text, prose)?;
        match decode::decoded(text) {
            Some(decoded) => self.as_written(&decoded, prose),
            None => Ok(()),
        }
    }

    fn as_written(&mut self, text: &str, prose: bool) -> Result<(), Refused> {
        let mut run: Option<Run> = None;
        for spot in spots(text) {
            self.seen += 1;
            if self.seen > URLS_MAX {
                return Err(Refused::TooLong);
            }
            let start = spot.before.len();
            match run {
                Some(run) if start < run.end => {
                    if self.is_nested(&spot, start, run) {
                        continue;
                    }
                }
                Some(_) | None => {
                    run = Some(run_of(&spot, prose));
                    let end = run.map_or(0, |run| run.end);
                    if end.saturating_sub(start) > self.settings.url_bytes_max {
                        return Err(Refused::TooLong);
                    }
                }
            }
            self.spot(&spot)?;
        }
        Ok(())
    }

    /// Whether the URL is a value in the query of the one before. Behind
    /// punctuation that separates, a tool may take it for one of its own.
    fn is_nested(&self, spot: &Spot<'_>, start: usize, run: Run) -> bool {
        let joined = spot.before.ends_with(|c: char| {
            c.is_alphanumeric() || matches!(c, '=' | '?' | '#' | '/' | ':' | '%')
        });
        match self.settings.nested {
            Nested::Pass => start > run.query && joined,
            Nested::Judge => false,
        }
    }

    fn spot(&self, spot: &Spot<'_>) -> Result<(), Refused> {
        let settings = self.settings;
        let scheme = spot.scheme.to_ascii_lowercase();
        if settings.excepts_scheme(&scheme) {
            return Ok(());
        }
        let (host, port, other) = match reading::read(spot, settings.idn != Idn::Refuse)? {
            Reading::NoTarget => return Ok(()),
            Reading::Leads(host, port) => (host, port, None),
            Reading::LeadsEither(host, port, other) => (host, port, Some(other)),
            Reading::Credentials(host, port) => {
                let target = host.map(|host| Target { scheme, host, port });
                return if target.is_some_and(|target| self.excepts(&target)) {
                    Ok(())
                } else {
                    Err(Refused::Credentials)
                };
            }
        };
        let target = Target { scheme, host, port };
        if let Some(other) = other {
            self.leads(&Target {
                host: other,
                port: None,
                scheme: target.scheme.clone(),
            })?;
        }
        self.leads(&target)
    }

    fn leads(&self, target: &Target) -> Result<(), Refused> {
        if self.passed.as_ref() == Some(target) || self.excepts(target) {
            return Ok(());
        }
        let is_listed = |scheme: &str| self.settings.schemes.contains(scheme);
        if !is_listed(&target.scheme) && !carrier(&target.scheme).is_some_and(is_listed) {
            return Err(Refused::Scheme(target.scheme.clone()));
        }
        leads_out(self.settings, target)
    }

    /// Whether the operator lets it pass, by its scheme or by what carries it.
    fn excepts(&self, target: &Target) -> bool {
        let carried = || {
            let scheme = carrier(&target.scheme)?.to_owned();
            let target = Target {
                scheme,
                ..target.clone()
            };
            Some(self.settings.excepts_target(&target))
        };
        self.settings.excepts_target(target) || carried().unwrap_or(false)
    }
}

/// What carries a URL in a text: `git+https` and `registry+https` of package
/// managers go over HTTPS, to the host that they name.
fn carrier(scheme: &str) -> Option<&str> {
    match scheme.rsplit_once('+') {
        Some((_, carrier @ ("http" | "https"))) => Some(carrier),
        Some(_) | None => None,
    }
}

fn run_of(spot: &Spot<'_>, prose: bool) -> Run {
    let ends = |c: char| {
        ends_a_url(c)
            || (prose
                && (!c.is_ascii() || matches!(c, '\'' | ')' | ']' | '}' | ',' | ';' | '|' | '\\')))
    };
    let long = spot.rest.find(ends_a_url).unwrap_or(spot.rest.len());
    let length = if prose {
        spot.rest.find(ends).unwrap_or(spot.rest.len())
    } else {
        long
    };
    let inside = spot.rest.get(..length).unwrap_or_default();
    let query = inside.find(['?', '#']).unwrap_or(length);
    Run {
        end: spot.at + length,
        query: spot.at + query,
    }
}

/// Judges a line break right behind a host, which browsers leave out: it ends
/// the host, unless a host goes on behind it.
pub(crate) fn ends_in_control(text: &str) -> Result<(), Refused> {
    let authority = text
        .trim_matches(|c: char| c.is_whitespace() || c.is_control())
        .split_once(':')
        .map_or("", |(_, rest)| rest)
        .trim_start_matches(is_slash);
    let end = authority
        .find(['/', '?', '#', ' '])
        .unwrap_or(authority.len());
    let goes_on = authority
        .get(..end)
        .unwrap_or_default()
        .split(['\n', '\r', '\t'])
        .skip(1)
        .any(|line| line.starts_with(['.', '@', ':']));
    if goes_on {
        Err(Refused::Whitespace)
    } else {
        Ok(())
    }
}
