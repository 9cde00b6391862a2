//! What is said of an examination, in both forms.

use office::{Code, Examination, Finding, Item, Kind, Report, Section, Severity, Topic, Verdict, Xray};

use crate::{before_sending, for_client, for_ops, text};

const HOSTILE: &str = "<script>alert('x')</script>\" onmouseover=\"x";

fn item(text: &str) -> Item {
    Item { text: text.to_owned(), ..Item::default() }
}

fn section(topic: Topic, count: u64, items: Vec<Item>) -> Section {
    Section { topic, count, items }
}

fn presentation(sections: Vec<Section>) -> Examination {
    let kind = Kind::Pptx;
    let xray = Xray { kind, title: None, pages: None, sheets: None, slides: Some(12), words: 1_830, sections };
    Examination { verdict: Verdict::Accept, report: Report::default(), xray: Some(xray) }
}

/// Something of every topic, three of each.
fn everything() -> Examination {
    let entry = || Item {
        label: Some("author".to_owned()),
        who: Some(HOSTILE.to_owned()),
        when: Some("2026-11-02T10:11:12Z".to_owned()),
        place: Some("Slide 3".to_owned()),
        text: HOSTILE.to_owned(),
    };
    presentation(Topic::ALL.iter().map(|&topic| section(topic, 3, vec![entry(), entry(), entry()])).collect())
}

fn refused() -> Examination {
    let finding = |code: Code, severity| Finding {
        code,
        severity,
        part: Some(HOSTILE.to_owned()),
        message: format!("{} ({HOSTILE})", code.message()),
    };
    let findings = vec![finding(Code::ExternalLink, Severity::Flag), finding(Code::MacroPart, Severity::Reject)];
    Examination { verdict: Verdict::Refused, report: Report { findings }, xray: None }
}

#[test]
fn the_report_lists_every_topic_that_has_something() {
    let comment = Item {
        who: Some("Ana Example".to_owned()),
        when: Some("2026-11-02T10:11:12Z".to_owned()),
        place: Some("Slide 3".to_owned()),
        ..item("Too long")
    };
    let html = for_ops(&presentation(vec![section(Topic::Comments, 13, vec![comment])]));
    assert_eq!(
        html,
        "<div class=\"xray\"><p class=\"xray-verdict\" data-verdict=\"accept\">Nothing was found against this file.</p>\
         <p class=\"xray-facts muted\">12 slides · 1,830 words</p>\
         <section class=\"xray-report\"><h3>What the reader will see besides the text</h3>\
         <details class=\"xray-topic\" data-topic=\"comments\"><summary><span class=\"xray-name\">Comments</span> \
         <span class=\"xray-count\">13</span></summary>\
         <ul><li><span class=\"xray-text\">Too long</span> \
         <span class=\"muted\">Ana Example · 2026-11-02 · Slide 3</span></li></ul>\
         <p class=\"muted\">and 12 more</p></details></section></div>"
    );
}

#[test]
fn a_file_that_shows_nothing_gets_a_calm_sentence_and_no_form() {
    let html = before_sending(&presentation(vec![]), "file-1");
    assert!(html.contains("Nothing: no names, no comments, nothing hidden."));
    assert!(!html.contains("<fieldset") && !html.contains("<details"));
    let only_fixed = before_sending(&presentation(vec![section(Topic::HiddenText, 1, vec![item("x")])]), "file-1");
    assert!(only_fixed.contains("<details") && !only_fixed.contains("<fieldset"));
}

#[test]
fn the_form_offers_what_can_be_removed_and_presets_what_nobody_sees() {
    let html = before_sending(&everything(), "file-1");
    let boxed = |topic: &str, checked: &str, words: &str| {
        format!("<label><input type=\"checkbox\" name=\"topic\" value=\"{topic}\"{checked}> {words} (3)</label>")
    };
    assert!(html.contains("<fieldset class=\"xray-clean\" id=\"file-1-clean\"><legend>Clean copy</legend>"));
    assert!(html.contains(&boxed("comments", " checked", "Comments")));
    assert!(html.contains(&boxed("tracked_changes", " checked", "Accept all tracked changes")));
    assert!(html.contains(&boxed("hidden_sheets", "", "Remove the hidden sheets")));
    assert!(html.contains(&boxed("hidden_slides", "", "Remove the hidden slides")));
    for fixed in ["hidden_text", "hidden_cells", "external_links", "connections", "embedded_objects"] {
        assert!(!html.contains(&format!("value=\"{fixed}\"")), "{fixed}");
    }
    assert!(!for_ops(&everything()).contains("<input"));
}

#[test]
fn a_refusal_says_why_first() {
    let html = for_ops(&refused());
    let (refusal, remark) = (html.find("data-severity=\"reject\""), html.find("data-severity=\"flag\""));
    assert!(refusal.is_some() && refusal < remark, "{html}");
    assert!(html.contains("data-verdict=\"refused\"") && html.contains("reason for the refusal · "));
    assert!(!html.contains("<section"));
}

#[test]
fn a_client_learns_what_concerns_a_reader_and_no_names() {
    let html = for_client(&everything());
    assert!(html.contains("12 slides · 1,830 words"));
    for sentence in [
        "This presentation leads to 3 places outside.",
        "There are 3 files inside this presentation.",
        "This presentation has 3 connections to data elsewhere.",
    ] {
        assert!(html.contains(sentence), "{sentence}");
    }
    for private in ["script", "Slide 3", "Comments", "2026"] {
        assert!(!html.contains(private), "{private}");
    }
    let one = for_client(&presentation(vec![section(Topic::EmbeddedObjects, 1, vec![item("a.xlsx")])]));
    assert!(one.contains("There is a file inside this presentation.") && !one.contains("a.xlsx"));
    let link = || Item { label: Some("hyperlink".to_owned()), ..item("https://example.com") };
    let links = for_client(&presentation(vec![section(Topic::ExternalLinks, 1, vec![link()])]));
    assert!(links.contains("leads to 1 place outside.") && links.contains("only when you follow it"));
    assert!(html.contains("fetched when the file opens"));
    assert_eq!(for_client(&refused()), "<div class=\"xray\"></div>");
}

#[test]
fn text_of_the_file_stays_text() {
    for html in [before_sending(&everything(), "a"), for_ops(&everything()), for_ops(&refused())] {
        assert!(html.contains("&lt;script&gt;alert("), "{html}");
        assert!(!html.contains("<script") && !html.contains("\" onmouseover"), "{html}");
    }
}

#[test]
fn an_item_without_text_is_named_for_what_it_is() {
    let labelled = Item { label: Some("formatting".to_owned()), who: Some("Ben Example".to_owned()), ..item("") };
    let html = for_ops(&presentation(vec![section(Topic::TrackedChanges, 2, vec![labelled, item("")])]));
    assert!(
        html.contains("<span class=\"xray-text\">change of format</span> <span class=\"muted\">Ben Example</span>")
    );
    assert!(html.contains("<span class=\"xray-text\">(empty)</span></li>"));
}

#[test]
fn times_are_shown_to_the_minute() {
    let made = |time: &str| Item { label: Some("created".to_owned()), ..item(time) };
    let times = vec![made("2026-11-02T10:11:12Z"), made("2026-11-02T10:11:12.5+01:00"), made("yesterday")];
    let lines = text("a", &presentation(vec![section(Topic::Metadata, 3, times)]));
    for shown in ["  2026-11-02 10:11 UTC\n", "  2026-11-02T10:11:12.5+01:00\n", "  yesterday\n"] {
        assert!(lines.contains(shown), "{lines}");
    }
}

#[test]
fn what_one_item_sums_up_is_not_missing() {
    let cells = section(Topic::HiddenCells, 40, vec![item("40 rows")]);
    assert!(!for_ops(&presentation(vec![cells])).contains("more</p>"));
}

#[test]
fn the_terminal_gets_aligned_lines() {
    let row = |who: &str, text: &str| Item { who: Some(who.to_owned()), ..item(text) };
    let comments = vec![row("Ana Example", "Too long"), row("Ben", "No")];
    let mut examination = presentation(vec![section(Topic::Comments, 3, comments)]);
    examination.report = Report {
        findings: vec![Finding {
            code: Code::ExternalLink,
            severity: Severity::Flag,
            part: None,
            message: "It leads elsewhere.".to_owned(),
        }],
    };
    examination.verdict = Verdict::Flagged;
    assert_eq!(
        text("a.pptx", &examination),
        "a.pptx: This file can be sent. Please read the remarks first.\n\
         \x20 It leads elsewhere.\n\
         \x20   remark (external_link)\n\
         \x20 12 slides · 1,830 words\n\
         \x20 Comments: 3\n\
         \x20   Ana Example  Too long\n\
         \x20   Ben          No\n\
         \x20   and 1 more\n"
    );
}

#[test]
fn no_control_character_reaches_the_terminal() {
    let hostile = "a\u{1b}[2J\u{9b}\r\u{202e}b\n";
    let mut examination = presentation(vec![section(Topic::Comments, 1, vec![item(hostile)])]);
    examination.report = refused().report;
    examination.report.findings[0].message = hostile.to_owned();
    let lines = text(hostile, &examination);
    assert!(lines.chars().all(|character| character == '\n' || !character.is_control()), "{lines:?}");
    assert!(!lines.contains('\u{202e}'));
    assert_eq!(lines.lines().count(), 8);
}
