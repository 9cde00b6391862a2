//! What every service stands on.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use domain::Timestamp;
use tokio::sync::Semaphore;
use uuid::Uuid;

use crate::{
    accounts::PasswordHasher,
    bookkeeping::Bookkeeping,
    clock::{Clock, SteadyClock},
    db::Database,
    later::Later,
    mail::MailTransport,
    random::Random,
    readiness::Readiness,
    settings::Settings,
    storage::{Blobs, Buffers, KeyRing},
};

/// What [`Backend::new`](crate::Backend::new) is made of.
pub struct Parts {
    /// An open and migrated database.
    pub db: Database,
    /// Where sealed blobs lie.
    pub blobs: Blobs,
    /// The master keys.
    pub keys: KeyRing,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where secrets and ids come from.
    pub random: Arc<dyn Random>,
    /// How mail leaves.
    pub transport: Arc<dyn MailTransport>,
    /// Limits, lifetimes and the public address.
    pub settings: Settings,
}

pub(crate) struct Core {
    pub(crate) db: Database,
    pub(crate) later: Later,
    pub(crate) blobs: Blobs,
    pub(crate) keys: KeyRing,
    pub(crate) transport: Arc<dyn MailTransport>,
    pub(crate) settings: Settings,
    pub(crate) hasher: PasswordHasher,
    pub(crate) bookkeeping: Bookkeeping,
    /// An inspection keeps a core busy; more than there are cores would only take memory.
    pub(crate) inspections: Arc<Semaphore>,
    /// Memory for what is read from the store on behalf of others.
    pub(crate) buffers: Buffers,
    pub(crate) clock: SteadyClock,
    pub(crate) readiness: Readiness,
    random: Arc<dyn Random>,
    /// Milliseconds and, in the low bits, the sequence number of the last id that was made.
    last_id: AtomicU64,
}

/// Bits of an id that count within a millisecond.
const SEQUENCE_BITS: u32 = 12;

impl Core {
    pub(crate) fn new(parts: Parts) -> Self {
        let Parts { db, blobs, keys, clock, random, transport, settings } = parts;
        let hasher = PasswordHasher::new(settings.password_cost, random.as_ref());
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            later: Later::new(db.clone()),
            db,
            blobs,
            keys,
            transport,
            settings,
            hasher,
            bookkeeping: Bookkeeping::default(),
            inspections: Arc::new(Semaphore::new(cores)),
            buffers: Buffers::new(),
            clock: SteadyClock::new(clock),
            readiness: Readiness::default(),
            random,
            last_id: AtomicU64::new(0),
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Fresh random bytes.
    pub(crate) fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.random.fill(&mut bytes);
        bytes
    }

    /// A fresh UUIDv7 (RFC 9562, section 5.7) of this moment. The ids of one process grow even within a
    /// millisecond (section 6.2, method 1), so that rows written one after the other sort that way.
    pub(crate) fn uuid(&self) -> Uuid {
        let moment = u64::try_from(self.now().millis()).unwrap_or(0) << SEQUENCE_BITS;
        let last = self.last_id.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |last| Some(moment.max(last + 1)));
        let id = last.map_or(moment, |last| moment.max(last + 1));
        let mut bytes: [u8; 10] = self.random();
        [bytes[0], bytes[1]] = ((id & ((1 << SEQUENCE_BITS) - 1)) as u16).to_be_bytes();
        uuid::Builder::from_unix_timestamp_millis(id >> SEQUENCE_BITS, &bytes).into_uuid()
    }
}
