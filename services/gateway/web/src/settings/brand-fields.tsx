import { Button, Input } from "antd";
import { useAction } from "../api/use-action";
import { isColour } from "../contrast";
import { logoCopy } from "../files/logo";
import { PICTURES, UploadBox } from "../files/upload-box";
import { useTransfers } from "../files/use-transfers";
import { useWire } from "../files/wire";
import { useI18n } from "../i18n/i18n";
import { useBrand } from "../session/brand";
import { palette, type Scheme } from "../tokens";
import { Failure } from "../ui/states";
import { isReadable, suggested, worstContrast } from "./brand-state";

interface LogoProps {
  value: string;
  onChange: (logo: string) => void;
  problem: string;
}

/** The logo is stored as a file of its own, and a small copy of it goes with the brand. */
export function LogoField({ value, onChange, problem }: LogoProps) {
  const { t } = useI18n();
  const wire = useWire();
  const { logo } = useBrand();
  const copying = useAction();
  const about = { purpose: "logo" } as const;
  const transfers = useTransfers(about, ({ fileId }) => void copying.run(async () => onChange(await logoCopy(wire, fileId))));
  return (
    <div className="field">
      <span>{t("brand.logo")}</span>
      <div className="logo-line">
        <img className="logo-preview" src={logo} alt={t("brand.logo.preview")} />
        {value && <Button onClick={() => onChange("")}>{t("brand.logo.remove")}</Button>}
      </div>
      <UploadBox transfers={transfers} accept={PICTURES} label={t("brand.logo.choose")} hint={t("brand.logo.hint")} />
      {copying.error !== undefined && <Failure error={copying.error} />}
      {problem && (
        <span className="field-error" role="alert">
          {problem}
        </span>
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
