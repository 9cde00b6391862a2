//! As HTML, for the style of `style/xray.css`.

use maud::{Markup, html};
use office::{Examination, Finding, Item, Removal, Section, Severity, Xray};

use crate::words;

/// For the upload page: the verdict, the report, and a form with a check box for everything that a clean copy can be
/// without. `id` keeps the ids of several files on one page apart.
#[must_use]
pub fn before_sending(examination: &Examination, id: &str) -> String {
    let clean = examination.xray.as_ref().map(|xray| clean(xray, id));
    html! { div.xray { (judgement(examination)) (report(examination)) (clean.unwrap_or_default()) } }.into_string()
}

/// For the document page of ops: verdict, findings and the whole report.
#[must_use]
pub fn for_ops(examination: &Examination) -> String {
    html! { div.xray { (judgement(examination)) (report(examination)) } }.into_string()
}

/// For the document page of a client: how much it is, and what concerns its reader.
#[must_use]
pub fn for_client(examination: &Examination) -> String {
    let concerns = examination.xray.as_ref().map(words::concerns).unwrap_or_default();
    html! {
        div.xray {
            (facts(examination))
            @if !concerns.is_empty() {
                ul.findings {
                    @for (sentence, advice) in &concerns {
                        li.finding data-severity="flag" { strong { (sentence) } " " span.muted { (advice) } }
                    }
                }
            }
        }
    }
    .into_string()
}

/// The verdict, and the reasons for it.
fn judgement(examination: &Examination) -> Markup {
    let findings = &examination.report.findings;
    html! {
        p.xray-verdict data-verdict=(examination.verdict.as_str()) { (words::verdict(examination.verdict)) }
        @if !findings.is_empty() {
            ul.findings { @for finding in words::by_weight(findings) { (remark(finding)) } }
        }
        (facts(examination))
    }
}

fn remark(finding: &Finding) -> Markup {
    let severity = match finding.severity {
        Severity::Flag => "flag",
        Severity::Reject => "reject",
    };
    html! {
        li.finding data-severity=(severity) { strong { (finding.message) } " " span.muted { (words::grounds(finding)) } }
    }
}

fn facts(examination: &Examination) -> Markup {
    let facts = words::facts(examination);
    html! { @if !facts.is_empty() { p.xray-facts.muted { (facts) } } }
}

fn report(examination: &Examination) -> Markup {
    let Some(xray) = &examination.xray else { return Markup::default() };
    html! {
        section.xray-report {
            h3 { (words::REPORT) }
            @for section in &xray.sections { (topic(section)) }
            @if xray.sections.is_empty() { p { (words::NOTHING) } }
        }
    }
}

fn topic(section: &Section) -> Markup {
    let more = words::left_out(section);
    html! {
        details.xray-topic data-topic=(section.topic.as_str()) {
            summary {
                span.xray-name { (words::name(section.topic)) } " " span.xray-count { (words::number(section.count)) }
            }
            ul { @for entry in &section.items { (item(entry)) } }
            @if more > 0 { p.muted { "and " (words::number(more)) " more" } }
        }
    }
}

fn item(item: &Item) -> Markup {
    let details = words::details(item);
    html! {
        li {
            span.xray-text { (words::text(item)) }
            @if !details.is_empty() { " " span.muted { (details) } }
        }
    }
}

/// The choice of what a clean copy is to be without; nothing where it would be no other file.
fn clean(xray: &Xray, id: &str) -> Markup {
    let removable: Vec<&Section> = xray.sections.iter().filter(|section| section.topic.is_removable()).collect();
    if removable.is_empty() {
        return Markup::default();
    }
    html! {
        fieldset.xray-clean id={ (id) "-clean" } {
            legend { "Clean copy" }
            @for section in removable {
                label {
                    input type="checkbox" name="topic" value=(section.topic.as_str())
                        checked[section.topic.removal() == Removal::Unseen];
                    " " (words::removal(section.topic)) " (" (words::number(section.count)) ")"
                }
            }
        }
    }
}
