import { Radio } from "antd";
import { useState } from "react";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { AmountField } from "../funds/amount-field";
import { parseAmount, typedAmount } from "../funds/amounts";
import { useToldCommand } from "../funds/use-told-command";
import { namesOf } from "../funds/words";
import { AfterSaleService } from "../gen/qudao/order/v1/after_sale_service_pb";
import { OrderQueryService } from "../gen/qudao/order/v1/order_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { useMay } from "../session/session";
import { useFieldProblems } from "../ui/field-problems";
import { FormDialog } from "../ui/form-dialog";
import { useFormat } from "../ui/format";
import type { CaseDialogProps } from "./after-sale-actions";
import { RemarkField } from "./remark-field";
import { acceptedOf, worthOf } from "./rules";
import { SETTLEMENTS, type SettlementName } from "./words";

const FIELDS = ["amount_minor"];

/** Ends a case: money back, money off, the goods again, or nothing. */
export function SettleDialog({ one, onClose, onDone, onStale }: CaseDialogProps) {
  const { t } = useI18n();
  const format = useFormat();
  const handling = useClient(AfterSaleService);
  const orders = useClient(OrderQueryService);
  const may = useMay();
  const units = one.lines.reduce((sum, goods) => sum + acceptedOf(goods, one.goodsReturn), 0);
  const query = useQuery(`order-of-case/${one.orderId}`, (signal) => orders.getOrder({ orderId: one.orderId }, { signal }), {
    enabled: may(OrderQueryService.method.getOrder),
  });
  const worth = query.data && worthOf(one, query.data.lines);
  const wished = namesOf(SETTLEMENTS).find((name) => SETTLEMENTS[name] === one.wish);
  const [chosen, setChosen] = useState<SettlementName>(units === 0 ? "writeOff" : (wished ?? "creditNote"));
  const [typed, setTyped] = useState("");
  const [remark, setRemark] = useState("");
  const command = useToldCommand("case.settle.done", onDone, onStale);
  const told = useFieldProblems(command.error);
  const pays = chosen === "refund" || chosen === "creditNote";
  const amountMinor = pays && typed !== "" ? parseAmount(typed, one.currencyCode) : undefined;
  const bad = pays && typed !== "" && amountMinor === undefined;
  const money = (minor: bigint) => format.money(minor, one.currencyCode);
  const { afterSaleId, version } = one;
  const body = { afterSaleId, settlement: SETTLEMENTS[chosen], remark: remark.trim(), ...(amountMinor !== undefined && { amountMinor }) };
  return (
    <FormDialog
      title={t("case.settle.of", { id: afterSaleId })}
      okText={t(`case.settle.${chosen}`)}
      ready={!bad}
      wide
      command={command}
      fields={FIELDS}
      onClose={onClose}
      onOk={() =>
        void command.run(["settle", afterSaleId, String(version), chosen, typed, body.remark], (requestId) =>
          handling.settleAfterSale({ ...body, expectedVersion: version, requestId }),
        )
      }
    >
      <p>
        {t("case.settle.what", { dealer: one.dealerName, n: format.count(units) })}
        {worth !== undefined && <strong> {t("case.settle.worth", { money: money(worth) })}</strong>}
      </p>
      <Radio.Group
        className="verdicts"
        aria-label={t("case.settle")}
        value={chosen}
        options={namesOf(SETTLEMENTS).map((value) => ({
          value,
          disabled: units === 0 && value !== "writeOff",
          label: (
            <span className="two-lines" data-settlement={value}>
              <strong>
                {t(`case.settlement.${value}`)}
                {value === wished && <span className="tag case-wished">{t("case.wished")}</span>}
              </strong>
              <span className="soft">{t(`case.settlement.${value}.means`)}</span>
            </span>
          ),
        }))}
        onChange={(event) => setChosen(event.target.value as SettlementName)}
      />
      {pays && (
        <div className="close-fields case-amount">
          <AmountField
            name="settle-amount"
            label={t("case.amount.label")}
            currency={one.currencyCode}
            value={typed}
            {...(worth !== undefined && { placeholder: typedAmount(worth, one.currencyCode) })}
            problem={bad ? t("number.bad") : told("amount_minor")}
            hint={t("case.amount.hint")}
            onChange={setTyped}
          />
        </div>
      )}
      <RemarkField value={remark} onChange={setRemark} />
    </FormDialog>
  );
}
