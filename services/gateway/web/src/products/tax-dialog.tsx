import { Radio } from "antd";
import { useState } from "react";
import { useI18n } from "../i18n/i18n";
import { useCommand } from "../orders/use-command";
import { DayField } from "../ui/day-field";
import { Field, useFieldProblems } from "../ui/field-problems";
import { FormDialog } from "../ui/form-dialog";
import { useToday } from "../ui/use-today";
import type { DialogProps } from "./describe-dialog";
import { RATES_PPM, taxWords } from "./tax-words";
import { useProductService } from "./use-product-service";

const CHOICES = [...RATES_PPM.map((ratePpm) => ({ ratePpm, exempt: false })), { ratePpm: 0, exempt: true }];

/** Says how a product is taxed from a day on. */
export default function TaxDialog({ told, onClose, onDone }: DialogProps) {
  const { t } = useI18n();
  const service = useProductService();
  const today = useToday();
  const { product } = told;
  const now = CHOICES.findIndex((tax) => taxWords(tax, t) === taxWords(product?.tax, t));
  const [choice, setChoice] = useState(Math.max(0, now));
  const [effectiveOn, setEffectiveOn] = useState("");
  const command = useCommand(onDone);
  const problem = useFieldProblems(command.error);
  const tax = CHOICES[choice] ?? { ratePpm: 0, exempt: false };
  const body = { productId: product?.productId ?? "", tax, effectiveOn };
  const submit = () => void command.run(body, (requestId) => service.setProductTax({ ...body, requestId }));
  return (
    <FormDialog
      title={t("product.tax.set")}
      okText={t("classes.define.save")}
      command={command}
      fields={["tax", "effective_on"]}
      onClose={onClose}
      onOk={submit}
    >
      <p className="soft">{t("product.tax.note")}</p>
      <Field label={t("product.tax")} problem={problem("tax")}>
        <Radio.Group
          aria-label={t("product.tax")}
          value={choice}
          onChange={(event) => setChoice(Number(event.target.value))}
          options={CHOICES.map((one, value) => ({ value, label: taxWords(one, t) }))}
        />
      </Field>
      <DayField
        label={t("classes.from")}
        hint={told.taxes.length === 0 ? t("product.tax.first") : t("classes.from.hint")}
        first={today}
        problem={problem("effective_on")}
        value={effectiveOn}
        onChange={setEffectiveOn}
      />
    </FormDialog>
  );
}
