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

/// A number of bytes in the largest unit that it is a whole multiple of.
pub(crate) fn size(bytes: u64) -> String {
    let units = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    let unit = units.into_iter().find(|(unit, _)| bytes > 0 && bytes.is_multiple_of(*unit));
    unit.map_or_else(|| format!("{bytes} bytes"), |(unit, name)| format!("{} {name}", bytes / unit))
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
    /// A workbook that is encrypted with the password that Excel enters by itself.
    ExcelPassword = Reject "excel_password", "The workbook is encrypted with the password that is built into Excel, because something in it is protected: nobody has to enter it, but nobody can check what is inside. Open it in Excel, take the protection off (Review, Protect Workbook; File, Info), and save it again.";
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

    // Budgets.

    /// Too many entries.
    TooManyEntries = Reject "too_many_entries", "The file consists of more parts than are checked here. Divide it into several documents.";
    /// All entries together inflate beyond the permitted size.
    TooLargeInflated = Reject "too_large_inflated", "Unpacked, the file is larger than what is checked here. Make the pictures smaller, or divide it into several documents.";
    /// An XML part inflates beyond the permitted size.
    XmlPartTooLarge = Reject "xml_part_too_large", "Unpacked, one sheet, text or slide of the file is larger than what is checked here. Divide it into several.";

    // XML.

    /// A document type declaration.
    XmlDoctype = Reject "xml_doctype", "The file contains a document type declaration, which Office never writes and attackers use. Open it in Office and save a new copy.";
    /// A document type declaration in a part that Office hands through, without entities that matter.
    ForeignDoctype = Flag "foreign_doctype", "A picture in the file, or a file that another program left in it, contains a document type declaration. Office does not read it; other programs might. Replace the picture by one of another format, or remove what is left over.";
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
    SlideshowType = Flag "slideshow_type", "The file is a slide show (.ppsx) under the name of a presentation. PowerPoint opens it all the same; save it as .pptx if others are to edit it.";
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
    EmbeddedTooDeep = Reject "embedded_too_deep", "Files are embedded in files that are embedded in this one, deeper than what is checked here. Remove the innermost, or send the files one by one.";
    /// An embedded file that is too large for a check.
    EmbeddedTooLarge = Reject "embedded_too_large", "A file embedded in this one is larger than what is checked here. Send it as a file of its own.";

    // Connections to the outside.

    /// A template fetched at opening.
    RemoteTemplate = Reject "remote_template", "The document fetches a template from another computer when it opens. Attach a local template or none, and save it again.";
    /// A template on the writer’s computer.
    LocalTemplate = Flag "local_template", "The document names a template on the computer where it was written. The path may tell more than you want to send.";
    /// An object, frame or part fetched from outside.
    ExternalObject = Reject "external_object", "The document loads an object from outside when it opens. Break the link in Office (File, Info, Edit Links) and save it again.";
    /// Another connection to the outside.
    ExternalLink = Flag "external_link", "The file is linked to another file or address. The values it shows may change or be missing elsewhere.";
    /// A link to a file server that is followed only when the reader agrees.
    ServerLink = Flag "server_link", "The file is linked to a file on a file server. Nothing is loaded until the reader agrees to it, which can give away the reader’s sign-in. Break the link if the reader needs only the values.";
    /// An image from outside.
    ExternalImage = Flag "external_image", "The file shows a picture from outside. Whoever owns that address may see who opens the document.";
    /// A data connection of a workbook.
    DataConnection = Flag "data_connection", "The workbook has a connection to a data source. Remove it if the reader needs only the values.";
    /// The source of a mail merge.
    MailMergeSource = Flag "mail_merge_source", "The document is connected to the address list of a mail merge. Finish the merge before you send it.";
    /// A path to a file server, which gives away the password hash of whoever opens it.
    UncPath = Reject "unc_path", "The file loads something from a file server when it opens, which can give away the reader’s sign-in. Break the link and save it again.";
    /// An add-in made of web pages.
    WebExtension = Flag "web_extension", "The file brings an add-in, a web page that can read the document and change it. Remove it (Insert, My Add-ins) if the reader does not need it.";
    /// A hyperlink that is neither web nor mail.
    UnusualHyperlink = Flag "unusual_hyperlink", "A hyperlink leads to something other than a web page or a mail address. Check where it leads.";

    // Fields, formulas and actions.

    /// A DDE field in a text.
    DdeField = Reject "dde_field", "The document contains a field that starts another program (DDE). Delete the field and save it again.";
    /// A DDE link of a workbook.
    DdeLink = Reject "dde_link", "The workbook contains a link that starts another program (DDE). Remove the link and save it again.";
    /// A DDE formula.
    DdeFormula = Reject "dde_formula", "A formula in the workbook starts another program (DDE). Delete the formula and save it again.";
    /// A formula that runs code outside of the workbook.
    ProgramFormula = Reject "program_formula", "A formula in the workbook runs a program or a library, or reads and writes other files. Replace it by its value and save it again.";
    /// A formula that asks a server or another program.
    FetchingFormula = Flag "fetching_formula", "A formula in the workbook fetches its value from a server or from another program, and can send it what stands in cells. Replace it by its value if the reader needs only that.";
    /// A field that pulls in content from elsewhere.
    PullingField = Flag "pulling_field", "A field in the document takes its content from another file. Replace it by its result if the reader needs only that.";
    /// A click or a mouse movement that starts a program.
    ActionProgram = Reject "action_program", "A slide starts a program when it is clicked or touched. Remove the action and save it again.";
    /// A click, a mouse movement or a key that runs a macro.
    ActionMacro = Reject "action_macro", "Something in the file, or in the ribbon that it brings, runs a macro when it is clicked or touched. Take the macro off it (Assign Macro or Action) and save it again.";
    /// A button, shape or field that names a macro of this file, which has none, or of the reader’s program.
    MacroButton = Flag "macro_button", "A button, a shape or a field in the file names a macro, which the file does not have. A click does nothing, unless the reader’s program has a macro or a command of that name. Take the macro off it if it is left over.";
    /// Changes of the program’s ribbon.
    CustomRibbon = Flag "custom_ribbon", "The file changes the ribbon or the toolbar of the program that opens it. Remove that if the reader does not need it.";
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
