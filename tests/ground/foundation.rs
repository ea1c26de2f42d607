//! The rows a history stands on: businesses, endpoints, agents.

use switchboard::core::change::{AgentSaved, BusinessSaved, Change, EndpointSaved, Envelope};
use switchboard::domain::access::{Agent, Permissions};
use switchboard::domain::address::Address;
use switchboard::domain::business::Business;
use switchboard::domain::endpoint::Endpoint;
use switchboard::domain::id::{Id, Sid};
use switchboard::domain::time::Time;

/// Four businesses; with eight lanes they lie in different ones.
pub const BUSINESSES: [Id; 4] = [Id(11), Id(12), Id(13), Id(14)];
/// How many endpoints each has.
pub const ENDPOINTS: u64 = 2;
/// Who works there.
pub const AGENTS: [&str; 3] = ["ann", "anna", "bo"];

/// The n-th endpoint of a business.
pub fn endpoint(business: Id, n: u64) -> Id {
    Id(business.0 * 100 + n)
}

/// The number of an endpoint.
pub fn number(endpoint: Id) -> Address {
    format!("+1202555{:04}", endpoint.0).parse().unwrap()
}

/// The changes that make them.
pub fn foundation() -> Vec<Envelope> {
    let mut changes = Vec::new();
    for handle in AGENTS {
        let (name, permissions) = (handle.to_owned(), Permissions::ALL);
        let agent = Agent { handle: handle.into(), name, permissions, created_at: Time(0), version: 0 };
        changes.push(Change::AgentSaved(AgentSaved { agent, only_new: false }));
    }
    for id in BUSINESSES {
        changes.push(Change::BusinessSaved(BusinessSaved { business: business(id, true), expects: None }));
        for n in 0..ENDPOINTS {
            let endpoint = Endpoint {
                business: id,
                id: endpoint(id, n),
                account: sid(b"AC", 1),
                addresses: vec![number(endpoint(id, n))],
                messaging_service: None,
                mode: Default::default(),
                pace: None,
                created_at: Time(0),
                version: 0,
            };
            changes.push(Change::EndpointSaved(EndpointSaved { endpoint }));
        }
    }
    let at = Time::from_secs(1000);
    changes.into_iter().map(|change| Envelope::by_worker(change, at, at)).collect()
}

/// A business as it may be saved.
pub fn business(id: Id, active: bool) -> Business {
    Business {
        id,
        name: format!("Business {id}"),
        contact_email: String::new(),
        phone_number: String::new(),
        verify_service: None,
        verify_per_minute: None,
        custom_number: None,
        branding: None,
        active,
        time_zone: "America/Los_Angeles".into(),
        colour: None,
        setup: None,
        updated_by: String::new(),
        created_at: Time(0),
        updated_at: Time(0),
        version: 0,
        deleted_at: None,
    }
}

/// A SID of that kind and number.
pub fn sid(prefix: &[u8; 2], n: u64) -> Sid {
    let mut bytes = [0; 16];
    bytes[8..].copy_from_slice(&n.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
    Sid { prefix: *prefix, bytes }
}
