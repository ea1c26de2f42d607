//! API keys of an account. A secret is shown once, when its key is made.

use secrecy::SecretString;
use serde::Deserialize;

use super::client::Client;
use super::error::Error;
use super::http::page::Page;
use super::params::Params;
use super::wire::{Micros, loose, loose_date};
use crate::domain::id::Sid;

/// An API key.
#[derive(Debug, Clone, Deserialize)]
pub struct ApiKey {
    /// `SK...`
    pub sid: Sid,
    /// A name for people.
    #[serde(default, deserialize_with = "loose")]
    pub friendly_name: Option<String>,
    /// The password of its SID; only in the answer that made it.
    pub secret: Option<SecretString>,
    /// When it was made.
    #[serde(default, deserialize_with = "loose_date")]
    pub date_created: Option<Micros>,
    /// When it changed last.
    #[serde(default, deserialize_with = "loose_date")]
    pub date_updated: Option<Micros>,
}

/// The API keys of the client's account. A standard key has no reach to them: only the auth token and main
/// keys do.
#[derive(Debug, Clone, Copy)]
pub struct ApiKeys<'a>(&'a Client);

impl Client {
    /// The account's API keys.
    pub fn keys(&self) -> ApiKeys<'_> {
        ApiKeys(self)
    }
}

impl ApiKeys<'_> {
    /// All keys, without their secrets.
    ///
    /// # Errors
    /// As any read.
    pub async fn list(&self) -> Result<Page<ApiKey>, Error> {
        self.0.first_page("api", &self.0.account_path("/Keys.json"), Params::new(), "keys").await
    }

    /// Makes a standard key. Its name can carry a nonce by which it is found again; its secret cannot be.
    ///
    /// # Errors
    /// As any POST.
    pub async fn create(&self, friendly_name: &str) -> Result<ApiKey, Error> {
        let params = Params::new().set("FriendlyName", friendly_name);
        self.0.post("api", &self.0.account_path("/Keys.json"), params).await
    }

    /// One key, without its secret.
    ///
    /// # Errors
    /// As any read.
    pub async fn fetch(&self, sid: Sid) -> Result<ApiKey, Error> {
        self.0.get("api", &self.path(sid), Params::new()).await
    }

    /// Gives a key another name.
    ///
    /// # Errors
    /// As any POST.
    pub async fn rename(&self, sid: Sid, friendly_name: &str) -> Result<ApiKey, Error> {
        self.0.post("api", &self.path(sid), Params::new().set("FriendlyName", friendly_name)).await
    }

    /// Ends a key; whoever uses it is locked out at once.
    ///
    /// # Errors
    /// As any deletion.
    pub async fn delete(&self, sid: Sid) -> Result<(), Error> {
        self.0.delete("api", &self.path(sid)).await
    }

    fn path(&self, sid: Sid) -> String {
        self.0.account_path(&format!("/Keys/{sid}.json"))
    }
}
