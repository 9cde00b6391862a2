//! Namespaces in scope, and a start tag with its own.

use std::borrow::Cow;

use super::{
    Objection, Rigour,
    grammar::{Attribute, Name, value},
};
use crate::finding::Code;

/// Bindings in scope at once. Genuine parts declare about 40.
const MOST_BINDINGS: usize = 1024;
/// Above so many attributes of an element, equal ones are searched for by sorting.
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
    /// Where a prefix was found last, by its length and first letter.
    found: [usize; 16],
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
        }
    }

    /// Whether the prefix of a name, if it has one, is declared.
    #[inline]
    pub(super) fn knows(&mut self, text: &str, name: Name) -> bool {
        let Some(prefix) = name.prefix(text) else { return true };
        let slot = prefix.bytes().next().map_or(0, |first| (usize::from(first) + prefix.len()) % self.found.len());
        let is_it = |binding: &Binding| binding.prefix == prefix;
        if self.found.get(slot).and_then(|&index| self.bindings.get(index)).is_some_and(is_it) {
            return true;
        }
        match self.bindings.iter().rposition(is_it) {
            Some(index) => {
                self.found[slot] = index;
                true
            }
            None => prefix == "xml",
        }
    }

    /// Whether one attribute is written twice, or two are the same one by their namespaces. Their prefixes are known.
    pub(super) fn are_distinct(&self, text: &str, attributes: &[Attribute]) -> bool {
        let names = || attributes.iter().map(|attribute| attribute.name);
        let is_prefixed = |name: &Name| name.prefix(text).is_some_and(|prefix| prefix != "xmlns");
        if attributes.len() > FEW {
            let mut written: Vec<&str> = names().map(|name| name.of(text)).collect();
            written.sort_unstable();
            let prefixed = names().filter(is_prefixed);
            let mut expanded: Vec<_> = prefixed.map(|name| (name.local(text), self.namespace(text, name))).collect();
            expanded.sort_unstable();
            return written.is_sorted_by(|one, other| one < other) && expanded.is_sorted_by(|one, other| one < other);
        }
        names().enumerate().all(|(index, name)| {
            names().take(index).all(|earlier| {
                let both_prefixed = || is_prefixed(&name) && is_prefixed(&earlier);
                let same_name = || name.local(text) == earlier.local(text);
                let same_namespace = || self.namespace(text, name) == self.namespace(text, earlier);
                name.of(text) != earlier.of(text) && !(both_prefixed() && same_name() && same_namespace())
            })
        })
    }

    fn namespace(&self, text: &str, name: Name) -> &str {
        let prefix = name.prefix(text).unwrap_or_default();
        let found = self.bindings.iter().rev().find(|binding| binding.prefix == prefix);
        let unbound = if prefix == "xml" { XML } else { "" };
        found.map_or(unbound, |binding| &binding.namespace)
    }
}

/// A start tag.
#[derive(Clone, Copy)]
pub(crate) struct Tag<'a> {
    pub(super) text: &'a str,
    pub(super) name: Name,
    pub(super) attributes: &'a [Attribute],
    pub(super) scope: &'a Scope,
}

impl<'a> Tag<'a> {
    /// The name without its prefix.
    pub(crate) fn name(&self) -> &'a str {
        self.name.local(self.text)
    }

    /// The namespace of the element; empty when it has none.
    pub(crate) fn namespace(&self) -> &'a str {
        self.scope.namespace(self.text, self.name)
    }

    /// The value of the attribute of exactly this name, with references resolved.
    pub(crate) fn attribute(&self, name: &str) -> Result<Option<Cow<'a, str>>, Objection> {
        self.find(|key| key.of(self.text) == name)
    }

    /// The value of the attribute of this name with any prefix. Two of them cannot be told apart here
    /// and are no work of Office.
    pub(crate) fn prefixed_attribute(&self, name: &str) -> Result<Option<Cow<'a, str>>, Objection> {
        self.find(|key| key.local(self.text) == name)
    }

    /// The value of the attribute of this name with a prefix, where there is one without as well: `r:id`
    /// beside `id`.
    pub(crate) fn foreign_attribute(&self, name: &str) -> Result<Option<Cow<'a, str>>, Objection> {
        self.find(|key| key.prefix(self.text).is_some() && key.local(self.text) == name)
    }

    /// Whether there is an attribute whose name without its prefix is `wanted`.
    pub(crate) fn carries(&self, wanted: impl Fn(&str) -> bool) -> bool {
        self.attributes.iter().any(|attribute| wanted(attribute.name.local(self.text)))
    }

    fn find(&self, wanted: impl Fn(Name) -> bool) -> Result<Option<Cow<'a, str>>, Objection> {
        let mut found = None;
        for attribute in self.attributes.iter().filter(|attribute| wanted(attribute.name)) {
            if found.replace(attribute.value(self.text)).is_some() {
                return Err(Objection::malformed("an attribute occurs twice"));
            }
        }
        Ok(found)
    }
}
