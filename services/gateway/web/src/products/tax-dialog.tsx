import { Radio } from "antd";
import { useState } from "react";
import { useClient } from "../api/clients";
import { ProductService } from "../gen/qudao/order/v1/product_service_pb";
import { useI18n } from "../i18n/i18n";
import { DayField } from "../ui/day-field";
import { Field, useFieldProblems } from "../ui/field-problems";
import { FormDialog } from "../ui/form-dialog";
import { useToday } from "../ui/use-today";
import type { DialogProps } from "./describe-dialog";
import { taxChoices, taxWords } from "./tax-words";
import { useProductCommand } from "./use-product-command";

/** Says how a product is taxed from a day on. */
export default function TaxDialog(props: DialogProps) {
  const { told, onClose } = props;
  const { t } = useI18n();
  const service = useClient(ProductService);
  const today = useToday();
  // What counted when it opened: a list that changes under the pointer would have somebody choose another.
  const [{ choices, chosen }] = useState(() => taxChoices(told.product?.tax));
  const [choice, setChoice] = useState(chosen);
  const [effectiveOn, setEffectiveOn] = useState("");
  const command = useProductCommand(props);
  const problem = useFieldProblems(command.error);
  const tax = choice === undefined ? undefined : choices[choice];
  const submit = () => tax && void command.run({ tax, effectiveOn }, (asked) => service.setProductTax({ ...asked, tax, effectiveOn }));
  return (
    <FormDialog
      title={t("product.tax.set")}
      okText={t("classes.define.save")}
      ready={tax !== undefined}
      command={command}
      fields={["tax", "effective_on"]}
      onClose={onClose}
      onOk={submit}
    >
      <p className="soft">{t("product.tax.note")}</p>
      <Field label={t("product.tax")} problem={problem("tax")}>
        <Radio.Group
          aria-label={t("product.tax")}
          value={choice ?? null}
          onChange={(event) => setChoice(Number(event.target.value))}
          options={choices.map((one, value) => ({ value, label: taxWords(one, t) }))}
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
