//! `qudao carts`: carts and templates of dealers, and what a dealer may want to order.

mod args;
mod rows;

use std::process::ExitCode;

use clap::Subcommand;
use proto::common::v1::{PageRequest, Receipt};
use proto::order::v1::cart_query_service_client::CartQueryServiceClient;
use proto::order::v1::cart_service_client::CartServiceClient;
use proto::order::v1::{
    Cart, CartKind, DeleteCartRequest, GetCartRequest, KeptLine, ListCartsRequest, SaveCartRequest,
    SuggestOrderRequest, SuggestedLine, SuggestionBasis,
};
use serde::Serialize;
use uuid::Uuid;

use self::args::{Delete, List, Save, Show, Suggest};
use crate::client::{failure, money, output, retry};

#[derive(Subcommand)]
pub(crate) enum Carts {
    /// Carts and templates, the last saved first
    List(List),
    /// One cart with its lines
    Show(Show),
    /// Keep a cart or a template, with all that is in it
    Save(Save),
    /// Throw a cart or a template away
    Delete(Delete),
    /// What a dealer may want to order today
    Suggest(Suggest),
}

#[derive(Serialize)]
struct Told {
    cart_id: String,
    dealer_id: String,
    dealer_name: String,
    kind: &'static str,
    name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    note: String,
    line_count: u32,
    quantity: i64,
    saved_by: String,
    saved_at: String,
    version: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    lines: Option<Vec<Line>>,
}

#[derive(Serialize)]
struct Line {
    product_id: String,
    product_name: String,
    base_unit: String,
    quantity: u32,
    is_orderable: bool,
    unit_price_minor: Option<i64>,
}

#[derive(Serialize)]
struct Suggested {
    product_id: String,
    product_name: String,
    base_unit: String,
    quantity: u32,
    basis: &'static str,
    orders: u32,
    interval_days: u32,
    days_since: u32,
    is_due: bool,
}

impl Carts {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Self::List(list) => list.run().await?,
            Self::Show(show) => show.run().await?,
            Self::Save(save) => save.run().await?,
            Self::Delete(delete) => delete.run().await?,
            Self::Suggest(suggest) => suggest.run().await?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl List {
    async fn run(self) -> anyhow::Result<()> {
        failure::tell_as_json(self.json);
        let session = self.connection.open().await?.one_trace();
        let asked = ListCartsRequest {
            page: Some(PageRequest { size: self.limit, token: String::new() }),
            search: self.search,
            dealer_id: self.dealer,
            kind: self.kind.map_or(CartKind::Unspecified, CartKind::from).into(),
            min_position: self.min_position,
        };
        let mut client = CartQueryServiceClient::new(session.wire());
        let found = client.list_carts(asked).await?.into_inner().carts;
        let carts: Vec<Told> = found.into_iter().map(Told::from).collect();
        if self.json {
            return output::json(&carts);
        }
        let rows = carts.into_iter().map(|cart| {
            vec![
                cart.cart_id,
                cart.dealer_name,
                cart.kind.to_owned(),
                cart.name,
                cart.line_count.to_string(),
                money::count(cart.quantity),
                cart.saved_at,
            ]
        });
        let columns = ["cart", "dealer", "kind", "name", ">products", ">quantity", "saved"];
        output::text(&output::lines(&output::table(&columns, rows)))
    }
}

impl Show {
    async fn run(self) -> anyhow::Result<()> {
        failure::tell_as_json(self.json);
        let session = self.connection.open().await?.one_trace();
        let asked = GetCartRequest { cart_id: self.cart, min_position: self.min_position };
        let mut client = CartQueryServiceClient::new(session.wire());
        let found = client.get_cart(asked).await?.into_inner();
        let lines: Vec<Line> = found.lines.into_iter().map(Line::from).collect();
        let cart = Told::from(found.cart.unwrap_or_default());
        if self.json {
            return output::json(&Told { lines: Some(lines), ..cart });
        }
        let head = format!("{} {} of {}", cart.kind, cart.name, cart.dealer_name);
        let rows = lines.into_iter().map(|line| {
            let state = if line.is_orderable { "" } else { "can not be ordered today" };
            let quantity = money::count(line.quantity.into());
            vec![line.product_id, line.product_name, quantity, line.base_unit, state.to_owned()]
        });
        let table = output::table(&["product", "name", ">quantity", "unit", ""], rows);
        output::text(&format!("{head}\n{}", output::lines(&table)))
    }
}

impl Save {
    async fn run(self) -> anyhow::Result<()> {
        failure::tell_as_json(self.json);
        let lines = match &self.csv {
            Some(file) => rows::read(file)?,
            None => self.lines.into_iter().map(Into::into).collect(),
        };
        let session = self.connection.open().await?.one_trace();
        let request = SaveCartRequest {
            request_id: Uuid::now_v7().to_string(),
            expected_version: self.version,
            cart_id: self.cart,
            dealer_id: self.dealer,
            kind: CartKind::from(self.kind).into(),
            name: self.name,
            note: self.note,
            lines,
        };
        let saved = retry::until_answered(&[], async || {
            CartServiceClient::new(session.wire()).save_cart(request.clone()).await
        });
        told("saved", saved.await?.into_inner().receipt, self.json)
    }
}

impl Delete {
    async fn run(self) -> anyhow::Result<()> {
        failure::tell_as_json(self.json);
        let session = self.connection.open().await?.one_trace();
        let request = DeleteCartRequest {
            request_id: Uuid::now_v7().to_string(),
            expected_version: self.version,
            cart_id: self.cart,
        };
        let deleted = retry::until_answered(&[], async || {
            CartServiceClient::new(session.wire()).delete_cart(request.clone()).await
        });
        told("deleted", deleted.await?.into_inner().receipt, self.json)
    }
}

impl Suggest {
    async fn run(self) -> anyhow::Result<()> {
        failure::tell_as_json(self.json);
        let session = self.connection.open().await?.one_trace();
        let asked = SuggestOrderRequest { dealer_id: self.dealer, min_position: self.min_position };
        let mut client = CartQueryServiceClient::new(session.wire());
        let found = client.suggest_order(asked).await?.into_inner().lines;
        let lines: Vec<Suggested> = found.into_iter().map(Suggested::from).collect();
        if self.json {
            return output::json(&lines);
        }
        let rows = lines.into_iter().map(|line| {
            let every = match line.interval_days {
                0 => String::new(),
                days => format!("every {days} days"),
            };
            vec![
                line.product_id,
                line.product_name,
                money::count(line.quantity.into()),
                line.base_unit,
                line.basis.to_owned(),
                every,
                format!("{} days ago", line.days_since),
                if line.is_due { "due" } else { "" }.to_owned(),
            ]
        });
        let columns = ["product", "name", ">quantity", "unit", "why", "how often", "last", ""];
        output::text(&output::lines(&output::table(&columns, rows)))
    }
}

fn told(done: &str, receipt: Option<Receipt>, json: bool) -> anyhow::Result<()> {
    #[derive(Serialize)]
    struct Done {
        cart_id: String,
        version: u64,
        position: u64,
    }
    let Receipt { object_id: cart_id, version, position } = receipt.unwrap_or_default();
    if json {
        return output::json(&Done { cart_id, version, position });
    }
    eprintln!("{done}: version {version}, position {position}");
    output::text(&cart_id)
}

impl From<Cart> for Told {
    fn from(cart: Cart) -> Self {
        let kind = match cart.kind() {
            CartKind::Unspecified => "",
            CartKind::Cart => "cart",
            CartKind::Template => "template",
        };
        Self {
            kind,
            cart_id: cart.cart_id,
            dealer_id: cart.dealer_id,
            dealer_name: cart.dealer_name,
            name: cart.name,
            note: cart.note,
            line_count: cart.line_count,
            quantity: cart.quantity,
            saved_by: cart.saved_by,
            saved_at: cart.saved_at,
            version: cart.version,
            lines: None,
        }
    }
}

impl From<KeptLine> for Line {
    fn from(KeptLine { product_id, quantity, product }: KeptLine) -> Self {
        let is_orderable = product.is_some();
        let product = product.unwrap_or_default();
        Self {
            product_id,
            product_name: product.name,
            base_unit: product.base_unit,
            quantity,
            is_orderable,
            unit_price_minor: product.unit_price_minor,
        }
    }
}

impl From<SuggestedLine> for Suggested {
    fn from(line: SuggestedLine) -> Self {
        let basis = match line.basis() {
            SuggestionBasis::Unspecified => "",
            SuggestionBasis::Usual => "usual",
            SuggestionBasis::LastOrder => "last-order",
        };
        let product = line.product.unwrap_or_default();
        Self {
            product_id: product.product_id,
            product_name: product.name,
            base_unit: product.base_unit,
            quantity: line.quantity,
            basis,
            orders: line.orders,
            interval_days: line.interval_days,
            days_since: line.days_since,
            is_due: line.is_due,
        }
    }
}
