//! The OpenAPI document, made from the table of operations.

use serde_json::{Map, Value, json};

use super::error::{ApiError, Code};
use super::media::FileView;
use super::report::{Figures, ReportFormat};
use super::table::{OPERATIONS, Spec};
use crate::domain::access::Permission;

/// OpenAPI 3.1 of every operation.
pub fn document() -> Value {
    let mut generator = schemars::SchemaGenerator::new(schemars::generate::SchemaSettings::draft2020_12().with(|s| {
        s.definitions_path = "/components/schemas".into();
    }));
    let problem = serde_json::to_value(generator.subschema_for::<ApiError>()).unwrap_or_default();
    let mut paths: Map<String, Value> = Map::new();
    for spec in OPERATIONS {
        let operation = operation(spec, &mut generator, &problem);
        let item = paths.entry(spec.path.to_owned()).or_insert_with(|| json!({}));
        item[spec.method.as_str().to_ascii_lowercase()] = operation;
    }
    for (path, method, operation) in beside(&mut generator, &problem) {
        paths.entry(path).or_insert_with(|| json!({}))[method] = operation;
    }
    json!({
        "openapi": "3.1.0",
        "info": { "title": "Switchboard", "version": env!("CARGO_PKG_VERSION"), "description": "Everything the console can do." },
        "paths": paths,
        "components": {
            "schemas": generator.take_definitions(true),
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } },
        },
        "security": [{ "token": [] }],
    })
}

/// The routes that carry files: they stand beside the table.
fn beside(generator: &mut schemars::SchemaGenerator, problem: &Value) -> [(String, &'static str, Value); 2] {
    let file = serde_json::to_value(generator.subschema_for::<FileView>()).unwrap_or_default();
    let bytes = json!({ "*/*": { "schema": { "type": "string", "format": "binary" } } });
    let parameter = |name: &str, place: &str, kind: &str| json!({ "name": name, "in": place, "required": place == "path", "schema": { "type": kind } });
    let upload = json!({
        "operationId": "UploadMedia",
        "summary": "Takes in a file for a message to be sent; the body is the file.",
        "parameters": [parameter("business", "query", "string"), parameter("name", "query", "string"), parameter("idempotency-key", "header", "string")],
        "x-permission": Permission::InboxWrite,
        "requestBody": { "required": true, "content": bytes },
        "responses": responses("Done.", &json!({ "application/json": { "schema": file } }), false, problem),
    });
    let content = json!({
        "operationId": "GetMediaContent",
        "summary": "Sends a file of a message.",
        "parameters": [parameter("id", "path", "string"), parameter("index", "path", "integer")],
        "x-permission": Permission::InboxRead,
        "responses": responses("The file.", &bytes, true, problem),
    });
    [("/api/media".to_owned(), "post", upload), ("/api/messages/{id}/media/{index}/content".to_owned(), "get", content)]
}

fn operation(spec: &Spec, generator: &mut schemars::SchemaGenerator, problem: &Value) -> Value {
    let input = resolved(generator, spec.input);
    let reply = serde_json::to_value((spec.reply)(generator)).unwrap_or_default();
    let in_path: Vec<&str> = spec.path.split('/').filter_map(|s| s.strip_prefix('{')?.strip_suffix('}')).collect();
    let required: Vec<&str> = input["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let empty = Map::new();
    let properties = input["properties"].as_object().unwrap_or(&empty);
    let mut parameters = Vec::new();
    let mut body = Map::new();
    for (name, schema) in properties {
        let path = in_path.contains(&name.as_str());
        if path || spec.method.is_bodiless() {
            parameters.push(json!({
                "name": name,
                "in": if path { "path" } else { "query" },
                "required": path || required.contains(&name.as_str()),
                "schema": schema,
            }));
        } else {
            body.insert(name.clone(), schema.clone());
        }
    }
    let mut out = json!({
        "operationId": spec.name,
        "summary": spec.sentence,
        "parameters": parameters,
        "x-command": spec.command,
        "x-permission": spec.permission,
        "responses": responses(
            "Done.",
            &content(spec, &reply, generator),
            spec.method.is_bodiless(),
            problem,
        ),
    });
    if !spec.method.is_bodiless() {
        let needed: Vec<&str> = required.into_iter().filter(|name| body.contains_key(*name)).collect();
        out["requestBody"] = json!({
            "required": !needed.is_empty(),
            "content": { "application/json": { "schema": { "type": "object", "properties": body, "required": needed } } },
        });
    }
    out
}

/// The forms of an operation's reply: JSON, but a report is the file itself, in each of its media types.
fn content(spec: &Spec, reply: &Value, generator: &mut schemars::SchemaGenerator) -> Value {
    if spec.name != "GetReport" {
        return json!({ "application/json": { "schema": reply } });
    }
    let figures = serde_json::to_value(generator.subschema_for::<Figures>()).unwrap_or_default();
    let text = json!({ "schema": { "type": "string" } });
    let mut all = json!({ "application/json": { "schema": figures } });
    for format in [ReportFormat::Markdown, ReportFormat::Csv, ReportFormat::Html] {
        // The character set is no part of a media type's name.
        let name = format.media_type().0.split(';').next().unwrap_or_default();
        all[name] = text.clone();
    }
    all
}

/// What an operation answers: its reply, and each status with which it may be refused. A fault of ours (500)
/// is not among them: nobody should count on it.
fn responses(done: &str, content: &Value, is_bodiless: bool, problem: &Value) -> Value {
    let mut all = json!({ "200": { "description": done, "content": content } });
    for code in Code::ALL {
        let needs_body = matches!(code, Code::TooLarge | Code::VersionMismatch);
        if matches!(code, Code::Internal | Code::MethodNotAllowed) || needs_body && is_bodiless {
            continue;
        }
        all[code.status().to_string()] =
            json!({ "description": refusal(code), "content": { "application/problem+json": { "schema": problem } } });
    }
    all
}

/// What a status says. Two codes may share one.
fn refusal(code: Code) -> &'static str {
    match code {
        Code::InvalidInput => "A field is missing or wrong.",
        Code::Unauthenticated => "No token, or one that is not known or was revoked.",
        Code::Forbidden => "The token is fine, the permission is missing.",
        Code::NotFound => "There is no such thing, or it belongs to another business.",
        Code::MethodNotAllowed => "The path exists, the method does not.",
        Code::Conflict | Code::ConfirmationRequired => "The state does not allow it, or it needs a yes.",
        Code::VersionMismatch => "It changed meanwhile: read it again.",
        Code::KeyReused => "The idempotency key was used for another body.",
        Code::TooLarge => "The body is larger than allowed.",
        Code::TooManyRequests => "Too much at once: wait as long as `Retry-After` says.",
        Code::Upstream => "Twilio refused it; the sentence has its code.",
        Code::Unavailable => "The store, the queue or the sandbox cannot take it now; nothing was done.",
        Code::Internal => "A fault of ours; nothing was done.",
    }
}

fn resolved(
    generator: &mut schemars::SchemaGenerator,
    schema: fn(&mut schemars::SchemaGenerator) -> schemars::Schema,
) -> Value {
    let root = serde_json::to_value(schema(generator)).unwrap_or_default();
    let name = root["$ref"].as_str().and_then(|r| r.rsplit('/').next());
    name.and_then(|n| generator.definitions().get(n).cloned()).unwrap_or(root)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_is_in_the_document_and_nothing_else() {
        let document = document();
        let mut count = 0;
        for spec in OPERATIONS {
            let item = &document["paths"][spec.path][spec.method.as_str().to_ascii_lowercase()];
            assert_eq!(item["operationId"], spec.name);
            count += 1;
        }
        let listed: usize = document["paths"].as_object().unwrap().values().map(|p| p.as_object().unwrap().len()).sum();
        let beside = [("/api/media", "post"), ("/api/messages/{id}/media/{index}/content", "get")];
        for (path, method) in beside {
            assert!(document["paths"][path][method]["operationId"].is_string(), "{path}");
        }
        assert_eq!(listed, count + beside.len());
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let document = document();
        let text = document.to_string();
        for piece in text.split("\"$ref\":\"#/").skip(1) {
            let pointer = format!("/{}", piece.split('"').next().unwrap());
            assert!(document.pointer(&pointer).is_some(), "{pointer} leads nowhere");
        }
    }
}
