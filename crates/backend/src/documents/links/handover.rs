//! Who was handed what: bytes count when the connection that they went to has taken them, and a version is handed over
//! when all of its bytes were. That it arrived is a second fact, which only its reader can state.

use std::{
    collections::HashMap,
    fmt,
    ops::Range,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use domain::{DeliveryId, DocumentId, FileName, Timestamp, VersionId, activity::Event};
use futures::future::{self, BoxFuture};
use tokio::{runtime::Handle, sync::watch};

use super::ranges::{self, Pair, Way};
use crate::{
    activity::Entry,
    caller::{Caller, Person},
    core::Core,
    db::{Tx, sql_len},
    error::Result,
    later::Note,
};

/// Says whether the bytes of an answer were taken, once the last of them has left.
pub struct Receipt(Option<Box<dyn FnOnce() -> BoxFuture<'static, bool> + Send + Sync>>);

impl Receipt {
    /// There is no connection that could say so: bytes that were read from the stream are taken.
    #[must_use]
    pub fn by_reading() -> Self {
        Self(None)
    }

    /// `ask` is called when the last byte was read from the stream, and answers when the connection knows.
    #[must_use]
    pub fn by_connection(ask: impl FnOnce() -> BoxFuture<'static, bool> + Send + Sync + 'static) -> Self {
        Self(Some(Box::new(ask)))
    }

    fn ask(self) -> BoxFuture<'static, bool> {
        self.0.map_or_else(|| Box::pin(future::ready(true)) as _, |ask| ask())
    }
}

/// What a request asks for.
#[derive(Clone)]
pub(super) struct Part {
    pub(super) link_id: String,
    pub(super) document: DocumentId,
    pub(super) version: VersionId,
    pub(super) delivery: Option<DeliveryId>,
    pub(super) size: u64,
    pub(super) name: FileName,
    pub(super) range: Range<u64>,
}

impl Part {
    /// Bytes that are asked for.
    fn len(&self) -> u64 {
        self.range.end - self.range.start
    }
}

/// Counts what one request was sent and, when it ends, has it written down.
pub(super) struct Ledger {
    collector: Option<Arc<Collector>>,
    receipt: Option<Receipt>,
    sent: u64,
    receipts: Receipts,
}

struct Collector {
    core: Arc<Core>,
    caller: Caller,
    person: Person,
    part: Part,
}

/// The links by which bytes have begun to flow: each is one line in the log, in however many parts it is read.
#[derive(Clone, Default)]
pub(super) struct Started(Arc<Mutex<HashMap<String, Timestamp>>>);

/// Links that are remembered. One that is forgotten has another line.
const LINKS: usize = 10_000;

/// How many connections have yet to say what they took.
#[derive(Clone)]
pub(super) struct Receipts(watch::Sender<usize>);

/// What was sent of a part, to be written down.
struct Ending {
    collector: Arc<Collector>,
    sent: u64,
    way: Way,
}

impl Ledger {
    /// Begins to count. The beginning is written down once for each link.
    pub(super) fn begin(
        core: Arc<Core>,
        (receipts, started): (Receipts, &Started),
        (caller, person): (Caller, Person),
        part: Part,
        receipt: Receipt,
    ) -> Self {
        if started.is_first(&part.link_id, &core) {
            let Part { document, version, size, delivery, .. } = part;
            let event = Event::DownloadStarted { document, version, size, range: part.range.clone(), delivery };
            core.record_later(Entry::new(event, &caller.origin).by(&person).about(part.name.as_str()));
        }
        let collector = Arc::new(Collector { core, caller, person, part });
        Self { collector: Some(collector), receipt: Some(receipt), sent: 0, receipts }
    }

    /// Counts bytes that were read from the stream. The connection is asked before the last of them leave: the client's
    /// answer to them may come at once.
    pub(super) fn sent(&mut self, bytes: u64) {
        self.sent += bytes;
        if self.collector.as_ref().is_some_and(|collector| self.sent == collector.part.len()) {
            self.close();
        }
    }

    fn close(&mut self) {
        let (Some(collector), Some(receipt), Ok(runtime)) =
            (self.collector.take(), self.receipt.take(), Handle::try_current())
        else {
            return;
        };
        let sent = self.sent;
        if sent == 0 {
            return;
        }
        // A connection is asked here and now: it may end before a task of ours begins.
        let answer = if sent == collector.part.len() { receipt.ask() } else { Box::pin(future::ready(false)) };
        let receipts = self.receipts.clone();
        receipts.0.send_modify(|count| *count += 1);
        runtime.spawn(async move {
            let way = if answer.await { Way::Taken } else { Way::Sent };
            let core = collector.core.clone();
            core.later.write(Ending { collector, sent, way });
            receipts.0.send_modify(|count| *count -= 1);
        });
    }
}

impl Drop for Ledger {
    fn drop(&mut self) {
        self.close();
    }
}

impl Default for Receipts {
    fn default() -> Self {
        Self(watch::Sender::new(0))
    }
}

impl Receipts {
    /// Waits until every connection has said what it took.
    pub(super) async fn settle(&self) {
        // The sender is alive as long as this value is, so waiting cannot fail.
        let _ = self.0.subscribe().wait_for(|count| *count == 0).await;
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the end of a download of version {}", self.collector.part.version)
    }
}

#[async_trait]
impl Note for Ending {
    async fn write(&self, tx: &mut Tx) -> Result<()> {
        self.collector.ended(tx, self.sent, self.way).await
    }
}

impl Started {
    fn is_first(&self, link: &str, core: &Core) -> bool {
        let now = core.now();
        let mut links = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if links.len() >= LINKS {
            links.retain(|_, since| now.since(*since) < core.settings.link_ttl);
        }
        if links.len() >= LINKS {
            links.clear();
        }
        links.insert(link.to_owned(), now).is_none()
    }
}

impl Collector {
    async fn ended(&self, tx: &mut Tx, sent: u64, way: Way) -> Result<()> {
        self.take_turns(tx).await?;
        if self.is_handed_over(tx).await? {
            return Ok(());
        }
        let start = sql_len(self.part.range.start);
        let end = sql_len(self.part.range.start.saturating_add(sent));
        let merged = ranges::add(tx, self.pair(), way, start..end, self.core.now()).await?;
        let merged = match way {
            Way::Sent => 0..0,
            Way::Taken => self.resumed(tx, start).await?.unwrap_or(merged),
        };
        if merged.start == 0 && merged.end >= sql_len(self.part.size) {
            self.hand_over(tx).await?;
        }
        Ok(())
    }

    /// Whoever asks for the bytes from a place on, and takes them, has those before it, as far as they were sent: a
    /// connection that broke off cannot say how many it took, the one that resumes does. Gives the range that holds both.
    async fn resumed(&self, tx: &mut Tx, place: i64) -> Result<Option<Range<i64>>> {
        if place == 0 {
            return Ok(None);
        }
        let sent = ranges::before(tx, self.pair(), Way::Sent, place - 1).await?.filter(|sent| sent.end >= place);
        match sent {
            Some(sent) => ranges::add(tx, self.pair(), Way::Taken, sent.start..place, self.core.now()).await.map(Some),
            None => Ok(None),
        }
    }

    async fn is_handed_over(&self, tx: &mut Tx) -> Result<bool> {
        let row: Option<(i64,)> =
            sqlx::query_as("SELECT at FROM handovers WHERE version_id = $1 AND account_id = $2 AND taken = 1")
                .bind(self.part.version)
                .bind(self.person.id())
                .fetch_optional(&mut **tx)
                .await?;
        Ok(row.is_some())
    }

    /// Two parts that end at the same moment must see each other, or neither would find the document whole: the
    /// account's row makes them take turns. (On SQLite all writers do.)
    async fn take_turns(&self, tx: &mut Tx) -> Result<()> {
        sqlx::query("UPDATE accounts SET link_epoch = link_epoch WHERE id = $1")
            .bind(self.person.id())
            .execute(&mut **tx)
            .await?;
        Ok(())
    }

    /// Marks the version as handed over, unless it is already, and forgets by which parts.
    async fn hand_over(&self, tx: &mut Tx) -> Result<()> {
        let handed_over = sqlx::query(
            "INSERT INTO handovers (version_id, account_id, taken, at, delivery_id) VALUES ($1, $2, 1, $3, $4) \
             ON CONFLICT (version_id, account_id) DO UPDATE SET taken = 1, at = $3, delivery_id = $4 \
             WHERE handovers.taken = 0",
        )
        .bind(self.part.version)
        .bind(self.person.id())
        .bind(self.core.now())
        .bind(self.part.delivery)
        .execute(&mut **tx)
        .await?;
        ranges::forget(tx, self.pair()).await?;
        if handed_over.rows_affected() == 1 {
            let Part { document, version, size, delivery, .. } = self.part;
            let event = Event::HandedOver { document, version, size, delivery };
            let entry = Entry::new(event, &self.caller.origin).by(&self.person).about(self.part.name.as_str());
            self.core.record(tx, entry).await?;
        }
        Ok(())
    }

    fn pair(&self) -> Pair {
        Pair { account: self.person.id(), version: self.part.version }
    }
}
