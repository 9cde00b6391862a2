//! Deliveries to people and organisations: who has access by them, and what changes that.

use std::time::Duration;

use backend::{
    Caller,
    documents::Denied,
    intake::{Begun, Verdict},
};
use bytes::Bytes;
use domain::{
    AccountId, DeliveryId, DocumentId, DocumentQuery, ErrorCode, OrganisationId, Problem, Role,
    activity::Action,
    delivery::{Audience, DeliveryQuery, DeliveryState, Draft, Terms},
    document::DeadBecause,
    upload::DepositedFile,
};
use testkit::{START, TestBackend, office};

use crate::{collect, dead, denied, deposit, mint, open};

/// A document that nobody has been given yet.
pub(crate) async fn deposit_for_nobody(t: &TestBackend, ops: &Caller, name: &str) -> DepositedFile {
    let bytes = office::docx(name);
    let Begun::Started(mut upload) = t.uploads.begin(ops, name, None).await.expect("may upload") else {
        panic!("{name} was refused")
    };
    upload.deliver_to(None);
    upload.write(Bytes::from(bytes)).await.expect("written");
    match upload.finish().await.expect("finishes") {
        Verdict::Deposited(file) => file,
        Verdict::Rejected(rejected) => panic!("refused: {rejected:?}"),
    }
}

fn id(caller: &Caller) -> AccountId {
    caller.person().expect("somebody").id()
}

fn person(caller: &Caller) -> Audience {
    Audience::Person(id(caller))
}

fn draft(documents: &[DocumentId], audiences: &[Audience]) -> Draft {
    Draft::of(documents.iter().copied(), audiences.iter().copied()).expect("a draft")
}

async fn send(t: &TestBackend, ops: &Caller, documents: &[DocumentId], audiences: &[Audience]) -> DeliveryId {
    t.deliveries.send(ops, draft(documents, audiences)).await.expect("is sent").row.id
}

async fn organisation(t: &TestBackend, ops: &Caller, name: &str) -> OrganisationId {
    t.organisations.create(ops, &name.parse().expect("a name")).await.expect("is made").id
}

/// Puts a person into an organisation, or into none, and gives back who they are from the next request on.
async fn moved(t: &TestBackend, ops: &Caller, caller: &Caller, to: Option<OrganisationId>) -> Caller {
    t.organisations.move_person(ops, id(caller), to).await.expect("is moved");
    let email = caller.person().expect("somebody").me.email.to_string();
    t.account(Role::Client, &email).await
}

/// Whether a document is in somebody's list; looking it up and minting have to agree.
async fn sees(t: &TestBackend, caller: &Caller, document: DocumentId) -> bool {
    let listed = t.documents.list(caller, &DocumentQuery::default()).await.expect("lists").rows;
    let listed = listed.iter().any(|row| row.id == document);
    assert_eq!(t.documents.get(caller, document).await.is_ok(), listed);
    assert_eq!(t.links.mint(caller, document).await.is_ok(), listed);
    listed
}

fn problem<T: std::fmt::Debug>(result: backend::Result<T>) -> Problem {
    result.expect_err("refused").into_problem()
}

testkit::on_both! {
    async fn what_is_delivered_to_one_person_is_theirs_alone(t: TestBackend) {
        let (ops, ana, ben) = (t.ops().await, t.client().await, t.other_client().await);
        let file = deposit_for_nobody(&t, &ops, "report.docx").await;
        assert!(!sees(&t, &ana, file.id).await && sees(&t, &ops, file.id).await);
        let delivery = send(&t, &ops, &[file.id], &[person(&ana)]).await;
        assert!(sees(&t, &ana, file.id).await && !sees(&t, &ben, file.id).await);
        let link = mint(&t, &ana, file.id).await;
        assert!(matches!(denied(&t, &ben, &link).await, Denied::Refused(_)), "a link is for its account");
        collect(&t, &ana, file.id).await;

        t.deliveries.revoke(&ops, delivery).await.expect("is revoked");
        t.deliveries.revoke(&ops, delivery).await.expect("once is enough");
        assert_eq!(t.recorded(Action::DeliveryRevoked).await, 1);
        assert!(!sees(&t, &ana, file.id).await);
        assert_eq!(dead(denied(&t, &ana, &link).await).because, DeadBecause::Revoked);
    }

    async fn members_of_an_organisation_see_its_deliveries_for_as_long_as_they_belong_to_it(t: TestBackend) {
        let (ops, ana, ben) = (t.ops().await, t.client().await, t.other_client().await);
        let (acme, rival) = (organisation(&t, &ops, "Acme & Sons").await, organisation(&t, &ops, "Rival").await);
        let file = deposit_for_nobody(&t, &ops, "report.docx").await;
        let ana = moved(&t, &ops, &ana, Some(acme)).await;
        let ben = moved(&t, &ops, &ben, Some(rival)).await;
        send(&t, &ops, &[file.id], &[Audience::Organisation(acme)]).await;
        assert!(sees(&t, &ana, file.id).await && !sees(&t, &ben, file.id).await);

        let link = mint(&t, &ana, file.id).await;
        let left = moved(&t, &ops, &ana, None).await;
        assert!(!sees(&t, &left, file.id).await);
        assert_eq!(dead(denied(&t, &left, &link).await).because, DeadBecause::Revoked, "at the next byte request");
        let joined = moved(&t, &ops, &ben, Some(acme)).await;
        assert!(sees(&t, &joined, file.id).await, "later members see what was delivered before");
        t.organisations.move_person(&ops, id(&joined), Some(acme)).await.expect("nothing to do");
        assert_eq!(t.recorded(Action::PersonMoved).await, 4);
    }

    async fn a_delivery_for_those_who_belong_to_an_organisation_now_is_not_for_later_members(t: TestBackend) {
        let (ops, ana, ben) = (t.ops().await, t.client().await, t.other_client().await);
        let acme = organisation(&t, &ops, "Acme").await;
        let file = deposit_for_nobody(&t, &ops, "report.docx").await;
        let ana = moved(&t, &ops, &ana, Some(acme)).await;
        t.clock.advance(Duration::from_secs(1));
        let only_now = draft(&[file.id], &[Audience::Organisation(acme)]).for_present_members();
        t.deliveries.send(&ops, only_now).await.expect("is sent");
        t.clock.advance(Duration::from_secs(1));
        let ben = moved(&t, &ops, &ben, Some(acme)).await;
        assert!(sees(&t, &ana, file.id).await && !sees(&t, &ben, file.id).await);
        let back = {
            moved(&t, &ops, &ana, None).await;
            moved(&t, &ops, &ana, Some(acme)).await
        };
        assert!(!sees(&t, &back, file.id).await, "whoever comes back is a later member");
        send(&t, &ops, &[file.id], &[person(&ben)]).await;
        assert!(sees(&t, &ben, file.id).await, "another delivery gives it all the same");
    }

    async fn a_delivery_is_sent_whole_or_not_at_all(t: TestBackend) {
        let (ops, ana) = (t.ops().await, t.client().await);
        let file = deposit_for_nobody(&t, &ops, "report.docx").await;
        let gone = deposit_for_nobody(&t, &ops, "gone.docx").await;
        t.documents.delete_unconfirmed(&ops, gone.id).await.expect("deleted");
        let nobody = || t.random_id();
        let strangers = [
            Audience::Person(AccountId::new(nobody())),
            Audience::Organisation(OrganisationId::new(nobody())),
            // An id of the other kind names nothing.
            Audience::Organisation(OrganisationId::new(id(&ana).uuid())),
        ];
        for stranger in strangers {
            let refused = problem(t.deliveries.send(&ops, draft(&[file.id], &[person(&ana), stranger])).await);
            assert_eq!((refused.code, refused.field.as_deref()), (ErrorCode::UnknownRecipient, Some("audiences")));
        }
        for absent in [gone.id, DocumentId::new(nobody())] {
            let refused = problem(t.deliveries.send(&ops, draft(&[file.id, absent], &[person(&ana)])).await);
            assert_eq!((refused.code, refused.field.as_deref()), (ErrorCode::NotFound, Some("documents")));
        }
        let past = Terms { from: None, until: Some(START) };
        let refused = problem(t.deliveries.send(&ops, draft(&[file.id], &[person(&ana)]).on(past)).await);
        assert_eq!((refused.code, refused.field.as_deref()), (ErrorCode::InvalidTerms, Some("until")));
        let rows = "SELECT (SELECT COUNT(*) FROM deliveries) + (SELECT COUNT(*) FROM delivery_documents) \
             + (SELECT COUNT(*) FROM delivery_audiences) + (SELECT COUNT(*) FROM grants)";
        assert_eq!(t.count(rows).await, 0);
        assert_eq!(t.recorded(Action::Delivered).await, 0);
        assert!(!sees(&t, &ana, file.id).await);
    }

    async fn terms_can_be_changed_also_after_the_end_and_not_after_a_revocation(t: TestBackend) {
        let (ops, ana) = (t.ops().await, t.client().await);
        let file = deposit_for_nobody(&t, &ops, "report.docx").await;
        let at = |seconds: u64| Some(START.after(Duration::from_secs(seconds)));
        let terms = Terms { from: at(10), until: at(20) };
        let sent = t.deliveries.send(&ops, draft(&[file.id], &[person(&ana)]).on(terms)).await.expect("is sent");
        let delivery = sent.row.id;
        let state = async || t.deliveries.get(&ops, delivery).await.expect("is there").row.state;
        assert_eq!((state().await, sees(&t, &ana, file.id).await), (DeliveryState::Waiting, false));
        t.clock.advance(Duration::from_secs(10));
        assert_eq!((state().await, sees(&t, &ana, file.id).await), (DeliveryState::Open, true));
        let link = mint(&t, &ana, file.id).await;
        t.clock.advance(Duration::from_secs(10));
        assert_eq!((state().await, sees(&t, &ana, file.id).await), (DeliveryState::Over, false));
        assert_eq!(dead(denied(&t, &ana, &link).await).because, DeadBecause::Expired);

        t.deliveries.change_terms(&ops, delivery, Terms { from: None, until: at(90) }).await.expect("is extended");
        assert_eq!((state().await, sees(&t, &ana, file.id).await), (DeliveryState::Open, true));
        open(&t, &ana, &mint(&t, &ana, file.id).await).await;
        t.deliveries.change_terms(&ops, delivery, Terms { from: at(80), until: None }).await.expect("is put off");
        assert_eq!((state().await, sees(&t, &ana, file.id).await), (DeliveryState::Waiting, false));
        let refused = problem(t.deliveries.change_terms(&ops, delivery, Terms { from: at(80), until: at(80) }).await);
        assert_eq!(refused.code, ErrorCode::InvalidTerms);
        assert_eq!(t.recorded(Action::DeliveryChanged).await, 2);

        t.deliveries.revoke(&ops, delivery).await.expect("is revoked");
        let refused = problem(t.deliveries.change_terms(&ops, delivery, Terms::default()).await);
        assert_eq!((refused.code, state().await), (ErrorCode::DeliveryRevoked, DeliveryState::Revoked));
        let unknown = DeliveryId::new(t.random_id());
        for refused in [
            problem(t.deliveries.revoke(&ops, unknown).await),
            problem(t.deliveries.change_terms(&ops, unknown, Terms::default()).await),
            problem(t.deliveries.get(&ops, unknown).await),
        ] {
            assert_eq!(refused.code, ErrorCode::NotFound);
        }
    }

    async fn only_ops_deliver_and_read_what_was_delivered(t: TestBackend) {
        let (ops, ana) = (t.ops().await, t.client().await);
        let file = deposit_for_nobody(&t, &ops, "report.docx").await;
        let delivery = send(&t, &ops, &[file.id], &[person(&ana)]).await;
        for (caller, code) in [(&ana, ErrorCode::OpsOnly), (&TestBackend::nobody(), ErrorCode::NotSignedIn)] {
            for refused in [
                problem(t.deliveries.send(caller, draft(&[file.id], &[Audience::Everyone])).await),
                problem(t.deliveries.change_terms(caller, delivery, Terms::default()).await),
                problem(t.deliveries.revoke(caller, delivery).await),
                problem(t.deliveries.get(caller, delivery).await),
                problem(t.deliveries.list(caller, &DeliveryQuery::default()).await),
            ] {
                assert_eq!(refused.code, code);
            }
        }
        assert_eq!(t.deliveries.get(&ops, delivery).await.expect("is there").row.state, DeliveryState::Open);
    }

    async fn a_list_tells_what_was_sent_newest_first_and_finds_documents_and_recipients(t: TestBackend) {
        let (ops, ana) = (t.ops().await, t.register(Role::Client, "ana@example.com").await);
        let acme = organisation(&t, &ops, "Müller & Söhne").await;
        let (a, b) = (deposit_for_nobody(&t, &ops, "Übersicht.docx").await, deposit_for_nobody(&t, &ops, "b.docx").await);
        let mut sent = Vec::new();
        for (documents, audiences) in [
            (vec![a.id], vec![person(&ana)]),
            (vec![a.id, b.id], vec![Audience::Organisation(acme), person(&ana)]),
            (vec![b.id], vec![Audience::Everyone]),
        ] {
            sent.push(send(&t, &ops, &documents, &audiences).await);
            t.clock.advance(Duration::from_secs(1));
        }
        t.deliveries.revoke(&ops, sent[2]).await.expect("is revoked");
        let found = async |q: &str, state: &str| {
            let query = DeliveryQuery::parse(q, state, "", "").expect("a query");
            let rows = t.deliveries.list(&ops, &query).await.expect("lists").rows;
            rows.iter().map(|row| sent.iter().position(|id| *id == row.id).expect("sent")).collect::<Vec<_>>()
        };
        assert_eq!(found("", "").await, [2, 1, 0]);
        assert_eq!(found("ubersicht", "").await, [1, 0]);
        assert_eq!(found("muller", "").await, [1]);
        assert_eq!(found("ana@example.com", "").await, [1, 0]);
        assert_eq!((found("", "revoked").await, found("", "open").await), (vec![2], vec![1, 0]));
        assert_eq!((found("", "over").await, found("", "waiting").await), (vec![], vec![]));

        let page = t.deliveries.list(&ops, &DeliveryQuery::parse("", "", "", "2").expect("a query")).await.expect("lists");
        let next = page.next.expect("there is more").to_string();
        let page = t.deliveries.list(&ops, &DeliveryQuery::parse("", "", &next, "2").expect("a query")).await.expect("lists");
        assert_eq!((page.rows.len(), page.next, page.rows[0].id), (1, None, sent[0]));

        let detail = t.deliveries.get(&ops, sent[1]).await.expect("is there");
        assert_eq!((detail.row.document_count, detail.row.audience_count), (2, 2));
        let names: Vec<_> = detail.recipients.iter().map(|recipient| recipient.name.as_str()).collect();
        assert_eq!(names, ["ana", "Müller & Söhne"]);
        assert_eq!(detail.documents.iter().map(|document| document.name.as_str()).collect::<Vec<_>>(), ["b.docx", "Übersicht.docx"]);
        let row = t.deliveries.get(&ops, sent[2]).await.expect("is there").row;
        assert_eq!((row.first_audience.as_deref(), row.sender.as_str()), (Some("Everyone"), "ops"));
        let event = "SELECT COUNT(*) FROM activity WHERE action = 'delivery.sent' AND delivery_id IS NOT NULL";
        assert_eq!(t.count(event).await, 3);
    }

    async fn a_delivery_to_many_names_each_of_them(t: TestBackend) {
        let ops = t.ops().await;
        let file = deposit_for_nobody(&t, &ops, "report.docx").await;
        let mut people = Vec::new();
        for number in 0..1_203 {
            people.push(t.account(Role::Client, &format!("client{number}@example.com")).await);
        }
        let audiences: Vec<_> = people.iter().map(person).collect();
        let delivery = send(&t, &ops, &[file.id], &audiences).await;
        let detail = t.deliveries.get(&ops, delivery).await.expect("is there");
        assert_eq!((detail.row.audience_count, detail.recipients.len()), (1_203, 500));
        assert_eq!(t.count("SELECT COUNT(*) FROM grants").await, 1_203);
        assert!(sees(&t, people.last().expect("the last"), file.id).await);
    }

    async fn organisations_have_names_that_nobody_takes_for_each_other(t: TestBackend) {
        let (ops, ana) = (t.ops().await, t.client().await);
        let acme = organisation(&t, &ops, "Acme  Söhne").await;
        let rival = organisation(&t, &ops, "Rival").await;
        for name in ["acme sohne", "ACME SÖHNE"] {
            let name = name.parse().expect("a name");
            assert_eq!(problem(t.organisations.create(&ops, &name).await).code, ErrorCode::OrganisationExists);
            assert_eq!(problem(t.organisations.rename(&ops, rival, &name).await).code, ErrorCode::OrganisationExists);
        }
        t.organisations.rename(&ops, acme, &"ACME Söhne".parse().expect("a name")).await.expect("its own name");
        moved(&t, &ops, &ana, Some(acme)).await;
        let found = t.organisations.list(&ops, &Default::default()).await.expect("lists").rows;
        let told: Vec<_> = found.iter().map(|row| (row.name.as_str(), row.people)).collect();
        assert_eq!(told, [("ACME Söhne", 1), ("Rival", 0)]);
        let unknown = OrganisationId::new(t.random_id());
        let name = "Other".parse().expect("a name");
        assert_eq!(problem(t.organisations.rename(&ops, unknown, &name).await).code, ErrorCode::NotFound);
        for to in [Some(unknown), None] {
            let whom = if to.is_some() { id(&ana) } else { AccountId::new(t.random_id()) };
            assert_eq!(problem(t.organisations.move_person(&ops, whom, to).await).code, ErrorCode::NotFound);
        }
        for caller in [&ana, &TestBackend::nobody()] {
            assert!(t.organisations.list(caller, &Default::default()).await.is_err());
            assert!(t.organisations.create(caller, &name).await.is_err());
            assert!(t.organisations.rename(caller, acme, &name).await.is_err());
            assert!(t.organisations.move_person(caller, id(&ana), Some(rival)).await.is_err());
        }
        assert_eq!(t.organisations.get(&ops, acme).await.expect("is there").people, 1);
    }

    async fn grants_are_what_deliveries_give_to_members_too(t: TestBackend) {
        let (ops, ana) = (t.ops().await, t.client().await);
        let acme = organisation(&t, &ops, "Acme").await;
        let file = deposit(&t, &ops, "a.docx", &office::docx("a")).await;
        let only_now = draft(&[file.id], &[Audience::Organisation(acme), person(&ana)]).for_present_members();
        t.deliveries.send(&ops, only_now).await.expect("is sent");
        let differing = "SELECT COUNT(*) FROM (SELECT delivery_id, document_id, audience, members_of, from_at, until_at \
             FROM grants EXCEPT SELECT delivery_id, document_id, audience, members_of, from_at, until_at FROM delivered) x";
        assert_eq!((t.count("SELECT COUNT(*) FROM grants").await, t.count(differing).await), (3, 0));
        let members = "SELECT COUNT(*) FROM grants WHERE members_of IS NOT NULL";
        assert_eq!(t.count(members).await, 1, "people are named, and need not be members");
    }
}
