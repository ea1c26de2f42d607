//! The directory of files: `<business>/<file>`, both numbers of ours, so that no name from outside is ever
//! part of a path. Written beside themselves, synced and renamed; readable by their owner only; limited
//! in total. Knows no rows.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use ring::rand::{SecureRandom, SystemRandom};

use crate::domain::id::Id;

/// Why a file cannot be put there, or read. Each is a sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// The limit is reached and nothing there may go.
    #[error(
        "the files of messages fill their {limit_mb} MiB and none of them may go yet: raise limits.media_mb, or wait"
    )]
    Crowded {
        /// The limit.
        limit_mb: u64,
    },
    /// The disk has no room.
    #[error("the disk that holds {} is full: free some space", .0.display())]
    Full(PathBuf),
    /// The file is not there.
    #[error("the file is not on the disk any more: `switchboard media retry` fetches it again while Twilio has it")]
    Missing,
    /// The system gives no random bytes.
    #[error("the system gives no random bytes, so no file can have an address that nobody guesses: restart it")]
    Dull,
    /// The system refuses.
    #[error("{} cannot be read or written ({why}): check the disk and whose the directory is", path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        why: String,
    },
}

/// See the module. Cheap to clone.
#[derive(Clone)]
pub struct Shelf(Arc<Inner>);

struct Inner {
    dir: PathBuf,
    limit: u64,
    used: Mutex<u64>,
    key: OnceLock<[u8; 32]>,
}

impl Shelf {
    /// Opens the directory, and tells which files lie in it: business, file. Where it cannot be made or
    /// read, everything else goes on; whoever needs it is told why.
    pub fn open(dir: &Path, limit: u64) -> (Shelf, Vec<(Id, Id)>) {
        let found = found(dir).unwrap_or_else(|e| {
            tracing::error!(error = %e, dir = %dir.display(), "the directory of files cannot be read");
            Vec::new()
        });
        let used = found.iter().map(|(_, _, size)| size).sum();
        let inner = Inner { dir: dir.to_owned(), limit, used: Mutex::new(used), key: OnceLock::new() };
        (Shelf(Arc::new(inner)), found.into_iter().map(|(business, file, _)| (business, file)).collect())
    }

    /// What public addresses are sealed with; made when it is first needed.
    ///
    /// # Errors
    /// [`Trouble::Dull`]: without random bytes an address could be guessed, so there is none.
    pub fn key(&self) -> Result<&[u8; 32], Trouble> {
        let Inner { dir, key, .. } = &*self.0;
        if let Some(key) = key.get() {
            return Ok(key);
        }
        let fresh = match kept(dir) {
            Ok(Some(key)) => key,
            Ok(None) => {
                let fresh = random()?;
                written(dir, &dir.join("key"), &fresh).unwrap_or_else(|e| unkept(dir, &e));
                fresh
            }
            Err(e) => {
                unkept(dir, &e);
                random()?
            }
        };
        Ok(key.get_or_init(|| fresh))
    }

    /// Whether so many bytes more have a place.
    pub fn has_room(&self, bytes: u64) -> bool {
        self.used().saturating_add(bytes) <= self.0.limit
    }

    /// That there is no room.
    pub fn crowded(&self) -> Trouble {
        Trouble::Crowded { limit_mb: self.0.limit >> 20 }
    }

    fn used(&self) -> u64 {
        *self.0.used.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn count(&self, change: impl FnOnce(u64) -> u64) {
        let mut used = self.0.used.lock().unwrap_or_else(PoisonError::into_inner);
        *used = change(*used);
    }

    fn path(&self, business: Id, file: Id) -> PathBuf {
        self.0.dir.join(business.to_string()).join(file.to_string())
    }

    /// Puts a file there, durably, whatever the limit says.
    pub async fn put(&self, business: Id, file: Id, bytes: bytes::Bytes) -> Result<(), Trouble> {
        let (shelf, size) = (self.clone(), bytes.len() as u64);
        let path = self.path(business, file);
        let write = move || {
            let dir = path.parent().unwrap_or(&shelf.0.dir).to_owned();
            written(&dir, &path, &bytes).map_err(|e| explain(&path, &e))
        };
        let written = tokio::task::spawn_blocking(write).await.unwrap_or_else(|e| Err(self.broken(&e)));
        if written.is_ok() {
            self.count(|used| used + size);
        }
        written
    }

    /// Opens a file for reading; answers its size, too.
    pub async fn read(&self, business: Id, file: Id) -> Result<(tokio::fs::File, u64), Trouble> {
        let path = self.path(business, file);
        let open = async {
            let file = tokio::fs::File::open(&path).await?;
            let size = file.metadata().await?.len();
            Ok((file, size))
        };
        open.await.map_err(|e: io::Error| explain(&path, &e))
    }

    /// Takes a file away. One that is gone already is no trouble.
    pub async fn remove(&self, business: Id, file: Id) -> Result<(), Trouble> {
        let path = self.path(business, file);
        let remove = {
            let path = path.clone();
            move || {
                let size = fs::metadata(&path)?.len();
                fs::remove_file(&path).map(|()| size)
            }
        };
        match tokio::task::spawn_blocking(remove).await {
            Ok(Ok(size)) => {
                self.count(|used| used.saturating_sub(size));
                Ok(())
            }
            Ok(Err(e)) if e.kind() == ErrorKind::NotFound => Ok(()),
            Ok(Err(e)) => Err(explain(&path, &e)),
            Err(e) => Err(self.broken(&e)),
        }
    }

    fn broken(&self, e: &tokio::task::JoinError) -> Trouble {
        Trouble::Io { path: self.0.dir.clone(), why: e.to_string() }
    }
}

fn explain(path: &Path, e: &io::Error) -> Trouble {
    match e.kind() {
        ErrorKind::NotFound => Trouble::Missing,
        // No space, a quota, a limit on the size of files.
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => Trouble::Full(path.to_owned()),
        _ => Trouble::Io { path: path.to_owned(), why: e.to_string() },
    }
}

/// Writes a file beside itself, and puts it in its place when it is on the disk.
fn written(dir: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    let part = path.with_extension("part");
    let write = || {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&part)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&part, path)?;
        fs::File::open(dir)?.sync_all()
    };
    write().inspect_err(|_| {
        let _ = fs::remove_file(&part);
    })
}

/// The files in the directory with their sizes. What a crash left half written is taken away.
fn found(dir: &Path) -> io::Result<Vec<(Id, Id, u64)>> {
    let entries = |dir: &Path| match fs::read_dir(dir) {
        Ok(entries) => entries.collect::<io::Result<Vec<_>>>(),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        Err(e) => Err(e),
    };
    let number = |entry: &fs::DirEntry| entry.file_name().to_str().and_then(|name| name.parse().ok());
    let mut files = Vec::new();
    for owner in entries(dir)? {
        let Some(business) = number(&owner) else { continue };
        for entry in entries(&owner.path())? {
            let meta = entry.metadata()?;
            match number(&entry) {
                Some(file) if meta.is_file() => files.push((business, file, meta.len())),
                None if entry.path().extension().is_some_and(|e| e == "part") => fs::remove_file(entry.path())?,
                _ => {}
            }
        }
    }
    Ok(files)
}

fn random() -> Result<[u8; 32], Trouble> {
    let mut key = [0; 32];
    SystemRandom::new().fill(&mut key).map_err(|_| Trouble::Dull)?;
    Ok(key)
}

fn unkept(dir: &Path, e: &io::Error) {
    let dir = dir.display();
    tracing::warn!(error = %e, %dir, "the key of public addresses cannot be kept; those given out end with this run");
}

/// The key in the directory. What is no key, or one that anybody knows, is taken away.
fn kept(dir: &Path) -> io::Result<Option<[u8; 32]>> {
    let path = dir.join("key");
    match fs::read(&path) {
        Ok(bytes) => match <[u8; 32]>::try_from(bytes) {
            Ok(key) if key != [0; 32] => Ok(Some(key)),
            _ => fs::remove_file(&path).map(|()| None),
        },
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[tokio::test]
    async fn files_come_back_and_are_nobody_elses_business() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("media");
        let (shelf, found) = Shelf::open(&path, 10);
        assert!(found.is_empty() && shelf.has_room(10));
        assert!(!path.exists(), "who has no files leaves no trace");
        shelf.put(Id(1), Id(2), b"1234567".as_slice().into()).await.unwrap();
        shelf.key().unwrap();
        assert!(shelf.has_room(3) && !shelf.has_room(4));
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path.join("1/2")), mode(&path.join("1")), mode(&path.join("key"))), (0o600, 0o700, 0o600));
        fs::write(path.join("1/3.part"), "half").unwrap();
        fs::write(path.join("1/readme"), "not ours").unwrap();
        let (again, found) = Shelf::open(&path, 10);
        assert_eq!((found, again.key()), (vec![(Id(1), Id(2))], shelf.key()));
        fs::write(path.join("key"), [0; 32]).unwrap();
        let (zeros, _) = Shelf::open(&path, 10);
        assert!(zeros.key().unwrap() != &[0; 32] && zeros.key() != shelf.key(), "a key that anybody knows is none");
        assert!(!path.join("1/3.part").exists() && path.join("1/readme").exists());
        assert_eq!(again.read(Id(1), Id(2)).await.unwrap().1, 7);
        again.remove(Id(1), Id(2)).await.unwrap();
        again.remove(Id(1), Id(2)).await.unwrap();
        assert!(again.has_room(10));
        assert_eq!(again.read(Id(1), Id(2)).await.err(), Some(Trouble::Missing));
    }

    #[test]
    fn a_full_disk_is_a_sentence() {
        let full = explain(Path::new("media/1/2"), &io::Error::from(ErrorKind::StorageFull));
        assert_eq!(full.to_string(), "the disk that holds media/1/2 is full: free some space");
        let denied = explain(Path::new("media/1/2"), &io::Error::from(ErrorKind::PermissionDenied));
        assert!(denied.to_string().starts_with("media/1/2 cannot be read or written (permission denied)"), "{denied}");
    }

    #[tokio::test]
    async fn a_directory_that_cannot_be_made_is_told_when_it_is_needed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("media");
        fs::write(&path, "a file in its place").unwrap();
        let (shelf, found) = Shelf::open(&path, 10);
        assert!(found.is_empty());
        let refused = shelf.put(Id(1), Id(2), b"1".as_slice().into()).await.unwrap_err();
        assert!(matches!(refused, Trouble::Io { .. }), "{refused}");
        assert!(shelf.has_room(10), "nothing is counted that is not there");
    }
}
