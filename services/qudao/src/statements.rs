//! `qudao statements`: statements of account between the brand and its dealers.

mod args;
mod making;
mod show;

use std::process::ExitCode;

use clap::Subcommand;
use proto::common::v1::{PageRequest, Receipt};
use proto::order::v1::statement_query_service_client::StatementQueryServiceClient;
use proto::order::v1::statement_service_client::StatementServiceClient;
use proto::order::v1::{
    AgreeStatementRequest, AnswerDisputeRequest, DiscardStatementRequest, DisputeStatementRequest,
    DisputeVerdict, DisputedPoint, FundsEntry, GetStatementRequest, ListStatementLinesRequest,
    ListStatementsRequest, ReviseStatementRequest, SendStatementRequest,
};
use serde::Serialize;
use tonic::Status;
use uuid::Uuid;

use self::args::{
    Answer, Asked, Discard, Dispute, Line, List, Make, Only, Plain, Revise, Show, Verdict,
};
use self::show::Shown;
use crate::client::{Session, Wire, failure, output, retry};

#[derive(Subcommand)]
pub(crate) enum Statements {
    /// Statements, the newest first
    List(List),
    /// One statement with its totals and all that was said about it
    Show(Show),
    /// Make the statement of one account, or those of all dealers, as drafts
    Make(Make),
    /// Show a draft to the dealer
    Send(Plain),
    /// Throw a draft away
    Discard(Discard),
    /// Agree to a statement for the dealer
    Agree(Plain),
    /// Dispute a statement for the dealer
    Dispute(Dispute),
    /// Answer what a dealer disputes
    Answer(Answer),
    /// Make a statement anew that was sent, with what has been corrected since
    Revise(Revise),
}

impl Statements {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Self::List(list) => list.run().await?,
            Self::Show(show) => show.run().await?,
            Self::Make(make) => return make.run().await,
            Self::Send(send) => send.send().await?,
            Self::Discard(discard) => discard.run().await?,
            Self::Agree(agree) => agree.agree().await?,
            Self::Dispute(dispute) => dispute.run().await?,
            Self::Answer(answer) => answer.run().await?,
            Self::Revise(revise) => revise.run().await?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl List {
    async fn run(self) -> anyhow::Result<()> {
        failure::tell_as_json(self.json);
        let session = self.connection.open().await?.one_trace();
        let asked = ListStatementsRequest {
            page: Some(PageRequest { size: self.limit, token: String::new() }),
            search: self.search,
            dealer_id: self.dealer,
            accounts: self.account.map(|account| account.told()).into_iter().collect(),
            statuses: self.only.map(Only::statuses).unwrap_or_default(),
            waiting_days: self.days,
            min_position: self.min_position,
            ..Default::default()
        };
        let mut client = StatementQueryServiceClient::new(session.wire());
        let found = client.list_statements(asked).await?.into_inner().statements;
        let statements: Vec<Shown> = found.into_iter().map(Shown::from).collect();
        if self.json {
            return output::json(&statements);
        }
        let rows = statements.into_iter().map(|it| {
            let (period, closing, waited) = (it.period(), it.closing(), it.waited());
            let lines = it.line_count.to_string();
            let number = it.statement_id;
            vec![number, it.dealer_name, it.account, period, it.status, waited, lines, closing]
        });
        let columns = [
            "statement",
            "dealer",
            "account",
            "period",
            "status",
            ">waiting",
            ">lines",
            ">closing",
        ];
        output::text(&output::lines(&output::table(&columns, rows)))
    }
}

impl Show {
    async fn run(self) -> anyhow::Result<()> {
        let Self { lines, min_position, asked } = self;
        let (session, asked) = asked.open().await?;
        let request = GetStatementRequest { statement_id: asked.number.clone(), min_position };
        let mut client = StatementQueryServiceClient::new(session.wire());
        let found = client.get_statement(request).await?.into_inner().statement;
        let mut shown = Shown::from(found.unwrap_or_default());
        if lines {
            shown = shown.with_lines(all_lines(&session, &asked.number).await?);
        }
        if asked.json { output::json(&shown) } else { output::text(&shown.sheet()) }
    }
}

/// All lines of a statement, page by page.
async fn all_lines(session: &Session, statement_id: &str) -> anyhow::Result<Vec<FundsEntry>> {
    let mut lines = Vec::new();
    let mut token = String::new();
    loop {
        let asked = ListStatementLinesRequest {
            page: Some(PageRequest { size: 200, token: std::mem::take(&mut token) }),
            statement_id: statement_id.to_owned(),
            min_position: 0,
        };
        let mut client = StatementQueryServiceClient::new(session.wire());
        let page = client.list_statement_lines(asked).await?.into_inner();
        lines.extend(page.lines);
        token = page.page.map(|page| page.next_token).unwrap_or_default();
        if token.is_empty() {
            return Ok(lines);
        }
    }
}

type Client = StatementServiceClient<Wire>;

#[derive(Serialize)]
struct Done {
    statement_id: String,
    version: u64,
    position: u64,
}

fn done(statement_id: String, version: u64, position: u64) -> anyhow::Result<()> {
    output::json(&Done { statement_id, version, position })
}

impl Asked {
    async fn open(self) -> anyhow::Result<(Session, Self)> {
        failure::tell_as_json(self.json);
        Ok((self.connection.open().await?.one_trace(), self))
    }

    /// Asks until it is answered; all tries carry the same request id.
    async fn ask<F>(self, told: &str, call: F) -> anyhow::Result<()>
    where
        F: AsyncFn(Client, &Self, String) -> Result<Option<Receipt>, Status>,
    {
        let (session, asked) = self.open().await?;
        let request_id = Uuid::now_v7().to_string();
        let receipt = retry::until_answered(&[], async || {
            call(StatementServiceClient::new(session.wire()), &asked, request_id.clone()).await
        });
        let Receipt { object_id, version, position } = receipt.await?.unwrap_or_default();
        if asked.json {
            return done(object_id, version, position);
        }
        eprintln!("{told}: version {version}, position {position}");
        output::text(&object_id)
    }
}

impl Plain {
    async fn send(self) -> anyhow::Result<()> {
        let call = async |mut client: Client, asked: &Asked, request_id| {
            let statement_id = asked.number.clone();
            let request = SendStatementRequest { request_id, statement_id, ..Default::default() };
            Ok(client.send_statement(request).await?.into_inner().receipt)
        };
        self.asked.ask("sent", call).await
    }

    async fn agree(self) -> anyhow::Result<()> {
        let call = async |mut client: Client, asked: &Asked, request_id| {
            let statement_id = asked.number.clone();
            let request = AgreeStatementRequest { request_id, statement_id, ..Default::default() };
            Ok(client.agree_statement(request).await?.into_inner().receipt)
        };
        self.asked.ask("agreed", call).await
    }
}

impl Discard {
    async fn run(self) -> anyhow::Result<()> {
        let Self { reason, asked } = self;
        let call = async |mut client: Client, asked: &Asked, request_id| {
            let request = DiscardStatementRequest {
                request_id,
                statement_id: asked.number.clone(),
                reason: reason.clone(),
                ..Default::default()
            };
            Ok(client.discard_statement(request).await?.into_inner().receipt)
        };
        asked.ask("thrown away", call).await
    }
}

impl Dispute {
    async fn run(self) -> anyhow::Result<()> {
        let Self { lines, all, asked } = self;
        let whole = all.map(|reason| DisputedPoint { position: None, reason });
        let points = lines.into_iter().map(|Line(point)| point).chain(whole);
        let points: Vec<DisputedPoint> = points.collect();
        let call = async |mut client: Client, asked: &Asked, request_id| {
            let request = DisputeStatementRequest {
                request_id,
                statement_id: asked.number.clone(),
                points: points.clone(),
                ..Default::default()
            };
            Ok(client.dispute_statement(request).await?.into_inner().receipt)
        };
        asked.ask("disputed", call).await
    }
}

impl Answer {
    async fn run(self) -> anyhow::Result<()> {
        let Self { asked, verdict, text } = self;
        let verdict = match verdict {
            Verdict::Rejected => DisputeVerdict::Rejected,
            Verdict::Accepted => DisputeVerdict::Accepted,
        };
        let call = async |mut client: Client, asked: &Asked, request_id| {
            let request = AnswerDisputeRequest {
                request_id,
                statement_id: asked.number.clone(),
                verdict: verdict.into(),
                answer: text.clone(),
                ..Default::default()
            };
            Ok(client.answer_dispute(request).await?.into_inner().receipt)
        };
        asked.ask("answered", call).await
    }
}

impl Revise {
    async fn run(self) -> anyhow::Result<()> {
        let Self { until, reason, asked } = self;
        let call = async |mut client: Client, asked: &Asked, request_id| {
            let request = ReviseStatementRequest {
                request_id,
                statement_id: asked.number.clone(),
                until_date: until.clone(),
                reason: reason.clone(),
                ..Default::default()
            };
            Ok(client.revise_statement(request).await?.into_inner().receipt)
        };
        asked.ask("made anew", call).await
    }
}
