import { Button } from "antd";
import { formatShare } from "../format/number";
import type { QuerySalesResponse, SalesRow } from "../gen/qudao/bi/v1/sales_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { Delta } from "../ui/delta";
import { formatValue, valueOf, ZERO } from "./figures";
import type { Measure } from "./state";

interface Props {
  answer: QuerySalesResponse;
  rows: SalesRow[];
  measure: Measure;
  label: string;
  onOpen: (row: SalesRow) => void;
  onAll: () => void;
}

/** Ranked bars from zero, drawn in HTML: each is a button that drills. */
export function Bars({ answer, rows, measure, label, onOpen, onAll }: Props) {
  const { locale, t } = useI18n();
  const largest = rows.reduce((most, row) => {
    const value = valueOf(row.figures, measure);
    return value > most ? value : most;
  }, 1n);
  const total = answer.total?.figures ?? ZERO;
  const compares = (answer.total?.compared?.orders ?? 0n) > 0n;
  const more = Number(answer.rowCount) - rows.length;
  return (
    <>
      <ol className="bars" aria-label={label}>
        {rows.map((row) => {
          const key = row.keys[0];
          const value = valueOf(row.figures, measure);
          return (
            <li key={key?.id}>
              <button type="button" className="bar" onClick={() => onOpen(row)}>
                <span className="bar-name">{key?.name || key?.id}</span>
                <span className="bar-value">
                  {formatValue(value, measure, answer.currencyCode, locale)}
                </span>
                <span className="bar-track" aria-hidden="true">
                  <span style={{ width: `${Number((value * 1000n) / largest) / 10}%` }} />
                </span>
                <span className="bar-note soft">
                  {measure === "average" ? "" : formatShare(value, valueOf(total, measure))}
                  {compares && row.compared && (
                    <Delta now={value} before={valueOf(row.compared, measure)} />
                  )}
                </span>
              </button>
            </li>
          );
        })}
      </ol>
      {more > 0 && (
        <Button type="text" size="small" block onClick={onAll}>
          {t("cockpit.all", { n: Number(answer.rowCount) })}
        </Button>
      )}
    </>
  );
}
