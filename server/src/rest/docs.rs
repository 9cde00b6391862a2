//! The description of the API, made from its own types, and a page that shows it.

use std::{fmt::Write as _, sync::LazyLock};

use axum::{Json, extract::State, response::Html};
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

use crate::{
    html::{document, escaped},
    state::AppState,
};

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

fn rendered(spec: &Value) -> String {
    let mut page = format!(
        "<p>{}</p>\n<p>As a file: <a href=\"/api/v1/openapi.json\">openapi.json</a></p>\n",
        with_code(text(&spec["info"]["description"]))
    );
    for (path, operations) in entries(&spec["paths"]) {
        for (method, operation) in entries(operations).filter(|(_, operation)| operation.get("responses").is_some()) {
            endpoint(&mut page, path, method, operation);
        }
    }
    page.push_str("<h2>Objects</h2>\n");
    for (name, schema) in entries(&spec["components"]["schemas"]) {
        object(&mut page, name, schema);
    }
    page
}

fn endpoint(page: &mut String, path: &str, method: &str, operation: &Value) {
    let lock = if operation.get("security").is_some() { " <span class=\"badge\">token</span>" } else { "" };
    let title = format!("<h2><code>{} {}</code>{lock}</h2>\n", method.to_uppercase(), escaped(path));
    page.push_str(&title);
    page.push_str(&format!("<p>{}</p>\n", with_code(text(&operation["summary"]))));
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    let rows: Vec<_> = parameters
        .map(|p| (format!("{} ({})", text(&p["name"]), text(&p["in"])), text(&p["description"]).to_owned()))
        .collect();
    table(page, "Parameter", &rows);
    for (kind, content) in entries(&operation["requestBody"]["content"]) {
        let body = format!("<p>Body: {} as <code>{}</code></p>\n", type_of(&content["schema"]), escaped(kind));
        page.push_str(&body);
    }
    let rows: Vec<_> = entries(&operation["responses"])
        .map(|(status, response)| (status.to_owned(), text(&response["description"]).to_owned()))
        .collect();
    table(page, "Status", &rows);
}

fn object(page: &mut String, name: &str, schema: &Value) {
    let id = escaped(name);
    let _ =
        writeln!(page, "<h3 id=\"{id}\"><code>{id}</code></h3>\n<p>{}</p>", with_code(text(&schema["description"])));
    if let Some(values) = schema["enum"].as_array() {
        let values: Vec<_> = values.iter().map(|value| format!("<code>{}</code>", escaped(text(value)))).collect();
        let _ = writeln!(page, "<p>One of {}</p>", values.join(", "));
    }
    // An object that has another's fields, too, is described as all of several.
    let parts = schema["allOf"].as_array().into_iter().flatten();
    let others: Vec<_> = parts.clone().filter(|part| part.get("$ref").is_some()).map(type_of).collect();
    if !others.is_empty() {
        let _ = writeln!(page, "<p>Has the fields of {}, and these:</p>", others.join(" and "));
    }
    let fields: Vec<_> = parts.chain([schema]).flat_map(|part| entries(&part["properties"])).collect();
    if fields.is_empty() {
        return;
    }
    page.push_str("<table>\n<thead><tr><th>Field</th><th>Type</th><th>Meaning</th></tr></thead>\n<tbody>\n");
    for (name, field) in fields {
        let (kind, meaning) = (type_of(field), with_code(text(&field["description"])));
        let _ = writeln!(page, "<tr><td><code>{}</code></td><td>{kind}</td><td>{meaning}</td></tr>", escaped(name));
    }
    page.push_str("</tbody>\n</table>\n");
}

fn table(page: &mut String, first: &str, rows: &[(String, String)]) {
    if rows.is_empty() {
        return;
    }
    let _ = writeln!(page, "<table>\n<thead><tr><th>{first}</th><th>Meaning</th></tr></thead>\n<tbody>");
    for (name, meaning) in rows {
        let _ = writeln!(page, "<tr><td><code>{}</code></td><td>{}</td></tr>", escaped(name), with_code(meaning));
    }
    page.push_str("</tbody>\n</table>\n");
}

/// A type in words: a link to an object, `array of …`, or the name of a plain type.
fn type_of(schema: &Value) -> String {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = escaped(reference.rsplit('/').next().unwrap_or(reference));
        return format!("<a href=\"#{name}\">{name}</a>");
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        let names: Vec<_> = choices.iter().map(type_of).collect();
        return names.join(" or ");
    }
    match &schema["type"] {
        Value::String(kind) if kind == "array" => format!("array of {}", type_of(&schema["items"])),
        Value::String(kind) => escaped(kind),
        Value::Array(kinds) => kinds.iter().map(text).map(escaped).collect::<Vec<_>>().join(" or "),
        _ => "any".to_owned(),
    }
}

fn entries(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().into_iter().flatten().map(|(name, value)| (name.as_str(), value))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Escapes a description and shows what it has between backticks as code.
fn with_code(text: &str) -> String {
    let parts = text.split('`').enumerate();
    parts.map(|(i, part)| if i % 2 == 1 { format!("<code>{}</code>", escaped(part)) } else { escaped(part) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_endpoint_and_every_object_that_it_names_is_on_the_page() {
        let spec = serde_json::to_value(&*DESCRIPTION).expect("serialises");
        let page = rendered(&spec);
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
    }

    #[test]
    fn fields_that_an_object_has_from_another_are_not_lost_on_the_page() {
        let page = rendered(&serde_json::to_value(&*DESCRIPTION).expect("serialises"));
        let (_, examination) = page.split_once("<h3 id=\"Examination\">").expect("it is described");
        let (examination, _) = examination.split_once("<h3").expect("others follow");
        assert!(examination.contains("href=\"#Report\"") && examination.contains("<code>xray</code>"), "{examination}");
    }
}
