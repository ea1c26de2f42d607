//! The matrix of the tester: every channel in every language, run, walked over, kept and opened again.

use std::collections::BTreeMap;

use switchboard::api::verify::{CellView, Fate, MatrixInput, MatrixList, MatrixRun, MatrixView};
use switchboard::api::{ApiError, Code, Reply, Request, When};
use switchboard::domain::verification::Channel;

use crate::bank::{Bank, FLOW, KIM, usd};
use crate::desk::Desk;
use crate::screens::check;
use crate::tester::sent;
use crate::world::NOW;

fn cell(channel: Channel, locale: &str, red: bool) -> CellView {
    let missing = "the template needs a value for de/{{brand}}: give it in `substitutions`";
    CellView {
        cell: format!("{}/{locale}", channel.word()),
        ok: !red,
        outcome: if red { Fate::Refused } else { Fate::Approved },
        channel,
        locale: locale.into(),
        text: "Your Northwind Bank code is ••••••".into(),
        is_exact: true,
        template: if channel.in_templates().is_some() { "Brand code" } else { "no template" }.into(),
        took_ms: 41,
        cost: (!red).then(|| usd("0.0583")).flatten(),
        detail: if red { missing.into() } else { String::new() },
        error: red.then_some(60224),
        flow: (!red).then_some(FLOW),
    }
}

/// Twelve cells; in German the template lacks its value if `red`.
fn ran(red: bool) -> MatrixRun {
    let items: Vec<CellView> = ["en", "es", "de"]
        .into_iter()
        .flat_map(|locale| Channel::ALL.map(|c| cell(c, locale, red && locale == "de" && c.in_templates().is_some())))
        .collect();
    let passed = items.iter().filter(|cell| cell.ok).count();
    MatrixRun { ok: passed == 12, passed, cells: 12, at: When(NOW), actor: "agent1".into(), version: 0, items }
}

fn nightly(run: Option<MatrixRun>) -> MatrixView {
    let address = |channel: &str, to: &str| (channel.to_owned(), to.to_owned());
    MatrixView {
        name: "nightly".into(),
        version: 1,
        actor: "agent1".into(),
        saved_at: When(NOW),
        channels: Channel::ALL.to_vec(),
        locales: ["en", "es", "de"].map(str::to_owned).to_vec(),
        addresses: BTreeMap::from([address("sms", KIM), address("email", "kim@example.com")]),
        template: None,
        substitutions: BTreeMap::new(),
        run,
    }
}

/// The matrix is open; `kept` are those that the node has.
fn opened(width: u16, height: u16, kept: Vec<MatrixView>) -> Desk {
    let bank = Bank::new();
    let mut desk = sent(&bank, width, height);
    desk.keys("m");
    let (tag, _) = desk.question(|r| matches!(r, Request::ListMatrices(_)).then_some(()));
    desk.answer(tag, Ok(Reply::ListMatrices(MatrixList { items: kept })));
    desk
}

fn tried(desk: &mut Desk) -> (switchboard::tui::msg::Tag, MatrixInput) {
    desk.question(|r| if let Request::TryMatrix(t) = r { Some(t.matrix.clone()) } else { None })
}

#[test]
fn twelve_cells_are_run_walked_over_and_kept() {
    let mut desk = opened(80, 24, Vec::new());
    desk.sees("[Matrix]");
    // The recipient of the test and the languages of its template are proposed; the email is typed.
    desk.keys("tab");
    desk.type_text("kim@example.com");
    desk.keys("enter");
    let (tag, asked) = tried(&mut desk);
    assert_eq!(asked.to.as_deref(), Some("(415) 555-0142"));
    assert_eq!(asked.addresses.get("email").map(String::as_str), Some("kim@example.com"));
    assert!(asked.template.is_some() && asked.channels.is_empty(), "{asked:?}");
    desk.sees("every cell is sent");
    desk.keys("enter");
    desk.answer(tag, Ok(Reply::TryMatrix(ran(false))));
    desk.sees("12 of 12 are green");
    desk.sees("sms/en");
    desk.keys("right right down");
    desk.sees("whatsapp/es");
    desk.sees("no template · 41 ms · $0.0583");
    check("matrix-green-80x24", &desk);
    // Its flow, and back.
    desk.keys("enter");
    let (_, flow) = desk.question(|r| if let Request::GetFlow(g) = r { Some(g.flow) } else { None });
    assert_eq!(flow, FLOW);
    desk.sees("[Test]");
    desk.keys("esc");
    desk.sees("whatsapp/es");
    // Kept under a name, it runs by its name.
    desk.keys("s");
    desk.sees("Keep this matrix");
    desk.keys("enter");
    let (tag, name) = desk.question(|r| if let Request::SaveMatrix(s) = r { Some(s.name.clone()) } else { None });
    assert_eq!(name, "nightly");
    desk.answer(tag, Ok(Reply::SaveMatrix(nightly(None))));
    desk.sees("switchboard verify run nightly");
    desk.keys("r");
    let (_, name) = desk.question(|r| if let Request::RunMatrix(r) = r { Some(r.name.clone()) } else { None });
    assert_eq!(name, "nightly");
}

#[test]
fn a_red_cell_says_why_where_it_stands() {
    let mut desk = opened(80, 24, vec![nightly(Some(ran(true)))]);
    desk.sees("Kept: nightly");
    desk.keys("ctrl-o");
    desk.sees("10 of 12 green");
    desk.keys("enter");
    desk.sees("10 of 12 are green");
    desk.keys("down down");
    desk.sees("sms/de");
    desk.sees("de/{{brand}}");
    check("matrix-red-80x24", &desk);
    desk.keys("left enter");
    assert!(desk.find("[Matrix]").is_some(), "a cell that began no flow leads nowhere");
    // What the node finds wrong stands beside its field.
    desk.keys("n");
    desk.type_text("9");
    desk.keys("enter");
    let (tag, _) = tried(&mut desk);
    desk.answer(tag, Err(ApiError { field: Some("to".into()), ..ApiError::new(Code::InvalidInput, "it is too long") }));
    desk.sees("it is too long");
    desk.keys("esc esc");
    desk.sees("[Test]");
}

#[test]
fn it_opens_from_the_inbox_before_anything_was_sent() {
    let bank = Bank::new();
    let mut desk = Desk::open(80, 24);
    desk.keys("b n o r t h enter");
    desk.answer_all();
    desk.keys("ctrl-p");
    desk.type_text("matrix");
    desk.keys("enter");
    bank.answer(&mut desk);
    desk.sees("[Matrix]");
}
