//! Where a brand sells: the large regions (大区) that brands have, the provinces and the prefectures.

use crate::Size;

/// Codes and names of provinces and prefectures; see `data/README.md`.
const CODES: &str = include_str!("../data/regions.csv");

/// The large regions: id, name, and the first digits of the provinces in them.
const AREAS: [(&str, &str, &[&str]); 7] = [
    ("north", "华北大区", &["11", "12", "13", "14", "15"]),
    ("north-east", "东北大区", &["21", "22", "23"]),
    ("east", "华东大区", &["31", "32", "33", "34", "35", "36", "37"]),
    ("central", "华中大区", &["41", "42", "43"]),
    ("south", "华南大区", &["44", "45", "46"]),
    ("south-west", "西南大区", &["50", "51", "52", "53", "54"]),
    ("north-west", "西北大区", &["61", "62", "63", "64", "65"]),
];
/// Those of a small world, with one province each.
const SMALL: [(&str, &[&str]); 2] = [("east", &["33"]), ("south", &["44"])];

/// The root of every tree of regions.
pub const ROOT: &str = "root";

/// A region of the brand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The region above it.
    pub parent: String,
}

/// A place that dealers are in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct City {
    /// Its name.
    pub name: String,
    /// The region that its sales count in.
    pub region_id: String,
    /// The large region, by its place in the list of them.
    pub area: usize,
}

/// All of them.
#[derive(Clone, Debug)]
pub struct Places {
    /// Parents before children.
    pub regions: Vec<Region>,
    /// By code.
    pub cities: Vec<City>,
    /// The large regions: id and name.
    pub areas: Vec<(String, String)>,
}

impl Places {
    /// Those of a world.
    pub fn of(size: Size) -> Self {
        let mut places = Self { regions: Vec::new(), cities: Vec::new(), areas: Vec::new() };
        for (id, name, provinces) in AREAS {
            let wanted = match size {
                Size::M => provinces,
                Size::S => SMALL.iter().find(|small| small.0 == id).map_or(&[][..], |it| it.1),
            };
            if wanted.is_empty() {
                continue;
            }
            places.add(id, name, ROOT);
            places.areas.push((id.to_owned(), name.to_owned()));
            for province in wanted {
                places.province(province, id, size);
            }
        }
        places
    }

    fn add(&mut self, id: &str, name: &str, parent: &str) {
        let [id, name, parent] = [id, name, parent].map(str::to_owned);
        self.regions.push(Region { id, name, parent });
    }

    /// A province with its prefectures. In a small world they are places only, and no regions.
    fn province(&mut self, digits: &str, area_id: &str, size: Size) {
        let rows = CODES.lines().filter_map(|line| line.split_once(','));
        let rows: Vec<_> = rows.filter(|(code, _)| code.starts_with(digits)).collect();
        let area = self.areas.len().saturating_sub(1);
        let Some(((code, name), prefectures)) = rows.split_first() else { return };
        // Beijing and the like are prefectures of their own.
        let municipality = prefectures.is_empty();
        if size == Size::M {
            self.add(code, name, area_id);
        }
        for (prefecture, place) in if municipality { &rows[..1] } else { prefectures } {
            let region_id = match size {
                Size::S => area_id,
                Size::M => prefecture,
            };
            if size == Size::M && !municipality {
                self.add(prefecture, place, code);
            }
            let (name, region_id) = ((*place).to_owned(), region_id.to_owned());
            self.cities.push(City { name, region_id, area });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_has_every_province_and_parents_come_first() {
        let places = Places::of(Size::M);

        assert_eq!(places.areas.len(), 7);
        let provinces = places.regions.iter().filter(|it| it.id.ends_with("0000"));
        assert_eq!(provinces.count(), 31);
        assert_eq!((places.regions.len(), places.cities.len()), (7 + 31 + 333, 333 + 4));
        let mut known = vec![ROOT];
        for region in &places.regions {
            assert!(known.contains(&region.parent.as_str()), "{region:?}");
            known.push(&region.id);
        }
        assert!(places.cities.iter().all(|city| known.contains(&city.region_id.as_str())));
    }

    #[test]
    fn a_small_world_has_two_regions() {
        let places = Places::of(Size::S);

        assert_eq!(places.regions.len(), 2);
        assert_eq!(places.cities.len(), 11 + 21);
    }
}
