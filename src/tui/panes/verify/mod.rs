//! The tester of verifications: what shall be sent, what became of it, and every send before.
//!
//! It owns the form, the flow that is followed, the code being typed and the log. It asks and hears; what
//! an answer means is decided in `update`. No code stands in an answer of the API: in the sandbox it is read
//! from the handset, as its owner would.

mod draw;
mod grid;
mod inputs;
mod log;
mod outcome;
pub mod rehearsal;
mod remembered;
pub mod templates;
mod timeline;
mod told;

pub use draw::draw;
pub use grid::{Grid, draw as draw_matrix};
pub use inputs::Test;
pub use log::{Log, Wanted, draw as draw_log};
pub use outcome::{Outcome, explained, standing};
pub use remembered::Inputs;
pub use told::told;

use crate::api::verify::{
    AttemptView, CheckView, FlowDetail, FlowView, GetFlow, GetVerifyService, ListTemplates, LookupView, Preview,
    TimelineLine, VerifyServiceView,
};
use crate::domain::id::Id;
use crate::domain::verification::Status;
use crate::tui::app::Focus;
use crate::tui::msg::{Effect, Part, Tag, ask};
use crate::tui::shown::Shown;
use crate::tui::widgets::field::Field;

/// What an answer is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum For {
    /// The settings of the service.
    Service,
    /// The templates.
    Templates,
    /// How the templates are used; `true` when that of all businesses was asked for, too.
    TemplateUse(bool),
    /// What would be sent.
    Preview,
    /// A code was sent, again, or over another channel.
    Sent,
    /// A flow with its timeline.
    Flow(Id),
    /// A code was checked.
    Checked,
    /// A flow was ended by hand: what is said then.
    Ended(&'static str),
    /// A handset on which the code is looked for: whether the right one is wanted.
    Code(bool),
    /// What kind of line a number is.
    LookedUp,
    /// A matrix ran.
    Ran,
    /// The matrices that are kept.
    Matrices,
    /// A matrix was kept.
    MatrixSaved,
    /// How much Fraud Guard blocks was set.
    Guarded,
    /// A burst was rehearsed.
    Rehearsed,
    /// A page of the log, for what was searched.
    Attempts(Wanted, Part),
}

/// The effect that asks for an operation of verification.
pub fn ask_for<O: crate::api::Operation>(what: For, operation: O) -> Effect {
    ask(Tag::Verify(what), operation)
}

/// A flow with everything that is known of it.
#[derive(Debug)]
pub struct Followed {
    /// The flow.
    pub flow: FlowView,
    /// What happened, in order.
    pub timeline: Vec<TimelineLine>,
    /// Its sends, oldest first.
    pub attempts: Vec<AttemptView>,
    /// Its checks, oldest first.
    pub checks: Vec<CheckView>,
}

/// The tester.
#[derive(Debug, Default)]
pub struct Tester {
    /// Whose tests these are.
    pub business: Option<Id>,
    /// What shall be sent.
    pub test: Test,
    /// The settings of the service, or why they are not known.
    pub service: Option<Result<VerifyServiceView, Shown>>,
    /// What would be sent, or why it cannot be told.
    pub preview: Option<Result<Preview, Shown>>,
    /// What is known of the number.
    pub lookup: Option<LookupView>,
    /// The flow that is followed.
    pub followed: Option<Followed>,
    /// The code being typed.
    pub code: Field,
    /// What came of what was done last.
    pub outcome: Option<Outcome>,
    /// What is under way.
    pub busy: Option<&'static str>,
    /// Lines of the timeline above its end that are out of view.
    pub back: usize,
    /// Every send of the business.
    pub log: Log,
    /// Every channel in every language.
    pub matrix: Grid,
    /// The list or grid from which the flow was opened: there Escape leads back.
    pub opened_from: Option<Focus>,
    previewing: bool,
    preview_again: bool,
    reading: Option<Id>,
    read_again: bool,
}

impl Tester {
    /// Is opened for a business; what was remembered of it stands in the form.
    pub fn open(&mut self, business: Id, remembered: Option<&Inputs>) -> Vec<Effect> {
        if self.business != Some(business) {
            *self = Tester {
                business: Some(business),
                test: remembered.map(Test::of).unwrap_or_default(),
                ..Tester::default()
            };
        }
        self.reload()
    }

    /// Turns to another business; the log stays as it is.
    pub fn turn_to(&mut self, business: Id, remembered: Option<&Inputs>) {
        if self.business != Some(business) {
            let test = remembered.map(Test::of).unwrap_or_default();
            let log = std::mem::take(&mut self.log);
            *self = Tester { business: Some(business), test, log, ..Tester::default() };
        }
    }

    /// Reads everything in view again.
    pub fn reload(&mut self) -> Vec<Effect> {
        let Some(business) = self.business else { return Vec::new() };
        let mut effects = vec![
            ask_for(For::Service, GetVerifyService { business, again: false }),
            ask_for(For::Templates, ListTemplates { business, again: false, all: false, days: None }),
        ];
        effects.extend(self.ask_preview());
        if let Some(id) = self.id() {
            effects.extend(self.follow(id));
        }
        effects
    }

    /// The flow that is followed.
    pub fn id(&self) -> Option<Id> {
        self.followed.as_ref().map(|followed| followed.flow.id)
    }

    /// Its view.
    pub fn flow(&self) -> Option<&FlowView> {
        self.followed.as_ref().map(|followed| &followed.flow)
    }

    /// Asks what would be sent; one question at a time, the last one counts.
    pub fn ask_preview(&mut self) -> Vec<Effect> {
        let Some(wanted) = self.business.and_then(|business| self.test.preview(business)) else {
            (self.preview, self.lookup) = (None, None);
            return Vec::new();
        };
        if std::mem::replace(&mut self.previewing, true) {
            self.preview_again = true;
            return Vec::new();
        }
        vec![ask_for(For::Preview, wanted)]
    }

    /// A preview came.
    pub fn previewed(&mut self, preview: Result<Preview, Shown>) -> Vec<Effect> {
        self.previewing = false;
        if let (Ok(preview), Some(known)) = (&preview, &self.lookup)
            && known.number != preview.to
        {
            self.lookup = None;
        }
        self.preview = self.test.is_begun().then_some(preview);
        if std::mem::take(&mut self.preview_again) { self.ask_preview() } else { Vec::new() }
    }

    /// Reads a flow with its timeline; one question at a time.
    pub fn follow(&mut self, flow: Id) -> Vec<Effect> {
        let Some(business) = self.business else { return Vec::new() };
        if self.reading == Some(flow) {
            self.read_again = true;
            return Vec::new();
        }
        self.reading = Some(flow);
        vec![ask_for(For::Flow(flow), GetFlow { business, flow, refresh: false })]
    }

    /// A flow came, from an answer: it is the one that is followed now, and its timeline is read.
    pub fn begin(&mut self, flow: FlowView) -> Vec<Effect> {
        let id = flow.id;
        if self.id() == Some(id) {
            self.heard(&flow);
        } else {
            self.code = Field::default();
            self.back = 0;
            let (timeline, attempts, checks) = Default::default();
            self.followed = Some(Followed { flow, timeline, attempts, checks });
        }
        self.follow(id)
    }

    /// A flow is as the feed tells. Whether it is the one that is followed.
    pub fn heard(&mut self, flow: &FlowView) -> bool {
        let Some(followed) = self.followed.as_mut().filter(|followed| followed.flow.id == flow.id) else {
            return false;
        };
        if followed.flow.version <= flow.version {
            followed.flow = flow.clone();
        }
        true
    }

    /// A flow was read.
    pub fn read(&mut self, id: Id, detail: Option<FlowDetail>) -> Vec<Effect> {
        if self.reading == Some(id) {
            self.reading = None;
        }
        if let Some(FlowDetail { flow, timeline, attempts, checks }) = detail {
            let newer = self.flow().filter(|known| known.id == id && known.version > flow.version).cloned();
            self.followed = Some(Followed { flow: newer.unwrap_or(flow), timeline, attempts, checks });
        }
        if std::mem::take(&mut self.read_again) { self.follow(id) } else { Vec::new() }
    }

    /// Reads the log again.
    pub fn load_log(&mut self) -> Vec<Effect> {
        self.business.map(|business| self.log.load(business)).unwrap_or_default()
    }

    /// Scrolls the timeline; it rests at its end.
    pub fn scroll(&mut self, by: isize) {
        let lines = self.followed.as_ref().map_or(0, |followed| followed.timeline.len());
        self.back = self.back.saturating_add_signed(by.saturating_neg()).min(lines.saturating_sub(1));
    }

    /// Whether a code may be checked or a send repeated.
    pub fn is_pending(&self) -> bool {
        self.flow().is_some_and(|flow| flow.status == Status::Pending)
    }

    /// Whether the service's codes confirm payments.
    pub fn confirms_payments(&self) -> bool {
        matches!(&self.service, Some(Ok(service)) if service.psd2_enabled)
    }

    /// Whether a code may have letters: one of our own may, and the service has to allow those.
    pub fn takes_letters(&self) -> bool {
        !matches!(&self.service, Some(Ok(service)) if !service.custom_code_enabled)
    }

    /// Digits of a code.
    pub fn digits(&self) -> usize {
        let known = self.service.as_ref().and_then(|service| service.as_ref().ok());
        known.map_or(6, |service| usize::try_from(service.code_length).unwrap_or(6))
    }
}
