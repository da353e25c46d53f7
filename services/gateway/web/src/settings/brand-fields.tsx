import { Button, Input, Upload } from "antd";
import { useState } from "react";
import { isColour } from "../contrast";
import { useI18n } from "../i18n/i18n";
import { palette, type Scheme } from "../tokens";
import { isReadable, logoProblem, PICTURES, suggested, worstContrast, type LogoProblem } from "./brand-state";

function dataUri(file: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error ?? new Error("unreadable"));
    reader.readAsDataURL(file);
  });
}

export function LogoField({ value, onChange, problem }: { value: string; onChange: (logo: string) => void; problem: string }) {
  const { t } = useI18n();
  const [refused, setRefused] = useState<LogoProblem>();
  const take = async (file: File) => {
    const uri = await dataUri(file);
    const wrong = logoProblem(file.type, uri.length);
    setRefused(wrong);
    if (!wrong) onChange(uri);
  };
  return (
    <div className="field">
      <span>{t("brand.logo")}</span>
      <div className="logo-line">
        <img className="logo-preview" src={value.startsWith("data:") ? value : "/icon.svg"} alt={t("brand.logo.preview")} />
        <Upload
          accept={PICTURES.join()}
          showUploadList={false}
          beforeUpload={(file) => {
            void take(file);
            return false;
          }}
        >
          <Button>{t("brand.logo.choose")}</Button>
        </Upload>
        {value && <Button onClick={() => onChange("")}>{t("brand.logo.remove")}</Button>}
      </div>
      {refused || problem ? (
        <span className="field-error" role="alert">
          {refused ? t(refused) : problem}
        </span>
      ) : (
        <span className="soft field-hint">{t("brand.logo.hint")}</span>
      )}
    </div>
  );
}

interface AccentProps {
  scheme: Scheme;
  value: string;
  onChange: (colour: string) => void;
  /** The accent of the other scheme, to take this one from. */
  other: string;
  problem: string;
}

/** One accent colour, with whether people can read what is written in it. */
export function AccentField({ scheme, value, onChange, other, problem }: AccentProps) {
  const { t } = useI18n();
  const label = t(`brand.accent.${scheme}`);
  const shown = isColour(value) ? value : palette[scheme].accent;
  const wrong = value !== "" && !isColour(value);
  return (
    <div className="field">
      <span>{label}</span>
      <div className="accent-line">
        <input type="color" aria-label={label} value={shown} onChange={(event) => onChange(event.target.value)} />
        <Input
          className="mono"
          aria-label={t("brand.accent.code", { name: label })}
          placeholder={t("brand.accent.own")}
          maxLength={7}
          allowClear
          status={wrong || problem ? "error" : ""}
          value={value}
          onChange={(event) => onChange(event.target.value.trim().toLowerCase())}
        />
        {value === "" && isColour(other) && (
          <Button onClick={() => onChange(suggested(other, scheme))}>{t("brand.accent.derive")}</Button>
        )}
      </div>
      {wrong || problem ? (
        <span className="field-error" role="alert">
          {problem || t("brand.accent.wrong")}
        </span>
      ) : (
        <ContrastNote scheme={scheme} colour={shown} onChange={onChange} />
      )}
    </div>
  );
}

function ContrastNote({ scheme, colour, onChange }: { scheme: Scheme; colour: string; onChange: (colour: string) => void }) {
  const { t } = useI18n();
  const ratio = (worstContrast(colour, scheme) ?? 0).toFixed(1);
  if (isReadable(colour, scheme)) return <span className="soft field-hint">{t("brand.contrast.good", { ratio })}</span>;
  return (
    <span className="contrast-bad" role="status">
      {t("brand.contrast.bad", { ratio })}
      <Button size="small" onClick={() => onChange(suggested(colour, scheme))}>
        {t("brand.contrast.mend")}
      </Button>
    </span>
  );
}
