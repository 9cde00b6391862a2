//! Formulas of Excel: which of them start another program, fetch something, or lead somewhere.

use std::{iter::Peekable, str::Chars};

use super::links;
use crate::{
    finding::Code,
    package::target::{Place, place},
};

/// Excel permits 8,192 characters.
const LONGEST: usize = 64 * 1024;
/// Functions in functions of one argument. Excel permits 64.
const DEEPEST: usize = 64;
/// How often each token of a formula may be read, so that functions in functions do not take forever.
const FUEL: usize = 16;
/// How much of a target is kept.
const LONGEST_TARGET: usize = 2048;

/// What stands in front of the names of functions that are younger than the file format, and of those of other
/// programs. They come in any number and order.
const PREFIXES: [&str; 7] =
    ["xlfn.", "xlws.", "xludf.", "xll.", "com.microsoft.", "org.openoffice.", "org.libreoffice."];
/// What stands in front of a function that is handed to another one, without its parentheses.
const HANDED_ON: &str = "xleta.";

/// What a function does when its formula is calculated.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Does {
    /// Asks a server on the web, and can send it what stands in cells.
    Fetch,
    /// Shows a picture from the web.
    Picture,
    /// Leads somewhere with a click.
    Hyperlink,
    /// Runs code outside of the workbook: in a library, in a program, in another file.
    Run,
    /// Asks a program that is registered on the computer, or on the one that is named second.
    Register,
    /// What LibreOffice calls the formula `program|topic!item`.
    Dde,
}

/// The functions that matter. Those of macro sheets are no functions of cells, but Excel evaluates them in names.
const FUNCTIONS: [(&str, Does); 25] = [
    ("WEBSERVICE", Does::Fetch),
    ("STOCKHISTORY", Does::Fetch),
    ("TRANSLATE", Does::Fetch),
    ("DETECTLANGUAGE", Does::Fetch),
    ("COPILOT", Does::Fetch),
    ("SQL.REQUEST", Does::Fetch),
    ("IMAGE", Does::Picture),
    ("HYPERLINK", Does::Hyperlink),
    ("CALL", Does::Run),
    ("REGISTER", Does::Run),
    ("REGISTER.ID", Does::Run),
    ("EXEC", Does::Run),
    ("EXECUTE", Does::Run),
    ("INITIATE", Does::Run),
    ("POKE", Does::Run),
    ("FOPEN", Does::Run),
    ("FWRITE", Does::Run),
    ("FWRITELN", Does::Run),
    ("FILE.DELETE", Does::Run),
    ("SEND.KEYS", Does::Run),
    ("SQL.OPEN", Does::Run),
    ("VBA.INSERT.FILE", Does::Run),
    ("VBA.MAKE.ADDIN", Does::Run),
    ("RTD", Does::Register),
    ("DDE", Does::Dde),
];

/// What a formula does, if it matters, and the part of it that shows it.
pub(super) type Found = Vec<(Code, String)>;

/// Whether the text of an element of this name is a formula.
fn is_formula(name: &str) -> bool {
    matches!(
        name,
        "f" | "nf"
            | "definedName"
            | "formula"
            | "formula1"
            | "formula2"
            | "oldFormula"
            | "calculatedColumnFormula"
            | "totalsRowFormula"
            | "FmlaLink"
            | "FmlaRange"
            | "FmlaGroup"
            | "FmlaTxbx"
            | "FmlaPict"
    )
}

/// The element of VML whose text is the name of a macro.
const MACRO: &str = "FmlaMacro";

/// The formulas that are being read. The newer elements of Excel hold a formula in a formula:
/// `x14:formula1` is nothing but a wrapper of `xm:f`.
#[derive(Default)]
pub(super) struct Formulas {
    /// The text of all open formulas, the innermost last.
    text: String,
    open: Vec<Open>,
}

struct Open {
    /// Where its text starts.
    start: usize,
    /// How many elements deep in the formula; 1 is its own text.
    depth: usize,
    is_macro: bool,
}

impl Formulas {
    /// A start tag of this local name.
    pub(super) fn open(&mut self, name: &str) {
        if let Some(around) = self.open.last_mut() {
            around.depth += 1;
        }
        let is_macro = name == MACRO;
        if is_macro || is_formula(name) {
            self.open.push(Open { start: self.text.len(), depth: 1, is_macro });
        }
    }

    /// Whether no formula is being read.
    pub(super) fn is_idle(&self) -> bool {
        self.open.is_empty()
    }

    /// Text between tags.
    pub(super) fn text(&mut self, text: &str) {
        if let Some(Open { start, depth: 1, .. }) = self.open.last()
            && self.text.len() - start + text.len() <= LONGEST
        {
            self.text.push_str(text);
        }
    }

    /// An end tag; what the formula does that it ends.
    pub(super) fn close(&mut self) -> Found {
        let Some(Open { start, is_macro, .. }) = self.open.pop_if(|open| open.depth == 1) else {
            self.leave();
            return Found::new();
        };
        self.leave();
        let text = self.text.get(start..).unwrap_or_default();
        let found = match text.trim() {
            "" => Found::new(),
            name if is_macro => vec![(macro_code(name), name.to_owned())],
            formula => judge(formula),
        };
        self.text.truncate(start);
        found
    }

    /// One element less in the formula around.
    fn leave(&mut self) {
        if let Some(around) = self.open.last_mut() {
            around.depth -= 1;
        }
    }
}

/// What the macro of a shape or a control amounts to. `[0]` is the workbook itself, and a workbook that has macros is
/// refused for them. Any other name leads to another workbook, or to whatever is open.
pub(super) fn macro_code(name: &str) -> Code {
    if name.starts_with("[0]!") { Code::MacroButton } else { Code::ActionMacro }
}

/// What a formula does.
pub(super) fn judge(formula: &str) -> Found {
    let mut found = Found::new();
    if is_dde(formula) {
        found.push((Code::DdeFormula, String::new()));
    }
    if !may_matter(formula) {
        return found;
    }
    let tokens: Vec<Token> = Tokens { rest: formula.chars().peekable() }.collect();
    let mut fuel = FUEL * tokens.len();
    for (index, token) in tokens.iter().enumerate() {
        let after = tokens.get(index + 1);
        match token {
            Token::Name(name) => {
                let (does, handed_on) = function(name);
                let called = after == Some(&Token::Sign('('));
                if let Some(does) = does.filter(|_| called || handed_on) {
                    found.extend(call(does, name, tokens.get(index + 2..).unwrap_or_default(), &mut fuel));
                }
            }
            Token::Quoted(path) if matches!(after, Some(Token::Sign('!' | '#'))) => found.extend(reference(path)),
            _ => {}
        }
    }
    found
}

/// Whether a formula has a function that matters or a path, or only seems to. Most have neither.
fn may_matter(formula: &str) -> bool {
    let path = formula.contains('\'') && (formula.contains('[') || formula.contains(':'));
    let goes_on = |character: char| character.is_alphanumeric() || matches!(character, '.' | '_' | '?');
    let mut calls = formula.match_indices('(').filter_map(|(at, _)| {
        let before = formula.get(..at)?.trim_end_matches(|blank: char| blank.is_whitespace() || blank.is_control());
        before.rsplit(|character| !goes_on(character)).next()
    });
    path || formula.to_ascii_lowercase().contains(HANDED_ON) || calls.any(|name| function(name).0.is_some())
}

/// What a function of this name does, and whether the name is that of one that is handed on.
fn function(name: &str) -> (Option<Does>, bool) {
    let (mut name, mut handed_on) = (name, false);
    loop {
        let bare = name.trim_start_matches('_');
        let prefix = PREFIXES
            .into_iter()
            .chain([HANDED_ON])
            .find(|prefix| bare.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix)));
        let Some(prefix) = prefix else { break };
        handed_on |= prefix == HANDED_ON;
        name = bare.get(prefix.len()..).unwrap_or_default();
    }
    let known = FUNCTIONS.iter().find(|(known, _)| known.len() == name.len() && known.eq_ignore_ascii_case(name));
    (known.map(|(_, does)| *does), handed_on)
}

/// What the call of a function amounts to. `arguments` begin behind its parenthesis.
fn call(does: Does, name: &str, arguments: &[Token], fuel: &mut usize) -> Option<(Code, String)> {
    let mut reading = Reading { tokens: arguments, depth: 0, fuel };
    let first = reading.argument();
    let target = || if first.start.is_empty() { name.to_owned() } else { first.start.clone() };
    let on_server = place(&first.start) == Place::Unc;
    match does {
        Does::Fetch | Does::Picture if on_server => Some((Code::UncPath, target())),
        Does::Fetch => Some((Code::FetchingFormula, target())),
        Does::Picture => Some((Code::ExternalImage, target())),
        Does::Run => Some((Code::ProgramFormula, name.to_owned())),
        Does::Dde => Some((Code::DdeFormula, name.to_owned())),
        Does::Register => {
            let remote = reading.separator() && !reading.argument().start.trim().is_empty();
            Some((if remote { Code::ProgramFormula } else { Code::FetchingFormula }, target()))
        }
        Does::Hyperlink if *reading.fuel == 0 => Some((Code::UnusualHyperlink, name.to_owned())),
        Does::Hyperlink => {
            // A link to a place in a workbook has its name in brackets.
            let path = first.start.trim_start();
            let path = path.strip_prefix('[').unwrap_or(path);
            let bracketed = path.len() < first.start.len();
            let leads = |target: &str| links::hyperlink(place(target)).filter(|_| !target.is_empty());
            let harmless = bracketed && place(path) == Place::Relative;
            match leads(path).filter(|_| !harmless) {
                Some(code) => Some((code, path.to_owned())),
                None => first.paths.into_iter().find_map(|path| leads(&path).map(|code| (code, path))),
            }
        }
    }
}

/// A reference to another workbook that is spelled out: `'\\server\share\[a.xlsx]Sheet1'!A1`.
fn reference(path: &str) -> Option<(Code, String)> {
    if !path.contains('[') && !path.to_ascii_lowercase().starts_with("file:") {
        return None;
    }
    let code = match place(path) {
        Place::Unc => Code::ServerLink,
        Place::Web | Place::Local | Place::Other => Code::ExternalLink,
        Place::Mail | Place::Here | Place::Relative => return None,
    };
    Some((code, path.to_owned()))
}

#[derive(Debug, PartialEq, Eq)]
enum Token {
    /// The name of a function, a range or a sheet.
    Name(String),
    /// A number.
    Number(String),
    /// A text, without its quotes.
    Text(String),
    /// The name of a sheet in quotes, with the path of its workbook, if any.
    Quoted(String),
    /// Anything else. What stands in brackets is one of them.
    Sign(char),
}

impl Token {
    /// The character that a number stands for.
    fn character(&self) -> Option<char> {
        let Self::Number(number) = self else { return None };
        number.parse().ok().and_then(char::from_u32)
    }
}

/// The tokens of a formula. Blanks are left out, as Excel reads them over.
struct Tokens<'a> {
    rest: Peekable<Chars<'a>>,
}

impl Tokens<'_> {
    /// What stands in quotes; two of them stand for one.
    fn quoted(&mut self, quote: char) -> String {
        let mut text = String::new();
        while let Some(character) = self.rest.next() {
            if character == quote && self.rest.next_if_eq(&quote).is_none() {
                break;
            }
            text.push(character);
        }
        text
    }

    fn word(&mut self, first: char) -> String {
        let mut word = String::from(first);
        let goes_on = |character: &char| character.is_alphanumeric() || matches!(character, '.' | '_' | '?');
        while let Some(character) = self.rest.next_if(goes_on) {
            word.push(character);
        }
        word
    }

    fn skip_brackets(&mut self) {
        let mut open = 1_usize;
        while open > 0 {
            match self.rest.next() {
                Some('[') => open += 1,
                Some(']') => open -= 1,
                // The character after it is meant as it is.
                Some('\'') => drop(self.rest.next()),
                Some(_) => {}
                None => return,
            }
        }
    }
}

impl Iterator for Tokens<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        while self.rest.next_if(|character| character.is_whitespace() || character.is_control()).is_some() {}
        Some(match self.rest.next()? {
            '"' => Token::Text(self.quoted('"')),
            '\'' => Token::Quoted(self.quoted('\'')),
            '[' => {
                self.skip_brackets();
                Token::Sign('[')
            }
            first if first.is_ascii_digit() => Token::Number(self.word(first)),
            first if first.is_alphabetic() || matches!(first, '_' | '\\') => Token::Name(self.word(first)),
            other => Token::Sign(other),
        })
    }
}

/// An argument, as far as its text stands in the formula.
#[derive(Default)]
struct Argument {
    /// How the text begins.
    start: String,
    /// Whether more of it is known.
    known: bool,
    /// Texts in it that are paths by themselves, in what is not understood.
    paths: Vec<String>,
}

/// Reads arguments: texts that are joined, and characters by their numbers.
struct Reading<'t> {
    tokens: &'t [Token],
    depth: usize,
    /// How many more tokens of the formula are read. A formula that uses it up is taken for the worst.
    fuel: &'t mut usize,
}

impl<'t> Reading<'t> {
    /// The next argument, up to the separator or the parenthesis that ends it.
    fn argument(&mut self) -> Argument {
        let mut argument = Argument { known: true, ..Argument::default() };
        while let Some((token, rest)) = self.tokens.split_first() {
            if matches!(token, Token::Sign(',' | ';' | ')')) || *self.fuel == 0 {
                break;
            }
            *self.fuel -= 1;
            self.tokens = rest;
            match token {
                Token::Text(text) if argument.known => argument.append(text),
                Token::Text(text) => argument.keep_path(text),
                Token::Sign('&' | '@' | '+') => {}
                Token::Sign('(') => self.inner(&mut argument, ""),
                Token::Name(name) if rest.first() == Some(&Token::Sign('(')) => {
                    self.tokens = rest.get(1..).unwrap_or_default();
                    self.inner(&mut argument, name);
                }
                _ => argument.known = false,
            }
        }
        argument
    }

    /// Goes over the separator between two arguments, if there is one.
    fn separator(&mut self) -> bool {
        let Some((Token::Sign(',' | ';'), rest)) = self.tokens.split_first() else { return false };
        self.tokens = rest;
        true
    }

    /// What stands in parentheses behind the name of a function, or behind none.
    fn inner(&mut self, outer: &mut Argument, name: &str) {
        self.depth += 1;
        let joins = ["", "CONCATENATE", "CONCAT"].iter().any(|known| name.eq_ignore_ascii_case(known));
        let counts = ["CHAR", "UNICHAR"].iter().any(|known| name.eq_ignore_ascii_case(known));
        let character = self.tokens.first().filter(|_| counts).and_then(Token::character);
        outer.known &= joins || character.is_some();
        if let Some(character) = character.filter(|_| outer.known) {
            outer.append(character.encode_utf8(&mut [0; 4]));
        }
        while self.depth <= DEEPEST {
            let before = self.tokens.len();
            let inner = self.argument();
            if character.is_some() {
                // It is read.
            } else if outer.known {
                outer.append(&inner.start);
                outer.known = inner.known;
            } else {
                outer.keep_path(&inner.start);
            }
            inner.paths.iter().for_each(|path| outer.keep_path(path));
            if !self.separator() || self.tokens.len() == before {
                break;
            }
        }
        if self.depth <= DEEPEST && self.tokens.first() == Some(&Token::Sign(')')) {
            self.tokens = self.tokens.get(1..).unwrap_or_default();
        }
        self.depth -= 1;
    }
}

impl Argument {
    fn append(&mut self, text: &str) {
        let room = LONGEST_TARGET.saturating_sub(self.start.len());
        self.start.extend(text.chars().take(room));
    }

    fn keep_path(&mut self, text: &str) {
        let is_path = match place(text) {
            Place::Unc => text.contains(char::is_alphanumeric),
            Place::Local => text.contains(':'),
            _ => false,
        };
        if is_path {
            self.paths.push(text.to_owned());
        }
    }
}

/// `program|topic!item`: a bar outside of strings, quoted names and brackets, and later an
/// exclamation mark.
fn is_dde(formula: &str) -> bool {
    if !formula.contains('|') {
        return false;
    }
    let mut bar = false;
    let mut brackets = 0_usize;
    let mut quote = None;
    for character in formula.chars() {
        match (quote, character) {
            (Some(open), character) if character == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') if brackets == 0 => quote = Some(character),
            (None, '[') => brackets += 1,
            (None, ']') => brackets = brackets.saturating_sub(1),
            (None, '|') if brackets == 0 => bar = true,
            (None, '!') if bar => return true,
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(formula: &str) -> Vec<Code> {
        judge(formula).into_iter().map(|(code, _)| code).collect()
    }

    #[test]
    fn dde_is_told_from_texts_and_names_with_a_bar() {
        for formula in ["cmd|'/C calc'!A0", "=MSEXCEL|'\\..\\cmd'!''", "1+cmd|x!y", "'cmd'|'x'!A1", "SUM(a|b!c)"] {
            assert!(is_dde(formula), "{formula}");
        }
        for formula in ["\"a|b\"&Sheet1!A1", "'a|b'!A1", "Table1[[#All],[a|b]]&Sheet1!A1", "Sheet1!A1", "'it''s|x'!A1"]
        {
            assert!(!is_dde(formula), "{formula}");
        }
        assert_eq!(codes("DDE(\"soffice\",\"a.ods\",\"A1\")"), [Code::DdeFormula]);
    }

    #[test]
    fn formulas_that_fetch_are_found_however_they_are_spelled() {
        for formula in [
            "_xlfn.WEBSERVICE(\"https://example.com\")",
            "WEBSERVICE(A1)",
            "1+webService (\"https://example.com/\"&A1)",
            "_xlfn._xlws.WEBSERVICE\n(A1)",
            "_XLFN.__xlws._xlfn.webservice(A1)",
            "COM.MICROSOFT.WEBSERVICE(A1)",
            "IF(A1,FILTERXML(_xlfn.WEBSERVICE(A1),\"//a\"),0)",
            "MAP(A1:A3,_xleta.WEBSERVICE)",
            "_xlfn.STOCKHISTORY(\"MSFT\",TODAY())",
            "RTD(\"vendor.feed\",,\"price\")",
            "RTD(\"vendor.feed\",\"\",\"price\")",
            "RTD(A1,A2,A3)",
            "SQL.REQUEST(\"DSN=x\",,,\"select 1\")",
        ] {
            assert_eq!(codes(formula), [Code::FetchingFormula], "{formula}");
        }
        assert_eq!(codes("_xlfn.IMAGE(\"https://example.com/a.png\",\"x\")"), [Code::ExternalImage]);
        for formula in [
            "IMAGE(\"\\\\server\\a.png\")",
            "WEBSERVICE(\"\\\\\"&\"server\\a\")",
            "IMAGE(CHAR(92)&CHAR(92)&\"server\\a\")",
        ] {
            assert_eq!(codes(formula), [Code::UncPath], "{formula}");
        }
    }

    #[test]
    fn formulas_that_run_are_refused() {
        for formula in [
            "CALL(\"Kernel32\",\"WinExec\",\"JCJ\",\"calc\",0)",
            "register.id (\"\\\\server\\a.dll\",\"f\")",
            "EXEC(\"calc\")",
            "IF(A1,EXEC(\"calc\"))",
            "RTD(\"vendor.feed\",\"server\",\"price\")",
        ] {
            assert_eq!(codes(formula), [Code::ProgramFormula], "{formula}");
        }
    }

    #[test]
    fn hyperlinks_in_formulas_lead_where_others_may_lead() {
        for formula in [
            "HYPERLINK(\"\\\\server\\share\\a.docx\",\"x\")",
            "HYPERLINK(\"file:///C:/a.exe\")",
            "HYPERLINK(\"file://server/a\"&A1)",
            "hyperlink(CONCATENATE(\"\\\\\",\"server\\\",A1))",
            "HYPERLINK(CHAR(92)&CHAR(92)&\"server\")",
            "HYPERLINK(IF(A1,\"\\\\server\\a\",\"\"))",
            "HYPERLINK(A1&\"\"&(\"\\\\server\"&\"\\a\"))",
            "HYPERLINK(\"javascript:alert(1)\")",
            "HYPERLINK(\"[\\\\server\\a.xlsx]Sheet1!A1\")",
            "HYPERLINK(\"[C:\\a.xlsx]Sheet1!A1\")",
            "HYPERLINK(\"a.docx\")",
        ] {
            assert_eq!(codes(formula), [Code::UnusualHyperlink], "{formula}");
        }
        for formula in [
            "HYPERLINK(\"https://example.com/\"&A1,\"x\")",
            "HYPERLINK(\"mailto:ana@example.com\")",
            "HYPERLINK(\"#'\"&A1&\"'!A1\",\"\\\\server\\a\")",
            "HYPERLINK(\"[Budget.xlsx]June!F10\")",
            "HYPERLINK(A1)",
            "HYPERLINK(SUBSTITUTE(A1,\"\\\\\",\"/\"))",
            "HYPERLINK(\"https://example.com/\"&B1&\": \"&C1)",
        ] {
            assert_eq!(codes(formula), [], "{formula}");
        }
    }

    #[test]
    fn references_to_other_workbooks_may_be_spelled_out() {
        assert_eq!(codes("'\\\\server\\share\\[a.xlsx]Sheet1'!A1"), [Code::ServerLink]);
        assert_eq!(codes("SUM('C:\\a\\[a.xlsx]Sheet1'!A1:A9)"), [Code::ExternalLink]);
        assert_eq!(codes("'file:///C:/a.ods'#$Sheet1.A1"), [Code::ExternalLink]);
        for formula in ["'[1]Sheet 1'!A1", "'Sheet 1'!A1", "'//x'!A1", "[1]Sheet1!A1"] {
            assert_eq!(codes(formula), [], "{formula}");
        }
    }

    #[test]
    fn ordinary_formulas_are_nothing_to_report() {
        for formula in [
            "FILTERXML(A1,\"//a\")",
            "ENCODEURL(A1)",
            "IFERROR(__xludf.DUMMYFUNCTION(\"IMPORTXML(\"\"http://example.com\"\")\"),1)",
            "\"WEBSERVICE(x)\"",
            "'WEBSERVICE('!A1",
            "Table1[WEBSERVICE(x)]",
            "WEBSERVICE",
            "MYWEBSERVICE(A1)",
            "Image+Call*2",
            "Register!A1",
            "SUM(Call,1)",
            "_xlfn.XLOOKUP(A1,B:B,C:C)",
            "((((",
            "HYPERLINK(",
        ] {
            assert_eq!(codes(formula), [], "{formula}");
        }
        let deep = format!("HYPERLINK({}", "(".repeat(30_000));
        assert_eq!(codes(&deep), []);
    }
}
