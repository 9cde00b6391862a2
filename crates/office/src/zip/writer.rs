//! A writer of archives for tests, with a knob for every field that a file can lie about.

/// One entry, ready to be changed before it is written. Entries are stored unless `packed` is set.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) name: Vec<u8>,
    pub(crate) content: Vec<u8>,
    /// What stands in the file, when it is not the content itself.
    pub(crate) packed: Option<Vec<u8>>,
    pub(crate) method: u16,
    pub(crate) flags: u16,
    /// A data descriptor with or without signature, with sizes of 32 or 64 bits.
    pub(crate) descriptor: Option<(bool, bool)>,
    /// Changes the local header after it was made.
    pub(crate) local: fn(&mut [u8]),
    /// Changes the central header after it was made.
    pub(crate) central: fn(&mut [u8]),
}

impl Member {
    pub(crate) fn new(name: &str, content: &[u8]) -> Self {
        Self {
            name: name.into(),
            content: content.to_vec(),
            packed: None,
            method: 0,
            flags: 0,
            descriptor: None,
            local: |_| {},
            central: |_| {},
        }
    }

    /// The same content, deflated.
    pub(crate) fn deflated(mut self) -> Self {
        use std::io::Write;
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(&self.content).expect("a vector takes everything");
        self.packed = Some(encoder.finish().expect("a vector takes everything"));
        self.method = 8;
        self
    }

    fn data(&self) -> &[u8] {
        self.packed.as_deref().unwrap_or(&self.content)
    }

    /// Method, time, checksum, sizes and the length of the name.
    fn fields(&self, zeroed: bool) -> Vec<u8> {
        let (crc, packed, size) = match zeroed {
            true => (0, 0, 0),
            false => (crc32fast::hash(&self.content), self.data().len() as u32, self.content.len() as u32),
        };
        let mut fields = [self.flags.to_le_bytes(), self.method.to_le_bytes(), [0, 0], [33, 0]].concat();
        fields.extend([crc, packed, size].map(u32::to_le_bytes).concat());
        fields.extend((self.name.len() as u16).to_le_bytes());
        fields
    }

    fn write(&self, file: &mut Vec<u8>) -> Vec<u8> {
        let offset = file.len() as u32;
        let mut local = [&b"PK\x03\x04\x14\0"[..], &self.fields(self.descriptor.is_some()), &[0; 2]].concat();
        (self.local)(&mut local);
        file.extend(local);
        file.extend(&self.name);
        file.extend(self.data());
        if let Some((signature, wide)) = self.descriptor {
            let sizes = [self.data().len() as u64, self.content.len() as u64];
            file.extend(if signature { &b"PK\x07\x08"[..] } else { b"" });
            file.extend(crc32fast::hash(&self.content).to_le_bytes());
            for size in sizes {
                file.extend(&size.to_le_bytes()[..if wide { 8 } else { 4 }]);
            }
        }
        let mut central =
            [&b"PK\x01\x02\x14\0\x14\0"[..], &self.fields(false), &[0; 12], &offset.to_le_bytes()].concat();
        (self.central)(&mut central);
        central.extend(&self.name);
        central
    }
}

/// Where something can be inserted.
#[derive(Default)]
pub(crate) struct Around {
    pub(crate) before: Vec<u8>,
    pub(crate) before_directory: Vec<u8>,
    pub(crate) before_end: Vec<u8>,
    pub(crate) after: Vec<u8>,
}

/// The whole archive.
pub(crate) fn archive(members: &[Member], around: &Around) -> Vec<u8> {
    let mut file = around.before.clone();
    let directory: Vec<u8> = members.iter().flat_map(|member| member.write(&mut file)).collect();
    file.extend(&around.before_directory);
    let start = file.len() as u32;
    file.extend(&directory);
    file.extend(&around.before_end);
    let count = (members.len() as u16).to_le_bytes();
    file.extend([&b"PK\x05\x06"[..], &[0; 4], &count, &count].concat());
    file.extend([(directory.len() as u32).to_le_bytes(), start.to_le_bytes()].concat());
    file.extend([0; 2]);
    file.extend(&around.after);
    file
}

/// The parts of the smallest Word document.
#[cfg(test)]
pub(crate) fn word() -> Vec<Member> {
    const TYPES: &[u8] = br#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
        <Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
        <Default Extension="xml" ContentType="application/xml"/>
        <Override PartName="/word/document.xml"
          ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>"#;
    const RELS: &[u8] = br#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
        <Relationship Id="a" Target="word/document.xml"
          Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"/></Relationships>"#;
    const BODY: &[u8] = br#"<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"/>"#;
    vec![
        Member::new("[Content_Types].xml", TYPES).deflated(),
        Member::new("_rels/.rels", RELS).deflated(),
        Member::new("word/document.xml", BODY).deflated(),
    ]
}
