//! The words for topics, labels and verdicts.

use std::borrow::Cow;

use office::{Examination, Finding, Item, Kind, Section, Severity, Topic, Verdict, Xray};

/// The heading of the report.
pub(crate) const REPORT: &str = "What the reader will see besides the text";
/// The report of a file that shows nothing but its text.
pub(crate) const NOTHING: &str = "Nothing: no names, no comments, nothing hidden.";

/// What a topic is called in a list.
pub(crate) const fn name(topic: Topic) -> &'static str {
    match topic {
        Topic::Metadata => "Author and properties",
        Topic::Signatures => "Digital signatures",
        Topic::PictureData => "Details in pictures",
        Topic::Comments => "Comments",
        Topic::TrackedChanges => "Tracked changes",
        Topic::SpeakerNotes => "Speaker notes",
        Topic::HiddenText => "Hidden text",
        Topic::HiddenSheets => "Hidden sheets",
        Topic::HiddenCells => "Hidden rows and columns",
        Topic::HiddenSlides => "Hidden slides",
        Topic::ExternalLinks => "Links to the outside",
        Topic::Connections => "Data connections",
        Topic::CachedData => "Copies of data",
        Topic::EmbeddedObjects => "Files inside the file",
        Topic::CustomProperties => "Added properties",
        Topic::CustomXml => "Custom XML data",
        Topic::RevisionIds => "Revision ids",
    }
}

/// What a clean copy does about a topic, on a check box.
pub(crate) const fn removal(topic: Topic) -> &'static str {
    match topic {
        Topic::TrackedChanges => "Accept all tracked changes",
        Topic::Signatures => "Remove the signatures, which any change makes invalid",
        Topic::PictureData => "Camera, time and place in pictures",
        Topic::HiddenSheets => "Remove the hidden sheets",
        Topic::HiddenSlides => "Remove the hidden slides",
        topic => name(topic),
    }
}

/// What an item is, by the stable word of its label; a word that came later is shown as it is.
pub(crate) fn label(label: &str) -> &str {
    match label {
        "author" => "written by",
        "last_modified_by" => "last edited by",
        "content_status" => "status",
        "last_printed" => "last printed",
        "revision" => "times saved",
        "editing_minutes" => "minutes of editing",
        "hyperlink_base" => "base of its links",
        "person" => "took part",
        "may_edit" => "may edit",
        "signer_address" => "is to sign",
        "personal_view" => "own view of",
        "refreshed_by" => "data fetched by",
        "scenario_by" => "scenario by",
        "published_to" => "published in",
        "picture_path" => "picture taken from",
        "content_type" => "type",
        "titles" => "list of its parts",
        "signature" => "signed; not verified here",
        "broken_signature" => "signed, and changed since",
        "with_location" => "tells where it was taken",
        "building_block" => "text for insertion",
        "pivot_cache" => "data of a pivot table",
        "linked_workbook" => "data of another workbook",
        "sensitivity_label" => "sensitivity label",
        "document_variable" => "noted by a program",
        "tag" => "noted by an add-in",
        "sheet_property" => "noted on a sheet",
        "reserved_by" => "reserved by",
        "folder" => "saved in",
        "move" => "moved",
        "formatting" => "change of format",
        "revision_log" => "log of changes",
        "shape" => "hidden shape",
        "very_hidden" => "hidden from the menu",
        "rows_and_columns" => "hidden",
        "hyperlink" => "link",
        "object" => "object of another program",
        "mail_merge" => "mail merge",
        "query_table" => "table of a query",
        "text_file" => "text file",
        "listed" => "in the settings",
        "marked_passages" => "marked passages",
        label => label,
    }
}

/// The verdict, in a sentence.
pub(crate) const fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Accept => "Nothing was found against this file.",
        Verdict::Flagged => "This file can be sent. Please read the remarks first.",
        Verdict::Refused => "This file is refused.",
    }
}

/// What refuses the file comes before what is only worth knowing.
pub(crate) fn by_weight(findings: &[Finding]) -> impl Iterator<Item = &Finding> {
    let of = |severity| findings.iter().filter(move |finding| finding.severity == severity);
    of(Severity::Reject).chain(of(Severity::Flag))
}

/// What a finding is for the file, and the part it is in.
pub(crate) fn grounds(finding: &Finding) -> String {
    let weight = match finding.severity {
        Severity::Flag => "remark",
        Severity::Reject => "reason for the refusal",
    };
    finding.part.as_deref().map_or_else(|| weight.to_owned(), |part| format!("{weight} · {part}"))
}

/// `12 slides · 1,830 words`; empty when nothing is known.
pub(crate) fn facts(examination: &Examination) -> String {
    let Some(xray) = &examination.xray else { return String::new() };
    let counted = [(xray.pages, "page"), (xray.sheets, "sheet"), (xray.slides, "slide"), (Some(xray.words), "word")];
    let facts = counted.into_iter().filter_map(|(count, noun)| Some(quantity(count?, noun)));
    facts.collect::<Vec<_>>().join(" · ")
}

/// `1 word`, `1,830 words`.
pub(crate) fn quantity(count: u64, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{} {noun}s", number(count)) }
}

/// With a comma between each three digits.
pub(crate) fn number(count: u64) -> String {
    let digits = count.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// What an item says; where it has no text, what it is.
pub(crate) fn text(item: &Item) -> Cow<'_, str> {
    match (item.text.as_str(), &item.label) {
        ("", Some(word)) => label(word).into(),
        ("", None) => "(empty)".into(),
        (text, Some(word)) if matches!(word.as_str(), "created" | "modified" | "last_printed") => moment(text),
        (text, _) => text.into(),
    }
}

/// `change of format · Ana Example · 2026-11-02 · Slide 3`: all that is known of an item besides its text.
pub(crate) fn details(item: &Item) -> String {
    let label = item.label.as_deref().filter(|_| !item.text.is_empty()).map(label);
    let day = item.when.as_deref().map(|when| when.split('T').next().unwrap_or(when));
    let details = [label, item.who.as_deref(), day, item.place.as_deref()];
    details.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// How many things a section counts without showing them. Of what one item sums up, nothing is left out.
pub(crate) fn left_out(section: &Section) -> u64 {
    match section.topic {
        Topic::HiddenCells | Topic::RevisionIds => 0,
        _ => section.count.saturating_sub(section.items.len() as u64),
    }
}

/// `2026-11-02T10:11:12Z` → `2026-11-02 10:11 UTC`; what is written otherwise stays as it is.
fn moment(text: &str) -> Cow<'_, str> {
    match (text.strip_suffix('Z'), text.get(..10), text.get(10..11), text.get(11..16)) {
        (Some(_), Some(day), Some("T"), Some(minute)) => format!("{day} {minute} UTC").into(),
        _ => text.into(),
    }
}

/// What concerns the reader of a file: a sentence each, and what follows from it.
pub(crate) fn concerns(xray: &Xray) -> Vec<(String, &'static str)> {
    let noun = match xray.kind {
        Kind::Docx => "document",
        Kind::Xlsx => "workbook",
        Kind::Pptx => "presentation",
    };
    [outside(xray, noun), inside(xray, noun), connected(xray, noun)].into_iter().flatten().collect()
}

fn outside(xray: &Xray, noun: &str) -> Option<(String, &'static str)> {
    let section = xray.section(Topic::ExternalLinks)?;
    let sentence = format!("This {noun} leads to {} outside.", quantity(section.count, "place"));
    let fetches = section.items.iter().any(|item| item.label.as_deref() != Some("hyperlink"));
    let advice = if fetches {
        "Some of it may be fetched when the file opens, and the owner of the place may notice."
    } else {
        "A link opens only when you follow it."
    };
    Some((sentence, advice))
}

fn inside(xray: &Xray, noun: &str) -> Option<(String, &'static str)> {
    match xray.count(Topic::EmbeddedObjects) {
        0 => None,
        1 => Some((format!("There is a file inside this {noun}."), "It opens when you double-click it.")),
        count => {
            let sentence = format!("There are {} files inside this {noun}.", number(count));
            Some((sentence, "They open when you double-click them."))
        }
    }
}

fn connected(xray: &Xray, noun: &str) -> Option<(String, &'static str)> {
    let count = xray.count(Topic::Connections);
    let sentence = format!("This {noun} has {} to data elsewhere.", quantity(count, "connection"));
    (count > 0).then_some((sentence, "Office may ask whether to refresh them; the values are shown without it."))
}
