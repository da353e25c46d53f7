import { Input, InputNumber } from "antd";
import { useState } from "react";
import { useClient } from "../api/clients";
import type { GetProductResponse } from "../gen/qudao/order/v1/order_query_service_pb";
import { ProductService } from "../gen/qudao/order/v1/product_service_pb";
import { useI18n } from "../i18n/i18n";
import { DayField } from "../ui/day-field";
import { Field, useFieldProblems } from "../ui/field-problems";
import { FormDialog } from "../ui/form-dialog";
import { detailsForm, type DetailsForm } from "./details-form";
import { useProductCommand } from "./use-product-command";

export interface DialogProps {
  told: GetProductResponse;
  onClose: () => void;
  onDone: (position: bigint) => void;
  /** Somebody has changed the product since it was read. */
  onStale: () => void;
}

/** Says what is told of a product. */
export default function DescribeDialog(props: DialogProps) {
  const { told, onClose } = props;
  const { t } = useI18n();
  const service = useClient(ProductService);
  const [form, setForm] = useState(() => detailsForm(told));
  const set = (change: Partial<DetailsForm>) => setForm((before) => ({ ...before, ...change }));
  const command = useProductCommand(props);
  const problem = useFieldProblems(command.error);
  const submit = () => void command.run(form, (asked) => service.describeProduct({ ...asked, ...form }));
  return (
    <FormDialog
      title={t("product.describe")}
      okText={t("classes.define.save")}
      wide
      command={command}
      fields={["description_zh", "description_en", "brand", "series", "shelf_life_days", "storage", "new_until"]}
      onClose={onClose}
      onOk={submit}
    >
      <Field label={t("product.brand")} problem={problem("brand")}>
        <Input name="brand" maxLength={50} value={form.brand} onChange={(event) => set({ brand: event.target.value })} />
      </Field>
      <Field label={t("product.series")} problem={problem("series")}>
        <Input name="series" maxLength={50} value={form.series} onChange={(event) => set({ series: event.target.value })} />
      </Field>
      <Field label={t("product.description.zh")} problem={problem("description_zh")}>
        <Input.TextArea
          name="description-zh"
          autoSize={{ minRows: 2, maxRows: 8 }}
          maxLength={2000}
          value={form.descriptionZh}
          onChange={(event) => set({ descriptionZh: event.target.value })}
        />
      </Field>
      <Field label={t("product.description.en")} problem={problem("description_en")}>
        <Input.TextArea
          name="description-en"
          autoSize={{ minRows: 2, maxRows: 8 }}
          maxLength={2000}
          value={form.descriptionEn}
          onChange={(event) => set({ descriptionEn: event.target.value })}
        />
      </Field>
      <Field label={t("product.shelfLife")} problem={problem("shelf_life_days")} hint={t("product.shelfLife.hint")}>
        <InputNumber
          aria-label={t("product.shelfLife")}
          inputMode="numeric"
          precision={0}
          min={0}
          max={36_500}
          value={form.shelfLifeDays === 0 ? null : form.shelfLifeDays}
          onChange={(days) => set({ shelfLifeDays: days ?? 0 })}
        />
      </Field>
      <Field label={t("product.storage")} problem={problem("storage")}>
        <Input name="storage" maxLength={200} value={form.storage} onChange={(event) => set({ storage: event.target.value })} />
      </Field>
      <DayField
        label={t("product.newUntil")}
        hint={t("product.newUntil.hint")}
        problem={problem("new_until")}
        value={form.newUntil}
        onChange={(newUntil) => set({ newUntil })}
      />
    </FormDialog>
  );
}
