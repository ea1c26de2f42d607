//! The real program: its start, its memory, a key's way to the screen, and its rest.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::home::{Home, PROGRAM};
use crate::process::{Memory, Wakes, threads};
use crate::terminal::Running;
use crate::{preload, quantile};

/// What to do.
pub struct Plan {
    pub stored: u64,
    pub restarts: usize,
    /// Seconds of each idle window.
    pub idle: u64,
}

/// The first screen that is of use: the business, and a conversation of it.
const USEFUL: [&str; 2] = ["Harbor Dental", "Sam Ortiz"];
/// What `cat` shows, and it is as useful as it will ever be.
const BANNER: &str = "ready";
/// Spare threads of the runtime leave after ten seconds: the rest begins when they are gone, and lasts
/// over the fifteenth second of silence, at which streams of events say that they live.
const SETTLING: Duration = Duration::from_millis(11_500);
/// Keys of which the way is measured.
const KEYS: usize = 120;

/// Measures and prints.
pub fn run(plan: &Plan) {
    let home = Home::new();
    let banner = home.dir.path().join("banner");
    std::fs::write(&banner, format!("{BANNER}\n")).unwrap();
    let build = if cfg!(debug_assertions) { ", a DEBUG build" } else { "" };

    let console = open(&home);
    let (first, useful) = shown(&console);
    println!("start: from the spawn to a screen with {USEFUL:?}, 120x40{build}");
    println!("first run, the demo is played {:8.1} ms   (first frame {:.1} ms)", ms(useful), ms(first));
    quit(console);
    if plan.stored > 0 {
        let start = Instant::now();
        preload::run(&home.state().join("store.redb"), plan.stored);
        println!("stored {} messages beforehand in {:.1} s", plan.stored, start.elapsed().as_secs_f64());
    }

    // The order changes from one to the next, so that neither always runs on a warm machine.
    let (mut firsts, mut usefuls, mut cats) = (Vec::new(), Vec::new(), Vec::new());
    for n in 0..plan.restarts {
        if n % 2 == 0 {
            cats.push(cat_shown(&cat(&home, &banner)));
        }
        let console = open(&home);
        let (first, useful) = shown(&console);
        firsts.push(first);
        usefuls.push(useful);
        quit(console);
        if n % 2 == 1 {
            cats.push(cat_shown(&cat(&home, &banner)));
        }
    }
    println!("a restart, {:>8} stored   {}   (first frame {})", plan.stored, median(&mut usefuls), median(&mut firsts));
    println!("reference: cat               {}", median(&mut cats));
    println!("goal: <= 100 ms with 1,000,000 stored\n");

    let (console, cat) = (open(&home), cat(&home, &banner));
    shown(&console);
    cat_shown(&cat);
    std::thread::sleep(Duration::from_millis(500));
    rest("the clock runs", &console, &cat, plan.idle);

    console.keys("\x14");
    console.until("the clock to stand", |seen| seen.shows(&["paused"]));
    keys(&console, &cat);
    std::thread::sleep(SETTLING);
    rest("the clock is paused, nothing is due", &console, &cat, plan.idle);
    println!("goal: 0 draws and 0 wake-ups while nothing visible is due\n");

    println!("memory: after all that, {} stored", plan.stored);
    println!("node with console  {}", Memory::of(console.pid).text());
    println!("reference: cat     {}", Memory::of(cat.pid).text());
    println!("goal: <= 60 MB with 1,000,000 stored");
    quit(console);
}

fn open(home: &Home) -> Running {
    Running::start(PROGRAM, &[], &home.environment(), home.dir.path())
}

fn cat(home: &Home, banner: &Path) -> Running {
    Running::start("cat", &[banner.to_str().unwrap(), "-"], &home.environment(), home.dir.path())
}

/// From the start to the first frame, and to the first of use.
fn shown(console: &Running) -> (Duration, Duration) {
    let first = console.until("the first frame", |seen| seen.frames > 0) - console.start;
    (first, console.until("a useful screen", |seen| seen.shows(&USEFUL)) - console.start)
}

fn cat_shown(cat: &Running) -> Duration {
    cat.until("the banner", |seen| seen.shows(&[BANNER])) - cat.start
}

fn quit(console: Running) {
    console.keys("q");
    console.wait();
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn median(times: &mut [Duration]) -> String {
    times.sort_unstable();
    let (low, high) = (quantile(times, 0.0), quantile(times, 1.0));
    format!("{:8.1} ms ({low:.1}..{high:.1})", quantile(times, 0.5))
}

/// From a key to the end of the frame that follows it, through the pseudo-terminal; and from a line to
/// `cat`'s copy of it behind the terminal's own echo.
fn keys(console: &Running, cat: &Running) {
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for n in 0..KEYS {
        let before = console.seen().frames;
        let start = Instant::now();
        console.keys(if n < KEYS / 2 { "\x1b[B" } else { "\x1b[A" });
        ours.push(console.until("the frame of a key", move |seen| seen.frames > before) - start);
        // What the key made the console ask for may bring a frame of its own: not the next key's.
        std::thread::sleep(Duration::from_millis(12));
        let before = cat.seen().bytes;
        let start = Instant::now();
        cat.keys("x\n");
        theirs.push(cat.until("the copy of a line", move |seen| seen.bytes >= before + 6) - start);
    }
    println!("key to frame: {KEYS} keys through the pseudo-terminal, the clock is paused");
    for (name, times) in [("console", &mut ours), ("reference: cat", &mut theirs)] {
        times.sort_unstable();
        println!("{name:18} p50 {:7.3} ms  p99 {:7.3} ms", quantile(times, 0.5), quantile(times, 0.99));
    }
    println!("goal: p99 <= 8 ms with 1,000,000 stored\n");
}

/// What happens in some seconds in which nobody does anything.
fn rest(when: &str, console: &Running, cat: &Running, seconds: u64) {
    let look = |of: &Running| {
        let seen = of.seen();
        (seen.frames, seen.bytes, seen.lines())
    };
    let (before, cat_before) = (look(console), look(cat));
    let (mut wakes, mut cat_wakes) = (Wakes::default(), Wakes::default());
    let (mut last, mut cat_last) = (threads(console.pid), threads(cat.pid));
    let start = Instant::now();
    for second in 1..=seconds {
        std::thread::sleep((start + Duration::from_secs(second)).saturating_duration_since(Instant::now()));
        let (now, cat_now) = (threads(console.pid), threads(cat.pid));
        wakes.add(second, &last, &now);
        cat_wakes.add(second, &cat_last, &cat_now);
        (last, cat_last) = (now, cat_now);
    }
    let (after, cat_after) = (look(console), look(cat));
    println!("idle for {seconds} s: {when}");
    println!(
        "node with console  {} draws, {} bytes to the terminal, {} wake-ups of {} threads",
        after.0 - before.0,
        after.1 - before.1,
        wakes.total(),
        last.len()
    );
    for line in wakes.lines() {
        println!("    {line}");
    }
    println!("reference: cat     {} bytes, {} wake-ups", cat_after.1 - cat_before.1, cat_wakes.total());
    let changed: Vec<_> = before.2.iter().zip(&after.2).filter(|(a, b)| a != b).collect();
    match changed.is_empty() {
        true => println!("on the screen      nothing changed\n"),
        false => println!("on the screen      what was due, before and after:"),
    }
    for (a, b) in &changed {
        println!("    {}\n    {}", a.trim_end(), b.trim_end());
    }
    if !changed.is_empty() {
        println!();
    }
}
