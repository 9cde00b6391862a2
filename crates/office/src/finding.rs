//! What can be found: the stable codes, and a finding with its place and its sentence.

use serde::{Deserialize, Serialize};

/// How long a detail taken from the file may be in a message.
const DETAIL_CHARS: usize = 160;

/// What a finding means for the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing; the file may be handed on.
    Flag,
    /// The file must not be handed on.
    Reject,
}

/// One thing that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Finding {
    /// The stable reason.
    pub code: Code,
    /// What it means for the file.
    pub severity: Severity,
    /// The part it was found in; parts of embedded packages follow the name of the package and `!`.
    pub part: Option<String>,
    /// What was found and what to do about it, for a person.
    pub message: String,
}

impl Finding {
    /// A finding with the severity and the sentence of its code. `detail` (may be empty) is appended
    /// in parentheses. Both `part` and `detail` may come from the file: they are made printable.
    pub(crate) fn new(code: Code, part: Option<&str>, detail: &str) -> Self {
        let message = match printable(detail) {
            detail if detail.is_empty() => code.message().to_owned(),
            detail => format!("{} ({detail})", code.message()),
        };
        Self { code, severity: code.severity(), part: part.map(printable), message }
    }

    pub(crate) fn with_severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// The same finding inside an embedded package.
    pub(crate) fn inside(mut self, package: &str) -> Self {
        self.part = Some(match self.part {
            Some(part) => format!("{}!{part}", printable(package)),
            None => printable(package),
        });
        self
    }
}

/// The text without anything that could disturb a terminal, a log or a page, and of bounded length.
fn printable(text: &str) -> String {
    let mut shown = String::new();
    for (count, character) in text.chars().enumerate() {
        if count == DETAIL_CHARS {
            shown.push('…');
            break;
        }
        if character.is_control() || is_direction_mark(character) {
            shown.extend(character.escape_unicode());
        } else {
            shown.push(character);
        }
    }
    shown
}

/// Characters that change the direction of the text around them, and so can disguise a name.
pub(crate) const fn is_direction_mark(character: char) -> bool {
    matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $severity:ident $text:tt, $message:literal;)*) => {
        /// A stable reason. The text is part of the API: it never changes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = FindingCode))]
        pub enum Code {$(
            $(#[$doc])*
            #[serde(rename = $text)]
            $name,
        )*}

        impl Code {
            /// All of them, for documentation and tests.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The text in JSON, logs and documentation.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// What it means for a file unless the policy is strict.
            #[must_use]
            pub const fn severity(self) -> Severity {
                match self { $(Self::$name => Severity::$severity,)* }
            }

            /// What was found and what to do about it, for a person.
            #[must_use]
            pub const fn message(self) -> &'static str {
                match self { $(Self::$name => $message,)* }
            }
        }
    };
}

codes! {
    // The file as a whole.

    /// There are no bytes.
    EmptyFile = Reject "empty_file", "The file is empty. Check the original and send it again.";
    /// The bytes are not a ZIP archive.
    NotZip = Reject "not_zip", "This is not an Office file, whatever its name says. Open the original in Office and save it as .docx, .xlsx or .pptx.";
    /// An encrypted Office file, which cannot be inspected.
    PasswordProtected = Reject "password_protected", "The file is protected by a password, so nobody can check what is inside. Remove the password in Office and send it again.";
    /// A compound file: .doc, .xls, .ppt and others of that age.
    LegacyFormat = Reject "legacy_format", "The file has an old Office format. Open it in Office and save it as .docx, .xlsx or .pptx.";

    // The structure of the archive.

    /// The record that ends an archive is missing or damaged.
    ZipTruncated = Reject "zip_truncated", "The file is incomplete or damaged. Send it again; if that fails too, open it in Office and save a new copy.";
    /// There are bytes before, between or after the entries.
    ZipExtraData = Reject "zip_extra_data", "The file contains data that does not belong to the document. Open it in Office and save a new copy.";
    /// The two headers of an entry disagree.
    ZipHeaderMismatch = Reject "zip_header_mismatch", "The file describes its own content in two ways that contradict each other. Open it in Office and save a new copy.";
    /// Two entries have the same name.
    ZipDuplicateName = Reject "zip_duplicate_name", "The file contains two parts of the same name, so programs may disagree about what it shows. Open it in Office and save a new copy.";
    /// Two entries share bytes.
    ZipOverlap = Reject "zip_overlap", "Parts of the file overlap, which no Office program does. Do not open it; ask the sender where it comes from.";
    /// A name that could lead out of the archive or that programs read in different ways.
    ZipUnsafeName = Reject "zip_unsafe_name", "A part of the file has a name that could write outside of its place. Do not open it; ask the sender where it comes from.";
    /// A symbolic link or a device.
    ZipSpecialFile = Reject "zip_special_file", "The file contains a link or a device instead of a document part. Do not open it; ask the sender where it comes from.";
    /// An entry is encrypted.
    ZipEncrypted = Reject "zip_encrypted", "A part of the file is encrypted, so nobody can check what is inside. Remove the encryption and send it again.";
    /// The archive claims to be one of several volumes.
    ZipMultiDisk = Reject "zip_multi_disk", "The file is one piece of a divided archive. Send the whole document as one file.";
    /// A compression that Office does not write.
    ZipMethod = Reject "zip_method", "The file is compressed in a way that Office does not read. Open it in Office and save a new copy.";
    /// The 64-bit fields contradict the 32-bit fields.
    Zip64Inconsistent = Reject "zip64_inconsistent", "The file gives two different sizes for the same content. Open it in Office and save a new copy.";
    /// The content of an entry does not match its length or checksum.
    ZipDamaged = Reject "zip_damaged", "The file is damaged. Send it again; if that fails too, open it in Office and save a new copy.";

    // Bombs.

    /// Too many entries.
    TooManyEntries = Reject "too_many_entries", "The file consists of more parts than any genuine document. Divide it into several documents.";
    /// An entry inflates beyond the permitted ratio.
    BombRatio = Reject "bomb_ratio", "A part of the file expands to far more than its size, as in a decompression bomb. Do not open it; ask the sender where it comes from.";
    /// All entries together inflate beyond the permitted size.
    TooLargeInflated = Reject "too_large_inflated", "The file expands to more than can be checked. Make the pictures smaller, or divide it into several documents.";
    /// An XML part inflates beyond the permitted size.
    XmlPartTooLarge = Reject "xml_part_too_large", "A part of the document is larger than can be checked. Divide it into several documents.";

    // XML.

    /// A document type declaration.
    XmlDoctype = Reject "xml_doctype", "The file contains a document type declaration, which Office never writes and attackers use. Open it in Office and save a new copy.";
    /// Neither UTF-8 nor UTF-16 with a byte order mark.
    XmlEncoding = Reject "xml_encoding", "A part of the file uses a character encoding that Office files must not have. Open it in Office and save a new copy.";
    /// Not well-formed.
    XmlMalformed = Reject "xml_malformed", "A part of the document is damaged and cannot be read. Open it in Office, let it repair the document, and save a new copy.";
    /// Nested too deeply, too many attributes, or a piece of markup without an end.
    XmlTooComplex = Reject "xml_too_complex", "A part of the document is built to exhaust the program that reads it. Do not open it; ask the sender where it comes from.";

    // The package.

    /// No `[Content_Types].xml`: a ZIP archive, not an Office file.
    ContentTypesMissing = Reject "content_types_missing", "This is an archive, not an Office file. Send the documents inside one by one.";
    /// The content types cannot be understood in one way only.
    ContentTypesInvalid = Reject "content_types_invalid", "The list of parts in the file is damaged or ambiguous. Open it in Office and save a new copy.";
    /// Relationships cannot be understood in one way only.
    RelationshipsInvalid = Reject "relationships_invalid", "The connections between the parts of the file are damaged or ambiguous. Open it in Office and save a new copy.";
    /// No main part.
    MainPartMissing = Reject "main_part_missing", "The file contains no document. Open the original in Office and save a new copy.";
    /// More than one main part.
    MainPartAmbiguous = Reject "main_part_ambiguous", "The file names more than one main document, so programs may disagree about what it shows. Open it in Office and save a new copy.";
    /// A genuine Office file of another kind than the extension says.
    KindMismatch = Reject "kind_mismatch", "The content does not match the extension. Give the file the extension of what it is.";
    /// The main part has a type that is none of the three.
    UnknownMainType = Reject "unknown_main_type", "The file is not a Word document, an Excel workbook or a PowerPoint presentation. Save it as .docx, .xlsx or .pptx.";
    /// A macro-enabled file under another name.
    MacroEnabledType = Reject "macro_enabled_type", "The file is of a kind that carries macros (.docm, .xlsm, .pptm). Save it as .docx, .xlsx or .pptx, which removes them.";
    /// A template under another name.
    TemplateType = Reject "template_type", "The file is a template. Create a document from it and send that.";
    /// A slide show under another name.
    SlideshowType = Reject "slideshow_type", "The file is a slide show (.ppsx). Save it as .pptx.";
    /// An add-in under another name.
    AddinType = Reject "addin_type", "The file is an add-in, which is a program and not a document. Send the document itself.";
    /// A binary workbook under another name.
    BinaryWorkbookType = Reject "binary_workbook_type", "The file is a binary workbook (.xlsb). Save it as .xlsx.";

    // Programs inside the file.

    /// A VBA project.
    MacroPart = Reject "macro_part", "The file contains macros. Save it as .docx, .xlsx or .pptx in Office, which removes them.";
    /// An Excel 4 macro sheet.
    MacroSheet = Reject "macro_sheet", "The workbook contains a macro sheet. Delete the sheet and save it as .xlsx.";
    /// An ActiveX control.
    ActiveX = Reject "active_x", "The file contains ActiveX controls. Remove them, or replace them by form fields, and save it again.";
    /// A chunk of another format that Word imports at opening.
    AltChunk = Reject "alt_chunk", "The document contains a piece of another format that Word imports when it opens. Open it in Word and save a new copy.";
    /// An embedded object whose content is not an Office package.
    EmbeddedObject = Flag "embedded_object", "The file contains an embedded object that can be opened by a double click. Open it only if you trust the sender.";
    /// An embedded archive or binary workbook that is not inspected in full.
    EmbeddedArchive = Flag "embedded_archive", "The file contains an embedded file of a kind that is not checked in full. Open it only if you trust the sender.";
    /// An embedded file with macros.
    EmbeddedMacro = Reject "embedded_macro", "A file embedded in this one contains macros. Remove it, or embed it without macros.";
    /// An embedded program or script.
    EmbeddedExecutable = Reject "embedded_executable", "The file contains a program or a script. Remove it and save the document again.";
    /// A package in a package in a package.
    EmbeddedTooDeep = Reject "embedded_too_deep", "A file embedded in this one has yet another file embedded. Remove the inner one, or send the files one by one.";
    /// An embedded file that is too large for a check.
    EmbeddedTooLarge = Reject "embedded_too_large", "A file embedded in this one is too large to be checked. Send it as a file of its own.";

    // Connections to the outside.

    /// A template fetched at opening.
    RemoteTemplate = Reject "remote_template", "The document fetches a template from another computer when it opens. Attach a local template or none, and save it again.";
    /// A template on the writer’s computer.
    LocalTemplate = Flag "local_template", "The document names a template on the computer where it was written. The path may tell more than you want to send.";
    /// An object, frame or part fetched from outside.
    ExternalObject = Reject "external_object", "The document loads an object from outside when it opens. Break the link in Office (File, Info, Edit Links) and save it again.";
    /// Another connection to the outside.
    ExternalLink = Flag "external_link", "The file is linked to another file or address. The values it shows may change or be missing elsewhere.";
    /// An image from outside.
    ExternalImage = Flag "external_image", "The file shows a picture from outside. Whoever owns that address may see who opens the document.";
    /// A data connection of a workbook.
    DataConnection = Flag "data_connection", "The workbook has a connection to a data source. Remove it if the reader needs only the values.";
    /// The source of a mail merge.
    MailMergeSource = Flag "mail_merge_source", "The document is connected to the address list of a mail merge. Finish the merge before you send it.";
    /// A path to a file server, which gives away the password hash of whoever opens it.
    UncPath = Reject "unc_path", "The file loads something from a file server when it opens, which can give away the reader’s sign-in. Break the link and save it again.";
    /// A hyperlink that is neither web nor mail.
    UnusualHyperlink = Flag "unusual_hyperlink", "A hyperlink leads to something other than a web page or a mail address. Check where it leads.";

    // Fields, formulas and actions.

    /// A DDE field in a text.
    DdeField = Reject "dde_field", "The document contains a field that starts another program (DDE). Delete the field and save it again.";
    /// A DDE link of a workbook.
    DdeLink = Reject "dde_link", "The workbook contains a link that starts another program (DDE). Remove the link and save it again.";
    /// A DDE formula.
    DdeFormula = Reject "dde_formula", "A formula in the workbook starts another program (DDE). Delete the formula and save it again.";
    /// A field that pulls in content from elsewhere.
    PullingField = Flag "pulling_field", "A field in the document takes its content from another file. Replace it by its result if the reader needs only that.";
    /// A click or a mouse movement that starts a program.
    ActionProgram = Reject "action_program", "A slide starts a program when it is clicked or touched. Remove the action and save it again.";
    /// A click or a mouse movement that runs a macro.
    ActionMacro = Reject "action_macro", "A slide runs a macro when it is clicked or touched. Remove the action and save it again.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_distinct_and_written_in_snake_case() {
        for (index, code) in Code::ALL.iter().enumerate() {
            let text = code.as_str();
            assert!(text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'), "{text}");
            assert!(Code::ALL.iter().skip(index + 1).all(|other| other.as_str() != text), "{text} occurs twice");
            assert!(code.message().ends_with('.'), "{text}");
        }
    }

    #[test]
    fn every_code_is_documented() {
        let documentation = include_str!("../../../docs/office.md");
        for code in Code::ALL {
            assert!(documentation.contains(&format!("`{}`", code.as_str())), "{} is not documented", code.as_str());
        }
    }

    #[test]
    fn text_from_the_file_cannot_disturb_a_terminal_or_fill_a_page() {
        let finding = Finding::new(Code::UncPath, Some("a\u{1b}[2J\u{202e}fdp.exe"), &"x".repeat(10_000));
        let part = finding.part.expect("a part was given");
        assert!(part.chars().all(|c| !c.is_control() && c != '\u{202e}'), "{part}");
        assert!(finding.message.chars().count() < 500);
    }
}
