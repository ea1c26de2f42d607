//! Usage: what the account used and what it cost, by category and period; and triggers that tell.
//!
//! Categories overlap (`sms` holds `sms-outbound`, `totalprice` holds all): never add a parent to its
//! parts. The numbers lag by minutes to hours.

use rust_decimal::Decimal;
use serde::Deserialize;

use super::client::Client;
use super::error::Error;
use super::http::page::Page;
use super::params::Params;
use super::wire::{Micros, loose, loose_date, words};
use crate::domain::id::Sid;

words! {
    /// How records are cut in time.
    Period {
        /// One record a category over the dates asked for.
        Whole = "",
        /// One a day.
        Daily = "Daily",
        /// One a month.
        Monthly = "Monthly",
        /// One a year.
        Yearly = "Yearly",
        /// Today so far.
        Today = "Today",
        /// Yesterday.
        Yesterday = "Yesterday",
        /// This month so far.
        ThisMonth = "ThisMonth",
        /// Last month.
        LastMonth = "LastMonth",
        /// Since the account was opened.
        AllTime = "AllTime",
    }
}

/// The usage of one category in one period.
#[derive(Debug, Clone, Deserialize)]
pub struct UsageRecord {
    /// `sms-outbound`, `totalprice`, ...
    pub category: String,
    /// In words.
    #[serde(default, deserialize_with = "loose")]
    pub description: Option<String>,
    /// How many.
    #[serde(default, deserialize_with = "loose")]
    pub count: Option<Decimal>,
    /// Of what.
    #[serde(default, deserialize_with = "loose")]
    pub count_unit: Option<String>,
    /// How much.
    #[serde(default, deserialize_with = "loose")]
    pub usage: Option<Decimal>,
    /// Of what.
    #[serde(default, deserialize_with = "loose")]
    pub usage_unit: Option<String>,
    /// What it cost.
    #[serde(default, deserialize_with = "loose")]
    pub price: Option<Decimal>,
    /// `usd`, ...
    #[serde(default, deserialize_with = "loose")]
    pub price_unit: Option<String>,
    /// First day, at its start in UTC.
    #[serde(default, deserialize_with = "loose_date")]
    pub start_date: Option<Micros>,
    /// Last day, at its start in UTC.
    #[serde(default, deserialize_with = "loose_date")]
    pub end_date: Option<Micros>,
    /// Counted up to this moment.
    #[serde(default, deserialize_with = "loose_date")]
    pub as_of: Option<Micros>,
}

/// Which usage to list.
#[derive(Debug, Clone, Default)]
pub struct UsageFilter {
    /// Only this category.
    pub category: Option<String>,
    /// From the day of this moment (UTC).
    pub from: Option<Micros>,
    /// To the day of this moment (UTC).
    pub to: Option<Micros>,
    /// With the usage of subaccounts; Twilio's default is yes.
    pub include_subaccounts: Option<bool>,
    /// Rows a page, at most 1000.
    pub page_size: Option<u32>,
}

/// A trigger: Twilio calls a URL when usage passes a value. It stops no traffic.
#[derive(Debug, Clone, Deserialize)]
pub struct UsageTrigger {
    /// `UT...`
    pub sid: Sid,
    /// A name for people.
    #[serde(default, deserialize_with = "loose")]
    pub friendly_name: Option<String>,
    /// What is watched.
    #[serde(default, deserialize_with = "loose")]
    pub usage_category: Option<String>,
    /// `count`, `usage` or `price`.
    #[serde(default, deserialize_with = "loose")]
    pub trigger_by: Option<String>,
    /// The value it fires at.
    #[serde(default, deserialize_with = "loose")]
    pub trigger_value: Option<Decimal>,
    /// The value now.
    #[serde(default, deserialize_with = "loose")]
    pub current_value: Option<Decimal>,
    /// `daily`, `monthly`, `yearly`; nothing for once.
    #[serde(default, deserialize_with = "loose")]
    pub recurring: Option<String>,
    /// The URL called.
    #[serde(default, deserialize_with = "loose")]
    pub callback_url: Option<String>,
    /// When it fired last.
    #[serde(default, deserialize_with = "loose_date")]
    pub date_fired: Option<Micros>,
}

/// A trigger to make.
#[derive(Debug, Clone, Default)]
pub struct NewTrigger {
    /// The URL to call.
    pub callback_url: String,
    /// The value to fire at; `+30` means 30 more than now.
    pub trigger_value: String,
    /// What is watched.
    pub usage_category: String,
    /// `count`, `usage` or `price`; `usage` if not said.
    pub trigger_by: Option<String>,
    /// `daily`, `monthly`, `yearly`; nothing for once.
    pub recurring: Option<String>,
    /// A name for people, at most 64 characters.
    pub friendly_name: Option<String>,
}

/// The account's usage.
#[derive(Debug, Clone, Copy)]
pub struct Usage<'a>(&'a Client);

impl Client {
    /// The account's usage.
    pub fn usage(&self) -> Usage<'_> {
        Usage(self)
    }
}

impl Usage<'_> {
    /// The records that fit, cut by `period`.
    ///
    /// # Errors
    /// As any read.
    pub async fn records(&self, period: &Period, filter: &UsageFilter) -> Result<Page<UsageRecord>, Error> {
        let query = Params::new()
            .text("Category", &filter.category)
            .day("StartDate", filter.from)
            .day("EndDate", filter.to)
            .maybe("IncludeSubaccounts", filter.include_subaccounts)
            .maybe("PageSize", filter.page_size);
        let rest = match period {
            Period::Whole => "/Usage/Records.json".to_owned(),
            period => format!("/Usage/Records/{period}.json"),
        };
        self.0.first_page("api", &self.0.account_path(&rest), query, "usage_records").await
    }

    /// The account's triggers.
    ///
    /// # Errors
    /// As any read.
    pub async fn triggers(&self) -> Result<Page<UsageTrigger>, Error> {
        let path = self.0.account_path("/Usage/Triggers.json");
        self.0.first_page("api", &path, Params::new(), "usage_triggers").await
    }

    /// Makes a trigger.
    ///
    /// # Errors
    /// As any POST.
    pub async fn create_trigger(&self, new: &NewTrigger) -> Result<UsageTrigger, Error> {
        let params = Params::new()
            .set("CallbackUrl", &new.callback_url)
            .set("TriggerValue", &new.trigger_value)
            .set("UsageCategory", &new.usage_category)
            .text("TriggerBy", &new.trigger_by)
            .text("Recurring", &new.recurring)
            .text("FriendlyName", &new.friendly_name);
        self.0.post("api", &self.0.account_path("/Usage/Triggers.json"), params).await
    }

    /// One trigger.
    ///
    /// # Errors
    /// As any read.
    pub async fn trigger(&self, sid: Sid) -> Result<UsageTrigger, Error> {
        self.0.get("api", &self.0.account_path(&format!("/Usage/Triggers/{sid}.json")), Params::new()).await
    }

    /// Deletes a trigger.
    ///
    /// # Errors
    /// As any deletion.
    pub async fn delete_trigger(&self, sid: Sid) -> Result<(), Error> {
        self.0.delete("api", &self.0.account_path(&format!("/Usage/Triggers/{sid}.json"))).await
    }
}
