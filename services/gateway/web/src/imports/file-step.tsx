import { Button } from "antd";
import { useRef, useState } from "react";
import { saveBlob } from "../files/save-file";
import { useI18n } from "../i18n/i18n";
import { writeCsv } from "../tables/csv";
import { Failure } from "../ui/states";
import { templateRow } from "./files";
import type { ImportKind } from "./kind";
import { FileProblem } from "./read-file";

interface Props<Item> {
  kind: ImportKind<Item>;
  error: unknown;
  onChoose: (file: File) => void;
}

/** What a file has to have, a template of it, and the file itself. */
export function FileStep<Item>({ kind, error, onChoose }: Props<Item>) {
  const { t } = useI18n();
  return (
    <div className="import-file">
      <p>{t(kind.note)}</p>
      <Drop onChoose={onChoose} />
      {error !== undefined && <Trouble error={error} />}
      <Columns kind={kind} />
    </div>
  );
}

function Drop({ onChoose }: { onChoose: (file: File) => void }) {
  const { t } = useI18n();
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const take = (files: FileList | null) => {
    const file = files?.[0];
    if (file) onChoose(file);
  };
  return (
    <div
      className={over ? "import-drop import-drop-over" : "import-drop"}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        take(event.dataTransfer.files);
      }}
    >
      <input
        ref={input}
        type="file"
        hidden
        aria-label={t("import.choose")}
        accept=".csv,.xlsx,.txt,text/csv,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        onChange={(event) => {
          take(event.target.files);
          // The same file, mended, can be chosen again.
          event.target.value = "";
        }}
      />
      <Button type="primary" onClick={() => input.current?.click()}>
        {t("import.choose")}
      </Button>
      <span className="soft">{t("import.choose.hint")}</span>
    </div>
  );
}

function Trouble({ error }: { error: unknown }) {
  const { t } = useI18n();
  if (!(error instanceof FileProblem)) return <Failure error={error} />;
  return (
    <p className="field-error" role="alert">
      {t(error.words, error.values)}
    </p>
  );
}

function Columns<Item>({ kind }: { kind: ImportKind<Item> }) {
  const { t } = useI18n();
  const name = t("import.template.name", { what: t(kind.title) });
  const row = templateRow(kind.columns, t);
  const csv = () => saveBlob(new Blob([writeCsv([row])], { type: "text/csv;charset=utf-8" }), `${name}.csv`);
  const xlsx = async () => {
    const { writeXlsx } = await import("../tables/xlsx");
    saveBlob(writeXlsx(name, [row]), `${name}.xlsx`);
  };
  return (
    <>
      <div className="table-scroll" role="region" aria-label={t("import.columns")} tabIndex={0}>
        <table className="table import-columns">
          <thead>
            <tr>
              <th scope="col">{t("import.column")}</th>
              <th scope="col">{t("import.needed")}</th>
              <th scope="col">{t("import.example")}</th>
            </tr>
          </thead>
          <tbody>
            {kind.columns.map(({ key, title, needed, example }) => (
              <tr key={key}>
                <td>{t(title)}</td>
                <td>{needed === "new" ? t("import.needed.new") : needed ? t("sheet.yes") : <span className="soft">{t("import.optional")}</span>}</td>
                <td className="soft">{example || "–"}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div className="import-templates">
        <Button onClick={() => void xlsx()}>{t("import.template.xlsx")}</Button>
        <Button onClick={csv}>{t("import.template.csv")}</Button>
      </div>
    </>
  );
}
