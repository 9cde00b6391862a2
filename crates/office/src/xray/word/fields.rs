//! Fields that lead outside (ECMA-376 part 1, 17.16): links and pictures without a relationship.

use crate::xray::{Item, gathered::Clip};

/// Fields in fields. Genuine texts have three or four.
const DEEPEST: usize = 64;

/// The fields that are open, each with its instruction until the result begins.
#[derive(Debug, Default)]
pub(super) struct Fields {
    open: Vec<Option<Clip>>,
}

impl Fields {
    /// A character that begins, divides or ends a field (17.16.18). Answers with the link, once it is known.
    pub(super) fn mark(&mut self, kind: &str) -> Option<Item> {
        let instruction = match kind {
            "begin" => {
                if self.open.len() < DEEPEST {
                    self.open.push(Some(Clip::default()));
                }
                None
            }
            "separate" => self.open.last_mut()?.take(),
            _ => self.open.pop()?,
        };
        link(&instruction?.finish())
    }

    /// A piece of the instruction of the innermost field.
    pub(super) fn push(&mut self, text: &str) {
        if let Some(Some(instruction)) = self.open.last_mut() {
            instruction.push(text);
        }
    }

    /// A piece of text. As the result of a field in the instruction of another it is part of that instruction.
    pub(super) fn result(&mut self, text: &str) {
        if let Some(instruction) = self.open.iter_mut().rev().find_map(Option::as_mut) {
            instruction.push(text);
        }
    }
}

/// The link that a field is, if it leads out of the document (17.16.5). A place within it follows `\l`.
pub(super) fn link(instruction: &str) -> Option<Item> {
    let words = words(instruction);
    let (name, arguments) = words.split_first()?;
    let name = name.to_ascii_uppercase();
    // Switches that are followed by an argument of their own.
    let (label, with_argument, place) = match name.as_str() {
        "HYPERLINK" => ("hyperlink", "lot", 0),
        "INCLUDEPICTURE" | "IMPORT" => ("picture", "c", 0),
        "INCLUDETEXT" | "INCLUDE" => ("other", "cntx", 0),
        "RD" => ("other", "", 0),
        // A program comes first, then the file.
        "LINK" | "DDE" | "DDEAUTO" => ("other", "f", 1),
        "DATABASE" => return database(arguments),
        _ => return None,
    };
    let mut targets = Vec::new();
    let mut rest = arguments.iter();
    while let Some(word) = rest.next() {
        match switch(word) {
            Some(letter) if with_argument.contains(letter) || matches!(letter, '*' | '@' | '#') => {
                rest.next();
            }
            Some(_) => {}
            None => targets.push(word),
        }
    }
    let target = targets.get(place).or_else(|| targets.first())?;
    (!target.is_empty()).then(|| Item::new(target).labelled(label))
}

/// The file or the connection of a table from a database (17.16.5.12).
fn database(arguments: &[String]) -> Option<Item> {
    let after = |wanted: char| {
        let at = arguments.iter().position(|word| switch(word).is_some_and(|letter| letter == wanted))?;
        arguments.get(at + 1).filter(|target| !target.is_empty())
    };
    after('d').or_else(|| after('c')).map(|target| Item::new(target).labelled("other"))
}

/// The letter of a switch.
fn switch(word: &str) -> Option<char> {
    let letter = word.strip_prefix('\\')?;
    let mut letters = letter.chars();
    letters.next().map(|letter| letter.to_ascii_lowercase()).filter(|_| letters.next().is_none())
}

/// The words of an instruction, as Word divides them: by spaces outside quotation marks of any kind. A backslash stands for
/// the character after it, so that a path has two; and before a single letter it is a switch.
fn words(instruction: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut characters = instruction.chars().peekable();
    while let Some(first) = characters.next() {
        if first.is_whitespace() {
            continue;
        }
        let quoted = is_quote(first);
        let mut word = String::new();
        let mut next = if quoted { characters.next() } else { Some(first) };
        while let Some(character) =
            next.filter(|character| if quoted { !is_quote(*character) } else { !character.is_whitespace() })
        {
            if character == '\\' && characters.peek().is_some_and(|escaped| *escaped == '\\' || is_quote(*escaped)) {
                word.extend(characters.next());
            } else {
                word.push(character);
            }
            next = characters.next_if(|character| quoted || !is_quote(*character));
        }
        words.push(word);
    }
    words
}

const fn is_quote(character: char) -> bool {
    matches!(character, '"' | '“' | '”' | '„')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(instruction: &str) -> Option<(String, String)> {
        link(instruction).map(|item| (item.label.unwrap_or_default(), item.text))
    }

    #[test]
    fn links_are_taken_from_their_instruction() {
        let found = |label: &str, target: &str| Some((label.to_owned(), target.to_owned()));
        assert_eq!(
            target(" HYPERLINK \"https://example.com/a b\" \\h "),
            found("hyperlink", "https://example.com/a b")
        );
        assert_eq!(target("hyperlink https://example.com"), found("hyperlink", "https://example.com"));
        assert_eq!(target("INCLUDEPICTURE \"logo.png\" \\d"), found("picture", "logo.png"));
        assert_eq!(
            target("LINK Word.Document.8 \"C:\\\\a b\\\\c.docx\" \"Range\" \\a \\p"),
            found("other", "C:\\a b\\c.docx")
        );
        assert_eq!(target("INCLUDEPICTURE \"\\\\\\\\server\\\\a.png\" \\d"), found("picture", "\\\\server\\a.png"));
        assert_eq!(target("HYPERLINK \\o \"Tip\" “https://example.com”"), found("hyperlink", "https://example.com"));
        assert_eq!(target("HYPERLINK \\n https://example.com \\l x"), found("hyperlink", "https://example.com"));
        assert_eq!(target("DATABASE \\d \"a.mdb\" \\c \"DSN=x\" \\s \"SELECT\""), found("other", "a.mdb"));
        assert_eq!(target("INCLUDETEXT \\c WordPerfect6 a.docx \\* MERGEFORMAT"), found("other", "a.docx"));
        for instruction in ["HYPERLINK \\l \"Chapter\"", "PAGE", "TOC \\o", "HYPERLINK", "HYPERLINK \"\""] {
            assert_eq!(target(instruction), None, "{instruction}");
        }
    }

    #[test]
    fn an_instruction_may_be_divided_and_ends_where_the_result_begins() {
        let mut fields = Fields::default();
        assert_eq!(fields.mark("begin"), None);
        fields.push(" HYPER");
        fields.push("LINK \"https://example.com\" ");
        assert_eq!(fields.mark("separate").map(|item| item.text).as_deref(), Some("https://example.com"));
        fields.push("HYPERLINK \"https://example.org\"");
        assert_eq!(fields.mark("end"), None);
        assert_eq!(fields.mark("end"), None);
    }

    #[test]
    fn the_result_of_a_field_in_an_instruction_is_part_of_it() {
        let mut fields = Fields::default();
        fields.mark("begin");
        fields.push("HYPERLINK \"https://");
        fields.mark("begin");
        fields.push("MERGEFIELD host");
        fields.mark("separate");
        fields.result("example.com");
        fields.mark("end");
        fields.push("/a\"");
        assert_eq!(fields.mark("separate").map(|item| item.text).as_deref(), Some("https://example.com/a"));
        fields.result("shown");
        assert_eq!(fields.mark("end"), None);
    }

    #[test]
    fn fields_in_fields_are_bounded() {
        let mut fields = Fields::default();
        for _ in 0..10_000 {
            fields.mark("begin");
        }
        assert_eq!(fields.open.len(), DEEPEST);
    }
}
