//! People with real credentials: accounts that can sign in, their sessions and their tokens.

use backend::{
    Caller, Device, Origin, Principal,
    accounts::Admission,
    mail::{OutgoingMail, Worked},
};
use domain::{Email, PersonName, PlainPassword, PlainSecret, Role, account::SignUp, activity::Action};
use sqlx::Row as _;

use crate::TestBackend;

/// The password of everyone made by [`TestBackend::register`].
pub const PASSWORD: &str = "eight small boats at dawn";

/// Every table of the schema, for [`TestBackend::everything_stored`].
const TABLES: [&str; 29] = [
    "SELECT * FROM accounts",
    "SELECT * FROM sign_ups",
    "SELECT * FROM password_resets",
    "SELECT * FROM invitations",
    "SELECT * FROM sessions",
    "SELECT * FROM api_tokens",
    "SELECT * FROM throttles",
    "SELECT * FROM known_addresses",
    "SELECT * FROM known_devices",
    "SELECT * FROM replaced_links",
    "SELECT * FROM documents",
    "SELECT * FROM document_versions",
    "SELECT * FROM deliveries",
    "SELECT * FROM delivery_documents",
    "SELECT * FROM delivery_audiences",
    "SELECT * FROM grants",
    "SELECT * FROM uploads",
    "SELECT * FROM blobs",
    "SELECT * FROM download_ranges",
    "SELECT * FROM handovers",
    "SELECT * FROM portal",
    "SELECT * FROM portal_keys",
    "SELECT * FROM mails",
    "SELECT * FROM written_mails",
    "SELECT * FROM jobs",
    "SELECT * FROM mail_relay",
    "SELECT * FROM activity",
    "SELECT * FROM activity_particulars",
    "SELECT * FROM proxy_troubles",
];

impl TestBackend {
    /// An account that came to be as accounts do, by mail or by command line, and can sign in with [`PASSWORD`].
    ///
    /// # Panics
    /// When it cannot be made.
    pub async fn register(&self, role: Role, email: &str) -> Caller {
        let name = PersonName::parse(email.split('@').next().unwrap_or_default()).expect("a name");
        let address = Email::parse(email).expect("an address");
        let password = PlainPassword::parse(PASSWORD).expect("a password");
        match role {
            Role::Ops => {
                self.team.create_ops(address, name, password).await.expect("an ops account is made");
            }
            Role::Client => {
                let input = SignUp { name, email: address, password };
                let id = self.accounts.sign_up(&Self::origin(), input).await.expect("signs up");
                let code: String = self.newest_mail().await.subject.chars().take(6).collect();
                self.accounts.confirm_code(&Self::origin(), id, &code).await.expect("confirms");
            }
        }
        self.account(role, email).await
    }

    /// A fresh session of a person: the id that would be in the cookie.
    ///
    /// # Panics
    /// When the database fails, or the caller is nobody.
    pub async fn session_of(&self, caller: &Caller) -> [u8; 16] {
        let admission = self.signs_in_again(caller).await;
        let id = *self.random_id().as_bytes();
        self.sessions.create(&id, &admission, "{}", &caller.origin).await.expect("a session is stored");
        id
    }

    /// The caller of a live session.
    ///
    /// # Panics
    /// When there is none.
    pub async fn caller_of(&self, session: &[u8; 16]) -> Caller {
        let person = self.sessions.person(session).await.expect("the database answers").expect("a live session");
        Caller { principal: Principal::Person(person), origin: Self::origin() }
    }

    /// A fresh bearer token of a person.
    ///
    /// # Panics
    /// When it cannot be made.
    pub async fn token_of(&self, caller: &Caller) -> PlainSecret {
        let admission = self.signs_in_again(caller).await;
        self.tokens.issue(&caller.origin, &admission, "script").await.expect("a token is made").token
    }

    /// What a person gets who signs in now: the credentials of the caller may have ended since.
    async fn signs_in_again(&self, caller: &Caller) -> Admission {
        let person = caller.person().expect("somebody");
        let now = self.account(person.role(), person.me.email.as_str()).await;
        now.person().expect("somebody").admission()
    }

    /// An origin at this network address.
    #[must_use]
    pub fn origin_at(address: &str) -> Origin {
        Origin { address: address.to_owned(), user_agent: "test".to_owned(), device: Device::Program }
    }

    /// The same as a browser: one that was here before has the secret of its device cookie.
    #[must_use]
    pub fn browser_at(address: &str, secret: Option<PlainSecret>) -> Origin {
        Origin { device: Device::Browser(secret), ..Self::origin_at(address) }
    }

    /// Empties the outbox and gives the last mail that left.
    ///
    /// # Panics
    /// When none left.
    pub async fn newest_mail(&self) -> OutgoingMail {
        self.sent_mails().await.pop().expect("a mail left")
    }

    /// Empties the outbox and gives the mails that left since the last call.
    ///
    /// # Panics
    /// When the database fails.
    pub async fn sent_mails(&self) -> Vec<OutgoingMail> {
        while self.outbox.deliver_next().await.expect("the outbox works") == Worked::Sent {}
        self.mail.take()
    }

    /// How often something stands in the activity log, together with what waited to be written there.
    ///
    /// # Panics
    /// When the database fails.
    pub async fn recorded(&self, action: Action) -> i64 {
        self.links.settle().await;
        self.write_notes().await.expect("notes are written");
        let (count,): (i64,) =
            sqlx::query_as("SELECT CAST(COALESCE(SUM(times), 0) AS BIGINT) FROM activity WHERE action = $1")
                .bind(action.as_str())
                .fetch_one(&self.sql)
                .await
                .expect("counts");
        count
    }

    /// Every text in every table, for looking for what must not be there.
    ///
    /// # Panics
    /// When the database fails.
    pub async fn everything_stored(&self) -> String {
        self.links.settle().await;
        let mut dump = String::new();
        for statement in TABLES {
            for row in sqlx::query(statement).fetch_all(&self.sql).await.expect("the table is read") {
                for column in 0..row.len() {
                    if let Ok(Some(text)) = row.try_get::<Option<String>, _>(column) {
                        dump.push_str(&text);
                        dump.push('\n');
                    }
                }
            }
        }
        dump
    }
}
