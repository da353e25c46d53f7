//! The commands that talk to a running system over its public rpcs, like any other client.

use std::process::ExitCode;

use clap::Subcommand;

use crate::client::{self, output};

/// What the exit code of every client command means; shown by `--help`.
pub(crate) const EXIT_CODES: &str = "Exit codes: 0 done · 1 refused, or bad data · 2 wrong usage · \
3 not found · 4 not signed in, or not allowed · 5 no answer from the server; try again";

#[derive(Subcommand)]
pub(crate) enum Client {
    /// Ask the sales cube
    #[command(subcommand)]
    Query(crate::query::Query),
    /// How fast, how right and how much by themselves orders go
    Metrics(crate::metrics::Metrics),
    /// Event logs and their copies in JetStream
    #[command(subcommand, visible_alias = "streams")]
    Stream(crate::stream::Stream),
    /// Read models: list, watch, pause, rebuild, compare
    #[command(subcommand)]
    Projections(crate::projections::Projections),
    /// Facts that could not be applied: list, show, retry, skip
    #[command(subcommand)]
    Parked(crate::parked::Parked),
    /// All that ever happened to one object
    History(Box<crate::history::History>),
    /// Who called what, also when it was refused
    AccessLog(Box<crate::access_log::AccessLog>),
    /// Events as recorded, one JSON object a line
    Replay(Box<crate::replay::Replay>),
    /// Events as files for other tools
    #[command(subcommand)]
    Export(crate::export::Export),
    /// Check logs, or an export, from the stored bytes
    Verify(Box<crate::verify::Verify>),
    /// Proofs and signed exports for auditors
    #[command(subcommand)]
    Proof(crate::proofs::Proof),
    /// Certificates by which the roles know each other
    Certs(crate::certs::Certs),
    /// A token with which the operator acts in the browser
    OperatorToken(crate::operator_token::OperatorToken),
    /// List, show and move orders
    #[command(subcommand)]
    Orders(crate::orders::Orders),
    /// Carts and templates of dealers, and what they may want to order
    #[command(subcommand)]
    Carts(crate::carts::Carts),
    /// What dealers pay, and why
    #[command(subcommand)]
    Prices(crate::prices::Prices),
    /// Credit and money of dealers
    #[command(subcommand)]
    Funds(crate::funds::Funds),
    /// What dealers have to say about goods that they received
    #[command(subcommand)]
    AfterSales(crate::after_sales::AfterSales),
    /// Payments through WeChat Pay and Alipay
    #[command(subcommand)]
    Payments(crate::payments::Payments),
    /// Rebate plans, what dealers have reached under them, and settling it
    #[command(subcommand)]
    Rebates(crate::rebates::Rebates),
    /// What is handed over to the ERP of the brand
    #[command(subcommand)]
    Connectors(Box<crate::connectors::Connectors>),
    /// Statements of account between the brand and its dealers
    #[command(subcommand)]
    Statements(crate::statements::Statements),
    /// Bank statements and bills of providers, against what is on record
    #[command(subcommand)]
    Reconciliation(crate::reconciliation::Reconciliation),
    /// What warehouses send of orders
    #[command(subcommand)]
    Shipments(crate::shipments::Shipments),
    /// Packaging, barcodes and taxes of products
    #[command(subcommand)]
    Products(crate::products::Products),
    /// What there is of products
    #[command(subcommand)]
    Stock(crate::stock::Stock),
    /// People: list, invite, suspend, reinstate, give roles, erase
    #[command(subcommand)]
    Users(crate::users::Users),
    /// Where people are signed in
    #[command(subcommand)]
    Sessions(crate::sessions::Sessions),
    /// Programs of the tenant and their keys
    #[command(subcommand)]
    ServiceAccounts(crate::service_accounts::ServiceAccounts),
    /// Events sent to web services of the brand
    #[command(subcommand)]
    Webhooks(crate::webhooks::Webhooks),
    /// The keys that tokens are signed with
    #[command(subcommand)]
    Keys(crate::keys::Keys),
    /// Bring in data of other systems
    #[command(subcommand)]
    Import(crate::import::Import),
    /// The demonstration tenant
    #[command(subcommand)]
    Demo(crate::demo::Demo),
    /// Play a brand that trades, made from a seed
    Simulate(Box<crate::simulate::Simulate>),
    /// Show one trace as a tree
    Trace(crate::trace::Trace),
}

/// Runs a command and tells people about a failure; the error itself never leaves.
pub(crate) async fn run(command: Client) -> anyhow::Result<ExitCode> {
    let done = match command {
        Client::Query(command) => command.run().await,
        Client::Metrics(command) => command.run().await,
        Client::Stream(command) => command.run().await,
        Client::Projections(command) => command.run().await,
        Client::Parked(command) => command.run().await,
        Client::History(command) => command.run().await,
        Client::AccessLog(command) => command.run().await,
        Client::Replay(command) => command.run().await,
        Client::Export(command) => command.run().await,
        Client::Verify(command) => command.run().await,
        Client::Proof(command) => command.run().await,
        Client::Certs(command) => command.run(),
        Client::OperatorToken(command) => command.run(),
        Client::Orders(command) => command.run().await,
        Client::Carts(command) => command.run().await,
        Client::Prices(command) => command.run().await,
        Client::Funds(command) => command.run().await,
        Client::AfterSales(command) => command.run().await,
        Client::Payments(command) => command.run().await,
        Client::Rebates(command) => command.run().await,
        Client::Connectors(command) => command.run().await,
        Client::Statements(command) => command.run().await,
        Client::Reconciliation(command) => command.run().await,
        Client::Shipments(command) => command.run().await,
        Client::Products(command) => command.run().await,
        Client::Stock(command) => command.run().await,
        Client::Users(command) => command.run().await,
        Client::Sessions(command) => command.run().await,
        Client::ServiceAccounts(command) => command.run().await,
        Client::Webhooks(command) => command.run().await,
        Client::Keys(command) => command.run(),
        Client::Import(command) => command.run().await,
        Client::Demo(command) => command.run().await,
        Client::Simulate(command) => command.run().await,
        Client::Trace(command) => command.run(),
    };
    Ok(match done {
        Ok(code) => code,
        // Whoever reads our output has seen enough (`| head`).
        Err(error) if output::reader_left(&error) => ExitCode::SUCCESS,
        Err(error) => client::failure::report(&error),
    })
}
