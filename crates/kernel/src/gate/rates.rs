//! How often somebody may call: people and tenants by their token, and who is not known yet by the
//! address that they come from.

use std::hash::{BuildHasher as _, Hash, RandomState};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock as _, DefaultClock};
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};
use proto::access::v1::Role;
use tonic::Status;

use crate::auth::Caller;
use crate::failure;
use crate::text::Text;

/// Bits of the numbers that callers are counted under: what is remembered of all callers of a day
/// is never more than a few MiB. Two that meet under a number share what one of them may do.
const NUMBER_BITS: u32 = 18;

/// Calls a second that are taken; 0: as many as come. Twice as many are taken at once of who was
/// quiet before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Of one person, or one service account. Policies and the operator are neither.
    pub person: u32,
    /// Of all people of a tenant together.
    pub tenant: u32,
    /// Of one address, to sign in. Each makes the server work for an attacker's guess.
    pub sign_in: u32,
}

/// Calls a second of one address that are signed: who signs tells everything from a few addresses,
/// and a signature is looked at in less than a tenth of a millisecond.
const SIGNED: u32 = 1_000;

impl Default for Limits {
    fn default() -> Self {
        Self { person: 500, tenant: 5_000, sign_in: 10 }
    }
}

/// What is left to whom.
pub(super) struct Rates {
    person: Counted,
    tenant: Counted,
    sign_in: Counted,
    signed: Counted,
    numbers: RandomState,
}

type Limiter = RateLimiter<u32, DefaultKeyedStateStore<u32>, DefaultClock>;

struct Counted {
    whose: &'static str,
    limiter: Option<Limiter>,
}

impl Counted {
    fn of(whose: &'static str, a_second: u32) -> Self {
        let quota = NonZeroU32::new(a_second)
            .map(|number| Quota::per_second(number).allow_burst(number.saturating_mul(TWO)));
        Self { whose, limiter: quota.map(RateLimiter::keyed) }
    }

    /// Takes a call, or says when the next one is.
    fn take(&self, number: u32) -> Result<(), Status> {
        let Some(limiter) = &self.limiter else { return Ok(()) };
        let Err(not_until) = limiter.check_key(&number) else { return Ok(()) };
        metrics::counter!("rpc_server_refused_by_rate_total", "whose" => self.whose).increment(1);
        Err(too_often(not_until.wait_time_from(limiter.clock().now())))
    }
}

const TWO: NonZeroU32 = NonZeroU32::new(2).expect("not zero");

impl Rates {
    pub(super) fn of(limits: Limits) -> Self {
        Self {
            person: Counted::of("person", limits.person),
            tenant: Counted::of("tenant", limits.tenant),
            sign_in: Counted::of("address", limits.sign_in),
            signed: Counted::of("sender", SIGNED),
            numbers: RandomState::new(),
        }
    }

    /// A number for whoever it is. It can not be foreseen, so nobody chooses whom to share one with.
    fn number(&self, whose: impl Hash) -> u32 {
        let hash = self.numbers.hash_one(whose);
        u32::try_from(hash >> (u64::BITS - NUMBER_BITS)).unwrap_or_default()
    }

    /// Takes a call of somebody who is signed in.
    ///
    /// # Errors
    /// RESOURCE_EXHAUSTED when there were too many.
    pub(super) fn take(&self, caller: Option<&Caller>) -> Result<(), Status> {
        // This system's own policies are not counted; a tenant's program is, whatever its role.
        let ours = |one: &&Caller| one.has(Role::Integration) && !one.is_program();
        let person = caller.filter(|one| !ours(one) && !one.has(Role::Operator));
        let Some(person) = person else { return Ok(()) };
        self.person.take(self.number((&person.tenant, &person.user_id)))?;
        self.tenant.take(self.number(&person.tenant))
    }

    /// Takes a call of who is not known. A network of IPv6 is one address: its owner has 2⁶⁴ of
    /// them.
    ///
    /// # Errors
    /// RESOURCE_EXHAUSTED when there were too many.
    pub(super) fn take_address(&self, address: Option<IpAddr>, signed: bool) -> Result<(), Status> {
        let number = match address {
            Some(IpAddr::V6(address)) => self.number(address.to_bits() >> 64),
            Some(IpAddr::V4(address)) => self.number(address),
            None => self.number(()),
        };
        if signed { self.signed.take(number) } else { self.sign_in.take(number) }
    }
}

fn too_often(wait: Duration) -> Status {
    let text = Text::new("操作过于频繁，请稍后重试", "too many calls; try again in a moment");
    failure::exhausted("TOO_OFTEN", &text, wait)
}

#[cfg(test)]
mod tests {
    use tonic::Code;
    use tonic_types::StatusExt as _;

    use super::*;

    fn caller(user_id: &str, role: Role) -> Caller {
        Caller {
            user_id: user_id.to_owned(),
            name: "李雷".to_owned(),
            tenant: "acme".to_owned(),
            roles: vec![role.as_str_name().to_owned()],
            dealer_id: None,
            time_zone: "Asia/Shanghai".to_owned(),
            ..Caller::default()
        }
    }

    #[test]
    fn who_calls_too_often_is_told_when_to_come_back_and_others_go_on() {
        let rates = Rates::of(Limits { person: 1, tenant: 4, sign_in: 1 });
        let (one, other) = (caller("li.lei", Role::SalesRep), caller("han", Role::SalesRep));
        for _ in 0..2 {
            rates.take(Some(&one)).expect("within the limit");
        }
        let refused = rates.take(Some(&one)).expect_err("above it");
        assert_eq!(refused.code(), Code::ResourceExhausted);
        let wait = refused.get_details_retry_info().and_then(|info| info.retry_delay);
        assert!(wait.is_some_and(|wait| wait <= Duration::from_secs(1)), "{wait:?}");
        rates.take(Some(&other)).expect("somebody else");
        let program = caller("erp", Role::Integration);
        for _ in 0..100 {
            rates.take(Some(&program)).expect("a program");
        }
    }

    #[test]
    fn a_tenant_and_an_address_have_limits_too() {
        let rates = Rates::of(Limits { person: 0, tenant: 1, sign_in: 1 });
        let take = |number: u32| rates.take(Some(&caller(&number.to_string(), Role::SalesRep)));
        assert_eq!((0..5).filter(|number| take(*number).is_ok()).count(), 2);
        let address = |text: &str| rates.take_address(text.parse().ok(), false);
        let network = ["2001:db8::1", "2001:db8::2", "2001:db8::3"];
        assert_eq!(network.iter().filter(|one| address(one).is_ok()).count(), 2);
        address("2001:db8:0:1::1").expect("another network");
        address("192.0.2.1").expect("another address");
    }
}
