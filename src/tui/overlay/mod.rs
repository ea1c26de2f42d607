//! The one thing that can lie over the panes: a list to choose from, a form, a page to read, or a text to be
//! pasted.

pub mod behind;
pub mod business;
mod daytime;
pub mod fill;
pub mod look;
pub mod page;
pub mod pick;

pub use behind::Behind;
pub use fill::{Fill, Purpose};
pub use look::Look;
pub use page::Page;
pub use pick::{Choice, Pick, Value};

use ratatui::layout::Rect;

use super::framemap::{FrameMap, Hit, Listed};
use super::ink::{Ink, indent, line};
use super::keymap::Context;
use super::panes::preferences::Press;
use super::shown::{Shown, shown};
use super::theme::Role;

/// What lies over the panes.
#[derive(Debug)]
pub enum Overlay {
    /// Choose one.
    Pick(Pick),
    /// Fill in.
    Fill(Fill),
    /// Read.
    Page(Page),
    /// Look at what will be pasted.
    Look(Look),
    /// Press the key that an action shall have.
    Press(Press),
    /// See what was asked, as code.
    Behind(Behind),
}

impl Overlay {
    /// Whose keys hold while it is open.
    pub fn context(&self) -> Context {
        match self {
            Overlay::Pick(_) => Context::Pick,
            Overlay::Fill(_) => Context::Form,
            Overlay::Page(_) | Overlay::Press(_) => Context::Page,
            Overlay::Look(_) => Context::Look,
            Overlay::Behind(_) => Context::Behind,
        }
    }

    /// Whether it is the list about something.
    pub fn is_about(&self, about: pick::About) -> bool {
        matches!(self, Overlay::Pick(pick) if pick.is_about() == about)
    }

    /// Draws it in the middle of the screen.
    pub fn draw(&self, ink: &mut Ink, area: Rect, map: &mut FrameMap) {
        match self {
            Overlay::Pick(pick) => pick.draw(ink, area, map),
            Overlay::Fill(fill) => fill.draw(ink, area, map),
            Overlay::Page(page) => page.draw(ink, area, map),
            Overlay::Look(look) => look.draw(ink, area, map),
            Overlay::Press(press) => draw_press(press, ink, area, map),
            Overlay::Behind(behind) => behind.draw(ink, area, map),
        }
    }
}

fn draw_press(press: &Press, ink: &mut Ink, area: Rect, map: &mut FrameMap) {
    let inside = window(ink, area, map, &Shown::from("Another key"), 66, 5);
    let width = usize::from(inside.width);
    let what = shown!("Press the key for: {} (in {})", press.action.title(), press.context.id());
    ink.text(line(inside, 0), &what.cut(width), Role::Text);
    let next = match press.first {
        Some(first) => shown!("{first} …  Enter takes it · another key: two in a row · Backspace: anew"),
        None => Shown::from("One key, or two in a row; each other action keeps its own."),
    };
    ink.text(line(inside, 1), &next.cut(width), if press.first.is_some() { Role::Accent } else { Role::Dim });
    if let Some(why) = &press.refused {
        for (n, text) in shown!("✗ {}", Shown::of(why)).wrap(width).iter().take(2).enumerate() {
            ink.text(line(inside, n as u16 + 3), text, Role::Error);
        }
    }
}

/// Draws the frame of an overlay of at most `width` x `height` inner cells; answers its inside.
fn window(ink: &mut Ink, area: Rect, map: &mut FrameMap, title: &Shown, width: u16, height: u16) -> Rect {
    // A strip of what lies below, too narrow to be read, would only disturb.
    let filled = |wanted: u16, all: u16, strip: u16| if wanted + strip > all { all } else { wanted };
    let width = filled(width + 4, area.width, 8);
    let height = filled(height + 2, area.height, 3);
    let rect = Rect { x: area.x + (area.width - width) / 2, y: area.y + (area.height - height) / 3, width, height };
    ink.clear(rect);
    ink.rule(line(rect, 0), true, &[(title.clone(), Role::Strong)], &[(Shown::from("Esc closes"), Role::Dim)]);
    ink.rule(line(rect, height.saturating_sub(1)), true, &[], &[]);
    for side in [rect.x, rect.right().saturating_sub(1)] {
        ink.side(Rect { x: side, y: rect.y + 1, width: 1, height: height.saturating_sub(2) });
    }
    map.hit(rect, Hit::Overlay);
    let inner = indent(rect, 2);
    Rect { y: rect.y + 1, height: height.saturating_sub(2), width: inner.width.saturating_sub(2), ..inner }
}

/// Says where in a long list the view is.
fn position(ink: &mut Ink, area: Rect, listed: Listed, len: usize) {
    if len > listed.fit && area.height > 0 {
        let text = shown!("{}-{} of {len}", listed.top + 1, (listed.top + listed.fit).min(len));
        ink.right(line(area, area.height - 1), &[(text, Role::Dim)]);
    }
}
