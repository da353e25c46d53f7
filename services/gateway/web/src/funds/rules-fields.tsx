import { InputNumber, Switch } from "antd";
import { useI18n } from "../i18n/i18n";
import { ReviewRuleFields } from "./review-rules";
import { MOST_GRACE_DAYS, type RulesForm } from "./rules-form";
import { Row } from "./rules-row";
import { WaitingFields } from "./waiting-fields";

interface Props {
  form: RulesForm;
  onChange: (change: Partial<RulesForm>) => void;
}

export function RulesFields({ form, onChange }: Props) {
  const { t } = useI18n();
  return (
    <ul className="rule-rows">
      <Row title={t("rules.settled")} note={t(form.settledHere ? "rules.settled.on" : "rules.settled.off")}>
        <Switch
          aria-label={t("rules.settled")}
          data-rule="settled"
          checked={form.settledHere}
          onChange={(settledHere) => onChange({ settledHere })}
        />
      </Row>
      <Row title={t("rules.reviewed")} note={t(form.reviewed ? "rules.reviewed.on" : "rules.reviewed.off")}>
        <Switch
          aria-label={t("rules.reviewed")}
          data-rule="reviewed"
          checked={form.reviewed}
          onChange={(reviewed) => onChange({ reviewed })}
        />
      </Row>
      {form.reviewed && (
        <>
          <Row title={t("rules.review.sales")} note={t("rules.review.sales.note")}>
            <ReviewRuleFields name="sales" form={form.salesReview} onChange={(salesReview) => onChange({ salesReview })} />
          </Row>
          <Row title={t("rules.review.finance")} note={t("rules.review.finance.note")}>
            <ReviewRuleFields name="finance" form={form.financeReview} onChange={(financeReview) => onChange({ financeReview })} />
          </Row>
        </>
      )}
      <Row title={t("rules.rebate")} note={t("rules.rebate.note")}>
        <InputNumber
          name="rebate-share"
          aria-label={t("rules.rebate")}
          inputMode="numeric"
          precision={0}
          min={0}
          max={100}
          suffix="%"
          value={form.rebateShare}
          onChange={(value) => onChange({ rebateShare: value ?? 0 })}
        />
      </Row>
      <Row title={t("rules.overdue")} note={t(form.watchesOverdue ? "rules.overdue.on" : "rules.overdue.off")}>
        {form.watchesOverdue && (
          <InputNumber
            name="grace-days"
            aria-label={t("rules.grace")}
            inputMode="numeric"
            precision={0}
            min={0}
            max={MOST_GRACE_DAYS}
            suffix={t("rules.grace.unit")}
            value={form.graceDays}
            onChange={(value) => onChange({ graceDays: value ?? 0 })}
          />
        )}
        <Switch
          aria-label={t("rules.overdue")}
          data-rule="overdue"
          checked={form.watchesOverdue}
          onChange={(watchesOverdue) => onChange({ watchesOverdue })}
        />
      </Row>
      <Row title={t("rules.stock")} note={t(form.stockChecked ? "rules.stock.on" : "rules.stock.off")}>
        <Switch
          aria-label={t("rules.stock")}
          data-rule="stock"
          checked={form.stockChecked}
          onChange={(stockChecked) => onChange({ stockChecked })}
        />
      </Row>
      <Row title={t("rules.handsOver")} note={t(form.handsOver ? "rules.handsOver.on" : "rules.handsOver.off")}>
        <Switch
          aria-label={t("rules.handsOver")}
          data-rule="handsOver"
          checked={form.handsOver}
          onChange={(handsOver) => onChange({ handsOver })}
        />
      </Row>
      <WaitingFields form={form} onChange={onChange} />
    </ul>
  );
}
