//! Which key does what: `assets/keymap.toml`, with the user's own file laid over it.
//!
//! It knows the names of contexts and actions, not what they do. What is wrong in a file is reported
//! with its line and left out; the rest holds.

use std::fmt;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::action::Action;
use super::key::Key;
use crate::config::KeyProfile;

macro_rules! contexts {
    ($($(#[$doc:meta])* $name:ident $id:literal $text:literal;)*) => {
        /// Where a key is pressed.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Context { $($(#[$doc])* $name),* }

        impl Context {
            /// All of them.
            pub const ALL: &[Context] = &[$(Context::$name),*];
            /// Its name in the keymap.
            pub fn id(self) -> &'static str {
                match self { $(Context::$name => $id),* }
            }
            /// Whether letters are text there.
            pub fn is_text(self) -> bool {
                match self { $(Context::$name => $text),* }
            }
        }
    };
}

contexts! {
    /// Everywhere.
    Global "global" false;
    /// The list of conversations.
    Inbox "inbox" false;
    /// One conversation.
    Thread "thread" false;
    /// The simulated phones.
    Phones "phones" false;
    /// The list of businesses.
    Businesses "businesses" false;
    /// What happened lately.
    Events "events" false;
    /// Who did what.
    Audit "audit" false;
    /// The webhooks as they come.
    Webhooks "webhooks" false;
    /// The dead letters.
    Letters "letters" false;
    /// How far the node has kept up.
    Keeping "keeping" false;
    /// Where the numbers' webhooks go.
    Numbers "numbers" false;
    /// The messages that are put off.
    Later "later" false;
    /// The messages that ask whether they still shall go.
    Held "held" false;
    /// The dashboard.
    Dashboard "dashboard" false;
    /// What stands behind a figure of it.
    Figures "figures" false;
    /// The settings.
    Preferences "preferences" false;
    /// The list of keys.
    KeyList "keys" false;
    /// The flow that the tester follows.
    Tester "tester" false;
    /// What the tester shall send.
    TesterForm "tester-form" true;
    /// The code being typed.
    TesterCode "tester-code" true;
    /// Every channel in every language.
    Matrix "matrix" false;
    /// What the matrix shall send.
    MatrixForm "matrix-form" true;
    /// The log of what was sent.
    Attempts "attempts" false;
    /// The field that narrows a list.
    Filter "filter" true;
    /// The message being written.
    Composer "composer" true;
    /// The message being written while it is empty: its keys come before those of the composer.
    Blank "blank" false;
    /// The text being typed on a phone.
    Handset "handset" true;
    /// A list to choose from, with a field.
    Pick "pick" true;
    /// A form.
    Form "form" true;
    /// A page to read.
    Page "page" false;
    /// A look at what will be pasted.
    Look "look" false;
    /// What was asked behind something.
    Behind "behind" false;
}

/// One row: these keys, pressed one after the other there, do this.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// Where.
    pub context: Context,
    /// One or two keys.
    pub keys: Vec<Key>,
    /// What.
    pub action: Action,
}

impl Binding {
    /// The keys as the keymap writes them.
    pub fn id(&self) -> String {
        self.keys.iter().map(|key| key.id()).collect::<Vec<_>>().join(" ")
    }

    /// The keys for a person: `g i`, `Ctrl-P`.
    pub fn label(&self) -> String {
        self.keys.iter().map(Key::to_string).collect::<Vec<_>>().join(" ")
    }
}

/// Something wrong in a keymap file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.what)
    }
}

/// What a key means so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// Do this.
    Action(Action),
    /// The first of two keys.
    Prefix,
    /// Nothing.
    Nothing,
}

/// All bindings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keymap {
    bindings: Vec<Binding>,
}

const VIM: &str = include_str!("../../assets/profiles/vim.toml");
const EMACS: &str = include_str!("../../assets/profiles/emacs.toml");
const OURS: &str = include_str!("../../assets/keymap.toml");

impl Keymap {
    /// The one that comes with the console, and what is wrong with it (a test says: nothing).
    pub fn ours() -> (Keymap, Vec<Fault>) {
        let mut keymap = Keymap { bindings: Vec::new() };
        let faults = keymap.lay_over("assets/keymap.toml", OURS);
        (keymap, faults)
    }

    /// The one that comes with the console, for hands that know other programs, and what is wrong with it.
    pub fn of_profile(profile: KeyProfile) -> (Keymap, Vec<Fault>) {
        let (mut keymap, mut faults) = Keymap::ours();
        let (file, text) = match profile {
            KeyProfile::Default => return (keymap, faults),
            KeyProfile::Vim => ("assets/profiles/vim.toml", VIM),
            KeyProfile::Emacs => ("assets/profiles/emacs.toml", EMACS),
        };
        faults.extend(keymap.lay_over(file, text));
        (keymap, faults)
    }

    /// Lays a file over this map: the actions it names have exactly its keys.
    pub fn lay_over(&mut self, file: &str, text: &str) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut fault = |at: usize, what: String| {
            let line = text.get(..at).map_or(1, |head| head.matches('\n').count() + 1);
            faults.push(Fault { file: file.to_owned(), line, what });
        };
        let table = match DeTable::parse(text) {
            Ok(table) => table,
            Err(e) => {
                fault(e.span().map_or(0, |s| s.start), e.message().to_owned());
                return faults;
            }
        };
        let mut fresh: Vec<(Binding, usize)> = Vec::new();
        for (name, value) in table.get_ref() {
            let Some(context) = Context::ALL.iter().copied().find(|c| c.id() == name.get_ref().as_ref()) else {
                fault(name.span().start, format!("there is no context `{}`", name.get_ref()));
                continue;
            };
            let DeValue::Table(rows) = value.get_ref() else {
                fault(name.span().start, format!("`{}` must be a table: [{}]", name.get_ref(), name.get_ref()));
                continue;
            };
            for (id, keys) in rows {
                let Some(action) = Action::ALL.iter().copied().find(|a| a.id() == id.get_ref().as_ref()) else {
                    fault(id.span().start, format!("there is no action `{}`", id.get_ref()));
                    continue;
                };
                self.bindings.retain(|b| (b.context, b.action) != (context, action));
                for (keys, at) in read_keys(keys, context, &mut fault) {
                    fresh.push((Binding { context, keys, action }, at));
                }
            }
        }
        for (binding, at) in fresh {
            match self.bindings.iter().find(|b| b.context == binding.context && collide(&b.keys, &binding.keys)) {
                Some(other) => {
                    let what = format!(
                        "`{}` already does `{}` in [{}]",
                        binding.label(),
                        other.action.id(),
                        binding.context.id()
                    );
                    fault(at, what);
                }
                None => self.bindings.push(binding),
            }
        }
        faults
    }

    /// What `key` means after the keys `before`, in the first of `contexts` that knows it.
    pub fn find(&self, contexts: &[Context], before: Option<Key>, key: Key) -> Found {
        for context in contexts {
            for binding in self.bindings.iter().filter(|b| b.context == *context) {
                match (binding.keys.as_slice(), before) {
                    ([only], None) if *only == key => return Found::Action(binding.action),
                    ([first, second], Some(before)) if *first == before && *second == key => {
                        return Found::Action(binding.action);
                    }
                    ([first, _], None) if *first == key => return Found::Prefix,
                    _ => {}
                }
            }
        }
        Found::Nothing
    }

    /// The bindings of an action, those of `contexts` first, in their order.
    pub fn of(&self, action: Action, contexts: &[Context]) -> Vec<&Binding> {
        let mut found: Vec<&Binding> = self.bindings.iter().filter(|b| b.action == action).collect();
        found.sort_by_key(|b| contexts.iter().position(|c| *c == b.context).unwrap_or(contexts.len()));
        found
    }

    /// The first key of an action as seen from `contexts`, for a hint.
    pub fn label(&self, action: Action, contexts: &[Context]) -> Option<String> {
        self.of(action, contexts).into_iter().find(|b| contexts.contains(&b.context)).map(Binding::label)
    }

    /// All rows.
    pub fn bindings(&self) -> &[Binding] {
        &self.bindings
    }
}

/// Whether pressing one of them would begin or be the other.
pub fn collide(a: &[Key], b: &[Key]) -> bool {
    let shared = a.len().min(b.len());
    a[..shared] == b[..shared]
}

type Keys = Vec<(Vec<Key>, usize)>;

fn read_keys(value: &Spanned<DeValue<'_>>, context: Context, fault: &mut impl FnMut(usize, String)) -> Keys {
    let DeValue::Array(items) = value.get_ref() else {
        fault(value.span().start, "keys are a list of texts, e.g. [\"ctrl-p\", \"f2\"]".to_owned());
        return Vec::new();
    };
    let mut out = Vec::new();
    for item in items.iter() {
        let at = item.span().start;
        let DeValue::String(text) = item.get_ref() else {
            fault(at, "a key is a text, e.g. \"ctrl-p\"".to_owned());
            continue;
        };
        let keys: Result<Vec<Key>, String> = text.split(' ').map(str::parse).collect();
        match keys {
            Ok(keys) if keys.len() > 2 => fault(at, format!("`{text}`: at most two keys in a row")),
            Ok(keys) if context.is_text() && keys[0].is_text() => {
                fault(at, format!("`{text}` is text in [{}]: use a key with ctrl or alt", context.id()));
            }
            Ok(keys) => out.push((keys, at)),
            Err(what) => fault(at, what),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ours_has_no_faults_and_binds_every_action() {
        let (keymap, faults) = Keymap::ours();
        assert_eq!(faults, []);
        for action in Action::ALL {
            assert!(keymap.bindings().iter().any(|b| b.action == *action), "`{}` has no key", action.id());
        }
        let mut ids: Vec<_> = Action::ALL.iter().map(|a| a.id()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), Action::ALL.len(), "two actions share a name");
    }

    #[test]
    fn every_profile_has_no_faults_and_binds_every_action() {
        for profile in [KeyProfile::Vim, KeyProfile::Emacs] {
            let (keymap, faults) = Keymap::of_profile(profile);
            assert_eq!(faults, [], "{profile:?}");
            for action in Action::ALL {
                assert!(keymap.bindings().iter().any(|b| b.action == *action), "{profile:?}: {}", action.id());
            }
        }
    }

    #[test]
    fn the_users_file_wins_and_its_faults_name_the_line() {
        let (mut keymap, _) = Keymap::ours();
        let text = "[global]\npalette = [\"ctrl-o\"]\nfly = [\"x\"]\nquit = [\"b\"]\n\n[composer]\nsend = [\"s\"]\n[nowhere]\n";
        let faults = keymap.lay_over("mine.toml", text);
        let lines: Vec<String> = faults.iter().map(Fault::to_string).collect();
        assert!(lines.contains(&"mine.toml:3: there is no action `fly`".to_owned()), "{lines:?}");
        assert!(lines.contains(&"mine.toml:4: `b` already does `switch-business` in [global]".to_owned()), "{lines:?}");
        assert!(lines.iter().any(|l| l.starts_with("mine.toml:7: `s` is text")), "{lines:?}");
        assert!(lines.contains(&"mine.toml:8: there is no context `nowhere`".to_owned()), "{lines:?}");
        let key = |k: &str| k.parse::<Key>().unwrap();
        assert_eq!(keymap.find(&[Context::Global], None, key("ctrl-o")), Found::Action(Action::Palette));
        assert_eq!(keymap.find(&[Context::Global], None, key("ctrl-p")), Found::Nothing);
        assert_eq!(keymap.lay_over("x.toml", "[global\n")[0].line, 1);
    }

    #[test]
    fn two_keys_in_a_row() {
        let (keymap, _) = Keymap::ours();
        let key = |k: &str| k.parse::<Key>().unwrap();
        assert_eq!(keymap.find(&[Context::Inbox, Context::Global], None, key("g")), Found::Prefix);
        let found = keymap.find(&[Context::Inbox, Context::Global], Some(key("g")), key("i"));
        assert_eq!(found, Found::Action(Action::GoInbox));
    }
}
