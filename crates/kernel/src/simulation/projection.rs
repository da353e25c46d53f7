//! A read model filled by one process after the other: facts come twice, late, with gaps and out of
//! order, some can not be applied, some end the process, and so does chance.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::Duration;

use chrono::DateTime;
use uuid::Uuid;

use super::Figures;
use super::executor::{below, chance, kill, now, sleep, spawn};
use super::history::ensure;
use crate::event::Recorded;
use crate::projection::simulated::{Aside, Model, Nature, Rows};

/// The group of the process.
const PROCESS: u32 = 1;
/// Tries after which a fact that ends the process is parked.
const TRIES: u64 = 5;
/// Times that chance ends the process: once more, and it could be a fact's fault.
const KILLS: u64 = 3;

struct Scene {
    facts: Vec<(Recorded, Nature)>,
    model: Model,
    figures: RefCell<Figures>,
}

pub(super) async fn run() -> Result<Figures, String> {
    let scene = Rc::new(Scene::new());
    scene.start();
    let mut kills = below(KILLS);
    scene.model.set_failing(below(12));
    let head = scene.facts.len() as u64;
    let mut calm_from = Duration::from_millis(below(3_000));
    while scene.model.position() < head || now() < calm_from {
        sleep(Duration::from_millis(1 + below(20))).await;
        if now() >= calm_from {
            scene.model.set_failing(0);
        }
        let ended = scene.model.take_ended();
        if ended || (kills > 0 && chance(5)) {
            kill(PROCESS);
            kills -= u64::from(!ended);
            calm_from += Duration::from_millis(200);
            scene.count(if ended { "ended by a fact" } else { "killed" });
            scene.start();
        } else if chance(1) {
            scene.count("ended in order");
            kill(PROCESS);
            scene.model.end();
            scene.start();
        }
        scene.check_ends()?;
        ensure!(now() < Duration::from_secs(120), "no way past {}", scene.model.position());
    }
    scene.check(&scene.model.rows())?;
    let mut figures = scene.figures.take();
    figures.count("facts", head);
    Ok(figures)
}

impl Scene {
    fn new() -> Self {
        let count = if chance(30) { 100 + below(60) } else { 5 + below(40) };
        let objects = 1 + below(8);
        let mut ending = below(3);
        let facts: Vec<_> = (1..=count)
            .map(|position| {
                let nature = match below(40) {
                    0 => Nature::Unknown,
                    1 => Nature::Failing,
                    2 if ending > 0 => {
                        ending -= 1;
                        Nature::Ending
                    }
                    _ => Nature::Good,
                };
                (fact(position, below(objects)), nature)
            })
            .collect();
        Self { model: Model::new(facts.clone()), facts, figures: RefCell::default() }
    }

    fn count(&self, name: &'static str) {
        self.figures.borrow_mut().count(name, 1);
    }

    fn start(self: &Rc<Self>) {
        let scene = self.clone();
        let fill = self.model.clone().fill(move |at| scene.delivery(at));
        spawn(PROCESS, fill);
    }

    /// What comes next to a model that is at a position: from the log, or from a stream that keeps
    /// no promise.
    fn delivery(&self, at: u64) -> Vec<Recorded> {
        let after = |position: u64, count: u64| {
            let position = usize::try_from(position).unwrap_or(usize::MAX);
            let count = usize::try_from(count).unwrap_or(usize::MAX);
            let facts = self.facts.iter().skip(position).take(count);
            facts.map(|(fact, _)| fact.clone()).collect::<Vec<_>>()
        };
        match below(10) {
            0..=3 => after(at, 1 + below(100)),
            4..=6 => {
                self.count("repeated deliveries");
                after(at.saturating_sub(below(8)), 1 + below(30))
            }
            7 | 8 => {
                self.count("deliveries with a gap");
                after(at + 1 + below(3), 1 + below(10))
            }
            _ => {
                self.count("deliveries out of order");
                let mut facts = after(at.saturating_sub(below(3)), 2 + below(10));
                let last = facts.len().saturating_sub(1);
                if last > 0 {
                    let one = usize::try_from(below(last as u64)).unwrap_or(0);
                    facts.swap(one, last);
                }
                facts
            }
        }
    }

    /// The tables are what the log comes to, without the facts that can not be applied and those
    /// of the same object after them.
    fn check(&self, rows: &Rows) -> Result<(), String> {
        let mut expected = Rows { position: self.facts.len() as u64, ..Rows::default() };
        let mut blocked = BTreeSet::new();
        for (fact, nature) in &self.facts {
            let aside = match nature {
                _ if blocked.contains(&fact.object_id) => Aside::Held,
                Nature::Good => {
                    let applied = expected.applied.entry(fact.object_id.clone()).or_default();
                    applied.push(fact.position);
                    continue;
                }
                Nature::Unknown | Nature::Failing | Nature::Ending => Aside::Parked,
            };
            blocked.insert(fact.object_id.clone());
            expected.aside.insert(fact.position, (fact.clone(), aside));
        }
        let sides = |rows: &Rows| {
            rows.aside.iter().map(|(position, (_, aside))| (*position, *aside)).collect::<Vec<_>>()
        };
        ensure!(
            rows.applied == expected.applied,
            "the tables have {:?}, not {:?}",
            rows.applied,
            expected.applied
        );
        ensure!(
            sides(rows) == sides(&expected),
            "aside are {:?}, not {:?}",
            sides(rows),
            sides(&expected)
        );
        ensure!(rows.position == expected.position, "the checkpoint is at {}", rows.position);
        self.check_ends()?;
        self.figures.borrow_mut().count("put aside", rows.aside.len() as u64);
        Ok(())
    }

    /// The process does not end again and again: what chance does is counted down, and each fact
    /// has its tries.
    fn check_ends(&self) -> Result<(), String> {
        let in_order = self.figures.borrow().0.get("ended in order").copied().unwrap_or_default();
        let often = too_often(&self.model.ends(), in_order);
        ensure!(
            often.is_none(),
            "a fact ended the process more than {TRIES} times, {in_order} ends in order: {often:?}"
        );
        Ok(())
    }
}

/// A fact that ended the process more often than it may, and how often. An end in order says that
/// no fact is to blame, so that it is found out anew: no number of ends is too many by itself.
fn too_often(ends: &BTreeMap<u64, u64>, in_order: u64) -> Option<(u64, u64)> {
    let often = ends.iter().find(|(_, times)| **times > TRIES * (in_order + 1));
    often.map(|(position, times)| (*position, *times))
}

fn fact(position: u64, object: u64) -> Recorded {
    let id = Uuid::from_u128(u128::from(position));
    Recorded {
        position,
        event_id: id,
        tenant: "acme".to_owned(),
        context: "simulated".to_owned(),
        aggregate: "counter".to_owned(),
        object_id: format!("o{object}"),
        version: position,
        event_type: "Counted".to_owned(),
        event_version: 1,
        recorded_at: DateTime::UNIX_EPOCH,
        metadata: super::metadata("acme", id),
        payload: String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::executor;
    use super::*;

    /// A process that is given facts up to a position, and ends without order.
    async fn process(model: &Model, facts: &[(Recorded, Nature)], to: usize) {
        let facts: Vec<_> = facts.iter().take(to).map(|(fact, _)| fact.clone()).collect();
        spawn(PROCESS, model.clone().fill(move |_| facts.clone()));
        sleep(Duration::from_secs(2)).await;
        kill(PROCESS);
    }

    #[test]
    fn a_fact_far_ahead_is_not_forgotten_when_the_process_ends_for_another_reason() {
        let (done, _) = executor::run(1, async {
            let nature = |position| if position == 90 { Nature::Ending } else { Nature::Good };
            let facts: Vec<_> = (1..=100).map(|at| (fact(at, at), nature(at))).collect();
            let model = Model::new(facts.clone());
            process(&model, &facts, 100).await;
            process(&model, &facts, 10).await;
            for _ in 0..4 {
                process(&model, &facts, 100).await;
            }
            (model.position(), model.ends())
        });
        // Once among others, three times alone: the end for another reason counts as one of five.
        assert_eq!(done, Ok((100, BTreeMap::from([(90, 4)]))));
    }

    #[test]
    fn a_fact_has_its_tries_after_each_end_in_order() {
        assert_eq!(too_often(&BTreeMap::from([(20, 5), (70, 5)]), 0), None);
        assert_eq!(too_often(&BTreeMap::from([(20, 5), (70, 6)]), 0), Some((70, 6)));
        assert_eq!(too_often(&BTreeMap::from([(20, 18), (70, 21)]), 12), None);
        assert_eq!(too_often(&BTreeMap::from([(20, 66)]), 12), Some((20, 66)));
    }
}
