//! Comparing rows with keys and blobs.

use std::fs;

use backend::documents::AuditScope;
use testkit::office;

use crate::{deposit, long_text, stored};

const ALL: AuditScope = AuditScope { sample: None, hashes: false };
const HASHES: AuditScope = AuditScope { sample: None, hashes: true };

testkit::on_both! {
    async fn what_was_deposited_is_there(t: TestBackend) {
        let ops = t.ops().await;
        for name in ["a.docx", "b.docx", "c.docx"] {
            deposit(&t, &ops, name, &office::docx(&long_text())).await;
        }
        let gone = deposit(&t, &ops, "gone.docx", &office::docx("gone")).await;
        t.documents.delete_unconfirmed(&ops, gone.id).await.expect("deleted");
        for (scope, checked) in [(ALL, 3), (HASHES, 3), (AuditScope { sample: Some(2), hashes: true }, 2)] {
            let audit = t.documents.audit(scope).await.expect("compares");
            assert_eq!((audit.checked, audit.faults), (checked, Vec::new()), "{scope:?}");
        }
    }

    async fn each_fault_is_one_sentence_about_one_version(t: TestBackend) {
        let ops = t.ops().await;
        deposit(&t, &ops, "report.docx", &office::docx(&long_text())).await;
        let blob = stored(&t).pop().expect("a blob");
        let sound = fs::read(&blob).expect("read");
        let mut flipped = sound.clone();
        *flipped.last_mut().expect("bytes") ^= 1;
        for (bytes, scope, part) in [
            (sound[1..].to_vec(), ALL, "bytes instead of"),
            (flipped.clone(), HASHES, "is damaged"),
        ] {
            fs::write(&blob, bytes).expect("written");
            let audit = t.documents.audit(scope).await.expect("compares");
            assert_eq!(audit.faults.len(), 1, "{:?}", audit.faults);
            assert!(audit.faults[0].starts_with("version ") && audit.faults[0].contains(part), "{:?}", audit.faults);
        }
        assert!(t.documents.audit(ALL).await.expect("compares").faults.is_empty(), "its length is right");
        fs::remove_file(&blob).expect("removed");
        assert!(t.documents.audit(ALL).await.expect("compares").faults[0].contains("its blob is missing"));
        fs::write(&blob, sound).expect("restored");
        sqlx::query("UPDATE document_versions SET sha256 = $1").bind("0".repeat(64)).execute(&t.sql).await.expect("set");
        assert_eq!(t.documents.audit(ALL).await.expect("compares").faults.len(), 1, "the hash is bound to the key");
        deposit(&t, &ops, "another.docx", &office::docx("another")).await;
        sqlx::query("UPDATE document_versions SET sha256 = '' WHERE sha256 LIKE '000%'").execute(&t.sql).await.expect("set");
        let audit = t.documents.audit(ALL).await.expect("compares");
        assert_eq!((audit.checked, audit.faults.len()), (2, 1), "what cannot be read keeps nobody from the other");
        assert!(audit.faults[0].contains("sha256"), "{:?}", audit.faults);
    }
}
