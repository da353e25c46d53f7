import { useI18n } from "../i18n/i18n";
import { withKind, type PromotionForm } from "./form";
import { KINDS } from "./kinds";

/** The six kinds, each with an example; all that follows depends on it. */
export function KindChoice({ form, onChange }: { form: PromotionForm; onChange: (form: PromotionForm) => void }) {
  const { t } = useI18n();
  return (
    <div className="kinds" role="radiogroup" aria-label={t("promo.kind")}>
      {KINDS.map((kind) => (
        <label key={kind} className={kind === form.kind ? "kind kind-on" : "kind"}>
          <input
            type="radio"
            className="hidden"
            name="promotion-kind"
            value={kind}
            checked={kind === form.kind}
            onChange={() => onChange(withKind(form, kind))}
          />
          <strong>{t(`promo.kind.${kind}`)}</strong>
          <span className="soft">{t(`promo.kind.${kind}.hint`)}</span>
        </label>
      ))}
    </div>
  );
}
