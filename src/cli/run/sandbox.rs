//! `switchboard sandbox`: the simulated Twilio by itself.

use super::super::{Context, Failure};

/// Runs the sandbox at `listen`, with `seed`, until SIGINT or SIGTERM. With `--json` it prints its
/// address and credentials on one line when it is ready.
pub async fn sandbox(_ctx: Context, _listen: String, _seed: Option<u64>) -> Result<(), Failure> {
    Err(Failure::failed("this build has no sandbox yet").remedy("`switchboard --help` lists what it can do"))
}
