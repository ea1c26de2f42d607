//! The word with which a listener holds a number, kept so that one that was killed is succeeded: who
//! comes next takes its word over, and with it what was to be brought back.

use std::fs::File;
use std::io::{Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ring::rand::{SecureRandom, SystemRandom};

use super::super::{Context, Failure};
use crate::config::create_private_dir;
use crate::domain::audit::{hash, to_hex};

/// A word that no other running listener uses.
pub struct Session {
    /// The word.
    pub word: String,
    // Locked as long as this process lives, however it ends.
    file: Option<(PathBuf, File)>,
}

impl Session {
    /// Takes the word of a listener to `number` that is gone, or makes one up.
    ///
    /// # Errors
    /// A sentence when the state directory cannot be written to.
    pub fn take(ctx: &Context, number: &str) -> Result<Session, Failure> {
        let dir = ctx.setup.paths.state.join("listen");
        create_private_dir(&dir)?;
        let node = ctx.globals.connect.as_ref().map(ToString::to_string).unwrap_or_default();
        let path = dir.join(&to_hex(&hash(format!("{node}\n{number}").as_bytes()))[..32]);
        let failed = |e: std::io::Error| Failure::failed(format!("{} cannot be written: {e}", path.display()));
        let open = File::options().create(true).read(true).write(true).truncate(false).mode(0o600).open(&path);
        let mut file = open.map_err(failed)?;
        if file.try_lock().is_err() {
            // Somebody listens to it here already: both are shown the same.
            return Ok(Session { word: made_up()?, file: None });
        }
        let mut word = String::new();
        // What cannot be read is no word of ours.
        let _ = file.read_to_string(&mut word);
        if !word.starts_with("listen-") || word.len() > 100 {
            word = made_up()?;
            file.set_len(0).and_then(|()| file.rewind()).map_err(failed)?;
            file.write_all(word.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
        }
        Ok(Session { word, file: Some((path, file)) })
    }

    /// Nothing is held any more.
    pub fn forget(self) {
        if let Some((path, _locked)) = self.file {
            let _ = std::fs::remove_file(path);
        }
    }
}

fn made_up() -> Result<String, Failure> {
    let mut raw = [0; 12];
    let failed = |_| Failure::failed("the system gives no random bytes");
    SystemRandom::new().fill(&mut raw).map_err(failed)?;
    Ok(format!("listen-{}", BASE64_URL_SAFE_NO_PAD.encode(raw)))
}
