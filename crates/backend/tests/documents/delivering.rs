//! Access is what deliveries give: to whom, from when, until when.

use std::time::Duration;

use backend::{Caller, Result, db::Engine, documents::Receipt};
use domain::{
    DeliveryId, DocumentId, DocumentQuery, ErrorCode, Role, delivery::Terms, document::DeadBecause,
    upload::DepositedFile,
};
use testkit::{Before, START, TestBackend, office};

use crate::{collect, dead, denied, deposit, long_text, mint, open, read};

testkit::on_both! {
    async fn a_delivery_gives_access_from_its_beginning_until_just_before_its_end(t: TestBackend) {
        let (ops, ana) = (t.ops().await, t.client().await);
        let file = deposited_for_nobody(&t, &ops).await;
        assert_eq!(ways(&t, &ana, file.id).await, [false; 5]);
        t.deliver(file.id, "everyone", terms(Some(1_000), Some(3_000))).await;
        for (step, has_access) in [(999, false), (1, true), (1_999, true), (1, false), (60_000, false)] {
            t.clock.advance(Duration::from_millis(step));
            assert_eq!(ways(&t, &ana, file.id).await, [has_access; 5], "at {}", t.now());
            assert_eq!(ways(&t, &ops, file.id).await, [true; 5], "ops need no delivery");
        }
    }

    async fn what_is_revoked_or_for_others_gives_nothing(t: TestBackend) {
        let (ops, ana) = (t.ops().await, t.client().await);
        let file = deposited_for_nobody(&t, &ops).await;
        let other = deposit(&t, &ops, "other.docx", &office::docx("another")).await;
        let stranger = t.other_client().await.person().expect("somebody").id();
        for audience in [&format!("person:{stranger}"), "", "every", "Everyone", "everyone "] {
            t.deliver(file.id, audience, Terms::default()).await;
        }
        assert_eq!(ways(&t, &ana, file.id).await, [false; 5]);
        let delivery = t.deliver(file.id, "everyone", Terms::default()).await;
        assert_eq!(ways(&t, &ana, file.id).await, [true; 5]);
        t.revoke(delivery).await;
        assert_eq!(ways(&t, &ana, file.id).await, [false; 5]);
        assert_eq!(ways(&t, &ops, file.id).await, [true; 5]);
        assert_eq!(ways(&t, &ana, other.id).await, [true; 5], "each document has its own");
        t.documents.delete_unconfirmed(&ops, file.id).await.expect("ops delete what is delivered to nobody");
    }

    async fn a_document_that_was_deleted_is_given_by_no_delivery(t: TestBackend) {
        let (ops, ana) = (t.ops().await, t.client().await);
        let file = deposit(&t, &ops, "report.docx", &office::docx("a report")).await;
        t.documents.delete(&ops, file.id, "report.docx").await.expect("deleted");
        t.deliver(file.id, "everyone", Terms::default()).await;
        for caller in [&ana, &ops] {
            assert_eq!(ways(&t, caller, file.id).await, [false; 5]);
        }
        let again = t.documents.delete(&ops, file.id, "report.docx").await.expect_err("gone");
        assert_eq!(again.code(), Some(ErrorCode::NotFound));
    }

    async fn a_link_is_good_for_its_own_delivery_alone(t: TestBackend) {
        let (ops, ana) = (t.ops().await, t.client().await);
        let file = deposited_for_nobody(&t, &ops).await;
        let long = t.deliver(file.id, "everyone", terms(None, Some(90_000))).await;
        let short = t.deliver(file.id, "everyone", terms(None, Some(60_000))).await;
        let link = mint(&t, &ana, file.id).await;
        t.revoke(long).await;
        let told = dead(denied(&t, &ana, &link).await);
        assert_eq!((told.because, told.document), (DeadBecause::Revoked, Some(file.id)), "a fresh link is offered");
        let fresh = mint(&t, &ana, file.id).await;
        assert_eq!(open(&t, &ana, &fresh).await.document, file.id);
        t.revoke(short).await;
        for link in [&link, &fresh] {
            let told = dead(denied(&t, &ana, link).await);
            assert_eq!((told.because, told.document, told.expired_at), (DeadBecause::Revoked, None, None));
        }
        let stranger = denied(&t, &t.other_client().await, &link).await;
        assert_eq!(stranger.problem().code, ErrorCode::NotFound);
    }

    async fn a_link_lives_no_longer_than_its_delivery(t: TestBackend) {
        let (ops, ana) = (t.ops().await, t.client().await);
        let file = deposited_for_nobody(&t, &ops).await;
        t.deliver(file.id, "everyone", terms(None, Some(2_000))).await;
        let minted = t.links.mint(&ana, file.id).await.expect("minted");
        assert_eq!(minted.expires_at, START.after(Duration::from_secs(2)));
        t.clock.advance(Duration::from_millis(1_999));
        open(&t, &ana, &minted.token).await;
        t.clock.advance(Duration::from_millis(1));
        let told = dead(denied(&t, &ana, &minted.token).await);
        assert_eq!((told.because, told.document), (DeadBecause::Expired, None));
        assert_eq!(told.expired_at, Some(minted.expires_at));
    }

    async fn terms_that_change_change_links_that_were_minted_before(t: TestBackend) {
        let (ops, ana) = (t.ops().await, t.client().await);
        let file = deposited_for_nobody(&t, &ops).await;
        t.deliver(file.id, "everyone", Terms::default()).await;
        let link = mint(&t, &ana, file.id).await;
        t.change_deliveries("UPDATE deliveries SET until_at = 1795356300123").await;
        let told = dead(denied(&t, &ana, &link).await);
        assert_eq!((told.because, told.expired_at), (DeadBecause::Expired, Some(START)));
        t.change_deliveries("UPDATE deliveries SET until_at = NULL, from_at = 1795356300124").await;
        let told = dead(denied(&t, &ana, &link).await);
        assert_eq!((told.because, told.document), (DeadBecause::Revoked, None));
        t.clock.advance(Duration::from_millis(1));
        open(&t, &ana, &link).await;
    }

    async fn a_link_without_a_delivery_is_good_for_whatever_gives_access(t: TestBackend) {
        let ops = t.ops().await;
        let file = deposited_for_nobody(&t, &ops).await;
        // Ops need no delivery, so their links name none, as those of before. The account becomes a client's.
        let link = mint(&t, &ops, file.id).await;
        let client = t.account(Role::Client, "ops@example.com").await;
        assert_eq!(dead(denied(&t, &client, &link).await).because, DeadBecause::Revoked);
        let delivery = t.deliver(file.id, "everyone", Terms::default()).await;
        let opened = open(&t, &client, &link).await;
        let size = opened.size;
        read(opened.start(0..size, Receipt::by_reading()).await.expect("starts")).await;
        assert_eq!(deliveries_of(&t, "handed over").await, [Some(delivery.to_string())]);
        t.revoke(delivery).await;
        assert_eq!(dead(denied(&t, &client, &link).await).because, DeadBecause::Revoked);
    }

    async fn no_more_bytes_are_begun_after_a_revocation_in_the_middle_of_a_download(t: TestBackend) {
        let (ops, ana) = (t.ops().await, t.client().await);
        let bytes = office::docx(&long_text());
        let file = deposit(&t, &ops, "long.docx", &bytes).await;
        let link = mint(&t, &ana, file.id).await;
        let size = bytes.len() as u64;
        for range in [0..1_000, 1_000..70_000] {
            let part = open(&t, &ana, &link).await.start(range.clone(), Receipt::by_reading()).await.expect("starts");
            assert_eq!(read(part).await.len() as u64, range.end - range.start);
        }
        let begun = open(&t, &ana, &link).await.start(70_000..size, Receipt::by_reading()).await.expect("starts");
        t.change_deliveries("UPDATE deliveries SET revoked_at = 1").await;
        assert_eq!(dead(denied(&t, &ana, &link).await).because, DeadBecause::Revoked);
        assert!(read(begun).await == bytes[70_000..], "an answer that was begun goes on");
        assert_eq!(dead(denied(&t, &ana, &link).await).because, DeadBecause::Revoked);
    }

    async fn every_step_of_a_handover_names_the_delivery(t: TestBackend) {
        let (ops, ana) = (t.ops().await, t.client().await);
        let file = deposit(&t, &ops, "report.docx", &office::docx("a report")).await;
        let (deposited,): (String,) = sqlx::query_as("SELECT id FROM deliveries").fetch_one(&t.sql).await.expect("one");
        collect(&t, &ana, file.id).await;
        for of in ["deposited", "minted", "started", "handed over"] {
            assert_eq!(deliveries_of(&t, of).await, [Some(deposited.clone())], "{of}");
        }
        let stored = "SELECT COUNT(*) FROM handovers h JOIN deliveries d ON d.id = h.delivery_id";
        assert_eq!(t.count(stored).await, 1);
        assert_eq!(t.count("SELECT COUNT(*) FROM activity WHERE event LIKE '%\"delivery\":\"%'").await, 4);

        collect(&t, &ops, file.id).await;
        for of in ["minted", "started", "handed over"] {
            assert_eq!(deliveries_of(&t, of).await, [Some(deposited.clone()), None], "{of}");
        }
        assert_eq!(t.count("SELECT COUNT(*) FROM handovers WHERE delivery_id IS NULL").await, 1);
    }

    async fn what_is_taken_away_between_list_and_links_is_left_out(t: TestBackend) {
        let (ops, ana) = (t.ops().await, t.client().await);
        let kept = deposit(&t, &ops, "kept.docx", &office::docx("kept")).await;
        let gone = deposit(&t, &ops, "gone.docx", &office::docx("gone")).await;
        let rows = t.documents.list(&ana, &DocumentQuery::default()).await.expect("lists").rows;
        t.documents.delete_unconfirmed(&ops, gone.id).await.expect("deleted");
        let links = t.links.mint_for_page(&ana, rows.clone()).await.expect("minted");
        assert_eq!(links.iter().map(|(row, _)| row.id).collect::<Vec<_>>(), [kept.id]);
        t.change_deliveries("DELETE FROM delivery_audiences").await;
        assert!(t.links.mint_for_page(&ana, rows).await.expect("minted").is_empty());
        let minted = "SELECT COUNT(*) FROM activity WHERE action = 'link.minted'";
        assert_eq!(t.count(minted).await, 1, "no links, no line");
    }

    async fn grants_are_what_deliveries_give(t: TestBackend) {
        let ops = t.ops().await;
        for name in ["a.docx", "b.docx", "c.docx"] {
            deposit(&t, &ops, name, &office::docx(name)).await;
        }
        assert_eq!(t.count("SELECT COUNT(*) FROM grants").await, 3);
        let differing = "SELECT COUNT(*) FROM (SELECT * FROM (SELECT delivery_id, document_id, audience, from_at, until_at \
             FROM grants EXCEPT SELECT delivery_id, document_id, audience, from_at, until_at FROM delivered) x \
             UNION ALL SELECT * FROM (SELECT delivery_id, document_id, audience, from_at, until_at FROM delivered \
             EXCEPT SELECT delivery_id, document_id, audience, from_at, until_at FROM grants) y) z";
        assert_eq!(t.count(differing).await, 0);
        sqlx::query("UPDATE deliveries SET revoked_at = 1").execute(&t.sql).await.expect("updates");
        assert_eq!(t.count(differing).await, 3, "what is compared is compared");
    }
}

/// A document that was deposited before access was granted by deliveries, one that was taken back, one that was deleted.
const DOCUMENTS_OF_BEFORE: &str = "
    INSERT INTO accounts (id, email, name, role, password_hash, link_epoch, created_at) VALUES
    ('0198c0de-0000-7000-8000-00000000000a', 'old@example.com', 'Old', 'ops', '', 0, 0);
    INSERT INTO documents (id, name, name_folded, kind, size, current_version, uploaded_at, deleted_at) VALUES
    ('0198c0de-0000-7000-8000-000000000001', 'one.docx', 'one.docx', 'docx', 5, '0198c0de-0000-7000-8000-000000000011', 1000, NULL),
    ('0198c0de-0000-7000-8000-000000000002', 'two.docx', 'two.docx', 'docx', 5, '0198c0de-0000-7000-8000-000000000012', 2000, NULL),
    ('0198c0de-0000-7000-8000-000000000003', 'three.docx', 'three.docx', 'docx', 5, '0198c0de-0000-7000-8000-000000000013', 3000, 4000);
    INSERT INTO document_versions
    (id, document_id, number, size, sha256, key_id, wrapped_key, uploaded_by, uploaded_at) VALUES
    ('0198c0de-0000-7000-8000-000000000011', '0198c0de-0000-7000-8000-000000000001', 1, 5, '0000000000000000000000000000000000000000000000000000000000000000', '', NULL, '0198c0de-0000-7000-8000-00000000000a', 1000),
    ('0198c0de-0000-7000-8000-000000000012', '0198c0de-0000-7000-8000-000000000002', 1, 5, '0000000000000000000000000000000000000000000000000000000000000000', '', NULL, '0198c0de-0000-7000-8000-00000000000a', 2000),
    ('0198c0de-0000-7000-8000-000000000013', '0198c0de-0000-7000-8000-000000000003', 1, 5, '0000000000000000000000000000000000000000000000000000000000000000', '', NULL, '0198c0de-0000-7000-8000-00000000000a', 3000);
    INSERT INTO document_audiences (document_id, audience_id, granted_at) VALUES
    ('0198c0de-0000-7000-8000-000000000001', 'everyone', 1001),
    ('0198c0de-0000-7000-8000-000000000003', 'everyone', 3001);
    INSERT INTO handovers (version_id, account_id, taken, at) VALUES
    ('0198c0de-0000-7000-8000-000000000011', '0198c0de-0000-7000-8000-00000000000a', 1, 1500)";

async fn documents_of_before_are_delivered_to_whom_they_were_meant_for(engine: Engine) {
    let Some(t) = TestBackend::upgraded_from(engine, Before::rows(9, DOCUMENTS_OF_BEFORE)).await else { return };
    let (ops, ana) = (t.account(Role::Ops, "old@example.com").await, t.client().await);
    let names = async |caller| {
        let query = DocumentQuery { sort: domain::DocumentSort::Oldest, ..DocumentQuery::default() };
        let page = t.documents.list(caller, &query).await.expect("lists");
        page.rows.into_iter().map(|row| row.name.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(names(&ana).await, ["one.docx"]);
    assert_eq!(names(&ops).await, ["one.docx", "two.docx"]);
    let one: DocumentId = "0198c0de-0000-7000-8000-000000000001".parse().expect("an id");
    let detail = t.documents.get(&ops, one).await.expect("visible");
    assert_eq!((detail.row.handed_over_to, detail.row.is_new), (Some(1), false));
    t.links.mint(&ana, one).await.expect("minted");
    assert_eq!(deliveries_of(&t, "minted").await, [Some(one.to_string())], "it bears the id of its document");
    let deliveries: Vec<(String, String, i64, Option<i64>)> =
        sqlx::query_as("SELECT id, sender_id, sent_at, from_at FROM deliveries ORDER BY id")
            .fetch_all(&t.sql)
            .await
            .expect("selects");
    let sender = "0198c0de-0000-7000-8000-00000000000a".to_owned();
    assert_eq!(deliveries.len(), 2, "what was taken back stays so, and what was deleted keeps its own");
    assert_eq!(deliveries[0], (one.to_string(), sender, 1_001, None));
    let (audience,): (String,) =
        sqlx::query_as("SELECT DISTINCT audience FROM grants").fetch_one(&t.sql).await.expect("one");
    assert_eq!(audience.parse(), Ok(domain::delivery::Audience::Everyone));
}

#[test]
fn documents_of_before_are_delivered_to_whom_they_were_meant_for_on_sqlite() {
    testkit::run(documents_of_before_are_delivered_to_whom_they_were_meant_for(Engine::Sqlite));
}

#[test]
fn documents_of_before_are_delivered_to_whom_they_were_meant_for_on_postgres() {
    testkit::run(documents_of_before_are_delivered_to_whom_they_were_meant_for(Engine::Postgres));
}

/// Milliseconds from the start of the clock.
fn terms(from: Option<u64>, until: Option<u64>) -> Terms {
    let moment = |millis: Option<u64>| millis.map(|millis| START.after(Duration::from_millis(millis)));
    Terms { from: moment(from), until: moment(until) }
}

/// A document whose own delivery has no audience any more.
async fn deposited_for_nobody(t: &TestBackend, ops: &Caller) -> DepositedFile {
    let file = deposit(t, ops, "report.docx", &office::docx("a report")).await;
    t.change_deliveries("DELETE FROM delivery_audiences").await;
    file
}

/// Whether somebody comes to a document by its page, the list, what is in it, a link, and the links of a list.
async fn ways(t: &TestBackend, caller: &Caller, id: DocumentId) -> [bool; 5] {
    let rows = t.documents.list(caller, &DocumentQuery::default()).await.expect("lists").rows;
    let row = rows.iter().find(|row| row.id == id);
    let links = t.links.mint_for_page(caller, rows.clone()).await.expect("minted");
    [
        found(t.documents.get(caller, id).await),
        row.is_some(),
        found(t.documents.examined(caller, id).await),
        found(t.links.mint(caller, id).await),
        links.iter().any(|(row, _)| row.id == id),
    ]
}

/// Whoever has no access is told that there is nothing.
fn found<T>(answer: Result<T>) -> bool {
    match answer {
        Ok(_) => true,
        Err(error) => {
            assert_eq!(error.code(), Some(ErrorCode::NotFound));
            false
        }
    }
}

/// The deliveries that the log names with events of a kind, in their order.
async fn deliveries_of(t: &TestBackend, kind: &str) -> Vec<Option<String>> {
    t.links.settle().await;
    let action = match kind {
        "deposited" => "document.deposited",
        "minted" => "link.minted",
        "started" => "download.started",
        _ => "download.handed_over",
    };
    let rows: Vec<(Option<String>,)> = sqlx::query_as("SELECT delivery_id FROM activity WHERE action = $1 ORDER BY id")
        .bind(action)
        .fetch_all(&t.sql)
        .await
        .expect("selects");
    rows.into_iter()
        .map(|(delivery,)| delivery.map(|id| id.parse::<DeliveryId>().expect("an id").to_string()))
        .collect()
}
