import { CopyOutlined } from "@ant-design/icons";
import { App, Button, Input } from "antd";
import { useI18n } from "../i18n/i18n";

/** What signs the messages, to be given to the receiver. */
export function SecretBox({ secret, note = "" }: { secret: string; note?: string }) {
  const { t } = useI18n();
  const { message } = App.useApp();
  const copy = () =>
    navigator.clipboard.writeText(secret).then(
      () => message.success(t("webhook.copied")),
      () => message.warning(t("link.notCopied")),
    );
  return (
    <div className="link-box">
      <div className="link-line">
        <Input className="mono" readOnly value={secret} aria-label={t("webhook.secret")} onFocus={(event) => event.target.select()} />
        <Button type="primary" icon={<CopyOutlined />} onClick={() => void copy()}>
          {t("webhook.copy")}
        </Button>
      </div>
      <p>{t("webhook.secret.note")}</p>
      {note && <p className="soft">{note}</p>}
    </div>
  );
}
