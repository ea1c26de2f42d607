//! Where the account's numbers and messaging services send their webhooks.

use super::super::super::node_file::Running;
use super::finding::{Finding, Fix};
use crate::api::numbers::{ListNumbers, NumberView, Points};
use crate::config::Setup;

const CHECK: &str = "numbers";
/// More are counted, not named.
const NAMED: usize = 20;

/// Asks the node for its account's numbers.
pub async fn look(node: Option<&Running>, setup: &Setup) -> Vec<Finding> {
    let Some(node) = node else {
        return match setup.world.is_live() {
            true => vec![Finding::info(CHECK, "no node runs here, so the numbers were not looked at")],
            false => Vec::new(),
        };
    };
    match node.remote.call(ListNumbers {}).await {
        Ok(list) => {
            let troubles = list.troubles.into_iter().map(|text| Finding::warning(CHECK, text));
            troubles.chain(judge(&list.items, setup.world.is_live(), list.cut)).collect()
        }
        Err(e) => vec![Finding::warning(CHECK, format!("the numbers cannot be looked at: {e}"))],
    }
}

fn judge(numbers: &[NumberView], is_live: bool, cut: bool) -> Vec<Finding> {
    let (mut findings, mut here, mut more) = (Vec::new(), 0usize, 0usize);
    for number in numbers {
        match about(number, is_live) {
            None => here += 1,
            Some(finding) if findings.len() < NAMED => findings.push(finding),
            Some(_) => more += 1,
        }
    }
    if more > 0 {
        let text = format!("{more} more numbers do not come here");
        findings.push(Finding::warning(CHECK, text).remedy("`switchboard numbers list` shows them all"));
    }
    let all = if cut { format!("the first {}", numbers.len()) } else { numbers.len().to_string() };
    let whither = if is_live { "here" } else { "here, or where the sandbox was told" };
    findings.push(Finding::info(CHECK, format!("of {all} numbers {here} go {whither}")));
    findings
}

fn about(number: &NumberView, is_live: bool) -> Option<Finding> {
    let name = number.number.as_deref().unwrap_or(&number.name);
    let through =
        if number.sid.kind() == "MG" { format!(" (by the messaging service {})", number.sid) } else { String::new() };
    let goes = match number.points {
        Points::Here => return None,
        // A sandbox calls the node by itself.
        Points::Nowhere if !is_live => return None,
        Points::Nowhere => format!("{name} goes nowhere{through}: what customers text is dropped"),
        Points::Application => format!("{name} goes to a TwiML application{through}, not here"),
        Points::Elsewhere => format!("{name} goes to {}{through}, not here", number.url),
    };
    let remedy = format!("`switchboard numbers point {name}`, if it is meant to; `numbers unpoint` takes it back");
    Some(Finding::warning(CHECK, goes).remedy(remedy).fix(Fix::Point(name.to_owned())))
}

#[cfg(test)]
mod tests {
    use super::super::finding::Level;
    use super::*;

    fn number(n: usize, points: Points) -> NumberView {
        NumberView {
            number: Some(format!("+1415555{n:04}")),
            name: "Front desk".into(),
            sid: "PN00000000000000000000000000000001".parse().unwrap(),
            account: None,
            points,
            url: "https://old.example/sms".into(),
            fallback: String::new(),
            status_callback: String::new(),
            previous: None,
            after_loan: None,
        }
    }

    #[test]
    fn what_goes_elsewhere_has_its_fix() {
        let rows = [number(1, Points::Here), number(2, Points::Elsewhere), number(3, Points::Nowhere)];
        let live = judge(&rows, true, false);
        assert_eq!(live[0].text, "+14155550002 goes to https://old.example/sms, not here");
        assert_eq!(live[0].fix, Some(Fix::Point("+14155550002".into())));
        assert!(live[1].text.contains("dropped") && live[2].text == "of 3 numbers 1 go here", "{live:?}");
        assert_eq!(judge(&rows, false, false).len(), 2);
        let many: Vec<NumberView> = (0..30).map(|n| number(n, Points::Application)).collect();
        let found = judge(&many, true, true);
        assert_eq!((found.len(), found[20].text.as_str()), (22, "10 more numbers do not come here"));
        assert_eq!(found[21].level, Level::Info);
    }
}
