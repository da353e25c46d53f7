//! An address that somebody has named, as far as it can be judged without asking anybody.

use std::net::IpAddr;

use http::{HeaderValue, Uri};
use url::{Host, Url};

use super::{Reach, is_public};
use crate::text::Text;

/// Longest address, in bytes.
const LONGEST: usize = 1_000;
/// Ports that web services of the outside listen on.
const PORTS: [u16; 2] = [443, 8443];
/// Endings of names that are of one network only.
const INNER: [&str; 6] = ["localhost", "local", "internal", "intranet", "lan", "home.arpa"];

/// An address that may be called, as far as it can be judged without asking anybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target(Url);

/// Why an address may not be called.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, strum::AsRefStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum BadTarget {
    /// It is no address of the web.
    #[error("is no address like https://example.com/hooks")]
    NoAddress,
    /// What is sent could be read on the way.
    #[error("must begin with https://")]
    NotSecure,
    /// A user or a password in it would stand in logs.
    #[error("must have neither user name nor password in it")]
    HasUser,
    /// There are no web services on such a port.
    #[error("must have the port 443 or 8443")]
    StrangePort,
    /// Not everybody can reach it.
    #[error("leads to where not everybody can go; name a host of the public internet")]
    NotPublic,
}

impl BadTarget {
    /// The same in both languages.
    pub fn text(&self) -> Text {
        let zh = match self {
            Self::NoAddress => "须为 https://example.com/hooks 这样的网址",
            Self::NotSecure => "须以 https:// 开头",
            Self::HasUser => "不能含有用户名或密码",
            Self::StrangePort => "端口须为 443 或 8443",
            Self::NotPublic => "该地址并非对公众开放，请填写公网主机",
        };
        Text::new(zh, self.to_string())
    }
}

impl Target {
    /// Reads an address.
    ///
    /// # Errors
    /// See [`BadTarget`].
    pub fn parse(text: &str, reach: Reach) -> Result<Self, BadTarget> {
        let url = Url::parse(text).map_err(|_| BadTarget::NoAddress)?;
        if text.len() > LONGEST || !matches!(url.scheme(), "http" | "https") {
            return Err(BadTarget::NoAddress);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(BadTarget::HasUser);
        }
        let target = Self(url);
        if reach == Reach::Private {
            let here = target.is_secure() || target.is_here();
            return if here { Ok(target) } else { Err(BadTarget::NotSecure) };
        }
        if !target.is_secure() {
            return Err(BadTarget::NotSecure);
        }
        if !PORTS.contains(&target.port()) {
            return Err(BadTarget::StrangePort);
        }
        match target.literal() {
            Some(address) if !is_public(address) => Err(BadTarget::NotPublic),
            None if is_inner(target.host()) => Err(BadTarget::NotPublic),
            Some(_) | None => Ok(target),
        }
    }

    /// Whether it is called by TLS.
    pub fn is_secure(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// The name or address in it; an IPv6 address without brackets.
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']')
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.0.port_or_known_default().unwrap_or(443)
    }

    /// Its address, where that is what it has instead of a name.
    pub fn literal(&self) -> Option<IpAddr> {
        match self.0.host()? {
            Host::Domain(_) => None,
            Host::Ipv4(address) => Some(address.into()),
            Host::Ipv6(address) => Some(address.into()),
        }
    }

    /// Whether it may be this machine: what a name leads to is looked at when it is called.
    fn is_here(&self) -> bool {
        self.literal().is_none_or(|address| address.to_canonical().is_loopback())
    }

    /// Host and port, as they stand in a request.
    pub(super) fn authority(&self) -> HeaderValue {
        let host = self.0.host_str().unwrap_or_default();
        let text = match self.0.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        };
        // The parser lets only signs through that may stand here.
        HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static(""))
    }

    /// Path and query, as they stand in a request.
    pub(super) fn path(&self) -> Uri {
        let query = self.0.query().map(|query| format!("?{query}")).unwrap_or_default();
        format!("{}{query}", self.0.path()).parse().unwrap_or_else(|_| Uri::from_static("/"))
    }
}

/// Whether a name is of one machine or one network only.
fn is_inner(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let ends = |ending: &&str| name.strip_suffix(*ending).is_some_and(|rest| rest.ends_with('.'));
    !name.contains('.') || INNER.iter().any(ends)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_lead_inside_are_refused_however_they_are_written() {
        use BadTarget::{HasUser, NoAddress, NotPublic, NotSecure, StrangePort};
        for (text, why) in [
            ("ftp://example.com/", NoAddress),
            ("file:///etc/passwd", NoAddress),
            ("https://", NoAddress),
            ("https:// example.com", NoAddress),
            ("http://example.com/", NotSecure),
            ("https://me@example.com/", HasUser),
            ("https://me:secret@example.com/", HasUser),
            ("https://example.com:22/", StrangePort),
            ("https://127.0.0.1/", NotPublic),
            ("https://127.1/", NotPublic),
            ("https://2130706433/", NotPublic),
            ("https://0x7f000001/", NotPublic),
            ("https://0177.0.0.1/", NotPublic),
            ("https://１２７.０.０.１/", NotPublic),
            ("https://[::1]/", NotPublic),
            ("https://[::ffff:169.254.169.254]/", NotPublic),
            ("https://169.254.169.254/latest/meta-data/", NotPublic),
            ("https://localhost/", NotPublic),
            ("https://LOCALHOST./", NotPublic),
            ("https://a.localhost/", NotPublic),
            ("https://metadata.google.internal/", NotPublic),
            ("https://postgres/", NotPublic),
        ] {
            assert_eq!(Target::parse(text, Reach::Public), Err(why), "{text}");
        }
    }

    #[test]
    fn what_is_called_is_what_was_looked_at() {
        let target = Target::parse("https://Example.com:8443/a b?c=d#e", Reach::Public);
        let target = target.expect("an address");
        assert_eq!((target.host(), target.port()), ("example.com", 8443));
        assert_eq!(target.authority(), "example.com:8443");
        assert_eq!(target.path(), "/a%20b?c=d");
        let target = Target::parse("http://[::1]:9/", Reach::Private).expect("an address");
        assert_eq!((target.host(), target.literal()), ("::1", "::1".parse().ok()));
        assert_eq!(target.authority(), "[::1]:9");
    }
}
