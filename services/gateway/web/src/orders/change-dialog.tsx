import { Button, Input, InputNumber, Select } from "antd";
import { useState } from "react";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { OrderQueryService, type OrderLine, type Product } from "../gen/qudao/order/v1/order_query_service_pb";
import { OrderChangeService, type QuoteOrderChangeResponse } from "../gen/qudao/order/v1/order_change_service_pb";
import { useI18n } from "../i18n/i18n";
import { AskFirst } from "../ui/ask-first";
import { useFormat } from "../ui/format";
import { Loading, QueryView } from "../ui/states";
import { useSlow } from "../ui/use-slow";
import type { DialogProps } from "./actions";
import { openQuantity, wantedOf, type Added } from "./changing";
import { ChangedLines, Difference } from "./order-changes";
import { useCommand } from "./use-command";

/** Changes quantities of an order and adds goods to it, with what that comes to before it is sent. */
export function ChangeDialog(props: DialogProps) {
  const { order, onClose, onDone, onStale } = props;
  const { t } = useI18n();
  const changing = useClient(OrderChangeService);
  const [quantities, setQuantities] = useState<ReadonlyMap<number, number>>(new Map());
  const [added, setAdded] = useState<Added[]>([]);
  const [note, setNote] = useState("");
  const command = useCommand(onDone, onStale);
  const { orderId = "", version = 0n, dealerId = "" } = order.summary ?? {};
  const wanted = wantedOf(order.lines, quantities, added);
  const same = wanted.lines.length === 0 && wanted.added.length === 0;
  const body = JSON.stringify(wanted);
  const asked = useSlow(body, 300);
  const quote = useQuery(`change/${orderId}/${version}/${asked}`, (signal) =>
    same ? Promise.resolve(undefined) : changing.quoteOrderChange({ orderId, ...wanted }, { signal }),
  );
  const told = !same && asked === body ? quote.data : undefined;
  const text = note.trim();
  return (
    <AskFirst
      title={t("action.change.title", { id: orderId })}
      okText={t(told?.needsApproval ? "change.ask" : "change.make")}
      disabled={told === undefined}
      state={command}
      onClose={onClose}
      onOk={() =>
        void command.run(["change", orderId, String(version), body, String(told?.netMinor), text], (requestId) =>
          changing.proposeOrderChange({
            requestId,
            orderId,
            expectedVersion: version,
            ...wanted,
            note: text,
            ...(told && { netMinor: told.netMinor }),
          }),
        )
      }
    >
      <ul className="quantities" data-change-lines>
        {order.lines
          .filter((line) => !line.giftPromotionId)
          .map((line) => (
            <LineRow
              key={line.lineNo}
              line={line}
              quantity={quantities.get(line.lineNo) ?? openQuantity(line)}
              onQuantity={(quantity) => setQuantities((before) => new Map(before).set(line.lineNo, quantity))}
            />
          ))}
        {added.map((one) => (
          <AddedRow key={one.productId} one={one} onChange={(next) => setAdded((all) => all.map((it) => (it === one ? next : it)))} />
        ))}
      </ul>
      <AddGoods
        dealerId={dealerId}
        taken={added.map((one) => one.productId)}
        onAdd={(product) => setAdded((all) => [...all, { productId: product.productId, name: product.name, unit: product.baseUnit, quantity: 1 }])}
      />
      <Input
        name="change-note"
        aria-label={t("change.note")}
        placeholder={t("change.note")}
        maxLength={200}
        value={note}
        onChange={(event) => setNote(event.target.value)}
      />
      {!same && (
        <QueryView query={quote} skeleton={<Loading rows={2} />}>
          {(data) => data && <Told quote={data} />}
        </QueryView>
      )}
    </AskFirst>
  );
}

function Told({ quote }: { quote: QuoteOrderChangeResponse }) {
  const { t } = useI18n();
  return (
    <section className="change-told" data-change-quote>
      <ChangedLines lines={quote.changes} />
      <Difference before={quote.previousNetMinor} after={quote.netMinor} currency={quote.currencyCode} />
      <p className="soft">{t(quote.needsApproval ? "change.agreed" : "change.anew")}</p>
    </section>
  );
}

interface LineProps {
  line: OrderLine;
  quantity: number;
  onQuantity: (quantity: number) => void;
}

function LineRow({ line, quantity, onQuantity }: LineProps) {
  const { t } = useI18n();
  const format = useFormat();
  return (
    <li>
      <span>
        {line.productName || line.productId}
        <span className="soft"> {t("change.before", { n: format.count(openQuantity(line)), unit: line.baseUnit })}</span>
      </span>
      <InputNumber
        aria-label={`${line.productName} ${t("order.quantity")}`}
        data-line={line.lineNo}
        inputMode="numeric"
        precision={0}
        min={Number(line.shipped)}
        max={1_000_000}
        value={quantity}
        onChange={(value) => onQuantity(value ?? Number(line.shipped))}
      />
    </li>
  );
}

function AddedRow({ one, onChange }: { one: Added; onChange: (next: Added) => void }) {
  const { t } = useI18n();
  return (
    <li>
      <span>
        <span className="tag tag-new">{t("change.added")}</span> {one.name}
      </span>
      <span className="row-actions">
        <InputNumber
          aria-label={`${one.name} ${t("order.quantity")}`}
          inputMode="numeric"
          precision={0}
          min={0}
          max={1_000_000}
          value={one.quantity}
          onChange={(value) => onChange({ ...one, quantity: value ?? 0 })}
        />
        <Button type="text" onClick={() => onChange({ ...one, quantity: 0 })}>
          {t("filter.remove")}
        </Button>
      </span>
    </li>
  );
}

interface AddProps {
  dealerId: string;
  taken: string[];
  onAdd: (product: Product) => void;
}

/** Goods that the dealer can have today. */
function AddGoods({ dealerId, taken, onAdd }: AddProps) {
  const { t } = useI18n();
  const format = useFormat();
  const orders = useClient(OrderQueryService);
  const [text, setText] = useState("");
  const search = useSlow(text.trim(), 250);
  const query = useQuery(
    `change-find/${dealerId}/${search}`,
    (signal) => orders.listProducts({ dealerId, search, page: { size: 20 } }, { signal }),
    { keep: true },
  );
  const found = (query.data?.products ?? []).filter((product) => product.unitPriceMinor !== undefined && !product.retired && !taken.includes(product.productId));
  return (
    <Select
      className="change-add"
      showSearch={{ filterOption: false, onSearch: setText }}
      aria-label={t("change.add")}
      placeholder={t("change.add")}
      value={null}
      options={found.map((product) => ({
        value: product.productId,
        label: `${product.name} · ${format.money(product.unitPriceMinor ?? 0n, product.currencyCode)}/${product.baseUnit}`,
      }))}
      onChange={(id: string | null) => {
        const product = found.find((one) => one.productId === id);
        if (product) onAdd(product);
        setText("");
      }}
    />
  );
}
