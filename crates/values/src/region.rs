//! Where in the sales area something is, as of a day.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Explain;
use crate::id::RegionId;

/// A region as a fact remembers it: the name may be another one today.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RegionRef {
    /// The region.
    pub region_id: RegionId,
    /// Its name on that day.
    pub name: String,
}

/// Regions from the root of the tree to the one that is meant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct RegionPath(Vec<RegionRef>);

/// Levels that a tree of regions may have.
pub const MAX_LEVELS: usize = 10;

/// A list of regions that is no way through a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must hold 1 to 10 regions, each once, from the root to the own one")]
pub struct InvalidPath;

impl Explain for InvalidPath {
    fn zh(&self) -> String {
        "须为 1 至 10 个互不重复的区域，从根区域到所属区域".to_owned()
    }
}

impl RegionPath {
    /// A path from the root downwards.
    ///
    /// # Errors
    /// [`InvalidPath`] when it is empty, too long, or passes a region twice.
    pub fn parse(regions: Vec<RegionRef>) -> Result<Self, InvalidPath> {
        let once = |(index, region): (usize, &RegionRef)| {
            regions[..index].iter().all(|above| above.region_id != region.region_id)
        };
        let fits =
            (1..=MAX_LEVELS).contains(&regions.len()) && regions.iter().enumerate().all(once);
        if fits { Ok(Self(regions)) } else { Err(InvalidPath) }
    }

    /// The regions, root first.
    pub fn regions(&self) -> &[RegionRef] {
        &self.0
    }

    /// The regions one by one, root first.
    pub fn iter(&self) -> std::slice::Iter<'_, RegionRef> {
        self.0.iter()
    }

    /// Their ids, root first.
    pub fn ids(&self) -> impl Iterator<Item = &RegionId> {
        self.0.iter().map(|region| &region.region_id)
    }

    /// The path to a region right below the one that is meant.
    ///
    /// # Errors
    /// [`InvalidPath`] when that would be too deep, or passes a region twice.
    pub fn below(&self, region: RegionRef) -> Result<Self, InvalidPath> {
        let mut regions = self.0.clone();
        regions.push(region);
        Self::parse(regions)
    }

    /// The region that is meant.
    pub fn own(&self) -> Option<&RegionRef> {
        self.0.last()
    }
}
