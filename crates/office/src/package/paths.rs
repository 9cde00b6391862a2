//! Paths of somebody's computer in the descriptions of pictures and shapes.

/// The elements that describe what is drawn, in DrawingML and VML.
pub(crate) const DRAWN: [&str; 13] = [
    "cNvPr",
    "docPr",
    "shape",
    "imagedata",
    "image",
    "rect",
    "roundrect",
    "oval",
    "group",
    "background",
    "fill",
    "stroke",
    "textbox",
];
/// Their attributes that are texts.
pub(crate) const ATTRIBUTES: [&str; 4] = ["descr", "title", "name", "alt"];

/// Whether parts of this type have elements that describe what is drawn.
pub(crate) fn may_be_in(content_type: &str) -> bool {
    ["drawing", "presentationml.", "wordprocessingml.", "diagram"].into_iter().any(|word| content_type.contains(word))
        && (content_type.ends_with("+xml") || content_type.contains("vmldrawing"))
}

/// The text with the name of a file in the place of its path; nothing where there is no path.
pub(crate) fn without_folders(text: &str) -> Option<String> {
    let start = start(text)?;
    let (before, path) = (text.get(..start)?, text.get(start..)?);
    let name = path.trim_end_matches(['/', '\\']).rsplit(['/', '\\', ':']).next().unwrap_or_default();
    Some(format!("{before}{name}"))
}

/// Where a path begins: a drive, a server, a folder of people, or a disk of an old Macintosh.
fn start(text: &str) -> Option<usize> {
    const FOLDERS: [&str; 9] =
        ["file:", "\\\\", "/Users/", "/home/", "/Volumes/", "/private/", "/tmp/", "/var/folders/", "Macintosh HD:"];
    let known = FOLDERS.iter().filter_map(|folder| text.find(folder)).filter(|at| stands_alone(text, *at));
    let drives = text.match_indices(':').filter_map(|(colon, _)| {
        let letter = colon.checked_sub(1)?;
        let is_drive = text.as_bytes().get(letter)?.is_ascii_alphabetic()
            && matches!(text.as_bytes().get(colon + 1), Some(b'\\' | b'/'))
            // `https://` and the like.
            && !text.get(colon + 1..).is_some_and(|rest| rest.starts_with("//"));
        (is_drive && stands_alone(text, letter)).then_some(letter)
    });
    known.chain(drives).min()
}

/// Whether no word goes on into this place: `https://example.com/home/` is no path.
fn stands_alone(text: &str, at: usize) -> bool {
    let before = text.get(..at).and_then(|before| before.chars().next_back());
    !before.is_some_and(|before| before.is_alphanumeric() || matches!(before, '/' | '\\' | '.' | '-' | '_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_becomes_the_name_of_its_file() {
        for (text, expected) in [
            ("C:\\Users\\ana\\Pictures\\cat.png", "cat.png"),
            ("c:/users/ana/cat.png", "cat.png"),
            ("Description: C:\\Users\\ana\\cat.png", "Description: cat.png"),
            ("\\\\server\\share\\logo.png", "logo.png"),
            ("file:///C:/a/b.png", "b.png"),
            ("/Users/ana/Desktop/cat.png", "cat.png"),
            ("Macintosh HD:Users:ana:cat.png", "cat.png"),
            ("D:\\", ""),
        ] {
            assert_eq!(without_folders(text).as_deref(), Some(expected), "{text}");
        }
        for text in [
            "A cat",
            "cat.png",
            "https://example.com/home/cat.png",
            "ratio 1:2/3",
            "either/or",
            "at 10:30\\11:00",
            "www.example.com/Users/cat.png",
            "a: /b",
            "",
        ] {
            assert_eq!(without_folders(text), None, "{text}");
        }
    }
}
