//! Colour as a parameter: every text reads the same without it.

use anstyle::{AnsiColor, Style as Ansi};

use crate::model::Action;

/// The style of text: with or without colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// True for colour.
    pub colour: bool,
}

impl Style {
    /// Text in the colour that an action has everywhere.
    pub fn action(self, action: Action, text: &str) -> String {
        let colour = match action {
            Action::Create | Action::Adopt => AnsiColor::Green,
            Action::Update => AnsiColor::Yellow,
            Action::Replace | Action::Delete => AnsiColor::Red,
            Action::Keep => return text.to_owned(),
        };
        self.paint(colour.on_default(), text)
    }

    /// Text that is heading or result.
    pub fn strong(self, text: &str) -> String {
        self.paint(Ansi::new().bold(), text)
    }

    /// Text beside the point.
    pub fn faint(self, text: &str) -> String {
        self.paint(Ansi::new().dimmed(), text)
    }

    /// Text that says that something is wrong.
    pub fn wrong(self, text: &str) -> String {
        self.paint(AnsiColor::Red.on_default().bold(), text)
    }

    /// Text that says that something is well.
    pub fn well(self, text: &str) -> String {
        self.paint(AnsiColor::Green.on_default(), text)
    }

    fn paint(self, style: Ansi, text: &str) -> String {
        if self.colour { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }
}
