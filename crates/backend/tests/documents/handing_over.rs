//! Links: whose they are, when they die, and when a document counts as handed over.

use std::{fs, time::Duration};

use backend::documents::Receipt;
use domain::{
    DocumentQuery, ErrorCode,
    activity::{Action, ActivityQuery},
    document::DeadBecause,
};
use futures::StreamExt;
use testkit::{START, TestBackend, office};

use crate::{collect, dead, denied, deposit, long_text, mint, open, read, stored};

testkit::on_both! {
    async fn a_link_opens_for_its_account_alone(t: TestBackend) {
        let (ops, ana, ben) = (t.ops().await, t.client().await, t.other_client().await);
        let file = deposit(&t, &ops, "report.docx", &office::docx("a report")).await;
        let link = mint(&t, &ana, file.id).await;
        let opened = open(&t, &ana, &link).await;
        assert_eq!((opened.document, opened.name.as_str(), &opened.sha256), (file.id, "report.docx", &file.sha256));

        for (caller, token) in [(&ben, link.as_str()), (&ops, &link), (&ana, "v4.local.nonsense"), (&ana, "")] {
            assert_eq!(denied(&t, caller, token).await.problem().code, ErrorCode::NotFound);
        }
        assert_eq!(denied(&t, &TestBackend::nobody(), &link).await.problem().code, ErrorCode::NotSignedIn);
        let log = denials(&t).await;
        assert_eq!(log.iter().filter(|(label, detail)| label == "ben@example.com" && detail == "not_found").count(), 1);
        assert_eq!(log.len(), 4);
    }

    async fn a_link_of_another_portal_is_nothing(t: TestBackend) {
        let (ops, ana) = (t.ops().await, t.client().await);
        let file = deposit(&t, &ops, "report.docx", &office::docx("a report")).await;
        let other = t.restarted(|settings| settings.base_url = "https://other.example.com".to_owned());
        let link = mint(&other, &ana, file.id).await;
        assert_eq!(denied(&t, &ana, &link).await.problem().code, ErrorCode::NotFound);
    }

    async fn a_link_survives_a_restart(t: TestBackend) {
        let (ops, ana) = (t.ops().await, t.client().await);
        let file = deposit(&t, &ops, "report.docx", &office::docx("a report")).await;
        let link = mint(&t, &ana, file.id).await;
        assert_eq!(open(&t.restarted(|_| {}), &ana, &link).await.document, file.id);
    }

    async fn an_expired_link_says_so_to_its_owner_alone(t: TestBackend) {
        let (ops, ana, ben) = (t.ops().await, t.client().await, t.other_client().await);
        let file = deposit(&t, &ops, "report.docx", &office::docx("a report")).await;
        let minted = t.links.mint(&ana, file.id).await.expect("minted");
        assert_eq!(minted.expires_at, START.after(Duration::from_secs(600)));
        assert!(minted.token.starts_with("v4.local."));
        let link = minted.token.clone();

        t.clock.advance(Duration::from_millis(599_999));
        open(&t, &ana, &link).await;
        t.clock.advance(Duration::from_millis(1));
        let dead = dead(denied(&t, &ana, &link).await);
        assert_eq!((dead.because, dead.document), (DeadBecause::Expired, Some(file.id)));
        assert_eq!(dead.expired_at, Some(minted.expires_at));
        assert_eq!(denied(&t, &ben, &link).await.problem().code, ErrorCode::NotFound);
        assert_eq!(denied(&t, &ana, &link).await.problem().code, ErrorCode::LinkExpired);
    }

    async fn a_link_to_an_older_version_says_that_there_is_a_newer_one(t: TestBackend) {
        let (ops, ana) = (t.ops().await, t.client().await);
        let file = deposit(&t, &ops, "report.docx", &office::docx("version one")).await;
        let newer = deposit(&t, &ops, "newer.docx", &office::docx("version two")).await;
        let link = mint(&t, &ana, file.id).await;
        sqlx::query(
            "UPDATE documents SET current_version = (SELECT o.current_version FROM documents o WHERE o.id = $2) WHERE id = $1",
        )
        .bind(file.id.to_string())
        .bind(newer.id.to_string())
        .execute(&t.sql)
        .await
        .expect("the version is replaced");
        let dead = dead(denied(&t, &ana, &link).await);
        assert_eq!((dead.because, dead.document), (DeadBecause::Superseded, Some(file.id)));
    }

    async fn links_minted_before_a_revocation_are_dead_and_later_ones_are_not(t: TestBackend) {
        let (ops, ana) = (t.ops().await, t.client().await);
        let file = deposit(&t, &ops, "report.docx", &office::docx("a report")).await;
        let link = mint(&t, &ana, file.id).await;
        sqlx::query("UPDATE accounts SET link_epoch = link_epoch + 1").execute(&t.sql).await.expect("revoked");
        let ana = t.client().await;
        assert_eq!(dead(denied(&t, &ana, &link).await).because, DeadBecause::Revoked);
        open(&t, &ana, &mint(&t, &ana, file.id).await).await;
    }

    async fn a_document_taken_from_its_audience_is_gone_for_clients_at_the_next_request(t: TestBackend) {
        let (ops, ana) = (t.ops().await, t.client().await);
        let file = deposit(&t, &ops, "report.docx", &office::docx("a report")).await;
        let link = mint(&t, &ana, file.id).await;
        t.change_deliveries("DELETE FROM delivery_audiences").await;
        let dead = dead(denied(&t, &ana, &link).await);
        assert_eq!((dead.because, dead.document), (DeadBecause::Revoked, None));
        let error = t.links.mint(&ana, file.id).await.expect_err("invisible");
        assert_eq!(error.code(), Some(ErrorCode::NotFound));
        assert_eq!(t.documents.get(&ana, file.id).await.expect_err("invisible").code(), Some(ErrorCode::NotFound));
        assert!(t.documents.list(&ana, &DocumentQuery::default()).await.expect("lists").rows.is_empty());
        assert_eq!(t.documents.list(&ops, &DocumentQuery::default()).await.expect("lists").rows.len(), 1);
    }

    async fn a_page_of_links_is_one_line_in_the_log(t: TestBackend) {
        let (ops, ana) = (t.ops().await, t.client().await);
        for name in ["a.docx", "b.docx", "c.docx"] {
            deposit(&t, &ops, name, &office::docx(name)).await;
        }
        let page = t.documents.list(&ana, &DocumentQuery::default()).await.expect("lists");
        let links = t.links.mint_for_page(&ana, page.rows).await.expect("minted");
        assert_eq!(links.len(), 3);
        for (row, link) in &links {
            assert_eq!(open(&t, &ana, &link.token).await.document, row.id);
        }
        t.links.settle().await;
        assert_eq!(t.count("SELECT COUNT(*) FROM activity WHERE action = 'link.minted'").await, 1);
    }

    async fn any_range_is_that_part_of_the_document(t: TestBackend) {
        let ops = t.ops().await;
        let bytes = office::docx(&long_text());
        let file = deposit(&t, &ops, "long.docx", &bytes).await;
        let link = mint(&t, &ops, file.id).await;
        let size = bytes.len();
        for range in [0..0, 0..1, 65_535..65_537, 65_536..131_072, 100_000..500_000, size - 1..size, 0..size] {
            let part = open(&t, &ops, &link).await.start(range.start as u64..range.end as u64, Receipt::by_reading()).await.expect("starts");
            assert!(read(part).await == bytes[range.clone()], "{range:?}");
        }
        for range in [0..size as u64 + 1, u64::MAX - 1..u64::MAX] {
            let error = open(&t, &ops, &link).await.start(range, Receipt::by_reading()).await.err().expect("outside");
            assert_eq!(error.code(), Some(ErrorCode::RangeNotSatisfiable));
        }
    }

    async fn parts_add_up_to_one_handover(t: TestBackend) {
        let (ops, ana) = (t.ops().await, t.client().await);
        let bytes = office::docx(&long_text());
        let file = deposit(&t, &ops, "long.docx", &bytes).await;
        let size = bytes.len() as u64;
        for (range, handed_over) in [(0..1_000, 0), (400_000..size, 0), (900..400_000, 1), (0..size, 1)] {
            let opened = open(&t, &ana, &mint(&t, &ana, file.id).await).await;
            read(opened.start(range, Receipt::by_reading()).await.expect("starts")).await;
            t.links.settle().await;
            assert_eq!(t.count("SELECT COUNT(*) FROM handovers WHERE taken = 1").await, handed_over);
            assert_eq!(handovers(&t).await, handed_over);
        }
        let row = t.documents.get(&ana, file.id).await.expect("visible");
        assert!(!row.row.is_new && row.handed_over_at.is_some());
        assert_eq!(t.count("SELECT COUNT(*) FROM download_ranges").await, 0, "by which parts is forgotten");
        let row = t.documents.get(&ops, file.id).await.expect("visible");
        assert!(row.row.is_new && row.row.handed_over_to == Some(1));
    }

    async fn parts_that_end_at_the_same_moment_still_add_up(t: TestBackend) {
        let (ops, ana) = (t.ops().await, t.client().await);
        let bytes = office::docx(&long_text());
        let size = bytes.len() as u64;
        for round in 0..5 {
            let file = deposit(&t, &ops, &format!("{round}.docx"), &bytes).await;
            let mut downloads = Vec::new();
            for part in 0..4 {
                let opened = open(&t, &ana, &mint(&t, &ana, file.id).await).await;
                downloads.push(opened.start(size * part / 4..size * (part + 1) / 4, Receipt::by_reading()).await.expect("starts"));
            }
            let parts = futures::future::join_all(downloads.into_iter().map(read)).await;
            assert!(parts.concat() == bytes);
            t.links.settle().await;
            assert_eq!(handovers(&t).await, round + 1);
        }
    }

    async fn a_download_dropped_half_way_is_not_handed_over(t: TestBackend) {
        let (ops, ana) = (t.ops().await, t.client().await);
        let bytes = office::docx(&long_text());
        let file = deposit(&t, &ops, "long.docx", &bytes).await;
        let opened = open(&t, &ana, &mint(&t, &ana, file.id).await).await;
        let mut download = opened.start(0..bytes.len() as u64, Receipt::by_reading()).await.expect("starts");
        let first = download.next().await.expect("a piece").expect("sound");
        drop(download);
        t.links.settle().await;
        assert_eq!(handovers(&t).await, 0);
        let rows: Vec<(i64, i64, i64)> = sqlx::query_as("SELECT taken, first_byte, next_byte FROM download_ranges")
            .fetch_all(&t.sql)
            .await
            .expect("selects");
        assert_eq!(rows, [(0, 0, first.len() as i64)], "what was sent is known, and that is all");
        assert!(t.documents.get(&ana, file.id).await.expect("visible").row.is_new);
    }

    async fn what_a_connection_has_not_taken_is_not_handed_over(t: TestBackend) {
        let (ops, ana) = (t.ops().await, t.client().await);
        let bytes = office::docx(&long_text());
        let file = deposit(&t, &ops, "long.docx", &bytes).await;
        let size = bytes.len() as u64;
        for (taken, expected) in [(false, 0), (true, 1)] {
            let opened = open(&t, &ana, &mint(&t, &ana, file.id).await).await;
            let receipt = Receipt::by_connection(move || Box::pin(async move { taken }));
            read(opened.start(0..size, receipt).await.expect("starts")).await;
            t.links.settle().await;
            assert_eq!(handovers(&t).await, expected);
        }
    }

    async fn a_connection_is_asked_when_the_last_byte_has_left_and_only_then(t: TestBackend) {
        let (ops, ana) = (t.ops().await, t.client().await);
        let bytes = office::docx(&long_text());
        let file = deposit(&t, &ops, "long.docx", &bytes).await;
        let opened = open(&t, &ana, &mint(&t, &ana, file.id).await).await;
        let receipt = Receipt::by_connection(|| panic!("asked about an answer that was cut off"));
        let mut download = opened.start(0..bytes.len() as u64, receipt).await.expect("starts");
        download.next().await.expect("a piece").expect("sound");
        drop(download);
        t.links.settle().await;
        assert_eq!(handovers(&t).await, 0);
    }

    async fn who_resumes_has_what_came_before(t: TestBackend) {
        let (ops, ana) = (t.ops().await, t.client().await);
        let bytes = office::docx(&long_text());
        let file = deposit(&t, &ops, "long.docx", &bytes).await;
        let size = bytes.len() as u64;
        let link = mint(&t, &ana, file.id).await;
        let mut broken = open(&t, &ana, &link).await.start(0..size, Receipt::by_reading()).await.expect("starts");
        let sent = broken.next().await.expect("a piece").expect("sound").len() as u64;
        drop(broken);
        t.links.settle().await;
        // Resuming behind what was sent proves nothing of the gap.
        for (from, expected) in [(sent + 1, 0), (sent - 10, 1)] {
            let rest = open(&t, &ana, &link).await.start(from..size, Receipt::by_reading()).await.expect("starts");
            read(rest).await;
            t.links.settle().await;
            assert_eq!(handovers(&t).await, expected, "from {from} of {sent} sent");
        }
    }

    async fn a_link_in_a_thousand_parts_is_one_line_and_one_range(t: TestBackend) {
        let (ops, ana) = (t.ops().await, t.client().await);
        let file = deposit(&t, &ops, "long.docx", &office::docx(&long_text())).await;
        let link = mint(&t, &ana, file.id).await;
        for byte in 0..200 {
            let part = open(&t, &ana, &link).await.start(byte..byte + 1, Receipt::by_reading()).await.expect("starts");
            read(part).await;
            t.links.settle().await;
        }
        let ranges: Vec<(i64, i64)> = sqlx::query_as("SELECT first_byte, next_byte FROM download_ranges WHERE taken = 1")
            .fetch_all(&t.sql)
            .await
            .expect("selects");
        assert_eq!(ranges, [(0, 200)]);
        assert_eq!(t.recorded(Action::DownloadStarted).await, 1);
    }

    async fn ranges_in_any_order_become_one(t: TestBackend) {
        let (ops, ana) = (t.ops().await, t.client().await);
        let file = deposit(&t, &ops, "long.docx", &office::docx(&long_text())).await;
        let link = mint(&t, &ana, file.id).await;
        for (range, expected) in [
            (10..20, vec![(10, 20)]),
            (30..40, vec![(10, 20), (30, 40)]),
            (50..60, vec![(10, 20), (30, 40), (50, 60)]),
            (12..18, vec![(10, 20), (30, 40), (50, 60)]),
            (20..25, vec![(10, 25), (30, 40), (50, 60)]),
            (5..9, vec![(5, 9), (10, 25), (30, 40), (50, 60)]),
            (9..10, vec![(5, 25), (30, 40), (50, 60)]),
            (22..55, vec![(5, 60)]),
            (0..100, vec![(0, 100)]),
        ] {
            let part = open(&t, &ana, &link).await.start(range.clone(), Receipt::by_reading()).await.expect("starts");
            read(part).await;
            t.links.settle().await;
            let ranges: Vec<(i64, i64)> =
                sqlx::query_as("SELECT first_byte, next_byte FROM download_ranges WHERE taken = 1 ORDER BY first_byte")
                    .fetch_all(&t.sql)
                    .await
                    .expect("selects");
            assert_eq!(ranges, expected, "after {range:?}");
        }
    }

    async fn a_row_that_says_something_else_of_the_bytes_is_not_served(t: TestBackend) {
        let (ops, ana) = (t.ops().await, t.client().await);
        let one = deposit(&t, &ops, "one.docx", &office::docx("one")).await;
        let two = deposit(&t, &ops, "two.docx", &office::docx("two")).await;
        let statements = [
            format!("UPDATE document_versions SET sha256 = '{}' WHERE document_id = '{}'", "0".repeat(64), one.id),
            format!("UPDATE document_versions SET sha256 = '{}' WHERE document_id = '{}'", two.sha256, one.id),
            format!("UPDATE document_versions SET sha256 = '' WHERE document_id = '{}'", one.id),
            format!("UPDATE document_versions SET size = size + 1 WHERE document_id = '{}'", one.id),
            format!("UPDATE document_versions SET key_format = 1, sha256 = 'ff' WHERE document_id = '{}'", one.id),
        ];
        for statement in statements {
            let before: (String, i64) = sqlx::query_as("SELECT sha256, size FROM document_versions WHERE document_id = $1")
                .bind(one.id.to_string())
                .fetch_one(&t.sql)
                .await
                .expect("selects");
            assert_eq!(collect(&t, &ana, one.id).await, office::docx("one"));
            sqlx::query(sqlx::AssertSqlSafe(statement.clone())).execute(&t.sql).await.expect("updates");
            let denied = denied(&t, &ana, &mint(&t, &ana, one.id).await).await;
            assert_eq!(denied.problem().code, ErrorCode::Internal, "{statement}");
            sqlx::query("UPDATE document_versions SET sha256 = $1, size = $2 WHERE document_id = $3")
                .bind(before.0)
                .bind(before.1)
                .bind(one.id.to_string())
                .execute(&t.sql)
                .await
                .expect("restores");
        }
    }

    async fn a_version_moved_to_another_document_is_not_served(t: TestBackend) {
        let (ops, ana) = (t.ops().await, t.client().await);
        let one = deposit(&t, &ops, "one.docx", &office::docx("one")).await;
        let two = deposit(&t, &ops, "two.docx", &office::docx("two")).await;
        for statement in [
            "UPDATE document_versions SET number = 9 WHERE document_id = $1",
            "UPDATE document_versions SET document_id = $1 WHERE document_id = $2",
            "UPDATE documents SET current_version = (SELECT id FROM document_versions WHERE number = 1) WHERE id = $1",
        ] {
            let update = sqlx::query(statement).bind(one.id.to_string());
            let update = if statement.contains("$2") { update.bind(two.id.to_string()) } else { update };
            update.execute(&t.sql).await.expect("updates");
        }
        let denied = denied(&t, &ana, &mint(&t, &ana, one.id).await).await;
        assert_eq!(denied.problem().code, ErrorCode::Internal, "two.docx under the name of one.docx");
    }

    async fn a_flipped_byte_ends_the_stream_with_an_error_after_the_sound_chunks(t: TestBackend) {
        let ops = t.ops().await;
        let bytes = office::docx(&long_text());
        let file = deposit(&t, &ops, "long.docx", &bytes).await;
        let blob = blob(&t);
        let sound = fs::read(&blob).expect("the blob is there");
        for (place, header) in [(0, true), (20, true), (60, true), (200_000, false), (sound.len() - 1, false)] {
            let mut flipped = sound.clone();
            flipped[place] ^= 1;
            fs::write(&blob, flipped).expect("written");
            let started = open(&t, &ops, &mint(&t, &ops, file.id).await).await.start(0..bytes.len() as u64, Receipt::by_reading()).await;
            if header {
                assert!(started.is_err(), "a damaged header is noticed before an answer begins");
                continue;
            }
            let pieces: Vec<_> = started.expect("starts").collect().await;
            let (last, before) = pieces.split_last().expect("pieces");
            assert!(last.is_err() && before.iter().all(Result::is_ok));
            let released: Vec<u8> = before.iter().flatten().flatten().copied().collect();
            assert!(released.len() < bytes.len() && bytes.starts_with(&released));
        }
        t.links.settle().await;
        assert_eq!(handovers(&t).await, 0);
    }

    async fn a_cut_or_missing_blob_never_ends_cleanly(t: TestBackend) {
        let ops = t.ops().await;
        let bytes = office::docx(&long_text());
        let file = deposit(&t, &ops, "long.docx", &bytes).await;
        let blob = blob(&t);
        let sound = fs::read(&blob).expect("the blob is there");
        for cut in [0, 10, 72, 65_552 + 72, sound.len() - 1] {
            fs::write(&blob, &sound[..cut]).expect("written");
            let opened = open(&t, &ops, &mint(&t, &ops, file.id).await).await;
            assert!(opened.start(0..bytes.len() as u64, Receipt::by_reading()).await.is_err(), "cut to {cut}");
        }
        fs::remove_file(&blob).expect("removed");
        let opened = open(&t, &ops, &mint(&t, &ops, file.id).await).await;
        assert!(opened.start(0..bytes.len() as u64, Receipt::by_reading()).await.is_err());
    }

    async fn a_blob_put_in_the_place_of_another_does_not_open(t: TestBackend) {
        let ops = t.ops().await;
        let one = deposit(&t, &ops, "one.docx", &office::docx("one")).await;
        let first = blob(&t);
        let bytes = fs::read(&first).expect("the blob is there");
        deposit(&t, &ops, "two.docx", &office::docx("two")).await;
        let second = blobs(&t).into_iter().find(|path| *path != first).expect("a second blob");
        fs::copy(second, &first).expect("swapped");
        let opened = open(&t, &ops, &mint(&t, &ops, one.id).await).await;
        let size = opened.size;
        assert!(opened.start(0..size, Receipt::by_reading()).await.is_err());
        fs::write(&first, bytes).expect("restored");
        assert_eq!(collect(&t, &ops, one.id).await, office::docx("one"));
    }
}

async fn denials(t: &TestBackend) -> Vec<(String, String)> {
    t.links.settle().await;
    let query = ActivityQuery { action: Some(Action::Denied), ..ActivityQuery::default() };
    let page = t.activity.list(&t.ops().await, &query).await.expect("reads the log");
    page.rows.into_iter().map(|row| (row.actor_label, row.detail)).collect()
}

async fn handovers(t: &TestBackend) -> i64 {
    t.count("SELECT COUNT(*) FROM activity WHERE action = 'download.handed_over'").await
}

fn blob(t: &TestBackend) -> std::path::PathBuf {
    blobs(t).pop().expect("a blob")
}

fn blobs(t: &TestBackend) -> Vec<std::path::PathBuf> {
    stored(t)
}

/// Prints how many parts of one byte are served and counted a second, at first and after 9,000 of them.
#[test]
#[ignore = "a measurement: cargo test -p strongroom-backend --test documents one_byte -- --ignored --nocapture"]
fn one_byte_ranges_a_second() {
    testkit::run(async {
        let t = TestBackend::sqlite().await;
        let (ops, ana) = (t.ops().await, t.client().await);
        let file = deposit(&t, &ops, "long.docx", &office::docx(&long_text())).await;
        let link = mint(&t, &ana, file.id).await;
        for thousand in 0..10 {
            let begun = std::time::Instant::now();
            for byte in thousand * 1_000..(thousand + 1) * 1_000 {
                let opened = open(&t, &ana, &link).await;
                read(opened.start(byte..byte + 1, Receipt::by_reading()).await.expect("starts")).await;
                t.links.settle().await;
            }
            println!("after {:>5}: {:.0} a second", thousand * 1_000, 1_000.0 / begun.elapsed().as_secs_f64());
        }
    });
}
