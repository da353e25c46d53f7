import { Checkbox, InputNumber } from "antd";
import { useState } from "react";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { useToldCommand } from "../funds/use-told-command";
import { AfterSaleService } from "../gen/qudao/order/v1/after_sale_service_pb";
import { StockQueryService } from "../gen/qudao/order/v1/stock_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { useMay } from "../session/session";
import { WarehouseField } from "../stock/goods-fields";
import { isWarehouse } from "../stock/warehouses";
import { useFieldProblems } from "../ui/field-problems";
import { FormDialog } from "../ui/form-dialog";
import { useFormat } from "../ui/format";
import type { CaseDialogProps } from "./after-sale-actions";
import { CauseTag } from "./marks";
import { allBack, cameOf, PARTS, returnedLines, returnForm, tooMuch, type CameBack } from "./return-form";

const FIELDS = ["warehouse_id"];
const MOST = 200;

/** Takes goods back: what can be sold again is in stock from then on. */
export function ReturnDialog({ one, onClose, onDone, onStale }: CaseDialogProps) {
  const { t } = useI18n();
  const format = useFormat();
  const handling = useClient(AfterSaleService);
  const stock = useClient(StockQueryService);
  const may = useMay();
  const kept = useQuery("warehouses", (signal) => stock.listStock({ page: { size: MOST } }, { signal }), {
    enabled: may(StockQueryService.method.listStock),
  });
  const [warehouse, setWarehouse] = useState("");
  const [form, setForm] = useState(() => returnForm(one));
  const [last, setLast] = useState(false);
  const command = useToldCommand("case.receive.done", onDone, onStale);
  const told = useFieldProblems(command.error);
  const came = form.reduce((sum, each) => sum + cameOf(each), 0);
  const complete = allBack(form);
  const { afterSaleId, version } = one;
  const body = { afterSaleId, warehouseId: warehouse, lines: returnedLines(form), last: last || complete };
  return (
    <FormDialog
      title={t("case.receive.of", { id: afterSaleId })}
      okText={came > 0 ? t("case.receive.ok", { n: format.count(came) }) : t("case.receive.end")}
      ready={isWarehouse(warehouse) && !tooMuch(form) && (came > 0 || last)}
      wide
      command={command}
      fields={FIELDS}
      onClose={onClose}
      onOk={() =>
        void command.run(["receive", body, String(version)], (requestId) =>
          handling.receiveReturn({ ...body, expectedVersion: version, requestId }),
        )
      }
    >
      <p className="soft">{t("case.receive.what")}</p>
      <div className="close-fields">
        <WarehouseField item={undefined} listed={kept.data?.items ?? []} value={warehouse} problem={told("warehouse_id")} onChange={setWarehouse} />
      </div>
      <ul className="receive-lines">
        {form.map((each, i) => (
          <Line
            key={i}
            one={each}
            onChange={(change) => setForm((before) => before.map((other, at) => (at === i ? { ...other, ...change } : other)))}
          />
        ))}
      </ul>
      {tooMuch(form) && (
        <p className="field-error" role="alert">
          {t("case.receive.tooMuch")}
        </p>
      )}
      <Checkbox className="close-field" name="last" disabled={complete} checked={last || complete} onChange={(event) => setLast(event.target.checked)}>
        {t(complete ? "case.receive.all" : "case.receive.last")}
      </Checkbox>
    </FormDialog>
  );
}

function Line({ one, onChange }: { one: CameBack; onChange: (change: Partial<CameBack>) => void }) {
  const { t } = useI18n();
  const format = useFormat();
  const { goods, open } = one;
  const name = goods.productName || goods.productId;
  return (
    <li>
      <div className="receive-name">
        <span>
          {name} <CauseTag cause={goods.cause} />
        </span>
        <span className="soft">{t("case.expected", { n: format.count(open), unit: goods.baseUnit })}</span>
      </div>
      <div className="return-parts">
        {PARTS.map((part) => (
          <label key={part}>
            <span className="soft">{t(`case.${part}`)}</span>
            <InputNumber
              aria-label={`${name} ${t(`case.${part}`)}`}
              inputMode="numeric"
              precision={0}
              min={0}
              max={open}
              status={cameOf(one) > open ? "error" : ""}
              value={one[part]}
              onChange={(value) => onChange({ [part]: value ?? 0 })}
            />
          </label>
        ))}
      </div>
    </li>
  );
}
