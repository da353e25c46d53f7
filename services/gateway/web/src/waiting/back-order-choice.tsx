import { Checkbox } from "antd";
import { BackOrderRule } from "../gen/qudao/order/v1/order_rules_service_pb";
import type { QuoteOrderResponse } from "../gen/qudao/order/v1/order_service_pb";
import { useI18n } from "../i18n/i18n";
import { waitsOf, type Draft } from "../orders/draft";
import { useFormat } from "../ui/format";

interface Props {
  draft: Draft;
  quote: QuoteOrderResponse;
  className?: string;
  onChange: (backOrder: boolean) => void;
}

/** What would wait for goods, and whether it may; nothing where there is enough, or nothing may wait. */
export function BackOrderChoice({ draft, quote, className, onChange }: Props) {
  const { t } = useI18n();
  const format = useFormat();
  const there = new Set(draft.lines.map(({ productId }) => productId));
  const short = quote.lines.filter((line) => line.wouldWait > 0 && there.has(line.productId));
  if (short.length === 0 || quote.backOrders === BackOrderRule.UNSPECIFIED) return null;
  return (
    <section className={className}>
      <div className="note back-order-choice">
        <ul className="plain">
          {short.map((line) => (
            <li key={line.lineNo}>
              {line.productName}
              {t("waiting.would", { there: format.count(line.available ?? 0), waits: format.count(line.wouldWait), unit: line.baseUnit })}
              {line.expectedOn && <span className="soft"> {t("waiting.expected.on", { day: line.expectedOn })}</span>}
            </li>
          ))}
        </ul>
        <Checkbox data-back-order checked={waitsOf(draft, quote)} onChange={(event) => onChange(event.target.checked)}>
          {t("waiting.agree")}
        </Checkbox>
      </div>
    </section>
  );
}
