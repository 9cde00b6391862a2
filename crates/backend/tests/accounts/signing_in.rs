//! Who is let in, and what the others are told.

use domain::{ErrorCode, Role, account::SignUp};
use testkit::{TestBackend, on_both};

use crate::{PASSWORD, STRANGER, code_in, enter, refusal, sign_up};

/// "müde kleine boote" with its ü as one character, and as u with a mark.
const COMPOSED: &str = "m\u{FC}de kleine boote";
const DECOMPOSED: &str = "mu\u{308}de kleine boote";

on_both! {
    async fn wrong_unknown_unconfirmed_and_nonsense_are_refused_alike(t: TestBackend) {
        t.register(Role::Client, "ana@example.com").await;
        t.accounts.sign_up(&TestBackend::origin(), sign_up("ben@example.com")).await.expect("signs up");
        for (email, password) in [
            ("ana@example.com", "not the password"),
            ("nobody@example.com", PASSWORD),
            ("ben@example.com", PASSWORD),
            ("ben@example.com", "not the password"),
            ("ana", PASSWORD),
            ("", ""),
        ] {
            let error = enter(&t, email, password).await.expect_err(email);
            assert_eq!(error.into_problem(), ErrorCode::SignInFailed.into(), "{email:?}");
        }
    }

    async fn a_password_is_the_same_from_every_keyboard(t: TestBackend) {
        let input = SignUp::parse("Ana", "ana@example.com", DECOMPOSED.to_owned()).expect("valid");
        let id = t.accounts.sign_up(&TestBackend::origin(), input).await.expect("signs up");
        let code = code_in(&t.newest_mail().await.text);
        t.accounts.confirm_code(&TestBackend::origin(), id, &code).await.expect("confirms");
        for typed in [COMPOSED, DECOMPOSED] {
            enter(&t, "ana@example.com", typed).await.expect("signs in");
        }
    }

    async fn a_hash_of_another_cost_is_made_anew_when_its_password_is_there(t: TestBackend) {
        t.register(Role::Client, "ana@example.com").await;
        let stored = || async {
            let (hash,): (String,) =
                sqlx::query_as("SELECT password_hash FROM accounts").fetch_one(&t.sql).await.expect("reads");
            hash
        };
        let before = stored().await;
        let dearer = t.restarted(|settings| settings.password_cost.memory_kib = 16);
        dearer.accounts.sign_in(&TestBackend::origin(), "ana@example.com", testkit::PASSWORD).await.expect("signs in");
        assert!(stored().await.contains("m=16") && before.contains("m=8"));
        enter(&t, "ana@example.com", testkit::PASSWORD).await.expect("still the password");
    }

    async fn what_was_typed_in_place_of_an_address_is_not_kept(t: TestBackend) {
        let outcome = t.accounts.sign_in(&TestBackend::origin_at(STRANGER), "my secret passphrase", "").await;
        assert_eq!(refusal(outcome), Some(ErrorCode::SignInFailed));
        t.write_notes().await.expect("writes");
        assert!(!t.everything_stored().await.contains("passphrase"));
    }
}
