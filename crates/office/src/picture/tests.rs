use proptest::prelude::*;

use super::*;

/// Exif as a camera writes it: orientation, camera, artist, time, place.
fn tags(orientation: u16) -> Vec<u8> {
    let values = [
        (0x010F, &b"Example\0"[..]),
        (0x0110, b"Camera 9\0"),
        (0x013B, b"Ana Example\0"),
        (0x0132, b"2026:03:04 05:06:07\0"),
    ];
    let count = values.len() + 2;
    let mut value_at = 8 + 2 + count * 12 + 4;
    let mut entries = Vec::new();
    let mut behind = Vec::new();
    let mut entry = |tag: u16, kind: u16, count: u32, value: u32| {
        entries
            .extend([&tag.to_be_bytes()[..], &kind.to_be_bytes(), &count.to_be_bytes(), &value.to_be_bytes()].concat());
    };
    entry(0x0112, 3, 1, u32::from(orientation) << 16);
    for (tag, value) in values {
        entry(tag, 2, value.len() as u32, value_at as u32);
        value_at += value.len();
        behind.extend_from_slice(value);
    }
    entry(0x8825, 4, 1, value_at as u32);
    behind.extend([0, 1, 0, 1, 0, 2, 0, 0, 0, 2, b'N', 0, 0, 0, 0, 0, 0, 0]);
    [&b"MM\0*\0\0\0\x08"[..], &(count as u16).to_be_bytes(), &entries, &[0; 4], &behind].concat()
}

fn segment(marker: u8, content: &[u8]) -> Vec<u8> {
    [&[0xFF, marker][..], &(content.len() as u16 + 2).to_be_bytes(), content].concat()
}

fn jpeg(segments: &[Vec<u8>], behind: &[u8]) -> Vec<u8> {
    let scan = [&segment(0xDA, &[1, 2, 3])[..], &[9, 0xFF, 0, 8, 0xFF, 0xD0, 7, 0xFF, 0xD9]].concat();
    [&[0xFF, 0xD8][..], &segments.concat(), &segment(0xDB, &[5; 9]), &scan, behind].concat()
}

fn chunk(name: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let named = [&name[..], content].concat();
    [&(content.len() as u32).to_be_bytes()[..], &named, &crc32fast::hash(&named).to_be_bytes()].concat()
}

fn png(chunks: &[Vec<u8>]) -> Vec<u8> {
    [png::SIGNATURE, &chunk(b"IHDR", &[1; 13]), &chunks.concat(), &chunk(b"IDAT", &[2; 9]), &chunk(b"IEND", b"")]
        .concat()
}

fn webp(chunks: &[(&[u8; 4], Vec<u8>)]) -> Vec<u8> {
    let written = chunks.iter().flat_map(|(name, content)| {
        [&name[..], &(content.len() as u32).to_le_bytes(), content, &[0][..content.len() % 2]].concat()
    });
    let written: Vec<u8> = written.collect();
    [&b"RIFF"[..], &(written.len() as u32 + 4).to_le_bytes(), b"WEBP", &written].concat()
}

/// Taken out once, there is nothing left to take out.
fn taken(bytes: &[u8]) -> (Vec<u8>, Details) {
    assert!(is_known(bytes));
    let Bare { bytes, details } = bare(bytes).expect("details");
    assert!(bare(&bytes).is_none(), "a second time");
    (bytes, details)
}

fn with_exif(essence: &[u8]) -> Vec<u8> {
    [b"Exif\0\0", essence].concat()
}

#[test]
fn a_photograph_keeps_its_orientation_profile_and_data() {
    let jfif = segment(0xE0, b"JFIF\0\x01\x01\x01\0\x48\0\x48\0\0");
    let profile = segment(0xE2, b"ICC_PROFILE\0\x01\x01profile");
    let adobe = segment(0xEE, b"Adobe\0\x64\0\0\0\0\x01");
    let personal = [
        segment(0xE1, &with_exif(&tags(6))),
        segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x exif:GPSLatitude='1'/>"),
        segment(0xED, b"Photoshop 3.0\0x"),
        segment(0xE2, b"MPF\0x"),
        segment(0xFE, b"by Ana Example"),
    ]
    .concat();
    let (bytes, details) = taken(&jpeg(&[jfif.clone(), personal, profile.clone(), adobe.clone()], &jpeg(&[], b"")));
    let essence = exif::essence(&tags(6)).expect("an orientation");
    assert_eq!(bytes, jpeg(&[jfif.clone(), segment(0xE1, &with_exif(&essence)), profile, adobe], b""));
    assert_eq!(
        details,
        Details {
            location: true,
            device: Some("Example Camera 9".to_owned()),
            person: Some("Ana Example".to_owned()),
            time: Some("2026:03:04 05:06:07".to_owned()),
            any: true,
        }
    );
    assert!(bare(&jpeg(std::slice::from_ref(&jfif), b"")).is_none());
    // What lies as it was taken needs no tag.
    assert_eq!(taken(&jpeg(&[jfif.clone(), segment(0xE1, &with_exif(&tags(1)))], b"")).0, jpeg(&[jfif], b""));
}

#[test]
fn no_more_of_a_photograph_is_read_than_tells_of_it() {
    let whole = jpeg(&[segment(0xE1, &with_exif(&tags(6))), segment(0xE2, &[0; 5_000])], &[7; 5_000]);
    assert!(telling(&whole[..4_000]) > whole.len() as u64);
    let head = &whole[..6_000];
    assert_eq!(telling(head), 6_000);
    assert_eq!(bare(head).map(|bare| bare.details), Some(exif::details(&tags(6))));
}

#[test]
fn texts_go_from_png_and_everything_that_is_seen_stays() {
    let seen = [chunk(b"iCCP", b"profile"), chunk(b"pHYs", &[0; 9]), chunk(b"tRNS", &[1]), chunk(b"acTL", &[0; 8])];
    let unseen = [
        chunk(b"tEXt", b"Author\0Ana Example"),
        chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0<x/>"),
        chunk(b"tIME", &[7; 7]),
    ];
    let exif = chunk(b"eXIf", &tags(8));
    let (bytes, details) = taken(&[&png(&[&seen[..], &unseen, &[exif]].concat())[..], b"behind"].concat());
    let essence = chunk(b"eXIf", &exif::essence(&tags(8)).expect("an orientation"));
    assert_eq!(bytes, png(&[&seen[..], &[essence]].concat()));
    assert_eq!((details.person.as_deref(), details.location), (Some("Ana Example"), true));
    assert!(bare(&png(&seen)).is_none());
}

#[test]
fn webp_says_in_its_header_what_is_left() {
    let chunks = |flags, more: &[(&'static [u8; 4], Vec<u8>)]| {
        webp(
            &[
                &[(b"VP8X", vec![flags, 0, 0, 0, 0, 0, 0, 0, 0, 0]), (b"ICCP", vec![1; 3]), (b"VP8 ", vec![2; 5])][..],
                more,
            ]
            .concat(),
        )
    };
    let essence = exif::essence(&tags(3)).expect("an orientation");
    let (bytes, _) = taken(&chunks(0x2C, &[(b"EXIF", tags(3)), (b"XMP ", b"<x/>".to_vec())]));
    assert_eq!(bytes, chunks(0x28, &[(b"EXIF", essence)]));
    assert_eq!(taken(&chunks(0x2C, &[(b"EXIF", tags(1)), (b"XMP ", b"<x/>".to_vec())])).0, chunks(0x20, &[]));
    assert!(bare(&chunks(0x20, &[])).is_none());
}

#[test]
fn tiff_loses_entries_and_values_and_moves_nothing() {
    let mut bytes = tags(6);
    let before = bytes.len();
    bytes.extend(b"data");
    let (copy, details) = taken(&bytes);
    assert_eq!(copy.len(), bytes.len());
    assert_eq!(copy[before..], *b"data");
    assert!(!copy.windows(3).any(|window| window == b"Ana") && !copy.windows(6).any(|window| window == b"Camera"));
    assert_eq!(copy[8..10], [0, 1], "the orientation is left");
    assert!(details.location);
}

#[test]
fn gif_keeps_its_loops() {
    let head = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff";
    let loops = b"\x21\xFF\x0BNETSCAPE2.0\x03\x01\0\0\0";
    let image = b"\x2C\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0\x3B";
    let (bytes, _) =
        taken(&[&head[..], loops, b"\x21\xFE\x03Ana\0", b"\x21\xFF\x0BXMP DataXMP\x01x\0", image].concat());
    assert_eq!(bytes, [&head[..], loops, image].concat());
}

proptest! {
    #[test]
    fn no_bytes_are_a_reason_to_panic(
        start in 0..6_usize,
        bytes in prop::collection::vec(any::<u8>(), 0..400),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
    ) {
        let starts = [
            jpeg(&[segment(0xE1, &with_exif(&tags(6)))], b""),
            png(&[chunk(b"eXIf", &tags(6))]),
            tags(6),
            webp(&[(b"VP8X", vec![8; 10]), (b"EXIF", tags(6))]),
            b"GIF89a\x01\0\x01\0\x80\0\0".to_vec(),
            bytes.clone(),
        ];
        let mut picture = [starts[start].clone(), bytes].concat();
        for (index, value) in changes {
            if !picture.is_empty() {
                let at = index.index(picture.len());
                picture[at] = value;
            }
        }
        if let Some(copy) = bare(&picture) {
            prop_assert!(copy.bytes.len() <= picture.len() + 64);
        }
    }
}
