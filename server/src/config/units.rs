//! Durations, sizes and networks as people write them in a configuration.

use std::{net::IpAddr, time::Duration};

use ipnet::IpNet;

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

/// Reads `10.0.0.0/8`, `fd00::/8`, or one address alone.
#[must_use]
pub(super) fn network(text: &str) -> Option<IpNet> {
    let text = text.trim();
    text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
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
    fn a_network_is_written_as_a_prefix_or_as_one_address() {
        let contains = |text: &str, address: &str| {
            network(text).expect("a network").contains(&address.parse::<IpAddr>().expect("an address"))
        };
        assert!(contains("10.1.2.3/8", "10.255.0.1") && !contains("10.1.2.3/8", "11.0.0.1"));
        assert!(!contains("10.1.2.3/8", "::a00:1"));
        assert!(contains(" ::1 ", "::1") && !contains("::1", "::2"));
        assert!(contains("0.0.0.0/0", "203.0.113.9"));
        for text in ["", "10.0.0.0/33", "example.com", "10.0.0.0/-1", "10.0.0/8"] {
            assert_eq!(network(text), None, "{text:?}");
        }
    }
}
