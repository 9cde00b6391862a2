//! The upload queue: what happens to each file, as a reducer. Nothing here knows a browser; the clock is passed in.

use domain::{DocumentId, ErrorCode, FileName, Problem, upload::UploadReport};

use super::item::{Inspected, Item, Key, Mark, Phase};

/// How many files are on their way at the same time.
pub const PARALLEL: usize = 2;

/// The browser does not tell which of the two it was.
const BROKEN: &str = "The connection broke, or the file was changed after it was chosen. Try again, or choose it anew.";

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
    /// The worker has done so many thousandths of what it does to it.
    Worked(Key, u64),
    /// The worker has inspected it.
    Inspected(Key, Inspected),
    /// It cannot be inspected here; the server will.
    NotInspected(Key),
    /// A clean copy was asked for.
    CleaningBegan(Key),
    /// There is a clean copy.
    Cleaned {
        /// Of which file.
        key: Key,
        /// Bytes of the copy.
        size: u64,
        /// What it is without, in a sentence.
        removed: String,
        /// What was found in the copy.
        inspected: Inspected,
    },
    /// There is no clean copy, for this reason.
    NotCleaned(Key, String),
    /// Its sender wants the original after all.
    Restored(Key),
    /// Its sender wants it sent.
    Released(Key),
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
    /// It is taken off the list.
    Removed(Key),
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
        let room = PARALLEL.saturating_sub(self.count(Item::is_on_its_way));
        let waiting = self.items.iter().filter(|item| is_waiting(item));
        waiting.take(room).map(|item| item.key).collect()
    }

    /// The files that leave when their sender says so.
    #[must_use]
    pub fn ready(&self) -> Vec<Key> {
        self.items.iter().filter(|item| is_ready(item)).map(|item| item.key).collect()
    }

    /// Whether files may be released: some are ready, and about none is it still open whether it is.
    #[must_use]
    pub fn is_releasable(&self) -> bool {
        !self.is_examining() && self.count(is_ready) > 0
    }

    /// Whether the worker has something to do.
    #[must_use]
    pub fn is_examining(&self) -> bool {
        self.count(Item::is_being_examined) > 0
    }

    /// Whether files are being sent.
    #[must_use]
    pub fn is_sending(&self) -> bool {
        self.count(|item| item.is_on_its_way() || is_waiting(item)) > 0
    }

    /// Whether leaving the page now would lose something.
    #[must_use]
    pub fn is_unfinished(&self) -> bool {
        self.count(|item| !item.is_over()) > 0
    }

    /// The one document that came of it, when everything is over and it was one file: its page is shown then.
    #[must_use]
    pub fn only_document(&self) -> Option<DocumentId> {
        match self.items.as_slice() {
            [Item { phase: Phase::Deposited(id), .. }] => Some(*id),
            _ => None,
        }
    }

    /// How it stands, as one sentence for those who cannot see the list change.
    #[must_use]
    pub fn summary(&self) -> String {
        let all = self.items.len();
        let deposited = self.count(|item| matches!(item.phase, Phase::Deposited(_)));
        let refused = self.count(|item| matches!(item.phase, Phase::Refused { .. } | Phase::Failed(_)));
        let ready = self.ready().len();
        let not_accepted = if refused == 0 { String::new() } else { format!(", {refused} not accepted") };
        match all {
            0 => String::new(),
            _ if self.is_sending() => format!("{deposited} of {all} deposited so far."),
            _ if self.is_examining() => {
                format!("{} of {all} inspected so far.", all - self.count(Item::is_being_examined))
            }
            _ if ready > 0 => format!("{ready} ready to deposit{not_accepted}."),
            _ => format!("{deposited} deposited{not_accepted}."),
        }
    }

    /// Lets an event happen. One that does not fit the file's phase changes nothing: answers arrive late, and
    /// buttons are pressed twice.
    pub fn apply(&mut self, event: Event, max_size: u64) {
        match event {
            Event::Added { name, size } => self.add(name, size, max_size),
            Event::Worked(key, share) => self.change(key, |item| {
                if let Phase::Inspecting(done) | Phase::Cleaning(done) = &mut item.phase {
                    *done = share;
                }
            }),
            Event::Inspected(key, inspected) => self.when(key, is_inspecting, |item| item.inspected(inspected)),
            Event::NotInspected(key) => self.when(key, is_inspecting, |item| item.phase = Phase::Ready),
            Event::CleaningBegan(key) => self.when(key, is_ready, |item| {
                item.obstacle = None;
                item.phase = Phase::Cleaning(0);
            }),
            Event::Cleaned { key, size, removed, inspected } => {
                self.when(key, is_cleaning, |item| item.cleaned(size, removed, inspected));
            }
            Event::NotCleaned(key, reason) => self.when(key, is_cleaning, |item| item.not_cleaned(reason)),
            Event::Restored(key) => self.when(key, is_ready, Item::restored),
            Event::Released(key) => self.when(key, is_ready, |item| item.phase = Phase::Waiting),
            Event::Started(key, at) => self.when(key, is_waiting, |item| {
                item.marked = Some(Mark { at, sent: 0 });
                item.phase = Phase::Sending { sent: 0, speed: None };
            }),
            Event::Progress(key, sent, at) => self.change(key, |item| item.progress(sent, at)),
            Event::Sent(key) => self.when(key, Item::is_on_its_way, |item| item.phase = Phase::Checking),
            Event::Answered(key, answer) => self.when(key, Item::is_on_its_way, |item| item.phase = verdict(answer)),
            Event::Broken(key) => self.when(key, Item::is_on_its_way, |item| {
                item.phase = Phase::Failed(BROKEN.to_owned());
            }),
            Event::Cancelled(key) => self.change(key, Item::cancelled),
            Event::Retried(key) => self.when(key, is_repeatable, |item| item.phase = Phase::Waiting),
            Event::Removed(key) => self.keep(&|item| item.key != key || item.is_on_its_way()),
            Event::Tidied => self.keep(&|item| !item.is_over()),
        }
    }

    /// What can be told without opening the file is told at once.
    fn add(&mut self, name: String, size: u64, max_size: u64) {
        let refusal = match FileName::parse(&name) {
            Err(problem) => Some(problem.message),
            Ok(_) if size > max_size => Some(Problem::too_large("file", max_size).message),
            Ok(_) if size == 0 => Some("The file is empty. Check where it comes from.".to_owned()),
            Ok(_) => None,
        };
        let phase = match refusal {
            Some(reason) => Phase::Refused { reason, findings: Vec::new() },
            None => Phase::Inspecting(0),
        };
        self.items.push(Item::new(self.next, name, size, phase));
        self.next += 1;
    }

    fn keep(&mut self, fits: &dyn Fn(&Item) -> bool) {
        self.items.retain(fits);
    }

    fn count(&self, fits: impl Fn(&Item) -> bool) -> usize {
        self.items.iter().filter(|item| fits(item)).count()
    }

    fn change(&mut self, key: Key, change: impl FnOnce(&mut Item)) {
        self.when(key, |_| true, change);
    }

    fn when(&mut self, key: Key, fits: fn(&Item) -> bool, change: impl FnOnce(&mut Item)) {
        if let Some(item) = self.items.iter_mut().find(|item| item.key == key && fits(item)) {
            change(item);
        }
    }
}

fn is_inspecting(item: &Item) -> bool {
    matches!(item.phase, Phase::Inspecting(_))
}

fn is_ready(item: &Item) -> bool {
    item.phase == Phase::Ready
}

fn is_cleaning(item: &Item) -> bool {
    matches!(item.phase, Phase::Cleaning(_))
}

fn is_waiting(item: &Item) -> bool {
    item.phase == Phase::Waiting
}

fn is_repeatable(item: &Item) -> bool {
    matches!(item.phase, Phase::Failed(_) | Phase::Cancelled)
}

fn verdict(answer: Result<UploadReport, Problem>) -> Phase {
    match answer {
        Ok(report) => {
            let mut files = report.files.into_iter();
            let mut rejected = report.rejected.into_iter();
            match (files.next(), rejected.next()) {
                (Some(file), _) => Phase::Deposited(file.id),
                (None, Some(file)) => Phase::Refused { reason: file.message, findings: file.findings },
                (None, None) => Phase::Failed(match report.stopped {
                    Some(stopped) => stopped.message,
                    None => ErrorCode::LengthMismatch.message().to_owned(),
                }),
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
#[path = "queue_tests.rs"]
mod tests;
