import { Input, Rate } from "antd";
import { useI18n } from "../i18n/i18n";
import { LONGEST_REMARK } from "./request-form";

export interface Rating {
  goods: number;
  service: number;
  comment: string;
}

/** Nobody's opinion is guessed. */
export const NOT_RATED: Rating = { goods: 0, service: 0, comment: "" };

export function isRated({ goods, service }: Rating): boolean {
  return goods > 0 && service > 0;
}

interface Props {
  /** What the first score is about. */
  goods: string;
  value: Rating;
  onChange: (change: Partial<Rating>) => void;
}

export function RateFields({ goods, value, onChange }: Props) {
  const { t } = useI18n();
  return (
    <>
      {(["goods", "service"] as const).map((name) => (
        <div key={name} className="rate-row" data-rate={name}>
          <span>{name === "goods" ? goods : t("rate.service")}</span>
          <Rate
            allowClear={false}
            tooltips={[1, 2, 3, 4, 5].map((n) => t("rate.points", { n }))}
            value={value[name]}
            onChange={(points) => onChange({ [name]: points })}
          />
        </div>
      ))}
      <label className="field">
        {t("rate.comment")}
        <Input.TextArea
          name="comment"
          rows={3}
          maxLength={LONGEST_REMARK}
          showCount
          value={value.comment}
          onChange={(event) => onChange({ comment: event.target.value })}
        />
      </label>
    </>
  );
}
