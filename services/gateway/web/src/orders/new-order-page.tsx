import { Input } from "antd";
import { useEffect, type ReactNode } from "react";
import { Link } from "react-router";
import { BasketCarts } from "../carts/basket-carts";
import { OrderService } from "../gen/qudao/order/v1/order_service_pb";
import { useI18n } from "../i18n/i18n";
import { useMay, useUser, isDealer } from "../session/session";
import { Page, Panel } from "../ui/page";
import { PickDealer } from "../ui/pick-dealer";
import { BackOrderChoice } from "../waiting/back-order-choice";
import { Empty, Failure } from "../ui/states";
import { BasketFoot, Refused } from "./basket-foot";
import { BasketLines } from "./basket-lines";
import { BasketOffers } from "./basket-offers";
import { BasketPayment } from "./basket-payment";
import { addProduct, seenIn, shortOf, type Draft } from "./draft";
import { PriceDialog } from "./price-dialog";
import { ProductFinder } from "./product-finder";
import { useDraft } from "./use-draft";
import { useQuote, type Quoted } from "./use-quote";

export default function NewOrderPage() {
  const { t } = useI18n();
  const may = useMay();
  if (!may(OrderService.method.submitOrder)) {
    return (
      <Page title={t("orders.new")}>
        <Empty title={t("error.permission")} todo={t("error.permission.todo")} />
      </Page>
    );
  }
  return <NewOrder />;
}

function NewOrder() {
  const { t } = useI18n();
  const user = useUser();
  const { draft, setDraft, chooseDealer, submit, busy, error, seen, changes, moved, accept, decline } = useDraft();
  const quoted = useQuote(draft);
  useEffect(() => {
    // What was refused may have been right when it was quoted.
    if (error !== undefined) quoted.again();
  }, [error]);
  return (
    <Page title={t("orders.new")}>
      <p className="back">
        <Link to="/orders">‹ {t("nav.orders")}</Link>
      </p>
      <div className="new-order">
        <div className="new-order-form">
          {!isDealer(user) && (
            <Panel title={t("order.dealer")}>
              <PickDealer large value={draft.dealerId} name={draft.dealerName} onChange={chooseDealer} />
            </Panel>
          )}
          <Panel title={t("newOrder.add")}>
            <ProductFinder
              dealerId={draft.dealerId}
              quantityOf={(id) => draft.lines.find((line) => line.productId === id)?.quantity ?? 0}
              onAdd={(product) => setDraft((before) => addProduct(before, product))}
            />
          </Panel>
        </div>
        <Basket
          draft={draft}
          setDraft={setDraft}
          quoted={quoted}
          busy={busy}
          refusal={error === undefined ? null : <Refused error={error} seen={seen} quoted={quoted} />}
          onSubmit={() => void submit(quoted.exact && quoted.quote ? seenIn(quoted.quote) : undefined)}
        />
      </div>
      {changes.length > 0 && <PriceDialog changes={changes} moved={moved} onAccept={accept} onClose={decline} />}
    </Page>
  );
}

interface BasketProps {
  draft: Draft;
  setDraft: (draft: Draft) => void;
  quoted: Quoted;
  busy: boolean;
  refusal: ReactNode;
  onSubmit: () => void;
}

function Basket({ draft, setDraft, quoted, busy, refusal, onSubmit }: BasketProps) {
  const { t } = useI18n();
  const ready = draft.dealerId !== "" && draft.lines.length > 0;
  // Where nobody can say how it is now, the order itself is told.
  const short = quoted.error === undefined ? shortOf(draft, quoted.quote) : 0;
  return (
    <Panel className="basket" title={t("newOrder.basket")}>
      <BasketCarts draft={draft} setDraft={setDraft} />
      <BasketLines draft={draft} setDraft={setDraft} quote={quoted.quote} />
      {quoted.quote && <BasketOffers quote={quoted.quote} stale={!quoted.exact} />}
      {quoted.quote && (
        <BasketPayment
          quote={quoted.quote}
          without={draft.without ?? []}
          stale={!quoted.exact}
          onChange={(without) => setDraft({ ...draft, without })}
        />
      )}
      <label className="field">
        {t("newOrder.note")}
        <Input.TextArea
          autoSize={{ minRows: 2, maxRows: 5 }}
          maxLength={500}
          value={draft.note}
          onChange={(event) => setDraft({ ...draft, note: event.target.value })}
        />
      </label>
      {refusal ?? (quoted.error !== undefined && <Failure error={quoted.error} retry={quoted.again} />)}
      {quoted.quote && (
        <BackOrderChoice
          draft={draft}
          quote={quoted.quote}
          onChange={(backOrder) => setDraft({ ...draft, backOrder })}
        />
      )}
      {short > 0 && (
        <p className="note basket-short" role="alert">
          {t("newOrder.short", { n: short })}
        </p>
      )}
      <BasketFoot draft={draft} quoted={quoted} busy={busy} ready={ready && short === 0} onSubmit={onSubmit} />
      {!ready && <p className="soft">{t(draft.dealerId ? "newOrder.needLines" : "newOrder.needDealer")}</p>}
    </Panel>
  );
}
