//! Files of this machine: brought to the node before they are sent, and written where a person wants them.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::exit::Failure;
use super::{Context, reach};
use crate::api::inbox::GetConversation;
use crate::domain::id::Id;
use crate::domain::media::LARGEST_OUT;
use crate::link::{Link, Sending};

/// Puts what `--media` names in the place of the field: a URL and the id of a file stay, any other word is a
/// file here, which is uploaded.
pub(super) async fn bring(link: &Link, fields: &mut Map<String, Value>) -> Result<(), Failure> {
    let Some(named) = fields.get("media").and_then(Value::as_array) else { return Ok(()) };
    let named: Vec<String> = named.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    let mut ready = Vec::with_capacity(named.len());
    for name in named {
        let is_url = name.starts_with("https://") || name.starts_with("http://");
        let is_id = name.parse::<Id>().is_ok() && !Path::new(&name).exists();
        if is_url || is_id {
            ready.push(Value::String(name));
            continue;
        }
        let file = Sending {
            business: business(link, fields).await?,
            name: Path::new(&name).file_name().map(|name| name.to_string_lossy().into_owned()),
            bytes: read(Path::new(&name))?.into(),
        };
        ready.push(Value::String(link.upload(file).await?.id.to_string()));
    }
    fields.insert("media".to_owned(), Value::Array(ready));
    Ok(())
}

/// The business that the message is of: a file belongs to one, too.
async fn business(link: &Link, fields: &Map<String, Value>) -> Result<Option<Id>, Failure> {
    let id = |name: &str| fields.get(name).and_then(Value::as_str).and_then(|id| id.parse::<Id>().ok());
    Ok(match id("conversation") {
        Some(id) => Some(link.call(GetConversation { id }).await?.business),
        None => id("business"),
    })
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let unreadable = |e: std::io::Error| Failure::usage(format!("the file {} cannot be read: {e}", path.display()));
    let size = std::fs::metadata(path).map_err(unreadable)?.len();
    if size > LARGEST_OUT {
        let sentence = format!("{} has {size} bytes; Twilio takes {LARGEST_OUT} at most", path.display());
        return Err(Failure::usage(sentence).remedy("send a smaller file, or a link"));
    }
    std::fs::read(path).map_err(unreadable)
}

/// Writes a file of a message to `output`, or under its own name into this directory.
pub(super) async fn save(
    ctx: &Context,
    message: Id,
    index: u32,
    output: Option<PathBuf>,
    force: bool,
) -> Result<(), Failure> {
    let content = reach(ctx).await?.content(message, index).await?;
    let path = output.unwrap_or_else(|| PathBuf::from(&content.name));
    write(&path, &content.bytes, force)?;
    let path = path.to_string_lossy();
    ctx.out.reply(&json!({ "file": path, "contentType": content.content_type, "size": content.bytes.len() }))
}

/// Writes a file that nobody but its owner may read; one that is there stays unless `force`.
pub(super) fn write(path: &Path, bytes: &[u8], force: bool) -> Result<(), Failure> {
    let mut options = OpenOptions::new();
    options.write(true).mode(0o600);
    let opened =
        if force { options.create(true).truncate(true).open(path) } else { options.create_new(true).open(path) };
    let mut file = opened.map_err(|e| match e.kind() {
        ErrorKind::AlreadyExists => Failure::failed(format!("{} is there already", path.display()))
            .remedy("name another with --output, or replace it with --force"),
        _ => Failure::failed(format!("{} cannot be written: {e}", path.display())),
    })?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(|e| {
        // Half a file must not pass for a whole one.
        let _ = std::fs::remove_file(path);
        Failure::failed(format!("{} cannot be written: {e}", path.display()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_file_that_is_there_stays() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("car.png");
        write(&path, b"one", false).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let refused = write(&path, b"two", false).unwrap_err().printed(false);
        assert!(refused.contains("is there already") && refused.contains("--force"), "{refused}");
        assert_eq!(std::fs::read(&path).unwrap(), b"one");
        write(&path, b"2", true).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"2");
        let nowhere = write(&dir.path().join("none/x"), b"", true).unwrap_err();
        assert!(nowhere.sentence.contains("cannot be written"), "{}", nowhere.sentence);
    }
}
