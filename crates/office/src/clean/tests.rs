//! Copies of packages built in memory: which parts go, which stay as they are, and what the archive looks like.

mod copies;
mod excel;
mod people;
mod powerpoint;
mod whole;
mod word;

use std::io::Cursor;

use super::*;
use crate::{
    Verdict, inspect,
    zip::writer::{Around, Member, archive},
};

const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// A package in the making. Ids of relationships are what they lead to.
struct Parts {
    kind: Kind,
    types: String,
    parts: Vec<(String, String)>,
    relations: Vec<(String, String)>,
}

impl Parts {
    fn new(kind: Kind, main: &str, main_type: &str, content: &str) -> Self {
        let mut parts = Self { kind, types: String::new(), parts: Vec::new(), relations: Vec::new() };
        parts.add(main, main_type, content);
        parts.relate("", "officeDocument", main);
        parts
    }

    fn add(&mut self, name: &str, content_type: &str, content: &str) -> &mut Self {
        let content_type = match content_type.strip_prefix("+") {
            Some(other) => other.to_owned(),
            None => format!("application/vnd.openxmlformats-officedocument.{content_type}+xml"),
        };
        self.types.push_str(&format!("<Override PartName='/{name}' ContentType='{content_type}'/>"));
        self.parts.push((name.to_owned(), content.to_owned()));
        self
    }

    fn relate(&mut self, owner: &str, kind: &str, target: &str) -> &mut Self {
        let text = format!("<Relationship Id='{target}' Type='{OFFICE}/{kind}' Target='/{target}'/>");
        match self.relations.iter_mut().find(|(of, _)| of == owner) {
            Some((_, relations)) => relations.push_str(&text),
            None => self.relations.push((owner.to_owned(), text)),
        }
        self
    }

    fn members(&self) -> Vec<Member> {
        let types = format!(
            "<Types xmlns='http://schemas.openxmlformats.org/package/2006/content-types'>\
             <Default Extension='rels' ContentType='application/vnd.openxmlformats-package.relationships+xml'/>\
             <Default Extension='png' ContentType='image/png'/>{}</Types>",
            self.types
        );
        let mut members = vec![Member::new("[Content_Types].xml", types.as_bytes())];
        for (owner, relations) in &self.relations {
            let (folder, file) = owner.rsplit_once('/').map_or(("", &**owner), |(folder, file)| (folder, file));
            let slash = if folder.is_empty() { "" } else { "/" };
            let text = format!(
                "<Relationships xmlns='http://schemas.openxmlformats.org/package/2006/relationships'>{relations}</Relationships>"
            );
            members.push(Member::new(&format!("{folder}{slash}_rels/{file}.rels"), text.as_bytes()));
        }
        members.extend(self.parts.iter().map(|(name, content)| Member::new(name, content.as_bytes())));
        members
    }

    fn clean(&self, topics: &[Topic]) -> Result<(Cleaned, Copy), CleanError> {
        cleaned(&archive(&self.members(), &Around::default()), self.kind, topics)
    }

    /// The sentence that says why the topic cannot go.
    fn refusal(&self, topic: Topic) -> &'static str {
        match self.clean(&[topic]) {
            Err(CleanError::Impossible(sentence)) => sentence,
            other => panic!("{other:?}"),
        }
    }
}

/// What is read of a copy: names and contents in their order.
#[derive(Debug)]
struct Copy {
    bytes: Vec<u8>,
    parts: Vec<(String, String)>,
}

impl Copy {
    fn read(bytes: Vec<u8>) -> Self {
        let mut input = Cursor::new(&bytes);
        let mut package = Package::open(&mut input, &crate::Budget::default()).expect("a package");
        let mut parts = Vec::new();
        for index in 0..package.archive.entries.len() {
            let content = package.read(index, &mut |reader| Ok(reader.collect(1 << 24).unwrap_or_default()));
            let content = String::from_utf8_lossy(&content.expect("a readable part")).into_owned();
            parts.push((package.name(index).to_owned(), content));
        }
        Self { bytes, parts }
    }

    fn part(&self, name: &str) -> &str {
        let part = self.parts.iter().find(|(part, _)| part == name);
        part.map_or_else(|| panic!("{name} is gone"), |(_, content)| content)
    }

    fn names(&self) -> Vec<&str> {
        self.parts.iter().map(|(name, _)| name.as_str()).collect()
    }
}

/// A copy, which has to pass the inspection.
fn cleaned(bytes: &[u8], kind: Kind, topics: &[Topic]) -> Result<(Cleaned, Copy), CleanError> {
    let mut output = Vec::new();
    let cleaned = clean(Cursor::new(bytes), &mut output, kind, topics, &Policy::default())?;
    let report = inspect(Cursor::new(&output), kind, &Policy::default())?;
    assert_ne!(report.verdict(), Verdict::Refused, "{:?}", report.findings);
    Ok((cleaned, Copy::read(output)))
}
