//! `switchboard`, `switchboard console`: the console, on this machine's node or on one elsewhere.

use super::super::{Context, Failure};

/// Opens the console. With `--connect` on that node; else on the node that runs here; else this
/// process becomes the node.
pub async fn console(_ctx: Context) -> Result<(), Failure> {
    Err(Failure::failed("this build has no console yet").remedy("`switchboard --help` lists what it can do"))
}
