//! Which names lead to the public internet, as far as a name tells.

use crate::hidden::near_address;
use crate::range::{Reach, reach_of_address};
use crate::tld;

/// Names below real top-level domains that only the own machine or network
/// answers: special-use names (RFC 6761, 6762, 8375), private DNS of clouds,
/// overlay networks, and the front pages of routers.
const INTERNAL_SUFFIXES: &[&str] = &[
    "arpa",
    "asusrouter.com",
    "beta.tailscale.net",
    "congstar.box",
    "easy.box",
    "falogin.cn",
    "fritz.box",
    "fritz.nas",
    "fritz.repeater",
    "hiwifi.com",
    "internal.cloudapp.net",
    "linksyssmartwifi.com",
    "melogin.cn",
    "miwifi.com",
    "mwlogin.net",
    "myfiosgateway.com",
    "mywifiext.com",
    "mywifiext.net",
    "o2.box",
    "orbilogin.com",
    "orbilogin.net",
    "router.asus.com",
    "repeater.asus.com",
    "routerlogin.com",
    "routerlogin.net",
    "setup.ubnt.com",
    "svc",
    "tendawifi.com",
    "tplinkextender.net",
    "tplinklogin.net",
    "tplinkmodem.net",
    "tplinkrepeater.net",
    "tplinkwifi.net",
    "tplogin.cn",
    "ts.net",
    "vpce.amazonaws.com",
    "vodafone.station",
];

/// Last labels that mean an inner name even where nothing else is known of
/// the text: no file and no member of a program is called like that.
const INTERNAL_LABELS: &[&str] = &[
    "consul",
    "corp",
    "home",
    "internal",
    "intranet",
    "invalid",
    "lan",
    "local",
    "localdomain",
    "localdomain6",
    "localhost",
    "onion",
    "private",
    "svc",
    "workgroup",
];

/// Public names that resolve to whatever address stands in them, or to this
/// machine.
const REBINDING_SUFFIXES: &[&str] = &[
    "1u.ms",
    "127-0-0-1.org.uk",
    "addr.tools",
    "backname.io",
    "bugbounty.dod.network",
    "ddev.site",
    "docksal.site",
    "fuf.me",
    "ip.name",
    "ipv6-literal.net",
    "lacolhost.com",
    "lcl.host",
    "lndo.site",
    "local-ip.co",
    "local-ip.medicmobile.org",
    "local-ip.sh",
    "local.gd",
    "localdev.me",
    "localdomain.pw",
    "localh.st",
    "localho.st",
    "localhost.direct",
    "localtest.me",
    "lvh.me",
    "mail.ebc.apple.com",
    "nip.io",
    "nip.direct",
    "plex.direct",
    "rbndr.us",
    "rebind.network",
    "requestrepo.com",
    "smackaho.st",
    "spoofed.burpcollaborator.net",
    "sslip.io",
    "sudo.cc",
    "traefik.me",
    "vcap.me",
    "xip.io",
    "xip.name",
    "yoogle.com",
];

/// Names at which clouds answer with credentials.
const METADATA_NAMES: &[&str] = &[
    "instance-data",
    "instance-data.ec2.internal",
    "metadata",
    "metadata.azure.internal",
    "api.service.softlayer.com",
    "metadata.cloud.ibm.com",
    "metadata.exoscale.com",
    "metadata.goog",
    "metadata.google.internal",
    "metadata.internal",
    "metadata.packet.net",
    "metadata.platformequinix.com",
    "metadata.scaleway.com",
    "metadata.tencentyun.com",
    "rancher-metadata",
    "rancher-metadata.rancher.internal",
];

/// Where the name (lower case ASCII) leads, as far as the name tells.
pub fn reach_of_name(name: &str) -> Reach {
    let below = |suffix: &&str| is_below(name, suffix);
    if METADATA_NAMES.iter().any(below) {
        return Reach::Metadata;
    }
    if let Some(address) = near_address(name) {
        return match reach_of_address(address.into()) {
            Reach::Metadata => Reach::Metadata,
            Reach::Internal | Reach::Public => Reach::Internal,
        };
    }
    let inner = match name.rsplit_once('.') {
        None => true,
        Some((_, last)) => {
            !tld::is_public(last)
                || INTERNAL_SUFFIXES.iter().any(below)
                || REBINDING_SUFFIXES.iter().any(below)
                || has_private_label(name)
                || is_service_and_namespace(name)
        }
    };
    if inner {
        Reach::Internal
    } else {
        Reach::Public
    }
}

/// Whether the name says by itself that it is an inner one, so that it counts
/// even where a text may be anything.
pub(crate) fn is_plainly_inner(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or_default();
    name == "localhost"
        || METADATA_NAMES
            .iter()
            .any(|suffix| suffix.contains('.') && is_below(name, suffix))
        || (name.contains('.') && INTERNAL_LABELS.contains(&last))
        || (name.contains('.') && tld::is_public(last) && reach_of_name(name) != Reach::Public)
}

fn is_below(name: &str, suffix: &str) -> bool {
    // Most end in another letter.
    name.as_bytes().last() == suffix.as_bytes().last()
        && name
            .strip_suffix(suffix)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// Azure answers names with this label from inside a network.
fn has_private_label(name: &str) -> bool {
    name.contains(".privatelink.") || name.starts_with("privatelink.")
}

/// `db.prod`, `wiki.company`: these last labels are public ones since, and
/// people name their namespaces and offices so.
fn is_service_and_namespace(name: &str) -> bool {
    const NAMESPACES: &[&str] = &[
        "ad", "build", "ci", "cloud", "company", "data", "dev", "int", "live", "network", "office",
        "security", "services", "storage", "systems", "team", "tools", "zone",
    ];
    const SERVICES: &[&str] = &[
        "admin",
        "airflow",
        "alertmanager",
        "api",
        "argocd",
        "auth",
        "cache",
        "clickhouse",
        "consul",
        "db",
        "elasticsearch",
        "es",
        "etcd",
        "git",
        "gitlab",
        "grafana",
        "harbor",
        "intranet",
        "jaeger",
        "jenkins",
        "jira",
        "kafka",
        "keycloak",
        "kibana",
        "ldap",
        "loki",
        "memcached",
        "minio",
        "mongo",
        "mongodb",
        "mysql",
        "nas",
        "nats",
        "nexus",
        "nfs",
        "postgres",
        "printer",
        "prometheus",
        "proxy",
        "rabbitmq",
        "redis",
        "registry",
        "sonarqube",
        "superset",
        "tempo",
        "vault",
        "wiki",
        "zookeeper",
    ];
    name.split_once('.').is_some_and(|(service, namespace)| {
        namespace == "prod" || (NAMESPACES.contains(&namespace) && SERVICES.contains(&service))
    })
}
