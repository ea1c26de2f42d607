//! The one form: labelled fields, each with a type that says what is wrong with what was typed.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::layout::{Position, Rect};

use super::field::Field;
use crate::domain::address::Address;
use crate::domain::business::service_name;
use crate::tui::ink::{Ink, Piece, indent, line};
use crate::tui::shown::{Shown, shown};
use crate::tui::theme::Role;

/// What may stand in a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// Any text, at most so many characters; empty if `optional`.
    Text {
        /// The most characters.
        max: usize,
        /// Whether it may be empty.
        optional: bool,
    },
    /// The path of a file.
    Path,
    /// An address.
    Address,
    /// An address, or nothing.
    OptionalAddress,
    /// The name of a Verify service, or nothing.
    ServiceName,
    /// A span of time such as `10m`, `1d 2h`.
    Duration,
    /// A whole number in a range; empty if the range is not needed.
    Number {
        /// The least.
        min: u64,
        /// The most.
        max: u64,
        /// Whether it may be empty.
        optional: bool,
    },
    /// One of these words; left and right choose.
    Choice(&'static [&'static str]),
    /// One of these, which are not known beforehand; left and right choose.
    Among(Vec<String>),
    /// Exactly this text, as a yes.
    Exactly(String),
}

/// What stands in a field, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A text.
    Text(String),
    /// An address.
    Address(Address),
    /// Whole seconds.
    Seconds(u64),
    /// A number, if one was given.
    Number(Option<u64>),
}

/// One field of a form.
#[derive(Debug, Clone)]
pub struct Entry {
    label: Shown,
    kind: Kind,
    field: Field,
    fault: Option<Shown>,
    /// What else is said of it, until a key is typed.
    remark: Option<Shown>,
    /// Whether it is out of view and out of reach.
    hidden: bool,
}

impl Entry {
    /// A field with a label and what it holds at first.
    pub fn new(label: impl Into<Shown>, kind: Kind, text: &str) -> Entry {
        Entry { label: label.into(), kind, field: Field::new(text), fault: None, remark: None, hidden: false }
    }

    /// With something else that is said of it, until a key is typed.
    pub fn remarking(self, remark: Option<Shown>) -> Entry {
        Entry { remark, ..self }
    }

    /// A field that proposes a text: what is typed takes its place.
    pub fn proposing(label: impl Into<Shown>, kind: Kind, text: &str) -> Entry {
        Entry { field: Field::proposing(text), ..Entry::new(label, kind, "") }
    }

    /// The words to choose from, where that is all there is.
    fn words(&self) -> Option<Vec<&str>> {
        match &self.kind {
            Kind::Choice(words) => Some(words.to_vec()),
            Kind::Among(words) => Some(words.iter().map(String::as_str).collect()),
            _ => None,
        }
    }

    fn value(&self) -> Result<Value, String> {
        let text = self.field.text().trim();
        match &self.kind {
            Kind::Text { optional: false, .. } if text.is_empty() => Err("this is needed".to_owned()),
            Kind::Path if text.is_empty() => Err("a path is needed".to_owned()),
            Kind::Path => Ok(Value::Text(text.to_owned())),
            Kind::Text { max, .. } if text.chars().count() > *max => Err(format!("at most {max} characters")),
            Kind::Text { .. } | Kind::Choice(_) | Kind::Among(_) => Ok(Value::Text(text.to_owned())),
            Kind::Address => {
                text.parse().map(Value::Address).map_err(|e: crate::domain::address::BadAddress| e.to_string())
            }
            Kind::OptionalAddress | Kind::ServiceName if text.is_empty() => Ok(Value::Text(String::new())),
            Kind::OptionalAddress => {
                text.parse().map(Value::Address).map_err(|e: crate::domain::address::BadAddress| e.to_string())
            }
            Kind::ServiceName => service_name(text).map(Value::Text).map_err(|e| e.to_string()),
            Kind::Duration => seconds(text).map(Value::Seconds),
            Kind::Number { optional: true, .. } if text.is_empty() => Ok(Value::Number(None)),
            Kind::Number { min, max, .. } => match text.parse::<u64>() {
                Ok(n) if (*min..=*max).contains(&n) => Ok(Value::Number(Some(n))),
                _ => Err(format!("a whole number from {min} to {max}")),
            },
            Kind::Exactly(word) if text == word => Ok(Value::Text(text.to_owned())),
            Kind::Exactly(word) => Err(format!("type {word} to go ahead")),
        }
    }
}

/// Reads a span of time in whole seconds: `10m`, `1h 30m`, `3 days`.
pub fn seconds(text: &str) -> Result<u64, String> {
    let bad = || "a span such as 30s, 10m, 1h 30m, 3 days".to_owned();
    let span: jiff::Span = text.parse().map_err(|_| bad())?;
    let relative = jiff::SpanRelativeTo::days_are_24_hours();
    let total = span.total((jiff::Unit::Second, relative)).map_err(|_| bad())?;
    if (1.0..=400.0 * 86_400.0).contains(&total) {
        Ok(total as u64)
    } else {
        Err("from 1 second to 400 days".to_owned())
    }
}

/// Fields, and which of them is being filled in.
#[derive(Debug, Clone)]
pub struct Form {
    entries: Vec<Entry>,
    focus: usize,
    dense: bool,
}

impl Form {
    /// A form of these fields.
    pub fn new(entries: Vec<Entry>) -> Form {
        Form { entries, focus: 0, dense: false }
    }

    /// A form without room between the fields, for a pane that shows more than the form.
    pub fn dense(entries: Vec<Entry>) -> Form {
        Form { dense: true, ..Form::new(entries) }
    }

    /// The place of the focused field.
    pub fn at(&self) -> usize {
        self.focus
    }

    /// What stands in a field as it was typed.
    pub fn text(&self, index: usize) -> &str {
        self.entries.get(index).map_or("", |entry| entry.field.text())
    }

    /// Puts a text into a field.
    pub fn put(&mut self, index: usize, text: &str) {
        if let Some(entry) = self.entries.get_mut(index) {
            (entry.field, entry.fault) = (Field::new(text), None);
        }
    }

    /// Other words to choose from in a field; what was chosen stays if it is among them.
    pub fn offer(&mut self, index: usize, words: Vec<String>) {
        let Some(entry) = self.entries.get_mut(index) else { return };
        if !words.iter().any(|word| word == entry.field.text()) {
            entry.field = Field::new(words.first().map_or("", String::as_str));
        }
        entry.kind = Kind::Among(words);
    }

    /// Says what is wrong beside a field, and goes there.
    pub fn refuse_at(&mut self, index: usize, why: Shown) {
        self.focus(index);
        self.refuse(why);
    }

    /// The next field in view, or the one before.
    pub fn step(&mut self, by: isize) {
        let len = self.entries.len().max(1) as isize;
        for _ in 0..len {
            self.focus = ((self.focus as isize + by).rem_euclid(len)) as usize;
            if self.entries.get(self.focus).is_some_and(|entry| !entry.hidden) {
                break;
            }
        }
    }

    /// Goes to a field, which is in view then.
    pub fn focus(&mut self, index: usize) {
        self.focus = index.min(self.entries.len().saturating_sub(1));
        self.hide(self.focus, false);
    }

    /// Takes a field out of view, or brings it back; what stands in it stays.
    pub fn hide(&mut self, index: usize, hidden: bool) {
        if let Some(entry) = self.entries.get_mut(index) {
            entry.hidden = hidden;
        }
        if self.entries.get(self.focus).is_some_and(|entry| entry.hidden) {
            self.step(-1);
        }
    }

    /// Whether a field is in view.
    pub fn shows(&self, index: usize) -> bool {
        self.entries.get(index).is_some_and(|entry| !entry.hidden)
    }

    fn shown(&self) -> impl Iterator<Item = (usize, &Entry)> {
        self.entries.iter().enumerate().filter(|(_, entry)| !entry.hidden)
    }

    /// Takes an editing key into the focused field.
    pub fn key(&mut self, key: KeyEvent) -> bool {
        let Some(entry) = self.entries.get_mut(self.focus) else { return false };
        (entry.fault, entry.remark) = (None, None);
        if let Some(words) = entry.words() {
            let at = words.iter().position(|w| *w == entry.field.text()).unwrap_or(0);
            let next = match key.code {
                KeyCode::Right | KeyCode::Char(' ') => (at + 1) % words.len().max(1),
                KeyCode::Left => (at + words.len().saturating_sub(1)) % words.len().max(1),
                _ => return false,
            };
            let chosen = Field::new(words.get(next).copied().unwrap_or(""));
            entry.field = chosen;
            return true;
        }
        entry.field.key(key)
    }

    /// Takes pasted text into the focused field.
    pub fn insert(&mut self, raw: &str) {
        if let Some(entry) = self.entries.get_mut(self.focus)
            && entry.words().is_none()
        {
            entry.field.insert(raw);
        }
    }

    /// Gives the focused field another text; one of several words is chosen by its beginning.
    pub fn replace(&mut self, text: &str) {
        let Some(entry) = self.entries.get_mut(self.focus) else { return };
        entry.fault = None;
        let word = match entry.words() {
            Some(words) => words.into_iter().find(|word| word.starts_with(text)),
            None => Some(text),
        };
        if let Some(field) = word.map(Field::new) {
            entry.field = field;
        }
    }

    /// Whether the focused field is the last one.
    pub fn is_last(&self) -> bool {
        self.shown().last().is_none_or(|(last, _)| self.focus >= last)
    }

    /// What the focused field asks for, and what is wrong with what it holds.
    pub fn asks(&self) -> Vec<Shown> {
        let Some(entry) = self.entries.get(self.focus) else { return Vec::new() };
        let words = match entry.words() {
            Some(words) => shown!(" ({})", Shown::of(&words.join(", "))),
            _ if entry.field.is_empty() => Shown::default(),
            _ => shown!(" (now: {})", Shown::of(entry.field.text())),
        };
        let fault = entry.fault.as_ref().map(|fault| shown!("That is wrong: {fault}"));
        fault.into_iter().chain([shown!("{}{words}?", entry.label)]).collect()
    }

    /// All values; else the faults stand beside their fields and the first of them has the focus.
    pub fn submit(&mut self) -> Option<Vec<Value>> {
        let mut values = Vec::with_capacity(self.entries.len());
        let mut wrong = None;
        for (i, entry) in self.entries.iter_mut().enumerate() {
            match entry.value() {
                Ok(value) => values.push(value),
                Err(why) => {
                    entry.fault = Some(Shown::from(why));
                    wrong = wrong.or(Some(i));
                }
            }
        }
        match wrong {
            Some(i) => {
                self.focus(i);
                None
            }
            None => Some(values),
        }
    }

    /// Says what the node found wrong, beside the focused field.
    pub fn refuse(&mut self, why: Shown) {
        if let Some(entry) = self.entries.get_mut(self.focus) {
            (entry.fault, entry.remark) = (Some(why), None);
        }
    }

    /// Says something else beside the focused field.
    pub fn remark(&mut self, what: Shown) {
        if let Some(entry) = self.entries.get_mut(self.focus) {
            entry.remark = Some(what);
        }
    }

    /// What stands in the focused field, if that is a path.
    pub fn path(&self) -> Option<&str> {
        self.entries.get(self.focus).filter(|entry| entry.kind == Kind::Path).map(|entry| entry.field.text())
    }

    /// What stands in each field now.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|entry| entry.field.text())
    }

    /// Lines it takes at a width.
    pub fn height(&self, width: u16) -> u16 {
        self.shown().map(|(_, entry)| self.pace(entry, width)).sum()
    }

    /// Lines below a field that has so much said about it.
    fn below(&self, said: usize) -> u16 {
        u16::try_from(said.max(usize::from(!self.dense))).unwrap_or(1)
    }

    fn labels(&self) -> u16 {
        self.shown().map(|(_, e)| e.label.width()).max().unwrap_or(0).min(20) as u16
    }

    /// What is wrong with a field, or what else is said of it, in lines.
    fn under(&self, entry: &Entry, width: u16) -> Vec<Piece> {
        let cells = usize::from(width.saturating_sub(self.labels() + 4)).max(1);
        let (text, role) = match (&entry.fault, &entry.remark) {
            (Some(fault), _) => (shown!("✗ {fault}"), Role::Error),
            (None, Some(remark)) => (remark.clone(), Role::Dim),
            (None, None) => return Vec::new(),
        };
        text.wrap(cells).into_iter().map(|line| (line, role)).collect()
    }

    /// The least lines in which the focused field and what is said of it are in view.
    pub fn least(&self, width: u16) -> u16 {
        self.entries.get(self.focus).map_or(0, |entry| self.tall(entry, width))
    }

    /// Lines of a field with what is said of it.
    fn tall(&self, entry: &Entry, width: u16) -> u16 {
        u16::try_from(self.under(entry, width).len()).unwrap_or(u16::MAX).saturating_add(1)
    }

    /// The first line in view where not all of them have room: the focused field is in view whole, and as much
    /// before it as fits.
    fn top(&self, area: Rect) -> u16 {
        let above = self.shown().filter(|(i, _)| *i < self.focus);
        let before: u16 = above.map(|(_, entry)| self.pace(entry, area.width)).sum();
        let end = before.saturating_add(self.least(area.width));
        end.saturating_sub(area.height).min(before)
    }

    /// Lines from a field to the next one.
    fn pace(&self, entry: &Entry, width: u16) -> u16 {
        1 + self.below(self.under(entry, width).len())
    }

    /// Draws it; answers where the cursor stands and which line each field has. On too low a screen it is
    /// scrolled to the focused field, and arrows say that there is more.
    pub fn draw(&self, ink: &mut Ink, area: Rect, mut hit: impl FnMut(usize, Rect)) -> Option<Position> {
        let labels = self.labels();
        let top = self.top(area);
        let row_at = |at: u16| at.checked_sub(top).map_or(Rect::ZERO, |n| line(area, n));
        let mut cursor = None;
        let mut next = 0;
        for (i, entry) in self.shown() {
            let row = row_at(next);
            let under = self.under(entry, area.width);
            for (n, (text, role)) in under.iter().enumerate() {
                ink.text(indent(row_at(next + 1 + n as u16), labels + 4), text, *role);
            }
            next += 1 + self.below(under.len());
            if row.is_empty() {
                continue;
            }
            hit(i, row);
            let focused = i == self.focus;
            let mark = if focused { "›" } else { " " };
            ink.text(row, &Shown::from(mark), Role::Accent);
            ink.text(indent(row, 2), &entry.label.cut(labels.into()), if focused { Role::Strong } else { Role::Dim });
            let input = indent(row, labels + 4);
            if entry.words().is_some() {
                ink.text(input, &shown!("‹ {} ›", Shown::of(entry.field.text())), Role::Accent);
                if focused {
                    cursor = Some(Position { x: input.x, y: input.y });
                }
            } else {
                let at = entry.field.draw(ink, input, if focused { Role::Text } else { Role::Dim });
                cursor = if focused { at } else { cursor };
            }
        }
        let more = |ink: &mut Ink, at: u16, arrow: &'static str| {
            ink.right(line(area, at), &[(Shown::from(arrow), Role::Dim)]);
        };
        if top > 0 {
            more(ink, 0, "↑");
        }
        let last: u16 =
            self.shown().last().map_or(0, |(_, entry)| self.pace(entry, area.width) - self.tall(entry, area.width));
        if next.saturating_sub(last) > top.saturating_add(area.height) && area.height > 0 {
            more(ink, area.height - 1, "↓");
        }
        cursor
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_as_what_the_field_is() {
        let ok = [
            (Kind::Duration, "10m", Value::Seconds(600)),
            (Kind::Duration, "1d 2h", Value::Seconds(93_600)),
            (Kind::Duration, "3 days", Value::Seconds(259_200)),
            (Kind::Number { min: 1, max: 9, optional: true }, "", Value::Number(None)),
            (Kind::Text { max: 5, optional: false }, " hi ", Value::Text("hi".into())),
            (Kind::Exactly("Harbor".into()), "Harbor", Value::Text("Harbor".into())),
        ];
        for (kind, text, want) in ok {
            assert_eq!(Entry::new("x", kind, text).value(), Ok(want), "{text}");
        }
        let bad = [
            (Kind::Duration, "soon"),
            (Kind::Duration, "0s"),
            (Kind::Address, ""),
            (Kind::Number { min: 1, max: 9, optional: false }, "10"),
            (Kind::Text { max: 3, optional: false }, "long"),
            (Kind::Exactly("Harbor".into()), "harbor"),
        ];
        for (kind, text) in bad {
            assert!(Entry::new("x", kind, text).value().is_err(), "{text}");
        }
    }

    #[test]
    fn hidden_fields_are_stepped_over_and_keep_what_stands_in_them() {
        let plain = || Kind::Text { max: 5, optional: true };
        let mut form = Form::dense(["a", "b", "c"].into_iter().map(|name| Entry::new(name, plain(), name)).collect());
        form.hide(1, true);
        form.hide(2, true);
        assert!(form.is_last() && form.height(40) == 1);
        form.step(1);
        assert_eq!(form.at(), 0);
        form.hide(2, false);
        form.step(1);
        assert_eq!((form.at(), form.height(40), form.is_last()), (2, 2, true));
        assert_eq!(form.submit().map(|values| values.len()), Some(3), "all of them are its values");
        form.hide(2, true);
        assert_eq!(form.at(), 0, "nobody is left in what is out of view");
        form.focus(1);
        assert!(form.shows(1) && form.text(1) == "b");
    }
}
