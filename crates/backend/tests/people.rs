//! Disabling and enabling, ending what is signed in, revoking links: on both databases.

use backend::{Caller, accounts::Steward, documents::Denied};
use domain::{
    Email, ErrorCode, PlainSecret, Role,
    activity::Action,
    document::DeadBecause,
    people::{AccountState, Measure, PeopleQuery},
};
use testkit::{PASSWORD, START, TestBackend, on_both};

fn id(caller: &Caller) -> domain::AccountId {
    caller.person().expect("somebody").id()
}

async fn take(t: &TestBackend, ops: &Caller, whom: &Caller, measure: Measure) {
    t.people.take(Steward::Caller(ops), id(whom), measure).await.expect("is done");
}

/// Whether a session, a token and the password of a person still open anything.
async fn opens(t: &TestBackend, session: &[u8; 16], token: &PlainSecret) -> (bool, bool) {
    let session = t.sessions.person(session).await.expect("asks").is_some();
    (session, t.tokens.authenticate(token).await.expect("asks").is_some())
}

async fn signs_in(t: &TestBackend, email: &str) -> bool {
    t.accounts.sign_in(&TestBackend::origin(), email, PASSWORD).await.is_ok()
}

on_both! {
    async fn a_disabled_person_is_out_at_the_next_request_and_enabling_revives_nothing(t: TestBackend) {
        let (ops, ana) = (t.register(Role::Ops, "ops@example.com").await, t.register(Role::Client, "ana@example.com").await);
        let (session, token) = (t.session_of(&ana).await, t.token_of(&ana).await);
        let epoch = t.caller_of(&session).await.person().expect("Ana").link_epoch;
        t.accounts.request_reset(&TestBackend::origin(), &Email::parse("ana@example.com").expect("an address")).await.expect("asks");
        assert_eq!(opens(&t, &session, &token).await, (true, true));

        take(&t, &ops, &ana, Measure::Disable).await;
        assert_eq!(opens(&t, &session, &token).await, (false, false));
        assert!(!signs_in(&t, "ana@example.com").await);
        assert!(signs_in(&t, "ops@example.com").await, "nobody else is disabled");
        take(&t, &ops, &ana, Measure::Disable).await;
        assert_eq!(t.recorded(Action::AccountDisabled).await, 1, "once is enough");

        take(&t, &ops, &ana, Measure::Enable).await;
        assert_eq!(opens(&t, &session, &token).await, (false, false), "what ended stays ended");
        assert_eq!(t.count("SELECT COUNT(*) FROM password_resets WHERE used_at IS NULL").await, 0);
        assert!(signs_in(&t, "ana@example.com").await);
        let again = t.caller_of(&t.session_of(&t.account(Role::Client, "ana@example.com").await).await).await;
        assert!(again.person().expect("Ana").link_epoch > epoch);
        assert_eq!(t.recorded(Action::AccountEnabled).await, 1);
    }

    async fn signing_somebody_out_ends_sessions_and_tokens_and_leaves_the_rest(t: TestBackend) {
        let (ops, ana) = (t.register(Role::Ops, "ops@example.com").await, t.register(Role::Client, "ana@example.com").await);
        let (session, token) = (t.session_of(&ana).await, t.token_of(&ana).await);
        let other = t.session_of(&ops).await;
        take(&t, &ops, &ana, Measure::SignOut).await;
        assert_eq!(opens(&t, &session, &token).await, (false, false));
        assert!(t.sessions.person(&other).await.expect("asks").is_some());
        assert!(signs_in(&t, "ana@example.com").await);
        assert_eq!((t.recorded(Action::SignedOutByOps).await, t.recorded(Action::AccountDisabled).await), (1, 0));
    }

    async fn revoked_links_are_dead_and_new_ones_open(t: TestBackend) {
        let (ops, ana) = (t.register(Role::Ops, "ops@example.com").await, t.register(Role::Client, "ana@example.com").await);
        let document = deposit(&t, &ops).await;
        let mint = async |t: &TestBackend, caller: &Caller| {
            t.links.mint(caller, document).await.expect("a link is minted").token
        };
        let (anas, opss) = (mint(&t, &ana).await, mint(&t, &ops).await);
        take(&t, &ops, &ana, Measure::RevokeLinks).await;
        let ana = t.account(Role::Client, "ana@example.com").await;
        match t.links.open(&ana, &anas).await {
            Err(Denied::Dead(dead)) => assert_eq!(dead.because, DeadBecause::Revoked),
            Err(other) => panic!("{other:?}"),
            Ok(_) => panic!("the link opens"),
        }
        assert!(t.links.open(&ops, &opss).await.is_ok(), "another's link is another's");
        assert!(t.links.open(&ana, &mint(&t, &ana).await).await.is_ok());
        assert_eq!(t.recorded(Action::LinksRevoked).await, 1);
    }

    async fn nobody_disables_themselves_or_the_last_ops(t: TestBackend) {
        let (ops, ana) = (t.register(Role::Ops, "ops@example.com").await, t.register(Role::Client, "ana@example.com").await);
        let code = async |by: Steward<'_>, whom: &Caller, measure| {
            t.people.take(by, id(whom), measure).await.expect_err("refused").code()
        };
        assert_eq!(code(Steward::Caller(&ops), &ops, Measure::Disable).await, Some(ErrorCode::OwnAccount));
        assert_eq!(code(Steward::CommandLine, &ops, Measure::Disable).await, Some(ErrorCode::LastOps));
        for measure in Measure::ALL {
            assert_eq!(code(Steward::Caller(&ana), &ops, measure).await, Some(ErrorCode::OpsOnly));
            assert_eq!(code(Steward::Caller(&TestBackend::nobody()), &ana, measure).await, Some(ErrorCode::NotSignedIn));
        }
        let unknown = t.people.take(Steward::CommandLine, "0198c0de-0000-7000-8000-00000000dead".parse().expect("an id"), Measure::Disable).await;
        assert_eq!(unknown.expect_err("nobody").code(), Some(ErrorCode::NotFound));
        assert_eq!(t.count("SELECT COUNT(*) FROM accounts WHERE disabled_at IS NOT NULL").await, 0);

        let second = t.register(Role::Ops, "second@example.com").await;
        take(&t, &ops, &second, Measure::Disable).await;
        assert_eq!(code(Steward::CommandLine, &ops, Measure::Disable).await, Some(ErrorCode::LastOps), "a disabled one does not count");
    }

    async fn of_two_who_disable_each_other_one_remains(t: TestBackend) {
        let (one, two) = (t.register(Role::Ops, "one@example.com").await, t.register(Role::Ops, "two@example.com").await);
        for _ in 0..8 {
            let (first, second) = tokio::join!(
                t.people.take(Steward::Caller(&one), id(&two), Measure::Disable),
                t.people.take(Steward::Caller(&two), id(&one), Measure::Disable),
            );
            assert!(first.is_ok() != second.is_ok(), "{first:?} {second:?}");
            assert_eq!(t.count("SELECT COUNT(*) FROM accounts WHERE disabled_at IS NULL").await, 1);
            for whom in [&one, &two] {
                t.people.take(Steward::CommandLine, id(whom), Measure::Enable).await.expect("enables");
            }
        }
    }

    async fn people_are_listed_by_name_found_by_any_spelling_and_filtered(t: TestBackend) {
        let ops = t.register(Role::Ops, "ops@example.com").await;
        for email in ["zoe-10@example.com", "zoe-2@example.com", "ana@example.org"] {
            t.register(Role::Client, email).await;
        }
        let ben = t.register(Role::Client, "ben@example.com").await;
        take(&t, &ops, &ben, Measure::Disable).await;
        let names = async |q: &str, role, state| {
            let query = PeopleQuery { q: q.to_owned(), role, state, ..PeopleQuery::default() };
            let page = t.people.list(Steward::Caller(&ops), &query).await.expect("lists");
            page.rows.into_iter().map(|row| row.name.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(names("", None, None).await, ["ana", "ben", "ops", "zoe-2", "zoe-10"]);
        assert_eq!(names("ZOË", None, None).await, ["zoe-2", "zoe-10"]);
        assert_eq!(names("example.org", None, None).await, ["ana"]);
        assert_eq!(names("", Some(Role::Ops), None).await, ["ops"]);
        assert_eq!(names("", None, Some(AccountState::Disabled)).await, ["ben"]);
        assert_eq!(names("", Some(Role::Client), Some(AccountState::Active)).await.len(), 3);
        let error = t.people.list(Steward::Caller(&ben), &PeopleQuery::default()).await.expect_err("ops only");
        assert_eq!(error.code(), Some(ErrorCode::OpsOnly));
    }

    async fn a_long_list_is_read_page_by_page(t: TestBackend) {
        for number in 0..PeopleQuery::LIMIT.rows() + 3 {
            t.account(Role::Client, &format!("client{number}@example.com")).await;
        }
        sqlx::query("UPDATE backfills SET version = 0").execute(&t.sql).await.expect("updates");
        t.migrate().await.expect("works out what names are sorted by");
        let first = t.people.list(Steward::CommandLine, &PeopleQuery::default()).await.expect("lists");
        let cursor = first.next.expect("goes on").to_string().parse().expect("parses");
        let rest = t.people.list(Steward::CommandLine, &PeopleQuery { cursor: Some(cursor), ..PeopleQuery::default() }).await.expect("lists");
        let names: Vec<_> = first.rows.iter().chain(&rest.rows).map(|row| row.name.to_string()).collect();
        let expected: Vec<_> = (0..PeopleQuery::LIMIT.rows() + 3).map(|number| format!("client{number}")).collect();
        assert_eq!((names, rest.next), (expected, None));
    }

    async fn the_last_sign_in_is_told(t: TestBackend) {
        t.register(Role::Ops, "ops@example.com").await;
        let find = async || {
            let email = Email::parse("ops@example.com").expect("an address");
            t.people.find(Steward::CommandLine, &email).await.expect("is there")
        };
        assert_eq!(find().await.signed_in_at, None);
        assert!(signs_in(&t, "ops@example.com").await);
        assert_eq!(find().await.signed_in_at, Some(START));
    }
}

async fn deposit(t: &TestBackend, ops: &Caller) -> domain::DocumentId {
    use backend::intake::{Begun, Verdict};
    let Begun::Started(mut upload) = t.uploads.begin(ops, "a.docx", None).await.expect("begins") else {
        panic!("refused");
    };
    upload.write(bytes::Bytes::from(testkit::office::docx("a"))).await.expect("takes bytes");
    match upload.finish().await.expect("finishes") {
        Verdict::Deposited(file) => file.id,
        Verdict::Rejected(rejected) => panic!("{rejected:?}"),
    }
}
