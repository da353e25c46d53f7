import { Input } from "antd";
import { useI18n } from "../i18n/i18n";
import { LONGEST_REMARK } from "./request-form";

/** What the dealer is told besides. */
export function RemarkField({ value, onChange }: { value: string; onChange: (text: string) => void }) {
  const { t } = useI18n();
  return (
    <label className="field">
      {t("case.remark.label")}
      <Input.TextArea
        name="remark"
        rows={2}
        maxLength={LONGEST_REMARK}
        showCount
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </label>
  );
}
