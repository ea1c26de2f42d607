//! Writes a conversation out, whole, into a file or to where the output goes.

use std::io::{IsTerminal, Write, stdout};
use std::path::PathBuf;

use serde_json::json;

use super::exit::Failure;
use super::{Context, media, reach};
use crate::api::inbox::{GetConversation, ListMessages};
use crate::api::transcript::{Format, write};
use crate::domain::id::Id;
use crate::domain::shown::shown;

/// The most messages that are written out.
const MOST: usize = 100_000;

/// What is written out, and where to.
#[derive(Debug, Clone, PartialEq, clap::Args)]
pub struct Ask {
    /// The conversation, whole
    #[arg(long, value_name = "CONVERSATION")]
    pub thread: Id,
    /// How: txt for people, csv for tables (no cell is a formula), json for programs
    #[arg(long, value_name = "FORMAT", default_value = "txt", value_parser = ["txt", "json", "csv"])]
    pub format: String,
    /// Where to; to the standard output when absent
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Replace a file that is there
    #[arg(long, requires = "output")]
    pub force: bool,
}

/// Reads all pages, then writes.
pub(super) async fn export(ctx: &Context, ask: Ask) -> Result<(), Failure> {
    let link = reach(ctx).await?;
    let view = link.call(GetConversation { id: ask.thread }).await?;
    let (mut messages, mut after) = (Vec::new(), None);
    loop {
        let page = link.call(ListMessages { id: ask.thread, after: after.take(), limit: Some(200) }).await?;
        messages.extend(page.items);
        match page.next {
            Some(next) if messages.len() < MOST => after = Some(next),
            Some(_) => return Err(Failure::failed(format!("the conversation has more than {MOST} messages"))),
            None => break,
        }
    }
    messages.reverse();
    let format = match ask.format.as_str() {
        "json" => Format::Json,
        "csv" => Format::Csv,
        _ => Format::Text,
    };
    let text = write(format, &view, &messages)
        .map_err(|why| Failure::failed(format!("the conversation cannot be written out: {why}")))?;
    let Some(path) = &ask.output else {
        let mut out = stdout().lock();
        // A terminal would obey what is in the texts; a file or another program gets them as they are.
        let printed = match out.is_terminal() {
            true => text.lines().map(|line| shown(line).into_owned() + "\n").collect(),
            false => text,
        };
        let lost = |e: std::io::Error| Failure::failed(format!("the output cannot be written: {e}"));
        return out.write_all(printed.as_bytes()).and_then(|()| out.flush()).map_err(lost);
    };
    media::write(path, text.as_bytes(), ask.force)?;
    ctx.out.reply(&json!({ "file": path.to_string_lossy(), "messages": messages.len() }))
}
