//! The grammar: what stands at one place of a text that may go on behind its end.
//!
//! A sheet of a million cells is some million short tags and numbers, so each byte is looked at once, and where a name,
//! value or text ends is found eight bytes at a time. Places are counted from the start of the text.

use std::borrow::Cow;

use super::{
    MOST_ATTRIBUTES,
    characters::{is_blank, is_later, is_name, is_permitted, is_start},
    names::short,
};

/// What stands at a place; nothing when the text ends first.
pub(super) type Read<T> = Result<Option<T>, Ill>;

/// Why it is not what it should be.
#[derive(Clone, Copy, Debug)]
pub(super) enum Ill {
    Formed(&'static str),
    TooManyAttributes,
}

/// A name, perhaps with a prefix.
#[derive(Clone, Copy, Debug)]
pub(super) struct Name {
    pub(super) start: usize,
    pub(super) end: usize,
    /// Where the colon is; `start` without a prefix.
    pub(super) colon: usize,
}

impl Name {
    pub(super) fn of<'t>(&self, text: &'t str) -> &'t str {
        text.get(self.start..self.end).unwrap_or_default()
    }

    pub(super) fn prefix<'t>(&self, text: &'t str) -> Option<&'t str> {
        if self.colon == self.start { None } else { text.get(self.start..self.colon) }
    }

    /// Where the name without its prefix starts.
    pub(super) fn local_start(&self) -> usize {
        if self.colon == self.start { self.start } else { self.colon + 1 }
    }

    /// The first bytes of the prefix, and nothing else when it is short; zero without one.
    #[inline]
    pub(super) fn prefix_key(&self, text: &str) -> u64 {
        short(text.as_bytes(), self.start, self.colon - self.start)
    }

    /// The first bytes of the name without its prefix.
    #[inline]
    pub(super) fn local_key(&self, text: &str) -> u64 {
        let start = self.local_start();
        short(text.as_bytes(), start, self.end - start)
    }

    pub(super) fn local<'t>(&self, text: &'t str) -> &'t str {
        text.get(self.local_start()..self.end).unwrap_or_default()
    }

    /// The prefix that an attribute of this name declares; empty for the default namespace.
    pub(super) fn declares<'t>(&self, text: &'t str) -> Option<&'t str> {
        match self.of(text).strip_prefix("xmlns")? {
            "" => Some(""),
            rest => rest.strip_prefix(':'),
        }
    }
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Attribute {
    pub(super) name: Name,
    /// The value, between its quotes, is `value..value_end`.
    pub(super) value: usize,
    pub(super) value_end: usize,
}

impl Attribute {
    /// The value with references resolved.
    pub(super) fn value<'t>(&self, text: &'t str) -> Cow<'t, str> {
        value(text.get(self.value..self.value_end).unwrap_or_default())
    }
}

/// A start tag, or an empty element.
#[derive(Clone, Copy, Debug)]
pub(super) struct Start {
    pub(super) name: Name,
    pub(super) end: usize,
    pub(super) is_empty: bool,
    /// Whether an attribute may declare a namespace.
    pub(super) declares: bool,
}

/// The start tag whose `<` is at `at`. Its attributes are appended to `attributes`.
#[inline(always)]
pub(super) fn start_tag(text: &str, at: usize, attributes: &mut Vec<Attribute>) -> Read<Start> {
    let bytes = text.as_bytes();
    let Some(name) = name(text, at + 1)? else { return Ok(None) };
    let (mut at, mut declares) = (name.end, false);
    loop {
        let before = at;
        let Some(byte) = after_blanks(bytes, &mut at) else { return Ok(None) };
        match byte {
            b'>' => return Ok(Some(Start { name, end: at + 1, is_empty: false, declares })),
            b'/' => {
                return match bytes.get(at + 1) {
                    Some(b'>') => Ok(Some(Start { name, end: at + 2, is_empty: true, declares })),
                    Some(_) => Err(Ill::Formed("a slash inside a tag")),
                    None => Ok(None),
                };
            }
            _ if before == at => return Err(Ill::Formed("no space in front of an attribute")),
            _ if attributes.len() == MOST_ATTRIBUTES => return Err(Ill::TooManyAttributes),
            _ => {}
        }
        let Some(attribute) = attribute(text, at)? else { return Ok(None) };
        declares |= bytes.get(attribute.name.start..).is_some_and(|rest| rest.starts_with(b"xmlns"));
        at = attribute.value_end + 1;
        attributes.push(attribute);
    }
}

#[inline(always)]
fn attribute(text: &str, at: usize) -> Read<Attribute> {
    let bytes = text.as_bytes();
    let Some(name) = name(text, at)? else { return Ok(None) };
    let mut at = name.end;
    match after_blanks(bytes, &mut at) {
        Some(b'=') => at += 1,
        Some(_) => return Err(Ill::Formed("an attribute without a value")),
        None => return Ok(None),
    }
    let quote = match after_blanks(bytes, &mut at) {
        Some(quote @ (b'"' | b'\'')) => quote,
        Some(_) => return Err(Ill::Formed("a value without quotes")),
        None => return Ok(None),
    };
    let value = at + 1;
    at = value;
    loop {
        let Some(found) = find(bytes, at, [quote, b'<', b'&']) else { return Ok(None) };
        match bytes.get(found) {
            Some(b'<') => return Err(Ill::Formed("a tag inside a value")),
            Some(b'&') => match reference(text, found)? {
                Some((_, end)) => at = end,
                None => return Ok(None),
            },
            _ => return Ok(Some(Attribute { name, value, value_end: found })),
        }
    }
}

/// The name at `start`, which ends inside of the text.
#[inline(always)]
pub(super) fn name(text: &str, start: usize) -> Read<Name> {
    let bytes = text.as_bytes();
    let (mut end, mut colon) = (later_end(bytes, start), start);
    if bytes.get(end) == Some(&b':') {
        colon = end;
        end = later_end(bytes, end + 1);
    }
    let begins = |at: usize| at < end && bytes.get(at).is_some_and(|byte| is_start(*byte));
    match bytes.get(end) {
        None => Ok(None),
        Some(b':' | 0x80..) => rare_name(text, start),
        Some(_) if begins(start) && (colon == start || begins(colon + 1)) => Ok(Some(Name { start, end, colon })),
        Some(_) => Err(Ill::Formed("a name")),
    }
}

#[inline(always)]
fn later_end(bytes: &[u8], start: usize) -> usize {
    let mut end = start;
    while bytes.get(end).is_some_and(|byte| is_later(*byte)) {
        end += 1;
    }
    end
}

/// The same, for names beyond ASCII.
#[cold]
fn rare_name(text: &str, start: usize) -> Read<Name> {
    let bytes = text.as_bytes();
    let (mut end, mut colon) = (start, start);
    loop {
        match bytes.get(end) {
            Some(b':') if colon == start && end > start => colon = end,
            Some(byte) if is_later(*byte) || !byte.is_ascii() => {}
            Some(b':') => return Err(Ill::Formed("two colons in a name")),
            Some(_) => break,
            None => return Ok(None),
        }
        end += 1;
    }
    let name = Name { start, end, colon };
    let is_sound = name.prefix(text).is_none_or(is_name) && is_name(name.local(text));
    if is_sound { Ok(Some(name)) } else { Err(Ill::Formed("a name")) }
}

/// The reference at `at`: the character it stands for, and where it ends. No entity but the five of XML is ever
/// declared.
pub(super) fn reference(text: &str, at: usize) -> Read<(char, usize)> {
    let Some(end) = reference_end(text, at) else { return Ok(None) };
    let name = text.get(at + 1..end).filter(|_| text.as_bytes().get(end) == Some(&b';'));
    let character = match name {
        Some("lt") => Some('<'),
        Some("gt") => Some('>'),
        Some("amp") => Some('&'),
        Some("quot") => Some('"'),
        Some("apos") => Some('\''),
        Some(name) => name.strip_prefix('#').and_then(numbered),
        None => None,
    };
    character.map(|character| Some((character, end + 1))).ok_or(Ill::Formed("a reference"))
}

/// Where the name of a reference ends, and its semicolon should be.
pub(super) fn reference_end(text: &str, at: usize) -> Option<usize> {
    let rest = text.as_bytes().get(at + 1..)?;
    rest.iter().position(|byte| !byte.is_ascii_alphanumeric() && *byte != b'#').map(|length| at + 1 + length)
}

fn numbered(number: &str) -> Option<char> {
    let (digits, radix) = number.strip_prefix('x').map_or((number, 10), |digits| (digits, 16));
    // A sign would pass for a part of the number otherwise.
    let all_digits = !digits.is_empty() && digits.chars().all(|digit| digit.is_digit(radix));
    let number = u32::from_str_radix(digits, radix).ok().filter(|_| all_digits)?;
    char::from_u32(number).filter(|character| is_permitted(*character))
}

/// A value as the document means it: white space is a space, and references are resolved. Those that cannot be
/// resolved stay as they are written.
pub(super) fn value(written: &str) -> Cow<'_, str> {
    let is_plain = |byte: u8| !matches!(byte, b'&' | b'\t' | b'\n' | b'\r');
    if written.bytes().all(is_plain) {
        return Cow::Borrowed(written);
    }
    let (mut value, mut at) = (String::with_capacity(written.len()), 0);
    while let Some(rest) = written.get(at..).filter(|rest| !rest.is_empty()) {
        let plain = rest.bytes().position(|byte| !is_plain(byte)).unwrap_or(rest.len());
        value.push_str(rest.get(..plain).unwrap_or_default());
        at += plain;
        match written.as_bytes().get(at..) {
            Some([b'&', ..]) => match reference(written, at) {
                Ok(Some((character, end))) => {
                    value.push(character);
                    at = end;
                }
                _ => {
                    value.push('&');
                    at += 1;
                }
            },
            // One line end, for which a single space stands.
            Some([b'\r', b'\n', ..]) => at += 1,
            Some([_, ..]) => {
                value.push(' ');
                at += 1;
            }
            _ => {}
        }
    }
    Cow::Owned(value)
}

/// Where the text that starts at `at` ends, which is at a tag or a reference.
#[inline]
pub(super) fn text_end(text: &str, at: usize) -> Read<usize> {
    let bytes = text.as_bytes();
    let mut from = at;
    loop {
        let Some(found) = find(bytes, from, [b'<', b'&', b'>']) else { return Ok(None) };
        if bytes.get(found) != Some(&b'>') {
            return Ok(Some(found));
        }
        if bytes.get(at..found).is_some_and(|before| before.ends_with(b"]]")) {
            return Err(Ill::Formed("]]> in a text"));
        }
        from = found + 1;
    }
}

/// The end of the comment whose `<!--` is at `at`.
pub(super) fn comment_end(text: &str, at: usize) -> Read<usize> {
    let bytes = text.as_bytes();
    let mut from = at + 4;
    while let Some(found) = find(bytes, from, [b'-'; 3]) {
        match bytes.get(found + 1..) {
            Some([b'-', b'>', ..]) => return Ok(Some(found + 3)),
            Some([b'-', _, ..]) => return Err(Ill::Formed("-- in a comment")),
            Some([b'-'] | []) | None => return Ok(None),
            Some(_) => from = found + 2,
        }
    }
    Ok(None)
}

/// A processing instruction whose `<?` is at `at`: its target and its end.
pub(super) fn instruction(text: &str, at: usize) -> Read<(Name, usize)> {
    let bytes = text.as_bytes();
    let Some(target) = name(text, at + 2)? else { return Ok(None) };
    if target.colon != target.start {
        return Err(Ill::Formed("a colon in the name of an instruction"));
    }
    match bytes.get(target.end..) {
        Some([b'?', b'>', ..]) => return Ok(Some((target, target.end + 2))),
        Some([byte, ..]) if is_blank(*byte) => {}
        Some([b'?']) => return Ok(None),
        _ => return Err(Ill::Formed("an instruction")),
    }
    Ok(behind(text, target.end, "?>").map(|end| (target, end)))
}

/// Where the next `mark` from `at` on ends.
pub(super) fn behind(text: &str, at: usize, mark: &str) -> Option<usize> {
    text.get(at..)?.find(mark).map(|found| at + found + mark.len())
}

/// What browsers and Excel take for a start tag: everything up to a `>` outside of quotes. Attributes may lack quotes
/// and values.
pub(super) fn loose_start_tag(text: &str, at: usize, attributes: &mut Vec<Attribute>) -> Option<Start> {
    let bytes = text.as_bytes();
    let mut quote = None;
    let length = bytes.get(at + 1..)?.iter().position(|byte| match (quote, byte) {
        (Some(open), _) => {
            quote = quote.filter(|_| *byte != open);
            false
        }
        (None, b'"' | b'\'') => {
            quote = Some(*byte);
            false
        }
        (None, byte) => *byte == b'>',
    })?;
    let close = at + 1 + length;
    let is_empty = bytes.get(close - 1) == Some(&b'/');
    let content = text.get(..if is_empty { close - 1 } else { close })?;
    let name = loose_name(content, at + 1);
    let (mut at, mut declares) = (name.end, false);
    while after_blanks(content.as_bytes(), &mut at).is_some() && attributes.len() < MOST_ATTRIBUTES {
        let name = loose_name(content, at);
        at = name.end;
        if after_blanks(content.as_bytes(), &mut at) != Some(b'=') {
            at = at.max(name.start + 1);
            continue;
        }
        at += 1;
        let quote = after_blanks(content.as_bytes(), &mut at);
        let quoted = matches!(quote, Some(b'"' | b'\''));
        let value = if quoted { at + 1 } else { at };
        let ends = |byte: u8| if quoted { Some(byte) == quote } else { is_blank(byte) };
        let rest = content.as_bytes().get(value..).unwrap_or_default();
        let value_end = value + rest.iter().position(|byte| ends(*byte)).unwrap_or(rest.len());
        declares |= name.of(text).starts_with("xmlns");
        attributes.push(Attribute { name, value, value_end });
        at = if quoted { (value_end + 1).min(content.len()) } else { value_end };
    }
    Some(Start { name, end: close + 1, is_empty, declares })
}

/// Everything up to what cannot be part of a name in any case.
pub(super) fn loose_name(text: &str, start: usize) -> Name {
    let rest = text.as_bytes().get(start..).unwrap_or_default();
    let ends = |byte: &u8| is_blank(*byte) || matches!(byte, b'/' | b'>' | b'=' | b'"' | b'\'' | b'<');
    let end = start + rest.iter().position(ends).unwrap_or(rest.len());
    let colon = rest.iter().take(end - start).rposition(|byte| *byte == b':').map_or(start, |colon| start + colon);
    Name { start, end, colon }
}

/// Steps over white space; answers with what follows.
#[inline]
pub(super) fn after_blanks(bytes: &[u8], at: &mut usize) -> Option<u8> {
    loop {
        let byte = *bytes.get(*at)?;
        if !is_blank(byte) {
            return Some(byte);
        }
        *at += 1;
    }
}

/// The first of the three bytes from `at` on.
#[inline]
pub(super) fn find(bytes: &[u8], at: usize, wanted: [u8; 3]) -> Option<usize> {
    const ONES: u64 = u64::MAX / 255;
    const TOPS: u64 = ONES << 7;
    // The lowest bit that is set belongs to the first byte that is zero; those above it may be wrong.
    let zeros = |word: u64| word.wrapping_sub(ONES) & !word & TOPS;
    let [first, second, third] = wanted.map(|byte| ONES * u64::from(byte));
    let mut at = at;
    while let Some(chunk) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        let word = u64::from_le_bytes(*chunk);
        let found = zeros(word ^ first) | zeros(word ^ second) | zeros(word ^ third);
        if found != 0 {
            return Some(at + (found.trailing_zeros() / 8) as usize);
        }
        at += 8;
    }
    bytes.get(at..)?.iter().position(|byte| wanted.contains(byte)).map(|found| at + found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_three_bytes_is_found_wherever_it_stands() {
        for length in 0..40 {
            let mut bytes = vec![b'x'; length];
            assert_eq!(find(&bytes, 0, [b'a', b'b', b'c']), None);
            for at in 0..length {
                for wanted in *b"abc" {
                    bytes[at] = wanted;
                    assert_eq!(find(&bytes, 0, [b'a', b'b', b'c']), Some(at));
                    assert_eq!(find(&bytes, at + 1, [b'a', b'b', b'c']), None);
                    // Neighbours of the bytes that are looked for.
                    bytes[at] = b'd';
                    assert_eq!(find(&bytes, 0, [b'a', b'b', b'c']), None);
                    bytes[at] = b'x';
                }
            }
        }
    }

    #[test]
    fn values_are_read_as_the_document_means_them() {
        assert_eq!(value("plain"), "plain");
        assert_eq!(value("a\tb\r\nc\rd\n"), "a b c d ");
        assert_eq!(value("&lt;&#65;&#x1F600;&#10;&amp;lt;"), "<A\u{1F600}\n&lt;");
        assert_eq!(value("&nbsp; & &#0;"), "&nbsp; & &#0;");
    }
}
