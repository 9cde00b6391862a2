//! Where a target leads.

use crate::zip;

/// The kind of place a target names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// http or https.
    Web,
    /// mailto.
    Mail,
    /// A place in the same document.
    Here,
    /// A path without a scheme, relative to the document.
    Relative,
    /// A path on the computer of the reader.
    Local,
    /// A file server.
    Unc,
    /// Any other scheme.
    Other,
}

impl Place {
    /// Whether a hyperlink may lead there without a word.
    pub(crate) fn suits_a_hyperlink(self) -> bool {
        matches!(self, Self::Web | Self::Mail | Self::Here)
    }
}

/// What Office does with a target: percent-encoding is decoded, control characters are left out, both
/// slashes are the same.
pub(crate) fn place(target: &str) -> Place {
    let mut decoded = zip::percent_decoded(target);
    decoded.retain(|character| !character.is_control());
    let text = decoded.replace('\\', "/");
    let text = text.trim();
    if text.is_empty() || text.starts_with('#') {
        return Place::Here;
    }
    if let Some(path) = text.strip_prefix("//") {
        return server_or_device(path);
    }
    let Some((scheme, rest)) = text.split_once(':').filter(|(scheme, _)| is_scheme(scheme)) else {
        return if text.starts_with('/') { Place::Local } else { Place::Relative };
    };
    match scheme.to_ascii_lowercase().as_str() {
        "http" | "https" => Place::Web,
        "mailto" => Place::Mail,
        "file" if decoded.contains(":/\\\\") => Place::Unc,
        "file" => file(rest),
        scheme if scheme.len() == 1 => Place::Local,
        _ => Place::Other,
    }
}

fn is_scheme(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next().is_some_and(|first| first.is_ascii_alphabetic())
        && characters.all(|other| other.is_ascii_alphanumeric() || matches!(other, '+' | '-' | '.'))
}

/// What follows `file:`, with forward slashes.
fn file(rest: &str) -> Place {
    let path = rest.trim_start_matches('/');
    match rest.len() - path.len() {
        0 | 1 | 3 => Place::Local,
        2 if is_drive(path) || matches!(first_segment(path), "localhost" | "127.0.0.1" | ".") => Place::Local,
        // Word for Mac writes four slashes before the folders of the root.
        4 if ["Users", "Applications", "Library", "Volumes", "private", "home", "tmp"]
            .contains(&first_segment(path)) =>
        {
            Place::Local
        }
        _ => server_or_device(path),
    }
}

/// What follows two slashes: a server, or a device path such as `//?/C:/`.
fn server_or_device(path: &str) -> Place {
    let path = path.trim_start_matches('/');
    if is_drive(path) {
        return Place::Local;
    }
    let Some(device) = path.strip_prefix("?/").or_else(|| path.strip_prefix("./")) else { return Place::Unc };
    let local = is_drive(device) || first_segment(device).eq_ignore_ascii_case("pipe");
    if local { Place::Local } else { Place::Unc }
}

fn first_segment(path: &str) -> &str {
    path.split('/').next().unwrap_or_default()
}

fn is_drive(path: &str) -> bool {
    matches!(path.as_bytes(), [letter, b':' | b'|', ..] if letter.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_lead_where_office_would_go() {
        use Place::{Here, Local, Mail, Other, Relative, Unc, Web};
        for (target, expected) in [
            ("https://example.com/a", Web),
            (" HTTP://example.com", Web),
            ("mailto:ana@example.com", Mail),
            ("#Sheet1!A1", Here),
            ("", Here),
            ("Normal.dotm", Relative),
            ("../a.xlsx", Relative),
            ("/Users/a/b.xlsx", Local),
            ("C:\\a\\b.xlsx", Local),
            ("file:///C:\\a\\b.dotm", Local),
            ("file:///C:/a%20b.dotm", Local),
            ("file://localhost/Users/a", Local),
            ("file:////Users/a/Normal.dotm", Local),
            ("\\\\?\\C:\\a", Local),
            ("\\\\.\\pipe\\sql\\query", Local),
            ("\\\\server\\share\\a", Unc),
            ("//server/share", Unc),
            ("%5c%5cserver%5cshare", Unc),
            ("file://server/share", Unc),
            ("file:////server/share", Unc),
            ("file:///\\\\server\\share\\a", Unc),
            ("file:\\\\server\\share", Unc),
            ("file:/\\\\server\\share", Unc),
            ("ht\ttp://example.com", Web),
            ("java\nscript:x", Other),
            ("\\\\?\\UNC\\server\\share", Unc),
            ("javascript:alert(1)", Other),
            ("ms-msdt:/id", Other),
            ("ftp://example.com", Other),
        ] {
            assert_eq!(place(target), expected, "{target}");
        }
    }
}
