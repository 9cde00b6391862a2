//! One part, rewritten while it is read. What no editor objects to is written byte for byte as it was.

use std::{
    collections::HashSet,
    io::{self, BufRead, Read, Write},
};

use quick_xml::{
    events::{BytesDecl, BytesStart, Event},
    name::NamespaceResolver,
    reader::NsReader,
};

use super::{
    draft::{Draft, Mark},
    element::{Element, Vocabulary},
};
use crate::xml::Input;

/// The bounds of the inspection, which every part has passed before it comes here.
const DEEPEST: usize = 512;
const MOST_BINDINGS: usize = 2048;
/// Bytes that wait for the fate of a frame. In genuine files they are the properties of a row or of a run.
const LONGEST_WAIT: usize = 4 << 20;

/// What becomes of an element.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It stays.
    Keep,
    /// It goes, with all that is in it.
    Drop,
    /// It goes; what is in it stays.
    Unwrap,
    /// It stays unless something in it is dropped and nothing but trim is left.
    Frame,
    /// It stays, and would not be missed if its frame went.
    Trim,
    /// It goes together with the innermost frame around it: `w:trPr/w:del` means the row.
    DropFrame,
    /// The editor has dealt with it. Nothing more is written of it.
    Done,
}

/// Decides about the elements of one part. Elements within dropped ones are not shown.
pub(super) trait Editor {
    /// An element begins. What the editor writes to `draft` comes before it.
    fn open(&mut self, element: &Element<'_>, draft: &mut Draft<'_>) -> io::Result<Fate>;

    /// An element goes with the one around it, or with what it mentions.
    fn pass_over(&mut self, _element: &Element<'_>) {}

    /// What stands between the angle brackets of an element that stays, if it is not what stood there.
    fn tag(&mut self, _element: &Element<'_>) -> Option<String> {
        None
    }

    /// The element at `depth` is about to end. Answers whether its end tag is to be written.
    fn close(&mut self, _depth: usize, _draft: &mut Draft<'_>) -> io::Result<bool> {
        Ok(true)
    }
}

/// Objects to nothing. For parts of which only mentions of severed relationships have to go.
pub(super) struct Content;

impl Editor for Content {
    /// An extension has exactly one element in it (ECMA-376 part 1, 19.7.9), and goes when that goes.
    fn open(&mut self, element: &Element<'_>, _draft: &mut Draft<'_>) -> io::Result<Fate> {
        Ok(if matches!(element.name, "ext" | "extLst") { Fate::Frame } else { Fate::Keep })
    }
}

/// The relationships of a part, by their ids.
#[derive(Debug, Default)]
pub(super) struct Links {
    /// All of them.
    pub(super) known: HashSet<String>,
    /// Those that are gone. Elements that mention them go, too.
    pub(super) severed: HashSet<String>,
}

/// What was done to a part.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Outcome {
    /// Whether it is another part now.
    pub(super) changed: bool,
    /// Relationships that only dropped content has mentioned.
    pub(super) released: HashSet<String>,
}

/// Reads a part and writes it as `editor` wants it.
///
/// # Errors
/// When one of both sides fails, or when the part is not as the inspection found it.
pub(super) fn rewrite(
    input: &mut dyn BufRead,
    output: &mut dyn Write,
    links: &Links,
    editor: &mut dyn Editor,
) -> io::Result<Outcome> {
    let head = input.fill_buf()?;
    let recoded = head.starts_with(&[0xFF, 0xFE]) || head.starts_with(&[0xFE, 0xFF]);
    let mut draft = Draft::new(output);
    if head.starts_with("\u{feff}".as_bytes()) {
        draft.write("\u{feff}")?;
    }
    let input = Input::new(input).map_err(|_| unexpected())?;
    let mut reader = NsReader::from_reader(Text { input, read: 0 });
    reader.resolver_mut().set_max_namespace_bindings(MOST_BINDINGS);
    let (frames, mentions) = (Vec::new(), Mentions::default());
    let mut pass = Pass { draft, editor, links, recoded, frames, held: 0, dropping: 0, changed: false, mentions };
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Eof) => return Ok(pass.outcome()),
            Ok(event) => pass.event(&event, reader.resolver())?,
            Err(quick_xml::Error::Io(error)) => return Err(io::Error::new(error.kind(), error.to_string())),
            Err(_) => return Err(unexpected()),
        }
    }
}

/// The text of a part, whatever its encoding, as the parser wants to read it.
struct Text<'i> {
    input: Input<'i>,
    /// Bytes of the window that have been read.
    read: usize,
}

impl BufRead for Text<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.read == self.input.text().len() && !self.input.has_ended() {
            self.input.advance(self.read).map_err(|_| unexpected())?;
            self.read = 0;
        }
        Ok(self.input.text().as_bytes().get(self.read..).unwrap_or_default())
    }

    fn consume(&mut self, count: usize) {
        self.read += count;
    }
}

impl Read for Text<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(buffer)?;
        self.consume(count);
        Ok(count)
    }
}

/// The part passed the inspection a moment ago.
fn unexpected() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "a part is not what it was when it was inspected")
}

/// An open element that was kept or unwrapped.
struct Frame {
    /// Its fate is open as long as this is set.
    held: Option<Held>,
    trim: bool,
    unwrapped: bool,
}

struct Held {
    mark: Mark,
    /// How many mentions waited when it began.
    mentions: usize,
    emptied: bool,
}

struct Pass<'p, 'o> {
    draft: Draft<'o>,
    editor: &'p mut dyn Editor,
    links: &'p Links,
    /// Whether the part was UTF-16 and becomes UTF-8, which its declaration has to say.
    recoded: bool,
    frames: Vec<Frame>,
    /// How many of the frames are held.
    held: usize,
    /// Open elements that are being dropped.
    dropping: usize,
    changed: bool,
    mentions: Mentions,
}

/// Which relationships are mentioned where.
#[derive(Default)]
struct Mentions {
    kept: HashSet<String>,
    dropped: HashSet<String>,
    /// In elements whose fate is open.
    waiting: Vec<String>,
}

impl Pass<'_, '_> {
    fn event(&mut self, event: &Event<'_>, resolver: &NamespaceResolver) -> io::Result<()> {
        match event {
            Event::Start(start) => self.open(start, resolver, false),
            Event::Empty(start) => self.open(start, resolver, true),
            Event::End(end) => self.close(end),
            Event::Text(text) => self.text("", text, ""),
            Event::CData(text) => self.text("<![CDATA[", text, "]]>"),
            Event::GeneralRef(reference) => self.text("&", reference, ";"),
            Event::Comment(comment) => self.aside("<!--", comment, "-->"),
            Event::PI(instruction) => self.aside("<?", instruction, "?>"),
            Event::Decl(declaration) => self.declaration(declaration),
            Event::DocType(_) | Event::Eof => Err(unexpected()),
        }
    }

    fn open(&mut self, start: &BytesStart<'_>, resolver: &NamespaceResolver, empty: bool) -> io::Result<()> {
        if self.frames.len() + self.dropping >= DEEPEST {
            return Err(unexpected());
        }
        let element = Element::new(start, resolver, empty, self.frames.len());
        let mentioned = element.mentions(&self.links.known);
        if self.dropping > 0 {
            self.mentions.dropped.extend(mentioned);
            self.dropping += usize::from(!empty);
            self.editor.pass_over(&element);
            return Ok(());
        }
        let severed = mentioned.iter().any(|id| self.links.severed.contains(id));
        // What is set up for a printer is set up for the page as well, and only the mention goes.
        let loosened = severed && element.name == "pageSetup";
        let fate = if severed && !loosened {
            self.editor.pass_over(&element);
            Fate::Drop
        } else {
            self.editor.open(&element, &mut self.draft)?
        };
        self.changed |= !matches!(fate, Fate::Keep | Fate::Frame | Fate::Trim);
        if loosened && fate == Fate::Keep {
            return self.loosen(&element);
        }
        match fate {
            Fate::Keep => self.keep(&element, mentioned, false),
            Fate::Trim => self.keep(&element, mentioned, true),
            Fate::Frame => self.frame(&element, mentioned),
            Fate::Unwrap => {
                let trim = self.in_trim();
                if !empty {
                    self.frames.push(Frame { held: None, trim, unwrapped: true });
                }
                Ok(())
            }
            Fate::Done => {
                self.dropping = usize::from(!empty);
                Ok(())
            }
            Fate::Drop => {
                self.mentions.dropped.extend(mentioned);
                self.dropping = usize::from(!empty);
                self.emptied();
                Ok(())
            }
            Fate::DropFrame => {
                self.mentions.dropped.extend(mentioned);
                self.dropping = usize::from(!empty);
                self.drop_frame()
            }
        }
    }

    fn keep(&mut self, element: &Element<'_>, mentioned: Vec<String>, trim: bool) -> io::Result<()> {
        let trim = trim || self.in_trim();
        if !trim {
            self.settle()?;
        }
        self.mention(mentioned);
        self.start_tag(element)?;
        if !element.empty {
            self.frames.push(Frame { held: None, trim, unwrapped: false });
        }
        Ok(())
    }

    /// Keeps an element without its mention of a relationship.
    fn loosen(&mut self, element: &Element<'_>) -> io::Result<()> {
        self.settle()?;
        self.changed = true;
        let text = element.without(Vocabulary::Relationship, &|_| true);
        let text = text.as_deref().unwrap_or(element.raw());
        self.draft.markup("<", text, if element.empty { "/>" } else { ">" })?;
        if !element.empty {
            self.frames.push(Frame { held: None, trim: false, unwrapped: false });
        }
        Ok(())
    }

    fn frame(&mut self, element: &Element<'_>, mentioned: Vec<String>) -> io::Result<()> {
        if element.empty || self.in_trim() {
            return self.keep(element, mentioned, false);
        }
        let held = Held { mark: self.draft.mark(), mentions: self.mentions.waiting.len(), emptied: false };
        self.held += 1;
        self.mention(mentioned);
        self.start_tag(element)?;
        self.frames.push(Frame { held: Some(held), trim: false, unwrapped: false });
        Ok(())
    }

    fn close(&mut self, name: &str) -> io::Result<()> {
        if self.dropping > 0 {
            self.dropping -= 1;
            return Ok(());
        }
        let wanted = self.editor.close(self.frames.len().saturating_sub(1), &mut self.draft)?;
        let Some(frame) = self.frames.pop() else { return Err(unexpected()) };
        if let Some(held) = frame.held {
            if held.emptied {
                self.discard(&held)?;
                self.emptied();
                return Ok(());
            }
            self.held -= 1;
            self.draft.release()?;
            self.settle()?;
        }
        if frame.unwrapped || !wanted { Ok(()) } else { self.draft.markup("</", name, ">") }
    }

    fn text(&mut self, open: &str, text: &str, close: &str) -> io::Result<()> {
        if self.dropping > 0 {
            return Ok(());
        }
        let blank = open.is_empty() && text.bytes().all(|byte| byte.is_ascii_whitespace());
        if !blank && !self.in_trim() {
            self.settle()?;
        }
        self.draft.markup(open, text, close)
    }

    /// Comments and instructions of XML mean nothing to Office.
    fn aside(&mut self, open: &str, text: &str, close: &str) -> io::Result<()> {
        if self.dropping > 0 { Ok(()) } else { self.draft.markup(open, text, close) }
    }

    fn declaration(&mut self, declaration: &BytesDecl<'_>) -> io::Result<()> {
        if self.recoded {
            return self.draft.write(r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#);
        }
        self.draft.markup("<?", declaration, "?>")
    }

    fn start_tag(&mut self, element: &Element<'_>) -> io::Result<()> {
        if self.held > 0 && self.draft.waits() > LONGEST_WAIT {
            self.settle()?;
        }
        let text = self.editor.tag(element);
        self.changed |= text.is_some();
        self.draft.markup("<", text.as_deref().unwrap_or(element.raw()), if element.empty { "/>" } else { ">" })
    }

    fn in_trim(&self) -> bool {
        self.frames.last().is_some_and(|frame| frame.trim)
    }

    fn mention(&mut self, ids: Vec<String>) {
        if self.held > 0 { self.mentions.waiting.extend(ids) } else { self.mentions.kept.extend(ids) }
    }

    /// Something in the innermost element has been dropped.
    fn emptied(&mut self) {
        if let Some(held) = self.frames.last_mut().and_then(|frame| frame.held.as_mut()) {
            held.emptied = true;
        }
    }

    /// There is content: all frames around it stay.
    fn settle(&mut self) -> io::Result<()> {
        if self.held == 0 {
            return Ok(());
        }
        for frame in self.frames.iter_mut().rev().filter(|frame| frame.held.is_some()).take(self.held) {
            frame.held = None;
            self.draft.release()?;
        }
        self.held = 0;
        self.mentions.kept.extend(self.mentions.waiting.drain(..));
        Ok(())
    }

    fn discard(&mut self, held: &Held) -> io::Result<()> {
        self.draft.take(held.mark);
        self.held -= 1;
        self.mentions.dropped.extend(self.mentions.waiting.drain(held.mentions..));
        self.draft.release()
    }

    fn drop_frame(&mut self) -> io::Result<()> {
        // None is held when content came before the element that dooms the frame, which no writer does.
        let Some(at) = self.frames.iter().rposition(|frame| frame.held.is_some()) else { return Ok(()) };
        if let Some(held) = self.frames.get_mut(at).and_then(|frame| frame.held.take()) {
            self.discard(&held)?;
            self.dropping += self.frames.len() - at;
            self.frames.truncate(at);
            self.emptied();
        }
        Ok(())
    }

    fn outcome(mut self) -> Outcome {
        let Mentions { kept, dropped, .. } = &mut self.mentions;
        let released = dropped.drain().filter(|id| !kept.contains(id) && !self.links.severed.contains(id)).collect();
        Outcome { changed: self.changed, released }
    }
}
