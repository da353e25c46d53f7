//! How after-sale cases are settled: where the money goes, or which goods are sent again.

use kernel::Decider as _;
use kernel::command::{Rejected, Transaction, Work};
use kernel::failure::Violations;
use kernel::rpc::{Call, IntoCommand};
use proto::order::v1 as api;
use tonic::Status;
use values::{AfterSaleId, DealerId, Minor, OrderId};

use super::after_sales::{decide, found, refused};
use super::orders::{Who, numbered};
use super::paying::rules;
use super::pricing::known;
use super::shipments::hand_over;
use super::stocking::{Wanted, reserve};
use super::{parse, unsaid, words};
use crate::after_sale::{
    AfterSale, AfterSaleCommand, AfterSaleStatus, Case, Payout, Settled, Settlement, told,
};
use crate::credit::{CreditAccount, CreditCommand};
use crate::order::paying::OnlinePart;
use crate::order::pricing::Orderer;
use crate::order::{
    Fund, LineQuantity, Order, OrderCommand, OrderGift, OrderLine, OrderRefusal, Placed, Submission,
};
use crate::order_rules::Rules;
use crate::payment::{OnlinePayment, PaymentCommand};
use crate::product::Product;
use crate::wallet::{Purse, Wallet, WalletCommand};

/// Settles a case.
pub struct SettleAfterSale {
    after_sale_id: AfterSaleId,
    settlement: Settlement,
    amount: Option<Minor>,
    remark: String,
    /// The order that would send the goods again.
    replacement_id: OrderId,
    who: Who,
}

impl Transaction for SettleAfterSale {
    type Refusal = OrderRefusal;

    async fn run(&self, work: &mut Work<'_>) -> Result<(), Rejected<OrderRefusal>> {
        let (case, order) = found(work, &self.after_sale_id, &self.who).await?;
        let accepted = case.accepted();
        let lines = order.worth(&accepted);
        let worth = lines.iter().map(|line| line.worth_minor).sum();
        let amount = match self.settlement {
            Settlement::Refund | Settlement::CreditNote => self.amount.unwrap_or(worth),
            Settlement::Replacement | Settlement::WriteOff => Minor::ZERO,
        };
        // What would be too much is refused by the order; nothing is worked out for it before.
        case.may_settle(self.settlement, amount).map_err(refused)?;
        let payout = self.payout(work, &order, amount).await?;
        let again = self.settlement == Settlement::Replacement;
        let settled = Settled {
            after_sale_id: self.after_sale_id.clone(),
            order_id: order.order_id.clone(),
            dealer_id: order.dealer_id.clone(),
            currency: order.currency.clone(),
            settlement: self.settlement,
            lines,
            amount_minor: amount,
            payout: payout.clone(),
            replacement_order_id: again.then(|| self.replacement_id.clone()),
            remark: self.remark.clone(),
            status: AfterSaleStatus::Settled,
        };
        let command = AfterSaleCommand::Settle(Box::new(settled));
        decide(work, &self.after_sale_id, command).await?;
        let command = OrderCommand::EndAfterSale {
            after_sale_id: self.after_sale_id.clone(),
            settled: accepted.clone(),
            amount,
        };
        work.decide::<Order>(order.order_id.as_str(), command).await?;
        self.pay_out(work, &case, &order, payout).await?;
        if again { self.send_again(work, &order, &accepted).await } else { Ok(()) }
    }
}

impl SettleAfterSale {
    /// Where an amount goes: the way it came, but for a credit note, which stays with the brand.
    async fn payout(
        &self,
        work: &mut Work<'_>,
        order: &Placed,
        amount: Minor,
    ) -> Result<Payout, Rejected<OrderRefusal>> {
        let mut payout = Payout::default();
        for part in order.refunds(amount) {
            let amount_minor = part.amount_minor;
            match part.fund {
                Fund::Rebate => payout.rebate_minor.0 += amount_minor.0,
                Fund::Prepaid => payout.prepaid_minor.0 += amount_minor.0,
                Fund::Elsewhere => payout.elsewhere_minor.0 += amount_minor.0,
                Fund::Online { .. } if self.settlement == Settlement::CreditNote => {
                    payout.prepaid_minor.0 += amount_minor.0;
                }
                Fund::Online { payment_id } => {
                    payout.online.push(OnlinePart { payment_id, amount_minor });
                }
                Fund::Credit => {
                    // What was paid of it since is prepaid now.
                    let owed = match order.lender() {
                        Some(lender) => owed(work, lender, &order.order_id).await?,
                        None => Minor::ZERO,
                    };
                    let debt = owed.min(amount_minor);
                    payout.debt_minor.0 += debt.0;
                    payout.prepaid_minor.0 += amount_minor.0 - debt.0;
                }
            }
        }
        Ok(payout)
    }

    async fn pay_out(
        &self,
        work: &mut Work<'_>,
        case: &Case,
        order: &Placed,
        payout: Payout,
    ) -> Result<(), Rejected<OrderRefusal>> {
        let purses = [(Purse::Rebate, payout.rebate_minor), (Purse::Prepaid, payout.prepaid_minor)];
        let parts: Vec<_> =
            purses.into_iter().filter(|(_, amount)| *amount > Minor::ZERO).collect();
        if !parts.is_empty() {
            let command = WalletCommand::Refund {
                dealer_id: order.dealer_id.clone(),
                after_sale_id: case.after_sale_id.clone(),
                order_id: order.order_id.clone(),
                currency: order.currency.clone(),
                parts,
            };
            let refunded = work.decide::<Wallet>(order.dealer_id.as_str(), command).await;
            refunded.map_err(Rejected::from_other)?;
        }
        if let Some(lender) = order.lender().filter(|_| payout.debt_minor > Minor::ZERO) {
            let command = CreditCommand::Reduce {
                after_sale_id: case.after_sale_id.clone(),
                order_id: order.order_id.clone(),
                order_dealer_id: order.dealer_id.clone(),
                amount: payout.debt_minor,
            };
            let reduced = work.decide::<CreditAccount>(lender.as_str(), command).await;
            reduced.map_err(Rejected::from_other)?;
        }
        for OnlinePart { payment_id, amount_minor } in payout.online {
            let reason = case.after_sale_id.to_string();
            let command = PaymentCommand::Refund { amount: amount_minor, reason };
            let asked = work.decide::<OnlinePayment>(payment_id.as_str(), command).await;
            asked.map_err(Rejected::from_other)?;
        }
        Ok(())
    }

    /// Sends goods again: an order as any, that costs nothing and nobody has to look at.
    async fn send_again(
        &self,
        work: &mut Work<'_>,
        order: &Placed,
        goods: &[LineQuantity],
    ) -> Result<(), Rejected<OrderRefusal>> {
        let rules = rules(work).await?;
        let submission = self.again(work, order, goods, rules).await?;
        let wanted = Wanted::of(&submission);
        let command = OrderCommand::Submit(Box::new(submission));
        let number = self.replacement_id.as_str();
        let before = Order::Unsubmitted;
        let after = before.after(command.clone()).map_err(Rejected::Refused)?;
        work.expect_new::<Order>(number);
        work.decide::<Order>(number, command).await?;
        hand_over(work, rules, (&before, &after), wanted.as_ref()).await?;
        match wanted {
            Some(wanted) => reserve(work, &self.replacement_id, wanted).await,
            None => Ok(()),
        }
    }

    async fn again(
        &self,
        work: &mut Work<'_>,
        order: &Placed,
        goods: &[LineQuantity],
        rules: Rules,
    ) -> Result<Submission, Rejected<OrderRefusal>> {
        let known = known(work, &order.dealer_id, &self.who.sight, self.who.today).await?;
        let (account, territory) = (&known.account, &known.territory);
        let orderer = Orderer::of(&order.dealer_id, self.who.today, account, territory);
        let orderer = orderer.map_err(Rejected::Refused)?;
        let (lines, gifts) = lines_again(work, order, goods).await?;
        Ok(Submission {
            order_id: self.replacement_id.clone(),
            dealer_id: order.dealer_id.clone(),
            dealer_name: orderer.holder.dealer_name.clone(),
            class: orderer.buyer.class.clone(),
            region_path: orderer.region_path,
            business_date: self.who.today,
            currency: order.currency.clone(),
            lines,
            gifts,
            promotions: Vec::new(),
            note: String::new(),
            placed_on_behalf: true,
            payment: None,
            reviewed: false,
            steps: None,
            stocked: rules.stock_checked,
            // Nobody could do without it, nor call it off: what is not there is not sent again yet.
            back_order: false,
            replaces: Some(self.after_sale_id.clone()),
        })
    }
}

/// The same goods for nothing: what was bought as lines, what was given as gifts.
async fn lines_again(
    work: &mut Work<'_>,
    order: &Placed,
    goods: &[LineQuantity],
) -> Result<(Vec<OrderLine>, Vec<OrderGift>), Rejected<OrderRefusal>> {
    let (mut lines, mut gifts) = (Vec::new(), Vec::new());
    for told in goods {
        let Some(line) = order.lines.iter().find(|line| line.line_no == told.line_no) else {
            continue;
        };
        let product = work.read::<Product>(line.product_id.as_str()).await?;
        let Some(sku) = product.sku() else { continue };
        let (product_id, quantity) = (line.product_id.clone(), told.quantity);
        let (product_name, base_unit) = (sku.name.clone(), sku.base_unit.clone());
        match (&line.price_list_id, line.promotions.first()) {
            (Some(price_list_id), _) => lines.push(OrderLine {
                line_no: 0,
                product_id,
                product_name,
                category_path: sku.category_path.clone(),
                base_unit,
                quantity,
                unit_price_minor: Minor::ZERO,
                gross_minor: Minor::ZERO,
                price_list_id: price_list_id.clone(),
                discounts: Vec::new(),
                tax: None,
            }),
            (None, Some(promotion_id)) => gifts.push(OrderGift {
                line_no: 0,
                promotion_id: promotion_id.clone(),
                product_id,
                product_name,
                base_unit,
                quantity,
                instead_of: None,
            }),
            (None, None) => (),
        }
    }
    let mut numbers = 1..;
    let own = lines.iter_mut().map(|line| &mut line.line_no);
    let numbered = own.chain(gifts.iter_mut().map(|gift| &mut gift.line_no));
    numbered.zip(&mut numbers).for_each(|(line_no, number)| *line_no = number);
    Ok((lines, gifts))
}

async fn owed(
    work: &mut Work<'_>,
    lender: &DealerId,
    order_id: &OrderId,
) -> Result<Minor, Rejected<OrderRefusal>> {
    let credit = work.read::<CreditAccount>(lender.as_str()).await?;
    Ok(credit.line().map_or(Minor::ZERO, |line| line.owed_for(order_id)))
}

impl IntoCommand<AfterSale> for api::SettleAfterSaleRequest {
    type Command = SettleAfterSale;

    fn into_command(self, call: &Call) -> Result<SettleAfterSale, Status> {
        let mut wrong = Violations::default();
        let after_sale_id = parse(&mut wrong, "after_sale_id", &self.after_sale_id);
        let settlement = told::settlement(self.settlement());
        let settlement = settlement.or_else(|| unsaid(&mut wrong, "settlement"));
        let amount = self.amount_minor.map(Minor);
        let remark = words(&mut wrong, "remark", &self.remark, 0..=500);
        let replacement_id = parse(&mut wrong, "request_id", &numbered("SO", call));
        let who = Who::of(&mut wrong, call);
        let command = (|| {
            let (after_sale_id, settlement, remark) = (after_sale_id?, settlement?, remark?);
            let (replacement_id, who) = (replacement_id?, who?);
            Some(SettleAfterSale { after_sale_id, settlement, amount, remark, replacement_id, who })
        })();
        wrong.finish(command)
    }
}
