//! Sessions and bearer tokens, on both databases.

use std::time::Duration;

use domain::{ErrorCode, Role};
use testkit::{TestBackend, on_both};

const MINUTE: Duration = Duration::from_secs(60);

on_both! {
    async fn a_session_ends_when_idle_for_half_an_hour(t: TestBackend) {
        let ana = t.register(Role::Client, "ana@example.com").await;
        let id = t.session_of(&ana).await;
        for _ in 0..3 {
            t.clock.advance(29 * MINUTE);
            assert!(t.sessions.person(&id).await.expect("asks").is_some(), "used in time");
        }
        t.clock.advance(31 * MINUTE);
        assert!(t.sessions.person(&id).await.expect("asks").is_none());
        assert!(t.sessions.load(&id).await.expect("asks").is_none());
    }

    async fn a_session_ends_after_eight_hours_however_busy(t: TestBackend) {
        let ana = t.register(Role::Client, "ana@example.com").await;
        let id = t.session_of(&ana).await;
        for _ in 0..23 {
            t.clock.advance(20 * MINUTE);
            assert!(t.sessions.person(&id).await.expect("asks").is_some());
        }
        t.clock.advance(20 * MINUTE);
        assert!(t.sessions.person(&id).await.expect("asks").is_none());
    }

    async fn a_browser_that_signed_up_is_remembered_for_the_whole_day(t: TestBackend) {
        let id = [7; 16];
        t.sessions.create_for_sign_up(&id, "{}", &TestBackend::origin()).await.expect("stores");
        t.clock.advance(24 * 60 * MINUTE - MINUTE);
        t.accounts.forget_expired().await.expect("forgets");
        assert!(t.sessions.load(&id).await.expect("asks").is_some(), "also unused");
        t.clock.advance(MINUTE);
        assert!(t.sessions.load(&id).await.expect("asks").is_none());
    }

    async fn what_was_over_stays_over_when_the_clock_is_set_back(t: TestBackend) {
        let ana = t.register(Role::Client, "ana@example.com").await;
        let (idle, token) = (t.session_of(&ana).await, t.token_of(&ana).await);
        t.clock.advance(31 * MINUTE);
        assert!(t.sessions.person(&idle).await.expect("asks").is_none());
        t.clock.set(testkit::START);
        assert!(t.sessions.person(&idle).await.expect("asks").is_none(), "before it is written down");
        t.write_notes().await.expect("writes");
        assert!(t.sessions.person(&idle).await.expect("asks").is_none(), "and after");

        t.clock.advance(t.settings().token_life);
        assert!(t.tokens.authenticate(&token).await.expect("asks").is_none());
        t.clock.set(testkit::START);
        t.write_notes().await.expect("writes");
        assert!(t.tokens.authenticate(&token).await.expect("asks").is_none());
    }

    async fn a_step_back_of_an_hour_ends_nothing_and_makes_nothing_last(t: TestBackend) {
        let ana = t.register(Role::Client, "ana@example.com").await;
        t.clock.advance(60 * MINUTE);
        let id = t.session_of(&ana).await;
        t.clock.set(testkit::START);
        assert!(t.sessions.person(&id).await.expect("asks").is_some());
        t.write_notes().await.expect("writes");
        // Time goes on at half its speed until the clock has caught up.
        t.clock.advance(61 * MINUTE);
        assert!(t.sessions.person(&id).await.expect("asks").is_none(), "idle for twice its time at most");
    }

    async fn what_was_made_in_a_wrong_future_is_not_believed(t: TestBackend) {
        let ana = t.register(Role::Client, "ana@example.com").await;
        t.clock.advance(365 * 24 * 60 * MINUTE);
        let (id, token) = (t.session_of(&ana).await, t.token_of(&ana).await);
        t.clock.set(testkit::START);
        assert!(t.sessions.person(&id).await.expect("asks").is_none());
        assert!(t.tokens.authenticate(&token).await.expect("asks").is_none());
    }

    async fn looking_a_session_up_writes_nothing(t: TestBackend) {
        let ana = t.register(Role::Client, "ana@example.com").await;
        let (id, token) = (t.session_of(&ana).await, t.token_of(&ana).await);
        t.clock.advance(5 * MINUTE);
        let seen = "SELECT seen_at FROM sessions";
        let before = t.count(seen).await;
        assert!(t.sessions.person(&id).await.expect("asks").is_some());
        assert!(t.tokens.authenticate(&token).await.expect("asks").is_some());
        assert_eq!(t.count(seen).await, before);
        t.write_notes().await.expect("writes");
        assert_eq!(t.count(seen).await, t.now().millis());
        assert_eq!(t.count("SELECT seen_at FROM api_tokens").await, t.now().millis());
    }

    async fn a_deleted_session_stays_deleted(t: TestBackend) {
        let ana = t.register(Role::Client, "ana@example.com").await;
        let id = t.session_of(&ana).await;
        t.sessions.delete(&id).await.expect("deletes");
        t.sessions.save(&id, "{}").await.expect("changes nothing");
        assert!(t.sessions.load(&id).await.expect("asks").is_none());
    }

    async fn people_see_and_end_only_their_own_sessions(t: TestBackend) {
        let (ana, ben) = (t.register(Role::Client, "ana@example.com").await, t.register(Role::Client, "ben@example.com").await);
        let (first, second) = (t.session_of(&ana).await, t.session_of(&ana).await);
        let ana = t.caller_of(&first).await;
        let ben = t.caller_of(&t.session_of(&ben).await).await;
        let rows = t.sessions.list(&ana).await.expect("lists");
        assert_eq!(rows.iter().filter(|row| row.current).count(), 1);

        let other = rows.iter().find(|row| !row.current).expect("the second").handle;
        let error = t.sessions.end(&ben, other).await.expect_err("not Ben's");
        assert_eq!(error.code(), Some(ErrorCode::NotFound));
        t.sessions.end(&ana, other).await.expect("Ana's own");
        assert!(t.sessions.person(&second).await.expect("asks").is_none());
        assert!(t.sessions.person(&first).await.expect("asks").is_some());
    }

    async fn a_session_without_an_account_is_nobody(t: TestBackend) {
        let id = [7; 16];
        t.sessions.create_for_sign_up(&id, "{}", &TestBackend::origin()).await.expect("stores");
        assert!(t.sessions.load(&id).await.expect("asks").is_some());
        assert!(t.sessions.person(&id).await.expect("asks").is_none());
    }

    async fn a_token_works_until_revoked_and_only_its_owner_can(t: TestBackend) {
        let (ana, ben) = (t.register(Role::Client, "ana@example.com").await, t.register(Role::Client, "ben@example.com").await);
        let secret = t.token_of(&ana).await;
        let id = t.tokens.list(&ana).await.expect("lists")[0].id;
        assert!(t.tokens.authenticate(&secret).await.expect("asks").is_some());
        let error = t.tokens.revoke(&ben, id).await.expect_err("not Ben's");
        assert_eq!(error.code(), Some(ErrorCode::NotFound));
        t.tokens.revoke(&ana, id).await.expect("Ana's own");
        assert!(t.tokens.authenticate(&secret).await.expect("asks").is_none());
        assert!(t.tokens.list(&ana).await.expect("lists").is_empty());
    }

    async fn a_token_is_over_after_its_life(t: TestBackend) {
        let ana = t.register(Role::Client, "ana@example.com").await;
        let secret = t.token_of(&ana).await;
        t.clock.advance(t.settings().token_life);
        assert!(t.tokens.authenticate(&secret).await.expect("asks").is_none());
    }

    async fn a_token_needs_an_account_and_a_label(t: TestBackend) {
        let ana = t.register(Role::Client, "ana@example.com").await;
        let admission = ana.person().expect("signed in").admission();
        for label in ["", "  ", "a\nb", &"x".repeat(81)] {
            assert!(t.tokens.issue(&TestBackend::origin(), &admission, label).await.is_err(), "{label:?}");
        }
        let mut gone = ana.person().expect("signed in").clone();
        gone.me.id = "0198c0de-0000-7000-8000-000000000001".parse().expect("an id");
        assert!(t.tokens.issue(&TestBackend::origin(), &gone.admission(), "script").await.is_err());
    }

    async fn no_credential_is_stored_in_the_clear(t: TestBackend) {
        let ana = t.register(Role::Client, "ana@example.com").await;
        let secret = t.token_of(&ana).await;
        t.session_of(&ana).await;
        let stored = t.everything_stored().await;
        assert!(stored.contains("ana@example.com"), "the dump has the rows");
        assert!(!stored.contains(secret.expose()));
        assert!(!stored.contains(testkit::PASSWORD));
    }
}
