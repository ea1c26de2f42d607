//! What the system says of a process: its memory, and how often each of its threads has slept.

use std::collections::BTreeMap;
use std::fs::read_to_string;

/// Memory that is in RAM, in KiB.
#[derive(Debug, Clone, Copy)]
pub struct Memory {
    /// All of it.
    pub resident: u64,
    /// What is the process's own: heap and stacks.
    pub own: u64,
    /// What is mapped from files: the program itself, and libraries.
    pub file: u64,
    /// The most there ever was.
    pub peak: u64,
}

impl Memory {
    /// Of a process.
    pub fn of(pid: u32) -> Memory {
        let status = read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        let [resident, own, file, peak] = ["VmRSS", "RssAnon", "RssFile", "VmHWM"].map(|name| field(&status, name));
        Memory { resident, own, file, peak }
    }

    /// For a person.
    pub fn text(&self) -> String {
        let mb = |kib: u64| kib as f64 / 1024.0;
        format!(
            "{:.1} MiB resident ({:.1} own, {:.1} of files; {:.1} at its peak)",
            mb(self.resident),
            mb(self.own),
            mb(self.file),
            mb(self.peak)
        )
    }
}

/// A number of a status file.
fn field(status: &str, name: &str) -> u64 {
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

/// A thread: its name, and how often it went to sleep by itself. Each time it was then woken.
pub type Threads = BTreeMap<u32, (String, u64)>;

/// The threads of a process.
pub fn threads(pid: u32) -> Threads {
    let Ok(tasks) = std::fs::read_dir(format!("/proc/{pid}/task")) else { return Threads::new() };
    let one = |task: std::fs::DirEntry| {
        let status = read_to_string(task.path().join("status")).ok()?;
        let name = read_to_string(task.path().join("comm")).ok()?.trim().to_owned();
        Some((task.file_name().to_str()?.parse().ok()?, (name, field(&status, "voluntary_ctxt_switches"))))
    };
    tasks.flatten().filter_map(one).collect()
}

/// Wake-ups by the threads' names, over some seconds: how many, and in which of them.
#[derive(Debug, Default)]
pub struct Wakes(BTreeMap<String, (u64, Vec<u64>)>);

impl Wakes {
    /// Adds what happened in a second. A thread that ended was woken for it.
    pub fn add(&mut self, second: u64, before: &Threads, after: &Threads) {
        for (thread, (name, had)) in before {
            let woken = after.get(thread).map_or(1, |(_, has)| has - had);
            self.note(second, name, woken);
        }
        for (_, (name, has)) in after.iter().filter(|(thread, _)| !before.contains_key(thread)) {
            self.note(second, name, has + 1);
        }
    }

    fn note(&mut self, second: u64, name: &str, woken: u64) {
        if woken > 0 {
            let (count, seconds) = self.0.entry(name.to_owned()).or_default();
            *count += woken;
            if seconds.last() != Some(&second) {
                seconds.push(second);
            }
        }
    }

    /// How many there were.
    pub fn total(&self) -> u64 {
        self.0.values().map(|(count, _)| count).sum()
    }

    /// Who it was, a line for each.
    pub fn lines(&self) -> Vec<String> {
        let line = |(name, (count, seconds)): (&String, &(u64, Vec<u64>))| {
            let seconds: Vec<String> = seconds.iter().map(u64::to_string).collect();
            format!("{name}: {count}, in second {}", seconds.join(" "))
        };
        self.0.iter().map(line).collect()
    }
}
