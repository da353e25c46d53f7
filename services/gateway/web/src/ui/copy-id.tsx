import { App } from "antd";
import { useI18n } from "../i18n/i18n";

/** An id that a click copies. */
export function CopyId({ value }: { value: string }) {
  const { t } = useI18n();
  const { message } = App.useApp();
  const copy = () =>
    navigator.clipboard.writeText(value).then(
      () => message.success(t("history.copied")),
      () => undefined,
    );
  return (
    <button type="button" className="copy mono" title={t("history.copy")} onClick={() => void copy()}>
      {value}
    </button>
  );
}
