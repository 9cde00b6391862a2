//! The XML declaration.

use super::{characters::is_blank, input::Encoding};

/// What a declaration says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Declaration<'t> {
    pub(super) encoding: Option<&'t str>,
    /// Whether it is the first version, or a later one that promises to be read like it.
    pub(super) is_version_known: bool,
    /// Whether it is as the grammar says.
    pub(super) is_sound: bool,
}

impl<'t> Declaration<'t> {
    /// Reads what follows `<?xml`, without the end.
    pub(super) fn read(text: &'t str) -> Self {
        let mut settings = Settings(text).peekable();
        let mut take = |wanted: &str| match settings.peek() {
            Some(Some((name, value))) if *name == wanted => {
                let value = *value;
                settings.next();
                Some(value)
            }
            _ => None,
        };
        let (version, encoding, standalone) = (take("version"), take("encoding"), take("standalone"));
        let begins = |name: &str| name.starts_with(|first: char| first.is_ascii_alphabetic());
        let is_sound = version.is_some()
            && encoding.is_none_or(begins)
            && standalone.is_none_or(|value| matches!(value, "yes" | "no"))
            && settings.next().is_none();
        Self { encoding, is_version_known: version.is_some_and(is_version), is_sound }
    }
}

/// The settings ` name = "value"` one after the other. Where there is none, there is nothing else, either.
struct Settings<'t>(&'t str);

impl<'t> Iterator for Settings<'t> {
    type Item = Option<(&'t str, &'t str)>;

    fn next(&mut self) -> Option<Self::Item> {
        let written = self.0.trim_start_matches(blank);
        if written.is_empty() {
            return None;
        }
        let is_divided = written.len() < self.0.len();
        let setting = setting(written).filter(|_| is_divided);
        self.0 = setting.map_or("", |(_, _, rest)| rest);
        Some(setting.map(|(name, value, _)| (name, value)))
    }
}

/// A setting and what follows it.
fn setting(written: &str) -> Option<(&str, &str, &str)> {
    let (name, value) = written.split_once('=')?;
    let (name, value) = (name.trim_end_matches(blank), value.trim_start_matches(blank));
    let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    let (value, rest) = value.get(1..)?.split_once(quote)?;
    let permitted = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    value.bytes().all(permitted).then_some((name, value, rest))
}

/// How the declared encoding fits the one in use, which the first bytes told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fit {
    Well,
    /// As long as no character beyond ASCII follows.
    InAscii,
    Contradicts,
    Unknown,
}

/// Judges the name of an encoding.
pub(super) fn fit(name: &str, encoding: Encoding) -> Fit {
    let (known, fit) = match name.to_ascii_lowercase().as_str() {
        "utf-8" => (encoding == Encoding::Utf8, Fit::Well),
        "utf-16" => (encoding != Encoding::Utf8, Fit::Well),
        "utf-16le" => (encoding == Encoding::Utf16 { big_endian: false }, Fit::Well),
        "utf-16be" => (encoding == Encoding::Utf16 { big_endian: true }, Fit::Well),
        // `utf8` is the name of no encoding; parsers that do not refuse it read ASCII.
        "us-ascii" | "ascii" | "utf8" => (encoding == Encoding::Utf8, Fit::InAscii),
        _ => return Fit::Unknown,
    };
    if known { fit } else { Fit::Contradicts }
}

fn is_version(version: &str) -> bool {
    let minor = version.strip_prefix("1.");
    minor.is_some_and(|minor| !minor.is_empty() && minor.bytes().all(|byte| byte.is_ascii_digit()))
}

fn blank(character: char) -> bool {
    u8::try_from(character).is_ok_and(is_blank)
}
