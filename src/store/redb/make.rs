//! Making a file that was not there: beside its place first, then moved.
//!
//! A start that was cut short, or had no room, must not leave something that looks like a damaged
//! store. And a new file's name is durable only once its directory was synced.

use std::fs;
use std::path::{Path, PathBuf};

use ::redb::{Builder, Database, DatabaseError};

use super::explain;
use crate::store::StoreError;

/// A builder with a page cache of so many bytes.
pub(crate) fn builder(cache: usize) -> Builder {
    let mut builder = Database::builder();
    builder.set_cache_size(cache);
    builder
}

/// Opens a file, or makes it.
pub(crate) fn open_or_make(path: &Path, cache: usize) -> Result<Database, StoreError> {
    open_or_make_with(path, |path| builder(cache).create(path))
}

/// The same where the caller says how a file is opened; it must make one that is not there.
pub(crate) fn open_or_make_with(
    path: &Path,
    open: impl Fn(&Path) -> Result<Database, DatabaseError>,
) -> Result<Database, StoreError> {
    if exists(path)? {
        return open(path).map_err(|e| explain(path, e.into()));
    }
    let draft = draft(path);
    let db = match open(&draft) {
        Ok(db) => db,
        // Another process is making it at this moment.
        Err(DatabaseError::DatabaseAlreadyOpen) => return Err(StoreError::Locked { path: path.to_owned() }),
        Err(_) => {
            // What an earlier start left unfinished has never held anything.
            remove(&draft)?;
            open(&draft).map_err(|e| explain(&draft, e.into()))?
        }
    };
    // The lock on the draft is ours from here on. Whoever held it before has moved it, or has not.
    if exists(path)? {
        drop(db);
        remove(&draft)?;
        return open(path).map_err(|e| explain(path, e.into()));
    }
    fs::rename(&draft, path).map_err(|e| io(path, e))?;
    sync_directory(path).map_err(|e| io(path, e))?;
    Ok(db)
}

fn remove(draft: &Path) -> Result<(), StoreError> {
    match fs::remove_file(draft) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(io(draft, e)),
        _ => Ok(()),
    }
}

fn draft(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    name.into()
}

fn exists(path: &Path) -> Result<bool, StoreError> {
    path.try_exists().map_err(|e| io(path, e))
}

fn io(path: &Path, e: std::io::Error) -> StoreError {
    explain(path, ::redb::Error::Io(e))
}

/// Only Unix lets a directory be opened and synced.
fn sync_directory(path: &Path) -> std::io::Result<()> {
    if cfg!(unix) {
        let directory = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        fs::File::open(directory)?.sync_all()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_that_was_cut_short_leaves_nothing_in_the_way() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("s.redb");
        for rubbish in [&b""[..], &[0; 5000], &[7; 100_000]] {
            fs::write(draft(&path), rubbish).unwrap();
            let db = open_or_make(&path, 1 << 20).unwrap();
            assert!(matches!(open_or_make(&path, 1 << 20), Err(StoreError::Locked { .. })));
            drop(db);
            assert!(path.exists() && !draft(&path).exists());
            drop(open_or_make(&path, 1 << 20).unwrap());
            fs::remove_file(&path).unwrap();
        }
    }

    #[test]
    fn two_starts_at_the_same_moment_make_one_file() {
        for _ in 0..20 {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("s.redb");
            let opened: Vec<_> = std::thread::scope(|scope| {
                let starts: Vec<_> = (0..4).map(|_| scope.spawn(|| open_or_make(&path, 1 << 20))).collect();
                starts.into_iter().map(|start| start.join().unwrap()).collect()
            });
            assert!(opened.iter().filter(|o| o.is_ok()).count() <= 1);
            for e in opened.iter().filter_map(|o| o.as_ref().err()) {
                assert!(matches!(e, StoreError::Locked { .. }), "{e}");
            }
            drop(opened);
            drop(open_or_make(&path, 1 << 20).unwrap());
        }
    }
}
