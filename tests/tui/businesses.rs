//! The businesses: the wizard with its calls, changes, deletion, and the switch.

use switchboard::api::businesses::BusinessView;
use switchboard::api::setup::StepView;
use switchboard::api::{ApiError, Code, Difference, Done, Reply, Request};
use switchboard::domain::business::Colour;
use switchboard::domain::id::Id;
use switchboard::domain::remote::{Kind, State};
use switchboard::tui::msg::Tag;
use switchboard::tui::theme::Role;

use crate::desk::Desk;
use crate::world::{self, HARBOR, NORTHWIND};

const KITE: Id = Id(77);

fn open() -> Desk {
    let mut desk = Desk::open(120, 40);
    desk.keys("g b");
    desk.answer_all();
    desk.draw();
    desk
}

/// The one question that is asked now.
fn asked(desk: &mut Desk) -> (Tag, Request) {
    assert_eq!(desk.asked.len(), 1, "{:?}", desk.asked);
    desk.asked.remove(0)
}

fn kite() -> BusinessView {
    BusinessView { setup: Some(State::Running), ..world::business(KITE, "Blue Kite Tours", "") }
}

fn step(kind: Kind, state: State, sid: Option<&str>) -> StepView {
    StepView {
        step: kind,
        call: kind.call().into(),
        state,
        sid: sid.map(|sid| sid.parse().unwrap()),
        milliseconds: (state == State::Done).then_some(12),
        tries: 1,
        found: false,
        detail: None,
        twilio: None,
        again: None,
    }
}

/// Answers what the pane asks, with the new business among the others.
fn answer(desk: &mut Desk, steps: &[StepView]) {
    for (tag, request) in std::mem::take(&mut desk.asked) {
        let reply = match request {
            Request::ListBusinesses(_) => {
                let items = std::iter::once(kite()).chain(world::businesses()).collect();
                Reply::ListBusinesses(switchboard::api::businesses::BusinessList { items, default: HARBOR })
            }
            Request::GetSetup(get) if get.id == KITE => {
                Reply::GetSetup(world::setup(KITE, State::Running, steps.to_vec()))
            }
            Request::GetSetup(get) => Reply::GetSetup(world::setup(get.id, State::Pending, Vec::new())),
            Request::ListEndpoints(_) => {
                Reply::ListEndpoints(switchboard::api::businesses::EndpointList { items: Vec::new() })
            }
            other => panic!("not expected: {other:?}"),
        };
        desk.answer(tag, Ok(reply));
    }
    desk.draw();
}

#[test]
fn the_wizard_shows_each_call_as_it_goes() {
    let mut desk = open();
    desk.keys("N");
    desk.type_text("Blue Kite Tours");
    desk.sees("at most 30 letters");
    desk.keys("enter");
    let (tag, request) = asked(&mut desk);
    let Request::CreateBusiness(create) = request else { panic!("{request:?}") };
    assert_eq!((create.name.as_str(), create.set_up, create.code_length), ("Blue Kite Tours", true, Some(6)));
    assert_eq!(create.verify_name, None);
    desk.answer(tag, Ok(Reply::CreateBusiness(kite())));
    let va = "VA0123456789abcdef0123456789abcdef";
    let steps = [
        step(Kind::VerifyService, State::Done, Some(va)),
        StepView { milliseconds: None, ..step(Kind::MessagingService, State::Running, None) },
        step(Kind::VerifySettings, State::Pending, None),
    ];
    answer(&mut desk, &steps);
    desk.sees("being set up");
    desk.sees(&format!("✓ Verify service    {va} 12 ms"));
    desk.sees("◐ Messaging service POST messaging /v1/Services");
    // It goes on: the feed says so, and what is shown is asked for again.
    desk.heard(world::platform_event(9, "remote.moved", KITE));
    assert!(desk.asked.iter().any(|(tag, _)| *tag == Tag::Setup(KITE)), "{:?}", desk.asked);
    let failed = StepView {
        detail: Some("Restricted word (60248): choose another name.".into()),
        twilio: Some(60248),
        ..step(Kind::VerifySettings, State::Failed, None)
    };
    let made = step(Kind::MessagingService, State::Done, None);
    answer(&mut desk, &[steps[0].clone(), made, failed]);
    desk.sees("✗ Verify settings");
    desk.sees("Restricted word (60248)");
}

#[test]
fn a_name_that_customers_would_not_get_is_refused_in_the_form() {
    let mut desk = open();
    desk.keys("s");
    desk.sees("Set up Harbor Dental");
    desk.type_text("'s");
    desk.keys("enter");
    assert!(desk.asked.is_empty());
    desk.sees("but no `'`");
    desk.keys("backspace backspace enter");
    let (tag, request) = asked(&mut desk);
    let Request::StartSetup(start) = request else { panic!("{request:?}") };
    assert_eq!((start.id, start.verify_name.as_deref()), (HARBOR, Some("Harbor Dental")));
    // What the node finds wrong stands at the field that it is about.
    desk.answer(tag, Err(ApiError::field("number", "there is no such number in this account")));
    desk.sees("✗ there is no such number");
}

#[test]
fn who_saves_second_sees_what_differs_and_decides() {
    let mut desk = open();
    desk.keys("o");
    desk.type_text(" Care");
    desk.keys("enter");
    let (tag, request) = asked(&mut desk);
    let Request::UpdateBusiness(update) = &request else { panic!("{request:?}") };
    assert_eq!((update.name.as_deref(), update.version), (Some("Harbor Dental Care"), Some(1)));
    let differences =
        vec![Difference { field: "name".into(), now: "Harbor Smiles".into(), yours: "Harbor Dental Care".into() }];
    let refused = ApiError { differences, ..ApiError::new(Code::VersionMismatch, "robin changed it") };
    desk.answer(tag, Err(refused));
    let (tag, request) = asked(&mut desk);
    assert!(matches!(request, Request::GetBusiness(ref get) if get.id == HARBOR), "{request:?}");
    let now = BusinessView { version: 2, ..world::business(HARBOR, "Harbor Smiles", "") };
    desk.answer(tag, Ok(Reply::GetBusiness(now)));
    desk.sees("Somebody saved it before you");
    desk.sees("`Harbor Smiles`");
    desk.keys("enter");
    let (_, request) = asked(&mut desk);
    let Request::UpdateBusiness(update) = &request else { panic!("{request:?}") };
    assert_eq!((update.name.as_deref(), update.version), (Some("Harbor Dental Care"), Some(2)));
}

#[test]
fn a_deletion_asks_for_the_name_and_says_what_goes() {
    let mut desk = open();
    desk.keys("D");
    let (tag, request) = asked(&mut desk);
    assert!(matches!(request, Request::DeleteBusiness(ref delete) if delete.confirm.is_none()), "{request:?}");
    let detail = "deleting Harbor Dental hides 5 conversations, sets +14155550100 free";
    let refused =
        ApiError { confirm: Some("Harbor Dental".into()), ..ApiError::new(Code::ConfirmationRequired, detail) };
    desk.answer(tag, Err(refused));
    desk.sees("hides 5 conversations");
    desk.type_text("harbor");
    desk.keys("enter");
    assert!(desk.asked.is_empty(), "that is not its name");
    for _ in 0.."harbor".len() {
        desk.keys("backspace");
    }
    desk.type_text("Harbor Dental");
    desk.keys("enter");
    let (tag, request) = asked(&mut desk);
    assert!(matches!(request, Request::DeleteBusiness(ref delete) if delete.confirm.is_some()), "{request:?}");
    desk.answer(tag, Ok(Reply::DeleteBusiness(Done {})));
    desk.sees("deleted; its logs stay");
}

#[test]
fn deactivating_asks_first_and_activating_does_not() {
    let mut desk = open();
    desk.keys("a");
    desk.sees("Deactivate Harbor Dental?");
    desk.keys("enter");
    assert!(desk.asked.is_empty(), "the first choice keeps it");
    desk.keys("a down enter");
    let (_, request) = asked(&mut desk);
    assert!(matches!(request, Request::UpdateBusiness(ref update) if update.active == Some(false)), "{request:?}");
}

#[test]
fn the_switch_begins_with_the_one_used_last_and_the_frame_has_its_colour() {
    let mut desk = Desk::open(80, 24);
    let look = |desk: &Desk, name: &str| {
        let (x, y) = desk.find(name).expect("the name stands in the frame");
        desk.buffer[(x, y)].style().fg
    };
    let style = |desk: &Desk, id: Id| desk.app.settings.theme.style(Role::of(Colour::of(id))).fg;
    assert_eq!(look(&desk, "Harbor Dental"), style(&desk, HARBOR));
    desk.keys("b");
    desk.type_text("north");
    desk.keys("enter");
    desk.answer_all();
    desk.draw();
    assert_eq!(look(&desk, "Northwind Bank"), style(&desk, NORTHWIND));
    // There and back again: the last one is the first choice.
    desk.keys("b enter");
    desk.answer_all();
    assert_eq!(desk.app.session.business, Some(HARBOR));
    desk.keys("b enter");
    desk.answer_all();
    assert_eq!(desk.app.session.business, Some(NORTHWIND));
}

#[test]
fn what_is_put_off_follows_the_switch() {
    let mut desk = Desk::open(80, 24);
    desk.keys("g l");
    desk.asked.clear();
    desk.keys("b enter");
    let later = desk
        .asked
        .iter()
        .any(|(_, request)| matches!(request, Request::ListLater(list) if list.business == Some(NORTHWIND)));
    assert!(later, "{:?}", desk.asked);
}

#[test]
fn the_field_that_is_filled_in_is_in_view_on_any_screen() {
    for (width, height) in [(60, 16), (60, 18), (80, 24), (120, 40)] {
        let mut desk = Desk::open(width, height);
        desk.keys("g b");
        desk.answer_all();
        desk.keys("N");
        for n in 0..12 {
            assert!(desk.map.cursor.is_some_and(|at| at.y + 1 < height), "field {n}:\n{}", desk.text());
            desk.sees("›");
            desk.keys("tab");
        }
        // What is wrong is said beside its field, the first of all, and that is where it goes.
        desk.keys("backtab enter");
        let (_, y) = desk.find("✗ ").unwrap_or_else(|| panic!("nothing is wrong in:\n{}", desk.text()));
        assert_eq!(desk.map.cursor.map(|at| at.y + 1), Some(y), "{}", desk.text());
    }
    let mut desk = Desk::open(60, 16);
    desk.keys("g b N");
    desk.sees("↓");
    desk.sees_not("↑");
    desk.keys("backtab");
    desk.sees("↑");
    desk.sees_not("↓");
}
