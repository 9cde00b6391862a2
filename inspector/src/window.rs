//! Reading a file through a window: never whole, and not in small pieces either, each of which would be a call into
//! the browser.

use std::io::{self, Read, Seek, SeekFrom};

/// Bytes that can be asked for by their place.
pub(crate) trait Source {
    /// How many there are.
    fn len(&self) -> u64;

    /// Replaces `bytes` by those from `start` on, at most `most` of them.
    fn fetch(&mut self, start: u64, most: usize, bytes: &mut Vec<u8>) -> io::Result<()>;
}

/// `Read + Seek` over a [`Source`], of which one stretch is held in memory.
pub(crate) struct Window<S, T> {
    source: S,
    /// The next byte to be read.
    at: u64,
    /// Where `bytes` begin.
    start: u64,
    bytes: Vec<u8>,
    /// How many bytes to fetch next.
    size: usize,
    /// Hears how many bytes were fetched.
    told: T,
}

impl<S: Source, T: FnMut(usize)> Window<S, T> {
    /// After a jump, for that may be to a part of a few bytes.
    const NARROW: usize = 64 << 10;
    /// Large enough for the calls not to be felt, small enough for the memory not to be.
    const WIDE: usize = 4 << 20;

    pub(crate) fn new(source: S, told: T) -> Self {
        Self { source, at: 0, start: 0, bytes: Vec::new(), size: Self::NARROW, told }
    }

    /// Moves the window to where the next byte is, the wider the longer reading has gone on without a jump.
    fn advance(&mut self) -> io::Result<()> {
        let reads_on = self.at == self.start + self.bytes.len() as u64;
        self.size = if reads_on { (self.size * 4).min(Self::WIDE) } else { Self::NARROW };
        self.start = self.at;
        self.source.fetch(self.at, self.size, &mut self.bytes)?;
        (self.told)(self.bytes.len());
        Ok(())
    }

    /// What the window shows from `at` on.
    fn ahead(&self) -> &[u8] {
        let skipped = self.at.checked_sub(self.start).and_then(|skipped| usize::try_from(skipped).ok());
        skipped.and_then(|skipped| self.bytes.get(skipped..)).unwrap_or_default()
    }
}

impl<S: Source, T: FnMut(usize)> Read for Window<S, T> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.ahead().is_empty() && self.at < self.source.len() {
            self.advance()?;
        }
        let read = self.ahead().read(into)?;
        self.at += read as u64;
        Ok(read)
    }
}

impl<S: Source, T: FnMut(usize)> Seek for Window<S, T> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let place = match to {
            SeekFrom::Start(place) => Some(place),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
            SeekFrom::End(by) => self.source.len().checked_add_signed(by),
        };
        self.at = place.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// More than the first windows show together.
    const LEN: usize = (3 << 20) + 17;

    struct Numbers(Vec<u8>);

    impl Source for Numbers {
        fn len(&self) -> u64 {
            self.0.len() as u64
        }

        fn fetch(&mut self, start: u64, most: usize, bytes: &mut Vec<u8>) -> io::Result<()> {
            let start = usize::try_from(start).expect("a place in memory");
            let end = self.0.len().min(start + most);
            bytes.clear();
            bytes.extend_from_slice(&self.0[start..end]);
            Ok(())
        }
    }

    fn numbers() -> Vec<u8> {
        (0..LEN).map(|number| (number % 251) as u8).collect()
    }

    #[test]
    fn every_byte_is_fetched_once_when_a_file_is_read_from_its_begin_to_its_end() {
        let mut fetched = Vec::new();
        let mut read = Vec::new();
        Window::new(Numbers(numbers()), |count| fetched.push(count))
            .read_to_end(&mut read)
            .expect("memory can be read");
        assert!(read == numbers());
        assert_eq!(fetched.iter().sum::<usize>(), LEN);
        assert!(fetched.len() <= 4, "the window grows: {fetched:?}");
    }

    #[test]
    fn a_jump_fetches_little() {
        let mut fetched = Vec::new();
        let mut window = Window::new(Numbers(numbers()), |count| fetched.push(count));
        window.read_exact(&mut vec![0; 1 << 20]).expect("memory can be read");
        window.seek(SeekFrom::Start(3 << 20)).expect("a place");
        window.read_exact(&mut [0; 4]).expect("inside");
        assert!(fetched.last().is_some_and(|&count| count <= 64 << 10), "{fetched:?}");
    }

    #[test]
    fn places_inside_the_window_are_read_again_without_fetching() {
        let mut fetches = 0;
        let mut window = Window::new(Numbers(numbers()), |_| fetches += 1);
        let mut four = [0; 4];
        for place in [5_000, 60_000, 4_999, 9_000] {
            window.seek(SeekFrom::Start(place)).expect("a place");
            window.read_exact(&mut four).expect("inside");
            assert_eq!(u64::from(four[0]), place % 251, "{place}");
        }
        assert_eq!(window.stream_position().expect("a place"), 9_004);
        assert_eq!(fetches, 2, "the place before the first window is the only other one");
    }

    #[test]
    fn the_end_is_an_end_and_no_place_lies_before_the_begin() {
        let mut window = Window::new(Numbers(numbers()), |_| {});
        assert_eq!(window.seek(SeekFrom::End(-2)).expect("a place"), LEN as u64 - 2);
        let mut rest = Vec::new();
        assert_eq!(window.read_to_end(&mut rest).expect("memory can be read"), 2);
        window.seek(SeekFrom::Start(u64::MAX)).expect("far behind the end is a place, too");
        assert_eq!(window.read(&mut [0]).expect("nothing"), 0);
        assert!(window.seek(SeekFrom::Current(i64::MAX)).is_err());
        window.rewind().expect("the begin");
        assert!(window.seek(SeekFrom::Current(-1)).is_err());
    }
}
