//! The checker of fault tests must itself find what it is there to find.

use cluster_tests::chaos::load::{Acknowledged, Stored, wrong};
use cluster_tests::support::sets::Verdict;

fn numbered(numbers: impl IntoIterator<Item = u64>) -> Vec<(u64, u64)> {
    numbers.into_iter().map(|number| (number, number)).collect()
}

#[test]
fn the_checker_finds_every_kind_of_fault() {
    let record = numbered(1..=10);
    assert_eq!(Verdict::of(&record, &record), Verdict::default());
    let wrong = |copy: Vec<(u64, u64)>| Verdict::of(&record, &copy);
    assert_eq!(wrong(numbered(3..=10)).lost_prefix, [1, 2]);
    assert_eq!(wrong(numbered((1..=10).filter(|n| *n != 5))).lost_middle, [5]);
    assert_eq!(wrong(numbered(1..=8)).lost_postfix, [9, 10]);
    assert_eq!(wrong(Vec::new()).lost_postfix.len(), 10);
    let mut more = record.clone();
    more.push((11, 77));
    assert_eq!(wrong(more).unexpected, [11]);
    let mut twice = record.clone();
    twice.push((11, 10));
    assert_eq!(wrong(twice).duplicates, [10]);
    let mut swapped = record.clone();
    (swapped[3].1, swapped[4].1) = (swapped[4].1, swapped[3].1);
    assert_eq!(wrong(swapped).out_of_order, [5, 4]);
}

#[test]
fn a_checker_of_requests_finds_every_kind_of_fault() {
    let acknowledged = |request: &str, order: &str, position| Acknowledged {
        request_id: request.to_owned(),
        object_id: order.to_owned(),
        position,
    };
    let stored = |request: &str, order: &str, position| Stored {
        position,
        object_id: order.to_owned(),
        request_id: request.to_owned(),
    };
    let told = [acknowledged("a", "SO-1", 1), acknowledged("b", "SO-2", 2)];
    let good = vec![stored("a", "SO-1", 1), stored("b", "SO-2", 2), stored("c", "SO-3", 3)];
    let none: [String; 0] = [];
    assert_eq!(wrong(&told, &good), none, "what nobody acknowledged may be there");
    assert_eq!(wrong(&told, &good[1..]), ["SO-1 was acknowledged and is not stored"]);
    let mut elsewhere = good.clone();
    elsewhere[1].position = 7;
    assert_eq!(wrong(&told, &elsewhere), ["SO-2 is not where its receipt says"]);
    let mut twice = good.clone();
    twice.push(stored("c", "SO-4", 4));
    assert_eq!(wrong(&told, &twice), ["request c was carried out twice"]);
    let mut again = good;
    again.push(stored("d", "SO-3", 4));
    assert_eq!(wrong(&told, &again), ["order SO-3 was submitted twice"]);
}
