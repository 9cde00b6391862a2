//! What the inspection of a version found. It quotes the document (authors, comments, names of parts), so it lies in
//! its row sealed under the key of the version: whatever destroys that key destroys it, too.

use std::io::{self, Cursor, Read as _};

use base64::{Engine, engine::general_purpose::STANDARD};
use domain::{DocumentId, ErrorCode, VersionId};
use office::{Code, Examination, Finding, Report, Section, Topic, Xray};
use ring::digest;
use sealed::{Context, FileKey, HEADER_LEN, OpenReader, SEALED_CHUNK, SealError, Sealer, TAG_LEN};
use sqlx::FromRow;

use super::stored::Stored;
use crate::{
    caller::Caller,
    core::Core,
    db::Sql,
    documents::Documents,
    error::{Error, Result},
    policy::{self, Permission},
};

/// Keeps this container apart from the blob, which is sealed under the same key.
const LABEL: &[u8] = b"strongroom.examination@v1\0";

/// Found in a document, these concern whoever opens it; the others concern whoever sent it.
const CODES_FOR_READERS: [Code; 13] = [
    Code::EmbeddedObject,
    Code::EmbeddedArchive,
    Code::ExternalLink,
    Code::ServerLink,
    Code::ExternalImage,
    Code::DataConnection,
    Code::MailMergeSource,
    Code::UnusualHyperlink,
    Code::PullingField,
    Code::FetchingFormula,
    Code::MacroButton,
    Code::WebExtension,
    Code::CustomRibbon,
];

/// See [`CODES_FOR_READERS`].
const TOPICS_FOR_READERS: [Topic; 3] = [Topic::ExternalLinks, Topic::Connections, Topic::EmbeddedObjects];

#[derive(FromRow)]
struct Row {
    examination: Option<String>,
    #[sqlx(flatten)]
    stored: Stored,
}

impl Documents {
    /// What the inspection found in the current version of a document, as far as the caller may see it: ops
    /// everything; clients its kind, how much it is, and what concerns a reader, without a word from the file. `None`
    /// for a document that was deposited before examinations were kept.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`] when there is no document that the caller may see; its row is damaged, or its master
    /// key is missing.
    pub async fn examined(&self, caller: &Caller, id: DocumentId) -> Result<Option<Examination>> {
        let person = policy::require(caller, Permission::Collect)?;
        self.core.granted(caller, person, id).await?;
        let mut sql = Sql::new("SELECT v.examination, ");
        sql.push(Stored::COLUMNS).push(
            " FROM documents d JOIN document_versions v ON v.id = d.current_version \
             WHERE d.deleted_at IS NULL AND d.id = ",
        );
        sql.bind(id);
        let found: Option<Row> = sql.query_as().fetch_optional(self.core.db.read()).await?;
        let row = found.ok_or(ErrorCode::NotFound)?;
        let Some(examination) = self.core.open_examination(&row)? else {
            return Ok(None);
        };
        let all = policy::may(person, Permission::ReadExaminations);
        Ok(Some(if all { examination } else { for_readers(examination) }))
    }
}

impl Core {
    /// Seals an examination for its row.
    pub(crate) fn seal_examination(
        &self,
        version: VersionId,
        file_key: &FileKey,
        examination: &Examination,
    ) -> Result<String> {
        let plain = serde_json::to_vec(examination).map_err(|error| Error::Damaged(error.to_string()))?;
        let mut sealer = Sealer::new(file_key, self.random(), context(version)).map_err(sealing_failed)?;
        let mut sealed = sealer.header().to_vec();
        sealer.seal(&plain, &mut sealed).map_err(sealing_failed)?;
        sealer.finish(&mut sealed).map_err(sealing_failed)?;
        Ok(STANDARD.encode(sealed))
    }

    fn open_examination(&self, row: &Row) -> Result<Option<Examination>> {
        let Some(sealed) = &row.examination else {
            return Ok(None);
        };
        let facts = row.stored.facts();
        let version = facts.version;
        let damaged = |what: &dyn std::fmt::Display| Error::Damaged(format!("examination of {version}: {what}"));
        let file_key = self.unwrap_key(facts, &row.stored.key)?.file_key;
        let sealed = STANDARD.decode(sealed).map_err(|error| damaged(&error))?;
        let plain = open(&sealed, &file_key, context(version)).map_err(|error| damaged(&error))?;
        serde_json::from_slice(&plain).map(Some).map_err(|error| damaged(&error))
    }
}

fn sealing_failed(error: SealError) -> Error {
    Error::Damaged(format!("sealing: {error}"))
}

/// A context of its own for every version, which no blob has.
fn context(version: VersionId) -> Context {
    let mut hash = digest::Context::new(&digest::SHA256);
    hash.update(LABEL);
    hash.update(version.uuid().as_bytes());
    let mut id = [0; 16];
    id.iter_mut().zip(hash.finish().as_ref()).for_each(|(to, from)| *to = *from);
    Context::new(id)
}

fn open(sealed: &[u8], file_key: &FileKey, context: Context) -> io::Result<Vec<u8>> {
    let mut plain = Vec::new();
    OpenReader::new(Cursor::new(sealed), file_key, context, plain_len(sealed.len()))?.read_to_end(&mut plain)?;
    Ok(plain)
}

/// The length that a container of so many bytes has when it is whole. That it is, is checked when it is opened.
fn plain_len(sealed_len: usize) -> u64 {
    let chunks = sealed_len.saturating_sub(HEADER_LEN);
    let tags = (chunks / SEALED_CHUNK + 1) * TAG_LEN;
    chunks.saturating_sub(tags) as u64
}

/// Leaves what a reader should know before opening the document: of each kind how many, and nothing in the words of
/// the file.
fn for_readers(examination: Examination) -> Examination {
    let report = Report { findings: findings_for_readers(&examination.report) };
    let xray = examination.xray.map(|xray| Xray {
        title: None,
        sections: xray
            .sections
            .into_iter()
            .filter(|section| TOPICS_FOR_READERS.contains(&section.topic))
            .map(counted)
            .collect(),
        ..xray
    });
    Examination { verdict: report.verdict(), report, xray }
}

/// Each code once, with its own sentence.
fn findings_for_readers(report: &Report) -> Vec<Finding> {
    let codes = CODES_FOR_READERS.into_iter().filter(|code| report.has(*code));
    codes
        .map(|code| Finding { code, severity: code.severity(), part: None, message: code.message().to_owned() })
        .collect()
}

fn counted(section: Section) -> Section {
    Section { items: Vec::new(), ..section }
}

#[cfg(test)]
mod tests {
    use office::{Item, Kind, Severity, Verdict};
    use sealed::Opener;

    use super::*;

    #[test]
    fn the_length_of_a_container_tells_the_length_inside_it() {
        for len in [0, 1, 65_535, 65_536, 65_537, 131_071, 131_072, 1_000_000] {
            let sealed = Opener::sealed_len(len).expect("far below the limit");
            assert_eq!(plain_len(usize::try_from(sealed).expect("fits")), len);
        }
        assert_eq!(plain_len(0), 0);
    }

    #[test]
    fn an_examination_opens_neither_as_a_blob_nor_for_another_version() {
        let versions = ["0198c0de-0000-7000-8000-000000000001", "0198c0de-0000-7000-8000-000000000002"];
        let [one, other] = versions.map(|id| id.parse::<VersionId>().expect("an id"));
        let key = FileKey::from_bytes([1; 32]);
        let sealer = Sealer::new(&key, [2; 32], context(one)).expect("seals");
        let mut sealed = sealer.header().to_vec();
        sealer.finish(&mut sealed).expect("seals");
        assert_eq!(open(&sealed, &key, context(one)).expect("its own context"), b"");
        for foreign in [context(other), Context::new(one.uuid().into_bytes())] {
            assert!(open(&sealed, &key, foreign).is_err());
        }
    }

    #[test]
    fn a_reader_learns_how_many_links_there_are_and_nothing_in_the_words_of_the_file() {
        let item = Item { who: Some("Ana Example".to_owned()), text: "said".to_owned(), ..Item::default() };
        let section = |topic| Section { topic, count: 3, items: vec![item.clone()] };
        let xray = Xray {
            kind: Kind::Pptx,
            title: Some("Plan B".to_owned()),
            pages: None,
            sheets: None,
            slides: Some(12),
            words: 345,
            sections: Topic::ALL.iter().copied().map(section).collect(),
        };
        let report = Report { findings: Code::ALL.iter().copied().map(flagged_by_the_file).collect() };
        let told = for_readers(Examination { verdict: Verdict::Flagged, report, xray: Some(xray) });
        let xray = told.xray.as_ref().expect("there is one");
        assert_eq!((xray.slides, xray.words, xray.count(Topic::ExternalLinks)), (Some(12), 345, 3));
        assert_eq!((xray.count(Topic::Metadata), xray.count(Topic::Comments)), (0, 0));
        assert_eq!(told.verdict, Verdict::Flagged);
        let json = serde_json::to_string(&told).expect("JSON");
        assert!(["Ana", "said", "Plan B", "Quarter"].iter().all(|word| !json.contains(word)), "{json}");
    }

    fn flagged_by_the_file(code: Code) -> Finding {
        let message = "Look at Quarter.xlsx.".to_owned();
        Finding { code, severity: Severity::Flag, part: Some("Quarter.bin".to_owned()), message }
    }
}
