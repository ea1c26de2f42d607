//! A request as it would go out, without its credentials: for people who want to see or repeat it.

use super::client::Client;
use super::error::Error;
use super::params::Params;

/// A request to Twilio.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// HTTP method.
    pub method: &'static str,
    /// Twilio's product: `api`, `verify`.
    pub product: &'static str,
    /// The path below the product.
    pub path: String,
    /// The whole address.
    pub url: String,
    /// The parameters in their order; a name may come more than once.
    pub params: Vec<(String, String)>,
}

impl Client {
    pub(super) fn describe(
        &self,
        method: &'static str,
        product: &'static str,
        path: String,
        params: &Params,
    ) -> Result<Asked, Error> {
        let url = self.url(product, &path)?.into();
        let params = params.pairs().iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        Ok(Asked { method, product, path, url, params })
    }
}
