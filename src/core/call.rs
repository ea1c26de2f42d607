//! The way in for operations: permission, then one function for each.

use super::Core;
use super::change::Once;
use super::simulator::was_reset;
use crate::api::{ApiError, Caller, Code, Reply, Request};
use crate::domain::id::Id;

/// What concerns all businesses is not for a token that is limited to one.
pub(super) fn for_all(caller: &Caller, remedy: &str) -> Result<(), ApiError> {
    if caller.business.is_none() {
        return Ok(());
    }
    let detail = format!("this concerns all businesses, and the token is limited to one: {remedy}");
    Err(ApiError::new(Code::Forbidden, detail))
}

impl Core {
    /// Carries out one operation. It runs to its end even when the caller hangs up.
    pub async fn call(&self, caller: &Caller, request: Request, once: Option<Once>) -> Result<Reply, ApiError> {
        caller.need(request.spec().permission)?;
        if is_everybodys(&request) {
            for_all(caller, "use a token of an agent")?;
        }
        let (core, caller) = (self.clone(), caller.clone());
        self.to_its_end(async move { core.dispatch(&caller, request, once).await }).await
    }

    /// Runs work to its end even when its caller hangs up, unless the node is ending.
    pub(super) async fn to_its_end<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, ApiError>> + Send + 'static,
    ) -> Result<T, ApiError> {
        // Taken before the question: then a stop that comes behind it waits for this call.
        let _running = self.0.tasks.token();
        if self.0.outlived.is_cancelled() {
            return Err(was_reset());
        }
        if self.0.stop.is_cancelled() {
            return Err(ApiError::unavailable("the node is stopping: try again in a moment"));
        }
        self.0.tasks.spawn(work).await.unwrap_or_else(|e| {
            tracing::error!(error = %e, "an operation ended badly");
            Err(ApiError::new(Code::Internal, "the operation broke off inside the node; its log says where"))
        })
    }

    async fn dispatch(&self, caller: &Caller, request: Request, once: Option<Once>) -> Result<Reply, ApiError> {
        use Request::*;
        Ok(match request {
            GetNode(_) => Reply::GetNode(self.node_view(caller)),
            ListConversations(input) => Reply::ListConversations(self.list_conversations(caller, &input)?),
            GetConversation(input) => Reply::GetConversation(self.get_conversation(caller, input.id)?),
            ListMessages(input) => Reply::ListMessages(self.list_messages(caller, &input)?),
            SendMessage(input) => Reply::SendMessage(self.send_message(caller, input, once).await?),
            UndoMessage(input) => Reply::UndoMessage(self.undo_message(caller, input.id, once).await?),
            ListHeld(input) => Reply::ListHeld(self.list_held(caller, &input)?),
            ReleaseMessage(input) => Reply::ReleaseMessage(self.release_message(caller, input, once).await?),
            RetryMessage(input) => Reply::RetryMessage(self.retry_message(caller, input, once).await?),
            ShowUpstream(input) => Reply::ShowUpstream(self.show_upstream(caller, &input)?),
            ListMedia(input) => Reply::ListMedia(self.list_media(caller, &input)?),
            GetMedia(input) => Reply::GetMedia(self.get_media(caller, &input)?),
            RetryMedia(input) => Reply::RetryMedia(self.retry_media(caller, &input, once).await?),
            ListLater(input) => Reply::ListLater(self.list_later(caller, &input)?),
            ChangeLater(input) => Reply::ChangeLater(self.change_later(caller, input, once).await?),
            ListContents(input) => Reply::ListContents(self.list_contents(caller, &input).await?),
            AddNote(input) => Reply::AddNote(self.add_note(caller, input, once).await?),
            AssignConversation(input) => Reply::AssignConversation(self.assign(caller, input, once).await?),
            LabelConversation(input) => Reply::LabelConversation(self.label(caller, input, once).await?),
            ListLabels(input) => Reply::ListLabels(self.list_labels(caller, &input)?),
            SetConversationStatus(input) => Reply::SetConversationStatus(self.set_status(caller, input, once).await?),
            MarkRead(input) => Reply::MarkRead(self.mark_read(caller, &input).await?),
            SetPresence(input) => Reply::SetPresence(self.set_presence(caller, &input)?),
            GetContact(input) => Reply::GetContact(self.get_contact(caller, &input)?),
            SaveContact(input) => Reply::SaveContact(self.save_contact(caller, input, once).await?),
            GetRates(_) => Reply::GetRates(self.settings().rates.clone()),
            ListBusinesses(_) => Reply::ListBusinesses(self.list_businesses(caller)?),
            GetBusiness(input) => Reply::GetBusiness(self.get_business(caller, input.id)?),
            CreateBusiness(input) => Reply::CreateBusiness(self.create_business(caller, input, once).await?),
            UpdateBusiness(input) => Reply::UpdateBusiness(self.update_business(caller, input, once).await?),
            GetSetup(input) => Reply::GetSetup(self.get_setup(caller, input.id)?),
            StartSetup(input) => Reply::StartSetup(self.start_setup(caller, input, once).await?),
            DeleteBusiness(input) => Reply::DeleteBusiness(self.delete_business(caller, input, once).await?),
            ListEndpoints(input) => Reply::ListEndpoints(self.list_endpoints(caller, input.id)?),
            UpdateEndpoint(input) => Reply::UpdateEndpoint(self.update_endpoint(caller, input, once).await?),
            CreateEndpoint(input) => Reply::CreateEndpoint(self.create_endpoint(caller, input, once).await?),
            ListAccounts(_) => Reply::ListAccounts(self.list_accounts()?),
            SaveAccount(input) => Reply::SaveAccount(self.save_account(caller, input, once).await?),
            RemoveAccount(input) => Reply::RemoveAccount(self.remove_account(caller, input, once).await?),
            GetVerifyAnalytics(input) => Reply::GetVerifyAnalytics(self.verify_analytics(caller, &input)?),
            GetMessageAnalytics(input) => Reply::GetMessageAnalytics(self.message_analytics(caller, &input)?),
            GetOverview(input) => Reply::GetOverview(self.overview(caller, &input)?),
            ListLedger(input) => Reply::ListLedger(self.list_ledger(caller, &input)?),
            ListUsage(input) => Reply::ListUsage(self.list_usage(&input)?),
            FetchUsage(input) => Reply::FetchUsage(self.fetch_usage(&input).await?),
            RecountAnalytics(_) => Reply::RecountAnalytics(self.recount_analytics().await?),
            GetReport(input) => Reply::GetReport(self.report(caller, &input)?),
            ListAttemptsBehind(input) => Reply::ListAttemptsBehind(self.attempts_behind(caller, &input)?),
            ListMessagesBehind(input) => Reply::ListMessagesBehind(self.messages_behind(caller, &input)?),
            SendVerification(input) => Reply::SendVerification(self.send_verification(caller, input, once).await?),
            CheckVerification(input) => Reply::CheckVerification(self.check_verification(caller, input, once).await?),
            ResendVerification(input) => {
                Reply::ResendVerification(self.resend_verification(caller, input, once).await?)
            }
            FallBackVerification(input) => {
                Reply::FallBackVerification(self.fall_back_verification(caller, input, once).await?)
            }
            CancelVerification(input) => {
                Reply::CancelVerification(self.cancel_verification(caller, input, once).await?)
            }
            ApproveVerification(input) => {
                Reply::ApproveVerification(self.approve_verification(caller, input, once).await?)
            }
            GetFlow(input) => Reply::GetFlow(self.get_flow(caller, &input).await?),
            ListFlows(input) => Reply::ListFlows(self.list_flows(caller, &input)?),
            ListAttempts(input) => Reply::ListAttempts(self.list_attempts(caller, &input)?),
            ListChecks(input) => Reply::ListChecks(self.list_checks(caller, &input)?),
            PreviewVerification(input) => Reply::PreviewVerification(self.preview_verification(caller, input).await?),
            LookUpNumber(input) => Reply::LookUpNumber(self.look_up_number(caller, input).await?),
            ListTemplates(input) => Reply::ListTemplates(self.list_templates(caller, &input).await?),
            GetWording(input) => Reply::GetWording(self.get_wording(caller, &input)?),
            SaveWording(input) => Reply::SaveWording(self.save_wording(caller, input, once).await?),
            ListWordings(input) => Reply::ListWordings(self.list_wordings(caller, &input)?),
            RestoreWording(input) => Reply::RestoreWording(self.restore_wording(caller, input, once).await?),
            RunMatrix(input) => Reply::RunMatrix(self.run_matrix(caller, input).await?),
            TryMatrix(input) => Reply::TryMatrix(self.try_matrix(caller, input).await?),
            SaveMatrix(input) => Reply::SaveMatrix(self.save_matrix(caller, input, once).await?),
            ListMatrices(input) => Reply::ListMatrices(self.list_matrices(caller, &input)?),
            GetMatrix(input) => Reply::GetMatrix(self.get_matrix(caller, &input)?),
            DeleteMatrix(input) => Reply::DeleteMatrix(self.delete_matrix(caller, input, once).await?),
            RehearseVerifications(input) => {
                Reply::RehearseVerifications(self.rehearse_verifications(caller, input).await?)
            }
            GetVerifyService(input) => Reply::GetVerifyService(self.get_verify_service(caller, &input).await?),
            UpdateVerifyService(input) => {
                Reply::UpdateVerifyService(self.update_verify_service(caller, input, once).await?)
            }
            SetFraudGuard(input) => Reply::SetFraudGuard(self.set_fraud_guard(caller, &input).await?),
            ListAgents(_) => Reply::ListAgents(self.list_agents()?),
            SaveAgent(input) => Reply::SaveAgent(self.save_agent(caller, input, once).await?),
            ListTokens(_) => Reply::ListTokens(self.list_tokens()?),
            CreateToken(input) => Reply::CreateToken(self.create_token(caller, input, once).await?),
            RevokeToken(input) => Reply::RevokeToken(self.revoke_token(caller, input.id).await?),
            ListWebhooks(input) => Reply::ListWebhooks(self.list_webhooks(caller, &input)?),
            ListDeadLetters(input) => Reply::ListDeadLetters(self.list_dead_letters(&input)?),
            SumDeadLetters(_) => Reply::SumDeadLetters(self.sum_dead_letters()?),
            ExplainDeadLetter(input) => Reply::ExplainDeadLetter(self.explain_dead_letter(input.id)?),
            ReplayDeadLetter(input) => Reply::ReplayDeadLetter(self.replay_dead_letter(&caller.agent, input.id).await?),
            ReplayDeadLetters(input) => {
                Reply::ReplayDeadLetters(self.replay_dead_letters(&caller.agent, input.reason).await?)
            }
            GetKeeping(_) => Reply::GetKeeping(self.keeping_view()?),
            ListGaps(input) => Reply::ListGaps(self.list_gaps(&input)?),
            Sweep(input) => Reply::Sweep(self.sweep_now(&input).await?),
            StartImport(input) => Reply::StartImport(self.start_import(caller, &input).await?),
            StopImport(_) => Reply::StopImport(self.stop_import(caller).await?),
            ListAudit(input) => Reply::ListAudit(self.list_audit(caller, &input)?),
            ExportAudit(input) => Reply::ExportAudit(self.export_audit(caller, input).await?),
            VerifyAudit(_) => Reply::VerifyAudit(self.verify_audit().await?),
            ListNumbers(_) => Reply::ListNumbers(self.list_numbers().await?),
            PointNumber(input) => Reply::PointNumber(self.point_number(caller, input, once).await?),
            UnpointNumber(input) => Reply::UnpointNumber(self.unpoint_number(caller, input, once).await?),
            BorrowNumber(input) => Reply::BorrowNumber(self.borrow_number(caller, input).await?),
            ReturnNumber(input) => Reply::ReturnNumber(self.return_number(caller, &input).await?),
            ListPhones(_) => Reply::ListPhones(self.list_phones().await?),
            GetPhone(input) => Reply::GetPhone(self.get_phone(&input.address).await?),
            TextFromPhone(input) => Reply::TextFromPhone(self.text_from_phone(caller, &input).await?),
            SetOutcome(input) => Reply::SetOutcome(self.set_outcome(&input).await?),
            ListFaults(_) => Reply::ListFaults(self.list_faults().await?),
            AddFault(input) => Reply::AddFault(self.add_fault(&input).await?),
            ClearFaults(_) => Reply::ClearFaults(self.clear_faults().await?),
            AdvanceClock(input) => Reply::AdvanceClock(self.advance_clock(&input).await?),
        })
    }

    /// The business a call names, or the caller's own, or the oldest. A foreign one does not exist.
    pub(super) fn business_of(&self, caller: &Caller, named: Option<Id>) -> Result<Id, ApiError> {
        match named.or(caller.business) {
            Some(business) => self.business(caller, business).map(|row| row.id),
            None => self.default_business(),
        }
    }

    /// Hides what belongs to another business than the caller's.
    pub(super) fn allow(&self, caller: &Caller, business: Id) -> Result<(), ApiError> {
        match caller.business {
            Some(own) if own != business => Err(ApiError::not_found(format!("business {business}"))),
            _ => Ok(()),
        }
    }
}

/// Whether an operation concerns no business alone: people, tokens, refused webhooks, the sandbox.
fn is_everybodys(request: &Request) -> bool {
    use Request::*;
    matches!(
        request,
        CreateBusiness(_)
            | GetOverview(_)
            | RecountAnalytics(_)
            | ListUsage(_)
            | FetchUsage(_)
            | ListAccounts(_)
            | SaveAccount(_)
            | RemoveAccount(_)
            | SaveAgent(_)
            | ListTokens(_)
            | CreateToken(_)
            | RevokeToken(_)
            | ListWebhooks(_)
            | ListDeadLetters(_)
            | SumDeadLetters(_)
            | ExplainDeadLetter(_)
            | ReplayDeadLetter(_)
            | ReplayDeadLetters(_)
            | VerifyAudit(_)
            | GetKeeping(_)
            | ListGaps(_)
            | Sweep(_)
            | StartImport(_)
            | StopImport(_)
            | ListNumbers(_)
            | PointNumber(_)
            | UnpointNumber(_)
            | BorrowNumber(_)
            | ReturnNumber(_)
            | ListPhones(_)
            | GetPhone(_)
            | TextFromPhone(_)
            | SetOutcome(_)
            | ListFaults(_)
            | AddFault(_)
            | ClearFaults(_)
            | AdvanceClock(_)
    )
}
