//! Doors for the fuzz targets (`crates/office/fuzz`) into parts that are private otherwise. They exist only where
//! `cfg(fuzzing)` is set, which `cargo fuzz` does.

use std::io::{self, BufRead, Cursor, Read};

use crate::{
    finding::Code,
    policy::Budget,
    xml::{self, Ignored, Objection, Rigour, Token, Watch},
    zip::{
        self, Fault, Inflater, Limits, Source, Spent,
        writer::{Around, Member},
    },
};

/// Reads an archive and every entry in it. Answers with the inflated bytes, or with the reason to refuse it.
///
/// # Errors
/// The code of the finding that ended the reading.
pub fn read_archive(bytes: &[u8], budget: &Budget) -> Result<u64, Code> {
    let mut spent = Spent::default();
    let outcome = read_entries(bytes, budget, &mut spent);
    // The last buffer may exceed the budget before it is counted.
    assert!(spent.inflated <= budget.inflated + (64 << 10), "{} bytes were inflated", spent.inflated);
    match outcome {
        Ok(()) => Ok(spent.inflated),
        Err(Fault::Refused(finding)) => Err(finding.code),
        Err(Fault::Io(error)) => unreachable!("a cursor never fails: {error}"),
    }
}

fn read_entries(bytes: &[u8], budget: &Budget, spent: &mut Spent) -> zip::Step<()> {
    let mut input = Cursor::new(bytes);
    let mut source = Source::new(&mut input)?;
    let archive = zip::read_archive(&mut source, budget, budget.entries)?;
    let mut inflater = Inflater::new();
    for index in 0..archive.entries.len() {
        let limits = Limits::new(budget, false);
        if let Some(reader) = zip::open(&mut source, &archive, index, &mut inflater, spent, limits)? {
            reader.finish()?;
        }
    }
    Ok(())
}

/// Walks an XML part that arrives in pieces of `piece` bytes. Answers with what was seen, written as markup.
pub fn walk(bytes: &[u8], lenient: bool, piece: usize) -> (String, Result<(), Code>) {
    let rigour = if lenient { Rigour::Lenient } else { Rigour::Strict };
    let mut seen = String::new();
    let mut input = Pieces { rest: bytes, piece: piece.max(2) };
    let outcome = xml::walk(&mut input, rigour, &mut |token| {
        match token {
            Token::Open(tag) => {
                let value = tag.prefixed_attribute("a")?.unwrap_or_default();
                seen.extend(["<", tag.namespace(), " ", tag.name(), " ", &value, ">"]);
            }
            Token::Close(name) => seen.extend(["</", name, ">"]),
            Token::Text(text) => seen.push_str(text),
        }
        Ok(())
    });
    (seen, outcome.map_err(|objection| objection.code))
}

/// Judges an XML part that arrives in pieces, with cells that are shown or are left out.
///
/// # Errors
/// Why the part is refused.
pub fn judge(bytes: &[u8], piece: usize, shows_cells: bool) -> Result<(), Code> {
    struct Judge(Ignored);
    impl Watch for Judge {
        fn see(&mut self, _: Token<'_>) -> Result<(), Objection> {
            Ok(())
        }

        fn ignores(&self) -> Ignored {
            self.0
        }
    }
    let mut judge = Judge(if shows_cells { Ignored::Nothing } else { Ignored::ValuesAndTexts });
    let mut input = Pieces { rest: bytes, piece: piece.max(2) };
    xml::watch(&mut input, Rigour::Strict, &mut judge).map_err(|objection| objection.code)
}

/// Input that shows a few bytes at a time.
struct Pieces<'a> {
    rest: &'a [u8],
    piece: usize,
}

impl BufRead for Pieces<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        Ok(self.rest.get(..self.piece).unwrap_or(self.rest))
    }

    fn consume(&mut self, count: usize) {
        self.rest = self.rest.get(count..).unwrap_or_default();
    }
}

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut shown = self.fill_buf()?;
        let count = shown.read(buffer)?;
        self.consume(count);
        Ok(count)
    }
}

/// A well-made archive of these parts: name, content, and whether it is deflated.
pub fn archive<'a>(parts: impl IntoIterator<Item = (&'a str, &'a [u8], bool)>) -> Vec<u8> {
    let member = |(name, content, deflated)| {
        let member = Member::new(name, content);
        if deflated { member.deflated() } else { member }
    };
    let members: Vec<Member> = parts.into_iter().map(member).collect();
    zip::writer::archive(&members, &Around::default())
}
