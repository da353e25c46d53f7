import { CloseOutlined } from "@ant-design/icons";
import { Button, Input, InputNumber, Select } from "antd";
import { useState } from "react";
import { useClient } from "../api/clients";
import { OrderService } from "../gen/qudao/order/v1/order_service_pb";
import { useI18n } from "../i18n/i18n";
import type { DialogProps } from "../orders/actions";
import { useCommand } from "../orders/use-command";
import { AskFirst } from "../ui/ask-first";
import { useFormat } from "../ui/format";
import { Photos } from "./photos";
import {
  addDifference, changeDifference, differing, dropDifference, LONGEST_NOTE, otherKinds, receiveForm, receiveProblem, receiveRequest,
  restOf, wellOf, type Differing, type ReceivedLine,
} from "./receive-form";
import "./after-sales.css";

/** Says what arrived, and how: what is not as it was shipped makes an after-sale case by itself. */
export function ReceiveDialog({ order, onClose, onDone, onStale }: DialogProps) {
  const { t } = useI18n();
  const format = useFormat();
  const ordering = useClient(OrderService);
  const [form, setForm] = useState(() => receiveForm(order.lines));
  const command = useCommand(onDone, onStale);
  const base = { orderId: order.summary?.orderId ?? "", expectedVersion: order.summary?.version ?? 0n };
  const problem = receiveProblem(form);
  const body = receiveRequest(form);
  const well = form.reduce((sum, line) => sum + wellOf(line), 0);
  const wrong = form.reduce((sum, line) => sum + differing(line), 0);
  const change = (lineNo: number, next: ReceivedLine) => setForm((before) => before.map((line) => (line.lineNo === lineNo ? next : line)));
  return (
    <AskFirst
      title={t("action.receive.title", { id: base.orderId })}
      okText={wrong > 0 ? t("receive.ok", { well: format.count(well), wrong: format.count(wrong) }) : t("action.receive.count", { n: format.count(well) })}
      disabled={problem !== undefined}
      state={command}
      onClose={onClose}
      onOk={() =>
        void command.run(["receive", base.orderId, String(base.expectedVersion), body], (requestId) =>
          ordering.receiveOrder({ ...base, ...body, requestId }),
        )
      }
    >
      <p className="soft">{t("receive.what")}</p>
      <ul className="receive-lines">
        {form.map((line) => (
          <Line key={line.lineNo} line={line} onChange={(next) => change(line.lineNo, next)} />
        ))}
      </ul>
      {problem && (
        <p className="field-error" role="alert">
          {t(`receive.${problem}`)}
        </p>
      )}
      {wrong > 0 && (
        <>
          <p className="note">{t("receive.consequence", { n: format.count(wrong) })}</p>
          <Photos order={order} />
        </>
      )}
    </AskFirst>
  );
}

function Line({ line, onChange }: { line: ReceivedLine; onChange: (line: ReceivedLine) => void }) {
  const { t } = useI18n();
  const format = useFormat();
  const rest = restOf(line);
  return (
    <li data-receive={line.lineNo}>
      <div className="receive-head">
        <span className="receive-name">
          <span>
            {line.gift && <span className="tag tag-gift">{t("promotion.gift")}</span>} {line.name}
          </span>
          <span className="soft">
            {t("receive.shipped", { n: format.count(line.open), unit: line.unit })}
            {rest > 0 && ` · ${t("receive.rest", { n: format.count(rest) })}`}
          </span>
        </span>
        <label className="receive-well">
          <span className="soft">{t("receive.well")}</span>
          <InputNumber
            aria-label={`${line.name} ${t("receive.well")}`}
            inputMode="numeric"
            precision={0}
            min={0}
            max={line.open}
            status={rest < 0 ? "error" : ""}
            value={wellOf(line)}
            onChange={(value) => onChange({ ...line, well: value ?? undefined })}
          />
        </label>
      </div>
      {line.differences.map((one, i) => (
        <Difference
          key={i}
          line={line}
          one={one}
          onChange={(change) => onChange(changeDifference(line, i, change))}
          onDrop={() => onChange(dropDifference(line, i))}
        />
      ))}
      {otherKinds(line).length > 0 && (
        <Button size="small" className="receive-add" data-differs onClick={() => onChange(addDifference(line))}>
          {t(line.differences.length > 0 ? "receive.more" : "receive.differs")}
        </Button>
      )}
    </li>
  );
}

interface DifferenceProps {
  line: ReceivedLine;
  one: Differing;
  onChange: (change: Partial<Differing>) => void;
  onDrop: () => void;
}

function Difference({ line, one, onChange, onDrop }: DifferenceProps) {
  const { t } = useI18n();
  return (
    <div className="difference">
      <Select
        className="difference-kind"
        aria-label={`${line.name} ${t("receive.kind")}`}
        value={one.kind}
        options={[one.kind, ...otherKinds(line)].map((value) => ({ value, label: t(`case.cause.${value}`) }))}
        onChange={(kind) => onChange({ kind })}
      />
      <InputNumber
        aria-label={`${line.name} ${t(`case.cause.${one.kind}`)}`}
        inputMode="numeric"
        precision={0}
        min={1}
        max={line.open}
        suffix={line.unit}
        value={one.quantity}
        onChange={(quantity) => onChange({ quantity: quantity ?? 1 })}
      />
      <Input
        className="difference-note"
        aria-label={`${line.name} ${t("receive.note")}`}
        placeholder={t("receive.note")}
        maxLength={LONGEST_NOTE}
        value={one.note}
        onChange={(event) => onChange({ note: event.target.value })}
      />
      <Button type="text" icon={<CloseOutlined />} aria-label={t("receive.drop", { name: line.name })} onClick={onDrop} />
    </div>
  );
}
