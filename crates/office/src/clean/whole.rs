//! Whether what was written is a whole package. This is read from the copy's own lists and not from the plan: what the
//! plan has got wrong shows here.

use std::{
    collections::{HashMap, HashSet},
    io::{self, Write},
};

use super::{CleanError, package::Package};
use crate::{
    package::{
        content_types::{self, ContentTypes},
        relationships, roles,
    },
    xml::Objection,
    zip,
};

const NOT_WHOLE: CleanError =
    CleanError::Impossible("What would be left of this file is not whole, so that no copy of it is made.");

/// What has been written so far.
#[derive(Debug, Default)]
pub(super) struct Written {
    /// The entries that are in the copy, by their index in the original.
    entries: HashSet<usize>,
    /// The new content of the package's own parts.
    lists: HashMap<usize, Vec<u8>>,
}

/// Passes on what is written, and keeps what has to be read again.
pub(super) struct Tee<'t> {
    pub(super) output: &'t mut dyn Write,
    pub(super) kept: Option<&'t mut Vec<u8>>,
}

impl Write for Tee<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.output.write(bytes)?;
        if let Some(kept) = &mut self.kept {
            kept.extend_from_slice(bytes.get(..count).unwrap_or_default());
        }
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.output.flush()
    }
}

impl Written {
    pub(super) fn add(&mut self, index: usize) {
        self.entries.insert(index);
    }

    /// Where the new content of an entry is kept, if the package reads it.
    pub(super) fn list(&mut self, index: usize, name: &str) -> Option<&mut Vec<u8>> {
        roles::is_of_package(name).then(|| self.lists.entry(index).or_default())
    }

    /// Every part has the type that it had, and every relationship leads to a part that is there, if it did before.
    pub(super) fn check(&self, package: &Package<'_>) -> Result<(), CleanError> {
        let types = package.archive.find(content_types::PART).filter(|index| self.entries.contains(index));
        let types = types.ok_or(NOT_WHOLE)?;
        let of_copy = match self.lists.get(&types) {
            Some(list) => Some(ContentTypes::read(&mut list.as_slice()).map_err(not_whole)?),
            None => None,
        };
        let of_copy = of_copy.as_ref().unwrap_or(&package.types);
        let keeps_type = |index: &usize| of_copy.of(package.name(*index)) == package.types.of(package.name(*index));
        let is_whole = self.entries.iter().filter(|index| **index != types).all(keeps_type)
            && package.main().is_some_and(|main| self.entries.contains(&main) && self.leads_to_main(package, main));
        if is_whole && self.leads_nowhere_else(package)? { Ok(()) } else { Err(NOT_WHOLE) }
    }

    fn leads_to_main(&self, package: &Package<'_>, main: usize) -> bool {
        let of_package = package.relations.iter().filter(|relations| relations.of_package);
        let mut of_package = of_package.filter(|relations| self.entries.contains(&relations.entry));
        of_package.any(|relations| match self.lists.get(&relations.entry) {
            None => true,
            Some(list) => {
                let name = zip::key(package.name(main));
                let mut found = false;
                let read = relationships::read(&mut list.as_slice(), &mut |relationship| {
                    found |= relationship.is_main() && relationships::resolve("", &relationship.target) == name;
                });
                read.is_ok() && found
            }
        })
    }

    fn leads_nowhere_else(&self, package: &Package<'_>) -> Result<bool, CleanError> {
        let missing = |index: &usize| !self.entries.contains(index);
        let names = (0..package.archive.entries.len()).filter(missing).map(|index| zip::key(package.name(index)));
        let missing_names: HashSet<String> = names.collect();
        let mut complete = true;
        for relations in package.relations.iter().filter(|relations| self.entries.contains(&relations.entry)) {
            let Some(list) = self.lists.get(&relations.entry) else {
                complete &= !relations.edges.iter().filter_map(|edge| edge.target.as_ref()).any(missing);
                continue;
            };
            let owner = relationships::owner(package.name(relations.entry));
            let folder = relationships::parent(&owner);
            relationships::read(&mut list.as_slice(), &mut |relationship| {
                let target = relationships::resolve(folder, &relationship.target);
                complete &= relationship.external || !missing_names.contains(&target);
            })
            .map_err(not_whole)?;
        }
        Ok(complete)
    }
}

fn not_whole(_: Objection) -> CleanError {
    NOT_WHOLE
}
