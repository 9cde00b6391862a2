//! The tokens that nearly all of a part is made of, recognised without a detour.
//!
//! A sheet of a million cells is some million short tags and numbers. The parser looks at each of them several times;
//! here each byte is looked at once. Whatever is not as plain as Office writes it is left to the parser, which alone
//! knows what is ill-formed.

use quick_xml::events::BytesStart;

use super::MOST_ATTRIBUTES;

/// A token that is whole and well-formed.
pub(super) enum Plain<'a> {
    Start(Start<'a>),
    Empty(Start<'a>),
    /// The name of an end tag.
    End(&'a str),
    /// Text without references, up to the next token.
    Text(&'a str),
}

/// A start tag whose attributes are well-formed and within the bounds.
pub(super) struct Start<'a> {
    pub(super) tag: BytesStart<'a>,
    /// Whether an attribute may declare a namespace.
    pub(super) declares: bool,
}

/// The token at the start of `text` and its length, when it is a plain one.
pub(super) fn next(text: &str) -> Option<(Plain<'_>, usize)> {
    match text.as_bytes() {
        [b'<', b'!' | b'?', ..] | [b'&', ..] => None,
        [b'<', b'/', rest @ ..] => {
            let length = name_length(rest);
            let name = text.get(2..2 + length)?;
            (length > 0 && rest.get(length) == Some(&b'>')).then_some((Plain::End(name), length + 3))
        }
        [b'<', rest @ ..] => start(text, rest),
        bytes => {
            let end = bytes.iter().position(|byte| matches!(byte, b'<' | b'&'))?;
            text.get(..end).map(|text| (Plain::Text(text), end))
        }
    }
}

/// A start tag, of which `bytes` is what follows the `<`.
fn start<'a>(text: &'a str, bytes: &[u8]) -> Option<(Plain<'a>, usize)> {
    let name = name_length(bytes);
    let (mut at, mut attributes, mut declares) = (name, 0, false);
    let is_empty = loop {
        let blanks = bytes.get(at..)?.iter().take_while(|byte| is_blank(**byte)).count();
        at += blanks;
        match bytes.get(at..)? {
            [b'>', ..] => break false,
            [b'/', b'>', ..] => break true,
            attribute if blanks > 0 && attributes < MOST_ATTRIBUTES => {
                attributes += 1;
                declares |= attribute.starts_with(b"xmlns");
                at += attribute_length(attribute)?;
            }
            _ => return None,
        }
    };
    let tag = BytesStart::from_content(text.get(1..=at).filter(|_| name > 0)?, name);
    let start = Start { tag, declares };
    Some(if is_empty { (Plain::Empty(start), at + 3) } else { (Plain::Start(start), at + 2) })
}

/// The length of `name="value"`.
fn attribute_length(bytes: &[u8]) -> Option<usize> {
    let name = name_length(bytes);
    let [b'=', quote @ (b'"' | b'\''), value @ ..] = bytes.get(name..).filter(|_| name > 0)? else { return None };
    let value = value.iter().position(|byte| byte == quote)?;
    Some(name + value + 3)
}

/// How many bytes look like a name.
fn name_length(bytes: &[u8]) -> usize {
    let ends = |byte: &u8| is_blank(*byte) || matches!(byte, b'<' | b'>' | b'/' | b'=' | b'"' | b'\'' | b'&');
    bytes.iter().position(ends).unwrap_or(bytes.len())
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}
