import { AutoComplete, Input } from "antd";
import { useI18n } from "../i18n/i18n";
import { Field } from "../ui/field-problems";

/** Those that most of the trade uses; any other one can be typed. */
const CARRIERS = ["德邦物流", "顺丰速运", "京东物流", "中通快运", "安能物流", "跨越速运", "壹米滴答"];

const LONGEST_CARRIER = 50;

interface Props {
  carrier: string;
  number: string;
  longestNumber: number;
  told: (field: string) => string;
  onCarrier: (text: string) => void;
  onNumber: (text: string) => void;
}

/** Who carries goods, and under which number. */
export function CarrierFields({ carrier, number, longestNumber, told, onCarrier, onNumber }: Props) {
  const { t } = useI18n();
  return (
    <div className="close-fields two-fields">
      <Field label={t("ship.carrier")} problem={told("carrier")}>
        <AutoComplete
          className="pick-warehouse pick-carrier"
          aria-label={t("ship.carrier")}
          showSearch={{ filterOption: (text, option) => option?.value.includes(text) ?? false }}
          maxLength={LONGEST_CARRIER}
          options={CARRIERS.map((value) => ({ value }))}
          value={carrier}
          onChange={(text: string | undefined) => onCarrier(text ?? "")}
        />
      </Field>
      <Field label={t("ship.tracking")} problem={told("tracking_number")}>
        <Input
          name="tracking-number"
          autoComplete="off"
          maxLength={longestNumber}
          value={number}
          onChange={(event) => onNumber(event.target.value)}
        />
      </Field>
    </div>
  );
}
