//! Which bytes a request asks for, and under which conditions (RFC 9110, sections 13 and 14).

use std::ops::Range;

use http::{HeaderMap, HeaderName, header};

/// What to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// Everything.
    Whole,
    /// These bytes, of which there is at least one.
    Part(Range<u64>),
    /// Nothing: the asker has it already.
    NotModified,
    /// Nothing: the asker wants bytes of something else.
    PreconditionFailed,
    /// Nothing: there are no such bytes.
    Unsatisfiable,
}

impl Wanted {
    /// Decides for something of `size` bytes whose strong entity tag is `tag`, quotes included.
    #[must_use]
    pub(crate) fn of(headers: &HeaderMap, size: u64, tag: &str) -> Self {
        if given(headers, &header::IF_MATCH).is_some_and(|tags| !names(&tags, tag, false)) {
            return Self::PreconditionFailed;
        }
        if given(headers, &header::IF_NONE_MATCH).is_some_and(|tags| names(&tags, tag, true)) {
            return Self::NotModified;
        }
        // A range of bytes that have changed meanwhile would not fit to those received: send everything.
        if given(headers, &header::IF_RANGE).is_some_and(|known| known.trim() != tag) {
            return Self::Whole;
        }
        given(headers, &header::RANGE).map_or(Self::Whole, |range| Self::range(&range, size))
    }

    /// A single range in bytes. Several ranges, or another unit, are answered with everything, which the
    /// standard allows; a byte range that makes no sense is refused.
    fn range(text: &str, size: u64) -> Self {
        let Some((unit, set)) = text.split_once('=') else { return Self::Unsatisfiable };
        if !unit.trim().eq_ignore_ascii_case("bytes") || set.contains(',') {
            return Self::Whole;
        }
        let Some((first, last)) = set.trim().split_once('-') else { return Self::Unsatisfiable };
        let range = match (position(first), position(last)) {
            (Bound::Open, Bound::At(length)) => size.saturating_sub(length)..size,
            (Bound::At(first), Bound::Open) => first..size,
            (Bound::At(first), Bound::At(last)) if first <= last => first..last.saturating_add(1).min(size),
            _ => return Self::Unsatisfiable,
        };
        if range.start < range.end { Self::Part(range) } else { Self::Unsatisfiable }
    }
}

enum Bound {
    Open,
    At(u64),
    Nonsense,
}

/// Digits only; a number too large for any document stands for the largest one.
fn position(text: &str) -> Bound {
    match text {
        "" => Bound::Open,
        digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => Bound::At(digits.parse().unwrap_or(u64::MAX)),
        _ => Bound::Nonsense,
    }
}

/// All values of a header as one list; what is not ASCII matches nothing.
fn given(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let values: Vec<_> = headers.get_all(name).iter().map(|value| value.to_str().unwrap_or("?")).collect();
    (!values.is_empty()).then(|| values.join(","))
}

fn names(tags: &str, tag: &str, weakly: bool) -> bool {
    tags.split(',')
        .map(str::trim)
        .any(|one| one == "*" || one == tag || (weakly && one.strip_prefix("W/").is_some_and(|one| one == tag)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TAG: &str = "\"abc\"";

    fn wanted(pairs: &[(HeaderName, &str)]) -> Wanted {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(name, value.parse().expect("a header value"));
        }
        Wanted::of(&headers, 1000, TAG)
    }

    #[test]
    fn single_ranges_are_read_as_the_standard_says() {
        for (range, expected) in [
            ("bytes=0-0", 0..1),
            ("bytes=0-499", 0..500),
            ("bytes=500-", 500..1000),
            ("bytes=-1", 999..1000),
            ("bytes=-5000", 0..1000),
            ("Bytes=999-18446744073709551615", 999..1000),
            ("bytes=0-99999999999999999999999", 0..1000),
        ] {
            assert_eq!(wanted(&[(header::RANGE, range)]), Wanted::Part(expected), "{range}");
        }
    }

    #[test]
    fn ranges_outside_or_without_sense_are_refused() {
        for range in [
            "bytes=1000-",
            "bytes=-0",
            "bytes=5-2",
            "bytes=--5",
            "bytes=-",
            "bytes=",
            "bytes",
            "bytes=18446744073709551615-",
            "bytes=99999999999999999999-",
            "bytes=0x10-20",
            "bytes=+1-2",
        ] {
            assert_eq!(wanted(&[(header::RANGE, range)]), Wanted::Unsatisfiable, "{range}");
        }
    }

    #[test]
    fn several_ranges_and_other_units_are_answered_with_everything() {
        assert_eq!(wanted(&[]), Wanted::Whole);
        assert_eq!(wanted(&[(header::RANGE, "bytes=0-1,5-6")]), Wanted::Whole);
        assert_eq!(wanted(&[(header::RANGE, "pages=1-2")]), Wanted::Whole);
    }

    #[test]
    fn a_range_of_something_else_is_not_given() {
        let range = (header::RANGE, "bytes=0-9");
        assert_eq!(wanted(&[range.clone(), (header::IF_RANGE, TAG)]), Wanted::Part(0..10));
        for stale in ["\"other\"", "W/\"abc\"", "Sat, 29 Oct 1994 19:43:31 GMT"] {
            assert_eq!(wanted(&[range.clone(), (header::IF_RANGE, stale)]), Wanted::Whole, "{stale}");
        }
    }

    #[test]
    fn conditions_come_before_ranges() {
        let range = (header::RANGE, "bytes=5000-");
        for tags in [TAG, "*", "W/\"abc\"", "\"x\", \"abc\""] {
            assert_eq!(wanted(&[range.clone(), (header::IF_NONE_MATCH, tags)]), Wanted::NotModified, "{tags}");
        }
        assert_eq!(wanted(&[(header::IF_NONE_MATCH, "\"x\"")]), Wanted::Whole);
        assert_eq!(wanted(&[(header::IF_MATCH, TAG)]), Wanted::Whole);
        for tags in ["\"x\"", "W/\"abc\""] {
            assert_eq!(wanted(&[(header::IF_MATCH, tags)]), Wanted::PreconditionFailed, "{tags}");
        }
    }
}
