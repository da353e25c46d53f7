//! A discount over goods none of which may fall below its floor.

use values::Minor;

/// A thing that can take a part of a discount.
#[derive(Clone, Copy, Debug)]
pub(super) struct Taker {
    /// What it costs so far: the parts are in proportion to this.
    pub(super) net: Minor,
    /// How much of the discount it can take, not more than its net.
    pub(super) room: Minor,
}

/// Parts of a discount in proportion to what things cost, to the minor unit; what one has no room
/// for goes to the others. With that, what nobody has room for.
pub(super) fn spread(off: Minor, takers: &[Taker]) -> (Vec<Minor>, Minor) {
    let mut full = vec![false; takers.len()];
    loop {
        let mut parts: Vec<Minor> = takers
            .iter()
            .zip(&full)
            .map(|(taker, full)| if *full { taker.room } else { Minor::ZERO })
            .collect();
        let rest = Minor(off.0 - parts.iter().copied().sum::<Minor>().0);
        let weight = |(taker, full): (&Taker, &bool)| match full {
            true => 0,
            false => u64::try_from(taker.net.0).unwrap_or(0),
        };
        let weights: Vec<u64> = takers.iter().zip(&full).map(weight).collect();
        let Ok(shares) = rest.split(&weights) else { return (parts, rest) };
        let over = |at: &usize| shares[*at] > takers[*at].room;
        let open: Vec<usize> = (0..takers.len()).filter(|at| !full[*at]).collect();
        if !open.iter().any(over) {
            open.into_iter().for_each(|at| parts[at] = shares[at]);
            return (parts, Minor::ZERO);
        }
        // They get all they can take; the others share the rest anew.
        open.into_iter().filter(over).for_each(|at| full[at] = true);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn taker(net: i64, room: i64) -> Taker {
        Taker { net: Minor(net), room: Minor(room) }
    }

    #[test]
    fn what_one_can_not_take_the_others_do() {
        let all = [taker(100, 100), taker(100, 10), taker(100, 100)];
        assert_eq!(spread(Minor(100), &all), (vec![Minor(45), Minor(10), Minor(45)], Minor(0)));
        let none = [taker(100, 0), taker(0, 0)];
        assert_eq!(spread(Minor(5), &none), (vec![Minor(0), Minor(0)], Minor(5)));
        assert_eq!(spread(Minor(5), &[]), (vec![], Minor(5)));
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_nobody_takes_too_much(
            off in 0_i64..2_000_000,
            takers in prop::collection::vec((0_i64..500_000, 0_i64..=100), 0..20),
        ) {
            let takers: Vec<_> =
                takers.into_iter().map(|(net, percent)| taker(net, net * percent / 100)).collect();
            let (parts, rest) = spread(Minor(off), &takers);
            prop_assert_eq!(parts.iter().map(|part| part.0).sum::<i64>() + rest.0, off);
            for (part, taker) in parts.iter().zip(&takers) {
                prop_assert!(Minor::ZERO <= *part && *part <= taker.room);
            }
            let room: i64 = takers.iter().map(|taker| taker.room.0).sum();
            prop_assert_eq!(rest.0, (off - room).max(0), "all the room there is was used");
        }
    }
}
