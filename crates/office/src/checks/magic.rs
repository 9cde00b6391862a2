//! What the first bytes and the extension of an embedded file say.

/// How many of the first bytes are looked at.
const HEAD: usize = 4096;

/// The signature of compound files: the old Office formats and OLE objects.
pub(crate) const COMPOUND: [u8; 8] = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];
/// The signature of a ZIP entry.
pub(crate) const ZIP: [u8; 4] = *b"PK\x03\x04";
/// The end record of an archive, which is all there is when it has no entries.
pub(crate) const EMPTY_ARCHIVE: [u8; 4] = *b"PK\x05\x06";

/// Extensions of files that run when they are opened.
const PROGRAMS: &[&str] = &[
    "appcontent-ms",
    "appimage",
    "appinstaller",
    "application",
    "appref-ms",
    "appx",
    "bat",
    "chm",
    "cmd",
    "com",
    "command",
    "cpl",
    "csh",
    "desktop",
    "diagcab",
    "dll",
    "exe",
    "gadget",
    "hlp",
    "hta",
    "inf",
    "ins",
    "iso",
    "jar",
    "jnlp",
    "js",
    "jse",
    "ksh",
    "library-ms",
    "lnk",
    "mde",
    "msc",
    "msi",
    "msix",
    "msp",
    "mst",
    "msu",
    "pif",
    "ps1",
    "ps1xml",
    "ps2",
    "psc1",
    "psm1",
    "py",
    "rb",
    "reg",
    "rgs",
    "scf",
    "scr",
    "sct",
    "search-ms",
    "searchconnector-ms",
    "settingcontent-ms",
    "sh",
    "shb",
    "shs",
    "sys",
    "url",
    "vb",
    "vbe",
    "vbs",
    "vhd",
    "vhdx",
    "website",
    "ws",
    "wsc",
    "wsf",
    "wsh",
    "xbap",
    "xll",
];
/// Extensions of Office files with macros.
const MACROS: &[&str] = &["docm", "dotm", "xlsm", "xltm", "xlam", "pptm", "potm", "ppsm", "ppam", "sldm", "xla"];
/// Extensions of Office packages.
const PACKAGES: &[&str] =
    &["docx", "dotx", "xlsx", "xltx", "xlsb", "pptx", "potx", "ppsx", "sldx", "thmx", "vsdx", "vstx"];
/// Types of programs and scripts.
const PROGRAM_TYPES: &[&str] = &[
    "application/x-msdownload",
    "application/x-msdos-program",
    "application/x-ms-installer",
    "application/x-msi",
    "application/hta",
    "application/java-archive",
    "application/javascript",
    "application/x-javascript",
    "text/javascript",
    "text/vbscript",
    "application/x-sh",
    "application/x-powershell",
    "application/x-executable",
];
/// First bytes of programs for Linux, macOS and Java, of shortcuts, compiled help and scripts.
const PROGRAM_HEADS: &[&[u8]] = &[
    b"\x7fELF",
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
    b"\x4c\x00\x00\x00\x01\x14\x02\x00",
    b"ITSF\x03\x00\x00\x00",
    b"#!/",
    b"#! /",
];

/// The extension of the last segment in lower case. Dots and spaces at the end are ignored, as by
/// Windows.
pub(crate) fn extension(name: &str) -> String {
    let file = name.rsplit(['/', '\\']).next().unwrap_or_default().trim_end_matches(['.', ' ', '\0']);
    file.rsplit_once('.').map(|(_, extension)| extension.to_lowercase()).unwrap_or_default()
}

/// Whether a file of this name runs when it is opened.
pub(crate) fn is_program_name(name: &str) -> bool {
    PROGRAMS.contains(&extension(name).as_str())
}

/// Whether a file of this name is an Office file with macros.
pub(crate) fn is_macro_name(name: &str) -> bool {
    MACROS.contains(&extension(name).as_str())
}

/// Whether a part of this name or type has to be an Office package.
pub(crate) fn is_package(name: &str, content_type: &str) -> bool {
    PACKAGES.contains(&extension(name).as_str()) || content_type.contains("vnd.openxmlformats-officedocument")
}

/// Whether a part of this type is a program.
pub(crate) fn is_program_type(content_type: &str) -> bool {
    PROGRAM_TYPES.contains(&content_type)
}

/// Whether a part starts with an XML declaration, whatever its name and type say. Some programs follow
/// relationships to it all the same.
pub(crate) fn is_xml(head: &[u8]) -> bool {
    const UTF16: [&[u8]; 2] = [b"\xff\xfe<\0?\0x\0m\0l\0", b"\xfe\xff\0<\0?\0x\0m\0l"];
    let utf8 = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    utf8.starts_with(b"<?xml") || UTF16.iter().any(|declaration| head.starts_with(declaration))
}

/// Whether a part is what macOS leaves beside each file when it makes an archive: attributes of the file, under its
/// name and extension with two characters in front, and nothing that a program would take for the part itself.
pub(crate) fn is_mac_attributes(name: &str, head: &[u8]) -> bool {
    const APPLE_DOUBLE: [u8; 4] = [0x00, 0x05, 0x16, 0x07];
    name.rsplit('/').next().is_some_and(|file| file.starts_with("._")) && head.starts_with(&APPLE_DOUBLE)
}

/// Whether these are the first bytes of a program.
pub(crate) fn is_program(head: &[u8], content_type: &str) -> bool {
    let head = head.get(..HEAD).unwrap_or(head);
    if PROGRAM_HEADS.iter().any(|magic| head.starts_with(magic)) {
        return true;
    }
    // Two letters are little: where a part has a type that may start with anything, more is asked.
    head.starts_with(b"MZ") && (!content_type.contains("printersettings") || is_portable_executable(head))
}

fn is_portable_executable(head: &[u8]) -> bool {
    let at = crate::zip::bytes::index(crate::zip::bytes::u32_at(head, 0x3C));
    head.get(at..).is_some_and(|header| header.starts_with(b"PE\0\0"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_known_by_name_and_by_content() {
        assert!(is_program_name("word/embeddings/Setup.EXE"));
        assert!(is_program_name("C:\\a\\b.pdf.js. "));
        assert!(!is_program_name("word/media/image1.png"));
        assert!(is_program(b"MZ\x90\0", "") && is_program(b"\x7fELF\x02", "image/png"));
        assert!(!is_program(
            b"MZ settings",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.printersettings"
        ));
        assert!(!is_program(b"\x89PNG", ""));
    }

    #[test]
    fn what_macos_leaves_is_known_by_name_and_content() {
        assert!(is_mac_attributes("__MACOSX/_rels/._.rels", b"\x00\x05\x16\x07\x00\x02"));
        assert!(!is_mac_attributes("__MACOSX/_rels/._.rels", b"<Relationships/>"));
        assert!(!is_mac_attributes("word/document.xml", b"\x00\x05\x16\x07"));
    }

    #[test]
    fn xml_is_known_by_its_declaration() {
        let utf16 = |text: &str, bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<_>>();
        let declaration = "\u{feff}<?xml version='1.0'?>";
        assert!(is_xml(declaration.as_bytes()) && is_xml(b"<?xml?>"));
        assert!(is_xml(&utf16(declaration, u16::to_le_bytes)) && is_xml(&utf16(declaration, u16::to_be_bytes)));
        assert!(!is_xml(b"\x89PNG") && !is_xml(b"<html>") && !is_xml(b""));
    }
}
