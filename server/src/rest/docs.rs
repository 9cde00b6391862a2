//! The description of the API, made from its own types, and a page that shows it.

use std::sync::LazyLock;

use axum::{Json, extract::State, response::Html};
use maud::{Markup, html};
use serde_json::Value;
use utoipa::{
    Modify, OpenApi,
    openapi::{
        self,
        security::{Http, HttpAuthScheme, SecurityScheme},
    },
};

use super::answers::Problems;
use utoipa_axum::router::OpenApiRouter;

use crate::{html::document, state::AppState};

/// The API as an OpenAPI document, made from the routes that there are.
static DESCRIPTION: LazyLock<openapi::OpenApi> = LazyLock::new(|| {
    let outline = OpenApiRouter::with_openapi(Outline::openapi());
    let mut api = outline.merge(super::routes()).merge(super::depositing()).into_openapi();
    BearerToken.modify(&mut api);
    Problems.modify(&mut api);
    api
});

/// What no route says.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Strongroom",
        description = "Deliver Office documents to clients, and collect them. Errors are RFC 9457 problems whose \
                       `code` never changes. Send the token of `POST /api/v1/login` as `Authorization: Bearer …`."
    ),
    components(schemas(domain::DocumentSort))
)]
struct Outline;

struct BearerToken;

impl Modify for BearerToken {
    fn modify(&self, api: &mut openapi::OpenApi) {
        let scheme = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        api.components.get_or_insert_default().add_security_scheme("token", scheme);
    }
}

/// `GET /api/v1/openapi.json`.
pub async fn json() -> Json<&'static openapi::OpenApi> {
    Json(&DESCRIPTION)
}

/// `GET /api/v1/docs`: the same, for people.
pub async fn page(State(state): State<AppState>) -> Html<String> {
    let spec = serde_json::to_value(&*DESCRIPTION).unwrap_or_default();
    document(&state, "API", &rendered(&spec))
}

fn rendered(spec: &Value) -> Markup {
    let operations =
        entries(&spec["paths"]).flat_map(|(path, item)| entries(item).map(move |(method, it)| (path, method, it)));
    html! {
        p { (with_code(&spec["info"]["description"])) }
        p { "As a file: " a href="/api/v1/openapi.json" { "openapi.json" } }
        @for (path, method, operation) in operations.filter(|(_, _, it)| it.get("responses").is_some()) {
            (endpoint(path, method, operation))
        }
        h2 { "Objects" }
        @for (name, schema) in entries(&spec["components"]["schemas"]) { (object(name, schema)) }
    }
}

fn endpoint(path: &str, method: &str, operation: &Value) -> Markup {
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    let parameters = parameters.map(|it| (format!("{} ({})", text(&it["name"]), text(&it["in"])), &it["description"]));
    let answers = entries(&operation["responses"]).map(|(status, answer)| (status.to_owned(), &answer["description"]));
    html! {
        h2 {
            code { (method.to_uppercase()) " " (path) }
            @if operation.get("security").is_some() { " " span.badge { "token" } }
        }
        p { (with_code(&operation["summary"])) }
        (table("Parameter", &parameters.collect::<Vec<_>>()))
        @for (kind, content) in entries(&operation["requestBody"]["content"]) {
            p { "Body: " (type_of(&content["schema"])) " as " code { (kind) } }
        }
        (table("Status", &answers.collect::<Vec<_>>()))
    }
}

fn object(name: &str, schema: &Value) -> Markup {
    let values = schema["enum"].as_array().map(|values| values.iter().map(|value| html! { code { (text(value)) } }));
    // An object that has another's fields, too, is described as all of several.
    let parts = schema["allOf"].as_array().into_iter().flatten();
    let others: Vec<_> = parts.clone().filter(|part| part.get("$ref").is_some()).map(type_of).collect();
    let fields: Vec<_> = parts.chain([schema]).flat_map(|part| entries(&part["properties"])).collect();
    html! {
        h3 id=(name) { code { (name) } }
        p { (with_code(&schema["description"])) }
        @if let Some(values) = values { p { "One of " (joined(values, ", ")) } }
        @if !others.is_empty() { p { "Has the fields of " (joined(others, " and ")) ", and these:" } }
        @if !fields.is_empty() {
            table {
                thead { tr { th { "Field" } th { "Type" } th { "Meaning" } } }
                tbody {
                    @for (name, field) in fields {
                        tr { td { code { (name) } } td { (type_of(field)) } td { (with_code(&field["description"])) } }
                    }
                }
            }
        }
    }
}

fn table(first: &str, rows: &[(String, &Value)]) -> Markup {
    html! {
        @if !rows.is_empty() {
            table {
                thead { tr { th { (first) } th { "Meaning" } } }
                tbody { @for (name, meaning) in rows { tr { td { code { (name) } } td { (with_code(meaning)) } } } }
            }
        }
    }
}

/// A type in words: a link to an object, `array of …`, or the name of a plain type.
fn type_of(schema: &Value) -> Markup {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.rsplit('/').next().unwrap_or(reference);
        return html! { a href={ "#" (name) } { (name) } };
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        return joined(choices.iter().map(type_of), " or ");
    }
    match &schema["type"] {
        Value::String(kind) if kind == "array" => html! { "array of " (type_of(&schema["items"])) },
        Value::String(kind) => html! { (kind) },
        Value::Array(kinds) => joined(kinds.iter().map(|kind| html! { (text(kind)) }), " or "),
        _ => html! { "any" },
    }
}

fn joined(parts: impl IntoIterator<Item = Markup>, between: &str) -> Markup {
    html! { @for (i, part) in parts.into_iter().enumerate() { @if i > 0 { (between) } (part) } }
}

fn entries(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().into_iter().flatten().map(|(name, value)| (name.as_str(), value))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// A description; what it has between backticks is code.
fn with_code(description: &Value) -> Markup {
    let parts = text(description).split('`').enumerate();
    html! { @for (i, part) in parts { @if i % 2 == 1 { code { (part) } } @else { (part) } } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_endpoint_and_every_object_that_it_names_is_on_the_page() {
        let spec = serde_json::to_value(&*DESCRIPTION).expect("serialises");
        let page = rendered(&spec).into_string();
        for (path, _) in entries(&spec["paths"]) {
            assert!(page.contains(path), "{path}");
        }
        for reference in page.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(page.contains(&format!("id=\"{reference}\"")), "{reference} is described");
        }
        assert!(!page.contains("<script") && !page.contains("style="));
    }

    #[test]
    fn every_problem_is_described_by_its_media_type_and_where_it_occurs() {
        let spec = serde_json::to_value(&*DESCRIPTION).expect("serialises");
        let described = |path: &str, method: &str, status: &str| {
            let content = &spec["paths"][path][method]["responses"][status]["content"];
            entries(content).map(|(kind, _)| kind.to_owned()).collect::<Vec<_>>()
        };
        for (path, method, status) in [
            ("/api/v1/files", "get", "400"),
            ("/api/v1/files", "get", "401"),
            ("/api/v1/files", "get", "503"),
            ("/api/v1/login", "post", "415"),
            ("/api/v1/login", "post", "429"),
            ("/api/v1/signup", "post", "413"),
            ("/api/v1/signup", "post", "507"),
            ("/api/v1/files/{id}", "delete", "404"),
            ("/api/v1/organisations/{id}", "put", "409"),
            ("/api/v1/organisations/{id}", "put", "415"),
        ] {
            assert_eq!(described(path, method, status), ["application/problem+json"], "{method} {path} {status}");
        }
        assert_eq!(described("/api/v1/upload", "post", "201"), ["application/json"]);
        for status in ["422", "507"] {
            let both = ["application/json", "application/problem+json"];
            assert_eq!(described("/api/v1/upload", "post", status), both, "the report, or the problem before it");
        }
        assert!(
            described("/api/v1/login", "post", "507").len() == 1 && described("/api/v1/files", "get", "415").is_empty()
        );
    }

    #[test]
    fn codes_are_described_as_they_are_sent() {
        let spec = serde_json::to_value(&*DESCRIPTION).expect("serialises");
        let described = |name: &str| spec["components"]["schemas"][name]["enum"].clone();
        let errors: Vec<_> = domain::ErrorCode::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(described("ErrorCode"), serde_json::json!(errors));
        let findings: Vec<_> = ::office::Code::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(described("FindingCode"), serde_json::json!(findings));
        let states: Vec<_> = domain::delivery::DeliveryState::ALL.iter().map(|state| state.as_str()).collect();
        assert_eq!(described("DeliveryState"), serde_json::json!(states));
    }

    #[test]
    fn fields_that_an_object_has_from_another_are_not_lost_on_the_page() {
        let page = rendered(&serde_json::to_value(&*DESCRIPTION).expect("serialises")).into_string();
        let (_, examination) = page.split_once("<h3 id=\"Examination\">").expect("it is described");
        let (examination, _) = examination.split_once("<h3").expect("others follow");
        assert!(examination.contains("href=\"#Report\"") && examination.contains("<code>xray</code>"), "{examination}");
    }
}
