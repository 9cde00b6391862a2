//! How ops accounts come to be, on both databases.

use std::time::Duration;

use domain::{Email, ErrorCode, PersonName, PlainPassword, PlainSecret, Role, account::TeamMember};
use testkit::{TestBackend, on_both};

fn email(text: &str) -> Email {
    Email::parse(text).expect("a valid address")
}

fn name() -> PersonName {
    PersonName::parse("Ben Okri").expect("a valid name")
}

fn password() -> PlainPassword {
    PlainPassword::parse("correct horse battery staple").expect("a valid password")
}

fn invitation_in(text: &str) -> PlainSecret {
    let at = text.find("/invite/").expect("an invitation") + "/invite/".len();
    PlainSecret::presented(text[at..].split_whitespace().next().expect("a secret"))
}

on_both! {
    async fn the_set_up_link_makes_the_first_ops_and_no_second(t: TestBackend) {
        let first = t.team.setup_secret().await.expect("asks").expect("no ops yet");
        let second = t.team.setup_secret().await.expect("asks").expect("still no ops");
        let stale = t.team.invitation(&first).await.expect_err("replaced");
        assert_eq!(stale.code(), Some(ErrorCode::SecretReplaced));
        assert_eq!(t.team.invitation(&second).await.expect("open"), None);

        let nameless = t.team.accept(&TestBackend::origin(), &second, None, &name(), &password()).await.expect_err("no address");
        assert_eq!(nameless.code(), Some(ErrorCode::InvalidEmail));
        t.team.accept(&TestBackend::origin(), &second, Some(email("ben@example.com")), &name(), &password()).await.expect("sets up");
        assert!(t.team.setup_secret().await.expect("asks").is_none());
        let again = t.team.accept(&TestBackend::origin(), &second, Some(email("eve@example.com")), &name(), &password()).await;
        assert_eq!(again.expect_err("spent").code(), Some(ErrorCode::SecretUsed));
    }

    async fn an_open_set_up_link_is_worth_nothing_once_ops_exist(t: TestBackend) {
        let secret = t.team.setup_secret().await.expect("asks").expect("no ops yet");
        t.team.create_ops(email("ben@example.com"), name(), password()).await.expect("on the command line");
        let late = t.team.accept(&TestBackend::origin(), &secret, Some(email("eve@example.com")), &name(), &password()).await;
        assert_eq!(late.expect_err("too late").code(), Some(ErrorCode::SecretReplaced));
    }

    async fn ops_invite_ops_and_the_invited_choose_their_password(t: TestBackend) {
        let ops = t.register(Role::Ops, "ops@example.com").await;
        t.team.invite(&ops, &email("ben@example.com")).await.expect("invites");
        let secret = invitation_in(&t.newest_mail().await.text);
        assert_eq!(t.team.invitation(&secret).await.expect("open"), Some(email("ben@example.com")));

        // The address is the invitation's, whatever the form says.
        t.team.accept(&TestBackend::origin(), &secret, Some(email("eve@example.com")), &name(), &password()).await.expect("accepts");
        let members = t.team.members(&ops).await.expect("lists");
        let joined = |who: &str| members.iter().any(|m| matches!(m, TeamMember::Joined { email, .. } if email.as_str() == who));
        assert!(joined("ben@example.com") && !joined("eve@example.com"));
    }

    async fn an_invitation_can_be_withdrawn_replaced_and_runs_out(t: TestBackend) {
        let ops = t.register(Role::Ops, "ops@example.com").await;
        let mut secrets = Vec::new();
        for _ in 0..2 {
            t.team.invite(&ops, &email("ben@example.com")).await.expect("invites");
            secrets.push(invitation_in(&t.newest_mail().await.text));
        }
        assert!(t.team.invitation(&secrets[0]).await.is_err(), "replaced");
        let open = t.team.members(&ops).await.expect("lists");
        let id = open.iter().find_map(|m| match m { TeamMember::Invited { id, .. } => Some(*id), TeamMember::Joined { .. } => None });
        t.team.withdraw(&ops, id.expect("one is open")).await.expect("withdraws");
        assert!(t.team.invitation(&secrets[1]).await.is_err(), "withdrawn");

        t.team.invite(&ops, &email("ben@example.com")).await.expect("invites again");
        let third = invitation_in(&t.newest_mail().await.text);
        t.clock.advance(Duration::from_secs(3 * 24 * 3600));
        assert!(t.team.invitation(&third).await.is_err(), "over");
    }

    async fn clients_have_no_say_in_the_team(t: TestBackend) {
        let client = t.register(Role::Client, "ana@example.com").await;
        let error = t.team.invite(&client, &email("eve@example.com")).await.expect_err("refused");
        assert_eq!(error.code(), Some(ErrorCode::OpsOnly));
        assert!(t.team.members(&client).await.is_err());
        assert!(t.sent_mails().await.is_empty());
    }

    async fn an_address_with_an_account_cannot_be_invited(t: TestBackend) {
        let ops = t.register(Role::Ops, "ops@example.com").await;
        t.register(Role::Client, "ana@example.com").await;
        let error = t.team.invite(&ops, &email("ana@example.com")).await.expect_err("taken");
        assert_eq!(error.code(), Some(ErrorCode::AddressTaken));
    }
}
