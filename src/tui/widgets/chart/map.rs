//! A map of the world with how much comes from each country, and the same as a list beside it.

use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::symbols::Marker;
use ratatui::text::{Line as Text, Span};
use ratatui::widgets::Widget;
use ratatui::widgets::canvas::{Canvas, Map, MapResolution};

use super::{Bar, Bars, Marks, Table, country};
use crate::tui::framemap::{FrameMap, Listed};
use crate::tui::ink::{Ink, Piece};
use crate::tui::shown::{Shown, shown};
use crate::tui::theme::Role;

/// Columns from which map and list stand side by side.
const BESIDE: u16 = 100;
/// Lines below which a map shows nothing.
const LEAST: u16 = 8;
/// Countries that are named on the map.
const NAMED: usize = 8;

/// A country and how much comes from there.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// Two letters of the country; others are listed but not on the map.
    pub code: String,
    /// How much.
    pub n: u64,
    /// What is told of it beside its bar.
    pub said: Vec<Piece>,
}

/// Countries, the one with the most first.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Places {
    /// The countries.
    pub places: Vec<Place>,
    /// The country under the cursor.
    pub at: Option<usize>,
    /// The first one in view of the list.
    pub top: usize,
}

impl Places {
    /// Draws the map and the list, or the list alone where there is no room.
    pub fn draw(&self, ink: &mut Ink, area: Rect, marks: Marks, map: &mut FrameMap) -> Listed {
        let (world, list) = if area.width >= BESIDE && area.height >= LEAST {
            let list = (area.width / 3).clamp(44, 70);
            (Rect { width: area.width - list - 1, ..area }, Rect { x: area.right() - list, width: list, ..area })
        } else if area.height >= LEAST * 2 {
            let rows = (self.places.len() as u16).clamp(3, area.height / 3);
            let upper = Rect { height: area.height - rows, ..area };
            (upper, Rect { y: upper.bottom(), height: rows, ..area })
        } else {
            (Rect { height: 0, ..area }, area)
        };
        if !world.is_empty() {
            self.world(ink, world, marks);
        }
        self.bars().draw(ink, list, marks, map)
    }

    fn bars(&self) -> Bars {
        let row = |place: &Place| Bar {
            label: name(&place.code),
            value: Some(place.n as f64),
            said: place.said.clone(),
            role: Role::Accent,
        };
        Bars { rows: self.places.iter().map(row).collect(), end: None, at: self.at, top: self.top }
    }

    fn world(&self, ink: &mut Ink, area: Rect, marks: Marks) {
        let area = area.intersection(ink.area());
        let most = self.places.iter().map(|place| place.n).max().unwrap_or(0).max(1);
        let land = ink.style(Role::Border).fg.unwrap_or_default();
        let style = |role| Style { bg: None, ..ink.style(role) };
        let (busy, chosen) = (style(Role::Accent), style(Role::Focus));
        let (marker, resolution) = match marks {
            Marks::Braille => (Marker::Braille, MapResolution::High),
            Marks::Blocks => (Marker::Dot, MapResolution::Low),
            Marks::Ascii => (Marker::Custom('.'), MapResolution::Low),
        };
        // The smallest first: the largest lies on top.
        let found = self.places.iter().enumerate().rev().filter_map(|(n, p)| Some((n, p, country(&p.code)?)));
        let spots: Vec<_> = found
            .map(|(n, place, country)| {
                let is_chosen = self.at == Some(n);
                let dot = glyph(place.n, most, marks);
                let named = n < NAMED || is_chosen;
                let text = match (is_chosen, named) {
                    (true, _) => format!("[{dot}{}]", country.code),
                    (false, true) => format!("{dot}{}", country.code),
                    (false, false) => dot.to_string(),
                };
                let style = if is_chosen { chosen } else { busy };
                (country.longitude, country.latitude, text, style)
            })
            .collect();
        let canvas = Canvas::default().marker(marker).x_bounds([-180.0, 180.0]).y_bounds([-58.0, 84.0]).paint(|ctx| {
            ctx.draw(&Map { resolution, color: land });
            ctx.layer();
            for (x, y, text, style) in &spots {
                ctx.print(*x, *y, Text::from(Span::styled(text.clone(), *style)));
            }
        });
        canvas.render(area, ink.buffer());
    }

    /// The same as a table.
    pub fn table(&self) -> Table {
        let mut table = Table::of(&["country", "code", "how many", "more"]);
        let more = |p: &Place| {
            let text: String = p.said.iter().map(|(text, _)| text.as_str()).collect();
            shown!("{}", text.split_whitespace().collect::<Vec<_>>().join(" "))
        };
        let row = |p: &Place| vec![name(&p.code), Shown::of(&p.code), shown!("{}", p.n), more(p)];
        table.rows = self.places.iter().map(row).collect();
        table
    }
}

/// A country's name; what we have none for is shown as it came.
fn name(code: &str) -> Shown {
    match country(code) {
        Some(country) => Shown::from(country.name),
        None if code.is_empty() => Shown::from("not known"),
        None => Shown::of(code),
    }
}

/// A larger mark for more.
fn glyph(n: u64, most: u64, marks: Marks) -> char {
    let part = n as f64 / most as f64;
    match (marks, part) {
        (Marks::Ascii, p) if p >= 0.5 => '@',
        (Marks::Ascii, p) if p >= 0.1 => 'O',
        (Marks::Ascii, _) => 'o',
        (_, p) if p >= 0.5 => '█',
        (_, p) if p >= 0.1 => '●',
        _ => '•',
    }
}
