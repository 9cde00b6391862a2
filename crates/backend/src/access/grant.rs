//! What gives access, and which of several things that do.

use std::cmp::Reverse;

use domain::{
    DeliveryId, DocumentId, Timestamp, VersionId,
    delivery::{Standing, Terms},
};

/// Access to a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Grant {
    pub(crate) document: DocumentId,
    /// The current one.
    pub(crate) version: VersionId,
    pub(crate) name: String,
    pub(crate) by: By,
}

/// What gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    /// The role of the person, whatever was delivered.
    Role,
    /// A delivery to an audience of the person.
    Delivery { id: DeliveryId, terms: Terms },
}

/// Why there is no access. Of several reasons the greatest is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Refused {
    /// There is no such document, or none that is delivered to the person.
    Unknown,
    /// It was delivered, and could be had until this moment.
    Over(Timestamp),
    /// It was delivered, and is not to be had yet.
    NotYet,
}

impl Grant {
    /// The delivery, unless it is the role.
    pub(crate) fn delivery(&self) -> Option<DeliveryId> {
        match self.by {
            By::Role => None,
            By::Delivery { id, .. } => Some(id),
        }
    }

    /// When it ends, if it does.
    pub(crate) fn until(&self) -> Option<Timestamp> {
        match self.by {
            By::Role => None,
            By::Delivery { terms, .. } => terms.until,
        }
    }

    /// Whether it is by this delivery, or needs none.
    pub(super) fn fits(&self, delivery: DeliveryId) -> bool {
        self.delivery().is_none_or(|by| by == delivery)
    }

    fn standing(&self, now: Timestamp) -> Standing {
        match self.by {
            By::Role => Standing::Open,
            By::Delivery { terms, .. } => terms.at(now),
        }
    }

    /// The longer it lasts the greater; of two that last equally long, the older.
    fn rank(&self) -> (i64, Reverse<Option<DeliveryId>>) {
        (self.until().map_or(i64::MAX, Timestamp::millis), Reverse(self.delivery()))
    }
}

/// Of all that was granted of one document, what gives access now; if nothing does, why.
pub(super) fn choose(grants: impl IntoIterator<Item = Grant>, now: Timestamp) -> Result<Grant, Refused> {
    let mut best: Option<Grant> = None;
    let mut refused = Refused::Unknown;
    for grant in grants {
        match grant.standing(now) {
            Standing::Open => best = best.into_iter().chain([grant]).max_by_key(Grant::rank),
            Standing::Over(until) => refused = refused.max(Refused::Over(until)),
            Standing::NotYet(_) => refused = refused.max(Refused::NotYet),
        }
    }
    best.ok_or(refused)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_000);

    fn delivery(last: u8) -> DeliveryId {
        format!("0198c0de-0000-7000-8000-0000000000{last:02x}").parse().expect("an id")
    }

    fn granted(by: By) -> Grant {
        let id = "0198c0de-0000-7000-8000-000000000001";
        let (document, version) = (id.parse().expect("an id"), id.parse().expect("an id"));
        Grant { document, version, name: "report.docx".to_owned(), by }
    }

    fn delivered(last: u8, from: Option<i64>, until: Option<i64>) -> Grant {
        let [from, until] = [from, until].map(|millis| millis.map(Timestamp::from_millis));
        granted(By::Delivery { id: delivery(last), terms: Terms { from, until } })
    }

    #[test]
    fn of_several_deliveries_the_one_that_lasts_longest_gives_access() {
        let (short, long) = (delivered(1, None, Some(2_000)), delivered(2, None, Some(3_000)));
        let (endless, younger) = (delivered(3, None, None), delivered(4, None, None));
        let over = delivered(5, None, Some(1_000));
        let chosen = |grants: &[&Grant]| choose(grants.iter().copied().cloned(), NOW).expect("open").delivery();
        assert_eq!(chosen(&[&short]), Some(delivery(1)));
        assert_eq!(chosen(&[&long, &short, &over]), Some(delivery(2)));
        assert_eq!(chosen(&[&short, &younger, &endless, &long]), Some(delivery(3)));
        assert_eq!(chosen(&[&granted(By::Role)]), None);
    }

    #[test]
    fn without_access_the_reason_that_gives_most_hope_is_told() {
        let (over, earlier) = (delivered(1, None, Some(1_000)), delivered(2, None, Some(900)));
        let later = delivered(3, Some(1_001), None);
        let refused = |grants: &[&Grant]| choose(grants.iter().copied().cloned(), NOW).expect_err("closed");
        assert_eq!(refused(&[]), Refused::Unknown);
        assert_eq!(refused(&[&over, &earlier]), Refused::Over(NOW));
        assert_eq!(refused(&[&later, &over]), Refused::NotYet);
    }

    #[test]
    fn a_link_needs_its_own_delivery_unless_the_role_is_enough() {
        assert!(delivered(1, None, None).fits(delivery(1)) && !delivered(1, None, None).fits(delivery(2)));
        assert!(granted(By::Role).fits(delivery(1)));
    }
}
