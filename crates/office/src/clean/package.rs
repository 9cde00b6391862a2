//! The package that is being cleaned: its entries, their types, and what leads from part to part.

use std::{
    collections::{HashMap, HashSet},
    io::BufRead,
};

use super::{CleanError, rewrite::Links};
use crate::{
    package::{
        content_types::{self, ContentTypes},
        relationships,
        roles::{self, Roles},
    },
    policy::Budget,
    xml::{self, Rigour, Token},
    zip::{self, Archive, Entry, EntryReader, Inflater, Limits, ReadSeek, Source, Spent, bytes::u32_at},
};

/// Bytes of ids and types that are kept of all relationships together. A sheet may have 65,530 hyperlinks.
const MOST_NAMES: usize = 64 << 20;

/// Bytes of a local header before the name.
const LOCAL_LENGTH: usize = 30;

/// What leads from one part to another.
#[derive(Debug)]
pub(super) struct Edge {
    pub(super) id: String,
    /// The last segment of its type, in lower case.
    pub(super) kind: String,
    /// Whether it leads from the package to the document.
    is_main: bool,
    /// The entry that it leads to, if it leads to one.
    pub(super) target: Option<usize>,
}

/// The relationships of one part.
#[derive(Debug)]
pub(super) struct Relations {
    /// The entry that holds them.
    pub(super) entry: usize,
    /// Whether they are those of the package itself.
    pub(super) of_package: bool,
    /// The entry they belong to, if there is one.
    pub(super) owner: Option<usize>,
    pub(super) edges: Vec<Edge>,
}

/// A package that has passed the inspection.
pub(super) struct Package<'i> {
    pub(super) source: Source<'i>,
    pub(super) archive: Archive,
    pub(super) types: ContentTypes,
    roles: Roles,
    pub(super) relations: Vec<Relations>,
    /// Where the relationships of a part are in that list.
    by_owner: HashMap<usize, usize>,
    budget: Budget,
    inflater: Inflater,
}

impl<'i> Package<'i> {
    pub(super) fn open(input: &'i mut dyn ReadSeek, budget: &Budget) -> Result<Self, CleanError> {
        let mut source = Source::new(input)?;
        let archive = zip::read_archive(&mut source, budget, budget.entries)?;
        let (types, roles) = (ContentTypes::default(), Roles::default());
        let (relations, by_owner) = (Vec::new(), HashMap::new());
        let (budget, inflater) = (budget.clone(), Inflater::new());
        let mut package = Self { source, archive, types, roles, relations, by_owner, budget, inflater };
        if let Some(index) = package.archive.find(content_types::PART) {
            package.types = package.read(index, &mut |reader| Ok(ContentTypes::read(reader)?))?;
        }
        package.relations = package.read_relations()?;
        let owners = package.relations.iter().enumerate();
        package.by_owner = owners.filter_map(|(at, relations)| Some((relations.owner?, at))).collect();
        let names = package.archive.entries.iter().map(|entry| entry.name.as_str());
        let edges = package.edges_of_parts().filter_map(|edge| Some((edge.kind.as_str(), edge.target?)));
        package.roles = Roles::find(names, &package.types, edges, package.main());
        Ok(package)
    }

    pub(super) fn budget(&self) -> &Budget {
        &self.budget
    }

    /// The type of a part.
    pub(super) fn content_type(&self, index: usize) -> &str {
        self.roles.of(index).unwrap_or_else(|| self.types.of(self.name(index)))
    }

    /// All relationships of the package and of parts that are there.
    pub(super) fn edges_of_parts(&self) -> impl Iterator<Item = &Edge> {
        let of_parts = self.relations.iter().filter(|relations| relations.of_package || relations.owner.is_some());
        of_parts.flat_map(|relations| &relations.edges)
    }

    pub(super) fn entry(&self, index: usize) -> Result<&Entry, CleanError> {
        self.archive.entries.get(index).ok_or_else(CleanError::unexpected)
    }

    pub(super) fn name(&self, index: usize) -> &str {
        self.archive.entries.get(index).map_or("", |entry| entry.name.as_str())
    }

    /// Time and date of an entry, as its local header has them.
    pub(super) fn time(&mut self, index: usize) -> Result<[u8; 4], CleanError> {
        self.source.seek(self.entry(index)?.offset)?;
        let header = self.source.take(LOCAL_LENGTH)?;
        Ok(u32_at(&header, 10).to_le_bytes())
    }

    /// Whether a part is XML.
    pub(super) fn is_xml(&self, index: usize) -> bool {
        content_types::is_xml(self.content_type(index))
    }

    /// The relationships of a part.
    pub(super) fn edges(&self, owner: usize) -> &[Edge] {
        self.by_owner.get(&owner).and_then(|at| self.relations.get(*at)).map_or(&[], |relations| &relations.edges)
    }

    /// The relationships of a part as its rewriting needs them.
    pub(super) fn links(&self, owner: usize, severed: &dyn Fn(&Edge) -> bool) -> Links {
        let edges = self.edges(owner);
        let ids = |edges: &mut dyn Iterator<Item = &Edge>| edges.map(|edge| edge.id.clone()).collect();
        let severed = ids(&mut edges.iter().filter(|edge| severed(edge)));
        Links { known: ids(&mut edges.iter()), severed }
    }

    /// The parts that can be reached from the package by edges that `open` lets pass.
    pub(super) fn reachable(&self, open: &dyn Fn(&Relations, &Edge) -> bool) -> HashSet<usize> {
        let of_package = self.relations.iter().filter(|relations| relations.of_package);
        let mut next: Vec<&Relations> = of_package.collect();
        let mut reached = HashSet::new();
        while let Some(relations) = next.pop() {
            let open = relations.edges.iter().filter(|edge| open(relations, edge));
            for target in open.filter_map(|edge| edge.target) {
                if reached.insert(target) {
                    next.extend(self.by_owner.get(&target).and_then(|at| self.relations.get(*at)));
                }
            }
        }
        reached
    }

    /// Shows the content of a part. It is counted anew each time, with the bounds of the inspection.
    pub(super) fn read<T>(
        &mut self,
        index: usize,
        see: &mut dyn FnMut(&mut EntryReader<'_, '_>) -> Result<T, CleanError>,
    ) -> Result<T, CleanError> {
        let (limits, mut spent) = (Limits::new(&self.budget, true), Spent::default());
        let opened = zip::open(&mut self.source, &self.archive, index, &mut self.inflater, &mut spent, limits)?;
        let Some(mut reader) = opened else { return Err(CleanError::unexpected()) };
        let seen = see(&mut reader);
        // What is wrong with the entry itself explains best why its reader has failed.
        reader.finish()?;
        seen
    }

    /// Shows the beginning of a part. What is not asked for is not read.
    pub(super) fn read_head<T>(
        &mut self,
        index: usize,
        see: &mut dyn FnMut(&mut EntryReader<'_, '_>) -> T,
    ) -> Result<T, CleanError> {
        let (limits, mut spent) = (Limits::new(&self.budget, true), Spent::default());
        let opened = zip::open(&mut self.source, &self.archive, index, &mut self.inflater, &mut spent, limits)?;
        let Some(mut reader) = opened else { return Err(CleanError::unexpected()) };
        Ok(see(&mut reader))
    }

    /// Walks an XML part.
    pub(super) fn walk(&mut self, index: usize, see: &mut dyn FnMut(Token<'_>)) -> Result<(), CleanError> {
        let drawing = self.content_type(index).contains("vmldrawing");
        let rigour = if drawing { Rigour::Lenient } else { Rigour::Strict };
        self.read(index, &mut |reader| {
            xml::walk(reader, rigour, &mut |token| {
                see(token);
                Ok(())
            })?;
            Ok(())
        })
    }

    /// The parts of a type, by how it ends.
    pub(super) fn of_type(&self, ending: &str) -> Vec<usize> {
        (0..self.archive.entries.len()).filter(|index| self.content_type(*index).ends_with(ending)).collect()
    }

    /// The part to which the package leads as its document.
    pub(super) fn main(&self) -> Option<usize> {
        let of_package = self.relations.iter().find(|relations| relations.of_package)?;
        of_package.edges.iter().find(|edge| edge.is_main)?.target
    }

    /// Whether there is no package without this entry: it is one of its own, or the document.
    pub(super) fn is_needed(&self, index: usize) -> bool {
        Some(index) == self.main() || roles::is_of_package(self.name(index))
    }

    fn read_relations(&mut self) -> Result<Vec<Relations>, CleanError> {
        let files = self.archive.entries.iter().enumerate().filter(|(_, entry)| !entry.is_directory());
        let by_name: HashMap<String, usize> = files.map(|(index, entry)| (zip::key(&entry.name), index)).collect();
        let holders = (0..self.archive.entries.len()).filter(|index| relationships::is_followed(self.name(*index)));
        let mut all = Vec::new();
        let mut names = 0;
        for entry in holders.collect::<Vec<_>>() {
            let owner = relationships::owner(self.name(entry));
            let folder = relationships::parent(&owner);
            let mut edges = Vec::new();
            self.read(entry, &mut |reader: &mut EntryReader<'_, '_>| {
                let reader: &mut dyn BufRead = reader;
                relationships::read(reader, &mut |relationship| {
                    let inside = (!relationship.external).then(|| relationships::resolve(folder, &relationship.target));
                    let target = inside.and_then(|name| by_name.get(&name).copied());
                    let (kind, is_main) = (relationship.name(), relationship.is_main());
                    names += kind.len() + relationship.id.len();
                    if names <= MOST_NAMES {
                        edges.push(Edge { id: relationship.id, kind, is_main, target });
                    }
                })?;
                Ok(())
            })?;
            let of_package = owner.is_empty();
            let owner = by_name.get(&zip::key(&owner)).copied();
            all.push(Relations { entry, of_package, owner, edges });
        }
        if names > MOST_NAMES {
            return Err(CleanError::Impossible("The file has more relationships than a copy can keep track of."));
        }
        Ok(all)
    }
}
