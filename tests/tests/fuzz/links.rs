//! Links that users give us.

use std::net::IpAddr;

use toonmill_outbound::{Ports, check_url, is_public};
use url::Host;

use crate::{decisions::Decisions, spoil};

const RIGHT: [&str; 8] = [
    "https://example.com/a.png",
    "https://user:pass@example.com:443/a?b=c#d",
    "https://127.0.0.1/latest/meta-data",
    "https://0x7f.1/",
    "https://[::ffff:10.0.0.1]/",
    "https://[64:ff9b::a9fe:a9fe]/",
    "https://metadata.google.internal./",
    "https://xn--9n2bp8q.example/그림.png",
];

#[test]
fn links() {
    let ports = Ports::default();
    bolero::check!().for_each(|input: &[u8]| {
        let mut decisions = Decisions::new(input);
        let right = RIGHT[decisions.below(RIGHT.len())];
        let link = spoil::text(right, &mut decisions);
        let Ok(url) = check_url(&link, &ports) else { return };
        assert_eq!((url.scheme(), url.username(), url.password()), ("https", "", None), "{link:?}");
        assert_eq!(url.port_or_known_default(), Some(443), "{link:?}");
        match url.host().unwrap() {
            Host::Domain(name) => {
                let name = name.trim_end_matches('.');
                let ours = ["localhost", "internal", "local"];
                assert!(name.contains('.') && name.parse::<IpAddr>().is_err(), "{link:?}: {name}");
                assert!(!name.rsplit('.').next().is_some_and(|last| ours.contains(&last)), "{link:?}: {name}");
            }
            Host::Ipv4(address) => assert!(is_public(address.into()), "{link:?}"),
            Host::Ipv6(address) => assert!(is_public(address.into()), "{link:?}"),
        }
    });
}
