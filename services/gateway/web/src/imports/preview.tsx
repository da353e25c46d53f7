import { Button } from "antd";
import { useState } from "react";
import { useI18n } from "../i18n/i18n";
import { DataTable } from "../ui/data-table";
import { useFormat } from "../ui/format";
import type { ImportKind } from "./kind";
import { countOf, type ImportRow, type Kind } from "./rows";
import type { Plan } from "./use-import";
import { rowWords, STATES } from "./words";

/** Rows that are shown at first, and more of at a time. */
const SHOWN = 50;

/** What somebody has to look at comes first. */
const ORDER: Kind[] = ["refused", "bad", "sending", "send", "done", "before", "same"];

/** What each row would do, does or did. */
export function Preview<Item>({ plan, kind }: { plan: Plan; kind: ImportKind<Item> }) {
  const { t } = useI18n();
  const { missing, twice, ignored } = plan.header;
  const names = (keys: typeof missing) => keys.map((key) => t(key)).join(t("promotion.and"));
  return (
    <div className="import-preview">
      {missing.length > 0 && (
        <p className="field-error" role="alert">
          {t("import.header.missing", { columns: names(missing) })}
        </p>
      )}
      {twice.length > 0 && (
        <p className="field-error" role="alert">
          {t("import.header.twice", { columns: names(twice) })}
        </p>
      )}
      {ignored.length > 0 && <p className="soft">{t("import.header.ignored", { columns: ignored.join(t("promotion.and")) })}</p>}
      {plan.rows.length > 0 && <Rows plan={plan} kind={kind} />}
    </div>
  );
}

function Rows<Item>({ plan: { rows, header }, kind }: { plan: Plan; kind: ImportKind<Item> }) {
  const { locale, t } = useI18n();
  const format = useFormat();
  const [only, setOnly] = useState<Kind>();
  const [most, setMost] = useState(SHOWN);
  const kinds = ORDER.filter((one) => countOf(rows, one) > 0);
  const shown = (only && kinds.includes(only) ? [only] : kinds).flatMap((one) => rows.filter(({ state }) => state.kind === one));
  const choose = (next: Kind | undefined) => {
    setOnly(next);
    setMost(SHOWN);
  };
  // What tells a row from others: the first columns of its kind.
  const [first, second] = kind.columns.map(({ key, title }) => ({ title: t(title), place: header.places.get(key) ?? -1 }));
  const cell = (row: ImportRow, place = -1) => row.cells[place] ?? "";
  const said = (row: ImportRow) => rowWords(row, locale, t);
  return (
    <>
      <div className="chips" role="group" aria-label={t("import.rows")}>
        {[undefined, ...kinds].map((one) => (
          <button key={one ?? ""} type="button" className={`chip ${only === one ? "chip-on" : ""}`} aria-pressed={only === one} data-rows={one ?? "all"} onClick={() => choose(one)}>
            {one ? t(STATES[one]) : t("filter.all")} {format.count(one ? countOf(rows, one) : rows.length)}
          </button>
        ))}
      </div>
      <div className="import-rows">
        <DataTable
          label={t("import.rows")}
          rows={shown.slice(0, most)}
          rowKey={({ line }) => String(line)}
          columns={[
            { key: "line", title: t("import.line"), number: true, cell: ({ line }) => line },
            { key: "first", title: first?.title, cell: (row) => <span className="mono">{cell(row, first?.place)}</span> },
            { key: "second", title: second?.title, cell: (row) => <div className="wrap">{cell(row, second?.place)}</div> },
            { key: "state", title: t("order.status"), cell: (row) => <State row={row} /> },
            { key: "words", title: t("import.said"), cell: (row) => <div className="wrap import-said">{said(row)}</div> },
          ]}
          card={(row) => (
            <>
              <span className="card-line">
                <strong>{cell(row, second?.place) || cell(row, first?.place)}</strong>
                <State row={row} />
              </span>
              <span className="card-line soft">
                <span className="mono">{cell(row, first?.place)}</span>
                <span>{t("import.line.n", { n: row.line })}</span>
              </span>
              {said(row) && <span className="import-said">{said(row)}</span>}
            </>
          )}
        />
      </div>
      {shown.length > most && <Button onClick={() => setMost(most + SHOWN)}>{t("import.more", { n: format.count(shown.length - most) })}</Button>}
    </>
  );
}

function State({ row: { state } }: { row: ImportRow }) {
  const { t } = useI18n();
  return (
    <span className={`tag tag-import-${state.kind}`} data-state={state.kind}>
      {t(STATES[state.kind])}
    </span>
  );
}
