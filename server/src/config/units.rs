//! Durations, sizes and networks as people write them in a configuration.

use std::{net::IpAddr, str::FromStr, time::Duration};

/// Reads `30s`, `10m`, `8h` or `30d`; `None` for anything else, for nothing and for zero.
#[must_use]
pub(super) fn duration(text: &str) -> Option<Duration> {
    let (number, unit) = split(text)?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 24 * 3600,
        _ => return None,
    };
    let total = number.checked_mul(seconds)?;
    (total > 0 && i64::try_from(total).is_ok_and(|total| total < i64::MAX / 1000)).then(|| Duration::from_secs(total))
}

/// Reads `500`, `64KiB`, `250MB` or `1GiB`; `None` for anything else, for zero and for more than an exbibyte.
#[must_use]
pub(super) fn size(text: &str) -> Option<u64> {
    let (number, unit) = split(text)?;
    let factor: u64 = match unit {
        "" | "B" => 1,
        "kB" | "KB" => 1_000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        "TB" => 1_000_000_000_000,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        "TiB" => 1 << 40,
        _ => return None,
    };
    number.checked_mul(factor).filter(|bytes| (1..=1 << 60).contains(bytes))
}

fn split(text: &str) -> Option<(u64, &str)> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    Some((number.parse().ok()?, unit.trim()))
}

/// A network of addresses: `10.0.0.0/8`, `fd00::/8`, or one address alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    first: u128,
    bits: u32,
    v4: bool,
}

impl Network {
    /// Whether `address` belongs to it. An IPv4 address mapped into IPv6 counts as IPv4.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let (number, width) = as_number(address.to_canonical());
        (width == 32) == self.v4 && masked(number, self.bits, width) == self.first
    }
}

impl FromStr for Network {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (address, bits) = text.trim().split_once('/').map_or((text.trim(), None), |(a, b)| (a, Some(b)));
        let (number, width) = as_number(address.parse::<IpAddr>().map_err(drop)?);
        let bits = bits.map_or(Ok(width), |bits| bits.parse().map_err(drop))?;
        if bits > width {
            return Err(());
        }
        Ok(Self { first: masked(number, bits, width), bits, v4: width == 32 })
    }
}

fn as_number(address: IpAddr) -> (u128, u32) {
    match address {
        IpAddr::V4(v4) => (u32::from(v4).into(), 32),
        IpAddr::V6(v6) => (v6.into(), 128),
    }
}

fn masked(number: u128, bits: u32, width: u32) -> u128 {
    let low = width - bits;
    number.checked_shr(low).and_then(|high| high.checked_shl(low)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_a_number_and_a_unit() {
        assert_eq!(duration("10m"), Some(Duration::from_secs(600)));
        assert_eq!(duration(" 8 h "), Some(Duration::from_secs(8 * 3600)));
        assert_eq!(duration("30d"), Some(Duration::from_secs(30 * 24 * 3600)));
        for text in ["", "10", "m", "0s", "-5m", "1.5h", "10 parsecs", "99999999999999999999s", "213503982334602d"] {
            assert_eq!(duration(text), None, "{text:?}");
        }
    }

    #[test]
    fn sizes_know_decimal_from_binary_units() {
        assert_eq!(size("1GiB"), Some(1 << 30));
        assert_eq!(size("250 MB"), Some(250_000_000));
        assert_eq!(size("500"), Some(500));
        for text in ["", "GiB", "0", "-1GiB", "1 gallon", "18446744073709551615", "99999999TiB"] {
            assert_eq!(size(text), None, "{text:?}");
        }
    }

    #[test]
    fn networks_hold_their_own_addresses_only() {
        let private: Network = "10.1.2.3/8".parse().expect("a network");
        assert!(private.contains("10.255.0.1".parse().expect("address")));
        assert!(private.contains("::ffff:10.0.0.1".parse().expect("address")));
        assert!(!private.contains("11.0.0.1".parse().expect("address")));
        assert!(!private.contains("::a00:1".parse().expect("address")));

        let one: Network = "::1".parse().expect("a network");
        assert!(one.contains("::1".parse().expect("address")));
        assert!(!one.contains("::2".parse().expect("address")));

        let all: Network = "0.0.0.0/0".parse().expect("a network");
        assert!(all.contains("203.0.113.9".parse().expect("address")));
        for text in ["", "10.0.0.0/33", "example.com", "10.0.0.0/-1", "10.0.0/8"] {
            assert!(text.parse::<Network>().is_err(), "{text:?}");
        }
    }
}
