//! Signing up, proving an address, signing in and passwords, on both databases.

use std::time::Duration;

use backend::accounts::SignIn;
use domain::{Email, ErrorCode, PlainPassword, PlainSecret, Role, account::SignUp, activity::Action};
use testkit::{TestBackend, on_both};

const PASSWORD: &str = "correct horse battery staple";

fn sign_up(email: &str) -> SignUp {
    SignUp::parse("Ana López", email, PASSWORD.to_owned()).expect("a valid sign-up")
}

fn password(text: &str) -> PlainPassword {
    PlainPassword::parse(text).expect("a valid password")
}

/// The secret at the end of the link in a mail, which starts with `path`.
fn secret_in(text: &str, path: &str) -> PlainSecret {
    let at = text.find(path).unwrap_or_else(|| panic!("no {path} in {text}")) + path.len();
    PlainSecret::presented(text[at..].split_whitespace().next().expect("a secret"))
}

/// The six digits that a subject begins with.
fn code_in(subject: &str) -> String {
    subject.chars().take(6).collect()
}

on_both! {
    async fn the_code_of_the_mail_completes_a_sign_up(t: TestBackend) {
        let id = t.accounts.sign_up(&TestBackend::origin(), sign_up("ana@example.com")).await.expect("signs up");
        assert!(t.accounts.pending(id).await.expect("asks").is_some());
        let code = code_in(&t.newest_mail().await.subject);
        let account = t.accounts.confirm_code(&TestBackend::origin(), id, &format!("{} {}", &code[..3], &code[3..])).await.expect("confirms");
        assert!(t.accounts.pending(id).await.expect("asks").is_none());
        let entered = t.accounts.sign_in(&TestBackend::origin(), " ANA@example.com", PASSWORD).await.expect("signs in");
        assert_eq!(entered, SignIn::Verified(account));
        for action in [Action::SignedUp, Action::Verified, Action::SignedIn] {
            assert_eq!(t.recorded(action).await, 1, "{action:?}");
        }
    }

    async fn the_link_of_the_mail_works_once(t: TestBackend) {
        t.accounts.sign_up(&TestBackend::origin(), sign_up("ana@example.com")).await.expect("signs up");
        let secret = secret_in(&t.newest_mail().await.text, "/confirm/");
        t.accounts.confirm_link(&TestBackend::origin(), &secret).await.expect("confirms");
        for spent in [secret, PlainSecret::presented("never-was")] {
            let again = t.accounts.confirm_link(&TestBackend::origin(), &spent).await.expect_err("spent");
            assert_eq!(again.code(), Some(ErrorCode::SecretSpent));
        }
    }

    async fn of_many_confirmations_at_once_exactly_one_wins(t: TestBackend) {
        t.accounts.sign_up(&TestBackend::origin(), sign_up("ana@example.com")).await.expect("signs up");
        let secret = secret_in(&t.newest_mail().await.text, "/confirm/");
        let tries = (0..12).map(|_| {
            let (accounts, origin, secret) = (t.accounts.clone(), TestBackend::origin(), secret.clone());
            tokio::spawn(async move { accounts.confirm_link(&origin, &secret).await.is_ok() })
        });
        let mut won = 0;
        for one in tries.collect::<Vec<_>>() {
            won += usize::from(one.await.expect("runs"));
        }
        assert_eq!(won, 1);
    }

    async fn a_known_address_is_answered_like_an_unknown_one_and_gets_no_proof(t: TestBackend) {
        t.register(Role::Client, "ana@example.com").await;
        let id = t.accounts.sign_up(&TestBackend::origin(), sign_up("ana@example.com")).await.expect("the same answer");
        let pending = t.accounts.pending(id).await.expect("asks").expect("the same page");
        assert_eq!(pending.email.as_str(), "ana@example.com");
        let mail = t.newest_mail().await;
        assert!(mail.subject.contains("already"), "{}", mail.subject);
        assert!(!mail.text.contains("/confirm/"));
        assert_eq!(t.recorded(Action::SignUpRepeated).await, 1);
    }

    async fn five_wrong_codes_leave_only_the_link(t: TestBackend) {
        let id = t.accounts.sign_up(&TestBackend::origin(), sign_up("ana@example.com")).await.expect("signs up");
        let mail = t.newest_mail().await;
        let code = code_in(&mail.subject);
        let wrong = if code == "000000" { "000001" } else { "000000" };
        for _ in 0..5 {
            let error = t.accounts.confirm_code(&TestBackend::origin(), id, wrong).await.expect_err("wrong");
            assert_eq!(error.code(), Some(ErrorCode::CodeWrong));
        }
        let error = t.accounts.confirm_code(&TestBackend::origin(), id, &code).await.expect_err("too late");
        assert_eq!(error.code(), Some(ErrorCode::CodeWrong));
        let secret = secret_in(&mail.text, "/confirm/");
        t.accounts.confirm_link(&TestBackend::origin(), &secret).await.expect("the link still works");
    }

    async fn another_mail_can_be_asked_for_after_a_minute_and_replaces_the_first(t: TestBackend) {
        let id = t.accounts.sign_up(&TestBackend::origin(), sign_up("ana@example.com")).await.expect("signs up");
        let first = secret_in(&t.newest_mail().await.text, "/confirm/");
        let error = t.accounts.resend(&TestBackend::origin(), id).await.expect_err("too early");
        assert_eq!(error.into_problem().retry_after, Some(60));
        t.clock.advance(Duration::from_secs(60));
        t.accounts.resend(&TestBackend::origin(), id).await.expect("now");
        assert!(t.accounts.confirm_link(&TestBackend::origin(), &first).await.is_err());
        let second = secret_in(&t.newest_mail().await.text, "/confirm/");
        t.accounts.confirm_link(&TestBackend::origin(), &second).await.expect("the newest link");
    }

    async fn a_mistyped_address_can_be_corrected(t: TestBackend) {
        let id = t.accounts.sign_up(&TestBackend::origin(), sign_up("anna@example.com")).await.expect("signs up");
        t.clock.advance(Duration::from_secs(1));
        let right = Email::parse("ana@example.com").expect("valid");
        let pending = t.accounts.correct_email(&TestBackend::origin(), id, right.clone()).await.expect("corrects");
        assert_eq!(pending.email, right);
        let mail = t.newest_mail().await;
        assert_eq!(mail.to, "ana@example.com");
        t.accounts.confirm_code(&TestBackend::origin(), id, &code_in(&mail.subject)).await.expect("confirms");
        assert!(t.accounts.sign_in(&TestBackend::origin(), "anna@example.com", PASSWORD).await.is_err());
        t.accounts.sign_in(&TestBackend::origin(), "ana@example.com", PASSWORD).await.expect("signs in");
    }

    async fn a_sign_up_is_over_after_a_day(t: TestBackend) {
        let id = t.accounts.sign_up(&TestBackend::origin(), sign_up("ana@example.com")).await.expect("signs up");
        let mail = t.newest_mail().await;
        t.clock.advance(Duration::from_secs(24 * 3600));
        assert!(t.accounts.pending(id).await.expect("asks").is_none());
        let secret = secret_in(&mail.text, "/confirm/");
        assert!(t.accounts.confirm_link(&TestBackend::origin(), &secret).await.is_err());
        t.accounts.forget_expired().await.expect("cleans up");
    }

    async fn an_unverified_person_is_led_to_the_code(t: TestBackend) {
        let id = t.accounts.sign_up(&TestBackend::origin(), sign_up("ana@example.com")).await.expect("signs up");
        let entered = t.accounts.sign_in(&TestBackend::origin(), "ana@example.com", PASSWORD).await.expect("right password");
        assert_eq!(entered, SignIn::Unverified(id));
        let error = t.accounts.sign_in(&TestBackend::origin(), "ana@example.com", "wrong password").await.expect_err("wrong");
        assert_eq!(error.code(), Some(ErrorCode::SignInFailed));
    }

    async fn wrong_unknown_and_nonsense_are_refused_alike(t: TestBackend) {
        t.register(Role::Client, "ana@example.com").await;
        for (email, password) in [("ana@example.com", "not the password"), ("nobody@example.com", PASSWORD), ("ana", PASSWORD), ("", "")] {
            let error = t.accounts.sign_in(&TestBackend::origin(), email, password).await.expect_err(email);
            assert_eq!(error.into_problem(), ErrorCode::SignInFailed.into(), "{email:?}");
        }
    }

    async fn guessing_is_slowed_down_exponentially_and_the_wait_survives_a_restart(t: TestBackend) {
        t.register(Role::Client, "ana@example.com").await;
        let stranger = TestBackend::origin_at("203.0.113.9");
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

    async fn a_stranger_cannot_lock_a_person_out(t: TestBackend) {
        t.register(Role::Client, "ana@example.com").await;
        let home = TestBackend::origin_at("198.51.100.7");
        t.accounts.sign_in(&home, "ana@example.com", testkit::PASSWORD).await.expect("from home");
        let stranger = TestBackend::origin_at("203.0.113.9");
        for _ in 0..12 {
            t.accounts.sign_in(&stranger, "ana@example.com", "a guess at it").await.expect_err("a guess");
        }
        t.accounts.sign_in(&home, "ana@example.com", testkit::PASSWORD).await.expect("still from home");
        let cafe = TestBackend::origin_at("192.0.2.44");
        let error = t.accounts.sign_in(&cafe, "ana@example.com", testkit::PASSWORD).await.expect_err("waits");
        assert_eq!(error.code(), Some(ErrorCode::TooManyAttempts));

        let email = Email::parse("ana@example.com").expect("valid");
        t.accounts.request_reset(&cafe, &email).await.expect("never throttled by sign-ins");
        let secret = secret_in(&t.newest_mail().await.text, "/reset/");
        t.accounts.reset(&cafe, &secret, password("a password of mine")).await.expect("resets");
        t.accounts.sign_in(&cafe, "ana@example.com", "a password of mine").await.expect("in from the café");
    }

    async fn guesses_at_once_do_not_slip_through(t: TestBackend) {
        t.register(Role::Client, "ana@example.com").await;
        let tries: Vec<_> = (0..20).map(|_| {
            let (accounts, origin) = (t.accounts.clone(), TestBackend::origin_at("203.0.113.9"));
            tokio::spawn(async move { accounts.sign_in(&origin, "ana@example.com", "a guess at it").await.expect_err("wrong").code() })
        }).collect();
        let mut checked = 0;
        for one in tries {
            checked += usize::from(one.await.expect("runs") == Some(ErrorCode::SignInFailed));
        }
        assert!(checked <= 6, "{checked} guesses were checked");
    }

    async fn a_reset_link_works_once_and_ends_everything_else(t: TestBackend) {
        let ana = t.register(Role::Client, "ana@example.com").await;
        let (session, token) = (t.session_of(&ana).await, t.token_of(&ana).await);
        let email = Email::parse("ana@example.com").expect("valid");
        t.accounts.request_reset(&TestBackend::origin(), &email).await.expect("asks");
        let secret = secret_in(&t.newest_mail().await.text, "/reset/");

        let error = t.accounts.reset(&TestBackend::origin(), &secret, password("qwertyuiop")).await.expect_err("common");
        assert_eq!(error.code(), Some(ErrorCode::PasswordTooCommon));
        t.accounts.reset(&TestBackend::origin(), &secret, password("a password of mine")).await.expect("resets");
        let again = t.accounts.reset(&TestBackend::origin(), &secret, password("another of mine")).await.expect_err("spent");
        assert_eq!(again.code(), Some(ErrorCode::SecretSpent));

        assert!(t.sessions.person(&session).await.expect("asks").is_none());
        assert!(t.tokens.authenticate(&token).await.expect("asks").is_none());
        assert!(t.accounts.sign_in(&TestBackend::origin(), "ana@example.com", testkit::PASSWORD).await.is_err());
        assert!(t.newest_mail().await.subject.contains("was changed"));
    }

    async fn a_reset_is_over_after_half_an_hour_and_unknown_addresses_get_no_mail(t: TestBackend) {
        t.register(Role::Client, "ana@example.com").await;
        let nobody = Email::parse("nobody@example.com").expect("valid");
        t.accounts.request_reset(&TestBackend::origin(), &nobody).await.expect("the same answer");
        assert!(t.sent_mails().await.is_empty());

        let email = Email::parse("ana@example.com").expect("valid");
        t.accounts.request_reset(&TestBackend::origin(), &email).await.expect("asks");
        let secret = secret_in(&t.newest_mail().await.text, "/reset/");
        t.clock.advance(Duration::from_secs(30 * 60));
        let error = t.accounts.reset(&TestBackend::origin(), &secret, password("a password of mine")).await.expect_err("over");
        assert_eq!(error.code(), Some(ErrorCode::SecretSpent));
    }

    async fn changing_the_password_needs_the_current_one_and_ends_the_other_sessions(t: TestBackend) {
        let ana = t.register(Role::Client, "ana@example.com").await;
        let other = t.session_of(&ana).await;
        let own = t.session_of(&ana).await;
        let caller = t.caller_of(&own).await;
        let error = t.accounts.change_password(&caller, "not the one", password("a password of mine")).await.expect_err("wrong");
        assert_eq!(error.code(), Some(ErrorCode::PasswordWrong));
        t.accounts.change_password(&caller, testkit::PASSWORD, password("a password of mine")).await.expect("changes");
        assert!(t.sessions.person(&own).await.expect("asks").is_some());
        assert!(t.sessions.person(&other).await.expect("asks").is_none());
    }

    async fn common_passwords_are_refused_everywhere(t: TestBackend) {
        let common = SignUp::parse("Ana", "ana@example.com", "Password1".to_owned()).expect("long enough");
        let error = t.accounts.sign_up(&TestBackend::origin(), common).await.expect_err("common");
        assert_eq!(error.code(), Some(ErrorCode::PasswordTooCommon));
        assert!(t.sent_mails().await.is_empty());
    }
}
