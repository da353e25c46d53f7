import { DownloadOutlined } from "@ant-design/icons";
import { Button, Dropdown } from "antd";
import { useI18n } from "../i18n/i18n";
import { useFormat } from "../ui/format";
import type { PartOfList } from "./every-row";
import "./tables.css";
import { useExport, type FileKind, type ListToExport } from "./use-export";

const KINDS: FileKind[] = ["xlsx", "csv"];

/** Takes the list along that the page shows, all pages of it, as it is filtered. */
export function ExportMenu<Part extends PartOfList, Item, Row>(list: ListToExport<Part, Item, Row>) {
  const { t } = useI18n();
  const format = useFormat();
  const { progress, run, stop } = useExport(list);
  if (progress) {
    const { have, total } = progress;
    return (
      <span className="exporting" data-exporting>
        <span className="soft num" role="status">
          {total === undefined
            ? t("export.running", { have: format.count(have) })
            : t("export.running.of", { have: format.count(have), total: format.count(total) })}
        </span>
        <Button onClick={stop}>{t("export.stop")}</Button>
      </span>
    );
  }
  const items = KINDS.map((key) => ({ key, label: t(`export.${key}`) }));
  return (
    <Dropdown trigger={["click"]} menu={{ items, onClick: ({ key }) => void run(key as FileKind) }}>
      <Button className="export" icon={<DownloadOutlined />} aria-label={t("export.of", { list: list.name })}>
        {t("export.export")}
      </Button>
    </Dropdown>
  );
}
