//! Power cuts under load: what was answered is in the intake and the store exactly once, and the
//! check would notice if it were not.

use std::sync::Arc;
use std::time::Duration;

use switchboard::store::intake::{Guards, Intake, NotTaken};

use crate::disk::{Disk, Luck, Power};
use crate::node::{caught_up, faults, intake_options, lay_foundation, start};
use crate::traffic::{Answered, Stream};

/// How many power cuts in a row one machine suffers.
const CUTS: usize = 3;
const SENDERS: u64 = 8;

fn rounds() -> u64 {
    std::env::var("SWITCHBOARD_CRASH_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(8)
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// Sends webhooks from many sides until the power is off. Answers how many were taken.
async fn load(
    intake: &Disk,
    store: &Disk,
    power: &Power,
    guards: Guards,
    luck: &mut Luck,
    answered: &Arc<Answered>,
) -> u64 {
    power.cut_after(20 + luck.below(1200));
    // It may go out while the node starts.
    let Ok(core) = start(intake, store, guards).await else { return 0 };
    // Without room in the store webhooks pile up in the intake. Always so where a loss must be shown.
    if luck.percent(25) || guards != Guards::default() {
        store.fill(luck.below(30_000));
    }
    let senders = (0..SENDERS).map(|_| {
        let (core, power, answered) = (core.clone(), power.clone(), answered.clone());
        let stream = Stream::new(Luck(luck.next()), luck.next() >> 40);
        tokio::spawn(async move {
            let mut taken = 0;
            for (about, item) in stream.take(500) {
                match core.intake().append(item).await {
                    Ok(()) => {
                        answered.note(about);
                        taken += 1;
                    }
                    Err(NotTaken::Full(_)) => tokio::time::sleep(Duration::from_millis(1)).await,
                    Err(NotTaken::Failed(_)) if power.is_off() => break,
                    Err(e) => panic!("{e}"),
                }
            }
            taken
        })
    });
    let senders: Vec<_> = senders.collect();
    let mut taken = 0;
    for sender in senders {
        taken += sender.await.unwrap();
    }
    // An intake that does not sync hardly touches its disk.
    power.cut_after(0);
    core.stop().await;
    taken
}

/// A machine that loses its power again and again. Answers how many webhooks were taken, and what was
/// wrong after it had caught up.
fn machine(seed: u64, guards: Guards) -> (u64, Vec<String>) {
    let runtime = runtime();
    let mut luck = Luck(seed);
    let answered = Arc::new(Answered::default());
    let mut power = Power::on();
    let (mut intake, mut store) = (Disk::new(Vec::new(), &power), Disk::new(Vec::new(), &power));
    runtime.block_on(lay_foundation(&store));
    // A file is made beside its place and moved when it is whole; a disk in memory has no such place.
    drop(Intake::open_on(intake.opener(), &intake_options(Guards::default()), |_| Ok(0)).unwrap());
    let mut taken = 0;
    for cut in 0..CUTS {
        taken += runtime.block_on(load(&intake, &store, &power, guards, &mut luck, &answered));
        let kept = [0, 0, 50, 90, 100][luck.below(5) as usize];
        let images = (intake.after_the_cut(&mut luck, kept), store.after_the_cut(&mut luck, kept));
        power = Power::on();
        (intake, store) = (Disk::new(images.0, &power), Disk::new(images.1, &power));
        if cut + 1 < CUTS && luck.percent(50) {
            // The next cut may come before it has caught up.
            continue;
        }
        let is_caught_up = runtime.block_on(async {
            let core = start(&intake, &store, Guards::default()).await.map_err(|e| e.to_string())?;
            let done = caught_up(&core).await;
            core.stop().await;
            Ok::<bool, String>(done)
        });
        match &is_caught_up {
            Ok(_) => {}
            Err(e) => return (taken, vec![format!("it does not start again: {e}")]),
        }
        let mut faults = faults(&intake, &store, &answered);
        if is_caught_up == Ok(false) {
            faults.push("it never catches up".into());
        }
        if !faults.is_empty() {
            return (taken, faults);
        }
    }
    (taken, Vec::new())
}

#[test]
fn nothing_answered_is_lost_when_the_power_goes() {
    let mut taken = 0;
    for seed in 0..rounds() {
        let (count, faults) = machine(seed, Guards::default());
        assert!(faults.is_empty(), "seed {seed}: {faults:#?}");
        taken += count;
    }
    println!("{} power cuts, {taken} webhooks answered", rounds() * CUTS as u64);
    assert!(taken > 50 * rounds(), "hardly anything was answered: {taken}");
}

/// Without waiting for the disk an answer is worth nothing; the check must say so.
#[test]
fn an_intake_that_does_not_sync_is_caught() {
    let guards = Guards { sync: false, ..Guards::default() };
    let caught = (0..10).find_map(|seed| machine(seed, guards).1.into_iter().find(|fault| fault.contains("are lost")));
    assert!(caught.is_some());
}

/// What is taken out before the store has it is lost; the check must say so.
#[test]
fn an_intake_that_trims_ahead_of_the_store_is_caught() {
    let guards = Guards { keep_until_applied: false, ..Guards::default() };
    let caught = (0..10).find_map(|seed| machine(seed, guards).1.into_iter().find(|fault| fault.contains("are lost")));
    assert!(caught.is_some());
}
