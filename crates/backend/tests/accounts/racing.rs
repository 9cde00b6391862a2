//! What was checked in one moment and is otherwise in the next: a password, a timer, a count.

use std::time::Duration;

use backend::{Caller, Principal};
use domain::{ErrorCode, PlainSecret, Role, people::Measure};
use testkit::{PASSWORD, TestBackend, on_both};

use crate::{enter, password, refusal, reset_link, sign_up};

/// The sessions and tokens that were made of sign-ins.
#[derive(Default)]
struct Made {
    sessions: Vec<[u8; 16]>,
    tokens: Vec<PlainSecret>,
}

impl Made {
    async fn alive(&self, t: &TestBackend) -> usize {
        let mut alive = 0;
        for id in &self.sessions {
            alive += usize::from(t.sessions.person(id).await.expect("asks").is_some());
        }
        for token in &self.tokens {
            alive += usize::from(t.tokens.authenticate(token).await.expect("asks").is_some());
        }
        alive
    }
}

on_both! {
    async fn a_sign_in_that_began_with_the_old_password_comes_to_nothing(t: TestBackend) {
        t.register(Role::Client, "ana@example.com").await;
        let secret = reset_link(&t, "ana@example.com").await;
        let checked = enter(&t, "ana@example.com", PASSWORD).await.expect("the right password, then");
        t.accounts.reset(&TestBackend::origin(), &secret, password("a password of mine")).await.expect("resets");
        let session = t.sessions.create(&[7; 16], &checked, "{}", &TestBackend::origin()).await;
        assert_eq!(refusal(session), Some(ErrorCode::SignInFailed));
        let token = t.tokens.issue(&TestBackend::origin(), &checked, "script").await;
        assert_eq!(refusal(token), Some(ErrorCode::SignInFailed));
        assert_eq!(t.count("SELECT COUNT(*) FROM sessions").await + t.count("SELECT COUNT(*) FROM api_tokens").await, 0);
    }

    async fn whatever_ends_credentials_ends_sign_ins_under_way(t: TestBackend) {
        let ops = t.register(Role::Ops, "ops@example.com").await;
        let ana = t.register(Role::Client, "ana@example.com").await;
        let id = ana.person().expect("somebody").id();
        for measure in ["change", "end others", "sign out", "disable"] {
            let caller = t.caller_of(&t.session_of(&t.account(Role::Client, "ana@example.com").await).await).await;
            let token = t.token_of(&caller).await;
            let checked = caller.person().expect("somebody").admission();
            match measure {
                "change" => t.accounts.change_password(&caller, PASSWORD, password(PASSWORD)).await.expect("changes"),
                "end others" => t.sessions.end_others(&caller).await.expect("ends"),
                "sign out" => t.people.take(backend::accounts::Steward::Caller(&ops), id, Measure::SignOut).await.expect("ends"),
                _ => t.people.take(backend::accounts::Steward::Caller(&ops), id, Measure::Disable).await.expect("disables"),
            }
            assert_eq!(refusal(t.sessions.create(&[7; 16], &checked, "{}", &TestBackend::origin()).await), Some(ErrorCode::SignInFailed), "{measure}");
            assert_eq!(refusal(t.tokens.issue(&TestBackend::origin(), &checked, "script").await), Some(ErrorCode::SignInFailed), "{measure}");
            let tokens_stay = measure == "end others";
            assert_eq!(t.tokens.authenticate(&token).await.expect("asks").is_some(), tokens_stay, "{measure}");
        }
    }

    async fn a_late_row_of_an_earlier_epoch_is_dead(t: TestBackend) {
        let ana = t.register(Role::Client, "ana@example.com").await;
        let (session, token) = (t.session_of(&ana).await, t.token_of(&ana).await);
        sqlx::query("UPDATE accounts SET credential_epoch = credential_epoch + 1").execute(&t.sql).await.expect("counts up");
        assert!(t.sessions.person(&session).await.expect("asks").is_none());
        assert!(t.tokens.authenticate(&token).await.expect("asks").is_none());
    }

    async fn of_many_sign_ins_during_a_reset_nothing_of_the_old_password_lives(t: TestBackend) {
        t.register(Role::Client, "ana@example.com").await;
        // Another cost, so that every sign-in wants to write the hash anew.
        let dearer = t.restarted(|settings| settings.password_cost.memory_kib = 16);
        let tries: Vec<_> = (0..6_u8).map(|thread| {
            let backend = dearer.clone();
            tokio::spawn(async move {
                let origin = TestBackend::origin_at(&format!("198.51.100.{thread}"));
                let mut made = Made::default();
                for turn in 0..8_u8 {
                    let Ok(admission) = backend.accounts.sign_in(&origin, "ana@example.com", PASSWORD).await else { continue };
                    let mut id = [thread; 16];
                    id[0] = turn;
                    if backend.sessions.create(&id, &admission, "{}", &origin).await.is_ok() {
                        made.sessions.push(id);
                    }
                    made.tokens.extend(backend.tokens.issue(&origin, &admission, "script").await.map(|issued| issued.token));
                }
                made
            })
        }).collect();
        let secret = reset_link(&t, "ana@example.com").await;
        t.accounts.reset(&TestBackend::origin_at("192.0.2.99"), &secret, password("a password of mine")).await.expect("resets");
        let mut alive = 0;
        for one in tries {
            alive += one.await.expect("runs").alive(&t).await;
        }
        assert_eq!(alive, 0);
        assert!(enter(&t, "ana@example.com", PASSWORD).await.is_err(), "no rehash has written the old password back");
        enter(&t, "ana@example.com", "a password of mine").await.expect("the new password");
    }

    async fn sign_ins_resets_and_changes_at_once_stand_in_nobodys_way(t: TestBackend) {
        let ana = t.register(Role::Client, "ana@example.com").await;
        let Principal::Person(_) = &ana.principal else { panic!("somebody") };
        let tries: Vec<_> = (0..24).map(|i| {
            let (backend, caller): (backend::Backend, Caller) = ((*t).clone(), ana.clone());
            tokio::spawn(async move {
                let origin = TestBackend::origin_at("192.0.2.7");
                match i % 4 {
                    0 => backend.sessions.end_others(&caller).await.map(drop),
                    1 => backend.accounts.request_reset(&origin, &crate::address("ana@example.com")).await,
                    _ => backend.accounts.sign_in(&origin, "ana@example.com", PASSWORD).await.map(drop),
                }
            })
        }).collect();
        for one in tries {
            if let Err(error) = one.await.expect("runs") {
                let code = error.code();
                assert!(matches!(code, Some(ErrorCode::TooManyAttempts | ErrorCode::SignInFailed | ErrorCode::Busy)), "{error:?}");
            }
        }
    }

    async fn of_many_requests_at_once_for_another_mail_one_is_granted(t: TestBackend) {
        let id = t.accounts.sign_up(&TestBackend::origin(), sign_up("ana@example.com")).await.expect("signs up");
        t.clock.advance(Duration::from_secs(60));
        let tries: Vec<_> = (0..12).map(|network| {
            let backend = (*t).clone();
            tokio::spawn(async move {
                backend.accounts.resend(&TestBackend::origin_at(&format!("198.51.100.{network}")), id).await
            })
        }).collect();
        let mut granted = 0;
        for one in tries {
            match one.await.expect("runs") {
                Ok(_) => granted += 1,
                Err(error) => assert_eq!(error.into_problem().retry_after, Some(60)),
            }
        }
        assert_eq!((granted, t.count("SELECT COUNT(*) FROM mails").await), (1, 2));
        assert_eq!(t.count("SELECT MAX(failures) FROM throttles").await, 2, "those that were refused are not counted");
    }

    async fn sign_ups_at_once_cause_no_more_mail_than_one_after_the_other(t: TestBackend) {
        for _ in 0..5 {
            t.accounts.sign_up(&TestBackend::origin(), sign_up("ana@example.com")).await.expect("signs up");
        }
        // What holds has to hold by itself, not because attempts are slowed down, too.
        sqlx::query("DELETE FROM throttles").execute(&t.sql).await.expect("forgets");
        let tries: Vec<_> = (0..6).map(|_| {
            let backend = (*t).clone();
            tokio::spawn(async move { backend.accounts.sign_up(&TestBackend::origin(), sign_up("ana@example.com")).await })
        }).collect();
        for one in tries {
            one.await.expect("runs").expect("the answer is the same");
        }
        assert_eq!(t.count("SELECT COUNT(*) FROM mails").await, 6);
    }
}
