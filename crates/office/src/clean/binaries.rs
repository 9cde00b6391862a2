//! Parts that are no XML: pictures, and files inside the file. They are held in memory while they are looked into, one at a
//! time, within the bound for embedded files; a longer one is copied as it is.

use std::io::{BufRead, Cursor, Write};

use super::{CleanError, package::Package, plan::Plan, topics::Topics, write as write_package};
use crate::{
    checks::magic,
    kind::Kind,
    package::roles,
    picture,
    policy::Budget,
    xray::{SIGNATURE_TYPE, Topic},
};

/// What takes the place of a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Binary {
    /// The same picture without its details.
    Picture,
    /// A clean copy of the file inside the file.
    File,
}

/// What takes the place of an entry in a package that lies in `depth` files, if anything has to.
pub(super) fn look(
    package: &mut Package<'_>,
    index: usize,
    topics: Topics,
    depth: u32,
) -> Result<Option<Binary>, CleanError> {
    if package.is_xml(index) || roles::is_of_package(package.name(index)) || package.entry(index)?.is_directory() {
        return Ok(None);
    }
    let budget = package.budget().clone();
    let inner = depth < budget.depth && !topics.inside().is_empty();
    let bytes = package.read_head(index, &mut |reader| {
        let head = reader.fill_buf().unwrap_or_default();
        let wanted = topics.has(Topic::PictureData) && picture::is_known(head);
        if wanted || (inner && head.starts_with(&magic::ZIP)) { reader.collect(budget.embedded) } else { None }
    })?;
    match bytes {
        Some(bytes) if bytes.starts_with(&magic::ZIP) => {
            let changes = within(&bytes, &budget, |mut package, kind| {
                Ok(Plan::make(&mut package, kind, topics.inside(), depth + 1)?.changes())
            })?;
            Ok((changes == Some(true)).then_some(Binary::File))
        }
        Some(bytes) => Ok(picture::bare(&bytes).map(|_| Binary::Picture)),
        None => Ok(None),
    }
}

/// Writes what takes the place of an entry. Answers with the signatures inside that are broken by it.
pub(super) fn write(
    binary: Binary,
    bytes: &[u8],
    output: &mut dyn Write,
    topics: Topics,
    budget: &Budget,
    depth: u32,
) -> Result<u64, CleanError> {
    let written = match binary {
        Binary::Picture => picture::bare(bytes).map(|bare| output.write_all(&bare.bytes)).transpose()?.map(|()| 0),
        Binary::File => within(bytes, budget, |mut package, kind| {
            let plan = Plan::make(&mut package, kind, topics.inside(), depth + 1)?;
            let signatures = if topics.has(Topic::Signatures) { 0 } else { package.of_type(SIGNATURE_TYPE).len() };
            let cleaned = write_package(package, &plan, output, budget, depth + 1)?;
            Ok(cleaned.broken_signatures + signatures as u64)
        })?,
    };
    written.ok_or_else(CleanError::unexpected)
}

/// The content of an entry that [`look`] has found to be within the bound.
pub(super) fn content(package: &mut Package<'_>, index: usize) -> Result<Vec<u8>, CleanError> {
    let limit = package.budget().embedded;
    let bytes = package.read(index, &mut |reader| Ok(reader.collect(limit)))?;
    bytes.ok_or_else(CleanError::unexpected)
}

/// Does something with the package that these bytes are; nothing where they are none, or no Office file.
fn within<T>(
    bytes: &[u8],
    budget: &Budget,
    work: impl FnOnce(Package<'_>, Kind) -> Result<T, CleanError>,
) -> Result<Option<T>, CleanError> {
    let mut input = Cursor::new(bytes);
    let package = match Package::open(&mut input, budget) {
        Ok(package) => package,
        Err(CleanError::Refused(_)) => return Ok(None),
        Err(error) => return Err(error),
    };
    let kind = package.main().and_then(|main| roles::family(package.content_type(main)));
    kind.map(|kind| work(package, kind)).transpose()
}
