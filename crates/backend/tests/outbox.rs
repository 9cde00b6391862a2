//! Mail: nothing lost, nothing twice, on both databases.

use std::time::Duration;

use backend::mail::Worked;
use domain::{account::SignUp, activity::Action};
use testkit::{TestBackend, on_both};

async fn sign_up(t: &TestBackend, email: &str) {
    let input = SignUp::parse("Ana", email, "correct horse battery staple".to_owned()).expect("valid");
    t.accounts.sign_up(&TestBackend::origin(), input).await.expect("signs up");
}

on_both! {
    async fn a_refused_mail_waits_and_leaves_later_under_the_same_id(t: TestBackend) {
        sign_up(&t, "ana@example.com").await;
        t.mail.refuse(false);
        assert_eq!(t.outbox.deliver_next().await.expect("works"), Worked::Failed);
        assert_eq!(t.outbox.deliver_next().await.expect("works"), Worked::Idle);
        t.clock.advance(Duration::from_secs(15));
        assert_eq!(t.restarted(|_| {}).outbox.deliver_next().await.expect("works"), Worked::Failed);
        t.mail.accept();
        t.clock.advance(Duration::from_secs(30));
        assert_eq!(t.outbox.deliver_next().await.expect("works"), Worked::Sent);
        let ids = t.mail.attempts();
        assert_eq!(ids.len(), 3);
        assert!(ids.iter().all(|id| *id == ids[0]));
        assert_eq!(t.sent_mails().await.len(), 1);
    }

    async fn a_mail_that_can_never_leave_is_given_up_and_written_down(t: TestBackend) {
        sign_up(&t, "ana@example.com").await;
        t.mail.refuse(true);
        assert_eq!(t.outbox.deliver_next().await.expect("works"), Worked::Failed);
        t.clock.advance(Duration::from_secs(7 * 24 * 3600));
        assert_eq!(t.outbox.deliver_next().await.expect("works"), Worked::Idle);
        assert_eq!(t.outbox.counts().await.expect("counts"), (0, 1));
        assert_eq!(t.recorded(Action::MailFailed).await, 1);
    }

    async fn a_worker_that_died_frees_its_mail(t: TestBackend) {
        sign_up(&t, "ana@example.com").await;
        t.mail.hang();
        let outbox = t.outbox.clone();
        let worker = tokio::spawn(async move { outbox.deliver_next().await });
        t.mail.attempted().await;
        assert_eq!(t.outbox.deliver_next().await.expect("works"), Worked::Idle, "claimed");
        worker.abort();
        t.mail.accept();
        t.clock.advance(Duration::from_secs(120));
        assert_eq!(t.outbox.deliver_next().await.expect("works"), Worked::Sent);
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

    async fn what_was_sent_is_erased(t: TestBackend) {
        sign_up(&t, "ana@example.com").await;
        let text = t.newest_mail().await.text;
        let at = text.find("/confirm/").expect("a link") + "/confirm/".len();
        let secret = text[at..].split_whitespace().next().expect("a secret");
        assert!(!t.everything_stored().await.contains(secret));
    }
}
