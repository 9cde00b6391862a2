//! The names of the open elements.

use super::grammar::Name;

/// Bytes of a name that are compared in one step. Most names are shorter.
const HEAD: usize = 16;

/// The names, the innermost last.
#[derive(Default)]
pub(super) struct Names {
    open: Vec<Open>,
    /// The names that are longer than a head, one after the other.
    long: String,
}

struct Open {
    head: u128,
    length: u32,
    /// Where the name without its prefix starts.
    local: u32,
    /// Where the name starts among the long ones, if it is one.
    long: usize,
}

impl Names {
    #[inline]
    pub(super) fn push(&mut self, text: &str, name: Name) {
        let length = name.end - name.start;
        let (head, local) = (head(text.as_bytes(), name.start, length), name.local_start() - name.start);
        // A token is shorter than 4 GiB.
        self.open.push(Open { head, length: length as u32, local: local as u32, long: self.long.len() });
        if length > HEAD {
            self.long.push_str(name.of(text));
        }
    }

    /// Whether the innermost name stands at `at` and is followed by a `>`: where it starts without its prefix, and where
    /// it ends.
    #[inline]
    pub(super) fn innermost_at(&self, text: &str, at: usize) -> Option<(usize, usize)> {
        let open = self.open.last()?;
        let end = at + open.length as usize;
        let found = text.as_bytes().get(end) == Some(&b'>') && self.is_innermost(open, text, at);
        found.then_some((at + open.local as usize, end))
    }

    /// Takes the innermost name off; whether it is `text` from `start` to `end`.
    pub(super) fn pop(&mut self, text: &str, start: usize, end: usize) -> bool {
        let matches = |open: &Open| open.length as usize == end - start && self.is_innermost(open, text, start);
        let matches = self.open.last().is_some_and(matches);
        self.drop_innermost();
        matches
    }

    /// Takes the innermost name off.
    #[inline]
    pub(super) fn drop_innermost(&mut self) {
        if let Some(open) = self.open.pop() {
            self.long.truncate(open.long);
        }
    }

    #[inline]
    fn is_innermost(&self, open: &Open, text: &str, at: usize) -> bool {
        let length = open.length as usize;
        if head(text.as_bytes(), at, length) != open.head {
            return false;
        }
        length <= HEAD || text.get(at..at + length) == self.long.get(open.long..)
    }
}

/// The first bytes of the name of this length at `at`. No text has a zero, so names of different lengths differ.
#[inline]
fn head(bytes: &[u8], at: usize, length: usize) -> u128 {
    u128::from_le_bytes(chunk(bytes, at)) & MASKS[length.min(HEAD)]
}

/// Half as much, for parts of names.
#[inline]
pub(super) fn short(bytes: &[u8], at: usize, length: usize) -> u64 {
    u64::from_le_bytes(chunk(bytes, at)) & MASKS[length.min(HEAD / 2)] as u64
}

/// So many bytes from `at` on, and zeros behind the end.
#[inline]
fn chunk<const LENGTH: usize>(bytes: &[u8], at: usize) -> [u8; LENGTH] {
    let rest = bytes.get(at..).unwrap_or_default();
    match rest.first_chunk() {
        Some(chunk) => *chunk,
        None => {
            let mut chunk = [0; LENGTH];
            chunk.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
            chunk
        }
    }
}

/// The lowest bytes, none to all.
const MASKS: [u128; HEAD + 1] = {
    let mut masks = [0; HEAD + 1];
    let mut length = 1;
    while length <= HEAD {
        masks[length] = masks[length - 1] << 8 | 0xFF;
        length += 1;
    }
    masks
};

#[cfg(test)]
mod tests {
    use super::*;

    fn name(start: usize, end: usize) -> Name {
        Name { start, end, colon: start }
    }

    #[test]
    fn names_of_every_length_are_told_apart() {
        for length in 1..40 {
            let written = "a".repeat(length);
            let text = format!("<{written}></{written}></{written}x>");
            let mut names = Names::default();
            names.push(&text, name(1, 1 + length));
            let first = length + 4;
            assert_eq!(names.innermost_at(&text, first), Some((first, first + length)));
            let second = first + length + 3;
            assert_eq!(names.innermost_at(&text, second), None);
            assert!(names.pop(&text, first, first + length));
            assert!(!names.pop(&text, first, first + length));
        }
    }
}
