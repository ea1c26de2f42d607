//! The pages of the manual, laid out for a terminal.
//!
//! They are the files of `assets/docs`, written for a web page too; of Markdown only what they use is read:
//! headings, paragraphs, tables and fenced code. It must not know what draws it.

use super::ink::Piece;
use super::overlay::page::WIDTH;
use super::shown::Shown;
use super::theme::Role;

/// The page about the sandbox.
pub const SANDBOX: &str = include_str!("../../assets/docs/sandbox.md");

/// A page as lines of at most [`WIDTH`] cells. Its first heading is its title and stands above it already.
pub fn lines(page: &str) -> Vec<Vec<Piece>> {
    let mut out = Lines::default();
    let mut paragraph = String::new();
    let mut is_code = false;
    for (n, line) in page.lines().enumerate() {
        let is_fence = line.starts_with("```");
        if is_fence || is_code || line.is_empty() || line.starts_with(['#', '|']) {
            out.say(&std::mem::take(&mut paragraph), 0, Role::Text);
        }
        if is_fence {
            is_code = !is_code;
        } else if is_code {
            out.say(line, 2, Role::Key);
        } else if let Some(row) = line.strip_prefix('|') {
            // What heads the columns and the rule under it say nothing that the rows do not.
            if page.lines().nth(n + 1).is_none_or(|next| !next.starts_with("|---")) && !row.starts_with("---") {
                out.row(row);
            }
        } else if line.starts_with('#') {
            if n > 0 {
                out.say(line.trim_start_matches(['#', ' ']), 0, Role::Accent);
            }
        } else if line.is_empty() {
            out.blank();
        } else {
            paragraph.push_str(if paragraph.is_empty() { "" } else { " " });
            paragraph.push_str(line);
        }
    }
    out.say(&paragraph, 0, Role::Text);
    out.0
}

#[derive(Default)]
struct Lines(Vec<Vec<Piece>>);

impl Lines {
    fn blank(&mut self) {
        if self.0.last().is_some_and(|line| !line.is_empty()) {
            self.0.push(Vec::new());
        }
    }

    /// One row of a table: its first cell, and below it the others.
    fn row(&mut self, row: &str) {
        for (column, cell) in row.trim_end_matches(['|', ' ']).split(" | ").enumerate() {
            let (indent, role) = if column == 0 { (0, Role::Strong) } else { (4, Role::Text) };
            self.say(cell.trim(), indent, role);
        }
    }

    fn say(&mut self, text: &str, indent: usize, role: Role) {
        if text.is_empty() {
            return;
        }
        let text = if role == Role::Key { Shown::of(text) } else { Shown::of(text.replace('`', "").as_str()) };
        for line in text.wrap(WIDTH - indent) {
            self.0.push(vec![(Shown::from(" ".repeat(indent)), role), (line, role)]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_paragraphs_tables_and_code_are_told_apart() {
        let page = "# Title\n\nOne `a`\ntwo\n\n## Part\n\n| x | y |\n|---|---|\n| k | v |\n\n```sh\nrun `it`\n```\n";
        let text: Vec<(String, Role)> = lines(page)
            .iter()
            .map(|line| (line.iter().map(|(t, _)| t.as_str()).collect(), line.last().map_or(Role::Text, |(_, r)| *r)))
            .collect();
        let want = [
            ("One a two", Role::Text),
            ("", Role::Text),
            ("Part", Role::Accent),
            ("", Role::Text),
            ("k", Role::Strong),
            ("    v", Role::Text),
            ("", Role::Text),
            ("  run `it`", Role::Key),
        ];
        assert_eq!(text, want.map(|(t, r)| (t.to_owned(), r)));
    }

    #[test]
    fn no_line_of_the_manual_is_too_wide() {
        for line in lines(SANDBOX) {
            let text: String = line.iter().map(|(t, _)| t.as_str()).collect();
            assert!(crate::tui::shown::width(&text) <= WIDTH, "{text}");
        }
    }
}
