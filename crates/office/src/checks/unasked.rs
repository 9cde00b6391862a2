//! What a program loads without asking.
//!
//! Where something is linked to stands in one part, whether a program goes there by itself in another, and either may
//! come first. So both are gathered, and judged at the end.

use std::collections::HashSet;

use crate::{
    finding::{Code, Finding},
    report::Report,
};

/// How many links and marks are kept. Beyond it everything is taken for loaded.
const MOST: usize = 10_000;

/// What is linked.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Link {
    /// A data connection of a workbook, by its id.
    Connection(String),
    /// A relationship, by the key of the part that has it and its id.
    Relationship(String, String),
    /// Every link to another workbook.
    Workbooks,
}

struct Waiting {
    link: Link,
    loaded: Finding,
    asked: Finding,
}

/// The links of one package.
#[derive(Default)]
pub(crate) struct Links {
    waiting: Vec<Waiting>,
    unasked: HashSet<Link>,
    /// More was marked than is kept.
    all: bool,
}

impl Links {
    /// Takes note of a link: it is `loaded` when a program follows it by itself, and `asked` when it does not.
    pub(crate) fn wait(&mut self, link: Link, part: &str, target: &str, loaded: Code, asked: Code) {
        let finding = |code| Finding::new(code, Some(part), target);
        if self.waiting.len() < MOST {
            self.waiting.push(Waiting { link, loaded: finding(loaded), asked: finding(asked) });
        } else {
            self.all = true;
        }
    }

    /// Takes note that a program follows this link by itself.
    pub(crate) fn mark(&mut self, link: Link) {
        if self.unasked.len() < MOST {
            self.unasked.insert(link);
        } else {
            self.all = true;
        }
    }

    /// The end of the package.
    pub(crate) fn settle(&mut self, report: &mut Report) {
        for Waiting { link, loaded, asked } in self.waiting.drain(..) {
            report.add(if self.all || self.unasked.contains(&link) { loaded } else { asked });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_counts_wherever_it_stands() {
        let wait = |links: &mut Links| {
            links.wait(Link::Connection("1".into()), "part", "target", Code::UncPath, Code::ServerLink);
        };
        let code = |links: &mut Links| {
            let mut report = Report::default();
            links.settle(&mut report);
            report.findings.first().map(|finding| finding.code)
        };
        let mut links = Links::default();
        wait(&mut links);
        links.mark(Link::Connection("2".into()));
        assert_eq!(code(&mut links), Some(Code::ServerLink));
        links.mark(Link::Connection("1".into()));
        wait(&mut links);
        assert_eq!(code(&mut links), Some(Code::UncPath));
    }

    #[test]
    fn what_is_not_kept_is_taken_for_loaded() {
        let mut links = Links::default();
        for number in 0..=MOST {
            links.mark(Link::Connection(number.to_string()));
        }
        links.wait(Link::Workbooks, "part", "target", Code::UncPath, Code::ServerLink);
        let mut report = Report::default();
        links.settle(&mut report);
        assert!(report.has(Code::UncPath));
    }
}
