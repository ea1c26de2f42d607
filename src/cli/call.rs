//! Carries out an operation and prints its reply.

use std::io::Write;

use serde_json::{Map, Value, json};

use super::exit::{Exit, Failure};
use super::run::node::{Node, NotStarted, agent};
use super::{Context, media, reach};
use crate::api::audit::ExportAudit;
use crate::api::businesses::ListBusinesses;
use crate::api::code::{Call, twilio};
use crate::api::node::GetNode;
use crate::api::report::GetReport;
use crate::api::upstream::UpstreamView;
use crate::api::verify::{ListMatrices, RunMatrix};
use crate::api::{Code, Fields, Operation, Spec};
use crate::domain::id::Id;
use crate::domain::shown::shown;
use crate::link::{self, Link};

/// Carries out an operation at the node that runs here or elsewhere. What a clock starts at night finds no
/// console open: a matrix of verifications is run by a node that is there for that moment only.
pub(super) async fn run(ctx: &Context, spec: &'static Spec, fields: Map<String, Value>) -> Result<(), Failure> {
    let alone = spec.name == RunMatrix::spec().name && ctx.globals.connect.is_none();
    match reach(ctx).await {
        Err(none) if alone && none.exit == Exit::Unreachable => {
            let node = match Node::start(ctx).await {
                Ok(node) => node,
                Err(NotStarted::Failed(failure)) => return Err(failure),
                Err(NotStarted::Owned) => return Err(none),
            };
            let done = match node.way().link(&agent(&ctx.setup)).await {
                Some(link) => ask(ctx, link, spec, fields).await,
                None => Err(Failure::failed("the node has ended before it could be asked")),
            };
            node.stop().await;
            done
        }
        found => ask(ctx, found?, spec, fields).await,
    }
}

/// Asks the node, says yes where `--yes` allows it, prints the reply.
async fn ask(ctx: &Context, link: Link, spec: &'static Spec, mut fields: Map<String, Value>) -> Result<(), Failure> {
    let field = spec.shape().field("business");
    match (field, &ctx.globals.business) {
        (Some(_), Some(business)) => {
            fields.insert("business".to_owned(), Value::String(business_id(&link, business).await?));
        }
        // A path needs it said: it is the one that other commands mean, too.
        (Some(field), None) if field.in_path => {
            let business = match fields.get("name").and_then(Value::as_str).filter(|_| runs_a_matrix(spec)) {
                Some(name) => business_of_matrix(&link, name).await?,
                None => link.call(ListBusinesses {}).await?.default,
            };
            fields.insert("business".to_owned(), Value::String(business.to_string()));
        }
        _ => {}
    }
    if super::operations::is_about_business(spec) && !fields.contains_key("id") {
        let Some(business) = &ctx.globals.business else {
            let which = format!("`{}` does not say which business it means", spec.command);
            return Err(Failure::usage(which).remedy("give its id, or --business and its name"));
        };
        fields.insert("id".to_owned(), Value::String(business_id(&link, business).await?));
    }
    if let Some(language) = &ctx.globals.as_code {
        return code(ctx, &link, spec, fields, language).await;
    }
    media::bring(&link, &mut fields).await?;
    let reply = match link.call_raw(spec, fields.clone()).await {
        Err(link::Failure::Refused(e)) if ctx.globals.yes && e.code == Code::ConfirmationRequired => {
            let Some(word) = e.confirm.clone() else { return Err(e.into()) };
            fields.insert("confirm".to_owned(), Value::String(word));
            link.call_raw(spec, fields).await?
        }
        other => other?,
    };
    match reply["text"].as_str().filter(|_| is_file(spec) && !ctx.out.json) {
        // The file is what was asked for, not a reply about one.
        Some(file) => {
            ctx.out.raw(file.as_bytes())?;
            if let Some(more) = rest(&reply) {
                // It is no part of the file. A stderr that is gone hinders nobody.
                let _ = writeln!(std::io::stderr(), "{more}");
            }
        }
        None => ctx.out.reply(&reply)?,
    }
    // A check that was carried out and found faults is not a success to a script.
    if reply["ok"] == false {
        let faults = super::grid::faults(&reply).unwrap_or_else(|| format!("`{}` found faults", spec.command));
        return Err(Failure { exit: Exit::Failed, ..Failure::failed(faults) });
    }
    Ok(())
}

/// Whether an operation answers a text that is to be kept as it is.
fn is_file(spec: &Spec) -> bool {
    spec.name == GetReport::spec().name || spec.name == ExportAudit::spec().name
}

/// How the rest of a file is had that is too long for one answer.
fn rest(reply: &Value) -> Option<String> {
    let next = reply["next"].as_str()?;
    Some(format!("this is not all: the same with `--after {}` writes what follows", shown(next)))
}

/// Prints a request as code instead of asking for it.
async fn code(
    ctx: &Context,
    link: &Link,
    spec: &'static Spec,
    fields: Map<String, Value>,
    language: &str,
) -> Result<(), Failure> {
    let node = link.call(GetNode {}).await?;
    let sheets = match language.starts_with("twilio-") {
        false => Call::of(&(spec.decode)(Fields::json(fields)).map_err(Failure::from)?).sheets(&node.base),
        true => {
            let told = serde_json::from_value::<UpstreamView>(link.call_raw(spec, fields).await?);
            let other = |_| {
                Failure::usage(format!("`{}` does not tell what Twilio is asked", spec.command))
                    .remedy("`switchboard messages upstream MESSAGE` does")
            };
            twilio::sheets(&told.map_err(other)?, node.sandbox.is_some())
        }
    };
    match sheets.into_iter().find(|sheet| sheet.name == language) {
        Some(sheet) if ctx.out.json => ctx.out.reply(&json!({ "language": sheet.name, "code": sheet.text })),
        Some(sheet) => ctx.out.line(&sheet.text),
        None => Err(Failure::failed(format!("this request cannot be written in {language}"))),
    }
}

fn runs_a_matrix(spec: &Spec) -> bool {
    spec.name == RunMatrix::spec().name
}

/// The business whose matrix of this name is meant when none is said: the usual one if it has such a matrix,
/// else the only one that has.
async fn business_of_matrix(link: &Link, name: &str) -> Result<Id, Failure> {
    let all = link.call(ListBusinesses {}).await?;
    let mut found = Vec::new();
    for business in &all.items {
        let kept = link.call(ListMatrices { business: business.id }).await?.items;
        if kept.iter().any(|matrix| matrix.name == name) {
            found.push(business);
        }
    }
    match found[..] {
        [] => Ok(all.default),
        [only] => Ok(only.id),
        _ if found.iter().any(|business| business.id == all.default) => Ok(all.default),
        _ => {
            let names: Vec<&str> = found.iter().map(|business| business.name.as_str()).collect();
            let which = format!("several businesses have a matrix `{name}`: {}", names.join(", "));
            Err(Failure::usage(which).remedy("say which with --business"))
        }
    }
}

/// The id of a business that is named by its id, its name, or the beginning of its name.
async fn business_id(link: &Link, wanted: &str) -> Result<String, Failure> {
    if wanted.parse::<Id>().is_ok() {
        return Ok(wanted.to_owned());
    }
    let all = link.call(ListBusinesses {}).await?.items;
    let lower = wanted.to_lowercase();
    let exact = all.iter().filter(|b| b.name.to_lowercase() == lower).collect::<Vec<_>>();
    let near = all.iter().filter(|b| b.name.to_lowercase().starts_with(&lower)).collect::<Vec<_>>();
    match (&exact[..], &near[..]) {
        ([one], _) | ([], [one]) => Ok(one.id.to_string()),
        ([], []) => Err(Failure::failed(format!("there is no business `{wanted}`"))
            .remedy("`switchboard businesses list` shows them")),
        (several, more) => {
            let ids: Vec<String> = if several.is_empty() { more } else { several }
                .iter()
                .map(|b| format!("{} ({})", b.name, b.id))
                .collect();
            Err(Failure::usage(format!("`{wanted}` may be any of: {}", ids.join(", "))).remedy("give the id"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_file_is_not_taken_for_the_whole() {
        let said = rest(&json!({ "text": "a\n", "next": "00ff" }));
        assert!(said.is_some_and(|said| said.contains("--after 00ff")));
        assert_eq!(rest(&json!({ "text": "a\n" })), None);
    }
}
