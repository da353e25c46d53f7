import { CopyOutlined } from "@ant-design/icons";
import { App, Button, Input } from "antd";
import { useI18n } from "../i18n/i18n";
import { useFormat } from "../ui/format";

/** A one-time link, shown once: nobody can look it up again. */
export function LinkBox({ path, expiresAt, note }: { path: string; expiresAt: string; note: string }) {
  const { t } = useI18n();
  const format = useFormat();
  const { message } = App.useApp();
  const link = `${window.location.origin}${path}`;
  const copy = () =>
    navigator.clipboard.writeText(link).then(
      () => message.success(t("link.copied")),
      () => message.warning(t("link.notCopied")),
    );
  return (
    <div className="link-box">
      <p>{note}</p>
      <div className="link-line">
        <Input readOnly value={link} aria-label={t("link.label")} onFocus={(event) => event.target.select()} />
        <Button type="primary" icon={<CopyOutlined />} onClick={() => void copy()}>
          {t("link.copy")}
        </Button>
      </div>
      <p className="soft">{t("link.once", { time: format.time(expiresAt) })}</p>
    </div>
  );
}
