//! Proving an address, by link and by six digits, here and elsewhere.

use std::time::Duration;

use backend::{mail::Worked, random::OsRandom, storage::KeyRing};
use domain::{ErrorCode, PersonName, PlainSecret, Role, activity::Action};
use testkit::{TestBackend, on_both};

use crate::{PASSWORD, STRANGER, address, chosen, code_in, enter, password, refusal, reset_link, secret_in, sign_up};

on_both! {
    async fn the_code_of_the_mail_completes_a_sign_up(t: TestBackend) {
        let id = t.accounts.sign_up(&TestBackend::origin(), sign_up("ana@example.com")).await.expect("signs up");
        assert!(t.accounts.pending(id).await.expect("asks").is_some());
        let code = code_in(&t.newest_mail().await.text);
        let spaced = format!("{} {}", &code[..3], &code[3..]);
        let confirmed = t.accounts.confirm_code(&TestBackend::origin(), id, &spaced).await.expect("confirms");
        assert!(t.accounts.pending(id).await.expect("asks").is_none());
        let entered = enter(&t, " ANA@example.com", PASSWORD).await.expect("signs in");
        assert_eq!(entered.account(), confirmed.account());
        for action in [Action::SignedUp, Action::Verified, Action::SignedIn] {
            assert_eq!(t.recorded(action).await, 1, "{action:?}");
        }
    }

    async fn a_code_outlives_a_rotation_of_the_master_key(t: TestBackend) {
        let before = t.accounts.sign_up(&TestBackend::origin(), sign_up("ana@example.com")).await.expect("signs up");
        let waiting = t.accounts.sign_up(&TestBackend::origin(), sign_up("ben@example.com")).await.expect("signs up");
        let code = code_in(&t.sent_mails().await[0].text);
        t.accounts.resend(&TestBackend::origin(), waiting).await.expect_err("too early");
        t.clock.advance(Duration::from_secs(60));
        t.accounts.resend(&TestBackend::origin(), waiting).await.expect("a letter that waits in the outbox");
        let ring = KeyRing::read(&t.data().join("keys")).expect("readable").expect("there");
        ring.rotate(&OsRandom::default()).expect("rotates");

        let rotated = t.restarted(|_| {});
        rotated.documents.rotated().await.expect("is written down");
        assert_eq!(rotated.outbox.deliver_next().await.expect("the outbox works"), Worked::Sent);
        let later = code_in(&t.mail.take()[0].text);
        rotated.documents.rewrap().await.expect("looks for what needs the old key");
        assert_eq!(t.count("SELECT COUNT(*) FROM portal_keys WHERE retired_at IS NULL").await, 2, "codes do");
        let wrong = if code == "000000" { "000001" } else { "000000" };
        assert_eq!(refusal(rotated.accounts.confirm_code(&TestBackend::origin(), before, wrong).await), Some(ErrorCode::CodeWrong));
        rotated.accounts.confirm_code(&TestBackend::origin(), before, &code).await.expect("the code of before");
        rotated.accounts.confirm_code(&TestBackend::origin(), waiting, &later).await.expect("the code that waited");

        rotated.documents.rewrap().await.expect("looks again");
        assert_eq!(t.count("SELECT COUNT(*) FROM portal_keys WHERE retired_at IS NULL").await, 1, "they were used");
    }

    async fn a_key_that_only_codes_needed_can_go_when_they_are_over(t: TestBackend) {
        t.accounts.sign_up(&TestBackend::origin(), sign_up("ana@example.com")).await.expect("signs up");
        t.sent_mails().await;
        let ring = KeyRing::read(&t.data().join("keys")).expect("readable").expect("there");
        ring.rotate(&OsRandom::default()).expect("rotates");
        for (after, keys) in [(0, 2), (10 * 60 - 1, 2), (1, 1)] {
            t.clock.advance(Duration::from_secs(after));
            t.documents.rotated().await.expect("looks");
            assert_eq!(t.count("SELECT COUNT(*) FROM portal_keys WHERE retired_at IS NULL").await, keys);
        }
    }

    async fn a_code_under_a_fresh_key_works_where_the_keys_were_read_before(t: TestBackend) {
        let ring = KeyRing::read(&t.data().join("keys")).expect("readable").expect("there");
        ring.rotate(&OsRandom::default()).expect("rotates");
        let rotated = t.restarted(|_| {});
        let id = rotated.accounts.sign_up(&TestBackend::origin(), sign_up("ana@example.com")).await.expect("signs up");
        assert_eq!(rotated.outbox.deliver_next().await.expect("the outbox works"), Worked::Sent);
        let code = code_in(&t.mail.take()[0].text);
        t.accounts.confirm_code(&TestBackend::origin(), id, &code).await.expect("reads the keys again");
    }

    async fn a_code_from_before_hashes_named_their_key_still_works(t: TestBackend) {
        let id = t.accounts.sign_up(&TestBackend::origin(), sign_up("ana@example.com")).await.expect("signs up");
        let code = code_in(&t.newest_mail().await.text);
        let (named,): (String,) = sqlx::query_as("SELECT code_hash FROM sign_ups").fetch_one(&t.sql).await.expect("selects");
        let (_, bare) = named.split_once(':').expect("the id of a key, and a hash");
        sqlx::query("UPDATE sign_ups SET code_hash = $1").bind(bare).execute(&t.sql).await.expect("updates");
        let ring = KeyRing::read(&t.data().join("keys")).expect("readable").expect("there");
        ring.rotate(&OsRandom::default()).expect("rotates");
        t.restarted(|_| {}).accounts.confirm_code(&TestBackend::origin(), id, &code).await.expect("confirms");
    }

    async fn a_stranger_who_signed_up_with_an_address_does_not_know_the_password_of_its_owner(t: TestBackend) {
        let stranger = TestBackend::browser_at(STRANGER, None);
        let theirs = t.accounts.sign_up(&stranger, sign_up("ana@example.com")).await.expect("signs up");
        let secret = secret_in(&t.newest_mail().await.text, "/confirm/");

        let owner = TestBackend::browser_at("198.51.100.7", None);
        let shown = t.accounts.confirmation(&secret, None).await.expect("what it is for");
        assert_eq!((shown.email, shown.signed_up_here), (address("ana@example.com"), false));
        let bare = t.accounts.confirm_link(&owner, &secret, None, None).await;
        assert_eq!(refusal(bare), Some(ErrorCode::PasswordNeeded), "pressing the button is not enough");
        let name = Some(PersonName::parse("Ana Owner").expect("a name"));
        let mine = backend::accounts::Chosen { password: password("a password of mine"), name };
        t.accounts.confirm_link(&owner, &secret, None, Some(mine)).await.expect("the owner's account");

        assert_eq!(refusal(enter(&t, "ana@example.com", PASSWORD).await), Some(ErrorCode::SignInFailed));
        assert_eq!(refusal(t.accounts.confirm_code(&stranger, theirs, "000000").await), Some(ErrorCode::NothingToConfirm));
        assert!(t.accounts.pending(theirs).await.expect("asks").is_none());
        let entered = enter(&t, "ana@example.com", "a password of mine").await.expect("signs in");
        let id = [1; 16];
        t.sessions.create(&id, &entered, "{}", &owner).await.expect("a session");
        let me = t.sessions.person(&id).await.expect("asks").expect("signed in").me;
        assert_eq!(me.name.as_str(), "Ana Owner");
    }

    async fn the_browser_that_signed_up_needs_one_click(t: TestBackend) {
        let here = t.accounts.sign_up(&TestBackend::origin(), sign_up("ana@example.com")).await.expect("signs up");
        let other = t.accounts.sign_up(&TestBackend::origin(), sign_up("ben@example.com")).await.expect("signs up");
        let mails = t.sent_mails().await;
        let secret = secret_in(&mails[0].text, "/confirm/");
        let elsewhere = t.accounts.confirm_link(&TestBackend::origin(), &secret, Some(other), None).await;
        assert_eq!(refusal(elsewhere), Some(ErrorCode::PasswordNeeded), "another sign-up is no ground");
        assert!(t.accounts.confirmation(&secret, Some(here)).await.expect("what it is for").signed_up_here);
        t.accounts.confirm_link(&TestBackend::origin(), &secret, Some(here), None).await.expect("confirms");
        enter(&t, "ana@example.com", PASSWORD).await.expect("the password of the sign-up");
    }

    async fn a_link_says_whether_it_was_used_replaced_is_over_or_never_was(t: TestBackend) {
        let id = t.accounts.sign_up(&TestBackend::origin(), sign_up("ana@example.com")).await.expect("signs up");
        let replaced = secret_in(&t.newest_mail().await.text, "/confirm/");
        t.clock.advance(Duration::from_secs(61));
        t.accounts.resend(&TestBackend::origin(), id).await.expect("sends again");
        let used = secret_in(&t.newest_mail().await.text, "/confirm/");
        t.accounts.confirm_link(&TestBackend::origin(), &used, None, chosen(PASSWORD)).await.expect("confirms");
        t.accounts.sign_up(&TestBackend::origin(), sign_up("ben@example.com")).await.expect("signs up");
        let over = secret_in(&t.newest_mail().await.text, "/confirm/");
        t.clock.advance(Duration::from_secs(24 * 3600));
        t.accounts.forget_expired().await.expect("what is over stays a while");
        for (secret, expected) in [
            (used, ErrorCode::SecretUsed),
            (replaced, ErrorCode::SecretReplaced),
            (over, ErrorCode::SecretExpired),
            (PlainSecret::of_link("never-was"), ErrorCode::SecretSpent),
        ] {
            assert_eq!(refusal(t.accounts.confirmation(&secret, None).await), Some(expected));
            let confirmed = t.accounts.confirm_link(&TestBackend::origin(), &secret, None, chosen(PASSWORD)).await;
            assert_eq!(refusal(confirmed), Some(expected));
        }
    }

    async fn a_reset_link_says_the_same(t: TestBackend) {
        t.register(Role::Client, "ana@example.com").await;
        let (replaced, used) = (reset_link(&t, "ana@example.com").await, reset_link(&t, "ana@example.com").await);
        t.accounts.reset(&TestBackend::origin(), &used, password("a password of mine")).await.expect("resets");
        t.sent_mails().await;
        let over = reset_link(&t, "ana@example.com").await;
        t.clock.advance(Duration::from_secs(30 * 60));
        for (secret, expected) in [
            (used, ErrorCode::SecretUsed),
            (replaced, ErrorCode::SecretReplaced),
            (over, ErrorCode::SecretExpired),
            (PlainSecret::of_link("never-was"), ErrorCode::SecretSpent),
        ] {
            assert_eq!(refusal(t.accounts.reset_for(&secret).await), Some(expected));
            let reset = t.accounts.reset(&TestBackend::origin(), &secret, password("another of mine")).await;
            assert_eq!(refusal(reset), Some(expected));
        }
    }

    async fn of_many_confirmations_at_once_exactly_one_wins(t: TestBackend) {
        t.accounts.sign_up(&TestBackend::origin(), sign_up("ana@example.com")).await.expect("signs up");
        let secret = secret_in(&t.newest_mail().await.text, "/confirm/");
        let tries = (0..12).map(|_| {
            let (accounts, origin, secret) = (t.accounts.clone(), TestBackend::origin(), secret.clone());
            tokio::spawn(async move { accounts.confirm_link(&origin, &secret, None, chosen(PASSWORD)).await.is_ok() })
        });
        let mut won = 0;
        for one in tries.collect::<Vec<_>>() {
            won += usize::from(one.await.expect("runs"));
        }
        assert_eq!(won, 1);
    }

    async fn five_wrong_codes_leave_only_the_link(t: TestBackend) {
        let id = t.accounts.sign_up(&TestBackend::origin(), sign_up("ana@example.com")).await.expect("signs up");
        let mail = t.newest_mail().await;
        let code = code_in(&mail.text);
        let wrong = if code == "000000" { "000001" } else { "000000" };
        for _ in 0..5 {
            assert_eq!(refusal(t.accounts.confirm_code(&TestBackend::origin(), id, wrong).await), Some(ErrorCode::CodeWrong));
        }
        assert_eq!(refusal(t.accounts.confirm_code(&TestBackend::origin(), id, &code).await), Some(ErrorCode::CodeWrong), "too late");
        let secret = secret_in(&mail.text, "/confirm/");
        t.accounts.confirm_link(&TestBackend::origin(), &secret, Some(id), None).await.expect("the link still works");
    }

    async fn a_code_works_for_ten_minutes_and_the_link_goes_on(t: TestBackend) {
        let id = t.accounts.sign_up(&TestBackend::origin(), sign_up("ana@example.com")).await.expect("signs up");
        let mail = t.newest_mail().await;
        for body in [&mail.text, &mail.html] {
            assert!(body.contains("10 minutes") && body.contains("24 hours"), "{body}");
        }
        t.clock.advance(Duration::from_secs(10 * 60));
        let late = t.accounts.confirm_code(&TestBackend::origin(), id, &code_in(&mail.text)).await;
        assert_eq!(refusal(late), Some(ErrorCode::CodeExpired));
        t.accounts.resend(&TestBackend::origin(), id).await.expect("sends again");
        t.clock.advance(Duration::from_secs(10 * 60 - 1));
        let code = code_in(&t.newest_mail().await.text);
        t.accounts.confirm_code(&TestBackend::origin(), id, &code).await.expect("each sending has its own ten minutes");
    }
}
