import { Button } from "antd";
import type { Dealer } from "../gen/qudao/partner/v1/partner_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { DataTable, type Column } from "../ui/data-table";
import { useFormat } from "../ui/format";
import { AnnouncedTags } from "./announced-tag";
import type { DealerClasses } from "./use-dealer-classes";

interface Props {
  dealers: Dealer[];
  classes: DealerClasses;
  onOpen: (dealer: Dealer) => void;
  /** Absent for who may not say what a dealer is. */
  onClassify: ((dealer: Dealer) => void) | undefined;
}

/** Dealers with what they are now and what they will be. */
export function DealerTable({ dealers, classes, onOpen, onClassify }: Props) {
  const { t } = useI18n();
  const format = useFormat();
  const soft = (text: string) => text || <span className="soft">–</span>;
  // Whoever is not told what they are called is not shown ids either.
  const level = ({ levelId }: Dealer) => (classes.told && levelId ? classes.levelName(levelId) : "");
  const channel = ({ channelId }: Dealer) => (classes.told && channelId ? classes.channelName(channelId) : "");
  const classColumns: Column<Dealer>[] = [
    {
      key: "level",
      title: t("classes.level"),
      cell: (d) => (
        <>
          {soft(level(d))} <AnnouncedTags dealer={d} classes={classes} />
        </>
      ),
    },
    { key: "channel", title: t("classes.channel"), cell: (d) => soft(channel(d)) },
  ];
  return (
    <DataTable
      label={t("nav.dealers")}
      rows={dealers}
      rowKey={(dealer) => dealer.dealerId}
      onOpen={onOpen}
      columns={[
        { key: "name", title: t("order.dealer"), cell: (d) => d.name },
        { key: "id", title: t("dealers.id"), cell: (d) => <span className="mono">{d.dealerId}</span> },
        ...(classes.told ? classColumns : []),
        { key: "region", title: t("order.region"), cell: (d) => d.regionName },
        { key: "city", title: t("dealers.city"), cell: (d) => d.city },
        { key: "since", title: t("dealers.since"), cell: (d) => format.time(d.registeredAt) },
      ]}
      {...(onClassify && {
        actions: (d: Dealer) => (
          <Button size="small" aria-label={t("classes.change.of", { name: d.name })} onClick={() => onClassify(d)}>
            {t("classes.change")}
          </Button>
        ),
      })}
      card={(d) => (
        <>
          <span className="card-line">
            <strong>{d.name}</strong>
            <span>{d.regionName}</span>
          </span>
          <span className="card-line soft">
            <span>{[d.city, level(d), channel(d)].filter(Boolean).join(" · ")}</span>
            <span className="mono">{d.dealerId}</span>
          </span>
          {classes.told && d.announced.length > 0 && (
            <span className="tags">
              <AnnouncedTags dealer={d} classes={classes} />
            </span>
          )}
        </>
      )}
    />
  );
}
