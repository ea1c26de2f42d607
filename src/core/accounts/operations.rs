//! Operations on accounts: listed, made known, forgotten.

use std::sync::PoisonError;

use super::fetch;
use crate::api::accounts::{AccountList, AccountView, RemoveAccount, SaveAccount};
use crate::api::{ApiError, Caller, Code, Done};
use crate::config::Reference;
use crate::core::Core;
use crate::core::change::{AccountRemoved, AccountSaved, Change, Once};
use crate::domain::endpoint::Account;

impl Core {
    pub(in crate::core) fn list_accounts(&self) -> Result<AccountList, ApiError> {
        let own = self.settings().account;
        let mut items = vec![AccountView { sid: own, is_own: true, ..AccountView::of(own) }];
        for row in self.account_rows()? {
            items.push(AccountView {
                auth_token: Some(row.credentials),
                other_auth_token: row.other,
                trouble: self.known(row.sid).and_then(|known| known.trouble),
                ..AccountView::of(row.sid)
            });
        }
        for sid in self.named_accounts()? {
            if !items.iter().any(|known| known.sid == sid) {
                let trouble = format!(
                    "an endpoint is of {sid}, whose auth token is not known: its webhooks are refused until `switchboard accounts add {sid} --auth-token env:NAME`"
                );
                items.push(AccountView { trouble: Some(trouble), ..AccountView::of(sid) });
            }
        }
        Ok(AccountList { items })
    }

    pub(in crate::core) async fn save_account(
        &self,
        caller: &Caller,
        input: SaveAccount,
        once: Option<Once>,
    ) -> Result<AccountView, ApiError> {
        if &input.sid.prefix != b"AC" {
            return Err(ApiError::field("sid", "an account's SID begins with AC"));
        }
        if input.sid == self.settings().account {
            let detail = "this is the node's own account: its tokens stand in the settings, section [twilio]";
            return Err(ApiError::new(Code::Conflict, detail));
        }
        let given = [("authToken", Some(&input.auth_token)), ("otherAuthToken", input.other_auth_token.as_ref())];
        for (field, reference) in given.into_iter().filter_map(|(field, given)| Some((field, given?))) {
            match Reference::read(reference) {
                Ok(Reference::Command(_)) if !caller.is_at_the_machine => {
                    let detail = "a command is named only at the machine that will run it: use `switchboard accounts add` there, or env: or file:";
                    return Err(ApiError { field: Some(field.into()), ..ApiError::new(Code::Forbidden, detail) });
                }
                Ok(_) => {}
                Err(e) => return Err(ApiError::field(field, e)),
            }
        }
        let SaveAccount { sid, auth_token, other_auth_token } = input;
        let row = Account { sid, credentials: auth_token, other: other_auth_token, created_at: self.now() };
        let asked = row.clone();
        let fetched = tokio::task::spawn_blocking(move || fetch(&asked).map(drop)).await;
        fetched.unwrap_or_else(|e| Err(e.to_string())).map_err(|e| ApiError::field("authToken", e))?;
        let change = Change::AccountSaved(AccountSaved { account: row.clone() });
        self.submit(&caller.agent, once, change).await?;
        let view = AccountView {
            auth_token: Some(row.credentials.clone()),
            other_auth_token: row.other.clone(),
            ..AccountView::of(sid)
        };
        let trouble = self.load_account(row).await.err();
        Ok(AccountView { trouble, ..view })
    }

    pub(in crate::core) async fn remove_account(
        &self,
        caller: &Caller,
        input: RemoveAccount,
        once: Option<Once>,
    ) -> Result<Done, ApiError> {
        let sid = input.sid;
        if sid == self.settings().account {
            let detail = "this is the node's own account: it is what the node runs for";
            return Err(ApiError::new(Code::Conflict, detail));
        }
        if self.named_accounts()?.contains(&sid) {
            let detail = format!(
                "endpoints of a business are of {sid}: without its token their webhooks would be refused. Delete the business first"
            );
            return Err(ApiError::new(Code::Conflict, detail));
        }
        self.submit(&caller.agent, once, Change::AccountRemoved(AccountRemoved { sid })).await?;
        self.0.accounts.0.write().unwrap_or_else(PoisonError::into_inner).remove(&sid);
        Ok(Done {})
    }
}
