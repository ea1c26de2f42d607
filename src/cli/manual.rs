//! Completions and manual pages, made from the same commands that are parsed.

use std::path::Path;

use super::{Failure, Out, args, operations};

fn whole() -> clap::Command {
    operations::with_operations(args::command())
}

/// Prints the completions of a shell.
pub(super) fn completions(shell: clap_complete::Shell, out: Out) -> Result<(), Failure> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut whole(), "switchboard", &mut text);
    out.raw(&text)
}

/// Prints the manual page of the program, or writes that of every command into `dir`.
pub(super) fn man(dir: Option<&Path>, out: Out) -> Result<(), Failure> {
    let failed = |e: std::io::Error| Failure::failed(format!("the manual cannot be written: {e}"));
    match dir {
        Some(dir) => {
            std::fs::create_dir_all(dir).map_err(failed)?;
            clap_mangen::generate_to(whole(), dir).map_err(failed)
        }
        None => {
            let mut text = Vec::new();
            clap_mangen::Man::new(whole()).render(&mut text).map_err(failed)?;
            out.raw(&text)
        }
    }
}
