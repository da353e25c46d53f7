//! Carts (购物车) and templates (常购清单) that a dealer keeps. They say what is wanted and not what it
//! costs: that is looked up when they become an order, and compared with what was seen.

use kernel::{Decider, DomainEvent, Refusal, RefusalKind, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use values::{CartId, DealerId, OrderId, ProductId, Quantity};

/// Most lines of a cart: as many as an order has.
pub const MOST_LINES: usize = 200;

/// The facts of a cart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, strum::AsRefStr)]
#[serde(tag = "type")]
pub enum CartEvent {
    /// It is kept like this from now on.
    CartSaved(Box<Kept>),
    /// It was thrown away.
    CartDeleted {
        /// The cart.
        cart_id: CartId,
        /// Whose it was.
        dealer_id: DealerId,
    },
    /// It has become an order.
    CartSubmitted {
        /// The cart.
        cart_id: CartId,
        /// Whose it was.
        dealer_id: DealerId,
        /// The order.
        order_id: OrderId,
    },
}

/// All that a cart is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Kept {
    /// The cart.
    pub cart_id: CartId,
    /// Whose it is.
    pub dealer_id: DealerId,
    /// What it is for.
    pub kind: CartKind,
    /// What people call it.
    pub name: String,
    /// For those who use it; may be empty.
    pub note: String,
    /// What is in it, each product once.
    pub lines: Vec<KeptLine>,
}

/// What a kept list is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CartKind {
    /// 购物车: becomes one order.
    Cart,
    /// 常购清单: stays, however many orders are made of it.
    Template,
}

/// One product of a cart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct KeptLine {
    /// The product.
    pub product_id: ProductId,
    /// Base units.
    pub quantity: Quantity,
}

impl CartKind {
    fn shown(self) -> Text {
        match self {
            Self::Cart => Text::new("购物车", "the cart"),
            Self::Template => Text::new("常购清单", "the template"),
        }
    }
}

impl DomainEvent for CartEvent {
    fn sentence(&self) -> Text {
        match self {
            Self::CartSaved(kept) => {
                let Kept { cart_id, dealer_id, kind, name, lines, .. } = &**kept;
                let (kind, count) = (kind.shown(), lines.len());
                Text::new(
                    format!(
                        "经销商 {dealer_id} 的{}“{name}”（{cart_id}）已保存：{count} 种商品",
                        kind.zh
                    ),
                    format!(
                        "{} {name} ({cart_id}) of {dealer_id} was saved with {count} products",
                        kind.en
                    ),
                )
            }
            Self::CartDeleted { cart_id, dealer_id } => Text::new(
                format!("经销商 {dealer_id} 的购物车 {cart_id} 已删除"),
                format!("cart {cart_id} of {dealer_id} was deleted"),
            ),
            Self::CartSubmitted { cart_id, dealer_id, order_id } => Text::new(
                format!("经销商 {dealer_id} 的购物车 {cart_id} 已提交为订单 {order_id}"),
                format!("cart {cart_id} of {dealer_id} has become order {order_id}"),
            ),
        }
    }
}

/// What can be asked of a cart.
#[derive(Clone, Debug)]
pub enum CartCommand {
    /// Keeps it like this.
    Save {
        /// What is in it.
        kept: Box<Kept>,
        /// Whether its number was just made: a number that somebody gives is that of a cart.
        is_new: bool,
    },
    /// Throws it away.
    Delete,
    /// An order is made of it.
    Submit {
        /// Who orders.
        dealer_id: DealerId,
        /// The order.
        order_id: OrderId,
        /// The version that was seen, if somebody says so.
        seen: Option<u64>,
    },
}

/// Why a cart says no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, strum::AsRefStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum CartRefusal {
    /// There is none, or it is another dealer's.
    #[error("there is no such cart; check its number, or save a new one")]
    CartNotFound,
    /// It is an order by now.
    #[error("the cart has become order {order_id}; look at that, or save a new cart")]
    CartSubmitted {
        /// Which one.
        order_id: OrderId,
    },
    /// It was thrown away.
    #[error("the cart was deleted; save a new one")]
    CartDeleted,
    /// Somebody has saved it since.
    #[error("somebody has saved the cart since you opened it; open it again and submit it anew")]
    CartChanged,
    /// More than an order takes.
    #[error("a cart has at most 200 products, each once; make two carts of it")]
    TooManyProducts,
}

impl Refusal for CartRefusal {
    fn reason(&self) -> String {
        self.as_ref().to_owned()
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Self::CartNotFound => RefusalKind::NotFound,
            Self::TooManyProducts => RefusalKind::InvalidArgument,
            Self::CartSubmitted { .. } | Self::CartDeleted | Self::CartChanged => {
                RefusalKind::FailedPrecondition
            }
        }
    }

    fn text(&self) -> Text {
        Text::new(self.zh(), self.to_string())
    }
}

impl CartRefusal {
    fn zh(&self) -> String {
        match self {
            Self::CartNotFound => "没有这个购物车，请核对编号，或另存为新的购物车".into(),
            Self::CartSubmitted { order_id } => {
                format!("该购物车已提交为订单 {order_id}，请查看该订单，或另存为新的购物车")
            }
            Self::CartDeleted => "该购物车已删除，请另存为新的购物车".into(),
            Self::CartChanged => "打开之后该购物车又被保存过，请重新打开后提交".into(),
            Self::TooManyProducts => "购物车最多 200 种商品，每种一行；请分成两个购物车".into(),
        }
    }
}

/// A cart; its object id is its number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "stage")]
pub enum Cart {
    /// Nobody has saved it.
    #[default]
    Unsaved,
    /// Somebody uses it.
    Open {
        /// What is in it.
        kept: Box<Kept>,
        /// How often it was saved, which is its version.
        saves: u64,
    },
    /// It has become an order.
    Submitted {
        /// Whose it was.
        dealer_id: DealerId,
        /// The order.
        order_id: OrderId,
    },
    /// It was thrown away.
    Deleted {
        /// Whose it was.
        dealer_id: DealerId,
    },
}

impl Cart {
    /// Whose it is, when there is one.
    pub fn dealer_id(&self) -> Option<&DealerId> {
        match self {
            Self::Unsaved => None,
            Self::Open { kept, .. } => Some(&kept.dealer_id),
            Self::Submitted { dealer_id, .. } | Self::Deleted { dealer_id } => Some(dealer_id),
        }
    }

    /// What is in it, and how often it was saved.
    fn open(&self) -> Result<(&Kept, u64), CartRefusal> {
        match self {
            Self::Unsaved => Err(CartRefusal::CartNotFound),
            Self::Open { kept, saves } => Ok((kept, *saves)),
            Self::Submitted { order_id, .. } => {
                Err(CartRefusal::CartSubmitted { order_id: order_id.clone() })
            }
            Self::Deleted { .. } => Err(CartRefusal::CartDeleted),
        }
    }

    /// Carts of others are not there.
    fn is_of(&self, dealer_id: &DealerId) -> Result<(), CartRefusal> {
        match self.dealer_id() {
            Some(own) if own != dealer_id => Err(CartRefusal::CartNotFound),
            Some(_) | None => Ok(()),
        }
    }

    fn save(&self, wanted: Box<Kept>, is_new: bool) -> Result<Vec<CartEvent>, CartRefusal> {
        self.is_of(&wanted.dealer_id)?;
        if wanted.lines.len() > MOST_LINES || wanted.has_one_twice() {
            return Err(CartRefusal::TooManyProducts);
        }
        match self {
            Self::Unsaved if is_new => Ok(vec![CartEvent::CartSaved(wanted)]),
            Self::Open { .. } if is_new => Err(CartRefusal::CartChanged),
            Self::Open { kept, .. } if *kept == wanted => Ok(Vec::new()),
            Self::Unsaved | Self::Open { .. } | Self::Submitted { .. } | Self::Deleted { .. } => {
                self.open().map(|_| vec![CartEvent::CartSaved(wanted)])
            }
        }
    }

    fn submit(
        &self,
        dealer_id: DealerId,
        order_id: OrderId,
        seen: Option<u64>,
    ) -> Result<Vec<CartEvent>, CartRefusal> {
        self.is_of(&dealer_id)?;
        let (kept, saves) = self.open()?;
        match kept.kind {
            CartKind::Template => Ok(Vec::new()),
            CartKind::Cart if seen.is_some_and(|seen| seen != saves) => {
                Err(CartRefusal::CartChanged)
            }
            CartKind::Cart => {
                let cart_id = kept.cart_id.clone();
                Ok(vec![CartEvent::CartSubmitted { cart_id, dealer_id, order_id }])
            }
        }
    }
}

impl Kept {
    fn has_one_twice(&self) -> bool {
        let mut known = std::collections::BTreeSet::new();
        self.lines.iter().any(|line| !known.insert(&line.product_id))
    }
}

impl Decider for Cart {
    const AGGREGATE: &'static str = "cart";
    type Command = CartCommand;
    type Event = CartEvent;
    type Refusal = CartRefusal;

    fn decide(&self, command: CartCommand) -> Result<Vec<CartEvent>, CartRefusal> {
        match command {
            CartCommand::Save { kept, is_new } => self.save(kept, is_new),
            CartCommand::Delete => {
                let (kept, _) = self.open()?;
                let (cart_id, dealer_id) = (kept.cart_id.clone(), kept.dealer_id.clone());
                Ok(vec![CartEvent::CartDeleted { cart_id, dealer_id }])
            }
            CartCommand::Submit { dealer_id, order_id, seen } => {
                self.submit(dealer_id, order_id, seen)
            }
        }
    }

    fn evolve(&mut self, event: CartEvent) {
        *self = match (&*self, event) {
            (Self::Open { saves, .. }, CartEvent::CartSaved(kept)) => {
                Self::Open { kept, saves: saves + 1 }
            }
            (_, CartEvent::CartSaved(kept)) => Self::Open { kept, saves: 1 },
            (_, CartEvent::CartDeleted { dealer_id, .. }) => Self::Deleted { dealer_id },
            (_, CartEvent::CartSubmitted { dealer_id, order_id, .. }) => {
                Self::Submitted { dealer_id, order_id }
            }
        };
    }
}
