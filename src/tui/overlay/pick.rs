//! A list to choose from by typing: the palette, the agents, the businesses.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use ratatui::layout::Rect;

use super::{position, window};
use crate::domain::id::Id;
use crate::tui::action::Action;
use crate::tui::framemap::{FrameMap, Hit, Listed};
use crate::tui::ink::{Ink, indent, line};
use crate::tui::shown::{Shown, shown};
use crate::tui::theme::Role;
use crate::tui::widgets::{field::Field, list};

/// What a choice does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Carry out an action.
    Act(Action),
    /// Open a conversation.
    Open(Id),
    /// Give a conversation to an agent, or to nobody.
    Assign(Id, Option<String>),
    /// Show another business.
    Business(Id),
    /// Another theme.
    Theme(String),
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

/// A list, narrowed by what is typed.
#[derive(Debug)]
pub struct Pick {
    title: Shown,
    field: Field,
    choices: Vec<Choice>,
    order: Vec<usize>,
    at: usize,
    top: usize,
}

impl Pick {
    /// A list with a title.
    pub fn new(title: impl Into<Shown>, choices: Vec<Choice>) -> Pick {
        let order = (0..choices.len()).collect();
        Pick { title: title.into(), field: Field::default(), choices, order, at: 0, top: 0 }
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
        let mut found: Vec<(u32, usize)> = Vec::new();
        for (i, choice) in self.choices.iter().enumerate() {
            let text = format!("{} {}", choice.label, choice.detail);
            if let Some(score) = pattern.score(Utf32Str::new(&text, &mut buffer), &mut matcher) {
                found.push((score, i));
            }
        }
        found.sort_by_key(|(score, i)| (std::cmp::Reverse(*score), *i));
        self.order = found.into_iter().map(|(_, i)| i).collect();
        self.at = 0;
        self.top = 0;
    }

    /// Moves the cursor.
    pub fn step(&mut self, by: isize) {
        self.at = list::step(self.at, by, self.order.len());
    }

    /// Puts the cursor on a row as drawn.
    pub fn point(&mut self, row: usize) {
        self.at = row.min(self.order.len().saturating_sub(1));
    }

    /// Keeps the view where it was drawn.
    pub fn drawn(&mut self, listed: Listed) {
        self.top = listed.top;
    }

    /// The row under the cursor.
    pub fn chosen(&self) -> Option<&Choice> {
        self.order.get(self.at).and_then(|i| self.choices.get(*i))
    }

    /// Rows let through, in order: for tests and for accessibility.
    pub fn rows(&self) -> impl Iterator<Item = &Choice> {
        self.order.iter().filter_map(|i| self.choices.get(*i))
    }

    pub(super) fn draw(&self, ink: &mut Ink, area: Rect, map: &mut FrameMap) {
        let rows = u16::try_from(self.choices.len()).unwrap_or(u16::MAX).min(18);
        let inside = window(ink, area, map, &self.title, 66, rows + 2);
        let field = indent(line(inside, 0), 2);
        ink.text(line(inside, 0), &Shown::from("›"), Role::Accent);
        map.cursor = self.field.draw(ink, field, Role::Text);
        let fit = usize::from(inside.height.saturating_sub(2));
        let listed = Listed { top: list::follow(self.top, Some(self.at), fit, self.order.len()), fit };
        map.overlay = Some(listed);
        if self.order.is_empty() {
            ink.text(line(inside, 2), &Shown::from("nothing matches"), Role::Dim);
        }
        for (row, at) in (listed.top..self.order.len()).take(fit).enumerate() {
            let Some(choice) = self.order.get(at).and_then(|i| self.choices.get(*i)) else { break };
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
        position(ink, Rect { height: 2, ..inside }, listed, self.order.len());
    }
}
