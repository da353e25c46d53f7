import { PlusOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useNavigate, useSearchParams } from "react-router";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { daysWords } from "../audience/words";
import { PromotionQueryService, PromotionStatus, type Promotion } from "../gen/qudao/order/v1/promotion_query_service_pb";
import { PromotionService } from "../gen/qudao/order/v1/promotion_service_pb";
import { useI18n, type Translate } from "../i18n/i18n";
import { useTick } from "../live/live";
import { useMay } from "../session/session";
import type { PageWanted } from "../tables/every-row";
import { ExportMenu } from "../tables/export-menu";
import { promotionsSheet } from "../tables/sheets/promotions";
import { DataTable, type Column } from "../ui/data-table";
import { useFormat, type Format } from "../ui/format";
import { FreshnessMark } from "../ui/freshness";
import { Page, Panel } from "../ui/page";
import { Pager, PAGE_SIZE } from "../ui/pager";
import { SearchBox } from "../ui/search-box";
import { Empty, QueryView } from "../ui/states";
import { useUrlParams } from "../ui/url-state";
import { chosenStatus, STATUS_NAMES, STATUSES, StatusTag } from "./status";
import { usePersonNames } from "./use-person-names";

function columns(t: Translate, format: Format, who: (id: string) => string): Column<Promotion>[] {
  return [
    { key: "name", title: t("promo.name"), cell: (one) => one.name },
    { key: "status", title: t("promo.status"), cell: (one) => <StatusTag status={one.status} /> },
    { key: "days", title: t("days.title"), cell: (one) => daysWords(one, t) },
    { key: "drafted", title: t("promo.draftedBy"), cell: (one) => who(one.draftedBy) },
    { key: "approved", title: t("promo.approvedBy"), cell: (one) => (one.approvedBy ? who(one.approvedBy) : <span className="soft">–</span>) },
    { key: "changed", title: t("promo.changedAt"), cell: (one) => format.time(one.changedAt) },
    { key: "id", title: t("promo.id"), cell: (one) => <span className="mono">{one.promotionId}</span> },
  ];
}

export default function PromotionsPage() {
  const { t } = useI18n();
  const format = useFormat();
  const may = useMay();
  const navigate = useNavigate();
  const promotions = useClient(PromotionQueryService);
  const [params] = useSearchParams();
  const status = chosenStatus(params);
  const ask = (page: PageWanted, signal: AbortSignal) =>
    promotions.listPromotions(
      { page, search: params.get("q") ?? "", status: status ? STATUSES[status] : PromotionStatus.UNSPECIFIED },
      { signal },
    );
  const query = useQuery(
    `promotions?${params}`,
    (signal) => ask({ size: PAGE_SIZE, token: params.get("token") ?? "" }, signal),
    { tick: useTick("promotions"), keep: true },
  );
  const who = usePersonNames((query.data?.promotions ?? []).flatMap((one) => [one.draftedBy, one.approvedBy]));
  const draft = may(PromotionService.method.draftPromotion) && (
    <Button type="primary" icon={<PlusOutlined />} onClick={() => void navigate("/promotions/new")}>
      {t("promo.new")}
    </Button>
  );
  const filtered = Boolean(status ?? params.get("q"));
  const clear = <Button onClick={() => void navigate("/promotions")}>{t("filter.clear")}</Button>;
  return (
    <Page title={t("nav.promotions")} extra={draft}>
      <div className="filters">
        <SearchBox label={t("promo.search")} />
        <StatusChips />
        <ExportMenu name={t("nav.promotions")} sheet={promotionsSheet} ask={ask} rowsOf={(part) => part.promotions} />
      </div>
      <Panel className="panel-flush">
        <QueryView
          query={query}
          isEmpty={(data) => data.promotions.length === 0}
          empty={
            filtered ? (
              <Empty title={t("promo.noneFound")} todo={t("promo.noneFound.todo")} action={clear} />
            ) : (
              <Empty title={t("promo.none")} todo={t("promo.none.todo")} action={draft} />
            )
          }
        >
          {(data) => (
            <>
              <DataTable
                label={t("nav.promotions")}
                columns={columns(t, format, who)}
                rows={data.promotions}
                rowKey={(one) => one.promotionId}
                onOpen={(one) => void navigate(`/promotions/${encodeURIComponent(one.promotionId)}`)}
                card={(one) => <PromotionCard promotion={one} />}
              />
              <footer className="list-foot">
                <FreshnessMark freshness={data.freshness} projection="promotions" />
                <Pager page={data.page} rows={data.promotions.length} />
              </footer>
            </>
          )}
        </QueryView>
      </Panel>
    </Page>
  );
}

function StatusChips() {
  const { t } = useI18n();
  const [params, change] = useUrlParams();
  const chosen = chosenStatus(params);
  return (
    <div className="chips" role="group" aria-label={t("promo.status")}>
      {[undefined, ...STATUS_NAMES].map((name) => (
        <button
          key={name ?? "all"}
          type="button"
          className={`chip ${chosen === name ? "chip-on" : ""}`}
          aria-pressed={chosen === name}
          onClick={() => change({ status: name ?? "", page: "", token: "" })}
        >
          {name ? t(`promo.status.${name}`) : t("filter.all")}
        </button>
      ))}
    </div>
  );
}

function PromotionCard({ promotion }: { promotion: Promotion }) {
  const { t } = useI18n();
  return (
    <>
      <span className="card-line">
        <strong>{promotion.name}</strong>
        <StatusTag status={promotion.status} />
      </span>
      <span className="card-line soft">
        <span>{daysWords(promotion, t)}</span>
        <span className="mono">{promotion.promotionId}</span>
      </span>
    </>
  );
}
