//! One inspection: from the first byte to the report.

use std::{
    collections::HashMap,
    io::{self, BufRead, Cursor, Read, Seek},
};

use crate::{
    checks::{
        compound,
        doctype::{self, LedTo},
        links, magic, main_part,
        markup::Markup,
        parts,
        unasked::Links,
    },
    finding::{self, Code, Finding, Severity},
    kind::Kind,
    package::{
        content_types::{self, ContentTypes},
        relationships,
    },
    policy::{Budget, Policy},
    report::Report,
    xml::{self, Objection, Rigour},
    zip::{self, Archive, Entry, EntryReader, Fault, Inflater, Limits, ReadSeek, Source, Spent, Step, refuse},
};

const ROOT_RELATIONSHIPS: &str = "_rels/.rels";

/// Inspects a file that claims to be of `kind`.
///
/// The input is read forward, apart from the few jumps to the directory at its end.
///
/// # Errors
/// Only when `input` cannot be read. Whatever is wrong with the file is a finding.
pub fn inspect(mut input: impl Read + Seek, kind: Kind, policy: &Policy) -> Result<Report, io::Error> {
    examine(&mut input, Some(kind), policy, &mut Spent::default(), Around::default())
}

/// What is around an embedded package.
#[derive(Clone, Copy, Debug, Default)]
struct Around {
    /// How many packages.
    depth: u32,
    /// How many bytes of them are held in memory.
    held: u64,
}

/// Inspects a file, or an embedded package, which has no kind to agree with.
fn examine(
    input: &mut dyn ReadSeek,
    kind: Option<Kind>,
    policy: &Policy,
    spent: &mut Spent,
    around: Around,
) -> Result<Report, io::Error> {
    let (inflater, links, report) = (Inflater::new(), Links::default(), Report::default());
    let mut inspection = Inspection { kind, policy, spent, around, inflater, links, doctypes: Vec::new(), report };
    match Source::new(input).map_err(Fault::Io).and_then(|mut source| inspection.run(&mut source)) {
        Ok(()) => {}
        Err(Fault::Io(error)) => return Err(error),
        Err(Fault::Refused(finding)) => inspection.report.add_first(*finding),
    }
    Ok(inspection.report)
}

struct Inspection<'a> {
    kind: Option<Kind>,
    policy: &'a Policy,
    spent: &'a mut Spent,
    around: Around,
    inflater: Inflater,
    /// Links that are judged when all parts are read.
    links: Links,
    /// Parts with a document type declaration that may be harmless, depending on what leads to them.
    doctypes: Vec<usize>,
    report: Report,
}

/// What is known about the package when its parts are read.
struct Package {
    archive: Archive,
    types: ContentTypes,
    main: Option<usize>,
}

impl Inspection<'_> {
    fn run(&mut self, source: &mut Source<'_>) -> Step<()> {
        let budget = &self.policy.budget;
        check_signature(source, self.kind, budget)?;
        let archive = zip::read_archive(source, budget, budget.entries.saturating_sub(self.spent.entries))?;
        self.spent.entries += archive.entries.len() as u64;
        let Some(index) = archive.find(content_types::PART) else {
            return refuse(Code::ContentTypesMissing, None, "");
        };
        let types = self.read_ahead(source, &archive, index, &mut |reader| ContentTypes::read(reader))?;
        let main = self.main_part(source, &archive, &types)?;
        for (part, declared) in types.declared() {
            parts::check_type(part, declared, &mut self.report);
        }
        let package = Package { archive, types, main };
        for (index, entry) in package.archive.entries.iter().enumerate() {
            self.part(source, &package, index, entry)?;
        }
        self.links.settle(&mut self.report);
        self.judge_doctypes(source, &package)
    }

    /// Reads a part before its turn. It is read and counted again with the others.
    fn read_ahead<T>(
        &mut self,
        source: &mut Source<'_>,
        archive: &Archive,
        index: usize,
        read: &mut dyn FnMut(&mut dyn BufRead) -> Result<T, Objection>,
    ) -> Step<T> {
        let counted = self.spent.inflated;
        let limits = Limits::new(&self.policy.budget, true);
        let Some(mut reader) = zip::open(source, archive, index, &mut self.inflater, self.spent, limits)? else {
            return refuse(Code::ZipTruncated, None, "");
        };
        let outcome = read(&mut reader);
        reader.finish()?;
        self.spent.inflated = counted;
        let name = archive.entries.get(index).map(|entry| entry.name.as_str());
        outcome.or_else(|objection| refuse(objection.code, name, objection.detail))
    }

    /// Finds and judges the main part. Findings do not end the inspection: the reader should learn
    /// everything about the file at once.
    fn main_part(&mut self, source: &mut Source<'_>, archive: &Archive, types: &ContentTypes) -> Step<Option<usize>> {
        let Some(index) = archive.find(ROOT_RELATIONSHIPS) else {
            self.report.add(Finding::new(Code::MainPartMissing, None, "no relationships"));
            return Ok(None);
        };
        let (count, first) = self.read_ahead(source, archive, index, &mut |reader| {
            let (mut count, mut first) = (0_u64, None);
            relationships::read(reader, &mut |relationship| {
                if relationship.is_main() {
                    count += 1;
                    first.get_or_insert(relationship);
                }
            })?;
            Ok((count, first))
        })?;
        if count > 1 {
            self.report.add(Finding::new(Code::MainPartAmbiguous, Some(ROOT_RELATIONSHIPS), ""));
        }
        let target = first.filter(|relationship| !relationship.external);
        let main = target.and_then(|target| archive.find(&relationships::resolve("", &target.target)));
        match main.and_then(|main| archive.entries.get(main)) {
            Some(entry) => {
                let finding = main_part::judge(types.of(&entry.name), self.kind, &entry.name);
                finding.into_iter().for_each(|finding| self.report.add(finding));
            }
            None => self.report.add(Finding::new(Code::MainPartMissing, Some(ROOT_RELATIONSHIPS), "")),
        }
        Ok(main)
    }

    fn part(&mut self, source: &mut Source<'_>, package: &Package, index: usize, entry: &Entry) -> Step<()> {
        let content_type = package.types.of(&entry.name);
        let is_xml = is_xml(&entry.name, content_type);
        let limits = Limits::new(&self.policy.budget, is_xml);
        let (inflater, report) = (&mut self.inflater, &mut self.report);
        let Some(mut reader) = zip::open(source, &package.archive, index, inflater, self.spent, limits)? else {
            return Ok(());
        };
        if entry.is_directory() {
            return reader.finish();
        }
        parts::check(&entry.name, content_type, package.main == Some(index), report);
        // A fault shows as an empty head here, and in `finish`.
        let head = reader.fill_buf().unwrap_or_default();
        if magic::is_program(head, content_type) {
            report.add(Finding::new(Code::EmbeddedExecutable, Some(&entry.name), ""));
        }
        // A package that is called XML is opened by whoever follows a relationship to it.
        let is_archive = head.starts_with(&magic::ZIP);
        if (is_xml && !magic::is_mac_attributes(&entry.name, head)) || magic::is_xml(head) {
            let may_be_foreign = !content_types::is_office_xml(content_type) && doctype::is_plain(head);
            let outcome = if is_archive {
                Err(Objection::new(Code::XmlEncoding, "an archive"))
            } else {
                walk(&mut reader, entry, content_type, &package.types, &mut self.links, report)
            };
            reader.finish()?;
            match outcome {
                Err(Objection { code: Code::XmlDoctype, .. }) if may_be_foreign => self.doctypes.push(index),
                Err(objection) => {
                    let finding = objected(objection, entry, content_type, self.policy);
                    finding.into_iter().for_each(|finding| report.add(finding));
                }
                Ok(()) => {}
            }
            return Ok(());
        }
        let room = self.policy.budget.embedded.saturating_sub(self.around.held);
        let embedded = binary(reader, entry, content_type, room, self.policy, report)?;
        embedded.map_or(Ok(()), |embedded| self.embedded(&embedded, &entry.name, content_type))
    }

    /// Judges the document type declarations that may be harmless by what leads to their parts. For these few the
    /// relationships are read once more.
    fn judge_doctypes(&mut self, source: &mut Source<'_>, package: &Package) -> Step<()> {
        let waiting = std::mem::take(&mut self.doctypes);
        if waiting.is_empty() {
            return Ok(());
        }
        let name_of = |index: usize| package.archive.entries.get(index).map_or("", |entry| entry.name.as_str());
        let mut led_to: HashMap<String, LedTo> =
            waiting.iter().map(|index| (zip::key(name_of(*index)), LedTo::default())).collect();
        // What is refused already is not worth a second look.
        let is_refused = self.report.deciding().is_some();
        // They were counted when it was their turn.
        let counted = std::mem::take(&mut self.spent.inflated);
        for (index, entry) in package.archive.entries.iter().enumerate() {
            if is_refused || !relationships::is_followed(&entry.name) {
                continue;
            }
            let owner = relationships::owner(&entry.name);
            self.read_ahead(source, &package.archive, index, &mut |reader| {
                relationships::read(reader, &mut |relationship| {
                    let target = relationships::resolve(relationships::parent(&owner), &relationship.target);
                    if let Some(led_to) = led_to.get_mut(&target) {
                        let as_picture = relationship.name() == "image";
                        led_to.as_picture |= as_picture;
                        led_to.otherwise |= !as_picture;
                    }
                })
            })?;
        }
        self.spent.inflated = counted;
        for index in waiting {
            let name = name_of(index);
            let led_to = led_to.get(&zip::key(name)).copied().unwrap_or_default();
            let foreign = !is_refused && doctype::is_foreign(name, package.types.of(name), led_to);
            let code = if foreign { Code::ForeignDoctype } else { Code::XmlDoctype };
            self.report.add(unchecked(Finding::new(code, Some(name), ""), self.policy));
        }
        Ok(())
    }

    fn embedded(&mut self, bytes: &[u8], name: &str, content_type: &str) -> Step<()> {
        if bytes.starts_with(&magic::ZIP) {
            return self.package(bytes, name, magic::is_package(name, content_type));
        }
        let content = compound::examine(bytes);
        if content.macros {
            self.report.add(Finding::new(Code::EmbeddedMacro, Some(name), ""));
        }
        if content.remote {
            self.report.add(Finding::new(Code::ExternalObject, Some(name), ""));
        }
        if content.encrypted {
            self.report.add(Finding::new(Code::PasswordProtected, Some(name), ""));
        }
        if let Some(program) = content.program {
            self.report.add(Finding::new(Code::EmbeddedExecutable, Some(name), &program));
        }
        // A package that lies deeper is flagged like any other object that cannot be read.
        if self.around.depth < self.policy.budget.depth {
            for package in content.packages.iter().filter(|package| package.starts_with(&magic::ZIP)) {
                self.package(package, name, false)?;
            }
        }
        Ok(())
    }

    /// The same inspection for an embedded package, on the same budget.
    fn package(&mut self, bytes: &[u8], name: &str, must_be_office: bool) -> Step<()> {
        let deepest = self.policy.budget.depth;
        if self.around.depth >= deepest {
            let detail = format!("more than {deepest} levels");
            self.report.add(Finding::new(Code::EmbeddedTooDeep, Some(name), &detail));
            return Ok(());
        }
        let around = Around { depth: self.around.depth + 1, held: self.around.held + bytes.len() as u64 };
        let inner = examine(&mut Cursor::new(bytes), None, self.policy, self.spent, around)?;
        for finding in inner.findings {
            self.report.add(translate(finding, must_be_office, name, self.policy));
        }
        Ok(())
    }
}

/// A part that is not XML: what its first bytes say. Answers with the bytes of an embedded file, if there is `room`.
fn binary(
    mut reader: EntryReader<'_, '_>,
    entry: &Entry,
    content_type: &str,
    room: u64,
    policy: &Policy,
    report: &mut Report,
) -> Step<Option<Vec<u8>>> {
    let head = reader.fill_buf().unwrap_or_default();
    let name = Some(entry.name.as_str());
    let is_compound = head.starts_with(&magic::COMPOUND);
    let is_archive = head.starts_with(&magic::ZIP);
    let bytes = if is_compound || is_archive { reader.collect(room) } else { None };
    reader.finish()?;
    if is_compound || (parts::is_embedded(&entry.name, content_type) && !is_archive) {
        let detail = if is_compound && bytes.is_none() { "too large to be checked" } else { "" };
        report.add(unchecked(Finding::new(Code::EmbeddedObject, name, detail), policy));
    }
    if is_archive && bytes.is_none() {
        let detail = format!("more than {}", finding::size(policy.budget.embedded));
        report.add(Finding::new(Code::EmbeddedTooLarge, name, &detail));
    }
    Ok(bytes)
}

/// A part that no program can read hides nothing but itself, and leftovers of other tools occur, empty ones among them.
/// Where its type says that Office reads it, the document is damaged.
fn objected(objection: Objection, entry: &Entry, content_type: &str, policy: &Policy) -> Option<Finding> {
    let finding = Finding::new(objection.code, Some(&entry.name), objection.detail);
    let matters = content_types::is_office_xml(content_type) || relationships::is_part(&entry.name);
    match objection.code {
        Code::XmlMalformed if !matters && entry.size == 0 => None,
        Code::XmlMalformed if !matters => Some(unchecked(finding.with_severity(Severity::Flag), policy)),
        _ => Some(finding),
    }
}

/// What a finding in an embedded package means for the file around it.
fn translate(finding: Finding, must_be_office: bool, name: &str, policy: &Policy) -> Finding {
    use Code::{
        AddinType, BinaryWorkbookType, ContentTypesMissing, EmbeddedArchive, EmbeddedMacro, MacroEnabledType,
        MacroPart, MacroSheet, MainPartMissing, UnknownMainType,
    };
    let structural = finding.code.as_str().starts_with("zip");
    match finding.code {
        MacroPart | MacroSheet | MacroEnabledType | AddinType => {
            Finding::new(EmbeddedMacro, finding.part.as_deref(), "").inside(name)
        }
        // Not an Office file, or one that is binary throughout.
        BinaryWorkbookType | ContentTypesMissing | MainPartMissing | UnknownMainType => {
            unchecked(Finding::new(EmbeddedArchive, Some(name), ""), policy)
        }
        // No program reads on where a part ends to be XML, and the document around does not need it.
        Code::XmlMalformed => unchecked(finding.inside(name).with_severity(Severity::Flag), policy),
        _ if structural && !must_be_office => unchecked(Finding::new(EmbeddedArchive, Some(name), ""), policy),
        _ => finding.inside(name),
    }
}

/// Embedded content that cannot be checked is refused where the policy is strict.
fn unchecked(finding: Finding, policy: &Policy) -> Finding {
    if policy.strict { finding.with_severity(Severity::Reject) } else { finding }
}

fn read_all(source: &mut Source<'_>) -> Step<Vec<u8>> {
    let mut bytes = Vec::new();
    source.seek(0)?;
    loop {
        let more = source.take(u16::MAX.into())?;
        if more.is_empty() {
            return Ok(bytes);
        }
        bytes.extend(more);
    }
}

/// A genuine file starts with a ZIP entry.
fn check_signature(source: &mut Source<'_>, kind: Option<Kind>, budget: &Budget) -> Step<()> {
    let head = source.take(512)?;
    if head.is_empty() {
        return refuse(Code::EmptyFile, None, "");
    }
    if head.starts_with(&magic::ZIP) {
        return Ok(());
    }
    if head.starts_with(&magic::EMPTY_ARCHIVE) {
        return refuse(Code::ContentTypesMissing, None, "");
    }
    if !head.starts_with(&magic::COMPOUND) {
        let code = if zip::ends_like_an_archive(source)? { Code::ZipExtraData } else { Code::NotZip };
        return refuse(code, None, "");
    }
    source.seek(compound::directory_offset(&head).min(source.length()))?;
    let directory = source.take(64 * 1024)?;
    if !compound::names_encrypted_package(&directory) {
        return refuse(Code::LegacyFormat, None, "");
    }
    // Only Excel has such a password, and only a file that may be held in memory can be looked into.
    let may_be = kind == Some(Kind::Xlsx) && source.length() <= budget.embedded;
    let built_in = may_be && compound::opens_with_built_in_password(&read_all(source)?);
    refuse(if built_in { Code::ExcelPassword } else { Code::PasswordProtected }, None, "")
}

fn is_xml(name: &str, content_type: &str) -> bool {
    let extension = magic::extension(name);
    content_types::is_xml(content_type) || matches!(extension.as_str(), "xml" | "rels" | "vml")
}

/// Walks an XML part, relationships or other.
fn walk(
    reader: &mut dyn BufRead,
    entry: &Entry,
    content_type: &str,
    types: &ContentTypes,
    links: &mut Links,
    report: &mut Report,
) -> Result<(), Objection> {
    if relationships::is_part(&entry.name) {
        let owner = relationships::owner(&entry.name);
        let owner = links::Owner { rels: &entry.name, part: &owner, content_type: types.of(&owner) };
        return relationships::read(reader, &mut |relationship| links::check(&relationship, owner, links, report));
    }
    let lenient = content_type.contains("vmldrawing") || magic::extension(&entry.name) == "vml";
    let rigour = if lenient { Rigour::Lenient } else { Rigour::Strict };
    let mut markup = Markup::new(&entry.name, content_type, links, report);
    let outcome = xml::watch(reader, rigour, &mut markup);
    markup.finish();
    outcome
}
