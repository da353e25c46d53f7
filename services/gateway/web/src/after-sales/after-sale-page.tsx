import { Segmented } from "antd";
import { Link, useParams } from "react-router";
import { OrderAttachments } from "../files/attachments";
import { FileQueryService } from "../gen/qudao/collab/v1/file_query_service_pb";
import { HistoryService } from "../gen/qudao/history/v1/history_service_pb";
import { AfterSaleQueryService, type AfterSale } from "../gen/qudao/order/v1/after_sale_query_service_pb";
import { ObjectHistory } from "../history/object-history";
import { useI18n } from "../i18n/i18n";
import { useMay } from "../session/session";
import { FreshnessMark } from "../ui/freshness";
import { Page, Panel } from "../ui/page";
import { Empty, Loading, QueryView } from "../ui/states";
import { useUrlParams } from "../ui/url-state";
import { AfterSaleActions } from "./after-sale-actions";
import { AfterSaleFacts } from "./after-sale-facts";
import { AfterSaleGoodsPanel } from "./after-sale-goods";
import { AfterSaleStory } from "./after-sale-story";
import { useAfterSale } from "./use-after-sale";
import { AFTER_SALES } from "./words";

export default function AfterSalePage() {
  const { id = "" } = useParams();
  const { t } = useI18n();
  const may = useMay();
  if (may(AfterSaleQueryService.method.getAfterSale)) return <One key={id} id={id} />;
  return (
    <Page title={t("nav.afterSales")}>
      <Empty title={t("error.permission")} todo={t("error.permission.todo")} />
    </Page>
  );
}

function One({ id }: { id: string }) {
  const { t } = useI18n();
  const { query, setSeen } = useAfterSale(id);
  const one = query.data?.afterSale;
  return (
    <Page title={t("case.of", { id })} extra={one && <AfterSaleActions one={one} onDone={setSeen} onStale={query.refetch} />}>
      <p className="back">
        <Link to="/after-sales">‹ {t("nav.afterSales")}</Link>
      </p>
      <QueryView query={query} skeleton={<Loading rows={8} />}>
        {(data) =>
          data.afterSale && (
            <>
              <Panel>
                <AfterSaleFacts one={data.afterSale} />
                <FreshnessMark freshness={data.freshness} projection={AFTER_SALES} />
              </Panel>
              <Parts one={data.afterSale} />
            </>
          )
        }
      </QueryView>
    </Page>
  );
}

function Parts({ one }: { one: AfterSale }) {
  const { t } = useI18n();
  const may = useMay();
  const [params, change] = useUrlParams();
  const hasHistory = may(HistoryService.method.getObjectHistory);
  const tab = hasHistory && params.get("tab") === "history" ? "history" : "goods";
  return (
    <>
      {hasHistory && (
        <Segmented
          aria-label={t("case.views")}
          value={tab}
          options={[
            { value: "goods", label: t("order.goods") },
            { value: "history", label: t("nav.history") },
          ]}
          onChange={(next) => change({ tab: next === "history" ? "history" : "" }, { replace: true })}
        />
      )}
      {tab === "history" ? (
        <ObjectHistory object={`after_sale/${one.afterSaleId}`} tick={one.version.toString()} />
      ) : (
        <>
          <AfterSaleGoodsPanel one={one} />
          <AfterSaleStory one={one} />
          {may(FileQueryService.method.listFiles) && <OrderAttachments orderId={one.orderId} dealerId={one.dealerId} />}
        </>
      )}
    </>
  );
}
