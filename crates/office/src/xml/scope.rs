//! Namespaces in scope, and a start tag with its own.

use std::borrow::Cow;

use quick_xml::{XmlVersion, events::BytesStart};

use super::Objection;
use crate::finding::Code;

/// Bindings in scope at once. Genuine parts declare about 40.
const MOST_BINDINGS: usize = 1024;

struct Binding {
    depth: usize,
    prefix: String,
    namespace: String,
}

/// The namespace declarations of the open elements.
#[derive(Default)]
pub(super) struct Scope {
    bindings: Vec<Binding>,
}

impl Scope {
    /// Takes note of an attribute if it declares a namespace.
    pub(super) fn declare(&mut self, depth: usize, name: &str, value: &str) -> Result<(), Objection> {
        let prefix = match name.strip_prefix("xmlns") {
            None => return Ok(()),
            Some("") => "",
            Some(prefix) if prefix.starts_with(':') => &prefix[1..],
            _ => return Ok(()),
        };
        if self.bindings.len() >= MOST_BINDINGS {
            return Err(Objection::new(Code::XmlTooComplex, "namespaces"));
        }
        let namespace = quick_xml::escape::unescape(value).map_err(|_| Objection::malformed("namespace"))?;
        self.bindings.push(Binding { depth, prefix: prefix.to_owned(), namespace: namespace.into_owned() });
        Ok(())
    }

    /// Forgets what the element at this depth declared.
    pub(super) fn leave(&mut self, depth: usize) {
        while self.bindings.last().is_some_and(|binding| binding.depth >= depth) {
            self.bindings.pop();
        }
    }

    fn namespace(&self, name: &str) -> &str {
        let prefix = name.split_once(':').map_or("", |(prefix, _)| prefix);
        let found = self.bindings.iter().rev().find(|binding| binding.prefix == prefix);
        found.map_or("", |binding| &binding.namespace)
    }
}

/// A start tag.
#[derive(Clone, Copy)]
pub(crate) struct Tag<'a> {
    pub(super) start: &'a BytesStart<'a>,
    pub(super) name: &'a str,
    pub(super) scope: &'a Scope,
}

impl<'a> Tag<'a> {
    /// The name without its prefix.
    pub(crate) fn name(&self) -> &'a str {
        self.name
    }

    /// The namespace of the element; empty when it has none.
    pub(crate) fn namespace(&self) -> &'a str {
        self.scope.namespace(self.start.name().0)
    }

    /// The value of the attribute of exactly this name, with references resolved.
    pub(crate) fn attribute(&self, name: &str) -> Result<Option<Cow<'a, str>>, Objection> {
        self.find(|key| key == name)
    }

    /// The value of the attribute of this name with any prefix. Two of them cannot be told apart here
    /// and are no work of Office.
    pub(crate) fn prefixed_attribute(&self, name: &str) -> Result<Option<Cow<'a, str>>, Objection> {
        self.find(|key| key.rsplit(':').next() == Some(name))
    }

    /// The value of the attribute of this name with a prefix, where there is one without as well: `r:id`
    /// beside `id`.
    pub(crate) fn foreign_attribute(&self, name: &str) -> Result<Option<Cow<'a, str>>, Objection> {
        self.find(|key| key.split_once(':').is_some_and(|(_, local)| local == name))
    }

    /// The names, without their prefixes, and the values of all attributes.
    pub(crate) fn values(&self) -> impl Iterator<Item = (&'a str, Cow<'a, str>)> {
        let mut attributes = self.start.attributes();
        attributes.with_checks(false);
        attributes.flatten().filter_map(|attribute| {
            let name = attribute.key.0.rsplit(':').next().unwrap_or_default();
            Some((name, attribute.normalized_value(XmlVersion::Implicit1_0).ok()?))
        })
    }

    /// Whether there is an attribute whose name without its prefix is `wanted`.
    pub(crate) fn carries(&self, wanted: impl Fn(&str) -> bool) -> bool {
        let mut attributes = self.start.attributes();
        let local = |key: &'a str| key.rsplit(':').next().unwrap_or_default();
        attributes.with_checks(false).flatten().any(|attribute| wanted(local(attribute.key.0)))
    }

    fn find(&self, wanted: impl Fn(&str) -> bool) -> Result<Option<Cow<'a, str>>, Objection> {
        let mut found = None;
        for attribute in self.start.attributes().with_checks(false) {
            // What is ill-formed was judged when the tag was opened.
            let Ok(attribute) = attribute else { continue };
            if !wanted(attribute.key.0) {
                continue;
            }
            let value = attribute.normalized_value(XmlVersion::Implicit1_0);
            if found.replace(value.map_err(|_| Objection::malformed("attribute"))?).is_some() {
                return Err(Objection::malformed("an attribute occurs twice"));
            }
        }
        Ok(found)
    }
}
