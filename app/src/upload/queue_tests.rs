use super::{super::item::Verdict, *};
use domain::{DocumentKind, Timestamp, upload::DepositedFile};

const LIMIT: u64 = 1_000_000;

/// Files of 100,000 bytes, chosen and not inspected yet.
fn chosen(names: &[&str]) -> Queue {
    let mut queue = Queue::default();
    for name in names {
        queue.apply(Event::Added { name: (*name).to_owned(), size: 100_000 }, LIMIT);
    }
    queue
}

/// The same, accepted here and released.
fn released(names: &[&str]) -> Queue {
    let mut queue = chosen(names);
    for key in 0..queue.next_key() {
        queue.apply(Event::Inspected(key, inspected(Verdict::Accept)), LIMIT);
        queue.apply(Event::Released(key), LIMIT);
    }
    queue
}

fn inspected(verdict: Verdict) -> Inspected {
    Inspected {
        verdict,
        sentence: if verdict == Verdict::Refused { "It carries macros.".to_owned() } else { String::new() },
        summary: format!("{verdict:?}"),
        html: String::new(),
        cleanable: true,
    }
}

fn cleaned(key: Key, size: u64) -> Event {
    Event::Cleaned { key, size, removed: "3 comments".to_owned(), inspected: inspected(Verdict::Accept) }
}

fn deposited() -> UploadReport {
    let file = DepositedFile {
        id: "0198c0de-0000-7000-8000-000000000001".parse().expect("an id"),
        name: FileName::parse("a.docx").expect("a name"),
        kind: DocumentKind::Docx,
        size: 100_000,
        sha256: domain::Sha256::new([0; 32]),
        version: 1,
        uploaded_at: Timestamp::from_millis(0),
    };
    UploadReport { files: vec![file], rejected: Vec::new(), stopped: None }
}

fn phase(queue: &Queue, key: Key) -> &Phase {
    &queue.item(key).expect("in the queue").phase
}

#[test]
fn nothing_leaves_before_it_is_inspected_and_released() {
    let mut queue = chosen(&["a.docx", "b.docx"]);
    assert!(queue.startable().is_empty());
    queue.apply(Event::Released(0), LIMIT);
    assert!(queue.startable().is_empty(), "its inspection has not ended");
    queue.apply(Event::Inspected(0, inspected(Verdict::Flagged)), LIMIT);
    assert!(queue.startable().is_empty(), "nobody has said that it shall leave");
    assert!(!queue.is_releasable(), "about the other it is still open");
    queue.apply(Event::Inspected(1, inspected(Verdict::Refused)), LIMIT);
    assert!(queue.is_releasable());
    assert_eq!(queue.ready(), [0]);
    queue.apply(Event::Released(0), LIMIT);
    queue.apply(Event::Released(1), LIMIT);
    assert_eq!(queue.startable(), [0]);
    assert!(matches!(phase(&queue, 1), Phase::Refused { reason, .. } if reason == "It carries macros."));
}

#[test]
fn a_file_that_cannot_be_inspected_here_may_be_sent_all_the_same() {
    let mut queue = chosen(&["a.docx"]);
    queue.apply(Event::NotInspected(0), LIMIT);
    assert_eq!(phase(&queue, 0), &Phase::Ready);
    assert!(queue.item(0).expect("there").inspected.is_none());
    queue.apply(Event::Released(0), LIMIT);
    assert_eq!(queue.startable(), [0]);
}

#[test]
fn progress_of_the_worker_counts_only_while_it_works() {
    let mut queue = chosen(&["a.docx"]);
    queue.apply(Event::Worked(0, 400), LIMIT);
    assert_eq!(phase(&queue, 0), &Phase::Inspecting(400));
    queue.apply(Event::Inspected(0, inspected(Verdict::Accept)), LIMIT);
    queue.apply(Event::Worked(0, 900), LIMIT);
    assert_eq!(phase(&queue, 0), &Phase::Ready);
}

#[test]
fn a_clean_copy_takes_the_place_of_its_original_and_can_give_it_back() {
    let mut queue = chosen(&["a.docx"]);
    queue.apply(Event::Inspected(0, inspected(Verdict::Flagged)), LIMIT);
    let original = queue.clone();
    for size in [90_000, 80_000] {
        queue.apply(Event::CleaningBegan(0), LIMIT);
        assert!(!queue.is_releasable(), "which of the two would leave?");
        queue.apply(cleaned(0, size), LIMIT);
    }
    let item = queue.item(0).expect("there");
    assert_eq!((item.size, &item.phase), (80_000, &Phase::Ready));
    assert_eq!(item.inspected.as_ref().map(|inspected| inspected.verdict), Some(Verdict::Accept));
    queue.apply(Event::Restored(0), LIMIT);
    assert_eq!(queue, original, "a copy of a copy has the same original");
}

#[test]
fn a_copy_that_cannot_be_made_leaves_the_original_in_place() {
    let mut queue = chosen(&["a.docx"]);
    queue.apply(Event::Inspected(0, inspected(Verdict::Accept)), LIMIT);
    queue.apply(Event::CleaningBegan(0), LIMIT);
    queue.apply(Event::NotCleaned(0, "A chart needs the sheet.".to_owned()), LIMIT);
    assert_eq!(queue.item(0).expect("there").obstacle.as_deref(), Some("A chart needs the sheet."));

    queue.apply(Event::CleaningBegan(0), LIMIT);
    assert!(queue.item(0).expect("there").obstacle.is_none());
    queue.apply(Event::Cancelled(0), LIMIT);
    queue.apply(cleaned(0, 1), LIMIT);
    assert_eq!(queue.item(0).expect("there").size, 100_000, "a copy that nobody waits for any more");
}

#[test]
fn no_more_than_two_files_travel_at_a_time() {
    let mut queue = released(&["a.docx", "b.docx", "c.docx"]);
    assert_eq!(queue.startable(), [0, 1]);
    queue.apply(Event::Started(0, 0.0), LIMIT);
    queue.apply(Event::Started(1, 0.0), LIMIT);
    assert!(queue.startable().is_empty());
    queue.apply(Event::Sent(0), LIMIT);
    assert!(queue.startable().is_empty(), "being inspected is still under way");
    queue.apply(Event::Answered(0, Ok(deposited())), LIMIT);
    assert_eq!(queue.startable(), [2]);
    assert!(queue.is_unfinished());
}

#[test]
fn what_can_be_told_without_opening_a_file_is_told_at_once() {
    let mut queue = chosen(&["macro.docm", "fine.docx"]);
    queue.apply(Event::Added { name: "big.docx".into(), size: LIMIT + 1 }, LIMIT);
    queue.apply(Event::Added { name: "empty.docx".into(), size: 0 }, LIMIT);
    assert_eq!(phase(&queue, 1), &Phase::Inspecting(0));
    for key in [0, 2, 3] {
        assert!(matches!(phase(&queue, key), Phase::Refused { .. }), "{key}");
    }
}

#[test]
fn a_refusal_is_final_and_a_failure_can_be_tried_again() {
    let mut queue = released(&["a.docx", "b.docx"]);
    for key in [0, 1] {
        queue.apply(Event::Started(key, 0.0), LIMIT);
    }
    queue.apply(Event::Answered(0, Err(Problem::new(ErrorCode::TooLarge))), LIMIT);
    queue.apply(Event::Answered(1, Err(Problem::new(ErrorCode::Busy))), LIMIT);
    queue.apply(Event::Retried(0), LIMIT);
    queue.apply(Event::Retried(1), LIMIT);
    assert!(matches!(phase(&queue, 0), Phase::Refused { .. }));
    assert_eq!(phase(&queue, 1), &Phase::Waiting);
}

#[test]
fn an_answer_that_comes_after_the_cancel_changes_nothing() {
    let mut queue = released(&["a.docx"]);
    queue.apply(Event::Started(0, 0.0), LIMIT);
    queue.apply(Event::Cancelled(0), LIMIT);
    queue.apply(Event::Answered(0, Ok(deposited())), LIMIT);
    queue.apply(Event::Broken(0), LIMIT);
    assert_eq!(phase(&queue, 0), &Phase::Cancelled);
    assert!(!queue.is_unfinished());
    queue.apply(Event::Tidied, LIMIT);
    assert!(queue.items().is_empty());
}

#[test]
fn what_is_on_its_way_stays_on_the_list_and_so_does_what_could_still_be_deposited() {
    let mut queue = released(&["a.docx"]);
    queue.apply(Event::Started(0, 0.0), LIMIT);
    queue.apply(Event::Added { name: "b.docx".into(), size: 1 }, LIMIT);
    queue.apply(Event::Inspected(1, inspected(Verdict::Accept)), LIMIT);
    queue.apply(Event::Removed(0), LIMIT);
    queue.apply(Event::Tidied, LIMIT);
    assert_eq!(queue.items().len(), 2);
    queue.apply(Event::Removed(1), LIMIT);
    assert_eq!(queue.items().len(), 1);
}

#[test]
fn speed_and_time_left_follow_the_bytes() {
    let mut queue = released(&["a.docx"]);
    queue.apply(Event::Started(0, 1_000.0), LIMIT);
    queue.apply(Event::Progress(0, 1_000, 1_100.0), LIMIT);
    assert_eq!(queue.item(0).expect("there").seconds_left(), None, "too early to tell");
    queue.apply(Event::Progress(0, 20_000, 2_000.0), LIMIT);
    assert_eq!(queue.item(0).expect("there").seconds_left(), Some(4), "80 kB at 20 kB/s");
    queue.apply(Event::Progress(0, 200_000, 2_100.0), LIMIT);
    assert!(matches!(phase(&queue, 0), Phase::Sending { sent: 100_000, .. }), "never more than there is");
}

#[test]
fn the_summary_says_whose_move_is_next() {
    let mut queue = chosen(&["a.docx", "b.docx", "c.pdf"]);
    assert_eq!(queue.summary(), "1 of 3 inspected so far.");
    for key in [0, 1] {
        queue.apply(Event::Inspected(key, inspected(Verdict::Accept)), LIMIT);
    }
    assert_eq!(queue.summary(), "2 ready to deposit, 1 not accepted.");
    queue.apply(Event::Released(0), LIMIT);
    assert_eq!(queue.summary(), "0 of 3 deposited so far.");
}

#[test]
fn one_file_leads_to_its_page_and_many_to_the_list() {
    let mut one = released(&["a.docx"]);
    one.apply(Event::Started(0, 0.0), LIMIT);
    one.apply(Event::Answered(0, Ok(deposited())), LIMIT);
    assert!(one.only_document().is_some());
    assert_eq!(one.summary(), "1 deposited.");
    one.apply(Event::Added { name: "b.pdf".into(), size: 1 }, LIMIT);
    assert!(one.only_document().is_none());
    assert_eq!(one.summary(), "1 deposited, 1 not accepted.");
}
