import { useI18n } from "../i18n/i18n";
import { useBrand } from "./brand";

/** Whose people sign in here; the system's own name as long as nobody knows. */
export function BrandMark({ claim, name }: { claim: string; name?: string }) {
  const { t } = useI18n();
  const { look, logo } = useBrand();
  return (
    <header className="brand-mark">
      <img src={logo} alt="" width={44} height={44} />
      <div>
        <h1>{name || look?.name || t("app.name")}</h1>
        <p className="soft">{claim}</p>
      </div>
    </header>
  );
}
