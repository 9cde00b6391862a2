//! `Content-Disposition: attachment` with a name that every client saves the same (RFC 6266, RFC 8187).

use http::HeaderValue;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Everything but `attr-char` of RFC 8187.
const NO_ATTR_CHAR: AsciiSet = NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

/// The header for a file called `name`: an ASCII stand-in for old clients, and the name itself in UTF-8.
/// Whatever could end the quoted text, start a header line or turn the reading direction is encoded.
#[must_use]
pub(crate) fn attachment(name: &str) -> HeaderValue {
    let plain: String = name.chars().map(|c| if is_plain(c) { c } else { '_' }).collect();
    let encoded = utf8_percent_encode(name, &NO_ATTR_CHAR);
    HeaderValue::from_str(&format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}"))
        .unwrap_or(HeaderValue::from_static("attachment"))
}

/// `%` is left out because some clients decode it even in a quoted text.
fn is_plain(c: char) -> bool {
    matches!(c, ' '..='~') && !matches!(c, '"' | '\\' | '%' | '/')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(name: &str) -> String {
        attachment(name).to_str().expect("ASCII").to_owned()
    }

    #[test]
    fn a_plain_name_is_itself_twice() {
        assert_eq!(
            header("Q3 report.docx"),
            "attachment; filename=\"Q3 report.docx\"; filename*=UTF-8''Q3%20report.docx"
        );
    }

    #[test]
    fn other_scripts_and_pictures_survive() {
        assert_eq!(
            header("Übersicht 📈.xlsx"),
            "attachment; filename=\"_bersicht _.xlsx\"; filename*=UTF-8''%C3%9Cbersicht%20%F0%9F%93%88.xlsx"
        );
    }

    #[test]
    fn nothing_breaks_out_of_the_header() {
        let header = header("a\";x=\"b\r\nSet-Cookie: c\u{202E}%22.docx");
        assert!(!header.contains(['\r', '\n']));
        assert_eq!(header.matches('"').count(), 2, "{header}");
        assert!(header.contains("filename=\"a_;x=_b__Set-Cookie: c__22.docx\""), "{header}");
    }
}
