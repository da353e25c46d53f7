//! Requests about statements of account.

use kernel::auth::Caller;
use kernel::command::{Rejected, Transaction, Work};
use kernel::failure::{Violations, read_failed};
use kernel::log::Log;
use kernel::rpc::{Call, IntoCommand, Reply};
use proto::order::v1 as api;
use proto::order::v1::statement_service_server::StatementService;
use tonic::{Request, Status};
use values::{BusinessDate, Sight, StatementId};

use super::funds::Asked;
use super::orders::{numbered, sight};
use super::stating::{Facts, MakeStatement, ReviseStatement, refused, seen};
use super::{Api, all, given, parse, unsaid, words};
use crate::order::OrderRefusal;
use crate::statement::chain::object_id;
use crate::statement::{
    ChainCommand, Link, Made, Movement, Period, Point, Standing, StatedAccount, Statement,
    StatementChain, StatementCommand, StatementRefusal, StatementStatus, Verdict,
};

#[tonic::async_trait]
impl StatementService for Api {
    async fn make_statement(
        &self,
        r: Request<api::MakeStatementRequest>,
    ) -> Reply<api::MakeStatementResponse> {
        self.0.run_prepared(r, |make: MakeStatement| make.worked_out(self.0.0.log())).await
    }

    async fn discard_statement(
        &self,
        r: Request<api::DiscardStatementRequest>,
    ) -> Reply<api::DiscardStatementResponse> {
        self.0.run(r).await
    }

    async fn send_statement(
        &self,
        r: Request<api::SendStatementRequest>,
    ) -> Reply<api::SendStatementResponse> {
        self.0.run(r).await
    }

    async fn agree_statement(
        &self,
        r: Request<api::AgreeStatementRequest>,
    ) -> Reply<api::AgreeStatementResponse> {
        self.0.run(r).await
    }

    async fn dispute_statement(
        &self,
        r: Request<api::DisputeStatementRequest>,
    ) -> Reply<api::DisputeStatementResponse> {
        self.0.run_prepared(r, |ask: AskStatement| ask.looked_up(self.0.0.log())).await
    }

    async fn answer_dispute(
        &self,
        r: Request<api::AnswerDisputeRequest>,
    ) -> Reply<api::AnswerDisputeResponse> {
        self.0.run(r).await
    }

    async fn revise_statement(
        &self,
        r: Request<api::ReviseStatementRequest>,
    ) -> Reply<api::ReviseStatementResponse> {
        self.0.run_prepared(r, |revise: ReviseStatement| revise.worked_out(self.0.0.log())).await
    }
}

/// Asks something of a statement that is there.
pub struct AskStatement {
    statement_id: StatementId,
    command: StatementCommand,
    sight: Sight,
    today: BusinessDate,
    caller: Caller,
    /// A position that is disputed and is no line of the statement.
    no_line: Option<u64>,
}

impl AskStatement {
    /// Looks whether what is disputed are lines of the statement.
    async fn looked_up(mut self, log: &Log) -> Result<Self, Status> {
        let StatementCommand::Dispute { points } = &self.command else { return Ok(self) };
        let number = self.statement_id.as_str();
        let loaded = log.load::<Statement>(&self.caller.tenant, number).await;
        let (statement, _) = loaded.map_err(|error| read_failed(&error))?;
        let Ok(Standing { made, .. }) = statement.standing() else { return Ok(self) };
        let (caller, account, dealer_id) = (&self.caller, made.account, &made.dealer_id);
        let facts = Facts { log, caller, account, dealer_id };
        let mut no_line = None;
        for position in points.iter().filter_map(|point| point.position) {
            let within = position > made.after_position && position <= made.upto_position;
            let found =
                if within { facts.page(position - 1, position).await?.events } else { Vec::new() };
            let line = match found.first() {
                Some(recorded) => Movement::of(account, &facts.fact(recorded)?),
                None => None,
            };
            if line.is_none_or(|line| line.currency != made.currency) {
                no_line = Some(position);
                break;
            }
        }
        self.no_line = no_line;
        Ok(self)
    }
}

impl Transaction for AskStatement {
    type Refusal = OrderRefusal;

    async fn run(&self, work: &mut Work<'_>) -> Result<(), Rejected<OrderRefusal>> {
        let number = self.statement_id.as_str();
        let standing = seen(work, number, &self.sight, self.today).await?;
        if let Some(position) = self.no_line {
            return Err(refused(StatementRefusal::LineNotOnStatement { position }));
        }
        let decided = work.decide::<Statement>(number, self.command.clone()).await;
        decided.map_err(Rejected::from_other)?;
        match self.command {
            StatementCommand::Send => take_place(work, &standing.made).await,
            StatementCommand::Discard { .. } => take_off(work, standing.made).await,
            StatementCommand::Make(_)
            | StatementCommand::Agree
            | StatementCommand::Dispute { .. }
            | StatementCommand::Answer { .. }
            | StatementCommand::Replace { .. } => Ok(()),
        }
    }
}

/// A correction that is sent takes the place of the statement that it corrects.
async fn take_place(work: &mut Work<'_>, sent: &Made) -> Result<(), Rejected<OrderRefusal>> {
    let Some(replaced) = &sent.replaces else { return Ok(()) };
    let corrected = work.read::<Statement>(replaced.as_str()).await?;
    let Standing { status, .. } = corrected.standing().map_err(refused)?;
    if *status == StatementStatus::Agreed {
        return Err(refused(StatementRefusal::CorrectedIsAgreed));
    }
    let (by, reason) = (sent.statement_id.clone(), sent.reason.clone());
    let replace = StatementCommand::Replace { by, reason };
    work.decide::<Statement>(replaced.as_str(), replace).await.map_err(Rejected::from_other)
}

/// The last one of the account is again what it was before a draft that is thrown away.
async fn take_off(work: &mut Work<'_>, made: Made) -> Result<(), Rejected<OrderRefusal>> {
    let before = match &made.replaces {
        Some(corrected) => {
            let corrected = work.read::<Statement>(corrected.as_str()).await?;
            Some(corrected.standing().map_err(refused)?.made.link())
        }
        None => before(&made),
    };
    let Made { statement_id, dealer_id, account, currency, .. } = made;
    let chain = object_id(&dealer_id, account, &currency);
    let command = ChainCommand::TakeOff { dealer_id, account, currency, statement_id, before };
    work.decide::<StatementChain>(&chain, command).await.map_err(Rejected::from_other)
}

/// Where the statement before one ended: where that one begins.
fn before(made: &Made) -> Option<Link> {
    let statement_id = made.follows.clone()?;
    let first = made.from.day();
    let until = first.pred_opt().unwrap_or(first).into();
    Some(Link { statement_id, until, upto_position: made.after_position, closing: made.opening })
}

impl IntoCommand<Statement> for api::MakeStatementRequest {
    type Command = MakeStatement;

    fn into_command(self, call: &Call) -> Result<MakeStatement, Status> {
        let mut wrong = Violations::default();
        let asked = Asked::of(&mut wrong, &self.dealer_id, call);
        let statement_id = parse(&mut wrong, "statement_id", &numbered("ST", call));
        let account = match self.account() {
            api::FundsAccount::Prepaid => Some(StatedAccount::Prepaid),
            api::FundsAccount::Rebate => Some(StatedAccount::Rebate),
            api::FundsAccount::Credit => Some(StatedAccount::Credit),
            api::FundsAccount::Unspecified => unsaid(&mut wrong, "account"),
        };
        let currency = parse(&mut wrong, "currency_code", &self.currency_code);
        let from = given(&mut wrong, "from_date", &self.from_date);
        let until = parse(&mut wrong, "until_date", &self.until_date);
        let command = (|| {
            let (account, currency, from) = (account?, currency?, from?);
            Some(MakeStatement {
                statement_id: statement_id?,
                asked: asked?,
                period: Period { account, currency, from, until: until? },
                caller: call.caller.clone(),
                worked: None,
            })
        })();
        wrong.finish(command)
    }
}

impl IntoCommand<Statement> for api::ReviseStatementRequest {
    type Command = ReviseStatement;

    fn into_command(self, call: &Call) -> Result<ReviseStatement, Status> {
        let mut wrong = Violations::default();
        let statement_id = parse(&mut wrong, "statement_id", &numbered("ST", call));
        let replaces = parse(&mut wrong, "statement_id", &self.statement_id);
        let until = parse(&mut wrong, "until_date", &self.until_date);
        let reason = words(&mut wrong, "reason", &self.reason, 1..=200);
        let sight = sight(&mut wrong, call);
        let command = (|| {
            Some(ReviseStatement {
                statement_id: statement_id?,
                replaces: replaces?,
                until: until?,
                reason: reason?,
                sight: sight?,
                today: call.today().into(),
                caller: call.caller.clone(),
                worked: None,
            })
        })();
        wrong.finish(command)
    }
}

fn ask(
    mut wrong: Violations,
    statement_id: &str,
    call: &Call,
    command: Option<StatementCommand>,
) -> Result<AskStatement, Status> {
    let statement_id = parse(&mut wrong, "statement_id", statement_id);
    let (sight, today) = (sight(&mut wrong, call), call.today().into());
    let caller = call.caller.clone();
    let command = (|| {
        let (statement_id, command, sight) = (statement_id?, command?, sight?);
        Some(AskStatement { statement_id, command, sight, today, caller, no_line: None })
    })();
    wrong.finish(command)
}

impl IntoCommand<Statement> for api::SendStatementRequest {
    type Command = AskStatement;

    fn into_command(self, call: &Call) -> Result<AskStatement, Status> {
        ask(Violations::default(), &self.statement_id, call, Some(StatementCommand::Send))
    }
}

impl IntoCommand<Statement> for api::AgreeStatementRequest {
    type Command = AskStatement;

    fn into_command(self, call: &Call) -> Result<AskStatement, Status> {
        ask(Violations::default(), &self.statement_id, call, Some(StatementCommand::Agree))
    }
}

impl IntoCommand<Statement> for api::DiscardStatementRequest {
    type Command = AskStatement;

    fn into_command(self, call: &Call) -> Result<AskStatement, Status> {
        let mut wrong = Violations::default();
        let reason = words(&mut wrong, "reason", &self.reason, 1..=200);
        let command = reason.map(|reason| StatementCommand::Discard { reason });
        ask(wrong, &self.statement_id, call, command)
    }
}

impl IntoCommand<Statement> for api::DisputeStatementRequest {
    type Command = AskStatement;

    fn into_command(self, call: &Call) -> Result<AskStatement, Status> {
        let mut wrong = Violations::default();
        let points = all(&self.points, |index, point| {
            let field = format!("points[{index}].reason");
            let reason = words(&mut wrong, field, &point.reason, 1..=500)?;
            Some(Point { position: point.position, reason })
        });
        let command = points.map(|points| StatementCommand::Dispute { points });
        ask(wrong, &self.statement_id, call, command)
    }
}

impl IntoCommand<Statement> for api::AnswerDisputeRequest {
    type Command = AskStatement;

    fn into_command(self, call: &Call) -> Result<AskStatement, Status> {
        let mut wrong = Violations::default();
        let verdict = match self.verdict() {
            api::DisputeVerdict::Rejected => Some(Verdict::Rejected),
            api::DisputeVerdict::Accepted => Some(Verdict::Accepted),
            api::DisputeVerdict::Unspecified => unsaid(&mut wrong, "verdict"),
        };
        let answer = words(&mut wrong, "answer", &self.answer, 1..=500);
        let command = verdict
            .zip(answer)
            .map(|(verdict, answer)| StatementCommand::Answer { verdict, answer });
        ask(wrong, &self.statement_id, call, command)
    }
}
