//! From a request as data to a call over the link, and back to a reply as data.

use crate::api::{ApiError, Code, Reply, Request};
use crate::link::Link;

macro_rules! calls {
    ($link:expr, $request:expr, $($name:ident)*) => {
        match $request {
            $(Request::$name(operation) => $link.call(operation).await.map(Reply::$name),)*
            other => Err(ApiError::new(
                Code::Internal,
                format!("the console does not ask for {}: this is a fault of ours", other.spec().name),
            )),
        }
    };
}

/// Carries out what the console asked for.
pub async fn call(link: &Link, request: Request) -> Result<Reply, ApiError> {
    calls!(link, request,
        GetNode ListConversations GetConversation ListMessages SendMessage UndoMessage RetryMessage ReleaseMessage AddNote
        AssignConversation LabelConversation ListLabels SetConversationStatus MarkRead SaveContact RetryMedia ListContents ListBusinesses ListEndpoints ListAgents
        ListWebhooks ListDeadLetters SumDeadLetters ExplainDeadLetter ReplayDeadLetter ReplayDeadLetters
        GetKeeping ListGaps Sweep StartImport StopImport ListNumbers PointNumber UnpointNumber ListLater ChangeLater ListHeld
        SendVerification CheckVerification ResendVerification FallBackVerification CancelVerification
        ApproveVerification GetFlow ListAttempts PreviewVerification LookUpNumber ListTemplates GetVerifyService
        GetVerifyAnalytics GetMessageAnalytics GetOverview ListAttemptsBehind ListMessagesBehind GetReport
        GetBusiness CreateBusiness UpdateBusiness DeleteBusiness GetSetup StartSetup
        ShowUpstream GetRates GetContact ListPhones GetPhone TextFromPhone SetOutcome ListFaults AddFault ClearFaults AdvanceClock)
}
