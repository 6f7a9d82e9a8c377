//! Properties that hold for every URL, checked against the WHATWG parser that
//! browsers and many HTTP clients follow.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use std::net::{IpAddr, Ipv4Addr};

use gatewright_egress_guard::{Answer, Host, Reach, Settings, answer, check, reach_of_address};
use gatewright_sdk::Request;
use proptest::prelude::*;

fn settings(json: &str) -> Settings {
    serde_json::from_str(json).unwrap()
}

fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => Just("https://".to_owned()), 1 => Just("http:".to_owned()), 2 => Just("/".to_owned()), 1 => Just("\\".to_owned()),
        2 => Just("@".to_owned()), 2 => Just(":".to_owned()), 2 => Just(".".to_owned()), 1 => Just("#".to_owned()), 1 => Just("?".to_owned()),
        1 => Just("\t".to_owned()), 1 => Just("\n".to_owned()), 1 => Just(" ".to_owned()), 1 => Just("%2e".to_owned()), 1 => Just("[".to_owned()),
        1 => Just("]".to_owned()), 1 => Just("::1".to_owned()), 1 => Just("0x7f".to_owned()), 1 => Just("127.0.0.1".to_owned()),
        1 => Just("2130706433".to_owned()), 1 => Just("xn--".to_owned()), 3 => Just("example.com".to_owned()), 2 => Just("evil.com".to_owned()),
        1 => Just("localhost".to_owned()), 1 => Just("443".to_owned()), 1 => Just("\"".to_owned()), 1 => Just("'".to_owned()),
        2 => "[a-z0-9-]{1,3}", 1 => any::<char>().prop_map(String::from), 1 => Just("\u{3002}".to_owned()), 1 => Just("\u{ff0e}".to_owned()),
    ]
}

fn url_text() -> impl Strategy<Value = String> {
    (
        prop_oneof![3 => Just("https://"), 1 => Just("")],
        prop::collection::vec(piece(), 0..8),
    )
        .prop_map(|(start, pieces)| start.to_owned() + &pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_allowed_url_leads_where_every_other_parser_goes(text in url_text()) {
        let open = settings(r#"{"addresses": "public", "schemes": ["https", "http"]}"#);
        if let Ok(target) = check(&open, &text) {
            let whatwg = url::Url::parse(&text);
            prop_assert!(whatwg.is_ok(), "{:?} {:?}", text, target);
            let whatwg = whatwg.unwrap();
            prop_assert_eq!(whatwg.scheme(), target.scheme.as_str());
            prop_assert_eq!(whatwg.username(), "");
            prop_assert_eq!(whatwg.password(), None);
            let host = match &target.host {
                Host::Name(name) => url::Host::Domain(name.as_str()),
                Host::Address(IpAddr::V4(address)) => url::Host::Ipv4(*address),
                Host::Address(IpAddr::V6(address)) => url::Host::Ipv6(*address),
            };
            prop_assert_eq!(whatwg.host(), Some(host));
            let default = if target.scheme == "https" { 443 } else { 80 };
            prop_assert_eq!(whatwg.port_or_known_default(), Some(target.port.unwrap_or(default)));
        }
    }

    #[test]
    fn a_text_that_a_browser_would_follow_elsewhere_is_refused(text in url_text()) {
        let only = settings(r#"{"hosts": {"allowed": ["example.com"]}}"#);
        let browser = url::Url::parse(text.trim()).ok();
        let elsewhere = browser.filter(|url| matches!(url.scheme(), "http" | "https" | "ftp" | "ws" | "wss"))
            .is_some_and(|url| url.host_str() != Some("example.com") || url.scheme() != "https");
        let judged = answer(&only, &Request::tool("t").with_argument("/any", &text));
        if elsewhere {
            prop_assert!(matches!(judged, Answer::Refused(_)), "{:?}", text);
        }
    }

    #[test]
    fn no_address_in_a_private_block_is_public(bits in any::<u32>()) {
        let address = Ipv4Addr::from(bits);
        let closed = address.is_private() || address.is_loopback() || address.is_link_local() || address.is_multicast()
            || address.is_broadcast() || address.is_documentation() || address.is_unspecified();
        if closed {
            prop_assert_ne!(reach_of_address(IpAddr::V4(address)), Reach::Public);
        }
        prop_assert_ne!(reach_of_address(IpAddr::V6(address.to_ipv6_mapped())), Reach::Public);
        prop_assert_ne!(reach_of_address(IpAddr::V6(address.to_ipv6_compatible())), Reach::Public);
    }

    #[test]
    fn honest_urls_pass(host in "[a-z]{2,9}\\.(com|org|example)", path in "[a-zA-Z0-9/_.~-]{0,30}") {
        let url = format!("https://{host}/{path}");
        prop_assert!(check(&settings("{}"), &url).is_ok(), "{}", url);
    }
}
