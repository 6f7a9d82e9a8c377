//! Whether a URL, or a host, may be reached.

use crate::inert;
use crate::name::reach_of_name;
use crate::range::{Reach, reach_of_address};
use crate::refused::Refused;
use crate::settings::{Addresses, Idn, Settings};
use crate::target::{Host, Target};

/// Judges one URL.
pub fn check(settings: &Settings, url: &str) -> Result<Target, Refused> {
    if url.len() > settings.url_bytes_max {
        return Err(Refused::TooLong);
    }
    let target = match Target::read_with(url, settings.idn != Idn::Refuse) {
        Ok(target) => target,
        Err(refused) => return inert::whole(settings, url).ok_or(refused),
    };
    if settings.excepts_target(&target) {
        return Ok(target);
    }
    if !settings.schemes.contains(&target.scheme) {
        return Err(Refused::Scheme(target.scheme));
    }
    leads_out(settings, &target)?;
    Ok(target)
}

/// Judges `host` or `host:port`.
pub fn check_host(settings: &Settings, text: &str) -> Result<Target, Refused> {
    let target = Target::read_host(text)?;
    if settings.excepts_host(&target) {
        return Ok(target);
    }
    leads_out(settings, &target)?;
    Ok(target)
}

pub(crate) fn leads_out(settings: &Settings, target: &Target) -> Result<(), Refused> {
    let (host, reach) = match &target.host {
        Host::Name(name) => (name.clone(), reach_of_name(name)),
        Host::Address(address) => (address.to_string(), reach_of_address(*address)),
    };
    let spelled_out = settings.allowed.iter().any(|pattern| pattern.names(&host));
    match reach {
        Reach::Metadata => return Err(Refused::Metadata),
        Reach::Internal if !spelled_out => return Err(Refused::Internal),
        Reach::Internal | Reach::Public => {}
    }
    match (&target.host, settings.addresses) {
        (Host::Address(_), Addresses::Deny) if !spelled_out => return Err(Refused::Address),
        (Host::Address(_) | Host::Name(_), Addresses::Deny | Addresses::Public) => {}
    }
    if settings.denied.iter().any(|pattern| pattern.denies(&host)) {
        return Err(Refused::Host);
    }
    let idn = settings.idn == Idn::Public;
    if !settings
        .allowed
        .iter()
        .any(|pattern| pattern.allows(&host, idn))
    {
        let punycode = host.split('.').any(|label| label.starts_with("xn--"));
        return Err(if punycode {
            Refused::Punycode
        } else {
            Refused::Host
        });
    }
    match target.port {
        Some(port) if !settings.ports.contains(&port) => Err(Refused::Port),
        Some(_) | None => Ok(()),
    }
}
