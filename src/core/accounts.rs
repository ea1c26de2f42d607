//! Accounts besides the node's own: their tokens prove their webhooks, and their endpoints send and are
//! listed by them.
//!
//! The store keeps where a token is found, never the token. It is fetched at the start, and again whenever
//! the account is saved.

use std::collections::HashMap;
use std::ops::Deref;
use std::sync::{Arc, PoisonError, RwLock};

use secrecy::{ExposeSecret, SecretString};

use super::change::{AccountSaved, Change, Once};
use super::rows::{conversation_key, endpoint_key};
use super::world::decode;
use super::{Core, broken, read};
use crate::api::accounts::{AccountList, AccountView, SaveAccount};
use crate::api::{ApiError, Caller, Code};
use crate::config::Reference;
use crate::domain::conversation::Conversation;
use crate::domain::endpoint::{Account, Endpoint};
use crate::domain::id::{Id, Sid};
use crate::store::{Reader, Table};
use crate::twilio::Client;
use crate::twilio::signature::Token;

/// The accounts of this run, besides the node's own.
#[derive(Default)]
pub(super) struct Accounts(RwLock<HashMap<Sid, Known>>);

/// What was fetched for an account, or why it could not be.
#[derive(Clone)]
struct Known {
    tokens: Arc<[Token]>,
    client: Option<Client>,
    trouble: Option<String>,
}

/// The tokens of an account: none when it is not known.
pub enum Tokens<'a> {
    /// The node's own.
    Own(&'a [Token]),
    /// Another account's.
    Other(Arc<[Token]>),
}

impl Deref for Tokens<'_> {
    type Target = [Token];
    fn deref(&self) -> &[Token] {
        match self {
            Tokens::Own(tokens) => tokens,
            Tokens::Other(tokens) => tokens,
        }
    }
}

impl Core {
    /// The tokens with which webhooks of an account may be signed; none for a foreign account.
    pub fn tokens_of(&self, account: Sid) -> Tokens<'_> {
        if account == self.settings().account {
            return Tokens::Own(&self.settings().auth_tokens);
        }
        self.known(account).map_or(Tokens::Own(&[]), |known| Tokens::Other(known.tokens))
    }

    fn known(&self, account: Sid) -> Option<Known> {
        self.0.accounts.0.read().unwrap_or_else(PoisonError::into_inner).get(&account).cloned()
    }

    /// The client of an account. One without a token of its own is reached as what it mostly is: a subaccount
    /// of the node's.
    pub(super) fn client_of(&self, account: Sid) -> Client {
        let own = &self.settings().client;
        if account == self.settings().account {
            return own.clone();
        }
        self.known(account).and_then(|known| known.client).unwrap_or_else(|| own.for_subaccount(account))
    }

    /// The clients whose lists are looked through: the node's own account first.
    pub(super) fn clients(&self) -> Vec<Client> {
        let known = self.0.accounts.0.read().unwrap_or_else(PoisonError::into_inner);
        let mut others: Vec<Client> = known.values().filter_map(|known| known.client.clone()).collect();
        others.sort_by_key(|client| client.account().to_string());
        std::iter::once(self.settings().client.clone()).chain(others).collect()
    }

    /// The account that a conversation's endpoint lives in.
    pub(super) fn account_of(&self, reader: &dyn Reader, business: Id, conversation: Id) -> Result<Sid, ApiError> {
        let head: Option<Conversation> = read(reader, &conversation_key(business, conversation))?;
        let endpoint = match head {
            Some(head) => read::<Endpoint>(reader, &endpoint_key(business, head.endpoint))?,
            None => None,
        };
        Ok(endpoint.map_or(self.settings().account, |endpoint| endpoint.account))
    }

    /// Fetches the tokens of all accounts. One that cannot be had is told of, and hinders no other.
    pub(super) async fn load_accounts(&self) {
        let rows = self.account_rows().unwrap_or_else(|e| {
            tracing::error!(error = %e, "the accounts cannot be read; webhooks of subaccounts are refused");
            Vec::new()
        });
        for row in rows {
            let sid = row.sid;
            if let Err(e) = self.load_account(row).await {
                tracing::error!(account = %sid, error = %e, "webhooks of this account are refused");
            }
        }
    }

    async fn load_account(&self, row: Account) -> Result<(), String> {
        let sid = row.sid;
        // A command may take its time, or ask the person at the terminal.
        let fetched = tokio::task::spawn_blocking(move || fetch(&row)).await.unwrap_or_else(|e| Err(e.to_string()));
        let made = fetched.and_then(|tokens| {
            let client = tokens.first().map(|token| self.settings().client.as_account(sid, token)).transpose();
            let prepared: Arc<[Token]> = tokens.iter().map(|token| Token::new(token.expose_secret())).collect();
            Ok((prepared, client.map_err(|e| e.explain())?))
        });
        let known = match &made {
            Ok((tokens, client)) => Known { tokens: tokens.clone(), client: client.clone(), trouble: None },
            Err(e) => Known { tokens: Arc::new([]), client: None, trouble: Some(e.clone()) },
        };
        self.0.accounts.0.write().unwrap_or_else(PoisonError::into_inner).insert(sid, known);
        made.map(drop)
    }

    fn account_rows(&self) -> Result<Vec<Account>, ApiError> {
        let mut rows = Vec::new();
        let mut each = |key: &[u8], raw: &[u8]| rows.extend(decode::<Account>(key, raw).ok());
        self.reader()?.scan(Table::Accounts, &[], &mut each).map_err(broken)?;
        Ok(rows)
    }

    pub(super) fn list_accounts(&self) -> Result<AccountList, ApiError> {
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
        let mut strangers = Vec::new();
        let mut each = |key: &[u8], raw: &[u8]| {
            strangers.extend(decode::<Endpoint>(key, raw).ok().map(|endpoint| endpoint.account));
        };
        self.reader()?.scan(Table::Endpoints, &[], &mut each).map_err(broken)?;
        strangers.sort_by_key(ToString::to_string);
        strangers.dedup();
        for sid in strangers {
            if !items.iter().any(|known| known.sid == sid) {
                let trouble = format!(
                    "an endpoint is of {sid}, whose auth token is not known: its webhooks are refused until `switchboard accounts add {sid} --auth-token env:NAME`"
                );
                items.push(AccountView { trouble: Some(trouble), ..AccountView::of(sid) });
            }
        }
        Ok(AccountList { items })
    }

    pub(super) async fn save_account(
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
}

/// The tokens of an account, the first of which makes its calls. Blocks.
fn fetch(row: &Account) -> Result<Vec<SecretString>, String> {
    let references = std::iter::once(&row.credentials).chain(&row.other);
    references.map(|reference| Reference::read(reference)?.fetch().map_err(|e| e.to_string())).collect()
}
