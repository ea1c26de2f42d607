//! The store's file: size, format, and room on its disk.

use std::path::Path;

use super::finding::Finding;
use crate::config::Paths;
use crate::store::redb::inspect::{Condition, OURS, inspect};

const CHECK: &str = "store";
/// With less room than this something soon stops.
const LITTLE: u64 = 1 << 30;
/// With less than this nothing can be accepted any more.
const NONE: u64 = 64 << 20;

/// Looks at the store and its disk.
pub fn look(paths: &Paths) -> Vec<Finding> {
    let mut findings = vec![about_file(&paths.store)];
    let nearest = paths.store.ancestors().skip(1).find(|dir| dir.exists());
    findings.extend(nearest.and_then(room));
    findings
}

fn about_file(path: &Path) -> Finding {
    let Ok(meta) = std::fs::metadata(path) else {
        return Finding::info(CHECK, "there is no store yet: the first run makes it");
    };
    let size = amount(meta.len());
    match inspect(path) {
        Ok(Condition::InUse) => Finding::info(CHECK, format!("the store has {size}, and a running node has it open")),
        Ok(Condition::LeftOpen) => Finding::info(
            CHECK,
            format!("the store has {size} and was not closed, as after a crash: the next start puts it right"),
        ),
        Ok(Condition::Closed { format: Some(format), is_known: false }) => {
            let text = format!("the store has format {format}, and this version knows {OURS}");
            Finding::error(CHECK, text).remedy("use the newer version that wrote it")
        }
        Ok(Condition::Closed { format, .. }) => {
            let format = format.map_or("nothing in it".to_owned(), |format| format!("format {format}"));
            Finding::info(CHECK, format!("the store has {size}, {format}"))
        }
        Err(e) => Finding::error(CHECK, e.to_string())
            .remedy("bring a backup back, or move the file away to begin anew; keep it in either case"),
    }
}

/// `None` where the system does not say.
fn room(dir: &Path) -> Option<Finding> {
    let disk = rustix::fs::statvfs(dir).ok()?;
    let (free, all) = (disk.f_bavail.saturating_mul(disk.f_frsize), disk.f_blocks.saturating_mul(disk.f_frsize));
    let text = format!("{} of {} are free on the disk of {}", amount(free), amount(all), dir.display());
    let remedy = "make room: a store that cannot write accepts nothing, and Twilio's webhooks are answered 503";
    Some(match free {
        ..NONE => Finding::error(CHECK, text).remedy(remedy),
        NONE..LITTLE => Finding::warning(CHECK, text).remedy(remedy),
        _ => Finding::info(CHECK, text),
    })
}

fn amount(bytes: u64) -> String {
    let units = ["bytes", "KiB", "MiB", "GiB", "TiB"];
    let power = (bytes.max(1).ilog2() / 10).min(4);
    let value = bytes as f64 / f64::from(1u32 << (10 * power.min(3))) / if power == 4 { 1024.0 } else { 1.0 };
    let digits = usize::from(power > 0 && value < 100.0);
    format!("{value:.digits$} {}", units[power as usize])
}

#[cfg(test)]
mod tests {
    use super::super::finding::Level;
    use super::*;

    #[test]
    fn amounts_are_said_as_people_say_them() {
        let cases =
            [(0, "0 bytes"), (1023, "1023 bytes"), (1536, "1.5 KiB"), (3 << 30, "3.0 GiB"), (5 << 40, "5.0 TiB")];
        for (bytes, said) in cases {
            assert_eq!(amount(bytes), said);
        }
        assert_eq!(amount(u64::MAX), "16777216 TiB");
    }

    #[test]
    fn what_is_no_store_is_an_error_with_what_to_do() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("store.redb");
        assert_eq!(about_file(&path).level, Level::Info);
        std::fs::write(&path, "rubbish").unwrap();
        let found = about_file(&path);
        assert!(found.level == Level::Error && found.remedy.is_some(), "{found:?}");
        assert!(room(dir.path()).unwrap().text.contains("are free on the disk of"));
    }
}
