//! Which addresses everybody can reach.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Networks of IPv4 that lead to somewhere else than to everybody's network, after the registry of
/// special-purpose addresses (RFC 6890) and what is known of clouds.
const CLOSED: [(Ipv4Addr, u32); 17] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8),        // this network
    (Ipv4Addr::new(10, 0, 0, 0), 8),       // private
    (Ipv4Addr::new(100, 64, 0, 0), 10),    // of carriers; clouds keep metadata here too
    (Ipv4Addr::new(127, 0, 0, 0), 8),      // this machine
    (Ipv4Addr::new(168, 63, 129, 16), 32), // the host of Azure's machines
    (Ipv4Addr::new(169, 254, 0, 0), 16),   // of one link; metadata of clouds
    (Ipv4Addr::new(172, 16, 0, 0), 12),    // private
    (Ipv4Addr::new(192, 0, 0, 0), 24),     // protocols
    (Ipv4Addr::new(192, 0, 2, 0), 24),     // examples
    (Ipv4Addr::new(192, 31, 196, 0), 24),  // AS112
    (Ipv4Addr::new(192, 52, 193, 0), 24),  // AMT
    (Ipv4Addr::new(192, 88, 99, 0), 24),   // 6to4
    (Ipv4Addr::new(192, 168, 0, 0), 16),   // private
    (Ipv4Addr::new(198, 18, 0, 0), 15),    // measurements
    (Ipv4Addr::new(198, 51, 100, 0), 24),  // examples
    (Ipv4Addr::new(203, 0, 113, 0), 24),   // examples
    (Ipv4Addr::new(224, 0, 0, 0), 3),      // many at once, and what is kept for later
];

/// The one network of IPv6 that everybody can reach. IPv4 in another form, translated (NAT64),
/// private, of one link and of many at once are all outside of it.
const OPEN: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);
/// What is closed inside of that.
const CLOSED_V6: [(Ipv6Addr, u32); 4] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23), // protocols, and tunnels that hold an IPv4
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32), // examples
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16), // 6to4: an IPv4 inside
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20), // examples
];

/// Whether an address is open to everybody: not this machine, not a private network, not one that
/// holds another address in it.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            let inside = |(network, length): &(Ipv4Addr, u32)| {
                let shift = 32 - length;
                address.to_bits() >> shift == network.to_bits() >> shift
            };
            !CLOSED.iter().any(inside)
        }
        IpAddr::V6(address) => {
            let inside = |(network, length): &(Ipv6Addr, u32)| {
                let shift = 128 - length;
                address.to_bits() >> shift == network.to_bits() >> shift
            };
            inside(&OPEN) && !CLOSED_V6.iter().any(inside)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_this_machine_or_its_network_can_reach_is_not_public() {
        for closed in [
            "0.0.0.0",
            "10.1.2.3",
            "100.100.100.200",
            "127.0.0.1",
            "127.255.255.254",
            "168.63.129.16",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.192",
            "192.168.1.1",
            "198.19.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:8.8.8.8",
            "::ffff:127.0.0.1",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::a00:1",
            "100::1",
            "2001::7f00:1",
            "2001:db8::1",
            "2002:7f00:1::",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!is_public(closed.parse().expect("an address")), "{closed}");
        }
    }

    #[test]
    fn what_everybody_can_reach_is() {
        for open in
            ["1.1.1.1", "8.8.8.8", "100.63.0.1", "172.32.0.1", "223.5.5.5", "2606:4700::1111"]
        {
            assert!(is_public(open.parse().expect("an address")), "{open}");
        }
    }
}
