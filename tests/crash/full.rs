//! A disk without room, and one that does not answer: a sentence, nothing lost, and it works again.

use std::sync::Arc;
use std::time::{Duration, Instant};

use switchboard::api::Code;
use switchboard::core::change::*;
use switchboard::core::lane::Lanes;
use switchboard::core::{audit, recount};
use switchboard::domain::access::{Agent, Permissions};
use switchboard::domain::time::Time;
use switchboard::store::Store;
use switchboard::store::intake::{Guards, Intake, NotTaken};

use crate::disk::{Disk, Luck, Power};
use crate::node::{caught_up, faults, intake_options, lay_foundation, open_store, rows, sid, start};
use crate::traffic::{Answered, Stream, text};

fn disk() -> Disk {
    Disk::new(Vec::new(), &Power::on())
}

fn open(disk: &Disk) -> Intake {
    Intake::open_on(disk.opener(), &intake_options(Guards::default()), |_| Ok(0)).unwrap()
}

/// All webhooks that an intake hands out after it was opened anew.
async fn replayed(disk: &Disk) -> Vec<Vec<u8>> {
    let intake = open(disk);
    let mut out = Vec::new();
    while intake.is_replaying() {
        let Ok(rows) = tokio::time::timeout(Duration::from_millis(50), intake.next()).await else { break };
        out.extend(rows.unwrap().into_iter().flat_map(|row| row.items).map(|item| item.body));
    }
    out
}

/// Appends at a steady pace while the disk fails and after it works again. Answers what was taken, and
/// what was said when it was not.
async fn append_through(
    intake: &Intake,
    disk: &Disk,
    fail: impl Fn(&Disk),
    mend: impl Fn(&Disk),
) -> (Vec<Vec<u8>>, Vec<String>) {
    let (mut taken, mut said) = (Vec::new(), Vec::new());
    let began = Instant::now();
    let mut after = 0;
    for n in 0.. {
        if n == 5 {
            fail(disk);
        }
        if said.len() == 20 {
            mend(disk);
        }
        let (_, item) = text(sid(b"SM", n), n);
        let body = item.body.clone();
        match intake.append(item).await {
            Ok(()) => {
                taken.push(body);
                after += u32::from(!said.is_empty());
            }
            Err(NotTaken::Failed(why)) => said.push(why),
            Err(e) => panic!("{e}"),
        }
        if after == 10 {
            break;
        }
        assert!(began.elapsed() < Duration::from_secs(20), "it does not work again: {:?}", said.last());
        // Twilio does not stop calling: faster than the intake tries its file again.
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    (taken, said)
}

#[tokio::test]
async fn a_full_intake_says_so_loses_nothing_and_works_again() {
    for room in [0, 1000, 9000, 50_000] {
        let disk = disk();
        let intake = open(&disk);
        let (taken, said) = append_through(&intake, &disk, |d| d.fill(room), Disk::free).await;
        assert!(said.len() >= 20);
        for why in &said {
            assert!(why.contains("is full: free some space"), "{why}");
            assert_eq!(why.matches("free some space").count(), 1, "a sentence inside a sentence: {why}");
        }
        assert_eq!(intake.trouble(), None);
        drop(intake);
        let kept = replayed(&disk).await;
        for body in &taken {
            assert_eq!(kept.iter().filter(|k| *k == body).count(), 1, "with room for {room}");
        }
    }
}

#[tokio::test]
async fn an_intake_whose_disk_does_not_answer_works_again() {
    let disk = disk();
    let intake = open(&disk);
    let (taken, said) = append_through(&intake, &disk, |d| d.fail_syncs(1), |_| ()).await;
    assert!(said[0].contains("the disk does not answer"), "{said:?}");
    drop(intake);
    let kept = replayed(&disk).await;
    assert!(taken.iter().all(|body| kept.contains(body)));
}

/// What an earlier run left is still handed out when the disk fails in the middle of it.
#[tokio::test]
async fn a_replay_goes_on_after_the_disk_failed() {
    let disk = disk();
    let intake = open(&disk);
    for n in 0..5 {
        intake.append(text(sid(b"SM", n), n).1).await.unwrap();
    }
    drop(intake);
    let intake = open(&disk);
    assert!(intake.is_replaying());
    disk.fill(0);
    assert!(matches!(intake.append(text(sid(b"SM", 9), 9).1).await, Err(NotTaken::Failed(_))));
    disk.free();
    let mut found = 0;
    for _ in 0..100 {
        match intake.next().await {
            Ok(rows) => {
                found += rows.iter().map(|row| row.items.len()).sum::<usize>();
                break;
            }
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
    assert_eq!(found, 5);
    for _ in 0..100 {
        if intake.append(text(sid(b"SM", 10), 10).1).await.is_ok() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the intake does not take anything again");
}

fn agent(n: u64) -> Envelope {
    let (name, permissions) = ("x".repeat(300), Permissions::ALL);
    let agent = Agent { handle: format!("a{n}"), name, permissions, created_at: Time(0), version: 0 };
    Envelope::by_worker(Change::AgentSaved(AgentSaved { agent, only_new: false }), Time(1), Time(1))
}

#[tokio::test]
async fn a_full_store_answers_unavailable_and_works_again() {
    for room in [0, 1000, 9000, 30_000] {
        let disk = disk();
        let store = open_store(&disk).unwrap();
        let lanes = Lanes::start(store.clone()).unwrap();
        let (mut saved, mut refused) = (Vec::new(), Vec::new());
        for n in 0..60 {
            if n == 5 {
                disk.fill(room);
            }
            if refused.len() == 10 {
                disk.free();
            }
            match lanes.submit(agent(n)).await {
                Ok(_) => saved.push(format!("a{n}")),
                Err(e) => {
                    assert_eq!(e.code, Code::Unavailable, "{e}");
                    refused.push(e.detail);
                }
            }
        }
        assert!(refused.len() >= 10 && saved.len() >= 40, "{} {}", saved.len(), refused.len());
        assert!(refused[0].contains("is full: free some space"), "{refused:?}");
        drop(lanes);
        drop(store);
        let store = open_store(&disk).unwrap();
        let kept: Vec<String> = rows::<Agent>(&*store).into_iter().map(|a| a.handle).collect();
        assert!(saved.iter().all(|handle| kept.contains(handle)), "with room for {room}");
        let reader = store.reader().unwrap();
        assert_eq!(recount::verify(&*reader).unwrap(), []);
        let report = audit::verify(&*reader, 1).unwrap();
        assert!(report.is_sound(), "{report:?}");
    }
}

/// While the store has no room the intake goes on taking; everything arrives once there is some.
#[test]
fn webhooks_wait_in_the_intake_while_the_store_is_full() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let (intake, store) = (disk(), disk());
    let answered = Arc::new(Answered::default());
    runtime.block_on(async {
        lay_foundation(&store).await;
        let core = start(&intake, &store, Guards::default()).await.unwrap();
        let mut stream = Stream::new(Luck(7), 1);
        for n in 0..60 {
            if n == 20 {
                store.fill(500);
            }
            let (about, item) = stream.next().unwrap();
            core.intake().append(item).await.unwrap();
            answered.note(about);
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert!(core.intake().backlog() > 0);
        store.free();
        assert!(caught_up(&core).await);
        core.stop().await;
    });
    assert_eq!(faults(&intake, &store, &answered), Vec::<String>::new());
}
