//! Resetting and changing passwords.

use std::time::Duration;

use domain::{ErrorCode, Role};
use testkit::{TestBackend, on_both};

use crate::{STRANGER, address, enter, password, refusal, reset_link};

on_both! {
    async fn a_reset_link_works_once_and_ends_everything_else(t: TestBackend) {
        let ana = t.register(Role::Client, "ana@example.com").await;
        let (session, token) = (t.session_of(&ana).await, t.token_of(&ana).await);
        let secret = reset_link(&t, "ana@example.com").await;
        assert_eq!(t.accounts.reset_for(&secret).await.expect("what it is for").email, address("ana@example.com"));

        let common = t.accounts.reset(&TestBackend::origin(), &secret, password("qwertyuiop")).await;
        assert_eq!(refusal(common), Some(ErrorCode::PasswordTooCommon));
        t.accounts.reset(&TestBackend::origin(), &secret, password("a password of mine")).await.expect("resets");
        let again = t.accounts.reset(&TestBackend::origin(), &secret, password("another of mine")).await;
        assert_eq!(refusal(again), Some(ErrorCode::SecretUsed));

        assert!(t.sessions.person(&session).await.expect("asks").is_none());
        assert!(t.tokens.authenticate(&token).await.expect("asks").is_none());
        assert!(enter(&t, "ana@example.com", testkit::PASSWORD).await.is_err());
        assert!(t.newest_mail().await.subject.contains("was changed"));
    }

    async fn of_many_resets_by_one_link_exactly_one_wins(t: TestBackend) {
        t.register(Role::Client, "ana@example.com").await;
        let secret = reset_link(&t, "ana@example.com").await;
        let tries: Vec<_> = (0..8).map(|i| {
            let (accounts, origin, secret) = (t.accounts.clone(), TestBackend::origin(), secret.clone());
            tokio::spawn(async move { accounts.reset(&origin, &secret, password(&format!("a password of mine {i}"))).await.is_ok() })
        }).collect();
        let mut won = Vec::new();
        for (i, one) in tries.into_iter().enumerate() {
            if one.await.expect("runs") {
                won.push(i);
            }
        }
        assert_eq!(won.len(), 1);
        enter(&t, "ana@example.com", &format!("a password of mine {}", won[0])).await.expect("its password");
    }

    async fn a_reset_is_over_after_half_an_hour_and_unknown_addresses_get_no_mail(t: TestBackend) {
        t.register(Role::Client, "ana@example.com").await;
        t.accounts.request_reset(&TestBackend::origin(), &address("nobody@example.com")).await.expect("the same answer");
        assert!(t.sent_mails().await.is_empty());
        let secret = reset_link(&t, "ana@example.com").await;
        t.clock.advance(Duration::from_secs(30 * 60));
        let late = t.accounts.reset(&TestBackend::origin(), &secret, password("a password of mine")).await;
        assert_eq!(refusal(late), Some(ErrorCode::SecretExpired));
    }

    async fn a_stranger_who_asks_for_resets_does_not_use_up_those_of_the_owner(t: TestBackend) {
        t.register(Role::Client, "ana@example.com").await;
        for _ in 0..20 {
            t.accounts.request_reset(&TestBackend::origin_at(STRANGER), &address("ana@example.com")).await.expect("asks");
        }
        assert_eq!(t.sent_mails().await.len(), 6, "a handful");
        reset_link(&t, "ana@example.com").await;
    }

    async fn changing_the_password_needs_the_current_one_and_ends_the_other_sessions(t: TestBackend) {
        let ana = t.register(Role::Client, "ana@example.com").await;
        let other = t.session_of(&ana).await;
        let own = t.session_of(&ana).await;
        let token = t.token_of(&ana).await;
        let caller = t.caller_of(&own).await;
        let wrong = t.accounts.change_password(&caller, "not the one", password("a password of mine")).await;
        assert_eq!(refusal(wrong), Some(ErrorCode::PasswordWrong));
        t.accounts.change_password(&caller, testkit::PASSWORD, password("a password of mine")).await.expect("changes");
        assert!(t.sessions.person(&own).await.expect("asks").is_some());
        assert!(t.sessions.person(&other).await.expect("asks").is_none());
        assert!(t.tokens.authenticate(&token).await.expect("asks").is_none());
    }
}
