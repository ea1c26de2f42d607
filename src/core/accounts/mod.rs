//! Accounts besides the node's own: their tokens prove their webhooks, and their endpoints send and are
//! listed by them.
//!
//! The store keeps where a token is found, never the token. It is fetched at the start, and again whenever
//! the account is saved.

mod operations;

use std::collections::{BTreeSet, HashMap};
use std::ops::Deref;
use std::sync::{Arc, PoisonError, RwLock};

use futures_util::future::join_all;
use secrecy::{ExposeSecret, SecretString};

use super::rows::{business_key, conversation_key, endpoint_key};
use super::world::decode;
use super::{Core, broken, read};
use crate::api::ApiError;
use crate::config::Reference;
use crate::domain::business::Business;
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

    /// The clients of all accounts that are kept up with, the node's own first: those that were made known,
    /// and those that an endpoint names.
    pub(super) fn clients(&self) -> Result<Vec<Client>, ApiError> {
        let mut others = self.named_accounts()?;
        {
            let known = self.0.accounts.0.read().unwrap_or_else(PoisonError::into_inner);
            others.extend(known.iter().filter(|(_, known)| known.client.is_some()).map(|(sid, _)| *sid));
        }
        let own = self.settings().client.clone();
        Ok(std::iter::once(own).chain(others.into_iter().map(|sid| self.client_of(sid))).collect())
    }

    /// The accounts besides the node's own that an endpoint of a business lives in.
    fn named_accounts(&self) -> Result<BTreeSet<Sid>, ApiError> {
        let (reader, own) = (self.reader()?, self.settings().account);
        let mut named: Vec<(Sid, Id)> = Vec::new();
        let mut each = |key: &[u8], raw: &[u8]| {
            let row = decode::<Endpoint>(key, raw).ok().filter(|endpoint| endpoint.account != own);
            named.extend(row.map(|endpoint| (endpoint.account, endpoint.business)));
        };
        reader.scan(Table::Endpoints, &[], &mut each).map_err(broken)?;
        let mut accounts = BTreeSet::new();
        for (account, business) in named {
            if !accounts.contains(&account)
                && read::<Business>(&*reader, &business_key(business))?.is_some_and(|b| b.deleted_at.is_none())
            {
                accounts.insert(account);
            }
        }
        Ok(accounts)
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
        // Side by side: a command may take its time.
        let loaded = rows.into_iter().map(|row| async move {
            let sid = row.sid;
            if let Err(e) = self.load_account(row).await {
                tracing::error!(account = %sid, error = %e, "webhooks of this account are refused");
            }
        });
        join_all(loaded).await;
    }

    async fn load_account(&self, row: Account) -> Result<(), String> {
        let sid = row.sid;
        // A command may take its time.
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
}

/// The tokens of an account, the first of which makes its calls. Blocks.
fn fetch(row: &Account) -> Result<Vec<SecretString>, String> {
    let references = std::iter::once(&row.credentials).chain(&row.other);
    references.map(|reference| Reference::read(reference)?.fetch().map_err(|e| e.to_string())).collect()
}
