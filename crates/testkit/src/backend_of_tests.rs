//! The backend itself, with everything a test wants to look at.

use std::{
    fs::{DirBuilder, OpenOptions},
    io::Write,
    ops::Deref,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::Path,
    sync::Arc,
    time::Duration,
};

use backend::{
    Backend, Caller, Credential, Membership, Origin, Parts, Person, Principal, Settings,
    clock::ManualClock,
    db::{Database, Engine},
    random::Random,
    settings::PasswordCost,
    storage::{self, Blobs, KeyRing},
};
use domain::{AccountId, Email, Me, PersonName, PortalId, Role, SessionHandle, Timestamp};
use sqlx::{AnyPool, AssertSqlSafe, any::AnyPoolOptions};
use tempfile::TempDir;

use crate::{mail::MemoryTransport, postgres, random::SeededRandom};

/// Where every test clock begins: 22 November 2026, 14:05 UTC.
pub const START: Timestamp = Timestamp::from_millis(1_795_356_300_123);

/// How long a test waits for a connection. On a busy machine PostgreSQL can take longer to accept one than the program
/// would wait, and that says nothing about the program.
pub const PATIENCE: Duration = Duration::from_secs(60);

const PORTAL: PortalId = PortalId::new(uuid::uuid!("0198c0de-0000-7000-8000-000000000001"));

/// A backend with a database and a folder that vanish with it. It dereferences to [`Backend`].
pub struct TestBackend {
    /// Its clock.
    pub clock: Arc<ManualClock>,
    /// Its mail.
    pub mail: MemoryTransport,
    /// Its database, for looking at rows and for arranging them.
    pub sql: AnyPool,
    backend: Backend,
    db: Database,
    random: Arc<SeededRandom>,
    folder: TempDir,
}

/// What an earlier version has left.
pub struct Before {
    /// The number of its newest migration.
    pub migration: i64,
    /// What was written into its database.
    pub statements: String,
    /// What lay in its data folder, by paths below that.
    pub files: Vec<(String, Vec<u8>)>,
}

impl Before {
    /// Rows alone.
    #[must_use]
    pub fn rows(migration: i64, statements: &str) -> Self {
        Self { migration, statements: statements.to_owned(), files: Vec::new() }
    }
}

impl TestBackend {
    /// One on a SQLite file.
    ///
    /// # Panics
    /// When it cannot be set up.
    pub async fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let url = format!("sqlite:{}?mode=rwc", folder.path().join("strongroom.db").display());
        Self::over(&url, folder, None).await
    }

    /// One on a schema of the PostgreSQL server; `None` where tests may do without.
    ///
    /// # Panics
    /// When it cannot be set up, or there is no server and there should be one.
    pub async fn postgres() -> Option<Self> {
        let url = postgres::fresh_schema().await?;
        Some(Self::over(&url, tempfile::tempdir().expect("a temporary folder"), None).await)
    }

    /// One on either engine whose database is older: see [`Before`].
    ///
    /// # Panics
    /// As [`Self::sqlite`] and [`Self::postgres`].
    pub async fn upgraded_from(engine: Engine, before: Before) -> Option<Self> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for (path, bytes) in &before.files {
            let path = folder.path().join(path);
            let parent = path.parent().expect("a file lies in a folder");
            DirBuilder::new().recursive(true).mode(0o700).create(parent).expect("a folder is made");
            let mut file = OpenOptions::new().create_new(true).write(true).mode(0o600).open(path).expect("a new file");
            file.write_all(bytes).expect("the file is written");
        }
        let url = match engine {
            Engine::Sqlite => format!("sqlite:{}?mode=rwc", folder.path().join("strongroom.db").display()),
            Engine::Postgres => postgres::fresh_schema().await?,
        };
        Some(Self::over(&url, folder, Some(before)).await)
    }

    async fn over(url: &str, folder: TempDir, before: Option<Before>) -> Self {
        let random = Arc::new(SeededRandom::new(1));
        let db = Database::connect_within(PATIENCE, url, random.clone()).await.expect("the database opens");
        if let Some(before) = before {
            let pool = AnyPoolOptions::new()
                .max_connections(1)
                .acquire_timeout(PATIENCE)
                .connect(url)
                .await
                .expect("the database opens");
            sqlx::migrate!("../../migrations")
                .run_to(before.migration, &pool)
                .await
                .expect("the older database is made");
            sqlx::raw_sql(AssertSqlSafe(before.statements)).execute(&pool).await.expect("the statements run");
            pool.close().await;
        }
        db.migrate().await.expect("the database migrates");
        let sql = AnyPoolOptions::new()
            .max_connections(2)
            .acquire_timeout(PATIENCE)
            .connect(url)
            .await
            .expect("the database opens twice");
        let clock = Arc::new(ManualClock::new(START));
        let mail = MemoryTransport::default();
        let parts = parts(&db, folder.path(), &clock, &random, &mail, Self::settings());
        storage::join(&db, &parts.blobs, PORTAL, START).await.expect("database and store belong together");
        parts.keys.note_active(&db, START).await.expect("the key is written down");
        Self { backend: Backend::new(parts), clock, mail, sql, db, random, folder }
    }

    /// The settings it starts with: the usual ones, and passwords that cost nothing.
    #[must_use]
    pub fn settings() -> Settings {
        let password_cost = PasswordCost { memory_kib: 8, passes: 1, parallel: 2 };
        Settings { base_url: "https://portal.example.com".to_owned(), password_cost, ..Settings::default() }
    }

    /// A second backend over the same database and folder, as after a restart, with settings changed by `change`.
    #[must_use]
    pub fn restarted(&self, change: impl FnOnce(&mut Settings)) -> Backend {
        let mut settings = Self::settings();
        change(&mut settings);
        Backend::new(parts(&self.db, self.folder.path(), &self.clock, &self.random, &self.mail, settings))
    }

    /// Brings the database up to date, as every start does.
    ///
    /// # Errors
    /// Those of [`Database::migrate`].
    pub async fn migrate(&self) -> backend::Result<()> {
        self.db.migrate().await
    }

    /// The folder with everything it stores, the SQLite file included.
    #[must_use]
    pub fn data(&self) -> &Path {
        self.folder.path()
    }

    /// The database, for what works on one without a backend.
    #[must_use]
    pub fn db(&self) -> &Database {
        &self.db
    }

    /// The store, opened once more.
    ///
    /// # Panics
    /// When it cannot be opened.
    #[must_use]
    pub fn blobs(&self) -> Blobs {
        Blobs::in_folder(&self.data().join("blobs")).expect("the folder of blobs opens")
    }

    /// One of ops.
    pub async fn ops(&self) -> Caller {
        self.account(Role::Ops, "ops@example.com").await
    }

    /// A client.
    pub async fn client(&self) -> Caller {
        self.account(Role::Client, "ana@example.com").await
    }

    /// Another client.
    pub async fn other_client(&self) -> Caller {
        self.account(Role::Client, "ben@example.com").await
    }

    /// The account with this address, made if there is none, as somebody who has just signed in. It has no password.
    ///
    /// # Panics
    /// When the database fails or the address is none.
    pub async fn account(&self, role: Role, email: &str) -> Caller {
        let fresh = AccountId::new(self.random_id());
        let name = email.split('@').next().unwrap_or_default();
        sqlx::query(
            "INSERT INTO accounts (id, email, name, role, password_hash, link_epoch, created_at) \
             VALUES ($1, $2, $3, $4, '', 0, $5) ON CONFLICT (email) DO NOTHING",
        )
        .bind(fresh.to_string())
        .bind(email)
        .bind(name)
        .bind(role.as_str())
        .bind(self.now().millis())
        .execute(&self.sql)
        .await
        .expect("an account is inserted");
        let (id, link_epoch, credential_epoch, organisation, since): (String, i64, i64, Option<String>, Option<i64>) =
            sqlx::query_as(
                "SELECT id, link_epoch, credential_epoch, organisation_id, member_since FROM accounts WHERE email = $1",
            )
            .bind(email)
            .fetch_one(&self.sql)
            .await
            .expect("the account is there");
        let membership = organisation.map(|organisation| Membership {
            organisation: organisation.parse().expect("an id"),
            since: Timestamp::from_millis(since.expect("a member has joined")),
        });
        let me = Me {
            id: id.parse().expect("an id"),
            name: PersonName::parse(name).expect("a name"),
            email: Email::parse(email).expect("an address"),
            role,
        };
        let credential = Credential::Session(SessionHandle::new(self.random_id()));
        Caller {
            principal: Principal::Person(Person { me, link_epoch, credential_epoch, membership, credential }),
            origin: Self::origin(),
        }
    }

    /// Somebody who has not signed in.
    #[must_use]
    pub fn nobody() -> Caller {
        Caller { principal: Principal::Nobody, origin: Self::origin() }
    }

    /// Where every test caller calls from.
    #[must_use]
    pub fn origin() -> Origin {
        Self::origin_at("192.0.2.7")
    }

    /// The one number that a statement selects, when everything is written down.
    ///
    /// # Panics
    /// When it fails, or selects something else.
    pub async fn count(&self, statement: &'static str) -> i64 {
        self.links.settle().await;
        let (count,): (i64,) = sqlx::query_as(statement).fetch_one(&self.sql).await.expect("counts");
        count
    }

    /// An id that nothing has.
    pub fn random_id(&self) -> uuid::Uuid {
        let mut bytes = [0; 16];
        self.random.fill(&mut bytes);
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }
}

impl Deref for TestBackend {
    type Target = Backend;

    fn deref(&self) -> &Backend {
        &self.backend
    }
}

fn parts(
    db: &Database,
    folder: &Path,
    clock: &Arc<ManualClock>,
    random: &Arc<SeededRandom>,
    mail: &MemoryTransport,
    settings: Settings,
) -> Parts {
    Parts {
        db: db.clone(),
        blobs: Blobs::in_folder(&folder.join("blobs")).expect("the folder of blobs opens"),
        keys: KeyRing::open(&folder.join("keys"), random.as_ref()).expect("the keys open"),
        clock: clock.clone(),
        random: random.clone(),
        transport: Arc::new(mail.clone()),
        settings,
    }
}
