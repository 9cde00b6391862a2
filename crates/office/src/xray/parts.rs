//! The parts of a package that the inspector did not refuse, found by type and by relationship.

use std::{
    collections::{HashMap, HashSet},
    io::{self, Read},
};

use super::gathered::Clip;
use crate::{
    finding::Code,
    package::{
        content_types::{self, ContentTypes},
        paths,
        relationships::{self, Relationship},
        roles::Roles,
        target::{Place, place},
    },
    policy::Budget,
    xml::{self, Ignored, Objection, Rigour, Tag, Token, Watch},
    zip::{self, Archive, Fault, Inflater, Limits, ReadSeek, Source, Spent},
};

/// Relationships that are kept. The largest presentations have some ten thousand.
const MOST_RELATIONS: usize = 100_000;
/// Embedded objects whose program is kept.
const MOST_PROGRAMS: usize = 10_000;
/// Steps from a part to the sheet or slide that it belongs to: a workbook in a chart in a drawing on a sheet.
const MOST_STEPS: usize = 6;
/// The elements that repeat content for programs that do not know newer markup (ECMA-376 part 3, 7.7).
const COMPATIBILITY: &str = "http://schemas.openxmlformats.org/markup-compatibility/2006";

/// A relationship to another part.
#[derive(Debug)]
struct Relation {
    id: String,
    /// The last segment of its type, in lower case.
    kind: String,
    target: usize,
}

/// The parts, by their index in the archive.
pub(super) struct Parts<'i> {
    source: Source<'i>,
    archive: Archive,
    types: ContentTypes,
    roles: Roles,
    inflater: Inflater,
    spent: Spent,
    limits: Limits,
    /// What each part is related to; the package itself is no part.
    relations: HashMap<Option<usize>, Vec<Relation>>,
    /// The relationship parts in which something leads outside, and the parts they belong to.
    outgoing: Vec<(usize, Option<usize>)>,
    /// The first owner of each part.
    owners: HashMap<usize, usize>,
    /// Sheets and slides, in their order and as people call them.
    places: HashMap<usize, (usize, String)>,
    /// The program of each embedded object, where the part that shows it was walked.
    programs: HashMap<usize, String>,
    /// What was walked, and where the pictures in it came from, as far as that is told.
    walked: HashSet<usize>,
    origins: Vec<(usize, &'static str, String)>,
}

impl<'i> Parts<'i> {
    /// Reads the directory, the types and the relationships. Nothing where there is no package.
    pub(super) fn open(input: &'i mut dyn ReadSeek, budget: &Budget) -> io::Result<Option<Self>> {
        let mut source = Source::new(input)?;
        let archive = match zip::read_archive(&mut source, budget, budget.entries) {
            Ok(archive) => archive,
            Err(Fault::Io(error)) => return Err(error),
            Err(Fault::Refused(_)) => return Ok(None),
        };
        let mut parts = Self {
            source,
            archive,
            types: ContentTypes::default(),
            roles: Roles::default(),
            inflater: Inflater::new(),
            spent: Spent::default(),
            limits: Limits::new(budget, true),
            relations: HashMap::new(),
            outgoing: Vec::new(),
            owners: HashMap::new(),
            places: HashMap::new(),
            programs: HashMap::new(),
            walked: HashSet::new(),
            origins: Vec::new(),
        };
        parts.read_types()?;
        parts.read_relations()?;
        let names = parts.archive.entries.iter().map(|entry| entry.name.as_str());
        let relations = parts.relations.values().flatten();
        let edges = relations.map(|relation| (relation.kind.as_str(), relation.target));
        parts.roles = Roles::find(names, &parts.types, edges, parts.main());
        Ok(Some(parts))
    }

    fn read_types(&mut self) -> io::Result<()> {
        let Some(index) = self.archive.find(content_types::PART) else { return Ok(()) };
        let mut types = None;
        self.read(index, &mut |reader| {
            types = Some(ContentTypes::read(reader)?);
            Ok(())
        })?;
        self.types = types.unwrap_or_default();
        Ok(())
    }

    fn read_relations(&mut self) -> io::Result<()> {
        let entries = self.archive.entries.iter().enumerate();
        let by_name: HashMap<String, usize> = entries.map(|(index, entry)| (zip::key(&entry.name), index)).collect();
        let mut room = MOST_RELATIONS;
        let parts = self.all().into_iter().filter(|&part| relationships::is_followed(self.name(part)));
        for part in parts.collect::<Vec<_>>() {
            let owner = relationships::owner(self.name(part));
            let folder = relationships::parent(&owner).to_owned();
            let of_package = owner.is_empty();
            let owner = by_name.get(&zip::key(&owner)).copied();
            let (mut inside, mut outgoing) = (Vec::new(), false);
            self.relationships(part, &mut |relationship| {
                let target = || by_name.get(&relationships::resolve(&folder, &relationship.target));
                if leads_outside(&relationship) {
                    outgoing = true;
                } else if inside.len() < room
                    && let Some(&target) = target()
                {
                    let kind = relationship.name();
                    inside.push(Relation { id: relationship.id, kind, target });
                }
            })?;
            room -= inside.len();
            if outgoing {
                self.outgoing.push((part, owner));
            }
            if let Some(owner) = owner {
                for relation in &inside {
                    self.owners.entry(relation.target).or_insert(owner);
                }
            }
            // What belongs to a part that is not there leads nowhere.
            if owner.is_some() || of_package {
                self.relations.entry(owner).or_default().append(&mut inside);
            }
        }
        Ok(())
    }

    /// Shows every relationship that leads outside, with the place it is in, in the order of the places.
    pub(super) fn outgoing(&mut self, see: &mut dyn FnMut(&Relationship, Option<&str>)) -> io::Result<()> {
        let mut outgoing = std::mem::take(&mut self.outgoing);
        outgoing.sort_by_cached_key(|(_, owner)| owner.map_or(usize::MAX, |owner| self.rank(owner)));
        for (part, owner) in outgoing {
            let place = owner.and_then(|owner| self.place(owner)).map(str::to_owned);
            self.relationships(part, &mut |relationship| {
                if leads_outside(&relationship) {
                    see(&relationship, place.as_deref());
                }
            })?;
        }
        Ok(())
    }

    fn relationships(&mut self, part: usize, see: &mut dyn FnMut(Relationship)) -> io::Result<()> {
        self.read(part, &mut |reader| relationships::read(reader, see))
    }

    /// The name of a part.
    pub(super) fn name(&self, part: usize) -> &str {
        self.archive.entries.get(part).map_or("", |entry| entry.name.as_str())
    }

    /// The name without its folders.
    pub(super) fn file_name(&self, part: usize) -> &str {
        self.name(part).rsplit('/').next().unwrap_or_default()
    }

    /// The type of a part, in lower case.
    pub(super) fn content_type(&self, part: usize) -> &str {
        self.roles.of(part).unwrap_or_else(|| self.types.of(self.name(part)))
    }

    /// The parts whose type ends so, in the order of the file.
    pub(super) fn of_type(&self, ending: &str) -> Vec<usize> {
        (0..self.archive.entries.len()).filter(|&part| self.content_type(part).ends_with(ending)).collect()
    }

    /// The parts whose type ends so, in the order of their places.
    pub(super) fn placed(&self, ending: &str) -> Vec<usize> {
        self.in_order(self.of_type(ending))
    }

    /// All parts, in the order of their places.
    pub(super) fn all(&self) -> Vec<usize> {
        self.in_order((0..self.archive.entries.len()).collect())
    }

    /// The parts in the order of the sheets or slides that they belong to; others come last.
    fn in_order(&self, mut parts: Vec<usize>) -> Vec<usize> {
        parts.sort_by_cached_key(|&part| self.rank(part));
        parts
    }

    /// The main part.
    pub(super) fn main(&self) -> Option<usize> {
        self.related(None, "officedocument").next()
    }

    /// The parts to which `owner` has relationships of this kind.
    pub(super) fn related(&self, owner: Option<usize>, kind: &str) -> impl Iterator<Item = usize> {
        let own = self.relations.get(&owner).into_iter().flatten();
        own.filter(move |relation| relation.kind == kind).map(|relation| relation.target)
    }

    /// The parts to which anybody has relationships of this kind, each once, in the order of the file.
    pub(super) fn targets(&self, kind: &str) -> Vec<usize> {
        let related = self.relations.values().flatten().filter(|relation| relation.kind == kind);
        let mut targets: Vec<usize> = related.map(|relation| relation.target).collect();
        targets.sort_unstable();
        targets.dedup();
        targets
    }

    /// The parts that `owner` is related to, by the names it has for them.
    pub(super) fn by_id(&self, owner: usize) -> HashMap<&str, usize> {
        let own = self.relations.get(&Some(owner)).into_iter().flatten();
        own.map(|relation| (relation.id.as_str(), relation.target)).collect()
    }

    /// Remembers what people call a part. Sheets and slides come in their order.
    pub(super) fn call(&mut self, part: usize, place: String) {
        let rank = self.places.len();
        self.places.entry(part).or_insert((rank, place));
    }

    /// The sheet or slide that a part is or belongs to.
    pub(super) fn place(&self, part: usize) -> Option<&str> {
        self.ranked(part).map(|(_, place)| place.as_str())
    }

    fn rank(&self, part: usize) -> usize {
        self.ranked(part).map_or(usize::MAX, |(rank, _)| *rank)
    }

    fn ranked(&self, part: usize) -> Option<&(usize, String)> {
        let steps = std::iter::successors(Some(part), |part| self.owners.get(part).copied());
        steps.take(MOST_STEPS).find_map(|part| self.places.get(&part))
    }

    /// Shows the tokens of a part to `see`, which ends the walk by objecting. Alternatives for older programs are
    /// left out: they say the same again.
    pub(super) fn walk(
        &mut self,
        part: usize,
        see: &mut dyn FnMut(Token<'_>) -> Result<(), Objection>,
    ) -> io::Result<()> {
        self.walk_past(part, Ignored::Nothing, see)
    }

    /// The same, without the cells that are ignored.
    pub(super) fn walk_past(
        &mut self,
        part: usize,
        ignored: Ignored,
        see: &mut dyn FnMut(Token<'_>) -> Result<(), Objection>,
    ) -> io::Result<()> {
        let (choice, mut programs, mut origins) = (Choice::default(), Vec::new(), Vec::new());
        let mut shown = Shown { choice, programs: &mut programs, origins: &mut origins, ignored, see };
        self.read(part, &mut |reader| xml::watch::<dyn Watch>(reader, Rigour::Strict, &mut shown))?;
        let by_id = if programs.is_empty() { HashMap::new() } else { self.by_id(part) };
        let known = programs.into_iter().filter_map(|(id, program)| Some((*by_id.get(id.as_str())?, program)));
        let known: Vec<_> = known.collect();
        self.programs.extend(known);
        if self.walked.insert(part) {
            self.origins.extend(origins.into_iter().map(|(label, text)| (part, label, text)));
        }
        Ok(())
    }

    /// What descriptions tell of where pictures came from, by part: a label and a text.
    pub(super) fn origins(&mut self) -> io::Result<Vec<(usize, &'static str, String)>> {
        for part in self.all() {
            if !self.walked.contains(&part) && paths::may_be_in(self.content_type(part)) {
                self.walk(part, &mut |_| Ok(()))?;
            }
        }
        Ok(std::mem::take(&mut self.origins))
    }

    /// As many bytes of a part as its first ones make `wanted`; nothing where none are. What follows is not read.
    pub(super) fn beginning(
        &mut self,
        part: usize,
        wanted: &dyn Fn(&[u8]) -> Option<u64>,
    ) -> io::Result<Option<Vec<u8>>> {
        let mut bytes = None;
        self.read(part, &mut |reader| {
            if let Some(wanted) = wanted(reader.fill_buf().unwrap_or_default()) {
                let mut content = Vec::new();
                let read = io::Read::take(&mut *reader, wanted).read_to_end(&mut content);
                bytes = read.ok().map(|_| content);
            }
            Err(Objection::new(Code::XmlTooComplex, ""))
        })?;
        Ok(bytes)
    }

    /// The content of a part that begins as `wanted` says and is no longer than `limit`.
    pub(super) fn bytes_if(
        &mut self,
        part: usize,
        limit: u64,
        wanted: &dyn Fn(&[u8]) -> bool,
    ) -> io::Result<Option<Vec<u8>>> {
        let bytes = self.beginning(part, &|head| wanted(head).then_some(limit.saturating_add(1)))?;
        Ok(bytes.filter(|bytes| bytes.len() as u64 <= limit))
    }

    /// The content of a part that is no longer than `limit`.
    pub(super) fn bytes(&mut self, part: usize, limit: u64) -> io::Result<Option<Vec<u8>>> {
        self.bytes_if(part, limit, &|_| true)
    }

    /// The program of an embedded object, as the part that shows it names it.
    pub(super) fn program(&self, part: usize) -> Option<&str> {
        self.programs.get(&part).map(String::as_str)
    }

    /// The part that has the first relationship to this one.
    pub(super) fn owner(&self, part: usize) -> Option<usize> {
        self.owners.get(&part).copied()
    }

    /// Reads a part as far as `read` wants; what cannot be read is left out.
    fn read(
        &mut self,
        part: usize,
        read: &mut dyn FnMut(&mut dyn io::BufRead) -> Result<(), Objection>,
    ) -> io::Result<()> {
        let opened = zip::open(&mut self.source, &self.archive, part, &mut self.inflater, &mut self.spent, self.limits);
        let outcome = opened.and_then(|reader| {
            let Some(mut reader) = reader else { return Ok(()) };
            // A reader that failed ends the walk quietly, and `finish` tells why.
            if read(&mut reader).is_ok() { reader.finish() } else { Ok(()) }
        });
        match outcome {
            Err(Fault::Io(error)) => Err(error),
            Ok(()) | Err(Fault::Refused(_)) => Ok(()),
        }
    }
}

/// A target with a scheme or a server leads outside whatever its mode says.
fn leads_outside(relationship: &Relationship) -> bool {
    relationship.external || matches!(place(&relationship.target), Place::Web | Place::Mail | Place::Unc | Place::Other)
}

/// The relationship and the program of an embedded object, in any of the three kinds of file.
fn program(tag: Tag<'_>) -> Result<Option<(String, String)>, Objection> {
    let name = match tag.name() {
        "OLEObject" => "ProgID",
        "oleObject" | "oleObj" => "progId",
        _ => return Ok(None),
    };
    let (id, program) = (tag.foreign_attribute("id")?, tag.attribute(name)?);
    Ok(id.zip(program).map(|(id, program)| (id.into_owned(), Clip::of(&program))))
}

/// What is shown of a part, the programs of the embedded objects in it, and where what it shows is from.
struct Shown<'s> {
    choice: Choice,
    programs: &'s mut Vec<(String, String)>,
    origins: &'s mut Vec<(&'static str, String)>,
    ignored: Ignored,
    see: &'s mut dyn FnMut(Token<'_>) -> Result<(), Objection>,
}

impl Watch for Shown<'_> {
    fn see(&mut self, token: Token<'_>) -> Result<(), Objection> {
        if let Token::Open(tag) = token
            && self.origins.len() < MOST_PROGRAMS
        {
            origin(tag, self.origins)?;
        }
        if !self.choice.shows(&token) {
            return Ok(());
        }
        if let Token::Open(tag) = token
            && let Some(program) = program(tag)?
            && self.programs.len() < MOST_PROGRAMS
        {
            self.programs.push(program);
        }
        (self.see)(token)
    }

    fn ignores(&self) -> Ignored {
        self.ignored
    }
}

/// The paths that the description of a drawing has in it, and the address of whoever is to sign on a line for that.
fn origin(tag: Tag<'_>, found: &mut Vec<(&'static str, String)>) -> Result<(), Objection> {
    if paths::DRAWN.contains(&tag.name()) {
        for (name, value) in tag.values() {
            if paths::ATTRIBUTES.contains(&name) && paths::without_folders(&value).is_some() {
                found.push(("picture_path", Clip::of(&value)));
            }
        }
    } else if tag.name() == "signatureline"
        && let Some(address) = tag.prefixed_attribute("suggestedsigneremail")?.filter(|address| !address.is_empty())
    {
        found.push(("signer_address", Clip::of(&address)));
    }
    Ok(())
}

/// Leaves out the alternatives that repeat markup for programs which do not know it.
#[derive(Default)]
struct Choice {
    depth: usize,
    /// How deep the alternative is that is being left out.
    fallback: Option<usize>,
}

impl Choice {
    fn shows(&mut self, token: &Token<'_>) -> bool {
        match token {
            Token::Open(tag) => {
                self.depth += 1;
                if self.fallback.is_none() && tag.name() == "Fallback" && tag.namespace() == COMPATIBILITY {
                    self.fallback = Some(self.depth);
                }
                self.fallback.is_none()
            }
            Token::Close(_) => {
                let shown = self.fallback.is_none();
                if self.fallback == Some(self.depth) {
                    self.fallback = None;
                }
                self.depth = self.depth.saturating_sub(1);
                shown
            }
            Token::Text(_) => self.fallback.is_none(),
        }
    }
}
