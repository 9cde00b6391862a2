//! The new text of a part on its way out, with the means to wait before it is decided whether a passage stays.

use std::{
    io::{self, Write},
    mem,
};

/// A place in the part from which on nothing is given out before its fate is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark(usize);

/// The output of one part. While a mark is set, what is written waits in memory.
pub(super) struct Draft<'o> {
    output: &'o mut dyn Write,
    waiting: String,
    marks: usize,
}

impl<'o> Draft<'o> {
    pub(super) fn new(output: &'o mut dyn Write) -> Self {
        Self { output, waiting: String::new(), marks: 0 }
    }

    pub(super) fn write(&mut self, text: &str) -> io::Result<()> {
        if self.marks == 0 {
            return self.output.write_all(text.as_bytes());
        }
        self.waiting.push_str(text);
        Ok(())
    }

    /// Writes a start tag, an empty element or another piece of markup between its delimiters.
    pub(super) fn markup(&mut self, open: &str, content: &str, close: &str) -> io::Result<()> {
        self.write(open)?;
        self.write(content)?;
        self.write(close)
    }

    /// Sets a mark here. Every mark must be released once.
    pub(super) fn mark(&mut self) -> Mark {
        self.marks += 1;
        self.here()
    }

    /// The place after the last byte written, for comparison with marks.
    pub(super) fn here(&self) -> Mark {
        Mark(self.waiting.len())
    }

    /// Bytes that wait.
    pub(super) fn waits(&self) -> usize {
        self.waiting.len()
    }

    /// Bytes that wait behind a mark.
    pub(super) fn since(&self, mark: Mark) -> usize {
        self.waiting.len().saturating_sub(mark.0)
    }

    /// Takes back everything written after `mark`.
    pub(super) fn take(&mut self, mark: Mark) -> String {
        self.waiting.split_off(mark.0.min(self.waiting.len()))
    }

    /// Ends the waiting of one mark. With the last one, everything goes out.
    pub(super) fn release(&mut self) -> io::Result<()> {
        self.marks = self.marks.saturating_sub(1);
        if self.marks > 0 {
            return Ok(());
        }
        self.output.write_all(self.waiting.as_bytes())?;
        // A large passage need not stay in memory because it was there once.
        if self.waiting.capacity() > 1 << 20 {
            drop(mem::take(&mut self.waiting))
        } else {
            self.waiting.clear()
        }
        Ok(())
    }
}
