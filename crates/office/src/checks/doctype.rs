//! Document type declarations in parts that Office hands through: which of them are harmless.

/// Folders whose parts are read by some programs without a relationship that leads to them.
const FOLDERS_OF_OFFICE: [&str; 5] = ["word/", "xl/", "ppt/", "docprops/", "customxml/"];
/// Where the declarations of pictures and of leftovers lead. Whoever follows them learns nothing and tells nobody.
const KNOWN_PLACES: [&str; 4] =
    ["http://www.w3.org/", "https://www.w3.org/", "http://www.apple.com/DTDs/", "https://www.apple.com/DTDs/"];

/// How the relationships of a package lead to a part.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct LedTo {
    /// As a picture.
    pub(crate) as_picture: bool,
    /// As anything else.
    pub(crate) otherwise: bool,
}

/// Whether no Office program reads a part of this name as XML of its own: a picture, or what another program left in
/// the file and nothing leads to.
pub(crate) fn is_foreign(name: &str, content_type: &str, led_to: LedTo) -> bool {
    let name = name.to_lowercase();
    match led_to {
        LedTo { otherwise: true, .. } => false,
        LedTo { as_picture: true, .. } => content_type.starts_with("image/") || name.ends_with(".svg"),
        _ => !FOLDERS_OF_OFFICE.iter().any(|folder| name.starts_with(folder)),
    }
}

/// Whether a declaration is whole within the first bytes of a part, leads nowhere but to the well-known places, and
/// declares no entity but for plain text. Anything else could be expanded without end, or fetched.
pub(crate) fn is_plain(head: &[u8]) -> bool {
    let Some(at) = head.windows(9).position(|window| window == b"<!DOCTYPE") else { return false };
    let end = head.len().min(at + LONGEST);
    let text = String::from_utf8_lossy(head.get(at + 9..end).unwrap_or_default());
    let mut declaration = Declaration { rest: &text };
    declaration.is_plain().unwrap_or(false)
}

/// A longer declaration is none that a genuine picture has.
const LONGEST: usize = 4096;

struct Declaration<'a> {
    rest: &'a str,
}

impl<'a> Declaration<'a> {
    /// `None` when it does not end.
    fn is_plain(&mut self) -> Option<bool> {
        loop {
            match self.next()? {
                '>' => return Some(true),
                '[' if !self.subset_is_plain()? => return Some(false),
                quote @ ('"' | '\'') => {
                    let text = self.until(quote)?;
                    let is_public = text.starts_with("-//") || text.is_empty();
                    if !is_public && !KNOWN_PLACES.iter().any(|place| text.starts_with(place)) {
                        return Some(false);
                    }
                }
                _ => {}
            }
        }
    }

    /// What stands in brackets.
    fn subset_is_plain(&mut self) -> Option<bool> {
        loop {
            self.rest = self.rest.trim_start();
            if let Some(rest) = self.rest.strip_prefix("<!--") {
                self.rest = rest.split_once("-->")?.1;
            } else if let Some(rest) = self.rest.strip_prefix("<!ENTITY") {
                self.rest = rest;
                if !self.entity_is_plain()? {
                    return Some(false);
                }
            } else {
                match self.next()? {
                    ']' => return Some(true),
                    // An entity that stands for declarations.
                    '%' => return Some(false),
                    quote @ ('"' | '\'') => drop(self.until(quote)?),
                    _ => {}
                }
            }
        }
    }

    /// `name "text"`, where the text refers to nothing.
    fn entity_is_plain(&mut self) -> Option<bool> {
        let name = self.rest.trim_start();
        let at = name.find(char::is_whitespace)?;
        let value = name.get(at..)?.trim_start();
        let quote = value.chars().next()?;
        if name.starts_with('%') || !matches!(quote, '"' | '\'') {
            return Some(false);
        }
        self.rest = value.get(1..)?;
        Some(!self.until(quote)?.contains(['&', '%', '<']))
    }

    fn next(&mut self) -> Option<char> {
        let mut characters = self.rest.chars();
        let next = characters.next()?;
        self.rest = characters.as_str();
        Some(next)
    }

    fn until(&mut self, end: char) -> Option<&'a str> {
        let (text, rest) = self.rest.split_once(end)?;
        self.rest = rest;
        Some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SVG: &str =
        r#"<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd""#;

    #[test]
    fn declarations_of_genuine_pictures_are_plain() {
        for text in [
            &format!("<?xml version='1.0'?>\n{SVG}><svg/>"),
            &format!(
                "{SVG} [ <!ENTITY ns_svg \"http://www.w3.org/2000/svg\"> <!-- > --> <!ATTLIST svg a CDATA '>'> ]><svg/>"
            ),
            "<!DOCTYPE svg><svg/>",
            "<!DOCTYPE plist PUBLIC '-//Apple//DTD PLIST 1.0//EN' 'http://www.apple.com/DTDs/PropertyList-1.0.dtd'>",
        ] {
            assert!(is_plain(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn declarations_that_expand_or_fetch_are_not() {
        for text in [
            "<svg/>",
            "<!DOCTYPE svg",
            "<!DOCTYPE svg SYSTEM 'http://example.com/a.dtd'><svg/>",
            "<!DOCTYPE svg SYSTEM 'file:///etc/passwd'><svg/>",
            "<!DOCTYPE svg [<!ENTITY a 'b'><!ENTITY c '&a;&a;'>]><svg/>",
            "<!DOCTYPE svg [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><svg/>",
            "<!DOCTYPE svg [<!ENTITY % a 'b'> %a;]><svg/>",
            "<!DOCTYPE svg [%a;]><svg/>",
            "<!DOCTYPE svg [<!ENTITY a '&#38;b;'>]><svg/>",
        ] {
            assert!(!is_plain(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn a_part_is_foreign_when_nothing_reads_it_as_xml_of_office() {
        let (picture, other, none) = (
            LedTo { as_picture: true, otherwise: false },
            LedTo { as_picture: true, otherwise: true },
            LedTo::default(),
        );
        assert!(is_foreign("word/media/image1.svg", "image/svg+xml", picture));
        assert!(is_foreign("notes.xml", "application/xml", none));
        assert!(!is_foreign("word/media/image1.svg", "image/svg+xml", other));
        assert!(!is_foreign("word/header1.xml", "application/xml", picture));
        assert!(!is_foreign("word/media/image1.svg", "image/svg+xml", none));
        assert!(!is_foreign("xl/sharedStrings.xml", "application/xml", none));
    }
}
