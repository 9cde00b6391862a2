//! The cells that a sheet is made of.
//!
//! Nearly all of a large workbook is `<c r="A1" s="2" t="s"><v>3</v></c>`, a million times over. Whoever has no use for
//! cells is not shown those that are written exactly so, or with a text in place of the value. What is read here is
//! well-formed; whatever else a cell may have, a formula above all, makes it an element like any other.

use super::{Ignored, grammar::find};

/// Where the cell that starts at `at` ends, if it is one of those that are ignored and ends in the text.
#[inline]
pub(super) fn end(bytes: &[u8], at: usize, ignored: Ignored) -> Option<usize> {
    let mut at = value_end(bytes, at, b"<c r=\"")?;
    if is_at(bytes, at, b" s") {
        at = value_end(bytes, at, b" s=\"")?;
    }
    if is_at(bytes, at, b" t") {
        at = value_end(bytes, at, b" t=\"")?;
    }
    if is_at(bytes, at, b"/>") {
        return Some(at + 2);
    }
    if is_at(bytes, at, b"><v>") {
        let text = find(bytes, at + 4, [b'<', b'&', b'>'])?;
        return is_at(bytes, text, b"</v></c>").then_some(text + 8);
    }
    if ignored == Ignored::ValuesAndTexts && is_at(bytes, at, b"><is><t>") {
        let text = find(bytes, at + 8, [b'<', b'&', b'>'])?;
        return is_at(bytes, text, b"</t></is></c>").then_some(text + 13);
    }
    None
}

/// Where the attribute that begins like this ends.
#[inline]
fn value_end<const LENGTH: usize>(bytes: &[u8], at: usize, begin: &[u8; LENGTH]) -> Option<usize> {
    if !is_at(bytes, at, begin) {
        return None;
    }
    let end = find(bytes, at + LENGTH, [b'"', b'<', b'&'])?;
    (bytes.get(end) == Some(&b'"')).then_some(end + 1)
}

#[inline]
fn is_at<const LENGTH: usize>(bytes: &[u8], at: usize, wanted: &[u8; LENGTH]) -> bool {
    bytes.get(at..).and_then(|rest| rest.first_chunk()) == Some(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_taken_whole_or_not_at_all() {
        for cell in [
            "<c r=\"A1\"><v>1.5</v></c>",
            "<c r=\"XFD1048576\" s=\"12\" t=\"str\"><v>an ä and more than eight bytes</v></c>",
            "<c r=\"B2\" t=\"s\"><v></v></c>",
            "<c r=\"B2\" s=\"1\"/>",
            "<c r=\"B2\" t=\"inlineStr\"><is><t>text</t></is></c>",
        ] {
            let text = format!("{cell}<c");
            assert_eq!(end(text.as_bytes(), 0, Ignored::ValuesAndTexts), Some(cell.len()), "{cell}");
            for length in 0..cell.len() {
                assert_eq!(end(&cell.as_bytes()[..length], 0, Ignored::ValuesAndTexts), None, "{length} of {cell}");
            }
        }
        let text = b"<c r=\"B2\" t=\"inlineStr\"><is><t>text</t></is></c>";
        assert_eq!(end(text, 0, Ignored::Values), None);
        for element in [
            "<c r=\"A1\"><f>1</f><v>1</v></c>",
            "<c r=\"A1\"><v>&amp;</v></c>",
            "<c r=\"A1\"><v>]]></v></c>",
            "<c r=\"A1\"><v>1</v></d>",
            "<c r=\"A1\"><v>1</v><f>1</f></c>",
            "<c r=\"A1\" r=\"A1\"><v>1</v></c>",
            "<c r=\"A<\"><v>1</v></c>",
            "<c r=\"A1\"s=\"1\"><v>1</v></c>",
            "<x:c r=\"A1\"><v>1</v></x:c>",
        ] {
            assert_eq!(end(element.as_bytes(), 0, Ignored::ValuesAndTexts), None, "{element}");
        }
    }
}
