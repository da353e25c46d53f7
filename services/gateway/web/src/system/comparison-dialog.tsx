import { Modal } from "antd";
import type { ProjectionStatus, TableComparison } from "../gen/qudao/operations/v1/operations_service_pb";
import { useI18n } from "../i18n/i18n";
import { modelName } from "../i18n/names";
import { DataTable } from "../ui/data-table";
import { useFormat } from "../ui/format";
import { isSame } from "./state";

/** What the last comparison found, table by table. */
export function ComparisonDialog({ projection, onClose }: { projection: ProjectionStatus; onClose: () => void }) {
  const { t } = useI18n();
  const format = useFormat();
  const title = t("projection.result.title", { name: modelName(projection.name, t) });
  const tables = projection.rebuild?.tables ?? [];
  return (
    <Modal open title={title} footer={null} width={640} onCancel={onClose}>
      <p className="soft">{format.time(projection.rebuild?.finishedAt ?? "", true)}</p>
      {tables.length === 0 ? (
        <p>{t("projection.result.none")}</p>
      ) : (
        <DataTable<TableComparison>
          label={title}
          rows={tables}
          rowKey={(table) => table.table}
          columns={[
            { key: "table", title: t("projection.result.table"), cell: (table) => <span className="mono">{table.table}</span> },
            { key: "live", title: t("projection.result.live"), number: true, cell: (table) => format.count(table.liveRows) },
            { key: "next", title: t("projection.result.next"), number: true, cell: (table) => format.count(table.nextRows) },
            { key: "same", title: t("projection.result.verdict"), cell: (table) => <Verdict table={table} /> },
          ]}
        />
      )}
    </Modal>
  );
}

function Verdict({ table }: { table: TableComparison }) {
  const { t } = useI18n();
  return isSame(table) ? (
    <span className="tag tag-received">{t("projection.result.same")}</span>
  ) : (
    <span className="tag tag-cancelled">{t("projection.result.different")}</span>
  );
}
