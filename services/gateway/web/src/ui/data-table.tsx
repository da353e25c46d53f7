import type { KeyboardEvent, MouseEvent, ReactNode } from "react";
import { useI18n } from "../i18n/i18n";
import { usePhone } from "./media";

export interface Column<Row> {
  key: string;
  title: ReactNode;
  cell: (row: Row) => ReactNode;
  /** Numbers stand right-aligned in digits of equal width. */
  number?: boolean;
  footer?: ReactNode;
}

interface Props<Row> {
  label: string;
  columns: Column<Row>[];
  rows: Row[];
  rowKey: (row: Row) => string;
  /** Opens a row by click, Enter or Space; arrows move between rows. */
  onOpen?: (row: Row) => void;
  /** Whether a row is the one that is open beside the table. */
  isOpen?: (row: Row) => boolean;
  /** What a row looks like on a phone; without it the table scrolls sideways. */
  card?: (row: Row) => ReactNode;
  /** Buttons of a row; a click on one does not open the row. */
  actions?: (row: Row) => ReactNode;
}

function focusSibling(event: KeyboardEvent<HTMLElement>) {
  const step = event.key === "ArrowDown" ? "nextElementSibling" : "previousElementSibling";
  const next = event.currentTarget[step];
  if (next instanceof HTMLElement) {
    event.preventDefault();
    next.focus();
  }
}

function openable<Row>(row: Row, onOpen?: (row: Row) => void) {
  if (!onOpen) return {};
  return {
    tabIndex: 0,
    onClick: () => onOpen(row),
    onKeyDown: (event: KeyboardEvent<HTMLElement>) => {
      if (event.target !== event.currentTarget) return;
      if (event.key === "ArrowDown" || event.key === "ArrowUp") focusSibling(event);
      if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        onOpen(row);
      }
    },
  };
}

export function DataTable<Row>(props: Props<Row>) {
  const phone = usePhone();
  return phone && props.card ? <Cards {...props} card={props.card} /> : <Grid {...props} />;
}

function Cards<Row>({ label, rows, rowKey, onOpen, card, actions }: Props<Row> & { card: (row: Row) => ReactNode }) {
  return (
    <ul className="cards" aria-label={label}>
      {rows.map((row) => (
        <li key={rowKey(row)}>
          {onOpen ? (
            <button type="button" className="card-row" onClick={() => onOpen(row)}>
              {card(row)}
            </button>
          ) : (
            <div className="card-row">{card(row)}</div>
          )}
          {actions && <div className="row-actions card-actions">{actions(row)}</div>}
        </li>
      ))}
    </ul>
  );
}

const alone = (event: MouseEvent) => event.stopPropagation();

function Grid<Row>({ label, columns, rows, rowKey, onOpen, isOpen, actions }: Props<Row>) {
  const { t } = useI18n();
  const hasFooter = columns.some((column) => column.footer !== undefined);
  return (
    <div className="table-scroll" role="region" aria-label={label} tabIndex={0}>
      <table className="table">
        <thead>
          <tr>
            {columns.map(({ key, title, number }) => (
              <th key={key} scope="col" className={number ? "num" : undefined}>
                {title}
              </th>
            ))}
            {actions && (
              <th scope="col">
                <span className="hidden">{t("table.actions")}</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr
              key={rowKey(row)}
              className={onOpen && (isOpen?.(row) ? "openable chosen" : "openable")}
              aria-current={isOpen?.(row) || undefined}
              {...openable(row, onOpen)}
            >
              {columns.map(({ key, cell, number }) => (
                <td key={key} className={number ? "num" : undefined}>
                  {cell(row)}
                </td>
              ))}
              {actions && (
                <td onClick={alone}>
                  <div className="row-actions">{actions(row)}</div>
                </td>
              )}
            </tr>
          ))}
        </tbody>
        {hasFooter && (
          <tfoot>
            <tr>
              {columns.map(({ key, footer, number }) => (
                <td key={key} className={number ? "num" : undefined}>
                  {footer}
                </td>
              ))}
              {actions && <td />}
            </tr>
          </tfoot>
        )}
      </table>
    </div>
  );
}
