//! How statements are worked out and become the last ones of their accounts.

use kernel::auth::Caller;
use kernel::command::{Rejected, Transaction, Work};
use kernel::failure::{internal, read_failed};
use kernel::log::{Filter, Log, Page};
use kernel::{Decider, Recorded};
use tonic::Status;
use values::{BusinessDate, Currency, DealerId, Sight, StatementId};

use super::funds::Asked;
use crate::credit::CreditAccount;
use crate::order::OrderRefusal;
use crate::statement::chain::object_id;
use crate::statement::{
    ChainCommand, Drawn, Fact, Made, Period, Standing, StatedAccount, Statement, StatementChain,
    StatementCommand, StatementRefusal, Tally,
};
use crate::wallet::Wallet;

/// Facts that are read at a time.
const PAGE: u32 = 1_000;

/// Facts of the account of a statement, in the order of the log.
pub(super) struct Facts<'a> {
    pub(super) log: &'a Log,
    pub(super) caller: &'a Caller,
    pub(super) account: StatedAccount,
    pub(super) dealer_id: &'a DealerId,
}

impl Facts<'_> {
    /// Facts after a position, up to another one.
    pub(super) async fn page(&self, after: u64, until: u64) -> Result<Page, Status> {
        let aggregate = match self.account {
            StatedAccount::Prepaid | StatedAccount::Rebate => Wallet::AGGREGATE,
            StatedAccount::Credit => CreditAccount::AGGREGATE,
        };
        let filter = Filter {
            tenant: Some(self.caller.tenant.clone()),
            aggregates: vec![aggregate.to_owned()],
            event_types: Vec::new(),
            object_id: Some(self.dealer_id.as_str().to_owned()),
        };
        let page = self.log.read_page(&filter, after, until, PAGE).await;
        page.map_err(|error| read_failed(&error))
    }

    pub(super) fn fact(&self, recorded: &Recorded) -> Result<Fact, Status> {
        let fact = match self.account {
            StatedAccount::Prepaid | StatedAccount::Rebate => recorded.decode().map(Fact::Wallet),
            StatedAccount::Credit => recorded.decode().map(Fact::Credit),
        };
        fact.map_err(|error| internal(&error))
    }

    /// Tells a statement all that belongs to it.
    async fn tell(&self, mut tally: Tally) -> Result<Result<Drawn, StatementRefusal>, Status> {
        let mut after = tally.reads_after();
        let newest = i64::MAX.cast_unsigned();
        loop {
            let page = self.page(after, newest).await?;
            for recorded in &page.events {
                let day = self.caller.business_day(recorded.recorded_at).into();
                match tally.take(recorded.position, day, &self.fact(recorded)?) {
                    Ok(true) => (),
                    Ok(false) => return Ok(tally.finish()),
                    Err(no) => return Ok(Err(no)),
                }
            }
            if page.reached >= newest {
                return Ok(tally.finish());
            }
            after = page.reached;
        }
    }
}

/// What was worked out before anything is decided: the log is read where nobody waits for it.
#[derive(Clone)]
pub(super) struct Worked {
    drawn: Result<Drawn, StatementRefusal>,
    /// The last statement of the account at that moment.
    last: Option<StatementId>,
}

/// Makes a statement.
pub struct MakeStatement {
    pub(super) statement_id: StatementId,
    pub(super) asked: Asked,
    pub(super) period: Period,
    pub(super) caller: Caller,
    pub(super) worked: Option<Worked>,
}

impl MakeStatement {
    pub(super) async fn worked_out(mut self, log: &Log) -> Result<Self, Status> {
        let Period { account, ref currency, .. } = self.period;
        let chain = object_id(&self.asked.dealer_id, account, currency);
        let loaded = log.load::<StatementChain>(&self.caller.tenant, &chain).await;
        let (StatementChain { last }, _) = loaded.map_err(|error| read_failed(&error))?;
        let drawn = match Tally::begin(self.period.clone(), last.as_ref()) {
            Err(no) => Err(no),
            Ok(tally) => {
                let (caller, dealer_id) = (&self.caller, &self.asked.dealer_id);
                Facts { log, caller, account, dealer_id }.tell(tally).await?
            }
        };
        let last = last.map(|last| last.statement_id);
        self.worked = Some(Worked { drawn, last });
        Ok(self)
    }
}

impl Transaction for MakeStatement {
    type Refusal = OrderRefusal;

    async fn run(&self, work: &mut Work<'_>) -> Result<(), Rejected<OrderRefusal>> {
        self.asked.account(work).await?;
        let (drawn, last) = drawn(self.worked.as_ref(), self.period.until, self.asked.today)?;
        let Period { account, currency, .. } = self.period.clone();
        let of = Of { dealer_id: self.asked.dealer_id.clone(), account, currency };
        add(work, of.made(&self.statement_id, drawn, last.clone(), None), last).await
    }
}

/// What was worked out, if the last day has come.
fn drawn(
    worked: Option<&Worked>,
    until: BusinessDate,
    today: BusinessDate,
) -> Result<(Drawn, Option<StatementId>), Rejected<OrderRefusal>> {
    if until > today {
        return Err(refused(StatementRefusal::PeriodNotBegun));
    }
    // A transaction is carried out after it was prepared.
    let worked = worked.ok_or_else(|| refused(StatementRefusal::AnotherWasFaster))?;
    let drawn = worked.drawn.clone().map_err(refused)?;
    Ok((drawn, worked.last.clone()))
}

pub(super) fn refused(refusal: StatementRefusal) -> Rejected<OrderRefusal> {
    Rejected::Refused(refusal.into())
}

/// Whose account it is, and which.
struct Of {
    dealer_id: DealerId,
    account: StatedAccount,
    currency: Currency,
}

impl Of {
    fn made(
        self,
        statement_id: &StatementId,
        drawn: Drawn,
        follows: Option<StatementId>,
        correction: Option<(StatementId, String)>,
    ) -> Made {
        let (replaces, reason) = correction.unzip();
        Made {
            statement_id: statement_id.clone(),
            dealer_id: self.dealer_id,
            account: self.account,
            currency: self.currency,
            from: drawn.from,
            until: drawn.until,
            after_position: drawn.after_position,
            upto_position: drawn.upto_position,
            opening: drawn.opening,
            closing: drawn.closing,
            sums: drawn.sums,
            line_count: drawn.line_count,
            digest: drawn.digest,
            overdue_minor: drawn.overdue,
            overdue_days: drawn.overdue_days,
            follows,
            replaces,
            reason: reason.unwrap_or_default(),
        }
    }
}

/// A statement becomes the last one of its account.
async fn add(
    work: &mut Work<'_>,
    made: Made,
    seen: Option<StatementId>,
) -> Result<(), Rejected<OrderRefusal>> {
    let number = made.statement_id.as_str().to_owned();
    let last = made.link();
    let Made { dealer_id, account, currency, .. } = made.clone();
    work.expect_new::<Statement>(&number);
    let command = StatementCommand::Make(Box::new(made));
    work.decide::<Statement>(&number, command).await.map_err(Rejected::from_other)?;
    let chain = object_id(&dealer_id, account, &currency);
    let command = ChainCommand::Add { dealer_id, account, currency, seen, last };
    work.decide::<StatementChain>(&chain, command).await.map_err(Rejected::from_other)
}

/// Makes the statement that takes the place of one that was sent. Until it is sent itself the dealer
/// is asked about the one before, which stands again when the draft is thrown away.
pub struct ReviseStatement {
    pub(super) statement_id: StatementId,
    pub(super) replaces: StatementId,
    pub(super) until: BusinessDate,
    pub(super) reason: String,
    pub(super) sight: Sight,
    pub(super) today: BusinessDate,
    pub(super) caller: Caller,
    pub(super) worked: Option<Worked>,
}

impl ReviseStatement {
    pub(super) async fn worked_out(mut self, log: &Log) -> Result<Self, Status> {
        let number = self.replaces.as_str();
        let loaded = log.load::<Statement>(&self.caller.tenant, number).await;
        let (before, _) = loaded.map_err(|error| read_failed(&error))?;
        // What there is not is told by the transaction.
        let Ok(Standing { made, .. }) = before.standing() else { return Ok(self) };
        let drawn = match Tally::again(made, self.until) {
            Err(no) => Err(no),
            Ok(tally) => {
                let (caller, dealer_id, account) = (&self.caller, &made.dealer_id, made.account);
                Facts { log, caller, account, dealer_id }.tell(tally).await?
            }
        };
        self.worked = Some(Worked { drawn, last: Some(self.replaces.clone()) });
        Ok(self)
    }
}

impl Transaction for ReviseStatement {
    type Refusal = OrderRefusal;

    async fn run(&self, work: &mut Work<'_>) -> Result<(), Rejected<OrderRefusal>> {
        let number = self.replaces.as_str();
        let before = seen(work, number, &self.sight, self.today).await?;
        before.must_be_open().map_err(refused)?;
        let made = &before.made;
        let chain = object_id(&made.dealer_id, made.account, &made.currency);
        let last = work.read::<StatementChain>(&chain).await?.last.clone();
        if last.is_none_or(|last| last.statement_id != self.replaces) {
            return Err(refused(StatementRefusal::LaterOneFollows));
        }
        let (drawn, last) = drawn(self.worked.as_ref(), self.until, self.today)?;
        let of = Of {
            dealer_id: made.dealer_id.clone(),
            account: made.account,
            currency: made.currency.clone(),
        };
        let correction = Some((self.replaces.clone(), self.reason.clone()));
        let made = of.made(&self.statement_id, drawn, made.follows.clone(), correction);
        add(work, made, last).await
    }
}

/// A statement that the caller sees. Those of other dealers are not there, and to people of a dealer
/// no draft is.
pub(super) async fn seen(
    work: &mut Work<'_>,
    number: &str,
    sight: &Sight,
    today: BusinessDate,
) -> Result<Standing, Rejected<OrderRefusal>> {
    let statement = work.read::<Statement>(number).await?;
    let standing = statement.standing().map_err(refused)?;
    let dealer_id = standing.made.dealer_id.clone();
    let asked = Asked { dealer_id, sight: sight.clone(), today };
    asked.account(work).await.map(drop).map_err(|no| match matches!(no, Rejected::Refused(_)) {
        true => refused(StatementRefusal::StatementNotFound),
        false => no,
    })?;
    if matches!(sight, Sight::Dealer(_)) && !standing.status.is_seen_by_dealer() {
        return Err(refused(StatementRefusal::StatementNotFound));
    }
    Ok(standing.clone())
}
