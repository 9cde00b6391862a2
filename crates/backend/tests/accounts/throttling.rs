//! Slowing down whoever guesses, and nobody else.

use std::time::Duration;

use backend::{Backend, Origin};
use domain::{ErrorCode, Role, activity::Action};
use testkit::{TestBackend, on_both};

use crate::{STRANGER, address, enter, password, refusal, secret_in, sign_up};

/// Guesses at one account from one place, until the answer is a wait.
async fn guess_until_refused(backend: &Backend, origin: &Origin, email: &str) -> usize {
    for guesses in 0.. {
        let outcome = backend.accounts.sign_in(origin, email, "a guess at it").await;
        if refusal(outcome) == Some(ErrorCode::TooManyAttempts) {
            return guesses;
        }
    }
    unreachable!("guessing goes on until it is refused")
}

/// Guesses at many accounts from one place, until the place has to wait.
async fn use_up(t: &TestBackend, origin: &Origin) {
    for i in 0..60 {
        let outcome = t.accounts.sign_in(origin, &format!("nobody{i}@example.com"), "a guess at it").await;
        if refusal(outcome) == Some(ErrorCode::TooManyAttempts) {
            return;
        }
    }
    panic!("the place has not had to wait")
}

/// Asks for the same twenty times at once; gives how many of them were told to wait, which some are.
async fn at_once<F>(t: &TestBackend, ask: impl Fn(Backend, Origin) -> F) -> i64
where
    F: Future<Output = backend::Result<()>> + Send + 'static,
{
    let asked: Vec<_> = (0..20).map(|_| tokio::spawn(ask((**t).clone(), TestBackend::origin()))).collect();
    let mut refused = 0;
    for one in asked {
        if let Err(error) = one.await.expect("runs") {
            assert_eq!(error.code(), Some(ErrorCode::TooManyAttempts));
            refused += 1;
        }
    }
    assert!(refused > 0, "nobody had to wait");
    refused
}

on_both! {
    async fn guessing_is_slowed_down_exponentially_and_the_wait_survives_a_restart(t: TestBackend) {
        t.register(Role::Client, "ana@example.com").await;
        let stranger = TestBackend::origin_at(STRANGER);
        let (mut guesses, mut waits) = (0, Vec::new());
        while waits.len() < 6 {
            let refused = t.restarted(|_| {}).accounts.sign_in(&stranger, "ana@example.com", "a guess at it").await;
            let problem = refused.expect_err("a guess").into_problem();
            match problem.retry_after {
                None => guesses += 1,
                Some(seconds) => {
                    waits.push(seconds);
                    t.clock.advance(Duration::from_secs(seconds.into()));
                }
            }
        }
        assert_eq!((guesses, waits), (11, vec![1, 2, 4, 8, 16, 32]));
    }

    async fn guesses_at_once_do_not_slip_through(t: TestBackend) {
        t.register(Role::Client, "ana@example.com").await;
        let tries: Vec<_> = (0..20).map(|_| {
            let (accounts, origin) = (t.accounts.clone(), TestBackend::origin_at(STRANGER));
            tokio::spawn(async move { accounts.sign_in(&origin, "ana@example.com", "a guess at it").await.expect_err("wrong").code() })
        }).collect();
        let mut checked = 0;
        for one in tries {
            checked += usize::from(one.await.expect("runs") == Some(ErrorCode::SignInFailed));
        }
        assert!(checked <= 6, "{checked} guesses were checked");
    }

    async fn a_stranger_cannot_lock_a_person_out(t: TestBackend) {
        t.register(Role::Client, "ana@example.com").await;
        let home = TestBackend::origin_at("198.51.100.7");
        t.accounts.sign_in(&home, "ana@example.com", testkit::PASSWORD).await.expect("from home");
        guess_until_refused(&t, &TestBackend::origin_at(STRANGER), "ana@example.com").await;
        t.accounts.sign_in(&home, "ana@example.com", testkit::PASSWORD).await.expect("still from home");
        let cafe = TestBackend::origin_at("192.0.2.44");
        assert_eq!(refusal(t.accounts.sign_in(&cafe, "ana@example.com", testkit::PASSWORD).await), Some(ErrorCode::TooManyAttempts));

        t.accounts.request_reset(&cafe, &address("ana@example.com")).await.expect("never throttled by sign-ins");
        let secret = secret_in(&t.newest_mail().await.text, "/reset/");
        t.accounts.reset(&cafe, &secret, password("a password of mine")).await.expect("resets");
        t.accounts.sign_in(&cafe, "ana@example.com", "a password of mine").await.expect("in from the café");
    }

    async fn a_known_device_passes_where_a_guesser_has_the_same_address(t: TestBackend) {
        t.register(Role::Client, "ana@example.com").await;
        let office = TestBackend::browser_at(STRANGER, None);
        let entered = t.accounts.sign_in(&office, "ana@example.com", testkit::PASSWORD).await.expect("signs in");
        let mine = TestBackend::browser_at(STRANGER, entered.device().cloned());
        use_up(&t, &office).await;
        guess_until_refused(&t, &office, "ana@example.com").await;

        assert_eq!(refusal(t.accounts.sign_in(&office, "ana@example.com", testkit::PASSWORD).await), Some(ErrorCode::TooManyAttempts));
        let again = t.accounts.sign_in(&mine, "ana@example.com", testkit::PASSWORD).await.expect("from the known device");
        assert_eq!(again.device(), entered.device(), "it stays the same device");
    }

    async fn a_device_is_known_to_its_own_accounts_alone_and_guesses_from_it_are_counted(t: TestBackend) {
        t.register(Role::Client, "ana@example.com").await;
        t.register(Role::Client, "ben@example.com").await;
        let browser = TestBackend::browser_at(STRANGER, None);
        let ben = t.accounts.sign_in(&browser, "ben@example.com", testkit::PASSWORD).await.expect("signs in");
        let of_ben = TestBackend::browser_at(STRANGER, ben.device().cloned());
        use_up(&t, &browser).await;
        assert_eq!(guess_until_refused(&t, &of_ben, "ana@example.com").await, 0, "a stranger to Ana");
        assert_eq!(guess_until_refused(&t, &of_ben, "ben@example.com").await, 6, "slowed down like anybody");
    }

    async fn a_device_secret_that_nobody_gave_out_is_not_adopted(t: TestBackend) {
        t.register(Role::Client, "ana@example.com").await;
        let planted = domain::PlainSecret::presented("a".repeat(43));
        let browser = TestBackend::browser_at(STRANGER, Some(planted.clone()));
        let entered = t.accounts.sign_in(&browser, "ana@example.com", testkit::PASSWORD).await.expect("signs in");
        assert!(entered.device().is_some_and(|secret| *secret != planted));
    }

    async fn a_reset_makes_its_browser_known_and_forgets_the_others(t: TestBackend) {
        t.register(Role::Client, "ana@example.com").await;
        let thief = t.accounts.sign_in(&TestBackend::browser_at(STRANGER, None), "ana@example.com", testkit::PASSWORD).await.expect("has the password");
        let secret = crate::reset_link(&t, "ana@example.com").await;
        let office = TestBackend::browser_at("198.51.100.7", None);
        let reset = t.accounts.reset(&office, &secret, password("a password of mine")).await.expect("resets");
        use_up(&t, &office).await;
        use_up(&t, &TestBackend::origin_at(STRANGER)).await;
        let mine = TestBackend::browser_at("198.51.100.7", reset.device().cloned());
        t.accounts.sign_in(&mine, "ana@example.com", "a password of mine").await.expect("known");
        let theirs = TestBackend::browser_at(STRANGER, thief.device().cloned());
        assert_eq!(guess_until_refused(&t, &theirs, "ana@example.com").await, 0, "a stranger again");
    }

    async fn the_addresses_of_one_ipv6_network_are_one_guesser(t: TestBackend) {
        for i in 0..51 {
            let stranger = TestBackend::origin_at(&format!("2001:db8:1:2::{i:x}"));
            let outcome = t.accounts.sign_in(&stranger, &format!("nobody{i}@example.com"), "a guess at it").await;
            assert_eq!(refusal(outcome), Some(ErrorCode::SignInFailed), "{i}");
        }
        let neighbour = TestBackend::origin_at("2001:db8:1:2:ffff::1");
        assert_eq!(refusal(t.accounts.sign_in(&neighbour, "x@example.com", "a guess at it").await), Some(ErrorCode::TooManyAttempts));
        let other = TestBackend::origin_at("2001:db8:1:3::1");
        assert_eq!(refusal(t.accounts.sign_in(&other, "x@example.com", "a guess at it").await), Some(ErrorCode::SignInFailed));
    }

    async fn those_of_whom_nobody_knows_where_they_are_do_not_hold_each_other_up(t: TestBackend) {
        t.register(Role::Client, "ana@example.com").await;
        let unknown = TestBackend::origin_at("unknown");
        for i in 0..60 {
            let outcome = t.accounts.sign_in(&unknown, &format!("nobody{i}@example.com"), "a guess at it").await;
            assert_eq!(refusal(outcome), Some(ErrorCode::SignInFailed), "{i}");
        }
        t.accounts.sign_in(&unknown, "ana@example.com", testkit::PASSWORD).await.expect("signs in");
    }

    async fn a_refused_attempt_waits_for_no_writer(t: TestBackend) {
        t.register(Role::Client, "ana@example.com").await;
        let stranger = TestBackend::origin_at(STRANGER);
        guess_until_refused(&t, &stranger, "ana@example.com").await;
        let is_sqlite = t.data().join("strongroom.db").exists();
        let lock = if is_sqlite { "BEGIN IMMEDIATE" } else { "BEGIN; LOCK TABLE throttles IN EXCLUSIVE MODE" };
        let mut writer = t.sql.acquire().await.expect("a connection");
        sqlx::raw_sql(lock).execute(&mut *writer).await.expect("the lock is taken");
        for _ in 0..100 {
            assert_eq!(refusal(t.accounts.sign_in(&stranger, "ana@example.com", "a guess at it").await), Some(ErrorCode::TooManyAttempts));
            assert_eq!(refusal(t.accounts.sign_in(&stranger, "no address", "a guess at it").await), Some(ErrorCode::SignInFailed));
        }
        sqlx::raw_sql("ROLLBACK").execute(&mut *writer).await.expect("the lock is given back");
    }

    async fn a_flood_from_one_place_lets_others_in_and_costs_nobody_a_try(t: TestBackend) {
        t.register(Role::Client, "ana@example.com").await;
        let slow = t.restarted(|settings| {
            settings.password_cost.memory_kib = 16 * 1024;
            settings.password_cost.passes = 4;
            settings.password_cost.parallel = 1;
        });
        let tries: Vec<_> = (0..40).map(|i| {
            let (accounts, origin) = (slow.accounts.clone(), TestBackend::origin_at(STRANGER));
            tokio::spawn(async move { refusal(accounts.sign_in(&origin, &format!("nobody{i}@example.com"), "a guess at it").await) })
        }).collect();
        let home = TestBackend::origin_at("198.51.100.7");
        slow.accounts.sign_in(&home, "ana@example.com", testkit::PASSWORD).await.expect("from elsewhere");
        let (mut checked, mut busy) = (0, 0);
        for one in tries {
            match one.await.expect("runs") {
                Some(ErrorCode::SignInFailed) => checked += 1,
                Some(ErrorCode::Busy) => busy += 1,
                other => panic!("{other:?}"),
            }
        }
        assert!(busy > 0, "the place had more at once than it may");
        let counted = t.count("SELECT CAST(SUM(failures) AS BIGINT) FROM throttles WHERE key LIKE 'sign-in-address:%'").await;
        assert_eq!(counted, checked, "who was turned away tried nothing");
    }

    async fn changing_the_password_is_not_held_up_by_a_guesser_at_the_same_address(t: TestBackend) {
        let ana = t.register(Role::Client, "ana@example.com").await;
        let caller = t.caller_of(&t.session_of(&ana).await).await;
        use_up(&t, &TestBackend::origin()).await;
        t.accounts.change_password(&caller, testkit::PASSWORD, password("a password of mine")).await.expect("changes");
    }

    async fn a_clock_that_is_set_back_locks_nobody_out(t: TestBackend) {
        t.register(Role::Client, "ana@example.com").await;
        t.clock.advance(Duration::from_secs(365 * 24 * 3600));
        let stranger = TestBackend::origin_at(STRANGER);
        guess_until_refused(&t, &stranger, "ana@example.com").await;
        t.clock.set(testkit::START);
        t.accounts.sign_in(&stranger, "ana@example.com", testkit::PASSWORD).await.expect("not in a year");
        guess_until_refused(&t, &stranger, "ana@example.com").await;
    }

    async fn a_burst_of_refusals_is_one_row(t: TestBackend) {
        let ops = t.register(Role::Ops, "ops@example.com").await;
        let before = t.count("SELECT COUNT(*) FROM activity").await;
        let stranger = TestBackend::origin_at(STRANGER);
        for i in 0..300 {
            assert_eq!(refusal(t.accounts.sign_in(&stranger, &format!("nonsense {i}"), "").await), Some(ErrorCode::SignInFailed));
            assert_eq!(refusal(t.accounts.confirm_link(&stranger, &domain::PlainSecret::presented(i.to_string()), None, None).await), Some(ErrorCode::SecretSpent));
            t.clock.advance(Duration::from_secs(1));
        }
        assert_eq!(t.count("SELECT COUNT(*) FROM activity").await, before, "nothing is written while it lasts");
        let query = domain::activity::ActivityQuery { action: Some(Action::SignInFailed), ..Default::default() };
        let page = t.activity.list(&ops, &query).await.expect("lists");
        assert_eq!((page.rows.len(), page.rows[0].times), (1, 300));
        assert_eq!(page.rows[0].last_at, Some(testkit::START.after(Duration::from_secs(299))));
        assert_eq!(t.count("SELECT COUNT(*) FROM activity").await, before + 2);
        assert_eq!(t.recorded(Action::VerificationFailed).await, 300);
        t.accounts.sign_in(&stranger, "nonsense", "").await.expect_err("nonsense");
        assert_eq!(t.recorded(Action::SignInFailed).await, 301);
        assert_eq!(t.count("SELECT COUNT(*) FROM activity").await, before + 2, "the same row, until the hour is over");
    }

    async fn requests_for_mail_at_once_that_come_too_early_are_all_written_down(t: TestBackend) {
        let id = t.accounts.sign_up(&TestBackend::origin(), sign_up("ana@example.com")).await.expect("signs up");
        t.clock.advance(Duration::from_secs(60));
        // Those who look before the first is counted pass the look, and are refused where they are counted themselves.
        let refused = at_once(&t, move |backend, origin| async move { backend.accounts.resend(&origin, id).await.map(drop) }).await;
        assert_eq!(t.recorded(Action::Throttled).await, refused, "a mail to the same address again");

        let corrected = at_once(&t, move |backend, origin| async move {
            backend.accounts.correct_email(&origin, id, &address("anna@example.com")).await.map(drop)
        }).await;
        assert_eq!(t.recorded(Action::Throttled).await, refused + corrected, "a mail to another address");

        let cafe = TestBackend::origin_at("198.51.100.7");
        for i in 0..100 {
            t.accounts.request_reset(&cafe, &address(&format!("nobody{i}@example.com"))).await.expect("the network may ask");
        }
        let reset = at_once(&t, |backend, _| async move {
            backend.accounts.request_reset(&TestBackend::origin_at("198.51.100.7"), &address("ana@example.com")).await
        }).await;
        assert_eq!(t.recorded(Action::Throttled).await, refused + corrected + reset, "a reset");
    }

    async fn nothing_is_left_of_a_refused_sign_up(t: TestBackend) {
        let stranger = TestBackend::origin_at(STRANGER);
        while t.accounts.sign_up(&stranger, sign_up("ana@example.com")).await.is_ok() {}
        let rows = t.count("SELECT COUNT(*) FROM sign_ups").await;
        for _ in 0..50 {
            assert_eq!(refusal(t.accounts.sign_up(&stranger, sign_up("ana@example.com")).await), Some(ErrorCode::TooManyAttempts));
        }
        assert_eq!(t.count("SELECT COUNT(*) FROM sign_ups").await, rows);
        assert!(enter(&t, "ana@example.com", crate::PASSWORD).await.is_err());
    }
}
