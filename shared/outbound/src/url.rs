//! What a URL may be, before anything is asked of it.

use std::{collections::BTreeSet, str::FromStr};

use url::{Host, Url};

use crate::is_public;

/// As much as browsers and proxies are sure to take.
const LONGEST_URL: usize = 2_048;

/// Names that mean a machine near by, whatever they resolve to (RFC 6761, RFC 6762, RFC 8375, and ICANN's reservation of
/// `internal`). Their addresses would be refused too.
const NEAR: [&str; 9] =
    ["localhost", "local", "localdomain", "internal", "intranet", "lan", "corp", "home", "home.arpa"];

/// The ports that may be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ports(BTreeSet<u16>);

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not port numbers separated by commas, such as 443,8443")]
pub struct PortsError;

/// Why a URL may not be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlProblem {
    #[error("is no URL that can be asked: an https URL of a public server is wanted")]
    NotAUrl,
    #[error("must begin with https://")]
    NotHttps,
    #[error("must not hold a user name or a password")]
    HasUserInfo,
    #[error("must not name a port but https's own")]
    OtherPort,
    #[error("must name a server of the public internet")]
    NotPublic,
}

impl Default for Ports {
    /// That of https alone.
    fn default() -> Self {
        Self([443].into())
    }
}

impl FromStr for Ports {
    type Err = PortsError;

    fn from_str(text: &str) -> Result<Self, PortsError> {
        let ports: Result<BTreeSet<u16>, _> = text.split(',').map(|port| port.trim().parse()).collect();
        ports.ok().filter(|ports| !ports.contains(&0)).map(Self).ok_or(PortsError)
    }
}

/// The URL, if it may be asked as far as it shows by itself. Names are looked up, and their addresses checked, when they
/// are connected to. Hosts that are addresses are checked here, in every spelling: the parser makes decimal, octal and
/// hexadecimal IPv4 addresses, full-width digits and escapes into one (WHATWG URL, section 3.5).
pub fn check_url(text: &str, ports: &Ports) -> Result<Url, UrlProblem> {
    // The parser drops tabs and line ends and takes a backslash for a slash; whoever else reads the text might not.
    if text.len() > LONGEST_URL || text.chars().any(|char| char <= ' ' || char == '\\' || char == '\u{7f}') {
        return Err(UrlProblem::NotAUrl);
    }
    let mut url = Url::parse(text).map_err(|_| UrlProblem::NotAUrl)?;
    if url.scheme() != "https" {
        return Err(UrlProblem::NotHttps);
    }
    // An empty one, as in https://@host/, leaves nothing in the URL but its sign in the text.
    let authority = text.split("://").nth(1).and_then(|rest| rest.split(['/', '?', '#']).next()).unwrap_or_default();
    if !url.username().is_empty() || url.password().is_some() || authority.contains('@') {
        return Err(UrlProblem::HasUserInfo);
    }
    if !url.port_or_known_default().is_some_and(|port| ports.0.contains(&port)) {
        return Err(UrlProblem::OtherPort);
    }
    let is_fit = match url.host().ok_or(UrlProblem::NotAUrl)? {
        Host::Ipv4(address) => is_public(address.into()),
        Host::Ipv6(address) => is_public(address.into()),
        Host::Domain(name) => is_far(name),
    };
    if !is_fit {
        return Err(UrlProblem::NotPublic);
    }
    url.set_fragment(None);
    Ok(url)
}

/// Whether a name can be of a server out there: a whole one, and of no network near by.
fn is_far(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    let is_near = |near: &str| name.strip_suffix(near).is_some_and(|before| before.is_empty() || before.ends_with('.'));
    name.contains('.') && !name.split('.').any(str::is_empty) && !NEAR.into_iter().any(is_near)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_https_url_is_asked_without_its_fragment() {
        let url = check_url("https://Pictures.Example/a%20b.png?x=1#top", &Ports::default()).unwrap();
        assert_eq!(url.as_str(), "https://pictures.example/a%20b.png?x=1");
        assert!(check_url("https://pictures.example:443/", &Ports::default()).is_ok());
        assert!(check_url("https://pictures.example./", &Ports::default()).is_ok());
        assert!(check_url("https://1.1.1.1/", &Ports::default()).is_ok());
        assert!(check_url("https://그림.example/", &Ports::default()).is_ok());
        assert!(check_url("https://pictures.example/@me", &Ports::default()).is_ok());
    }

    #[test]
    fn another_port_is_asked_only_where_it_is_configured() {
        let url = "https://pictures.example:8443/";
        assert_eq!(check_url(url, &Ports::default()), Err(UrlProblem::OtherPort));
        assert!(check_url(url, &"443, 8443".parse().unwrap()).is_ok());
        for wrong in ["", "https", "443,", "0", "65536", "-1"] {
            assert_eq!(wrong.parse::<Ports>(), Err(PortsError), "{wrong}");
        }
    }

    #[test]
    fn hostile_urls_are_refused_before_anything_is_asked() {
        use UrlProblem::{HasUserInfo, NotAUrl, NotHttps, NotPublic, OtherPort};
        let long = format!("https://pictures.example/{}", "x".repeat(LONGEST_URL));
        let hostile = [
            ("", NotAUrl),
            ("//pictures.example/x.png", NotAUrl),
            ("/etc/passwd", NotAUrl),
            ("https://", NotAUrl),
            ("https:///", NotAUrl),
            ("https://exa mple.com/", NotAUrl),
            (" https://pictures.example/", NotAUrl),
            ("https://pictures.example/\r\nHost: internal", NotAUrl),
            ("https://pict\tures.example/", NotAUrl),
            ("https:\\\\127.0.0.1\\x", NotAUrl),
            ("https://pictures.example\\@127.0.0.1/", NotAUrl),
            ("https://[::1", NotAUrl),
            ("https://[fe80::1%25eth0]/", NotAUrl),
            ("https://256.256.256.256/", NotAUrl),
            ("https://1.2.3.4.5/", NotAUrl),
            (&long, NotAUrl),
            ("http://pictures.example/x.png", NotHttps),
            ("http://169.254.169.254/latest/meta-data/", NotHttps),
            ("ftp://pictures.example/x.png", NotHttps),
            ("file:///etc/passwd", NotHttps),
            ("gopher://127.0.0.1:6379/_INFO", NotHttps),
            ("dict://127.0.0.1:11211/stat", NotHttps),
            ("data:image/png;base64,iVBORw0KGgo=", NotHttps),
            ("javascript:alert(1)", NotHttps),
            ("jar:https://pictures.example!/x", NotHttps),
            ("ws://pictures.example/", NotHttps),
            ("https://user@pictures.example/", HasUserInfo),
            ("https://user:secret@pictures.example/", HasUserInfo),
            ("https://:@pictures.example/", HasUserInfo),
            ("https://@pictures.example/", HasUserInfo),
            ("https://pictures.example@127.0.0.1/", HasUserInfo),
            ("https://127.0.0.1@pictures.example/", HasUserInfo),
            ("https://pictures.example:80/", OtherPort),
            ("https://pictures.example:22/", OtherPort),
            ("https://pictures.example:6379/", OtherPort),
            ("https://127.0.0.1:9001/2018-06-01/runtime/invocation/next", OtherPort),
            ("https://127.0.0.1/", NotPublic),
            ("https://127.0.0.1./", NotPublic),
            ("https://127.1/", NotPublic),
            ("https://2130706433/", NotPublic),
            ("https://0x7f000001/", NotPublic),
            ("https://0x7f.0.0.1/", NotPublic),
            ("https://0177.0.0.1/", NotPublic),
            ("https://017700000001/", NotPublic),
            ("https://１２７.０.０.１/", NotPublic),
            ("https://①②⑦.⓪.⓪.①/", NotPublic),
            ("https://%31%32%37.0.0.1/", NotPublic),
            ("https://127。0。0。1/", NotPublic),
            ("https://0/", NotPublic),
            ("https://0.0.0.0/", NotPublic),
            ("https://10.0.0.1/", NotPublic),
            ("https://100.100.100.200/latest/meta-data/", NotPublic),
            ("https://168.63.129.16/", NotPublic),
            ("https://169.254.169.254/latest/meta-data/iam/", NotPublic),
            ("https://169.254.170.2/v2/credentials/", NotPublic),
            ("https://2852039166/", NotPublic),
            ("https://0251.0376.0251.0376/", NotPublic),
            ("https://172.16.0.1/", NotPublic),
            ("https://192.168.1.1/", NotPublic),
            ("https://198.18.0.1/", NotPublic),
            ("https://224.0.0.1/", NotPublic),
            ("https://255.255.255.255/", NotPublic),
            ("https://[::]/", NotPublic),
            ("https://[::1]/", NotPublic),
            ("https://[0:0:0:0:0:0:0:1]/", NotPublic),
            ("https://[::127.0.0.1]/", NotPublic),
            ("https://[::ffff:127.0.0.1]/", NotPublic),
            ("https://[::ffff:7f00:1]/", NotPublic),
            ("https://[::ffff:a9fe:a9fe]/", NotPublic),
            ("https://[64:ff9b::127.0.0.1]/", NotPublic),
            ("https://[64:ff9b::a9fe:a9fe]/", NotPublic),
            ("https://[2002:7f00:1::]/", NotPublic),
            ("https://[2001:0:53aa:64c:0:0:80ff:fffe]/", NotPublic),
            ("https://[fd00:ec2::254]/", NotPublic),
            ("https://[fe80::1]/", NotPublic),
            ("https://[fc00::1]/", NotPublic),
            ("https://[ff02::1]/", NotPublic),
            ("https://localhost/", NotPublic),
            ("https://LOCALHOST./", NotPublic),
            ("https://me.localhost/", NotPublic),
            ("https://ⓛocalhost/", NotPublic),
            ("https://printer.local/", NotPublic),
            ("https://metadata/", NotPublic),
            ("https://metadata.google.internal/", NotPublic),
            ("https://metadata.google.internal./", NotPublic),
            ("https://instance-data.ec2.internal/", NotPublic),
            ("https://router.home.arpa/", NotPublic),
            ("https://db/", NotPublic),
        ];
        assert!(hostile.len() >= 40);
        for (url, problem) in hostile {
            assert_eq!(check_url(url, &Ports::default()), Err(problem), "{url}");
        }
    }
}
