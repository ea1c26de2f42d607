//! The options that all commands share, and the commands that are not operations.

use std::path::PathBuf;

use clap::{ArgMatches, CommandFactory, FromArgMatches, Parser, Subcommand};
use url::Url;

use super::exit::Failure;
use super::export::Ask as ExportAsk;
use super::run::{TailAsk, TriggerAsk};
use crate::config::Flags;
use crate::domain::id::Id;

const AFTER_HELP: &str = "Without a command the console opens. Without credentials it runs in the built-in \
sandbox, where nothing reaches anybody. Operations go to the node that runs on this machine, or to --connect.

Exit codes: 0 done; 1 refused or failed; 2 wrong command line, setting or input; 3 no node reached, or its \
answer was lost; 4 a yes is needed (repeat with --yes).";

/// A terminal console for businesses that talk to their customers through Twilio.
#[derive(Debug, Parser)]
#[command(name = "switchboard", version, after_help = AFTER_HELP, disable_help_subcommand = true)]
struct Cli {
    #[command(flatten)]
    globals: Globals,
    #[command(subcommand)]
    command: Option<Command>,
}

/// The languages that a request can be written down in.
const CODES: [&str; 7] = ["switchboard", "curl", "node", "python", "twilio-curl", "twilio-node", "twilio-python"];

/// The options that all commands share.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Everywhere")]
pub struct Globals {
    /// Your handle: what colleagues see and the audit log names
    #[arg(long, global = true, value_name = "HANDLE")]
    pub agent: Option<String>,
    /// The business meant, by id or name; your default one when absent
    #[arg(long, global = true, value_name = "BUSINESS")]
    pub business: Option<String>,
    /// The config file, instead of the usual one [env: SWITCHBOARD_CONFIG]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Where state lies, instead of the usual place [env: SWITCHBOARD_STATE_DIR]
    #[arg(long, global = true, value_name = "DIR")]
    pub state_dir: Option<PathBuf>,
    /// Print JSON for programs
    #[arg(long, global = true)]
    pub json: bool,
    /// Print what would be asked as code, and ask nothing; `messages upstream` knows Twilio's SDKs, too
    #[arg(long = "as", global = true, value_name = "LANGUAGE", value_parser = CODES)]
    pub as_code: Option<String>,
    /// Say yes to whatever would be asked
    #[arg(long, global = true)]
    pub yes: bool,
    /// A node elsewhere, instead of the one on this machine; its token is in SWITCHBOARD_TOKEN
    #[arg(long, global = true, value_name = "URL")]
    pub connect: Option<Url>,
    /// A file that holds the token for --connect
    #[arg(long, global = true, value_name = "FILE", requires = "connect")]
    pub token_file: Option<PathBuf>,
}

impl Globals {
    /// What of it belongs to the settings.
    pub fn flags(&self, listen: Option<String>) -> Flags {
        Flags { config: self.config.clone(), state_dir: self.state_dir.clone(), agent: self.agent.clone(), listen }
    }
}

/// The commands that start or make something, rather than ask a node.
#[derive(Debug, Clone, PartialEq, Subcommand)]
pub enum Command {
    /// Open the console (the same as no command); with --connect, on a node elsewhere
    Console {
        /// Print lines and read lines instead of drawing a screen: for screen readers; `help` says what can be written
        #[arg(long)]
        lines: bool,
    },
    /// Run a node without a screen: receiver, API and workers
    Serve {
        /// Address and port; port 0 takes a free one
        #[arg(long, value_name = "ADDR")]
        listen: Option<String>,
    },
    /// Run the simulated Twilio by itself, for the tests of other programs
    Sandbox {
        /// Address and port on this machine; port 0 takes a free one
        #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
        listen: String,
        /// Same seed: same SIDs, codes and timings
        #[arg(long, value_name = "NUMBER")]
        seed: Option<u64>,
        /// Begin afresh with the world of a TOML file, or one of a name (fresh, senders)
        #[arg(long, value_name = "FILE")]
        scenario: Option<String>,
    },
    /// Replace the sandbox's world by a fresh, named one (never live)
    Seed {
        /// Which one
        name: String,
    },
    /// Point a number's webhooks here as long as this runs, and show them as they come
    Listen {
        /// The number; the default business's own when absent
        #[arg(long, value_name = "NUMBER")]
        number: Option<String>,
        /// A messaging service instead
        #[arg(long, value_name = "MG...", conflicts_with = "number")]
        service: Option<String>,
        /// Pass each webhook on to another program, signed anew for its address
        #[arg(long, value_name = "URL")]
        forward_to: Option<Url>,
        /// Show the numbers of customers in full
        #[arg(long)]
        show_private: bool,
    },
    /// Send a webhook as Twilio would, rightly signed, and print the answer
    Trigger(TriggerAsk),
    /// Follow what happens; on a terminal Space pauses, f filters, q ends
    Tail(TailAsk),
    /// Look at settings, files, store, terminal, node and Twilio, and say what is wrong and what to do
    Doctor {
        /// Put right what is safe; with --yes also point the account's numbers here
        #[arg(long)]
        fix: bool,
    },
    /// Write a conversation out as text, JSON or CSV
    Export(ExportAsk),
    /// On media: list, show, retry, save
    #[command(subcommand, disable_help_subcommand = true)]
    Media(Media),
    /// Print the completions of a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page, or write one for each command
    Man {
        /// Write all pages into this directory
        #[arg(long, value_name = "DIR")]
        dir: Option<PathBuf>,
    },
}

/// What can be done with files beside the operations.
#[derive(Debug, Clone, PartialEq, Subcommand)]
pub enum Media {
    /// Write a picture or other file of a message to a file of yours
    Save {
        /// The message
        message: Id,
        /// Which file, from 0
        #[arg(default_value_t = 0)]
        index: u32,
        /// Where to; its own name in this directory when absent
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
        /// Replace a file that is there
        #[arg(long)]
        force: bool,
    },
}

impl Command {
    /// The one that was given; none at all opens the console.
    pub(super) fn chosen(matches: &ArgMatches) -> Result<Command, Failure> {
        if matches.subcommand().is_none() {
            return Ok(Command::Console { lines: false });
        }
        Command::from_arg_matches(matches).map_err(|e| Failure::usage(e.to_string()))
    }
}

/// The commands above, for the operations to be added to.
pub(super) fn command() -> clap::Command {
    Cli::command()
}
