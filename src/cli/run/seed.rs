//! `switchboard seed NAME`: a fresh, named world in the sandbox.

use super::super::{Context, Failure};

/// Replaces the sandbox's world. Asks first; refuses when live.
pub async fn seed(ctx: Context, _name: String) -> Result<(), Failure> {
    if ctx.setup.world.is_live() {
        return Err(Failure::failed("a live account is never seeded")
            .remedy("take its credentials out of the environment and the config file to use the sandbox"));
    }
    Err(Failure::failed("this build has no worlds to seed yet").remedy("`switchboard --help` lists what it can do"))
}
