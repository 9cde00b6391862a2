//! Namespaces in scope, and a start tag with its own.

use std::borrow::Cow;

use super::{
    Objection, Rigour,
    grammar::{Attribute, Name, value},
};
use crate::finding::Code;

/// Bindings in scope at once. Genuine parts declare about 40.
const MOST_BINDINGS: usize = 1024;
/// Attributes of an element that are compared one by one.
const FEW: usize = 12;
const XML: &str = "http://www.w3.org/XML/1998/namespace";
const XMLNS: &str = "http://www.w3.org/2000/xmlns/";

struct Binding {
    depth: usize,
    prefix: String,
    namespace: String,
}

/// The namespace declarations of the open elements.
#[derive(Default)]
pub(super) struct Scope {
    bindings: Vec<Binding>,
    /// Short prefixes that are known to be declared, the last one first.
    known: [u64; 4],
}

impl Scope {
    /// Takes note of the namespace that an attribute declares for `prefix`; empty for the default namespace.
    pub(super) fn declare(
        &mut self,
        depth: usize,
        prefix: &str,
        written: &str,
        rigour: Rigour,
    ) -> Result<(), Objection> {
        if self.bindings.len() >= MOST_BINDINGS {
            return Err(Objection::new(Code::XmlTooComplex, "namespaces"));
        }
        let namespace = value(written);
        if rigour == Rigour::Strict {
            let is_reserved = match prefix {
                "xmlns" => true,
                "xml" => namespace != XML,
                _ => matches!(&*namespace, XML | XMLNS),
            };
            if is_reserved {
                return Err(Objection::malformed("a reserved namespace"));
            }
            if namespace.is_empty() && !prefix.is_empty() {
                return Err(Objection::malformed("a prefix without a namespace"));
            }
        }
        self.bindings.push(Binding { depth, prefix: prefix.to_owned(), namespace: namespace.into_owned() });
        Ok(())
    }

    /// Forgets what the element at this depth declared.
    #[inline]
    pub(super) fn leave(&mut self, depth: usize) {
        while self.bindings.last().is_some_and(|binding| binding.depth >= depth) {
            self.bindings.pop();
            self.known = [0; 4];
        }
    }

    /// Whether the prefix of a name, if it has one, is declared.
    #[inline]
    pub(super) fn knows(&mut self, text: &str, name: Name) -> bool {
        name.colon == name.start || self.known.contains(&name.prefix_key(text)) || self.finds(text, name)
    }

    fn finds(&mut self, text: &str, name: Name) -> bool {
        let prefix = name.prefix(text).unwrap_or_default();
        let found = prefix == "xml" || self.bindings.iter().any(|binding| binding.prefix == prefix);
        // A key of eight bytes is that of longer prefixes, too.
        if found && prefix.len() < 8 {
            self.known.rotate_right(1);
            self.known[0] = name.prefix_key(text);
        }
        found
    }

    /// Whether one attribute is written twice, or two are the same one by their namespaces. Their prefixes are known.
    #[inline]
    pub(super) fn are_distinct(&self, text: &str, attributes: &[Attribute]) -> bool {
        // The names of genuine attributes are few, and differ at the start.
        let mut keys = [0; FEW];
        if attributes.len() > FEW {
            return self.are_surely_distinct(text, attributes);
        }
        for (index, attribute) in attributes.iter().enumerate() {
            let key = attribute.name.local_key(text);
            if keys.iter().take(index).any(|earlier| *earlier == key) {
                return self.are_surely_distinct(text, attributes);
            }
            keys[index] = key;
        }
        true
    }

    fn are_surely_distinct(&self, text: &str, attributes: &[Attribute]) -> bool {
        let names = || attributes.iter().map(|attribute| attribute.name);
        let is_prefixed = |name: &Name| name.prefix(text).is_some_and(|prefix| prefix != "xmlns");
        let mut written: Vec<&str> = names().map(|name| name.of(text)).collect();
        written.sort_unstable();
        let prefixed = names().filter(is_prefixed);
        let mut expanded: Vec<_> = prefixed.map(|name| (name.local(text), self.namespace(text, name))).collect();
        expanded.sort_unstable();
        written.is_sorted_by(|one, other| one < other) && expanded.is_sorted_by(|one, other| one < other)
    }

    fn namespace(&self, text: &str, name: Name) -> &str {
        let prefix = name.prefix(text).unwrap_or_default();
        let found = self.bindings.iter().rev().find(|binding| binding.prefix == prefix);
        let unbound = if prefix == "xml" { XML } else { "" };
        found.map_or(unbound, |binding| &binding.namespace)
    }
}

/// What a start tag consists of.
pub(super) struct Parts<'a> {
    pub(super) text: &'a str,
    pub(super) name: Name,
    pub(super) attributes: &'a [Attribute],
    pub(super) scope: &'a Scope,
}

/// A start tag.
#[derive(Clone, Copy)]
pub(crate) struct Tag<'a> {
    pub(super) local: &'a str,
    pub(super) parts: &'a Parts<'a>,
}

impl<'a> Tag<'a> {
    /// The name without its prefix.
    pub(crate) fn name(&self) -> &'a str {
        self.local
    }

    /// The namespace of the element; empty when it has none.
    pub(crate) fn namespace(&self) -> &'a str {
        self.parts.scope.namespace(self.parts.text, self.parts.name)
    }

    /// The value of the attribute of exactly this name, with references resolved.
    pub(crate) fn attribute(&self, name: &str) -> Result<Option<Cow<'a, str>>, Objection> {
        self.find(|key| key.of(self.parts.text) == name)
    }

    /// The value of the attribute of this name with any prefix. Two of them cannot be told apart here
    /// and are no work of Office.
    pub(crate) fn prefixed_attribute(&self, name: &str) -> Result<Option<Cow<'a, str>>, Objection> {
        self.find(|key| key.local(self.parts.text) == name)
    }

    /// The value of the attribute of this name with a prefix, where there is one without as well: `r:id`
    /// beside `id`.
    pub(crate) fn foreign_attribute(&self, name: &str) -> Result<Option<Cow<'a, str>>, Objection> {
        self.find(|key| key.prefix(self.parts.text).is_some() && key.local(self.parts.text) == name)
    }

    /// The names, without their prefixes, and the values of all attributes.
    pub(crate) fn values(&self) -> impl Iterator<Item = (&'a str, Cow<'a, str>)> {
        let Parts { text, attributes, .. } = *self.parts;
        attributes.iter().map(move |attribute| (attribute.name.local(text), attribute.value(text)))
    }

    /// Whether there is an attribute whose name without its prefix is `wanted`.
    pub(crate) fn carries(&self, wanted: impl Fn(&str) -> bool) -> bool {
        self.parts.attributes.iter().any(|attribute| wanted(attribute.name.local(self.parts.text)))
    }

    fn find(&self, wanted: impl Fn(Name) -> bool) -> Result<Option<Cow<'a, str>>, Objection> {
        let mut found = None;
        for attribute in self.parts.attributes.iter().filter(|attribute| wanted(attribute.name)) {
            if found.replace(attribute.value(self.parts.text)).is_some() {
                return Err(Objection::malformed("an attribute occurs twice"));
            }
        }
        Ok(found)
    }
}
