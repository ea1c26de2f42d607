//! A disk in memory that keeps what was synced apart from what was only written, that loses its power,
//! runs out of room, or fails.

use std::io::{Error, ErrorKind};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use redb::StorageBackend;

/// A small generator: the same seed, the same luck.
#[derive(Debug, Clone)]
pub struct Luck(pub u64);

impl Luck {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: u64) -> u64 {
        self.next() % n.max(1)
    }

    pub fn percent(&mut self, n: u64) -> bool {
        self.below(100) < n
    }
}

/// The power of a machine: all its disks stop at the same moment.
#[derive(Debug, Clone)]
pub struct Power(Arc<(AtomicI64, AtomicBool)>);

impl Power {
    pub fn on() -> Power {
        Power(Arc::new((AtomicI64::new(i64::MAX), AtomicBool::new(false))))
    }

    /// It goes out after so many reads, writes and syncs.
    pub fn cut_after(&self, operations: u64) {
        self.0.0.store(operations as i64, Ordering::SeqCst);
    }

    pub fn is_off(&self) -> bool {
        self.0.1.load(Ordering::SeqCst)
    }

    fn spend(&self) -> Result<(), Error> {
        if self.is_off() || self.0.0.fetch_sub(1, Ordering::SeqCst) <= 0 {
            self.0.1.store(true, Ordering::SeqCst);
            return Err(Error::other("the power is off"));
        }
        Ok(())
    }
}

#[derive(Debug, Clone)]
enum Written {
    Bytes(u64, Vec<u8>),
    Length(u64),
}

fn apply(image: &mut Vec<u8>, written: &Written) {
    match written {
        Written::Bytes(at, bytes) => {
            let (at, end) = (*at as usize, *at as usize + bytes.len());
            if image.len() < end {
                image.resize(end, 0);
            }
            image[at..end].copy_from_slice(bytes);
        }
        Written::Length(len) => image.resize(*len as usize, 0),
    }
}

#[derive(Default)]
struct State {
    synced: Vec<u8>,
    seen: Vec<u8>,
    unsynced: Vec<Written>,
    is_open: bool,
    /// Bytes that may still be written.
    room: Option<u64>,
    /// So many syncs fail.
    failing_syncs: u32,
}

/// See the module. Clones are the same disk.
#[derive(Clone)]
pub struct Disk(Arc<Mutex<State>>, Power);

/// An open file on a disk; one at a time, as a file lock would have it.
pub struct Handle(Disk);

impl std::fmt::Debug for Handle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Handle")
    }
}

impl Disk {
    pub fn new(image: Vec<u8>, power: &Power) -> Disk {
        let state = State { synced: image.clone(), seen: image, ..State::default() };
        Disk(Arc::new(Mutex::new(state)), power.clone())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// For `open_on`: opens it again and again.
    pub fn opener(&self) -> impl Fn() -> std::io::Result<Handle> + Send + Sync + 'static {
        let disk = self.clone();
        move || {
            if std::mem::replace(&mut disk.state().is_open, true) {
                return Err(Error::new(ErrorKind::ResourceBusy, "it is open already"));
            }
            Ok(Handle(disk.clone()))
        }
    }

    /// From now on only so many bytes fit.
    pub fn fill(&self, room: u64) {
        self.state().room = Some(room);
    }

    /// There is room again.
    pub fn free(&self) {
        self.state().room = None;
    }

    /// The next syncs fail.
    pub fn fail_syncs(&self, count: u32) {
        self.state().failing_syncs = count;
    }

    /// What is on the disk after the power went: all that was synced, and of the rest each sector
    /// with this chance.
    pub fn after_the_cut(&self, luck: &mut Luck, percent: u64) -> Vec<u8> {
        let state = self.state();
        let mut image = state.synced.clone();
        let sector = if luck.percent(50) { 4096 } else { 512 };
        for written in &state.unsynced {
            match written {
                Written::Length(_) => {
                    if luck.percent(percent) {
                        apply(&mut image, written);
                    }
                }
                Written::Bytes(at, bytes) => {
                    let mut from = 0;
                    while from < bytes.len() {
                        let to = bytes.len().min(from + sector - (*at as usize + from) % sector);
                        if luck.percent(percent) {
                            apply(&mut image, &Written::Bytes(*at + from as u64, bytes[from..to].to_vec()));
                        }
                        from = to;
                    }
                }
            }
        }
        image
    }
}

impl State {
    fn write(&mut self, written: Written) {
        apply(&mut self.seen, &written);
        self.unsynced.push(written);
    }
}

impl StorageBackend for Handle {
    fn len(&self) -> Result<u64, Error> {
        self.0.1.spend()?;
        Ok(self.0.state().seen.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<(), Error> {
        self.0.1.spend()?;
        let state = self.0.state();
        let at = offset as usize;
        let bytes = state.seen.get(at..at + out.len()).ok_or_else(|| Error::from(ErrorKind::UnexpectedEof))?;
        out.copy_from_slice(bytes);
        Ok(())
    }

    fn set_len(&self, len: u64) -> Result<(), Error> {
        self.0.1.spend()?;
        self.0.state().write(Written::Length(len));
        Ok(())
    }

    fn sync_data(&self) -> Result<(), Error> {
        self.0.1.spend()?;
        let mut state = self.0.state();
        if state.failing_syncs > 0 {
            state.failing_syncs -= 1;
            return Err(Error::other("the disk does not answer"));
        }
        let State { synced, unsynced, .. } = &mut *state;
        unsynced.drain(..).for_each(|written| apply(synced, &written));
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> Result<(), Error> {
        self.0.1.spend()?;
        let mut state = self.0.state();
        if let Some(room) = &mut state.room {
            *room = room.checked_sub(data.len() as u64).ok_or_else(|| Error::from(ErrorKind::StorageFull))?;
        }
        state.write(Written::Bytes(offset, data.to_vec()));
        Ok(())
    }

    fn close(&self) -> Result<(), Error> {
        self.0.state().is_open = false;
        Ok(())
    }
}
