//! One command for each operation, made from the table when the program starts.

use clap::builder::{PossibleValuesParser, ValueParser};
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use serde_json::{Map, Value};

use super::exit::Failure;
use crate::api::{Field, Fields, OPERATIONS, Spec, Takes};

/// Adds the commands of all operations.
pub(super) fn with_operations(root: Command) -> Command {
    OPERATIONS.iter().fold(root, |root, spec| {
        let words: Vec<&str> = spec.command.split(' ').collect();
        add(root, &words, spec)
    })
}

fn add(parent: Command, words: &[&str], spec: &'static Spec) -> Command {
    let Some((word, rest)) = words.split_first() else { return parent };
    if rest.is_empty() {
        return parent.subcommand(leaf(word, spec));
    }
    if parent.find_subcommand(word).is_some() {
        return parent.mut_subcommand(word, |group| add(group, rest, spec));
    }
    let group = Command::new((*word).to_owned())
        .about(group_about(word))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_help_subcommand(true);
    parent.subcommand(add(group, rest, spec))
}

/// What a group can do, as its help says: `list, show, note ...`.
fn group_about(group: &str) -> String {
    let prefix = format!("{group} ");
    let verbs: Vec<&str> = OPERATIONS.iter().filter_map(|s| s.command.strip_prefix(&prefix)).collect();
    format!("On {group}: {}", verbs.join(", "))
}

fn leaf(word: &str, spec: &'static Spec) -> Command {
    let method = format!("The same over HTTP: {} {}", spec.method.as_str(), spec.path);
    let command = Command::new(word.to_owned()).about(spec.sentence.trim_end_matches('.')).after_help(method);
    spec.shape().fields().iter().filter(|f| !is_global(f)).fold(command, |command, field| command.arg(arg(spec, field)))
}

/// `--business` is an option of all commands, also where the path names the business.
fn is_global(field: &Field) -> bool {
    field.name == "business"
}

/// Whether an operation is about one business, which its path names: by position, or by `--business`.
pub(super) fn is_about_business(spec: &Spec) -> bool {
    spec.path.split('/').eq(["", "api", "businesses", "{id}"]) || spec.path.starts_with("/api/businesses/{id}/")
}

fn arg(spec: &Spec, field: &Field) -> Arg {
    let by_option = field.name == "id" && is_about_business(spec);
    let arg = Arg::new(id(field)).help(field.meaning.clone()).required(field.required && !by_option);
    let value_name = field.option().to_uppercase();
    let arg = if field.in_path { arg } else { arg.long(field.option()) };
    match &field.takes {
        Takes::Text => arg.value_name(value_name),
        Takes::Whole(least, most) => {
            arg.value_name("NUMBER").value_parser(value_parser!(i64).range(least..=most)).allow_negative_numbers(true)
        }
        Takes::YesNo => arg
            .value_name("true|false")
            .value_parser(value_parser!(bool))
            .num_args(0..=1)
            .require_equals(true)
            .default_missing_value("true"),
        Takes::Choice(words) => arg.value_name(value_name).value_parser(PossibleValuesParser::new(words.clone())),
        Takes::Many => arg.value_name(value_name).action(ArgAction::Append),
        Takes::Pairs => arg.value_name("NAME=VALUE").action(ArgAction::Append).value_parser(ValueParser::from(pair)),
        Takes::Json => arg.value_name("JSON").value_parser(ValueParser::from(json)),
    }
}

/// Fields have names of their own among clap's arguments, so that none meets an option of all commands.
fn id(field: &Field) -> String {
    format!("field:{}", field.name)
}

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => Ok((name.trim().to_owned(), value.to_owned())),
        _ => Err("give a name and its value, such as brand=Harbor".to_owned()),
    }
}

fn json(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|e| format!("this is no JSON: {e}"))
}

/// The operation that was asked for, with its arguments.
pub(super) fn chosen(matches: &ArgMatches) -> Option<(&'static Spec, &ArgMatches)> {
    let mut words = Vec::new();
    let mut at = matches;
    while let Some((word, inner)) = at.subcommand() {
        words.push(word);
        at = inner;
    }
    let command = words.join(" ");
    OPERATIONS.iter().find(|spec| spec.command == command).map(|spec| (spec, at))
}

/// The input as JSON, checked as the node will check it.
pub(super) fn input(spec: &'static Spec, given: &ArgMatches) -> Result<Map<String, Value>, Failure> {
    let mut input = Map::new();
    for field in spec.shape().fields().iter().filter(|f| !is_global(f)) {
        if let Some(value) = value(field, given) {
            input.insert(field.name.clone(), value);
        }
    }
    let mut checked = input.clone();
    if spec.shape().fields().iter().any(|f| is_global(f) && f.in_path) {
        // Which business it is, the node is asked for later.
        checked.insert("business".to_owned(), Value::String("1".to_owned()));
    }
    if is_about_business(spec) {
        checked.entry("id").or_insert_with(|| Value::String("1".to_owned()));
    }
    match (spec.decode)(Fields::json(checked)) {
        Ok(_) => Ok(input),
        Err(e) => {
            let why = e.detail.split_once(": ").map_or(e.detail.as_str(), |(_, why)| why);
            Err(Failure::usage(format!("`{}` cannot be asked like this: {why}", spec.command)))
        }
    }
}

fn value(field: &Field, given: &ArgMatches) -> Option<Value> {
    let id = id(field);
    match field.takes {
        Takes::Text | Takes::Choice(_) => given.get_one::<String>(&id).map(|t| Value::String(t.clone())),
        Takes::Whole(..) => given.get_one::<i64>(&id).map(|n| Value::from(*n)),
        Takes::YesNo => given.get_one::<bool>(&id).map(|b| Value::Bool(*b)),
        Takes::Many => given.get_many::<String>(&id).map(|all| all.map(|t| Value::String(t.clone())).collect()),
        Takes::Pairs => given
            .get_many::<(String, String)>(&id)
            .map(|all| all.map(|(name, value)| (name.clone(), Value::String(value.clone()))).collect()),
        Takes::Json => given.get_one::<Value>(&id).cloned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::args;
    use super::*;

    fn asked(line: &str) -> Result<(&'static str, Value), String> {
        let words = line.split(' ').map(|w| w.replace('_', " "));
        let matches = with_operations(args::command()).try_get_matches_from(words).map_err(|e| e.to_string())?;
        let (spec, given) = chosen(&matches).ok_or("no operation")?;
        let input = input(spec, given).map_err(|f| f.sentence)?;
        Ok((spec.name, Value::Object(input)))
    }

    #[test]
    fn clap_finds_no_fault_in_what_was_made() {
        let root = with_operations(args::command());
        let mut names: Vec<&str> = root.get_subcommands().map(Command::get_name).collect();
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count, "a command and an operation share a name");
        root.debug_assert();
    }

    #[test]
    fn words_and_options_become_the_input() {
        let cases = [
            (
                "switchboard send --to +14155550123 --body Hi_Maria --hold-seconds 0",
                "SendMessage",
                json!({"to": "+14155550123", "body": "Hi Maria", "holdSeconds": 0}),
            ),
            (
                "switchboard conversations assign 7 --assignee agent2",
                "AssignConversation",
                json!({"id": "7", "assignee": "agent2"}),
            ),
            (
                "switchboard --json conversations list --tab mine --business 3",
                "ListConversations",
                json!({"tab": "mine"}),
            ),
            (
                "switchboard clock --paused=false --advance-seconds 60",
                "AdvanceClock",
                json!({"paused": false, "advanceSeconds": 60}),
            ),
            ("switchboard clock --paused", "AdvanceClock", json!({"paused": true})),
            (
                "switchboard endpoints create 7 --addresses +14155550100 --addresses 72975",
                "CreateEndpoint",
                json!({"id": "7", "addresses": ["+14155550100", "72975"]}),
            ),
            (
                "switchboard token create --label ci --kind secret --for-agent agent2 --agent boss",
                "CreateToken",
                json!({"label": "ci", "kind": "secret", "agent": "agent2"}),
            ),
            (
                "switchboard verify send --to +14155550142 --business 3 --substitutions brand=Harbor_Dental",
                "SendVerification",
                json!({"to": "+14155550142", "substitutions": {"brand": "Harbor Dental"}}),
            ),
            (
                "switchboard phones text +14155550123 --to +14155550100 --body STOP",
                "TextFromPhone",
                json!({"address": "+14155550123", "to": "+14155550100", "body": "STOP"}),
            ),
        ];
        for (line, name, input) in cases {
            assert_eq!(asked(line).unwrap(), (name, input), "{line}");
        }
    }

    #[test]
    fn a_business_is_taken_wherever_one_is_meant() {
        let root = with_operations(args::command());
        let option = root.get_arguments().find(|arg| arg.get_id() == "business").expect("--business");
        assert!(option.is_global_set(), "every command takes it");
        // These name something whose business follows from it, or concern all businesses.
        let others = [
            "/api/conversations/{id}",
            "/api/messages/{id}",
            "/api/accounts",
            "/api/analytics/overview",
            "/api/analytics/recount",
            "/api/analytics/usage",
            "/api/agents",
            "/api/tokens",
            "/api/webhooks",
            "/api/dead-letters",
            "/api/keeping",
            "/api/audit",
            "/api/numbers",
            "/api/simulator",
            "/api/node",
            "/api/rates",
        ];
        for spec in OPERATIONS {
            let means_one = is_about_business(spec) || spec.shape().fields().iter().any(is_global);
            let all = spec.path == "/api/businesses" || others.iter().any(|start| spec.path.starts_with(start));
            assert!(means_one || all, "`{}` cannot be told which business it means", spec.command);
        }
        let shown = asked("switchboard businesses show --business Harbor").unwrap();
        assert_eq!(shown, ("GetBusiness", json!({})), "the name is looked up later");
        assert_eq!(asked("switchboard endpoints list 7").unwrap().1, json!({"id": "7"}));
    }

    #[test]
    fn a_wrong_line_is_refused_before_anything_is_asked() {
        let cases = [
            ("switchboard conversations show", "ID"),
            ("switchboard conversations show none", "is not an id"),
            ("switchboard conversations list --tab nine", "possible values: mine"),
            ("switchboard send --body x --hold-seconds -1", "-1 is not in"),
            ("switchboard conversations status 7 --status snoozed --until tomorrow", "is no moment"),
            ("switchboard sned", "unrecognized subcommand"),
        ];
        for (line, part) in cases {
            let said = asked(line).unwrap_err();
            assert!(said.contains(part), "{line}: {said}");
        }
    }
}
