//! What companies are called: the place, a word of two signs that wish for luck, the trade.

use std::collections::BTreeSet;

use crate::dice::Dice;

const SIGNS: [&str; 26] = [
    "恒", "源", "兴", "隆", "泰", "盛", "鑫", "昌", "宏", "达", "裕", "丰", "瑞", "祥", "顺", "康",
    "佳", "和", "信", "诚", "益", "嘉", "永", "福", "润", "汇",
];
const TRADES: [&str; 8] =
    ["商贸", "食品", "饮品", "副食品", "供应链", "贸易", "酒水饮料", "食品经营"];
/// Peoples in the names of autonomous prefectures, which companies leave out.
const PEOPLES: [&str; 20] = [
    "朝鲜族",
    "土家族",
    "苗族",
    "藏族",
    "羌族",
    "彝族",
    "布依族",
    "侗族",
    "壮族",
    "傣族",
    "白族",
    "哈尼族",
    "景颇族",
    "傈僳族",
    "回族",
    "蒙古族",
    "蒙古自",
    "柯尔克孜自",
    "哈萨克",
    "维吾尔",
];

/// A name that nobody has yet.
pub(crate) fn company(dice: &mut Dice, city: &str, taken: &mut BTreeSet<String>) -> String {
    loop {
        let [first, second] = [dice.pick(&SIGNS), dice.pick(&SIGNS)];
        let trade = dice.pick(&TRADES);
        let name = format!("{}{first}{second}{trade}有限公司", short(city));
        if first != second && taken.insert(name.clone()) {
            return name;
        }
    }
}

/// A place as it stands in the name of a company: 杭州, 延边, 兴安.
fn short(city: &str) -> &str {
    let peoples = PEOPLES.iter().filter_map(|people| city.find(people)).min();
    let ends = ["自治州", "地区", "市", "盟"].iter().filter_map(|end| city.rfind(end)).min();
    let end = peoples.or(ends).filter(|end| *end > 0).unwrap_or(city.len());
    &city[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_shortened_as_companies_do() {
        let short_ones =
            ["杭州市", "延边朝鲜族自治州", "兴安盟", "大兴安岭地区", "海西蒙古族藏族自治州"];
        let wanted = ["杭州", "延边", "兴安", "大兴安岭", "海西"];
        assert_eq!(short_ones.map(short), wanted);
        assert_eq!(short("博尔塔拉蒙古自治州"), "博尔塔拉");
        assert_eq!(short("克孜勒苏柯尔克孜自治州"), "克孜勒苏");
    }

    #[test]
    fn no_two_companies_have_one_name() {
        let (mut dice, mut taken) = (Dice::new(1, 0), BTreeSet::new());

        let names: BTreeSet<_> =
            (0..500).map(|_| company(&mut dice, "杭州市", &mut taken)).collect();

        assert_eq!(names.len(), 500);
    }
}
