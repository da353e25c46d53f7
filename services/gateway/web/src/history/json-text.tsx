import { Button } from "antd";
import { useState, type ReactNode } from "react";
import { useI18n } from "../i18n/i18n";
import { prettyJson } from "./pretty-json";

/** JSON to be compared byte by byte as it was stored, or to be read: then as `shown`, if that is another. */
export function JsonText({ label, json, shown = json, className = "", children }: { label: string; json: string; shown?: string; className?: string; children?: ReactNode }) {
  const { t } = useI18n();
  const [exact, setExact] = useState(false);
  return (
    <div className={`json ${className}`}>
      <header>
        {children}
        <Button size="small" type="text" aria-pressed={exact} onClick={() => setExact(!exact)}>
          {t(exact ? "history.indented" : "history.exact")}
        </Button>
      </header>
      <pre tabIndex={0} aria-label={label} className={exact ? "wrap" : ""}>
        {exact ? json : prettyJson(shown)}
      </pre>
    </div>
  );
}
