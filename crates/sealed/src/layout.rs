//! Where things lie: all the arithmetic of the format, checked once here.

use std::ops::Range;

use crate::error::OpenError;

/// Plaintext bytes of every chunk but the last, which is always shorter.
pub const CHUNK: usize = 64 * 1024;

/// Bytes of the tag behind each chunk.
pub const TAG_LEN: usize = 16;

/// Bytes of a full chunk in the container.
pub const SEALED_CHUNK: usize = CHUNK + TAG_LEN;

/// Bytes before the first chunk: magic, salt, commitment.
pub const HEADER_LEN: usize = 72;

/// The longest plaintext: 2³⁶ chunks, of which the last is shorter. AES-GCM stays well inside its limits up to here,
/// and every sum below fits into 64 bits.
pub const MAX_PLAIN_LEN: u64 = (1 << 52) - 1;

// The same sizes in the type of offsets. The casts are of constants far below 2³².
const CHUNK_U64: u64 = CHUNK as u64;
const SEALED_CHUNK_U64: u64 = SEALED_CHUNK as u64;
const HEADER_U64: u64 = HEADER_LEN as u64;
const TAG_U64: u64 = TAG_LEN as u64;

/// The layout of one container. Invariant: the plaintext is not longer than [`MAX_PLAIN_LEN`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Layout {
    plain_len: u64,
}

impl Layout {
    pub(crate) const fn of(plain_len: u64) -> Result<Self, OpenError> {
        if plain_len > MAX_PLAIN_LEN { Err(OpenError::TooLong) } else { Ok(Self { plain_len }) }
    }

    pub(crate) const fn plain_len(self) -> u64 {
        self.plain_len
    }

    pub(crate) const fn last_chunk(self) -> u64 {
        self.plain_len / CHUNK_U64
    }

    pub(crate) const fn sealed_len(self) -> u64 {
        HEADER_U64 + self.plain_len + (self.last_chunk() + 1) * TAG_U64
    }

    /// The bytes of a chunk in the container, its tag included.
    pub(crate) fn chunk_range(self, chunk: u64) -> Result<Range<u64>, OpenError> {
        if chunk > self.last_chunk() {
            return Err(OpenError::NoSuchChunk { chunk });
        }
        let start = HEADER_U64 + chunk * SEALED_CHUNK_U64;
        Ok(start..self.sealed_len().min(start + SEALED_CHUNK_U64))
    }

    /// The chunks that hold these plaintext bytes. What reaches the end includes the last chunk, even an empty one.
    pub(crate) fn chunks_for(self, plain: &Range<u64>) -> Range<u64> {
        let chunk_count = self.last_chunk() + 1;
        let first = plain.start.min(self.plain_len) / CHUNK_U64;
        if plain.end >= self.plain_len && plain.start <= plain.end {
            first..chunk_count
        } else if plain.start < plain.end {
            first..(plain.end - 1) / CHUNK_U64 + 1
        } else {
            first..first
        }
    }

    /// Where the wanted plaintext bytes lie inside a chunk that was opened.
    pub(crate) fn within(self, chunk: u64, plain: &Range<u64>) -> Range<usize> {
        let start = chunk.saturating_mul(CHUNK_U64).min(self.plain_len);
        let len = (self.plain_len - start).min(CHUNK_U64);
        let inside = |offset: u64| usize::try_from(offset.saturating_sub(start).min(len)).unwrap_or(CHUNK);
        let from = inside(plain.start);
        from..inside(plain.end).max(from)
    }
}

/// The chunk in which a plaintext offset lies, and the offset inside it.
pub(crate) fn locate(offset: u64) -> (u64, usize) {
    // The remainder is below 65,536, so the conversion cannot fail.
    (offset / CHUNK_U64, usize::try_from(offset % CHUNK_U64).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(plain_len: u64) -> Layout {
        Layout::of(plain_len).expect("a length below the limit")
    }

    #[test]
    fn the_last_chunk_is_always_the_shorter_one() {
        assert_eq!(layout(0).sealed_len(), 72 + 16);
        assert_eq!(layout(65_535).sealed_len(), 72 + 65_535 + 16);
        assert_eq!(layout(65_536).sealed_len(), 72 + 65_536 + 16 + 16);
        assert_eq!(layout(65_537).sealed_len(), 72 + 65_536 + 16 + 1 + 16);
    }

    #[test]
    fn chunks_follow_one_another_to_the_end_of_the_container() {
        for plain_len in [0, 1, 65_535, 65_536, 65_537, 131_071, 131_072, 200_000, MAX_PLAIN_LEN] {
            let layout = layout(plain_len);
            let first = layout.chunk_range(0).expect("there is always a first chunk");
            let last = layout.chunk_range(layout.last_chunk()).expect("there is always a last chunk");
            assert_eq!(first.start, 72);
            assert_eq!(last.end, layout.sealed_len());
            assert!(last.end - last.start < SEALED_CHUNK_U64);
        }
    }

    #[test]
    fn impossible_lengths_and_chunks_are_errors() {
        for plain_len in [MAX_PLAIN_LEN + 1, u64::MAX] {
            assert!(matches!(Layout::of(plain_len), Err(OpenError::TooLong)));
        }
        for chunk in [2, u64::MAX] {
            assert_eq!(layout(65_536).chunk_range(chunk), Err(OpenError::NoSuchChunk { chunk }));
        }
    }

    #[test]
    fn a_range_that_reaches_the_end_includes_the_last_chunk() {
        let layout = layout(131_072);
        assert_eq!(layout.chunks_for(&(0..131_071)), 0..2);
        assert_eq!(layout.chunks_for(&(0..131_072)), 0..3);
        assert_eq!(layout.chunks_for(&(70_000..u64::MAX)), 1..3);
        assert_eq!(layout.chunks_for(&(u64::MAX..u64::MAX)), 2..3);
    }

    #[test]
    fn an_empty_or_inverted_range_needs_no_chunk() {
        let layout = layout(131_072);
        assert!(layout.chunks_for(&(70_000..70_000)).is_empty());
        #[expect(clippy::reversed_empty_ranges, reason = "what a careless caller may pass")]
        let inverted = u64::MAX..0;
        assert!(layout.chunks_for(&inverted).is_empty());
        assert!(layout.within(1, &inverted).is_empty());
    }

    #[test]
    fn the_part_of_a_range_inside_a_chunk_is_clamped_to_both() {
        let layout = layout(65_546);
        assert_eq!(layout.within(0, &(10..20)), 10..20);
        assert_eq!(layout.within(0, &(10..u64::MAX)), 10..65_536);
        assert_eq!(layout.within(1, &(10..u64::MAX)), 0..10);
        assert_eq!(layout.within(1, &(0..20)), 0..0);
        assert_eq!(layout.within(u64::MAX, &(0..u64::MAX)), 0..0);
    }
}
