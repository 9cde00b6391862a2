//! The topics that are to go, and the parts that are nothing but one of them.

use super::package::Edge;
use crate::xray::Topic;

/// A set of topics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Topics(u32);

impl Topics {
    pub(super) fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(super) fn has(self, topic: Topic) -> bool {
        self.0 & bit(topic) != 0
    }
}

impl FromIterator<Topic> for Topics {
    fn from_iter<T: IntoIterator<Item = Topic>>(topics: T) -> Self {
        Self(topics.into_iter().fold(0, |bits, topic| bits | bit(topic)))
    }
}

fn bit(topic: Topic) -> u32 {
    1 << topic as u16
}

/// Parts that go as a whole, by a piece of their type in lower case. The authors of comments have parts of their own.
const PARTS: &[(&str, Topic)] = &[
    (".comments+xml", Topic::Comments),
    (".commentauthors+xml", Topic::Comments),
    (".commentsextended+xml", Topic::Comments),
    (".commentsextensible+xml", Topic::Comments),
    (".commentsids+xml", Topic::Comments),
    (".documenttasks+xml", Topic::Comments),
    (".threadedcomments+xml", Topic::Comments),
    ("vnd.ms-excel.person+xml", Topic::Comments),
    ("vnd.ms-powerpoint.authors+xml", Topic::Comments),
    ("wordprocessingml.people+xml", Topic::Metadata),
    ("spreadsheetml.revisionheaders+xml", Topic::TrackedChanges),
    ("spreadsheetml.revisionlog+xml", Topic::TrackedChanges),
    ("spreadsheetml.usernames+xml", Topic::TrackedChanges),
    ("presentationml.notesslide+xml", Topic::SpeakerNotes),
    (".custom-properties+xml", Topic::CustomProperties),
    ("presentationml.tags+xml", Topic::CustomProperties),
    ("ms-office.classificationlabels+xml", Topic::CustomProperties),
    ("ms-powerpoint.changesinfo+xml", Topic::TrackedChanges),
    ("ms-powerpoint.revisioninfo+xml", Topic::RevisionIds),
    ("openxmlformats-package.digital-signature-", Topic::Signatures),
    (".customxmlproperties+xml", Topic::CustomXml),
];

/// Folders of which whatever nothing leads to is left over, in lower case. Office keeps what it could not delete in the first.
const REMAINDERS: &[(&str, Topic)] = &[
    ("[trash]/", Topic::Metadata),
    ("customxml/", Topic::CustomXml),
    ("_xmlsignatures/", Topic::Signatures),
    ("package/services/digital-signature/", Topic::Signatures),
];

/// Relationships that have no other purpose, by the last segment of their type. What they lead to goes unless something
/// else leads there, too.
const EDGES: &[(&str, Topic)] = &[
    ("attachedtemplate", Topic::Metadata),
    ("thumbnail", Topic::Metadata),
    ("people", Topic::Metadata),
    ("printersettings", Topic::Metadata),
    ("origin", Topic::Signatures),
    ("signature", Topic::Signatures),
    ("certificate", Topic::Signatures),
    ("comments", Topic::Comments),
    ("commentauthors", Topic::Comments),
    ("commentsextended", Topic::Comments),
    ("commentsextensible", Topic::Comments),
    ("commentsids", Topic::Comments),
    ("documenttasks", Topic::Comments),
    ("threadedcomment", Topic::Comments),
    ("person", Topic::Comments),
    ("authors", Topic::Comments),
    ("revisionheaders", Topic::TrackedChanges),
    ("revisionlog", Topic::TrackedChanges),
    ("usernames", Topic::TrackedChanges),
    ("changesinfo", Topic::TrackedChanges),
    ("revisioninfo", Topic::RevisionIds),
    ("notesslide", Topic::SpeakerNotes),
    ("custom-properties", Topic::CustomProperties),
    ("customproperties", Topic::CustomProperties),
    ("customproperty", Topic::CustomProperties),
    ("tags", Topic::CustomProperties),
    ("classificationlabels", Topic::CustomProperties),
    ("customxml", Topic::CustomXml),
    ("customxmlprops", Topic::CustomXml),
];

impl Topics {
    /// The topics for a file inside the file, whose sheets and slides the file around it may draw on.
    pub(super) fn inside(self) -> Self {
        Self(self.0 & !(bit(Topic::HiddenSheets) | bit(Topic::HiddenSlides)))
    }

    /// Whether a part is nothing but one of these topics.
    pub(super) fn own_part(self, content_type: &str) -> bool {
        let people = self.has(Topic::Comments) && self.has(Topic::TrackedChanges);
        PARTS.iter().any(|(piece, topic)| self.has(*topic) && content_type.contains(piece))
            // They are named where somebody has commented on something or changed it.
            || (people && content_type.contains("wordprocessingml.people+xml"))
    }

    /// Whether a part that nothing leads to is a remainder of one of these topics.
    pub(super) fn own_remainder(self, name: &str) -> bool {
        REMAINDERS.iter().any(|(folder, topic)| self.has(*topic) && name.to_lowercase().starts_with(folder))
    }

    /// Whether a relationship has no other purpose than one of these topics.
    pub(super) fn own_edge(self, edge: &Edge) -> bool {
        EDGES.iter().any(|(kind, topic)| self.has(*topic) && edge.kind == *kind)
    }
}
