//! The command line: one command for each operation of the table, and those that start something.
//!
//! Owns words, options, exit codes and what is printed. It asks a node over `link` and knows nothing
//! of how an operation is carried out; only [`run`] may start a console, a node or a sandbox.

mod args;
mod burst;
mod call;
mod exit;
mod export;
mod grid;
mod log;
mod manual;
mod media;
mod operations;
mod print;
mod reach;
mod usage;

pub mod node_file;
pub mod run;

pub use args::Globals;
pub use exit::{Exit, Failure};
pub use print::Out;
pub use reach::reach;

use std::io::Write;
use std::process::ExitCode;

use clap::FromArgMatches;

use crate::config::{self, Setup};

/// What every command has at hand.
#[derive(Debug, Clone)]
pub struct Context {
    /// The options that all commands share.
    pub globals: Globals,
    /// The settings.
    pub setup: Setup,
    /// How to print.
    pub out: Out,
}

/// The whole program: reads the command line, does it, prints one sentence when it fails.
pub fn main() -> ExitCode {
    if let Err(e) = color_eyre::install() {
        let _ = writeln!(std::io::stderr(), "switchboard: a panic would be reported plainly: {e}");
    }
    // A file at the size limit of this process: the write shall fail with a reason, not kill the program.
    let met = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    if let Err(e) = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, met) {
        let _ =
            writeln!(std::io::stderr(), "switchboard: a limit on the size of files would end it without a word: {e}");
    }
    let matches = match operations::with_operations(args::command()).try_get_matches() {
        Ok(matches) => matches,
        // Help and version come this way too; clap knows their streams and codes (0 and 2).
        Err(said) => {
            let _ = said.print();
            return ExitCode::from(u8::try_from(said.exit_code()).unwrap_or(1));
        }
    };
    let globals = match Globals::from_arg_matches(&matches) {
        Ok(globals) => globals,
        Err(said) => said.exit(),
    };
    let out = Out::new(globals.json);
    match dispatch(&matches, globals, out) {
        Ok(()) => ExitCode::from(Exit::Done as u8),
        Err(failure) => {
            let _ = writeln!(std::io::stderr(), "{}", failure.printed(out.json));
            ExitCode::from(failure.exit as u8)
        }
    }
}

fn dispatch(matches: &clap::ArgMatches, globals: Globals, out: Out) -> Result<(), Failure> {
    if let Some((spec, given)) = operations::chosen(matches) {
        let fields = operations::input(spec, given)?;
        let ctx = context(globals, out, None)?;
        return wait_for(call::run(&ctx, spec, fields));
    }
    match args::Command::chosen(matches)? {
        args::Command::Media(args::Media::Save { message, index, output, force }) => {
            let ctx = context(globals, out, None)?;
            wait_for(media::save(&ctx, message, index, output, force))
        }
        args::Command::Export(ask) => wait_for(async { export::export(&context(globals, out, None)?, ask).await }),
        args::Command::Completions { shell } => manual::completions(shell, out),
        args::Command::Man { dir } => manual::man(dir.as_deref(), out),
        args::Command::Doctor { fix } => wait_for(run::doctor(&globals, out, fix)),
        args::Command::Listen { number, service, forward_to, show_private } => {
            let ask = run::ListenAsk { number: number.or(service), forward_to, show_private };
            wait_for(run::listen(context(globals, out, None)?, ask))
        }
        args::Command::Trigger(ask) => wait_for(run::trigger(context(globals, out, None)?, ask)),
        args::Command::Tail(ask) => wait_for(run::tail(context(globals, out, None)?, ask)),
        args::Command::Console { lines } => wait_for(run::console(context(globals, out, None)?, lines)),
        args::Command::Serve { listen } => wait_for(run::serve(context(globals, out, listen)?)),
        args::Command::Sandbox { listen, seed, scenario } => {
            wait_for(run::sandbox(context(globals, out, None)?, listen, seed, scenario))
        }
        args::Command::Seed { name } => wait_for(run::seed(context(globals, out, None)?, name)),
    }
}

fn context(globals: Globals, out: Out, listen: Option<String>) -> Result<Context, Failure> {
    let setup = config::load(&globals.flags(listen))?;
    Ok(Context { globals, setup, out })
}

fn wait_for(work: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|e| Failure::failed(format!("no threads can be started: {e}")))?;
    let done = runtime.block_on(work);
    // What is still running in the background must not hold the program up.
    runtime.shutdown_timeout(std::time::Duration::from_secs(1));
    done
}
