//! `switchboard tail`: what happens, as it happens: on a terminal with keys to pause and filter, else one
//! line each. It goes on where it was when the node was away.

mod line;
mod screen;

use std::io::{IsTerminal, stdin, stdout};
use std::sync::Arc;

use crossterm::event::{Event as Input, EventStream};
use futures_util::stream::BoxStream;
use futures_util::{FutureExt, StreamExt};

use self::line::{Style, Wanted};
use self::screen::{Raw, Screen, Step};
use super::super::{Context, Failure, node_file, reach};
use super::note;
use crate::api::When;
use crate::api::events::{Event, Frame};
use crate::link::{Attached, Connection, Heard, Link};

/// What is followed, and how it is shown.
#[derive(Debug, Clone, Default, PartialEq, clap::Args)]
pub struct Ask {
    /// Without texts and names
    #[arg(long)]
    pub compact: bool,
    /// Only what needs a person: what failed, was refused, is unsure, or found no place
    #[arg(long)]
    pub quiet: bool,
    /// Only this kind, such as `message` or `message.received`; may be repeated
    #[arg(long, value_name = "KIND")]
    pub kind: Vec<String>,
    /// Go on behind this cursor (`asOf` of a list, `cursor` of an event) instead of at the present
    // A cursor is any text of its alphabet, a dash at its beginning included.
    #[arg(long, value_name = "CURSOR", allow_hyphen_values = true)]
    pub after: Option<String>,
}

/// Follows until SIGINT or SIGTERM, or until nobody reads any more.
pub async fn tail(ctx: Context, ask: Ask) -> Result<(), Failure> {
    let after = ask.after.as_deref().map(str::parse).transpose();
    let after = after.map_err(|e: crate::api::events::BadCursor| Failure::usage(e.to_string()))?;
    let mut end = Box::pin(super::ended());
    let heard = attach(Arc::new(ctx.clone())).await?.events(after);
    let is_interactive = stdin().is_terminal() && stdout().is_terminal() && !ctx.out.json;
    let style = if ask.compact { Style::Compact } else { Style::Full };
    let tail = Tail { ctx, style, wanted: Wanted { kinds: ask.kind, quiet: ask.quiet }, is_lost: false };
    tokio::select! {
        done = tail.run(heard, is_interactive) => done,
        () = &mut end => Ok(()),
    }
}

/// The way to whichever node runs here at the moment. It never becomes one: who looks changes nothing.
async fn attach(ctx: Arc<Context>) -> Result<Link, Failure> {
    let first = reach(&ctx).await?;
    if ctx.globals.connect.is_some() {
        return Ok(first);
    }
    let find = move || {
        let ctx = ctx.clone();
        async move {
            let running = node_file::find_running(&ctx.setup.paths, &ctx.setup.agent()).await.ok()??;
            Some(Link::Remote(running.remote))
        }
        .boxed()
    };
    Ok(Link::Attached(Attached::new(first, Arc::new(find))))
}

struct Tail {
    ctx: Context,
    style: Style,
    wanted: Wanted,
    is_lost: bool,
}

/// What is to be told of something heard.
enum Told {
    Line(String),
    Note(String),
}

impl Tail {
    async fn run(self, heard: BoxStream<'static, Heard>, is_interactive: bool) -> Result<(), Failure> {
        if is_interactive { self.on_terminal(heard).await } else { self.plain(heard).await }
    }

    async fn plain(mut self, mut heard: BoxStream<'static, Heard>) -> Result<(), Failure> {
        while let Some(next) = heard.next().await {
            match self.told(next) {
                Some(Told::Line(line)) if !self.ctx.out.told(&line)? => return Ok(()),
                Some(Told::Note(text)) => note(self.ctx.out, &text),
                Some(Told::Line(_)) | None => {}
            }
        }
        Ok(())
    }

    async fn on_terminal(mut self, mut heard: BoxStream<'static, Heard>) -> Result<(), Failure> {
        let failed = |e: std::io::Error| Failure::failed(format!("the terminal cannot be used: {e}"));
        let (raw, mut screen, mut keys) = (Raw::take().map_err(failed)?, Screen::default(), EventStream::new());
        raw.print(&[], &screen.status()).map_err(failed)?;
        loop {
            let lines = tokio::select! {
                next = heard.next() => match next.map(|next| self.told(next)) {
                    Some(Some(Told::Line(line))) => screen.takes(line).into_iter().collect(),
                    Some(Some(Told::Note(text))) => vec![format!("-- {text}")],
                    Some(None) => continue,
                    None => return Ok(()),
                },
                input = keys.next() => match input {
                    Some(Ok(Input::Key(key))) if key.is_press() => match screen.key(key) {
                        Step::Print(lines) => lines,
                        Step::Redraw => Vec::new(),
                        Step::Quit => return Ok(()),
                    },
                    Some(Ok(_)) => Vec::new(),
                    Some(Err(e)) => return Err(failed(e)),
                    None => return Ok(()),
                },
            };
            raw.print(&lines, &screen.status()).map_err(failed)?;
        }
    }

    fn told(&mut self, heard: Heard) -> Option<Told> {
        match heard {
            Heard::Frame(Frame::Event(event)) => self.wanted.takes(&event).then(|| Told::Line(self.line(&event))),
            Heard::Frame(Frame::Reset { .. }) => Some(Told::Note(
                "too much has happened since, or the node has another store: going on at the present".into(),
            )),
            Heard::Frame(_) => None,
            Heard::Connection(Connection::Stale(why)) if !self.is_lost => {
                self.is_lost = true;
                Some(Told::Note(format!("{why}; waiting for it")))
            }
            Heard::Connection(Connection::Live) if self.is_lost => {
                self.is_lost = false;
                Some(Told::Note("the node is there again".into()))
            }
            Heard::Connection(_) => None,
        }
    }

    /// For programs the moment is whole, and the same everywhere.
    fn line(&self, event: &Event) -> String {
        let out = self.ctx.out;
        if out.json {
            return serde_json::to_string(event).unwrap_or_default();
        }
        let at = |when: When| if out.width.is_some() { super::local_time(when) } else { when.0.rfc3339() };
        let line = line::line(event, at, self.style);
        out.width.map_or(line.clone(), |width| line::cut(&line, width))
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_cursor_may_begin_with_a_dash() {
        let matches = crate::cli::args::command().try_get_matches_from(["switchboard", "tail", "--after", "-nQ"]);
        let tail = matches.unwrap().remove_subcommand().unwrap().1;
        assert_eq!(tail.get_one::<String>("after").unwrap(), "-nQ");
    }
}
