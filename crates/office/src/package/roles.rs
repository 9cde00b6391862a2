//! What a part is for: its declared type and the relationships that lead to it, together.
//!
//! Programs find a part by a relationship and read it as what the relationship says. A declared type that says something
//! else, as the default of an extension may, must not make a part something that nobody reads it as; and a part that is
//! read as comments is one whatever its type says.

use std::collections::HashMap;

use super::{
    content_types::{self, ContentTypes},
    relationships,
};
use crate::kind::Kind;

/// The type of every relationships part.
const RELATIONSHIPS: &str = "application/vnd.openxmlformats-package.relationships+xml";
/// What is read as something of which nothing here has to know.
const UNKNOWN: &str = "application/xml";

/// What a relationship makes of its target.
struct Role {
    /// The last segment of the type of the relationship, in lower case.
    kind: &'static str,
    /// The kind of file in which it means this; in every one without.
    of: Option<Kind>,
    /// The types that such a part may have, in lower case. The first one is that of a part which has another.
    types: &'static [&'static str],
}

macro_rules! roles {
    ($(in $of:expr, $prefix:literal: $($kind:literal => [$($name:literal),+];)+)+) => {
        &[$($(Role { kind: $kind, of: $of, types: &[$(concat!("application/vnd.", $prefix, $name)),+] },)+)+]
    };
}

/// What a file is read for comes before what can be taken out of it: a part that is both stays what it is read for.
const ROLES: &[Role] = roles! {
    in Some(Kind::Docx), "openxmlformats-officedocument.wordprocessingml.":
        "styles" => ["styles+xml"];
        "settings" => ["settings+xml"];
        "websettings" => ["websettings+xml"];
        "fonttable" => ["fonttable+xml"];
        "numbering" => ["numbering+xml"];
        "header" => ["header+xml"];
        "footer" => ["footer+xml"];
        "footnotes" => ["footnotes+xml"];
        "endnotes" => ["endnotes+xml"];
        "glossarydocument" => ["document.glossary+xml"];
    in Some(Kind::Xlsx), "openxmlformats-officedocument.spreadsheetml.":
        "worksheet" => ["worksheet+xml"];
        "chartsheet" => ["chartsheet+xml"];
        "dialogsheet" => ["dialogsheet+xml"];
        "sharedstrings" => ["sharedstrings+xml"];
        "styles" => ["styles+xml"];
        "calcchain" => ["calcchain+xml"];
        "table" => ["table+xml"];
        "connections" => ["connections+xml"];
        "querytable" => ["querytable+xml"];
        "externallink" => ["externallink+xml"];
        "pivotcachedefinition" => ["pivotcachedefinition+xml"];
        "pivotcacherecords" => ["pivotcacherecords+xml"];
        "pivottable" => ["pivottable+xml"];
        "sheetmetadata" => ["sheetmetadata+xml"];
    in Some(Kind::Pptx), "openxmlformats-officedocument.presentationml.":
        "slide" => ["slide+xml"];
        "slidelayout" => ["slidelayout+xml"];
        "slidemaster" => ["slidemaster+xml"];
        "notesmaster" => ["notesmaster+xml"];
        "handoutmaster" => ["handoutmaster+xml"];
        "presprops" => ["presprops+xml"];
        "viewprops" => ["viewprops+xml"];
        "tablestyles" => ["tablestyles+xml"];
    in None, "openxmlformats-officedocument.":
        "theme" => ["theme+xml"];
        "themeoverride" => ["themeoverride+xml"];
        "vmldrawing" => ["vmldrawing"];
        "drawing" => ["drawing+xml"];
        "extended-properties" => ["extended-properties+xml"];
        "extendedproperties" => ["extended-properties+xml"];
    in None, "openxmlformats-package.":
        "core-properties" => ["core-properties+xml"];
    // From here on, what can be taken out.
    in Some(Kind::Pptx), "openxmlformats-officedocument.presentationml.":
        "notesslide" => ["notesslide+xml"];
        "commentauthors" => ["commentauthors+xml"];
        "tags" => ["tags+xml"];
    in Some(Kind::Pptx), "":
        "comments" => ["openxmlformats-officedocument.presentationml.comments+xml", "ms-powerpoint.comments+xml"];
        "authors" => ["ms-powerpoint.authors+xml"];
        "changesinfo" => ["ms-powerpoint.changesinfo+xml"];
        "revisioninfo" => ["ms-powerpoint.revisioninfo+xml"];
    in Some(Kind::Docx), "openxmlformats-officedocument.wordprocessingml.":
        "comments" => ["comments+xml"];
        "commentsextended" => ["commentsextended+xml"];
        "commentsextensible" => ["commentsextensible+xml"];
        "commentsids" => ["commentsids+xml"];
        "people" => ["people+xml"];
    in Some(Kind::Xlsx), "openxmlformats-officedocument.spreadsheetml.":
        "comments" => ["comments+xml"];
        "revisionheaders" => ["revisionheaders+xml"];
        "revisionlog" => ["revisionlog+xml"];
        "usernames" => ["usernames+xml"];
    in Some(Kind::Xlsx), "ms-excel.":
        "threadedcomment" => ["threadedcomments+xml"];
        "person" => ["person+xml"];
    in None, "":
        "documenttasks" => ["ms-office.documenttasks+xml"];
        "classificationlabels" => ["ms-office.classificationlabels+xml"];
        "custom-properties" => ["openxmlformats-officedocument.custom-properties+xml"];
        "customproperties" => ["openxmlformats-officedocument.custom-properties+xml"];
        "customxmlprops" => ["openxmlformats-officedocument.customxmlproperties+xml"];
};

/// The types under which the parts of a package are read, where they are not the declared ones.
#[derive(Debug, Default)]
pub(crate) struct Roles {
    by_index: HashMap<usize, &'static str>,
}

impl Roles {
    /// `names` are those of all entries in their order, `edges` the kinds and targets of all relationships within the
    /// package, `main` is the main part.
    pub(crate) fn find<'a>(
        names: impl Iterator<Item = &'a str>,
        types: &ContentTypes,
        edges: impl Iterator<Item = (&'a str, usize)>,
        main: Option<usize>,
    ) -> Self {
        let names: Vec<&str> = names.collect();
        let of = main.and_then(|main| names.get(main)).and_then(|main| family(types.of(main)));
        let mut leading: HashMap<usize, Leading> = HashMap::new();
        for (kind, target) in edges {
            leading.entry(target).or_default().add(kind, of);
        }
        let read_as = |(index, name): (usize, &&'a str)| {
            let role = role(name, types, leading.get(&index), main == Some(index))?;
            Some((index, role))
        };
        Self { by_index: names.iter().enumerate().filter_map(read_as).collect() }
    }

    /// The type of an entry, where it is not the declared one.
    pub(crate) fn of(&self, index: usize) -> Option<&'static str> {
        self.by_index.get(&index).copied()
    }
}

/// Whether an entry belongs to the package itself and not to the document in it.
pub(crate) fn is_of_package(name: &str) -> bool {
    name.eq_ignore_ascii_case(content_types::PART) || relationships::is_part(name)
}

/// The kind of file that has a main part of this type.
pub(crate) fn family(main_type: &str) -> Option<Kind> {
    let says = |word| main_type.contains(word);
    match () {
        () if says("wordprocessingml") => Some(Kind::Docx),
        () if says("spreadsheetml") => Some(Kind::Xlsx),
        () if says("presentationml") => Some(Kind::Pptx),
        () => None,
    }
}

/// What leads to a part.
#[derive(Default)]
struct Leading {
    /// The first of its roles in the order of the list.
    role: Option<usize>,
}

impl Leading {
    fn add(&mut self, kind: &str, of: Option<Kind>) {
        let means = |role: &Role| role.kind == kind && role.of.is_none_or(|role| Some(role) == of);
        let role = ROLES.iter().position(means);
        self.role = match (self.role, role) {
            (Some(known), Some(other)) => Some(known.min(other)),
            (known, other) => known.or(other),
        };
    }
}

/// The type under which a part is read, where it is not the declared one.
fn role(name: &str, types: &ContentTypes, leading: Option<&Leading>, is_main: bool) -> Option<&'static str> {
    if is_of_package(name) {
        return Some(if relationships::is_part(name) { RELATIONSHIPS } else { UNKNOWN });
    }
    let (declared, leading) = (types.of(name), leading?);
    if is_main {
        return None;
    }
    match leading.role.and_then(|role| ROLES.get(role)) {
        Some(role) => role.types.first().copied().filter(|_| !role.types.contains(&declared)),
        // It is something else, and the type is only the one that its extension happens to have.
        None => {
            let is_known = ROLES.iter().any(|role| role.types.contains(&declared));
            (is_known && !types.names(name)).then_some(UNKNOWN)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 4] = ["[Content_Types].xml", "word/document.xml", "word/a.xml", "word/_rels/document.xml.rels"];

    /// What `word/a.xml` is read as, where it is of this type and these relationships lead to it.
    fn read_as(declaration: &str, kinds: &[&str]) -> Option<&'static str> {
        let text = format!(
            "<Types xmlns='http://schemas.openxmlformats.org/package/2006/content-types'>{declaration}\
             <Override PartName='/word/document.xml' ContentType='application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml'/></Types>"
        );
        let types = ContentTypes::read(&mut text.as_bytes()).expect("valid");
        let edges = kinds.iter().map(|kind| (*kind, 2)).chain([("officedocument", 1), ("comments", 1)]);
        let roles = Roles::find(NAMES.into_iter(), &types, edges, Some(1));
        assert_eq!((roles.of(0), roles.of(1), roles.of(3)), (Some(UNKNOWN), None, Some(RELATIONSHIPS)));
        roles.of(2)
    }

    #[test]
    fn a_part_is_what_it_is_read_as() {
        const COMMENTS: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.comments+xml";
        const STYLES: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml";
        let default = format!("<Default Extension='xml' ContentType='{COMMENTS}'/>");
        let named = format!("<Override PartName='/word/a.xml' ContentType='{COMMENTS}'/>");
        let other = "<Default Extension='xml' ContentType='application/xml'/>";
        for (declaration, kinds, expected) in [
            (&*default, &["comments"][..], None),
            (&default, &["styles"], Some(STYLES)),
            (&default, &["comments", "styles"], Some(STYLES)),
            (&default, &["diagramdata"], Some(UNKNOWN)),
            (&default, &[], None),
            (&named, &["styles"], Some(STYLES)),
            (&named, &["diagramdata"], None),
            (other, &["comments"], Some(COMMENTS)),
            (other, &["comments", "diagramdata"], Some(COMMENTS)),
            (other, &["diagramdata"], None),
            // What it would be in a workbook.
            (other, &["worksheet"], None),
        ] {
            assert_eq!(read_as(declaration, kinds), expected, "{declaration} {kinds:?}");
        }
    }
}
