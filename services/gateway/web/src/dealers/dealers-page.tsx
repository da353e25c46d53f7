import { Button } from "antd";
import { useState } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { useClient } from "../api/clients";
import { useQuery } from "../api/use-query";
import { DealerService } from "../gen/qudao/partner/v1/dealer_service_pb";
import { PartnerQueryService, type Dealer } from "../gen/qudao/partner/v1/partner_query_service_pb";
import { useI18n } from "../i18n/i18n";
import { ImportButton } from "../imports/import-button";
import { useTick } from "../live/live";
import { useMay } from "../session/session";
import type { PageWanted } from "../tables/every-row";
import { ExportMenu } from "../tables/export-menu";
import { dealersSheet } from "../tables/sheets/partners";
import { FreshnessMark } from "../ui/freshness";
import { Page, Panel } from "../ui/page";
import { Pager, PAGE_SIZE } from "../ui/pager";
import { SearchBox } from "../ui/search-box";
import { Empty, QueryView } from "../ui/states";
import { ClassesDialog } from "./classes-dialog";
import { ClassifyDialog } from "./classify-dialog";
import { DealerTable } from "./dealer-table";
import { useDealerClasses } from "./use-dealer-classes";

export default function DealersPage() {
  const { t } = useI18n();
  const may = useMay();
  const navigate = useNavigate();
  const partners = useClient(PartnerQueryService);
  const [params] = useSearchParams();
  /** How far what was done here is in the log. */
  const [seen, setSeen] = useState(0n);
  const [defining, setDefining] = useState(false);
  const [dealer, setDealer] = useState<Dealer>();
  const classes = useDealerClasses(seen);
  const ask = (page: PageWanted, signal: AbortSignal) =>
    partners.listDealers(
      { page, search: params.get("q") ?? "", regionId: params.get("region") ?? "", minPosition: seen },
      { signal },
    );
  const query = useQuery(
    `dealers?${params}`,
    (signal) => ask({ size: PAGE_SIZE, token: params.get("token") ?? "" }, signal),
    { tick: `${useTick("partners")}/${seen}`, keep: true },
  );
  const done = (position: bigint) => {
    setDefining(false);
    setDealer(undefined);
    setSeen(position);
  };
  const define = may(DealerService.method.defineDealerClasses) && (
    <Button disabled={classes.loading || classes.error !== undefined} onClick={() => setDefining(true)}>
      {t("classes.define")}
    </Button>
  );
  const bring = may(DealerService.method.registerDealer) && <ImportButton what={{ of: "dealers" }} onDone={setSeen} />;
  return (
    <Page title={t("nav.dealers")} extra={<>{bring}{define}</>}>
      <div className="filters">
        <SearchBox label={t("dealers.search")} />
        <ExportMenu name={t("nav.dealers")} sheet={dealersSheet(classes)} ask={ask} rowsOf={(part) => part.dealers} />
      </div>
      <Panel className="panel-flush">
        <QueryView
          query={query}
          isEmpty={(data) => data.dealers.length === 0}
          empty={<Empty title={t("dealers.none")} todo={t("dealers.none.todo")} />}
        >
          {(data) => (
            <>
              <DealerTable
                dealers={data.dealers}
                classes={classes}
                onOpen={(one) => void navigate(`/?dealer=${encodeURIComponent(one.dealerId)}`)}
                onClassify={may(DealerService.method.classifyDealer) ? setDealer : undefined}
              />
              <footer className="list-foot">
                <FreshnessMark freshness={data.freshness} projection="partners" />
                <Pager page={data.page} rows={data.dealers.length} />
              </footer>
            </>
          )}
        </QueryView>
      </Panel>
      {defining && <ClassesDialog classes={classes} onClose={() => setDefining(false)} onDone={done} />}
      {dealer && <ClassifyDialog dealer={dealer} classes={classes} onClose={() => setDealer(undefined)} onDone={done} />}
    </Page>
  );
}
