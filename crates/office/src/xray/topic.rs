//! What an X-ray looks for.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

macro_rules! topics {
    ($($(#[$doc:meta])+ $name:ident = $text:literal, removal: $removal:ident;)+) => {
        /// Something that a file shows besides its text. The names are stable: programs may rely on them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(rename_all = "snake_case")]
        pub enum Topic {
            $($(#[$doc])+ $name,)+
        }

        impl Topic {
            /// All of them, in the order in which a report shows them.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// The stable name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)+
                }
            }

            /// Whether a clean copy can be without it.
            #[must_use]
            pub const fn removal(self) -> Removal {
                match self {
                    $(Self::$name => Removal::$removal,)+
                }
            }
        }
    };
}

impl Topic {
    /// Whether a clean copy can be without it at all.
    #[must_use]
    pub const fn is_removable(self) -> bool {
        !matches!(self.removal(), Removal::Never)
    }
}

/// Whether a clean copy can be without a topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removal {
    /// Yes, and nobody who reads the copy sees a difference.
    Unseen,
    /// Yes, but it may be missed: only when asked for.
    WhenAsked,
    /// No: it is part of what is seen, or what is seen depends on it.
    Never,
}

topics! {
    /// Who wrote the file, when and with what. Labels: `author`, `last_modified_by`, `company`, `manager`, `created`,
    /// `modified`, `last_printed`, `revision`, `editing_minutes`, `template`, `title`, `subject`, `keywords`, `category`,
    /// `content_status`, `description`, `hyperlink_base`, `version`, `content_type`, `identifier`, `titles`; `person` (took
    /// part in a text), `may_edit` (of a protected one), `signer_address`; `reserved_by`, `folder`, `personal_view`,
    /// `refreshed_by`, `scenario_by`, `published_to` (of a workbook); `printer`; `picture_path` (where a picture came from).
    Metadata = "metadata", removal: Unseen;
    /// Digital signatures, with those who signed; an item has their remark. Any change of the file makes them invalid.
    /// Labels: `signature`, which is not verified here; `broken_signature`, of which something that was signed is missing.
    Signatures = "signatures", removal: WhenAsked;
    /// What pictures tell besides what is seen: camera, time, place, people, captions. An item is a picture. Labels:
    /// `with_location`; `details`.
    PictureData = "picture_data", removal: Unseen;
    /// Comments and notes on cells, with their authors. Labels: `reply`; `author`, who is listed without a comment; or none.
    Comments = "comments", removal: Unseen;
    /// Changes that nobody accepted yet. Labels: `insertion`, `deletion`, `move`, `formatting`; `revision_log` (of a
    /// workbook).
    TrackedChanges = "tracked_changes", removal: Unseen;
    /// What a presenter wrote below the slides.
    SpeakerNotes = "speaker_notes", removal: Unseen;
    /// Text that is there but not shown. Labels: `shape` on slides; `building_block` of a text, for insertion; or none.
    HiddenText = "hidden_text", removal: Never;
    /// Sheets that are hidden. Labels: `hidden`; `very_hidden`, which the menu of the program does not offer.
    HiddenSheets = "hidden_sheets", removal: WhenAsked;
    /// Rows and columns that are hidden; an item sums up a sheet. Label: `rows_and_columns`.
    HiddenCells = "hidden_cells", removal: Never;
    /// Slides that are left out when presenting.
    HiddenSlides = "hidden_slides", removal: WhenAsked;
    /// Where the file leads or fetches from, each target once. Labels: `hyperlink`, `picture`, `media`, `workbook`,
    /// `other`.
    ExternalLinks = "external_links", removal: Never;
    /// Data that the file draws on; passwords are left out. Labels: `database`, `web`, `text_file`, `other`,
    /// `query_table`; `mail_merge` and `query` (of a text).
    Connections = "connections", removal: Never;
    /// Copies of data from elsewhere, which are kept for calculation and may hold more than is shown. Labels:
    /// `pivot_cache`, `linked_workbook`.
    CachedData = "cached_data", removal: Never;
    /// Files inside the file. Labels: `workbook`, `document`, `presentation`, `object`.
    EmbeddedObjects = "embedded_objects", removal: Never;
    /// Properties that somebody, or a document management system, has added, as `name = value`. Labels:
    /// `sensitivity_label`; `document_variable` of a text; `tag` of a presentation; `sheet_property`; or none.
    CustomProperties = "custom_properties", removal: Unseen;
    /// Data parts that are not shown, by their root element and its namespace.
    CustomXml = "custom_xml", removal: Unseen;
    /// Numbers that tell which passages were written in the same sitting; an item sums up each kind. Labels: `listed`,
    /// `marked_passages`.
    RevisionIds = "revision_ids", removal: Unseen;
}

impl FromStr for Topic {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.iter().copied().find(|topic| topic.as_str() == text).ok_or(())
    }
}
