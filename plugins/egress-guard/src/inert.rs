//! Inert text: URLs that the operator lets pass though their scheme, port or
//! host is not allowed.

use crate::except::{Except, Port};
use crate::name::reach_of_name;
use crate::range::{Reach, reach_of_address};
use crate::reading::{self, Reading};
use crate::scan::spots;
use crate::settings::{Idn, Settings};
use crate::target::{Host, Target};

impl Settings {
    pub(crate) fn excepts_scheme(&self, scheme: &str) -> bool {
        self.except.iter().any(|except| match except {
            Except::Scheme(name) => name == scheme,
            Except::Start(_) | Except::Target { .. } => false,
        })
    }

    pub(crate) fn excepts_target(&self, target: &Target) -> bool {
        self.excepts_scheme(&target.scheme) || self.fits(target, |scheme| scheme == target.scheme)
    }

    /// Whether a host without a scheme is that of a URL which passes.
    pub(crate) fn excepts_host(&self, target: &Target) -> bool {
        self.fits(target, |_| true)
    }

    fn fits(&self, target: &Target, fits: impl Fn(&str) -> bool) -> bool {
        // What leads to credentials never passes.
        let metadata = || {
            Reach::Metadata
                == match &target.host {
                    Host::Name(name) => reach_of_name(name),
                    Host::Address(address) => reach_of_address(*address),
                }
        };
        self.except.iter().any(|except| match except {
            Except::Target { scheme, host, port } => {
                fits(scheme)
                    && *host == target.host
                    && (*port == Port::Any || *port == Port::Written(target.port))
            }
            Except::Start(_) | Except::Scheme(_) => false,
        }) && !metadata()
    }
}

/// Where a whole value leads that passes though it is no plain URL.
pub(crate) fn whole(settings: &Settings, url: &str) -> Option<Target> {
    let starts = settings.except.iter().any(|except| match except {
        Except::Start(start) => url
            .get(..start.len())
            .is_some_and(|begin| begin.eq_ignore_ascii_case(start)),
        Except::Scheme(_) | Except::Target { .. } => false,
    });
    let inert = |scheme: &str| Target {
        scheme: scheme.to_owned(),
        host: Host::Name(String::new()),
        port: None,
    };
    if starts {
        return Some(inert(""));
    }
    let spot = spots(url).next().filter(|spot| spot.before.is_empty())?;
    let scheme = spot.scheme.to_ascii_lowercase();
    if settings.excepts_scheme(&scheme) {
        return Some(inert(&scheme));
    }
    let plain = !url.contains(|c: char| c == '\\' || c.is_whitespace() || c.is_control());
    let target = match reading::read(&spot, settings.idn != Idn::Refuse).ok()? {
        Reading::Credentials(Some(host), port) => Target { scheme, host, port },
        Reading::Credentials(None, _)
        | Reading::NoTarget
        | Reading::Leads(..)
        | Reading::LeadsEither(..) => return None,
    };
    (plain && settings.excepts_target(&target)).then_some(target)
}
