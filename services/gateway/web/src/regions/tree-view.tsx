import { CaretDownOutlined, CaretRightOutlined } from "@ant-design/icons";
import { useRef, useState, type KeyboardEvent } from "react";
import { useI18n } from "../i18n/i18n";
import { stepOf, type Row } from "./region-tree";

/** Rows that one page shows; who has more in sight searches more closely. */
const MOST = 1_000;

interface Props {
  rows: Row[];
  /** Today, or the day that is looked at. */
  day: string;
  chosen: string;
  onChoose: (id: string) => void;
  onToggle: (id: string, open: boolean) => void;
}

/** The tree; one row is in the order of Tab, and arrows go from row to row. */
export function TreeView({ rows, day, chosen, onChoose, onToggle }: Props) {
  const { t } = useI18n();
  const tree = useRef<HTMLUListElement>(null);
  const [focused, setFocused] = useState("");
  const shown = rows.slice(0, MOST);
  const isShown = (id: string) => shown.some(({ region }) => region.regionId === id);
  const here = [focused, chosen].find(isShown) ?? shown[0]?.region.regionId;
  const press = (event: KeyboardEvent, id: string) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      onChoose(id);
      return;
    }
    const step = stepOf(event.key, shown, id);
    if (!step) return;
    event.preventDefault();
    if ("open" in step) onToggle(step.open, true);
    else if ("close" in step) onToggle(step.close, false);
    else tree.current?.querySelector<HTMLElement>(`[data-region="${step.focus}"]`)?.focus();
  };
  return (
    <>
      <ul ref={tree} className="region-tree" role="tree" aria-label={t("regions.title")}>
        {shown.map((row) => (
          <TreeRow
            key={row.region.regionId}
            row={row}
            day={day}
            chosen={row.region.regionId === chosen}
            inOrder={row.region.regionId === here}
            onFocus={setFocused}
            onPress={press}
            onChoose={onChoose}
            onToggle={onToggle}
          />
        ))}
      </ul>
      {rows.length > MOST && <p className="soft region-more">{t("regions.more", { n: rows.length - MOST })}</p>}
    </>
  );
}

interface RowProps extends Omit<Props, "rows" | "chosen"> {
  row: Row;
  chosen: boolean;
  inOrder: boolean;
  onFocus: (id: string) => void;
  onPress: (event: KeyboardEvent, id: string) => void;
}

function TreeRow({ row, day, chosen, inOrder, onFocus, onPress, onChoose, onToggle }: RowProps) {
  const { t } = useI18n();
  const { region, level, hasChildren, open, place, beside } = row;
  const { regionId, name, dealers, retiredOn } = region;
  return (
    <li
      role="treeitem"
      className={chosen ? "region-row region-on" : "region-row"}
      data-region={regionId}
      style={{ paddingInlineStart: `calc(var(--space-s) + ${level - 1} * var(--region-step))` }}
      aria-level={level}
      aria-posinset={place}
      aria-setsize={beside}
      aria-selected={chosen}
      aria-expanded={hasChildren ? open : undefined}
      tabIndex={inOrder ? 0 : -1}
      onFocus={() => onFocus(regionId)}
      onKeyDown={(event) => onPress(event, regionId)}
      onClick={() => onChoose(regionId)}
    >
      <span
        className="region-caret"
        aria-hidden
        onClick={(event) => {
          if (!hasChildren) return;
          event.stopPropagation();
          onToggle(regionId, !open);
        }}
      >
        {hasChildren && (open ? <CaretDownOutlined /> : <CaretRightOutlined />)}
      </span>
      <span className="region-name">
        {name} <span className="mono soft region-id">{regionId}</span>
      </span>
      {retiredOn && (
        <span className={retiredOn <= day ? "tag tag-cancelled" : "tag tag-submitted"}>
          {retiredOn <= day ? t("regions.retired") : t("regions.retires", { day: retiredOn })}
        </span>
      )}
      {dealers > 0 && <span className="soft region-count">{t("regions.dealers", { n: dealers })}</span>}
    </li>
  );
}
