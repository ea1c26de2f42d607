//! The forms that make and change a business.

use super::fill::Filled;
use crate::api::businesses::{BusinessView, CreateBusiness, UpdateBusiness};
use crate::api::setup::{SetupView, StartSetup};
use crate::domain::address::Address;
use crate::domain::business::Colour;
use crate::domain::id::Id;
use crate::tui::msg::{Tag, ask};
use crate::tui::shown::{Shown, shown};
use crate::tui::widgets::form::{Entry, Kind, Value};

/// What a new business gets at Twilio.
const SET_UP: &[&str] = &["everything now", "nothing yet"];
const COLOURS: &[&str] = &["blue", "green", "magenta", "cyan", "yellow", "red"];

/// A form about a business: what it is for.
#[derive(Debug, Clone)]
pub enum Draft {
    /// A new one.
    New,
    /// A change of one, over the version that was read.
    Change(Id, u64),
    /// What it shall have at Twilio.
    SetUp(Id),
}

/// What a form begins with: its title, a sentence, its fields.
pub type Parts = (Shown, Shown, Vec<Entry>);

fn text(max: usize, optional: bool) -> Kind {
    Kind::Text { max, optional }
}

/// The wizard that makes a business.
pub fn new_business() -> Parts {
    let sentence = "It gets a Verify service, a messaging service, webhooks and an endpoint at Twilio; each call is shown. Customers read the name in texts: at most 30 letters, digits, spaces, - or _.";
    let entries = vec![
        Entry::new("name", text(120, false), ""),
        Entry::new("at Twilio", Kind::Choice(SET_UP), SET_UP[0]),
        Entry::new("name in texts", Kind::ServiceName, ""),
        Entry::new("code digits", Kind::Number { min: 4, max: 10, optional: true }, "6"),
        Entry::new("our number", Kind::OptionalAddress, ""),
        Entry::new("contact email", text(200, true), ""),
        Entry::new("time zone", text(60, true), ""),
    ];
    ("New business".into(), sentence.into(), entries)
}

/// The form that changes a business.
pub fn change(view: &BusinessView) -> Parts {
    let sentence = "Empty fields are kept empty. Whoever saves second is told what the first one changed.".into();
    (shown!("Change {}", Shown::of(&view.name)), sentence, entries(view))
}

/// The same after somebody else has saved: with what was typed, over what is there now.
pub fn change_again(typed: &UpdateBusiness, now: &BusinessView, differences: &[(String, String, String)]) -> Parts {
    let mut mine = now.clone();
    mine.name = typed.name.clone().unwrap_or(mine.name);
    mine.contact_email = typed.contact_email.clone().unwrap_or(mine.contact_email);
    mine.phone_number = typed.phone_number.clone().unwrap_or(mine.phone_number);
    mine.time_zone = typed.time_zone.clone().unwrap_or(mine.time_zone);
    mine.colour = typed.colour.unwrap_or(mine.colour);
    let said: Vec<String> =
        differences.iter().map(|(field, now, yours)| format!("{field} is now `{now}`, you have `{yours}`")).collect();
    let sentence =
        shown!("Somebody saved it before you. {}. Enter saves yours, Esc keeps theirs.", Shown::of(&said.join("; ")));
    (shown!("Change {}", Shown::of(&now.name)), sentence, entries(&mine))
}

fn entries(view: &BusinessView) -> Vec<Entry> {
    vec![
        Entry::new("name", text(120, false), &view.name),
        Entry::new("contact email", text(200, true), &view.contact_email),
        Entry::new("phone", text(40, true), &view.phone_number),
        Entry::new("time zone", text(60, true), &view.time_zone),
        Entry::new("colour", Kind::Choice(COLOURS), view.colour.name()),
    ]
}

/// The form that begins a setup, or lets it go on with other words.
pub fn set_up(view: &BusinessView, setup: Option<&SetupView>) -> Parts {
    let known = setup.filter(|setup| !setup.steps.is_empty());
    let name = known.map(|setup| setup.verify_name.clone());
    let name = name.unwrap_or_else(|| crate::domain::business::suggested_service_name(&view.name));
    let digits = known.and_then(|setup| setup.code_length).unwrap_or(6).to_string();
    let number = known.and_then(|setup| setup.number.as_ref()).map(ToString::to_string).unwrap_or_default();
    let sentence = "What it lacks at Twilio is made, nothing twice. Customers read the name in texts: at most 30 letters, digits, spaces, - or _.";
    let entries = vec![
        Entry::new("name in texts", Kind::ServiceName, &name),
        Entry::new("code digits", Kind::Number { min: 4, max: 10, optional: true }, &digits),
        Entry::new("our number", Kind::OptionalAddress, &number),
    ];
    (shown!("Set up {}", Shown::of(&view.name)), sentence.into(), entries)
}

/// What is asked for with what was filled in.
pub fn submit(draft: &Draft, values: Vec<Value>) -> Filled {
    let mut values = values.into_iter();
    let mut word = || match values.next() {
        Some(Value::Text(text)) => text,
        Some(Value::Address(address)) => address.to_string(),
        Some(Value::Number(Some(n))) => n.to_string(),
        _ => String::new(),
    };
    let given = |text: String| Some(text).filter(|text| !text.is_empty());
    let number = |text: String| text.parse::<Address>().ok();
    match draft {
        Draft::New => {
            let (name, set_up) = (word(), word() == SET_UP[0]);
            let (verify_name, code_length) = (given(word()), word().parse().ok());
            let (number, contact_email, time_zone) = (number(word()), word(), word());
            let create = CreateBusiness {
                name,
                contact_email,
                time_zone,
                set_up,
                verify_name,
                code_length,
                number,
                ..CreateBusiness::default()
            };
            Filled::Waiting(vec![ask(Tag::BusinessMade, create)])
        }
        Draft::Change(id, version) => {
            let (name, contact_email, phone_number, time_zone) =
                (Some(word()), Some(word()), Some(word()), Some(word()));
            let colour = word();
            let update = UpdateBusiness {
                name,
                contact_email,
                phone_number,
                time_zone,
                colour: Colour::ALL.into_iter().find(|c| c.name() == colour),
                version: Some(*version),
                ..UpdateBusiness::of(*id)
            };
            let tag = Tag::BusinessChanged(Box::new(update.clone()));
            Filled::Waiting(vec![ask(tag, update)])
        }
        Draft::SetUp(id) => {
            let (verify_name, code_length, number) = (given(word()), word().parse().ok(), number(word()));
            let start = StartSetup { id: *id, verify: None, messaging: None, verify_name, code_length, number };
            Filled::Waiting(vec![ask(Tag::SetupStarted(*id), start)])
        }
    }
}

/// Which of a form's fields a refusal is about.
pub fn place(draft: &Draft, field: &str) -> Option<usize> {
    let names: &[&str] = match draft {
        Draft::New => &["name", "setUp", "verifyName", "codeLength", "number", "contactEmail", "timeZone"],
        Draft::Change(..) => &["name", "contactEmail", "phoneNumber", "timeZone", "colour"],
        Draft::SetUp(_) => &["verifyName", "codeLength", "number"],
    };
    names.iter().position(|name| *name == field)
}
