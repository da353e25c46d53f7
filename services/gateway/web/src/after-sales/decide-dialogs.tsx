import { Radio } from "antd";
import { useState } from "react";
import { useClient } from "../api/clients";
import { useToldCommand } from "../funds/use-told-command";
import type { AfterSale } from "../gen/qudao/order/v1/after_sale_query_service_pb";
import { AfterSaleService } from "../gen/qudao/order/v1/after_sale_service_pb";
import { useI18n } from "../i18n/i18n";
import { AskFirst } from "../ui/ask-first";
import { useFormat } from "../ui/format";
import { ReasonField } from "../ui/reason-field";
import type { CaseDialogProps } from "./after-sale-actions";
import { RemarkField } from "./remark-field";
import { canReturn } from "./rules";

const basics = ({ afterSaleId, version }: AfterSale) => ({ afterSaleId, expectedVersion: version });

const unitsOf = ({ lines }: AfterSale) => lines.reduce((sum, { quantity }) => sum + quantity, 0);

/** Agrees, and says whether the goods come back. */
export function ApproveDialog({ one, onClose, onDone, onStale }: CaseDialogProps) {
  const { t } = useI18n();
  const format = useFormat();
  const handling = useClient(AfterSaleService);
  const returnable = one.lines.filter(canReturn).reduce((sum, { quantity }) => sum + quantity, 0);
  const [goodsReturn, setGoodsReturn] = useState(false);
  const [remark, setRemark] = useState("");
  const command = useToldCommand("case.approve.done", onDone, onStale);
  const body = { ...basics(one), goodsReturn, remark: remark.trim() };
  return (
    <AskFirst
      title={t("case.approve.of", { id: one.afterSaleId })}
      okText={t("case.approve")}
      state={command}
      onClose={onClose}
      onOk={() =>
        void command.run(["approve", one.afterSaleId, String(one.version), goodsReturn, body.remark], (requestId) =>
          handling.approveAfterSale({ ...body, requestId }),
        )
      }
    >
      <p>{t("case.approve.consequence", { dealer: one.dealerName, n: format.count(unitsOf(one)) })}</p>
      <Radio.Group
        className="verdicts"
        aria-label={t("case.goodsReturn")}
        value={goodsReturn}
        options={[false, true].map((value) => ({
          value,
          disabled: value && returnable === 0,
          label: (
            <span className="two-lines">
              <strong>{t(value ? "case.goodsReturn.yes" : "case.goodsReturn.no")}</strong>
              <span className="soft">
                {value ? t("case.goodsReturn.yes.means", { n: format.count(returnable) }) : t("case.goodsReturn.no.means")}
              </span>
            </span>
          ),
        }))}
        onChange={(event) => setGoodsReturn(event.target.value === true)}
      />
      <RemarkField value={remark} onChange={setRemark} />
    </AskFirst>
  );
}

/** Does not agree. */
export function RefuseDialog({ one, onClose, onDone, onStale }: CaseDialogProps) {
  const { t } = useI18n();
  const handling = useClient(AfterSaleService);
  const [reason, setReason] = useState("");
  const command = useToldCommand("case.refuse.done", onDone, onStale);
  const text = reason.trim();
  return (
    <AskFirst
      title={t("case.refuse.of", { id: one.afterSaleId })}
      okText={t("case.refuse")}
      danger
      disabled={text === ""}
      state={command}
      onClose={onClose}
      onOk={() =>
        void command.run(["refuse", one.afterSaleId, String(one.version), text], (requestId) =>
          handling.refuseAfterSale({ ...basics(one), requestId, reason: text }),
        )
      }
    >
      <p>{t("case.refuse.consequence", { dealer: one.dealerName })}</p>
      <ReasonField label={t("reason.label")} value={reason} onChange={setReason} />
    </AskFirst>
  );
}

/** Calls it off for the dealer. */
export function WithdrawDialog({ one, onClose, onDone, onStale }: CaseDialogProps) {
  const { t } = useI18n();
  const handling = useClient(AfterSaleService);
  const [reason, setReason] = useState("");
  const command = useToldCommand("case.withdraw.done", onDone, onStale);
  const text = reason.trim();
  return (
    <AskFirst
      title={t("case.withdraw.of", { id: one.afterSaleId })}
      okText={t("case.withdraw")}
      danger
      disabled={text === ""}
      state={command}
      onClose={onClose}
      onOk={() =>
        void command.run(["withdraw", one.afterSaleId, String(one.version), text], (requestId) =>
          handling.withdrawAfterSale({ ...basics(one), requestId, reason: text }),
        )
      }
    >
      <p>{t("case.withdraw.consequence")}</p>
      <ReasonField label={t("reason.label")} value={reason} onChange={setReason} />
    </AskFirst>
  );
}
