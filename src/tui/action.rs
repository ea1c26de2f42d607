//! Everything that a person can ask the console to do, once.
//!
//! The keymap, the hints, the help and the palette all list these rows; none of them has a list of
//! its own.

/// Where an action stands in help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// Everywhere.
    General,
    /// Moving about.
    Move,
    /// The list of conversations.
    Inbox,
    /// One conversation.
    Conversation,
    /// Writing.
    Write,
    /// Codes that are sent and checked.
    Verification,
    /// What the figures say.
    Dashboard,
    /// Webhooks, numbers, what is put off.
    Upkeep,
    /// The businesses.
    Business,
    /// The sandbox's phones and clock.
    Sandbox,
}

impl Group {
    /// Its heading.
    pub fn title(self) -> &'static str {
        match self {
            Group::General => "Everywhere",
            Group::Move => "Moving",
            Group::Inbox => "Inbox",
            Group::Conversation => "Conversation",
            Group::Write => "Writing",
            Group::Verification => "Verification",
            Group::Dashboard => "Dashboard",
            Group::Upkeep => "Webhooks and upkeep",
            Group::Business => "Businesses",
            Group::Sandbox => "Sandbox",
        }
    }
}

macro_rules! actions {
    ($($group:ident { $($name:ident $id:literal $title:literal;)* })*) => {
        /// What can be asked for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Action { $($(#[doc = $title] $name),*),* }

        impl Action {
            /// All of them, in the order of help.
            pub const ALL: &[Action] = &[$($(Action::$name),*),*];

            /// Its name in the keymap.
            pub fn id(self) -> &'static str {
                match self { $($(Action::$name => $id),*),* }
            }

            /// What it does, for a person.
            pub fn title(self) -> &'static str {
                match self { $($(Action::$name => $title),*),* }
            }

            /// The same in a word or two, for a hint.
            pub fn hint(self) -> &'static str {
                self.title().split([',', ';']).next().unwrap_or_default()
            }

            /// Where it stands in help.
            pub fn group(self) -> Group {
                match self { $($(Action::$name => Group::$group),*),* }
            }
        }
    };
}

actions! {
    General {
        Palette "palette" "commands";
        Help "help" "help";
        Manual "manual" "read about the sandbox";
        Said "said" "read again, what the foot of the screen said";
        Back "back" "back, close";
        NextPane "next-pane" "next pane";
        PreviousPane "previous-pane" "previous pane";
        GoInbox "go-inbox" "go to the inbox";
        GoPhones "go-phones" "go to the phones";
        GoBusinesses "go-businesses" "go to the businesses";
        GoEvents "go-events" "go to the events";
        GoAudit "go-audit" "go to the audit log, who did what";
        GoWebhooks "go-webhooks" "go to the webhooks";
        GoLetters "go-letters" "go to the dead letters";
        GoKeeping "go-keeping" "go to the upkeep, how far it has kept up";
        GoNumbers "go-numbers" "go to the numbers";
        GoLater "go-later" "go to what is put off";
        GoHeld "go-held" "go to what asks whether it shall go";
        GoTester "go-tester" "go to the tester of codes";
        GoAttempts "go-attempts" "go to the attempts, every code that was sent";
        GoDashboard "go-dashboard" "go to the dashboard";
        GoPreferences "go-preferences" "go to the settings";
        GoKeys "go-keys" "go to the keys";
        ResetKey "reset-key" "built-in keys, give them back to this action";
        Behind "behind" "behind it, as request and code";
        Older "older" "older, the request before";
        Newer "newer" "newer, the request after";
        Privacy "privacy" "privacy, mask numbers and texts";
        Lock "lock" "lock the console";
        SwitchBusiness "switch-business" "switch business";
        ChooseTheme "choose-theme" "choose a theme";
        ToggleMouse "toggle-mouse" "mouse on or off";
        Redraw "redraw" "draw the screen again";
        Quit "quit" "quit";
    }
    Move {
        Up "up" "up";
        Down "down" "down";
        PageUp "page-up" "page up";
        PageDown "page-down" "page down";
        First "first" "to the first";
        Last "last" "to the last";
        NextField "next-field" "next field";
        PreviousField "previous-field" "previous field";
        Open "open" "open, accept";
    }
    Inbox {
        TabMine "tab-mine" "tab Mine";
        TabUnassigned "tab-unassigned" "tab Unassigned";
        TabAll "tab-all" "tab All";
        TabWaiting "tab-waiting" "tab Waiting";
        TabFailed "tab-failed" "tab Failed";
        TabSnoozed "tab-snoozed" "tab Snoozed";
        View1 "view-1" "first view, a query that was saved";
        View2 "view-2" "second view";
        View3 "view-3" "third view";
        SaveView "save-view" "save this query, as a view with a key";
        NextTab "next-tab" "next tab";
        PreviousTab "previous-tab" "previous tab";
        Filter "filter" "find";
        Mark "mark" "mark, and go on";
        MarkAll "mark-all" "mark all in view";
        NextWaiting "next-waiting" "next waiting, who waits longest";
        NewMessage "new-message" "text somebody new";
    }
    Conversation {
        Assign "assign" "assign";
        Resolve "resolve" "resolve";
        Reopen "reopen" "reopen";
        Snooze "snooze" "snooze";
        Label "label" "label";
        UndoStatus "undo-status" "undo resolve or snooze";
        NameContact "name-contact" "name the person";
        ShowContact "contact" "contact, what is known of the person";
        Why "why" "why it failed; else help";
        Retry "retry" "retry, the failed message";
        OpenFile "open-file" "open file, of this message";
        SaveFile "save-file" "save file, of this message";
        Copy "copy" "copy, the message or the page";
        Pipe "pipe" "pipe, this or all of it through a command";
        ChangeLater "change-later" "change, a text that waits";
    }
    Write {
        Write "write" "write";
        Note "note" "note";
        Send "send" "send";
        Newline "newline" "new line";
        UndoSend "undo-send" "undo, take back what is being sent";
        PlainLetters "plain-letters" "make it GSM-7";
        SendLater "send-later" "send later";
        Template "template" "template, of those that WhatsApp has approved";
        Attach "attach" "attach a file";
        Detach "detach" "take off, the file attached last";
        EditOutside "edit-outside" "write in $EDITOR";
    }
    Verification {
        SendCode "send-code" "send, the code";
        TypeCode "type-code" "type the code";
        CheckCode "check-code" "check, the code";
        RightCode "right-code" "right, the code from the phone";
        WrongCode "wrong-code" "wrong, a code on purpose";
        ResendCode "resend-code" "resend, this code again";
        CancelCode "cancel-code" "cancel, the pending code";
        FallBack "fall-back" "fallback, to another channel";
        ApproveCode "approve-code" "approve, without a code";
        EditTest "edit-test" "new test, whom and what";
        MoreFields "more-fields" "more fields, limits, payment, tags";
        ShowTemplates "templates" "templates, how each is used";
        LookUp "look-up" "look up, what kind of line it is";
        Matrix "matrix" "matrix, every channel in every language";
        RunMatrix "run-matrix" "run, every cell of the matrix";
        SaveMatrix "save-matrix" "save as, the matrix";
        OpenMatrix "open-matrix" "open another, a matrix that is kept";
        Rehearse "rehearse" "rehearse, where limits bite in a burst";
        CellLeft "cell-left" "the channel to the left";
        CellRight "cell-right" "the channel to the right";
    }
    Dashboard {
        SplitBy "split-by" "split, by the next thing";
        Earlier "earlier" "earlier, the time before";
        LaterOn "later-on" "later, the time after";
        ShorterRange "shorter-range" "shorter, a shorter time";
        LongerRange "longer-range" "longer, a longer time";
        OwnDates "own-dates" "dates, of your own";
        AsTable "as-table" "table, or the chart again";
        HeatNumbers "heat-numbers" "numbers, in the hours of the week";
        ExportReport "export-report" "report, of this time, into a file";
        EveryBusiness "every-business" "all businesses, or the one again";
    }
    Upkeep {
        ExportAudit "export-audit" "export, the audit log into a file";
        Follow "follow" "follow, the newest";
        ReplayLetter "replay" "replay, take this webhook in";
        ReplayAll "replay-all" "replay all, of this reason";
        Sweep "sweep" "ask Twilio, for what no webhook brought";
        StartImport "import" "import, what was said before";
        StopImport "stop-import" "stop the import";
        PointNumber "point" "point here, this number's webhooks";
        UnpointNumber "unpoint" "bring back, where they went before";
        Reschedule "reschedule" "reschedule, a text that waits";
        CancelLater "cancel-later" "cancel, a text that waits";
        Release "release" "send now, a text that asks";
        ChangeHeld "change-held" "edit, a text that asks";
        CancelHeld "cancel-held" "drop, a text that asks";
    }
    Business {
        NewBusiness "new-business" "new, a business";
        EditBusiness "edit-business" "change, the business";
        SetUpBusiness "set-up-business" "set up, at Twilio, or go on with it";
        ActivateBusiness "activate-business" "deactivate or activate";
        DeleteBusiness "delete-business" "delete, the business";
    }
    Sandbox {
        TogglePhones "toggle-phones" "show or hide the phones";
        TextIn "text-in" "text in, from this phone";
        NewPhone "new-phone" "another phone";
        Faults "faults" "faults, what shall go wrong next";
        Outcome "outcome" "outcome, what becomes of messages";
        MoveClock "move-clock" "time machine, move the clock";
        PauseClock "pause-clock" "stop or start the clock";
    }
}
