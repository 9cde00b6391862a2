//! Who has access, after any sequence of what ops can do about it: the services and a model of a few lines agree.

use std::{collections::BTreeSet, env, time::Duration};

use backend::Caller;
use domain::{
    AccountId, DeliveryId, DocumentId, DocumentQuery, ErrorCode, OrganisationId, Role, Timestamp,
    delivery::{Audience, Draft, Terms},
};
use proptest::{
    collection::vec,
    option,
    prelude::{Just, Strategy, any, prop_oneof},
    test_runner::{Config, TestCaseError, TestRunner},
};
use testkit::TestBackend;

use crate::sending::deposit_for_nobody;

const DOCUMENTS: usize = 3;
const ORGANISATIONS: usize = 2;
const PEOPLE: usize = 3;

/// Sequences in an ordinary run; `STRONGROOM_SEQUENCES` asks for more.
const SEQUENCES: u32 = 60;

/// An audience, by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Whom {
    Everyone,
    Organisation(usize),
    Person(usize),
}

/// Milliseconds from the moment at which it is said.
#[derive(Clone, Copy, Debug)]
struct When {
    from: Option<i64>,
    until: Option<i64>,
}

#[derive(Clone, Debug)]
enum Step {
    Send {
        documents: BTreeSet<usize>,
        audiences: BTreeSet<Whom>,
        when: When,
        later_members: bool,
    },
    /// Of the deliveries that there are, the one at this place, counted round.
    Change {
        delivery: usize,
        when: When,
    },
    Revoke {
        delivery: usize,
    },
    Move {
        person: usize,
        to: Option<usize>,
    },
    Wait {
        millis: u64,
    },
}

fn when() -> impl Strategy<Value = When> {
    (option::of(-4_i64..8), option::of(-2_i64..16)).prop_map(|(from, until)| When { from, until })
}

fn whom() -> impl Strategy<Value = Whom> {
    prop_oneof![
        1 => Just(Whom::Everyone),
        3 => (0..ORGANISATIONS).prop_map(Whom::Organisation),
        3 => (0..PEOPLE).prop_map(Whom::Person),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let send = (vec(0..DOCUMENTS, 1..3), vec(whom(), 1..4), when(), any::<bool>());
    prop_oneof![
        4 => send.prop_map(|(documents, audiences, when, later_members)| Step::Send {
            documents: documents.into_iter().collect(),
            audiences: audiences.into_iter().collect(),
            when,
            later_members,
        }),
        2 => (0_usize..8, when()).prop_map(|(delivery, when)| Step::Change { delivery, when }),
        2 => (0_usize..8).prop_map(|delivery| Step::Revoke { delivery }),
        3 => (0..PEOPLE, option::of(0..ORGANISATIONS)).prop_map(|(person, to)| Step::Move { person, to }),
        3 => (1_u64..6).prop_map(|millis| Step::Wait { millis }),
    ]
}

/// A delivery as the model remembers it.
struct Sent {
    documents: BTreeSet<usize>,
    audiences: BTreeSet<Whom>,
    /// Of organisations only those who belonged to them then.
    members_of: Option<Timestamp>,
    terms: Terms,
    is_revoked: bool,
}

/// All that decides.
#[derive(Default)]
struct Model {
    /// To which organisation each person belongs, and since when.
    belongs: [Option<(usize, Timestamp)>; PEOPLE],
    sent: Vec<Sent>,
}

impl Model {
    fn has_access(&self, person: usize, document: usize, now: Timestamp) -> bool {
        self.sent.iter().any(|sent| {
            let belongs = |whom: &Whom| match *whom {
                Whom::Everyone => true,
                Whom::Person(one) => one == person,
                Whom::Organisation(organisation) => self.belongs[person].is_some_and(|(to, since)| {
                    to == organisation && sent.members_of.is_none_or(|moment| since <= moment)
                }),
            };
            let Terms { from, until } = sent.terms;
            let is_open = from.is_none_or(|from| from <= now) && until.is_none_or(|until| now < until);
            !sent.is_revoked && is_open && sent.documents.contains(&document) && sent.audiences.iter().any(belongs)
        })
    }
}

/// The same things for the services.
struct World {
    t: TestBackend,
    ops: Caller,
    documents: Vec<DocumentId>,
    organisations: Vec<OrganisationId>,
    sessions: Vec<[u8; 16]>,
    accounts: Vec<AccountId>,
}

impl World {
    async fn new(t: TestBackend) -> Self {
        let ops = t.ops().await;
        let (mut documents, mut organisations) = (Vec::new(), Vec::new());
        let (mut sessions, mut accounts) = (Vec::new(), Vec::new());
        for number in 0..DOCUMENTS {
            documents.push(deposit_for_nobody(&t, &ops, &format!("report {number}.docx")).await.id);
        }
        for number in 0..ORGANISATIONS {
            let name = format!("Organisation {number}").parse().expect("a name");
            organisations.push(t.organisations.create(&ops, &name).await.expect("is made").id);
        }
        for number in 0..PEOPLE {
            let client = t.account(Role::Client, &format!("client{number}@example.com")).await;
            sessions.push(t.session_of(&client).await);
            accounts.push(client.person().expect("somebody").id());
        }
        Self { t, ops, documents, organisations, sessions, accounts }
    }

    /// Goes through a sequence, and looks after each step who has access to what.
    async fn go_through(&self, steps: &[Step]) {
        let mut model = Model::default();
        let mut ids = Vec::new();
        for person in 0..PEOPLE {
            self.move_to(person, None).await;
        }
        for (done, step) in steps.iter().enumerate() {
            self.take(step, &mut model, &mut ids).await;
            self.compare(&model, &steps[..=done]).await;
        }
        for id in ids {
            self.t.deliveries.revoke(&self.ops, id).await.expect("is revoked");
        }
    }

    async fn take(&self, step: &Step, model: &mut Model, ids: &mut Vec<DeliveryId>) {
        let (deliveries, now) = (&self.t.deliveries, self.t.now());
        match step {
            Step::Send { documents, audiences, when, later_members } => {
                let terms = terms(*when, now);
                let to = audiences.iter().map(|whom| self.audience(*whom));
                let draft = Draft::of(documents.iter().map(|number| self.documents[*number]), to).expect("a draft");
                let draft = if *later_members { draft.on(terms) } else { draft.on(terms).for_present_members() };
                match deliveries.send(&self.ops, draft).await {
                    Ok(sent) => {
                        assert!(can_open(terms, now));
                        ids.push(sent.row.id);
                        model.sent.push(Sent {
                            documents: documents.clone(),
                            audiences: audiences.clone(),
                            members_of: (!later_members).then_some(now),
                            terms,
                            is_revoked: false,
                        });
                    }
                    Err(error) => {
                        assert_eq!(error.code(), Some(ErrorCode::InvalidTerms));
                        assert!(!can_open(terms, now));
                    }
                }
            }
            Step::Change { delivery, when } if !ids.is_empty() => {
                let (number, terms) = (delivery % ids.len(), terms(*when, now));
                let changed = deliveries.change_terms(&self.ops, ids[number], terms).await;
                let sent = &mut model.sent[number];
                let expected = if !can_open(terms, now) {
                    Some(ErrorCode::InvalidTerms)
                } else if sent.is_revoked {
                    Some(ErrorCode::DeliveryRevoked)
                } else {
                    sent.terms = terms;
                    None
                };
                assert_eq!(changed.err().and_then(|error| error.code()), expected);
            }
            Step::Revoke { delivery } if !ids.is_empty() => {
                let number = delivery % ids.len();
                deliveries.revoke(&self.ops, ids[number]).await.expect("is revoked");
                model.sent[number].is_revoked = true;
            }
            Step::Change { .. } | Step::Revoke { .. } => {}
            Step::Move { person, to } => {
                self.move_to(*person, *to).await;
                let stays = model.belongs[*person].map(|(organisation, _)| organisation) == *to;
                if !stays {
                    model.belongs[*person] = to.map(|organisation| (organisation, now));
                }
            }
            Step::Wait { millis } => self.t.clock.advance(Duration::from_millis(*millis)),
        }
    }

    async fn compare(&self, model: &Model, steps: &[Step]) {
        let now = self.t.now();
        for (person, session) in self.sessions.iter().enumerate() {
            let caller = self.t.caller_of(session).await;
            let listed = self.t.documents.list(&caller, &DocumentQuery::default()).await.expect("lists").rows;
            for (number, id) in self.documents.iter().enumerate() {
                let expected = model.has_access(person, number, now);
                let is_listed = listed.iter().any(|row| row.id == *id);
                let is_there = self.t.documents.get(&caller, *id).await.is_ok();
                assert_eq!(
                    (is_listed, is_there),
                    (expected, expected),
                    "person {person}, document {number}: {steps:#?}"
                );
            }
        }
    }

    async fn move_to(&self, person: usize, to: Option<usize>) {
        let to = to.map(|number| self.organisations[number]);
        self.t.organisations.move_person(&self.ops, self.accounts[person], to).await.expect("is moved");
    }

    fn audience(&self, whom: Whom) -> Audience {
        match whom {
            Whom::Everyone => Audience::Everyone,
            Whom::Organisation(number) => Audience::Organisation(self.organisations[number]),
            Whom::Person(number) => Audience::Person(self.accounts[number]),
        }
    }
}

fn terms(when: When, now: Timestamp) -> Terms {
    let at = |offset: i64| Timestamp::from_millis(now.millis() + offset);
    Terms { from: when.from.map(at), until: when.until.map(at) }
}

/// Whether there is a moment from now on at which it is open.
fn can_open(Terms { from, until }: Terms, now: Timestamp) -> bool {
    until.is_none_or(|until| now < until && from.is_none_or(|from| from < until))
}

testkit::on_both! {
    async fn services_and_model_agree_on_who_has_access(t: TestBackend) {
        let world = World::new(t).await;
        let cases = env::var("STRONGROOM_SEQUENCES").ok().and_then(|count| count.parse().ok()).unwrap_or(SEQUENCES);
        let runtime = tokio::runtime::Handle::current();
        tokio::task::block_in_place(|| {
            let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
            runner
                .run(&vec(step(), 1..14), |steps| {
                    let walk = std::panic::AssertUnwindSafe(|| runtime.block_on(world.go_through(&steps)));
                    std::panic::catch_unwind(walk).map_err(|_| TestCaseError::fail("they differ"))
                })
                .unwrap_or_else(|error| panic!("{error}"));
        });
    }
}
