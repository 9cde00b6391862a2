//! Archives built in memory: the structure, the budgets, and input that makes no sense at all.

use std::io::{self, Cursor, Read, Seek, SeekFrom};

use proptest::prelude::*;

use crate::{
    Budget, Code, Kind, Policy, Report, Verdict, inspect,
    zip::{
        bytes::{u16_at, u32_at},
        writer::{Around, Member, archive, word},
    },
};

/// Changes a header.
type Change = fn(&mut [u8]);

fn inspected(bytes: &[u8], policy: &Policy) -> Report {
    inspect(Cursor::new(bytes), Kind::Docx, policy).expect("a cursor never fails")
}

fn code(bytes: &[u8]) -> Option<Code> {
    inspected(bytes, &Policy::default()).deciding().map(|finding| finding.code)
}

/// The smallest document with one more entry.
fn with(member: Member) -> Vec<u8> {
    archive(&[word(), vec![member]].concat(), &Around::default())
}

fn picture() -> Member {
    Member::new("word/media/image1.png", &b"picture".repeat(20)).deflated()
}

#[test]
fn the_smallest_document_passes() {
    let report = inspected(&archive(&word(), &Around::default()), &Policy::default());
    assert_eq!((report.verdict(), report.findings), (Verdict::Accept, vec![]));
}

#[test]
fn all_four_forms_of_descriptors_pass() {
    for descriptor in [(true, false), (false, false), (true, true), (false, true)] {
        for deflated in [true, false] {
            let member = if deflated { picture() } else { Member::new("word/media/image1.png", b"picture") };
            let member = Member { flags: 8, descriptor: Some(descriptor), ..member };
            assert_eq!(code(&with(member)), None, "{descriptor:?}");
        }
    }
}

#[test]
fn times_and_compression_hints_may_differ() {
    let change: Change = |header| {
        header[6] ^= 0b110;
        header[10..14].copy_from_slice(&[1, 2, 3, 4]);
    };
    assert_eq!(code(&with(Member { local: change, ..picture() })), None);
}

#[test]
fn an_empty_part_may_be_marked_as_deflated() {
    let empty = || Member { method: 8, ..Member::new("word/media/empty.wmf", b"") };
    assert_eq!(code(&with(empty())), None);
    let change: Change = |header| header[16] ^= 1;
    assert_eq!(code(&with(Member { central: change, ..empty() })), Some(Code::ZipHeaderMismatch));
}

#[test]
fn the_mark_of_utf8_matters_for_names_that_are_not_ascii() {
    let change: Change = |header| header[7] ^= 8;
    assert_eq!(code(&with(Member { local: change, ..picture() })), None);
    let accented = Member { local: change, ..Member::new("word/media/é.png", b"picture") };
    assert_eq!(code(&with(accented)), Some(Code::ZipHeaderMismatch));
}

#[test]
fn an_archive_without_entries_is_no_document() {
    assert_eq!(code(&archive(&[], &Around::default())), Some(Code::ContentTypesMissing));
}

#[test]
fn what_no_office_program_reads_may_be_ill_formed() {
    let leftover = with(Member::new("9326.xml", b"======= ./9326.xml ======="));
    let verdict = |strict| inspected(&leftover, &Policy { strict, ..Policy::default() }).verdict();
    assert_eq!((verdict(false), verdict(true)), (Verdict::Flagged, Verdict::Refused));
    for (name, content) in [("word/_rels/a.xml.rels", &b"<Relationships"[..]), ("word/a.xml", b"<a>\xff</a>")] {
        assert_eq!(
            inspected(&with(Member::new(name, content)), &Policy::default()).verdict(),
            Verdict::Refused,
            "{name}"
        );
    }
}

#[test]
fn xml_and_programs_are_known_whatever_their_name() {
    let doctype = with(Member::new("word/header1.dat", b"<?xml version='1.0'?><!DOCTYPE a><a/>"));
    assert_eq!(code(&doctype), Some(Code::XmlDoctype));
    assert_eq!(code(&with(Member::new("word/setup.xml", b"MZ\x90"))), Some(Code::EmbeddedExecutable));
}

#[test]
fn folders_and_one_line_end_pass() {
    assert_eq!(code(&with(Member::new("word/media/", b""))), None);
    for end in ["\n", "\r\n"] {
        assert_eq!(code(&archive(&word(), &Around { after: end.into(), ..Around::default() })), None);
    }
}

#[test]
fn nothing_may_stand_between_the_records() {
    let hidden = || b"hidden".to_vec();
    for around in [
        Around { before: hidden(), ..Around::default() },
        Around { before_directory: hidden(), ..Around::default() },
        Around { before_end: hidden(), ..Around::default() },
        Around { after: hidden(), ..Around::default() },
    ] {
        assert_eq!(code(&archive(&word(), &around)), Some(Code::ZipExtraData));
    }
}

#[test]
fn every_field_of_both_headers_has_to_agree() {
    let local: [Change; 6] =
        [|h| h[6] ^= 8, |h| h[8] ^= 8, |h| h[14] ^= 1, |h| h[18] ^= 1, |h| h[22] ^= 1, |h| h[26] ^= 1];
    for change in local {
        assert_eq!(code(&with(Member { local: change, ..picture() })), Some(Code::ZipHeaderMismatch));
    }
    let central: [(Change, Code); 6] = [
        (|h| h[6] = 99, Code::ZipMethod),
        (|h| h[8] |= 1, Code::ZipEncrypted),
        (|h| h[10] = 12, Code::ZipMethod),
        (|h| h[16] ^= 1, Code::ZipHeaderMismatch),
        (|h| h[34] = 1, Code::ZipMultiDisk),
        (|h| h[40..42].copy_from_slice(&[0xFF, 0xA1]), Code::ZipSpecialFile),
    ];
    for (change, expected) in central {
        assert_eq!(code(&with(Member { central: change, ..picture() })), Some(expected));
    }
}

#[test]
fn saturated_sizes_need_their_64_bit_field() {
    let change: Change = |header| header[24..28].fill(0xFF);
    assert_eq!(code(&with(Member { central: change, ..picture() })), Some(Code::Zip64Inconsistent));
}

/// The 64-bit end record and its locator, with the given number of entries.
fn wide_end(entries: u64, size: u64, start: u64) -> Vec<u8> {
    let numbers = |numbers: &[u64]| numbers.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<u8>>();
    let (versions, disk) = (0x2d_002d, [0; 4]);
    let record =
        [&b"PK\x06\x06"[..], &numbers(&[44, versions]), &disk, &numbers(&[entries, entries, size, start])].concat();
    let locator = [&b"PK\x06\x07\0\0\0\0"[..], &numbers(&[start + size]), &[1, 0, 0, 0]].concat();
    [record, locator].concat()
}

#[test]
fn the_two_end_records_have_to_agree() {
    let plain = archive(&word(), &Around::default());
    let end = &plain[plain.len() - 22..];
    let (entries, size, start) = (u16_at(end, 10).into(), u32_at(end, 12).into(), u32_at(end, 16).into());
    let ended = |wide| code(&archive(&word(), &Around { before_end: wide, ..Around::default() }));
    assert_eq!(ended(wide_end(entries, size, start)), None);
    assert_eq!(ended(wide_end(entries + 1, size, start)), Some(Code::Zip64Inconsistent));
    assert_eq!(ended(wide_end(entries, size, start)[..75].to_vec()), Some(Code::ZipExtraData));
}

#[test]
fn content_has_to_be_what_the_headers_say() {
    let change = |bytes: &[u8]| Member { packed: Some(bytes.to_vec()), ..picture() };
    let genuine = picture().packed.expect("deflated");
    assert_eq!(code(&with(change(&[genuine.clone(), vec![0]].concat()))), Some(Code::ZipDamaged));
    assert_eq!(code(&with(change(&genuine[..genuine.len() - 3]))), Some(Code::ZipDamaged));
    assert_eq!(code(&with(change(b"\xff\xff\xff"))), Some(Code::ZipDamaged));
    assert_eq!(
        code(&with(change(&Member::new("", b"other").deflated().packed.expect("deflated")))),
        Some(Code::ZipDamaged)
    );
}

#[test]
fn budgets_are_counted_while_inflating() {
    let noise: Vec<u8> = (0..400_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let text = [b"<a>".to_vec(), noise.iter().map(|byte| byte % 26 + b'a').collect(), b"</a>".to_vec()].concat();
    let small = |change: fn(&mut Budget)| {
        let mut policy = Policy::default();
        change(&mut policy.budget);
        policy
    };
    let package = archive(&word(), &Around::default());
    for (member, policy, expected) in [
        (Member::new("word/a.png", &noise), small(|budget| budget.inflated = 300_000), Code::TooLargeInflated),
        (Member::new("word/a.xml", &text), small(|budget| budget.xml_part = 300_000), Code::XmlPartTooLarge),
        (picture(), small(|budget| budget.entries = 3), Code::TooManyEntries),
        (
            Member::new("word/embeddings/a.docx", &package),
            small(|budget| budget.embedded = 100),
            Code::EmbeddedTooLarge,
        ),
        (Member::new("word/embeddings/a.docx", &package), small(|budget| budget.depth = 0), Code::EmbeddedTooDeep),
        // Entries and bytes of embedded packages count, too.
        (Member::new("word/embeddings/a.docx", &package), small(|budget| budget.entries = 6), Code::TooManyEntries),
    ] {
        let report = inspected(&with(member), &policy);
        assert_eq!(report.deciding().map(|finding| finding.code), Some(expected));
    }
}

#[test]
fn no_proportion_is_a_reason_and_an_exceeded_budget_is_named() {
    let zeros = || Member::new("word/media/image1.emf", &vec![0; 8 << 20]).deflated();
    assert_eq!(code(&with(zeros())), None);
    let small = |budget| Policy { strict: false, budget };
    let message = |member, budget| {
        let report = inspected(&with(member), &small(budget));
        report.deciding().map(|finding| finding.message.clone()).unwrap_or_default()
    };
    let all = message(zeros(), Budget { inflated: 8 << 20, ..Budget::default() });
    assert!(all.contains("Unpacked") && all.contains("(more than 8 MiB in all)"), "{all}");
    let text = [b"<a>".to_vec(), vec![b' '; 1 << 20], b"</a>".to_vec()].concat();
    let part = message(Member::new("word/a.xml", &text).deflated(), Budget { xml_part: 1 << 20, ..Budget::default() });
    assert!(part.contains("one sheet, text or slide") && part.contains("(more than 1 MiB)"), "{part}");
}

#[test]
fn packages_in_packages_share_the_budgets() {
    let mut inner = archive(&word(), &Around::default());
    for level in 1..=4 {
        inner = with(Member::new("word/embeddings/a.docx", &inner));
        let expected = (level > 3).then_some(Code::EmbeddedTooDeep);
        assert_eq!(code(&inner), expected, "{level} levels");
    }
    // Each is held in memory while those in it are read.
    let noise: Vec<u8> = (0..100_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let large = with(Member::new("word/media/image1.png", &noise));
    let twice = with(Member::new("word/embeddings/a.docx", &with(Member::new("word/embeddings/a.docx", &large))));
    let verdict = |embedded| {
        let policy = Policy { strict: false, budget: Budget { embedded, ..Budget::default() } };
        inspected(&twice, &policy).deciding().map(|finding| finding.code)
    };
    assert_eq!((verdict(150_000), verdict(250_000)), (Some(Code::EmbeddedTooLarge), None));
}

#[test]
fn backslashes_divide_where_no_name_has_a_slash() {
    let divided = |more: &[&str]| {
        let mut members = word();
        for member in &mut members {
            let name = String::from_utf8_lossy(&member.name).replace('/', "\\");
            member.name = name.into_bytes();
        }
        members.extend(more.iter().map(|name| Member::new(name, b"picture")));
        archive(&members, &Around::default())
    };
    assert_eq!(code(&divided(&["word\\media\\image1.png"])), None);
    assert_eq!(code(&divided(&["word\\vbaProject.bin"])), Some(Code::MacroPart));
    for name in ["word/media/image1.png", "word\\..\\a.png", "..\\a.png", "C:\\a.png", "\\a.png"] {
        assert_eq!(code(&divided(&[name])), Some(Code::ZipUnsafeName), "{name}");
    }
}

#[test]
fn what_macos_leaves_beside_each_file_passes() {
    let attributes = b"\0\x05\x16\x07\0\x02\0\0Mac OS X";
    for name in ["__MACOSX/._[Content_Types].xml", "__MACOSX/_rels/._.rels", "__MACOSX/word/._document.xml"] {
        assert_eq!(code(&with(Member::new(name, attributes))), None, "{name}");
    }
    assert_eq!(
        code(&with(Member::new("word/_rels/._a.xml.rels", b"<Relationships/>"))),
        Some(Code::RelationshipsInvalid)
    );
}

#[test]
fn an_embedded_document_passes_and_its_findings_name_their_place() {
    let inner = archive(&word(), &Around::default());
    assert_eq!(code(&with(Member::new("word/embeddings/a.docx", &inner).deflated())), None);
    let inner = with(Member::new("word/media/image1.png", b"\x7fELF"));
    let report = inspected(&with(Member::new("word/embeddings/a.docx", &inner)), &Policy::default());
    let finding = report.deciding().expect("a program is inside");
    assert_eq!(finding.part.as_deref(), Some("word/embeddings/a.docx!word/media/image1.png"));
}

/// An input that fails after some bytes.
struct Failing {
    inner: Cursor<Vec<u8>>,
    good: u64,
}

impl Read for Failing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.inner.position() >= self.good {
            return Err(io::Error::other("the disk is gone"));
        }
        self.inner.read(buffer)
    }
}

impl Seek for Failing {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}

#[test]
fn a_failing_input_is_an_error_and_not_a_finding() {
    let noise: Vec<u8> = (0..400_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let bytes = with(Member::new("word/media/image1.png", &noise));
    for good in [0, 100, 200_000] {
        let input = Failing { inner: Cursor::new(bytes.clone()), good };
        assert!(inspect(input, Kind::Docx, &Policy::default()).is_err());
    }
}

proptest! {
    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..2_000), head in 0..3_usize) {
        let heads: [&[u8]; 3] = [b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"];
        let report = inspected(&[heads[head], &bytes].concat(), &Policy::default());
        prop_assert_eq!(report.verdict(), Verdict::Refused);
    }

    #[test]
    fn mutated_archives_never_panic(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8)) {
        let embedded = archive(&word(), &Around::default());
        let mut bytes = with(Member::new("word/embeddings/a.docx", &embedded));
        for (index, value) in changes {
            let at = index.index(bytes.len());
            bytes[at] = value;
        }
        inspected(&bytes, &Policy::default());
    }

    #[test]
    fn mutated_parts_never_panic(
        part in 0..3_usize,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let mut members = word();
        let mut content = members[part].content.clone();
        for (index, value) in changes {
            let at = index.index(content.len());
            content[at] = value;
        }
        let name = String::from_utf8_lossy(&members[part].name).into_owned();
        members[part] = Member::new(&name, &content);
        inspected(&archive(&members, &Around::default()), &Policy::default());
    }

    #[test]
    fn damaged_compound_files_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..6_000)) {
        let magic = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";
        let report = inspected(&with(Member::new("word/embeddings/a.bin", &[magic, &bytes[..]].concat())), &Policy::default());
        prop_assert!(report.has(Code::EmbeddedObject));
    }

    #[test]
    fn cut_archives_are_refused(cut in 1..400_usize) {
        let bytes = archive(&word(), &Around::default());
        prop_assert!(code(&bytes[..bytes.len() - cut]).is_some());
    }
}
