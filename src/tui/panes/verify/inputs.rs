//! What shall be sent: the fields of the tester, and what is remembered of them.

use std::collections::BTreeMap;

use super::remembered::Inputs;
use crate::api::verify::{
    OneTimeCode, PreviewVerification, RehearseVerifications, RiskCheck, SendVerification, TemplateView,
};
use crate::domain::id::{Id, Sid};
use crate::domain::verification::Channel;
use crate::tui::shown::Shown;
use crate::tui::widgets::form::{Entry, Form, Kind};

/// The places of the fields.
pub const TO: usize = 0;
const CHANNEL: usize = 1;
const LOCALE: usize = 2;
const TEMPLATE: usize = 3;
const VALUES: usize = 4;
const NAME: usize = 5;
const OWN_CODE: usize = 6;
const LIMITS: usize = 7;
const AMOUNT: usize = 8;
const PAYEE: usize = 9;
const TAGS: usize = 10;
const DIGITS: usize = 11;
const APP_HASH: usize = 12;
const RISK: usize = 13;

/// How many fields are always in view. The others are where they are asked for, hold something, or are needed.
pub const FIELDS: u16 = 7;

/// What the fields are called, in their order.
const LABELS: [&str; 14] = [
    "to",
    "channel",
    "locale",
    "template",
    "values",
    "name",
    "own-code",
    "limits",
    "amount",
    "payee",
    "tags",
    "digits",
    "app-hash",
    "risk-check",
];

/// Whether Fraud Guard looks at a send.
const RISKS: &[&str] = &["enable", "disable"];

const CHANNELS: &[&str] = &["sms", "call", "whatsapp", "email"];
/// Stands for: no template is asked for.
pub(super) const NONE: &str = "the business's own";

/// The form, and the templates among which it chooses.
#[derive(Debug)]
pub struct Test {
    /// The fields.
    pub form: Form,
    templates: Vec<TemplateView>,
    /// The template that was remembered, until the list of them is here.
    wanted: Option<Sid>,
    /// Whether all fields are in view.
    more: bool,
}

impl Default for Test {
    fn default() -> Test {
        Test::of(&Inputs::default())
    }
}

impl Test {
    /// The form with what was remembered.
    pub fn of(inputs: &Inputs) -> Test {
        let plain = |max, optional| Kind::Text { max, optional };
        let form = Form::dense(vec![
            Entry::new(LABELS[TO], plain(254, false), &inputs.to),
            Entry::new(LABELS[CHANNEL], Kind::Choice(CHANNELS), inputs.channel.word()),
            Entry::new(LABELS[LOCALE], plain(16, true), &inputs.locale),
            Entry::new(LABELS[TEMPLATE], Kind::Among(vec![NONE.to_owned()]), NONE),
            Entry::new(LABELS[VALUES], plain(1000, true), &inputs.values),
            Entry::new(LABELS[NAME], plain(30, true), &inputs.name),
            Entry::new(LABELS[OWN_CODE], plain(10, true), ""),
            hinted(LIMITS, 600, &inputs.limits, "the service's rate limits: ip=203.0.113.7; device=a17"),
            hinted(AMOUNT, 100, &inputs.amount, "of the payment that the code confirms: 49.90 EUR"),
            hinted(PAYEE, 100, &inputs.payee, "who gets it"),
            hinted(TAGS, 2600, &inputs.tags, "found again in Twilio's events: order=17; shop=reno"),
            hinted(DIGITS, 32, &inputs.digits, "dialled when a call is answered, w pauses: 1ww22#"),
            hinted(APP_HASH, 100, &inputs.app_hash, "of the Android app that reads the text"),
            Entry::new(LABELS[RISK], Kind::Choice(RISKS), RISKS[usize::from(inputs.unguarded)]),
        ]);
        let mut test = Test { form, templates: Vec::new(), wanted: inputs.template, more: false };
        test.arrange(false);
        test
    }

    /// Brings the fields into view that are needed, hold something, or are asked for.
    pub fn arrange(&mut self, confirms_payments: bool) {
        for at in LIMITS..LABELS.len() {
            let holds = if at == RISK { self.form.text(at) == RISKS[1] } else { !self.form.text(at).trim().is_empty() };
            let needed = confirms_payments && matches!(at, AMOUNT | PAYEE);
            self.form.hide(at, !(self.more || holds || needed));
        }
    }

    /// Shows all fields and goes to the first of those that were out of view, or shows the usual ones again.
    pub fn toggle(&mut self, confirms_payments: bool) {
        self.more = !self.more;
        let first = (LIMITS..LABELS.len()).find(|at| !self.form.shows(*at));
        self.arrange(confirms_payments);
        if let Some(first) = first.filter(|_| self.more) {
            self.form.focus(first);
        }
    }

    /// The templates came.
    pub fn offer(&mut self, templates: Vec<TemplateView>) {
        let wanted = self.template().or(self.wanted.take());
        self.templates = templates;
        let mut words = vec![NONE.to_owned()];
        words.extend(self.templates.iter().map(label));
        self.form.offer(TEMPLATE, words);
        if let Some(chosen) = wanted.and_then(|sid| self.templates.iter().find(|t| t.sid == sid)).map(label) {
            self.form.put(TEMPLATE, &chosen);
        }
    }

    /// The templates among which it chooses.
    pub fn templates(&self) -> &[TemplateView] {
        &self.templates
    }

    fn template(&self) -> Option<Sid> {
        let chosen = self.form.text(TEMPLATE);
        self.templates.iter().find(|t| label(t) == chosen).map(|t| t.sid)
    }

    /// The template that was just chosen needs values: their names are proposed, the brand's with what the
    /// business is called.
    pub fn propose_values(&mut self, business: &str) {
        if self.form.at() != TEMPLATE || !self.form.text(VALUES).trim().is_empty() {
            return;
        }
        let chosen = self.form.text(TEMPLATE).to_owned();
        let Some(template) = self.templates.iter().find(|t| label(t) == chosen) else { return };
        let mut names: Vec<&str> = Vec::new();
        for name in template.translations.iter().flat_map(|t| &t.placeholders) {
            if name != "friendly_name" && !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
        let value = |name: &str| if name == "brand" { business.to_owned() } else { String::new() };
        let values: Vec<String> = names.iter().map(|name| format!("{name}={}", value(name))).collect();
        self.form.put(VALUES, &values.join("; "));
    }

    /// Fills the field of this name; one of several words is chosen by its beginning. Whether there is one.
    pub fn fill(&mut self, name: &str, text: &str) -> bool {
        let Some(at) = LABELS.iter().position(|label| *label == name) else { return false };
        self.form.focus(at);
        self.form.replace(text);
        true
    }

    /// Goes to another recipient over another channel; a template stays where the channel has templates.
    pub fn turn(&mut self, to: &str, channel: Channel) {
        self.form.put(TO, to);
        self.form.put(CHANNEL, channel.word());
        if channel.in_templates().is_none() {
            self.form.put(TEMPLATE, NONE);
            self.form.put(VALUES, "");
        }
    }

    /// What is remembered of it.
    pub fn inputs(&self) -> Inputs {
        let text = |at: usize| self.form.text(at).trim().to_owned();
        Inputs {
            to: text(TO),
            channel: self.channel(),
            locale: text(LOCALE),
            template: self.template().or(self.wanted),
            values: text(VALUES),
            name: text(NAME),
            limits: text(LIMITS),
            amount: text(AMOUNT),
            payee: text(PAYEE),
            tags: text(TAGS),
            digits: text(DIGITS),
            app_hash: text(APP_HASH),
            unguarded: self.form.text(RISK) == RISKS[1],
        }
    }

    /// The payment that a code confirms: its amount and receiver, as they are sent with a check.
    pub fn payment(&self) -> Option<(String, String)> {
        let Inputs { amount, payee, .. } = self.inputs();
        some(amount).zip(some(payee))
    }

    /// The channel that is chosen; an address with an at sign can only be an email.
    pub fn channel(&self) -> Channel {
        Channel::from_twilio(self.form.text(CHANNEL)).unwrap_or_default()
    }

    /// Whether there is a recipient.
    pub fn is_begun(&self) -> bool {
        !self.form.text(TO).trim().is_empty()
    }

    /// What is asked for a preview; `None` while there is nobody to send it to.
    pub fn preview(&self, business: Id) -> Option<PreviewVerification> {
        let values = values(self.form.text(VALUES)).unwrap_or_default();
        let inputs = self.inputs();
        self.is_begun().then(|| PreviewVerification {
            business,
            to: inputs.to,
            channel: Some(inputs.channel),
            locale: some(inputs.locale),
            template: inputs.template,
            substitutions: values,
            friendly_name: some(inputs.name),
            amount: some(inputs.amount),
            payee: some(inputs.payee),
            own_code: !self.form.text(OWN_CODE).trim().is_empty(),
        })
    }

    /// Names and values of a field, which says what is wrong with them.
    fn pairs(&mut self, at: usize) -> Option<BTreeMap<String, String>> {
        match values(self.form.text(at)) {
            Ok(values) => Some(values),
            Err(why) => {
                self.form.refuse_at(at, Shown::from(why));
                None
            }
        }
    }

    /// What is sent; `None` when a field is wrong, which the form then says.
    pub fn send(&mut self, business: Id) -> Option<SendVerification> {
        self.form.submit()?;
        let (substitutions, rate_limits) = (self.pairs(VALUES)?, self.pairs(LIMITS)?);
        let tags = self.pairs(TAGS)?;
        let inputs = self.inputs();
        Some(SendVerification {
            business,
            to: inputs.to,
            channel: Some(inputs.channel),
            locale: some(inputs.locale),
            template: inputs.template,
            substitutions,
            friendly_name: some(inputs.name),
            custom_code: some(self.form.text(OWN_CODE).trim().to_owned()).map(OneTimeCode),
            rate_limits,
            amount: some(inputs.amount),
            payee: some(inputs.payee),
            send_digits: some(inputs.digits),
            app_hash: some(inputs.app_hash),
            risk_check: inputs.unguarded.then_some(RiskCheck::Disable),
            tags,
            confirm: None,
        })
    }

    /// A burst of sends that are as the test stands, but for their recipients; `None` when a field that they have
    /// too is wrong, which the form then says.
    pub fn burst(&mut self, business: Id) -> Option<RehearseVerifications> {
        let (substitutions, rate_limits) = (self.pairs(VALUES)?, self.pairs(LIMITS)?);
        let inputs = self.inputs();
        Some(RehearseVerifications {
            business,
            sends: None,
            seconds: None,
            recipients: None,
            channel: Some(inputs.channel),
            locale: some(inputs.locale),
            template: inputs.template,
            substitutions,
            rate_limits,
            amount: some(inputs.amount),
            payee: some(inputs.payee),
        })
    }

    /// Says what the node found wrong, beside the field that it names.
    pub fn refuse(&mut self, field: &str, why: Shown) {
        let at = match field {
            "channel" => CHANNEL,
            "locale" => LOCALE,
            "template" => TEMPLATE,
            "substitutions" => VALUES,
            "friendlyName" => NAME,
            "customCode" => OWN_CODE,
            "rateLimits" => LIMITS,
            "amount" => AMOUNT,
            "payee" => PAYEE,
            "tags" => TAGS,
            "sendDigits" => DIGITS,
            "appHash" => APP_HASH,
            "riskCheck" => RISK,
            _ => TO,
        };
        self.form.refuse_at(at, why);
    }
}

/// A field that is seldom needed, with what stands there.
fn hinted(at: usize, max: usize, text: &str, hint: &'static str) -> Entry {
    Entry::new(LABELS[at], Kind::Text { max, optional: true }, text).remarking(Some(Shown::from(hint)))
}

fn some(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

/// A template's name; two of the same name are told apart by the end of their SIDs.
pub(super) fn label(template: &TemplateView) -> String {
    let sid = template.sid.to_string();
    format!("{} …{}", template.name, sid.get(sid.len().saturating_sub(4)..).unwrap_or_default())
}

/// Reads `brand=Northwind Bank; city=Reno`.
pub(super) fn values(text: &str) -> Result<BTreeMap<String, String>, String> {
    let mut all = BTreeMap::new();
    for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
        let Some((name, value)) = part.split_once('=') else {
            return Err(format!("`{part}`: write name=value; name=value"));
        };
        all.insert(name.trim().to_owned(), value.trim().to_owned());
    }
    // A name without a value has none.
    all.retain(|_, value| !value.is_empty());
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::verify::TranslationView;

    fn template(n: u8, name: &str) -> TemplateView {
        let translation = TranslationView {
            locale: "en".into(),
            text: "Your {{brand}} code is {{code}}".into(),
            status: "approved".into(),
            is_default: true,
            placeholders: vec!["brand".into(), "city".into()],
            segments: 1,
        };
        let sid = Sid { prefix: *b"HJ", bytes: [n; 16] };
        TemplateView {
            sid,
            name: name.into(),
            channels: vec!["sms".into()],
            status: "approved".into(),
            used: None,
            used_by_all: None,
            translations: vec![translation],
        }
    }

    #[test]
    fn values_are_read_as_they_are_written() {
        let read = values(" brand=Northwind Bank; city = Reno;empty=; ").unwrap();
        assert_eq!(read.get("brand").map(String::as_str), Some("Northwind Bank"));
        assert_eq!((read.get("city").map(String::as_str), read.len()), (Some("Reno"), 2));
        assert!(values("brand").is_err_and(|why| why.contains("name=value")));
    }

    #[test]
    fn what_is_remembered_comes_back_when_the_templates_are_here() {
        let chosen = template(2, "Brand code");
        let inputs = Inputs { to: "kim@example.com".into(), template: Some(chosen.sid), ..Inputs::default() };
        let mut test = Test::of(&inputs);
        assert_eq!(test.inputs(), inputs, "before the list is here");
        test.offer(vec![template(1, "Brand code"), chosen.clone()]);
        assert_eq!(test.inputs(), inputs);
        let business = Id(7);
        assert_eq!(test.send(business).map(|s| (s.template, s.business)), Some((Some(chosen.sid), business)));
        test.offer(Vec::new());
        assert_eq!(test.inputs().template, None, "it is not there any more");
    }

    #[test]
    fn what_is_seldom_needed_is_out_of_view_and_remembered() {
        let inputs = Inputs { to: "+14155550142".into(), limits: "ip=203.0.113.7".into(), ..Inputs::default() };
        let mut test = Test::of(&inputs);
        assert!(test.form.shows(LIMITS) && !test.form.shows(AMOUNT), "what holds something is in view");
        test.arrange(true);
        assert!(test.form.shows(AMOUNT) && test.form.shows(PAYEE) && !test.form.shows(TAGS), "payments need both");
        test.toggle(true);
        assert!(test.form.shows(RISK) && test.form.at() == TAGS);
        for (name, text) in [
            ("amount", "49.90"),
            ("payee", "Shoe Shop"),
            ("tags", "order=17; shop=reno"),
            ("digits", "1ww2"),
            ("app-hash", "FA+9qCX9VSu"),
            ("risk-check", "disable"),
        ] {
            assert!(test.fill(name, text), "{name}");
        }
        test.toggle(false);
        assert!(test.form.shows(TAGS) && test.form.shows(RISK));
        let send = test.send(Id(7)).unwrap();
        assert_eq!(send.rate_limits.get("ip").map(String::as_str), Some("203.0.113.7"));
        assert_eq!((send.amount.as_deref(), send.payee.as_deref()), (Some("49.90"), Some("Shoe Shop")));
        assert_eq!((send.tags.len(), send.risk_check), (2, Some(RiskCheck::Disable)));
        assert_eq!((send.send_digits.as_deref(), send.app_hash.as_deref()), (Some("1ww2"), Some("FA+9qCX9VSu")));
        assert_eq!(Test::of(&test.inputs()).inputs(), test.inputs(), "it comes back as it was");
        assert_eq!(test.payment(), Some(("49.90".into(), "Shoe Shop".into())));
        assert_eq!(test.burst(Id(7)).unwrap().rate_limits, send.rate_limits);
        test.fill("tags", "order");
        assert!(test.send(Id(7)).is_none() && test.form.at() == TAGS, "said where it is wrong");
        assert!(test.burst(Id(7)).is_some(), "a burst has no tags");
        test.fill("limits", "ip");
        assert!(test.burst(Id(7)).is_none() && test.form.at() == LIMITS, "not rehearsed without what was typed");
        test.refuse("sendDigits", Shown::from("no"));
        assert_eq!(test.form.at(), DIGITS);
    }

    #[test]
    fn a_template_proposes_the_names_of_its_values() {
        let mut test = Test::default();
        test.offer(vec![template(1, "Brand code")]);
        test.form.focus(TEMPLATE);
        test.form.replace("Brand");
        test.propose_values("Northwind Bank");
        assert_eq!(test.inputs().values, "brand=Northwind Bank; city=");
        let preview = test.preview(Id(1));
        assert!(preview.is_none(), "nobody to send it to");
        test.form.put(TO, "+14155550142");
        let preview = test.preview(Id(1)).unwrap();
        assert_eq!(preview.substitutions.into_iter().collect::<Vec<_>>(), [("brand".into(), "Northwind Bank".into())]);
    }
}
