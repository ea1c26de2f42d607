//! Content v1: templates of messages, and WhatsApp's approval of them.
//!
//! ```text
//! GET, POST    v1/Content                                   POST takes JSON
//! GET, DELETE  v1/Content/HX...
//! GET          v1/Content/HX.../ApprovalRequests
//! POST         v1/Content/HX.../ApprovalRequests/whatsapp    {name, category}
//! GET          v1/ContentAndApprovals
//! ```

pub mod approval;
pub mod template;

use serde_json::{Value, json};

use self::approval::Approval;
use self::template::Template;
use super::account::Caller;
use super::answer::{Answer, Failure, Outcome, Refusal};
use super::call::Call;
use super::paging::{self, Asked};
use super::router::not_found;
use super::seed::Seed;
use super::world::World;

/// Routes a call.
pub fn route(world: &mut World, caller: &Caller, call: &Call) -> Outcome<Answer> {
    match (call.method.as_str(), &call.route()[..]) {
        ("GET", ["v1", "Content"]) => list(world, caller, call, |call, one| one.show(&call.origin)),
        ("GET", ["v1", "ContentAndApprovals"]) => {
            let now = world.now();
            list(world, caller, call, |call, one| {
                let mut shown = one.show(&call.origin);
                shown["approval_requests"] = approval::show(one, now);
                shown
            })
        }
        ("POST", ["v1", "Content"]) => create(world, caller, call),
        ("GET", ["v1", "Content", sid]) => Ok(Answer::ok(find(world, caller, call, sid)?.show(&call.origin))),
        ("DELETE", ["v1", "Content", sid]) => {
            let template = find(world, caller, call, sid)?;
            template.remove(world)?;
            Ok(Answer::gone())
        }
        ("GET", ["v1", "Content", sid, "ApprovalRequests"]) => {
            let template = find(world, caller, call, sid)?;
            let now = world.now();
            let url = format!("{}/v1/Content/{sid}/ApprovalRequests", call.origin);
            let whatsapp = approval::show(&template, now);
            Ok(Answer::ok(
                json!({ "sid": template.sid, "account_sid": template.account, "whatsapp": whatsapp, "url": url }),
            ))
        }
        ("POST", ["v1", "Content", sid, "ApprovalRequests", "whatsapp"]) => ask(world, caller, call, sid),
        (_, ["v1", "Content" | "ContentAndApprovals", ..]) => Err(Refusal::method_not_allowed().into()),
        _ => Err(not_found(call)),
    }
}

fn find(world: &World, caller: &Caller, call: &Call, sid: &str) -> Outcome<Template> {
    let found = world.get::<Template>(sid)?.filter(|template| template.account == caller.account);
    found.ok_or_else(|| not_found(call))
}

fn list(world: &World, caller: &Caller, call: &Call, show: impl Fn(&Call, &Template) -> Value) -> Outcome<Answer> {
    let asked = Asked::read(call, 50, 1000)?;
    let page = paging::read(world, template::INDEX, &caller.account, asked, |world, sid| world.get::<Template>(sid))?;
    Ok(page.modern(call, "contents", |one| show(call, one)))
}

fn create(world: &mut World, caller: &Caller, call: &Call) -> Outcome<Answer> {
    let asked = call.json_body.as_ref().ok_or_else(|| invalid("the body must be JSON"))?;
    let (now, count) = (world.now(), world.sequence());
    let made = template::read(asked, &caller.account, now).map_err(|why| Failure::from(invalid(&why)))?;
    let sid = world.seed().sid("HX", &[&caller.account, &made.name, &count.to_string()]);
    let template = Template { sid, ..made };
    template.clone().add(world)?;
    Ok(Answer::created(template.show(&call.origin)))
}

fn ask(world: &mut World, caller: &Caller, call: &Call, sid: &str) -> Outcome<Answer> {
    let mut template = find(world, caller, call, sid)?;
    let asked = call.json_body.as_ref().ok_or_else(|| invalid("the body must be JSON"))?;
    if template.approval.is_some() {
        return Err(invalid("an approval request for WhatsApp exists already").into());
    }
    template.approval = Some(Approval::read(asked, world.now()).map_err(|why| invalid(&why))?);
    world.put(&template.sid, &template)?;
    let mut shown = approval::show(&template, world.now());
    // Only the question about approvals names the channel.
    if let Some(fields) = shown.as_object_mut() {
        fields.remove("type");
    }
    Ok(Answer::created(shown))
}

fn invalid(why: &str) -> Refusal {
    Refusal::bad(20001, format!("Invalid parameter: {why}"))
}

/// The templates that a fresh account has: two that are approved, one under review, one refused.
pub fn fill(world: &mut World, account: &str) -> Result<(), super::error::StoreError> {
    for (at, seeded) in template::SEEDED.iter().enumerate() {
        let sid = Seed::new(0).sid("HX", &["fresh", seeded.name]);
        Template { sid, ..seeded.template(account, at) }.add(world)?;
    }
    Ok(())
}

/// What a message becomes that is made of a template.
pub struct Chosen {
    /// Its text.
    pub text: String,
    /// URLs of its media.
    pub media: Vec<String>,
    /// Why WhatsApp does not take it when the customer has not written for a day.
    pub refused: Option<u32>,
}

/// The message that a template becomes with these variables (a JSON object of texts).
pub fn chosen(world: &World, account: &str, sid: &str, variables: Option<&str>) -> Outcome<Chosen> {
    let found = world.get::<Template>(sid)?.filter(|template| template.account == account);
    let template = found.ok_or_else(|| Refusal::bad(21655, "The ContentSid is Invalid"))?;
    let wrong = || Refusal::bad(21656, "The ContentVariables parameter is invalid");
    let given = variables.map(serde_json::from_str).transpose().map_err(|_| wrong())?.unwrap_or_default();
    let text = template.text(&given).ok_or_else(wrong)?;
    let refused = match template.approval.as_ref().map(|approval| approval.status(world.now())) {
        Some("approved") => None,
        Some("rejected") => Some(63040),
        _ => Some(63016),
    };
    Ok(Chosen { text, media: template.media(), refused })
}
