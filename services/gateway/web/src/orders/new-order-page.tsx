import { Button, Input, InputNumber, Modal } from "antd";
import { Link } from "react-router";
import { OrderService } from "../gen/qudao/order/v1/order_service_pb";
import { useI18n } from "../i18n/i18n";
import { useMay, useUser, isDealer } from "../session/session";
import { useFormat } from "../ui/format";
import { Page, Panel } from "../ui/page";
import { PickDealer } from "../ui/pick-dealer";
import { Empty, Failure } from "../ui/states";
import { addProduct, draftGross, draftPieces, lineGross, MOST_PIECES, setQuantity, type Draft, type PriceChange } from "./draft";
import { ProductFinder } from "./product-finder";
import { useDraft } from "./use-draft";

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
  const format = useFormat();
  const { draft, setDraft, submit, busy, error, changes, accept, decline } = useDraft();
  const ready = draft.dealerId !== "" && draft.lines.length > 0;
  return (
    <Page title={t("orders.new")}>
      <p className="back">
        <Link to="/orders">‹ {t("nav.orders")}</Link>
      </p>
      <div className="new-order">
        <div className="new-order-form">
          {!isDealer(user) && (
            <Panel title={t("order.dealer")}>
              <PickDealer
                large
                value={draft.dealerId}
                name={draft.dealerName}
                onChange={(dealerId, dealerName) => setDraft({ ...draft, dealerId, dealerName })}
              />
            </Panel>
          )}
          <Panel title={t("newOrder.add")}>
            <ProductFinder
              quantityOf={(id) => draft.lines.find((line) => line.productId === id)?.quantity ?? 0}
              onAdd={(product) => setDraft((before) => addProduct(before, product))}
            />
          </Panel>
        </div>
        <Panel className="basket" title={t("newOrder.basket")}>
          <Lines draft={draft} setDraft={setDraft} />
          <label className="field">
            {t("newOrder.note")}
            <Input.TextArea
              autoSize={{ minRows: 2, maxRows: 5 }}
              maxLength={500}
              value={draft.note}
              onChange={(event) => setDraft({ ...draft, note: event.target.value })}
            />
          </label>
          {error !== undefined && <Failure error={error} />}
          <div className="basket-foot">
            <div aria-live="polite">
              <span className="soft">{t("order.pieces", { n: format.count(draftPieces(draft)) })}</span>
              <strong className="num" data-draft-total>
                {format.money(draftGross(draft))}
              </strong>
            </div>
            <Button type="primary" size="large" loading={busy} disabled={!ready} onClick={() => void submit()}>
              {t("newOrder.submit")}
            </Button>
          </div>
          {!ready && <p className="soft">{t(draft.dealerId ? "newOrder.needLines" : "newOrder.needDealer")}</p>}
        </Panel>
      </div>
      {changes.length > 0 && <PriceDialog changes={changes} onAccept={accept} onClose={decline} />}
    </Page>
  );
}

function Lines({ draft, setDraft }: { draft: Draft; setDraft: (draft: Draft) => void }) {
  const { t } = useI18n();
  const format = useFormat();
  if (draft.lines.length === 0) return <Empty title={t("newOrder.empty")} todo={t("newOrder.needLines")} />;
  return (
    <ul className="basket-lines">
      {draft.lines.map((line) => (
        <li key={line.productId}>
          <span className="basket-name">
            {line.name}
            <span className="soft">
              {format.money(BigInt(line.priceMinor))} / {line.unit}
            </span>
          </span>
          <InputNumber
            aria-label={`${line.name} ${t("order.quantity")}`}
            inputMode="numeric"
            precision={0}
            min={1}
            max={MOST_PIECES}
            value={line.quantity}
            onChange={(value) => setDraft(setQuantity(draft, line.productId, value ?? 1))}
          />
          <strong className="num">{format.money(lineGross(line))}</strong>
          <Button
            type="text"
            aria-label={t("newOrder.remove", { name: line.name })}
            onClick={() => setDraft(setQuantity(draft, line.productId, 0))}
          >
            ×
          </Button>
        </li>
      ))}
    </ul>
  );
}

function PriceDialog({ changes, onAccept, onClose }: { changes: PriceChange[]; onAccept: () => void; onClose: () => void }) {
  const { t } = useI18n();
  const format = useFormat();
  return (
    <Modal
      open
      title={t("newOrder.pricesChanged", { n: changes.length })}
      okText={t("newOrder.acceptPrices")}
      cancelText={t("action.close")}
      onOk={onAccept}
      onCancel={onClose}
    >
      <p>{t("newOrder.pricesChanged.todo")}</p>
      <ul className="quantities">
        {changes.map((change) => (
          <li key={change.productId}>
            <span>{change.name}</span>
            <span className="num">
              <s className="soft">{format.money(change.before)}</s>{" "}
              <strong>{change.after === undefined ? t("products.retired") : format.money(change.after)}</strong>
            </span>
          </li>
        ))}
      </ul>
    </Modal>
  );
}
