//! `switchboard serve`: a node without a screen.

use super::super::{Context, Failure};

/// Runs the receiver, the API and the workers until SIGINT or SIGTERM. With `--json` it prints
/// `{"base","sandbox"}` on one line when it is ready.
pub async fn serve(_ctx: Context) -> Result<(), Failure> {
    Err(Failure::failed("this build cannot serve yet").remedy("`switchboard --help` lists what it can do"))
}
