//! Accounts besides the node's own: whether their tokens are found.

use super::super::super::node_file::Running;
use super::finding::Finding;
use crate::api::accounts::{AccountView, ListAccounts};

const CHECK: &str = "accounts";

/// Asks the node for its accounts.
pub async fn look(node: Option<&Running>) -> Vec<Finding> {
    let Some(node) = node else { return Vec::new() };
    match node.remote.call(ListAccounts {}).await {
        Ok(list) => judge(&list.items),
        Err(e) => vec![Finding::warning(CHECK, format!("the accounts cannot be looked at: {e}"))],
    }
}

fn judge(accounts: &[AccountView]) -> Vec<Finding> {
    let others = accounts.iter().filter(|account| !account.is_own);
    let (wrong, right): (Vec<_>, Vec<_>) = others.partition(|account| account.trouble.is_some());
    let mut findings: Vec<Finding> = wrong
        .into_iter()
        .map(|account| {
            let why = account.trouble.as_deref().unwrap_or_default();
            Finding::error(CHECK, format!("webhooks of {} are refused: {why}", account.sid))
                .remedy(format!("`switchboard accounts add {} --auth-token env:NAME` (or file:, cmd:)", account.sid))
        })
        .collect();
    if !right.is_empty() {
        findings.push(Finding::info(CHECK, format!("the tokens of {} more accounts are known", right.len())));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::finding::Level;
    use super::*;

    #[test]
    fn a_token_that_is_not_found_is_an_error() {
        let account = |n: u8, trouble: Option<&str>| AccountView {
            trouble: trouble.map(str::to_owned),
            ..AccountView::of(format!("AC{n:032x}").parse().unwrap())
        };
        let own = AccountView { is_own: true, ..account(1, None) };
        assert!(judge(std::slice::from_ref(&own)).is_empty());
        let found = judge(&[own, account(2, None), account(3, Some("the file cannot be read"))]);
        assert_eq!((found.len(), found[0].level, found[1].level), (2, Level::Error, Level::Info));
    }
}
