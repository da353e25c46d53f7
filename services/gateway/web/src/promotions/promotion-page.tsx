import { Segmented } from "antd";
import { useState } from "react";
import { Link, useLocation, useParams } from "react-router";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { HistoryService } from "../gen/qudao/history/v1/history_service_pb";
import { OrderService } from "../gen/qudao/order/v1/order_service_pb";
import { PromotionQueryService, PromotionStatus, type GetPromotionResponse } from "../gen/qudao/order/v1/promotion_query_service_pb";
import { ObjectHistory } from "../history/object-history";
import { useI18n } from "../i18n/i18n";
import { useTick } from "../live/live";
import { useMay, useUser } from "../session/session";
import { FactList } from "../ui/fact-list";
import { useFormat } from "../ui/format";
import { FreshnessMark } from "../ui/freshness";
import { Page, Panel } from "../ui/page";
import { QueryView } from "../ui/states";
import { useUrlParams } from "../ui/url-state";
import { PromotionActions } from "./actions";
import { StatusTag } from "./status";
import { TermsView } from "./terms-view";
import { Trial } from "./trial";
import { usePersonNames } from "./use-person-names";

export default function PromotionPage() {
  const { id = "" } = useParams();
  return <One key={id} id={id} />;
}

function One({ id }: { id: string }) {
  const { t } = useI18n();
  const promotions = useClient(PromotionQueryService);
  const state = useLocation().state as { position?: string } | null;
  const [seen, setSeen] = useState(BigInt(state?.position ?? "0"));
  const query = useQuery(
    `promotion/${id}/${seen}`,
    (signal) => promotions.getPromotion({ promotionId: id, minPosition: seen }, { signal }),
    { tick: useTick("promotions"), keep: true },
  );
  const promotion = query.data?.promotion;
  return (
    <Page
      title={promotion?.name ?? t("nav.promotions")}
      extra={promotion && <PromotionActions promotion={promotion} onDone={setSeen} onStale={query.refetch} />}
    >
      <p className="back">
        <Link to="/promotions">‹ {t("nav.promotions")}</Link>
      </p>
      <QueryView query={query}>{(data) => <Detail id={id} data={data} />}</QueryView>
    </Page>
  );
}

type Tab = "terms" | "trial" | "history";

function Detail({ id, data }: { id: string; data: GetPromotionResponse }) {
  const { t } = useI18n();
  const may = useMay();
  const [params, change] = useUrlParams();
  const approved = data.promotion?.status === PromotionStatus.APPROVED;
  const tabs: Tab[] = ["terms"];
  if (approved && may(OrderService.method.quoteOrder)) tabs.push("trial");
  if (may(HistoryService.method.getObjectHistory)) tabs.push("history");
  const tab = tabs.find((one) => one === params.get("tab")) ?? "terms";
  const names = { terms: t("promo.terms"), trial: t("trial.title"), history: t("nav.history") };
  return (
    <>
      <Head data={data} />
      {tabs.length > 1 && (
        <Segmented
          aria-label={t("promo.views")}
          value={tab}
          options={tabs.map((value) => ({ value, label: names[value] }))}
          onChange={(next) => change({ tab: next === "terms" ? "" : String(next) }, { replace: true })}
        />
      )}
      {tab === "terms" && data.terms && (
        <Panel>
          <TermsView terms={data.terms} />
        </Panel>
      )}
      {tab === "trial" && data.terms && <Trial promotionId={id} terms={data.terms} />}
      {tab === "history" && <ObjectHistory object={`promotion/${id}`} tick={data.promotion?.version.toString() ?? ""} />}
    </>
  );
}

function Head({ data: { promotion, freshness } }: { data: GetPromotionResponse }) {
  const { t } = useI18n();
  const format = useFormat();
  const { userId } = useUser();
  const who = usePersonNames([promotion?.draftedBy ?? "", promotion?.approvedBy ?? ""]);
  if (!promotion) return null;
  const { promotionId, status, reason, draftedBy, approvedBy, changedAt } = promotion;
  const own = status === PromotionStatus.DRAFT && draftedBy === userId;
  return (
    <Panel>
      <StatusTag status={status} />
      {reason && <p className="note">{t("promo.reason", { reason })}</p>}
      {own && <p className="note">{t("promo.apart")}</p>}
      <FactList
        facts={[
          [t("promo.draftedBy"), who(draftedBy)],
          [t("promo.approvedBy"), approvedBy ? who(approvedBy) : "–"],
          [t("promo.changedAt"), format.time(changedAt)],
          [t("promo.id"), <span key="id" className="mono">{promotionId}</span>],
        ]}
      />
      <FreshnessMark freshness={freshness} projection="promotions" />
    </Panel>
  );
}
