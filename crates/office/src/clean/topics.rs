//! The topics that are to go, and the parts that are nothing but one of them.

use super::package::Edge;
use crate::xray::Topic;

/// A set of topics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Topics(u16);

impl Topics {
    pub(super) fn has(self, topic: Topic) -> bool {
        self.0 & bit(topic) != 0
    }
}

impl FromIterator<Topic> for Topics {
    fn from_iter<T: IntoIterator<Item = Topic>>(topics: T) -> Self {
        Self(topics.into_iter().fold(0, |bits, topic| bits | bit(topic)))
    }
}

fn bit(topic: Topic) -> u16 {
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
    (".customxmlproperties+xml", Topic::CustomXml),
];

/// Relationships that have no other purpose, by the last segment of their type. What they lead to goes unless something
/// else leads there, too.
const EDGES: &[(&str, Topic)] = &[
    ("attachedtemplate", Topic::Metadata),
    ("thumbnail", Topic::Metadata),
    ("people", Topic::Metadata),
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
    ("notesslide", Topic::SpeakerNotes),
    ("custom-properties", Topic::CustomProperties),
    ("customproperties", Topic::CustomProperties),
    ("customxml", Topic::CustomXml),
    ("customxmlprops", Topic::CustomXml),
];

impl Topics {
    /// Whether a part is nothing but one of these topics.
    pub(super) fn own_part(self, content_type: &str) -> bool {
        let people = self.has(Topic::Comments) && self.has(Topic::TrackedChanges);
        PARTS.iter().any(|(piece, topic)| self.has(*topic) && content_type.contains(piece))
            // They are named where somebody has commented on something or changed it.
            || (people && content_type.contains("wordprocessingml.people+xml"))
    }

    /// Whether a part that nothing leads to is a remainder of one of these topics.
    pub(super) fn own_remainder(self, name: &str) -> bool {
        self.has(Topic::CustomXml) && name.to_lowercase().starts_with("customxml/")
    }

    /// Whether a relationship has no other purpose than one of these topics.
    pub(super) fn own_edge(self, edge: &Edge) -> bool {
        EDGES.iter().any(|(kind, topic)| self.has(*topic) && edge.kind == *kind)
    }
}
