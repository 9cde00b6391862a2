//! Master keys: a new one becomes active, rows are wrapped anew, and one that is missing is noticed.

use std::{fs, path::PathBuf};

use backend::{
    documents::{Receipt, Rewrapped},
    random::OsRandom,
    storage::{KeyRing, NoKeys},
};
use domain::{
    ErrorCode,
    activity::{Action, ActivityQuery},
};
use testkit::{TestBackend, office};

use crate::{collect, denied, deposit, mint, open, read};

testkit::on_both! {
    async fn a_rotation_wraps_every_row_anew_and_the_old_key_can_go(t: TestBackend) {
        let (ops, ana) = (t.ops().await, t.client().await);
        let bytes = office::docx("a report");
        let file = deposit(&t, &ops, "report.docx", &bytes).await;
        let link = mint(&t, &ana, file.id).await;
        let before = t.restarted(|_| {});
        let old = rotate(&t);
        let rotated = t.restarted(|_| {});
        assert_eq!(rotated.documents.rotated().await.expect("rewraps"), Rewrapped { done: 1, failed: 0 });
        assert_eq!(rotated.documents.rewrap().await.expect("rewraps"), Rewrapped::default(), "there is nothing left");
        let opened = open(&rotated, &ana, &link).await;
        let size = opened.size;
        assert_eq!(read(opened.start(0..size, Receipt::by_reading()).await.expect("starts")).await, bytes, "links live on");
        assert_eq!(collect(&before, &ana, file.id).await, bytes, "an instance that started before reads the file again");

        let keys = t.data().join("keys/master.keys");
        let text = fs::read_to_string(&keys).expect("the keys are there");
        fs::write(&keys, text.replace(&old, "")).expect("the old key is taken out");
        let without = t.restarted(|_| {});
        assert_eq!(collect(&without, &ana, file.id).await, bytes);
        assert!(missing(&t).await.is_none(), "nothing needs it");
    }

    async fn a_rotation_is_written_down_with_how_many_versions_it_was(t: TestBackend) {
        let ops = t.ops().await;
        for name in ["one.docx", "two.docx"] {
            deposit(&t, &ops, name, &office::docx(name)).await;
        }
        rotate(&t);
        let rotated = t.restarted(|_| {});
        rotated.documents.rotated().await.expect("rewraps");
        rotated.documents.rewrap().await.expect("the worker finds nothing left");
        let of_keys = ActivityQuery { action: Some(Action::KeysRotated), ..ActivityQuery::default() };
        let rows = t.activity.list(&ops, &of_keys).await.expect("lists").rows;
        let key = KeyRing::read(&t.data().join("keys")).expect("readable").expect("there").ids().remove(0);
        let mut told: Vec<_> = rows.into_iter().map(|row| (row.address, row.actor_label, row.detail)).collect();
        told.sort();
        let by = |detail: String| ("local".to_owned(), String::new(), detail);
        assert_eq!(told, [
            by(format!("2 versions are under key {key}")),
            by(format!("key {key}, by the command line")),
        ]);
    }

    async fn a_key_that_rows_need_is_missed(t: TestBackend) {
        let (ops, ana) = (t.ops().await, t.client().await);
        assert!(missing(&t).await.is_none());
        let keys = t.data().join("keys/master.keys");
        let copy = keys.with_extension("copy");
        fs::rename(&keys, &copy).expect("lost");
        let none = missing(&t).await.expect("an empty portal that had keys misses them, too");
        assert_eq!((none.missing.len(), none.versions), (1, 0));
        fs::rename(&copy, &keys).expect("restored");

        let file = deposit(&t, &ops, "report.docx", &office::docx("a report")).await;
        let link = mint(&t, &ana, file.id).await;
        fs::write(&keys, "A".repeat(43) + "=\n").expect("replaced");
        let lost = missing(&t).await.expect("missed");
        assert_eq!((lost.missing.len(), lost.versions), (1, 1));
        assert!(lost.to_string().contains(&lost.missing[0]) && lost.to_string().contains("Put"), "{lost}");
        let replaced = t.restarted(|_| {});
        assert_eq!(denied(&replaced, &ana, &link).await.problem().code, ErrorCode::NotFound);
        let link = mint(&replaced, &ana, file.id).await;
        assert_eq!(denied(&replaced, &ana, &link).await.problem().code, ErrorCode::Internal);
    }

    async fn rows_of_before_are_bound_to_the_hash_that_their_bytes_have(t: TestBackend) {
        let (ops, ana) = (t.ops().await, t.client().await);
        let sound = deposit(&t, &ops, "sound.docx", &office::docx("sound")).await;
        let changed = deposit(&t, &ops, "changed.docx", &office::docx("changed")).await;
        for (document, size) in [(sound.id, sound.size), (changed.id, changed.size)] {
            as_of_before(&t, &document.to_string(), size).await;
        }
        sqlx::query("UPDATE document_versions SET sha256 = $1 WHERE document_id = $2")
            .bind("0".repeat(64))
            .bind(changed.id.to_string())
            .execute(&t.sql)
            .await
            .expect("changed");
        assert_eq!(collect(&t, &ana, sound.id).await, office::docx("sound"), "a row of before is read as it is");
        assert_eq!(t.documents.rewrap().await.expect("rewraps"), Rewrapped { done: 1, failed: 1 });
        assert_eq!(collect(&t, &ana, sound.id).await, office::docx("sound"));
        assert_eq!(t.count("SELECT COUNT(*) FROM document_versions WHERE key_format = 2").await, 1);
    }

    async fn a_document_deleted_meanwhile_stays_deleted(t: TestBackend) {
        let ops = t.ops().await;
        let file = deposit(&t, &ops, "report.docx", &office::docx("a report")).await;
        t.documents.delete_unconfirmed(&ops, file.id).await.expect("deleted");
        rotate(&t);
        assert_eq!(t.restarted(|_| {}).documents.rewrap().await.expect("rewraps"), Rewrapped::default());
        assert_eq!(t.count("SELECT COUNT(*) FROM document_versions WHERE wrapped_key IS NOT NULL").await, 0);
    }
}

/// Rotates as the command line does, beside the backend; gives the line of the key that was active.
pub(crate) fn rotate(t: &TestBackend) -> String {
    let folder = t.data().join("keys");
    let text = fs::read_to_string(folder.join("master.keys")).expect("the keys are there");
    let ring = KeyRing::read(&folder).expect("readable").expect("there");
    ring.rotate(&OsRandom::default()).expect("rotates");
    text.lines().find(|line| !line.starts_with('#')).expect("a key").to_owned() + "\n"
}

async fn missing(t: &TestBackend) -> Option<NoKeys> {
    let folder = t.data().join("keys");
    let ring = KeyRing::read(&folder).expect("readable");
    NoKeys::find(t.db(), ring.as_ref(), PathBuf::from("master.keys")).await.expect("looks")
}

/// Wraps the key of a document's version as it was wrapped before keys were bound to the hash.
async fn as_of_before(t: &TestBackend, document: &str, size: u64) {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    use sealed::{Context, MasterKey, WrappedKey};

    let text = fs::read_to_string(t.data().join("keys/master.keys")).expect("the keys are there");
    let root = STANDARD.decode(text.lines().find(|line| !line.starts_with('#')).expect("a key")).expect("base64");
    let prk = ring::hkdf::Salt::new(ring::hkdf::HKDF_SHA256, b"strongroom.key-ring@v1").extract(&root);
    let mut wrapping = [0; 32];
    prk.expand(&[b"wrap file keys"], ring::hkdf::HKDF_SHA256).and_then(|okm| okm.fill(&mut wrapping)).expect("derived");
    let master = MasterKey::from_bytes(wrapping);

    let (id, sha256, wrapped): (String, String, String) =
        sqlx::query_as("SELECT id, sha256, wrapped_key FROM document_versions WHERE document_id = $1")
            .bind(document)
            .fetch_one(&t.sql)
            .await
            .expect("selects");
    let hash: Vec<u8> =
        (0..32).map(|at| u8::from_str_radix(&sha256[2 * at..2 * at + 2], 16).expect("a hash")).collect();
    let document: uuid::Uuid = document.parse().expect("an id");
    let mut facts = ring::digest::Context::new(&ring::digest::SHA256);
    facts.update(b"strongroom.version-facts@v1\0");
    facts.update(document.as_bytes());
    facts.update(&hash);
    let version: uuid::Uuid = id.parse().expect("an id");
    let before = Context::new(version.into_bytes()).with_plain_len(size);
    let now = before.with_facts(facts.finish().as_ref().try_into().expect("32 bytes"));
    let wrapped = WrappedKey::from_bytes(&STANDARD.decode(wrapped).expect("base64")).expect("61 bytes");
    let key = wrapped.unwrap(&master, &now).expect("as docs say it is wrapped");
    let wrapped = STANDARD.encode(WrappedKey::wrap(&master, &key, [7; 12], &before).expect("wraps").as_bytes());
    sqlx::query("UPDATE document_versions SET wrapped_key = $1, key_format = 1 WHERE id = $2")
        .bind(wrapped)
        .bind(id)
        .execute(&t.sql)
        .await
        .expect("updates");
}
