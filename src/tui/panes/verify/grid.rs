//! The matrix: every channel in every language at once, red and green.
//!
//! ```text
//!   +14155550142 · kim@example.com · Brand                          nightly v2
//!          sms           call          whatsapp      email
//!   en     ✓ 41 ms       ✓ 38 ms       ✓ 20 ms       ✓ 19 ms
//!   de    ▌✗ 60224       ✗ 60224       ✓ 21 ms       ✓ 18 ms
//! ─ sms/de · refused 60224 ───────────────────────────── 10 of 12 are green ─
//!   the template needs a value for de/{{brand}}: give it in `substitutions`
//! ```

use std::collections::BTreeMap;

use ratatui::layout::Rect;

use super::inputs::{NONE, label, values};
use super::remembered::Inputs;
use crate::api::verify::{
    CellView, Fate, ListMatrices, MatrixInput, MatrixRun, MatrixView, RunMatrix, SaveMatrix, TemplateView, TryMatrix,
};
use crate::domain::id::Id;
use crate::tui::app::{App, Focus};
use crate::tui::framemap::{FrameMap, Hit, Listed};
use crate::tui::ink::{Ink, Piece, indent, line};
use crate::tui::msg::Effect;
use crate::tui::panes::verify::{For, ask_for};
use crate::tui::shown::{Shown, shown};
use crate::tui::theme::Role;
use crate::tui::widgets::form::{Entry, Form, Kind};
use crate::tui::widgets::list;

/// The places of the fields.
const TO: usize = 0;
const EMAIL: usize = 1;
const CHANNELS: usize = 2;
const LOCALES: usize = 3;
const TEMPLATE: usize = 4;
const VALUES: usize = 5;
/// What the fields are called, in their order.
const LABELS: [&str; 6] = ["to", "email", "channels", "locales", "template", "values"];

/// Cells of the name of a language, and of a cell of the grid.
const NAME: u16 = 9;
const CELL: u16 = 14;
/// Lines that are kept for what the chosen cell says.
const SAID: u16 = 5;

/// The matrix of a business.
#[derive(Debug)]
pub struct Grid {
    /// What it sends.
    pub form: Form,
    /// Those that are kept.
    pub kept: Vec<MatrixView>,
    /// How it went.
    pub run: Option<MatrixRun>,
    /// How many cells are being tried.
    pub busy: bool,
    /// Why it did not run.
    pub error: Option<Shown>,
    /// The name under which it is kept and the version that was read, as long as nothing of it was changed.
    name: Option<(String, u64)>,
    at: usize,
    templates: Vec<TemplateView>,
}

impl Default for Grid {
    fn default() -> Grid {
        let plain = |max, optional| Kind::Text { max, optional };
        let all = Some(Shown::from("sms, call, whatsapp, email; empty: all that have an address"));
        let form = Form::dense(vec![
            Entry::new(LABELS[TO], plain(254, true), ""),
            Entry::new(LABELS[EMAIL], plain(254, true), ""),
            Entry::new(LABELS[CHANNELS], plain(60, true), "").remarking(all),
            Entry::new(LABELS[LOCALES], plain(200, true), "en"),
            Entry::new(LABELS[TEMPLATE], Kind::Among(vec![NONE.to_owned()]), NONE),
            Entry::new(LABELS[VALUES], plain(2000, true), ""),
        ]);
        let (kept, templates) = (Vec::new(), Vec::new());
        Grid { form, kept, run: None, busy: false, error: None, name: None, at: 0, templates }
    }
}

impl Grid {
    /// Is opened from the test; what stands there is proposed once.
    pub fn open(&mut self, business: Id, inputs: &Inputs, templates: &[TemplateView], name: &str) -> Vec<Effect> {
        self.offer(templates.to_vec());
        let empty = self.form.text(TO).is_empty() && self.form.text(EMAIL).is_empty();
        if empty && !inputs.to.is_empty() {
            self.form.put(if inputs.to.contains('@') { EMAIL } else { TO }, &inputs.to);
            if let Some(template) = self.templates.iter().find(|t| Some(t.sid) == inputs.template) {
                let label = label(template);
                self.form.put(TEMPLATE, &label);
                self.propose(name);
            }
        }
        vec![ask_for(For::Matrices, ListMatrices { business })]
    }

    /// The templates came.
    pub fn offer(&mut self, templates: Vec<TemplateView>) {
        let mut words = vec![NONE.to_owned()];
        words.extend(templates.iter().map(label));
        self.form.offer(TEMPLATE, words);
        self.templates = templates;
    }

    fn template(&self) -> Option<&TemplateView> {
        let chosen = self.form.text(TEMPLATE);
        self.templates.iter().find(|template| label(template) == chosen)
    }

    /// Something was typed: what was kept is not this any more, and a template that was just chosen proposes
    /// its languages and, for each, its values.
    pub fn changed(&mut self, business: &str) {
        (self.name, self.error) = (None, None);
        if self.form.at() == TEMPLATE {
            self.propose(business);
        }
    }

    fn propose(&mut self, business: &str) {
        let Some(template) = self.template() else { return };
        let mut approved: Vec<_> = template.translations.iter().filter(|t| t.status == "approved").collect();
        approved.sort_by_key(|text| !text.is_default);
        let locales: Vec<&str> = approved.iter().map(|t| t.locale.as_str()).collect();
        let locales = locales.join(",");
        let mut all = Vec::new();
        for text in approved {
            for name in text.placeholders.iter().filter(|name| *name != "friendly_name") {
                let value = if name == "brand" { business } else { "" };
                all.push(format!("{}/{name}={value}", text.locale));
            }
        }
        if matches!(self.form.text(LOCALES).trim(), "" | "en") {
            self.form.put(LOCALES, &locales);
        }
        if self.form.text(VALUES).trim().is_empty() {
            self.form.put(VALUES, &all.join("; "));
        }
    }

    /// Fills the field of this name. Whether there is one.
    pub fn fill(&mut self, name: &str, text: &str) -> bool {
        let Some(at) = LABELS.iter().position(|label| *label == name) else { return false };
        self.form.focus(at);
        self.form.replace(text);
        self.name = None;
        true
    }

    /// What it sends; `None` when a field is wrong, which the form then says.
    fn input(&mut self) -> Option<MatrixInput> {
        self.form.submit()?;
        let substitutions = match values(self.form.text(VALUES)) {
            Ok(values) => values,
            Err(why) => {
                self.form.refuse_at(VALUES, Shown::from(why));
                return None;
            }
        };
        let text = |at: usize| Some(self.form.text(at).trim().to_owned()).filter(|text| !text.is_empty());
        let addresses: BTreeMap<String, String> =
            text(EMAIL).map(|email| ("email".to_owned(), email)).into_iter().collect();
        Some(MatrixInput {
            to: text(TO),
            addresses,
            channels: text(CHANNELS).into_iter().collect(),
            locales: text(LOCALES).into_iter().collect(),
            template: self.template().map(|template| template.sid),
            substitutions,
        })
    }

    /// Runs it: by its name where it is kept as it stands here.
    pub fn run(&mut self, business: Id) -> Vec<Effect> {
        if self.busy {
            return Vec::new();
        }
        let effect = match self.name.clone() {
            Some((name, _)) => ask_for(For::Ran, RunMatrix { business, name, confirm: None }),
            None => {
                let Some(matrix) = self.input() else { return Vec::new() };
                ask_for(For::Ran, TryMatrix { business, matrix, confirm: None })
            }
        };
        (self.busy, self.error) = (true, None);
        vec![effect]
    }

    /// What keeping it asks for, the name apart; `None` when a field is wrong.
    pub fn keep(&mut self, business: Id) -> Option<SaveMatrix> {
        let name = self.name.as_ref().map(|(name, _)| name.clone()).unwrap_or_default();
        self.input().map(|matrix| SaveMatrix { business, name, matrix, version: None })
    }

    /// It is kept now as this.
    pub fn kept_as(&mut self, view: MatrixView) {
        self.name = Some((view.name.clone(), view.version));
        match self.kept.iter_mut().find(|known| known.name == view.name) {
            Some(known) => *known = view,
            None => self.kept.push(view),
        }
    }

    /// Opens one that is kept.
    pub fn show(&mut self, name: &str) {
        let Some(view) = self.kept.iter().find(|view| view.name == name).cloned() else { return };
        let mut own: Vec<(&String, &String)> = view.addresses.iter().collect();
        let email = own.extract_if(.., |(channel, _)| *channel == "email").next().map(|(_, to)| to.clone());
        let channels: Vec<&str> = view.channels.iter().map(|channel| channel.word()).collect();
        let values: Vec<String> = view.substitutions.iter().map(|(name, value)| format!("{name}={value}")).collect();
        self.form.put(TO, own.first().map_or("", |(_, to)| to));
        self.form.put(EMAIL, email.as_deref().unwrap_or_default());
        self.form.put(CHANNELS, &channels.join(","));
        self.form.put(LOCALES, &view.locales.join(","));
        let template = self.templates.iter().find(|t| Some(t.sid) == view.template).map_or(NONE.to_owned(), label);
        self.form.put(TEMPLATE, &template);
        self.form.put(VALUES, &values.join("; "));
        self.name = Some((view.name, view.version));
        (self.run, self.error, self.at) = (view.run, None, 0);
    }

    /// It ran.
    pub fn ran(&mut self, run: MatrixRun) {
        (self.busy, self.error) = (false, None);
        self.at = self.at.min(run.items.len().saturating_sub(1));
        if let Some((name, _)) = &self.name
            && let Some(known) = self.kept.iter_mut().find(|known| known.name == *name)
        {
            known.run = Some(run.clone());
        }
        self.run = Some(run);
    }

    /// Says what the node found wrong, beside the field that it names; `false` when none is at fault.
    pub fn refuse(&mut self, field: &str, why: Shown) -> bool {
        let at = match field {
            "to" => TO,
            "addresses" => EMAIL,
            "channels" => CHANNELS,
            "locales" => LOCALES,
            "template" => TEMPLATE,
            "substitutions" => VALUES,
            _ => return false,
        };
        self.form.refuse_at(at, why);
        true
    }

    /// The cell under the cursor.
    pub fn current(&self) -> Option<&CellView> {
        self.run.as_ref()?.items.get(self.at)
    }

    fn cells(&self) -> &[CellView] {
        self.run.as_ref().map(|run| run.items.as_slice()).unwrap_or_default()
    }

    /// How many columns it has: the cells of its first language.
    fn columns(&self) -> usize {
        let cells = self.cells();
        cells.iter().take_while(|cell| cell.locale == cells[0].locale).count().max(1)
    }

    /// Moves the cursor by languages.
    pub fn step(&mut self, by: isize) {
        let columns = self.columns();
        let row = list::step(self.at / columns, by, self.cells().len() / columns);
        self.at = row * columns + self.at % columns;
    }

    /// Moves the cursor by channels.
    pub fn go(&mut self, by: isize) {
        let columns = self.columns();
        let start = self.at / columns * columns;
        self.at = start + list::step(self.at % columns, by, columns);
    }

    /// Puts the cursor on a cell. Whether it was there already.
    pub fn point(&mut self, cell: usize) -> bool {
        let cell = cell.min(self.cells().len().saturating_sub(1));
        std::mem::replace(&mut self.at, cell) == cell
    }
}

/// Draws it below the pane's rule.
pub fn draw(app: &App, ink: &mut Ink, area: Rect, map: &mut FrameMap) {
    let grid = &app.rooms.tester.matrix;
    let open = app.focus == Focus::MatrixForm || grid.run.is_none();
    let used = if open { fields(app, ink, area, map) } else { summary(grid, ink, area, map) };
    let rest = Rect { y: area.y + used, height: area.height.saturating_sub(used), ..area };
    if let Some(why) = note(grid) {
        let cells = usize::from(rest.width.saturating_sub(4)).max(1);
        for (n, part) in why.0.wrap(cells).into_iter().take(3).enumerate() {
            ink.text(indent(line(rest, n as u16), 2), &part, why.1);
        }
    } else {
        cells(app, ink, rest, map);
    }
}

/// What is said in place of the grid.
fn note(grid: &Grid) -> Option<(Shown, Role)> {
    match (&grid.error, grid.busy, &grid.run) {
        (_, true, _) => Some((Shown::from("every cell is sent, read and ended, one after the other…"), Role::Dim)),
        (Some(why), ..) => Some((shown!("✗ {why}"), Role::Error)),
        (None, false, None) => {
            let kept: Vec<&str> = grid.kept.iter().map(|view| view.name.as_str()).collect();
            let kept = match kept.is_empty() {
                true => Shown::default(),
                false => shown!(" Kept: {}.", Shown::of(&kept.join(", "))),
            };
            Some((shown!("each channel is tried in each language; Enter runs it.{kept}"), Role::Dim))
        }
        _ => None,
    }
}

fn fields(app: &App, ink: &mut Ink, area: Rect, map: &mut FrameMap) -> u16 {
    let form = &app.rooms.tester.matrix.form;
    let height = form.height(area.width).min(area.height);
    let cursor = form.draw(ink, Rect { height, ..area }, |i, rect| map.hit(rect, Hit::FormField(i)));
    if app.focus == Focus::MatrixForm {
        map.cursor = cursor;
    }
    height
}

/// What it sends, in one line.
fn summary(grid: &Grid, ink: &mut Ink, area: Rect, map: &mut FrameMap) -> u16 {
    let row = line(area, 0);
    let parts: Vec<&str> =
        [TO, EMAIL, TEMPLATE].iter().map(|at| grid.form.text(*at).trim()).filter(|text| !text.is_empty()).collect();
    let name = match &grid.name {
        Some((name, version)) => shown!("{} v{version}", Shown::of(name)),
        None => Shown::from("not kept"),
    };
    let used = ink.right(Rect { width: row.width.saturating_sub(1), ..row }, &[(name, Role::Accent)]);
    let left = Rect { width: row.width.saturating_sub(used + 2), ..row };
    ink.text(indent(left, 2), &Shown::of(&parts.join(" · ")), Role::Dim);
    map.hit(row, Hit::FormField(TO));
    1
}

fn look(cell: &CellView) -> (Shown, Role) {
    match (cell.outcome, cell.error) {
        (Fate::Approved | Fate::Accepted, _) => (shown!("✓ {} ms", cell.took_ms), Role::Ok),
        (_, Some(code)) => (shown!("✗ {code}"), Role::Error),
        (Fate::Failed, None) => (Shown::from("✗ failed"), Role::Error),
        (Fate::Refused, None) => (Shown::from("✗ refused"), Role::Error),
    }
}

fn cells(app: &App, ink: &mut Ink, area: Rect, map: &mut FrameMap) {
    let grid = &app.rooms.tester.matrix;
    let (all, columns) = (grid.cells(), grid.columns());
    let rows = all.len() / columns;
    let width = CELL.min(area.width.saturating_sub(NAME + 2) / columns.max(1) as u16);
    let at = |column: usize| NAME + 2 + width * column as u16;
    for (n, cell) in all.iter().take(columns).enumerate() {
        let head = Rect { width, ..indent(line(area, 0), at(n)) };
        ink.text(head, &Shown::from(cell.channel.word()), Role::Strong);
    }
    let fit = usize::from(area.height.saturating_sub(SAID + 2)).max(1).min(rows);
    let top = list::follow(0, Some(grid.at / columns), fit, rows);
    map.list = Some(Listed { top, fit });
    for row in top..(top + fit).min(rows) {
        let rect = line(area, 1 + (row - top) as u16);
        let locale = all.get(row * columns).map(|cell| Shown::of(&cell.locale)).unwrap_or_default();
        ink.text(Rect { width: NAME, ..indent(rect, 2) }, &locale, Role::Strong);
        for column in 0..columns {
            let n = row * columns + column;
            let Some(cell) = all.get(n) else { continue };
            let spot = Rect { width, ..indent(rect, at(column)) };
            let (text, role) = look(cell);
            map.hit(spot, Hit::Row(n));
            ink.text(Rect { width: width.saturating_sub(1), ..spot }, &text, role);
            if n == grid.at {
                let mark = Rect { x: spot.x.saturating_sub(1), width: 1, ..spot };
                ink.text(mark, &Shown::from("▌"), Role::Focus);
                ink.wash(Rect { width: width.saturating_sub(1), ..spot }, Role::Selection);
            }
        }
    }
    let used = 1 + fit as u16;
    said(grid, ink, Rect { y: area.y + used, height: area.height.saturating_sub(used), ..area });
}

/// What the chosen cell says, and how many are green.
fn said(grid: &Grid, ink: &mut Ink, area: Rect) {
    let (Some(cell), Some(run)) = (grid.current(), &grid.run) else { return };
    let (words, role) = fate(cell.outcome);
    let error = cell.error.map(|code| shown!(" {code}")).unwrap_or_default();
    let title: [Piece; 2] = [(shown!("{} · ", Shown::of(&cell.cell)), Role::Strong), (shown!("{words}{error}"), role)];
    let all = if run.ok { Role::Ok } else { Role::Error };
    ink.rule(line(area, 0), false, &title, &[(shown!("{} of {} are green", run.passed, run.cells), all)]);
    let width = usize::from(area.width.saturating_sub(4)).max(1);
    let mut lines: Vec<(Shown, Role)> = Vec::new();
    lines.extend(Shown::of(&cell.text).wrap(width).into_iter().take(3).map(|part| (part, Role::Outgoing)));
    lines.push((measured(cell), Role::Dim));
    lines.extend(Shown::of(&cell.detail).wrap(width).into_iter().map(|part| (part, Role::Error)));
    for (n, (text, role)) in lines.into_iter().filter(|(text, _)| text.width() > 0).enumerate() {
        ink.text(indent(line(area, 1 + n as u16), 2), &text, role);
    }
}

/// `Brand · 41 ms · $0.0583 · Enter: its timeline`.
fn measured(cell: &CellView) -> Shown {
    let mut parts = vec![cell.template.clone(), format!("{} ms", cell.took_ms)];
    parts.extend(cell.cost.as_ref().map(|cost| cost.fine()));
    if !cell.is_exact && !cell.text.is_empty() {
        parts.push("in Twilio's own words".to_owned());
    }
    if cell.flow.is_some() {
        parts.push("Enter: its timeline".to_owned());
    }
    Shown::of(&parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · "))
}

fn fate(fate: Fate) -> (&'static str, Role) {
    match fate {
        Fate::Approved => ("approved", Role::Ok),
        Fate::Accepted => ("accepted, then canceled", Role::Ok),
        Fate::Failed => ("failed", Role::Error),
        Fate::Refused => ("refused", Role::Error),
    }
}

/// The matrix in sentences.
pub fn told(app: &App) -> Vec<Shown> {
    let grid = &app.rooms.tester.matrix;
    if let Some((note, _)) = note(grid) {
        return vec![
            note,
            Shown::from("to, email, channels, locales, template, values take a text; run-matrix runs it."),
        ];
    }
    let mut lines: Vec<Shown> = grid
        .cells()
        .iter()
        .map(|cell| {
            let (words, _) = fate(cell.outcome);
            let why = if cell.ok { Shown::of(&cell.text) } else { Shown::of(&cell.detail) };
            shown!("{}: {words}. {why}", Shown::of(&cell.cell))
        })
        .collect();
    lines.extend(grid.run.as_ref().map(|run| shown!("{} of {} are green.", run.passed, run.cells)));
    lines
}
