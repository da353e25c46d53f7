import { App, InputNumber } from "antd";
import { useState } from "react";
import { useClient } from "../api/clients";
import { AudienceFields } from "../audience/audience-fields";
import { AUDIENCE_FIELDS } from "../audience/form";
import type { PriceList } from "../gen/qudao/order/v1/catalogue_query_service_pb";
import { PriceListService } from "../gen/qudao/order/v1/price_list_service_pb";
import { useI18n } from "../i18n/i18n";
import { useCommand } from "../orders/use-command";
import { AskFirst } from "../ui/ask-first";
import { DayField } from "../ui/day-field";
import { Field, useFieldProblems } from "../ui/field-problems";
import { FormDialog } from "../ui/form-dialog";
import { ReasonField } from "../ui/reason-field";
import { useToday } from "../ui/use-today";
import { daysProblems, MOST_RANK, placementForm, placementOf, type PlacementForm } from "./placement-form";

interface Props {
  list: PriceList;
  onClose: () => void;
  onDone: (position: bigint) => void;
}

/** Lets a list count for some dealers on some days, or for others than before. */
export function PlaceDialog({ list, onClose, onDone }: Props) {
  const { t } = useI18n();
  const pricing = useClient(PriceListService);
  const { message } = App.useApp();
  const today = useToday();
  const [form, setForm] = useState(() => placementForm(list.placement, today));
  const set = (change: Partial<PlacementForm>) => setForm((before) => ({ ...before, ...change }));
  const command = useCommand((position) => {
    void message.success(t("prices.placement.done"));
    onDone(position);
  });
  const told = useFieldProblems(command.error);
  const own = daysProblems(form);
  const problemOf = (field: "from" | "until") => {
    const words = own.get(field);
    return words ? t(words) : told(field);
  };
  const { priceListId } = list;
  const send = (requestId: string) => pricing.placePriceList({ requestId, priceListId, ...placementOf(form) });
  return (
    <FormDialog
      title={t(list.placement ? "prices.placement.change.title" : "prices.placement.place.title", { name: list.name })}
      okText={t(list.placement ? "prices.placement.change" : "prices.placement.place")}
      ready={own.size === 0}
      wide
      command={command}
      fields={["from", "until", "rank", ...AUDIENCE_FIELDS.map((field) => `audience.${field}`)]}
      onClose={onClose}
      onOk={() => void command.run([priceListId, form], send)}
    >
      <p>{t("prices.placement.note")}</p>
      <div className="tier-fields">
        <DayField label={t("days.from")} value={form.from} problem={problemOf("from")} onChange={(from) => set({ from })} />
        <DayField
          label={t("days.until.field")}
          hint={t("days.until.hint")}
          value={form.until}
          problem={problemOf("until")}
          onChange={(until) => set({ until })}
        />
      </div>
      <AudienceFields form={form} set={set} problem={told} at="audience" />
      <Field label={t("prices.rank")} problem={told("rank")} hint={t("prices.rank.hint")}>
        <InputNumber
          aria-label={t("prices.rank")}
          inputMode="numeric"
          precision={0}
          min={0}
          max={MOST_RANK}
          value={form.rank}
          onChange={(rank) => set({ rank: rank ?? 0 })}
        />
      </Field>
    </FormDialog>
  );
}

/** Lets a list count for nobody any more. */
export function TakeOutDialog({ list, onClose, onDone }: Props) {
  const { t } = useI18n();
  const pricing = useClient(PriceListService);
  const { message } = App.useApp();
  const [reason, setReason] = useState("");
  const command = useCommand((position) => {
    void message.success(t("prices.placement.takeOut.done"));
    onDone(position);
  });
  const body = { priceListId: list.priceListId, reason: reason.trim() };
  return (
    <AskFirst
      title={t("prices.placement.takeOut.title", { name: list.name })}
      okText={t("prices.placement.takeOut")}
      danger
      disabled={body.reason === ""}
      state={command}
      onClose={onClose}
      onOk={() => void command.run(body, (requestId) => pricing.takeOutPriceList({ requestId, ...body }))}
    >
      <p>{t("prices.placement.takeOut.consequence")}</p>
      <ReasonField label={t("reason.label")} value={reason} onChange={setReason} />
    </AskFirst>
  );
}
