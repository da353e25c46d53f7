import { Input, InputNumber, Segmented, Select } from "antd";
import { useState } from "react";
import { useClient } from "../api/clients";
import { namesOf } from "../funds/words";
import { AfterSaleService } from "../gen/qudao/order/v1/after_sale_service_pb";
import { useI18n } from "../i18n/i18n";
import type { DialogProps } from "../orders/actions";
import { useCommand } from "../orders/use-command";
import { AskFirst } from "../ui/ask-first";
import { useFormat } from "../ui/format";
import { Photos } from "./photos";
import { LONGEST_NOTE } from "./receive-form";
import { changeLine, LONGEST_REMARK, pieces, requestForm, requestOf, WISHES, type RequestedLine } from "./request-form";
import { CAUSES, type CauseName, type SettlementName } from "./words";
import "./after-sales.css";

/** Asks for something about goods that have arrived. */
export function RequestDialog({ order, onClose, onDone, onStale }: DialogProps) {
  const { t } = useI18n();
  const format = useFormat();
  const handling = useClient(AfterSaleService);
  const [form, setForm] = useState(() => requestForm(order.lines));
  const command = useCommand(onDone, onStale);
  const orderId = order.summary?.orderId ?? "";
  const n = pieces(form);
  const body = { orderId, ...requestOf(form) };
  return (
    <AskFirst
      title={t("action.claim.title", { id: orderId })}
      okText={t("action.claim.ok", { n: format.count(n) })}
      disabled={n === 0}
      state={command}
      onClose={onClose}
      onOk={() => void command.run(["claim", body], (requestId) => handling.requestAfterSale({ ...body, requestId }))}
    >
      <p className="soft">{t("action.claim.what")}</p>
      <ul className="receive-lines">
        {form.lines.map((line) => (
          <Line key={line.lineNo} line={line} onChange={(change) => setForm((before) => changeLine(before, line.lineNo, change))} />
        ))}
      </ul>
      <div className="case-wish">
        <span>{t("case.wish")}</span>
        <Segmented<SettlementName>
          aria-label={t("case.wish")}
          value={form.wish}
          options={WISHES.map((value) => ({ value, label: t(`case.settlement.${value}`) }))}
          onChange={(wish) => setForm((before) => ({ ...before, wish }))}
        />
      </div>
      <label className="field">
        {t("case.note.label")}
        <Input.TextArea
          name="case-note"
          rows={2}
          maxLength={LONGEST_REMARK}
          showCount
          value={form.note}
          onChange={({ target }) => setForm((before) => ({ ...before, note: target.value }))}
        />
      </label>
      <Photos order={order} />
    </AskFirst>
  );
}

function Line({ line, onChange }: { line: RequestedLine; onChange: (change: Partial<RequestedLine>) => void }) {
  const { t } = useI18n();
  const format = useFormat();
  return (
    <li data-claim={line.lineNo}>
      <div className="receive-head">
        <span className="receive-name">
          <span>
            {line.gift && <span className="tag tag-gift">{t("promotion.gift")}</span>} {line.name}
          </span>
          <span className="soft">{t("case.claimable", { n: format.count(line.open), unit: line.unit })}</span>
        </span>
        <InputNumber
          aria-label={`${line.name} ${t("order.quantity")}`}
          inputMode="numeric"
          precision={0}
          min={0}
          max={line.open}
          value={line.quantity}
          onChange={(quantity) => onChange({ quantity: quantity ?? 0 })}
        />
      </div>
      {line.quantity > 0 && (
        <div className="difference difference-plain">
          <Select<CauseName>
            className="difference-kind"
            aria-label={`${line.name} ${t("case.cause")}`}
            value={line.cause}
            options={namesOf(CAUSES).map((value) => ({ value, label: t(`case.cause.${value}`) }))}
            onChange={(cause) => onChange({ cause })}
          />
          <Input
            className="difference-note"
            aria-label={`${line.name} ${t("receive.note")}`}
            placeholder={t("receive.note")}
            maxLength={LONGEST_NOTE}
            value={line.note}
            onChange={(event) => onChange({ note: event.target.value })}
          />
        </div>
      )}
    </li>
  );
}
