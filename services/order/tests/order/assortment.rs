//! Who sees and orders what.

use kernel::spec::{given, given_nothing};
use order::assortment::{
    Assortment, AssortmentCommand, AssortmentEvent, AssortmentRefusal, Effect, MAX_RULES, Rule,
};
use order::audience::{Audience, Scope, Window};
use order::order::OrderRefusal;
use values::{AssortmentRuleId, BusinessDate};

use crate::promotions::id;
use crate::world::{Shop, basket, product_id};

fn day(text: &str) -> BusinessDate {
    text.parse().expect("a day")
}

fn rule(name: &str, effect: Effect, audience: Audience, scope: Scope) -> Rule {
    let window = Window { from: day("2026-11-01"), until: Some(day("2026-11-30")) };
    Rule { rule_id: id(name), name: name.into(), effect, window, audience, scope }
}

fn west() -> Audience {
    Audience { regions: [id("west")].into(), ..Audience::default() }
}

fn others() -> Audience {
    Audience { dealers: [id("somebody-else")].into(), ..Audience::default() }
}

fn trail() -> Scope {
    Scope::of(product_id("trail-1"))
}

fn mountain() -> Scope {
    Scope { categories: [vec!["Mountain".to_owned()]].into(), ..Scope::default() }
}

/// Which of the two bikes the dealer can order under these rules.
fn sees(rules: Vec<Rule>) -> Vec<&'static str> {
    let shop = Shop { rules, ..Shop::open() };
    let is_sold = |name: &&str| match shop.price(&basket(&[(name, 1, None)])) {
        Ok(_) => true,
        Err(OrderRefusal::ProductNotOrderable { .. }) => false,
        Err(other) => panic!("{other}"),
    };
    ["race-2", "trail-1"].into_iter().filter(is_sold).collect()
}

#[test]
fn without_rules_everybody_sees_everything() {
    assert_eq!(sees(vec![]), ["race-2", "trail-1"]);
}

#[test]
fn a_hidden_product_is_hidden_whatever_else_names_it() {
    let hide = rule("hide", Effect::Hide, west(), trail());
    assert_eq!(sees(vec![hide.clone()]), ["race-2"]);
    let all = Audience::default();
    let kept = rule("kept", Effect::Exclusive, west(), trail());
    let only = rule("only", Effect::Limit, all, trail());
    assert_eq!(sees(vec![hide.clone(), kept, only]), Vec::<&str>::new(), "deny wins");
    assert_eq!(sees(vec![Rule { audience: others(), ..hide }]), ["race-2", "trail-1"]);
}

#[test]
fn what_is_for_others_only_is_not_seen() {
    let theirs = rule("theirs", Effect::Exclusive, others(), trail());
    assert_eq!(sees(vec![theirs.clone()]), ["race-2"]);
    let ours = rule("ours", Effect::Exclusive, west(), mountain());
    assert_eq!(
        sees(vec![theirs.clone(), ours]),
        ["race-2", "trail-1"],
        "one that names us is enough"
    );
    let elsewhere = rule("race", Effect::Exclusive, west(), Scope::of(product_id("race-2")));
    assert_eq!(sees(vec![theirs, elsewhere]), ["race-2"], "for another product it says nothing");
}

#[test]
fn a_limit_shows_nothing_else_and_limits_add_up() {
    let limit = |name: &str, scope| rule(name, Effect::Limit, west(), scope);
    assert_eq!(sees(vec![limit("one", trail())]), ["trail-1"]);
    let race = || Scope::of(product_id("race-2"));
    assert_eq!(sees(vec![limit("one", trail()), limit("two", race())]), ["race-2", "trail-1"]);
    let theirs = rule("theirs", Effect::Limit, others(), race());
    assert_eq!(sees(vec![theirs]), ["race-2", "trail-1"], "others are limited");
    let except = Scope { except: [product_id("race-2")].into(), ..mountain() };
    assert_eq!(sees(vec![limit("range", except)]), ["trail-1"]);
}

#[test]
fn a_rule_counts_on_its_days() {
    let hide = rule("hide", Effect::Hide, west(), trail());
    let shop = Shop { rules: vec![hide], ..Shop::open() };
    for (on, is_sold) in [("2026-10-31", true), ("2026-11-01", false), ("2026-12-01", true)] {
        let mut wanted = basket(&[("trail-1", 1, None)]);
        wanted.business_date = day(on);
        assert_eq!(shop.price(&wanted).is_ok(), is_sold, "{on}");
    }
}

#[test]
fn rules_are_set_and_removed() {
    let hide = || rule("hide", Effect::Hide, west(), trail());
    let set = |rule: Rule| AssortmentCommand::Set(Box::new(rule));
    let is = |rule: Rule| AssortmentEvent::AssortmentRuleSet(Box::new(rule));
    let remove = || AssortmentCommand::Remove { rule_id: id("hide"), reason: "上市".into() };
    let rule_id: AssortmentRuleId = id("hide");
    let gone = AssortmentEvent::AssortmentRuleRemoved { rule_id, reason: "上市".into() };
    given_nothing::<Assortment>().when(set(hide())).then([is(hide())]);
    given::<Assortment>([is(hide())]).when(set(hide())).then_nothing();
    given::<Assortment>([is(hide())]).when(remove()).then([gone]);
    given_nothing::<Assortment>().when(remove()).then_refused(AssortmentRefusal::RuleNotFound);
    let window = Window { from: day("2026-11-02"), until: Some(day("2026-11-01")) };
    given_nothing::<Assortment>()
        .when(set(Rule { window, ..hide() }))
        .then_refused(AssortmentRefusal::NoDays);
    let everything = rule("all", Effect::Hide, Audience::default(), Scope::default());
    given_nothing::<Assortment>()
        .when(set(everything))
        .then_refused(AssortmentRefusal::HidesEverything);
    let numbered = |n: usize| is(Rule { rule_id: id(&format!("rule-{n}")), ..hide() });
    given::<Assortment>((0..MAX_RULES).map(numbered))
        .when(set(hide()))
        .then_refused(AssortmentRefusal::TooManyRules);
}
