import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Input, InputNumber } from "antd";
import { useState } from "react";
import { useClient } from "../api/clients";
import { ProductService } from "../gen/qudao/order/v1/product_service_pb";
import { useI18n } from "../i18n/i18n";
import { useFieldProblems } from "../ui/field-problems";
import { FormDialog } from "../ui/form-dialog";
import type { DialogProps } from "./describe-dialog";
import { levelForms, levelProblems, packagingOf, type LevelForm } from "./details-form";
import { gtinProblem, plainGtin } from "./gtin";
import { useProductCommand } from "./use-product-command";

const MOST_LEVELS = 11;

/** Says in which units a product is packed, and the barcode of each. */
export default function PackagingDialog(props: DialogProps) {
  const { told, onClose } = props;
  const { t } = useI18n();
  const service = useClient(ProductService);
  const product = told.product;
  const [levels, setLevels] = useState(() => (product ? levelForms(product) : []));
  const [tried, setTried] = useState(false);
  const command = useProductCommand(props);
  const refused = useFieldProblems(command.error);
  const problems = levelProblems(levels);
  const set = (index: number, change: Partial<LevelForm>) =>
    setLevels((before) => before.map((level, at) => (at === index ? { ...level, ...change } : level)));
  const submit = () => {
    setTried(true);
    if (problems.size > 0) return;
    const body = packagingOf(levels);
    void command.run(body, (asked) => service.packageProduct({ ...asked, ...body }));
  };
  return (
    <FormDialog
      title={t("product.package")}
      okText={t("classes.define.save")}
      wide
      command={command}
      fields={["packagings", "barcodes"]}
      onClose={onClose}
      onOk={submit}
    >
      <p className="soft">{t("product.package.note", { unit: product?.baseUnit ?? "" })}</p>
      <div className="level-rows">
        {levels.map((level, index) => (
          <LevelRow
            key={index}
            level={level}
            isBase={index === 0}
            problem={(field) => {
              const words = problems.get(`${index}.${field}`);
              // A barcode is looked at as it is typed; what is empty is told when somebody wants to save.
              if (!words || !(tried || field === "barcode")) return "";
              const wrong = gtinProblem(plainGtin(level.barcode));
              return t(words, wrong?.words === "gtin.check" ? { digit: wrong.digit } : {});
            }}
            onChange={(change) => set(index, change)}
            onRemove={() => setLevels((before) => before.filter((_, at) => at !== index))}
          />
        ))}
      </div>
      {[refused("packagings"), refused("barcodes")].filter(Boolean).map((words) => (
        <p key={words} className="field-error" role="alert">
          {words}
        </p>
      ))}
      <Button
        icon={<PlusOutlined />}
        disabled={levels.length >= MOST_LEVELS}
        onClick={() => setLevels((before) => [...before, { unit: "", baseQuantity: null, barcode: "" }])}
      >
        {t("product.level.add")}
      </Button>
    </FormDialog>
  );
}

interface RowProps {
  level: LevelForm;
  isBase: boolean;
  problem: (field: "unit" | "count" | "barcode") => string;
  onChange: (change: Partial<LevelForm>) => void;
  onRemove: () => void;
}

function LevelRow({ level: { unit, baseQuantity, barcode }, isBase, problem, onChange, onRemove }: RowProps) {
  const { t } = useI18n();
  const told = (["unit", "count", "barcode"] as const).map(problem).filter(Boolean);
  const barcodeBad = problem("barcode") !== "";
  return (
    <div className="level-row" data-level={unit}>
      <Input
        aria-label={t("product.level.unit")}
        placeholder={t("product.level.unit")}
        maxLength={20}
        disabled={isBase}
        value={unit}
        onChange={(event) => onChange({ unit: event.target.value })}
      />
      <InputNumber
        aria-label={t("product.level.count")}
        placeholder={t("product.level.count")}
        inputMode="numeric"
        precision={0}
        min={1}
        max={1_000_000}
        disabled={isBase}
        value={baseQuantity}
        onChange={(count) => onChange({ baseQuantity: count })}
      />
      <Input
        className="mono level-code"
        aria-label={t("product.barcode.of", { unit })}
        placeholder={t("product.barcode")}
        inputMode="numeric"
        maxLength={20}
        status={barcodeBad ? "error" : ""}
        value={barcode}
        onChange={(event) => onChange({ barcode: event.target.value })}
      />
      {isBase ? <span /> : <Button type="text" icon={<DeleteOutlined />} aria-label={t("product.level.remove", { unit })} onClick={onRemove} />}
      {told.map((words) => (
        <span key={words} className="field-error" role="alert">
          {words}
        </span>
      ))}
    </div>
  );
}
