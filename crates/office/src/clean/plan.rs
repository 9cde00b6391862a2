//! What becomes of each part. All is decided before the first byte is written: every part that may change is rehearsed,
//! so that one which stays the same can be copied as it is.

use std::{
    collections::{HashMap, HashSet},
    io,
};

use super::{
    CleanError,
    binaries::{self, Binary},
    excel::{Drawing, HiddenSheets, NoteShapes, Sheet, Strings, Views, Workbook, notes_in},
    package::{Edge, Package, Relations},
    paths::Paths,
    powerpoint::{HiddenSlides, Sections},
    properties::{self, Properties},
    relationships::{Relationships, Types},
    rewrite::{Content, Editor, Links, Outcome, rewrite},
    topics::Topics,
    word::{self, DeletedNotes, Shown, Word},
};
use crate::{
    kind::Kind,
    package::{content_types, paths::may_be_in},
    xray::Topic,
    zip,
};

/// The fate of every entry.
pub(super) struct Plan {
    /// By the index of the entry.
    pub(super) disposals: Vec<Disposal>,
    finds: Finds,
}

/// What becomes of one entry.
pub(super) enum Disposal {
    /// It is taken over as it lies in the archive.
    Copy,
    /// It is not in the copy.
    Drop,
    /// It is written anew.
    Rewrite(Work),
    /// It is no XML, and another one takes its place.
    Replace(Binary),
}

/// What has to be done to a part.
pub(super) struct Work {
    job: Job,
    /// Whether it may tell where pictures came from.
    paths: bool,
    pub(super) links: Links,
}

enum Job {
    /// Only mentions of severed relationships go.
    Content,
    Properties(Vec<&'static str>),
    /// The part with this index is a text.
    Word(usize),
    Workbook,
    Sheet,
    Strings,
    NoteShapes,
    Sections,
    /// The ids that go from a `.rels` part.
    Relationships(HashSet<String>),
    /// The parts that go from the list of types.
    Types(HashSet<String>),
}

/// What has to be known of the file before its parts can be edited.
struct Finds {
    topics: Topics,
    sheets: HiddenSheets,
    views: Views,
    slides: HiddenSlides,
    notes: DeletedNotes,
    /// What the parts of a text show of data that goes.
    shown: HashMap<usize, Shown>,
    nothing_shown: Shown,
    /// Drawings with frames of comments among other shapes.
    mixed: HashSet<usize>,
    /// The parts that go because of what they are.
    unwanted: HashSet<usize>,
}

impl Plan {
    /// `depth` is how many files the package lies in.
    pub(super) fn make(package: &mut Package<'_>, kind: Kind, topics: Topics, depth: u32) -> Result<Self, CleanError> {
        let finds = Finds::look(package, kind, topics)?;
        let mut works = HashMap::new();
        let mut released: HashMap<usize, HashSet<String>> = HashMap::new();
        for index in 0..package.archive.entries.len() {
            let Some(work) = finds.work(package, index) else { continue };
            let outcome = rehearse(package, index, &work, &finds)?;
            if outcome.changed {
                works.insert(index, work);
            }
            if !outcome.released.is_empty() {
                released.insert(index, outcome.released);
            }
        }
        let gone = |relations: &Relations, edge: &Edge| {
            let released = relations.owner.and_then(|owner| released.get(&owner));
            finds.severs(edge) || released.is_some_and(|released| released.contains(&edge.id))
        };
        let dropped = dropped(package, finds.unwanted.clone(), &gone);
        let mut disposals = Disposals { package, works, dropped: &dropped, gone: &gone }.all()?;
        for (index, disposal) in disposals.iter_mut().enumerate() {
            if matches!(disposal, Disposal::Copy)
                && let Some(binary) = binaries::look(package, index, topics, depth)?
            {
                *disposal = Disposal::Replace(binary);
            }
        }
        Ok(Self { disposals, finds })
    }

    /// Whether the copy is another file.
    pub(super) fn changes(&self) -> bool {
        self.disposals.iter().any(|disposal| !matches!(disposal, Disposal::Copy))
    }

    /// The topics that it takes out.
    pub(super) fn topics(&self) -> Topics {
        self.finds.topics
    }

    /// The editor that does a work, fresh for each pass over the part.
    pub(super) fn editor<'p>(&'p self, work: &'p Work) -> Box<dyn Editor + 'p> {
        self.finds.editor(work)
    }
}

impl Finds {
    fn look(package: &mut Package<'_>, kind: Kind, topics: Topics) -> Result<Self, CleanError> {
        let mut finds = Self {
            topics,
            sheets: HiddenSheets::default(),
            views: Views::default(),
            slides: HiddenSlides::default(),
            notes: DeletedNotes::default(),
            shown: HashMap::new(),
            nothing_shown: Shown::default(),
            mixed: HashSet::new(),
            unwanted: unwanted(package, topics),
        };
        if topics.has(Topic::HiddenSheets) && kind == Kind::Xlsx {
            finds.sheets = HiddenSheets::find(package)?;
            finds.unwanted.extend(&finds.sheets.parts);
        }
        if topics.has(Topic::Metadata) && kind == Kind::Xlsx {
            finds.views = Views::find(package)?;
        }
        if topics.has(Topic::HiddenSlides) && kind == Kind::Pptx {
            finds.slides = HiddenSlides::find(package)?;
            finds.unwanted.extend(&finds.slides.parts);
        }
        if kind == Kind::Docx {
            finds.shown = word::shown(package, topics)?;
        }
        if topics.has(Topic::TrackedChanges) && kind == Kind::Docx {
            finds.notes = DeletedNotes::find(package)?;
        }
        if topics.has(Topic::Comments) {
            for drawing in package.of_type("vmldrawing") {
                match notes_in(package, drawing)? {
                    Drawing::Other => {}
                    Drawing::Mixed => drop(finds.mixed.insert(drawing)),
                    Drawing::Notes => drop(finds.unwanted.insert(drawing)),
                }
            }
        }
        Ok(finds)
    }

    /// Whether a relationship goes.
    fn severs(&self, edge: &Edge) -> bool {
        self.topics.own_edge(edge) || edge.target.is_some_and(|target| self.unwanted.contains(&target))
    }

    /// What may have to be done to a part that stays.
    fn work(&self, package: &Package<'_>, index: usize) -> Option<Work> {
        if self.unwanted.contains(&index) {
            return None;
        }
        let links = package.links(index, &|edge| self.severs(edge));
        let mentions = !links.severed.is_empty() && package.is_xml(index);
        let paths = self.topics.has(Topic::Metadata) && may_be_in(package.content_type(index));
        let job = self.job(package, index).or((mentions || paths).then_some(Job::Content))?;
        Some(Work { job, paths, links })
    }

    fn job(&self, package: &Package<'_>, index: usize) -> Option<Job> {
        let (content_type, topics) = (package.content_type(index), self.topics);
        let is = |ending| content_type.ends_with(ending);
        let removes_parts = self.sheets.any() || !self.slides.parts.is_empty();
        let workbook = is("sheet.main+xml") || is("pivotcachedefinition+xml");
        let titles = if removes_parts { properties::TITLES } else { &[] };
        let signature = if topics.has(Topic::Signatures) { properties::SIGNATURE } else { &[] };
        let personal = |names| if topics.has(Topic::Metadata) { names } else { &[][..] };
        let sheet = is("worksheet+xml") || is("chartsheet+xml") || is("dialogsheet+xml");
        let names = if is("package.core-properties+xml") {
            personal(properties::CORE).to_vec()
        } else if is("officedocument.extended-properties+xml") {
            [personal(properties::EXTENDED), titles, signature].concat()
        } else {
            Vec::new()
        };
        if !names.is_empty() {
            Some(Job::Properties(names))
        } else if Word::is_concerned(content_type, topics) {
            Some(Job::Word(index))
        } else if workbook && (topics.has(Topic::Metadata) || self.sheets.any()) {
            Some(Job::Workbook)
        } else if sheet && topics.has(Topic::Metadata) {
            Some(Job::Sheet)
        } else if is("sharedstrings+xml") && !self.sheets.strings.is_empty() {
            Some(Job::Strings)
        } else if self.mixed.contains(&index) {
            Some(Job::NoteShapes)
        } else if is("presentation.main+xml") && !self.slides.ids.is_empty() {
            Some(Job::Sections)
        } else {
            None
        }
    }

    fn editor<'p>(&'p self, work: &'p Work) -> Box<dyn Editor + 'p> {
        let inner = self.inner_editor(work);
        if work.paths { Box::new(Paths { inner }) } else { inner }
    }

    fn inner_editor<'p>(&'p self, work: &'p Work) -> Box<dyn Editor + 'p> {
        match &work.job {
            Job::Content => Box::new(Content),
            Job::Properties(unwanted) => Box::new(Properties { unwanted }),
            Job::Word(part) => {
                let shown = self.shown.get(part).unwrap_or(&self.nothing_shown);
                Box::new(Word::new(self.topics, &self.notes, shown))
            }
            Job::Workbook => Box::new(Workbook::new(self.topics, &self.sheets, &self.views)),
            Job::Sheet => Box::new(Sheet { views: &self.views }),
            Job::Strings => Box::new(Strings::new(&self.sheets.strings)),
            Job::NoteShapes => Box::new(NoteShapes),
            Job::Sections => Box::new(Sections { gone: &self.slides.ids }),
            Job::Relationships(severed) => Box::new(Relationships { severed }),
            Job::Types(dropped) => Box::new(Types { dropped }),
        }
    }
}

/// The parts that are nothing but a topic which is to go; never those of the package itself or the document, and none that
/// something else is known to lead to.
fn unwanted(package: &Package<'_>, topics: Topics) -> HashSet<usize> {
    let mut leading: HashMap<usize, bool> = HashMap::new();
    for edge in package.relations.iter().flat_map(|relations| &relations.edges) {
        if let Some(target) = edge.target {
            let own = topics.own_edge(edge);
            leading.entry(target).and_modify(|all_own| *all_own &= own).or_insert(own);
        }
    }
    let is_unwanted = |index: &usize| match leading.get(index) {
        Some(true) => true,
        Some(false) => topics.own_part(package.content_type(*index)),
        None => topics.own_part(package.content_type(*index)) || topics.own_remainder(package.name(*index)),
    };
    (0..package.archive.entries.len()).filter(|index| !package.is_needed(*index)).filter(is_unwanted).collect()
}

fn rehearse(package: &mut Package<'_>, index: usize, work: &Work, finds: &Finds) -> Result<Outcome, CleanError> {
    let outcome =
        package.read(index, &mut |reader| Ok(rewrite(reader, &mut io::sink(), &work.links, &mut *finds.editor(work))?));
    match (outcome, &work.job) {
        // Excel has written drawings that are no XML. They can be read as far as they go, and not written anew.
        (Err(CleanError::Io(error)), Job::Content) if error.kind() == io::ErrorKind::InvalidData && work.paths => {
            // What is no XML is shown by no program, and stays as it is.
            if work.links.severed.is_empty() { Ok(Outcome::default()) } else { Err(error.into()) }
        }
        (Err(CleanError::Io(error)), Job::NoteShapes) if error.kind() == io::ErrorKind::InvalidData => {
            Err(CleanError::Impossible("A drawing of this workbook cannot be written without the comments in it."))
        }
        (outcome, _) => outcome,
    }
}

/// Everything that cannot be reached any longer but could before. What nothing has led to from the start is left alone.
fn dropped(
    package: &Package<'_>,
    unwanted: HashSet<usize>,
    gone: &dyn Fn(&Relations, &Edge) -> bool,
) -> HashSet<usize> {
    let after = package.reachable(&|relations, edge| !gone(relations, edge));
    let before = package.reachable(&|_, _| true);
    let mut dropped = unwanted;
    dropped.extend(before.difference(&after));
    dropped.retain(|index| !package.is_needed(*index));
    let of_dropped = |relations: &&Relations| relations.owner.is_some_and(|owner| dropped.contains(&owner));
    let holders: Vec<usize> = package.relations.iter().filter(of_dropped).map(|relations| relations.entry).collect();
    dropped.extend(holders);
    dropped
}

/// Ties it together once it is known which parts go.
struct Disposals<'a, 'i> {
    package: &'a Package<'i>,
    works: HashMap<usize, Work>,
    dropped: &'a HashSet<usize>,
    gone: &'a dyn Fn(&Relations, &Edge) -> bool,
}

impl Disposals<'_, '_> {
    fn all(mut self) -> Result<Vec<Disposal>, CleanError> {
        for relations in &self.package.relations {
            let gone = |edge: &&Edge| {
                (self.gone)(relations, edge) || edge.target.is_some_and(|target| self.dropped.contains(&target))
            };
            let severed: HashSet<String> = relations.edges.iter().filter(gone).map(|edge| edge.id.clone()).collect();
            // Taking one of them out would take out the other, which may lead to the document itself.
            let stays = relations.edges.iter().filter(|edge| !gone(edge));
            if stays.into_iter().any(|edge| severed.contains(&edge.id)) && !self.dropped.contains(&relations.entry) {
                return Err(CleanError::Impossible("Two relationships of one part have the same id."));
            }
            if !severed.is_empty() {
                self.insert(relations.entry, Job::Relationships(severed));
            }
        }
        let names: HashSet<String> = self.dropped.iter().map(|index| zip::key(self.package.name(*index))).collect();
        let declared = self.package.types.declared().any(|(part, _)| names.contains(part));
        if let Some(types) = self.package.archive.find(content_types::PART).filter(|_| declared) {
            self.insert(types, Job::Types(names));
        }
        Ok((0..self.package.archive.entries.len()).map(|index| self.disposal(index)).collect())
    }

    fn insert(&mut self, index: usize, job: Job) {
        self.works.insert(index, Work { job, paths: false, links: Links::default() });
    }

    fn disposal(&mut self, index: usize) -> Disposal {
        if self.dropped.contains(&index) {
            return Disposal::Drop;
        }
        self.works.remove(&index).map_or(Disposal::Copy, Disposal::Rewrite)
    }
}
