//! Goods on their way, what dealers find in the parcels, and what they say to it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::{Script, ToCome};
use crate::acts::{Act, Arrival, Parcel};
use crate::cases::{About, Case, Ending};
use crate::orders::spoilt;

impl Script<'_> {
    /// What comes on a day; gives the products of which something is free again.
    pub(super) fn deliver(
        &mut self,
        date: NaiveDate,
        acts: &mut BTreeMap<usize, Vec<Act>>,
    ) -> BTreeSet<usize> {
        let mut freed = BTreeSet::new();
        for (dealer, what) in self.to_come.remove(&date).unwrap_or_default() {
            let acts = acts.entry(dealer).or_default();
            match what {
                ToCome::Taken { shipment_id, handed_back } => {
                    self.truth.taken(handed_back);
                    acts.push(Act::Take { shipment_id, handed_back });
                }
                ToCome::Leaves(parcel) => {
                    self.leave(date, &parcel);
                    acts.push(Act::Ship(parcel));
                }
                ToCome::Closed { order_id, shipment_ids } => {
                    freed.extend(self.close(&order_id));
                    self.truth.shipments.handed_back += shipment_ids.len() as u64;
                    acts.push(Act::CloseShort { order_id, shipment_ids });
                }
                ToCome::Arrives(parcel) => self.arrive(dealer, parcel, acts),
            }
        }
        freed
    }

    fn leave(&mut self, date: NaiveDate, parcel: &Parcel) {
        let Some(course) = self.courses.get_mut(&parcel.order_id) else { return };
        let amount = course.ship(parcel);
        for &(line_no, quantity) in &parcel.lines {
            if let Some(line) = course.line(line_no) {
                self.stock.leave(line.product, quantity);
            }
        }
        if course.on_credit {
            self.books[course.dealer].delivered(date, &parcel.order_id, amount);
            self.truth.credit.delivered_minor += amount;
        }
        let (ordered, shipped) = course.units();
        if ordered == shipped {
            self.truth.over(ordered, shipped);
        }
    }

    /// The rest of an order does not come; gives its products.
    fn close(&mut self, order_id: &str) -> Vec<usize> {
        let Some(course) = self.courses.get_mut(order_id) else { return Vec::new() };
        let rest = course.rest_minor();
        let area = self.world.dealers[course.dealer].area;
        self.books[course.dealer].give_back(rest);
        self.truth.closed(area, rest);
        self.truth.planted.closed_short.push(order_id.to_owned());
        let (ordered, shipped) = course.units();
        self.truth.over(ordered, shipped);
        let mut products = Vec::new();
        for line in &mut course.lines {
            self.stock.release(line.product, line.rest());
            products.push(line.product);
        }
        products
    }

    fn arrive(&mut self, dealer: usize, parcel: Parcel, acts: &mut Vec<Act>) {
        let order_id = parcel.order_id.clone();
        let arrival = self.arrival(parcel);
        acts.push(Act::Receive(arrival.clone()));
        let said = self.faults.complaint.strikes(&mut self.dice);
        let later = said.then(|| About::goods(&mut self.dice, &arrival)).flatten();
        for about in About::receipt(&arrival).into_iter().chain(later) {
            acts.extend(self.case(dealer, &order_id, about));
        }
        let Some(course) = self.courses.get_mut(&order_id) else { return };
        course.to_arrive -= 1;
        if course.to_arrive == 0 {
            let wrong = !arrival.differences.is_empty();
            if let Some(rating) = self.rating(dealer, wrong) {
                self.truth.satisfaction.deliveries.add(rating);
                acts.push(Act::Rate { order_id, rating });
            }
        }
    }

    fn arrival(&mut self, parcel: Parcel) -> Arrival {
        // Lines of the second parcel came with the first one, too.
        let new_lines = if parcel.part == 1 { parcel.lines.len() as u64 } else { 0 };
        let can_be_short = parcel.lines.iter().any(|line| line.1 > 1);
        let arrival = if can_be_short && self.faults.difference.strikes(&mut self.dice) {
            spoilt(&mut self.dice, parcel)
        } else {
            Arrival { parcel, differences: Vec::new() }
        };
        self.truth.arrived(&arrival, new_lines);
        arrival
    }

    fn case(&mut self, dealer: usize, order_id: &str, about: About) -> Option<Act> {
        let course = self.courses.get_mut(order_id)?;
        let ending = Ending::of(&mut self.dice, course, &about);
        if let (Ending::Noted { amount_minor, .. }, true) = (ending, course.on_credit) {
            let less = self.books[dealer].reduce(order_id, amount_minor);
            self.truth.credit.reduced_minor += less;
        } else if let (Ending::Noted { amount_minor, .. }, false) = (ending, course.on_credit) {
            // Only who pays ahead ever orders from it.
            self.books[dealer].top_up(amount_minor);
        }
        let rating = match ending {
            Ending::Refused => None,
            Ending::WrittenOff | Ending::Noted { .. } => self.rating(dealer, false),
        };
        self.truth.case(order_id, &about, ending, rating);
        Some(Act::AfterSale(Case { order_id: order_id.to_owned(), about, ending, rating }))
    }

    /// What a dealer says when it is asked, if it says anything.
    fn rating(&mut self, dealer: usize, wrong: bool) -> Option<(u32, u32)> {
        let asked = dealer.is_multiple_of(self.world.settings.size.one_who_rates());
        let says = self.dice.permille(400);
        let (least, most) = if wrong { (1, 3) } else { (3, 5) };
        let mut say = |least| u32::try_from(self.dice.between(least, most)).unwrap_or(3);
        (asked && says).then(|| (say(least), say(least)))
    }
}
