//! The upload queue: what happens to each file, as a reducer. Nothing here knows a browser; the clock is passed in.

use domain::{
    DocumentId, ErrorCode, FileName, Problem,
    upload::{Finding, UploadReport},
};

/// How many files are on their way at the same time.
pub const PARALLEL: usize = 2;

/// Names one file in the queue.
pub type Key = u32;

/// Where a file stands.
#[derive(Clone, Debug, PartialEq)]
pub enum Phase {
    /// In line.
    Waiting,
    /// Bytes are leaving.
    Sending {
        /// So many have left.
        sent: u64,
        /// Bytes a second, smoothed; `None` until it can be told.
        speed: Option<f64>,
    },
    /// All bytes have left; the server is inspecting.
    Checking,
    /// It is a document now.
    Deposited(DocumentId),
    /// It was not taken, and sending it again would change nothing.
    Refused {
        /// Why, with what to do about it.
        reason: String,
        /// What the inspection noticed.
        findings: Vec<Finding>,
    },
    /// It did not arrive; trying again may help.
    Failed(String),
    /// Its sender changed their mind.
    Cancelled,
}

/// A file in the queue.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// Its name here.
    pub key: Key,
    /// Its own name.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// Where it stands.
    pub phase: Phase,
    marked: Option<Mark>,
}

/// The last moment at which the speed was taken.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Mark {
    at: f64,
    sent: u64,
}

/// Something that happened to the queue. Moments are in milliseconds of any steady clock.
#[derive(Clone, Debug)]
pub enum Event {
    /// A file was chosen. The key is [`Queue::next_key`].
    Added {
        /// Its name.
        name: String,
        /// Bytes.
        size: u64,
    },
    /// Its first byte is about to leave.
    Started(Key, f64),
    /// So many bytes have left.
    Progress(Key, u64, f64),
    /// All bytes have left.
    Sent(Key),
    /// The server has answered.
    Answered(Key, Result<UploadReport, Problem>),
    /// The connection broke.
    Broken(Key),
    /// Its sender stopped it.
    Cancelled(Key),
    /// Its sender wants it sent again.
    Retried(Key),
    /// Finished ones are taken off the list.
    Tidied,
}

/// The files chosen so far, in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Queue {
    items: Vec<Item>,
    next: Key,
}

impl Queue {
    /// The files, in the order chosen.
    #[must_use]
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// One of them.
    #[must_use]
    pub fn item(&self, key: Key) -> Option<&Item> {
        self.items.iter().find(|item| item.key == key)
    }

    /// The key that the next added file gets.
    #[must_use]
    pub fn next_key(&self) -> Key {
        self.next
    }

    /// The files to start now, so that [`PARALLEL`] are on their way.
    #[must_use]
    pub fn startable(&self) -> Vec<Key> {
        let room = PARALLEL.saturating_sub(self.items.iter().filter(|item| item.is_on_its_way()).count());
        let waiting = self.items.iter().filter(|item| item.phase == Phase::Waiting);
        waiting.take(room).map(|item| item.key).collect()
    }

    /// Whether leaving the page now would lose something.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.items.iter().any(|item| item.is_on_its_way() || item.phase == Phase::Waiting)
    }

    /// The one document that came of it, when everything is over and it was one file: its page is shown then.
    #[must_use]
    pub fn only_document(&self) -> Option<DocumentId> {
        match self.items.as_slice() {
            [Item { phase: Phase::Deposited(id), .. }] => Some(*id),
            _ => None,
        }
    }

    /// What came of it, as one sentence for those who cannot see the list change.
    #[must_use]
    pub fn summary(&self) -> String {
        let count = |done: fn(&Phase) -> bool| self.items.iter().filter(|item| done(&item.phase)).count();
        let deposited = count(|phase| matches!(phase, Phase::Deposited(_)));
        let refused = count(|phase| matches!(phase, Phase::Refused { .. } | Phase::Failed(_)));
        match (self.items.len(), self.is_busy()) {
            (0, _) => String::new(),
            (all, true) => format!("{deposited} of {all} deposited so far."),
            (_, false) if refused == 0 => format!("{deposited} deposited."),
            (_, false) => format!("{deposited} deposited, {refused} not accepted."),
        }
    }

    /// Lets an event happen. One that does not fit the file's phase changes nothing: answers arrive late, and
    /// buttons are pressed twice.
    pub fn apply(&mut self, event: Event, max_size: u64) {
        match event {
            Event::Added { name, size } => self.add(name, size, max_size),
            Event::Started(key, at) => self.change(key, |item| {
                if item.phase == Phase::Waiting {
                    item.marked = Some(Mark { at, sent: 0 });
                    item.phase = Phase::Sending { sent: 0, speed: None };
                }
            }),
            Event::Progress(key, sent, at) => self.change(key, |item| item.progress(sent, at)),
            Event::Sent(key) => self.change(key, |item| {
                if matches!(item.phase, Phase::Sending { .. }) {
                    item.phase = Phase::Checking;
                }
            }),
            Event::Answered(key, answer) => self.change(key, |item| {
                if item.is_on_its_way() {
                    item.phase = verdict(answer);
                }
            }),
            Event::Broken(key) => self.change(key, |item| {
                if item.is_on_its_way() {
                    item.phase = Phase::Failed("The connection broke. Check the network and try again.".to_owned());
                }
            }),
            Event::Cancelled(key) => self.change(key, |item| {
                if item.is_on_its_way() || item.phase == Phase::Waiting {
                    item.phase = Phase::Cancelled;
                }
            }),
            Event::Retried(key) => self.change(key, |item| {
                if matches!(item.phase, Phase::Failed(_) | Phase::Cancelled) {
                    item.phase = Phase::Waiting;
                    item.marked = None;
                }
            }),
            Event::Tidied => self.items.retain(|item| item.is_on_its_way() || item.phase == Phase::Waiting),
        }
    }

    /// What can be told before a byte leaves is told now: the server would say the same.
    fn add(&mut self, name: String, size: u64, max_size: u64) {
        let refusal = match FileName::parse(&name) {
            Err(problem) => Some(problem.message),
            Ok(_) if size > max_size => Some(ErrorCode::TooLarge.message().to_owned()),
            Ok(_) if size == 0 => Some("The file is empty. Check where it comes from.".to_owned()),
            Ok(_) => None,
        };
        let phase = match refusal {
            Some(reason) => Phase::Refused { reason, findings: Vec::new() },
            None => Phase::Waiting,
        };
        self.items.push(Item { key: self.next, name, size, phase, marked: None });
        self.next += 1;
    }

    fn change(&mut self, key: Key, change: impl FnOnce(&mut Item)) {
        if let Some(item) = self.items.iter_mut().find(|item| item.key == key) {
            change(item);
        }
    }
}

impl Item {
    /// Whether the server is dealing with it.
    #[must_use]
    pub fn is_on_its_way(&self) -> bool {
        matches!(self.phase, Phase::Sending { .. } | Phase::Checking)
    }

    /// Seconds until the last byte has left, once the speed is known.
    #[must_use]
    pub fn seconds_left(&self) -> Option<u64> {
        match self.phase {
            #[expect(
                clippy::cast_precision_loss,
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "an estimate in seconds, from a positive speed"
            )]
            Phase::Sending { sent, speed: Some(speed) } if speed > 0.0 => {
                Some((self.size.saturating_sub(sent) as f64 / speed).ceil() as u64)
            }
            _ => None,
        }
    }

    /// Takes the speed anew every half second, a third of it from the newest stretch.
    fn progress(&mut self, now_sent: u64, at: f64) {
        const STRETCH_MILLIS: f64 = 500.0;
        const WEIGHT: f64 = 1.0 / 3.0;
        let Phase::Sending { sent, speed } = &mut self.phase else { return };
        // The browser counts the form's frame with the file.
        *sent = now_sent.min(self.size);
        let mark = self.marked.get_or_insert(Mark { at, sent: 0 });
        let elapsed = at - mark.at;
        if elapsed >= STRETCH_MILLIS {
            #[expect(clippy::cast_precision_loss, reason = "a speed need not be exact to the byte")]
            let newest = sent.saturating_sub(mark.sent) as f64 / elapsed * 1000.0;
            *speed = Some(speed.map_or(newest, |old| old + (newest - old) * WEIGHT));
            *mark = Mark { at, sent: *sent };
        }
    }
}

fn verdict(answer: Result<UploadReport, Problem>) -> Phase {
    match answer {
        Ok(report) => {
            let mut files = report.files.into_iter();
            let mut rejected = report.rejected.into_iter();
            match (files.next(), rejected.next()) {
                (Some(file), _) => Phase::Deposited(file.id),
                (None, Some(file)) => Phase::Refused { reason: file.message, findings: file.findings },
                (None, None) => Phase::Failed(ErrorCode::LengthMismatch.message().to_owned()),
            }
        }
        Err(problem) if is_final(problem.code) => Phase::Refused { reason: problem.message, findings: Vec::new() },
        Err(problem) => Phase::Failed(problem.message),
    }
}

/// Whether the same bytes would get the same answer again.
fn is_final(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::TooLarge
            | ErrorCode::InvalidFileName
            | ErrorCode::UnsupportedKind
            | ErrorCode::UnsupportedMediaType
            | ErrorCode::OpsOnly
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{DocumentKind, Timestamp, upload::DepositedFile};

    const LIMIT: u64 = 1_000_000;

    fn queue(names: &[&str]) -> Queue {
        let mut queue = Queue::default();
        for name in names {
            queue.apply(Event::Added { name: (*name).to_owned(), size: 100_000 }, LIMIT);
        }
        queue
    }

    fn deposited() -> UploadReport {
        let file = DepositedFile {
            id: "0198c0de-0000-7000-8000-000000000001".parse().expect("an id"),
            name: FileName::parse("a.docx").expect("a name"),
            kind: DocumentKind::Docx,
            size: 100_000,
            sha256: String::new(),
            version: 1,
            uploaded_at: Timestamp::from_millis(0),
        };
        UploadReport { files: vec![file], rejected: Vec::new() }
    }

    fn phase(queue: &Queue, key: Key) -> &Phase {
        &queue.item(key).expect("in the queue").phase
    }

    #[test]
    fn no_more_than_two_files_travel_at_a_time() {
        let mut queue = queue(&["a.docx", "b.docx", "c.docx"]);
        assert_eq!(queue.startable(), [0, 1]);
        queue.apply(Event::Started(0, 0.0), LIMIT);
        queue.apply(Event::Started(1, 0.0), LIMIT);
        assert!(queue.startable().is_empty());
        queue.apply(Event::Sent(0), LIMIT);
        assert!(queue.startable().is_empty(), "being inspected is still under way");
        queue.apply(Event::Answered(0, Ok(deposited())), LIMIT);
        assert_eq!(queue.startable(), [2]);
        assert!(queue.is_busy());
    }

    #[test]
    fn what_the_server_would_refuse_never_leaves() {
        let mut queue = queue(&["macro.docm", "fine.docx"]);
        queue.apply(Event::Added { name: "big.docx".into(), size: LIMIT + 1 }, LIMIT);
        queue.apply(Event::Added { name: "empty.docx".into(), size: 0 }, LIMIT);
        assert_eq!(queue.startable(), [1]);
        for key in [0, 2, 3] {
            assert!(matches!(phase(&queue, key), Phase::Refused { .. }), "{key}");
        }
    }

    #[test]
    fn a_refusal_is_final_and_a_failure_can_be_tried_again() {
        let mut queue = queue(&["a.docx", "b.docx"]);
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
        let mut queue = queue(&["a.docx"]);
        queue.apply(Event::Started(0, 0.0), LIMIT);
        queue.apply(Event::Cancelled(0), LIMIT);
        queue.apply(Event::Answered(0, Ok(deposited())), LIMIT);
        queue.apply(Event::Broken(0), LIMIT);
        assert_eq!(phase(&queue, 0), &Phase::Cancelled);
        assert!(!queue.is_busy());
        queue.apply(Event::Tidied, LIMIT);
        assert!(queue.items().is_empty());
    }

    #[test]
    fn speed_and_time_left_follow_the_bytes() {
        let mut queue = queue(&["a.docx"]);
        queue.apply(Event::Started(0, 1_000.0), LIMIT);
        queue.apply(Event::Progress(0, 1_000, 1_100.0), LIMIT);
        assert_eq!(queue.item(0).expect("there").seconds_left(), None, "too early to tell");
        queue.apply(Event::Progress(0, 20_000, 2_000.0), LIMIT);
        assert_eq!(queue.item(0).expect("there").seconds_left(), Some(4), "80 kB at 20 kB/s");
        queue.apply(Event::Progress(0, 200_000, 2_100.0), LIMIT);
        assert!(matches!(phase(&queue, 0), Phase::Sending { sent: 100_000, .. }), "never more than there is");
    }

    #[test]
    fn one_file_leads_to_its_page_and_many_to_the_list() {
        let mut one = queue(&["a.docx"]);
        one.apply(Event::Started(0, 0.0), LIMIT);
        one.apply(Event::Answered(0, Ok(deposited())), LIMIT);
        assert!(one.only_document().is_some());
        assert_eq!(one.summary(), "1 deposited.");
        one.apply(Event::Added { name: "b.pdf".into(), size: 1 }, LIMIT);
        assert!(one.only_document().is_none());
        assert_eq!(one.summary(), "1 deposited, 1 not accepted.");
    }
}
