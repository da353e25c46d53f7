import { App, Input } from "antd";
import { useState } from "react";
import { useClient } from "../api/clients";
import { currencySymbol } from "../format/money";
import type { ListedPrice, PriceList } from "../gen/qudao/order/v1/catalogue_query_service_pb";
import { PriceListService } from "../gen/qudao/order/v1/price_list_service_pb";
import { useI18n } from "../i18n/i18n";
import { useCommand } from "../orders/use-command";
import { DayField } from "../ui/day-field";
import { Field, useFieldProblems } from "../ui/field-problems";
import { FormDialog } from "../ui/form-dialog";
import { PickProduct } from "../ui/pick-product";
import { useToday } from "../ui/use-today";
import { BreakRows } from "./break-rows";
import { basePriceOf, NO_PRICE, priceForm, priceProblems, type PriceForm } from "./price-form";

interface Props {
  list: PriceList;
  /** The price that is changed; absent of a product to be chosen. */
  price?: ListedPrice;
  onClose: () => void;
  onDone: (position: bigint) => void;
}

/** Sets what a product costs by a list, from a day on and by how much is bought. */
export function PriceDialog({ list, price, onClose, onDone }: Props) {
  const { t } = useI18n();
  const pricing = useClient(PriceListService);
  const { message } = App.useApp();
  const today = useToday();
  const currency = list.currencyCode;
  const [form, setForm] = useState(() => (price ? priceForm(price, currency) : NO_PRICE));
  const [tried, setTried] = useState(false);
  const set = (change: Partial<PriceForm>) => setForm((before) => ({ ...before, ...change }));
  const command = useCommand((position) => {
    void message.success(t("prices.set.done"));
    onDone(position);
  });
  const told = useFieldProblems(command.error);
  const own = priceProblems(form, currency);
  const problem = (field: string) => {
    const words = tried ? own.get(field) : undefined;
    return words ? t(words) : told(`prices[0].${field}`);
  };
  const { effectiveOn } = form;
  const send = (requestId: string) =>
    pricing.setBasePrices({ requestId, priceListId: list.priceListId, prices: [basePriceOf(form, currency)], effectiveOn });
  const submit = () => {
    setTried(true);
    if (own.size === 0) void command.run([list.priceListId, form], send);
  };
  const title = price ? t("prices.change.title", { name: price.productName || price.productId }) : t("prices.set");
  return (
    <FormDialog
      title={title}
      okText={t("classes.define.save")}
      command={command}
      fields={["prices[0].product_id", "prices[0].unit_price_minor", "prices[0].breaks", "effective_on"]}
      onClose={onClose}
      onOk={submit}
    >
      <p>{t("prices.set.note", { list: list.name })}</p>
      {!price && (
        <Field label={t("dimension.product")} problem={problem("product_id")}>
          <PickProduct label={t("dimension.product")} value={form.productId} onChange={(productId) => set({ productId })} />
        </Field>
      )}
      <Field label={t("prices.unitPrice")} problem={problem("unit_price_minor")} hint={t("prices.unitPrice.hint")}>
        <Input
          name="unit-price"
          inputMode="decimal"
          prefix={currencySymbol(currency)}
          value={form.price}
          onChange={(event) => set({ price: event.target.value })}
        />
      </Field>
      <BreakRows rows={form.breaks} currency={currency} problem={problem} onChange={(breaks) => set({ breaks })} />
      <DayField
        label={t("classes.from")}
        hint={t("classes.from.hint")}
        first={today}
        problem={told("effective_on")}
        value={effectiveOn}
        onChange={(day) => set({ effectiveOn: day })}
      />
    </FormDialog>
  );
}
