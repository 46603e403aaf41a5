//! Color as a parameter: without it, texts have the same characters.

use anstyle::{AnsiColor, Style as Ansi};

use super::Sign;
use crate::model::Action;

/// The style of text: with or without colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// True for colour.
    pub colour: bool,
}

impl Style {
    /// Returns text in the colour of an action.
    pub fn action(self, action: Action, text: &str) -> String {
        self.sign(Sign::from(action), text)
    }

    /// Returns text in the colour of a sign.
    pub fn sign(self, sign: Sign, text: &str) -> String {
        match sign {
            Sign::Create | Sign::Adopt => self.paint(AnsiColor::Green.on_default(), text),
            Sign::Change => self.paint(AnsiColor::Yellow.on_default(), text),
            Sign::Publish => self.paint(AnsiColor::Cyan.on_default(), text),
            Sign::Delete | Sign::Replace => self.paint(AnsiColor::Red.on_default(), text),
            Sign::None => text.to_owned(),
        }
    }

    /// Returns text of a heading or result.
    pub fn strong(self, text: &str) -> String {
        self.paint(Ansi::new().bold(), text)
    }

    /// Returns text of less importance.
    pub fn faint(self, text: &str) -> String {
        self.paint(Ansi::new().dimmed(), text)
    }

    /// Returns text about a failure.
    pub fn wrong(self, text: &str) -> String {
        self.paint(AnsiColor::Red.on_default().bold(), text)
    }

    /// Returns text about a success.
    pub fn well(self, text: &str) -> String {
        self.paint(AnsiColor::Green.on_default(), text)
    }

    fn paint(self, style: Ansi, text: &str) -> String {
        if self.colour { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }
}
