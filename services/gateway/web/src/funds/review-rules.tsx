import { Checkbox, InputNumber, Select } from "antd";
import { Reviewer } from "../gen/qudao/order/v1/order_rules_service_pb";
import { Role } from "../gen/qudao/access/v1/access_pb";
import { useI18n, type Translate } from "../i18n/i18n";
import { roleName } from "../shell/role-names";
import type { ReviewForm } from "./review-form";

interface Props {
  name: "sales" | "finance";
  form: ReviewForm | undefined;
  onChange: (form: ReviewForm | undefined) => void;
}

const ROLES: [Reviewer, Role][] = [
  [Reviewer.SALES_DIRECTOR, Role.SALES_DIRECTOR],
  [Reviewer.REGION_MANAGER, Role.REGION_MANAGER],
  [Reviewer.FINANCE, Role.FINANCE],
  [Reviewer.UNSPECIFIED, Role.HQ_ADMIN],
];

const OFF = -1;

/** Which orders need a step of the review, and who takes it. */
export function ReviewRuleFields({ name, form, onChange }: Props) {
  const { t } = useI18n();
  const change = (part: Partial<ReviewForm>) => form && onChange({ ...form, ...part });
  return (
    <div className="review-rule" data-review-rule={name}>
      <Select
        aria-label={`${t(`rules.review.${name}`)} ${t("rules.review.reviewer")}`}
        value={form ? form.reviewer : OFF}
        popupMatchSelectWidth={false}
        options={[
          { value: OFF, label: t("rules.review.off") },
          ...ROLES.map(([value, role]) => ({ value, label: roleName(role, t) })),
        ]}
        onChange={(reviewer: number) =>
          onChange(reviewer === OFF ? undefined : { ...(form ?? { byDealersOnly: false, unlessPrepaid: name === "finance" }), reviewer })
        }
      />
      {form && (
        <>
          <Checkbox checked={form.byDealersOnly} onChange={(event) => change({ byDealersOnly: event.target.checked })}>
            {t("rules.review.byDealers")}
          </Checkbox>
          <Checkbox checked={form.unlessPrepaid} onChange={(event) => change({ unlessPrepaid: event.target.checked })}>
            {t("rules.review.unlessPrepaid")}
          </Checkbox>
          <label>
            {t("rules.review.above")}
            <InputNumber
              aria-label={t("rules.review.above")}
              inputMode="decimal"
              precision={2}
              min={0}
              max={10_000_000_000}
              value={form.above ?? null}
              onChange={(above) => onChange({ ...form, above: above ?? undefined })}
            />
          </label>
        </>
      )}
    </div>
  );
}

/** Who takes a step. */
export function reviewerName(reviewer: Reviewer, t: Translate): string {
  return roleName(ROLES.find(([one]) => one === reviewer)?.[1] ?? Role.HQ_ADMIN, t);
}
