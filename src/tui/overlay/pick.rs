//! A list to choose from by typing: the palette, the agents, the businesses.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use ratatui::layout::Rect;

use super::{position, window};
use crate::api::audit::AuditFormat;
use crate::api::contents::ContentView;
use crate::api::report::ReportFormat;
use crate::api::simulator::Trouble;
use crate::api::verify::FraudLevel;
use crate::domain::id::Id;
use crate::domain::verification::Channel;
use crate::tui::action::Action;
use crate::tui::framemap::{FrameMap, Hit, Listed};
use crate::tui::ink::{Ink, indent, line};
use crate::tui::panes::preferences::Row;
use crate::tui::shown::{Shown, shown};
use crate::tui::theme::Role;
use crate::tui::widgets::{field::Field, list};

/// How much of a row is looked through, in characters.
const MATCHED: usize = 512;

/// What a choice does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Carry out an action.
    Act(Action),
    /// Open a conversation.
    Open(Id),
    /// Give conversations to an agent, or to nobody.
    Assign(Vec<Id>, Option<String>),
    /// Put a label on (`true`), or take it off.
    Label(String, bool),
    /// Show another business.
    Business(Id),
    /// Let a business send nothing any more.
    Deactivate(Id),
    /// Another theme.
    Theme(String),
    /// Another value of a setting.
    Prefer(Row, String),
    /// What becomes of the next message to a handset: its address, a status, a code.
    Outcome(String, String, Option<u32>),
    /// Something goes wrong in the sandbox.
    Trouble(Trouble),
    /// How much Fraud Guard blocks for the service that is tested.
    Guard(FraudLevel),
    /// Nothing goes wrong on purpose any more.
    ClearFaults,
    /// Move the simulated clock by a span or to a moment, as written.
    Leap(String),
    /// Stop the simulated clock, or let it go on.
    Pause(bool),
    /// Bring back where a number's webhooks went.
    Unpoint(String),
    /// Do not send a message that is put off.
    Cancel(Id),
    /// Fill in a content template for a conversation.
    Content(Id, Box<ContentView>),
    /// Open a file of a message.
    OpenFile(Id, u32),
    /// Save a file of a message.
    SaveFile(Id, u32),
    /// Try this channel for the code that is being tested.
    FallBack(Channel),
    /// Open a matrix of verifications that is kept.
    Matrix(String),
    /// Look the number up for this price.
    LookUp(String),
    /// Write the report of the dashboard in this form.
    Report(ReportFormat),
    /// Write the audit log in this form.
    Audit(AuditFormat),
    /// Leave, although something has not been sent.
    QuitAnyway,
    /// Take everything back that has not left.
    TakeBack,
    /// Just close.
    Stay,
}

/// One row.
#[derive(Debug, Clone)]
pub struct Choice {
    /// What it is.
    pub label: Shown,
    /// Beside it: keys, a number.
    pub detail: Shown,
    /// Why it is not possible now.
    pub off: Option<Shown>,
    /// What it does.
    pub value: Value,
}

/// What a list is about, where others have to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum About {
    /// Nothing in particular.
    #[default]
    Anything,
    /// What shall go wrong next in the sandbox.
    Faults,
    /// The simulated clock.
    Clock,
    /// The labels of conversations.
    Labels,
    /// The content templates.
    Contents,
}

/// Whether each word that was typed begins some word of a text. `typed` is in small letters.
fn begin(typed: &str, text: &str) -> bool {
    let text = text.to_lowercase();
    let words = |of: &str| of.split(|c: char| !c.is_alphanumeric()).map(str::to_owned).collect::<Vec<_>>();
    let known = words(&text);
    typed.split_whitespace().all(|wanted| known.iter().any(|word| word.starts_with(wanted)))
}

/// A list, narrowed by what is typed.
#[derive(Debug)]
pub struct Pick {
    about: About,
    title: Shown,
    field: Field,
    choices: Vec<Choice>,
    /// Other words that each of them is found by; none where that is all of them.
    also: Vec<String>,
    typed: Option<Choice>,
    typed_first: bool,
    order: Vec<usize>,
    at: usize,
    top: usize,
}

impl Pick {
    /// A list with a title.
    pub fn new(title: impl Into<Shown>, choices: Vec<Choice>) -> Pick {
        let order = (0..choices.len()).collect();
        let (about, field) = (About::default(), Field::default());
        let (title, also) = (title.into(), Vec::new());
        Pick { about, title, field, typed: None, typed_first: false, choices, also, order, at: 0, top: 0 }
    }

    /// A list whose rows are found by other words too.
    pub fn found_by(title: impl Into<Shown>, rows: Vec<(Choice, String)>) -> Pick {
        let (choices, also) = rows.into_iter().unzip();
        Pick { also, ..Pick::new(title, choices) }
    }

    /// A list that others know again.
    pub fn about(about: About, title: impl Into<Shown>, choices: Vec<Choice>) -> Pick {
        Pick { about, ..Pick::new(title, choices) }
    }

    /// What it is about.
    pub fn is_about(&self) -> About {
        self.about
    }

    /// Its title.
    pub fn title(&self) -> &Shown {
        &self.title
    }

    /// What was typed.
    pub fn text(&self) -> &str {
        self.field.text().trim()
    }

    /// Other rows, with what was typed and the cursor as they are.
    pub fn put(&mut self, choices: Vec<Choice>) {
        let (at, top) = (self.at, self.top);
        self.choices = choices;
        self.narrow();
        (self.at, self.top) = (at.min(self.len().saturating_sub(1)), top);
    }

    /// Empties the field.
    pub fn clear(&mut self) {
        self.field.take();
        (self.typed, self.typed_first) = (None, false);
    }

    /// A row made of what was typed; it stands behind those that match, or before them.
    pub fn offer(&mut self, typed: Option<Choice>, first: bool) {
        self.typed = typed;
        self.typed_first = first && self.typed.is_some();
        self.at = self.at.min(self.len().saturating_sub(1));
    }

    /// The field that narrows it changed by `edit`.
    pub fn edit(&mut self, edit: impl FnOnce(&mut Field) -> bool) -> bool {
        let before = self.field.text().to_owned();
        let taken = edit(&mut self.field);
        if self.field.text() != before {
            self.narrow();
        }
        taken
    }

    fn narrow(&mut self) {
        let pattern = Pattern::parse(self.field.text(), CaseMatching::Ignore, Normalization::Smart);
        let mut matcher = Matcher::new(Config::DEFAULT);
        let mut buffer = Vec::new();
        let typed = self.field.text().to_lowercase();
        let mut found: Vec<(bool, bool, u32, usize)> = Vec::new();
        for (i, choice) in self.choices.iter().enumerate() {
            let whole = format!("{} {}", choice.label, choice.detail);
            // Its scores are 16 bits wide: a longer match than this overflows them.
            let text: String = whole.chars().take(MATCHED).collect();
            let score = pattern.score(Utf32Str::new(&text, &mut buffer), &mut matcher);
            let also = self.also.get(i).map_or("", String::as_str);
            // Where other words count, letters that only happen to stand in this order come last.
            let begins = !self.also.is_empty() && begin(&typed, &text);
            let is_meant = begins || !also.is_empty() && begin(&typed, &format!("{text} {also}"));
            if score.is_some() || is_meant {
                // What is found by other words stands in the list's own order.
                let score = if is_meant && !begins { 0 } else { score.unwrap_or(0) };
                found.push((begins, is_meant, score, i));
            }
        }
        found.sort_by_key(|(begins, is_meant, score, i)| (std::cmp::Reverse((*begins, *is_meant, *score)), *i));
        self.order = found.into_iter().map(|(.., i)| i).collect();
        self.at = 0;
        self.top = 0;
    }

    /// Moves the cursor.
    pub fn step(&mut self, by: isize) {
        self.at = list::step(self.at, by, self.len());
    }

    /// Puts the cursor on a row as drawn.
    pub fn point(&mut self, row: usize) {
        self.at = row.min(self.len().saturating_sub(1));
    }

    /// Keeps the view where it was drawn.
    pub fn drawn(&mut self, listed: Listed) {
        self.top = listed.top;
    }

    /// The row under the cursor.
    pub fn chosen(&self) -> Option<&Choice> {
        self.row(self.at)
    }

    fn row(&self, at: usize) -> Option<&Choice> {
        let typed_at = if self.typed_first { 0 } else { self.order.len() };
        if at == typed_at && self.typed.is_some() {
            return self.typed.as_ref();
        }
        let at = at.checked_sub(usize::from(self.typed_first))?;
        self.order.get(at).and_then(|i| self.choices.get(*i))
    }

    fn len(&self) -> usize {
        self.order.len() + usize::from(self.typed.is_some())
    }

    /// Rows let through, in order: for tests and for accessibility.
    pub fn rows(&self) -> impl Iterator<Item = &Choice> {
        (0..self.len()).filter_map(|at| self.row(at))
    }

    pub(super) fn draw(&self, ink: &mut Ink, area: Rect, map: &mut FrameMap) {
        let rows = u16::try_from(self.choices.len().max(self.len())).unwrap_or(u16::MAX).clamp(1, 18);
        let inside = window(ink, area, map, &self.title, 66, rows + 2);
        let field = indent(line(inside, 0), 2);
        ink.text(line(inside, 0), &Shown::from("›"), Role::Accent);
        map.cursor = self.field.draw(ink, field, Role::Text);
        let fit = usize::from(inside.height.saturating_sub(2));
        let listed = Listed { top: list::follow(self.top, Some(self.at), fit, self.len()), fit };
        map.overlay = Some(listed);
        if self.len() == 0 {
            let nothing =
                if self.choices.is_empty() { "nothing to choose from yet: type it" } else { "nothing matches" };
            ink.text(line(inside, 2), &Shown::from(nothing), Role::Dim);
        }
        for (row, at) in (listed.top..self.len()).take(fit).enumerate() {
            let Some(choice) = self.row(at) else { break };
            let rect = line(inside, row as u16 + 2);
            map.hit(rect, Hit::Choice(at));
            let role = if choice.off.is_some() { Role::Dim } else { Role::Text };
            let mark = if at == self.at { "▌ " } else { "  " };
            let side = match &choice.off {
                Some(why) => (shown!("{why}"), Role::Dim),
                None => (choice.detail.clone(), Role::Key),
            };
            let reserve = u16::try_from(side.0.width()).unwrap_or(0).min(rect.width / 2);
            let left = Rect { width: rect.width.saturating_sub(reserve + 1), ..rect };
            ink.pieces(left, &[(Shown::from(mark), Role::Accent), (choice.label.clone(), role)]);
            ink.right(rect, &[(side.0.cut(reserve.into()), side.1)]);
            if at == self.at && choice.off.is_none() {
                ink.wash(rect, Role::Selection);
            }
        }
        position(ink, Rect { height: 2, ..inside }, listed, self.len());
    }
}
