//! Requests about carts and templates.

use kernel::Text;
use kernel::command::{Rejected, Transaction, Work};
use kernel::failure::Violations;
use kernel::rpc::{Call, IntoCommand, Reply};
use proto::order::v1 as api;
use proto::order::v1::cart_service_server::CartService;
use tonic::{Request, Status};
use values::{BusinessDate, CartId, DealerId, OrderId, Quantity, Sight};

use super::funds::Asked;
use super::orders::{numbered, sight};
use super::{Api, all, parse, words};
use crate::cart::{Cart, CartCommand, CartKind, CartRefusal, Kept, KeptLine};
use crate::order::OrderRefusal;

#[tonic::async_trait]
impl CartService for Api {
    async fn save_cart(&self, r: Request<api::SaveCartRequest>) -> Reply<api::SaveCartResponse> {
        self.0.run(r).await
    }

    async fn delete_cart(
        &self,
        r: Request<api::DeleteCartRequest>,
    ) -> Reply<api::DeleteCartResponse> {
        self.0.run(r).await
    }
}

/// Keeps a cart.
pub struct SaveCart {
    asked: Asked,
    kept: Kept,
    /// Whether its number was just made.
    new: bool,
}

impl Transaction for SaveCart {
    type Refusal = OrderRefusal;

    async fn run(&self, work: &mut Work<'_>) -> Result<(), Rejected<OrderRefusal>> {
        self.asked.account(work).await?;
        let number = self.kept.cart_id.as_str();
        if self.new {
            work.expect_new::<Cart>(number);
        }
        let kept = Box::new(self.kept.clone());
        let command = CartCommand::Save { kept, is_new: self.new };
        work.decide::<Cart>(number, command).await.map_err(Rejected::from_other)
    }
}

/// Throws a cart away.
pub struct DeleteCart {
    cart_id: CartId,
    sight: Sight,
    today: BusinessDate,
}

impl Transaction for DeleteCart {
    type Refusal = OrderRefusal;

    async fn run(&self, work: &mut Work<'_>) -> Result<(), Rejected<OrderRefusal>> {
        let cart = work.read::<Cart>(self.cart_id.as_str()).await?;
        if let Some(dealer_id) = cart.dealer_id().cloned() {
            let asked = Asked { dealer_id, sight: self.sight.clone(), today: self.today };
            let seen = asked.account(work).await.map(drop);
            // Carts of dealers whom the caller does not see are not there.
            seen.map_err(|no| match matches!(no, Rejected::Refused(_)) {
                true => Rejected::Refused(CartRefusal::CartNotFound.into()),
                false => no,
            })?;
        }
        let decided = work.decide::<Cart>(self.cart_id.as_str(), CartCommand::Delete).await;
        decided.map_err(Rejected::from_other)
    }
}

/// The cart of which an order is made.
pub(super) struct Origin {
    cart_id: CartId,
    seen: Option<u64>,
}

impl Origin {
    /// The cart that a request names; none: it names none.
    pub(super) fn of(
        wrong: &mut Violations,
        cart_id: &str,
        seen: Option<u64>,
    ) -> Option<Option<Self>> {
        if cart_id.is_empty() {
            return Some(None);
        }
        let cart_id = parse(wrong, "cart_id", cart_id)?;
        Some(Some(Self { cart_id, seen }))
    }

    /// The cart has become the order.
    pub(super) async fn end(
        &self,
        work: &mut Work<'_>,
        dealer_id: &DealerId,
        order_id: &OrderId,
    ) -> Result<(), Rejected<OrderRefusal>> {
        let command = CartCommand::Submit {
            dealer_id: dealer_id.clone(),
            order_id: order_id.clone(),
            seen: self.seen,
        };
        let decided = work.decide::<Cart>(self.cart_id.as_str(), command).await;
        decided.map_err(Rejected::from_other)
    }
}

impl IntoCommand<Cart> for api::SaveCartRequest {
    type Command = SaveCart;

    fn into_command(self, call: &Call) -> Result<SaveCart, Status> {
        let mut wrong = Violations::default();
        let asked = Asked::of(&mut wrong, &self.dealer_id, call);
        let kind = match self.kind() {
            api::CartKind::Cart => Some(CartKind::Cart),
            api::CartKind::Template => Some(CartKind::Template),
            api::CartKind::Unspecified => {
                wrong.add("kind", Text::new("请选择购物车或常购清单", "say cart or template"));
                None
            }
        };
        let new = self.cart_id.is_empty();
        let number = if new { numbered("CT", call) } else { self.cart_id };
        let cart_id = parse(&mut wrong, "cart_id", &number);
        let name = words(&mut wrong, "name", &self.name, 1..=100);
        let note = words(&mut wrong, "note", &self.note, 0..=500);
        let lines = kept_lines(&mut wrong, &self.lines);
        let command = (|| {
            let asked = asked?;
            let kept = Kept {
                cart_id: cart_id?,
                dealer_id: asked.dealer_id.clone(),
                kind: kind?,
                name: name?,
                note: note?,
                lines: lines?,
            };
            Some(SaveCart { asked, kept, new })
        })();
        wrong.finish(command)
    }
}

/// The lines, each product once.
fn kept_lines(wrong: &mut Violations, lines: &[api::CartLine]) -> Option<Vec<KeptLine>> {
    all(lines, |index, line| {
        let field = format!("lines[{index}].product_id");
        if lines[..index].iter().any(|before| before.product_id == line.product_id) {
            let text = Text::new(
                "该商品重复，请合并数量",
                "is there already; add the quantities up on one line",
            );
            wrong.add(field, text);
            return None;
        }
        let product_id = parse(wrong, field, &line.product_id)?;
        Some(KeptLine { product_id, quantity: Quantity::of(line.quantity) })
    })
}

impl IntoCommand<Cart> for api::DeleteCartRequest {
    type Command = DeleteCart;

    fn into_command(self, call: &Call) -> Result<DeleteCart, Status> {
        let mut wrong = Violations::default();
        let cart_id = parse(&mut wrong, "cart_id", &self.cart_id);
        let (sight, today) = (sight(&mut wrong, call), call.today().into());
        let command = (|| Some(DeleteCart { cart_id: cart_id?, sight: sight?, today }))();
        wrong.finish(command)
    }
}
