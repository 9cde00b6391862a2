//! How strictly a file is judged, and how much work it may cause.

use std::{fmt, str::FromStr};

/// The rules of one inspection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// Refuse embedded objects whose content cannot be read instead of flagging them.
    pub strict: bool,
    /// How much work a file may cause.
    pub budget: Budget,
}

const STRICT: &str = "strict";
const ORDINARY: &str = "ordinary";

/// Upper bounds, shared by a file and the packages embedded in it.
///
/// Every bound is counted while reading. No bound relies on a size that the file declares, and none on
/// a proportion: pictures of one colour and icons of embedded files pack a thousandfold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Entries of the archive.
    pub entries: u64,
    /// Inflated bytes of all entries together.
    pub inflated: u64,
    /// Inflated bytes of one XML part.
    pub xml_part: u64,
    /// Bytes of one embedded package or object, which is held in memory.
    pub embedded: u64,
    /// How deep packages may be embedded in packages.
    pub depth: u32,
}

impl Budget {
    /// How many times the size of a file it may be in all when it is inflated, unless more is said. Text and sheets
    /// pack to a tenth, but the files that are large consist of pictures and films.
    pub const INFLATED_FOR_SIZE: u64 = 4;
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            entries: 10_000,
            inflated: Self::INFLATED_FOR_SIZE << 30,
            xml_part: 256 << 20,
            embedded: 64 << 20,
            depth: 3,
        }
    }
}

/// As text, a policy travels to where a file is inspected as well: `ordinary 10000 4294967296 268435456 67108864 3`.
impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Budget { entries, inflated, xml_part, embedded, depth } = &self.budget;
        let word = if self.strict { STRICT } else { ORDINARY };
        write!(f, "{word} {entries} {inflated} {xml_part} {embedded} {depth}")
    }
}

/// The text is not that of a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoPolicy;

impl fmt::Display for NoPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the text is not that of a policy")
    }
}

impl std::error::Error for NoPolicy {}

impl FromStr for Policy {
    type Err = NoPolicy;

    fn from_str(text: &str) -> Result<Self, NoPolicy> {
        let mut words = text.split(' ');
        let strict = match words.next() {
            Some(STRICT) => true,
            Some(ORDINARY) => false,
            _ => return Err(NoPolicy),
        };
        let mut number = || words.next().and_then(|word| word.parse::<u64>().ok()).ok_or(NoPolicy);
        let [entries, inflated, xml_part, embedded] = [number()?, number()?, number()?, number()?];
        let depth = number()?.try_into().map_err(|_| NoPolicy)?;
        let budget = Budget { entries, inflated, xml_part, embedded, depth };
        if words.next().is_some() { Err(NoPolicy) } else { Ok(Self { strict, budget }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_arrives_as_it_was_sent() {
        let budget = Budget { entries: 1, inflated: u64::MAX, xml_part: 3, embedded: 4, depth: 5 };
        for policy in [Policy::default(), Policy { strict: true, budget }] {
            assert_eq!(policy.to_string().parse(), Ok(policy));
        }
        for text in ["", "ordinary", "lenient 1 2 3 4 5", "strict 1 2 3 4", "strict 1 2 3 4 5 6", "strict 1 2 3 4 -5"] {
            assert_eq!(text.parse::<Policy>(), Err(NoPolicy), "{text}");
        }
    }
}
