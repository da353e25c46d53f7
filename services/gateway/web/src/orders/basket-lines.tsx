import { Button, InputNumber } from "antd";
import type { QuotedLine, QuoteOrderResponse } from "../gen/qudao/order/v1/order_service_pb";
import { useI18n } from "../i18n/i18n";
import { LeftTag } from "../stock/left-tag";
import { useFormat } from "../ui/format";
import { Empty } from "../ui/states";
import { lineGross, linePrice, MOST_PIECES, setQuantity, type Draft, type DraftLine } from "./draft";

interface Props {
  draft: Draft;
  setDraft: (draft: Draft) => void;
  quote: QuoteOrderResponse | undefined;
}

/** What is in the basket, each line with what it costs. */
export function BasketLines({ draft, setDraft, quote }: Props) {
  const { t } = useI18n();
  if (draft.lines.length === 0) return <Empty title={t("newOrder.empty")} todo={t("newOrder.needLines")} />;
  const quoted = new Map(quote?.lines.map((line) => [line.productId, line]));
  return (
    <ul className="basket-lines">
      {draft.lines.map((line) => (
        <BasketLine
          key={line.productId}
          line={line}
          quoted={quoted.get(line.productId)}
          onQuantity={(quantity) => setDraft(setQuantity(draft, line.productId, quantity))}
        />
      ))}
    </ul>
  );
}

interface LineProps {
  line: DraftLine;
  quoted: QuotedLine | undefined;
  onQuantity: (quantity: number) => void;
}

function BasketLine({ line, quoted, onQuantity }: LineProps) {
  const { t } = useI18n();
  const format = useFormat();
  return (
    <li>
      <span className="basket-name">
        {line.name}
        <span className="soft">
          {format.money(linePrice(line))} / {line.unit}
        </span>
        {quoted?.available !== undefined && (
          <span className="basket-left">
            <LeftTag available={quoted.available} />
          </span>
        )}
      </span>
      <InputNumber
        aria-label={`${line.name} ${t("order.quantity")}`}
        inputMode="numeric"
        precision={0}
        min={1}
        max={MOST_PIECES}
        value={line.quantity}
        onChange={(value) => onQuantity(value ?? 1)}
      />
      <Cost line={line} quoted={quoted} />
      <Button type="text" aria-label={t("newOrder.remove", { name: line.name })} onClick={() => onQuantity(0)}>
        ×
      </Button>
    </li>
  );
}

/** What the line costs; a quote for another quantity says nothing about it. */
function Cost({ line, quoted }: { line: DraftLine; quoted: QuotedLine | undefined }) {
  const { t } = useI18n();
  const format = useFormat();
  const gross = lineGross(line);
  const net = quoted?.quantity === line.quantity && quoted.netMinor < quoted.grossMinor ? quoted.netMinor : undefined;
  if (net === undefined) return <strong className="num">{format.money(gross)}</strong>;
  return (
    <span className="num basket-cost">
      <s className="soft">
        <span className="hidden">{t("promotion.before")} </span>
        {format.money(gross)}
      </s>
      <strong>
        <span className="hidden">{t("promotion.after")} </span>
        {format.money(net)}
      </strong>
    </span>
  );
}
