import { Button, Checkbox, Input, InputNumber, Radio } from "antd";
import { useState } from "react";
import { useClient } from "../api/clients";
import type { GetConnectionResponse } from "../gen/qudao/connector/v1/handover_service_pb";
import { ConnectionService, OrderMoment, type ConnectionSettings } from "../gen/qudao/order/v1/connection_service_pb";
import { useToldCommand } from "../funds/use-told-command";
import { useI18n } from "../i18n/i18n";
import { useMay } from "../session/session";
import { Field, RestOfFailure, useFieldProblems } from "../ui/field-problems";
import { Panel } from "../ui/page";
import { TryButton } from "./state";
import { MOMENTS } from "./words";

const PARTS = ["deliveries", "returns", "receipts", "stock"] as const;
const FIELDS = ["settings.unit", "settings.warehouse", "settings.tax_percent", "settings.orders"];

type Form = Pick<ConnectionSettings, "orders" | "deliveries" | "returns" | "receipts" | "stock" | "unit" | "taxPercent" | "warehouse">;

const START: Form = {
  orders: OrderMoment.CONFIRMED,
  deliveries: true,
  returns: true,
  receipts: true,
  stock: false,
  unit: "Pcs",
  taxPercent: 13,
  warehouse: "",
};

interface Props {
  connection: GetConnectionResponse;
  onDone: (position: bigint) => void;
  onStale: () => void;
}

/** What is handed over, and how. */
export function SettingsPanel({ connection, onDone, onStale }: Props) {
  const { t } = useI18n();
  const sets = useMay()(ConnectionService.method.setConnection);
  const connecting = useClient(ConnectionService);
  const before: Form = connection.settings ?? START;
  const [form, setForm] = useState<Form>(before);
  const command = useToldCommand("erp.set.done", onDone, onStale);
  const problem = useFieldProblems(command.error);
  const set = (change: Partial<Form>) => setForm((now) => ({ ...now, ...change }));
  const { orders, unit, taxPercent, warehouse, deliveries, returns, receipts, stock } = form;
  const settings = { orders, unit: unit.trim(), taxPercent, warehouse: warehouse.trim(), deliveries, returns, receipts, stock };
  const ready = settings.unit !== "" && settings.warehouse !== "";
  const send = (requestId: string) => connecting.setConnection({ requestId, settings, expectedVersion: connection.version });
  return (
    <Panel title={t("erp.tab.settings")} extra={connection.settings === undefined && connection.address !== "" && <TryButton />}>
      <form
        className="erp-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) void command.run([settings, String(connection.version)], send);
        }}
      >
        <p className="soft">{t("erp.set.what")}</p>
        <fieldset disabled={!sets} className="erp-fields">
          <legend>{t("erp.orders")}</legend>
          <Radio.Group
            disabled={!sets}
            value={orders}
            options={MOMENTS.map(([value, label]) => ({ value, label: t(label) }))}
            onChange={(event) => set({ orders: event.target.value as OrderMoment })}
          />
        </fieldset>
        <fieldset disabled={!sets} className="erp-fields">
          <legend>{t("erp.also")}</legend>
          {PARTS.map((part) => (
            <Checkbox key={part} disabled={!sets} checked={form[part]} onChange={(event) => set({ [part]: event.target.checked })}>
              {t(`erp.also.${part}`)}
            </Checkbox>
          ))}
        </fieldset>
        <div className="erp-row">
          <Field label={t("erp.unit")} problem={problem("settings.unit")} hint={t("erp.unit.hint")}>
            <Input maxLength={80} disabled={!sets} value={unit} onChange={(event) => set({ unit: event.target.value })} />
          </Field>
          <Field label={t("erp.warehouse")} problem={problem("settings.warehouse")} hint={t("erp.warehouse.hint")}>
            <Input maxLength={80} disabled={!sets} placeholder="WH-01" value={warehouse} onChange={(event) => set({ warehouse: event.target.value })} />
          </Field>
          <Field label={t("erp.tax")} problem={problem("settings.tax_percent")}>
            <InputNumber min={0} max={100} precision={0} suffix="%" disabled={!sets} value={taxPercent} onChange={(value) => set({ taxPercent: value ?? 0 })} />
          </Field>
        </div>
        <RestOfFailure error={command.error} fields={FIELDS} />
        {sets && (
          <div className="row-actions">
            <Button type="primary" htmlType="submit" disabled={!ready} loading={command.busy} data-erp-save>
              {t("erp.set")}
            </Button>
          </div>
        )}
      </form>
    </Panel>
  );
}
