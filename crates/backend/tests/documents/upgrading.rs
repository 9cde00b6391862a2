//! A portal of November 2026, before examinations were events of their own, deliveries, blobs with rows: its database after
//! the first two migrations, its store and its keys, as the program of then left them. Everything it promised still holds.

use std::time::Duration;

use backend::{
    db::Engine,
    documents::{Audit, AuditScope, Receipt, Rewrapped},
    storage::Swept,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::{DocumentId, DocumentQuery, Role};
use pasetors::{keys::SymmetricKey, version4::LocalToken};
use ring::{digest, hkdf};
use sealed::{Context, FileKey, MasterKey, Sealer, WrappedKey};
use testkit::{Before, START, TestBackend, office};

use crate::{collect, open, read, stored};

const OPS: &str = "0198c0de-0000-7000-8000-00000000000a";
const ANA: &str = "0198c0de-0000-7000-8000-00000000000b";
const DOCUMENT: &str = "0198c0de-0000-7000-8000-000000000001";
const VERSION: &str = "0198c0de-0000-7000-8000-000000000011";
const DELETED: &str = "0198c0de-0000-7000-8000-000000000002";
const DELETED_VERSION: &str = "0198c0de-0000-7000-8000-000000000012";
/// Of two uploads under way: one had brought everything, one had not.
const BROUGHT: &str = "0198c0de-0000-7000-8000-000000000013";
const BRINGING: &str = "0198c0de-0000-7000-8000-000000000014";

const DAY: Duration = Duration::from_secs(24 * 3600);
const EVERY_BYTE: AuditScope = AuditScope { sample: None, hashes: true };

async fn a_portal_of_before_keeps_every_promise(engine: Engine) {
    let bytes = office::docx(&crate::long_text());
    let portal = Portal::of_before(&bytes);
    let Some(t) = TestBackend::upgraded_from(engine, portal.left(&bytes)).await else { return };
    let (ops, ana) = (t.account(Role::Ops, "ops@example.com").await, t.account(Role::Client, "ana@example.com").await);
    let document: DocumentId = DOCUMENT.parse().expect("an id");

    let rows = t.documents.list(&ana, &DocumentQuery::default()).await.expect("lists").rows;
    assert_eq!(rows.iter().map(|row| row.name.as_str()).collect::<Vec<_>>(), ["report.docx"]);
    let size = bytes.len() as u64;
    let opened = open(&t, &ana, &portal.link()).await;
    let download = opened.start(100_000..size, Receipt::by_reading()).await.expect("bytes begin to flow");
    assert!(read(download).await == bytes[100_000..], "the link of before opens");
    t.links.settle().await;
    let handed_over = t.documents.get(&ops, document).await.expect("is there").row.handed_over_to;
    assert_eq!(handed_over, Some(1), "what was sent before counts");

    let sound = Audit { checked: 1, faults: Vec::new() };
    assert_eq!(t.documents.audit(EVERY_BYTE).await.expect("compares"), sound);
    let (sealed_size,): (i64,) = sqlx::query_as("SELECT sealed_size FROM blobs WHERE state = 'kept'")
        .fetch_one(&t.sql)
        .await
        .expect("one blob is kept");
    assert_eq!(sealed_size as usize, portal.blob.len());
    assert_eq!(t.documents.rewrap().await.expect("binds its key"), Rewrapped { done: 1, failed: 0 });
    assert!(collect(&t, &ana, document).await == bytes);

    assert_eq!(t.purge_due().await.expect("purges"), 1, "the document that was deleted");
    assert_eq!(stored(&t).len(), 3);
    t.clock.advance(13 * DAY);
    assert_eq!(t.sweep().await.expect("sweeps"), Swept { abandoned: 1, ..Swept::default() }, "what was half there");
    t.clock.advance(2 * DAY);
    assert_eq!(t.sweep().await.expect("sweeps").doomed, 2, "uploads that nobody ends");
    t.purge_due().await.expect("purges");
    assert_eq!((stored(&t).len(), t.count("SELECT COUNT(*) FROM blobs").await), (1, 1));
    assert_eq!(t.documents.audit(EVERY_BYTE).await.expect("compares"), sound);
}

#[test]
fn a_portal_of_before_keeps_every_promise_on_sqlite() {
    testkit::run(a_portal_of_before_keeps_every_promise(Engine::Sqlite));
}

#[test]
fn a_portal_of_before_keeps_every_promise_on_postgres() {
    testkit::run(a_portal_of_before_keeps_every_promise(Engine::Postgres));
}

/// What the program of then worked with.
struct Portal {
    root: [u8; 32],
    master: MasterKey,
    /// Of the version, sealed under its id.
    blob: Vec<u8>,
    /// Bound to version and length.
    wrapped_key: String,
}

impl Portal {
    fn of_before(bytes: &[u8]) -> Self {
        let root = [9; 32];
        let master = MasterKey::from_bytes(derived(&root, b"wrap file keys"));
        let file_key = FileKey::from_bytes([7; 32]);
        let context = Context::new(VERSION.parse::<uuid::Uuid>().expect("an id").into_bytes());
        let mut sealer = Sealer::new(&file_key, [3; 32], context).expect("begins");
        let mut blob = sealer.header().to_vec();
        sealer.seal(bytes, &mut blob).expect("seals");
        sealer.finish(&mut blob).expect("ends");
        let context = context.with_plain_len(bytes.len() as u64);
        let wrapped = WrappedKey::wrap(&master, &file_key, [5; 12], &context).expect("wraps");
        Self { root, master, blob, wrapped_key: STANDARD.encode(wrapped.as_bytes()) }
    }

    /// A link to the version, for Ana alone, as it was minted before deliveries.
    fn link(&self) -> String {
        let claims = serde_json::json!({
            "jti": VERSION,
            "aud": "https://portal.example.com",
            "nbf": START.before(DAY),
            "exp": START.after(DAY),
            "ver": VERSION,
            "epoch": 0,
            "use": "download",
        });
        let footer = serde_json::json!({ "kid": self.master.id().as_str() });
        let key = SymmetricKey::from(&derived(&self.root, b"encrypt link tokens")).expect("a key");
        let (claims, footer) = (claims.to_string(), footer.to_string());
        let assertion = format!("strongroom account {ANA}");
        LocalToken::encrypt(&key, claims.as_bytes(), Some(footer.as_bytes()), Some(assertion.as_bytes()))
            .expect("encrypts")
    }

    fn left(&self, bytes: &[u8]) -> Before {
        let path = |id: &str, end: &str| format!("blobs/{}/{id}{end}", &id[id.len() - 2..]);
        Before {
            migration: 2,
            statements: self.rows(bytes),
            files: vec![
                ("keys/master.keys".to_owned(), format!("{}\n", STANDARD.encode(self.root)).into_bytes()),
                (path(VERSION, ""), self.blob.clone()),
                (path(DELETED_VERSION, ""), b"noise".to_vec()),
                (path(BROUGHT, ""), b"whole".to_vec()),
                (path(BRINGING, "#1"), b"half".to_vec()),
            ],
        }
    }

    fn rows(&self, bytes: &[u8]) -> String {
        let Self { master, wrapped_key, .. } = self;
        let (key, size) = (master.id().as_str(), bytes.len());
        let sha256: String =
            digest::digest(&digest::SHA256, bytes).as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        let (at, soon) = (START.before(DAY).millis(), START.after(Duration::from_secs(1800)).millis());
        format!(
            "INSERT INTO accounts (id, email, name, role, password_hash, link_epoch, created_at) VALUES \
             ('{OPS}', 'ops@example.com', 'ops', 'ops', '', 0, 0), ('{ANA}', 'ana@example.com', 'ana', 'client', '', 0, 0);
             INSERT INTO documents \
             (id, name, name_folded, kind, size, current_version, uploaded_at, deleted_at) VALUES \
             ('{DOCUMENT}', 'report.docx', 'report.docx', 'docx', {size}, '{VERSION}', {at}, NULL), \
             ('{DELETED}', 'gone.docx', 'gone.docx', 'docx', 5, '{DELETED_VERSION}', {at}, {at});
             INSERT INTO document_versions \
             (id, document_id, number, size, sha256, key_id, wrapped_key, uploaded_by, uploaded_at) VALUES \
             ('{VERSION}', '{DOCUMENT}', 1, {size}, '{sha256}', '{key}', '{wrapped_key}', '{OPS}', {at}), \
             ('{DELETED_VERSION}', '{DELETED}', 1, 5, '', '{key}', NULL, '{OPS}', {at});
             INSERT INTO document_audiences (document_id, audience_id, granted_at) VALUES \
             ('{DOCUMENT}', 'everyone', {at}), ('{DELETED}', 'everyone', {at});
             INSERT INTO purges (version_id, attempts, next_at) VALUES ('{DELETED_VERSION}', 0, {at});
             INSERT INTO uploads (version_id, account_id, claimed_until) VALUES \
             ('{BROUGHT}', '{OPS}', {soon}), ('{BRINGING}', '{OPS}', {soon});
             INSERT INTO downloads \
             (id, link_id, account_id, version_id, first_byte, next_byte, started_at, ended_at) VALUES \
             ('{VERSION}', '{VERSION}', '{ANA}', '{VERSION}', 0, 120000, {at}, {at});
             INSERT INTO activity (id, at, action, actor_id, actor_label, subject, address, detail) VALUES \
             ('{VERSION}', {at}, 'document.deposited', '{OPS}', 'ops@example.com', 'report.docx', '203.0.113.9', \
             'version 1, {size} bytes')"
        )
    }
}

fn derived(root: &[u8; 32], label: &[u8]) -> [u8; 32] {
    let mut key = [0; 32];
    let prk = hkdf::Salt::new(hkdf::HKDF_SHA256, b"strongroom.key-ring@v1").extract(root);
    prk.expand(&[label], hkdf::HKDF_SHA256).and_then(|okm| okm.fill(&mut key)).expect("derived");
    key
}
