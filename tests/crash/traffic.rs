//! Webhooks as Twilio posts them, and what was answered.

use std::collections::BTreeSet;
use std::sync::Mutex;

use switchboard::clock;
use switchboard::domain::id::Sid;
use switchboard::store::intake::{Item, Path};

use crate::disk::Luck;
use crate::node::{ACCOUNT, NUMBER, sid};

/// What Twilio was told that we have.
#[derive(Debug, Default)]
pub struct Answered {
    pub texts: Mutex<BTreeSet<Sid>>,
    pub reports: Mutex<BTreeSet<Sid>>,
}

/// What a webhook was about.
#[derive(Debug, Clone, Copy)]
pub enum About {
    Text(Sid),
    Report(Sid),
}

impl Answered {
    pub fn note(&self, about: About) {
        match about {
            About::Text(sid) => self.texts.lock().unwrap().insert(sid),
            About::Report(sid) => self.reports.lock().unwrap().insert(sid),
        };
    }
}

/// A stream of webhooks: 30 of 100 come twice, some are reports of messages that nobody knows.
pub struct Stream {
    luck: Luck,
    lane: u64,
    made: u64,
}

impl Stream {
    pub fn new(luck: Luck, lane: u64) -> Stream {
        Stream { luck, lane, made: 0 }
    }
}

impl Iterator for Stream {
    type Item = (About, Item);

    fn next(&mut self) -> Option<(About, Item)> {
        let again = self.made > 0 && self.luck.percent(30);
        let n = if again {
            1 + self.luck.below(self.made)
        } else {
            self.made += 1;
            self.made
        };
        let sid = sid(b"SM", self.lane << 32 | n);
        Some(if n % 6 == 0 { report(sid, n % 12 == 0) } else { text(sid, n) })
    }
}

pub fn text(sid: Sid, n: u64) -> (About, Item) {
    let body = format!(
        "ToCountry=US&SmsMessageSid={sid}&NumMedia=0&SmsStatus=received&Body=text+{n}&To=%2B{NUMBER}&NumSegments=1\
         &MessageSid={sid}&AccountSid={}&From=%2B1415555{:04}&ApiVersion=2010-04-01",
        sid_of_account(),
        n % 40,
    );
    (About::Text(sid), item(Path::Sms, String::new(), body))
}

fn report(sid: Sid, is_named: bool) -> (About, Item) {
    let body = format!(
        "SmsSid={sid}&SmsStatus=sent&MessageStatus=sent&To=%2B14155550100&MessageSid={sid}&AccountSid={}",
        sid_of_account()
    );
    // Half of them name a message of ours that does not exist.
    let query = if is_named { "b=11&m=404".to_owned() } else { String::new() };
    (About::Report(sid), item(Path::Status, query, body))
}

fn sid_of_account() -> Sid {
    sid(b"AC", ACCOUNT)
}

fn item(path: Path, query: String, body: String) -> Item {
    let now = clock::wall();
    Item { at: now, business_time: now, path, query, body: body.into_bytes() }
}
