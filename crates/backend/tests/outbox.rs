//! Mail: nothing lost, nothing twice, nothing secret left, on both databases.

use std::time::Duration;

use backend::{
    jobs::Kind,
    mail::{Fault, Worked},
};
use domain::{
    Email, ErrorCode, MailId,
    account::{CODE_LIFE, SignUp},
    activity::Action,
    mail::{MailKind, MailQuery, MailRow, MailState},
};
use testkit::{TestBackend, on_both};

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

async fn sign_up(t: &TestBackend, email: &str) {
    let input = SignUp::parse("Ana", email, "correct horse battery staple".to_owned()).expect("valid");
    t.accounts.sign_up(&TestBackend::origin(), input).await.expect("signs up");
}

async fn deliver(t: &TestBackend) -> Worked {
    t.outbox.deliver_next().await.expect("works")
}

/// The mails in a state, newest first.
async fn listed(t: &TestBackend, state: &str) -> Vec<MailRow> {
    let query = MailQuery::parse(state, "").expect("valid");
    t.outbox.list(&t.ops().await, &query).await.expect("lists").rows
}

/// The part of a text behind `mark`, up to white space.
fn after<'a>(text: &'a str, mark: &str) -> &'a str {
    let at = text.find(mark).expect("the mark") + mark.len();
    text[at..].split_whitespace().next().expect("a word")
}

on_both! {
    async fn a_mail_that_is_put_off_leaves_later_under_the_same_id(t: TestBackend) {
        sign_up(&t, "ana@example.com").await;
        t.mail.refuse(Fault::Later);
        assert_eq!(deliver(&t).await, Worked::Failed);
        assert_eq!(deliver(&t).await, Worked::Idle);
        t.clock.advance(Duration::from_secs(15));
        assert_eq!(t.restarted(|_| {}).outbox.deliver_next().await.expect("works"), Worked::Failed);
        t.mail.accept();
        t.clock.advance(Duration::from_secs(30));
        assert_eq!(deliver(&t).await, Worked::Sent);
        let ids = t.mail.attempts();
        assert_eq!(ids.len(), 3);
        assert!(ids.iter().all(|id| *id == ids[0]));
        assert_eq!(t.sent_mails().await.len(), 1);
    }

    async fn a_mail_that_can_never_leave_is_given_up_and_written_down(t: TestBackend) {
        sign_up(&t, "ana@example.com").await;
        t.mail.refuse(Fault::Never);
        assert_eq!(deliver(&t).await, Worked::Failed);
        t.clock.advance(7 * DAY);
        assert_eq!(deliver(&t).await, Worked::Idle);
        assert_eq!(listed(&t, "dead").await[0].last_error.as_deref(), Some("451 4.3.0 Not today"));
        assert_eq!(t.recorded(Action::MailFailed).await, 1);
    }

    async fn a_relay_that_is_down_for_days_loses_nothing_and_is_asked_seldom(t: TestBackend) {
        for n in 0..20 {
            sign_up(&t, &format!("ana{n}@example.com")).await;
        }
        t.mail.refuse(Fault::Relay);
        for _ in 0..4 * 24 * 12 {
            while deliver(&t).await != Worked::Idle {}
            t.clock.advance(Duration::from_secs(5 * 60));
        }
        let asked = t.mail.attempts().len();
        assert!((4 * 24 * 6 - 10..4 * 24 * 6 + 10).contains(&asked), "every ten minutes, for all mails together: {asked}");
        let overview = t.outbox.overview(&t.ops().await).await.expect("an overview");
        assert_eq!((overview.queued, overview.dead), (20, 0));
        let trouble = overview.trouble.expect("trouble");
        assert_eq!((trouble.since, trouble.words.as_str()), (testkit::START, "451 4.3.0 Not today"));
        assert!(listed(&t, "queued").await.iter().all(|row| row.attempts == 0), "none has used up an attempt");

        t.mail.accept();
        t.clock.advance(10 * Duration::from_secs(60));
        assert_eq!(t.sent_mails().await.len(), 20);
        assert_eq!(t.outbox.overview(&t.ops().await).await.expect("an overview"), Default::default());
    }

    async fn what_waits_for_too_long_is_given_up(t: TestBackend) {
        let backend = t.restarted(|settings| settings.mail_retry_for = 2 * DAY);
        sign_up(&t, "ana@example.com").await;
        t.mail.refuse(Fault::Relay);
        assert_eq!(backend.outbox.deliver_next().await.expect("works"), Worked::Failed);
        assert_eq!(listed(&t, "dead").await.len(), 0);
        t.clock.advance(2 * DAY);
        assert_eq!(backend.outbox.deliver_next().await.expect("works"), Worked::Failed);
        assert_eq!(listed(&t, "dead").await.len(), 1);
        assert_eq!(t.recorded(Action::MailFailed).await, 1);
    }

    async fn a_mail_that_the_relay_stumbles_over_holds_up_no_other(t: TestBackend) {
        for name in ["ana", "ben", "cleo"] {
            sign_up(&t, &format!("{name}@example.com")).await;
        }
        t.mail.stumble_over("ana@example.com");
        let mut left = 0;
        for _ in 0..4 {
            while deliver(&t).await != Worked::Idle {}
            left += t.mail.take().len();
            t.clock.advance(Duration::from_secs(60));
        }
        assert_eq!(left, 2);
        assert_eq!(listed(&t, "queued").await.len(), 1);
    }

    async fn a_restart_asks_a_failed_relay_at_once(t: TestBackend) {
        sign_up(&t, "ana@example.com").await;
        t.mail.refuse(Fault::Relay);
        assert_eq!(deliver(&t).await, Worked::Failed);
        assert_eq!(deliver(&t).await, Worked::Idle);
        t.mail.accept();
        let restarted = t.restarted(|_| {});
        restarted.outbox.prepare().await.expect("prepares");
        assert_eq!(restarted.outbox.deliver_next().await.expect("works"), Worked::Sent);
    }

    async fn ops_have_a_relay_that_they_mended_asked_at_once(t: TestBackend) {
        sign_up(&t, "ana@example.com").await;
        t.mail.refuse(Fault::Later);
        assert_eq!(deliver(&t).await, Worked::Failed);
        sign_up(&t, "ben@example.com").await;
        t.mail.refuse(Fault::Relay);
        assert_eq!(deliver(&t).await, Worked::Failed);
        t.mail.accept();
        assert_eq!(deliver(&t).await, Worked::Idle);
        assert_eq!(t.outbox.try_now(&t.ops().await).await.expect("is tried"), 2);
        assert_eq!([deliver(&t).await, deliver(&t).await], [Worked::Sent, Worked::Sent]);
    }

    async fn a_worker_that_died_frees_its_mail(t: TestBackend) {
        sign_up(&t, "ana@example.com").await;
        t.mail.hang();
        let outbox = t.outbox.clone();
        let worker = tokio::spawn(async move { outbox.deliver_next().await });
        t.mail.attempted().await;
        assert_eq!(deliver(&t).await, Worked::Idle, "claimed");
        worker.abort();
        t.mail.accept();
        t.clock.advance(Duration::from_secs(300));
        assert_eq!(deliver(&t).await, Worked::Sent);
        let ids = t.mail.attempts();
        assert_eq!((ids.len(), &ids[0]), (2, &ids[1]));
    }

    async fn as_long_as_nothing_can_leave_nothing_is_written(t: TestBackend) {
        sign_up(&t, "ana@example.com").await;
        t.mail.refuse(Fault::Relay);
        assert_eq!(deliver(&t).await, Worked::Failed);
        // Whoever wrote now would wait for this one.
        let mut writing = t.sql.begin().await.expect("begins");
        sqlx::query("UPDATE mail_relay SET failures = failures").execute(&mut *writing).await.expect("holds the row");
        assert_eq!(deliver(&t).await, Worked::Idle, "the relay is left alone");
    }

    async fn a_mail_that_left_or_is_forgotten_has_no_job(t: TestBackend) {
        sign_up(&t, "ana@example.com").await;
        assert_eq!(deliver(&t).await, Worked::Sent);
        assert_eq!(t.count("SELECT COUNT(*) FROM jobs").await, 0);
        sign_up(&t, "ben@example.com").await;
        t.mail.refuse(Fault::Never);
        assert_eq!(deliver(&t).await, Worked::Failed);
        t.schedule().await.expect("is scheduled");
        assert_eq!(t.work_off(Kind::Forget).await.expect("forgets"), 1);
        assert_eq!(t.count("SELECT COUNT(*) FROM jobs WHERE kind = 'deliver_mail'").await, 1, "ops can send it again");
        t.clock.advance(31 * DAY);
        assert_eq!(t.work_off(Kind::Forget).await.expect("forgets"), 1);
        assert_eq!(t.count("SELECT COUNT(*) FROM mails").await, 0);
        assert_eq!(t.count("SELECT COUNT(*) FROM jobs WHERE kind = 'deliver_mail'").await, 0);
    }

    async fn many_workers_send_each_mail_once(t: TestBackend) {
        for n in 0..10 {
            sign_up(&t, &format!("ana{n}@example.com")).await;
        }
        let workers: Vec<_> = (0..4).map(|_| {
            let outbox = t.outbox.clone();
            tokio::spawn(async move { while outbox.deliver_next().await.expect("works") != Worked::Idle {} })
        }).collect();
        for worker in workers {
            worker.await.expect("ends");
        }
        let mut to: Vec<String> = t.sent_mails().await.into_iter().map(|mail| mail.to).collect();
        let sent = to.len();
        to.sort();
        to.dedup();
        assert_eq!((to.len(), sent), (10, 10));
    }

    async fn mails_leave_some_at_a_time(t: TestBackend) {
        for n in 0..10 {
            sign_up(&t, &format!("ana{n}@example.com")).await;
        }
        t.mail.hang();
        let (stop, stopping) = tokio::sync::watch::channel(false);
        let backend = (*t).clone();
        let worker = tokio::spawn(async move { backend.run_worker(stopping).await });
        for _ in 0..4 {
            t.mail.attempted().await;
        }
        assert_eq!(t.mail.attempts().len(), 4, "no more than the setting says");
        worker.abort();
        drop(stop);
    }

    async fn nothing_secret_is_stored_before_or_after_a_mail_leaves(t: TestBackend) {
        sign_up(&t, "ana@example.com").await;
        let before = t.everything_stored().await;
        let mail = t.newest_mail().await;
        let (code, secret) = (&mail.subject[..6], after(&mail.text, "/confirm/"));
        assert!(code.bytes().all(|byte| byte.is_ascii_digit()), "{}", mail.subject);
        for stored in [before, t.everything_stored().await] {
            assert!(!stored.contains(secret) && !stored.contains(code));
            assert!(!stored.contains(&mail.text[..40]));
        }
        assert_eq!(t.count("SELECT COUNT(*) FROM mails WHERE letter IS NOT NULL OR key_id IS NOT NULL").await, 0);
        assert_eq!(listed(&t, "sent").await[0].kind, MailKind::Verify);
    }

    async fn a_letter_opens_for_its_own_row_alone(t: TestBackend) {
        sign_up(&t, "ana@example.com").await;
        sign_up(&t, "ben@example.com").await;
        sqlx::query("UPDATE mails SET letter = (SELECT letter FROM mails WHERE recipient = 'ana@example.com'), key_id = \
                     (SELECT key_id FROM mails WHERE recipient = 'ana@example.com')")
            .execute(&t.sql).await.expect("swaps");
        let mails = [deliver(&t).await, deliver(&t).await];
        assert_eq!(mails.iter().filter(|worked| **worked == Worked::Sent).count(), 1);
        assert_eq!(listed(&t, "dead").await[0].recipient, "ben@example.com");
    }

    async fn a_letter_says_what_is_true_when_it_leaves(t: TestBackend) {
        sign_up(&t, "ana@example.com").await;
        t.clock.advance(CODE_LIFE);
        let mail = t.newest_mail().await;
        assert_eq!(mail.subject, "Confirm your address for Strongroom");
        assert!(mail.text.contains("/confirm/"), "{}", mail.text);
    }

    async fn a_letter_to_an_unproven_address_has_no_word_of_the_stranger(t: TestBackend) {
        let input = SignUp::parse("Marker", "ana@example.com", "correct horse battery staple".to_owned()).expect("valid");
        t.accounts.sign_up(&TestBackend::origin(), input).await.expect("signs up");
        let mail = t.newest_mail().await;
        assert!(!format!("{mail:?}").contains("Marker"));
    }

    async fn strangers_cause_a_handful_of_mails_a_day_and_are_not_told(t: TestBackend) {
        for _ in 0..20 {
            sign_up(&t, "ana@example.com").await;
            t.clock.advance(HOUR);
        }
        assert_eq!(t.sent_mails().await.len(), 6);
        assert_eq!(t.recorded(Action::MailWithheld).await, 1);
        for network in 0..39 {
            let input = SignUp::parse("Ben", "ben@example.com", "correct horse battery staple".to_owned()).expect("valid");
            let stranger = TestBackend::origin_at(&format!("203.0.113.{network}"));
            // Some come too early and are told so; what matters is how much mail there is.
            _ = t.accounts.sign_up(&stranger, input).await;
            t.clock.advance(Duration::from_secs(36 * 60));
        }
        assert_eq!(t.sent_mails().await.len(), 16, "from everywhere together");
        t.clock.advance(DAY);
        sign_up(&t, "ana@example.com").await;
        assert_eq!(t.sent_mails().await.len(), 1);
    }

    async fn a_resend_that_is_withheld_leaves_the_last_link_alive(t: TestBackend) {
        let input = SignUp::parse("Ana", "ana@example.com", "correct horse battery staple".to_owned()).expect("valid");
        let id = t.accounts.sign_up(&TestBackend::origin(), input).await.expect("signs up");
        for _ in 0..8 {
            t.clock.advance(HOUR);
            t.accounts.resend(&TestBackend::origin(), id).await.expect("is not told");
        }
        let mails = t.sent_mails().await;
        assert_eq!(mails.len(), 6);
        assert_eq!(t.count("SELECT COUNT(DISTINCT secret_hash) FROM sign_ups").await, 1);
        let link = after(&mails[5].text, "/confirm/");
        let hash = backend::accounts::hash_secret(&domain::PlainSecret::presented(link));
        let (stored,): (String,) =
            sqlx::query_as("SELECT secret_hash FROM sign_ups").fetch_one(&t.sql).await.expect("a row");
        assert_eq!(stored, hash);
    }

    async fn strangers_do_not_use_up_the_owners_resets(t: TestBackend) {
        t.client().await;
        let email = Email::parse("ana@example.com").expect("valid");
        for _ in 0..10 {
            sign_up(&t, "ana@example.com").await;
            t.clock.advance(HOUR / 4);
        }
        for _ in 0..10 {
            t.accounts.request_reset(&TestBackend::origin(), &email).await.expect("is not told");
            t.clock.advance(HOUR / 4);
        }
        assert_eq!(t.sent_mails().await.len(), 6 + 6);
        t.clock.advance(2 * HOUR);
        t.accounts.request_reset(&TestBackend::origin(), &email).await.expect("is not told");
        assert!(t.newest_mail().await.text.contains("/reset/"), "the owner is never kept out for longer");
    }

    async fn replies_to_an_invitation_reach_whoever_invites(t: TestBackend) {
        t.team.invite(&t.ops().await, &Email::parse("fay@example.com").expect("valid")).await.expect("invites");
        let mail = t.newest_mail().await;
        assert_eq!(mail.reply_to.map(|person| person.email.to_string()).as_deref(), Some("ops@example.com"));
    }

    async fn ops_send_again_what_was_given_up(t: TestBackend) {
        let ops = t.ops().await;
        for name in ["ana", "ben", "cleo"] {
            sign_up(&t, &format!("{name}@example.com")).await;
        }
        t.mail.refuse(Fault::Never);
        while deliver(&t).await != Worked::Idle {}
        t.mail.accept();
        let dead = listed(&t, "dead").await;
        assert_eq!(dead.len(), 3);
        t.outbox.send_again(&ops, dead[0].id).await.expect("is queued again");
        assert_eq!(t.newest_mail().await.to, dead[0].recipient);
        assert_eq!(t.outbox.send_all_again(&ops).await.expect("are queued again"), 2);
        assert_eq!(t.sent_mails().await.len(), 2);
        assert_eq!(t.recorded(Action::MailResent).await, 2);
        let ids = t.mail.attempts();
        assert_eq!(ids.iter().collect::<std::collections::BTreeSet<_>>().len(), 3, "under their old Message-IDs");
        for id in [dead[0].id, MailId::new(uuid())] {
            let refused = t.outbox.send_again(&ops, id).await.expect_err("not given up");
            assert_eq!(refused.code(), Some(ErrorCode::NotFound));
        }
    }

    async fn the_list_is_paged_and_narrowed_and_for_ops(t: TestBackend) {
        for n in 0..60 {
            sign_up(&t, &format!("ana{n}@example.com")).await;
            t.clock.advance(Duration::from_secs(60));
        }
        while deliver(&t).await != Worked::Idle {}
        sign_up(&t, "last@example.com").await;
        let ops = t.ops().await;
        let first = t.outbox.list(&ops, &MailQuery::default()).await.expect("lists");
        assert_eq!((first.rows.len(), first.rows[0].recipient.as_str()), (50, "last@example.com"));
        let next = MailQuery { cursor: first.next, ..MailQuery::default() };
        assert_eq!(t.outbox.list(&ops, &next).await.expect("lists").rows.len(), 11);
        assert_eq!(listed(&t, "queued").await.len(), 1);
        assert!(listed(&t, "sent").await.iter().all(|row| row.state == MailState::Sent));

        let client = t.client().await;
        let refused = [
            t.outbox.list(&client, &MailQuery::default()).await.map(drop),
            t.outbox.overview(&client).await.map(drop),
            t.outbox.send_again(&client, first.rows[0].id).await,
            t.outbox.send_all_again(&client).await.map(drop),
            t.outbox.try_now(&client).await.map(drop),
        ];
        for refused in refused {
            assert_eq!(refused.expect_err("ops only").code(), Some(ErrorCode::OpsOnly));
        }
    }
}

fn uuid() -> uuid::Uuid {
    uuid::Uuid::nil()
}

/// A mail in every state, as the first release stored them.
const MAILS_OF_BEFORE: &str = "
    INSERT INTO mails (id, message_id, recipient, subject, text_body, html_body, state, attempts, next_at, created_at) VALUES
    ('0198c0de-0000-7000-8000-000000000001', '<1@x>', 'ana@example.com', '111111 is your code', 'text one', 'html one', 'queued', 1, 0, 1795356300000),
    ('0198c0de-0000-7000-8000-000000000002', '<2@x>', 'ben@example.com', '222222 is your code', '', '', 'sent', 1, 0, 1795356300000),
    ('0198c0de-0000-7000-8000-000000000003', '<3@x>', 'cleo@example.com', '333333 is your code', 'text three', 'html three', 'dead', 24, 0, 1795356300000)";

async fn mails_of_before_still_leave_and_keep_no_secret(engine: backend::db::Engine) {
    let Some(t) = TestBackend::upgraded_from(engine, testkit::Before::rows(2, MAILS_OF_BEFORE)).await else { return };
    assert!(!t.everything_stored().await.contains("222222"), "the code of a mail that was sent is gone");
    t.outbox.prepare().await.expect("seals");
    let stored = t.everything_stored().await;
    assert!(!["111111", "333333", "text one", "html three"].iter().any(|secret| stored.contains(secret)));

    let mail = t.newest_mail().await;
    assert_eq!((mail.message_id.as_str(), mail.subject.as_str()), ("<1@x>", "111111 is your code"));
    assert_eq!((mail.text.as_str(), mail.html.as_str()), ("text one", "html one"));
    assert_eq!(t.outbox.send_all_again(&t.ops().await).await.expect("is queued again"), 1);
    assert_eq!(t.newest_mail().await.text, "text three");
    assert!(listed(&t, "").await.iter().all(|row| row.kind == MailKind::Written));
}

#[test]
fn mails_of_before_still_leave_and_keep_no_secret_on_sqlite() {
    testkit::run(mails_of_before_still_leave_and_keep_no_secret(backend::db::Engine::Sqlite));
}

#[test]
fn mails_of_before_still_leave_and_keep_no_secret_on_postgres() {
    testkit::run(mails_of_before_still_leave_and_keep_no_secret(backend::db::Engine::Postgres));
}
