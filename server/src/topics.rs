//! Lists of topics, as they are written in a query and on the command line: `comments,metadata`.

use office::{Cleaned, Removal, Topic};

/// Why a list says nothing that can be done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum WrongTopic {
    /// Nothing is called that.
    #[error("There is no topic of that name. A copy can be without: {}.", names(&removable()))]
    Unknown,
    /// It is part of what is seen.
    #[error("A copy without {} cannot be made, because what is seen depends on it. It can be without: {}.", .0.as_str(), names(&removable()))]
    Kept(Topic),
}

/// The topics of a list with commas.
pub(crate) fn parse(list: &str) -> Result<Vec<Topic>, WrongTopic> {
    list.split(',').map(|name| parse_one(name.trim())).collect()
}

fn parse_one(name: &str) -> Result<Topic, WrongTopic> {
    let topic: Topic = name.parse().map_err(|()| WrongTopic::Unknown)?;
    if topic.is_removable() { Ok(topic) } else { Err(WrongTopic::Kept(topic)) }
}

/// What a copy is without when nothing else is asked for: whatever nobody sees.
pub(crate) fn usual() -> Vec<Topic> {
    Topic::ALL.iter().copied().filter(|topic| topic.removal() == Removal::Unseen).collect()
}

/// What was removed: `comments=3, metadata=5`, which is a dictionary of RFC 9651, too.
pub(crate) fn removed(cleaned: &Cleaned) -> String {
    let removed = cleaned.removed.iter().filter(|removed| removed.count > 0);
    let members: Vec<_> = removed.map(|removed| format!("{}={}", removed.topic.as_str(), removed.count)).collect();
    members.join(", ")
}

fn removable() -> Vec<Topic> {
    Topic::ALL.iter().copied().filter(|topic| topic.is_removable()).collect()
}

fn names(topics: &[Topic]) -> String {
    let names: Vec<_> = topics.iter().map(|topic| topic.as_str()).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_names_what_can_be_removed_and_nothing_else() {
        assert_eq!(parse("comments, hidden_sheets"), Ok(vec![Topic::Comments, Topic::HiddenSheets]));
        for list in ["", "comments,", "Comments", "comments;metadata"] {
            assert_eq!(parse(list), Err(WrongTopic::Unknown), "{list:?}");
        }
        assert_eq!(parse("comments,external_links"), Err(WrongTopic::Kept(Topic::ExternalLinks)));
        let said = WrongTopic::Unknown.to_string();
        assert!(said.contains("comments, ") && !said.contains("external_links"), "{said}");
    }
}
