//! The settings of the guard, checked once when the policy is loaded.

use std::collections::BTreeSet;

use gatewright_sdk::Pattern;
use serde::Deserialize;

use crate::except::Except;
use crate::member::Members;
use crate::pattern::HostPattern;

/// What the operator allows.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "Written")]
pub struct Settings {
    pub(crate) schemes: BTreeSet<String>,
    pub(crate) ports: BTreeSet<u16>,
    pub(crate) allowed: Vec<HostPattern>,
    pub(crate) denied: Vec<HostPattern>,
    pub(crate) addresses: Addresses,
    pub(crate) rules: Vec<Rule>,
    pub(crate) scan: bool,
    pub(crate) url_bytes_max: usize,
    pub(crate) passing: Passing,
    pub(crate) except: Vec<Except>,
    pub(crate) nested: Nested,
    pub(crate) idn: Idn,
    pub(crate) members: Members,
}

/// What happens to a URL in the query of another one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Nested {
    /// It is data for a host that may be reached.
    #[default]
    Pass,
    /// It is judged like every other.
    Judge,
}

/// What happens to hosts with letters beyond ASCII, and to their `xn--` form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Idn {
    /// Only the listed `xn--` form passes.
    #[default]
    Refuse,
    /// Either spelling passes where the `xn--` form is listed.
    Listed,
    /// Either spelling is a public host.
    Public,
}

/// What happens to addresses in place of names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Addresses {
    /// Refused, but for those listed among the hosts.
    #[default]
    Deny,
    /// Public ones count as hosts.
    Public,
}

/// What the guard answers when it has nothing against a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Passing {
    /// No opinion: another policy must allow the call.
    #[default]
    Abstain,
    /// A call that a rule is about may go on; other calls get no opinion.
    Allow,
}

/// Which arguments of which tools are URLs or hosts.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Rule {
    #[serde(default = "any")]
    server: Pattern,
    tool: Pattern,
    /// JSON Pointers to a URL, or to a list of them.
    #[serde(default)]
    pub(crate) urls: Vec<String>,
    /// JSON Pointers to `host` or `host:port`, or to a list of them.
    #[serde(default)]
    pub(crate) hosts: Vec<String>,
    /// Arguments that are not searched for URLs: text the tool only keeps.
    #[serde(default, alias = "ignore")]
    pub(crate) except: Vec<String>,
    /// Arguments that are text which the tool keeps or shows.
    #[serde(default)]
    pub(crate) prose: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Written {
    #[serde(default = "https")]
    schemes: BTreeSet<String>,
    #[serde(default = "web_ports")]
    ports: BTreeSet<u16>,
    #[serde(default)]
    hosts: Hosts,
    #[serde(default)]
    addresses: Addresses,
    #[serde(default)]
    tools: Vec<Rule>,
    #[serde(default = "yes")]
    scan: bool,
    #[serde(default = "url_bytes_max")]
    url_bytes_max: usize,
    #[serde(default)]
    passing: Passing,
    #[serde(default)]
    except: Vec<Except>,
    #[serde(default)]
    nested: Nested,
    #[serde(default)]
    idn: Idn,
    #[serde(default)]
    members: Members,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Hosts {
    #[serde(default = "every_host")]
    allowed: Vec<HostPattern>,
    #[serde(default)]
    denied: Vec<HostPattern>,
}

impl Default for Hosts {
    fn default() -> Self {
        Self {
            allowed: every_host(),
            denied: Vec::new(),
        }
    }
}

fn https() -> BTreeSet<String> {
    BTreeSet::from(["https".to_owned()])
}

fn web_ports() -> BTreeSet<u16> {
    BTreeSet::from([80, 443])
}

fn every_host() -> Vec<HostPattern> {
    vec![HostPattern::Any]
}

fn any() -> Pattern {
    Pattern::new("*")
}

fn yes() -> bool {
    true
}

/// Longer URLs are a way to carry data out, and many servers refuse them.
fn url_bytes_max() -> usize {
    2048
}

impl Rule {
    /// Whether the rule speaks about this tool.
    pub(crate) fn applies(&self, server: &str, tool: &str) -> bool {
        self.server.matches(server) && self.tool.matches(tool)
    }

    fn check(&self) -> Result<(), String> {
        let tool = self.tool.as_str();
        if [&self.urls, &self.hosts, &self.except, &self.prose]
            .iter()
            .all(|pointers| pointers.is_empty())
        {
            return Err(format!(
                "the rule for `{tool}` says nothing; hint: `urls = [\"/url\"]`"
            ));
        }
        let well_formed = |text: &&String| {
            !text.starts_with('/')
                || !text
                    .split('~')
                    .skip(1)
                    .all(|after| after.starts_with(['0', '1']))
        };
        match self
            .urls
            .iter()
            .chain(&self.hosts)
            .chain(&self.except)
            .chain(&self.prose)
            .find(well_formed)
        {
            Some(pointer) => Err(format!(
                "`{pointer}` is not a JSON Pointer; hint: write `/url`"
            )),
            None => Ok(()),
        }
    }
}

impl TryFrom<Written> for Settings {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let odd = |scheme: &&String| {
            scheme.is_empty()
                || !scheme
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'+')
        };
        if let Some(scheme) = written.schemes.iter().find(odd) {
            return Err(format!(
                "`{scheme}` is not a scheme; hint: write `https`, without `://`"
            ));
        }
        if !written.scan && written.tools.is_empty() {
            return Err("nothing is judged; hint: add `tools`, or leave `scan` on".to_owned());
        }
        written.tools.iter().try_for_each(Rule::check)?;
        Ok(Self {
            schemes: written.schemes,
            ports: written.ports,
            allowed: written.hosts.allowed,
            denied: written.hosts.denied,
            addresses: written.addresses,
            rules: written.tools,
            scan: written.scan,
            url_bytes_max: written.url_bytes_max,
            passing: written.passing,
            except: written.except,
            nested: written.nested,
            idn: written.idn,
            members: written.members.prepared(),
        })
    }
}
