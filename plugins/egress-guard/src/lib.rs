//! Keeps the URLs in tool arguments on the hosts, schemes and ports that the
//! operator chose, and away from private networks and cloud metadata. It
//! resolves no names, and refuses every URL that two programs could read
//! differently.

mod address;
mod call;
mod check;
mod decode;
mod except;
mod form;
mod hidden;
mod idn;
mod inert;
mod member;
mod name;
mod pattern;
mod range;
mod reading;
mod refused;
mod scan;
mod settings;
mod target;
mod text;
mod tld;

pub use call::{Answer, answer};
pub use check::{check, check_host};
pub use name::reach_of_name;
pub use range::{Reach, reach_of_address};
pub use refused::Refused;
pub use settings::{Addresses, Idn, Nested, Passing, Rule, Settings};
pub use target::{Host, Target};

use gatewright_sdk::{Denial, Description, Opinion, Powers, Request};

gatewright_sdk::policy!(Settings, judge, about);

/// The rule behind every answer.
const HOSTS: &str = "hosts";

/// Judges one call.
pub fn judge(settings: &Settings, request: &Request) -> Opinion {
    match answer(settings, request) {
        Answer::NotMine => Opinion::abstain(),
        Answer::Refused(message) => {
            Opinion::deny(Denial::invalid_arguments(message)).because(HOSTS, "")
        }
        Answer::Fine => match settings.passing {
            Passing::Allow => Opinion::allow().because(HOSTS, ""),
            Passing::Abstain => Opinion::abstain().because(HOSTS, ""),
        },
    }
}

/// What the policy is.
pub fn about() -> Description {
    Description::new(Powers::ALLOW | Powers::DENY)
        .with_schema(include_str!("../settings.schema.json"))
        .with_rule(HOSTS, "URLs lead to hosts that the operator chose")
}
