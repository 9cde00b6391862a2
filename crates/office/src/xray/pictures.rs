//! What pictures tell besides what is seen, and where they came from.

use std::io;

use super::{Item, Topic, gathered::Gathered, parts::Parts};
use crate::{
    package::content_types,
    picture::{self, Details},
    policy::Budget,
};

/// Bytes of all PNG together that are read beyond their first ones. Everything else that an X-ray reads is text.
const MOST_BEYOND: u64 = 16 << 20;

/// Reads the pictures and the descriptions of drawings.
pub(super) fn read(parts: &mut Parts<'_>, budget: &Budget, gathered: &mut Gathered) -> io::Result<()> {
    for (part, label, text) in parts.origins()? {
        gathered.add_once(Topic::Metadata, Item::new(&text).labelled(label).within(parts.place(part)));
    }
    for part in parts.targets("printersettings") {
        let head = parts.beginning(part, &|_| Some(64))?.unwrap_or_default();
        gathered.add(Topic::Metadata, Item::new(&printer(&head)).labelled("printer").within(parts.place(part)));
    }
    let mut room = MOST_BEYOND;
    for part in parts.all() {
        if content_types::is_xml(parts.content_type(part)) {
            continue;
        }
        let wanted = |head: &[u8]| {
            let most = if picture::is_png(head) { head.len() as u64 + room } else { budget.embedded };
            picture::is_known(head).then(|| picture::telling(head).min(most))
        };
        let bytes = parts.beginning(part, &wanted)?;
        if let Some(bytes) = bytes.as_deref().filter(|bytes| picture::is_png(bytes)) {
            room = room.saturating_sub(bytes.len() as u64);
        }
        if let Some(bare) = bytes.and_then(|bytes| picture::bare(&bytes)) {
            gathered.add(Topic::PictureData, item(parts.file_name(part), &bare.details).within(parts.place(part)));
        }
    }
    Ok(())
}

/// `image1.jpeg (Example Camera 9)`, with the person, the time, and whether the place is told.
fn item(name: &str, details: &Details) -> Item {
    let device = details.device.as_deref().map_or_else(String::new, |device| format!(" ({device})"));
    let label = if details.location { "with_location" } else { "details" };
    // Exif divides the parts of a date by colons.
    let time = details.time.as_deref().map(|time| match (time.get(..10), time.get(11..)) {
        (Some(day), Some(rest)) if time.get(4..5) == Some(":") => format!("{}T{rest}", day.replace(':', "-")),
        _ => time.to_owned(),
    });
    Item::new(&format!("{name}{device}")).labelled(label).by(details.person.as_deref()).at(time.as_deref())
}

/// The name in the settings of a printer: the first field of what Windows keeps (`DEVMODEW`).
fn printer(settings: &[u8]) -> String {
    let units = settings.get(..64).unwrap_or_default().chunks_exact(2);
    let units: Vec<u16> =
        units.map(|pair| u16::from_le_bytes([pair[0], pair[1]])).take_while(|unit| *unit != 0).collect();
    let name = String::from_utf16_lossy(&units);
    // Those of a Macintosh are XML.
    if name.chars().all(|character| !character.is_control() && character != '\u{fffd}') && !settings.starts_with(b"<") {
        name
    } else {
        String::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_printer_has_the_name_that_windows_gives_it() {
        let settings = |name: &str| {
            let mut bytes: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
            bytes.resize(220, 0);
            bytes
        };
        assert_eq!(printer(&settings("\\\\server\\Laser 2")), "\\\\server\\Laser 2");
        assert_eq!(printer(b"<?xml version='1.0'?><plist/>"), "");
        assert_eq!(printer(b"x"), "");
    }
}
