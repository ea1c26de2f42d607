//! Lists, page by page. The 2010 API links with relative `next_page_uri`, all others with an absolute
//! `meta.next_page_url`; both are followed only if they lead back to Twilio.

use std::collections::VecDeque;

use futures_util::stream::{self, Stream};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use url::Url;

use crate::twilio::client::Client;
use crate::twilio::error::Error;
use crate::twilio::params::Params;

/// One page of a list.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// The rows of this page.
    pub items: Vec<T>,
    next: Option<Next>,
}

/// Where the next page is and under which name its rows stand.
#[derive(Debug, Clone)]
struct Next {
    url: Url,
    product: &'static str,
    key: &'static str,
}

impl<T> Page<T> {
    /// Whether there are more pages.
    pub fn has_next(&self) -> bool {
        self.next.is_some()
    }
}

#[derive(Deserialize)]
struct Envelope {
    next_page_uri: Option<String>,
    meta: Option<Meta>,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

#[derive(Deserialize)]
struct Meta {
    next_page_url: Option<String>,
}

impl Client {
    /// The first page of a list; `key` names the rows.
    pub(in crate::twilio) async fn first_page<T: DeserializeOwned>(
        &self,
        product: &'static str,
        path: &str,
        query: Params,
        key: &'static str,
    ) -> Result<Page<T>, Error> {
        let envelope: Envelope = self.get(product, path, query).await?;
        self.page(envelope, product, key)
    }

    /// The page after this one, if there is one.
    ///
    /// # Errors
    /// As any read; also when the link to the page leads away from Twilio.
    pub async fn next_page<T: DeserializeOwned>(&self, page: &Page<T>) -> Result<Option<Page<T>>, Error> {
        let Some(Next { url, product, key }) = &page.next else { return Ok(None) };
        let envelope: Envelope = self.get_url(url.clone()).await?;
        let following = self.page(envelope, product, key)?;
        match &following.next {
            Some(next) if next.url == *url => {
                Err(Error::Decode { reason: "a page of the list names itself as the next one".to_owned() })
            }
            _ => Ok(Some(following)),
        }
    }

    /// All rows from this page on. Pages are fetched as the stream is read; it ends after an error.
    pub fn rows<T: DeserializeOwned>(&self, first: Page<T>) -> impl Stream<Item = Result<T, Error>> + use<T> {
        let next = first.next.clone();
        let start = (self.clone(), VecDeque::from(first.items), Page { items: Vec::new(), next });
        stream::try_unfold(start, |(client, mut items, mut page)| async move {
            loop {
                if let Some(item) = items.pop_front() {
                    return Ok(Some((item, (client, items, page))));
                }
                let Some(mut following) = client.next_page(&page).await? else { return Ok(None) };
                items.extend(following.items.drain(..));
                page = following;
            }
        })
    }

    fn page<T: DeserializeOwned>(
        &self,
        mut envelope: Envelope,
        product: &'static str,
        key: &'static str,
    ) -> Result<Page<T>, Error> {
        let rows =
            envelope.rest.remove(key).ok_or_else(|| Error::Decode { reason: format!("no `{key}` in a list") })?;
        let items = serde_json::from_value(rows)
            .map_err(|error| Error::Decode { reason: format!("the rows of `{key}` are not as expected ({error})") })?;
        let link = envelope.next_page_uri.or(envelope.meta.and_then(|meta| meta.next_page_url));
        let link = link.filter(|link| !link.is_empty());
        let next = link.map(|link| self.link(product, &link)).transpose()?.map(|url| Next { url, product, key });
        Ok(Page { items, next })
    }
}
