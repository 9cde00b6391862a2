//! The problems that every operation of a kind can answer with, described once and not at each.

use utoipa::{
    Modify,
    openapi::{Content, OpenApi, Ref, RefOr, Response, ResponseBuilder, path::Operation},
};

use crate::problem::PROBLEM_JSON;

/// Describes problems as what they are, and adds those that come from the layers around an operation.
pub(super) struct Problems;

const SCHEMA: &str = "ProblemBody";
const JSON: &str = "application/json";

/// Whatever is asked for.
const ALWAYS: &[Answer] = &[
    ("429", "Too many attempts; `Retry-After` says when to come back."),
    ("500", "A defect; `request_id` leads to its cause in the log."),
    ("503", "The server is busy, or something it depends on does not answer."),
];
/// Where a token is needed.
const WITH_TOKEN: &[Answer] = &[("401", "No valid token.")];
/// Where something changes.
const CHANGES: &[Answer] =
    &[("403", "The request came from a page of another site."), ("507", "There is no room left on the server.")];
/// Where a body is sent.
const WITH_BODY: &[Answer] = &[
    ("400", "The body cannot be read."),
    ("408", "The body did not arrive in time."),
    ("413", "The body is too large."),
    ("415", "The body is of another type than the one described."),
];

/// A status, and when it comes.
type Answer = (&'static str, &'static str);

impl Modify for Problems {
    fn modify(&self, api: &mut OpenApi) {
        for item in api.paths.paths.values_mut() {
            let operations =
                [(&mut item.get, false), (&mut item.post, true), (&mut item.put, true), (&mut item.delete, true)];
            for (operation, changes) in operations {
                if let Some(operation) = operation {
                    describe(operation, changes);
                }
            }
        }
    }
}

fn describe(operation: &mut Operation, changes: bool) {
    let answers = &mut operation.responses.responses;
    for answer in answers.values_mut() {
        if let RefOr::T(answer) = answer {
            call_problems_by_their_type(answer);
        }
    }
    let applies = [
        (ALWAYS, true),
        (WITH_TOKEN, operation.security.is_some()),
        (CHANGES, changes),
        (WITH_BODY, operation.request_body.is_some()),
    ];
    let usual = applies.into_iter().filter(|(_, applies)| *applies).flat_map(|(answers, _)| answers);
    for (status, description) in usual {
        answers.entry((*status).to_owned()).or_insert_with(|| {
            let body = Content::new(Some(Ref::from_schema_name(SCHEMA)));
            RefOr::T(ResponseBuilder::new().description(*description).content(PROBLEM_JSON, body).build())
        });
    }
}

/// Responses name the schema; that a problem has a media type of its own (RFC 9457) is said here.
fn call_problems_by_their_type(answer: &mut Response) {
    if answer.content.get(JSON).is_some_and(is_problem)
        && let Some(content) = answer.content.shift_remove(JSON)
    {
        answer.content.insert(PROBLEM_JSON.to_owned(), content);
    }
}

fn is_problem(content: &RefOr<Content>) -> bool {
    match content {
        RefOr::T(Content { schema: Some(RefOr::Ref(schema)), .. }) => *schema == Ref::from_schema_name(SCHEMA),
        _ => false,
    }
}
