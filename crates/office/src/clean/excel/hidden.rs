//! Hidden sheets (ECMA-376 part 1, 18.2.19): which parts, names and texts go with them, and whether they can go at all.

use std::collections::HashSet;

use super::{Used, formulas::Missing};
use crate::{
    clean::{CleanError, package::Package},
    xml::{Tag, Token},
};

/// Bytes of names and formulas that are held in memory.
const MOST_TEXT: usize = 16 << 20;
/// Longer than any formula that Excel takes (8,192 characters).
const LONGEST_FORMULA: usize = 1 << 16;
/// Names that refer to names that refer to names.
const LONGEST_CHAIN: usize = 64;

const IN_USE: CleanError = CleanError::Impossible(
    "What is seen of the workbook draws on one of its hidden sheets. Replace those formulas by their values first.",
);
const TOO_MUCH: CleanError = CleanError::Impossible("The workbook has more names than a copy can keep track of.");

/// The sheets that are not shown, and what belongs to them.
#[derive(Debug, Default)]
pub(in crate::clean) struct HiddenSheets {
    /// Their parts, and the order of calculation, which Excel makes anew.
    pub(in crate::clean) parts: HashSet<usize>,
    /// The defined names that go, by their place.
    pub(super) names: HashSet<usize>,
    /// Texts that nothing else shows.
    pub(in crate::clean) strings: Used,
    /// Of each sheet, its new place unless it goes.
    positions: Vec<Option<usize>>,
    shown: Vec<bool>,
}

#[derive(Default)]
struct Sheet {
    name: String,
    edge: String,
    hidden: bool,
}

#[derive(Default)]
struct Name {
    name: String,
    sheet: Option<usize>,
    formula: String,
}

impl HiddenSheets {
    pub(in crate::clean) fn any(&self) -> bool {
        !self.parts.is_empty()
    }

    /// The new place of a sheet.
    pub(super) fn position(&self, old: usize) -> Option<usize> {
        self.positions.get(old).copied().flatten()
    }

    pub(super) fn first_shown(&self) -> usize {
        self.shown.iter().position(|shown| *shown).and_then(|old| self.position(old)).unwrap_or_default()
    }

    pub(in crate::clean) fn find(package: &mut Package<'_>) -> Result<Self, CleanError> {
        let Some(main) = package.main() else { return Ok(Self::default()) };
        let (sheets, names) = read_workbook(package, main)?;
        if !sheets.iter().any(|sheet| sheet.hidden) {
            return Ok(Self::default());
        }
        if sheets.iter().all(|sheet| sheet.hidden) {
            return Err(CleanError::Impossible("Every sheet is hidden: without them nothing would be left."));
        }
        let edges = package.edges(main).iter();
        let hidden: HashSet<&str> =
            sheets.iter().filter(|sheet| sheet.hidden).map(|sheet| sheet.edge.as_str()).collect();
        let gone = edges.clone().filter(|edge| hidden.contains(edge.id.as_str())).filter_map(|edge| edge.target);
        let gone: HashSet<usize> = gone.collect();
        let order = edges.filter(|edge| edge.kind == "calcchain").filter_map(|edge| edge.target);
        let parts: HashSet<usize> = gone.iter().copied().chain(order).collect();

        let mut missing = Missing::default();
        for (place, sheet) in sheets.iter().enumerate() {
            missing.sheets.insert(sheet.name.to_lowercase(), (place, sheet.hidden));
        }
        missing.words = tables(package, &gone)?;
        let names = names_that_go(&names, &sheets, &mut missing)?;
        let kept = package.reachable(&|_, edge| !edge.target.is_some_and(|target| parts.contains(&target)));
        check_use(package, &kept, main, &missing)?;
        let strings = strings(package, &gone, &kept)?;

        let mut places = 0..;
        let positions = sheets.iter().map(|sheet| if sheet.hidden { None } else { places.next() }).collect();
        let shown = sheets.iter().map(|sheet| !sheet.hidden).collect();
        Ok(Self { parts, names, strings, positions, shown })
    }
}

fn read_workbook(package: &mut Package<'_>, main: usize) -> Result<(Vec<Sheet>, Vec<Name>), CleanError> {
    let (mut sheets, mut names, mut in_name, mut length) = (Vec::new(), Vec::<Name>::new(), false, 0);
    let text = |tag: &Tag<'_>, name: &str| tag.attribute(name).ok().flatten().unwrap_or_default().into_owned();
    package.walk(main, &mut |token| match token {
        _ if length > MOST_TEXT => {}
        Token::Open(tag) if tag.name() == "sheet" => {
            let edge = tag.foreign_attribute("id").ok().flatten().unwrap_or_default().into_owned();
            let hidden = matches!(text(&tag, "state").as_str(), "hidden" | "veryHidden");
            let name = text(&tag, "name");
            length += name.len() + edge.len() + size_of::<Sheet>();
            sheets.push(Sheet { name, edge, hidden });
        }
        Token::Open(tag) if tag.name() == "definedName" => {
            in_name = true;
            let name = text(&tag, "name");
            length += name.len() + size_of::<Name>();
            names.push(Name { name, sheet: text(&tag, "localSheetId").trim().parse().ok(), formula: String::new() });
        }
        Token::Text(piece) if in_name => {
            length += piece.len();
            names.last_mut().into_iter().for_each(|name| name.formula.push_str(piece));
        }
        Token::Close("definedName") => in_name = false,
        _ => {}
    })?;
    if length > MOST_TEXT { Err(TOO_MUCH) } else { Ok((sheets, names)) }
}

/// The names of the tables on sheets that go.
fn tables(package: &mut Package<'_>, gone: &HashSet<usize>) -> Result<HashSet<String>, CleanError> {
    let edges = gone.iter().flat_map(|sheet| package.edges(*sheet));
    let parts: Vec<usize> = edges.filter(|edge| edge.kind == "table").filter_map(|edge| edge.target).collect();
    let mut words = HashSet::new();
    for part in parts {
        let mut table = None;
        package.walk(part, &mut |token| {
            if let Token::Open(tag) = token
                && tag.name() == "table"
            {
                table = table.take().or_else(|| Some(tag.attribute("displayName").ok()??.to_lowercase()));
            }
        })?;
        words.extend(table);
    }
    Ok(words)
}

/// The names of sheets that go, and all that refer to what goes, directly or by other names. Whether one of them is in
/// use is seen later.
fn names_that_go(names: &[Name], sheets: &[Sheet], missing: &mut Missing) -> Result<HashSet<usize>, CleanError> {
    let local = |name: &Name| name.sheet.and_then(|sheet| sheets.get(sheet)).is_some_and(|sheet| sheet.hidden);
    let mut gone: HashSet<usize> = HashSet::new();
    for _ in 0..LONGEST_CHAIN {
        let fresh = |(place, name): &(usize, &Name)| {
            !gone.contains(place) && (local(name) || missing.is_used_in(&name.formula))
        };
        let found: Vec<usize> = names.iter().enumerate().filter(fresh).map(|(place, _)| place).collect();
        if found.is_empty() {
            return Ok(gone);
        }
        // A name of a sheet that goes hides no name of the same kind elsewhere.
        let reach = found.iter().filter_map(|place| names.get(*place)).filter(|name| !local(name));
        missing.words.extend(reach.map(|name| name.name.to_lowercase()));
        gone.extend(found);
    }
    Err(TOO_MUCH)
}

/// Looks through everything that stays for references to what goes.
fn check_use(
    package: &mut Package<'_>,
    kept: &HashSet<usize>,
    main: usize,
    missing: &Missing,
) -> Result<(), CleanError> {
    for &part in kept {
        let content_type = package.content_type(part);
        let holds_formulas =
            !["sharedstrings+xml", "styles+xml", "theme+xml"].iter().any(|no| content_type.ends_with(no));
        if part == main || !holds_formulas || !(package.is_xml(part) || content_type.contains("vmldrawing")) {
            continue;
        }
        let (mut formula, mut in_formula, mut used) = (String::new(), false, false);
        package.walk(part, &mut |token| match token {
            _ if used => {}
            Token::Open(tag) => {
                in_formula = is_formula(tag.name());
                used = names_what_goes(&tag, missing);
            }
            Token::Text(piece) if in_formula => {
                formula.push_str(piece);
                used = formula.len() > LONGEST_FORMULA;
            }
            Token::Close(_) if in_formula => {
                in_formula = false;
                used = missing.is_used_in(&std::mem::take(&mut formula));
            }
            _ => {}
        })?;
        if used {
            return Err(IN_USE);
        }
    }
    Ok(())
}

/// Elements whose text is a formula: of cells, charts, rules, lists, tables, sparklines and controls.
fn is_formula(name: &str) -> bool {
    name == "f" || name.starts_with("formula") || name.ends_with("Formula") || name.starts_with("Fmla")
}

/// Attributes that name cells: of hyperlinks, text boxes and controls, and the source of a pivot table.
fn names_what_goes(tag: &Tag<'_>, missing: &Missing) -> bool {
    let value = |name| tag.attribute(name).ok().flatten();
    let refers = |name| value(name).is_some_and(|formula| missing.is_used_in(&formula));
    match tag.name() {
        "worksheetSource" | "dataRef" | "rangeSet" => {
            value("sheet").is_some_and(|sheet| missing.is_sheet(&sheet.to_lowercase())) || refers("name")
        }
        "hyperlink" => refers("location"),
        "sp" => refers("textlink"),
        "formControlPr" => ["fmlaGroup", "fmlaLink", "fmlaRange", "fmlaTxbx"].into_iter().any(refers),
        _ => false,
    }
}

/// The texts that only cells of sheets which go have shown.
fn strings(package: &mut Package<'_>, gone: &HashSet<usize>, kept: &HashSet<usize>) -> Result<Used, CleanError> {
    let (mut lost, mut used) = (Used::default(), Used::default());
    for sheet in package.of_type("spreadsheetml.worksheet+xml") {
        if gone.contains(&sheet) {
            lost.read(package, sheet)?;
        } else if kept.contains(&sheet) {
            used.read(package, sheet)?;
        }
    }
    Ok(lost.without(&used))
}
