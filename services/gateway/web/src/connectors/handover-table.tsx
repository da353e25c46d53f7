import { Button } from "antd";
import { HandoverStatus, type Handover } from "../gen/qudao/connector/v1/handover_service_pb";
import { useI18n } from "../i18n/i18n";
import { DataTable } from "../ui/data-table";
import { useFormat } from "../ui/format";
import { KINDS, saidOf, STATUSES } from "./words";

interface Act {
  name: string;
  run: () => void;
}

interface Props {
  handovers: Handover[];
  /** What can be done about one. */
  acts: (one: Handover) => Act[];
}

export function HandoverTable({ handovers, acts }: Props) {
  const { t } = useI18n();
  const format = useFormat();
  const money = (one: Handover) => (one.currencyCode ? format.money(one.amountMinor, one.currencyCode) : "–");
  const buttons = (one: Handover) =>
    acts(one).map(({ name, run }) => (
      <Button key={name} size="small" aria-label={`${name} ${one.number}`} onClick={run}>
        {name}
      </Button>
    ));
  const name = (one: Handover) => (
    <span className="name">
      <span>{t(KINDS[one.kind])}</span>
      <span className="mono soft">{one.number}</span>
    </span>
  );
  return (
    <DataTable<Handover>
      label={t("erp.tab.documents")}
      rows={handovers}
      rowKey={(one) => one.number}
      columns={[
        { key: "document", title: t("erp.document"), cell: name },
        { key: "of", title: t("erp.of"), cell: (one) => <span className="mono">{one.of}</span> },
        { key: "dealer", title: t("erp.codes.dealer"), cell: (one) => one.dealerId || "–" },
        { key: "amount", title: t("erp.amount"), number: true, cell: money },
        { key: "status", title: t("webhook.state"), cell: (one) => <Standing one={one} /> },
        { key: "said", title: t("erp.said"), cell: (one) => <Said one={one} /> },
        { key: "acts", title: "", cell: (one) => <span className="row-actions">{buttons(one)}</span> },
      ]}
      card={(one) => (
        <>
          <span className="card-line">
            {name(one)}
            <Standing one={one} />
          </span>
          <span className="card-line">
            <span className="mono soft">{one.of}</span>
            <strong>{money(one)}</strong>
          </span>
          <Said one={one} />
          <span className="row-actions">{buttons(one)}</span>
        </>
      )}
    />
  );
}

function Standing({ one }: { one: Handover }) {
  const { t } = useI18n();
  const [look, words] = STATUSES[one.status];
  return (
    <span className="erp-standing">
      <span className={`tag ${look}`}>{t(words)}</span>
      {one.cancelled && <span className="tag tag-submitted">{t("erp.cancelled")}</span>}
      {one.changed && !one.cancelled && <span className="tag tag-submitted">{t("erp.changed")}</span>}
      {one.wasMissing && <span className="tag tag-submitted">{t("erp.wasMissing")}</span>}
    </span>
  );
}

/** The number of the books, or what they said and when they are asked again. */
function Said({ one }: { one: Handover }) {
  const { t } = useI18n();
  const format = useFormat();
  const next = one.status === HandoverStatus.WAITING && one.attempts > 0 && one.nextAt ? t("erp.next", { time: format.time(one.nextAt, true) }) : "";
  return (
    <div className="wrap">
      {one.status === HandoverStatus.SENT && <span className="mono">{one.theirNumber}</span>}
      {[saidOf(one), next].filter(Boolean).join(" · ")}
    </div>
  );
}
