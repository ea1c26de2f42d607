//! Accounts and subaccounts, and what is left on the balance.

use rust_decimal::Decimal;
use secrecy::SecretString;
use serde::Deserialize;

use super::client::Client;
use super::error::Error;
use super::http::page::Page;
use super::params::Params;
use super::wire::{Micros, loose, loose_date, words};
use crate::domain::id::Sid;

words! {
    /// Whether an account may be used.
    AccountStatus {
        /// In use.
        Active = "active",
        /// Stopped; can be made active again by its parent.
        Suspended = "suspended",
        /// Closed for good.
        Closed = "closed",
    }
}

/// An account.
#[derive(Debug, Clone, Deserialize)]
pub struct Account {
    /// `AC...`
    pub sid: Sid,
    /// A name for people.
    #[serde(default, deserialize_with = "loose")]
    pub friendly_name: Option<String>,
    /// Whether it may be used.
    pub status: Option<AccountStatus>,
    /// `Trial` or `Full`.
    #[serde(default, rename = "type", deserialize_with = "loose")]
    pub kind: Option<String>,
    /// The parent; itself for a main account.
    #[serde(default, deserialize_with = "loose")]
    pub owner_account_sid: Option<Sid>,
    /// Its token; signs its webhooks.
    pub auth_token: Option<SecretString>,
    /// When it was made.
    #[serde(default, deserialize_with = "loose_date")]
    pub date_created: Option<Micros>,
}

impl Account {
    /// Whether it is a trial account, which sends only to verified numbers.
    pub fn is_trial(&self) -> bool {
        self.kind.as_deref().is_some_and(|kind| kind.eq_ignore_ascii_case("trial"))
    }
}

/// What is left to spend. Only a main account has one; it lags a little.
#[derive(Debug, Clone, Deserialize)]
pub struct Balance {
    /// The amount.
    #[serde(default, deserialize_with = "loose")]
    pub balance: Option<Decimal>,
    /// `USD`, ...
    #[serde(default, deserialize_with = "loose")]
    pub currency: Option<String>,
}

/// Accounts that the credentials can see.
#[derive(Debug, Clone, Copy)]
pub struct Accounts<'a>(&'a Client);

impl Client {
    /// The client's account and its subaccounts.
    pub fn accounts(&self) -> Accounts<'_> {
        Accounts(self)
    }
}

impl Accounts<'_> {
    /// The client's own account.
    ///
    /// # Errors
    /// As any read; [`Error::Unauthorized`] tells that the credentials are wrong.
    pub async fn fetch(&self) -> Result<Account, Error> {
        self.0.get("api", &self.0.account_path(".json"), Params::new()).await
    }

    /// What time it is at Twilio, by the header of an answer (whole seconds); a refusal has one, too.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn time(&self) -> Result<Option<Micros>, Error> {
        self.0.date_of("api", &self.0.account_path(".json")).await
    }

    /// The account and its subaccounts.
    ///
    /// # Errors
    /// As any read.
    pub async fn list(&self) -> Result<Page<Account>, Error> {
        self.0.first_page("api", "/2010-04-01/Accounts.json", Params::new(), "accounts").await
    }

    /// Makes a subaccount. Its name can carry a nonce by which it is found again.
    ///
    /// # Errors
    /// As any POST.
    pub async fn create_subaccount(&self, friendly_name: &str) -> Result<Account, Error> {
        self.0.post("api", "/2010-04-01/Accounts.json", Params::new().set("FriendlyName", friendly_name)).await
    }

    /// Renames the client's account, or suspends, reactivates or closes a subaccount.
    ///
    /// # Errors
    /// As any POST.
    pub async fn update(&self, friendly_name: Option<&str>, status: Option<&AccountStatus>) -> Result<Account, Error> {
        let params = Params::new().maybe("FriendlyName", friendly_name).maybe("Status", status);
        self.0.post("api", &self.0.account_path(".json"), params).await
    }

    /// The balance of the client's account.
    ///
    /// # Errors
    /// As any read; subaccounts have none.
    pub async fn balance(&self) -> Result<Balance, Error> {
        self.0.get("api", &self.0.account_path("/Balance.json"), Params::new()).await
    }
}
