//! What a stranger can find out or bring about by signing up.

use std::time::Duration;

use domain::{ErrorCode, PersonName, Role, account::SignUp, activity::Action};
use testkit::{TestBackend, on_both};

use crate::{PASSWORD, STRANGER, address, code_in, enter, password, refusal, secret_in, sign_up};

on_both! {
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

    async fn nothing_that_a_stranger_can_do_after_signing_up_tells_whether_the_address_is_known(t: TestBackend) {
        t.register(Role::Client, "known@example.com").await;
        let mut seen = Vec::new();
        for email in ["known@example.com", "unknown@example.com"] {
            let stranger = TestBackend::browser_at(STRANGER, None);
            let mut answers = Vec::new();
            let id = t.accounts.sign_up(&stranger, sign_up(email)).await.expect("signs up");
            answers.push(t.accounts.sign_in(&stranger, email, PASSWORD).await.expect_err("not confirmed").into_problem().message);
            answers.push(t.accounts.sign_in(&stranger, email, "another password").await.expect_err("wrong").into_problem().message);
            answers.push(format!("{:?}", t.accounts.pending(id).await.expect("asks").map(|pending| pending.resend_at.since(t.now()))));
            answers.push(format!("{:?}", refusal(t.accounts.confirm_code(&stranger, id, "000000").await)));
            answers.push(format!("{:?}", refusal(t.accounts.resend(&stranger, id).await)));
            t.clock.advance(Duration::from_secs(11 * 60));
            answers.push(format!("{:?}", refusal(t.accounts.confirm_code(&stranger, id, "000000").await)));
            answers.push(t.accounts.resend(&stranger, id).await.is_ok().to_string());
            answers.push(t.accounts.correct_email(&stranger, id, &address(email)).await.is_ok().to_string());
            answers.push(t.accounts.sign_up(&stranger, sign_up(email)).await.is_ok().to_string());
            t.clock.advance(Duration::from_secs(24 * 3600));
            seen.push(answers);
        }
        assert_eq!(seen[0], seen[1]);
    }

    async fn a_stranger_who_signs_up_with_an_address_does_not_keep_its_owner_from_it(t: TestBackend) {
        let stranger = TestBackend::origin_at(STRANGER);
        let mut mails = 0;
        while t.accounts.sign_up(&stranger, sign_up("ana@example.com")).await.is_ok() {
            mails += 1;
        }
        assert_eq!(mails, 6, "a handful to one address");
        assert_eq!(t.recorded(Action::Throttled).await, 1);
        let owner = TestBackend::origin_at("198.51.100.7");
        let id = t.accounts.sign_up(&owner, sign_up("ana@example.com")).await.expect("from elsewhere");
        let code = code_in(&t.newest_mail().await.text);
        t.accounts.confirm_code(&owner, id, &code).await.expect("confirms");
    }

    async fn a_mailbox_is_not_flooded_from_many_networks(t: TestBackend) {
        let mut mails = 0;
        for i in 0..40 {
            let stranger = TestBackend::origin_at(&format!("203.0.113.{i}"));
            mails += usize::from(t.accounts.sign_up(&stranger, sign_up("ana@example.com")).await.is_ok());
        }
        assert_eq!(mails, 16);
        t.clock.advance(Duration::from_secs(3600));
        let owner = TestBackend::origin_at("198.51.100.7");
        t.accounts.sign_up(&owner, sign_up("ana@example.com")).await.expect("never longer than an hour");
    }

    async fn what_a_stranger_types_is_in_no_mail_to_the_address(t: TestBackend) {
        let input = SignUp::parse("Ana Call Now", "ana@example.com", PASSWORD.to_owned()).expect("a name");
        t.accounts.sign_up(&TestBackend::origin(), input).await.expect("signs up");
        let mail = t.newest_mail().await;
        for text in [&mail.subject, &mail.text, &mail.html] {
            assert!(!text.contains("Call Now"), "{text}");
        }
        assert_eq!(PersonName::parse("see https://evil.example").map_err(|p| p.code), Err(ErrorCode::NameUnusual));
    }

    async fn a_sign_up_waits_a_day_from_its_newest_mail(t: TestBackend) {
        let day = Duration::from_secs(24 * 3600);
        let id = t.accounts.sign_up(&TestBackend::origin(), sign_up("ana@example.com")).await.expect("signs up");
        t.clock.advance(day - Duration::from_secs(1));
        t.accounts.resend(&TestBackend::origin(), id).await.expect("still waits");
        let mail = t.newest_mail().await;
        t.clock.advance(day - Duration::from_secs(1));
        assert!(t.accounts.pending(id).await.expect("asks").is_some());
        t.accounts.confirmation(&secret_in(&mail.text, "/confirm/"), None).await.expect("works as long as the mail says");
        t.clock.advance(Duration::from_secs(1));
        assert!(t.accounts.pending(id).await.expect("asks").is_none());
        assert_eq!(refusal(t.accounts.confirmation(&secret_in(&mail.text, "/confirm/"), None).await), Some(ErrorCode::SecretExpired));
        assert_eq!(refusal(t.accounts.resend(&TestBackend::origin(), id).await), Some(ErrorCode::NothingToConfirm));
    }

    async fn another_mail_can_be_asked_for_after_a_minute_and_replaces_the_first(t: TestBackend) {
        let id = t.accounts.sign_up(&TestBackend::origin(), sign_up("ana@example.com")).await.expect("signs up");
        let first = secret_in(&t.newest_mail().await.text, "/confirm/");
        let error = t.accounts.resend(&TestBackend::origin(), id).await.expect_err("too early");
        assert_eq!(error.into_problem().retry_after, Some(60));
        assert_eq!(t.recorded(Action::Throttled).await, 1, "it is in the log");
        t.clock.advance(Duration::from_secs(60));
        t.accounts.resend(&TestBackend::origin(), id).await.expect("now");
        assert_eq!(refusal(t.accounts.confirm_link(&TestBackend::origin(), &first, Some(id), None).await), Some(ErrorCode::SecretReplaced));
        let second = secret_in(&t.newest_mail().await.text, "/confirm/");
        t.accounts.confirm_link(&TestBackend::origin(), &second, Some(id), None).await.expect("the newest link");
    }

    async fn a_clock_that_is_set_back_does_not_keep_anybody_from_another_mail(t: TestBackend) {
        t.clock.advance(Duration::from_secs(365 * 24 * 3600));
        let id = t.accounts.sign_up(&TestBackend::origin(), sign_up("ana@example.com")).await.expect("signs up");
        let code = code_in(&t.newest_mail().await.text);
        t.clock.set(testkit::START);
        assert_eq!(refusal(t.accounts.confirm_code(&TestBackend::origin(), id, &code).await), Some(ErrorCode::CodeExpired));
        t.accounts.resend(&TestBackend::origin(), id).await.expect("not in a year");
        let code = code_in(&t.newest_mail().await.text);
        t.accounts.confirm_code(&TestBackend::origin(), id, &code).await.expect("confirms");
    }

    async fn a_mistyped_address_can_be_corrected(t: TestBackend) {
        let id = t.accounts.sign_up(&TestBackend::origin(), sign_up("anna@example.com")).await.expect("signs up");
        t.clock.advance(Duration::from_secs(1));
        let right = address("ana@example.com");
        let mistyped = secret_in(&t.newest_mail().await.text, "/confirm/");
        let id = t.accounts.correct_email(&TestBackend::origin(), id, &right).await.expect("corrects");
        assert_eq!(t.accounts.pending(id).await.expect("asks").expect("waits").email, right);
        let mail = t.newest_mail().await;
        assert_eq!(mail.to, "ana@example.com");
        t.accounts.confirm_code(&TestBackend::origin(), id, &code_in(&mail.text)).await.expect("confirms");
        assert!(enter(&t, "anna@example.com", PASSWORD).await.is_err());
        enter(&t, "ana@example.com", PASSWORD).await.expect("signs in");
        t.accounts.confirmation(&mistyped, None).await.expect("a link that was sent is ended by no stranger");
    }

    async fn an_international_domain_is_one_address_in_every_spelling(t: TestBackend) {
        let id = t.accounts.sign_up(&TestBackend::origin(), sign_up("name@bücher.example")).await.expect("signs up");
        let mail = t.newest_mail().await;
        assert_eq!(mail.to, "name@xn--bcher-kva.example");
        t.accounts.confirm_code(&TestBackend::origin(), id, &code_in(&mail.text)).await.expect("confirms");
        for email in ["name@bücher.example", "Name@BÜCHER.example", "name@xn--bcher-kva.example"] {
            enter(&t, email, PASSWORD).await.expect(email);
        }
    }

    async fn common_passwords_are_refused_everywhere(t: TestBackend) {
        let common = SignUp::parse("Ana", "ana@example.com", "Password1".to_owned()).expect("long enough");
        assert_eq!(refusal(t.accounts.sign_up(&TestBackend::origin(), common).await), Some(ErrorCode::PasswordTooCommon));
        assert!(t.sent_mails().await.is_empty());
        let common = TestBackend::origin_at(STRANGER);
        t.accounts.sign_up(&common, sign_up("ana@example.com")).await.expect("signs up");
        let secret = secret_in(&t.newest_mail().await.text, "/confirm/");
        let chosen = Some(backend::accounts::Chosen { password: password("Password1"), name: None });
        assert_eq!(refusal(t.accounts.confirm_link(&common, &secret, None, chosen).await), Some(ErrorCode::PasswordTooCommon));
    }
}
