//! One file in the queue.

use std::sync::Arc;

use domain::{DocumentId, upload::Finding};

/// Names one file in the queue.
pub type Key = u32;

/// Where a file stands.
#[derive(Clone, Debug, PartialEq)]
pub enum Phase {
    /// It is being inspected here, or in line for that. So many thousandths are done.
    Inspecting(u64),
    /// It leaves when its sender says so.
    Ready,
    /// A clean copy of it is being made. So many thousandths are done.
    Cleaning(u64),
    /// In line to be sent.
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
        /// What the server's inspection noticed.
        findings: Vec<Finding>,
    },
    /// It did not arrive; trying again may help.
    Failed(String),
    /// Its sender changed their mind.
    Cancelled,
}

/// What an inspection amounts to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing was found.
    Accept,
    /// There is something to know before it is sent.
    Flagged,
    /// It would not be taken.
    Refused,
}

/// What the inspection in the browser has said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspected {
    /// The verdict.
    pub verdict: Verdict,
    /// The finding that decides, of a refused file.
    pub sentence: String,
    /// The verdict in short, for the server to compare with its own.
    pub summary: String,
    /// Verdict and report, ready to be shown.
    pub html: String,
    /// Whether there is something that a clean copy can be without.
    pub cleanable: bool,
}

/// A clean copy, which has taken the place of its original.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CleanCopy {
    /// What was removed, in a sentence.
    pub removed: String,
    pub(super) original: Original,
}

/// What has to be known again when an original takes its place back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Original {
    pub(super) size: u64,
    pub(super) inspected: Option<Arc<Inspected>>,
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
    /// What the inspection here has said; nothing before it has ended, or when there could be none.
    pub inspected: Option<Arc<Inspected>>,
    /// The clean copy, if it is one that would be sent.
    pub copy: Option<CleanCopy>,
    /// Why there is no clean copy.
    pub obstacle: Option<String>,
    pub(super) marked: Option<Mark>,
}

/// The last moment at which the speed was taken.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Mark {
    pub(super) at: f64,
    pub(super) sent: u64,
}

impl Item {
    pub(super) fn new(key: Key, name: String, size: u64, phase: Phase) -> Self {
        Self { key, name, size, phase, inspected: None, copy: None, obstacle: None, marked: None }
    }

    /// Whether the server is dealing with it.
    #[must_use]
    pub fn is_on_its_way(&self) -> bool {
        matches!(self.phase, Phase::Sending { .. } | Phase::Checking)
    }

    /// Whether nothing more will happen to it by itself, or by the button that deposits.
    #[must_use]
    pub fn is_over(&self) -> bool {
        matches!(self.phase, Phase::Deposited(_) | Phase::Refused { .. } | Phase::Failed(_) | Phase::Cancelled)
    }

    /// Whether the worker is dealing with it, or will be.
    #[must_use]
    pub fn is_being_examined(&self) -> bool {
        matches!(self.phase, Phase::Inspecting(_) | Phase::Cleaning(_))
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
    pub(super) fn progress(&mut self, now_sent: u64, at: f64) {
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

    /// The worker has inspected it.
    pub(super) fn inspected(&mut self, inspected: Inspected) {
        self.phase = match inspected.verdict {
            Verdict::Refused => Phase::Refused { reason: inspected.sentence.clone(), findings: Vec::new() },
            Verdict::Accept | Verdict::Flagged => Phase::Ready,
        };
        self.inspected = Some(Arc::new(inspected));
    }

    /// The copy takes the place of the original, and of an earlier copy.
    pub(super) fn cleaned(&mut self, size: u64, removed: String, inspected: Inspected) {
        let replaced = Original { size: self.size, inspected: self.inspected.take() };
        let original = self.copy.take().map_or(replaced, |copy| copy.original);
        self.copy = Some(CleanCopy { removed, original });
        self.inspected = Some(Arc::new(inspected));
        self.size = size;
        self.phase = Phase::Ready;
    }

    /// It stays as it is.
    pub(super) fn not_cleaned(&mut self, reason: String) {
        self.obstacle = Some(reason);
        self.phase = Phase::Ready;
    }

    /// Stops what is under way. A file that was to be cleaned is still there.
    pub(super) fn cancelled(&mut self) {
        match self.phase {
            Phase::Cleaning(_) => self.phase = Phase::Ready,
            Phase::Waiting | Phase::Sending { .. } | Phase::Checking => self.phase = Phase::Cancelled,
            _ => {}
        }
    }

    /// The original takes its place back.
    pub(super) fn restored(&mut self) {
        if let Some(CleanCopy { original, .. }) = self.copy.take() {
            self.size = original.size;
            self.inspected = original.inspected;
        }
    }
}
