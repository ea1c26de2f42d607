//! The table of operations, and everything that is made from it.

use std::sync::OnceLock;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::error::{ApiError, Code};
use super::shape::Shape;
use super::{
    Done, accounts, analytics, audit, businesses, contacts, contents, deadletters, inbox, keeping, media, node,
    numbers, presence, rates, report, setup, simulator, upstream, verify, webhooks,
};
use crate::domain::access::Permission;

/// HTTP method of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Does something.
    Post,
    /// Replaces or sets.
    Put,
    /// Takes away.
    Delete,
}

impl Method {
    /// As on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Delete => "DELETE",
        }
    }

    /// Whether its input travels in path and query only.
    pub fn is_bodiless(self) -> bool {
        matches!(self, Method::Get | Method::Delete)
    }
}

/// One row of the table.
pub struct Spec {
    /// Its name, e.g. `SendMessage`.
    pub name: &'static str,
    /// HTTP method.
    pub method: Method,
    /// Path with `{field}` segments.
    pub path: &'static str,
    /// What the caller needs.
    pub permission: Permission,
    /// The command that does the same, as words: `conversations list`.
    pub command: &'static str,
    /// What it does, for help and OpenAPI.
    pub sentence: &'static str,
    /// Builds the request from fields.
    pub decode: fn(Fields) -> Result<Request, ApiError>,
    /// Reads the reply as another node wrote it.
    pub answered: fn(Value) -> Result<Reply, serde_json::Error>,
    /// Schema of the input.
    pub input: fn(&mut schemars::SchemaGenerator) -> schemars::Schema,
    /// Schema of the reply.
    pub reply: fn(&mut schemars::SchemaGenerator) -> schemars::Schema,
    shape: &'static OnceLock<Shape>,
}

impl Spec {
    /// The fields of its input.
    pub fn shape(&self) -> &'static Shape {
        self.shape.get_or_init(|| Shape::of(self.path, self.input))
    }
}

/// The fields of a call as they came over HTTP.
pub struct Fields {
    /// Those of path and query: all texts, to be read as what the field is.
    pub texts: Vec<(String, String)>,
    /// Those of a JSON body. A field that stands in the path too is the path's.
    pub body: Map<String, Value>,
}

impl Fields {
    /// All of them as JSON already.
    pub fn json(body: Map<String, Value>) -> Self {
        Self { texts: Vec::new(), body }
    }

    fn read<T: DeserializeOwned>(self, shape: &Shape) -> Result<T, ApiError> {
        serde_json::from_value(self.together(shape))
            .map_err(|e| ApiError::new(Code::InvalidInput, format!("the input does not fit this operation: {e}")))
    }

    fn together(self, shape: &Shape) -> Value {
        let mut map = self.body;
        for (name, text) in self.texts {
            shape.put(&mut map, name, text);
        }
        Value::Object(map)
    }
}

/// What the input type of an operation knows about it.
pub trait Operation: Serialize + DeserializeOwned + Send + Clone + 'static {
    /// What it answers.
    type Reply: Serialize + DeserializeOwned + Send + 'static;
    /// Its row.
    fn spec() -> &'static Spec;
    /// As one of all requests.
    fn into_request(self) -> Request;
    /// The reply out of all replies; `None` when the executor answered another operation.
    fn from_reply(reply: Reply) -> Option<Self::Reply>;
}

macro_rules! operations {
    ($($sentence:literal $name:ident = $method:ident $path:literal $permission:ident $command:literal : $input:ty => $reply:ty;)*) => {
        /// Every operation with its input.
        #[derive(Debug, Clone)]
        #[allow(clippy::large_enum_variant)]
        pub enum Request { $(#[doc = $sentence] $name($input)),* }

        /// Every operation's answer.
        #[derive(Debug, Clone, Serialize)]
        #[serde(untagged)]
        #[allow(clippy::large_enum_variant)]
        pub enum Reply { $(#[doc = $sentence] $name($reply)),* }

        #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
        enum Row { $($name),* }

        /// The table.
        pub static OPERATIONS: &[Spec] = &[$(Spec {
            name: stringify!($name),
            method: Method::$method,
            path: $path,
            permission: Permission::$permission,
            command: $command,
            sentence: $sentence,
            decode: |fields| fields.read::<$input>(OPERATIONS[Row::$name as usize].shape()).map(Request::$name),
            answered: |json| serde_json::from_value(json).map(Reply::$name),
            shape: { static SHAPE: OnceLock<Shape> = OnceLock::new(); &SHAPE },
            input: |g| g.subschema_for::<$input>(),
            reply: |g| g.subschema_for::<$reply>(),
        }),*];

        impl Request {
            /// The row of this request's operation.
            pub fn spec(&self) -> &'static Spec {
                match self { $(Request::$name(_) => &OPERATIONS[Row::$name as usize]),* }
            }

            /// Its input as JSON.
            pub fn input(&self) -> Value {
                match self { $(Request::$name(input) => serde_json::to_value(input).unwrap_or_default()),* }
            }
        }

        impl Reply {
            /// As JSON. Through its text: one writer of each answer keeps the program small.
            ///
            /// # Errors
            /// Never for what the table holds: a map has only texts for keys.
            pub fn to_json(&self) -> Result<Value, serde_json::Error> {
                serde_json::to_vec(self).and_then(|text| serde_json::from_slice(&text))
            }
        }

        $(impl Operation for $input {
            type Reply = $reply;
            fn spec() -> &'static Spec { &OPERATIONS[Row::$name as usize] }
            fn into_request(self) -> Request { Request::$name(self) }
            fn from_reply(reply: Reply) -> Option<$reply> {
                #[allow(unreachable_patterns)]
                match reply { Reply::$name(r) => Some(r), _ => None }
            }
        })*
    };
}

operations! {
    "Says how the node is: which Twilio, what time, how far behind." GetNode = Get "/api/node" BusinessRead "node": node::GetNode => node::NodeView;
    "Lists the conversations of a tab, newest activity first." ListConversations = Get "/api/conversations" InboxRead "conversations list": inbox::ListConversations => inbox::ConversationPage;
    "Shows one conversation." GetConversation = Get "/api/conversations/{id}" InboxRead "conversations show": inbox::GetConversation => inbox::ConversationView;
    "Lists the messages of a conversation, newest first." ListMessages = Get "/api/conversations/{id}/messages" InboxRead "conversations messages": inbox::ListMessages => inbox::MessagePage;
    "Sends a text, making the conversation if needed." SendMessage = Post "/api/conversations/messages" InboxWrite "send": inbox::SendMessage => inbox::MessageView;
    "Takes back a message that has not left yet." UndoMessage = Post "/api/messages/{id}/undo" InboxWrite "messages undo": inbox::UndoMessage => inbox::MessageView;
    "Lists the messages that waited too long and ask whether they still shall go." ListHeld = Get "/api/messages/held" InboxRead "messages held": inbox::ListHeld => inbox::MessagePage;
    "Lets a message go that waited too long and asks." ReleaseMessage = Post "/api/messages/{id}/release" InboxWrite "messages release": inbox::ReleaseMessage => inbox::MessageView;
    "Sends a failed message again, as a new message linked to the old." RetryMessage = Post "/api/messages/{id}/retry" InboxWrite "messages retry": inbox::RetryMessage => inbox::MessageView;
    "Shows the request to Twilio that sends a message." ShowUpstream = Get "/api/messages/{id}/upstream" InboxRead "messages upstream": upstream::ShowUpstream => upstream::UpstreamView;
    "Lists the pictures and other files of a message, and where each is." ListMedia = Get "/api/messages/{id}/media" InboxRead "media list": media::ListMedia => media::MediaList;
    "Shows where a file of a message is." GetMedia = Get "/api/messages/{id}/media/{index}" InboxRead "media show": media::GetMedia => media::MediaView;
    "Fetches a file from Twilio again." RetryMedia = Post "/api/messages/{id}/media/{index}/retry" InboxWrite "media retry": media::RetryMedia => media::MediaView;
    "Lists the messages that are put off, the next one first." ListLater = Get "/api/messages/later" InboxRead "messages later": inbox::ListLater => inbox::MessagePage;
    "Changes when a message that is put off goes, or its text." ChangeLater = Put "/api/messages/{id}/later" InboxWrite "messages reschedule": inbox::ChangeLater => inbox::MessageView;
    "Lists the content templates that WhatsApp has approved." ListContents = Get "/api/contents" InboxRead "contents list": contents::ListContents => contents::ContentList;
    "Adds a note that only agents see." AddNote = Post "/api/conversations/{id}/notes" InboxWrite "conversations note": inbox::AddNote => inbox::MessageView;
    "Gives a conversation to an agent, or to nobody." AssignConversation = Put "/api/conversations/{id}/assignee" InboxWrite "conversations assign": inbox::AssignConversation => inbox::ConversationView;
    "Puts labels on a conversation or takes them off." LabelConversation = Put "/api/conversations/{id}/labels" InboxWrite "conversations label": inbox::LabelConversation => inbox::ConversationView;
    "Lists the labels that a business uses." ListLabels = Get "/api/labels" InboxRead "labels list": inbox::ListLabels => inbox::LabelList;
    "Opens, sets aside, snoozes or resolves a conversation." SetConversationStatus = Put "/api/conversations/{id}/status" InboxWrite "conversations status": inbox::SetConversationStatus => inbox::ConversationView;
    "Marks incoming messages as read by the caller." MarkRead = Put "/api/conversations/{id}/read" InboxRead "conversations read": inbox::MarkRead => inbox::ConversationView;
    "Says what the caller does in a conversation: others see it, nothing is stored." SetPresence = Put "/api/conversations/{id}/presence" InboxRead "conversations presence": presence::SetPresence => Done;
    "Shows what is known of the person behind an address." GetContact = Get "/api/contacts/{address}" InboxRead "contacts show": contacts::GetContact => contacts::ContactDetail;
    "Names the person behind an address." SaveContact = Put "/api/contacts/{address}" InboxWrite "contacts save": contacts::SaveContact => contacts::ContactView;
    "Shows what messages are expected to cost, until Twilio has said the price." GetRates = Get "/api/rates" BusinessRead "rates": rates::GetRates => rates::RatesView;
    "Lists the businesses." ListBusinesses = Get "/api/businesses" BusinessRead "businesses list": businesses::ListBusinesses => businesses::BusinessList;
    "Shows one business." GetBusiness = Get "/api/businesses/{id}" BusinessRead "businesses show": businesses::GetBusiness => businesses::BusinessView;
    "Makes a business." CreateBusiness = Post "/api/businesses" BusinessWrite "businesses create": businesses::CreateBusiness => businesses::BusinessView;
    "Changes a business." UpdateBusiness = Put "/api/businesses/{id}" BusinessWrite "businesses update": businesses::UpdateBusiness => businesses::BusinessView;
    "Deletes a business; its logs stay." DeleteBusiness = Delete "/api/businesses/{id}" BusinessWrite "businesses delete": businesses::DeleteBusiness => Done;
    "Shows how what a business has at Twilio comes about, step by step." GetSetup = Get "/api/businesses/{id}/setup" BusinessRead "businesses setup show": setup::GetSetup => setup::SetupView;
    "Makes what a business lacks at Twilio, or lets that go on." StartSetup = Post "/api/businesses/{id}/setup" BusinessWrite "businesses setup start": setup::StartSetup => setup::SetupView;
    "Lists what customers of a business text to." ListEndpoints = Get "/api/businesses/{id}/endpoints" BusinessRead "endpoints list": businesses::ListEndpoints => businesses::EndpointList;
    "Routes the texts to an address to a business." CreateEndpoint = Post "/api/businesses/{id}/endpoints" BusinessWrite "endpoints create": businesses::CreateEndpoint => businesses::EndpointView;
    "Changes how fast what customers text to may send." UpdateEndpoint = Put "/api/endpoints/{id}" BusinessWrite "endpoints update": businesses::UpdateEndpoint => businesses::EndpointView;
    "Lists the Twilio accounts." ListAccounts = Get "/api/accounts" Admin "accounts list": accounts::ListAccounts => accounts::AccountList;
    "Makes a Twilio account known, by where its auth token is found; fetches it anew." SaveAccount = Put "/api/accounts/{sid}" Admin "accounts add": accounts::SaveAccount => accounts::AccountView;
    "Forgets a Twilio account that no endpoint is of." RemoveAccount = Delete "/api/accounts/{sid}" Admin "accounts remove": accounts::RemoveAccount => Done;
    "Sums up the verifications of a range: funnel, cost, time to verify, pivots." GetVerifyAnalytics = Get "/api/analytics/verifications" Analytics "analytics verify": analytics::GetVerifyAnalytics => analytics::VerifyAnalytics;
    "Sums up the messages of a range: volume, cost, first answers, busiest hours." GetMessageAnalytics = Get "/api/analytics/messages" Analytics "analytics messages": analytics::GetMessageAnalytics => analytics::MessageAnalytics;
    "Shows how each business does, those that need a look first." GetOverview = Get "/api/analytics/overview" Analytics "analytics overview": analytics::GetOverview => analytics::Overview;
    "Lists what each thing cost, by day and kind." ListLedger = Get "/api/analytics/ledger" Analytics "analytics ledger": analytics::ListLedger => analytics::Ledger;
    "Lists what Twilio counted and billed beside what is counted here, by day of GMT, and why they differ." ListUsage = Get "/api/analytics/usage" Analytics "analytics usage": analytics::ListUsage => analytics::UsageAnalytics;
    "Asks Twilio now what was used on the days of a range." FetchUsage = Post "/api/analytics/usage" Analytics "analytics fetch-usage": analytics::FetchUsage => analytics::UsageAnalytics;
    "Counts all figures again from the rows and says what differs." RecountAnalytics = Get "/api/analytics/recount" Audit "analytics recount": analytics::RecountAnalytics => analytics::Recounted;
    "Writes a report on a range: Markdown, CSV, JSON or HTML." GetReport = Get "/api/reports" Analytics "report": report::GetReport => report::Report;
    "Lists the sends behind a figure." ListAttemptsBehind = Get "/api/analytics/verifications/behind" Verifications "analytics verify-behind": analytics::ListAttemptsBehind => analytics::AttemptsBehind;
    "Lists the messages behind a figure." ListMessagesBehind = Get "/api/analytics/messages/behind" InboxRead "analytics messages-behind": analytics::ListMessagesBehind => analytics::MessagesBehind;
    "Sends a code, or the waiting one again." SendVerification = Post "/api/businesses/{business}/verify/send" Verify "verify send": verify::SendVerification => verify::FlowView;
    "Checks a code." CheckVerification = Post "/api/businesses/{business}/verify/check" Verify "verify check": verify::CheckVerification => verify::Checked;
    "Sends the code of a flow again." ResendVerification = Post "/api/businesses/{business}/verify/flows/{flow}/resend" Verifications "verify resend": verify::ResendVerification => verify::FlowView;
    "Tries another channel within a flow." FallBackVerification = Post "/api/businesses/{business}/verify/flows/{flow}/fallback" Verifications "verify fallback": verify::FallBackVerification => verify::FlowView;
    "Ends the waiting verification of a flow." CancelVerification = Post "/api/businesses/{business}/verify/flows/{flow}/cancel" Verifications "verify cancel": verify::CancelVerification => verify::FlowView;
    "Says that the code of a flow was right." ApproveVerification = Post "/api/businesses/{business}/verify/flows/{flow}/approve" Verifications "verify approve": verify::ApproveVerification => verify::FlowView;
    "Shows a flow with its timeline." GetFlow = Get "/api/businesses/{business}/verify/flows/{flow}" Verifications "verify show": verify::GetFlow => verify::FlowDetail;
    "Lists the flows, newest first." ListFlows = Get "/api/businesses/{business}/verify/flows" Verifications "verify list": verify::ListFlows => verify::FlowPage;
    "Lists or searches the sends, newest first." ListAttempts = Get "/api/businesses/{business}/verify/attempts" Verifications "verify attempts": verify::ListAttempts => verify::AttemptPage;
    "Lists the checks, newest first." ListChecks = Get "/api/businesses/{business}/verify/checks" Verifications "verify checks": verify::ListChecks => verify::CheckPage;
    "Shows what would be sent and what it would cost." PreviewVerification = Post "/api/businesses/{business}/verify/preview" Verifications "verify preview": verify::PreviewVerification => verify::Preview;
    "Asks Twilio what kind of line a number is; says the price first." LookUpNumber = Post "/api/businesses/{business}/verify/lookup" Verifications "verify lookup": verify::LookUpNumber => verify::LookupView;
    "Lists Twilio's templates with their languages." ListTemplates = Get "/api/businesses/{business}/verify/templates" Verifications "verify templates": verify::ListTemplates => verify::TemplateList;
    "Shows which template a business's codes are worded by." GetWording = Get "/api/businesses/{business}/verify/wording" Verifications "verify wording": verify::GetWording => verify::WordingView;
    "Words a business's codes by a template; each save is kept." SaveWording = Put "/api/businesses/{business}/verify/wording" Verifications "verify set-wording": verify::SaveWording => verify::WordingView;
    "Lists the versions of a business's wording, newest first." ListWordings = Get "/api/businesses/{business}/verify/wordings" Verifications "verify wordings": verify::ListWordings => verify::WordingPage;
    "Brings an earlier version of the wording back, as a new one." RestoreWording = Post "/api/businesses/{business}/verify/wordings/{version}/restore" Verifications "verify restore-wording": verify::RestoreWording => verify::WordingView;
    "Sends every cell of a matrix and ends each again; fails when one is red." RunMatrix = Post "/api/businesses/{business}/verify/matrices/{name}/run" Verifications "verify run": verify::RunMatrix => verify::MatrixRun;
    "Does the same with a matrix that is not kept." TryMatrix = Post "/api/businesses/{business}/verify/matrix" Verifications "verify try-matrix": verify::TryMatrix => verify::MatrixRun;
    "Keeps a matrix of sends under a name: every channel in every language." SaveMatrix = Put "/api/businesses/{business}/verify/matrices/{name}" Verifications "verify save-matrix": verify::SaveMatrix => verify::MatrixView;
    "Lists the matrices by name, each with how it went last." ListMatrices = Get "/api/businesses/{business}/verify/matrices" Verifications "verify matrices": verify::ListMatrices => verify::MatrixList;
    "Shows a matrix with how it went last." GetMatrix = Get "/api/businesses/{business}/verify/matrices/{name}" Verifications "verify matrix": verify::GetMatrix => verify::MatrixView;
    "Drops a matrix." DeleteMatrix = Delete "/api/businesses/{business}/verify/matrices/{name}" Verifications "verify delete-matrix": verify::DeleteMatrix => Done;
    "Says where limits would bite in a burst of sends; nothing is sent (sandbox only)." RehearseVerifications = Post "/api/businesses/{business}/verify/rehearsal" Verifications "verify rehearse": verify::RehearseVerifications => verify::Rehearsal;
    "Shows the settings of the Verify service." GetVerifyService = Get "/api/businesses/{business}/verify/service" Verifications "verify service": verify::GetVerifyService => verify::VerifyServiceView;
    "Changes the settings of the Verify service." UpdateVerifyService = Put "/api/businesses/{business}/verify/service" BusinessWrite "verify set-service": verify::UpdateVerifyService => verify::VerifyServiceView;
    "Sets how much Fraud Guard blocks (sandbox only)." SetFraudGuard = Put "/api/businesses/{business}/verify/fraud-guard" Simulator "verify fraud-guard": verify::SetFraudGuard => verify::VerifyServiceView;
    "Lists the agents." ListAgents = Get "/api/agents" InboxRead "agents list": node::ListAgents => node::AgentList;
    "Makes or changes an agent." SaveAgent = Put "/api/agents/{handle}" Admin "agents save": node::SaveAgent => node::AgentView;
    "Lists the API tokens." ListTokens = Get "/api/tokens" Admin "token list": node::ListTokens => node::TokenList;
    "Makes an API token; its text is shown once." CreateToken = Post "/api/tokens" Admin "token create": node::CreateToken => node::TokenView;
    "Revokes an API token." RevokeToken = Delete "/api/tokens/{id}" Admin "token revoke": node::RevokeToken => Done;
    "Shows the webhooks that were answered lately, newest first." ListWebhooks = Get "/api/webhooks" Audit "webhooks list": webhooks::ListWebhooks => webhooks::WebhookLog;
    "Lists the webhooks that were refused or found no place." ListDeadLetters = Get "/api/dead-letters" Audit "dead-letters list": deadletters::ListDeadLetters => deadletters::DeadLetterPage;
    "Says how many customers wait behind each reason." SumDeadLetters = Get "/api/dead-letters/summary" Audit "dead-letters summary": deadletters::SumDeadLetters => deadletters::DeadLetterSums;
    "Explains why a webhook was refused: every URL tried, the string signed, what was expected." ExplainDeadLetter = Get "/api/dead-letters/{id}/explain" Admin "dead-letters explain": deadletters::ExplainDeadLetter => deadletters::DeadLetterExplained;
    "Takes a webhook in after what was wrong has been fixed." ReplayDeadLetter = Post "/api/dead-letters/{id}/replay" Admin "dead-letters replay": deadletters::ReplayDeadLetter => deadletters::Replayed;
    "Takes in all webhooks of a reason that are right by now." ReplayDeadLetters = Post "/api/dead-letters/replay" Admin "dead-letters replay-all": deadletters::ReplayDeadLetters => deadletters::Replayed;
    "Says how far the node has kept up with Twilio." GetKeeping = Get "/api/keeping" BusinessRead "keeping show": keeping::GetKeeping => keeping::KeepingView;
    "Lists intervals in which webhooks may have been lost, and what Twilio's list brought." ListGaps = Get "/api/keeping/gaps" Audit "keeping gaps": keeping::ListGaps => keeping::GapPage;
    "Asks Twilio for messages and statuses that no webhook brought." Sweep = Post "/api/keeping/sweep" Admin "keeping sweep": keeping::Sweep => keeping::Swept;
    "Imports what was said before, without making anything unread." StartImport = Post "/api/keeping/import" Admin "keeping import": keeping::StartImport => keeping::ImportView;
    "Ends the import; what it brought stays." StopImport = Delete "/api/keeping/import" Admin "keeping stop-import": keeping::StopImport => keeping::ImportView;
    "Lists who did what, newest first, and how it was before." ListAudit = Get "/api/audit" Audit "audit list": audit::ListAudit => audit::AuditPage;
    "Writes who did what into a file: CSV, or JSON lines." ExportAudit = Get "/api/audit/export" Audit "audit export": audit::ExportAudit => audit::AuditExport;
    "Checks the audit chain from its beginning." VerifyAudit = Get "/api/audit/verify" Audit "audit verify": node::VerifyAudit => node::AuditReport;
    "Lists the account's numbers and where their webhooks go." ListNumbers = Get "/api/numbers" Admin "numbers list": numbers::ListNumbers => numbers::NumberList;
    "Points a number's webhooks here for good; the old ones can be brought back." PointNumber = Post "/api/numbers/{number}/point" Admin "numbers point": numbers::PointNumber => numbers::NumberView;
    "Brings back the webhooks that a number had before it was pointed here." UnpointNumber = Post "/api/numbers/{number}/unpoint" Admin "numbers unpoint": numbers::UnpointNumber => numbers::Ended;
    "Points a number's webhooks here until nobody renews it any more." BorrowNumber = Post "/api/numbers/{number}/borrow" Admin "numbers borrow": numbers::BorrowNumber => numbers::Loan;
    "Gives a borrowed number its old webhooks back." ReturnNumber = Post "/api/numbers/{number}/return" Admin "numbers return": numbers::ReturnNumber => numbers::Ended;
    "Lists the simulated handsets (sandbox only)." ListPhones = Get "/api/simulator/phones" Simulator "phones list": simulator::ListPhones => simulator::PhoneList;
    "Shows what a simulated handset has (sandbox only)." GetPhone = Get "/api/simulator/phones/{address}" Simulator "phones show": simulator::GetPhone => simulator::PhoneView;
    "Texts in from a simulated handset (sandbox only)." TextFromPhone = Post "/api/simulator/phones/{address}/send" Simulator "phones text": simulator::TextFromPhone => simulator::Texted;
    "Decides what becomes of messages to a handset (sandbox only)." SetOutcome = Post "/api/simulator/phones/{address}/outcome" Simulator "phones outcome": simulator::SetOutcome => Done;
    "Lists the faults that wait in the sandbox (sandbox only)." ListFaults = Get "/api/simulator/faults" Simulator "faults list": simulator::ListFaults => simulator::FaultList;
    "Makes the next sends or webhooks go wrong on purpose (sandbox only)." AddFault = Post "/api/simulator/faults" Simulator "faults add": simulator::AddFault => simulator::FaultList;
    "Takes all faults back (sandbox only)." ClearFaults = Delete "/api/simulator/faults" Simulator "faults clear": simulator::ClearFaults => simulator::FaultList;
    "Moves or stops the simulated clock (sandbox only)." AdvanceClock = Post "/api/simulator/clock" Simulator "clock": simulator::AdvanceClock => simulator::ClockView;
}

/// The decoded fields of a path, by name.
pub type PathFields = Vec<(String, String)>;

/// Finds the operation for a method and a raw path, with the path's decoded fields.
/// A path that exists with another method answers `Err(true)`, an unknown one `Err(false)`.
pub fn route(method: &str, path: &str) -> Result<(&'static Spec, PathFields), bool> {
    let mut there = at(path);
    if there.is_empty() {
        return Err(false);
    }
    there.retain(|(spec, _)| spec.method.as_str() == method);
    there.pop().ok_or(true)
}

/// The operations at a raw path. A literal segment beats a field: `/api/conversations/messages` is not a
/// conversation, whatever the method.
fn at(path: &str) -> Vec<(&'static Spec, PathFields)> {
    let mut there: Vec<_> =
        OPERATIONS.iter().filter_map(|spec| match_path(spec.path, path).map(|fields| (spec, fields))).collect();
    let least = there.iter().map(|(_, fields)| fields.len()).min();
    there.retain(|(_, fields)| Some(fields.len()) == least);
    there
}

/// The methods that a raw path has in the table, in its order; none when it is not there.
pub fn methods(path: &str) -> Vec<&'static str> {
    at(path).iter().map(|(spec, _)| spec.method.as_str()).collect()
}

fn match_path(pattern: &str, path: &str) -> Option<PathFields> {
    let mut fields = Vec::new();
    let mut given = path.split('/');
    for want in pattern.split('/') {
        let have = given.next()?;
        match want.strip_prefix('{').and_then(|w| w.strip_suffix('}')) {
            Some(_) if have.is_empty() => return None,
            Some(name) => fields.push((name.to_owned(), percent_decode(have)?)),
            None if want == have => {}
            None => return None,
        }
    }
    given.next().is_none().then_some(fields)
}

/// Decodes `%XX`; a `+` stays a plus, as paths have it. `None` for bad escapes or bytes that are no UTF-8.
fn percent_decode(segment: &str) -> Option<String> {
    let raw = segment.as_bytes();
    let mut out = Vec::with_capacity(raw.len());
    let mut i = 0;
    while i < raw.len() {
        if raw[i] == b'%' {
            let hex = std::str::from_utf8(raw.get(i + 1..i + 3)?).ok()?;
            out.push(u8::from_str_radix(hex, 16).ok()?);
            i += 3;
        } else {
            out.push(raw[i]);
            i += 1;
        }
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_row_is_distinct_and_its_path_fields_are_inputs() {
        let mut seen = HashSet::new();
        let mut commands = HashSet::new();
        for spec in OPERATIONS {
            assert!(seen.insert((spec.method.as_str(), spec.path)), "{} repeats a route", spec.name);
            assert!(commands.insert(spec.command), "{} repeats a command", spec.name);
            let mut g = schemars::SchemaGenerator::default();
            let root = serde_json::to_value((spec.input)(&mut g)).unwrap();
            let name = root["$ref"].as_str().and_then(|r| r.rsplit('/').next()).map(str::to_owned);
            let schema = name.and_then(|n| g.definitions().get(&n).cloned()).unwrap_or(root);
            for field in spec.path.split('/').filter_map(|s| s.strip_prefix('{')?.strip_suffix('}')) {
                assert!(schema["properties"].get(field).is_some(), "{}: no input field {field}", spec.name);
            }
        }
    }

    #[test]
    fn literal_segments_win_and_methods_are_told_apart() {
        let (spec, _) = route("POST", "/api/conversations/messages").unwrap();
        assert_eq!(spec.name, "SendMessage");
        let (spec, fields) = route("GET", "/api/simulator/phones/%2B14155550123").unwrap();
        assert_eq!((spec.name, fields[0].1.as_str()), ("GetPhone", "+14155550123"));
        assert_eq!(route("DELETE", "/api/conversations").err(), Some(true));
        assert_eq!(route("GET", "/api/nothing").err(), Some(false));
        assert_eq!(route("GET", "/api/conversations/%zz").err(), Some(false));
    }

    #[test]
    fn queries_are_read_as_what_the_field_is() {
        let (spec, _) = route("GET", "/api/conversations").unwrap();
        let fields =
            vec![("limit".into(), "20".into()), ("tab".into(), "mine".into()), ("business".into(), "7".into())];
        let Ok(Request::ListConversations(input)) = (spec.decode)(Fields { texts: fields, body: Map::new() }) else {
            panic!("not decoded")
        };
        assert_eq!((input.limit, input.tab), (Some(20), inbox::Tab::Mine));
        let bad = (spec.decode)(Fields { texts: vec![("limit".into(), "many".into())], body: Map::new() }).unwrap_err();
        assert_eq!(bad.code, Code::InvalidInput);
    }
}
