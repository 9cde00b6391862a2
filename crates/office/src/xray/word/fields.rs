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
}

/// The link that a field is, if it leads out of the document. A place within it follows `\l`.
pub(super) fn link(instruction: &str) -> Option<Item> {
    let (name, arguments) = instruction.trim().split_once(' ')?;
    let label = match name.to_ascii_uppercase().as_str() {
        "HYPERLINK" => "hyperlink",
        "INCLUDEPICTURE" => "picture",
        "INCLUDETEXT" | "INCLUDE" | "IMPORT" | "LINK" | "DATABASE" | "RD" => "other",
        _ => return None,
    };
    let arguments = arguments.trim_start();
    let target = match arguments.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next(),
        None => arguments.split(' ').next().filter(|word| !word.starts_with('\\')),
    };
    target.filter(|target| !target.is_empty()).map(|target| Item::new(target).labelled(label))
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
    fn fields_in_fields_are_bounded() {
        let mut fields = Fields::default();
        for _ in 0..10_000 {
            fields.mark("begin");
        }
        assert_eq!(fields.open.len(), DEEPEST);
    }
}
