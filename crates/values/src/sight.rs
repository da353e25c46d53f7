//! What somebody sees of a brand's sales (数据范围): all of it, some regions, or one company.

use std::collections::BTreeSet;

use crate::{DealerId, InvalidId, RegionId};

/// Whose things somebody sees and acts on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Sight {
    /// All companies.
    #[default]
    Everything,
    /// The companies of these regions and of all below them.
    Regions(BTreeSet<RegionId>),
    /// One dealer.
    Dealer(DealerId),
}

impl Sight {
    /// What a token says: the dealer that somebody belongs to, or the regions that they look
    /// after. People of no dealer with no region see everything.
    ///
    /// # Errors
    /// [`InvalidId`]; a token that was issued has none.
    pub fn parse(dealer_id: Option<&str>, regions: &[String]) -> Result<Self, InvalidId> {
        match dealer_id {
            Some(dealer_id) => dealer_id.parse().map(Self::Dealer),
            None if regions.is_empty() => Ok(Self::Everything),
            None => {
                regions.iter().map(|id| id.parse()).collect::<Result<_, _>>().map(Self::Regions)
            }
        }
    }

    /// Whether something of a dealer is seen that counts in these regions, from the root to the
    /// dealer's own.
    pub fn sees<'a>(
        &self,
        dealer: &DealerId,
        regions: impl IntoIterator<Item = &'a RegionId>,
    ) -> bool {
        match self {
            Self::Everything => true,
            Self::Regions(seen) => regions.into_iter().any(|region| seen.contains(region)),
            Self::Dealer(own) => own == dealer,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(id: &str) -> RegionId {
        id.parse().expect("an id")
    }

    #[test]
    fn a_region_is_seen_with_all_that_is_below_it_and_nothing_above() {
        let east = Sight::parse(None, &["east".to_owned()]).expect("ids");
        let dealer: DealerId = "hengtong".parse().expect("an id");
        let path = ["root", "east", "jiangsu"].map(region);
        assert!(east.sees(&dealer, &path));
        assert!(!east.sees(&dealer, &path[..1]), "the root is more than the east");
        assert!(!east.sees(&dealer, &["root", "west"].map(region)));
        assert!(Sight::Everything.sees(&dealer, &path));
    }

    #[test]
    fn people_of_a_dealer_see_their_company_wherever_it_is() {
        let own = Sight::parse(Some("hengtong"), &["west".to_owned()]).expect("ids");
        let path = [region("root"), region("east")];
        assert!(own.sees(&"hengtong".parse().expect("an id"), &path));
        assert!(!own.sees(&"ronghua".parse().expect("an id"), &path));
        assert!(Sight::parse(Some("Not An Id"), &[]).is_err());
    }
}
