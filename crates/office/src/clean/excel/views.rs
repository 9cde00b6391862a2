//! What people have left in a workbook: their own views of it (ECMA-376 part 1, 18.2.3 and 18.3.1.25), scenarios, and
//! ranges that they may change.

use std::{collections::HashSet, io};

use crate::{
    clean::{
        CleanError,
        draft::Draft,
        element::{Element, Vocabulary},
        package::Package,
        rewrite::{Editor, Fate},
    },
    xml::Token,
};

/// More views than people.
const MOST: usize = 10_000;

/// The views that Excel has made for people who shared the workbook, by their ids in lower case.
#[derive(Debug, Default)]
pub(in crate::clean) struct Views {
    ids: HashSet<String>,
}

impl Views {
    pub(in crate::clean) fn find(package: &mut Package<'_>) -> Result<Self, CleanError> {
        let mut views = Self::default();
        let Some(main) = package.main() else { return Ok(views) };
        package.walk(main, &mut |token| {
            if let Token::Open(tag) = token
                && tag.name() == "customWorkbookView"
                && matches!(tag.attribute("personalView"), Ok(Some(value)) if matches!(&*value, "1" | "true"))
                && let Ok(Some(id)) = tag.attribute("guid")
                && views.ids.len() < MOST
            {
                views.ids.insert(id.to_lowercase());
            }
        })?;
        Ok(views)
    }

    pub(super) fn any(&self) -> bool {
        !self.ids.is_empty()
    }

    /// Whether an element describes one of them.
    pub(super) fn own(&self, element: &Element<'_>) -> bool {
        self.any() && element.attribute("guid").is_some_and(|id| self.ids.contains(&id.to_lowercase()))
    }

    /// Whether a defined name belongs to one of them: `Z_`, the id with other lines in it, `_.wvu.` and what it is.
    pub(super) fn own_name(&self, name: &str) -> bool {
        let id = name.strip_prefix("Z_").and_then(|name| name.split_once("_.wvu.")).map(|(id, _)| id);
        id.is_some_and(|id| self.ids.contains(&format!("{{{}}}", id.to_lowercase().replace('_', "-"))))
    }
}

/// The editor of a sheet.
pub(in crate::clean) struct Sheet<'p> {
    pub(in crate::clean) views: &'p Views,
}

impl Editor for Sheet<'_> {
    fn open(&mut self, element: &Element<'_>, _draft: &mut Draft<'_>) -> io::Result<Fate> {
        Ok(match element.name {
            "customSheetViews" if self.views.any() => Fate::Frame,
            "customSheetView" if self.views.own(element) => Fate::Drop,
            "customProperties" | "ext" | "extLst" => Fate::Frame,
            // Where the sheet lies as a web page (18.3.1.98).
            "webPublishItems" => Fate::Drop,
            // Which accounts may change a range (\[MS-OI29500\] 2.1.614).
            "securityDescriptor" => Fate::Drop,
            _ => Fate::Keep,
        })
    }

    fn tag(&mut self, element: &Element<'_>) -> Option<String> {
        match element.name {
            "protectedRange" => element.without(Vocabulary::Other, &|name| name == "securityDescriptor"),
            // Who made a scenario; Excel repeats it in the comment (18.3.1.76).
            "scenario" => {
                let user = element.attribute("user").filter(|user| !user.is_empty())?;
                let repeats = element.attribute("comment").is_some_and(|comment| comment.contains(&*user));
                element.without(Vocabulary::Other, &|name| name == "user" || (repeats && name == "comment"))
            }
            _ => None,
        }
    }
}
