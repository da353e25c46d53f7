import { Input } from "antd";

/** Why something is done: kept with who and when, so it can not be left out. */
export function ReasonField({ label, value, onChange }: { label: string; value: string; onChange: (text: string) => void }) {
  return (
    <label className="field">
      {label}
      <Input.TextArea rows={3} maxLength={200} showCount value={value} onChange={(event) => onChange(event.target.value)} />
    </label>
  );
}
