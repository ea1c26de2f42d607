//! Dead letters as people work with them: listed, summed, explained, and replayed once what was wrong
//! has been put right. A replay takes the road of every webhook, so it can be repeated without harm.

use std::collections::{BTreeMap, BTreeSet};

use super::accounts::Tokens;
use super::change::{Change, LetterReplayed};
use super::inbox::last_id;
use super::paging::page;
use super::rows::dead_letter_key;
use super::signed::{self, Asked};
use super::{Core, broken, meaning, read};
use crate::api::deadletters::*;
use crate::api::{ApiError, Code, Page, When};
use crate::clock;
use crate::domain::deadletter::{DeadLetter, Evidence, Reason};
use crate::domain::id::{Id, Sid};
use crate::store::intake::{Item, Path};
use crate::store::{Index, Order, PageQuery};
use crate::twilio::form::Form;
use crate::twilio::signature::{Heard, investigate};

/// Letters read at a time.
const CHUNK: usize = 500;
/// Addresses told of one reason.
const TOLD: usize = 10;

impl Core {
    pub(super) fn list_dead_letters(&self, input: &ListDeadLetters) -> Result<DeadLetterPage, ApiError> {
        let as_of = self.cursor();
        let reader = self.reader()?;
        let (keys, next) =
            page(&*reader, Index::DeadLetters, &[], Order::Falling, input.after.as_deref(), input.limit)?;
        let mut items = Vec::with_capacity(keys.len());
        for key in keys {
            let row: Option<DeadLetter> = read(&*reader, &dead_letter_key(last_id(&key)))?;
            items.extend(row.map(view));
        }
        Ok(Page { items, next, as_of })
    }

    pub(super) fn sum_dead_letters(&self) -> Result<DeadLetterSums, ApiError> {
        struct Group {
            view: DeadLetterGroup,
            customers: BTreeSet<String>,
            to: BTreeSet<String>,
        }
        let mut groups: BTreeMap<String, Group> = BTreeMap::new();
        self.waiting_letters(None, |letter| {
            let at = When(letter.at);
            let group = groups.entry(format!("{:?}", letter.reason)).or_insert_with(|| Group {
                view: DeadLetterGroup {
                    reason: letter.reason,
                    letters: 0,
                    customers: 0,
                    to: Vec::new(),
                    oldest: at,
                    newest: at,
                    detail: String::new(),
                },
                customers: BTreeSet::new(),
                to: BTreeSet::new(),
            });
            group.view.letters += 1;
            group.view.newest = at;
            group.view.detail.clone_from(&letter.detail);
            let form = Form::parse(letter.body.as_bytes());
            if form.get("MessageStatus").is_none()
                && let (Some(from), Some(to)) = (form.get("From"), form.get("To"))
            {
                group.customers.insert(from.to_owned());
                group.to.insert(to.to_owned());
            }
        })?;
        let mut items: Vec<DeadLetterGroup> = groups
            .into_values()
            .map(|group| DeadLetterGroup {
                customers: group.customers.len() as u64,
                to: group.to.into_iter().take(TOLD).collect(),
                ..group.view
            })
            .collect();
        items.sort_by_key(|group| std::cmp::Reverse((group.customers, group.letters)));
        Ok(DeadLetterSums { items })
    }

    pub(super) fn explain_dead_letter(&self, id: Id) -> Result<DeadLetterExplained, ApiError> {
        let letter = self.letter(id)?;
        let evidence = letter.evidence.clone().unwrap_or_default();
        let mut explained = DeadLetterExplained {
            id,
            reason: letter.reason,
            replayable: false,
            found: letter.detail.clone(),
            fix: fix(letter.reason).to_owned(),
            received: evidence.signature.clone(),
            headers: evidence.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect(),
            peer: evidence.peer.clone(),
            trials: Vec::new(),
        };
        if letter.evidence.is_some() {
            self.investigate(&letter, &evidence, &mut explained);
        }
        match self.placed(&letter) {
            Ok(()) => explained.replayable = true,
            Err(e) if explained.trials.is_empty() => explained.found = e.detail,
            Err(_) => {}
        }
        Ok(explained)
    }

    fn investigate(&self, letter: &DeadLetter, evidence: &Evidence, explained: &mut DeadLetterExplained) {
        let header = |name: &str| evidence.header(name);
        let asked = asked(letter, evidence, &header);
        let form = Form::parse(letter.body.as_bytes());
        let body = asked.signed_body(&form);
        let named = signed::account(&asked, &form, body);
        let account = named.map_or(Some(self.settings().account), |named| named.parse::<Sid>().ok());
        let heard = Heard {
            public_url: self.settings().public_url.as_ref().map(url::Url::as_str),
            path: &letter.path,
            query: &letter.query,
            body,
            signature: evidence.signature.as_deref(),
            header: &header,
            is_trusted: self.is_trusted(asked.peer),
        };
        let tokens = account.map_or(Tokens::Own(&[]), |account| self.tokens_of(account));
        let (trials, verdict) = investigate(&tokens, &heard);
        explained.trials = trials
            .into_iter()
            .map(|t| SignatureTrial {
                url: t.url,
                source: t.source,
                used: t.is_used,
                fits: t.token.is_some(),
                signed: t.signed,
                expected: t.expected,
            })
            .collect();
        (explained.found, explained.fix) = (verdict.found, verdict.fix);
    }

    pub(super) async fn replay_dead_letter(&self, agent: &str, id: Id) -> Result<Replayed, ApiError> {
        let letter = self.letter(id)?;
        // Pressed twice: it has been taken in.
        if letter.replayed_at.is_none() {
            self.replay(agent, &letter).await?;
        }
        Ok(Replayed { replayed: 1, left: 0, why: None })
    }

    pub(super) async fn replay_dead_letters(&self, agent: &str, reason: Reason) -> Result<Replayed, ApiError> {
        let mut ids = Vec::new();
        self.waiting_letters(Some(reason), |letter| ids.push(letter.id))?;
        let mut all = Replayed { replayed: 0, left: 0, why: None };
        for id in ids {
            match self.replay(agent, &self.letter(id)?).await {
                Ok(()) => all.replayed += 1,
                Err(e) if e.code == Code::Conflict => {
                    all.left += 1;
                    all.why = Some(e.detail);
                }
                Err(e) => return Err(e),
            }
        }
        Ok(all)
    }

    async fn replay(&self, agent: &str, letter: &DeadLetter) -> Result<(), ApiError> {
        self.placed(letter)?;
        let Item { path, query, body, business_time, .. } = item(letter)?;
        let item = Item { at: clock::wall(), business_time, path, query, body };
        self.intake().append(item).await.map_err(|e| ApiError::unavailable(e.to_string()))?;
        // Should the node end before this is saved, a second replay finds the message there already.
        let change = LetterReplayed { letter: letter.id, at: clock::wall() };
        self.submit(agent, None, Change::LetterReplayed(change)).await.map(|_| ())
    }

    /// Whether the webhook would be taken and find its place now.
    fn placed(&self, letter: &DeadLetter) -> Result<(), ApiError> {
        if let Some(evidence) = &letter.evidence {
            let header = |name: &str| evidence.header(name);
            let form = Form::parse(letter.body.as_bytes());
            let judged = self.judge(&asked(letter, evidence, &header), &form);
            judged.map_err(|refused| {
                ApiError::new(Code::Conflict, format!("it would be refused again: {}", refused.detail()))
            })?;
        }
        let why = meaning::no_place(self, &*self.reader()?, &item(letter)?)?;
        match why {
            None => Ok(()),
            Some(why) => Err(ApiError::new(Code::Conflict, format!("it would find no place again: {why}"))),
        }
    }

    fn letter(&self, id: Id) -> Result<DeadLetter, ApiError> {
        let row: Option<DeadLetter> = read(&*self.reader()?, &dead_letter_key(id))?;
        row.ok_or_else(|| ApiError::not_found(format!("dead letter {id}")))
    }

    /// Those that were not replayed, oldest first.
    fn waiting_letters(&self, reason: Option<Reason>, mut each: impl FnMut(&DeadLetter)) -> Result<(), ApiError> {
        let mut after: Option<Vec<u8>> = None;
        loop {
            let reader = self.reader()?;
            let query = PageQuery {
                index: Index::DeadLetters,
                prefix: &[],
                after: after.as_deref(),
                order: Order::Rising,
                limit: CHUNK,
            };
            let keys = reader.page(&query).map_err(broken)?;
            for key in &keys {
                let row: Option<DeadLetter> = read(&*reader, &dead_letter_key(last_id(key)))?;
                if let Some(letter) = row
                    && letter.replayed_at.is_none()
                    && reason.is_none_or(|reason| letter.reason == reason)
                {
                    each(&letter);
                }
            }
            let Some(last) = keys.into_iter().next_back() else { return Ok(()) };
            after = Some(last);
        }
    }
}

impl Evidence {
    fn header(&self, name: &str) -> Option<String> {
        if name == "x-twilio-signature" {
            return self.signature.clone();
        }
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    }
}

fn asked<'a>(
    letter: &'a DeadLetter,
    evidence: &Evidence,
    header: &'a (dyn Fn(&str) -> Option<String> + Sync),
) -> Asked<'a> {
    Asked {
        is_get: evidence.is_get,
        path: &letter.path,
        query: &letter.query,
        body: letter.body.as_bytes(),
        header,
        peer: evidence.peer.as_ref().and_then(|ip| ip.parse().ok()),
    }
}

fn item(letter: &DeadLetter) -> Result<Item, ApiError> {
    let path = [Path::Sms, Path::Status].into_iter().find(|path| path.as_str() == letter.path);
    let strange = || ApiError::new(Code::Conflict, format!("nothing is received at {} any more", letter.path));
    Ok(Item {
        at: letter.at,
        business_time: letter.business_time.unwrap_or(letter.at),
        path: path.ok_or_else(strange)?,
        query: letter.query.clone(),
        body: letter.body.clone().into_bytes(),
    })
}

fn fix(reason: Reason) -> &'static str {
    match reason {
        Reason::MissingSignature | Reason::BadSignature => "Compare the URL at Twilio with server.public_url.",
        Reason::UnknownAccount => {
            "Make the account known with `switchboard accounts add SID --auth-token env:NAME` (or file:, cmd:), then replay."
        }
        Reason::Unroutable => {
            "Give the address to a business as an endpoint (`switchboard endpoints create`), then replay."
        }
        Reason::UnknownMessage => "Nothing, if another program sends from this account: its reports end here.",
        Reason::Malformed => "Point only Twilio's messaging webhooks at this path.",
        Reason::Poison => "See the log of the node; replay it once the store takes it.",
    }
}

fn view(d: DeadLetter) -> DeadLetterView {
    DeadLetterView {
        id: d.id,
        at: When(d.at),
        path: d.path,
        reason: d.reason,
        detail: d.detail,
        body: d.body,
        replayed_at: d.replayed_at.map(When),
    }
}
