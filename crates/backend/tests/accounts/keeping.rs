//! How long records are kept.

use std::time::Duration;

use domain::Role;
use testkit::{TestBackend, on_both};

use crate::{STRANGER, reset_link, sign_up};

const DAY: Duration = Duration::from_secs(24 * 3600);

on_both! {
    async fn what_was_kept_long_enough_is_removed_and_nothing_else(t: TestBackend) {
        t.register(Role::Client, "ana@example.com").await;
        t.accounts.sign_up(&TestBackend::origin_at(STRANGER), sign_up("ben@example.com")).await.expect("signs up");
        t.accounts.sign_in(&TestBackend::browser_at(STRANGER, None), "ana@example.com", testkit::PASSWORD).await.expect("signs in");
        reset_link(&t, "ana@example.com").await;
        let tables = [
            "SELECT COUNT(*) FROM sign_ups",
            "SELECT COUNT(*) FROM password_resets",
            "SELECT COUNT(*) FROM mails",
            "SELECT COUNT(*) FROM throttles",
            "SELECT COUNT(*) FROM known_addresses",
            "SELECT COUNT(*) FROM known_devices",
            "SELECT COUNT(*) FROM activity",
        ];
        for (days, empty) in [(0, 0), (2, 1), (9, 3), (31, 4), (181, 6), (731, 7)] {
            t.clock.set(testkit::START.after(DAY * days));
            t.accounts.forget_expired().await.expect("forgets");
            let mut counts = Vec::new();
            for table in tables {
                counts.push(t.count(table).await);
            }
            assert_eq!(counts.iter().filter(|count| **count == 0).count(), empty, "after {days} days: {counts:?}");
        }
        assert_eq!(t.count("SELECT COUNT(*) FROM accounts").await, 1);
    }

    async fn a_mail_that_has_not_left_is_kept_however_old(t: TestBackend) {
        t.accounts.sign_up(&TestBackend::origin(), sign_up("ana@example.com")).await.expect("signs up");
        t.clock.advance(400 * DAY);
        t.accounts.forget_expired().await.expect("forgets");
        assert_eq!(t.count("SELECT COUNT(*) FROM mails").await, 1);
    }

    async fn what_is_old_goes_in_many_small_steps(t: TestBackend) {
        for id in 0..1_700 {
            sqlx::query("INSERT INTO activity (id, at, action) VALUES ($1, $2, 'session.refused')")
                .bind(format!("row {id}"))
                .bind(i64::from(id))
                .execute(&t.sql)
                .await
                .expect("inserts");
        }
        t.accounts.forget_expired().await.expect("forgets");
        assert_eq!(t.count("SELECT COUNT(*) FROM activity").await, 0);
    }
}
