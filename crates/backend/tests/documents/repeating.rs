//! What a client does over and over: the log tells of all of it in a bounded number of rows.

use std::time::Duration;

use backend::Caller;
use domain::{
    Role,
    activity::{Action, ActivityQuery, ActivityRow},
};
use testkit::{START, TestBackend, office};

use crate::{collect, denied, deposit};

/// Rows of its own that an account has in an hour.
const OWN: u64 = 1_000;

testkit::on_both! {
    async fn what_a_client_does_over_and_over_has_a_bounded_number_of_rows(t: TestBackend) {
        let (ops, ana, ben) = (t.ops().await, t.client().await, t.other_client().await);
        let file = deposit(&t, &ops, "report.docx", &office::docx("a report")).await;
        for _ in 0..OWN - 10 {
            denied(&t, &ana, "nonsense").await;
        }
        for _ in 0..40 {
            t.links.mint(&ana, file.id).await.expect("a link is minted");
        }
        t.clock.advance(Duration::from_secs(60));
        for _ in 0..20 {
            denied(&t, &ana, "nonsense").await;
        }
        collect(&t, &ana, file.id).await;
        denied(&t, &ben, "nonsense").await;
        t.links.mint(&ben, file.id).await.expect("a link is minted");

        let minted = rows(&t, &ops, Action::LinkMinted).await;
        let (further, own) = apart(&minted, &ana);
        assert_eq!((own, further.len(), further[0].times), (10, 1, 31));
        assert_eq!((further[0].at, further[0].last_at), (START, Some(START.after(Duration::from_secs(60)))));
        let row = further[0];
        assert_eq!((row.actor_label.as_str(), row.subject.as_str(), row.address.as_str()), ("ana@example.com", "", "many"));
        let denials = rows(&t, &ops, Action::Denied).await;
        let (further, _) = apart(&denials, &ana);
        assert_eq!((further.len(), further[0].times), (1, 20));
        assert_eq!(t.recorded(Action::Denied).await, 990 + 20 + 1, "none is lost");
        assert_eq!(rows(&t, &ops, Action::DownloadStarted).await[0].detail, "further ones in the same hour");
        assert_eq!(rows(&t, &ops, Action::HandedOver).await[0].subject, "report.docx", "the proof has its row");

        for action in [&minted, &denials] {
            let (further, own) = apart(action, &ben);
            assert_eq!((own, further.len()), (1, 0), "another client has rows of its own");
        }
        let by_ana = t.count("SELECT COUNT(*) FROM activity a JOIN accounts b ON b.id = a.actor_id \
             WHERE b.email = 'ana@example.com' AND a.action <> 'download.handed_over'").await;
        assert_eq!(by_ana, 1_000 + 3);
    }

    async fn what_a_client_does_with_credentials_has_a_bounded_number_of_rows_and_takes_effect(t: TestBackend) {
        let (ops, ana) = (t.ops().await, t.register(Role::Client, "ana@example.com").await);
        for _ in 0..OWN - 1 {
            t.sessions.end_others(&ana).await.expect("ends");
        }
        let mut tokens = Vec::new();
        for _ in 0..3 {
            tokens.push(t.token_of(&ana).await);
        }
        let created = rows(&t, &ops, Action::TokenCreated).await;
        let (further, own) = apart(&created, &ana);
        assert_eq!((own, further.len(), further[0].times), (1, 1, 2));
        assert!(t.tokens.authenticate(&tokens[2]).await.expect("reads").is_some());

        t.clock.advance(Duration::from_secs(3600));
        t.sessions.end_others(&ana).await.expect("ends");
        let ended = rows(&t, &ops, Action::SignedOut).await;
        assert_eq!(ended[0].detail, "other sessions", "the next hour has rows of its own");
    }
}

/// The newest rows of a kind.
async fn rows(t: &TestBackend, ops: &Caller, action: Action) -> Vec<ActivityRow> {
    t.links.settle().await;
    let query = ActivityQuery { action: Some(action), ..ActivityQuery::default() };
    t.activity.list(ops, &query).await.expect("reads the log").rows
}

/// What tells of many, and how many tell of one, of those by this caller.
fn apart<'a>(rows: &'a [ActivityRow], caller: &Caller) -> (Vec<&'a ActivityRow>, usize) {
    let person = caller.person().expect("somebody").id();
    let (further, own): (Vec<_>, Vec<_>) = rows
        .iter()
        .filter(|row| row.actor == Some(person))
        .partition(|row| row.detail == "further ones in the same hour");
    (further, own.len())
}
