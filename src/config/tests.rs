//! The settings from the outside: layers, complaints, secrets, worlds.

use std::collections::HashMap;
use std::os::unix::fs::PermissionsExt;

use secrecy::ExposeSecret;
use tempfile::TempDir;

use super::*;

const ACCOUNT: &str = "AC0123456789abcdef0123456789abcdef";
const BOXED: &str = "AC5a4db0c589abcdef0123456789abcdef";

/// A home of its own, with a config file and an environment.
struct Home {
    dir: TempDir,
    env: HashMap<String, String>,
    flags: Flags,
}

fn home(file: &str) -> Home {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("config.toml");
    std::fs::write(&path, file).unwrap();
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
    let flags = Flags { config: Some(path), state_dir: Some(dir.path().join("state")), ..Flags::default() };
    Home { dir, env: HashMap::new(), flags }
}

impl Home {
    fn env(mut self, name: &str, value: &str) -> Home {
        self.env.insert(name.to_owned(), value.to_owned());
        self
    }

    fn load(&self) -> Result<Setup, ConfigError> {
        load_with(&self.flags, &|name| self.env.get(name).cloned())
    }

    fn complaint(&self) -> String {
        self.load().unwrap_err().to_string()
    }
}

#[test]
fn later_layers_win() {
    let defaults = home("").load().unwrap().config;
    assert_eq!((defaults.limits.hold_seconds, defaults.store.cache_mb), (5, 16));
    let mut h =
        home("[limits]\nhold_seconds = 7\n[console]\nagent = \"kim\"\n[server]\ntrusted_proxies = [\"10.0.0.1\"]")
            .env("SWITCHBOARD_STORE_CACHE_MB", "8")
            .env("SWITCHBOARD_SERVER_TRUSTED_PROXIES", "127.0.0.1, 10.0.0.0/8")
            .env("SWITCHBOARD_CONSOLE_BELL", "off")
            .env("SWITCHBOARD_AGENT", "lee")
            .env("SWITCHBOARD_CONSOLE_THEME", "");
    let setup = h.load().unwrap();
    assert_eq!(setup.config.limits.hold_seconds, 7, "the file over the defaults");
    assert_eq!(setup.config.store.cache_mb, 8);
    assert_eq!(setup.config.server.trusted_proxies.len(), 2, "the environment over the file");
    assert!(!setup.config.console.bell);
    assert_eq!(setup.config.console.theme, "auto", "an empty variable is none");
    assert_eq!(setup.agent(), "lee");
    h.flags.agent = Some("sam".into());
    h.flags.listen = Some("127.0.0.1:0".into());
    let setup = h.load().unwrap();
    assert_eq!(setup.agent(), "sam", "a flag over the environment");
    assert_eq!(setup.config.server.listen.unwrap().port(), 0);
}

#[test]
fn a_slip_is_named_with_its_line_and_the_nearest_key() {
    let cases = [
        ("\n[server]\nlitsen = \"x\"", "line 3: there is no setting `server.litsen`; did you mean `server.listen`?"),
        ("[severs]\nlisten = \"x\"", "line 1: there is no setting `severs`; did you mean `server`?"),
        ("[console]\nlisten = \"x\"", "line 2: there is no setting `console.listen`; did you mean `server.listen`?"),
        ("account_sid = \"x\"", "line 1: there is no setting `account_sid`; did you mean `twilio.account_sid`?"),
        ("[log]\nzebra = 1", "line 2: there is no setting `log.zebra`; config.example.toml lists them all"),
        ("[limits]\nhold_seconds = \"7\"", "line 2: `limits.hold_seconds` takes a whole number"),
        ("[limits]\n\nhold_seconds = 31", "line 3: `limits.hold_seconds` is from 0 to 30 seconds"),
        ("[server]\nlisten = \"here\"", "line 2: `server.listen` is not right: invalid socket address syntax"),
        ("[console]\nquiet_hours = \"late\"", "line 2: `console.quiet_hours` is not right: is two times"),
        ("[twilio]\naccount_sid = \"SK0123456789abcdef0123456789abcdef\"", "it begins with AC"),
        ("[log]\nlevel = \"=loud=\"", "line 2: `log.level` takes error, warn"),
        ("[log]\nlevel = ", "config.toml, line 2: "),
    ];
    for (file, part) in cases {
        let said = home(file).complaint();
        assert!(said.contains(part), "{file:?} -> {said}");
        assert_eq!(said.lines().count(), 1, "one sentence: {said}");
    }
    let said = home("").env("SWITCHBOARD_LIMITS_HOLD_SECONDS", "soon").complaint();
    assert_eq!(said, "SWITCHBOARD_LIMITS_HOLD_SECONDS: `limits.hold_seconds` takes a whole number");
    let mut h = home("");
    h.flags.config = Some(h.dir.path().join("none.toml"));
    assert!(h.complaint().contains("none.toml cannot be read"));
}

#[test]
fn secrets_come_from_the_environment_then_a_file_then_a_command() {
    let token = |h: &Home| h.load().unwrap().config.twilio.credentials().unwrap().unwrap().auth_token;
    let both = format!(
        "[twilio]\naccount_sid = \"{ACCOUNT}\"\nauth_token = \"in-config\"\nauth_token_file = \"token\"\nauth_token_cmd = \"echo ' by-command '\""
    );
    let h = home(&both);
    std::fs::write(h.dir.path().join("token"), "in-file\n").unwrap();
    assert_eq!(token(&h).expose_secret(), "in-file");
    let h = home(&both.replace("auth_token_file = \"token\"\n", ""));
    assert_eq!(token(&h).expose_secret(), "by-command");
    let h = home(&both).env("TWILIO_AUTH_TOKEN", "in-env").env("TWILIO_AUTH_TOKEN_FILE", "/nowhere");
    assert_eq!(token(&h).expose_secret(), "in-env");
    let h = home(&both).env("TWILIO_AUTH_TOKEN_CMD", "echo env-command");
    assert_eq!(token(&h).expose_secret(), "env-command", "the environment's command over the file's file");
    assert!(!format!("{:?}", h.load().unwrap()).contains("in-config"));
}

#[test]
fn a_second_token_is_there_for_a_rotation() {
    let keys = "auth_token = \"new\"\nother_auth_token_file = \"other\"";
    let h = home(&format!("[twilio]\naccount_sid = \"{ACCOUNT}\"\n{keys}"));
    std::fs::write(h.dir.path().join("other"), "old\n").unwrap();
    let credentials = |h: &Home| h.load().unwrap().config.twilio.credentials().unwrap().unwrap();
    let found = credentials(&h);
    assert_eq!((found.auth_token.expose_secret(), found.other_auth_token.unwrap().expose_secret()), ("new", "old"));
    let h = h.env("TWILIO_OTHER_AUTH_TOKEN", "from-env");
    assert_eq!(credentials(&h).other_auth_token.unwrap().expose_secret(), "from-env");
}

#[test]
fn a_failing_secret_is_a_sentence_and_never_the_secret() {
    let fetch = |keys: &str| {
        let h = home(&format!("[twilio]\naccount_sid = \"{ACCOUNT}\"\n{keys}"));
        h.load().unwrap().config.twilio.credentials().unwrap_err().to_string()
    };
    let said = fetch("auth_token_cmd = \"echo locked >&2; exit 3\"");
    assert_eq!(said, "`twilio.auth_token_cmd` failed (exit status: 3); it said: locked");
    assert!(fetch("auth_token_file = \"/nowhere/token\"").contains("/nowhere/token, which cannot be read"));
    assert_eq!(fetch("auth_token_cmd = \"true\""), "`twilio.auth_token_cmd` is empty");
    assert!(fetch("auth_token = \"two words\"").contains("is it the secret alone?"));
    let number = home(&format!("[twilio]\naccount_sid = \"{ACCOUNT}\"\nauth_token = 123456")).complaint();
    assert!(number.contains("takes a text in quotes") && !number.contains("123456"), "{number}");
}

#[test]
fn a_config_file_with_a_secret_must_be_closed_to_others() {
    let h = home(&format!("[twilio]\naccount_sid = \"{ACCOUNT}\"\nauth_token = \"t\""));
    let file = h.flags.config.clone().unwrap();
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o640)).unwrap();
    let said = h.complaint();
    assert!(said.contains("mode 640") && said.contains("chmod 600"), "{said}");
    std::fs::write(&file, "[log]\nlevel = \"info\"").unwrap();
    h.load().expect("without a secret anybody may read it");
}

#[test]
fn the_world_follows_from_account_and_address() {
    let with = |account: &str, base: &str| {
        let h = home("").env("TWILIO_ACCOUNT_SID", account).env("TWILIO_BASE_URL", base);
        if account.is_empty() { h } else { h.env("TWILIO_AUTH_TOKEN", "t") }
    };
    let here = "http://127.0.0.1:4010";
    assert_eq!(with("", "").load().unwrap().world, World::Sandbox);
    let live = with(ACCOUNT, "").load().unwrap();
    assert!(live.world.is_live());
    assert!(live.paths.state.ends_with(format!("live-{ACCOUNT}")));
    let other = with(BOXED, here).load().unwrap();
    assert!(matches!(other.world, World::OtherSandbox { .. }));
    assert_ne!(other.paths.state, with("", "").load().unwrap().paths.state);
    assert!(with(ACCOUNT, here).complaint().contains("is a real account"));
    assert!(with(BOXED, "").complaint().contains("is a sandbox's account"));
    assert!(with(BOXED, "https://example.com").complaint().contains("not on this machine"));
    assert!(with("", here).complaint().contains("no credentials for it"));
    let half = home("").env("TWILIO_ACCOUNT_SID", ACCOUNT).complaint();
    assert!(half.contains("`twilio.auth_token` is missing"), "{half}");
    assert!(home("").env("TWILIO_AUTH_TOKEN", "t").complaint().contains("`twilio.account_sid` is missing"));
    let key = home("").env("TWILIO_ACCOUNT_SID", ACCOUNT).env("TWILIO_AUTH_TOKEN", "t");
    assert!(key.env("TWILIO_API_KEY", "SK0123456789abcdef0123456789abcdef").complaint().contains("needs its secret"));
}

#[test]
fn directories_are_made_for_their_owner_only() {
    let h = home("");
    let setup = h.load().unwrap();
    assert!(!setup.paths.root.exists(), "loading makes nothing");
    setup.paths.create().unwrap();
    for dir in [&setup.paths.state, &setup.paths.data, &setup.paths.log] {
        assert_eq!(std::fs::metadata(dir).unwrap().permissions().mode() & 0o777, 0o700, "{}", dir.display());
    }
}

#[test]
fn quiet_hours_may_go_over_midnight() {
    let at = |t: &str| t.parse::<jiff::civil::Time>().unwrap();
    let night: QuietHours = "22:00-07:00".parse().unwrap();
    assert!(night.holds(at("23:30")) && night.holds(at("06:59")) && !night.holds(at("07:00")));
    let noon: QuietHours = "12:00 - 13:30".parse().unwrap();
    assert!(noon.holds(at("12:00")) && !noon.holds(at("13:30")));
    assert!("7-22".parse::<QuietHours>().is_err());
}

/// The settings of the example, taken out of their comments.
fn example() -> String {
    let line = |l: &str| match l.strip_prefix('#') {
        Some(rest) if rest.starts_with(|c: char| c.is_ascii_lowercase()) && rest.contains(" = ") => rest.to_owned(),
        _ => l.to_owned(),
    };
    include_str!("../../config.example.toml").lines().map(|l| line(l) + "\n").collect()
}

#[test]
fn the_example_has_every_setting_and_nothing_else() {
    let text = example();
    let table: toml::Table = toml::from_str(&text).unwrap();
    let mut listed: Vec<String> = table
        .iter()
        .flat_map(|(section, keys)| keys.as_table().unwrap().keys().map(move |k| format!("{section}.{k}")))
        .collect();
    let mut known: Vec<String> = keys().iter().map(Key::full).collect();
    listed.sort();
    known.sort();
    assert_eq!(listed, known);
    assert!(keys().iter().all(|k| !k.meaning.is_empty()));
    // Each value passes the same checks as a user's; live credentials and a sandbox exclude each other.
    let live = text.replace("base_url", "#base_url");
    let setup = home(&live).load().unwrap();
    assert!(setup.world.is_live());
    assert_eq!(setup.config.console.keymap, setup.file.map(|f| f.with_file_name("keymap.toml")));
    assert!(home(&text).complaint().contains("is a real account"));
}

#[test]
fn the_example_shows_the_values_that_are_built_in() {
    let built_in = Config::default();
    let setup = home(&example().replace("base_url", "#base_url")).load().unwrap().config;
    assert_eq!(setup.store.cache_mb, built_in.store.cache_mb);
    assert_eq!(setup.console.theme, built_in.console.theme);
    assert_eq!(setup.console.notify, built_in.console.notify);
    assert_eq!(setup.console.notify_when, built_in.console.notify_when);
    assert_eq!((setup.console.mouse, setup.console.bell), (built_in.console.mouse, built_in.console.bell));
    assert_eq!(setup.limits.hold_seconds, built_in.limits.hold_seconds);
    assert_eq!(setup.limits.intake_backlog, built_in.limits.intake_backlog);
    assert_eq!(setup.limits.media_mb, built_in.limits.media_mb);
    assert_eq!(setup.log.level, built_in.log.level);
    assert_eq!(setup.server.listen, Some(Server::LIVE_LISTEN));
}

#[test]
fn the_variables_have_the_names_people_know() {
    let names: Vec<String> = keys().iter().map(Key::env).collect();
    for name in [
        "TWILIO_ACCOUNT_SID",
        "TWILIO_AUTH_TOKEN",
        "TWILIO_PHONE_NUMBER",
        "TWILIO_VERIFY_SERVICE_SID",
        "TWILIO_API_KEY",
        "TWILIO_API_SECRET",
        "SWITCHBOARD_AGENT",
        "SWITCHBOARD_SERVER_PUBLIC_URL",
    ] {
        assert!(names.iter().any(|n| n == name), "{name}");
    }
}
