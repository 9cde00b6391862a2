//! How strictly a file is judged, and how much work it may cause.

/// The rules of one inspection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// Refuse embedded objects whose content cannot be read instead of flagging them.
    pub strict: bool,
    /// How much work a file may cause.
    pub budget: Budget,
}

/// Upper bounds, shared by a file and the packages embedded in it.
///
/// Every bound is counted while reading. No bound relies on a size that the file declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Entries of the archive.
    pub entries: u64,
    /// Inflated bytes of all entries together.
    pub inflated: u64,
    /// Inflated bytes of one XML part.
    pub xml_part: u64,
    /// Inflated bytes for one compressed byte of an entry.
    pub ratio: u64,
    /// Entries up to this inflated size may exceed the ratio.
    pub ratio_from: u64,
    /// Bytes of one embedded package or object, which is held in memory.
    pub embedded: u64,
    /// How deep packages may be embedded in packages.
    pub depth: u32,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            entries: 10_000,
            inflated: 1 << 30,
            xml_part: 256 << 20,
            ratio: 100,
            ratio_from: 100 << 10,
            embedded: 64 << 20,
            depth: 1,
        }
    }
}
