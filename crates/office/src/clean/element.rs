//! A start tag as the editors see it: resolved names, and attributes that can be taken out or replaced while every
//! other byte stays.

use std::{borrow::Cow, collections::HashSet, ops::Range};

use quick_xml::{
    escape::{escape, unescape},
    events::BytesStart,
    name::{NamespaceResolver, QName, ResolveResult},
};

/// The namespaces that decide. Each has a transitional and a strict name (ECMA-376 part 1 and part 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Vocabulary {
    /// WordprocessingML.
    Word,
    /// SpreadsheetML.
    Sheet,
    /// PresentationML.
    Slide,
    /// Office Math (ECMA-376 part 1, 22.1).
    Math,
    /// The attributes that name a relationship, such as `r:id`; `o:relid` of VML does the same.
    Relationship,
    /// Everything else.
    Other,
}

impl Vocabulary {
    fn of(namespace: &str) -> Self {
        match namespace {
            "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
            | "http://purl.oclc.org/ooxml/wordprocessingml/main" => Self::Word,
            "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
            | "http://purl.oclc.org/ooxml/spreadsheetml/main" => Self::Sheet,
            "http://schemas.openxmlformats.org/presentationml/2006/main"
            | "http://purl.oclc.org/ooxml/presentationml/main" => Self::Slide,
            "http://schemas.openxmlformats.org/officeDocument/2006/math"
            | "http://purl.oclc.org/ooxml/officeDocument/math" => Self::Math,
            "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
            | "http://purl.oclc.org/ooxml/officeDocument/relationships"
            | "urn:schemas-microsoft-com:office:office" => Self::Relationship,
            _ => Self::Other,
        }
    }
}

/// A start tag or an empty element.
pub(super) struct Element<'a> {
    pub(super) vocabulary: Vocabulary,
    /// The name without its prefix.
    pub(super) name: &'a str,
    /// Whether it is written as `<a/>`.
    pub(super) empty: bool,
    /// Elements around it.
    pub(super) depth: usize,
    raw: &'a str,
    name_length: usize,
    resolver: &'a NamespaceResolver,
}

/// One attribute within the raw tag. Both ranges count from the start of the tag.
struct Attribute<'a> {
    name: &'a str,
    /// The white space before it, its name and its value with the quotes.
    whole: Range<usize>,
    /// The value between the quotes.
    value: Range<usize>,
}

impl<'a> Element<'a> {
    pub(super) fn new(start: &'a BytesStart<'_>, resolver: &'a NamespaceResolver, empty: bool, depth: usize) -> Self {
        let qualified = start.name().0;
        let (vocabulary, name_length) = (bound(resolver, qualified, true), qualified.len());
        Self { vocabulary, name: local(qualified), empty, depth, raw: start, name_length, resolver }
    }

    /// Whether it is the element of this name.
    pub(super) fn is(&self, vocabulary: Vocabulary, name: &str) -> bool {
        self.name == name && self.vocabulary == vocabulary
    }

    /// What stands between the angle brackets, without the slash of an empty element.
    pub(super) fn raw(&self) -> &'a str {
        self.raw
    }

    /// The name with its prefix.
    pub(super) fn qualified(&self) -> &'a str {
        self.raw.get(..self.name_length).unwrap_or_default()
    }

    /// The value of the first attribute with this name, whatever its prefix.
    pub(super) fn attribute(&self, name: &str) -> Option<Cow<'a, str>> {
        self.attributes().find(|attribute| local(attribute.name) == name).map(|attribute| self.value(&attribute))
    }

    /// The relationships among `known` that its attributes name.
    pub(super) fn mentions(&self, known: &HashSet<String>) -> Vec<String> {
        if known.is_empty() {
            return Vec::new();
        }
        let prefixed = self.attributes().filter(|attribute| attribute.name.contains(':'));
        let values = prefixed.map(|attribute| (attribute.name, self.value(&attribute)));
        // The value decides first: looking up a namespace costs more.
        let named = values.filter(|(name, value)| {
            known.contains(&**value) && bound(self.resolver, name, false) == Vocabulary::Relationship
        });
        named.map(|(_, value)| value.into_owned()).collect()
    }

    /// The tag without the attributes of a vocabulary that `unwanted` chooses by name; nothing if it chooses none.
    pub(super) fn without(&self, vocabulary: Vocabulary, unwanted: &dyn Fn(&str) -> bool) -> Option<String> {
        let mut kept = String::new();
        let mut from = 0;
        for attribute in self.attributes() {
            // The name decides first: looking up a namespace costs more.
            if unwanted(local(attribute.name)) && bound(self.resolver, attribute.name, false) == vocabulary {
                kept.push_str(self.raw.get(from..attribute.whole.start).unwrap_or_default());
                from = attribute.whole.end;
            }
        }
        if from == 0 {
            return None;
        }
        kept.push_str(self.raw.get(from..).unwrap_or_default());
        Some(kept)
    }

    /// The tag with other values for attributes without a prefix, as `change` makes them from name and value; nothing
    /// if it changes none.
    pub(super) fn with(&self, change: &dyn Fn(&str, &str) -> Option<String>) -> Option<String> {
        let mut text = String::new();
        let mut from = 0;
        for attribute in self.attributes() {
            if let Some(value) = change(attribute.name, &self.value(&attribute)) {
                text.push_str(self.raw.get(from..attribute.value.start).unwrap_or_default());
                text.push_str(&escape(value));
                from = attribute.value.end;
            }
        }
        if from == 0 {
            return None;
        }
        text.push_str(self.raw.get(from..).unwrap_or_default());
        Some(text)
    }

    /// A tag of this element with other values for attributes whose names, without prefix, are these.
    pub(super) fn replaced(&self, tag: &str, change: &dyn Fn(&str, &str) -> Option<String>) -> Option<String> {
        let mut text = String::new();
        let (mut from, mut at) = (0, self.name_length);
        while let Some(attribute) = next_attribute(tag, at) {
            at = attribute.whole.end;
            let raw = tag.get(attribute.value.clone()).unwrap_or_default();
            let value = unescape(raw).unwrap_or(Cow::Borrowed(raw));
            if let Some(value) = change(local(attribute.name), &value) {
                text.push_str(tag.get(from..attribute.value.start).unwrap_or_default());
                text.push_str(&escape(value));
                from = attribute.value.end;
            }
        }
        if from == 0 {
            return None;
        }
        text.push_str(tag.get(from..).unwrap_or_default());
        Some(text)
    }

    fn value(&self, attribute: &Attribute<'_>) -> Cow<'a, str> {
        let raw = self.raw.get(attribute.value.clone()).unwrap_or_default();
        unescape(raw).unwrap_or(Cow::Borrowed(raw))
    }

    fn attributes(&self) -> impl Iterator<Item = Attribute<'a>> {
        let raw = self.raw;
        let mut at = self.name_length;
        std::iter::from_fn(move || {
            let attribute = next_attribute(raw, at)?;
            at = attribute.whole.end;
            Some(attribute)
        })
    }
}

/// The attribute that starts at `at`. The tag is well-formed; where it is not, its attributes end.
fn next_attribute(raw: &str, at: usize) -> Option<Attribute<'_>> {
    let rest = raw.get(at..)?;
    let (name, _) = rest.split_once('=')?;
    let equals = at + name.len();
    let after = raw.get(equals + 1..)?;
    let quote_at = equals + 1 + (after.len() - after.trim_ascii_start().len());
    let quote = raw.get(quote_at..).and_then(|rest| rest.chars().next()).filter(|quote| matches!(quote, '"' | '\''))?;
    let length = raw.get(quote_at + 1..)?.find(quote)?;
    let value = quote_at + 1..quote_at + 1 + length;
    Some(Attribute { name: name.trim_ascii(), whole: at..value.end + 1, value })
}

fn local(name: &str) -> &str {
    name.split_once(':').map_or(name, |(_, local)| local)
}

fn bound(resolver: &NamespaceResolver, qualified: &str, element: bool) -> Vocabulary {
    match resolver.resolve(QName(qualified), element).0 {
        ResolveResult::Bound(namespace) => Vocabulary::of(namespace.into_inner()),
        ResolveResult::Unbound | ResolveResult::Unknown(_) => Vocabulary::Other,
    }
}
