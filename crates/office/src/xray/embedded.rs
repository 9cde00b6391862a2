//! What files inside the file tell, as far as a clean copy can be without it.

use std::io::{self, Cursor};

use super::{Xray, gathered::Gathered, parts::Parts, topic::Removal, within};
use crate::{
    checks::magic,
    kind::Kind,
    package::{content_types, roles},
    policy::Budget,
};

/// Reads every Office file inside a file that lies in `depth` others.
pub(super) fn read(parts: &mut Parts<'_>, budget: &Budget, depth: u32, gathered: &mut Gathered) -> io::Result<()> {
    if depth >= budget.depth {
        return Ok(());
    }
    for part in parts.all() {
        if content_types::is_xml(parts.content_type(part)) {
            continue;
        }
        let bytes = parts.bytes_if(part, budget.embedded, &|head| head.starts_with(&magic::ZIP))?;
        let Some(bytes) = bytes else { continue };
        let Some(kind) = kind(&bytes, budget)? else { continue };
        let Xray { sections, .. } = within(&mut Cursor::new(&bytes), kind, budget, depth + 1)?;
        let place = parts
            .place(part)
            .map_or_else(|| parts.file_name(part).to_owned(), |place| format!("{place}, {}", parts.file_name(part)));
        for section in sections {
            if section.topic.removal() == Removal::Unseen {
                gathered.absorb(section, &place);
            }
        }
    }
    Ok(())
}

/// The kind of an Office file; nothing where it is none.
fn kind(bytes: &[u8], budget: &Budget) -> io::Result<Option<Kind>> {
    let mut input = Cursor::new(bytes);
    let parts = Parts::open(&mut input, budget)?;
    Ok(parts.and_then(|parts| roles::family(parts.content_type(parts.main()?))))
}
