//! The data that content controls are bound to: parts of custom XML and the properties of the file, read as small trees.

use std::collections::HashMap;

use crate::{
    clean::{CleanError, package::Package},
    xml::Token,
};

/// What is kept of all stores together. Genuine ones have some hundred elements.
const MOST_ELEMENTS: usize = 100_000;
const MOST_TEXT: usize = 4 << 20;
/// Properties have ids of their own instead of a part that tells them.
pub(super) const CORE: &str = "{6C3C8BC8-F283-45AE-878A-BAB7291924A1}";
pub(super) const EXTENDED: &str = "{6668398D-A668-4E3E-A5EB-62B293D839F1}";

/// All stores of a file.
#[derive(Debug, Default)]
pub(super) struct Stores {
    stores: Vec<(String, Tree)>,
}

#[derive(Debug, Default)]
struct Tree {
    /// The first one is the document, and has the root in it.
    nodes: Vec<Node>,
    /// The children of a node by their names, so that no path costs more than its steps.
    children: HashMap<(usize, String, String), Vec<usize>>,
}

#[derive(Debug, Default)]
struct Node {
    attributes: HashMap<String, String>,
    /// The text in it and in its children.
    text: String,
}

impl Stores {
    pub(super) fn read(package: &mut Package<'_>) -> Result<Self, CleanError> {
        let mut stores = Self::default();
        let mut room = (MOST_ELEMENTS, MOST_TEXT);
        let mut items: Vec<usize> =
            package.edges_of_parts().filter(|edge| edge.kind == "customxml").filter_map(|edge| edge.target).collect();
        items.sort_unstable();
        items.dedup();
        for item in items {
            let properties = package.edges(item).iter().find(|edge| edge.kind == "customxmlprops");
            let id = match properties.and_then(|edge| edge.target) {
                Some(properties) => item_id(package, properties)?,
                None => String::new(),
            };
            stores.add(package, item, id, &mut room)?;
        }
        for (ending, id) in
            [("package.core-properties+xml", CORE), ("officedocument.extended-properties+xml", EXTENDED)]
        {
            for part in package.of_type(ending) {
                stores.add(package, part, id.to_owned(), &mut room)?;
            }
        }
        Ok(stores)
    }

    fn add(
        &mut self,
        package: &mut Package<'_>,
        part: usize,
        id: String,
        room: &mut (usize, usize),
    ) -> Result<(), CleanError> {
        if !package.is_xml(part) {
            return Ok(());
        }
        let mut tree = Tree { nodes: vec![Node::default()], children: HashMap::new() };
        let mut open = vec![0];
        let read = package.walk(part, &mut |token| match token {
            Token::Open(tag) => {
                let parent = open.last().copied().unwrap_or_default();
                open.push(tree.nodes.len());
                if room.0 > 0 {
                    room.0 -= 1;
                    let named = (parent, tag.namespace().to_owned(), tag.name().to_owned());
                    tree.children.entry(named).or_default().push(tree.nodes.len());
                    let attributes = tag.values().map(|(name, value)| (name.to_owned(), value.into_owned())).collect();
                    tree.nodes.push(Node { attributes, text: String::new() });
                } else {
                    open.pop();
                    open.push(usize::MAX);
                }
            }
            Token::Close(_) => {
                open.pop();
            }
            Token::Text(text) => {
                for at in &open {
                    if let Some(node) = tree.nodes.get_mut(*at).filter(|_| room.1 > text.len()) {
                        room.1 -= text.len();
                        node.text.push_str(text);
                    }
                }
            }
        });
        // Data that is no XML is bound to nothing, and neither is what does not fit.
        if read.is_ok() && room.0 > 0 && room.1 > 0 {
            self.stores.push((id, tree));
        }
        Ok(())
    }

    /// What a binding (ECMA-376 part 1, 17.5.2.6) finds: in the store that it names, or in the first that has it.
    pub(super) fn find(&self, store: &str, prefixes: &str, path: &str) -> Option<&str> {
        let named = |id: &str| !store.is_empty() && id.eq_ignore_ascii_case(store);
        let own = self.stores.iter().filter(|(id, _)| named(id));
        let any = self.stores.iter().filter(|(id, _)| store.is_empty() && id != CORE && id != EXTENDED);
        let steps = steps(path, &declared(prefixes))?;
        own.chain(any).find_map(|(_, tree)| tree.find(&steps))
    }
}

fn item_id(package: &mut Package<'_>, part: usize) -> Result<String, CleanError> {
    let mut id = None;
    package.walk(part, &mut |token| {
        if let Token::Open(tag) = token
            && tag.name() == "datastoreItem"
            && id.is_none()
        {
            id = tag.prefixed_attribute("itemID").ok().flatten().map(std::borrow::Cow::into_owned);
        }
    })?;
    Ok(id.unwrap_or_default().trim().to_owned())
}

/// A step of a path: an element by its namespace and its place among those of its name, or an attribute.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    Element { namespace: String, name: String, place: usize },
    Attribute(String),
}

/// `xmlns:a='x' xmlns:b="y"` as pairs.
fn declared(prefixes: &str) -> HashMap<&str, &str> {
    let mut found = HashMap::new();
    let mut rest = prefixes;
    while let Some((name, after)) = rest.split_once('=') {
        let after = after.trim_start();
        let Some(quote) = after.chars().next().filter(|quote| matches!(quote, '"' | '\'')) else { break };
        let Some((value, left)) = after.get(1..).and_then(|value| value.split_once(quote)) else { break };
        found.insert(name.trim().strip_prefix("xmlns:").unwrap_or_default(), value);
        rest = left;
    }
    found
}

/// The paths that Word writes, `/a:b[1]/c[2]/@d`; nothing for others.
fn steps(path: &str, prefixes: &HashMap<&str, &str>) -> Option<Vec<Step>> {
    let path = path.trim().strip_prefix('/')?;
    let mut steps = Vec::new();
    for part in path.split('/').filter(|part| *part != "text()") {
        if let Some(name) = part.strip_prefix('@') {
            steps.push(Step::Attribute(name.rsplit(':').next()?.to_owned()));
            continue;
        }
        let (name, place) = match part.split_once('[') {
            Some((name, place)) => (name, place.strip_suffix(']')?.trim().parse().ok().filter(|place| *place > 0)?),
            None => (part, 1),
        };
        let (namespace, name) = match name.split_once(':') {
            Some((prefix, name)) => (*prefixes.get(prefix)?, name),
            None => ("", name),
        };
        let plain = |character: char| character.is_alphanumeric() || matches!(character, '_' | '-' | '.');
        if name.is_empty() || !name.chars().all(plain) {
            return None;
        }
        steps.push(Step::Element { namespace: namespace.to_owned(), name: name.to_owned(), place });
    }
    (!steps.is_empty()).then_some(steps)
}

impl Tree {
    fn find(&self, steps: &[Step]) -> Option<&str> {
        let mut at = 0;
        for step in steps {
            match step {
                Step::Attribute(name) => return self.nodes.get(at)?.attributes.get(name).map(String::as_str),
                Step::Element { namespace, name, place } => {
                    let named = self.children.get(&(at, namespace.clone(), name.clone()))?;
                    at = *named.get(place - 1)?;
                }
            }
        }
        Some(&self.nodes.get(at)?.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_as_word_writes_them_are_followed_and_others_are_not() {
        let mut tree = Tree { nodes: vec![Node::default()], children: HashMap::new() };
        for (parent, namespace, name, text) in
            [(0, "urn:x", "a", "onetwo"), (1, "urn:x", "b", "one"), (1, "urn:x", "b", "two"), (1, "", "b", "plain")]
        {
            let named = (parent, namespace.to_owned(), name.to_owned());
            tree.children.entry(named).or_default().push(tree.nodes.len());
            let attributes = HashMap::from([("d".to_owned(), format!("{text}!"))]);
            tree.nodes.push(Node { text: text.to_owned(), attributes });
        }
        let stores = Stores { stores: vec![("{A-1}".to_owned(), tree)] };
        let find = |path| stores.find("{a-1}", "xmlns:x='urn:x' xmlns:y=\"urn:y\"", path);
        for (path, found) in [
            ("/x:a[1]/x:b[2]", Some("two")),
            ("/x:a/x:b/text()", Some("one")),
            (" /x:a[1]/b[1]", Some("plain")),
            ("/x:a[1]/x:b[1]/@d", Some("one!")),
            ("/x:a[1]/x:b[3]", None),
            ("/y:a[1]", None),
            ("/z:a[1]", None),
            ("//x:b", None),
            ("/x:a[@d='1']", None),
            ("/x:a[0]", None),
            ("x:a", None),
            ("/", None),
        ] {
            assert_eq!(find(path), found, "{path}");
        }
        assert_eq!(stores.find("{B}", "", "/a"), None);
        assert_eq!(stores.find("", "xmlns:x='urn:x'", "/x:a/x:b"), Some("one"));
    }
}
